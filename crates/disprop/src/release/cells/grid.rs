//! Tables of which neither holds the other, made one.
//!
//! A table by sex and one by free school meals each add up to the same groups, whether or not
//! anybody publishes these: what one tells of a group it tells of the other. So atoms are taken by
//! sex and free school meals at once. How many pupils are in each of them nobody has said; any
//! whole numbers that add up to both tables do, since a reader cannot tell them from the truth.
//! Three tables that overlap in a ring may add up to the same two by two, and yet not to the
//! numbers that were chosen for two of them: then others are looked for, and where none are found
//! the third stays by itself, *tied* to the others.

mod ring;

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use super::sheet::Sheet;
use super::sums::Sums;
use crate::over_time::pooled_holds;

/// Most atoms of tables made one; above them they stay apart, and the reader is taken not to
/// compare them.
const LARGEST: usize = 100_000;

/// Places with their counts by region: of a table that is no margin of another, or of several.
#[derive(Clone)]
pub(super) struct Grid<'a> {
    pub(super) dimensions: Vec<&'a str>,
    pub(super) places: Vec<Place>,
    pub(super) n: Option<Vec<i64>>,
    pub(super) events: Option<Vec<i64>>,
    pub(super) regions: usize,
    /// Which tables it is made of.
    pub(super) of: Vec<usize>,
    proportion: bool,
}

impl<'a> Grid<'a> {
    pub(super) fn new(number: usize, sheet: &Sheet<'a>, sums: &Sums) -> Self {
        Grid {
            dimensions: sheet.dimensions.clone(),
            places: sheet.places.clone(),
            n: sums.n.clone(),
            events: sums.events.clone(),
            regions: sheet.regions,
            of: vec![number],
            proportion: sums.proportion,
        }
    }

    /// The place of a coarser table that holds a place of this one.
    pub(super) fn project(&self, place: &Place, coarse: &Sheet<'_>) -> Option<Place> {
        project(&self.dimensions, place, &coarse.dimensions, &coarse.values)
    }

    /// What both have in common: places by their values of the dimensions that both have.
    pub(super) fn meets(&self, other: &Grid<'_>) -> Meeting {
        let common = self.common(other);
        Meeting {
            mine: self.by(&common, other),
            theirs: other.by(&common, self),
        }
    }

