//! The search for exchanges: one count moved up and down as far as is asked.

use std::cell::Cell;
use std::cmp::Reverse;

use super::field::{Field, equations};
use super::lists::{Lists, Sums};
use crate::release::cells::Layer;

/// States of the general searches for one end of one count before it is given up.
const STATES: usize = 1_200;

/// Atoms of a count from which a search sets out.
const STARTS: usize = 6;

/// No step, no state.
pub(super) const NONE: u32 = u32::MAX;

/// The search, with the memory it uses again and again.
pub(super) struct Search<'a> {
    field: Field<'a>,
    slots: Vec<usize>,
    sums_of: Lists,
    /// Residuals without what is fixed: atoms that can move, by equation and the other way round.
    pub(super) equations: Lists,
    pub(super) equations_of: Lists,
    /// Atoms that stand in one equation only: what they take is nobody's loss elsewhere.
    single: Vec<u32>,
    /// Whether some atom stands in three equations or more.
    branched: bool,
    free: Vec<bool>,
    /// Least and greatest change found, by base of a slot; where the bases of each slot begin.
    found: Vec<(i64, i64)>,
    first_base: Vec<usize>,
    holders: Lists,
    /// The table at hand: change by atom, and what was added to the ceiling before.
    change: Sums,
    lift: Sums,
    pub(super) target: Vec<bool>,
    off: Sums,
    moved: Sums,
    /// States left to the end at hand.
    pub(super) left: Cell<usize>,
    walk: Walk,
}

/// Memory of the walk: by state, when it was seen and from where.
#[derive(Default)]
struct Walk {
    now: u32,
    seen: Vec<u32>,
    from: Vec<(u32, u32, i64)>,
    queue: Vec<u32>,
}

/// An exchange: atoms, and by how much each moves.
pub(super) type Exchange = Vec<(u32, i64)>;

impl<'a> Search<'a> {
    pub(super) fn new(field: Field<'a>, slots: &[usize]) -> Self {
        let atoms = field.system.atoms;
        let (equations, free) = equations(&field);
        let equations_of = equations.turned(atoms);
        let mut first_base = vec![0];
        let mut held: Vec<Vec<u32>> = Vec::new();
        for slot in slots {
            let bases = field.system.slots.get(*slot).map_or(&[][..], |s| &s.group);
            held.extend(bases.iter().cloned());
            first_base.push(held.len());
        }
        let count = |atom: &u32| equations_of.get(*atom as usize).len();
        let all = 0..atoms as u32;
        Search {
            slots: slots.to_vec(),
            sums_of: Lists::of(field.sums.iter().map(Vec::as_slice)).turned(atoms),
            single: all.clone().filter(|a| count(a) == 1).collect(),
            branched: all.clone().any(|a| count(&a) > 2),
            free,
            found: vec![(0, 0); held.len()],
            first_base,
            holders: Lists::of(held.iter().map(Vec::as_slice)).turned(atoms),
            change: Sums::new(atoms),
            lift: Sums::new(atoms),
            target: vec![false; atoms],
            off: Sums::new(field.sums.len()),
            left: Cell::new(STATES),
            moved: Sums::new(held.len()),
            walk: Walk {
                seen: vec![0; 2 * equations.len() + 1],
                from: vec![(NONE, NONE, 0); 2 * equations.len() + 1],
                ..Walk::default()
            },
            equations,
            equations_of,
            field,
        }
    }

    /// Distance between the least and greatest value, in the base that leaves least on each side.
    fn room(&self, place: usize) -> i64 {
        let first = self.first_base.get(place).copied().unwrap_or(0);
        let last = self.first_base.get(place + 1).copied().unwrap_or(first);
        let bases = self.found.get(first..last).unwrap_or_default();
        let lower = bases.iter().map(|b| b.0).max().unwrap_or(0);
        let upper = bases.iter().map(|b| b.1).min().unwrap_or(0);
        upper - lower
    }

    /// Returns, slot by slot, a table in which it is higher by as much as is asked for or could be
    /// found, as what moved.
    pub(super) fn lifts(mut self) -> Vec<Exchange> {
        let places = 0..self.slots.len();
        let of = places.map(|place| {
            self.found.fill((0, 0));
            if let Some(slot) = self.slots.get(place).copied() {
                self.push(place, slot, 0, 1);
            }
            let moved = self.change.moved().to_vec();
            let lift = moved.iter().map(|atom| (*atom, self.change.get(*atom)));
            let lift = lift.collect();
            self.change.clear();
            lift
        });
        of.collect()
    }

