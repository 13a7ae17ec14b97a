//! Canonical form: labels that no cell has are gone, cells are sorted, equal cells are one.
//!
//! A cell's numbers are packed into one integer, so that putting cells in order is a look into a
//! table, or a sort of plain integers; sums are then added from one flat column into another.

use std::sync::Arc;

use disprop_stats::Tally;
use rayon::prelude::*;

use super::{Column, Dimension, Leaf, MeasureTallies, OfWords, Open, Store, Sums, Tallies, Words};
use crate::codes::CodeSet;
use crate::error::Error;
use crate::finding::Finding;

/// Possible cells up to which their places are looked up in a table rather than sorted.
const TABLE: u128 = 1 << 16;

/// Cells that are worth a core's while.
pub(super) const SHARE: usize = 1 << 13;

/// What an engine hands over: numbers of cells and their tallies, in any order.
pub(crate) struct Parts {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) keys: Vec<u32>,
    pub(crate) measures: Vec<MeasureTallies>,
    pub(crate) codes: CodeSet,
    pub(crate) unit: String,
    pub(crate) findings: Vec<Finding>,
    pub(crate) kept: Vec<(String, String)>,
}

impl Tallies {
    /// Returns tallies in canonical form: unused labels gone, cells sorted, equal cells merged.
    pub(crate) fn canonical(parts: Parts) -> Result<Self, Error> {
        let cells = Cells {
            dimensions: parts.dimensions,
            leaves: parts.leaves,
            keys: parts.keys,
        };
        let (cells, places) = cells.canonical();
        let measures = match places {
            Places::Same => parts.measures,
            moved => moved.gather(&parts.measures)?,
        };
        Ok(Tallies {
            dimensions: cells.dimensions,
            leaves: cells.leaves,
            keys: cells.keys.into(),
            measures,
            codes: parts.codes,
            unit: parts.unit,
            findings: parts.findings,
            kept: parts.kept,
        })
    }
}

/// Cells without their sums: labels, and for each cell a number a dimension and its leaf's.
pub(crate) struct Cells {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) keys: Vec<u32>,
}

/// Which cell of the result each cell adds to.
pub(crate) enum Places {
    /// Every cell stays where it is.
    Same,
    /// A place a cell, [`GONE`] for those left out, and how many places there are.
    Moved { to: Vec<u32>, cells: usize },
}

/// Place of a cell that is left out.
const GONE: u32 = u32::MAX;

impl Cells {
    /// Returns the cells in canonical form, and where each has gone.
    pub(crate) fn canonical(mut self) -> (Self, Places) {
        self.renumber();
        let stride = self.dimensions.len() + 1;
        let mut sizes: Vec<u64> = self
            .dimensions
            .iter()
            .map(|d| d.values.len().max(1) as u64)
            .collect();
        sizes.push(self.leaves.len().max(1) as u64);
        let possible = sizes
            .iter()
            .fold(1_u128, |n, size| n.saturating_mul((*size).into()));
        let cells = self.keys.len() / stride;
        if possible > u128::from(u64::MAX) {
            return self.sorted_by_numbers();
        }
        let packed: Vec<u64> = (self.keys.par_chunks_exact(stride))
            .with_min_len(SHARE)
            .map(|key| {
                let numbers = key.iter().zip(&sizes);
                numbers.fold(0, |cell, (number, size)| cell * size + u64::from(*number))
            })
            .collect();
        if packed.is_sorted_by(|a, b| a < b) {
            return (self, Places::Same);
        }
        let (to, distinct) = if possible <= TABLE.max(4 * cells as u128) {
            by_table(&packed, possible as usize)
        } else {
            by_sort(&packed)
        };
        let mut keys = vec![0; distinct.len() * stride];
        for (key, packed) in keys.chunks_exact_mut(stride).zip(&distinct) {
            let mut rest = *packed;
            for (number, size) in key.iter_mut().zip(&sizes).rev() {
                *number = (rest % size) as u32;
                rest /= size;
            }
        }
        self.keys = keys;
        let cells = distinct.len();
        (self, Places::Moved { to, cells })
    }

