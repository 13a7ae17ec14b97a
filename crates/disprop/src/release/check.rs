//! The attacker let loose on what is about to leave, and what is withheld where it wins.

use std::collections::{BTreeMap, BTreeSet};

use super::Released;
use super::audit::{self, Feasible, Knowledge, Seen, Shown};
use super::cells::System;
use super::exchange::{self, Room};
use super::policy::Policy;
use super::primary::Rule;
use super::secondary::Pattern;
use crate::codes::LeafKind;
use crate::error::Error;
use crate::gaps::{Gaps, Unclassified};
use crate::tallies::Column;

/// Returns the rows, by table of gaps, whose counts a reader can bound too closely, or of which
/// neither the linear programme nor an exchange shows that he cannot.
pub(super) fn leaks(
    tables: &[&Gaps],
    released: &[Released],
    systems: &[System],
    patterns: &[Pattern],
    policy: &Policy,
) -> Result<Vec<(usize, usize)>, Error> {
    if !policy.withholds() {
        return Ok(Vec::new());
    }
    let gaps = released.iter().filter(|r| r.kind == "gaps");
    let seen: Vec<Seen<'_>> = gaps
        .map(|r| Seen {
            frame: &r.frame,
            dimensions: r.dimensions.clone(),
        })
        .collect();
    let found = audit::attack(&seen, &knowledge(tables, policy))?;
    let width = policy.width() as f64;
    let (safe, mut leaks): (Vec<&Feasible>, Vec<&Feasible>) = found
        .iter()
        .partition(|f| f.is_safe(width, policy.show_zeros, policy.complement));
    let open: Vec<&Feasible> = safe.into_iter().filter(|f| !f.exact).collect();
    leaks.extend(unproved(&open, systems, patterns, policy));
    Ok(leaks.into_iter().map(|f| (f.table, f.row)).collect())
}

/// Those rows of which no exchange shows that every count ranges widely enough.
fn unproved<'a>(
    open: &[&'a Feasible],
    systems: &[System],
    patterns: &[Pattern],
    policy: &Policy,
) -> Vec<&'a Feasible> {
    let mut by_row: BTreeMap<(usize, usize), Vec<&'a Feasible>> = BTreeMap::new();
    for found in open {
        by_row
            .entry((found.table, found.row))
            .or_default()
            .push(found);
    }
    let mut left = by_row.clone();
    for (system, pattern) in systems.iter().zip(patterns) {
        let of = |slot: usize| {
            let slot = system.slots.get(slot)?;
            by_row.get(&(slot.table, slot.row))
        };
        let slots: Vec<usize> = (0..system.slots.len())
            .filter(|slot| of(*slot).is_some())
            .collect();
        if slots.is_empty() {
            continue;
        }
        for (slot, room) in exchange::rooms(system, pattern, policy, &slots) {
            let (Some(all), Some(place)) = (of(slot), system.slots.get(slot)) else {
                continue;
            };
            if all.iter().all(|found| proves(&room, found, policy)) {
                left.remove(&(place.table, place.row));
            }
        }
    }
    left.into_values().flatten().collect()
}

/// Whether the values found for a row lie far enough apart, in every count that is asked about.
fn proves(room: &Room, found: &Feasible, policy: &Policy) -> bool {
    let wide = |room: Option<i64>, (lower, upper): (f64, f64)| {
        let zero = policy.show_zeros && lower == 0.0 && upper == 0.0;
        zero || room.map_or(upper.is_infinite(), |room| room >= policy.width())
    };
    let without = found.without.filter(|_| policy.complement);
    wide(room.n, found.pupils)
        && found.with.is_none_or(|with| wide(room.events, with))
        && without.is_none_or(|without| wide(room.rest, without))
}

/// What a reader knows of these tables without being told: measures, and which groups are parts.
fn knowledge(tables: &[&Gaps], policy: &Policy) -> Knowledge {
    let mut measures = BTreeMap::new();
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut complete = true;
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
                    LeafKind::Unclassified => true,
                    LeafKind::Total => false,
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
    }
}

/// Withholds the smallest shown row beside each leak; false where nothing is left to withhold.
pub(super) fn escalate(
    systems: &[System],
    patterns: &mut [Pattern],
    leaks: &[(usize, usize)],
) -> bool {
    let mut changed = false;
    for (system, pattern) in systems.iter().zip(patterns) {
        let here: Vec<usize> = (0..system.slots.len())
            .filter(|slot| {
                system
                    .slots
                    .get(*slot)
                    .is_some_and(|s| leaks.contains(&(s.table, s.row)))
            })
            .collect();
        for leak in here {
            let Some(leaking) = system.slots.get(leak) else {
                continue;
            };
            let size = |slot: usize| {
                let atoms = system.slots.get(slot).and_then(|s| s.group.first());
                let layer = system.n.as_ref().or(system.events.as_ref());
                layer
                    .zip(atoms)
                    .map_or(0, |(layer, atoms)| layer.sum(atoms))
            };
            // Beside it in its place: the same whole. Else wherever the group stands.
            let whole = |slot: &super::cells::Slot| {
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
                .filter(|slot| matches!(pattern.slots.get(*slot), Some(None)))
                .collect();
            let beside = shown.iter().copied().filter(|slot| {
                system
                    .slots
                    .get(*slot)
                    .is_some_and(|s| s.table == leaking.table && whole(s) == place)
            });
            let related = shown.iter().copied().filter(|slot| {
                let atoms = system.slots.get(*slot).map(|s| &s.group);
                let mine: BTreeSet<&u32> = leaking.group.iter().flatten().collect();
                atoms.is_some_and(|sets| sets.iter().flatten().any(|a| mine.contains(a)))
            });
            let least = beside.min_by_key(|slot| (size(*slot), *slot));
            let chosen = least.or_else(|| related.min_by_key(|slot| (size(*slot), *slot)));
            if let Some(rule) = chosen.and_then(|slot| pattern.slots.get_mut(slot)) {
                *rule = Some(Rule::Protects);
                changed = true;
            }
        }
    }
    changed
}
