//! Numbers by all dimensions of tables that overlap in a ring, where there may be none as simple as
//! of two.

use std::collections::{BTreeMap, BTreeSet};

use super::{Grid, project};
use crate::release::cells::Place;
use crate::release::cells::margins::{ENDLESS, Margins};

impl<'a> Grid<'a> {
    /// Both as one, where this one's tables add up to the same as the other two by two, but its own
    /// numbers, which were chosen, do not: others are chosen, for all of them.
    pub(in crate::release::cells) fn ringed(
        &self,
        other: &Grid<'a>,
        members: Vec<&Grid<'a>>,
    ) -> Option<Grid<'a>> {
        let agree = |member: &&Grid<'a>| member.meets(other).agrees(member, other);
        if members.len() < 2 || !members.iter().all(agree) {
            return None;
        }
        let common = self.meets(other);
        if common.is_too_large(self, other) || common.mine.keys().ne(common.theirs.keys()) {
            return None;
        }
        let mut joint = self.none_yet(other);
        for (rows, columns) in common.mine.values().zip(common.theirs.values()) {
            for (row, column) in rows
                .iter()
                .flat_map(|r| columns.iter().map(move |c| (r, c)))
            {
                let places = (self.places.get(*row)?, other.places.get(*column)?);
                let place = joint.both(self, places.0, other, places.1);
                joint.places.push(place);
            }
        }
        // Every table's places one after the other, as margins.
        let tables: Vec<&Grid<'a>> = members.into_iter().chain([other]).collect();
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); joint.places.len()];
        let mut first = 0;
        for table in &tables {
            let known = (0..table.dimensions.len())
                .map(|at| table.places.iter().filter_map(move |p| p.get(at).cloned()));
            let known: Vec<BTreeSet<Option<String>>> = known.map(Iterator::collect).collect();
            let numbers: BTreeMap<&Place, usize> = table.places.iter().zip(first..).collect();
            for (place, own) in joint.places.iter().zip(&mut of) {
                let coarse = project(&joint.dimensions, place, &table.dimensions, &known)?;
                own.push(*numbers.get(&coarse)?);
            }
            first += table.places.len();
        }
        let size = joint.places.len() * joint.regions;
        for layer in [&mut joint.n, &mut joint.events].into_iter().flatten() {
            layer.resize(size, 0);
        }
        let pupils: fn(i64, i64) -> i64 = match self.proportion {
            true => |n, events| n - events,
            false => |n, _| n,
        };
        let (endless, even) = (vec![ENDLESS; of.len()], vec![1.0; of.len()]);
        for region in 0..self.regions {
            let sums = |count: fn(i64, i64) -> i64| -> Vec<i64> {
                let of = |table: &&Grid<'a>| -> Vec<i64> {
                    let cells = (0..table.places.len()).map(|p| p * table.regions + region);
                    let held = cells.map(|c| (Self::at(&table.n, c), Self::at(&table.events, c)));
                    held.map(|(n, events)| count(n, events)).collect()
                };
                tables.iter().flat_map(of).collect()
            };
            let found = |sums: &[i64]| {
                let margins = Margins {
                    of: &of,
                    sums,
                    room: &endless,
                };
                margins.fill(&even)
            };
            let more = found(&sums(pupils))?;
            let events = found(&sums(|_, events| events))?;
            for (at, (events, more)) in events.into_iter().zip(more).enumerate() {
                joint.put(at * joint.regions + region, more, events);
            }
        }
        Some(joint)
    }
}
