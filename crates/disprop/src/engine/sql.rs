//! The same tallies as one SQL statement, for rows that stay where they are.
//!
//! The statement groups by the raw values of the dimensions and of ethnicity and adds up whole
//! numbers only; what the values mean is settled here, when the cells come back. Values enter as the
//! kernel takes them: 10⁻⁶ of a unit, half to even. What SQL cannot do to the last bit is refused.

mod read;
mod value;

use crate::cohort::{CohortOptions, Columns, Rows, sql_dimensions, sql_roles};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::{Measure, Quantity};
use value::{Faults, Value};

/// Whose SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// Apache Spark, 3.4 or later.
    Spark,
}

impl Dialect {
    fn name(self) -> &'static str {
        match self {
            Dialect::DuckDb => "DuckDB SQL",
            Dialect::Spark => "Spark SQL",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Dialect::DuckDb => "VARCHAR",
            Dialect::Spark => "STRING",
        }
    }

    /// Returns a name as an identifier, whatever characters it holds.
    pub fn identifier(self, name: &str) -> String {
        match self {
            Dialect::DuckDb => format!("\"{}\"", name.replace('"', "\"\"")),
            Dialect::Spark => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// Returns a text as a literal, whatever characters it holds.
    pub fn literal(self, text: &str) -> String {
        match self {
            Dialect::DuckDb => format!("'{}'", text.replace('\'', "''")),
            Dialect::Spark => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        }
    }
}

/// What a column of the source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    /// Whole numbers of any width.
    Whole,
    /// True and false.
    Truth,
    /// Binary fractions.
    Fraction,
    /// Decimals, with so many digits after the point.
    Decimal(u32),
    /// Text, or categories of text.
    Text,
    /// Anything else: no measure and no dimension.
    Other,
}

/// One statement, and how to read what it returns.
///
/// # Example: the statement of one measure
/// ```
/// use disprop::engine::{Dialect, SqlPlan, SqlType};
/// use disprop::{CohortOptions, Columns, measure};
/// let schema = [("ethnicity".into(), SqlType::Text), ("suspensions".into(), SqlType::Whole)];
/// let plan = SqlPlan::new(
///     Dialect::DuckDb, "\"pupils\"", &schema,
///     &[measure("suspensions")?], &[], Columns::npd(), CohortOptions::default(), true,
/// )?;
/// assert!(plan.sql().contains("GROUP BY"));
/// # Ok::<(), disprop::Error>(())
/// ```
#[derive(Debug)]
pub struct SqlPlan {
    dialect: Dialect,
    sql: String,
    measures: Vec<Measure>,
    dimensions: Vec<String>,
    options: CohortOptions,
    ethnicity: String,
    /// Decimals of each measure's sums.
    decimals: Vec<u32>,
    faults: Vec<Finding>,
}

impl SqlPlan {
    /// Returns the statement over a source: a quoted table, or a query in brackets.
    ///
    /// `pupils` says whether a pupil who stands twice is looked for.
    ///
    /// # Errors
    /// `data.refused` for missing columns and wrong types, `dimension.unknown`, `measure.columns`,
    /// `engine.unsupported` for what SQL cannot do to the last bit.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        dialect: Dialect,
        source: &str,
        schema: &[(String, SqlType)],
        measures: &[Measure],
        dimensions: &[&str],
        columns: Columns,
        options: CohortOptions,
        pupils: bool,
    ) -> Result<Self, Error> {
        let unsupported = |problem: String| Error::Engine {
            engine: dialect.name(),
            problem,
        };
        if options.rows == Rows::Pupil {
            return Err(unsupported(
                "adding up a mover's rows needs the pupils side by side".into(),
            ));
        }
        let names: Vec<String> = schema.iter().map(|(name, _)| name.clone()).collect();
        let roles = sql_roles(names, &columns)?;
        let mut sql = Statement {
            dialect,
            schema,
            roles: &roles,
            inner: Vec::new(),
            middle: Vec::new(),
            values: Vec::new(),
            outer: Vec::new(),
            faults: Vec::new(),
        };
        let mut labels = Vec::new();
        for (place, name) in dimensions.iter().enumerate() {
            let column = roles(name).ok_or_else(|| Error::UnknownDimension {
                found: (*name).into(),
                known: sql_dimensions(
                    schema.iter().map(|(name, _)| name.clone()).collect(),
                    &columns,
                ),
            })?;
            if roles("pupil").as_ref() == Some(&column) {
                return Err(Error::Option {
                    option: "by",
                    found: (*name).into(),
                    expected: "a dimension; an identifier of pupils is never one".into(),
                });
            }
            labels.push(sql.label(&format!("d{place}"), &column)?);
        }
        let ethnicity = roles("ethnicity").ok_or_else(|| Error::Refused {
            findings: vec![
                Finding::refused("missing_column", "there is no column of ethnicity codes")
                    .hint("name it with ethnicity=…"),
            ],
        })?;
        labels.push(sql.label("e", &ethnicity)?);
        let mut decimals = Vec::new();
        for (place, measure) in measures.iter().enumerate() {
            decimals.push(sql.measure(place, measure)?);
        }
        sql.sessions()?;
        let pupil = roles("pupil").filter(|_| pupils);
        let places = [roles("year"), roles("school")];
        let (text, faults) = sql.finish(source, &labels, pupil, &places);
        Ok(SqlPlan {
            dialect,
            sql: text,
            measures: measures.to_vec(),
            dimensions: dimensions.iter().map(ToString::to_string).collect(),
            options,
            ethnicity,
            decimals,
            faults,
        })
    }

    /// Returns the statement. Every column of its result is text, whole numbers written out.
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

