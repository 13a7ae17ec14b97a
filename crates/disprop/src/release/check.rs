//! The attacker let loose on what is about to leave, and what is withheld where it wins.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Withheld;
use super::audit::{self, Feasible, Knowledge, Row, Shown};
use super::cells::{Slot, System};
use super::exchange::{self, Room};
use super::policy::Policy;
use super::primary::Rule;
use super::secondary::{self, Pattern};
use crate::codes::LeafKind;
use crate::error::Error;
use crate::gaps::{Gaps, Unclassified};
use crate::tallies::Column;

/// Times the attacker may find a leak before a release is refused.
const ROUNDS: usize = 200;

/// Times a leak is closed in its own measure before it is closed in all with the same pupils.
const PATIENT: usize = 3;

/// Most rows of a class of which each that protects another is tried once more.
const GIVEN_BACK: usize = 40;

/// One class of measures on its way out.
pub(super) struct Gate<'a> {
    pub(super) tables: &'a [&'a Gaps],
    pub(super) systems: Vec<&'a System>,
    pub(super) knowledge: &'a Knowledge,
    pub(super) policy: &'a Policy,
}

/// Measure of the class, slot, and whether no measure of the class shows its pupils.
type Settled = BTreeSet<(usize, usize, bool)>;

impl Gate<'_> {
    /// Returns what is withheld of each measure of the class, or nothing where a reader can still
    /// bound a withheld count too closely, or neither the linear programme nor an exchange shows
    /// that he cannot.
    pub(super) fn patterns(&self) -> Result<Option<Vec<Pattern>>, Error> {
        let mut patterns = secondary::patterns(&self.systems, self.policy);
        if !self.policy.withholds() {
            return Ok(Some(patterns));
        }
        // Withholding more never makes a table impossible that was possible, so what is safe stays
        // so; only that pupils are unseen now may ask for more than before.
        let mut settled = Settled::new();
        for round in 0..ROUNDS {
            let leaks = self.leaks(&patterns, &mut settled)?;
            if leaks.is_empty() {
                self.give_back(&mut patterns)?;
                return Ok(Some(patterns));
            }
            if !escalate(&self.systems, &mut patterns, &leaks, round >= PATIENT) {
                break;
            }
            secondary::again(&self.systems, &mut patterns, self.policy);
        }
        Ok(None)
    }

    /// Shows again what protects nobody: one row at a time, the largest first, where the attacker
    /// is no wiser for it. Publications of many rows are left as they are.
    fn give_back(&self, patterns: &mut [Pattern]) -> Result<(), Error> {
        let slots: usize = self.systems.iter().map(|system| system.slots.len()).sum();
        if slots > GIVEN_BACK {
            return Ok(());
        }
        let mut withheld: Vec<(i64, usize, usize)> = Vec::new();
        for (number, (system, pattern)) in self.systems.iter().zip(&*patterns).enumerate() {
            for (slot, (at, rule)) in system.slots.iter().zip(&pattern.slots).enumerate() {
                // A baseline chosen for being best tells more than the attacker reads.
                if *rule == Some(Rule::Protects) && !at.absent && at.chosen.is_none() {
                    withheld.push((-system.size(at), number, slot));
                }
            }
        }
        withheld.sort_unstable();
        for (_, number, slot) in withheld {
            set(patterns, number, slot, None);
            if !self.leaks(patterns, &mut Settled::new())?.is_empty() {
                set(patterns, number, slot, Some(Rule::Protects));
            }
        }
        Ok(())
    }

    /// The slots, by measure of the class, that are not shown to be safe.
    fn leaks(
        &self,
        patterns: &[Pattern],
        settled: &mut Settled,
    ) -> Result<Vec<(usize, usize)>, Error> {
        let shared = self.shared(patterns);
        let mut asked: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
        for (number, (system, pattern)) in self.systems.iter().zip(patterns).enumerate() {
            for (slot, at) in system.slots.iter().enumerate() {
                if pattern.keeps(slot) && !settled.contains(&(number, slot, shared.keeps(slot))) {
                    asked.insert((at.table, at.row), (number, slot));
                }
            }
        }
        let found = self.attack(patterns, &|table, row| asked.contains_key(&(table, row)))?;
        let width = self.policy.width() as f64;
        let (zeros, complement) = (self.policy.show_zeros, self.policy.complement);
        let mut leaks = Vec::new();
        let mut open: Vec<BTreeMap<usize, &Feasible>> = vec![BTreeMap::new(); patterns.len()];
        for feasible in &found {
            let Some((number, slot)) = asked.get(&(feasible.table, feasible.row)).copied() else {
                continue;
            };
            if !feasible.is_safe(width, zeros, complement) {
                leaks.push((number, slot));
            } else if feasible.exact && !is_average(feasible) {
                settled.insert((number, slot, shared.keeps(slot)));
            } else if let Some(open) = open.get_mut(number) {
                open.insert(slot, feasible);
            }
        }
        let jobs = self.systems.par_iter().enumerate();
        let jobs = jobs.zip(patterns).zip(&open);
        let proved: Vec<Vec<(usize, bool)>> = jobs
            .map(|(((number, system), pattern), open)| {
                let slots: Vec<usize> = open.keys().copied().collect();
                if slots.is_empty() {
                    return Vec::new();
                }
                let mut sisters = self.systems.clone();
                sisters.remove(number);
                let rooms =
                    exchange::rooms(system, &sisters, pattern, &shared, self.policy, &slots);
                let of = |(slot, found): (&usize, &&Feasible)| {
                    let room = rooms.get(slot).copied().unwrap_or_default();
                    (*slot, proves(&room, found, self.policy))
                };
                open.iter().map(of).collect()
            })
            .collect();
        for (number, proved) in proved.into_iter().enumerate() {
            for (slot, proved) in proved {
                match proved {
                    true => {
                        settled.insert((number, slot, shared.keeps(slot)));
                    }
                    false => leaks.push((number, slot)),
                }
            }
        }
        leaks.sort_unstable();
        Ok(leaks)
    }

    /// What no measure of the class shows.
    fn shared(&self, patterns: &[Pattern]) -> Pattern {
        let first = self.systems.first();
        first.map_or_else(Pattern::default, |system| {
            secondary::shared(system, patterns)
        })
    }

    /// What a reader who knows every shown count exactly makes of the rows that are asked about.
    fn attack(
        &self,
        patterns: &[Pattern],
        wanted: &(dyn Fn(usize, usize) -> bool + Sync),
    ) -> Result<Vec<Feasible>, Error> {
        let withheld = Withheld::new(self.tables, &self.systems, patterns);
        let ids: BTreeSet<&str> = self.systems.iter().map(|s| s.measure.as_str()).collect();
        let rows: Vec<Vec<Row>> = self
            .tables
            .iter()
            .enumerate()
            .map(|(table, gaps)| {
                if !gaps.measures.iter().any(|m| ids.contains(m.id.as_str())) {
                    return Vec::new();
                }
                let hidden = |row: usize| {
                    let rows = withheld.rows.get(table);
                    rows.and_then(|r| r.get(row)).is_some_and(Option::is_some)
                };
                let bare = |row: usize| {
                    let rows = withheld.coverage.get(table);
                    rows.and_then(|r| r.get(row)) == Some(&true)
                };
                audit::exact(gaps, |id| ids.contains(id), hidden, bare, self.knowledge)
            })
            .collect();
        let of = |gaps: &&Gaps| {
            let kept = gaps.kept().iter().map(|(name, _)| name);
            gaps.dimensions.iter().chain(kept).cloned().collect()
        };
        let dimensions: Vec<Vec<String>> = self.tables.iter().map(of).collect();
        audit::bounds(&rows, &dimensions, self.knowledge, wanted, false)
    }
}

