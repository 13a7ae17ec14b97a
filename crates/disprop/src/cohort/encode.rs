//! Columns as the engine reads them: small codes for categories, whole numbers for values.

use std::hash::Hash;

use polars::prelude::*;
use polars_arrow::array::Array;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::finding::{Finding, RowNumbers};
use crate::order::natural;

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
    fn narrowed<T: Copy + Into<u32>>(ids: &[T], map: &[u32]) -> Self {
        macro_rules! narrow {
            ($int:ty) => {{
                let map: Vec<$int> = map.iter().map(|code| *code as $int).collect();
                let at = |id: &T| {
                    let id: u32 = (*id).into();
                    map.get(id as usize).copied().unwrap_or(0)
                };
                ids.iter().map(at).collect()
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
        let (ids, labels) = match series.dtype() {
            DataType::String => intern_text(series),
            DataType::Categorical(_, mapping) | DataType::Enum(_, mapping) => {
                let label = |id: u32| mapping.cat_to_str(id).map(Into::into);
                let physical = series.to_physical_repr();
                return match physical.dtype() {
                    DataType::UInt8 => physical.u8().map(|ids| Categories::physical(ids, label)),
                    DataType::UInt16 => physical.u16().map(|ids| Categories::physical(ids, label)),
                    _ => physical.u32().map(|ids| Categories::physical(ids, label)),
                }
                .map_err(|_| unreadable());
            }
            DataType::Boolean => {
                let bits = series.cast(&DataType::UInt8).map_err(|_| unreadable())?;
                let label = |id| Some(if id == 1 { "true" } else { "false" }.into());
                let bits = bits.u8().map_err(|_| unreadable())?;
                return Ok(Categories::physical(bits, label));
            }
            // Beyond 64 signed bits only text holds every value.
            DataType::UInt64 => {
                intern_text(&series.cast(&DataType::String).map_err(|_| unreadable())?)
            }
            dtype if dtype.is_integer() => intern_whole(series.cast(&DataType::Int64)),
            dtype if dtype.is_float() => intern_float(series),
            DataType::Null => Ok((vec![0; series.len()], vec![None])),
            other => Err(wrong_type(
                series,
                other,
                "text, categories or whole numbers",
            )),
        }?;
        Ok(Categories::relabelled(&ids, &tidy(labels)))
    }

    /// Renumbers categories that are numbered already; only those that occur become labels.
    fn physical<T>(ids: &ChunkedArray<T>, label: impl Fn(u32) -> Option<String>) -> Self
    where
        T: PolarsNumericType<Native: Into<u32>>,
    {
        let mut seen: Vec<bool> = Vec::new();
        let mut note = |id: T::Native| {
            let id: u32 = id.into();
            match seen.get_mut(id as usize) {
                Some(slot) => *slot = true,
                None => {
                    seen.resize(id as usize, false);
                    seen.push(true);
                }
            }
        };
        for chunk in ids.downcast_iter() {
            if chunk.null_count() == 0 {
                chunk.values().iter().for_each(|id| note(*id));
            } else {
                chunk.iter().flatten().for_each(|id| note(*id));
            }
        }
        let mut labels = vec![None];
        labels.extend(
            (0..)
                .zip(&seen)
                .filter(|(_, s)| **s)
                .map(|(id, _)| label(id)),
        );
        if ids.null_count() == 0 {
            labels.remove(0);
        }
        let (sorted, mut places) = in_order(&tidy(labels));
        let missing = if ids.null_count() == 0 {
            0
        } else {
            places.remove(0)
        };
        let mut places = places.into_iter();
        let map: Vec<u32> = seen
            .iter()
            .map(|seen| if *seen { places.next().unwrap_or(0) } else { 0 })
            .collect();
        macro_rules! codes {
            ($int:ty) => {{
                let map: Vec<$int> = map.iter().map(|code| *code as $int).collect();
                let code = |id: T::Native| {
                    let id: u32 = id.into();
                    map.get(id as usize).copied().unwrap_or(0)
                };
                let mut codes: Vec<$int> = Vec::with_capacity(ids.len());
                for chunk in ids.downcast_iter() {
                    if chunk.null_count() == 0 {
                        codes.extend(chunk.values().iter().map(|id| code(*id)));
                    } else {
                        let at =
                            |id: Option<&T::Native>| id.map_or(missing as $int, |id| code(*id));
                        codes.extend(chunk.iter().map(at));
                    }
                }
                codes
            }};
        }
        let codes = match sorted.len() {
            0..=0x100 => Codes::U8(codes!(u8)),
            0x101..=0x1_0000 => Codes::U16(codes!(u16)),
            _ => Codes::U32(codes!(u32)),
        };
        Categories {
            labels: sorted,
            codes,
        }
    }

    /// Builds categories where row `i` has label `labels[ids[i]]`; equal labels become one.
    pub(crate) fn relabelled(ids: &[u32], labels: &[Option<String>]) -> Self {
        let (sorted, map) = in_order(labels);
        let codes = Codes::narrowed(ids, &map);
        Categories {
            labels: sorted,
            codes,
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

    /// Numbers a label that is kept track of elsewhere.
    fn next(&mut self, label: Option<String>) -> u32 {
        self.labels.push(label);
        (self.labels.len() - 1) as u32
    }

    fn missing(&mut self) -> u32 {
        *self.missing.get_or_insert_with(|| {
            self.labels.push(None);
            (self.labels.len() - 1) as u32
        })
    }
}

/// Texts whose numbers are kept at hand, so that a column of few does not search for each row.
const RECENT: usize = 512;

fn intern_text(series: &Series) -> Result<Interned, Finding> {
    let text = series
        .str()
        .map_err(|_| wrong_type(series, series.dtype(), "text"))?;
    let mut short: Interner<u128> = Interner::new();
    let mut long: FxHashMap<String, u32> = FxHashMap::default();
    let mut recent = [(u128::MAX, 0_u32); RECENT];
    let mut ids = Vec::with_capacity(text.len());
    for chunk in text.downcast_iter() {
        let validity = chunk.validity();
        for (row, view) in chunk.views().iter().enumerate() {
            if validity.is_some_and(|valid| !valid.get_bit(row)) {
                ids.push(short.missing());
                continue;
            }
            if !view.is_inline() {
                let value = chunk.value(row);
                ids.push(match long.get(value) {
                    Some(id) => *id,
                    None => {
                        let id = short.next(Some(value.to_owned()));
                        long.insert(value.to_owned(), id);
                        id
                    }
                });
                continue;
            }
            // A text of at most 12 bytes lies whole in its 16-byte view, which is its own key; its
            // length is part of it, so that no text has the key that fills the empty slots.
            let key = view.as_u128();
            match recent.get_mut(spread(key) as usize % RECENT) {
                Some((seen, id)) if *seen == key => ids.push(*id),
                Some(slot) => {
                    let id = short.id(key, || Some(chunk.value(row).to_owned()));
                    *slot = (key, id);
                    ids.push(id);
                }
                None => {}
            }
        }
    }
    Ok((ids, short.labels))
}

/// Folds a key so that its low bits depend on all of it.
fn spread(key: u128) -> u64 {
    let folded = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    folded ^ (folded >> 32)
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
    match series.dtype() {
        DataType::String => Ok(number_keys(&text_keys(series)?)),
        DataType::UInt64 => {
            let text = series.cast(&DataType::String).map_err(|_| unreadable())?;
            Ok(number_keys(&text_keys(&text)?))
        }
        dtype if dtype.is_integer() => {
            let whole = series.cast(&DataType::Int64).map_err(|_| unreadable())?;
            let values = whole.i64().map_err(|_| unreadable())?;
            let keys: Vec<u128> = values
                .iter()
                .map(|value| value.map_or(BLANK, |v| v as u64 as u128))
                .collect();
            Ok(number_keys(&keys))
        }
        dtype if dtype.is_float() => {
            let (ids, labels) = intern_float(series)?;
            let known = |id: &u32| labels.get(*id as usize).is_some_and(Option::is_some);
            Ok(ids.into_iter().map(|id| Some(id).filter(known)).collect())
        }
        DataType::Categorical(..) | DataType::Enum(..) => {
            let text = series.cast(&DataType::String).map_err(|_| unreadable())?;
            Ok(number_keys(&text_keys(&text)?))
        }
        other => Err(wrong_type(series, other, "text or whole numbers")),
    }
}

/// The key of rows without identifier; no value has it.
const BLANK: u128 = u128::MAX;
/// What marks the key of a text too long to be its own: no length of an inline text.
const LONG: u128 = 0xffff_fffe;

/// Returns a key a row, equal where texts are.
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
            let plain = value.as_bytes().first().is_some_and(u8::is_ascii_graphic);
            keys.push(if !plain && value.trim().is_empty() {
                BLANK
            } else if view.is_inline() {
                view.as_u128()
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
