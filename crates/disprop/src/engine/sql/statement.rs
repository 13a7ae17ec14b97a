//! The full statement: every sum exact, every fault counted.

use std::collections::BTreeSet;

use super::value::{Faults, Value};
use super::{Dialect, SqlType};
use crate::cohort::{CohortOptions, Rows};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::{Measure, Movers, Quantity};

/// A statement on its way: levels of columns, the innermost next to the source.
pub(super) struct Statement<'a> {
    pub(super) dialect: Dialect,
    pub(super) schema: &'a [(String, SqlType)],
    pub(super) roles: &'a dyn Fn(&str) -> Option<String>,
    pub(super) options: &'a CohortOptions,
    /// Raw columns brought to a number or a text.
    pub(super) inner: Vec<String>,
    /// Whole numbers.
    pub(super) middle: Vec<String>,
    /// Raw fields of a pupil side by side, a letter each.
    pub(super) profiles: Vec<String>,
    /// Values made from those.
    pub(super) made: Vec<String>,
    /// Value columns by role, or by role and what they may hold.
    pub(super) values: Vec<(String, Value)>,
    /// Value columns of which a mover's rows are added.
    pub(super) added: BTreeSet<String>,
    /// Sums.
    outer: Vec<String>,
    pub(super) faults: Vec<(String, Finding)>,
}

impl<'a> Statement<'a> {
    pub(super) fn new(
        dialect: Dialect,
        schema: &'a [(String, SqlType)],
        roles: &'a dyn Fn(&str) -> Option<String>,
        options: &'a CohortOptions,
    ) -> Self {
        Statement {
            dialect,
            schema,
            roles,
            options,
            inner: Vec::new(),
            middle: Vec::new(),
            profiles: Vec::new(),
            made: Vec::new(),
            values: Vec::new(),
            added: BTreeSet::new(),
            outer: Vec::new(),
            faults: Vec::new(),
        }
    }

    pub(super) fn folds(&self) -> bool {
        self.options.rows == Rows::Pupil
    }

    /// The column of a value as a measure takes it: a mover's rows added, or taken once.
    fn column_of(&mut self, value: &Value, once: bool) -> String {
        if !self.folds() {
            return value.name.clone();
        }
        if once {
            return format!("{}_once", value.name);
        }
        self.added.insert(value.name.clone());
        value.name.clone()
    }

    pub(super) fn type_of(&self, column: &str) -> SqlType {
        let found = self.schema.iter().find(|(name, _)| name == column);
        found.map_or(SqlType::Other, |(_, dtype)| *dtype)
    }

    pub(super) fn fault(&mut self, condition: String, finding: Finding) {
        self.faults.push((condition, finding));
    }

    /// Brings a column of categories to text, as the kernel writes it.
    pub(super) fn label(&mut self, name: &str, column: &str) -> Result<(), Error> {
        let (text, quoted) = (self.dialect.text(), self.dialect.identifier(column));
        let expression = match self.type_of(column) {
            SqlType::Whole | SqlType::Truth | SqlType::Text => {
                format!("CAST({quoted} AS {text})")
            }
            SqlType::Fraction => {
                let number = format!("CAST({quoted} AS DOUBLE)");
                self.inner.push(format!("{number} AS {name}_raw"));
                let whole = format!(
                    "NOT isnan({name}_raw) AND abs({name}_raw) < 9e15 AND {name}_raw = floor({name}_raw)"
                );
                self.middle.push(format!(
                    "CASE WHEN {whole} THEN CAST(TRY_CAST({name}_raw AS BIGINT) AS {text}) END AS {name}"
                ));
                self.middle.push(format!(
                    "CASE WHEN {name}_raw IS NOT NULL AND NOT isnan({name}_raw) AND NOT ({whole}) \
                     THEN 1 ELSE 0 END AS {name}_fault"
                ));
                self.fault(
                    format!("{name}_fault"),
                    Finding::refused("not_a_category", "categories are text or whole numbers")
                        .column(column),
                );
                return Ok(());
            }
            SqlType::Decimal(_) | SqlType::Other => {
                return Err(Error::Refused {
                    findings: vec![
                        Finding::refused(
                            "wrong_type",
                            "holds neither text nor whole numbers; expected categories",
                        )
                        .column(column),
                    ],
                });
            }
        };
        self.inner.push(format!("{expression} AS {name}"));
        self.middle.push(name.to_owned());
        Ok(())
    }

