//! The loops over rows: a block of values added to the sums of their cells.
//!
//! Each closure owns all it uses, so that the compiler keeps it in registers: seen through a
//! reference, a stride or a shift is loaded again after every store to a sum.

use std::ops::Range;

use super::lanes::{Place, SHARE, Shape, TRIALS, VALUE_X};
use super::tasks::{Task, TaskKind};
use super::word::Word;
use crate::cohort::numbers::Values;

/// A stored number; its smallest value stands for a missing one.
trait Stored: Copy + Default + PartialEq + Into<i64> {
    const MISSING: Self;
}

macro_rules! stored {
    ($($int:ty)*) => { $(impl Stored for $int { const MISSING: Self = <$int>::MIN; })* };
}
stored!(i8 i16 i32 i64);

/// Runs a body with the slice of a block, whatever its width.
macro_rules! with_slice {
    ($numbers:expr, $block:expr, |$slice:ident| $body:expr) => {
        match &$numbers.values {
            Values::I8(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
            Values::I16(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
            Values::I32(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
            Values::I64(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
        }
    };
}

/// The sums of all cells, some numbers apart, and where a task's begin.
struct Records<'a, A> {
    sums: &'a mut [A],
    stride: usize,
    first: usize,
}

impl<A> Records<'_, A> {
    fn of<const N: usize>(&mut self, cell: u32) -> Option<&mut [A; N]> {
        let start = cell as usize * self.stride + self.first;
        self.sums.get_mut(start..)?.first_chunk_mut()
    }
}

impl Task<'_> {
    /// Adds a block of rows to the lanes of their cells.
    pub(crate) fn add_lanes(
        &self,
        place: Place,
        stride: usize,
        cells: &[u32],
        block: &Range<usize>,
        words: &mut [u64],
    ) {
        let mut to = Records {
            sums: words,
            stride,
            first: place.first,
        };
        match self.kind {
            TaskKind::AtLeast { values, least } => {
                with_slice!(values, block, |v| at_least(
                    cells,
                    v,
                    least,
                    move |cell, event| {
                        if let Some([word]) = to.of(cell) {
                            *word += u64::from(event) + (1 << TRIALS);
                        }
                    }
                ));
            }
            TaskKind::Threshold { x, d, of: [p, q] } => {
                with_slice!(x, block, |x| with_slice!(d, block, |d| pairs(
                    cells,
                    x,
                    d,
                    move |cell, x, d| {
                        if let Some([word]) = to.of(cell) {
                            *word += u64::from(x * p >= d * q) + (1 << TRIALS);
                        }
                    }
                )));
            }
            TaskKind::Value {
                values,
                sparse: true,
            } => {
                with_slice!(values, block, |v| sparse(cells, v, to));
            }
            TaskKind::Value { values, .. } => {
                with_slice!(values, block, |v| known(cells, v, move |cell, value| {
                    if let Some([word, squares]) = to.of(cell) {
                        *word = word.wrapping_add(1).wrapping_add((value as u64) << VALUE_X);
                        *squares += (value * value) as u64;
                    }
                }));
            }
            TaskKind::Share { x, d, of } => {
                with_slice!(x, block, |x| with_slice!(
                    d,
                    block,
                    |d| match (of, place.shape) {
                        (None, Shape::Even) => share::<0, _, _>(cells, x, d, [0, 1], to),
                        (None, Shape::Tall) => share::<1, _, _>(cells, x, d, [0, 1], to),
                        (Some(of), Shape::Even) => share::<0, _, _>(cells, x, d, of, to),
                        (Some(of), Shape::Tall) => share::<1, _, _>(cells, x, d, of, to),
                    }
                ));
            }
        }
    }
    /// Adds a block of rows to the sums of their cells, for values too large for lanes.
    pub(crate) fn add_wide<A: Word>(
        &self,
        stride: usize,
        cells: &[u32],
        block: &Range<usize>,
        sums: &mut [A],
    ) {
        let mut to = Records {
            sums,
            stride,
            first: self.first,
        };
        let one = A::from_word(1);
        match self.kind {
            TaskKind::AtLeast { values, least } => {
                with_slice!(values, block, |v| at_least(
                    cells,
                    v,
                    least,
                    move |cell, event| {
                        if let Some([events, trials]) = to.of(cell) {
                            *events += A::from_word(i64::from(event));
                            *trials += one;
                        }
                    }
                ));
            }
            TaskKind::Threshold { x, d, of } => {
                with_slice!(x, block, |x| with_slice!(d, block, |d| pairs(
                    cells,
                    x,
                    d,
                    move |cell, x, d| {
                        if let Some([events, trials]) = to.of(cell) {
                            *events += A::from_word(i64::from(x * of[0] >= d * of[1]));
                            *trials += one;
                        }
                    }
                )));
            }
            TaskKind::Value { values, .. } => {
                with_slice!(values, block, |v| known(cells, v, move |cell, value| {
                    if let Some([n, sum, squares]) = to.of(cell) {
                        *n += one;
                        *sum += A::from_word(value);
                        *squares += A::product(value, value);
                    }
                }));
            }
            TaskKind::Share { x, d, of } => {
                with_slice!(x, block, |x| with_slice!(d, block, |d| pairs(
                    cells,
                    x,
                    d,
                    move |cell, x, d| {
                        if let Some([n, sum_x, sum_d, xx, xd, dd, events]) = to.of(cell) {
                            *n += one;
                            *sum_x += A::from_word(x);
                            *sum_d += A::from_word(d);
                            *xx += A::product(x, x);
                            *xd += A::product(x, d);
                            *dd += A::product(d, d);
                            if let Some(of) = of {
                                *events += A::from_word(i64::from(x * of[0] >= d * of[1]));
                            }
                        }
                    }
                )));
            }
        }
    }
}

/// Values other than zero; the number of those that are there is what is left of the rows.
fn sparse<V: Stored>(cells: &[u32], values: &[V], mut to: Records<'_, u64>) {
    let zero = V::default();
    for (cell, value) in cells.iter().zip(values) {
        if *value == zero {
            continue;
        }
        if let Some([word, squares]) = to.of(*cell) {
            if *value == V::MISSING {
                *word = word.wrapping_add(1);
            } else {
                let wide: i64 = (*value).into();
                *word = word.wrapping_add((wide as u64) << VALUE_X);
                *squares += (wide * wide) as u64;
            }
        }
    }
}

/// A row of a share in three words; without a threshold nobody looks at the events.
fn share<const SHAPE: usize, X: Stored, D: Stored>(
    cells: &[u32],
    xs: &[X],
    ds: &[D],
    [p, q]: [i64; 2],
    mut to: Records<'_, u64>,
) {
    pairs(cells, xs, ds, move |cell, x, d| {
        let fields = const { &SHARE[SHAPE] };
        if let Some([first, second, third]) = to.of(cell) {
            let (wide_x, wide_d) = (x as u64, d as u64);
            let row = 1_u64
                .wrapping_add(wide_d << fields.d)
                .wrapping_add(wide_x << fields.x);
            *first = first.wrapping_add(row);
            // x (x + d 2ˢ) is both products at once.
            let both = wide_x.wrapping_add(wide_d << fields.xd);
            *second = second.wrapping_add(wide_x.wrapping_mul(both));
            *third += wide_d * wide_d + (u64::from(x * p >= d * q) << fields.events);
        }
    });
}

/// Rows with a value, and whether it is at least a number.
fn at_least<V: Stored>(cells: &[u32], values: &[V], least: i64, mut note: impl FnMut(u32, bool)) {
    for (cell, value) in cells.iter().zip(values) {
        if *value != V::MISSING {
            let wide: i64 = (*value).into();
            note(*cell, wide >= least);
        }
    }
}

/// Rows with a value.
fn known<V: Stored>(cells: &[u32], values: &[V], mut note: impl FnMut(u32, i64)) {
    for (cell, value) in cells.iter().zip(values) {
        if *value != V::MISSING {
            note(*cell, (*value).into());
        }
    }
}

/// Rows with both values and something to divide by; a missing denominator is the smallest number,
/// and falls away with zero.
fn pairs<X: Stored, D: Stored>(
    cells: &[u32],
    xs: &[X],
    ds: &[D],
    mut note: impl FnMut(u32, i64, i64),
) {
    for ((cell, x), d) in cells.iter().zip(xs).zip(ds) {
        let wide_d: i64 = (*d).into();
        if *x != X::MISSING && wide_d > 0 {
            note(*cell, (*x).into(), wide_d);
        }
    }
}
