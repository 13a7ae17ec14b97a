//! What was found in all batches together, said once.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::pupils::Pupils;
use crate::cohort::encode::Categories;
use crate::cohort::ethnicity::{alike, mixed_findings, unknown_finding};
use crate::cohort::{Cohort, CohortOptions, UnknownCodes};
use crate::error::Error;
use crate::finding::{Finding, ROWS_SHOWN, RowNumbers, Severity};

/// Distinct unknown values that are told apart; a column of names must not fill the memory.
const MOST_UNKNOWN: usize = 10_000;
/// Findings that depend on all rows, and are made again from counts at the end.
const OF_THE_WHOLE: [&str; 3] = ["unknown_code", "plain_beside_extended", "no_rows"];

/// Findings of batches added up, with row numbers of the whole stream.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: u64,
    found: Vec<Finding>,
    unknown: BTreeMap<String, u64>,
    unknown_rows: RowNumbers,
    leaves: BTreeMap<String, u64>,
    ethnicity: Option<String>,
    /// Rows came from elsewhere, so that their numbers mean nothing here.
    unnumbered: bool,
    refused: bool,
}

#[derive(Serialize, Deserialize)]
struct State {
    rows: u64,
    found: Vec<FoundState>,
    unknown: BTreeMap<String, u64>,
    unknown_rows: u64,
    leaves: BTreeMap<String, u64>,
    ethnicity: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct FoundState {
    kind: String,
    refused: bool,
    column: Option<String>,
    rows: u64,
    message: String,
    hint: Option<String>,
}

impl Report {
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Says that the batch is done with.
    pub(super) fn advance(&mut self, height: usize) {
        self.rows += height as u64;
    }

    /// Adds what was found in a batch that begins after the rows counted so far.
    pub(super) fn note(
        &mut self,
        findings: &[Finding],
        batch: &DataFrame,
        options: &CohortOptions,
        height: usize,
    ) {
        debug_assert_eq!(batch.height(), height);
        for finding in findings {
            if finding.kind == "unknown_code" {
                self.note_unknown(finding, batch, options);
            }
            if !OF_THE_WHOLE.contains(&finding.kind) {
                let mut finding = finding.clone();
                for row in &mut finding.first_rows {
                    *row += self.rows;
                }
                self.merge(finding);
            }
        }
        if options.unknown_codes == UnknownCodes::Refuse && !self.unknown.is_empty() {
            self.refused = true;
        }
    }

    pub(super) fn merge(&mut self, finding: Finding) {
        self.refused |= finding.is_refusal();
        let same = self.found.iter_mut().find(|f| {
            (f.kind, f.severity, &f.column) == (finding.kind, finding.severity, &finding.column)
        });
        match same {
            Some(known) => {
                known.rows += finding.rows;
                known.first_rows.extend(finding.first_rows);
                known.first_rows.sort_unstable();
                known.first_rows.truncate(ROWS_SHOWN);
            }
            None => self.found.push(finding),
        }
    }

    /// Values that are no code are counted by value, for a sentence about all of them.
    fn note_unknown(&mut self, finding: &Finding, batch: &DataFrame, options: &CohortOptions) {
        self.ethnicity.clone_from(&finding.column);
        self.unknown_rows.count += finding.rows;
        let numbers = finding.first_rows.iter().map(|row| row + self.rows);
        self.unknown_rows.first.extend(numbers);
        self.unknown_rows.first.truncate(ROWS_SHOWN);
        let column = finding
            .column
            .as_deref()
            .and_then(|name| batch.column(name).ok());
        let Some(raw) = column.and_then(|c| Categories::encode(c.as_materialized_series()).ok())
        else {
            return;
        };
        for (label, count) in raw.labels.iter().zip(raw.counts()) {
            if options.codes.leaf(label.as_deref()).is_none() {
                self.count_unknown(label.as_deref().unwrap_or_default(), count);
            }
        }
    }