    pub(super) fn measure(&mut self, place: usize, measure: &Measure) -> Result<u32, Error> {
        let mask = match &measure.eligible {
            Some(flag) if (self.roles)(flag).is_some() => {
                let flag = self.value(flag, Faults::Flag, measure)?;
                Some(format!("{} = {}", self.column_of(&flag, true), flag.one()))
            }
            _ => None,
        };
        let once = measure.movers == Movers::Once
            || matches!(
                measure.quantity,
                Quantity::Flag { .. } | Quantity::Score { .. }
            );
        let taken = |sql: &mut Self, role: &str, faults| -> Result<(String, Value), Error> {
            let value = sql.value(role, faults, measure)?;
            let column = sql.column_of(&value, once);
            Ok(match &mask {
                Some(mask) => (format!("(CASE WHEN {mask} THEN {column} END)"), value),
                None => (column, value),
            })
        };
        let mut sums: Vec<String> = Vec::new();
        let count = |condition: String| format!("count(CASE WHEN {condition} THEN 1 END)");
        let decimals = match &measure.quantity {
            Quantity::Flag { column } => {
                let (seen, x) = taken(self, column, Faults::Flag)?;
                sums.push(count(format!("{seen} >= {}", x.one())));
                sums.push(format!("count({seen})"));
                0
            }
            Quantity::CountAtLeast { column, at_least } => {
                let (seen, x) = taken(self, column, Faults::Amount)?;
                let least = i128::from(*at_least) * i128::from(x.one());
                sums.push(count(format!("{seen} >= {least}")));
                sums.push(format!("count({seen})"));
                0
            }
            Quantity::Count { column } | Quantity::Score { column } => {
                let faults = match &measure.quantity {
                    Quantity::Score { .. } => Faults::Score,
                    _ => Faults::Amount,
                };
                let (seen, x) = taken(self, column, faults)?;
                let v = (seen, x.largest());
                sums.push(format!("count({})", v.0));
                sums.push(self.sum(&v));
                sums.push(self.sum_of_products(&v, &v));
                x.decimals
            }
            Quantity::Threshold {
                numerator,
                denominator,
                at_least: [p, q],
            } => {
                let (of_numerator, x) = taken(self, numerator, Faults::Amount)?;
                let (of_denominator, d) = taken(self, denominator, Faults::Amount)?;
                let common = x.decimals.min(d.decimals);
                let of_x = u64::from(*q) * 10_u64.pow(d.decimals - common);
                let of_d = u64::from(*p) * 10_u64.pow(x.decimals - common);
                let (left, right) = (
                    self.product(&(of_numerator.clone(), x.largest()), of_x),
                    self.product(&(of_denominator.clone(), d.largest()), of_d),
                );
                let counts = format!("{of_denominator} > 0 AND {of_numerator} IS NOT NULL");
                sums.push(count(format!("{counts} AND {left} >= {right}")));
                sums.push(count(counts));
                0
            }
            Quantity::Share {
                numerator,
                denominator,
                complement,
            } => {
                let (of_numerator, x) = taken(self, numerator, Faults::Amount)?;
                let (of_denominator, d) = taken(self, denominator, Faults::Amount)?;
                let common = x.decimals.max(d.decimals);
                let raised = |seen: &str, value: &Value| match 10_u64.pow(common - value.decimals) {
                    1 => seen.to_owned(),
                    by => format!("({seen} * {by})"),
                };
                let counts = format!("{of_denominator} > 0 AND {of_numerator} IS NOT NULL");
                let bottom = raised(&of_denominator, &d);
                let top = if *complement {
                    format!("({bottom} - {})", raised(&of_numerator, &x))
                } else {
                    raised(&of_numerator, &x)
                };
                // Twice what either may be: the difference of two amounts, with room to spare.
                let largest = 2 * 1_000_000_000 * 10_u128.pow(common);
                let x = (format!("(CASE WHEN {counts} THEN {top} END)"), largest);
                let d = (format!("(CASE WHEN {counts} THEN {bottom} END)"), largest);
                sums.push(format!("count({})", x.0));
                sums.push(self.sum(&x));
                sums.push(self.sum(&d));
                sums.push(self.sum_of_products(&x, &x));
                sums.push(self.sum_of_products(&x, &d));
                sums.push(self.sum_of_products(&d, &d));
                common
            }
        };
        let text = self.dialect.text();
        for (number, sum) in sums.into_iter().enumerate() {
            self.outer
                .push(format!("CAST({sum} AS {text}) AS s{place}_{number}"));
        }
        Ok(decimals)
    }

