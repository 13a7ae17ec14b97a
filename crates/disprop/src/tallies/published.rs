//! Published counts as tallies: labels recognised, symbols typed, the whole stated, never inferred.

mod cells;
mod labels;
mod table;

use std::collections::BTreeMap;

use polars::prelude::*;

use self::cells::{Cell, differing, read_counts};
use self::labels::{Meaning, meanings};
use self::table::Table;
use super::{Column, Dimension, Leaf, MeasureTallies, Open, Parts, Tallies};
use crate::codes::{CodeSet, GroupLevel, LeafKind};
use crate::cohort::encode::{Categories, unreadable};
use crate::error::{Error, quoted};
use crate::finding::{Finding, RowNumbers, nearest};
use crate::measure::{Family, Measure, Quantity};

/// What "everyone" is: a row that says so, or the caller's word that the groups are all there are.
///
/// It is never inferred: files list some groups only (DOMAIN 0.3, 14.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// The row with this label in the ethnicity column holds everyone.
    Row(String),
    /// The listed groups, with those unclassified, are everyone.
    Exhaustive,
}

/// How to read a table of published counts.
#[derive(Debug, Clone)]
pub struct Counts {
    measure: Measure,
    ethnicity: String,
    numerator: String,
    denominator: Option<String>,
    n: Option<String>,
    by: Vec<(String, String)>,
    filters: Vec<(String, Vec<String>)>,
    whole: Option<Whole>,
    level: Option<GroupLevel>,
    codes: CodeSet,
    rounded_to: Option<u32>,
    symbols: BTreeMap<String, (u32, u32)>,
    unreadable: BTreeMap<String, String>,
}

impl Counts {
    /// Returns the plan of a table with these columns.
    ///
    /// The numerator is what the measure counts in pupil rows: for attendance, sessions *missed*.
    pub fn new(measure: Measure, ethnicity: &str, numerator: &str, denominator: &str) -> Self {
        Counts {
            denominator: Some(denominator.into()),
            ..Counts::rates(measure, ethnicity, numerator)
        }
    }

    /// Returns the plan of a table of rates without counts, which is refused with advice.
    pub fn rates(measure: Measure, ethnicity: &str, rate: &str) -> Self {
        Counts {
            measure,
            ethnicity: ethnicity.into(),
            numerator: rate.into(),
            denominator: None,
            n: None,
            by: Vec::new(),
            filters: Vec::new(),
            whole: None,
            level: None,
            codes: CodeSet::default(),
            rounded_to: None,
            symbols: BTreeMap::new(),
            unreadable: BTreeMap::new(),
        }
    }

    /// Says of a column that the caller's table has and the frame lacks what type it is, such as
    /// `list`; asking for it is then refused in these words.
    #[must_use]
    pub fn unreadable(mut self, column: &str, found: &str) -> Self {
        self.unreadable.insert(column.into(), found.into());
        self
    }

    /// Says what everyone is.
    #[must_use]
    pub fn whole(mut self, whole: Whole) -> Self {
        self.whole = Some(whole);
        self
    }

    /// Adds a dimension: a name, and the column that holds it.
    #[must_use]
    pub fn by(mut self, name: &str, column: &str) -> Self {
        self.by.push((name.into(), column.into()));
        self
    }

    /// Keeps the rows where a column has one of these values.
    #[must_use]
    pub fn only(mut self, column: &str, values: &[&str]) -> Self {
        self.filters.push((
            column.into(),
            values.iter().map(ToString::to_string).collect(),
        ));
        self
    }

    /// Names the column of pupils, where the denominator counts something else, such as sessions.
    #[must_use]
    pub fn pupils(mut self, column: &str) -> Self {
        self.n = Some(column.into());
        self
    }

    /// Says which groups the labels are, main or major, where the table has both.
    #[must_use]
    pub fn level(mut self, level: GroupLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Says what the labels mean, where they are not ethnic groups in England.
    #[must_use]
    pub fn codes(mut self, codes: CodeSet) -> Self {
        self.codes = codes;
        self
    }

    /// Says that counts were rounded to the nearest multiple, which leaves a range.
    #[must_use]
    pub fn rounded_to(mut self, base: u32) -> Self {
        self.rounded_to = Some(base).filter(|base| *base > 1);
        self
    }

    /// Says which counts a symbol stands for: `x` for 1 to 2.
    #[must_use]
    pub fn symbol(mut self, symbol: &str, from: u32, to: u32) -> Self {
        self.symbols
            .insert(symbol.to_lowercase(), (from.min(to), to.max(from)));
        self
    }

    fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        let by = self
            .by
            .iter()
            .map(|(name, column)| (name.as_str(), column.as_str()));
        let filters = self
            .filters
            .iter()
            .map(|(column, _)| ("where", column.as_str()));
        [
            ("ethnicity", self.ethnicity.as_str()),
            ("numerator", self.numerator.as_str()),
        ]
        .into_iter()
        .chain(self.denominator.iter().map(|c| ("denominator", c.as_str())))
        .chain(self.n.iter().map(|c| ("pupils", c.as_str())))
        .chain(by)
        .chain(filters)
    }
}

