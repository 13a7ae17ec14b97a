//! Two sets of tallies added: parts of one cohort, or years tallied apart.

use std::collections::BTreeSet;

use super::{Column, Dimension, Leaf, MeasureTallies, OfWords, Open, Parts, Sums, Tallies};
use crate::error::Error;
use crate::order::natural;

impl Tallies {
    /// Returns the sums of both: parts of one cohort, or years tallied apart.
    ///
    /// # Errors
    /// `tallies.merge` where dimensions, measures or units differ; `stats.overflow`.
    pub fn merge(&self, other: &Self) -> Result<Self, Error> {
        let names = |t: &Tallies| {
            t.dimensions
                .iter()
                .map(|d| d.name.clone())
                .collect::<Vec<_>>()
        };
        let measures = |t: &Tallies| {
            t.measures
                .iter()
                .map(|m| m.measure.clone())
                .collect::<Vec<_>>()
        };
        let differ = |problem: &str| {
            Err(Error::Merge {
                problem: problem.into(),
            })
        };
        if names(self) != names(other) {
            return differ("their dimensions differ");
        }
        if measures(self) != measures(other) {
            return differ("their measures differ");
        }
        if self.unit != other.unit {
            return differ("one counts enrolments and the other pupils or published figures");
        }
        let dimensions: Vec<Dimension> = self
            .dimensions
            .iter()
            .zip(&other.dimensions)
            .map(|(a, b)| Dimension {
                name: a.name.clone(),
                values: union(&a.values, &b.values),
            })
            .collect();
        let mut leaves = self.leaves.clone();
        leaves.extend(
            other
                .leaves
                .iter()
                .filter(|l| !self.leaves.contains(l))
                .cloned(),
        );
        leaves.sort_by(|a, b| (a.kind, &a.code).cmp(&(b.kind, &b.code)));
        let mut keys = Vec::with_capacity(self.keys.len() + other.keys.len());
        for side in [self, other] {
            side.renumbered(&dimensions, &leaves, &mut keys);
        }
        let joined = self
            .measures
            .iter()
            .zip(&other.measures)
            .map(|(a, b)| a.join(b))
            .collect::<Result<Vec<MeasureTallies>, Error>>()?;
        let mut findings = self.findings.clone();
        findings.extend(
            other
                .findings
                .iter()
                .filter(|f| !self.findings.contains(f))
                .cloned(),
        );
        // What only one side kept is no longer all there is.
        let both = self.kept.iter().filter(|kept| other.kept.contains(kept));
        Tallies::canonical(Parts {
            kept: both.cloned().collect(),
            dimensions,
            leaves,
            keys,
            measures: joined,
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings,
        })
    }

    fn renumbered(&self, dimensions: &[Dimension], leaves: &[Leaf], keys: &mut Vec<u32>) {
        let place = |from: &[Option<String>], to: &[Option<String>]| -> Vec<u32> {
            let at = |v| to.iter().position(|w| w == v).unwrap_or(0) as u32;
            from.iter().map(at).collect()
        };
        let mut maps: Vec<Vec<u32>> = self
            .dimensions
            .iter()
            .zip(dimensions)
            .map(|(from, to)| place(&from.values, &to.values))
            .collect();
        let at = |leaf| leaves.iter().position(|l| l == leaf).unwrap_or(0) as u32;
        maps.push(self.leaves.iter().map(at).collect());
        for cell in 0..self.cells() {
            let numbers = self.key(cell).iter().zip(&maps);
            keys.extend(numbers.filter_map(|(number, map)| map.get(*number as usize)));
        }
    }
}

fn union(a: &[Option<String>], b: &[Option<String>]) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = a
        .iter()
        .chain(b)
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    values.sort_by(|a, b| match (a, b) {
        (Some(a), Some(b)) => natural(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    values
}

impl MeasureTallies {
    fn join(&self, other: &Self) -> Result<Self, Error> {
        fn both<T: OfWords>(a: &Sums<T>, b: &Sums<T>) -> Sums<T> {
            a.iter().chain(b.iter()).collect::<Vec<T>>().into()
        }
        let column = match (&self.column, &other.column) {
            (Column::Proportion(a), Column::Proportion(b)) => Column::Proportion(both(a, b)),
            (Column::Mean(a), Column::Mean(b)) => Column::Mean(both(a, b)),
            (Column::Ratio(a), Column::Ratio(b)) => Column::Ratio(both(a, b)),
            (Column::Rate(a), Column::Rate(b)) => Column::Rate(both(a, b)),
            (a, b) => {
                return Err(disprop_stats::Error::FamilyMismatch {
                    found: b.family().name(),
                    expected: a.family().name(),
                }
                .into());
            }
        };
        let open = match (&self.open, &other.open) {
            (None, None) => None,
            (a, b) => {
                let of = |open: &Option<Vec<Open>>, column: &Column| match open {
                    Some(open) => open.clone(),
                    None => (0..column.len()).map(|cell| column.exact(cell)).collect(),
                };
                let (mut open, others) = (of(a, &self.column), of(b, &other.column));
                open.extend(others);
                Some(open)
            }
        };
        Ok(MeasureTallies {
            measure: self.measure.clone(),
            column,
            open,
        })
    }
}
