//! Identifiers: which rows are of one pupil, and nothing else of them.

use polars::prelude::*;
use polars_arrow::array::{Array, View};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Categories, broken, spread, wrong_type};
use crate::finding::Finding;

/// Numbers the distinct values of an identifier column; blank ones have no number.
pub(crate) fn identities(series: &Series) -> Result<Vec<Option<u32>>, Finding> {
    match series.dtype() {
        DataType::String => Ok(number_keys(&text_keys(series)?)),
        DataType::UInt64 | DataType::Int128 => {
            let text = series.cast(&DataType::String).map_err(|_| broken())?;
            Ok(number_keys(&text_keys(&text)?))
        }
        dtype if dtype.is_integer() => {
            let whole = series.cast(&DataType::Int64).map_err(|_| broken())?;
            let values = whole.i64().map_err(|_| broken())?;
            let keys: Vec<u128> = values
                .iter()
                .map(|value| value.map_or(BLANK, |v| v as u64 as u128))
                .collect();
            Ok(number_keys(&keys))
        }
        dtype if dtype.is_float() => {
            let categories = Categories::encode(series)?;
            let known = |id: &u32| {
                let label = categories.labels.get(*id as usize);
                label.is_some_and(Option::is_some)
            };
            let ids = (0..categories.codes.len()).map(|row| categories.codes.get(row));
            Ok(ids.map(|id| Some(id).filter(known)).collect())
        }
        DataType::Categorical(..) | DataType::Enum(..) => {
            let text = series.cast(&DataType::String).map_err(|_| broken())?;
            Ok(number_keys(&text_keys(&text)?))
        }
        other => Err(wrong_type(series, other, "text or whole numbers")),
    }
}

/// The key of rows without identifier; no value has it.
const BLANK: u128 = u128::MAX;
/// What marks the key of a text too long to be its own: no length of an inline text.
const LONG: u128 = 0xffff_fffe;

/// Returns a key a row, equal where texts are, without the blanks around them.
fn text_keys(series: &Series) -> Result<Vec<u128>, Finding> {
    let text = series
        .str()
        .map_err(|_| wrong_type(series, series.dtype(), "text"))?;
    let mut long: FxHashMap<&str, u32> = FxHashMap::default();
    let mut keys = Vec::with_capacity(text.len());
    for chunk in text.downcast_iter() {
        let validity = chunk.validity();
        for (row, view) in chunk.views().iter().enumerate() {
            if validity.is_some_and(|valid| !valid.get_bit(row)) {
                keys.push(BLANK);
                continue;
            }
            let value = chunk.value(row);
            let ends = value.as_bytes().first().zip(value.as_bytes().last());
            let plain = ends.is_some_and(|(a, z)| a.is_ascii_graphic() && z.is_ascii_graphic());
            if plain && view.is_inline() {
                keys.push(view.as_u128());
                continue;
            }
            let value = if plain { value } else { value.trim() };
            keys.push(if value.is_empty() {
                BLANK
            } else if value.len() <= View::MAX_INLINE_SIZE as usize {
                View::new_inline(value.as_bytes()).as_u128()
            } else {
                let next = long.len() as u32;
                LONG | u128::from(*long.entry(value).or_insert(next)) << 64
            });
        }
    }
    Ok(keys)
}

/// Numbers distinct keys. Rows are dealt by key into shares first, whose tables fit the cache: one
/// table for ten million pupils would wait for memory at every row.
fn number_keys(keys: &[u128]) -> Vec<Option<u32>> {
    const SHARES: usize = 256;
    let share = |key: u128| (spread(key) >> 16) as usize % SHARES;
    let mut sizes = vec![0_usize; SHARES];
    for key in keys.iter().filter(|key| **key != BLANK) {
        if let Some(size) = sizes.get_mut(share(*key)) {
            *size += 1;
        }
    }
    let mut shares: Vec<Vec<u32>> = sizes.iter().map(|n| Vec::with_capacity(*n)).collect();
    for (row, key) in (0_u32..).zip(keys).filter(|(_, key)| **key != BLANK) {
        if let Some(rows) = shares.get_mut(share(*key)) {
            rows.push(row);
        }
    }
    // Numbers of a share begin where the rows of those before it end, so that no two shares meet.
    let firsts: Vec<u32> = sizes
        .iter()
        .scan(0, |next, size| {
            let first = *next;
            *next += *size as u32;
            Some(first)
        })
        .collect();
    let numbered: Vec<Vec<u32>> = shares
        .par_iter()
        .zip(&firsts)
        .map(|(rows, first)| {
            let mut numbers: FxHashMap<u128, u32> = FxHashMap::default();
            numbers.reserve(rows.len());
            rows.iter()
                .map(|row| {
                    let next = first + numbers.len() as u32;
                    let key = keys.get(*row as usize).copied().unwrap_or(BLANK);
                    *numbers.entry(key).or_insert(next)
                })
                .collect()
        })
        .collect();
    let mut ids = vec![None; keys.len()];
    for (rows, numbers) in shares.iter().zip(numbered) {
        for (row, number) in rows.iter().zip(numbers) {
            if let Some(id) = ids.get_mut(*row as usize) {
                *id = Some(number);
            }
        }
    }
    ids
}
