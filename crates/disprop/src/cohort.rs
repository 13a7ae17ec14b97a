//! Pupil rows, checked and encoded once.

mod checks;
mod columns;
mod derive;
pub(crate) mod encode;
pub(crate) mod ethnicity;
mod known;
pub(crate) mod numbers;
pub(crate) mod pieces;
mod pupils;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use polars::prelude::{DataFrame, DataType, Series, StringChunked};

pub(crate) use checks::MANY_SESSIONS;
pub use columns::Columns;
pub use derive::{AbsentGoals, Ks2Denominator};
pub use ethnicity::UnknownCodes;

use crate::codes::{CodeSet, LeafKind};
use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::measure::{Measure, Movers, Quantity};
use columns::Found;
use derive::KeyStage2;
pub(crate) use derive::{ALL_GOALS, GLD_GOALS};
use encode::Categories;
use numbers::{Content, Numbers};
use pupils::Fold;

/// What one row of a result stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// One row of the data: a pupil at a school in a year, as DfE counts absence and exclusions.
    #[default]
    Enrolment,
    /// One pupil in a year: a mover's rows are added first.
    Pupil,
}

impl Rows {
    /// Returns the word for it in print.
    pub fn label(self) -> &'static str {
        match self {
            Rows::Enrolment => "enrolment",
            Rows::Pupil => "pupil",
        }
    }
}

/// Choices made when a cohort is built; each is named in the results.
#[derive(Debug, Clone, Default)]
pub struct CohortOptions {
    /// What a row of the results is.
    pub rows: Rows,
    /// What the ethnicity column holds.
    pub codes: CodeSet,
    /// What becomes of values that are no code and no label.
    pub unknown_codes: UnknownCodes,
    /// What becomes of children with a goal without result.
    pub absent_goals: AbsentGoals,
    /// Who is in the denominator of key stage 2 figures made from raw fields.
    pub ks2_denominator: Ks2Denominator,
    /// Measures whose columns are checked at once; all of the catalogue where empty.
    pub measures: Vec<Measure>,
}

/// Pupil rows of one or more years, checked, with every column encoded at most once.
///
/// # Example: every problem at once
/// ```
/// use disprop::{Cohort, Columns};
/// use polars::prelude::df;
/// let frame = df!("ethnicity" => ["BCRB", "XYZ?"], "suspensions" => [-1.0, f64::INFINITY])?;
/// let error = Cohort::new(frame, Columns::npd()).unwrap_err();
/// let kinds: Vec<&str> = error.findings().iter().map(|f| f.kind).collect();
/// assert_eq!(kinds, ["unknown_code", "not_finite", "negative"]);
/// # Ok::<(), polars::prelude::PolarsError>(())
/// ```
#[derive(Debug)]
pub struct Cohort {
    frame: DataFrame,
    found: Found,
    options: CohortOptions,
    ethnicity: Categories,
    leaf_kinds: Vec<LeafKind>,
    fold: Option<Fold>,
    dimensions: Mutex<BTreeMap<String, Arc<Categories>>>,
    numbers: Mutex<BTreeMap<Key, Arc<Numbers>>>,
    findings: Vec<Finding>,
}

/// Name of an encoded column, what it holds, and whether a mover's rows repeat it.
type Key = (String, Content, bool);

impl Cohort {
    /// Returns the cohort of these rows, with the default choices.
    ///
    /// # Errors
    /// `data.refused` with every finding, not only the first.
    pub fn new(frame: DataFrame, columns: Columns) -> Result<Self, Error> {
        Cohort::with(frame, columns, CohortOptions::default())
    }

    /// Returns the cohort of these rows.
    ///
    /// # Errors
    /// `data.refused` with every finding, not only the first.
    pub fn with(frame: DataFrame, columns: Columns, options: CohortOptions) -> Result<Self, Error> {
        let mut findings = Vec::new();
        let found = Found::look(&frame, &columns, &mut findings);
        if frame.height() == 0 {
            findings.push(
                Finding::refused("no_rows", "the table has no rows")
                    .hint("check that the file is complete and the filter keeps something"),
            );
        }
        let ethnicity = match found.column("ethnicity") {
            Some(column) if frame.height() > 0 => {
                ethnicity::encode(series(&frame, column), &options, &mut findings)
            }
            Some(_) => None,
            None => {
                // A column that is there and cannot be read was told of.
                let told = |f: &Finding| f.kind == "wrong_type" && f.severity == Severity::Refused;
                if columns.named("ethnicity").is_none() && !findings.iter().any(told) {
                    findings.push(ethnicity::missing(&found));
                }
                None
            }
        };
        let (ethnicity, leaf_kinds) = ethnicity.unwrap_or_else(|| {
            (
                Categories {
                    labels: Vec::new(),
                    codes: encode::Codes::U8(Vec::new()),
                },
                Vec::new(),
            )
        });
        let mut cohort = Cohort {
            frame,
            found,
            options,
            ethnicity,
            leaf_kinds,
            fold: None,
            dimensions: Mutex::default(),
            numbers: Mutex::default(),
            findings,
        };
        cohort.check()?;
        Ok(cohort)
    }

