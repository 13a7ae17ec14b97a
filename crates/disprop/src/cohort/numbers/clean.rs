//! The fast way for columns without a fault: two passes over the caller's own buffers.
//!
//! The first finds the ends and the fewest decimals, the second writes narrow numbers; nothing
//! wider than the result is ever stored.

use polars::polars_utils::min_max::MinMax;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::types::NativeType;
use rayon::prelude::*;

use super::{Content, LARGEST, Numbers, Values, spelt};
use crate::cohort::pieces::{self, Piece, of_numbers};
use disprop_stats::tally::MICRO;

/// Encodes a column of numbers that has no fault, and no other: a fault is looked for row by row.
pub(super) fn numbers(series: &Series, content: Content) -> Option<Numbers> {
    macro_rules! whole {
        ($values:expr) => {
            whole($values.ok()?, content, Into::into)
        };
    }
    match series.dtype() {
        DataType::Boolean => {
            let bits = series.cast(&DataType::UInt8).ok()?;
            whole!(bits.u8())
        }
        DataType::Int8 => whole!(series.i8()),
        DataType::Int16 => whole!(series.i16()),
        DataType::Int32 => whole!(series.i32()),
        DataType::Int64 => whole!(series.i64()),
        DataType::UInt8 => whole!(series.u8()),
        DataType::UInt16 => whole!(series.u16()),
        DataType::UInt32 => whole!(series.u32()),
        // What fits no i64 is beyond what is allowed, and found by the other way.
        DataType::UInt64 => whole(series.u64().ok()?, content, |v| {
            i64::try_from(v).unwrap_or(i64::MAX)
        }),
        DataType::Float32 => fractions(series.f32().ok()?, content, |v| micro_units(f64::from(v))),
        DataType::Float64 => fractions(series.f64().ok()?, content, micro_units),
        DataType::Decimal(_, scale) if *scale <= 6 => {
            let up = 10_i128.pow(6 - *scale as u32);
            let physical = series.decimal().ok()?.physical();
            fractions(physical, content, |v| {
                let micro = v.checked_mul(up).unwrap_or(i128::MAX);
                Read::Number(i64::try_from(micro).unwrap_or(i64::MAX))
            })
        }
        DataType::String => {
            let said = spelt::floats(series.str().ok()?, content);
            fractions(&said, content, micro_units)
        }
        DataType::Categorical(_, mapping) | DataType::Enum(_, mapping) => {
            let ids = series.to_physical_repr().cast(&DataType::UInt32).ok()?;
            let said = spelt::categories(ids.u32().ok()?, mapping, content);
            fractions(&said, content, micro_units)
        }
        _ => None,
    }
}

/// Smallest and largest value of a column, 0 among them.
#[derive(Clone, Copy, Default)]
struct Ends {
    least: i64,
    most: i64,
}

