//! Sums in lanes: several small sums side by side in one 64-bit word.
//!
//! Between two emptyings a cell sees at most [`Lanes::turn`] rows, so that the largest values of a
//! column bound every sum, and sums that fit together share a word: a row of absence (number,
//! missed, possible, three products, persistent or not) is three additions in place of eight. The
//! lowest sums of a word are never negative; the top one may be, since what it borrows is its own.

use super::tasks::{Task, TaskKind};

/// Rows between two emptyings, tried from the largest.
const TURNS: [usize; 5] = [1 << 14, 1 << 13, 1 << 12, 1 << 11, 1 << 10];

/// `events | trials`: where the second begins.
pub(crate) const TRIALS: u32 = 32;
/// `n | x`, `xx`: where the sum begins.
pub(crate) const VALUE_X: u32 = 15;

/// Where the sums of a share begin: `n | d | x`, `xx | xd`, `dd | events`. They are constants, since
/// a shift that the compiler knows is much cheaper than one that it does not.
pub(crate) struct ShareFields {
    pub(crate) d: u32,
    pub(crate) x: u32,
    pub(crate) xd: u32,
    pub(crate) events: u32,
}

/// Fields of a share by [`Shape`].
pub(crate) const SHARE: [ShareFields; 2] = [
    ShareFields {
        d: 15,
        x: 40,
        xd: 32,
        events: 48,
    },
    ShareFields {
        d: 15,
        x: 34,
        xd: 40,
        events: 48,
    },
];

/// How a share's words are divided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// Numerators as large as denominators: sessions over sessions.
    Even,
    /// Numerators larger: points over entries.
    Tall,
}

/// Where a task's words are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) first: usize,
    pub(crate) shape: Shape,
}

/// The words of every task, one after the other, for each cell.
pub(crate) struct Lanes {
    /// Rows between two emptyings.
    pub(crate) turn: usize,
    /// Words a cell.
    pub(crate) stride: usize,
    /// Words of each task; nothing where its values are too large for lanes.
    pub(crate) places: Vec<Option<Place>>,
}

impl Lanes {
    /// Lays out the words of these tasks, so that as many as can be have lanes.
    pub(crate) fn new(tasks: &[Task<'_>]) -> Self {
        let shapes = |turn: usize| -> Vec<Option<Shape>> {
            tasks.iter().map(|task| shape(&task.kind, turn)).collect()
        };
        let mut best: Option<(usize, Vec<Option<Shape>>)> = None;
        let count = |shapes: &[Option<Shape>]| shapes.iter().flatten().count();
        for turn in TURNS {
            let some = shapes(turn);
            if best.as_ref().is_none_or(|b| count(&some) > count(&b.1)) {
                best = Some((turn, some));
            }
        }
        let (turn, shapes) = best.unwrap_or_default();
        // The first word is the number of rows.
        let mut stride = 1;
        let places = shapes
            .into_iter()
            .zip(tasks)
            .map(|(shape, task)| {
                let shape = shape?;
                let first = stride;
                stride += match task.kind {
                    TaskKind::AtLeast { .. } | TaskKind::Threshold { .. } => 1,
                    TaskKind::Value { .. } => 2,
                    TaskKind::Share { .. } => 3,
                };
                Some(Place { first, shape })
            })
            .collect();
        Lanes {
            turn,
            stride,
            places,
        }
    }
}

/// Returns how the words of a task are divided, if its sums over so many rows fit.
fn shape(kind: &TaskKind<'_>, turn: usize) -> Option<Shape> {
    let bits = |largest: u128| 128 - largest.saturating_mul(turn as u128).leading_zeros();
    // The top sum of a word has a sign.
    let top = |largest: u128, start: u32| bits(largest) < 64 - start;
    if bits(1) > VALUE_X {
        return None;
    }
    match kind {
        TaskKind::AtLeast { .. } | TaskKind::Threshold { .. } => Some(Shape::Even),
        TaskKind::Value { values, .. } => {
            let x = u128::from(values.largest);
            (top(x, VALUE_X) && top(x * x, 0)).then_some(Shape::Even)
        }
        TaskKind::Share { x, d, .. } => {
            let (x, d) = (u128::from(x.largest), u128::from(d.largest));
            let fits = |fields: &ShareFields| {
                bits(d) <= fields.x - fields.d
                    && top(x, fields.x)
                    && bits(x * x) <= fields.xd
                    && top(x * d, fields.xd)
                    && bits(d * d) <= fields.events
                    && top(1, fields.events)
            };
            let [even, tall] = &SHARE;
            match (fits(even), fits(tall)) {
                (true, _) => Some(Shape::Even),
                (false, true) => Some(Shape::Tall),
                (false, false) => None,
            }
        }
    }
}

/// Takes a word apart from the bottom: sums that are never negative, then the top one.
fn parts<const N: usize>(word: u64, starts: [u32; N]) -> [i64; N] {
    let mut sums = [0; N];
    let mut ends = starts.iter().skip(1);
    for (sum, start) in sums.iter_mut().zip(starts) {
        *sum = match ends.next() {
            Some(end) => ((word >> start) & !(u64::MAX << (end - start))) as i64,
            None => (word as i64) >> start,
        };
    }
    sums
}

/// Returns the plain sums of a task from a cell's words, in the order of the task's sums, and how
/// many they are.
pub(crate) fn unpack(record: &[u64], kind: &TaskKind<'_>, place: Place) -> ([i64; 7], usize) {
    let rows = record.first().map_or(0, |rows| *rows as i64);
    match (kind, record.get(place.first..).unwrap_or_default()) {
        (TaskKind::AtLeast { .. } | TaskKind::Threshold { .. }, [word, ..]) => {
            let [events, trials] = parts(*word, [0, TRIALS]);
            ([events, trials, 0, 0, 0, 0, 0], 2)
        }
        (TaskKind::Value { sparse, .. }, [word, squares, ..]) => {
            let [n, x] = parts(*word, [0, VALUE_X]);
            // Of a sparse column it is the missing values that are counted.
            let n = if *sparse { rows - n } else { n };
            ([n, x, *squares as i64, 0, 0, 0, 0], 3)
        }
        (TaskKind::Share { .. }, [first, second, third, ..]) => {
            let [even, tall] = &SHARE;
            let fields = match place.shape {
                Shape::Even => even,
                Shape::Tall => tall,
            };
            let [n, d, x] = parts(*first, [0, fields.d, fields.x]);
            let [xx, xd] = parts(*second, [0, fields.xd]);
            let [dd, events] = parts(*third, [0, fields.events]);
            ([n, x, d, xx, xd, dd, events], 7)
        }
        _ => ([0; 7], 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_apart_as_it_was_put_together() {
        for top in [-70_000_i64, -1, 0, 1, 99_999] {
            let word = 12_u64
                .wrapping_add(3_000 << 15)
                .wrapping_add((top as u64) << 40);
            assert_eq!(parts(word, [0, 15, 40]), [12, 3_000, top]);
        }
    }
}
