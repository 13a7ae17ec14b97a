//! Whole numbers of which given sums are known: near to proportional, and right to the last one.
//!
//! Every number stands in at most one margin of each table. Of one table they are shared out; of two, what
//! proportion leaves over finds its way along numbers that make room (augmenting paths), which finds
//! numbers wherever there are any; of more they are changed one by one until every sum is right, and
//! where that finds none it proves nothing.

use std::collections::VecDeque;

/// Room without an end.
pub(super) const ENDLESS: i64 = i64::MAX / 4;

/// Most numbers that are changed one by one.
const LARGEST: usize = 2_000;

/// Rounds of proportional fitting; what they leave is mended in whole numbers.
const ROUNDS: usize = 60;

/// Steps a number rests after it was changed, so that a search does not turn in circles.
const RESTS: usize = 9;

/// Steps for each number before the search is given up.
const PATIENCE: usize = 40;

/// Numbers that are looked for: where each stands, and the most it can be.
pub(super) struct Margins<'m> {
    /// By number, its margin in every table.
    pub(super) of: &'m [Vec<usize>],
    /// By margin.
    pub(super) sums: &'m [i64],
    pub(super) room: &'m [i64],
}

impl Margins<'_> {
    /// Returns numbers from none up to their room that add up to every sum, as near to these weights
    /// as whole numbers are; nothing where none were found.
    pub(super) fn fill(&self, weights: &[f64]) -> Option<Vec<i64>> {
        if self.sums.iter().any(|sum| *sum < 0) {
            return None;
        }
        let tables = self.of.iter().map(Vec::len).max().unwrap_or(0);
        let near = self.proportional(weights, tables);
        let whole = |(value, room): (&f64, &i64)| ((value + 1e-9).floor() as i64).clamp(0, *room);
        let mut counts: Vec<i64> = near.iter().zip(self.room).map(whole).collect();
        let mut missing = self.sums.to_vec();
        for (count, own) in counts.iter().zip(self.of) {
            for margin in own {
                *missing.get_mut(*margin)? -= count;
            }
        }
        let even = self.of.iter().all(|own| own.len() == tables);
        match tables {
            0..=2 if even => {
                self.lower(&mut counts, &mut missing)?;
                self.share(&mut counts, &mut missing)?;
                while tables == 2 && missing.iter().any(|left| *left > 0) {
                    self.augment(&mut counts, &mut missing)?;
                }
            }
            _ => self.search(&near, &mut counts, &mut missing)?,
        }
        missing.iter().all(|left| *left == 0).then_some(counts)
    }

    fn change(&self, at: usize, by: i64, counts: &mut [i64], missing: &mut [i64]) -> Option<()> {
        *counts.get_mut(at)? += by;
        for margin in self.of.get(at)? {
            *missing.get_mut(*margin)? -= by;
        }
        Some(())
    }

    /// Takes back what is too much.
    fn lower(&self, counts: &mut [i64], missing: &mut [i64]) -> Option<()> {
        for (at, own) in self.of.iter().enumerate() {
            let left = own.iter().filter_map(|margin| missing.get(*margin));
            let over = left.min().map_or(0, |left| (-left).max(0));
            let by = over.min(*counts.get(at)?);
            self.change(at, -by, counts, missing)?;
        }
        Some(())
    }

    /// Puts what is missing wherever there is room in every table.
    fn share(&self, counts: &mut [i64], missing: &mut [i64]) -> Option<()> {
        for (at, own) in self.of.iter().enumerate() {
            let left = own.iter().filter_map(|margin| missing.get(*margin));
            let by = left.min().copied().unwrap_or(0).max(0);
            let by = by.min(self.room.get(at)? - *counts.get(at)?);
            self.change(at, by, counts, missing)?;
        }
        Some(())
    }

    /// Takes on and gives up by turns, along a way from a margin of the first table that lacks to one
    /// of the second that does.
    fn augment(&self, counts: &mut [i64], missing: &mut [i64]) -> Option<()> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); self.sums.len()];
        let mut first = vec![false; self.sums.len()];
        for (at, own) in self.of.iter().enumerate() {
            for margin in own {
                of.get_mut(*margin)?.push(at);
            }
            *first.get_mut(*own.first()?)? = true;
        }
        let lacks = |margin: usize| missing.get(margin).is_some_and(|left| *left > 0);
        let starts = (0..self.sums.len()).filter(|m| first.get(*m) == Some(&true) && lacks(*m));
        let mut queue: VecDeque<usize> = starts.collect();
        // By margin: whether it was reached, and by which number.
        let mut reached: Vec<Option<Option<usize>>> = vec![None; self.sums.len()];
        for start in &queue {
            *reached.get_mut(*start)? = Some(None);
        }
        while let Some(margin) = queue.pop_front() {
            let forward = *first.get(margin)?;
            if !forward && lacks(margin) {
                let mut path: Vec<(usize, i64)> = Vec::new();
                let (mut here, mut by) = (margin, *missing.get(margin)?);
                while let Some(at) = (*reached.get(here)?)? {
                    let (gives, own) = (*first.get(here)?, self.of.get(at)?);
                    let (count, room) = (*counts.get(at)?, *self.room.get(at)?);
                    by = by.min(if gives { count } else { room - count });
                    path.push((at, if gives { -1 } else { 1 }));
                    here = *own.iter().find(|margin| **margin != here)?;
                }
                let by = by.min(*missing.get(here)?);
                for (at, sign) in path {
                    self.change(at, sign * by, counts, missing)?;
                }
                return Some(());
            }
            for at in of.get(margin)? {
                let (count, room) = (*counts.get(*at)?, *self.room.get(*at)?);
                let open = if forward { count < room } else { count > 0 };
                let next = self.of.get(*at)?.iter().find(|other| **other != margin)?;
                let slot = reached.get_mut(*next)?;
                if open && slot.is_none() {
                    *slot = Some(Some(*at));
                    queue.push_back(*next);
                }
            }
        }
        None
    }

    /// Changes numbers by one until every sum is right.
    fn search(&self, near: &[f64], counts: &mut [i64], missing: &mut [i64]) -> Option<()> {
        if counts.len() > LARGEST {
            return None;
        }
        let mut rested = vec![0; counts.len()];
        for step in RESTS..RESTS + PATIENCE * (counts.len() + 20) {
            if missing.iter().all(|missing| *missing == 0) {
                return Some(());
            }
            // The change that brings most sums nearer; what proportion left out goes first.
            let gain = |by: i64, own: &[usize]| -> i64 {
                let nearer = |margin: &usize| match missing.get(*margin).map(|m| m * by > 0) {
                    Some(true) => 1,
                    _ => -1,
                };
                own.iter().map(nearer).sum()
            };
            let mut best: Option<(i64, f64, usize, i64)> = None;
            for (at, own) in self.of.iter().enumerate() {
                let (count, value) = (*counts.get(at)?, near.get(at)?);
                if *rested.get(at)? + RESTS > step {
                    continue;
                }
                let within = 0..=*self.room.get(at)?;
                for by in [1, -1]
                    .into_iter()
                    .filter(|by| within.contains(&(count + by)))
                {
                    let found = (gain(by, own), (value - count as f64) * by as f64, at, by);
                    if best.is_none_or(|best| (found.0, found.1) > (best.0, best.1)) {
                        best = Some(found);
                    }
                }
            }
            let (_, _, at, by) = best?;
            *rested.get_mut(at)? = step;
            self.change(at, by, counts, missing)?;
        }
        None
    }

    /// Numbers that add up to every sum, or nearly, by iterative proportional fitting.
    fn proportional(&self, weights: &[f64], tables: usize) -> Vec<f64> {
        let mut near = weights.to_vec();
        let rounds = if tables == 1 { 1 } else { ROUNDS };
        for _ in 0..rounds {
            for table in 0..tables {
                let mut held = vec![0.0; self.sums.len()];
                let margin = |own: &Vec<usize>| own.get(table).copied();
                for (value, own) in near.iter().zip(self.of) {
                    if let Some(held) = margin(own).and_then(|m| held.get_mut(m)) {
                        *held += value;
                    }
                }
                for (value, own) in near.iter_mut().zip(self.of) {
                    let Some(margin) = margin(own) else {
                        continue;
                    };
                    let wanted = self.sums.get(margin).map_or(0.0, |sum| *sum as f64);
                    let held = held.get(margin).copied().unwrap_or(0.0);
                    *value *= if held > 0.0 { wanted / held } else { 0.0 };
                }
            }
        }
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(of: &[Vec<usize>], sums: &[i64], room: &[i64]) -> Option<Vec<i64>> {
        let weights = vec![1.0; of.len()];
        let made = Margins { of, sums, room }.fill(&weights)?;
        let mut held = vec![0; sums.len()];
        for ((count, own), room) in made.iter().zip(of).zip(room) {
            assert!((0..=*room).contains(count));
            own.iter().for_each(|margin| held[*margin] += count);
        }
        assert_eq!(held, sums);
        Some(made)
    }

    /// Rows and columns, one number in each.
    fn crossed(rows: usize, columns: usize) -> Vec<Vec<usize>> {
        let cells = (0..rows).flat_map(|r| (0..columns).map(move |c| vec![r, rows + c]));
        cells.collect()
    }

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
    fn a_sum_is_shared_out_where_there_is_room() {
        let one = [vec![0], vec![0], vec![1], vec![0]];
        assert_eq!(found(&one, &[6, 2], &[1, 0, 4, 7]).unwrap(), [1, 0, 2, 5]);
        assert!(found(&one, &[9, 2], &[1, 0, 4, 7]).is_none());
        assert!(found(&one, &[1, 2], &[0, 0, 4, 0]).is_none());
    }

    #[test]
    fn outcomes_find_their_way_where_proportion_has_no_room() {
        let made = found(&crossed(2, 2), &[6, 4, 5, 5], &[5, 1, 2, 9]);
        assert_eq!(made.unwrap(), [5, 1, 0, 4]);
        assert!(found(&crossed(2, 2), &[3, 0, 3, 0], &[1, 1, 9, 9]).is_none());
        assert!(found(&crossed(2, 2), &[1, 2, 1, 1], &[9; 4]).is_none());
    }

    #[test]
    fn two_tables_are_met_wherever_they_can_be() {
        let mut state = 3_u64;
        let mut dice = move |sides: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 33) % sides) as i64
        };
        for round in 0..500 {
            let (rows, columns) = (1 + round % 5, 1 + round % 4);
            let of = crossed(rows, columns);
            let counts: Vec<i64> = of.iter().map(|_| dice(20)).collect();
            let room: Vec<i64> = counts.iter().map(|count| count + dice(3)).collect();
            let mut sums = vec![0; rows + columns];
            for (count, own) in counts.iter().zip(&of) {
                own.iter().for_each(|margin| sums[*margin] += count);
            }
            assert!(found(&of, &sums, &room).is_some(), "round {round}");
        }
    }

    #[test]
    fn sums_of_a_ring_are_met_in_whole_numbers() {
        let mut state = 7_u64;
        let mut met = 0;
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
            let room = vec![ENDLESS; counts.len()];
            met += usize::from(found(&margins, &sums, &room).is_some());
        }
        assert!(met > 390, "{met} of 400");
    }
}