    /// Returns the number of rows of the data.
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// Returns the number of units that count, enrolments or pupils as chosen.
    pub fn units(&self) -> usize {
        self.ethnicity.codes.len()
    }

    /// Returns what the checks found and the data can be used with.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the choices the cohort was built with.
    pub fn options(&self) -> &CohortOptions {
        &self.options
    }

    /// Returns the roles found in the data, with the columns that play them.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.roles()
    }

    /// Returns the measures the data have the columns for: those the cohort was built with, or
    /// those of the catalogue.
    pub fn measures(&self) -> Vec<&Measure> {
        let own = self.options.measures.as_slice();
        let all = if own.is_empty() {
            crate::measure::catalogue()
        } else {
            own
        };
        all.iter().filter(|m| self.lacks(m).is_empty()).collect()
    }

    /// Returns the leaf codes and their kinds, in the order of their numbers.
    pub(crate) fn leaves(&self) -> (&Categories, &[LeafKind]) {
        (&self.ethnicity, &self.leaf_kinds)
    }

    /// Columns that a measure needs and the data neither have nor yield.
    fn lacks(&self, measure: &Measure) -> Vec<String> {
        measure
            .quantity
            .columns()
            .into_iter()
            .filter(|name| self.found.column(name).is_none() && !self.derives(name))
            .map(Into::into)
            .collect()
    }

    /// Returns a category column by role or name.
    ///
    /// # Errors
    /// `dimension.unknown`, or `data.refused` for a column that holds no categories.
    pub(crate) fn dimension(&self, name: &str) -> Result<Arc<Categories>, Error> {
        if let Ok(cache) = self.dimensions.lock()
            && let Some(known) = cache.get(name)
        {
            return Ok(Arc::clone(known));
        }
        if let Some(finding) = self.found.unreadable(name) {
            return Err(Error::Refused {
                findings: vec![finding],
            });
        }
        let column = self
            .found
            .column(name)
            .ok_or_else(|| Error::UnknownDimension {
                found: name.into(),
                known: self.found.dimensions(),
            })?;
        if self.found.column("pupil") == Some(column) {
            return Err(Error::Option {
                option: "by",
                found: name.into(),
                expected: "a dimension; an identifier of pupils is never one".into(),
            });
        }
        let mut categories =
            Categories::encode(series(&self.frame, column)).map_err(|finding| Error::Refused {
                findings: vec![finding.column(column)],
            })?;
        if let Some(fold) = &self.fold {
            categories.codes = categories.codes.take(fold.home());
        }
        let categories = Arc::new(categories);
        if let Ok(mut cache) = self.dimensions.lock() {
            cache.insert(name.into(), Arc::clone(&categories));
        }
        Ok(categories)
    }

    /// Returns a column of the data as text.
    ///
    /// # Errors
    /// `frame.polars`.
    pub(crate) fn texts(&self, column: &str) -> Result<StringChunked, Error> {
        let text = series(&self.frame, column).cast(&DataType::String)?;
        Ok(text.str()?.clone())
    }

    /// Returns a value column of a measure, of units that count, with those not eligible missing.
    ///
    /// # Errors
    /// `measure.columns` where the data have none, `data.refused` for values that cannot be.
    pub(crate) fn values_of(&self, measure: &Measure, name: &str) -> Result<Arc<Numbers>, Error> {
        let content = content_of(&measure.quantity);
        let once = measure.movers == Movers::Once || content != Content::Amount;
        let values = self
            .numbers(name, content, once)
            .map_err(|error| match error {
                Error::MeasureColumns {
                    columns,
                    suggestion,
                    ..
                } => Error::MeasureColumns {
                    measure: measure.id.clone(),
                    columns,
                    suggestion,
                },
                other => other,
            })?;
        let Some(flag) = measure
            .eligible
            .as_deref()
            .filter(|f| self.found.column(f).is_some())
        else {
            return Ok(values);
        };
        let key = (format!("{name}\u{0}{flag}"), content, once);
        if let Ok(cache) = self.numbers.lock()
            && let Some(known) = cache.get(&key)
        {
            return Ok(Arc::clone(known));
        }
        let eligible = self.numbers(flag, Content::Flag, true)?;
        Ok(self.keep(key, values.masked(|row| eligible.get(row) == Some(1))))
    }

    fn numbers(&self, name: &str, content: Content, once: bool) -> Result<Arc<Numbers>, Error> {
        let key = (name.to_owned(), content, once);
        if let Ok(cache) = self.numbers.lock()
            && let Some(known) = cache.get(&key)
        {
            return Ok(Arc::clone(known));
        }
        let mut findings = Vec::new();
        let rows = self.row_numbers(name, content, &mut findings)?;
        if findings.iter().any(Finding::is_refusal) {
            return Err(Error::Refused { findings });
        }
        let values = match &self.fold {
            Some(fold) if once => fold.once(&rows),
            Some(fold) => fold.add(&rows).map_err(|finding| Error::Refused {
                findings: vec![finding.column(self.found.column(name).unwrap_or(name))],
            })?,
            None => rows,
        };
        Ok(self.keep(key, values))
    }

    fn keep(&self, key: Key, values: Numbers) -> Arc<Numbers> {
        let values = Arc::new(values);
        if let Ok(mut cache) = self.numbers.lock() {
            cache.insert(key, Arc::clone(&values));
        }
        values
    }

    /// Encodes a column, or derives it from raw fields where the data do not have it.
    fn row_numbers(
        &self,
        name: &str,
        content: Content,
        findings: &mut Vec<Finding>,
    ) -> Result<Numbers, Error> {
        if let Some(column) = self.found.column(name) {
            return Numbers::encode(series(&self.frame, column), content)
                .map_err(|findings| Error::Refused { findings });
        }
        if let Some(finding) = self.found.unreadable(name) {
            return Err(Error::Refused {
                findings: vec![finding],
            });
        }
        // With none of the raw fields there, it is the column itself that is missing.
        if !raw_fields(name)
            .iter()
            .any(|n| self.found.column(n).is_some())
        {
            return Err(self.no_column(name));
        }
        let noted = findings.len();
        let derived = match name {
            "gld" => {
                let goals = self.raw_goals(GLD_GOALS)?;
                Ok(derive::good_level(
                    &goals,
                    self.options.absent_goals,
                    findings,
                ))
            }
            "elgs_expected" => Ok(derive::goals_expected(&self.raw_goals(ALL_GOALS)?)),
            "ks2_rwm_expected" => Ok(self.key_stage_2(findings)?.0),
            "ks2_rwm_higher" => Ok(self.key_stage_2(findings)?.1),
            "sessions_absent" => {
                let part = |name: &str| {
                    let column = self
                        .found
                        .column(name)
                        .ok_or_else(|| self.no_column(name))?;
                    Numbers::encode(series(&self.frame, column), Content::Amount)
                        .map_err(|findings| Error::Refused { findings })
                };
                Ok(part("sessions_authorised")?.plus(&part("sessions_unauthorised")?))
            }
            _ => Err(self.no_column(name)),
        };
        // What is wrong with raw fields is said of the flag that was to be made of them.
        for finding in findings
            .iter_mut()
            .skip(noted)
            .filter(|f| f.column.is_none())
        {
            finding.column = Some(name.into());
        }
        derived
    }

    fn no_column(&self, name: &str) -> Error {
        Error::MeasureColumns {
            measure: name.into(),
            columns: vec![name.into()],
            suggestion: self.found.nearest(name),
        }
    }

    /// Whether a column that the data do not have can be made from others.
    fn derives(&self, name: &str) -> bool {
        let raw = raw_fields(name);
        !raw.is_empty() && raw.iter().all(|n| self.found.column(n).is_some())
    }

    fn raw(&self, name: &str) -> Result<Categories, Error> {
        let column = self
            .found
            .column(name)
            .ok_or_else(|| self.no_column(name))?;
        Categories::encode(series(&self.frame, column)).map_err(|finding| Error::Refused {
            findings: vec![finding.column(column)],
        })
    }

    fn raw_goals(&self, goals: usize) -> Result<Vec<Categories>, Error> {
        (1..=goals).map(|g| self.raw(&goal(g))).collect()
    }

    fn key_stage_2(&self, findings: &mut Vec<Finding>) -> Result<(Numbers, Numbers), Error> {
        let (reading, maths) = (self.raw("ks2_reading")?, self.raw("ks2_maths")?);
        let writing = self.raw("ks2_writing")?;
        let flag = match self.found.column("ks2_in_denominator") {
            Some(column) if self.options.ks2_denominator == Ks2Denominator::NpdDenLa => Some(
                Numbers::encode(series(&self.frame, column), Content::Flag)
                    .map_err(|findings| Error::Refused { findings })?,
            ),
            _ => None,
        };
        let ks2 = KeyStage2 {
            reading: &reading,
            maths: &maths,
            writing: &writing,
            in_denominator: flag.as_ref(),
            denominator: self.options.ks2_denominator,
        };
        Ok(ks2.flags(findings))
    }
}