    /// The statement, and the finding behind each of its columns of faults.
    pub(super) fn finish(
        self,
        source: &str,
        labels: &[(String, String)],
        pupil: Option<&str>,
    ) -> (String, Vec<Finding>) {
        let text = self.dialect.text();
        let repeated = pupil.map(|pupil| self.repeated(source, pupil));
        let labels: Vec<&str> = labels.iter().map(|(name, _)| name.as_str()).collect();
        let mut outer: Vec<String> = labels.iter().map(ToString::to_string).collect();
        outer.push(format!("CAST(count(*) AS {text}) AS n"));
        outer.extend(self.outer.iter().cloned());
        let rows = self.rows(source);
        let (mut findings, mut conditions): (Vec<Finding>, Vec<String>) = (Vec::new(), Vec::new());
        for (condition, finding) in &self.faults {
            conditions.push(condition.clone());
            findings.push(finding.clone());
        }
        let units = if self.folds() {
            let (units, beyond) = self.units(&rows, &labels, &conditions);
            conditions = (0..conditions.len())
                .map(|f| format!("f{f}_rows"))
                .collect();
            for (condition, finding) in beyond {
                conditions.push(condition);
                findings.push(finding);
            }
            units
        } else {
            rows
        };
        for (place, condition) in conditions.iter().enumerate() {
            outer.push(format!("CAST(sum({condition}) AS {text}) AS f{place}"));
        }
        if let Some((query, finding)) = repeated {
            outer.push(format!("{query} AS f{}", findings.len()));
            findings.push(finding);
        }
        let mut sql = format!(
            "SELECT\n    {}\nFROM (\n{units}\n) AS units\nGROUP BY {}",
            outer.join(",\n    "),
            labels.join(", ")
        );
        if self.folds() {
            // A mover's other rows may hold codes that no unit is left with.
            let of = |column: &String| match column.rsplit_once(" AS ").map(|(_, name)| name) {
                Some("n") => format!("CAST(count(*) AS {text}) AS n"),
                Some(name) => format!("CAST(NULL AS {text}) AS {name}"),
                None if column == "e" => "e".into(),
                None => format!("CAST(NULL AS {text}) AS {column}"),
            };
            let empty: Vec<String> = outer.iter().map(of).collect();
            sql = format!(
                "SELECT 'unit' AS level, cells.* FROM (\n{sql}\n) AS cells\nUNION ALL\n\
                 SELECT 'row' AS level, codes.* FROM (\nSELECT\n    {}\nFROM (\n{rows}\n) AS units\nGROUP BY e\n) AS codes",
                empty.join(",\n    "),
                rows = self.rows(source),
            );
        }
        (sql, findings)
    }

    /// Rows with every column that sums and faults are made of.
    fn rows(&self, source: &str) -> String {
        let list = |columns: &[String]| columns.join(",\n    ");
        let numbers = format!(
            "  SELECT\n    {}\n  FROM (\n    SELECT\n    {}\n    FROM {source} AS source\n  ) AS numbers",
            list(&self.middle),
            list(&self.inner)
        );
        let levels = [(&self.profiles, "profiled"), (&self.made, "made")];
        levels.iter().fold(numbers, |rows, (columns, name)| {
            if columns.is_empty() {
                return rows;
            }
            let more = list(columns);
            format!("  SELECT *,\n    {more}\n  FROM (\n{rows}\n  ) AS {name}")
        })
    }

    /// How many rows repeat a pupil, year and school, as one number.
    pub(super) fn repeated(&self, source: &str, pupil: &str) -> (String, Finding) {
        let text = self.dialect.text();
        let quote = |name: &str| {
            let quoted = self.dialect.identifier(name);
            format!("trim(CAST({quoted} AS {text}))")
        };
        let id = quote(pupil);
        let mut keys = vec![id.clone()];
        let places = ["year", "school"]
            .into_iter()
            .filter_map(|r| (self.roles)(r));
        keys.extend(places.map(|place| format!("nullif({}, '')", quote(&place))));
        let query = format!(
            "(SELECT CAST(coalesce(sum(extra), 0) AS {text}) FROM (SELECT count(*) - 1 AS extra \
             FROM {source} AS pupils WHERE {id} <> '' GROUP BY {}) AS repeated)",
            keys.join(", "),
        );
        let finding = Finding::refused(
            "duplicate_pupil",
            "a pupil stands twice in one year and school",
        )
        .column(pupil)
        .hint("remove the repeated rows; name the year and school columns, if there are any");
        (query, finding)
    }
}

/// 1 where a condition holds, 0 where it does not or nobody knows.
pub(super) fn flag_where(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 1 ELSE 0 END")
}
