//! The search for an exchange where an atom may stand in any number of known sums.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::search::{Exchange, NONE, Search, add};

impl Search<'_> {
    /// Best first over whole balances, for atoms in any number of equations.
    pub(super) fn general(&self, start: u32, sign: i64) -> Option<Exchange> {
        let mut steps = vec![Step {
            before: NONE,
            atom: start,
            by: sign,
            balance: self.shifted(&[], start, sign),
            depth: 1,
        }];
        let mut seen: HashSet<u64, BuildHasherDefault<Mixed>> = HashSet::default();
        let mut queue = BinaryHeap::from([Reverse((0_usize, 0_usize))]);
        let mut path: Exchange = Vec::new();
        while let Some(Reverse((_, at))) = queue.pop() {
            path.clear();
            let mut back = at as u32;
            while let Some(step) = steps.get(back as usize) {
                add(&mut path, step.atom, step.by);
                back = step.before;
            }
            let step = steps.get(at)?;
            let depth = step.depth;
            // The shortest sum out of balance has the fewest ways back.
            let length = |equation: u32| self.equations.get(equation as usize).len();
            let Some((equation, off)) = step.balance.iter().min_by_key(|(e, _)| length(*e)) else {
                let inside =
                    |(atom, _): &&(u32, i64)| self.target.get(*atom as usize) == Some(&true);
                let gain: i64 = path.iter().filter(inside).map(|(_, by)| by * sign).sum();
                if gain >= 1 {
                    return Some(path);
                }
                continue;
            };
            let (equation, by) = (*equation, -off.signum());
            for atom in self.equations.get(equation as usize) {
                let own = path
                    .iter()
                    .find(|(a, _)| a == atom)
                    .map_or(0, |(_, by)| *by);
                let enough = match by < 0 {
                    true => self.holds(*atom) + own + by >= 0,
                    false => self.gains(*atom).saturating_sub(own + by) >= 0,
                };
                if own * by < 0 || !enough {
                    continue;
                }
                let balance = steps
                    .get(at)
                    .map(|step| self.shifted(&step.balance, *atom, by))?;
                if !balance.is_empty() && !seen.insert(mixed(&balance)) {
                    continue;
                }
                let cost: i64 = balance.iter().map(|(_, off)| off.abs()).sum();
                queue.push(Reverse((
                    depth + usize::try_from(cost).unwrap_or(0),
                    steps.len(),
                )));
                steps.push(Step {
                    before: at as u32,
                    atom: *atom,
                    by,
                    balance,
                    depth: depth + 1,
                });
            }
            if steps.len() > self.left.get() {
                self.left.set(0);
                return None;
            }
        }
        self.left.set(self.left.get() - steps.len());
        None
    }

    /// The known sums out of balance once an atom has moved.
    fn shifted(&self, balance: &[(u32, i64)], atom: u32, by: i64) -> Vec<(u32, i64)> {
        let own = self.equations_of.get(atom as usize);
        let mut after = Vec::with_capacity(balance.len() + own.len());
        after.extend_from_slice(balance);
        for equation in own {
            match after.binary_search_by_key(equation, |(e, _)| *e) {
                Ok(at) => {
                    if let Some((_, off)) = after.get_mut(at) {
                        *off += by;
                    }
                }
                Err(at) => after.insert(at, (*equation, by)),
            }
        }
        after.retain(|(_, off)| *off != 0);
        after
    }
}

/// A balance in 64 bits. Two that share them cost an exchange that might have been found, and
/// never make one: every exchange is checked against every sum.
fn mixed(balance: &[(u32, i64)]) -> u64 {
    let step = |hash: u64, value: u64| {
        let hash = (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ hash >> 29
    };
    let fold =
        |hash, (equation, off): &(u32, i64)| step(step(hash, u64::from(*equation)), *off as u64);
    balance.iter().fold(0x2545_f491_4f6c_dd1d, fold)
}

/// Takes a number that is mixed already for its own hash.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// One step of a general search: which atom moved, by how much, after which step.
struct Step {
    before: u32,
    atom: u32,
    by: i64,
    balance: Vec<(u32, i64)>,
    depth: usize,
}
