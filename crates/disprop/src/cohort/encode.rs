//! Columns as the engine reads them: small codes for categories, whole numbers for values.

use std::hash::Hash;

use polars::prelude::*;
use polars_arrow::array::Array;
use rustc_hash::FxHashMap;

use super::natural;
use crate::finding::{Finding, RowNumbers};

/// A category a row, as an index into sorted labels.
#[derive(Debug, Clone)]
pub(crate) struct Categories {
    /// Labels in natural order; the missing value, where there is one, comes last.
    pub(crate) labels: Vec<Option<String>>,
    /// One code a row.
    pub(crate) codes: Codes,
}

/// Codes as narrow as their number allows.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Codes {
    pub(crate) fn len(&self) -> usize {
        match self {
            Codes::U8(v) => v.len(),
            Codes::U16(v) => v.len(),
            Codes::U32(v) => v.len(),
        }
    }

    pub(crate) fn get(&self, row: usize) -> u32 {
        match self {
            Codes::U8(v) => v.get(row).copied().map_or(0, u32::from),
            Codes::U16(v) => v.get(row).copied().map_or(0, u32::from),
            Codes::U32(v) => v.get(row).copied().unwrap_or(0),
        }
    }

    fn narrowed(ids: &[u32], map: &[u32]) -> Self {
        let at = |id: &u32| map.get(*id as usize).copied().unwrap_or(0);
        match map.iter().max().copied().unwrap_or(0) {
            0..=0xff => Codes::U8(ids.iter().map(|id| at(id) as u8).collect()),
            0x100..=0xffff => Codes::U16(ids.iter().map(|id| at(id) as u16).collect()),
            _ => Codes::U32(ids.iter().map(at).collect()),
        }
    }

    /// Returns the codes of some rows, in the order asked for.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        fn pick<T: Copy + Default>(from: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter()
                .map(|r| from.get(*r as usize).copied().unwrap_or_default())
                .collect()
        }
        match self {
            Codes::U8(v) => Codes::U8(pick(v, rows)),
            Codes::U16(v) => Codes::U16(pick(v, rows)),
            Codes::U32(v) => Codes::U32(pick(v, rows)),
        }
    }
}

impl Categories {
    /// Encodes any column of text, categories, whole numbers or truth values.
    pub(crate) fn encode(series: &Series) -> Result<Self, Finding> {
        let (ids, labels) = match series.dtype() {
            DataType::String => intern_text(series),
            DataType::Categorical(_, mapping) | DataType::Enum(_, mapping) => {
                let physical = series.to_physical_repr().cast(&DataType::UInt32);
                intern_values(physical, |id| mapping.cat_to_str(id).map(Into::into))
            }
            DataType::Boolean => intern_values(series.cast(&DataType::UInt32), |id| {
                Some(if id == 1 { "true" } else { "false" }.into())
            }),
            dtype if dtype.is_integer() => intern_whole(series.cast(&DataType::Int64)),
            dtype if dtype.is_float() => intern_float(series),
            DataType::Null => Ok((vec![0; series.len()], vec![None])),
            other => Err(wrong_type(
                series,
                other,
                "text, categories or whole numbers",
            )),
        }?;
        Ok(Categories::sorted(&ids, labels))
    }