impl Ends {
    fn note(&mut self, value: i64) {
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    fn join(self, other: Self) -> Self {
        Ends {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    fn largest(self) -> u64 {
        self.least.unsigned_abs().max(self.most.unsigned_abs())
    }

    /// Whether no whole value in between is a fault, where `one` stands for 1.
    fn allowed(self, content: Content, one: i64) -> bool {
        self.largest() <= LARGEST as u64 * one.unsigned_abs()
            && match content {
                Content::Score => true,
                Content::Amount => self.least >= 0,
                Content::Flag => self.least >= 0 && self.most <= one,
            }
    }
}

fn whole<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
    content: Content,
    wide: impl Fn(T::Native) -> i64 + Sync,
) -> Option<Numbers> {
    let pieces = of_numbers(column);
    let ends = pieces
        .par_iter()
        .map(|piece| {
            let mut ends = Ends::default();
            if piece.validity().is_some() {
                piece.known(|_, v| ends.note(wide(v)));
            } else if let Some((first, rest)) = piece.values().split_first() {
                // In the column's own type, many at a time.
                let (least, most) = rest.iter().fold((*first, *first), |(least, most), v| {
                    (least.min_ignore_nan(*v), most.max_ignore_nan(*v))
                });
                ends.note(wide(least));
                ends.note(wide(most));
            }
            ends
        })
        .reduce(Ends::default, Ends::join);
    if !ends.allowed(content, 1) {
        return None;
    }
    macro_rules! narrow {
        ($variant:ident, $int:ty) => {
            Values::$variant(pieces::fill(&pieces, |piece, numbers: &mut [$int]| {
                for (number, value) in numbers.iter_mut().zip(piece.values()) {
                    *number = wide(*value) as $int;
                }
                blank(piece, numbers, <$int>::MIN);
            }))
        };
    }
    Some(Numbers {
        values: at_width!(ends.largest(), narrow),
        decimals: 0,
        largest: ends.largest(),
    })
}

/// Writes what stands for a missing value wherever one is.
fn blank<T: NativeType, N: Copy>(
    piece: &Piece<'_, PrimitiveArray<T>>,
    numbers: &mut [N],
    missing: N,
) {
    piece.missing(|place| {
        if let Some(number) = numbers.get_mut(place) {
            *number = missing;
        }
    });
}

/// One value as it is read.
enum Read {
    /// Micro-units.
    Number(i64),
    Missing,
    Fault,
}

/// Returns micro-units, half to even, as [`disprop_stats::tally::micro`] does: within ±10⁹ units,
/// 1.5 × 2⁵² added to a number leaves it rounded in the low bits of the sum.
fn micro_units(value: f64) -> Read {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    if value.abs() <= LARGEST {
        let sum = value * MICRO as f64 + SHIFT;
        Read::Number(sum.to_bits() as i64 - SHIFT.to_bits() as i64)
    } else if value.is_nan() {
        Read::Missing
    } else {
        Read::Fault
    }
}

/// What the first pass finds in a piece of a column with fractions.
#[derive(Clone, Copy, Default)]
struct Scan {
    ends: Ends,
    decimals: u32,
    fault: bool,
}

fn fractions<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
    content: Content,
    read: impl Fn(T::Native) -> Read + Sync,
) -> Option<Numbers> {
    let pieces = of_numbers(column);
    let scan = pieces
        .par_iter()
        .map(|piece| {
            let mut scan = Scan::default();
            piece.known(|_, value| match read(value) {
                Read::Number(number) => {
                    scan.ends.note(number);
                    while !is_multiple(number, scan.decimals) {
                        scan.decimals += 1;
                    }
                }
                Read::Fault => scan.fault = true,
                Read::Missing => {}
            });
            scan
        })
        .reduce(Scan::default, |a, b| Scan {
            ends: a.ends.join(b.ends),
            decimals: a.decimals.max(b.decimals),
            fault: a.fault | b.fault,
        });
    let (ends, decimals) = (scan.ends, scan.decimals);
    let fits = !scan.fault && ends.allowed(content, MICRO);
    if !fits || (content == Content::Flag && decimals > 0) {
        return None;
    }
    let step = 10_i64.pow(6 - decimals.min(6));
    let largest = ends.largest() / step.unsigned_abs();
    macro_rules! narrow {
        ($variant:ident, $int:ty) => {
            Values::$variant(pieces::fill(&pieces, |piece, numbers: &mut [$int]| {
                numbers.fill(<$int>::MIN);
                piece.known(|place, value| {
                    if let (Read::Number(number), Some(slot)) =
                        (read(value), numbers.get_mut(place))
                    {
                        *slot = scaled(number, decimals) as $int;
                    }
                });
            }))
        };
    }
    Some(Numbers {
        values: at_width!(largest, narrow),
        decimals,
        largest,
    })
}

/// Whether micro-units have no more than so many decimals; divisors known to the compiler cost a
/// multiplication each.
fn is_multiple(micro: i64, decimals: u32) -> bool {
    match decimals {
        0 => micro % 1_000_000 == 0,
        1 => micro % 100_000 == 0,
        2 => micro % 10_000 == 0,
        3 => micro % 1_000 == 0,
        4 => micro % 100 == 0,
        5 => micro % 10 == 0,
        _ => true,
    }
}

fn scaled(micro: i64, decimals: u32) -> i64 {
    match decimals {
        0 => micro / 1_000_000,
        1 => micro / 100_000,
        2 => micro / 10_000,
        3 => micro / 1_000,
        4 => micro / 100,
        5 => micro / 10,
        _ => micro,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use disprop_stats::tally::micro;

    #[test]
    fn rounding_is_that_of_the_tallies() {
        let mut value = 1e-7;
        for step in 0..4_000_u32 {
            for signed in [value, -value] {
                match micro_units(signed) {
                    Read::Number(number) => assert_eq!(Some(number), micro(signed), "{signed}"),
                    _ => assert!(signed.abs() > LARGEST, "{signed}"),
                }
            }
            value = value * 1.009 + f64::from(step % 7) * 5e-7;
        }
        for half in [
            0.5e-6,
            1.5e-6,
            2.5e-6,
            -0.5e-6,
            999_999_999.999_999_5,
            1e9,
            -1e9,
            0.0,
            -0.0,
        ] {
            let Read::Number(number) = micro_units(half) else {
                panic!("{half}");
            };
            assert_eq!(Some(number), micro(half), "{half}");
        }
    }
}
