//! Whole numbers by all dimensions of tables that overlap in a ring, where there may be none as
//! simple as of two: near to proportional first, then one by one until every sum is right.

use std::collections::{BTreeMap, BTreeSet};

use super::{Grid, project};
use crate::release::cells::Place;

/// Most places by all dimensions of tables that overlap in a ring.
const LARGEST_RING: usize = 2_000;

/// Rounds of proportional fitting; what they leave is mended in whole numbers.
const ROUNDS: usize = 60;

/// Steps a count rests after it was changed, so that a search does not turn in circles.
const RESTS: usize = 9;

/// Steps for each count before the search is given up.
const PATIENCE: usize = 40;

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
        if joint.places.len() > LARGEST_RING {
            return None;
        }
        // Every table's places one after the other, as margins.
        let tables: Vec<&Grid<'a>> = members.into_iter().chain([other]).collect();
        let mut margins: Vec<Vec<usize>> = vec![Vec::new(); joint.places.len()];
        let mut first = 0;
        for table in &tables {
            let known = (0..table.dimensions.len())
                .map(|at| table.places.iter().filter_map(move |p| p.get(at).cloned()));
            let known: Vec<BTreeSet<Option<String>>> = known.map(Iterator::collect).collect();
            let numbers: BTreeMap<&Place, usize> = table.places.iter().zip(first..).collect();
            for (place, own) in joint.places.iter().zip(&mut margins) {
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
        for region in 0..self.regions {
            let sums = |count: fn(i64, i64) -> i64| -> Vec<i64> {
                let of = |table: &&Grid<'a>| -> Vec<i64> {
                    let cells = (0..table.places.len()).map(|p| p * table.regions + region);
                    let held = cells.map(|c| (Self::at(&table.n, c), Self::at(&table.events, c)));
                    held.map(|(n, events)| count(n, events)).collect()
                };
                tables.iter().flat_map(of).collect()
            };
            let more = fill(&margins, &sums(pupils))?;
            let events = fill(&margins, &sums(|_, events| events))?;
            for (at, (events, more)) in events.into_iter().zip(more).enumerate() {
                joint.put(at * joint.regions + region, more, events);
            }
        }
        Some(joint)
    }
}

/// Returns numbers, none below zero, of which those with a margin add up to its sum; each count has
/// one margin in every table. Nothing where none were found, which proves nothing.
fn fill(margins: &[Vec<usize>], sums: &[i64]) -> Option<Vec<i64>> {
    if sums.iter().any(|sum| *sum < 0) {
        return None;
    }
    let near = proportional(margins, sums);
    let mut counts: Vec<i64> = near
        .iter()
        .map(|value| (value + 1e-9).floor() as i64)
        .collect();
    let mut missing = sums.to_vec();
    for (count, own) in counts.iter().zip(margins) {
        for margin in own {
            *missing.get_mut(*margin)? -= count;
        }
    }
    let mut rested = vec![0; counts.len()];
    for step in RESTS..RESTS + PATIENCE * (counts.len() + 20) {
        if missing.iter().all(|missing| *missing == 0) {
            return Some(counts);
        }
        // The change by one that brings most sums nearer; what proportion left out goes first.
        let gain = |by: i64, own: &[usize]| -> i64 {
            let nearer = |margin: &usize| match missing.get(*margin).map(|m| m * by > 0) {
                Some(true) => 1,
                _ => -1,
            };
            own.iter().map(nearer).sum()
        };
        let mut best: Option<(i64, f64, usize, i64)> = None;
        for (at, own) in margins.iter().enumerate() {
            let (count, value) = (*counts.get(at)?, near.get(at)?);
            if *rested.get(at)? + RESTS > step {
                continue;
            }
            for by in [1, -1].into_iter().filter(|by| count + by >= 0) {
                let found = (gain(by, own), (value - count as f64) * by as f64, at, by);
                if best.is_none_or(|best| (found.0, found.1) > (best.0, best.1)) {
                    best = Some(found);
                }
            }
        }
        let (_, _, at, by) = best?;
        *counts.get_mut(at)? += by;
        *rested.get_mut(at)? = step;
        for margin in margins.get(at)? {
            *missing.get_mut(*margin)? -= by;
        }
    }
    None
}

/// Numbers that add up to every sum, or nearly, by iterative proportional fitting.
fn proportional(margins: &[Vec<usize>], sums: &[i64]) -> Vec<f64> {
    let tables = margins.iter().map(Vec::len).max().unwrap_or(0);
    let mut near = vec![1.0; margins.len()];
    for _ in 0..ROUNDS {
        for table in 0..tables {
            let mut held = vec![0.0; sums.len()];
            let margin = |own: &Vec<usize>| own.get(table).copied();
            for (value, own) in near.iter().zip(margins) {
                if let Some(held) = margin(own).and_then(|m| held.get_mut(m)) {
                    *held += value;
                }
            }
            for (value, own) in near.iter_mut().zip(margins) {
                let Some(margin) = margin(own) else {
                    continue;
                };
                let wanted = sums.get(margin).map_or(0.0, |sum| *sum as f64);
                let held = held.get(margin).copied().unwrap_or(0.0);
                *value *= if held > 0.0 { wanted / held } else { 0.0 };
            }
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts by three dimensions, and their sums by each two of them.
    fn ring(counts: &[i64], [a, b, c]: [usize; 3]) -> (Vec<Vec<usize>>, Vec<i64>) {
        let mut margins = Vec::new();
        for x in 0..a {
            for y in 0..b {
                for z in 0..c {
                    margins.push(vec![
                        x * b + y,
                        a * b + y * c + z,
                        a * b + b * c + z * a + x,
                    ]);
                }
            }
        }
        let mut sums = vec![0; a * b + b * c + c * a];
        for (count, own) in counts.iter().zip(&margins) {
            own.iter().for_each(|margin| sums[*margin] += count);
        }
        (margins, sums)
    }

    #[test]
    fn sums_of_a_ring_are_met_in_whole_numbers() {
        let mut state = 7_u64;
        let mut found = 0;
        for round in 0..400 {
            let size = [2 + round % 2, 2 + round % 3, 3];
            let cells = size.iter().product();
            let most = [3, 12, 150][round % 3];
            let counts: Vec<i64> = (0..cells)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    ((state >> 33) % most) as i64
                })
                .collect();
            let (margins, sums) = ring(&counts, size);
            let Some(made) = fill(&margins, &sums) else {
                continue;
            };
            found += 1;
            assert_eq!(ring(&made, size).1, sums);
            assert!(made.iter().all(|count| *count >= 0));
        }
        assert!(found > 390, "{found} of 400");
    }
}
