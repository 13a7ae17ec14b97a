//! What is left open of unknowns under sums: propagation, components, and a programme for each.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};

use super::SOLVED;
use super::case::Sum;
use super::simplex::{Ends, Simplex};
use crate::error::Error;

/// Bounds of a term of a sum: of the unknown, or of what it takes away.
fn ends(bounds: &[(f64, f64)], (unknown, sign): &(u32, i8)) -> (f64, f64) {
    let known = bounds.get(*unknown as usize).copied();
    let (lower, upper) = known.unwrap_or((0.0, f64::INFINITY));
    if *sign > 0 {
        (lower, upper)
    } else {
        (-upper, -lower)
    }
}

/// Narrows every unknown by every sum until nothing moves; returns bounds of each.
fn propagate(known: &[Sum], unknowns: usize) -> Vec<(f64, f64)> {
    let mut bounds = vec![(0.0_f64, f64::INFINITY); unknowns];
    let mut of: Vec<Vec<u32>> = vec![Vec::new(); unknowns];
    for (number, (terms, _, _)) in known.iter().enumerate() {
        for (unknown, _) in terms {
            if let Some(list) = of.get_mut(*unknown as usize) {
                list.push(number as u32);
            }
        }
    }
    let mut due: Vec<bool> = vec![true; known.len()];
    for _ in 0..50 {
        let mut moved = false;
        for number in 0..known.len() {
            let (Some((terms, low, high)), Some(true)) =
                (known.get(number), due.get(number).copied())
            else {
                continue;
            };
            if let Some(slot) = due.get_mut(number) {
                *slot = false;
            }
            let (mut least, mut most) = (0.0, 0.0);
            let (mut bottomless, mut open) = (0, 0);
            for term in terms {
                let (a, b) = ends(&bounds, term);
                if a.is_finite() {
                    least += a
                } else {
                    bottomless += 1
                }
                if b.is_finite() { most += b } else { open += 1 }
            }
            for term in terms {
                let (unknown, sign) = term;
                let (a, b) = ends(&bounds, term);
                // The sums above rest on the old bounds, which are wider: still valid.
                let others_least = match (bottomless, a.is_finite()) {
                    (0, _) => Some(least - a),
                    (1, false) => Some(least),
                    _ => None,
                };
                let others_most = match (open, b.is_finite()) {
                    (0, _) => Some(most - b),
                    (1, false) => Some(most),
                    _ => None,
                };
                let upper = others_least.map_or(b, |least| b.min(high - least));
                let lower = others_most.map_or(a, |most| a.max(low - most));
                if upper < b - 1e-9 || lower > a + 1e-9 {
                    moved = true;
                    let upper = upper.max(lower);
                    if let Some(slot) = bounds.get_mut(*unknown as usize) {
                        *slot = if *sign > 0 {
                            (lower, upper)
                        } else {
                            (-upper, -lower)
                        };
                    }
                    for sum in of.get(*unknown as usize).into_iter().flatten() {
                        if let Some(slot) = due.get_mut(*sum as usize) {
                            *slot = true;
                        }
                    }
                }
            }
        }
        if !moved {
            break;
        }
    }
    bounds
}

/// What propagation leaves open: unknowns that are not yet one number, and what ties them.
pub(super) struct Open {
    strict: bool,
    bounds: Vec<(f64, f64)>,
    /// By unknown, the first unknown of its component.
    heads: Vec<u32>,
    members: HashMap<u32, Vec<u32>>,
    equations: HashMap<u32, Vec<Sum>>,
}

/// A component ready to be asked: where unknowns that always stand together have gone.
pub(super) struct Component {
    at: HashMap<u32, usize>,
    size: Vec<usize>,
    table: Simplex,
}

fn root(links: &mut [u32], mut at: u32) -> u32 {
    while let Some(up) = links.get(at as usize).copied().filter(|up| *up != at) {
        let above = links.get(up as usize).copied().unwrap_or(up);
        if let Some(slot) = links.get_mut(at as usize) {
            *slot = above;
        }
        at = above;
    }
    at
}

