//! Value columns as whole numbers: exact, narrow, with the missing value as the smallest integer.

use polars::prelude::*;
use polars_arrow::array::Array;

use crate::finding::{Finding, RowNumbers};
use disprop_stats::tally::{MICRO, micro};

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
        if let Some(clean) = Numbers::clean(series, content) {
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

    /// Encodes a column of numbers that has no fault, and no other: a fault is looked for row by row.
    fn clean(series: &Series, content: Content) -> Option<Self> {
        macro_rules! whole {
            ($values:expr) => {
                Numbers::clean_whole($values.ok()?, content)
            };
        }
        match series.dtype() {
            DataType::Int8 => whole!(series.i8()),
            DataType::Int16 => whole!(series.i16()),
            DataType::Int32 => whole!(series.i32()),
            DataType::Int64 => whole!(series.i64()),
            DataType::UInt8 => whole!(series.u8()),
            DataType::UInt16 => whole!(series.u16()),
            DataType::UInt32 => whole!(series.u32()),
            DataType::Float64 => Numbers::clean_floats(series.f64().ok()?, content),
            _ => None,
        }
    }

    fn clean_whole<T>(values: &ChunkedArray<T>, content: Content) -> Option<Self>
    where
        T: PolarsNumericType<Native: Into<i64>>,
    {
        let mut ends = Ends::default();
        for chunk in values.downcast_iter() {
            if chunk.null_count() == 0 {
                chunk.values().iter().for_each(|v| ends.note((*v).into()));
            } else {
                chunk.iter().flatten().for_each(|v| ends.note((*v).into()));
            }
        }
        if !ends.allowed(content, 1) {
            return None;
        }
        macro_rules! narrow {
            ($variant:ident, $int:ty) => {{
                let mut narrow: Vec<$int> = Vec::with_capacity(values.len());
                let number = |v: T::Native| {
                    let wide: i64 = v.into();
                    wide as $int
                };
                for chunk in values.downcast_iter() {
                    if chunk.null_count() == 0 {
                        narrow.extend(chunk.values().iter().map(|v| number(*v)));
                    } else {
                        let known = |v: Option<&T::Native>| v.map_or(<$int>::MIN, |v| number(*v));
                        narrow.extend(chunk.iter().map(known));
                    }
                }
                Values::$variant(narrow)
            }};
        }
        Some(Numbers {
            values: at_width!(ends.largest(), narrow),
            decimals: 0,
            largest: ends.largest(),
        })
    }

    fn clean_floats(values: &Float64Chunked, content: Content) -> Option<Self> {
        let mut ends = Ends::default();
        let mut micros: Vec<i64> = Vec::with_capacity(values.len());
        let (mut decimals, mut step) = (0, MICRO);
        for chunk in values.downcast_iter() {
            let validity = chunk.validity();
            for (row, value) in chunk.values().iter().enumerate() {
                if value.is_nan() || validity.is_some_and(|valid| !valid.get_bit(row)) {
                    micros.push(i64::MIN);
                    continue;
                }
                if value.abs() > LARGEST {
                    return None;
                }
                let number = micro(*value)?;
                // Whole values, most of those there are, need no division.
                if value.fract() != 0.0 {
                    while number % step != 0 {
                        step /= 10;
                        decimals += 1;
                    }
                }
                ends.note(number);
                micros.push(number);
            }
        }
        if !ends.allowed(content, MICRO) || (content == Content::Flag && decimals > 0) {
            return None;
        }
        let largest = ends.largest() / step.unsigned_abs();
        macro_rules! narrow {
            ($variant:ident, $int:ty) => {{
                let number = |v: &i64| match *v {
                    i64::MIN => <$int>::MIN,
                    v => (v / step) as $int,
                };
                Values::$variant(micros.iter().map(number).collect())
            }};
        }
        Some(Numbers {
            values: at_width!(largest, narrow),
            decimals,
            largest,
        })
    }

    /// Returns numbers from `10^decimals` times the values.
    pub(crate) fn from_values(units: Vec<Option<i64>>, decimals: u32) -> Self {
        Numbers::narrowed(Rows { units, decimals })
    }

    fn narrowed(rows: Rows) -> Self {
        let largest = rows
            .units
            .iter()
            .flatten()
            .map(|v| v.unsigned_abs())
            .max()
            .unwrap_or(0);
        macro_rules! narrow {
            ($variant:ident, $int:ty) => {
                Values::$variant(
                    rows.units
                        .iter()
                        .map(|v| v.map_or(<$int>::MIN, |v| v as $int))
                        .collect(),
                )
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

/// Values on their way to narrow numbers.
struct Rows {
    units: Vec<Option<i64>>,
    decimals: u32,
}

#[derive(Default)]
struct Found {
    not_a_number: RowNumbers,
    not_finite: RowNumbers,
    too_large: RowNumbers,
    negative: RowNumbers,
    not_a_flag: RowNumbers,
}

impl Found {
    fn findings(&self, column: &str, content: Content) -> Vec<Finding> {
        let kinds: [(&RowNumbers, &'static str, &str, &str); 5] = [
            (
                &self.not_a_number,
                "not_a_number",
                "text where a number is expected",
                "leave the cell empty where there is no value",
            ),
            (
                &self.not_finite,
                "not_finite",
                "a value that is not finite",
                "leave the cell empty where there is no value",
            ),
            (
                &self.too_large,
                "out_of_range",
                "a value beyond ±1,000,000,000",
                "check the unit of the column",
            ),
            (
                &self.negative,
                "negative",
                "a negative value where none can be",
                "check how the column was made",
            ),
            (
                &self.not_a_flag,
                "not_a_flag",
                "a value other than 0 and 1 in a flag",
                "write 1 for yes, 0 for no and nothing for not applicable",
            ),
        ];
        kinds
            .into_iter()
            .filter(|(rows, ..)| !rows.is_empty())
            .filter(|(_, kind, ..)| *kind != "negative" || content != Content::Score)
            .map(|(rows, kind, message, hint)| {
                Finding::refused(kind, message)
                    .column(column)
                    .rows(rows)
                    .hint(hint)
            })
            .collect()
    }
}

fn unreadable(series: &Series) -> Vec<Finding> {
    vec![Finding::refused("wrong_type", "could not be read").column(series.name())]
}

fn whole(series: &Series, found: &mut Found) -> Result<Rows, Vec<Finding>> {
    let whole = series
        .cast(&DataType::Int64)
        .map_err(|_| unreadable(series))?;
    let values = whole.i64().map_err(|_| unreadable(series))?;
    // What does not fit 64 signed bits has become missing in the cast, and must not stay silent.
    let present = series.is_not_null();
    for (row, (value, there)) in values.iter().zip(present.iter()).enumerate() {
        if value.is_none() && there == Some(true) {
            found.too_large.note(row);
        }
    }
    Ok(Rows {
        units: values.iter().collect(),
        decimals: 0,
    })
}

fn floats(series: &Series, found: &mut Found) -> Result<Rows, Vec<Finding>> {
    let floats = series
        .cast(&DataType::Float64)
        .map_err(|_| unreadable(series))?;
    let values = floats.f64().map_err(|_| unreadable(series))?;
    let mut micros = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        micros.push(value.and_then(|v| in_range(v, row, found)));
    }
    Ok(fewest_decimals(micros))
}

/// NaN is what pandas writes for a missing value; infinity is a mistake.
fn in_range(value: f64, row: usize, found: &mut Found) -> Option<i64> {
    if value.is_nan() {
        return None;
    }
    if value.is_infinite() {
        found.not_finite.note(row);
        return None;
    }
    if value.abs() > LARGEST {
        found.too_large.note(row);
        return None;
    }
    micro(value)
}

fn text(series: &Series, content: Content, found: &mut Found) -> Result<Rows, Vec<Finding>> {
    let values = series.str().map_err(|_| unreadable(series))?;
    let mut micros = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let cell = value.map(str::trim).filter(|cell| !cell.is_empty());
        micros.push(match cell {
            None => None,
            Some(cell) => match spelt_number(cell, content) {
                Some(number) => in_range(number, row, found),
                None => {
                    found.not_a_number.note(row);
                    None
                }
            },
        });
    }
    Ok(fewest_decimals(micros))
}

fn spelt_number(cell: &str, content: Content) -> Option<f64> {
    if content == Content::Flag {
        match cell.to_ascii_lowercase().as_str() {
            "y" | "yes" | "true" | "t" => return Some(1.0),
            "n" | "no" | "false" | "f" => return Some(0.0),
            _ => {}
        }
    }
    // `f64::from_str` also reads "inf" and "nan", which in a data file are text.
    let number = cell.bytes().any(|b| b.is_ascii_digit());
    number.then(|| cell.parse().ok()).flatten()
}

/// Scales micro-units down to the fewest decimals that hold every value.
fn fewest_decimals(micros: Vec<Option<i64>>) -> Rows {
    let mut decimals = 0;
    let mut step = MICRO;
    for value in micros.iter().flatten() {
        while value % step != 0 {
            step /= 10;
            decimals += 1;
        }
    }
    if step == 1 {
        return Rows {
            units: micros,
            decimals,
        };
    }
    Rows {
        units: micros.into_iter().map(|v| v.map(|v| v / step)).collect(),
        decimals,
    }
}

fn check(rows: &Rows, content: Content, found: &mut Found) {
    let limit = (LARGEST as i64).saturating_mul(10_i64.pow(rows.decimals.min(6)));
    let one = 10_i64.pow(rows.decimals.min(6));
    for (row, value) in rows.units.iter().enumerate() {
        let Some(value) = value else { continue };
        if *value < 0 {
            found.negative.note(row);
        }
        if value.unsigned_abs() > limit.unsigned_abs() {
            found.too_large.note(row);
        } else if content == Content::Flag && *value != 0 && *value != one {
            found.not_a_flag.note(row);
        }
    }
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
