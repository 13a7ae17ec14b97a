//! Columns as the engine reads them: small codes for categories, whole numbers for values.

mod identities;
mod numbered;
mod text;

use polars::prelude::*;
use rustc_hash::FxHashMap;

use super::pieces;
use crate::finding::{Finding, RowNumbers};
use crate::order::natural;

pub(crate) use identities::identities;

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

    /// Renumbers rows; every id is an index into the map.
    fn narrowed<T: Copy + Sync + Into<u32>>(ids: &[T], map: &[u32]) -> Self {
        macro_rules! narrow {
            ($int:ty) => {{
                let map: Vec<$int> = map.iter().map(|code| *code as $int).collect();
                pieces::fill_rows(ids.len(), |rows, codes: &mut [$int]| {
                    for (code, id) in codes.iter_mut().zip(ids.get(rows).unwrap_or_default()) {
                        let id: u32 = (*id).into();
                        *code = map.get(id as usize).copied().unwrap_or(0);
                    }
                })
            }};
        }
        match map.iter().max().copied().unwrap_or(0) {
            0..=0xff => Codes::U8(narrow!(u8)),
            0x100..=0xffff => Codes::U16(narrow!(u16)),
            _ => Codes::U32(narrow!(u32)),
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
        macro_rules! whole {
            ($values:expr) => {
                numbered::whole($values.map_err(|_| broken())?)
            };
        }
        match series.dtype() {
            DataType::String => text::encode(series.str().map_err(|_| broken())?),
            DataType::Categorical(_, mapping) | DataType::Enum(_, mapping) => {
                let labels = mapping.num_cats_upper_bound();
                let label = |id: u32| mapping.cat_to_str(id).map(Into::into);
                let physical = series.to_physical_repr();
                match physical.dtype() {
                    DataType::UInt8 => physical.u8().map(|ids| numbered::ids(ids, labels, label)),
                    DataType::UInt16 => physical.u16().map(|ids| numbered::ids(ids, labels, label)),
                    _ => physical.u32().map(|ids| numbered::ids(ids, labels, label)),
                }
                .map_err(|_| broken())
            }
            DataType::Boolean => {
                let bits = series.cast(&DataType::UInt8).map_err(|_| broken())?;
                let label = |id| Some(if id == 1 { "true" } else { "false" }.into());
                let bits = bits.u8().map_err(|_| broken())?;
                Ok(numbered::ids(bits, 2, label))
            }
            // Beyond 64 signed bits only text holds every value.
            DataType::UInt64 | DataType::Int128 => {
                let text = series.cast(&DataType::String).map_err(|_| broken())?;
                text::encode(text.str().map_err(|_| broken())?)
            }
            DataType::Int8 => whole!(series.i8()),
            DataType::Int16 => whole!(series.i16()),
            DataType::Int32 => whole!(series.i32()),
            DataType::Int64 => whole!(series.i64()),
            DataType::UInt8 => whole!(series.u8()),
            DataType::UInt16 => whole!(series.u16()),
            DataType::UInt32 => whole!(series.u32()),
            DataType::Float32 => numbered::floats(series.f32().map_err(|_| broken())?),
            DataType::Float64 => numbered::floats(series.f64().map_err(|_| broken())?),
            DataType::Null => Ok(Categories {
                labels: vec![None],
                codes: Codes::U8(vec![0; series.len()]),
            }),
            other => Err(wrong_type(
                series,
                other,
                "text, categories or whole numbers",
            )),
        }
    }

    /// Returns the same categories under other labels; labels may merge.
    pub(crate) fn map(&self, label: impl Fn(Option<&str>) -> Option<String>) -> Self {
        let labels: Vec<Option<String>> = self.labels.iter().map(|l| label(l.as_deref())).collect();
        let (sorted, map) = in_order(&labels);
        let codes = match &self.codes {
            Codes::U8(v) => Codes::narrowed(v, &map),
            Codes::U16(v) => Codes::narrowed(v, &map),
            Codes::U32(v) => Codes::narrowed(v, &map),
        };
        Categories {
            labels: sorted,
            codes,
        }
    }

    /// Returns how many rows have each label.
    pub(crate) fn counts(&self) -> Vec<u64> {
        let labels = self.labels.len();
        macro_rules! count {
            ($codes:expr) => {
                pieces::over_rows($codes.len(), |rows| {
                    // Two tables by turns: one count would wait for itself where a label repeats.
                    let (mut even, mut odd) = (vec![0_u64; labels], vec![0_u64; labels]);
                    let note = |counts: &mut [u64], code: usize| {
                        if let Some(count) = counts.get_mut(code) {
                            *count += 1;
                        }
                    };
                    let pairs = $codes.get(rows).unwrap_or_default().chunks_exact(2);
                    let last = pairs.remainder();
                    for pair in pairs {
                        if let [a, b] = pair {
                            note(&mut even, *a as usize);
                            note(&mut odd, *b as usize);
                        }
                    }
                    last.iter().for_each(|code| note(&mut odd, *code as usize));
                    even.iter()
                        .zip(odd)
                        .map(|(a, b)| a + b)
                        .collect::<Vec<u64>>()
                })
            };
        }
        let parts = match &self.codes {
            Codes::U8(v) => count!(v),
            Codes::U16(v) => count!(v),
            Codes::U32(v) => count!(v),
        };
        parts.iter().fold(vec![0; labels], |mut sums, part| {
            for (sum, count) in sums.iter_mut().zip(part) {
                *sum += count;
            }
            sums
        })
    }

    /// Returns the rows whose label meets a condition.
    pub(crate) fn rows_where(&self, condition: impl Fn(usize) -> bool) -> RowNumbers {
        let wanted: Vec<bool> = (0..self.labels.len()).map(condition).collect();
        let mut rows = RowNumbers::default();
        if !wanted.contains(&true) {
            return rows;
        }
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

/// Trims labels; blank is missing.
fn tidy(labels: Vec<Option<String>>) -> Vec<Option<String>> {
    labels
        .into_iter()
        .map(|label| label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()))
        .collect()
}

/// Returns the distinct labels in natural order, and the place of each given one among them.
fn in_order(labels: &[Option<String>]) -> (Vec<Option<String>>, Vec<u32>) {
    let mut sorted: Vec<Option<String>> = labels.to_vec();
    sorted.sort_by(|a, b| match (a, b) {
        (Some(a), Some(b)) => natural(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    sorted.dedup();
    let place: FxHashMap<&Option<String>, u32> = (0..)
        .zip(&sorted)
        .map(|(place, label)| (label, place))
        .collect();
    let places = labels
        .iter()
        .map(|label| place.get(label).copied().unwrap_or(0))
        .collect();
    (sorted, places)
}

pub(crate) fn wrong_type(series: &Series, found: &DataType, expected: &str) -> Finding {
    Finding::refused(
        "wrong_type",
        format!("holds `{found}`; expected {expected}"),
    )
    .column(series.name())
    .hint("cast the column to text or to numbers, or leave it out")
}

/// Says of a column what type it is, where the frame does not hold it.
pub(crate) fn unreadable(column: &str, found: &str) -> Finding {
    Finding::refused(
        "wrong_type",
        format!("holds `{found}`; expected text, categories or numbers"),
    )
    .column(column)
    .hint("cast the column to text or to numbers, or leave it out")
}

fn broken() -> Finding {
    Finding::refused("wrong_type", "could not be read")
}

/// Folds a key so that its low bits depend on all of it.
pub(crate) fn spread(key: u128) -> u64 {
    let folded = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    folded ^ (folded >> 32)
}
