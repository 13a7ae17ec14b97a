//! The same tallies as one SQL statement, for rows that stay where they are.
//!
//! The statement groups by the raw values of the dimensions and of ethnicity and adds up whole
//! numbers only; what the values mean is settled here, when the cells come back. Values enter as the
//! kernel takes them: 10⁻⁶ of a unit, half to even. What SQL cannot do to the last bit is refused.
//!
//! Where the types of the columns allow it there is a quick statement beside the full one. It adds up
//! machine words and brings the proof that they were large enough; where the proof does not hold,
//! or anything at all is to be told of the rows, the full statement says so.

mod derived;
mod movers;
mod quick;
mod read;
mod sessions;
mod statement;
mod value;

use crate::cohort::{CohortOptions, Columns, Rows, sql_dimensions, sql_roles};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::Measure;
use quick::Quick;
use statement::Statement;

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
    quick: Option<Quick>,
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
        let names: Vec<String> = schema.iter().map(|(name, _)| name.clone()).collect();
        let roles = sql_roles(names, &columns)?;
        let mut sql = Statement::new(dialect, schema, &roles, &options);
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
            labels.push((format!("d{place}"), column));
        }
        let ethnicity = roles("ethnicity").ok_or_else(|| Error::Refused {
            findings: vec![
                Finding::refused("missing_column", "there is no column of ethnicity codes")
                    .hint("name it with ethnicity=…"),
            ],
        })?;
        labels.push(("e".into(), ethnicity.clone()));
        for (name, column) in &labels {
            sql.label(name, column)?;
        }
        let mut decimals = Vec::new();
        for (place, measure) in measures.iter().enumerate() {
            decimals.push(sql.measure(place, measure)?);
        }
        sql.sessions()?;
        let pupil = roles("pupil").filter(|_| pupils || options.rows == Rows::Pupil);
        if let Some(pupil) = &pupil {
            sql.identified(pupil);
        }
        if options.rows == Rows::Pupil {
            sql.movers(pupil.as_deref())?;
        }
        let quick = sql.quick(source, measures, &labels, pupil.as_deref());
        let (text, faults) = sql.finish(source, &labels, pupil.as_deref());
        Ok(SqlPlan {
            dialect,
            sql: text,
            measures: measures.to_vec(),
            dimensions: dimensions.iter().map(ToString::to_string).collect(),
            options,
            ethnicity,
            decimals,
            faults,
            quick,
        })
    }

    /// Returns the statement. Every column of its result is text, whole numbers written out.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Returns a statement that costs a fraction of the full one, where there is one: sums in
    /// machine words, with the proof that they held. [`SqlPlan::quick_tallies`] reads it.
    pub fn quick(&self) -> Option<&str> {
        self.quick.as_ref().map(|quick| quick.sql.as_str())
    }
}
