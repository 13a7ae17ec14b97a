//! Dictionaries: their few values are looked at once, and rows keep their numbers.
//!
//! polars' own import finds the text of every row and hashes it; here a row costs one look into a
//! table, or nothing where its number can stay as it is.

use std::collections::HashMap;
use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::array::{
    Array, DictionaryArray, DictionaryKey, PrimitiveArray, Utf8Array, Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::IntegerType;
use polars_arrow::types::NativeType;

/// Numbers of a column's categories, as narrow as their number allows; each is below it.
pub(super) enum Ids {
    U8(Vec<PrimitiveArray<u8>>),
    U16(Vec<PrimitiveArray<u16>>),
    U32(Vec<PrimitiveArray<u32>>),
}

/// Ids of the rows and what they stand for.
pub(super) struct Listed {
    pub(super) ids: Ids,
    pub(super) categories: Arc<FrozenCategories>,
}

/// Runs a body with the dictionary of a chunk, whatever the type of its keys.
macro_rules! with_dictionary {
    ($key:expr, $chunk:expr, |$dictionary:ident| $body:expr) => {
        with_dictionary!(@each $key, $chunk, $dictionary, $body,
            Int8 i8, Int16 i16, Int32 i32, Int64 i64, UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64)
    };
    (@each $key:expr, $chunk:expr, $dictionary:ident, $body:expr, $($name:ident $int:ty),*) => {
        match $key {
            $(IntegerType::$name => {
                let $dictionary = $chunk.as_any().downcast_ref::<DictionaryArray<$int>>()?;
                $body
            })*
            _ => None,
        }
    };
}

/// Returns the categories of dictionaries of text, or nothing where the chunks are none.
pub(super) fn listed(key: IntegerType, chunks: &[Box<dyn Array>]) -> Option<Listed> {
    let mut labels: Vec<String> = Vec::new();
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut maps: Vec<Vec<Option<u32>>> = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let values = with_dictionary!(key, chunk, |dictionary| Some(dictionary.values()))?;
        let mut map = Vec::with_capacity(values.len());
        for value in texts(&**values)? {
            map.push(value.map(|value| {
                *known.entry(value.to_owned()).or_insert_with(|| {
                    labels.push(value.to_owned());
                    (labels.len() - 1) as u32
                })
            }));
        }
        maps.push(map);
    }
    let categories = FrozenCategories::new(labels.iter().map(String::as_str)).ok()?;
    macro_rules! ids {
        ($variant:ident, $int:ty) => {{
            let renumber = |(chunk, map): (&Box<dyn Array>, &Vec<Option<u32>>)| {
                let table: Vec<Option<$int>> =
                    map.iter().map(|id| id.map(|id| id as $int)).collect();
                with_dictionary!(key, chunk, |d| Some(renumbered(d.keys(), &table)))
            };
            Ids::$variant(
                chunks
                    .iter()
                    .zip(&maps)
                    .map(renumber)
                    .collect::<Option<_>>()?,
            )
        }};
    }
    let ids = match categories.physical() {
        CategoricalPhysical::U8 => ids!(U8, u8),
        CategoricalPhysical::U16 => ids!(U16, u16),
        CategoricalPhysical::U32 => ids!(U32, u32),
    };
    Some(Listed { ids, categories })
}

/// Returns the texts of an array, whatever its layout.
fn texts(values: &dyn Array) -> Option<Vec<Option<&str>>> {
    let values = values.as_any();
    if let Some(views) = values.downcast_ref::<Utf8ViewArray>() {
        return Some(views.iter().collect());
    }
    if let Some(short) = values.downcast_ref::<Utf8Array<i32>>() {
        return Some(short.iter().collect());
    }
    let long = values.downcast_ref::<Utf8Array<i64>>()?;
    Some(long.iter().collect())
}

/// Gives rows the number of their category; a key beyond the dictionary is missing.
fn renumbered<K: DictionaryKey, N: NativeType + TryFrom<usize>>(
    keys: &PrimitiveArray<K>,
    table: &[Option<N>],
) -> PrimitiveArray<N> {
    let at = |key: &K| (*key).try_into().unwrap_or(usize::MAX);
    let values = keys.values();
    let same =
        |(i, id): (usize, &Option<N>)| id.is_some() && id.map(Some) == Some(N::try_from(i).ok());
    // Ends rather than a comparison a row: many keys are looked at in one instruction.
    let ends = values.split_first().map(|(first, rest)| {
        rest.iter().fold((*first, *first), |(least, most), key| {
            (least.min_ignore_nan(*key), most.max_ignore_nan(*key))
        })
    });
    let inside = ends.is_none_or(|(least, most)| at(&least).max(at(&most)) < table.len());
    if inside && table.iter().enumerate().all(same) {
        // Numbered already, and as narrow as it gets: the caller's own buffer serves.
        if let Some(keys) = (keys as &dyn Array)
            .as_any()
            .downcast_ref::<PrimitiveArray<N>>()
        {
            return keys.clone().to(N::PRIMITIVE.into());
        }
    }
    let plain: Vec<N> = table.iter().map(|id| id.unwrap_or_default()).collect();
    let ids: Vec<N> = values
        .iter()
        .map(|key| plain.get(at(key)).copied().unwrap_or_default())
        .collect();
    let validity = if inside && table.iter().all(Option::is_some) {
        keys.validity().cloned()
    } else {
        let there = keys
            .iter()
            .map(|key| key.is_some_and(|key| table.get(at(key)).copied().flatten().is_some()));
        Some(there.collect::<Bitmap>())
    };
    PrimitiveArray::new(N::PRIMITIVE.into(), ids.into(), validity)
}