/// Returns the column of a frame that plays a role, if any does.
pub(crate) fn role_column(frame: &DataFrame, columns: &Columns, role: &str) -> Option<String> {
    let found = Found::look(frame, columns, &mut Vec::new());
    found.column(role).map(ToOwned::to_owned)
}

/// Returns who plays which role among the columns of a table that is not at hand.
///
/// # Errors
/// `data.refused` for columns that are missing or could be one of several.
pub(crate) fn sql_roles(
    names: Vec<String>,
    columns: &Columns,
) -> Result<impl Fn(&str) -> Option<String> + use<>, Error> {
    let mut findings = Vec::new();
    let found = Found::among(names, columns, &mut findings);
    if findings.iter().any(Finding::is_refusal) {
        return Err(Error::Refused { findings });
    }
    Ok(move |role: &str| found.column(role).map(ToOwned::to_owned))
}

/// Returns what a table of these columns may be tallied by.
pub(crate) fn sql_dimensions(names: Vec<String>, columns: &Columns) -> Vec<String> {
    Found::among(names, columns, &mut Vec::new()).dimensions()
}

/// Returns those of a table's columns that tallies of these measures and dimensions need.
pub(crate) fn columns_read(
    names: &[String],
    columns: &Columns,
    measures: &[Measure],
    dimensions: &[String],
    pupils: bool,
) -> Vec<String> {
    let found = Found::among(names.to_vec(), columns, &mut Vec::new());
    let mut roles: Vec<String> = vec!["ethnicity".into()];
    roles.extend(dimensions.iter().cloned());
    if pupils {
        roles.extend(["pupil", "year", "school"].map(Into::into));
    }
    for measure in measures {
        roles.extend(measure.eligible.clone());
        for name in measure.quantity.columns() {
            if found.column(name).is_some() {
                roles.push(name.into());
            } else {
                roles.extend(raw_fields(name));
                roles.push("ks2_in_denominator".into());
            }
            if name.starts_with("sessions_") {
                roles.push("sessions_possible".into());
            }
        }
    }
    // Columns named by the caller are wanted even if only to be found missing or wrong.
    roles.extend(columns.roles().map(|(role, _)| role.to_owned()));
    let wanted: std::collections::BTreeSet<&str> =
        roles.iter().filter_map(|role| found.column(role)).collect();
    let wanted = names.iter().filter(|name| wanted.contains(name.as_str()));
    wanted.cloned().collect()
}

