//! Categories that are numbers already: those of an Arrow dictionary, and whole numbers.

use std::sync::atomic::{AtomicBool, Ordering};

use polars::prelude::*;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Categories, Codes, in_order, tidy};
use crate::cohort::pieces::{self, of_numbers};
use crate::finding::{Finding, RowNumbers};

/// Span of whole numbers that are looked up in a table; wider ones are searched for by hash.
const TABLE: u64 = 1 << 20;
/// Rows between two looks at whether every id has been seen.
const LOOK: usize = 4096;
/// Stands for a missing value among ids.
const MISSING: u32 = u32::MAX;

/// Encodes ids below `limit`; only those that occur become labels.
pub(super) fn ids<T>(
    column: &ChunkedArray<T>,
    limit: usize,
    label: impl Fn(u32) -> Option<String>,
) -> Categories
where
    T: PolarsNumericType<Native: Into<u32>>,
{
    encode(column, limit, column.null_count() > 0, Into::into, label)
}

/// Encodes whole numbers; the label is the number as it is written.
pub(super) fn whole<T>(column: &ChunkedArray<T>) -> Result<Categories, Finding>
where
    T: PolarsNumericType<Native: Into<i64>>,
{
    let ends = of_numbers(column)
        .par_iter()
        .map(|piece| {
            let mut ends: Option<(i64, i64)> = None;
            piece.each(|value| widen(&mut ends, value.map(Into::into)));
            ends
        })
        .reduce(|| None, join);
    let Some((least, most)) = ends else {
        return Ok(all_missing(column.len()));
    };
    let missing = column.null_count() > 0;
    if most.abs_diff(least) >= TABLE {
        return Ok(searched(column, Into::into));
    }
    Ok(encode(
        column,
        most.abs_diff(least) as usize + 1,
        missing,
        |value| {
            let value: i64 = value.into();
            value.abs_diff(least) as u32
        },
        |id| Some((least + i64::from(id)).to_string()),
    ))
}

/// Encodes whole numbers that a missing value has turned into floats, as pandas does.
pub(super) fn floats<T>(column: &ChunkedArray<T>) -> Result<Categories, Finding>
where
    T: PolarsNumericType<Native: Into<f64>>,
{
    let number = |value: T::Native| -> Option<i64> {
        let value: f64 = value.into();
        let whole = value as i64;
        (value.abs() < 9e15 && whole as f64 == value).then_some(whole)
    };
    let is_nan = |value: T::Native| -> bool { Into::<f64>::into(value).is_nan() };
    type Scan = (Option<(i64, i64)>, bool, RowNumbers);
    let scans: Vec<Scan> = of_numbers(column)
        .par_iter()
        .map(|piece| {
            let (mut ends, mut missing, mut broken) = (None, false, RowNumbers::default());
            let mut row = piece.first;
            piece.each(|value| {
                match value {
                    None => missing = true,
                    Some(value) => match number(value) {
                        Some(whole) => widen(&mut ends, Some(whole)),
                        None if is_nan(value) => missing = true,
                        None => broken.note(row),
                    },
                }
                row += 1;
            });
            (ends, missing, broken)
        })
        .collect();
    let (mut ends, mut missing, mut broken) = (None, false, RowNumbers::default());
    for (part, some_missing, rows) in scans {
        ends = join(ends, part);
        missing |= some_missing;
        broken = broken.then(rows);
    }
    if !broken.is_empty() {
        return Err(
            Finding::refused("not_a_category", "categories are text or whole numbers")
                .column(column.name())
                .rows(&broken),
        );
    }
    let Some((least, most)) = ends else {
        return Ok(all_missing(column.len()));
    };
    if most.abs_diff(least) >= TABLE {
        return Ok(searched(column, |value| number(value).unwrap_or(i64::MIN)));
    }
    Ok(encode(
        column,
        most.abs_diff(least) as usize + 1,
        missing,
        |value| number(value).map_or(MISSING, |whole| whole.abs_diff(least) as u32),
        |id| Some((least + i64::from(id)).to_string()),
    ))
}

