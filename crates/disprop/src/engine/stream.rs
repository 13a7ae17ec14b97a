//! Rows that come in batches: sums kept, rows forgotten.
//!
//! A batch is a cohort of its own, checked and tallied by the kernel; only its cells are kept. What
//! memory holds is bounded by the cells and the largest batch, not by the rows.

mod pupils;
mod report;
mod sums;

use polars::prelude::DataFrame;

pub use pupils::PupilChecks;

use super::TallyOptions;
use crate::cohort::{Cohort, CohortOptions, Columns, Rows, UnknownCodes};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::Measure;
use crate::tallies::Tallies;
use pupils::Pupils;
use report::Report;
use sums::Sums;

/// What a stream may take, and how far its pupils are checked.
#[derive(Debug, Clone, Default)]
pub struct StreamOptions {
    /// Most cells that are kept; none beyond those of the kernel where nothing is said.
    pub max_cells: Option<u64>,
    /// Most bytes that the sums may take, with what the last step needs beside them.
    pub memory_limit: Option<u64>,
    /// How far a pupil who stands twice, or moved, is looked for.
    pub pupils: PupilChecks,
}

/// Sums of rows that come in batches; a batch may be any frame with the same columns.
///
/// # Example: three batches are one table
/// ```
/// use disprop::engine::TallyBuilder;
/// use disprop::{Cohort, Columns, measure, synth};
/// let plan = synth::Plan { pupils: 900, years: 1, ..Default::default() };
/// let frame = synth::cohort(&plan)?;
/// let measures = [measure("absence")?, measure("suspensions")?];
///
/// let mut builder = TallyBuilder::new(&measures, &["sex"], Columns::npd());
/// for from in [0, 300, 600] {
///     builder.add(frame.slice(from, if from == 600 { frame.height() } else { 300 }))?;
/// }
/// assert_eq!(builder.tallies()?, Cohort::new(frame, Columns::npd())?.tally(&measures, &["sex"])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TallyBuilder {
    measures: Vec<Measure>,
    dimensions: Vec<String>,
    columns: Columns,
    options: CohortOptions,
    limits: StreamOptions,
    shape: Option<Vec<(String, String)>>,
    sums: Sums,
    report: Report,
    pupils: Pupils,
    broken: Option<String>,
}

impl TallyBuilder {
    /// Returns an empty builder with the default choices.
    pub fn new(measures: &[Measure], dimensions: &[&str], columns: Columns) -> Self {
        let (options, limits) = (CohortOptions::default(), StreamOptions::default());
        TallyBuilder::with(measures, dimensions, columns, options, limits)
    }

    /// Returns an empty builder.
    ///
    /// The measures checked are those tallied; `options.measures` is not looked at.
    pub fn with(
        measures: &[Measure],
        dimensions: &[&str],
        columns: Columns,
        options: CohortOptions,
        limits: StreamOptions,
    ) -> Self {
        TallyBuilder {
            measures: measures.to_vec(),
            dimensions: dimensions.iter().map(ToString::to_string).collect(),
            sums: Sums::new(measures, dimensions.len()),
            report: Report::default(),
            pupils: Pupils::new(limits.pupils),
            options: CohortOptions {
                measures: measures.to_vec(),
                ..options
            },
            columns: match limits.pupils {
                PupilChecks::Never => columns.without("pupil"),
                _ => columns,
            },
            limits,
            shape: None,
            broken: None,
        }
    }

    /// Says of a column of the source that it is of a type that cannot be read.
    pub fn unreadable(&mut self, column: &str, found: &str) {
        self.columns = std::mem::take(&mut self.columns).unreadable(column, found);
    }

    /// Returns those of a table's columns that are read; the others need not be sent.
    pub fn columns_read(&self, names: &[String]) -> Vec<String> {
        crate::cohort::columns_read(
            names,
            &self.columns,
            &self.measures,
            &self.dimensions,
            self.limits.pupils != PupilChecks::Never || self.options.rows == Rows::Pupil,
        )
    }

    /// Returns the columns that play the roles of pupil, year and school among these.
    pub fn roles_of(&self, names: &[String]) -> std::collections::BTreeMap<String, String> {
        let found = crate::cohort::sql_roles(names.to_vec(), &self.columns);
        let roles = ["pupil", "year", "school"].into_iter();
        let column = |role: &str| found.as_ref().ok().and_then(|found| found(role));
        roles
            .filter_map(|role| Some((role.to_owned(), column(role)?)))
            .collect()
    }

