//! Proof that a withheld count stays open where a publication is too large for the attacker's
//! linear programme: whole tables that agree with everything shown and differ in that count.
//!
//! Starting from the true table, one pupil is moved between withheld atoms until every known sum
//! is what it was: an *exchange*. Each exchange is another table a reader cannot rule out, so the
//! values a withheld count takes in the tables found are values it may have. The reader is the one
//! of the second rule, who knows every shown count exactly; every table is checked against all his
//! sums in whole numbers before it counts. What is not found proves nothing, and is not published.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use super::cells::{Layer, System};
use super::policy::Policy;
use super::secondary::{self, Pattern};

/// States of one search before it is given up.
const STATES: usize = 1_200;

/// Atoms of a count from which a search sets out.
const STARTS: usize = 6;

/// How far apart the values of a withheld row were found to lie, by quantity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) n: Option<i64>,
    pub(super) events: Option<i64>,
    pub(super) rest: Option<i64>,
}

/// Returns what could be proved of these withheld slots.
pub(super) fn rooms(
    system: &System,
    pattern: &Pattern,
    policy: &Policy,
    slots: &[usize],
) -> BTreeMap<usize, Room> {
    let of = |layer: &Option<Layer>| -> Option<BTreeMap<usize, i64>> {
        let layer = layer.as_ref()?;
        Some(Search::new(system, pattern, policy, layer, slots).run())
    };
    let (events, rest) = (of(&system.events), of(&system.rest));
    // Events and the rest move apart from each other, so pupils have the room of either.
    let n = match rest {
        Some(_) => None,
        None => of(&system.n),
    };
    let at = |found: &Option<BTreeMap<usize, i64>>, slot: usize| {
        found
            .as_ref()
            .map(|f| f.get(&slot).copied().unwrap_or_default())
    };
    slots
        .iter()
        .map(|slot| {
            let (events, rest) = (at(&events, *slot), at(&rest, *slot));
            let n = match rest {
                Some(rest) => Some(rest.max(events.unwrap_or_default())),
                None => at(&n, *slot),
            };
            (*slot, Room { n, events, rest })
        })
        .collect()
}

/// Known sums out of balance, by number, in order.
type Balance = Vec<(u32, i64)>;

/// One step of a search: which atom moved, by how much, after which step.
struct Step {
    before: Option<usize>,
    atom: u32,
    by: i64,
    balance: Balance,
    depth: usize,
}

struct Search<'a> {
    system: &'a System,
    slots: &'a [usize],
    width: i64,
    /// Every set of atoms whose sum is known, and by atom which of them hold it.
    sums: Vec<Vec<u32>>,
    sums_of: Vec<Vec<u32>>,
    /// The same without what is fixed: atoms that can move, by equation and the other way round.
    equations: Vec<Vec<u32>>,
    equations_of: Vec<Vec<u32>>,
    free: Vec<bool>,
    truth: &'a Layer,
    /// Least and greatest change found, by slot and base.
    found: Vec<Vec<(i64, i64)>>,
    /// By atom: which slots and bases hold it.
    holders: HashMap<u32, Vec<(usize, usize)>>,
}

fn by_atom(sets: &[Vec<u32>], atoms: usize) -> Vec<Vec<u32>> {
    let mut of = vec![Vec::new(); atoms];
    for (number, set) in sets.iter().enumerate() {
        for atom in set {
            if let Some(list) = of.get_mut(*atom as usize) {
                list.push(number as u32);
            }
        }
    }
    of
}

