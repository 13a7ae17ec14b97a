//! Printed numbers of pupils, and what they add up to.

use std::collections::{BTreeMap, BTreeSet};

/// Printed sums that are tried for one number before a reader gives up.
const TRIES: usize = 2_000;

/// Atoms of every printed number, by the first of them: the largest first.
pub(super) struct Printed {
    by_first: BTreeMap<u32, Vec<Vec<u32>>>,
}

impl Printed {
    pub(super) fn new<'a>(sets: impl Iterator<Item = &'a Vec<u32>>) -> Self {
        let mut by_first: BTreeMap<u32, Vec<Vec<u32>>> = BTreeMap::new();
        for set in sets {
            let mut set = set.clone();
            set.sort_unstable();
            if let Some(first) = set.first() {
                by_first.entry(*first).or_default().push(set);
            }
        }
        for sets in by_first.values_mut() {
            sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
            sets.dedup();
        }
        Printed { by_first }
    }

    /// Whether printed numbers, none of which shares an atom with another, add up to this one.
    pub(super) fn adds_up_to(&self, atoms: &[u32]) -> bool {
        let left: BTreeSet<u32> = atoms.iter().copied().collect();
        let mut tries = TRIES;
        !left.is_empty() && self.covers(&left, &mut tries)
    }

    /// The first atom that is left is in one of the numbers that begin with it, or in none.
    fn covers(&self, left: &BTreeSet<u32>, tries: &mut usize) -> bool {
        let Some(first) = left.first() else {
            return true;
        };
        for set in self.by_first.get(first).into_iter().flatten() {
            if *tries == 0 {
                return false;
            }
            *tries -= 1;
            if set.iter().all(|atom| left.contains(atom)) {
                let mine: BTreeSet<u32> = set.iter().copied().collect();
                let rest: BTreeSet<u32> = left.difference(&mine).copied().collect();
                if self.covers(&rest, tries) {
                    return true;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_add_up_in_one_way_of_several() {
        let sets = [vec![1, 2], vec![1], vec![2, 3], vec![4]];
        let printed = Printed::new(sets.iter());
        assert!(printed.adds_up_to(&[3, 2, 1]));
        assert!(printed.adds_up_to(&[1, 4]));
        assert!(!printed.adds_up_to(&[1, 3]));
        assert!(!printed.adds_up_to(&[]));
    }
}
