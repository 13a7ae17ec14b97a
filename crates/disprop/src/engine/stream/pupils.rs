//! A pupil whose rows lie in several batches.

use std::hash::{DefaultHasher, Hash, Hasher};

use polars::prelude::*;
use rustc_hash::FxHashSet;

use super::report::Report;
use crate::cohort::{Cohort, Columns, role_column};
use crate::error::Error;
use crate::finding::{Finding, RowNumbers};

/// How far a pupil who stands twice, or moved, is looked for in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PupilChecks {
    /// Within each batch; a finding says that nobody looked across batches.
    #[default]
    Batch,
    /// Everywhere, in a stream sorted by pupil: a pupil's rows are kept back until all are there.
    Sorted,
    /// Everywhere, by a fingerprint of every row, some 20 bytes each.
    Remember,
    /// Not at all: the column of pupils need not even be read.
    Never,
}

/// What is known of the pupils of earlier batches.
#[derive(Debug)]
pub(super) struct Pupils {
    checks: PupilChecks,
    /// Rows of the last pupil, who may have more.
    held: Option<DataFrame>,
    seen: FxHashSet<u128>,
    unchecked: Option<String>,
    batches: u64,
}

impl Pupils {
    pub(super) fn new(checks: PupilChecks) -> Self {
        Pupils {
            checks,
            held: None,
            seen: FxHashSet::default(),
            unchecked: None,
            batches: 0,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        // Sixteen bytes and a mark, in a table at most seven eighths full that doubles as it grows.
        (self.seen.capacity() * 17 * 8 / 7) as u64
    }

    /// Returns the rows that can be tallied now, the last pupil's kept back where they are sorted.
    pub(super) fn next(
        &mut self,
        batch: DataFrame,
        columns: &Columns,
        report: &mut Report,
    ) -> Result<Option<DataFrame>, Error> {
        if self.checks == PupilChecks::Never {
            return Ok(Some(match role_column(&batch, columns, "pupil") {
                Some(column) => batch.drop(&column)?,
                None => batch,
            }));
        }
        if self.checks != PupilChecks::Sorted {
            return Ok(Some(batch));
        }
        let rows = match self.held.take() {
            Some(held) => held.vstack(&batch).map_err(|_| Error::Changed {
                rows: report.rows(),
                problem: "a column is of another type than before".into(),
            })?,
            None => batch,
        };
        let Some(column) = role_column(&rows, columns, "pupil") else {
            // The cohort says what is missing where it is needed.
            return Ok(Some(rows));
        };
        let (cut, wrong) = last_run(rows.column(&column)?.as_materialized_series());
        if !wrong.is_empty() {
            let mut finding = Finding::refused(
                "not_sorted",
                "pupils=\"sorted\" was asked for and the rows are not in order of the pupil column",
            )
            .column(&column)
            .rows(&wrong)
            .hint("sort the source by that column, or choose pupils=\"remember\"");
            for row in &mut finding.first_rows {
                *row += report.rows();
            }
            report.merge(finding);
            return Ok(Some(rows));
        }
        self.held = Some(rows.slice(cut as i64, rows.height()));
        Ok((cut > 0).then(|| rows.slice(0, cut)))
    }

    /// Returns the rows kept back, once there are no more.
    pub(super) fn last(&mut self) -> Option<DataFrame> {
        self.held.take().filter(|rows| rows.height() > 0)
    }

    /// Looks for rows of earlier batches; within the batch the cohort has looked.
    pub(super) fn note(
        &mut self,
        cohort: &Cohort,
        report: &mut Report,
        height: usize,
    ) -> Result<(), Error> {
        let role = |name: &str| {
            let found = cohort.roles().find(|(role, _)| *role == name);
            found.map(|(_, column)| column.to_owned())
        };
        let Some(pupil) = role("pupil") else {
            return Ok(());
        };
        self.batches += 1;
        if self.checks == PupilChecks::Batch && self.batches > 1 {
            self.unchecked = Some(pupil);
            return Ok(());
        }
        if self.checks != PupilChecks::Remember {
            return Ok(());
        }
        let texts = |name: Option<String>| match name {
            None => Ok(None),
            Some(name) => cohort.texts(&name).map(Some),
        };
        let ids = cohort.texts(&pupil)?;
        let (years, schools) = (texts(role("year"))?, texts(role("school"))?);
        let mut repeated = RowNumbers::default();
        let mut of_batch: FxHashSet<u128> = FxHashSet::default();
        of_batch.reserve(height);
        for row in 0..height {
            let Some(id) = ids.get(row).map(str::trim).filter(|id| !id.is_empty()) else {
                continue;
            };
            let at = |texts: &Option<StringChunked>| {
                texts
                    .as_ref()
                    .and_then(|t| t.get(row))
                    .map(|t| t.trim().to_owned())
            };
            let print = fingerprint(&(id, at(&years), at(&schools)));
            if self.seen.contains(&print) {
                repeated.note(row);
            }
            of_batch.insert(print);
        }
        self.seen.extend(of_batch);
        if !repeated.is_empty() {
            let mut finding = Finding::refused(
                "duplicate_pupil",
                "a pupil stands twice in one year and school",
            )
            .column(&pupil)
            .rows(&repeated)
            .hint("remove the repeated rows; name the year and school columns, if there are any");
            for number in &mut finding.first_rows {
                *number += report.rows();
            }
            report.merge(finding);
        }
        Ok(())
    }

    /// What could not be looked for.
    pub(super) fn finding(&self) -> Option<Finding> {
        let column = self.unchecked.as_deref()?;
        Some(
            Finding::warning(
                "pupils_within_batches",
                "a pupil who stands twice was looked for within each batch of the stream only",
            )
            .column(column)
            .hint(
                "sort the source by pupil and say pupils=\"sorted\", or say pupils=\"remember\", \
                 which takes some 20 bytes a row",
            ),
        )
    }
}

/// 128 bits of a row's identity; that two rows share them by chance is not to be expected.
fn fingerprint(of: &impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        of.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// Returns where the last pupil's rows begin, and the rows that come before their turn.
fn last_run(pupils: &Series) -> (usize, RowNumbers) {
    let mut wrong = RowNumbers::default();
    let mut cut = 0;
    fn scan<T: PartialOrd + Copy>(
        values: impl Iterator<Item = Option<T>>,
        cut: &mut usize,
        wrong: &mut RowNumbers,
    ) {
        let mut last: Option<T> = None;
        for (row, value) in values.enumerate() {
            let Some(value) = value else { continue };
            match last {
                Some(before) if value < before => wrong.note(row),
                Some(before) if value == before => {}
                _ => *cut = row,
            }
            last = Some(value);
        }
    }
    if let Ok(text) = pupils.str() {
        scan(text.iter(), &mut cut, &mut wrong);
    } else if let Ok(whole) = pupils.cast(&DataType::Int64)
        && let Ok(whole) = whole.i64()
        && pupils.dtype().is_integer()
    {
        scan(whole.iter(), &mut cut, &mut wrong);
    } else if let Ok(text) = pupils.cast(&DataType::String)
        && let Ok(text) = text.str()
    {
        scan(text.iter(), &mut cut, &mut wrong);
    }
    (cut, wrong)
}