impl<'a> Search<'a> {
    fn new(
        system: &'a System,
        pattern: &Pattern,
        policy: &Policy,
        truth: &'a Layer,
        slots: &'a [usize],
    ) -> Self {
        let (sums, mut equations) = secondary::sums(system, pattern, truth, policy);
        let sums_of = by_atom(&sums, system.atoms);
        let mut free = vec![true; system.atoms];
        loop {
            let mut moved = false;
            for equation in &mut equations {
                equation.retain(|a| free.get(*a as usize) == Some(&true));
                // One atom left, or none of them holds anything: no table differs there.
                if equation.len() == 1 || !equation.is_empty() && truth.sum(equation) == 0 {
                    for atom in equation.iter() {
                        if let Some(slot) = free.get_mut(*atom as usize) {
                            *slot = false;
                        }
                    }
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        equations.retain(|e| !e.is_empty());
        equations.sort_unstable();
        equations.dedup();
        let equations_of = by_atom(&equations, system.atoms);
        let mut holders: HashMap<u32, Vec<(usize, usize)>> = HashMap::new();
        let mut found = Vec::with_capacity(slots.len());
        for (place, slot) in slots.iter().enumerate() {
            let bases = system.slots.get(*slot).map_or(&[][..], |s| &s.group[..]);
            for (base, atoms) in bases.iter().enumerate() {
                for atom in atoms {
                    holders.entry(*atom).or_default().push((place, base));
                }
            }
            found.push(vec![(0, 0); bases.len()]);
        }
        Search {
            system,
            slots,
            width: policy.width(),
            sums,
            sums_of,
            equations,
            equations_of,
            free,
            truth,
            found,
            holders,
        }
    }

    /// Distance between the least and greatest value, in the base that leaves least on each side.
    fn room(&self, place: usize) -> i64 {
        let bases = self.found.get(place).map_or(&[][..], Vec::as_slice);
        let lower = bases.iter().map(|b| b.0).max().unwrap_or(0);
        let upper = bases.iter().map(|b| b.1).min().unwrap_or(0);
        upper - lower
    }

    fn run(mut self) -> BTreeMap<usize, i64> {
        for (place, slot) in self.slots.iter().enumerate() {
            let bases = self.system.slots.get(*slot).map_or(0, |s| s.group.len());
            for base in 0..bases {
                for sign in [1, -1] {
                    if self.room(place) < self.width {
                        self.push(place, *slot, base, sign);
                    }
                }
            }
        }
        let rooms = self.slots.iter().enumerate();
        rooms
            .map(|(place, slot)| (*slot, self.room(place)))
            .collect()
    }

    /// Moves one count up or down, exchange after exchange, until it is wide enough or stuck.
    fn push(&mut self, place: usize, slot: usize, base: usize, sign: i64) {
        let Some(target) = self.system.slots.get(slot).and_then(|s| s.group.get(base)) else {
            return;
        };
        let target: HashSet<u32> = target.iter().copied().collect();
        let mut starts: Vec<u32> = target.iter().copied().collect();
        starts.retain(|a| self.free.get(*a as usize) == Some(&true));
        starts.sort_by_key(|a| (Reverse(self.truth.sum(&[*a])), *a));
        starts.truncate(STARTS);
        let mut change: BTreeMap<u32, i64> = BTreeMap::new();
        for start in starts {
            while self.room(place) < self.width {
                let Some(exchange) = self.exchange(start, sign, &target, &change) else {
                    break;
                };
                let gain: i64 = exchange
                    .iter()
                    .filter(|(a, _)| target.contains(a))
                    .map(|(_, by)| by * sign)
                    .sum();
                let wanted = (self.width - self.room(place) + gain - 1) / gain.max(1);
                let times = exchange
                    .iter()
                    .filter(|(_, by)| **by < 0)
                    .map(|(atom, by)| self.now(*atom, &change) / -by)
                    .fold(wanted.max(1), i64::min);
                for (atom, by) in &exchange {
                    *change.entry(*atom).or_default() += by * times;
                }
                if !self.agrees(&change) {
                    return;
                }
                self.note(&change);
            }
        }
    }

    fn now(&self, atom: u32, change: &BTreeMap<u32, i64>) -> i64 {
        self.truth.sum(&[atom]) + change.get(&atom).copied().unwrap_or(0)
    }

    /// Whether the changed table has no negative count and every known sum, in whole numbers.
    fn agrees(&self, change: &BTreeMap<u32, i64>) -> bool {
        let mut sums: BTreeSet<u32> = BTreeSet::new();
        for atom in change.keys() {
            if self.now(*atom, change) < 0 {
                return false;
            }
            sums.extend(self.sums_of.get(*atom as usize).into_iter().flatten());
        }
        sums.iter().all(|sum| {
            let atoms = self.sums.get(*sum as usize).map_or(&[][..], Vec::as_slice);
            let by = |atom: &u32| change.get(atom).copied().unwrap_or(0);
            atoms.iter().map(by).sum::<i64>() == 0
        })
    }

    /// Keeps what a table that agrees says of every withheld count.
    fn note(&mut self, change: &BTreeMap<u32, i64>) {
        let mut moved: BTreeMap<(usize, usize), i64> = BTreeMap::new();
        for (atom, by) in change {
            for holder in self.holders.get(atom).into_iter().flatten() {
                *moved.entry(*holder).or_default() += by;
            }
        }
        for ((place, base), by) in moved {
            let slot = self.found.get_mut(place).and_then(|b| b.get_mut(base));
            if let Some((lower, upper)) = slot {
                (*lower, *upper) = ((*lower).min(by), (*upper).max(by));
            }
        }
    }

    /// A smallest exchange found that starts with this atom and moves the count with it.
    fn exchange(
        &self,
        start: u32,
        sign: i64,
        target: &HashSet<u32>,
        change: &BTreeMap<u32, i64>,
    ) -> Option<BTreeMap<u32, i64>> {
        if self.now(start, change) + sign < 0 {
            return None;
        }
        let mut steps = vec![Step {
            before: None,
            atom: start,
            by: sign,
            balance: self.moved(&Vec::new(), start, sign),
            depth: 1,
        }];
        let mut seen: HashSet<Balance> = HashSet::new();
        let mut queue = BinaryHeap::from([Reverse((0_usize, 0_usize))]);
        while let Some(Reverse((_, at))) = queue.pop() {
            let step = steps.get(at)?;
            let (balance, depth) = (step.balance.clone(), step.depth);
            let mut path: BTreeMap<u32, i64> = BTreeMap::new();
            let mut back = Some(at);
            while let Some(step) = back.and_then(|b| steps.get(b)) {
                *path.entry(step.atom).or_default() += step.by;
                back = step.before;
            }
            // The shortest sum out of balance has the fewest ways back.
            let length = |equation: u32| self.equations.get(equation as usize).map_or(0, Vec::len);
            let Some((equation, off)) = balance.iter().copied().min_by_key(|(e, _)| length(*e))
            else {
                let gain = |(a, by): (&u32, &i64)| if target.contains(a) { by * sign } else { 0 };
                if path.iter().map(gain).sum::<i64>() >= 1 {
                    return Some(path);
                }
                continue;
            };
            let by = -off.signum();
            for atom in self.equations.get(equation as usize).into_iter().flatten() {
                let own = path.get(atom).copied().unwrap_or(0);
                if own * by < 0 || self.now(*atom, change) + own + by < 0 {
                    continue;
                }
                let balance = self.moved(&balance, *atom, by);
                if !balance.is_empty() && !seen.insert(balance.clone()) {
                    continue;
                }
                let cost: i64 = balance.iter().map(|(_, off)| off.abs()).sum();
                queue.push(Reverse((
                    depth + usize::try_from(cost).unwrap_or(0),
                    steps.len(),
                )));
                steps.push(Step {
                    before: Some(at),
                    atom: *atom,
                    by,
                    balance,
                    depth: depth + 1,
                });
            }
            if steps.len() > STATES {
                return None;
            }
        }
        None
    }

    /// The known sums out of balance once an atom has moved.
    fn moved(&self, balance: &Balance, atom: u32, by: i64) -> Balance {
        let mut after = balance.clone();
        for equation in self.equations_of.get(atom as usize).into_iter().flatten() {
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
