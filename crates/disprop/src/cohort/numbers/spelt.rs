//! Numbers written as text, as CSV files give them.

use polars::prelude::{
    CategoricalMapping, Float64Chunked, PlSmallStr, StringChunked, UInt32Chunked,
};
use polars_arrow::array::Utf8ViewArray;

use super::Content;
use crate::cohort::encode::spread;
use crate::cohort::pieces::{self, Piece};

/// Texts kept with what they say, so that a column of few values parses each of them once.
const RECENT: usize = 512;

/// Returns what a column of text says: NaN where a cell is blank, infinity where it is no number.
pub(super) fn floats(column: &StringChunked, content: Content) -> Float64Chunked {
    let pieces = pieces::cut(column.downcast_iter());
    let floats = pieces::fill(&pieces, |piece, floats| read(piece, content, floats));
    Float64Chunked::from_vec(PlSmallStr::EMPTY, floats)
}

/// Returns what a column of categories says, each category read once; as [`floats`] does.
pub(super) fn categories(
    ids: &UInt32Chunked,
    mapping: &CategoricalMapping,
    content: Content,
) -> Float64Chunked {
    let category = |id: u32| {
        mapping
            .cat_to_str(id)
            .map_or(f64::NAN, |text| said(text, content))
    };
    let pieces = pieces::of_numbers(ids);
    let most = pieces.iter().flat_map(|piece| piece.values()).max();
    // What stands in place of a missing value may be beyond all categories.
    let known = 0..mapping
        .num_cats_upper_bound()
        .min(most.map_or(0, |most| *most as usize + 1));
    let table: Vec<f64> = known.map(|id| category(id as u32)).collect();
    let floats = pieces::fill(&pieces, |piece, floats| {
        floats.fill(f64::NAN);
        piece.known(|place, id| {
            if let (Some(float), Some(said)) = (floats.get_mut(place), table.get(id as usize)) {
                *float = *said;
            }
        });
    });
    Float64Chunked::from_vec(PlSmallStr::EMPTY, floats)
}

fn read(piece: &Piece<'_, Utf8ViewArray>, content: Content, floats: &mut [f64]) {
    let validity = piece.validity();
    let views = piece.chunk.views().get(piece.rows.clone());
    let rows = piece.rows.clone().zip(views.unwrap_or_default());
    let mut recent = [(u128::MAX, 0.0); RECENT];
    for (float, (row, view)) in floats.iter_mut().zip(rows) {
        if validity.is_some_and(|valid| !valid.get_bit(row)) {
            *float = f64::NAN;
            continue;
        }
        let say = || said(piece.chunk.value(row), content);
        // A text of at most 12 bytes lies whole in its view, which no other text has and no empty slot.
        let key = view.as_u128();
        *float = match recent.get_mut(spread(key) as usize % RECENT) {
            Some(slot) if view.is_inline() => {
                if slot.0 != key {
                    *slot = (key, say());
                }
                slot.1
            }
            _ => say(),
        };
    }
}

fn said(text: &str, content: Content) -> f64 {
    match text.trim() {
        "" => f64::NAN,
        cell => number(cell, content).unwrap_or(f64::INFINITY),
    }
}

/// Returns the number that a cell spells, flags also in words; nothing for other text.
pub(super) fn number(cell: &str, content: Content) -> Option<f64> {
    if content == Content::Flag {
        match cell.to_ascii_lowercase().as_str() {
            "y" | "yes" | "true" | "t" => return Some(1.0),
            "n" | "no" | "false" | "f" => return Some(0.0),
            _ => {}
        }
    }
    // `f64::from_str` also reads "inf" and "nan", which in a data file are text.
    let number = cell.bytes().any(|b| b.is_ascii_digit());
    number.then(|| cell.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::cohort::numbers::Numbers;

    const CELLS: [Option<&str>; 9] = [
        Some("12.5"),
        None,
        Some(" 0 "),
        Some(""),
        Some("000000000000000000001"),
        Some("7e-1"),
        Some("1"),
        Some("12.5"),
        Some("-3"),
    ];

    fn spelt() -> [Series; 2] {
        let text = Series::new("x".into(), CELLS);
        let categories = DataType::from_categories(Categories::global());
        [text.cast(&categories).unwrap(), text]
    }

    #[test]
    fn numbers_in_text_and_in_categories_are_the_numbers() {
        let plain = Series::new(
            "x".into(),
            [
                Some(12.5),
                None,
                Some(0.0),
                None,
                Some(1.0),
                Some(0.7),
                Some(1.0),
                Some(12.5),
                Some(-3.0),
            ],
        );
        let plain = Numbers::encode(&plain, Content::Score).unwrap();
        for series in spelt() {
            let read = Numbers::encode(&series, Content::Score).unwrap();
            assert_eq!(
                (read.decimals, read.largest),
                (plain.decimals, plain.largest)
            );
            for row in 0..CELLS.len() {
                assert_eq!(read.get(row), plain.get(row), "{row}");
            }
        }
    }

    #[test]
    fn a_fault_is_told_with_its_row_however_the_column_is_kept() {
        for series in spelt() {
            let findings = Numbers::encode(&series, Content::Flag).unwrap_err();
            let kinds: Vec<&str> = findings.iter().map(|f| f.kind).collect();
            assert_eq!(kinds, ["negative", "not_a_flag"]);
        }
    }

    #[test]
    fn a_category_of_no_row_is_no_fault() {
        let all = FrozenCategories::new(["no", "yes", "perhaps"]).unwrap();
        let series = Series::new("x".into(), ["yes", "no", "yes"]);
        let series = series.cast(&DataType::from_frozen_categories(all)).unwrap();
        let numbers = Numbers::encode(&series, Content::Flag).unwrap();
        assert_eq!(
            [0, 1, 2].map(|row| numbers.get(row)),
            [Some(1), Some(0), Some(1)]
        );
    }
}
