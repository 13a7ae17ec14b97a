//! A mover's rows added first: one unit a pupil and year.

use polars::prelude::Series;
use rustc_hash::FxHashMap;

use super::encode::{Categories, Codes};
use super::numbers::Numbers;
use crate::finding::{Finding, RowNumbers};

/// Which rows belong to which pupil and year.
#[derive(Debug)]
pub(crate) struct Fold {
    /// Unit of each row.
    unit: Vec<u32>,
    /// The row whose categories stand for the unit.
    home: Vec<u32>,
}

impl Fold {
    /// Groups rows by pupil and year; a pupil without identifier is a unit of its own.
    ///
    /// The home row is the one with most possible sessions, then the first school in order: the
    /// same whatever the order of the rows.
    pub(crate) fn new(
        ids: &[Option<u32>],
        year: Option<&Codes>,
        school: Option<&Codes>,
        possible: Option<&Numbers>,
    ) -> Self {
        let mut units: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut unit = Vec::with_capacity(ids.len());
        let mut home: Vec<u32> = Vec::new();
        let rank = |row: usize| {
            let sessions = possible.and_then(|p| p.get(row)).unwrap_or(0);
            (-sessions, school.map_or(0, |s| s.get(row)))
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
                Some(first) if rank(row) < rank(*first as usize) => *first = row as u32,
                Some(_) => {}
                None => home.push(row as u32),
            }
            unit.push(number);
        }
        Fold { unit, home }
    }

    /// Returns the row that stands for each unit.
    pub(crate) fn home(&self) -> &[u32] {
        &self.home
    }

    /// Adds a column over each unit's rows; missing only where every row is.
    pub(crate) fn add(&self, rows: &Numbers) -> Numbers {
        self.merge(rows, |a, b, _| a.saturating_add(b))
    }

    /// Takes a column once for each unit: its home row's value where rows differ.
    pub(crate) fn once(&self, rows: &Numbers) -> Numbers {
        self.merge(rows, |a, b, is_home| if is_home { b } else { a })
    }

    fn merge(&self, rows: &Numbers, join: impl Fn(i64, i64, bool) -> i64) -> Numbers {
        let mut units: Vec<Option<i64>> = vec![None; self.home.len()];
        for (row, unit) in self.unit.iter().enumerate() {
            let (Some(value), Some(slot)) = (rows.get(row), units.get_mut(*unit as usize)) else {
                continue;
            };
            let is_home = self.home.get(*unit as usize) == Some(&(row as u32));
            *slot = Some(match *slot {
                Some(sum) => join(sum, value, is_home),
                None => value,
            });
        }
        Numbers::from_values(units, rows.decimals)
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
