//! Tallies of fewer dimensions, from those of more.

use rayon::prelude::*;

use super::canonical::{Cells, Places, SHARE};
use super::{Dimension, Tallies};
use crate::error::Error;

/// Possible cells a cell up to which places are counted in a map of bits rather than sorted.
const BITS_A_CELL: u128 = 64;
/// Possible cells for which a map of bits is always small.
const FEW: u128 = 1 << 20;

impl Tallies {
    /// Returns the tallies of fewer dimensions, in the order asked for; the rest is added up.
    ///
    /// # Errors
    /// `dimension.unknown`, or `stats.overflow`.
    pub fn roll_up(&self, keep: &[&str]) -> Result<Self, Error> {
        let places = keep
            .iter()
            .map(|name| self.dimension_place(name))
            .collect::<Result<Vec<usize>, Error>>()?;
        if places.len() == self.dimensions.len() && places.is_sorted_by(|a, b| a < b) {
            return Ok(self.clone());
        }
        let dimension = |place: &usize| self.dimensions.get(*place).cloned();
        let dimensions: Vec<Dimension> = places.iter().filter_map(dimension).collect();
        let leaf = self.dimensions.len();
        let columns: Vec<usize> = places.into_iter().chain([leaf]).collect();
        let (cells, places) = match self.by_bits(&dimensions, &columns) {
            Some(counted) => counted,
            None => {
                let mut keys = Vec::with_capacity(self.cells() * columns.len());
                for key in self.keys.chunks_exact(leaf + 1) {
                    keys.extend(columns.iter().filter_map(|place| key.get(*place)));
                }
                Cells {
                    dimensions,
                    leaves: self.leaves.clone(),
                    keys,
                }
                .canonical()
            }
        };
        Ok(Tallies {
            measures: places.gather(&self.measures)?,
            dimensions: cells.dimensions,
            leaves: cells.leaves,
            keys: cells.keys.into(),
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings: self.findings.clone(),
            kept: self.kept.clone(),
        })
    }

    /// The cells of fewer dimensions, and where each cell has gone: a bit for each that may be, and
    /// the bits below it are its place. Every label has a cell already, so that none is dropped.
    fn by_bits(&self, dimensions: &[Dimension], columns: &[usize]) -> Option<(Cells, Places)> {
        let twice = |leaves: &[super::Leaf]| matches!(leaves, [a, b] if a == b);
        if self.leaves.windows(2).any(twice) {
            return None;
        }
        let sizes = dimensions.iter().map(|d| d.values.len());
        let sizes: Vec<u64> = sizes
            .chain([self.leaves.len()])
            .map(|size| size.max(1) as u64)
            .collect();
        let possible = sizes
            .iter()
            .fold(1_u128, |n, size| n.saturating_mul((*size).into()));
        if possible > FEW.max(BITS_A_CELL * self.cells() as u128) {
            return None;
        }
        let all = self.dimensions.len() + 1;
        let weights = weights(all, columns, &sizes);
        let packed: Vec<u64> = (self.keys.par_chunks_exact(all))
            .with_min_len(SHARE)
            .map(|key| {
                let numbers = key.iter().zip(&weights);
                numbers.map(|(number, by)| u64::from(*number) * by).sum()
            })
            .collect();
        let mut bits = vec![0_u64; possible as usize / 64 + 1];
        for cell in &packed {
            if let Some(bits) = bits.get_mut((*cell / 64) as usize) {
                *bits |= 1 << (*cell % 64);
            }
        }
        let mut below = Vec::with_capacity(bits.len());
        let mut cells = 0;
        for bits in &bits {
            below.push(cells);
            cells += bits.count_ones();
        }
        let place = |cell: &u64| -> u32 {
            let word = (*cell / 64) as usize;
            let lower = bits.get(word).map_or(0, |b| b & ((1 << (*cell % 64)) - 1));
            below.get(word).map_or(0, |n| n + lower.count_ones())
        };
        let to = packed.par_iter().with_min_len(SHARE).map(place).collect();
        let keys = keys(&bits, cells as usize, &sizes);
        let cells = Cells {
            dimensions: dimensions.to_vec(),
            leaves: self.leaves.clone(),
            keys,
        };
        let places = Places::Moved {
            to,
            cells: cells.keys.len() / columns.len(),
        };
        Some((cells, places))
    }
}

/// The numbers of the cells whose bits are set, in order. Leaves of one place follow each other, so
/// that the rest of a key is worked out once a place.
fn keys(bits: &[u64], cells: usize, sizes: &[u64]) -> Vec<u32> {
    let leaves = sizes.last().copied().unwrap_or(1);
    let mut keys = Vec::with_capacity(cells * sizes.len());
    let mut place: Vec<u32> = vec![0; sizes.len().saturating_sub(1)];
    let mut first = 0;
    for (word, bits) in bits.iter().enumerate().filter(|(_, bits)| **bits != 0) {
        let mut bits = *bits;
        while bits != 0 {
            let cell = word as u64 * 64 + u64::from(bits.trailing_zeros());
            bits &= bits - 1;
            if cell - first >= leaves {
                let mut rest = cell / leaves;
                first = rest * leaves;
                for (number, size) in place.iter_mut().zip(sizes).rev() {
                    *number = (rest % size) as u32;
                    rest /= size;
                }
            }
            keys.extend_from_slice(&place);
            keys.push((cell - first) as u32);
        }
    }
    keys
}

/// What each number of a cell counts for in the number of its place: nothing where it is not kept.
fn weights(all: usize, columns: &[usize], sizes: &[u64]) -> Vec<u64> {
    let mut weights = vec![0; all];
    let mut weight = 1;
    for (column, size) in columns.iter().zip(sizes).rev() {
        if let Some(slot) = weights.get_mut(*column) {
            *slot += weight;
        }
        weight *= size;
    }
    weights
}
