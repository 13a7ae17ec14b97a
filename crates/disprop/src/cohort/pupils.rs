//! A mover's rows added first: one unit a pupil and year.

use polars::prelude::Series;
use rustc_hash::FxHashMap;

use super::encode::{Categories, Codes};
use super::numbers::{LARGEST, Numbers};
use crate::finding::{Finding, RowNumbers};

/// Which rows belong to which pupil and year.
#[derive(Debug)]
pub(crate) struct Fold {
    /// Unit of each row.
    unit: Vec<u32>,
    /// The row whose categories stand for the unit.
    home: Vec<u32>,
    /// Whether a row is its unit's home, or nothing known tells it from that one.
    at_home: Vec<bool>,
}

impl Fold {
    /// Groups rows by pupil and year; a pupil without identifier is a unit of its own.
    ///
    /// The home row is the one with most possible sessions, then the one whose codes in `ties`
    /// (school first) come first: the same whatever the order of the rows.
    pub(crate) fn new(
        ids: &[Option<u32>],
        year: Option<&Codes>,
        ties: &[&Codes],
        possible: Option<&Numbers>,
    ) -> Self {
        let mut units: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut unit = Vec::with_capacity(ids.len());
        let mut home: Vec<u32> = Vec::new();
        let sessions = |row: usize| possible.and_then(|p| p.get(row)).unwrap_or(0);
        let codes = |row: usize| ties.iter().map(move |c| c.get(row));
        let before = |row: usize, first: usize| {
            let more = sessions(row).cmp(&sessions(first));
            more.is_gt() || more.is_eq() && codes(row).lt(codes(first))
        };
        for (row, id) in ids.iter().enumerate() {
            let next = home.len() as u32;
            let number = match id {
                Some(id) => *units
                    .entry((*id, year.map_or(0, |y| y.get(row))))
                    .or_insert(next),
                None => next,
            };
            match home.get_mut(number as usize) {
                Some(first) if before(row, *first as usize) => *first = row as u32,
                Some(_) => {}
                None => home.push(row as u32),
            }
            unit.push(number);
        }
        let at_home = unit.iter().enumerate().map(|(row, unit)| {
            let home = home.get(*unit as usize).map_or(row, |home| *home as usize);
            home == row || !before(home, row)
        });
        Fold {
            at_home: at_home.collect(),
            unit,
            home,
        }
    }

    /// Returns the row that stands for each unit.
    pub(crate) fn home(&self) -> &[u32] {
        &self.home
    }

    /// Adds a column over each unit's rows; missing only where every row is. A sum beyond what a
    /// value may be is refused, as the value itself would be.
    pub(crate) fn add(&self, rows: &Numbers) -> Result<Numbers, Finding> {
        // Saturated sums lie beyond every limit, so none of them passes for a value.
        let sums = self.merge(rows, i64::saturating_add, |_| true);
        let limit = LARGEST as u64 * 10_u64.pow(rows.decimals);
        let mut beyond = RowNumbers::default();
        for (row, unit) in self.unit.iter().enumerate() {
            let sum = sums.get(*unit as usize).copied().flatten();
            if sum.is_some_and(|sum| sum.unsigned_abs() > limit) {
                beyond.note(row);
            }
        }
        if beyond.is_empty() {
            return Ok(Numbers::from_values(sums, rows.decimals));
        }
        Err(Finding::refused(
            "out_of_range",
            "a pupil's rows add up to a value beyond ±1,000,000,000",
        )
        .rows(&beyond)
        .hint("check the unit of the column"))
    }

    /// Takes a column once for each unit: its home row's value, or the largest where that has none
    /// or where several rows could be the home.
    pub(crate) fn once(&self, rows: &Numbers) -> Numbers {
        let at_home = |row: usize| self.at_home.get(row) == Some(&true);
        let mut units = self.merge(rows, i64::max, at_home);
        for (slot, other) in units.iter_mut().zip(self.merge(rows, i64::max, |_| true)) {
            *slot = slot.or(other);
        }
        Numbers::from_values(units, rows.decimals)
    }

    fn merge(
        &self,
        rows: &Numbers,
        join: impl Fn(i64, i64) -> i64,
        keep: impl Fn(usize) -> bool,
    ) -> Vec<Option<i64>> {
        let mut units: Vec<Option<i64>> = vec![None; self.home.len()];
        for (row, unit) in self.unit.iter().enumerate().filter(|(row, _)| keep(*row)) {
            let (Some(value), Some(slot)) = (rows.get(row), units.get_mut(*unit as usize)) else {
                continue;
            };
            *slot = Some(slot.map_or(value, |sum| join(sum, value)));
        }
        units
    }
}

impl super::Cohort {
    /// Returns a number for each unit's pupil, or nothing where no column holds identifiers.
    pub(crate) fn pupils(&self) -> Result<Option<Vec<Option<u32>>>, crate::error::Error> {
        let Some(column) = self.found.column("pupil") else {
            return Ok(None);
        };
        let series = self.frame.column(column)?.as_materialized_series();
        let rows = identifiers(series).map_err(|finding| crate::error::Error::Refused {
            findings: vec![finding],
        })?;
        Ok(Some(match &self.fold {
            None => rows,
            Some(fold) => {
                let of = |row: &u32| rows.get(*row as usize).copied().flatten();
                fold.home().iter().map(of).collect()
            }
        }))
    }
}

/// Numbers the distinct identifiers; a blank one stays without a number.
pub(crate) fn identifiers(series: &Series) -> Result<Vec<Option<u32>>, Finding> {
    super::encode::identities(series)
}

/// Rows that repeat an earlier row's pupil, year and school.
pub(crate) fn repeated(
    ids: &[Option<u32>],
    year: Option<&Categories>,
    school: Option<&Categories>,
) -> RowNumbers {
    let mut seen = rustc_hash::FxHashSet::default();
    seen.reserve(ids.len());
    let mut rows = RowNumbers::default();
    for (row, id) in ids.iter().enumerate() {
        let Some(id) = id else { continue };
        let place = |c: Option<&Categories>| c.map_or(0, |c| c.codes.get(row));
        if !seen.insert((*id, place(year), place(school))) {
            rows.note(row);
        }
    }
    rows
}
