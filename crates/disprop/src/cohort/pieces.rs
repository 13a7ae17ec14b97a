//! Rows cut into pieces that cores share: every pass over a column goes through here.
//!
//! Pieces are cut by row number alone and their results are put together in that order, so that
//! nothing depends on how many cores there are.

use std::ops::Range;

use polars::prelude::{ChunkedArray, PolarsNumericType};
use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use crate::finding::RowNumbers;

/// Rows of a piece: much work beside what it costs to hand it to another core.
const PIECE: usize = 1 << 16;
/// Rows looked at together; a few columns of wide integers fit the first cache.
const BLOCK: usize = 1024;

/// Some rows of one chunk of a column.
pub(crate) struct Piece<'a, A> {
    pub(crate) chunk: &'a A,
    /// Rows within the chunk.
    pub(crate) rows: Range<usize>,
    /// Number of the first of them in the column.
    pub(crate) first: usize,
}

/// Cuts the chunks of a column into pieces.
pub(crate) fn cut<'a, A: Array>(chunks: impl Iterator<Item = &'a A>) -> Vec<Piece<'a, A>> {
    let mut pieces = Vec::new();
    let mut first = 0;
    for chunk in chunks {
        for start in (0..chunk.len()).step_by(PIECE) {
            let rows = start..(start + PIECE).min(chunk.len());
            let length = rows.len();
            pieces.push(Piece { chunk, rows, first });
            first += length;
        }
    }
    pieces
}

/// Cuts a column of numbers into pieces.
pub(crate) fn of_numbers<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
) -> Vec<Piece<'_, PrimitiveArray<T::Native>>> {
    cut(column.downcast_iter())
}

impl<A: Array> Piece<'_, A> {
    /// Returns the validity of the chunk where any row of it is missing.
    pub(crate) fn validity(&self) -> Option<&Bitmap> {
        self.chunk.validity().filter(|v| v.unset_bits() > 0)
    }
}