    /// Returns how far apart the values of each slot were found to lie, in their order; the
    /// ceiling of each may be another table's.
    pub(super) fn run(mut self, lifts: &[Exchange]) -> Vec<i64> {
        for place in 0..self.slots.len() {
            self.lift.clear();
            for (atom, by) in lifts.get(place).into_iter().flatten() {
                self.lift.add(*atom, *by);
            }
            let Some(slot) = self.slots.get(place).copied() else {
                continue;
            };
            let bases = self.field.system.slots.get(slot);
            for base in 0..bases.map_or(0, |s| s.group.len()) {
                for sign in [1, -1] {
                    if self.room(place) < self.field.width {
                        self.push(place, slot, base, sign);
                        self.change.clear();
                    }
                }
            }
        }
        (0..self.slots.len())
            .map(|place| self.room(place))
            .collect()
    }

    /// Moves one count up or down, exchange after exchange, until it is wide enough or stuck.
    fn push(&mut self, place: usize, slot: usize, base: usize, sign: i64) {
        let system = self.field.system;
        let Some(target) = system.slots.get(slot).and_then(|s| s.group.get(base)) else {
            return;
        };
        let mut starts: Vec<u32> = target.clone();
        starts.retain(|a| self.free.get(*a as usize) == Some(&true));
        let holds = match (sign, self.field.ceiling) {
            (1, Some(ceiling)) => ceiling,
            _ => self.field.truth,
        };
        starts.sort_by_key(|a| (Reverse(holds.sum(&[*a])), *a));
        starts.truncate(STARTS);
        self.mark(target, true);
        self.left.set(STATES);
        'starts: for start in starts {
            while self.room(place) < self.field.width {
                let Some(exchange) = self.exchange(start, sign) else {
                    break;
                };
                let inside =
                    |(atom, _): &&(u32, i64)| self.target.get(*atom as usize) == Some(&true);
                let gain: i64 = exchange
                    .iter()
                    .filter(inside)
                    .map(|(_, by)| by * sign)
                    .sum();
                let wanted = (self.field.width - self.room(place) + gain - 1) / gain.max(1);
                let most = |(atom, by): &(u32, i64)| match by.signum() {
                    -1 => self.holds(*atom) / -by,
                    1 => self.gains(*atom) / by,
                    _ => i64::MAX,
                };
                let times = exchange.iter().map(most).fold(wanted.max(1), i64::min);
                if gain < 1 || times < 1 {
                    break;
                }
                for (atom, by) in &exchange {
                    self.change.add(*atom, by * times);
                }
                if !self.agrees() {
                    self.change.clear();
                    break 'starts;
                }
                self.note();
            }
        }
        self.mark(target, false);
    }

    fn mark(&mut self, target: &[u32], on: bool) {
        for atom in target {
            if let Some(slot) = self.target.get_mut(*atom as usize) {
                *slot = on;
            }
        }
    }

    /// What an atom holds in the table at hand.
    pub(super) fn holds(&self, atom: u32) -> i64 {
        self.field.truth.sum(&[atom]) + self.change.get(atom)
    }

    /// What it can still gain.
    pub(super) fn gains(&self, atom: u32) -> i64 {
        let left =
            |ceiling: &Layer| ceiling.sum(&[atom]) + self.lift.get(atom) - self.change.get(atom);
        self.field.ceiling.map_or(i64::MAX, left)
    }

    fn can(&self, atom: u32, by: i64, sign: i64) -> bool {
        let at = atom as usize;
        let holds = match by < 0 {
            true => self.holds(atom) >= -by,
            false => self.gains(atom) >= by,
        };
        // What the target gained is not given back.
        holds
            && self.free.get(at) == Some(&true)
            && !(by * sign < 0 && self.target.get(at) == Some(&true))
    }

    /// Whether the changed table has no negative count and every known sum, in whole numbers.
    fn agrees(&mut self) -> bool {
        self.off.clear();
        let moved = self.change.moved().to_vec();
        let mut possible = true;
        for atom in moved {
            possible &= self.holds(atom) >= 0 && self.gains(atom) >= 0;
            for sum in self.sums_of.get(atom as usize) {
                self.off.add(*sum, self.change.get(atom));
            }
        }
        possible && self.off.moved().is_empty()
    }

    /// Keeps what a table that agrees says of every withheld count.
    fn note(&mut self) {
        self.moved.clear();
        for atom in self.change.moved().to_vec() {
            for base in self.holders.get(atom as usize) {
                self.moved.add(*base, self.change.get(atom));
            }
        }
        for base in self.moved.moved().to_vec() {
            if let Some((lower, upper)) = self.found.get_mut(base as usize) {
                let by = self.moved.get(base);
                (*lower, *upper) = ((*lower).min(by), (*upper).max(by));
            }
        }
    }

    /// A short exchange that starts with this atom and moves the target with it.
    fn exchange(&mut self, start: u32, sign: i64) -> Option<Exchange> {
        if !self.can(start, sign, sign) {
            return None;
        }
        let found = match self.equations_of.get(start as usize) {
            [] => Some(vec![(start, sign)]),
            [u] => self.walk(start, sign, *u, None),
            [u, v] => self.walk(start, sign, *u, Some(*v)),
            _ => None,
        };
        match (found, self.branched && self.left.get() > 0) {
            (None, true) => self.general(start, sign),
            (found, _) => found,
        }
    }

    /// Breadth first, where an atom is an edge between the two equations it stands in: what one
    /// move puts out of balance the next puts right, until the first equation is met again. Atoms
    /// in one equation end or continue it anywhere.
    fn walk(&mut self, start: u32, sign: i64, u: u32, v: Option<u32>) -> Option<Exchange> {
        let ground = 2 * self.equations.len() as u32;
        let state = |node: u32, off: i64| 2 * node + u32::from(off > 0);
        let goal = v.map_or(ground, |v| state(v, -sign));
        let mut walk = std::mem::take(&mut self.walk);
        walk.now += 1;
        walk.queue.clear();
        let reach = |walk: &mut Walk, next: u32, from: (u32, u32, i64)| {
            let now = walk.now;
            if let Some(seen) = walk.seen.get_mut(next as usize).filter(|s| **s != now) {
                *seen = now;
                if let Some(slot) = walk.from.get_mut(next as usize) {
                    *slot = from;
                }
                walk.queue.push(next);
            }
        };
        reach(&mut walk, state(u, sign), (NONE, start, sign));
        let mut head = 0;
        let mut met = false;
        while let Some(at) = walk.queue.get(head).copied() {
            head += 1;
            if at == goal && head > 1 {
                met = true;
                break;
            }
            if at == ground {
                for atom in &self.single {
                    for by in [1, -1] {
                        if let ([node], true) = (
                            self.equations_of.get(*atom as usize),
                            self.can(*atom, by, sign),
                        ) {
                            reach(&mut walk, state(*node, by), (at, *atom, by));
                        }
                    }
                }
                continue;
            }
            let (node, by) = (at / 2, if at % 2 == 1 { -1 } else { 1 });
            for atom in self.equations.get(node as usize) {
                if !self.can(*atom, by, sign) {
                    continue;
                }
                let next = match self.equations_of.get(*atom as usize) {
                    [_] => ground,
                    [a, b] if *a == node => state(*b, by),
                    [a, _] => state(*a, by),
                    _ => continue,
                };
                reach(&mut walk, next, (at, *atom, by));
            }
        }
        let mut exchange: Exchange = Vec::new();
        let mut back = if met { goal } else { NONE };
        while let Some((before, atom, by)) = walk.from.get(back as usize).copied() {
            add(&mut exchange, atom, by);
            back = before;
        }
        self.walk = walk;
        let possible = |(atom, by): &(u32, i64)| match *by < 0 {
            true => self.holds(*atom) >= -by,
            false => self.gains(*atom) >= *by,
        };
        (met && exchange.iter().all(possible)).then_some(exchange)
    }
}

pub(super) fn add(exchange: &mut Exchange, atom: u32, by: i64) {
    match exchange.iter_mut().find(|(a, _)| *a == atom) {
        Some((_, known)) => *known += by,
        None => exchange.push((atom, by)),
    }
}
