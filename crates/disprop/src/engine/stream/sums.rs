//! Sums of cells that turn up in any order, found by their labels.

use disprop_stats::{Mean, Proportion, Ratio};
use rustc_hash::FxHashMap;

use crate::codes::{CodeSet, LeafKind};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::{Family, Measure};
use crate::order::natural;
use crate::tallies::{self, Column, Dimension, Leaf, MeasureTallies, OfWords, Parts, Tallies};

/// What the last step, sorting into tallies, needs beside the sums: two more of each.
const COPIES: u64 = 3;

/// Sums of every cell seen so far.
#[derive(Debug)]
pub(super) struct Sums {
    labels: Vec<Labels<Option<String>>>,
    leaves: Labels<(LeafKind, String)>,
    places: FxHashMap<Box<[u32]>, u32>,
    keys: Vec<u32>,
    measures: Vec<(Measure, Column)>,
}

/// Labels numbered in order of appearance.
#[derive(Debug)]
struct Labels<T> {
    numbers: FxHashMap<T, u32>,
    all: Vec<T>,
}

impl<T: Clone + std::hash::Hash + Eq> Labels<T> {
    fn new() -> Self {
        Labels {
            numbers: FxHashMap::default(),
            all: Vec::new(),
        }
    }

    fn number(&mut self, label: &T) -> u32 {
        if let Some(number) = self.numbers.get(label) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.numbers.insert(label.clone(), number);
        self.all.push(label.clone());
        number
    }
}

impl Sums {
    pub(super) fn new(measures: &[Measure], dimensions: usize) -> Self {
        let empty = |measure: &Measure| match measure.quantity.family() {
            Family::Proportion => Column::Proportion(Vec::new().into()),
            Family::Mean => Column::Mean(Vec::new().into()),
            Family::Ratio => Column::Ratio(Vec::new().into()),
            Family::Rate => Column::Rate(Vec::new().into()),
        };
        Sums {
            labels: (0..dimensions).map(|_| Labels::new()).collect(),
            leaves: Labels::new(),
            places: FxHashMap::default(),
            keys: Vec::new(),
            measures: measures.iter().map(|m| (m.clone(), empty(m))).collect(),
        }
    }

    pub(super) fn cells(&self) -> usize {
        self.places.len()
    }

    /// Returns about how many bytes the sums and the last step take.
    pub(super) fn bytes(&self) -> u64 {
        let tally = |column: &Column| match column {
            Column::Proportion(_) => size_of::<Proportion>(),
            Column::Mean(_) => size_of::<Mean>(),
            Column::Ratio(_) => size_of::<Ratio>(),
            Column::Rate(_) => size_of::<disprop_stats::Rate>(),
        };
        let sums: usize = self.measures.iter().map(|(_, column)| tally(column)).sum();
        // A key stands in the table and in the list; the table keeps an eighth of its room free,
        // and twice that after it has grown.
        let stride = self.labels.len() + 1;
        let key = 2 * stride * size_of::<u32>() + 2 * (size_of::<(Box<[u32]>, u32)>() + 1) + 16;
        let labels: usize = self.labels.iter().map(|l| l.all.len() * 96).sum();
        (self.cells() * (sums + key)) as u64 * COPIES + labels as u64
    }

    /// Adds the cells of some tallies of the same measures and dimensions.
    pub(super) fn add(&mut self, tallies: &Tallies) -> Result<(), Error> {
        let mut maps: Vec<Vec<u32>> = Vec::new();
        for (labels, dimension) in self.labels.iter_mut().zip(tallies.dimensions()) {
            maps.push(dimension.values.iter().map(|v| labels.number(v)).collect());
        }
        let leaves = tallies.leaves().iter();
        let leaves = leaves.map(|l| self.leaves.number(&(l.kind, l.code.clone())));
        maps.push(leaves.collect());
        let mut places = Vec::with_capacity(tallies.cells());
        let mut key: Vec<u32> = Vec::with_capacity(maps.len());
        for cell in 0..tallies.cells() {
            key.clear();
            let numbers = tallies.key(cell).iter().zip(&maps);
            key.extend(numbers.filter_map(|(number, map)| map.get(*number as usize)));
            let place = match self.places.get(key.as_slice()) {
                Some(place) => *place,
                None => {
                    let place = self.places.len() as u32;
                    self.places.insert(key.as_slice().into(), place);
                    self.keys.extend_from_slice(&key);
                    place
                }
            };
            places.push(place as usize);
        }
        let cells = self.places.len();
        for ((_, into), from) in self.measures.iter_mut().zip(tallies.measures()) {
            match (into, &from.column) {
                (Column::Proportion(a), Column::Proportion(b)) => add(a, b, &places, cells)?,
                (Column::Mean(a), Column::Mean(b)) => add(a, b, &places, cells)?,
                (Column::Ratio(a), Column::Ratio(b)) => add(a, b, &places, cells)?,
                (Column::Rate(a), Column::Rate(b)) => add(a, b, &places, cells)?,
                (a, b) => {
                    return Err(disprop_stats::Error::FamilyMismatch {
                        found: b.family().name(),
                        expected: a.family().name(),
                    }
                    .into());
                }
            }
        }
        Ok(())
    }

    /// Returns the sums in canonical form.
    pub(super) fn tallies(
        &self,
        names: &[String],
        codes: CodeSet,
        unit: String,
        findings: Vec<Finding>,
    ) -> Result<Tallies, Error> {
        let stride = self.labels.len() + 1;
        let mut keys = self.keys.clone();
        let mut dimensions = Vec::new();
        for (place, (name, labels)) in names.iter().zip(&self.labels).enumerate() {
            let mut order: Vec<u32> = (0..labels.all.len() as u32).collect();
            let label = |number: &u32| labels.all.get(*number as usize).cloned().flatten();
            order.sort_by(|a, b| match (label(a), label(b)) {
                (Some(a), Some(b)) => natural(&a, &b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            let mut sorted = vec![0_u32; order.len()];
            for (new, old) in (0_u32..).zip(&order) {
                if let Some(slot) = sorted.get_mut(*old as usize) {
                    *slot = new;
                }
            }
            for number in keys.iter_mut().skip(place).step_by(stride) {
                *number = sorted.get(*number as usize).copied().unwrap_or(0);
            }
            dimensions.push(Dimension {
                name: name.clone(),
                values: order.iter().map(label).collect(),
            });
        }
        let leaves = self.leaves.all.iter().map(|(kind, code)| Leaf {
            code: code.clone(),
            kind: *kind,
        });
        let measures = self
            .measures
            .iter()
            .map(|(measure, column)| MeasureTallies {
                measure: measure.clone(),
                column: column.clone(),
                open: None,
            });
        Tallies::canonical(Parts {
            kept: Vec::new(),
            dimensions,
            leaves: leaves.collect(),
            keys,
            measures: measures.collect(),
            codes,
            unit,
            findings,
        })
    }
}

fn add<T: OfWords>(
    into: &mut tallies::Sums<T>,
    from: &tallies::Sums<T>,
    places: &[usize],
    cells: usize,
) -> Result<(), Error> {
    let mut all = std::mem::take(into).into_vec();
    all.resize(cells, T::default());
    for (place, tally) in places.iter().zip(from.iter()) {
        if let Some(sum) = all.get_mut(*place) {
            *sum = sum.merge(&tally)?;
        }
    }
    *into = all.into();
    Ok(())
}