    fn count_unknown(&mut self, label: &str, count: u64) {
        if let Some(slot) = self.unknown.get_mut(label) {
            *slot += count;
        } else if self.unknown.len() < MOST_UNKNOWN {
            self.unknown.insert(label.to_owned(), count);
        }
    }

    /// Counts the rows of every code.
    pub(super) fn count(&mut self, cohort: &Cohort) {
        if self.ethnicity.is_none() {
            let column = cohort.roles().find(|(role, _)| *role == "ethnicity");
            self.ethnicity = column.map(|(_, column)| column.to_owned());
        }
        let (leaves, _) = cohort.leaves();
        for (label, count) in leaves.labels.iter().zip(leaves.counts()) {
            if let Some(label) = label {
                *self.leaves.entry(label.clone()).or_default() += count;
            }
        }
    }

    /// Returns what was found so far, refusals first.
    pub(super) fn findings(&self, options: &CohortOptions, pupils: &Pupils) -> Vec<Finding> {
        let column = |finding: Finding| match &self.ethnicity {
            Some(name) => finding.column(name),
            None => finding,
        };
        let mut findings = self.found.clone();
        if self.rows == 0 && findings.is_empty() && self.unknown.is_empty() {
            findings.push(
                Finding::refused("no_rows", "the stream has no rows")
                    .hint("check that the file is complete and the filter keeps something"),
            );
        }
        if !self.unknown.is_empty() {
            let unknown: Vec<(&str, u64)> =
                self.unknown.iter().map(|(l, n)| (l.as_str(), *n)).collect();
            let finding = unknown_finding(&unknown, options.unknown_codes);
            findings.push(column(finding.rows(&self.unknown_rows)));
        }
        let known = findings.iter().any(|f| f.kind == "labels_alike");
        let labels: Vec<Option<String>> = self.leaves.keys().cloned().map(Some).collect();
        if let (Some(finding), false) = (alike(&options.codes, &labels), known) {
            findings.push(column(finding));
        }
        let present: Vec<(&str, u64)> = self.leaves.iter().map(|(l, n)| (l.as_str(), *n)).collect();
        findings.extend(
            mixed_findings(&options.codes, &present)
                .into_iter()
                .map(column),
        );
        findings.extend(pupils.finding());
        if self.unnumbered {
            findings.iter_mut().for_each(|f| f.first_rows.clear());
        }
        findings.sort_by_key(|finding| finding.severity);
        findings
    }

    pub(super) fn state(&self) -> Result<String, Error> {
        let found = self.found.iter().map(|f| FoundState {
            kind: f.kind.into(),
            refused: f.is_refusal(),
            column: f.column.clone(),
            rows: f.rows,
            message: f.message.clone(),
            hint: f.hint.clone(),
        });
        let state = State {
            rows: self.rows,
            found: found.collect(),
            unknown: self.unknown.clone(),
            unknown_rows: self.unknown_rows.count,
            leaves: self.leaves.clone(),
            ethnicity: self.ethnicity.clone(),
        };
        serde_json::to_string(&state).map_err(|_| damaged())
    }

    pub(super) fn add_state(&mut self, text: &str) -> Result<(), Error> {
        let state: State = serde_json::from_str(text).map_err(|_| damaged())?;
        self.unnumbered = true;
        self.rows += state.rows;
        self.unknown_rows.count += state.unknown_rows;
        self.ethnicity = self.ethnicity.take().or(state.ethnicity);
        for (label, count) in &state.unknown {
            self.count_unknown(label, *count);
        }
        for (label, count) in state.leaves {
            *self.leaves.entry(label).or_default() += count;
        }
        for found in state.found {
            self.merge(Finding {
                kind: crate::tallies::slug(&found.kind)?,
                severity: if found.refused {
                    Severity::Refused
                } else {
                    Severity::Warning
                },
                column: found.column,
                rows: found.rows,
                first_rows: Vec::new(),
                message: found.message,
                hint: found.hint,
            });
        }
        Ok(())
    }
}

fn damaged() -> Error {
    Error::Checkpoint {
        problem: "the state of the stream is damaged".into(),
    }
}