fn set(patterns: &mut [Pattern], number: usize, slot: usize, rule: Option<Rule>) {
    let of = patterns.get_mut(number);
    if let Some(place) = of.and_then(|pattern| pattern.slots.get_mut(slot)) {
        *place = rule;
    }
}

/// Whether a row is of a mean of pupils whose number is known: no count is hidden there, and what
/// they have together is bounded by nothing the linear programme knows.
fn is_average(found: &Feasible) -> bool {
    found.printed && found.with.is_none()
}

/// Whether the values found for a row lie far enough apart, in every count that is asked about.
fn proves(room: &Room, found: &Feasible, policy: &Policy) -> bool {
    let wide = |room: Option<i64>, (lower, upper): (f64, f64)| {
        let zero = policy.show_zeros && lower == 0.0 && upper == 0.0;
        zero || room.map_or(upper.is_infinite(), |room| room >= policy.width())
    };
    let without = found.without.filter(|_| policy.complement);
    (found.printed || wide(room.n, found.pupils))
        && (!is_average(found) || room.points.is_some_and(|points| points > 0))
        && found.with.is_none_or(|with| wide(room.events, with))
        && without.is_none_or(|without| wide(room.rest, without))
}

/// What a reader knows of these tables without being told: measures, and which groups are parts.
pub(super) fn knowledge(tables: &[&Gaps], classes: &[Vec<System>], policy: &Policy) -> Knowledge {
    let systems = || classes.iter().flatten();
    let ids = |class: &Vec<System>| class.iter().map(|s| s.measure.clone()).collect();
    let mut measures = BTreeMap::new();
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut complete = !systems().any(|system| system.unlisted);
    for gaps in tables {
        for measure in gaps.tallies.measures() {
            let proportion = matches!(measure.column, Column::Proportion(_));
            measures.insert(
                measure.measure.id.clone(),
                Shown {
                    factor: measure.measure.unit.factor(),
                    decimals: measure.measure.decimals,
                    proportion,
                    events: proportion || measure.measure.quantity.counts_events(),
                },
            );
        }
        let leaves = gaps.tallies.leaves();
        for group in &gaps.groups {
            let codes = group.leaves.iter().filter_map(|l| leaves.get(*l));
            let held = groups.entry(&group.name).or_default();
            held.extend(codes.map(|leaf| leaf.code.as_str()));
        }
        complete &= gaps.options.unclassified != Unclassified::Include
            && leaves
                .iter()
                .enumerate()
                .all(|(number, leaf)| match leaf.kind {
                    LeafKind::Classified => gaps.groups.iter().any(|g| g.leaves.contains(&number)),
                    LeafKind::Unclassified | LeafKind::Total => true,
                });
    }
    // Codes that every group takes or leaves together are one part.
    let mut signature: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, codes) in &groups {
        for code in codes {
            signature.entry(code).or_default().push(group);
        }
    }
    let parts = groups.iter().map(|(group, codes)| {
        let of = codes.iter().filter_map(|code| signature.get(code));
        let names: BTreeSet<String> = of.map(|s| s.join("\u{1f}")).collect();
        ((*group).to_owned(), names.into_iter().collect())
    });
    Knowledge {
        measures,
        parts: parts.collect(),
        complete,
        round_to: i64::from(policy.round_to),
        together: classes.iter().map(ids).collect(),
        apart: systems()
            .map(|s| (s.measure.clone(), s.apart.clone()))
            .collect(),
    }
}