    /// Drops labels that no cell has, and puts leaves in order of kind and code, whatever order the
    /// data gave them: tallies of the same cells are equal.
    fn renumber(&mut self) {
        let stride = self.dimensions.len() + 1;
        let sizes = self.dimensions.iter().map(|d| d.values.len());
        let none: Vec<Vec<bool>> = sizes
            .chain([self.leaves.len()])
            .map(|n| vec![false; n])
            .collect();
        let of_share = |keys: &[u32]| {
            let mut used = none.clone();
            for key in keys.chunks_exact(stride) {
                for (used, number) in used.iter_mut().zip(key) {
                    if let Some(slot) = used.get_mut(*number as usize) {
                        *slot = true;
                    }
                }
            }
            used
        };
        let both = |mut a: Vec<Vec<bool>>, b: Vec<Vec<bool>>| {
            let slots = a.iter_mut().flatten().zip(b.into_iter().flatten());
            slots.for_each(|(a, b)| *a |= b);
            a
        };
        let shares = self.keys.par_chunks(SHARE * stride);
        let used = shares.map(of_share).reduce(|| none.clone(), both);
        for (dimension, used) in self.dimensions.iter_mut().zip(&used) {
            let mut used = used.iter();
            dimension
                .values
                .retain(|_| used.next().copied().unwrap_or(false));
        }
        let mut maps: Vec<Vec<u32>> = used
            .iter()
            .map(|used| {
                let mut next = 0;
                let place = |used: &bool| {
                    next += u32::from(*used);
                    next.saturating_sub(1)
                };
                used.iter().map(place).collect()
            })
            .collect();
        if let (Some(used), Some(map)) = (used.last(), maps.last_mut()) {
            let mut order: Vec<usize> = (0..used.len())
                .filter(|leaf| used.get(*leaf) == Some(&true))
                .collect();
            let leaf = |place: &usize| self.leaves.get(*place).map(|l| (l.kind, &l.code));
            order.sort_by(|a, b| leaf(a).cmp(&leaf(b)));
            let mut first = 0;
            for (place, old) in order.iter().enumerate() {
                if place == 0 || leaf(old) != order.get(place - 1).and_then(leaf) {
                    first = place as u32;
                }
                if let Some(slot) = map.get_mut(*old) {
                    *slot = first;
                }
            }
            self.leaves = order
                .iter()
                .filter_map(|place| self.leaves.get(*place).cloned())
                .collect();
        }
        let same = |map: &Vec<u32>| (0..).zip(map).all(|(i, to)| i == *to);
        if maps.iter().all(same) {
            return;
        }
        for key in self.keys.chunks_exact_mut(stride) {
            for (number, map) in key.iter_mut().zip(&maps) {
                *number = map.get(*number as usize).copied().unwrap_or(0);
            }
        }
    }

    /// The long way, for crosses with more possible cells than 64 bits can number.
    fn sorted_by_numbers(mut self) -> (Self, Places) {
        let stride = self.dimensions.len() + 1;
        let key = |cell: u32| {
            let start = cell as usize * stride;
            self.keys.get(start..start + stride)
        };
        let cells = (self.keys.len() / stride) as u32;
        let mut order: Vec<u32> = (0..cells).collect();
        order.sort_by_key(|cell| key(*cell));
        let mut to = vec![GONE; order.len()];
        let mut keys: Vec<u32> = Vec::with_capacity(self.keys.len());
        for cell in order {
            let numbers = key(cell).unwrap_or_default();
            let last = keys.len().checked_sub(stride);
            if last.and_then(|start| keys.get(start..)) != Some(numbers) {
                keys.extend_from_slice(numbers);
            }
            if let Some(slot) = to.get_mut(cell as usize) {
                *slot = (keys.len() / stride).saturating_sub(1) as u32;
            }
        }
        self.keys = keys;
        let cells = self.keys.len() / stride;
        (self, Places::Moved { to, cells })
    }
}

/// Places by a table over all possible cells; returns them with the distinct cells.
fn by_table(packed: &[u64], possible: usize) -> (Vec<u32>, Vec<u64>) {
    let mut table = vec![GONE; possible];
    for cell in packed {
        if let Some(slot) = table.get_mut(*cell as usize) {
            *slot = 0;
        }
    }
    let mut distinct = Vec::new();
    for (cell, slot) in table.iter_mut().enumerate().filter(|(_, s)| **s != GONE) {
        *slot = distinct.len() as u32;
        distinct.push(cell as u64);
    }
    let place = |cell: &u64| table.get(*cell as usize).copied().unwrap_or(GONE);
    (packed.iter().map(place).collect(), distinct)
}

