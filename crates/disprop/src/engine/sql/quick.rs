//! The quick statement: machine words, and the proof that they were large enough.
//!
//! Of the values of every row the bits are gathered by `OR`. A cell of `n` rows whose values are
//! below 2ᵇ has sums of products below n·2²ᵇ, so that a look at `n` and the bits shows whether a
//! word could hold them. Whatever else is to be told of a row (a fault, a warning, a value that is
//! not whole in hundredths) sets the highest of those bits, and the full statement takes over.

use std::collections::BTreeMap;

use super::statement::Statement;
use super::value::{Faults, Value};
use super::{Dialect, SqlType};
use crate::measure::{Measure, Quantity};

/// Values beyond this are left to the full statement, so that no product leaves a word, not even of
/// whole numbers in hundredths.
const MOST: i64 = 30_000_000;
/// What a row sets that is not for this statement.
const TOLD: i64 = 1 << 62;
/// Digits after the point that fractions are taken with.
const DIGITS: u32 = 2;

/// A quick statement, and where its result has what.
#[derive(Debug)]
pub(super) struct Quick {
    pub(super) sql: String,
    /// Sums of each measure.
    pub(super) measures: Vec<Sums>,
    /// Whether pupils who stand twice are counted.
    pub(super) pupils: bool,
}

/// Places of a measure's sums: counts of rows, and sums of values.
#[derive(Debug)]
pub(super) struct Sums {
    pub(super) counts: Vec<usize>,
    pub(super) sums: Vec<usize>,
    pub(super) decimals: u32,
}

/// The statement on its way.
#[derive(Default)]
pub(super) struct Levels {
    /// Columns of the source.
    raw: Vec<String>,
    /// Whole numbers.
    numbers: Vec<String>,
    /// Values of those who are eligible.
    seen: Vec<String>,
    /// What is added up, where it is used more than once.
    parts: Vec<String>,
    names: BTreeMap<String, String>,
    counts: Vec<String>,
    sums: Vec<String>,
    pub(super) words: Vec<String>,
}

impl Levels {
    fn count(&mut self, condition: String) -> usize {
        place(&mut self.counts, condition)
    }

    fn sum(&mut self, value: String) -> usize {
        place(&mut self.sums, value)
    }

    fn name(&mut self, expression: &str) -> String {
        let next = format!("x{}", self.names.len());
        self.names
            .entry(expression.to_owned())
            .or_insert(next)
            .clone()
    }

    /// A column of its own for the value of those who are eligible.
    fn eligible(&mut self, expression: String) -> String {
        let name = self.name(&expression);
        place(&mut self.seen, format!("{expression} AS {name}"));
        name
    }

    /// A column of its own for what is added up.
    fn part(&mut self, expression: String) -> String {
        let name = self.name(&expression);
        place(&mut self.parts, format!("{expression} AS {name}"));
        name
    }
}

fn place(list: &mut Vec<String>, one: String) -> usize {
    list.iter().position(|o| *o == one).unwrap_or_else(|| {
        list.push(one);
        list.len() - 1
    })
}

/// The name of a value's whole numbers, and what they are multiples of.
pub(super) fn number(value: &Value) -> (String, u32) {
    let digits = value.dtype.as_ref().map_or(0, |(_, dtype)| match dtype {
        SqlType::Fraction | SqlType::Decimal(_) => DIGITS,
        _ => 0,
    });
    (value.name.replacen('v', "q", 1), digits)
}