/// A statement on its way: three levels of columns, the innermost next to the source.
struct Statement<'a> {
    dialect: Dialect,
    schema: &'a [(String, SqlType)],
    roles: &'a dyn Fn(&str) -> Option<String>,
    /// Raw columns brought to a number or a text.
    inner: Vec<String>,
    /// Whole numbers.
    middle: Vec<String>,
    values: Vec<(String, Value)>,
    /// Sums.
    outer: Vec<String>,
    faults: Vec<(String, Finding)>,
}

impl Statement<'_> {
    fn type_of(&self, column: &str) -> SqlType {
        let found = self.schema.iter().find(|(name, _)| name == column);
        found.map_or(SqlType::Other, |(_, dtype)| *dtype)
    }

    fn fault(&mut self, condition: String, finding: Finding) {
        self.faults.push((condition, finding));
    }

    /// Brings a column of categories to text, as the kernel writes it.
    fn label(&mut self, name: &str, column: &str) -> Result<String, Error> {
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
                return Ok(name.to_owned());
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
        Ok(name.to_owned())
    }

    fn measure(&mut self, place: usize, measure: &Measure) -> Result<u32, Error> {
        let mask = match &measure.eligible {
            Some(flag) if (self.roles)(flag).is_some() => {
                let flag = self.value(flag, Faults::Flag, measure)?;
                Some(format!("{} = {}", flag.name, flag.one()))
            }
            _ => None,
        };
        let seen = |value: &Value| match &mask {
            Some(mask) => format!("(CASE WHEN {mask} THEN {} END)", value.name),
            None => value.name.clone(),
        };
        let mut sums: Vec<String> = Vec::new();
        let count = |condition: String| format!("count(CASE WHEN {condition} THEN 1 END)");
        let decimals = match &measure.quantity {
            Quantity::Flag { column } => {
                let x = self.value(column, Faults::Flag, measure)?;
                sums.push(count(format!("{} >= {}", seen(&x), x.one())));
                sums.push(format!("count({})", seen(&x)));
                0
            }
            Quantity::CountAtLeast { column, at_least } => {
                let x = self.value(column, Faults::Amount, measure)?;
                let least = i128::from(*at_least) * i128::from(x.one());
                sums.push(count(format!("{} >= {least}", seen(&x))));
                sums.push(format!("count({})", seen(&x)));
                0
            }
            Quantity::Count { column } | Quantity::Score { column } => {
                let faults = match &measure.quantity {
                    Quantity::Score { .. } => Faults::Score,
                    _ => Faults::Amount,
                };
                let x = self.value(column, faults, measure)?;
                let v = (seen(&x), x.largest());
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
                let x = self.value(numerator, Faults::Amount, measure)?;
                let d = self.value(denominator, Faults::Amount, measure)?;
                let common = x.decimals.min(d.decimals);
                let of_x = u64::from(*q) * 10_u64.pow(d.decimals - common);
                let of_d = u64::from(*p) * 10_u64.pow(x.decimals - common);
                let (left, right) = (
                    self.product(&(seen(&x), x.largest()), of_x),
                    self.product(&(seen(&d), d.largest()), of_d),
                );
                let counts = format!("{} > 0 AND {} IS NOT NULL", seen(&d), seen(&x));
                sums.push(count(format!("{counts} AND {left} >= {right}")));
                sums.push(count(counts));
                0
            }
            Quantity::Share {
                numerator,
                denominator,
                complement,
            } => {
                let x = self.value(numerator, Faults::Amount, measure)?;
                let d = self.value(denominator, Faults::Amount, measure)?;
                let common = x.decimals.max(d.decimals);
                let raised = |value: &Value| match 10_u64.pow(common - value.decimals) {
                    1 => seen(value),
                    by => format!("({} * {by})", seen(value)),
                };
                let counts = format!("{} > 0 AND {} IS NOT NULL", seen(&d), seen(&x));
                let top = if *complement {
                    format!("({} - {})", raised(&d), raised(&x))
                } else {
                    raised(&x)
                };
                // Twice what either may be: the difference of two amounts, with room to spare.
                let largest = 2 * 1_000_000_000 * 10_u128.pow(common);
                let x = (format!("(CASE WHEN {counts} THEN {top} END)"), largest);
                let d = (
                    format!("(CASE WHEN {counts} THEN {} END)", raised(&d)),
                    largest,
                );
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

    /// Sessions missed are at most those possible, where the source has both.
    fn sessions(&mut self) -> Result<(), Error> {
        let parts = [
            "sessions_absent",
            "sessions_authorised",
            "sessions_unauthorised",
        ];
        let used: Vec<(String, Value)> = self
            .values
            .iter()
            .filter(|(role, _)| parts.contains(&role.as_str()))
            .cloned()
            .collect();
        let Some(column) = (self.roles)("sessions_possible").filter(|_| !used.is_empty()) else {
            return Ok(());
        };
        let possible = self.value_of("sessions_possible", &column, Faults::Amount)?;
        for (role, part) in used {
            let common = part.decimals.max(possible.decimals);
            let raise = |v: &Value| {
                self.product(
                    &(v.name.clone(), v.largest()),
                    10_u64.pow(common - v.decimals),
                )
            };
            let condition = format!(
                "CASE WHEN {} > {} THEN 1 ELSE 0 END",
                raise(&part),
                raise(&possible)
            );
            let column = (self.roles)(&role).unwrap_or(role);
            self.fault(
                condition,
                Finding::refused("absent_over_possible", "more sessions missed than possible")
                    .column(&column)
                    .hint("check that both columns cover the same terms"),
            );
        }
        Ok(())
    }

    /// The statement, and the finding behind each of its columns of faults.
    fn finish(
        self,
        source: &str,
        labels: &[String],
        pupil: Option<String>,
        places: &[Option<String>],
    ) -> (String, Vec<Finding>) {
        let text = self.dialect.text();
        let mut outer: Vec<String> = labels.to_vec();
        outer.push(format!("CAST(count(*) AS {text}) AS n"));
        outer.extend(self.outer);
        let mut findings = Vec::new();
        for (condition, finding) in self.faults {
            outer.push(format!(
                "CAST(sum({condition}) AS {text}) AS f{}",
                findings.len()
            ));
            findings.push(finding);
        }
        if let Some(pupil) = pupil {
            let quote = |name: &String| {
                let quoted = self.dialect.identifier(name);
                format!("trim(CAST({quoted} AS {text}))")
            };
            let id = quote(&pupil);
            let mut keys = vec![format!(
                "CAST({} AS {text})",
                self.dialect.identifier(&pupil)
            )];
            keys.extend(places.iter().flatten().map(quote));
            outer.push(format!(
                "(SELECT CAST(coalesce(sum(extra), 0) AS {text}) FROM (SELECT count(*) - 1 AS extra \
                 FROM {source} AS pupils WHERE {id} <> '' GROUP BY {}) AS repeated) AS f{}",
                keys.join(", "),
                findings.len()
            ));
            findings.push(
                Finding::refused(
                    "duplicate_pupil",
                    "a pupil stands twice in one year and school",
                )
                .column(&pupil)
                .hint(
                    "remove the repeated rows; name the year and school columns, if there are any",
                ),
            );
        }
        let list = |columns: &[String]| columns.join(",\n    ");
        let sql = format!(
            "SELECT\n    {}\nFROM (\n  SELECT\n    {}\n  FROM (\n    SELECT\n    {}\n    FROM {source} AS source\n  ) AS numbers\n) AS units\nGROUP BY {}",
            list(&outer),
            list(&self.middle),
            list(&self.inner),
            labels.join(", ")
        );
        (sql, findings)
    }
}
