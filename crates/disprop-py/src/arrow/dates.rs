//! Dates as text, `2023-09-01`, so that they can be years or terms of one's own.

use std::collections::HashMap;

use polars::prelude::*;
use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::datatypes::TimeUnit;

use super::dictionary::{Ids, Listed};

/// Different dates beyond which a column is no category.
const MOST: usize = 100_000;

/// Returns the dates of a column of dates, or of timestamps that are all at midnight; nothing where
/// it holds something else, or a time zone would have to be guessed at.
pub(super) fn listed(dtype: &ArrowDataType, chunks: &[Box<dyn Array>]) -> Option<Listed> {
    const DAY: i64 = 86_400;
    let a_day = match dtype {
        ArrowDataType::Date32 => 1,
        ArrowDataType::Date64 => DAY * 1_000,
        ArrowDataType::Timestamp(unit, None) => match unit {
            TimeUnit::Second => DAY,
            TimeUnit::Millisecond => DAY * 1_000,
            TimeUnit::Microsecond => DAY * 1_000_000,
            TimeUnit::Nanosecond => DAY * 1_000_000_000,
        },
        _ => return None,
    };
    let mut known: HashMap<i64, u32> = HashMap::new();
    let mut labels: Vec<String> = Vec::new();
    let mut ids = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let mut last: Option<(i64, u32)> = None;
        let mut number = |value: i64| -> Option<u32> {
            if let Some((seen, id)) = last
                && seen == value
            {
                return Some(id);
            }
            let id = match known.get(&value) {
                Some(id) => *id,
                None => {
                    let whole = value % a_day == 0 && labels.len() < MOST;
                    labels.push(whole.then(|| written(value / a_day))?);
                    known.insert(value, (labels.len() - 1) as u32);
                    (labels.len() - 1) as u32
                }
            };
            last = Some((value, id));
            Some(id)
        };
        let array = chunk.as_any();
        let mut rows: Vec<Option<u32>> = Vec::with_capacity(chunk.len());
        if let Some(days) = array.downcast_ref::<PrimitiveArray<i32>>() {
            for day in days.iter() {
                rows.push(match day {
                    Some(day) => Some(number(i64::from(*day))?),
                    None => None,
                });
            }
        } else {
            for moment in array.downcast_ref::<PrimitiveArray<i64>>()?.iter() {
                rows.push(match moment {
                    Some(moment) => Some(number(*moment)?),
                    None => None,
                });
            }
        }
        ids.push(rows);
    }
    let categories = FrozenCategories::new(labels.iter().map(String::as_str)).ok()?;
    macro_rules! narrow {
        ($variant:ident, $int:ty) => {
            Ids::$variant(
                ids.iter()
                    .map(|rows| rows.iter().map(|id| id.map(|id| id as $int)).collect())
                    .collect(),
            )
        };
    }
    let ids = match categories.physical() {
        CategoricalPhysical::U8 => narrow!(U8, u8),
        CategoricalPhysical::U16 => narrow!(U16, u16),
        CategoricalPhysical::U32 => narrow!(U32, u32),
    };
    Some(Listed { ids, categories })
}

/// Writes a day, counted from 1 January 1970, in the Gregorian calendar.
///
/// Years are reckoned from March in cycles of 400 (146,097 days), after H. Hinnant,
/// "chrono-compatible low-level date algorithms" (2013), `civil_from_days`.
fn written(day: i64) -> String {
    let day = day + 719_468;
    let cycle = day.div_euclid(146_097);
    let of_cycle = day.rem_euclid(146_097);
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + cycle * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}