impl Statement<'_> {
    /// Returns the quick statement, where types and measures allow one.
    pub(super) fn quick(
        &self,
        source: &str,
        measures: &[Measure],
        labels: &[(String, String)],
        pupil: Option<&str>,
    ) -> Option<Quick> {
        if self.folds() || !self.made.is_empty() {
            return None;
        }
        let mut levels = Levels::default();
        for (name, column) in labels {
            let quoted = self.dialect.identifier(column);
            levels.raw.push(match self.type_of(column) {
                SqlType::Whole | SqlType::Truth | SqlType::Text => {
                    format!("CAST({quoted} AS {}) AS {name}", self.dialect.text())
                }
                _ => return None,
            });
            levels.numbers.push(name.clone());
        }
        for (_, value) in &self.values {
            self.quick_value(value, &mut levels)?;
        }
        self.quick_sessions(&mut levels);
        let sums: Option<Vec<Sums>> = measures
            .iter()
            .map(|measure| self.quick_measure(measure, &mut levels))
            .collect();
        let pupils = pupil.map(|pupil| {
            let quoted = self.dialect.identifier(pupil);
            let text = self.dialect.text();
            levels
                .raw
                .push(format!("trim(CAST({quoted} AS {text})) AS u_id"));
            let blank = told_where("u_id IS NULL OR u_id = ''");
            levels.numbers.push(format!("{blank} AS w_pupil"));
            levels.words.push("w_pupil".into());
            self.repeated(source, pupil).0
        });
        let sql = self.quick_text(source, labels, &levels, pupils.as_deref());
        Some(Quick {
            sql,
            measures: sums?,
            pupils: pupils.is_some(),
        })
    }

    /// A value as whole numbers, and the word that says how large it is and whether all is well.
    fn quick_value(&self, value: &Value, levels: &mut Levels) -> Option<()> {
        let (column, dtype) = value.dtype.as_ref()?;
        let quoted = self.dialect.identifier(column);
        let (name, digits) = number(value);
        let raw = name.replacen('q', "r", 1);
        let word = |number: &str| match value.faults {
            Faults::Amount => number.to_owned(),
            Faults::Score => format!("abs({number})"),
            Faults::Flag => told_where(&format!("{number} NOT IN (0, {})", 10_i64.pow(digits))),
        };
        match dtype {
            SqlType::Truth => {
                levels.raw.push(format!("{quoted} AS {raw}"));
                levels.numbers.push(format!(
                    "CASE WHEN {raw} THEN CAST(1 AS BIGINT) WHEN NOT {raw} THEN CAST(0 AS BIGINT) END AS {name}"
                ));
            }
            SqlType::Whole => {
                levels.raw.push(format!("{quoted} AS {raw}"));
                let fits = format!("{raw} BETWEEN -{MOST} AND {MOST}");
                let number = format!("TRY_CAST({raw} AS BIGINT)");
                levels
                    .numbers
                    .push(format!("CASE WHEN {fits} THEN {number} END AS {name}"));
                levels.numbers.push(format!(
                    "CASE WHEN {fits} THEN {} WHEN {raw} IS NULL THEN 0 ELSE {TOLD} END AS w{name}",
                    word(&number)
                ));
                levels.words.push(format!("w{name}"));
            }
            SqlType::Fraction | SqlType::Decimal(_) => {
                levels
                    .raw
                    .push(format!("CAST({quoted} AS DOUBLE) AS {raw}"));
                // Where it is whole in hundredths, every way to round finds the same number; and
                // within half a millionth of that lies what rounds to it.
                let nearest = match self.dialect {
                    Dialect::DuckDb => format!("round({raw} * 100)"),
                    Dialect::Spark => format!("rint({raw} * 100)"),
                };
                let fits = format!(
                    "abs({raw}) <= {} AND abs({raw} * 1e6 - {nearest} * 1e4) <= 0.5",
                    MOST / 100
                );
                let number = format!("TRY_CAST({nearest} AS BIGINT)");
                levels
                    .numbers
                    .push(format!("CASE WHEN {fits} THEN {number} END AS {name}"));
                levels.numbers.push(format!(
                    "CASE WHEN {fits} THEN {} WHEN {raw} IS NULL OR isnan({raw}) THEN 0 ELSE {TOLD} END AS w{name}",
                    word(&number)
                ));
                levels.words.push(format!("w{name}"));
            }
            SqlType::Text | SqlType::Other => return None,
        }
        Some(())
    }

    fn quick_measure(&self, measure: &Measure, levels: &mut Levels) -> Option<Sums> {
        let value = |role: &str, faults: Faults| {
            let key = format!("{role}/{faults:?}");
            let found = self
                .values
                .iter()
                .find(|(r, _)| *r == key || (r == role && faults == Faults::Amount));
            found.map(|(_, value)| number(value))
        };
        let mask = match &measure.eligible {
            Some(flag) if (self.roles)(flag).is_some() => {
                let (name, digits) = value(flag, Faults::Flag)?;
                Some(format!("{name} = {}", 10_i64.pow(digits)))
            }
            _ => None,
        };
        let seen = |levels: &mut Levels, (name, digits): (String, u32)| match &mask {
            Some(mask) => (
                levels.eligible(format!("CASE WHEN {mask} THEN {name} END")),
                digits,
            ),
            None => (name, digits),
        };
        let known = |name: &str| format!("{name} IS NOT NULL");
        Some(match &measure.quantity {
            Quantity::Flag { column } => {
                let (x, digits) = seen(levels, value(column, Faults::Flag)?);
                let one = 10_i64.pow(digits);
                Sums {
                    counts: vec![
                        levels.count(format!("{x} >= {one}")),
                        levels.count(known(&x)),
                    ],
                    sums: Vec::new(),
                    decimals: 0,
                }
            }
            Quantity::CountAtLeast { column, at_least } => {
                let (x, digits) = seen(levels, value(column, Faults::Amount)?);
                let least = i128::from(*at_least) * 10_i128.pow(digits);
                Sums {
                    counts: vec![
                        levels.count(format!("{x} >= {least}")),
                        levels.count(known(&x)),
                    ],
                    sums: Vec::new(),
                    decimals: 0,
                }
            }
            Quantity::Count { column } | Quantity::Score { column } => {
                let faults = match &measure.quantity {
                    Quantity::Score { .. } => Faults::Score,
                    _ => Faults::Amount,
                };
                let (x, digits) = seen(levels, value(column, faults)?);
                let z = levels.part(format!("coalesce({x}, 0)"));
                Sums {
                    counts: vec![levels.count(known(&x))],
                    sums: vec![levels.sum(z.clone()), levels.sum(format!("{z} * {z}"))],
                    decimals: digits,
                }
            }
            Quantity::Threshold {
                numerator,
                denominator,
                at_least: [p, q],
            } => {
                let (x, of_x) = seen(levels, value(numerator, Faults::Amount)?);
                let (d, of_d) = seen(levels, value(denominator, Faults::Amount)?);
                let common = of_x.min(of_d);
                let left = u64::from(*q) * 10_u64.pow(of_d - common);
                let right = u64::from(*p) * 10_u64.pow(of_x - common);
                // 25 bits of a value and 30 of a factor stay within a word.
                if left.max(right) > 1 << 30 {
                    return None;
                }
                let counts = format!("{d} > 0 AND {}", known(&x));
                Sums {
                    counts: vec![
                        levels.count(format!("{counts} AND {x} * {left} >= {d} * {right}")),
                        levels.count(counts),
                    ],
                    sums: Vec::new(),
                    decimals: 0,
                }
            }
            Quantity::Share {
                numerator,
                denominator,
                ..
            } => {
                let (x, of_x) = seen(levels, value(numerator, Faults::Amount)?);
                let (d, of_d) = seen(levels, value(denominator, Faults::Amount)?);
                let common = of_x.max(of_d);
                let counts = format!("{d} > 0 AND {}", known(&x));
                let mut part = |name: &str, digits: u32| {
                    let by = 10_u64.pow(common - digits);
                    let part =
                        levels.part(format!("CASE WHEN {counts} THEN {name} * {by} ELSE 0 END"));
                    if by > 1 {
                        levels.words.push(part.clone());
                    }
                    part
                };
                let (x, d) = (part(&x, of_x), part(&d, of_d));
                Sums {
                    counts: vec![levels.count(counts)],
                    sums: [
                        x.clone(),
                        d.clone(),
                        format!("{x} * {x}"),
                        format!("{x} * {d}"),
                        format!("{d} * {d}"),
                    ]
                    .into_iter()
                    .map(|sum| levels.sum(sum))
                    .collect(),
                    decimals: common,
                }
            }
        })
    }

    fn quick_text(
        &self,
        source: &str,
        labels: &[(String, String)],
        levels: &Levels,
        pupils: Option<&str>,
    ) -> String {
        let sum = |expression: &str| match self.dialect {
            // DuckDB adds machine words into 128 bits.
            Dialect::DuckDb => format!("TRY_CAST(sum({expression}) AS BIGINT)"),
            Dialect::Spark => format!("sum({expression})"),
        };
        let labels: Vec<String> = labels.iter().map(|(name, _)| name.clone()).collect();
        let mut outer = labels.clone();
        outer.push("count(*) AS n".into());
        let words = match levels.words.join(" | ") {
            none if none.is_empty() => "CAST(0 AS BIGINT)".into(),
            words => words,
        };
        outer.push(format!("bit_or({words}) AS g"));
        for (place, pair) in levels.counts.chunks(2).enumerate() {
            let of = |condition: &String, weight: u64| {
                format!("CASE WHEN {condition} THEN CAST({weight} AS BIGINT) ELSE 0 END")
            };
            let weights = [1, 1 << 32];
            let both: Vec<String> = pair.iter().zip(weights).map(|(c, w)| of(c, w)).collect();
            outer.push(format!("{} AS c{place}", sum(&both.join(" + "))));
        }
        for (place, value) in levels.sums.iter().enumerate() {
            outer.push(format!("{} AS s{place}", sum(value)));
        }
        outer.extend(pupils.map(|query| format!("{query} AS f")));
        let list = |columns: &[String]| columns.join(",\n    ");
        let mut rows = format!(
            "  SELECT\n    {}\n  FROM (\n    SELECT\n    {}\n    FROM {source} AS source\n  ) AS raw",
            list(&levels.numbers),
            list(&levels.raw),
        );
        for (columns, name) in [(&levels.seen, "numbers"), (&levels.parts, "seen")] {
            if !columns.is_empty() {
                let more = list(columns);
                rows = format!("  SELECT *,\n    {more}\n  FROM (\n{rows}\n  ) AS {name}");
            }
        }
        format!(
            "SELECT\n    {}\nFROM (\n{rows}\n) AS units\nGROUP BY {}",
            list(&outer),
            labels.join(", ")
        )
    }
}

pub(super) fn told_where(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN {TOLD} ELSE 0 END")
}
