//! Which tables add up to which: the places that unknowns stand for, and every table's places as
//! sums of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Place;
use crate::over_time::pooled_holds;

/// Places of the finest tables, each with the dimensions of the table it comes from.
pub(super) struct Bases<'p> {
    dimensions: &'p [Vec<String>],
    /// By table and dimension.
    values: BTreeMap<usize, Vec<BTreeSet<&'p Option<String>>>>,
    bases: Vec<Base<'p>>,
    regions: u32,
}

/// A table that no other holds, and the rest of what it holds in part: other years than its own.
struct Base<'p> {
    head: usize,
    /// The table each place comes from.
    places: Vec<(usize, &'p Place)>,
    /// Number of its first atom.
    first: u32,
}

impl<'p> Bases<'p> {
    /// Places of tables, of which each has so many regions.
    pub(super) fn new(
        dimensions: &'p [Vec<String>],
        places: BTreeMap<usize, BTreeSet<&'p Place>>,
        regions: u32,
    ) -> Self {
        let mut made = Bases {
            dimensions,
            values: BTreeMap::new(),
            bases: Vec::new(),
            regions,
        };
        for (table, places) in &places {
            let of = |at: usize| places.iter().filter_map(|place| place.get(at)).collect();
            let values = (0..made.by(*table).len()).map(of).collect();
            made.values.insert(*table, values);
        }
        // The finest tables first.
        let mut order: Vec<(usize, BTreeSet<&'p Place>)> = places.into_iter().collect();
        order.sort_by_key(|(table, held)| (Reverse((made.by(*table).len(), held.len())), *table));
        for (table, own) in order {
            let own: Vec<(usize, &Place)> = own.into_iter().map(|place| (table, place)).collect();
            let mut is_held = false;
            for number in 0..made.bases.len() {
                let held: BTreeSet<Place> = made.held(number, table).collect();
                if let Some(base) = made.bases.get_mut(number).filter(|_| !held.is_empty()) {
                    let rest = own.iter().filter(|(_, place)| !held.contains(*place));
                    base.places.extend(rest.copied());
                    is_held |= made.holds(number, table);
                }
            }
            if !is_held {
                made.bases.push(Base {
                    head: table,
                    places: own,
                    first: 0,
                });
            }
        }
        let mut first = 0;
        for base in &mut made.bases {
            base.first = first;
            first += regions * base.places.len() as u32;
        }
        made
    }

    /// Number of atoms.
    pub(super) fn atoms(&self) -> u32 {
        let places: usize = self.bases.iter().map(|base| base.places.len()).sum();
        self.regions * places as u32
    }

    fn by(&self, table: usize) -> &'p [String] {
        self.dimensions.get(table).map_or(&[][..], Vec::as_slice)
    }

    /// A place of one table as one of a coarser table: years may be pooled there.
    fn onto(&self, place: &Place, from: usize, to: usize) -> Option<Place> {
        let known = self.values.get(&to).map_or(&[][..], Vec::as_slice);
        let of = self.by(to).iter().zip(known).map(|(name, known)| {
            let value = place.get(self.by(from).iter().position(|d| d == name)?)?;
            coarse(value, known)
        });
        of.collect()
    }

    /// Places of a table that a base holds; none where the table lacks a dimension of which the base
    /// does not have all.
    fn held(&self, base: usize, table: usize) -> impl Iterator<Item = Place> {
        let base = self.bases.get(base).filter(|base| {
            let mut dimensions = self.by(base.head).iter();
            let own = self.by(table);
            self.is_finer(base, table)
                && dimensions.all(|d| own.contains(d) || self.has_all_of(base, d))
        });
        let places = base.into_iter().flat_map(|base| &base.places);
        places.filter_map(move |(from, place)| self.onto(place, *from, table))
    }

    fn is_finer(&self, base: &Base<'p>, table: usize) -> bool {
        let dimensions = self.by(base.head);
        self.by(table).iter().all(|d| dimensions.contains(d))
    }

    /// Whether a table is the sum of a base: where it lacks a dimension, the base has all values of it
    /// that any table has, and every place of the base has the dimensions of the table.
    fn holds(&self, base: usize, table: usize) -> bool {
        let Some(base) = self
            .bases
            .get(base)
            .filter(|base| self.is_finer(base, table))
        else {
            return false;
        };
        let mut from = base.places.iter().map(|(from, _)| self.by(*from));
        let mut summed = self
            .by(base.head)
            .iter()
            .filter(|d| !self.by(table).contains(d));
        from.all(|names| self.by(table).iter().all(|d| names.contains(d)))
            && summed.all(|name| self.has_all_of(base, name))
    }

