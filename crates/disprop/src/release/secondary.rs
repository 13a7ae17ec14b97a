//! Which further rows must go, so that no withheld count can be worked out from the rest.
//!
//! A reader is taken to know every shown count exactly, whatever rounding it was printed with,
//! and the size and events of every place as a whole. What a known sum still says once every known
//! part of it is taken away is a *residual*: a set of atoms whose sum is known. A residual that is
//! one withheld count, or whose sum is too small to hide one in, is a leak; the smallest known part
//! that closes it is withheld too.

mod residual;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::cells::{Layer, Slot, System};
use super::policy::Policy;
use super::primary::{self, Rule};
pub(super) use residual::sums;
use residual::{Source, added_up, leaks};

/// What is withheld of one measure.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pattern {
    /// By slot: the rule, where it is withheld.
    pub(crate) slots: Vec<Option<Rule>>,
    /// By slot: whether it is withheld and yet no secret: of a table the measure is not in, or, of
    /// several measures, pupils that are the sum of others they show.
    pub(crate) told: Vec<bool>,
    /// By place: whether the coverage is withheld.
    pub(crate) coverage: Vec<bool>,
}

impl Pattern {
    /// Whether a slot is withheld.
    pub(super) fn withholds(&self, slot: usize) -> bool {
        matches!(self.slots.get(slot), Some(Some(_)))
    }

    /// Whether what a slot counts is to be kept from the reader.
    pub(super) fn keeps(&self, slot: usize) -> bool {
        self.withholds(slot) && self.told.get(slot) != Some(&true)
    }
}

/// Returns a pattern for every system of a class, in order.
pub(super) fn patterns(systems: &[&System], policy: &Policy) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = systems.iter().map(|s| first(s, policy)).collect();
    again(systems, &mut patterns, policy);
    patterns
}

/// Withholds what must go besides what is withheld already.
pub(super) fn again(systems: &[&System], patterns: &mut [Pattern], policy: &Policy) {
    if policy.withholds() {
        close(systems, patterns, policy);
    }
}

fn first(system: &System, policy: &Policy) -> Pattern {
    let small = |c: &super::cells::Coverage| {
        let n = |atoms: &Vec<u32>| system.n.as_ref().map_or(0, |n| n.sum(atoms));
        let few = |count: i64| (1..policy.width()).contains(&count);
        // The range of a gap tells the outcomes of those without a group.
        let tells = |atoms: &Vec<u32>| {
            let layers = [&system.events, &system.rest];
            layers
                .into_iter()
                .flatten()
                .any(|layer| few(layer.sum(atoms)))
        };
        policy.withholds()
            && c.atoms
                .iter()
                .any(|atoms| few(n(atoms)) || c.ranges && tells(atoms))
            || c.absent
    };
    let rule = |slot: &Slot| match slot.absent {
        true => Some(Rule::Protects),
        false => primary::rule(system, slot, policy),
    };
    Pattern {
        slots: system.slots.iter().map(rule).collect(),
        told: system.slots.iter().map(|slot| slot.absent).collect(),
        coverage: system.coverage.iter().map(small).collect(),
    }
}

/// Withholds rows of a class of measures until no residual leaks.
fn close(systems: &[&System], patterns: &mut [Pattern], policy: &Policy) {
    let class: Vec<usize> = (0..systems.len()).collect();
    loop {
        let own = systems.par_iter().zip(&*patterns).map(|(system, pattern)| {
            let layers = [&system.events, &system.rest];
            let layers: Vec<&Layer> = layers.into_iter().flatten().collect();
            leaks(system, pattern, &layers, policy)
        });
        let own: Vec<Vec<Source>> = own.collect();
        let mut changed = false;
        for (number, extra) in own.iter().enumerate() {
            changed |= hide(patterns, &[number], extra);
        }
        let Some(system) = systems.first() else {
            return;
        };
        changed |= narrow(systems, patterns, policy);
        changed |= chosen(system, patterns);
        if let Some(n) = &system.n {
            let extra = leaks(system, &shared(system, patterns), &[n], policy);
            changed |= hide(patterns, &class, &extra);
        }
        if !changed {
            return;
        }
    }
}

/// Outcomes among few pupils range over no more than their number: where it is less than the
/// policy asks, a withheld row of one measure must not show its pupils in another.
fn narrow(systems: &[&System], patterns: &mut [Pattern], policy: &Policy) -> bool {
    let Some((system, n)) = systems.first().and_then(|s| Some((s, s.n.as_ref()?))) else {
        return false;
    };
    let mut changed = false;
    for (slot, at) in system.slots.iter().enumerate() {
        let small = at.group.iter().any(|atoms| n.sum(atoms) < policy.width());
        if small && patterns.iter().any(|p| p.keeps(slot)) {
            let class: Vec<usize> = (0..patterns.len()).collect();
            changed |= hide(patterns, &class, &[Source::Slot(slot)]);
        }
    }
    changed
}

/// A baseline that was chosen for being best says of every group that it is no better: where one
/// row of such a place is withheld, all are.
fn chosen(system: &System, patterns: &mut [Pattern]) -> bool {
    let mut changed = false;
    for number in 0..patterns.len() {
        let Some(pattern) = patterns.get(number) else {
            continue;
        };
        let of = |slot: usize| {
            let at = system.slots.get(slot)?;
            Some((at.table, at.chosen?))
        };
        let slots = 0..system.slots.len();
        let gone: BTreeSet<(usize, usize)> = slots
            .clone()
            .filter(|slot| pattern.withholds(*slot))
            .filter_map(of)
            .collect();
        let also = slots.filter(|slot| of(*slot).is_some_and(|place| gone.contains(&place)));
        let also: Vec<Source> = also.map(Source::Slot).collect();
        changed |= hide(patterns, &[number], &also);
    }
    changed
}

/// What no measure of a class shows; a number of pupils that others which some measure shows add up
/// to is told.
pub(super) fn shared(system: &System, patterns: &[Pattern]) -> Pattern {
    let slots = patterns.first().map_or(0, |p| p.slots.len());
    let places = patterns.first().map_or(0, |p| p.coverage.len());
    let all = |slot: usize| {
        let hidden = patterns.iter().all(|p| p.withholds(slot));
        hidden.then_some(Rule::Protects)
    };
    let bare = |place: usize| {
        patterns
            .iter()
            .all(|p| p.coverage.get(place) == Some(&true))
    };
    let mut shared = Pattern {
        slots: (0..slots).map(all).collect(),
        told: vec![false; slots],
        coverage: (0..places).map(bare).collect(),
    };
    if patterns.len() > 1 {
        shared.told = added_up(system, &shared);
    }
    shared
}

fn hide(patterns: &mut [Pattern], class: &[usize], extra: &[Source]) -> bool {
    let mut changed = false;
    for number in class {
        let Some(pattern) = patterns.get_mut(*number) else {
            continue;
        };
        for source in extra {
            match source {
                Source::Slot(slot) => {
                    if let Some(rule @ None) = pattern.slots.get_mut(*slot) {
                        *rule = Some(Rule::Protects);
                        changed = true;
                    }
                }
                Source::Coverage(place) => {
                    if let Some(hidden @ false) = pattern.coverage.get_mut(*place) {
                        *hidden = true;
                        changed = true;
                    }
                }
                Source::Total => {}
            }
        }
    }
    changed
}