    /// Sorts labels (trimmed; blank is missing) and renumbers the rows.
    fn sorted(ids: &[u32], labels: Vec<Option<String>>) -> Self {
        let tidy: Vec<Option<String>> = labels
            .into_iter()
            .map(|label| label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()))
            .collect();
        Categories::relabelled(ids, &tidy)
    }

    /// Builds categories where row `i` has label `labels[ids[i]]`; equal labels become one.
    pub(crate) fn relabelled(ids: &[u32], labels: &[Option<String>]) -> Self {
        let mut sorted: Vec<Option<String>> = labels.to_vec();
        sorted.sort_by(|a, b| match (a, b) {
            (Some(a), Some(b)) => natural(a, b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        sorted.dedup();
        let place: FxHashMap<&Option<String>, u32> = sorted
            .iter()
            .enumerate()
            .map(|(i, label)| (label, i as u32))
            .collect();
        let map: Vec<u32> = labels
            .iter()
            .map(|label| place.get(label).copied().unwrap_or(0))
            .collect();
        let codes = Codes::narrowed(ids, &map);
        Categories {
            labels: sorted,
            codes,
        }
    }

    /// Returns the same categories under other labels; labels may merge.
    pub(crate) fn map(&self, label: impl Fn(Option<&str>) -> Option<String>) -> Self {
        let labels: Vec<Option<String>> = self.labels.iter().map(|l| label(l.as_deref())).collect();
        let ids: Vec<u32> = match &self.codes {
            Codes::U8(v) => v.iter().map(|c| u32::from(*c)).collect(),
            Codes::U16(v) => v.iter().map(|c| u32::from(*c)).collect(),
            Codes::U32(v) => v.clone(),
        };
        Categories::relabelled(&ids, &labels)
    }

    /// Returns how many rows have each label.
    pub(crate) fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.labels.len()];
        let mut note = |code: usize| {
            if let Some(count) = counts.get_mut(code) {
                *count += 1;
            }
        };
        match &self.codes {
            Codes::U8(v) => v.iter().for_each(|c| note(usize::from(*c))),
            Codes::U16(v) => v.iter().for_each(|c| note(usize::from(*c))),
            Codes::U32(v) => v.iter().for_each(|c| note(*c as usize)),
        }
        counts
    }

    /// Returns the rows whose label meets a condition.
    pub(crate) fn rows_where(&self, condition: impl Fn(usize) -> bool) -> RowNumbers {
        let wanted: Vec<bool> = (0..self.labels.len()).map(condition).collect();
        let mut rows = RowNumbers::default();
        for row in 0..self.codes.len() {
            if wanted
                .get(self.codes.get(row) as usize)
                .copied()
                .unwrap_or(false)
            {
                rows.note(row);
            }
        }
        rows
    }
}

type Interned = (Vec<u32>, Vec<Option<String>>);

/// Gives every distinct key a number, in order of appearance.
struct Interner<K> {
    ids: FxHashMap<K, u32>,
    labels: Vec<Option<String>>,
    missing: Option<u32>,
}

impl<K: Hash + Eq> Interner<K> {
    fn new() -> Self {
        Interner {
            ids: FxHashMap::default(),
            labels: Vec::new(),
            missing: None,
        }
    }

    fn id(&mut self, key: K, label: impl FnOnce() -> Option<String>) -> u32 {
        *self.ids.entry(key).or_insert_with(|| {
            self.labels.push(label());
            (self.labels.len() - 1) as u32
        })
    }

    fn missing(&mut self) -> u32 {
        *self.missing.get_or_insert_with(|| {
            self.labels.push(None);
            (self.labels.len() - 1) as u32
        })
    }
}

fn intern_text(series: &Series) -> Result<Interned, Finding> {
    let text = series
        .str()
        .map_err(|_| wrong_type(series, series.dtype(), "text"))?;
    let mut short: Interner<u128> = Interner::new();
    let mut long: FxHashMap<String, u32> = FxHashMap::default();
    let mut ids = Vec::with_capacity(text.len());
    for chunk in text.downcast_iter() {
        let mut last = None;
        for (row, view) in chunk.views().iter().enumerate() {
            if chunk.is_null(row) {
                ids.push(short.missing());
                continue;
            }
            // A text of at most 12 bytes lies whole in its 16-byte view, which is its own key.
            let key = view.as_u128();
            if let Some((seen, id)) = last
                && seen == key
                && view.is_inline()
            {
                ids.push(id);
                continue;
            }
            let value = chunk.value(row);
            let id = if view.is_inline() {
                short.id(key, || Some(value.to_owned()))
            } else if let Some(id) = long.get(value) {
                *id
            } else {
                short.labels.push(Some(value.to_owned()));
                let id = (short.labels.len() - 1) as u32;
                long.insert(value.to_owned(), id);
                id
            };
            last = Some((key, id));
            ids.push(id);
        }
    }
    Ok((ids, short.labels))
}