    fn has_all_of(&self, base: &Base<'p>, name: &str) -> bool {
        let at = |table: usize| self.by(table).iter().position(|d| d == name);
        let of = |(from, place): &(usize, &'p Place)| place.get(at(*from)?);
        let own: BTreeSet<&Option<String>> = base.places.iter().filter_map(of).collect();
        let known = self.values.iter();
        let mut known = known
            .filter_map(|(table, values)| values.get(at(*table)?))
            .flatten();
        known.all(|value| {
            let mut own = own.iter();
            own.any(|mine| *mine == *value || pools(mine, value) || pools(value, mine))
        })
    }

    /// By base that a table is the sum of, the first atoms of each of the table's places.
    pub(super) fn over(&self, table: usize) -> Vec<HashMap<Place, Vec<u32>>> {
        let bases = (0..self.bases.len()).filter(|base| self.holds(*base, table));
        let lookup = bases.filter_map(|base| self.bases.get(base)).map(|base| {
            let mut held: HashMap<Place, Vec<u32>> = HashMap::new();
            for ((from, place), atom) in base.numbered(self.regions) {
                if let Some(place) = self.onto(place, *from, table) {
                    held.entry(place).or_default().push(atom);
                }
            }
            held
        });
        lookup.collect()
    }

    /// Pairs of first atoms whose sums are the same: what bases have in common of which neither holds
    /// the other.
    pub(super) fn in_common(&self, apart: impl Fn(usize, usize) -> bool) -> Vec<[Vec<u32>; 2]> {
        let mut pairs = Vec::new();
        for (at, one) in self.bases.iter().enumerate() {
            let others = self.bases.iter().skip(at + 1);
            for other in others.filter(|other| !apart(one.head, other.head)) {
                let theirs = self.by(other.head);
                let common = self.by(one.head).iter().filter(|d| theirs.contains(d));
                let common: Vec<&String> = common.collect();
                let ((Some(mine), Some(mut theirs)), true) = (
                    (
                        self.keys(one, other, &common),
                        self.keys(other, one, &common),
                    ),
                    self.compares(one, other, &common),
                ) else {
                    continue;
                };
                let both = mine.into_iter();
                pairs.extend(both.filter_map(|(key, mine)| Some([mine, theirs.remove(&key)?])));
            }
        }
        pairs
    }

    /// Whether what two bases do not have in common is summed over whole in both.
    fn compares(&self, one: &Base<'p>, other: &Base<'p>, common: &[&String]) -> bool {
        [one, other].into_iter().all(|base| {
            let mut summed = self.by(base.head).iter().filter(|d| !common.contains(d));
            summed.all(|name| self.has_all_of(base, name))
        })
    }

    /// First atoms of a base by the values that another has as well; nothing where a place lacks one.
    fn keys(
        &self,
        base: &Base<'_>,
        other: &Base<'_>,
        common: &[&String],
    ) -> Option<BTreeMap<Place, Vec<u32>>> {
        let known = self.values.get(&other.head)?;
        let mut keys: BTreeMap<Place, Vec<u32>> = BTreeMap::new();
        for ((from, place), atom) in base.numbered(self.regions) {
            let key = common.iter().map(|name| {
                let value = place.get(self.by(*from).iter().position(|d| d == *name)?)?;
                let known = known.get(self.by(other.head).iter().position(|d| d == *name)?)?;
                coarse(value, known).or_else(|| Some(value.clone()))
            });
            keys.entry(key.collect::<Option<Place>>()?)
                .or_default()
                .push(atom);
        }
        Some(keys)
    }
}

impl<'p> Base<'p> {
    fn numbered(&self, regions: u32) -> impl Iterator<Item = (&(usize, &'p Place), u32)> {
        self.places
            .iter()
            .zip((self.first..).step_by(regions.max(1) as usize))
    }
}

fn pools(years: &Option<String>, year: &Option<String>) -> bool {
    let both = years.as_deref().zip(year.as_deref());
    both.is_some_and(|(years, year)| pooled_holds(years, year))
}

/// A value as another table has it: the same, or the years that hold it.
fn coarse(value: &Option<String>, known: &BTreeSet<&Option<String>>) -> Option<Option<String>> {
    if known.contains(value) {
        return Some(value.clone());
    }
    let mut holding = known.iter().filter(|pooled| pools(pooled, value));
    holding.next().map(|pooled| (*pooled).clone())
}
