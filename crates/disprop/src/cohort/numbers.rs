//! Value columns as whole numbers: exact, narrow, with the missing value as the smallest integer.

/// Calls a macro with the narrowest type that a largest magnitude fits, its smallest value to spare.
macro_rules! at_width {
    ($largest:expr, $narrow:ident) => {
        match $largest {
            0..=0x7f => $narrow!(I8, i8),
            0x80..=0x7fff => $narrow!(I16, i16),
            0x8000..=0x7fff_ffff => $narrow!(I32, i32),
            _ => $narrow!(I64, i64),
        }
    };
}

mod clean;
mod faults;
mod spelt;

use std::ops::Range;

use polars::prelude::*;

use super::pieces;
use crate::finding::Finding;
use faults::{Found, check, floats, text, unreadable, whole};

/// Values beyond this many units are not plausible in any measure (DESIGN, decision 3).
pub(crate) const LARGEST: f64 = 1e9;

/// Whole numbers that are `10^decimals` times the values of a column.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    /// One number a row.
    pub(crate) values: Values,
    /// 0 to 6.
    pub(crate) decimals: u32,
    /// Largest magnitude among the numbers.
    pub(crate) largest: u64,
}

/// Numbers as narrow as their largest allows; `MIN` stands for a missing value.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
}

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Content {
    /// 0 or 1.
    Flag,
    /// Zero or more.
    Amount,
    /// Any finite number.
    Score,
}

impl Numbers {
    /// Encodes a column, or says in one finding a kind what is wrong with it.
    pub(crate) fn encode(series: &Series, content: Content) -> Result<Self, Vec<Finding>> {
        if let Some(clean) = clean::numbers(series, content) {
            return Ok(clean);
        }
        let mut found = Found::default();
        let rows = match series.dtype() {
            DataType::Boolean => whole(series, &mut found)?,
            dtype if dtype.is_integer() => whole(series, &mut found)?,
            dtype if dtype.is_float() || dtype.is_decimal() => floats(series, &mut found)?,
            DataType::String => text(series, content, &mut found)?,
            DataType::Categorical(..) | DataType::Enum(..) => {
                let as_text = series
                    .cast(&DataType::String)
                    .map_err(|_| unreadable(series))?;
                text(&as_text, content, &mut found)?
            }
            DataType::Null => Rows {
                units: vec![None; series.len()],
                decimals: 0,
            },
            other => {
                return Err(vec![super::encode::wrong_type(series, other, "numbers")]);
            }
        };
        check(&rows, content, &mut found);
        let findings = found.findings(series.name(), content);
        if findings.is_empty() {
            Ok(Numbers::narrowed(rows))
        } else {
            Err(findings)
        }
    }

    /// Returns numbers from `10^decimals` times the values.
    pub(crate) fn from_values(units: Vec<Option<i64>>, decimals: u32) -> Self {
        Numbers::narrowed(Rows { units, decimals })
    }

    fn narrowed(rows: Rows) -> Self {
        let units = &rows.units;
        let largest = pieces::over_rows(units.len(), |rows| {
            let known = units.get(rows).unwrap_or_default().iter().flatten();
            known.map(|v| v.unsigned_abs()).max().unwrap_or(0)
        });
        let largest = largest.into_iter().max().unwrap_or(0);
        macro_rules! narrow {
            ($variant:ident, $int:ty) => {
                Values::$variant(pieces::fill_rows(
                    units.len(),
                    |rows, numbers: &mut [$int]| {
                        for (number, unit) in
                            numbers.iter_mut().zip(units.get(rows).unwrap_or_default())
                        {
                            *number = unit.map_or(<$int>::MIN, |v| v as $int);
                        }
                    },
                ))
            };
        }
        Numbers {
            values: at_width!(largest, narrow),
            decimals: rows.decimals,
            largest,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Values::I8(v) => v.len(),
            Values::I16(v) => v.len(),
            Values::I32(v) => v.len(),
            Values::I64(v) => v.len(),
        }
    }

