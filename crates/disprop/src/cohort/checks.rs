//! The checks of a cohort, in stages; each stage reports all it finds.

use std::sync::Arc;

use rayon::prelude::*;

use super::numbers::{Content, Numbers};
use super::pupils::{Fold, identifiers, repeated};
use super::{Cohort, Rows, content_of, known, pieces, series};
use crate::error::Error;
use crate::finding::{Finding, RowNumbers};
use crate::measure::{Measure, Movers, catalogue};

/// Possible sessions beyond which a year is not plausible: 190 days have 380 (DOMAIN 1.3).
pub(crate) const MANY_SESSIONS: i64 = 420;

impl Cohort {
    /// Runs every check; leaves warnings in `findings`.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        if self.frame.height() > 0 {
            self.check_dimensions();
            let columns = self.check_values();
            self.check_sessions(&columns);
            self.check_pupils(&columns);
        }
        self.findings.sort_by_key(|finding| finding.severity);
        if self.findings.iter().any(Finding::is_refusal) {
            return Err(Error::Refused {
                findings: std::mem::take(&mut self.findings),
            });
        }
        Ok(())
    }

    /// Columns that serve as dimensions hold categories.
    fn check_dimensions(&mut self) {
        let names: Vec<&str> = known::DIMENSIONS
            .into_iter()
            .filter(|name| self.found.column(name).is_some())
            .collect();
        let results: Vec<Result<_, Error>> =
            names.par_iter().map(|name| self.dimension(name)).collect();
        for error in results.into_iter().filter_map(Result::err) {
            self.findings.extend(error.findings().iter().cloned());
        }
    }

    /// Columns of measures hold numbers that can be; encodes them on all cores.
    fn check_values(&mut self) -> Vec<(String, Arc<Numbers>)> {
        let own = self.options.measures.clone();
        let chosen: Vec<&Measure> = if own.is_empty() {
            catalogue().iter().collect()
        } else {
            own.iter().collect()
        };
        let mut wanted: Vec<(&str, Content, bool)> = Vec::new();
        for measure in chosen.into_iter().filter(|m| self.lacks(m).is_empty()) {
            let content = content_of(&measure.quantity);
            let once = measure.movers == Movers::Once || content != Content::Amount;
            let columns = measure.quantity.columns();
            wanted.extend(columns.into_iter().map(|c| (c, content, once)));
            if let Some(flag) = measure.eligible.as_deref()
                && self.found.column(flag).is_some()
            {
                wanted.push((flag, Content::Flag, true));
            }
        }
        if self.found.column("sessions_possible").is_some() {
            wanted.push(("sessions_possible", Content::Amount, false));
        }
        wanted.sort_unstable();
        wanted.dedup();
        type Encoded = (Result<Numbers, Error>, Vec<Finding>);
        let encoded: Vec<Encoded> = wanted
            .par_iter()
            .map(|(name, content, _)| {
                let mut findings = Vec::new();
                let values = self.row_numbers(name, *content, &mut findings);
                (values, findings)
            })
            .collect();
        let mut columns = Vec::new();
        for ((name, content, once), (values, findings)) in wanted.into_iter().zip(encoded) {
            let name = name.to_owned();
            self.note(findings);
            match values {
                Ok(values) => {
                    let values = Arc::new(values);
                    columns.push((name.clone(), Arc::clone(&values)));
                    if let Ok(mut cache) = self.numbers.lock() {
                        cache.insert((name, content, once), values);
                    }
                }
                Err(error) => self.note(error.findings().to_vec()),
            }
        }
        columns
    }

    fn note(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
    }

    /// Absent is at most possible, authorised and unauthorised make absent, years are not endless.
    fn check_sessions(&mut self, columns: &[(String, Arc<Numbers>)]) {
        let column = |name: &str| columns.iter().find(|(n, _)| n == name).map(|(_, c)| c);
        let Some(possible) = column("sessions_possible") else {
            return;
        };
        let mut found = Vec::new();
        for part in [
            "sessions_absent",
            "sessions_authorised",
            "sessions_unauthorised",
        ] {
            let Some(absent) = column(part) else {
                continue;
            };
            // Either side is at most 10¹⁵; only the mark of a missing value can leave 64 bits.
            let common = absent.decimals.max(possible.decimals);
            let up = |numbers: &Numbers| 10_i64.pow(common - numbers.decimals);
            let (of_absent, of_possible) = (up(absent), up(possible));
            let rows = if of_absent == of_possible && !absent.exceeds(possible) {
                RowNumbers::default()
            } else {
                values_where([absent, possible], |[x, d]| {
                    d != i64::MIN && x.saturating_mul(of_absent) > d.saturating_mul(of_possible)
                })
            };
            found.push((
                Finding::refused("absent_over_possible", "more sessions missed than possible")
                    .column(self.found.column(part).unwrap_or(part))
                    .hint("check that both columns cover the same terms"),
                rows,
            ));
        }
        if let (Some(a), Some(u), Some(all)) = (
            column("sessions_authorised"),
            column("sessions_unauthorised"),
            column("sessions_absent"),
        ) && a.decimals == u.decimals
            && u.decimals == all.decimals
        {
            let rows = values_where([a, u, all], |[a, u, all]| {
                a != i64::MIN && u != i64::MIN && all != i64::MIN && a.wrapping_add(u) != all
            });
            let message = "authorised and unauthorised absence do not add up to overall absence";
            found.push((Finding::warning("absence_parts", message), rows));
        }
        let many = MANY_SESSIONS * 10_i64.pow(possible.decimals);
        let rows = if possible.largest > many.unsigned_abs() {
            values_where([possible], |[d]| d > many)
        } else {
            RowNumbers::default()
        };
        let message = format!("more than {MANY_SESSIONS} possible sessions in a year");
        found.push((Finding::warning("many_sessions", message), rows));
        for (finding, rows) in found {
            if !rows.is_empty() {
                self.findings.push(finding.rows(&rows));
            }
        }
    }

    /// Nobody is there twice; where a row is to be a pupil, rows are folded.
    fn check_pupils(&mut self, columns: &[(String, Arc<Numbers>)]) {
        let Some(column) = self.found.column("pupil").map(ToOwned::to_owned) else {
            if self.options.rows == Rows::Pupil {
                self.findings.push(
                    Finding::refused("missing_column", "rows=\"pupil\" needs pupil identifiers")
                        .hint("name the column with pupil=…; it is never written anywhere"),
                );
            }
            return;
        };
        let ids = match identifiers(series(&self.frame, &column)) {
            Ok(ids) => ids,
            Err(finding) => {
                self.findings.push(finding.column(&column));
                return;
            }
        };
        let mut blank = RowNumbers::default();
        for (row, _) in ids.iter().enumerate().filter(|(_, id)| id.is_none()) {
            blank.note(row);
        }
        if !blank.is_empty() {
            self.findings.push(
                Finding::warning(
                    "blank_pupil",
                    "no identifier; each such row counts by itself",
                )
                .column(&column)
                .rows(&blank),
            );
        }
        let year = self.dimension("year").ok();
        let school = self.dimension("school").ok();
        let folded = self.options.rows == Rows::Pupil;
        if !folded || school.is_some() {
            let rows = repeated(&ids, year.as_deref(), school.as_deref());
            if !rows.is_empty() {
                let hint = match (&school, &year) {
                    (None, _) => {
                        "name the school column, or choose rows=\"pupil\" so that a \
                                  mover's rows are added"
                    }
                    (_, None) => "name the year column, if the rows are of several years",
                    _ => "remove the repeated rows",
                };
                self.findings.push(
                    Finding::refused(
                        "duplicate_pupil",
                        "a pupil stands twice in one year and school",
                    )
                    .column(&column)
                    .rows(&rows)
                    .hint(hint),
                );
            }
        }
        if folded && !self.findings.iter().any(Finding::is_refusal) {
            let possible = columns
                .iter()
                .find(|(n, _)| n == "sessions_possible")
                .map(|(_, c)| c);
            // All that is known of a row decides, so that rows which still tie are alike.
            let known: Vec<_> = std::iter::once("school")
                .chain(known::DIMENSIONS)
                .filter_map(|name| self.dimension(name).ok())
                .collect();
            let ties: Vec<_> = known
                .iter()
                .map(|k| &k.codes)
                .chain([&self.ethnicity.codes])
                .collect();
            let fold = Fold::new(
                &ids,
                year.as_deref().map(|y| &y.codes),
                &ties,
                possible.map(Arc::as_ref),
            );
            self.fold_units(fold);
        }
    }

    /// Replaces rows by units in everything encoded so far.
    fn fold_units(&mut self, fold: Fold) {
        self.ethnicity.codes = self.ethnicity.codes.take(fold.home());
        if let Ok(dimensions) = self.dimensions.get_mut() {
            for categories in dimensions.values_mut() {
                let mut folded = categories.as_ref().clone();
                folded.codes = folded.codes.take(fold.home());
                *categories = Arc::new(folded);
            }
        }
        if let Ok(numbers) = self.numbers.get_mut() {
            for ((name, _, once), values) in numbers.iter_mut() {
                let folded = if *once {
                    Ok(fold.once(values))
                } else {
                    fold.add(values)
                };
                match folded {
                    Ok(folded) => *values = Arc::new(folded),
                    Err(finding) => {
                        let column = self.found.column(name).unwrap_or(name);
                        self.findings.push(finding.column(column));
                    }
                }
            }
        }
        self.fold = Some(fold);
    }
}

/// Returns the rows whose values in some columns meet a condition; `i64::MIN` is a missing value.
fn values_where<const COLUMNS: usize>(
    columns: [&Arc<Numbers>; COLUMNS],
    condition: impl Fn([i64; COLUMNS]) -> bool + Sync,
) -> RowNumbers {
    let rows = columns.first().map_or(0, |column| column.len());
    let read = |column: usize, rows, buffer: &mut [i64]| {
        if let Some(numbers) = columns.get(column) {
            numbers.read(rows, buffer);
        }
    };
    pieces::rows_where(rows, read, condition)
}