    /// Takes in one batch.
    ///
    /// What is wrong with rows is kept for [`TallyBuilder::tallies`], which refuses with everything
    /// that was found in all batches. Any error returned here breaks the builder off.
    ///
    /// # Errors
    /// As [`Cohort::tally`] but for `data.refused`; `stream.changed` for other columns than before;
    /// `stream.memory`, `tallies.too_many_cells`; `stream.broken` once it has broken off.
    pub fn add(&mut self, batch: DataFrame) -> Result<(), Error> {
        self.add_with(batch, &TallyOptions::default())
    }

    /// Takes in one batch, with a say in how the work is done.
    ///
    /// # Errors
    /// As [`TallyBuilder::add`], and `call.interrupted`.
    pub fn add_with(&mut self, batch: DataFrame, options: &TallyOptions<'_>) -> Result<(), Error> {
        self.sound()?;
        let done = self.take_in(batch, options);
        if let Err(error) = &done {
            self.broken = Some(error.to_string());
        }
        done
    }

    /// Says that the source gave up: nothing of what came before may be used.
    pub fn break_off(&mut self, problem: &str) {
        self.broken = Some(problem.to_owned());
    }

    /// Returns the number of rows taken in.
    pub fn rows(&self) -> u64 {
        self.report.rows()
    }

    /// Returns the number of cells so far.
    pub fn cells(&self) -> usize {
        self.sums.cells()
    }

    /// Returns about how many bytes the sums take, with what the last step needs beside them.
    pub fn memory(&self) -> u64 {
        self.sums.bytes() + self.pupils.bytes()
    }

    /// Returns whether what was found so far will be refused.
    pub fn is_refused(&self) -> bool {
        self.report.is_refused()
    }

    /// Returns what was found so far.
    pub fn findings(&self) -> Vec<Finding> {
        self.report.findings(&self.options, &self.pupils)
    }

    /// Returns the tallies of all batches so far.
    ///
    /// # Errors
    /// `stream.broken` where a batch did not come through; `data.refused` with everything that was
    /// found, also where there was no row; `stats.overflow`.
    pub fn tallies(&mut self) -> Result<Tallies, Error> {
        self.sound()?;
        self.last_pupil()?;
        let findings = self.findings();
        if findings.iter().any(Finding::is_refusal) {
            return Err(Error::Refused { findings });
        }
        self.sums.tallies(
            &self.dimensions,
            self.options.codes.clone(),
            self.options.rows.label().into(),
            findings,
        )
    }

    /// Returns what the builder holds, as a frame for another builder's
    /// [`TallyBuilder::add_state`]: from a process elsewhere, or from before a break.
    ///
    /// # Errors
    /// `stream.broken`; `option.bad` where pupils are remembered; `frame.polars`.
    pub fn state(&mut self) -> Result<DataFrame, Error> {
        self.sound()?;
        self.last_pupil()?;
        if self.limits.pupils == PupilChecks::Remember {
            return Err(Error::Option {
                option: "pupils",
                found: "remember".into(),
                expected: "another choice where states are kept: pupils are never written".into(),
            });
        }
        let tallies = self.sums.tallies(
            &self.dimensions,
            self.options.codes.clone(),
            self.options.rows.label().into(),
            Vec::new(),
        )?;
        tallies.checkpoint_with(Some(self.report.state()?))
    }

    /// Takes in what another builder held; its row numbers are no longer known.
    ///
    /// # Errors
    /// `tallies.checkpoint`; `tallies.merge` where it was of other measures or dimensions.
    pub fn add_state(&mut self, state: &DataFrame) -> Result<(), Error> {
        self.sound()?;
        let done = Tallies::with_state(state).and_then(|(tallies, state)| {
            let differ = |problem: &str| Error::Merge {
                problem: problem.into(),
            };
            let names = tallies.dimensions().iter().map(|d| &d.name);
            if !names.eq(self.dimensions.iter()) {
                return Err(differ("their dimensions differ"));
            }
            let measures = tallies.measures().iter().map(|m| &m.measure);
            if !measures.eq(self.measures.iter()) {
                return Err(differ("their measures differ"));
            }
            if tallies.unit() != self.options.rows.label() {
                return Err(differ("one counts enrolments and the other pupils"));
            }
            let state = state.ok_or_else(|| Error::Checkpoint {
                problem: "these are finished tallies; merge those instead".into(),
            })?;
            self.report.add_state(&state)?;
            self.sums.add(&tallies)?;
            self.within_limits()
        });
        if let Err(error) = &done {
            self.broken = Some(error.to_string());
        }
        done
    }