impl Tallies {
    /// Returns the tallies of a table of published counts.
    ///
    /// Sums without squares become a `Rate`; numbers of pupils with an outcome a `Proportion`.
    ///
    /// # Errors
    /// `data.refused` with every finding: a column that is not there, a label that is no group,
    /// text that is neither number nor symbol, two rows for one cell, rates without counts, or no
    /// word on what everyone is.
    pub fn from_counts(frame: &DataFrame, counts: &Counts) -> Result<Self, Error> {
        let mut findings = Vec::new();
        stated(counts, &mut findings);
        look(frame, counts, &mut findings);
        refuse(&mut findings)?;
        let rows = kept_rows(frame, counts, &mut findings);
        refuse(&mut findings)?;
        let table = Table::read(frame, counts, &rows, &mut findings);
        refuse(&mut findings)?;
        table.tallies(counts, findings)
    }
}

/// Labels in a message; one with a digit in it could be somebody's identifier and is not quoted.
fn listed(labels: &[String]) -> String {
    let plain: Vec<String> = labels
        .iter()
        .filter(|l| !l.bytes().any(|b| b.is_ascii_digit()))
        .cloned()
        .collect();
    match (plain.len(), labels.len() - plain.len()) {
        (_, 0) => quoted(&plain),
        (0, others) => format!("{others} values with digits in them"),
        (_, others) => format!("{}, {others} values with digits in them", quoted(&plain)),
    }
}

fn refuse(findings: &mut Vec<Finding>) -> Result<(), Error> {
    if findings.iter().any(Finding::is_refusal) {
        return Err(Error::Refused {
            findings: std::mem::take(findings),
        });
    }
    Ok(())
}

/// What the caller must have said.
fn stated(counts: &Counts, findings: &mut Vec<Finding>) {
    if counts.denominator.is_none() {
        findings.push(
            Finding::refused(
                "rates_without_counts",
                "rates alone do not give the rate of all other groups",
            )
            .column(&counts.numerator)
            .hint(
                "ask the publisher for the number of pupils and the number with the outcome (or \
                 the sum of points) of each group, and of all pupils",
            ),
        );
    } else if counts.whole.is_none() {
        findings.push(
            Finding::refused("whole_not_stated", "nothing says who \"everyone\" is").hint(
                "name the total row with total=…, or say exhaustive=True if the listed groups \
                 are all there are",
            ),
        );
    }
}

fn look(frame: &DataFrame, counts: &Counts, findings: &mut Vec<Finding>) {
    let names: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(|n| n.to_string())
        .collect();
    if frame.height() == 0 {
        findings.push(Finding::refused("no_rows", "the table has no rows"));
    }
    for (role, column) in counts.columns() {
        if names.iter().any(|name| name == column) {
            continue;
        }
        if let Some(found) = counts.unreadable.get(column) {
            findings.push(unreadable(column, found));
            continue;
        }
        let finding = Finding::refused(
            "missing_column",
            format!("there is no such column for `{role}`"),
        )
        .column(column);
        findings.push(match nearest(column, &names) {
            Some(name) => finding.hint(format!("did you mean `{name}`?")),
            None => finding.hint(format!("the columns are {}", quoted(&names))),
        });
    }
}

fn categories(frame: &DataFrame, column: &str, findings: &mut Vec<Finding>) -> Option<Categories> {
    let series = frame.column(column).ok()?.as_materialized_series();
    Categories::encode(series)
        .map_err(|finding| findings.push(finding.column(column)))
        .ok()
}

/// Rows that pass every filter, counted from 0.
fn kept_rows(frame: &DataFrame, counts: &Counts, findings: &mut Vec<Finding>) -> Vec<usize> {
    let mut keep = vec![true; frame.height()];
    for (column, wanted) in &counts.filters {
        let Some(found) = categories(frame, column, findings) else {
            continue;
        };
        let fits = |value: &str| wanted.iter().any(|w| w.trim().eq_ignore_ascii_case(value));
        let fits: Vec<bool> = found
            .labels
            .iter()
            .map(|label| fits(label.as_deref().unwrap_or("")))
            .collect();
        if !fits.contains(&true) {
            let values: Vec<String> = found.labels.iter().flatten().cloned().collect();
            findings.push(
                Finding::refused("no_such_value", format!("no row has {}", quoted(wanted)))
                    .column(column)
                    .hint(if values.len() * 2 <= frame.height() {
                        format!("it holds {}", quoted(&values))
                    } else {
                        format!("it holds {}", listed(&values))
                    }),
            );
        }
        for (row, keep) in keep.iter_mut().enumerate() {
            *keep &= fits
                .get(found.codes.get(row) as usize)
                .copied()
                .unwrap_or(false);
        }
    }
    let rows: Vec<usize> = keep
        .iter()
        .enumerate()
        .filter(|(_, keep)| **keep)
        .map(|(row, _)| row)
        .collect();
    if rows.is_empty() && frame.height() > 0 && !findings.iter().any(Finding::is_refusal) {
        findings.push(Finding::refused("no_rows", "no row passes every filter"));
    }
    rows
}
