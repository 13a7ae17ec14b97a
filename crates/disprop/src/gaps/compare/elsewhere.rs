//! The same groups in other tallies, as their baseline.

use std::collections::BTreeMap;

use super::{Place, Scene, places};
use crate::error::Error;
use crate::gaps::family::Comparable;
use crate::gaps::groups::resolve;
use crate::gaps::sums::Sum;
use crate::gaps::{GapOptions, Group};
use crate::measure::Family;
use crate::tallies::{Column, MeasureTallies, Sums, Tallies};

/// The same groups in other tallies, over the dimensions that both have.
pub(super) struct Elsewhere<'a> {
    rolled: Tallies,
    places: BTreeMap<Place, Vec<Option<usize>>>,
    groups: Vec<Group>,
    shared: Vec<usize>,
    options: &'a GapOptions,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(
        outside: &Tallies,
        inside: &Tallies,
        options: &'a GapOptions,
    ) -> Result<Self, Error> {
        let has = |t: &Tallies, name: &str| t.dimensions().iter().any(|d| d.name == name);
        let shared: Vec<(usize, &str)> = inside
            .dimensions()
            .iter()
            .enumerate()
            .filter(|(_, d)| has(outside, &d.name))
            .map(|(place, d)| (place, d.name.as_str()))
            .collect();
        let rolled = outside.roll_up(&shared.iter().map(|(_, name)| *name).collect::<Vec<_>>())?;
        let inside_groups = resolve(inside, &options.groups)?;
        let known = resolve(&rolled, &options.groups)?;
        let groups = inside_groups.iter().map(|group| {
            let same = known.iter().find(|g| g.name == group.name);
            same.cloned().unwrap_or_else(|| Group {
                leaves: Vec::new(),
                ..group.clone()
            })
        });
        Ok(Elsewhere {
            groups: groups.collect(),
            places: places(&rolled).into_iter().collect(),
            rolled,
            shared: shared.into_iter().map(|(place, _)| place).collect(),
            options,
        })
    }

    pub(super) fn at(&self, place: &Place, measure: &MeasureTallies) -> Option<Outside<'_>> {
        let wanted: Vec<Option<String>> = self
            .shared
            .iter()
            .filter_map(|i| place.get(*i))
            .cloned()
            .collect();
        let (place, cells) = self.places.get_key_value(wanted.as_slice())?;
        let (number, tallies) = self
            .rolled
            .measures()
            .iter()
            .enumerate()
            .find(|(_, m)| m.measure.id == measure.measure.id)?;
        Some(Outside {
            elsewhere: self,
            place,
            cells,
            number,
            tallies,
        })
    }
}

pub(super) struct Outside<'a> {
    elsewhere: &'a Elsewhere<'a>,
    place: &'a Place,
    cells: &'a [Option<usize>],
    number: usize,
    tallies: &'a MeasureTallies,
}

impl Outside<'_> {
    fn sums<T: Comparable>(&self, cells: &Sums<T>) -> Vec<Sum<T>> {
        let scene = Scene {
            number: self.number,
            measure: &self.tallies.measure,
            place: self.place,
            leaves: self.cells,
            reference: None,
            candidates: &[],
            tallies: &self.elsewhere.rolled,
            options: self.elsewhere.options,
            open: self.tallies.open.as_deref(),
            published: self.tallies.column.family() == Family::Rate,
        };
        self.elsewhere
            .groups
            .iter()
            .map(|group| scene.group(cells, group))
            .collect()
    }

    pub(super) fn proportions(&self) -> Option<Vec<Sum<disprop_stats::Proportion>>> {
        match &self.tallies.column {
            Column::Proportion(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }

    pub(super) fn means(&self) -> Option<Vec<Sum<disprop_stats::Mean>>> {
        match &self.tallies.column {
            Column::Mean(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }

    pub(super) fn ratios(&self) -> Option<Vec<Sum<disprop_stats::Ratio>>> {
        match &self.tallies.column {
            Column::Ratio(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }

    pub(super) fn rates(&self) -> Option<Vec<Sum<disprop_stats::Rate>>> {
        match &self.tallies.column {
            Column::Rate(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }
}