impl Open {
    pub(super) fn new(known: &[Sum], unknowns: usize, strict: bool) -> Self {
        let bounds = propagate(known, unknowns);
        let of = |u: u32| {
            bounds
                .get(u as usize)
                .copied()
                .unwrap_or((0.0, f64::INFINITY))
        };
        let free = |u: u32| of(u).1 - of(u).0 > 1e-6;
        let mut links: Vec<u32> = (0..unknowns as u32).collect();
        let mut left: Vec<Sum> = Vec::new();
        for (terms, low, high) in known {
            let mut fixed = 0.0;
            let mut open = Vec::new();
            for (unknown, sign) in terms {
                match free(*unknown) {
                    true => open.push((*unknown, *sign)),
                    false => fixed += f64::from(*sign) * of(*unknown).0,
                }
            }
            let Some((head, _)) = open.first().copied() else {
                continue;
            };
            for (other, _) in &open {
                let (a, b) = (root(&mut links, head), root(&mut links, *other));
                if let Some(slot) = links.get_mut(a.max(b) as usize) {
                    *slot = a.min(b);
                }
            }
            left.push((open, low - fixed, high - fixed));
        }
        let heads: Vec<u32> = (0..unknowns as u32).map(|u| root(&mut links, u)).collect();
        let head_of = |u: u32| heads.get(u as usize).copied().unwrap_or(u);
        let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
        for unknown in (0..unknowns as u32).filter(|u| free(*u)) {
            members.entry(head_of(unknown)).or_default().push(unknown);
        }
        left.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then(a.1.total_cmp(&b.1))
                .then(a.2.total_cmp(&b.2))
        });
        left.dedup();
        let mut equations: HashMap<u32, Vec<Sum>> = HashMap::new();
        for equation in left {
            if let Some((unknown, _)) = equation.0.first() {
                equations
                    .entry(head_of(*unknown))
                    .or_default()
                    .push(equation);
            }
        }
        Open {
            strict,
            bounds,
            heads,
            members,
            equations,
        }
    }

    fn of(&self, unknown: u32) -> (f64, f64) {
        let bounds = self.bounds.get(unknown as usize);
        bounds.copied().unwrap_or((0.0, f64::INFINITY))
    }

    /// Bounds of a sum of unknowns, and whether whole tables reach them.
    pub(super) fn range(
        &self,
        set: &[u32],
        components: &mut BTreeMap<u32, Option<Component>>,
    ) -> Result<((f64, f64), bool), Error> {
        let mut fixed = 0.0;
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for unknown in set {
            let (lower, upper) = self.of(*unknown);
            match upper - lower > 1e-6 {
                true => {
                    let head = self.heads.get(*unknown as usize).copied();
                    parts
                        .entry(head.unwrap_or(*unknown))
                        .or_default()
                        .push(*unknown);
                }
                false => fixed += lower,
            }
        }
        let (mut lower, mut upper, mut exact) = (fixed, fixed, true);
        for (head, unknowns) in parts {
            let component = match components.entry(head) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.component(head)?),
            };
            let component = component.as_ref();
            let solved = component.and_then(|component| component.ends(&unknowns));
            let ends = unknowns.iter().map(|u| self.of(*u));
            let (a, b) = ends.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
            match solved {
                Some(ends) => {
                    // Both are right; the closer is nearer the truth.
                    (lower, upper) = (lower + ends.lower.max(a), upper + ends.upper.min(b));
                    exact &= ends.whole;
                }
                None => {
                    (lower, upper) = (lower + a, upper + b);
                    exact = false;
                }
            }
        }
        Ok(((lower, upper), exact))
    }

    /// The linear programme of a component, or nothing where it is too large.
    fn component(&self, head: u32) -> Result<Option<Component>, Error> {
        let none = Vec::new();
        let equations = self.equations.get(&head).unwrap_or(&none);
        let mut columns: BTreeMap<u32, Vec<(u32, i8)>> = BTreeMap::new();
        for unknown in self.members.get(&head).into_iter().flatten() {
            columns.insert(*unknown, Vec::new());
        }
        for (number, (terms, _, _)) in equations.iter().enumerate() {
            for (unknown, sign) in terms {
                if let Some(column) = columns.get_mut(unknown) {
                    column.push((number as u32, *sign));
                }
            }
        }
        // Unknowns that stand together in every equation are one.
        let mut merged: BTreeMap<&Vec<(u32, i8)>, usize> = BTreeMap::new();
        let mut at: HashMap<u32, usize> = HashMap::new();
        let mut size: Vec<usize> = Vec::new();
        for (unknown, column) in &columns {
            let next = merged.len();
            let number = *merged.entry(column).or_insert(next);
            match size.get_mut(number) {
                Some(count) => *count += 1,
                None => size.push(1),
            }
            at.insert(*unknown, number);
        }
        if size.len() > SOLVED {
            return Ok(None);
        }
        let mut next = size.len();
        let mut made = Vec::with_capacity(equations.len());
        for (terms, low, high) in equations {
            let mut row: BTreeMap<usize, f64> = BTreeMap::new();
            for (unknown, sign) in terms {
                if let Some(number) = at.get(unknown) {
                    row.insert(*number, f64::from(*sign));
                }
            }
            let mut row: Vec<(usize, f64)> = row.into_iter().collect();
            if high - low > 1e-9 && high.is_finite() {
                // Between two numbers: one slack below, one above.
                row.push((next, 1.0));
                made.push((vec![(next, 1.0), (next + 1, 1.0)], high - low));
                next += 2;
                made.push((row, *high));
            } else if high.is_finite() {
                made.push((row, *high));
            } else {
                row.push((next, -1.0));
                next += 1;
                made.push((row, *low));
            }
        }
        match Simplex::new(next, &made) {
            Some(table) => Ok(Some(Component { at, size, table })),
            None if !self.strict => Ok(None),
            None => Err(Error::Release {
                problem: "the printed figures contradict each other".into(),
                advice: Some("tables of different cohorts are audited apart".into()),
            }),
        }
    }
}

impl Component {
    fn ends(&self, unknowns: &[u32]) -> Option<Ends> {
        let mut asked: BTreeMap<usize, usize> = BTreeMap::new();
        for unknown in unknowns {
            *asked.entry(*self.at.get(unknown)?).or_default() += 1;
        }
        // Of unknowns that are one, some can have nothing and any can have all.
        let most: Vec<(usize, f64)> = asked.keys().map(|number| (*number, 1.0)).collect();
        let whole = |(number, count): &(&usize, &usize)| self.size.get(**number) == Some(count);
        let least = asked.iter().filter(whole).map(|(number, _)| (*number, 1.0));
        self.table.bounds(&least.collect::<Vec<_>>(), &most)
    }
}