fn widen(ends: &mut Option<(i64, i64)>, value: Option<i64>) {
    if let Some(v) = value {
        let (least, most) = ends.unwrap_or((v, v));
        *ends = Some((least.min(v), most.max(v)));
    }
}

fn join(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

fn all_missing(rows: usize) -> Categories {
    Categories {
        labels: if rows > 0 { vec![None] } else { Vec::new() },
        codes: Codes::U8(vec![0; rows]),
    }
}

/// Encodes by a table over the ids.
fn encode<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
    limit: usize,
    missing: bool,
    id: impl Fn(T::Native) -> u32 + Sync,
    label: impl Fn(u32) -> Option<String>,
) -> Categories {
    let pieces = of_numbers(column);
    // Once every id has been seen nothing is left to look for, which is soon with few of them.
    let all_seen = AtomicBool::new(false);
    let seen = pieces
        .par_iter()
        .fold(
            || vec![false; limit],
            |mut seen, piece| {
                let mut note = |value| {
                    if let Some(slot) = seen.get_mut(id(value) as usize) {
                        *slot = true;
                    }
                };
                if piece.validity().is_some() {
                    piece.known(|_, value| note(value));
                    return seen;
                }
                for block in piece.values().chunks(LOOK) {
                    if all_seen.load(Ordering::Relaxed) {
                        seen.fill(true);
                        break;
                    }
                    block.iter().for_each(|value| {
                        if let Some(slot) = seen.get_mut(id(*value) as usize) {
                            *slot = true;
                        }
                    });
                    if !seen.contains(&false) {
                        all_seen.store(true, Ordering::Relaxed);
                    }
                }
                seen
            },
        )
        .reduce(
            || vec![false; limit],
            |mut all, part| {
                all.iter_mut().zip(part).for_each(|(a, b)| *a |= b);
                all
            },
        );
    let mut labels: Vec<Option<String>> = (0..)
        .zip(&seen)
        .filter(|(_, seen)| **seen)
        .map(|(id, _)| label(id))
        .collect();
    if missing {
        labels.push(None);
    }
    let (labels, mut places) = in_order(&tidy(labels));
    let missing = if missing {
        places.pop().unwrap_or(0)
    } else {
        0
    };
    let mut places = places.into_iter();
    let map: Vec<u32> = seen
        .iter()
        .map(|seen| if *seen { places.next().unwrap_or(0) } else { 0 })
        .collect();
    macro_rules! codes {
        ($int:ty) => {{
            let map: Vec<$int> = map.iter().map(|code| *code as $int).collect();
            let missing = missing as $int;
            pieces::fill(&pieces, |piece, codes: &mut [$int]| {
                for (code, value) in codes.iter_mut().zip(piece.values()) {
                    *code = map.get(id(*value) as usize).copied().unwrap_or(missing);
                }
                piece.missing(|place| {
                    if let Some(code) = codes.get_mut(place) {
                        *code = missing;
                    }
                });
            })
        }};
    }
    let codes = match labels.len() {
        0..=0x100 => Codes::U8(codes!(u8)),
        0x101..=0x1_0000 => Codes::U16(codes!(u16)),
        _ => Codes::U32(codes!(u32)),
    };
    Categories { labels, codes }
}

/// Encodes numbers too far apart for a table; `i64::MIN` among floats is a missing one.
fn searched<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
    number: impl Fn(T::Native) -> i64,
) -> Categories {
    let mut known: FxHashMap<Option<i64>, u32> = FxHashMap::default();
    let mut labels: Vec<Option<String>> = Vec::new();
    let mut ids: Vec<u32> = Vec::with_capacity(column.len());
    let float = column.dtype().is_float();
    for piece in of_numbers(column) {
        piece.each(|value| {
            let value = value.map(&number).filter(|v| !float || *v != i64::MIN);
            ids.push(*known.entry(value).or_insert_with(|| {
                labels.push(value.map(|v| v.to_string()));
                (labels.len() - 1) as u32
            }));
        });
    }
    let (labels, map) = in_order(&labels);
    Categories {
        codes: Codes::narrowed(&ids, &map),
        labels,
    }
}