fn intern_values(
    physical: PolarsResult<Series>,
    label: impl Fn(u32) -> Option<String>,
) -> Result<Interned, Finding> {
    let physical = physical.map_err(|_| unreadable())?;
    let values = physical.u32().map_err(|_| unreadable())?;
    // Category numbers are dense, so a table stands in for a hash map.
    let mut table: Vec<u32> = Vec::new();
    let mut interner: Interner<u32> = Interner::new();
    let ids = values
        .iter()
        .map(|value| {
            let Some(value) = value else {
                return interner.missing();
            };
            if table.len() <= value as usize {
                table.resize(value as usize + 1, u32::MAX);
            }
            match table.get_mut(value as usize) {
                Some(slot) => {
                    if *slot == u32::MAX {
                        *slot = interner.id(value, || label(value));
                    }
                    *slot
                }
                None => 0,
            }
        })
        .collect();
    Ok((ids, interner.labels))
}

fn intern_whole(whole: PolarsResult<Series>) -> Result<Interned, Finding> {
    let whole = whole.map_err(|_| unreadable())?;
    let values = whole.i64().map_err(|_| unreadable())?;
    let mut interner: Interner<i64> = Interner::new();
    let ids = values
        .iter()
        .map(|value| match value {
            Some(v) => interner.id(v, || Some(v.to_string())),
            None => interner.missing(),
        })
        .collect();
    Ok((ids, interner.labels))
}

/// Whole numbers that a missing value has turned into floats, as pandas does.
fn intern_float(series: &Series) -> Result<Interned, Finding> {
    let floats = series.cast(&DataType::Float64).map_err(|_| unreadable())?;
    let values = floats.f64().map_err(|_| unreadable())?;
    let mut interner: Interner<i64> = Interner::new();
    let mut broken = RowNumbers::default();
    let mut ids = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        ids.push(match value {
            Some(v) if v.fract() == 0.0 && v.abs() < 9e15 => {
                interner.id(v as i64, || Some((v as i64).to_string()))
            }
            Some(v) if v.is_nan() => interner.missing(),
            Some(_) => {
                broken.note(row);
                0
            }
            None => interner.missing(),
        });
    }
    if broken.is_empty() {
        return Ok((ids, interner.labels));
    }
    Err(
        Finding::refused("not_a_category", "categories are text or whole numbers")
            .column(series.name())
            .rows(&broken),
    )
}

pub(crate) fn wrong_type(series: &Series, found: &DataType, expected: &str) -> Finding {
    Finding::refused(
        "wrong_type",
        format!("holds `{found}`; expected {expected}"),
    )
    .column(series.name())
}

fn unreadable() -> Finding {
    Finding::refused("wrong_type", "could not be read")
}

/// Numbers the distinct values of an identifier column; blank ones have no number.
pub(crate) fn identities(series: &Series) -> Result<Vec<Option<u32>>, Finding> {
    let (ids, labels) = match series.dtype() {
        DataType::String => intern_text(series)?,
        dtype if dtype.is_integer() => intern_whole(series.cast(&DataType::Int64))?,
        dtype if dtype.is_float() => intern_float(series)?,
        DataType::Categorical(..) | DataType::Enum(..) => {
            intern_text(&series.cast(&DataType::String).map_err(|_| unreadable())?)?
        }
        other => return Err(wrong_type(series, other, "text or whole numbers")),
    };
    let blank: Vec<bool> = labels
        .iter()
        .map(|l| l.as_deref().is_none_or(|l| l.trim().is_empty()))
        .collect();
    let known = |id: &u32| !blank.get(*id as usize).copied().unwrap_or(true);
    Ok(ids.into_iter().map(|id| Some(id).filter(known)).collect())
}