/// The same by sorting the cells that there are.
fn by_sort(packed: &[u64]) -> (Vec<u32>, Vec<u64>) {
    let mut order: Vec<(u64, u32)> = packed.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut to = vec![GONE; packed.len()];
    let mut distinct: Vec<u64> = Vec::new();
    for (cell, row) in order {
        if distinct.last() != Some(&cell) {
            distinct.push(cell);
        }
        if let Some(slot) = to.get_mut(row as usize) {
            *slot = (distinct.len() - 1) as u32;
        }
    }
    (to, distinct)
}

impl Places {
    /// Keeps some cells and leaves out the others.
    pub(crate) fn kept(wanted: &[bool]) -> Self {
        let mut cells = 0;
        let to = wanted
            .iter()
            .map(|wanted| {
                if !wanted {
                    return GONE;
                }
                cells += 1;
                cells - 1
            })
            .collect();
        Places::Moved {
            to,
            cells: cells as usize,
        }
    }

    /// Returns the measures with every cell's tally added to those that share its place.
    pub(crate) fn gather(&self, measures: &[MeasureTallies]) -> Result<Vec<MeasureTallies>, Error> {
        let Places::Moved { to, cells } = self else {
            return Ok(measures.to_vec());
        };
        let words = Gathered::new(measures, to, *cells);
        let one = |measure: &MeasureTallies| {
            let column = match &measure.column {
                Column::Proportion(from) => Column::Proportion(words.sums(from, to, *cells)?),
                Column::Mean(from) => Column::Mean(words.sums(from, to, *cells)?),
                Column::Ratio(from) => Column::Ratio(words.sums(from, to, *cells)?),
                Column::Rate(from) => Column::Rate(words.sums(from, to, *cells)?),
            };
            let open = measure.open.as_ref().map(|open| {
                let mut sums = vec![Open::default(); *cells];
                for (part, place) in open.iter().zip(to) {
                    if let Some(sum) = sums.get_mut(*place as usize) {
                        *sum = sum.merge(part);
                    }
                }
                sums
            });
            Ok(MeasureTallies {
                measure: measure.measure.clone(),
                column,
                open,
            })
        };
        measures.par_iter().map(one).collect()
    }
}

/// Words that measures share, each added up once.
struct Gathered<'a>(Vec<(&'a Arc<Store>, Arc<Store>)>);

impl<'a> Gathered<'a> {
    fn new(measures: &'a [MeasureTallies], to: &[u32], cells: usize) -> Self {
        let mut stores: Vec<&Arc<Store>> = Vec::new();
        for measure in measures {
            let words = match &measure.column {
                Column::Proportion(sums) => sums.words(),
                Column::Mean(sums) => sums.words(),
                Column::Ratio(sums) => sums.words(),
                Column::Rate(sums) => sums.words(),
            };
            if let Some(Words { store, .. }) = words
                && !stores.iter().any(|other| Arc::ptr_eq(other, store))
            {
                stores.push(store);
            }
        }
        if stores.is_empty() {
            return Gathered(Vec::new());
        }
        let mut together = vec![0_u32; cells];
        for place in to {
            if let Some(cells) = together.get_mut(*place as usize) {
                *cells += 1;
            }
        }
        let together = together.into_iter().max().map_or(0, u64::from);
        // The widest first, so that cores end together.
        stores.sort_by_key(|store| std::cmp::Reverse(store.width));
        let gathered = stores.into_par_iter().with_max_len(1).map(|store| {
            let sums = store.gathered(to, cells, together);
            (store, Arc::new(sums))
        });
        Gathered(gathered.collect())
    }

    fn sums<T: OfWords>(&self, from: &Sums<T>, to: &[u32], cells: usize) -> Result<Sums<T>, Error> {
        if let Some(Words { store, recipe }) = from.words()
            && let Some((_, sums)) = self.0.iter().find(|(old, _)| Arc::ptr_eq(old, store))
        {
            return Ok(Words {
                store: Arc::clone(sums),
                recipe: *recipe,
            }
            .into());
        }
        Ok(sums(from.iter(), to, cells)?.into())
    }
}

fn sums<T: Tally>(
    from: impl Iterator<Item = T>,
    to: &[u32],
    cells: usize,
) -> Result<Vec<T>, Error> {
    let mut sums = vec![T::default(); cells];
    for (part, place) in from.zip(to) {
        if let Some(sum) = sums.get_mut(*place as usize) {
            *sum = sum.merge(&part)?;
        }
    }
    Ok(sums)
}
