//! Categories of text: equal texts found by their 16-byte views, piece by piece.

use polars::prelude::*;
use polars_arrow::array::Utf8ViewArray;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Categories, Codes, in_order, spread};
use crate::cohort::pieces::{self, Piece};
use crate::finding::Finding;

/// Texts whose numbers are kept at hand, so that a column of few does not search for each row.
const RECENT: usize = 512;

/// Encodes a column of text; blanks around a text are no part of it, and a blank one is missing.
pub(super) fn encode(text: &StringChunked) -> Result<Categories, Finding> {
    let pieces = pieces::cut(text.downcast_iter());
    let interned: Vec<Interned> = pieces.par_iter().map(intern).collect();
    let mut known: FxHashMap<Option<&str>, u32> = FxHashMap::default();
    let mut labels: Vec<Option<String>> = Vec::new();
    let mut maps: Vec<Vec<u32>> = Vec::with_capacity(interned.len());
    for piece in &interned {
        let mut map = Vec::with_capacity(piece.labels.len());
        for label in &piece.labels {
            let label = label.map(str::trim).filter(|l| !l.is_empty());
            map.push(*known.entry(label).or_insert_with(|| {
                labels.push(label.map(Into::into));
                (labels.len() - 1) as u32
            }));
        }
        maps.push(map);
    }
    let (labels, order) = in_order(&labels);
    macro_rules! codes {
        ($int:ty) => {{
            let mut codes: Vec<$int> = vec![0; text.len()];
            let mut rest = codes.as_mut_slice();
            let mut shares = Vec::with_capacity(interned.len());
            for (piece, map) in interned.iter().zip(&maps) {
                let Some((mine, others)) = rest.split_at_mut_checked(piece.ids.len()) else {
                    break;
                };
                shares.push((piece, map, mine));
                rest = others;
            }
            shares.into_par_iter().for_each(|(piece, map, mine)| {
                let code = |place: &u32| order.get(*place as usize).map_or(0, |c| *c as $int);
                let map: Vec<$int> = map.iter().map(code).collect();
                for (code, id) in mine.iter_mut().zip(&piece.ids) {
                    *code = map.get(*id as usize).copied().unwrap_or(0);
                }
            });
            codes
        }};
    }
    let codes = match labels.len() {
        0..=0x100 => Codes::U8(codes!(u8)),
        0x101..=0x1_0000 => Codes::U16(codes!(u16)),
        _ => Codes::U32(codes!(u32)),
    };
    Ok(Categories { labels, codes })
}

/// A piece's rows as numbers of its own labels.
struct Interned<'a> {
    ids: Vec<u32>,
    labels: Vec<Option<&'a str>>,
}

fn intern<'a>(piece: &Piece<'a, Utf8ViewArray>) -> Interned<'a> {
    let chunk: &'a Utf8ViewArray = piece.chunk;
    let mut labels: Vec<Option<&'a str>> = Vec::new();
    let mut short: FxHashMap<u128, u32> = FxHashMap::default();
    let mut long: FxHashMap<&'a str, u32> = FxHashMap::default();
    let mut missing: Option<u32> = None;
    let mut recent = [(u128::MAX, 0_u32); RECENT];
    let mut ids = Vec::with_capacity(piece.rows.len());
    let mut next = |label: Option<&'a str>| {
        labels.push(label);
        (labels.len() - 1) as u32
    };
    let validity = piece.validity();
    let views = chunk.views().get(piece.rows.clone()).unwrap_or_default();
    for (row, view) in piece.rows.clone().zip(views) {
        if validity.is_some_and(|valid| !valid.get_bit(row)) {
            ids.push(*missing.get_or_insert_with(|| next(None)));
            continue;
        }
        if !view.is_inline() {
            let value = chunk.value(row);
            ids.push(*long.entry(value).or_insert_with(|| next(Some(value))));
            continue;
        }
        // A text of at most 12 bytes lies whole in its 16-byte view, which is its own key; its
        // length is part of it, so that no text has the key that fills the empty slots.
        let key = view.as_u128();
        match recent.get_mut(spread(key) as usize % RECENT) {
            Some((seen, id)) if *seen == key => ids.push(*id),
            Some(slot) => {
                let id = *short
                    .entry(key)
                    .or_insert_with(|| next(Some(chunk.value(row))));
                *slot = (key, id);
                ids.push(id);
            }
            None => {}
        }
    }
    Interned { ids, labels }
}