impl<T: polars_arrow::types::NativeType> Piece<'_, PrimitiveArray<T>> {
    /// Returns the values, whatever stands in place of missing ones among them.
    pub(crate) fn values(&self) -> &[T] {
        self.chunk
            .values()
            .as_slice()
            .get(self.rows.clone())
            .unwrap_or_default()
    }

    /// Hands every value to a function, or nothing where it is missing.
    pub(crate) fn each(&self, mut note: impl FnMut(Option<T>)) {
        match self.validity() {
            None => self.values().iter().for_each(|v| note(Some(*v))),
            Some(valid) => {
                for (row, value) in self.rows.clone().zip(self.values()) {
                    note(valid.get_bit(row).then_some(*value));
                }
            }
        }
    }

    /// Hands every value that is there to a function, with its place in the piece.
    pub(crate) fn known(&self, mut note: impl FnMut(usize, T)) {
        let values = self.values();
        match self.validity() {
            None => values.iter().enumerate().for_each(|(i, v)| note(i, *v)),
            Some(_) => self.places(true, |place| {
                if let Some(value) = values.get(place) {
                    note(place, *value);
                }
            }),
        }
    }

    /// Hands the place of every missing value to a function.
    pub(crate) fn missing(&self, note: impl FnMut(usize)) {
        self.places(false, note);
    }

    /// Places of the values that are there, or of those that are not, 64 looked at together.
    fn places(&self, there: bool, mut note: impl FnMut(usize)) {
        let Some(valid) = self.validity() else {
            return;
        };
        let bits = valid.clone().sliced(self.rows.start, self.rows.len());
        let flip = if there { 0 } else { u64::MAX };
        let mut words = bits.fast_iter_u64();
        let mut first = 0;
        let mut walk = |mut word: u64, first: usize| {
            while word != 0 {
                note(first + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        };
        for word in words.by_ref() {
            walk(word ^ flip, first);
            first += 64;
        }
        let (rest, mut length) = words.remainder();
        for word in rest {
            if length == 0 {
                break;
            }
            let used = length.min(64);
            walk((word ^ flip) & (u64::MAX >> (64 - used)), first);
            first += 64;
            length -= used;
        }
    }
}

/// Fills a column, each piece by itself.
pub(crate) fn fill<A, T>(
    pieces: &[Piece<'_, A>],
    write: impl Fn(&Piece<'_, A>, &mut [T]) + Sync,
) -> Vec<T>
where
    A: Array,
    T: Copy + Default + Send,
{
    let rows = pieces.iter().map(|piece| piece.rows.len()).sum();
    let mut column = vec![T::default(); rows];
    let mut rest = column.as_mut_slice();
    let mut shares = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Some((mine, others)) = rest.split_at_mut_checked(piece.rows.len()) else {
            break;
        };
        shares.push((piece, mine));
        rest = others;
    }
    shares
        .into_par_iter()
        .for_each(|(piece, mine)| write(piece, mine));
    column
}

/// Fills a column of rows that are not yet in chunks.
pub(crate) fn fill_rows<T: Copy + Default + Send>(
    rows: usize,
    write: impl Fn(Range<usize>, &mut [T]) + Sync,
) -> Vec<T> {
    let mut column = vec![T::default(); rows];
    column
        .par_chunks_mut(PIECE)
        .enumerate()
        .for_each(|(i, mine)| write(i * PIECE..i * PIECE + mine.len(), mine));
    column
}

/// Works on ranges of rows, and returns what comes of each, in order.
pub(crate) fn over_rows<R: Send>(rows: usize, work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    (0..rows.div_ceil(PIECE))
        .into_par_iter()
        .map(|i| work(i * PIECE..((i + 1) * PIECE).min(rows)))
        .collect()
}

/// Returns the rows that meet a condition on a few columns, read as 64-bit integers.
///
/// `read` puts the rows of one column at a time into a buffer; `condition` sees one row's values.
pub(crate) fn rows_where<const COLUMNS: usize>(
    rows: usize,
    read: impl Fn(usize, Range<usize>, &mut [i64]) + Sync,
    condition: impl Fn([i64; COLUMNS]) -> bool + Sync,
) -> RowNumbers {
    let parts = over_rows(rows, |range| {
        let mut found = RowNumbers::default();
        let mut columns = [[0_i64; BLOCK]; COLUMNS];
        for start in range.clone().step_by(BLOCK) {
            let block = start..(start + BLOCK).min(range.end);
            let length = block.len();
            for (i, column) in columns.iter_mut().enumerate() {
                read(
                    i,
                    block.clone(),
                    column.get_mut(..length).unwrap_or_default(),
                );
            }
            let row = |i: usize| {
                let mut values = [0; COLUMNS];
                for (value, column) in values.iter_mut().zip(&columns) {
                    *value = column.get(i).copied().unwrap_or(0);
                }
                values
            };
            // Nearly every block has none, and is done without a branch a row.
            if (0..length).fold(false, |any, i| any | condition(row(i))) {
                (0..length)
                    .filter(|i| condition(row(*i)))
                    .for_each(|i| found.note(start + i));
            }
        }
        found
    });
    parts
        .into_iter()
        .fold(RowNumbers::default(), RowNumbers::then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_found_wherever_a_chunk_begins() {
        for (skip, length) in [
            (0, 0),
            (0, 1),
            (3, 64),
            (5, 63),
            (1, 200),
            (70, 130),
            (7, 65),
        ] {
            let rows = (0..skip + length).map(|i| (i % 3 != 0 && i % 64 != 1).then_some(i as u32));
            let array = PrimitiveArray::<u32>::from_iter(rows).sliced(skip, length);
            for piece in cut(std::iter::once(&array)) {
                let (mut missing, mut known) = (Vec::new(), Vec::new());
                piece.missing(|place| missing.push(place));
                piece.known(|place, value| known.push((place, value)));
                let there = |i: &usize| array.is_valid(*i);
                let all = 0..length;
                assert_eq!(
                    missing,
                    all.clone().filter(|i| !there(i)).collect::<Vec<_>>()
                );
                let values = all.filter(there).map(|i| (i, (skip + i) as u32));
                assert_eq!(known, values.collect::<Vec<_>>());
            }
        }
    }
}