    /// Both as one, where they add up to the same over what they have in common.
    pub(super) fn joined(&self, other: &Grid<'a>) -> Option<Grid<'a>> {
        let common = self.meets(other);
        if common.is_too_large(self, other) || !common.agrees(self, other) {
            return None;
        }
        let mut joint = self.none_yet(other);
        for (key, places) in &common.mine {
            match common.theirs.get(key) {
                Some(others) => joint.cross((self, places), (other, others))?,
                None => joint.take(self, places),
            }
        }
        let left = common.theirs.iter();
        for (_, places) in left.filter(|(key, _)| !common.mine.contains_key(*key)) {
            joint.take(other, places);
        }
        Some(joint)
    }

    /// A table of both without places, yet to be filled.
    fn none_yet(&self, other: &Grid<'a>) -> Grid<'a> {
        let mut dimensions = self.dimensions.clone();
        let besides = other.dimensions.iter();
        dimensions.extend(besides.filter(|d| !self.dimensions.contains(d)));
        Grid {
            dimensions,
            places: Vec::new(),
            n: self.n.as_ref().map(|_| Vec::new()),
            events: self.events.as_ref().map(|_| Vec::new()),
            regions: self.regions,
            of: self.of.iter().chain(&other.of).copied().collect(),
            proportion: self.proportion,
        }
    }

    /// Puts in the pupils without and with the outcome, or all and their events.
    fn put(&mut self, cell: usize, more: i64, events: i64) {
        if let Some(slot) = self.events.as_mut().and_then(|l| l.get_mut(cell)) {
            *slot = events;
        }
        let n = if self.proportion { more + events } else { more };
        if let Some(slot) = self.n.as_mut().and_then(|l| l.get_mut(cell)) {
            *slot = n;
        }
    }

    /// Atoms of every region and every place that one of the tables this one is made of has in
    /// common with a table it is not.
    pub(super) fn in_common(&self, own: &Grid<'a>, other: &Grid<'_>) -> Vec<Vec<u32>> {
        let by = self.by(&own.common(other), other);
        let regions = 0..self.regions;
        let sets = by.values().flat_map(|places| {
            let of = |region| {
                let atoms = places.iter().map(move |p| p * self.regions + region);
                atoms.map(|atom| atom as u32).collect()
            };
            regions.clone().map(of)
        });
        sets.collect()
    }

    fn common(&self, other: &Grid<'_>) -> Vec<&'a str> {
        let both = self.dimensions.iter().copied();
        both.filter(|d| other.dimensions.contains(d)).collect()
    }

    /// Places by their values of some dimensions, as coarse as another's.
    fn by(&self, common: &[&str], other: &Grid<'_>) -> BTreeMap<Place, Vec<usize>> {
        let known: Vec<BTreeSet<&Option<String>>> = common
            .iter()
            .map(|name| {
                other
                    .places
                    .iter()
                    .filter_map(|p| other.value(p, name))
                    .collect()
            })
            .collect();
        let mut by: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (number, place) in self.places.iter().enumerate() {
            let key = common.iter().zip(&known).map(|(name, known)| {
                let value = self.value(place, name).cloned().flatten();
                coarse(&value, known).unwrap_or(value)
            });
            by.entry(key.collect()).or_default().push(number);
        }
        by
    }

    fn value<'p>(&self, place: &'p Place, name: &str) -> Option<&'p Option<String>> {
        place.get(self.dimensions.iter().position(|d| *d == name)?)
    }

    fn at(layer: &Option<Vec<i64>>, at: usize) -> i64 {
        layer.as_ref().and_then(|l| l.get(at)).copied().unwrap_or(0)
    }

    /// Pupils and events of a region over these places.
    fn sums(&self, places: &[usize], region: usize) -> [i64; 2] {
        [&self.n, &self.events].map(|layer| {
            let of = places
                .iter()
                .map(|p| Self::at(layer, p * self.regions + region));
            of.fold(0, i64::saturating_add)
        })
    }

    /// Takes places over as they are; what they do not have a value for, they have none of.
    fn take(&mut self, from: &Grid<'_>, places: &[usize]) {
        for number in places {
            let Some(place) = from.places.get(*number) else {
                continue;
            };
            let values = self.dimensions.iter();
            let values = values.map(|name| from.value(place, name).cloned().flatten());
            self.places.push(values.collect());
            let cells = number * self.regions..(number + 1) * self.regions;
            for (mine, theirs) in [(&mut self.n, &from.n), (&mut self.events, &from.events)] {
                if let Some(mine) = mine {
                    mine.extend(cells.clone().map(|at| Self::at(theirs, at)));
                }
            }
        }
    }

    /// The place of one table and of another at once.
    fn both(&self, a: &Grid<'_>, mine: &Place, b: &Grid<'_>, theirs: &Place) -> Place {
        let values = self.dimensions.iter().map(|name| {
            let (x, y) = (a.value(mine, name), b.value(theirs, name));
            match (x, y) {
                // Of a year and the years that hold it, the year.
                (Some(Some(x)), Some(Some(y))) if pooled_holds(x, y) => Some(y.clone()),
                (Some(x), _) => x.clone(),
                (None, y) => y.cloned().flatten(),
            }
        });
        values.collect()
    }

    /// Takes every pair of places of two tables that add up to the same; nothing where a count is
    /// below zero.
    fn cross(
        &mut self,
        (a, rows): (&Grid<'_>, &[usize]),
        (b, columns): (&Grid<'_>, &[usize]),
    ) -> Option<()> {
        let first = self.places.len();
        for row in rows {
            for column in columns {
                let (Some(mine), Some(theirs)) = (a.places.get(*row), b.places.get(*column)) else {
                    continue;
                };
                self.places.push(self.both(a, mine, b, theirs));
            }
        }
        let size = self.places.len() * self.regions;
        for layer in [&mut self.n, &mut self.events].into_iter().flatten() {
            layer.resize(size, 0);
        }
        for region in 0..self.regions {
            let side = |grid: &Grid<'_>, places: &[usize], rest: bool| -> [Vec<i64>; 2] {
                let of = |layer: &Option<Vec<i64>>| -> Vec<i64> {
                    let cells = places.iter().map(|p| p * grid.regions + region);
                    cells.map(|at| Self::at(layer, at)).collect()
                };
                let (n, events) = (of(&grid.n), of(&grid.events));
                let rest = n
                    .iter()
                    .zip(&events)
                    .map(|(n, e)| if rest { n - e } else { *n });
                [rest.collect(), events]
            };
            let split = self.proportion;
            let [more, events] = side(a, rows, split);
            let [others_more, others_events] = side(b, columns, split);
            let events = spread(&events, &others_events)?;
            let more = spread(&more, &others_more)?;
            for (at, (events, more)) in events.into_iter().zip(more).enumerate() {
                self.put((first + at) * self.regions + region, more, events);
            }
        }
        Some(())
    }
}

/// What two tables have in common: the places of each by values of the dimensions that both have.
pub(super) struct Meeting {
    mine: BTreeMap<Place, Vec<usize>>,
    theirs: BTreeMap<Place, Vec<usize>>,
}

impl Meeting {
    fn pairs(&self) -> impl Iterator<Item = (&Vec<usize>, &Vec<usize>)> {
        let mine = self.mine.iter();
        mine.filter_map(|(key, a)| Some((a, self.theirs.get(key)?)))
    }

    /// Whether both have some place.
    pub(super) fn touches(&self) -> bool {
        self.pairs().next().is_some()
    }

    /// Whether the places that both have hold the same of every region, and there are any.
    pub(super) fn agrees(&self, one: &Grid<'_>, other: &Grid<'_>) -> bool {
        let mut pairs = self.pairs().peekable();
        let same = |(a, b): (&Vec<usize>, &Vec<usize>)| {
            (0..one.regions).all(|region| one.sums(a, region) == other.sums(b, region))
        };
        pairs.peek().is_some() && pairs.all(same)
    }

    /// Whether too many atoms would be needed to make both one.
    pub(super) fn is_too_large(&self, one: &Grid<'_>, other: &Grid<'_>) -> bool {
        let crossed: usize = self.pairs().map(|(a, b)| a.len() * b.len()).sum();
        let alone = one.places.len() + other.places.len();
        (crossed + alone) * one.regions > LARGEST
    }
}

/// The place of a coarser table that holds a place of a finer one: years may be pooled there.
pub(super) fn project(
    dimensions: &[&str],
    place: &Place,
    names: &[&str],
    values: &[BTreeSet<Option<String>>],
) -> Option<Place> {
    let of = names.iter().zip(values).map(|(name, known)| {
        let value = place.get(dimensions.iter().position(|d| d == name)?)?;
        coarse(value, &known.iter().collect())
    });
    of.collect()
}

/// A value as another table has it: the same, or the years that hold it.
fn coarse(value: &Option<String>, known: &BTreeSet<&Option<String>>) -> Option<Option<String>> {
    if known.contains(value) {
        return Some(value.clone());
    }
    let year = value.as_deref()?;
    let mut pooled = known
        .iter()
        .filter(|v| v.as_deref().is_some_and(|p| pooled_holds(p, year)));
    pooled.next().map(|pooled| (*pooled).clone())
}

/// Whole numbers, row after row, that add up to these rows and columns: as near to proportional as
/// whole numbers are, the rest where there is room first; nothing for a number below zero.
fn spread(rows: &[i64], columns: &[i64]) -> Option<Vec<i64>> {
    if rows.iter().chain(columns).any(|count| *count < 0) {
        return None;
    }
    let total: i128 = rows.iter().map(|count| i128::from(*count)).sum();
    let (mut rows_left, mut columns_left) = (rows.to_vec(), columns.to_vec());
    let mut made = vec![0; rows.len() * columns.len()];
    for share in [true, false] {
        let mut cells = made.iter_mut();
        for (row, left) in rows.iter().zip(&mut rows_left) {
            for (column, room) in columns.iter().zip(&mut columns_left) {
                let most = (*left).min(*room);
                let wanted = i128::from(*row) * i128::from(*column) / total.max(1);
                let by = match share {
                    true => most.min(i64::try_from(wanted).unwrap_or(most)),
                    false => most,
                };
                *cells.next()? += by;
                (*left, *room) = (*left - by, *room - by);
            }
        }
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_adds_up_to_rows_and_columns() {
        for (rows, columns) in [
            (vec![5, 3], vec![4, 4]),
            (vec![7, 0, 1], vec![1, 2, 5]),
            (vec![0, 0], vec![0]),
            (vec![10], vec![3, 3, 4]),
        ] {
            let made = spread(&rows, &columns).unwrap();
            let width = columns.len();
            for (number, row) in rows.iter().enumerate() {
                let cells = &made[number * width..(number + 1) * width];
                assert_eq!(cells.iter().sum::<i64>(), *row);
            }
            for (number, column) in columns.iter().enumerate() {
                let cells = made.iter().skip(number).step_by(width);
                assert_eq!(cells.sum::<i64>(), *column);
            }
            assert!(made.iter().all(|cell| *cell >= 0));
        }
        assert!(spread(&[-1], &[-1]).is_none());
    }
}