/// Withholds the smallest shown row beside each leak, else a leaking row of which another measure
/// shows the pupils in all of them; false where nothing is left to withhold.
///
/// Few pupils whom no measure shows may need more who are unseen, and not more outcomes: with
/// `everywhere` the smallest row that some measure shows goes from all.
fn escalate(
    systems: &[&System],
    patterns: &mut [Pattern],
    leaks: &[(usize, usize)],
    everywhere: bool,
) -> bool {
    let mut changed = false;
    for (number, leak) in leaks {
        let unseen = everywhere && patterns.iter().all(|p| p.withholds(*leak));
        let Some(system) = systems.get(*number) else {
            continue;
        };
        let pattern = match unseen {
            true => Some(secondary::shared(system, patterns)),
            false => patterns.get(*number).cloned(),
        };
        let Some(pattern) = pattern else {
            continue;
        };
        let Some(leaking) = system.slots.get(*leak) else {
            continue;
        };
        let size = |slot: usize| system.slots.get(slot).map_or(0, |at| system.size(at));
        // Rows in its place, or in a part of it. Else wherever the group stands.
        let whole = |slot: &Slot| {
            let mut all: Vec<u32> = slot
                .group
                .iter()
                .chain(&slot.baseline)
                .flatten()
                .copied()
                .collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let place = whole(leaking);
        let shown: Vec<usize> = (0..system.slots.len())
            .filter(|slot| !pattern.withholds(*slot))
            .collect();
        // Rather one at a school than one of the whole authority.
        let layer = system.n.as_ref().or(system.events.as_ref());
        let own: BTreeSet<&u32> = leaking.group.iter().flatten().collect();
        let inside = |atom: &u32| place.binary_search(atom).is_ok();
        let is_beside = |slot: &Slot| {
            if !slot.group.iter().flatten().all(inside) {
                return false;
            }
            let here = whole(slot);
            let part = here.iter().copied().filter(|atom| own.contains(atom));
            let part: Vec<u32> = part.collect();
            here.iter().all(inside) && layer.is_some_and(|layer| layer.sum(&part) > 0)
        };
        let beside = shown.iter().copied();
        let beside = beside.filter(|slot| system.slots.get(*slot).is_some_and(is_beside));
        let related = shown.iter().copied().filter(|slot| {
            let atoms = system.slots.get(*slot).map(|s| &s.group);
            atoms.is_some_and(|sets| sets.iter().flatten().any(|a| own.contains(a)))
        });
        let least = beside.min_by_key(|slot| (size(*slot) == 0, size(*slot), *slot));
        let chosen = least.or_else(|| related.min_by_key(|slot| (size(*slot), *slot)));
        // Nothing is left to withhold here: then the row itself, in the measures that show it.
        let (slot, everyone) = match chosen {
            Some(slot) => (slot, unseen),
            None => (*leak, true),
        };
        for (of, pattern) in patterns.iter_mut().enumerate() {
            if let Some(rule @ None) = pattern.slots.get_mut(slot)
                && (everyone || of == *number)
            {
                *rule = Some(Rule::Protects);
                changed = true;
            }
        }
    }
    changed
}