/// Raw fields that a column is made from where the data do not have it; none for most.
pub(crate) fn raw_fields(name: &str) -> Vec<String> {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    match name {
        "gld" => (1..=GLD_GOALS).map(goal).collect(),
        "elgs_expected" => (1..=ALL_GOALS).map(goal).collect(),
        "ks2_rwm_expected" | "ks2_rwm_higher" => {
            names(&["ks2_reading", "ks2_maths", "ks2_writing"])
        }
        "sessions_absent" => names(&["sessions_authorised", "sessions_unauthorised"]),
        _ => Vec::new(),
    }
}

fn goal(number: usize) -> String {
    format!("elg_e{number:02}")
}

fn content_of(quantity: &Quantity) -> Content {
    match quantity {
        Quantity::Flag { .. } => Content::Flag,
        Quantity::Score { .. } => Content::Score,
        _ => Content::Amount,
    }
}

/// Returns a column that is known to be there.
fn series<'a>(frame: &'a DataFrame, column: &str) -> &'a Series {
    // Made only where it is needed: polars clears eight megabytes for it.
    static EMPTY: std::sync::LazyLock<Series> = std::sync::LazyLock::new(Series::default);
    frame
        .column(column)
        .map_or_else(|_| &*EMPTY, |c| c.as_materialized_series())
}