    fn sound(&self) -> Result<(), Error> {
        match &self.broken {
            Some(problem) => Err(Error::Broken {
                rows: self.rows(),
                problem: problem.clone(),
            }),
            None => Ok(()),
        }
    }

    fn take_in(&mut self, batch: DataFrame, options: &TallyOptions<'_>) -> Result<(), Error> {
        if self.options.rows == Rows::Pupil && self.limits.pupils != PupilChecks::Sorted {
            return Err(Error::Option {
                option: "rows",
                found: "pupil".into(),
                expected: "pupils=\"sorted\" in a stream, so that a mover's rows come together"
                    .into(),
            });
        }
        if batch.height() == 0 {
            return Ok(());
        }
        let ready = self.pupils.next(batch, &self.columns, &mut self.report)?;
        match ready {
            Some(rows) => self.tally(rows, options),
            None => Ok(()),
        }
    }

    /// Rows kept back until it is known that their pupil has no more.
    fn last_pupil(&mut self) -> Result<(), Error> {
        match self.pupils.last() {
            Some(rows) => self.tally(rows, &TallyOptions::default()),
            None => Ok(()),
        }
    }

    fn tally(&mut self, rows: DataFrame, options: &TallyOptions<'_>) -> Result<(), Error> {
        let height = rows.height();
        let cohort_options = CohortOptions {
            // Whether unknown codes are refused is settled at the end, with all of them in sight.
            unknown_codes: UnknownCodes::Unclassified,
            ..self.options.clone()
        };
        match Cohort::with(rows.clone(), self.columns.clone(), cohort_options) {
            Ok(cohort) => {
                self.same_columns(&cohort)?;
                self.report
                    .note(cohort.findings(), &rows, &self.options, height);
                self.report.count(&cohort);
                self.pupils.note(&cohort, &mut self.report, height)?;
                if !self.report.is_refused() {
                    let dimensions: Vec<&str> =
                        self.dimensions.iter().map(String::as_str).collect();
                    match cohort.tally_with(&self.measures, &dimensions, options) {
                        Ok(tallies) => self.sums.add(&tallies)?,
                        Err(Error::Refused { findings }) => {
                            self.report.note(&findings, &rows, &self.options, height);
                        }
                        Err(other) => return Err(other),
                    }
                }
            }
            Err(Error::Refused { findings }) => {
                self.report.note(&findings, &rows, &self.options, height);
            }
            Err(other) => return Err(other),
        }
        self.report.advance(height);
        self.within_limits()
    }

    /// A role played by another column, or by none, would count other things from here on.
    fn same_columns(&mut self, cohort: &Cohort) -> Result<(), Error> {
        let roles = || {
            let roles = cohort.roles();
            roles.map(|(role, column)| (role.to_owned(), column.to_owned()))
        };
        let Some(shape) = &self.shape else {
            self.shape = Some(roles().collect());
            return Ok(());
        };
        let now: Vec<(String, String)> = roles().collect();
        let differs = |a: &[(String, String)], b: &[(String, String)]| {
            a.iter().find(|role| !b.contains(role)).cloned()
        };
        match differs(shape, &now).or_else(|| differs(&now, shape)) {
            None => Ok(()),
            Some((role, column)) => Err(Error::Changed {
                rows: self.rows(),
                problem: format!("`{column}` is `{role}` in some batches and not in others"),
            }),
        }
    }

    fn within_limits(&self) -> Result<(), Error> {
        let cells = self.sums.cells();
        if let Some(limit) = self.limits.max_cells.filter(|most| cells as u64 > *most) {
            return Err(Error::TooManyCells {
                cells: cells as u128,
                limit,
            });
        }
        match self.limits.memory_limit {
            Some(limit) if self.memory() > limit => Err(Error::Memory {
                cells,
                needed: self.memory() >> 20,
                limit: limit >> 20,
            }),
            _ => Ok(()),
        }
    }
}