    /// Returns the number of one row, `10^decimals` times its value.
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        fn wide<T: Copy + Into<i64> + PartialEq>(v: &[T], row: usize, missing: T) -> Option<i64> {
            v.get(row)
                .copied()
                .filter(|x| *x != missing)
                .map(Into::into)
        }
        match &self.values {
            Values::I8(v) => wide(v, row, i8::MIN),
            Values::I16(v) => wide(v, row, i16::MIN),
            Values::I32(v) => wide(v, row, i32::MIN),
            Values::I64(v) => wide(v, row, i64::MIN),
        }
    }

    /// Puts some rows into a buffer as 64-bit integers, `i64::MIN` where one is missing.
    pub(crate) fn read(&self, rows: Range<usize>, buffer: &mut [i64]) {
        macro_rules! widen {
            ($values:expr, $int:ty) => {
                for (to, from) in buffer.iter_mut().zip($values.get(rows).unwrap_or_default()) {
                    *to = if *from == <$int>::MIN {
                        i64::MIN
                    } else {
                        i64::from(*from)
                    };
                }
            };
        }
        match &self.values {
            Values::I8(v) => widen!(v, i8),
            Values::I16(v) => widen!(v, i16),
            Values::I32(v) => widen!(v, i32),
            Values::I64(v) => widen!(v, i64),
        }
    }

    /// Whether a number is larger than the other column's in the same row, as far as both are there
    /// and of one width; a quick look before rows are searched for.
    pub(crate) fn exceeds(&self, other: &Numbers) -> bool {
        macro_rules! any {
            ($a:expr, $b:expr, $int:ty) => {{
                let found = pieces::over_rows($a.len(), |rows| {
                    let (a, b) = ($a.get(rows.clone()), $b.get(rows));
                    let pairs = a.unwrap_or_default().iter().zip(b.unwrap_or_default());
                    // Without a way out halfway, so that many rows go through at a time.
                    pairs.fold(false, |any, (a, b)| any | ((a > b) & (*b != <$int>::MIN)))
                });
                found.contains(&true)
            }};
        }
        match (&self.values, &other.values) {
            (Values::I8(a), Values::I8(b)) => any!(a, b, i8),
            (Values::I16(a), Values::I16(b)) => any!(a, b, i16),
            (Values::I32(a), Values::I32(b)) => any!(a, b, i32),
            _ => true,
        }
    }

    /// Returns the sum of two columns; missing where either is.
    pub(crate) fn plus(&self, other: &Numbers) -> Self {
        let decimals = self.decimals.max(other.decimals);
        let raise = |numbers: &Numbers, row| {
            let value: i64 = numbers.get(row)?;
            value.checked_mul(10_i64.pow(decimals - numbers.decimals))
        };
        let sums = (0..self.len())
            .map(|row| raise(self, row)?.checked_add(raise(other, row)?))
            .collect();
        Numbers::from_values(sums, decimals)
    }

    /// Returns the numbers with those rows missing that do not meet a condition.
    pub(crate) fn masked(&self, keep: impl Fn(usize) -> bool) -> Self {
        let units = (0..self.len())
            .map(|row| self.get(row).filter(|_| keep(row)))
            .collect();
        Numbers::from_values(units, self.decimals)
    }
}

/// Values on their way to narrow numbers.
struct Rows {
    units: Vec<Option<i64>>,
    decimals: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(series: Series, content: Content) -> Vec<&'static str> {
        match Numbers::encode(&series, content) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(|f| f.kind).collect(),
        }
    }

    #[test]
    fn two_decimals_stay_two_decimals() {
        let series = Series::new("a8".into(), [Some(46.51), None, Some(0.07)]);
        let numbers = Numbers::encode(&series, Content::Score).unwrap();
        assert_eq!(
            (numbers.decimals, numbers.get(0), numbers.get(1)),
            (2, Some(4651), None)
        );
        assert!(matches!(numbers.values, Values::I16(_)));
    }

    #[test]
    fn every_kind_of_wrong_value_is_found_at_once() {
        let series = Series::new("x".into(), [f64::INFINITY, -1.0, 2e9, 3.0]);
        assert_eq!(
            kinds(series.clone(), Content::Amount),
            ["not_finite", "out_of_range", "negative"]
        );
        assert_eq!(
            kinds(series, Content::Score),
            ["not_finite", "out_of_range"]
        );
        let series = Series::new("x".into(), ["1", "yes", "maybe", ""]);
        assert_eq!(kinds(series.clone(), Content::Flag), ["not_a_number"]);
        assert_eq!(kinds(series, Content::Amount), ["not_a_number"]);
        assert_eq!(
            kinds(Series::new("x".into(), [0, 1, 2]), Content::Flag),
            ["not_a_flag"]
        );
    }

    #[test]
    fn a_tenth_is_no_flag() {
        assert_eq!(
            kinds(Series::new("x".into(), [0.0, 0.1]), Content::Flag),
            ["not_a_flag"]
        );
    }

    #[test]
    fn text_spelling_infinity_is_text() {
        assert_eq!(
            kinds(Series::new("x".into(), ["inf", "NaN"]), Content::Score),
            ["not_a_number"]
        );
    }
}
