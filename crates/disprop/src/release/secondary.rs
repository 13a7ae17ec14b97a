//! Which further rows must go, so that no withheld count can be worked out from the rest.
//!
//! A reader is taken to know every shown count exactly, whatever rounding it was printed with,
//! and the size and events of every place as a whole. What a known sum still says once every known
//! part of it is taken away is a *residual*: a set of atoms whose sum is known. A residual that is
//! one withheld count, or whose sum is too small to hide one in, is a leak; the smallest known part
//! that closes it is withheld too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cells::{Layer, System};
use super::policy::Policy;
use super::primary::{self, Rule};

/// What is withheld of one measure.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// By slot: the rule, where it is withheld.
    pub(crate) slots: Vec<Option<Rule>>,
    /// By place: whether the coverage is withheld.
    pub(crate) coverage: Vec<bool>,
}

/// Where a known sum comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Slot(usize),
    Coverage(usize),
    Total,
}

/// A set of atoms whose sum a reader knows.
struct Known {
    atoms: Vec<u32>,
    sources: Vec<Source>,
}

impl Known {
    fn hideable(&self) -> bool {
        !self.sources.contains(&Source::Total)
    }
}

/// Returns a pattern for every system, in order.
pub(crate) fn patterns(systems: &[System], policy: &Policy) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = systems.iter().map(|s| first(s, policy)).collect();
    again(systems, &mut patterns, policy);
    patterns
}

/// Withholds what must go besides what is withheld already.
pub(crate) fn again(systems: &[System], patterns: &mut [Pattern], policy: &Policy) {
    if policy.withholds() {
        for class in classes(systems) {
            close(systems, &class, patterns, policy);
        }
    }
}

fn first(system: &System, policy: &Policy) -> Pattern {
    let small = |c: &super::cells::Coverage| {
        let n = |atoms: &Vec<u32>| system.n.as_ref().map_or(0, |n| n.sum(atoms));
        policy.withholds()
            && c.atoms
                .iter()
                .any(|atoms| (1..policy.width()).contains(&n(atoms)))
    };
    let slots = system.slots.iter();
    Pattern {
        slots: slots
            .map(|slot| primary::rule(system, slot, policy))
            .collect(),
        coverage: system.coverage.iter().map(small).collect(),
    }
}

/// Measures with the same pupils below the line: a number shown for one is known for all.
fn classes(systems: &[System]) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for (number, system) in systems.iter().enumerate() {
        let same = |class: &&mut Vec<usize>| {
            class
                .first()
                .and_then(|first| systems.get(*first))
                .is_some_and(|other| {
                    system.n.is_some()
                        && other.n == system.n
                        && other.totals == system.totals
                        && other.slots.len() == system.slots.len()
                        && other
                            .slots
                            .iter()
                            .zip(&system.slots)
                            .all(|(a, b)| a.group == b.group)
                })
        };
        match classes.iter_mut().find(same) {
            Some(class) => class.push(number),
            None => classes.push(vec![number]),
        }
    }
    classes
}

/// Withholds rows of a class of measures until no residual leaks.
fn close(systems: &[System], class: &[usize], patterns: &mut [Pattern], policy: &Policy) {
    loop {
        let mut changed = false;
        for number in class {
            let (Some(system), Some(pattern)) = (systems.get(*number), patterns.get(*number))
            else {
                continue;
            };
            let layers: Vec<&Layer> = [&system.events, &system.rest]
                .into_iter()
                .flatten()
                .collect();
            let extra = leaks(system, pattern, &layers, policy);
            changed |= hide(patterns, &[*number], &extra);
        }
        let Some(system) = class.first().and_then(|first| systems.get(*first)) else {
            return;
        };
        if let Some(n) = &system.n {
            let shared = shared(patterns, class);
            let extra = leaks(system, &shared, &[n], policy);
            changed |= hide(patterns, class, &extra);
        }
        if !changed {
            return;
        }
    }
}

/// What no measure of a class shows.
fn shared(patterns: &[Pattern], class: &[usize]) -> Pattern {
    let own: Vec<&Pattern> = class.iter().filter_map(|n| patterns.get(*n)).collect();
    let slots = own.first().map_or(0, |p| p.slots.len());
    let places = own.first().map_or(0, |p| p.coverage.len());
    let all = |slot: usize| {
        let hidden = own
            .iter()
            .all(|p| matches!(p.slots.get(slot), Some(Some(_))));
        hidden.then_some(Rule::Protects)
    };
    Pattern {
        slots: (0..slots).map(all).collect(),
        coverage: (0..places)
            .map(|place| own.iter().all(|p| p.coverage.get(place) == Some(&true)))
            .collect(),
    }
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

/// Every sum a reader knows: shown rows, coverage and places, each set once.
fn known(system: &System, pattern: &Pattern, layers: &[&Layer], policy: &Policy) -> Vec<Known> {
    let mut sets: BTreeMap<Vec<u32>, Vec<Source>> = BTreeMap::new();
    let mut add = |atoms: &Vec<u32>, source: Source| {
        if !atoms.is_empty() {
            let mut atoms = atoms.clone();
            atoms.sort_unstable();
            sets.entry(atoms).or_default().push(source);
        }
    };
    for (number, slot) in system.slots.iter().enumerate() {
        if matches!(pattern.slots.get(number), Some(None)) {
            for atoms in &slot.group {
                add(atoms, Source::Slot(number));
            }
            for atoms in slot.baseline.iter().filter(|_| slot.against_group) {
                add(atoms, Source::Slot(number));
            }
        }
    }
    for (number, coverage) in system.coverage.iter().enumerate() {
        if pattern.coverage.get(number) == Some(&false) {
            for atoms in &coverage.atoms {
                add(atoms, Source::Coverage(number));
            }
        }
    }
    // A whole that is small itself is nothing a reader may be taken to know.
    let safe = |atoms: &Vec<u32>| {
        layers
            .iter()
            .all(|l| !(1..policy.width()).contains(&l.sum(atoms)))
    };
    for atoms in system.totals.iter().filter(|atoms| safe(atoms)) {
        add(atoms, Source::Total);
    }
    sets.into_iter()
        .map(|(atoms, sources)| Known { atoms, sources })
        .collect()
}

/// Every set of atoms whose sum in a layer a reader knows, and what is left of each without
/// disjoint known parts, which says the same in fewer terms.
pub(super) fn sums(
    system: &System,
    pattern: &Pattern,
    layer: &Layer,
    policy: &Policy,
) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
    let index = Index::new(known(system, pattern, &[layer], policy), system.atoms);
    let sets = index.sets.iter();
    let left = sets.map(|set| index.reduce(&set.atoms).0).collect();
    (index.sets.into_iter().map(|set| set.atoms).collect(), left)
}

/// Known sets and, by atom, which of them hold it.
pub(super) struct Index {
    sets: Vec<Known>,
    of: Vec<Vec<u32>>,
}

impl Index {
    fn new(sets: Vec<Known>, atoms: usize) -> Self {
        let mut of = vec![Vec::new(); atoms];
        for (number, set) in sets.iter().enumerate() {
            for atom in &set.atoms {
                if let Some(list) = of.get_mut(*atom as usize) {
                    list.push(number as u32);
                }
            }
        }
        Index { sets, of }
    }

    /// What is left of a set without disjoint known parts, largest first, and those parts.
    fn reduce(&self, atoms: &[u32]) -> (Vec<u32>, Vec<usize>) {
        let mut held: HashMap<u32, usize> = HashMap::new();
        for atom in atoms {
            for set in self.of.get(*atom as usize).into_iter().flatten() {
                *held.entry(*set).or_default() += 1;
            }
        }
        let size = |set: u32| {
            self.sets
                .get(set as usize)
                .map_or(usize::MAX, |s| s.atoms.len())
        };
        let mut parts: Vec<u32> = held
            .into_iter()
            .filter(|(set, count)| size(*set) == *count && *count < atoms.len())
            .map(|(set, _)| set)
            .collect();
        parts.sort_by_key(|set| (usize::MAX - size(*set), *set));
        let mut left: BTreeSet<u32> = atoms.iter().copied().collect();
        let mut taken = Vec::new();
        for part in parts {
            let Some(set) = self.sets.get(part as usize) else {
                continue;
            };
            if set.atoms.iter().all(|atom| left.contains(atom)) {
                for atom in &set.atoms {
                    left.remove(atom);
                }
                taken.push(part as usize);
            }
        }
        (left.into_iter().collect(), taken)
    }
}

/// Returns what must be withheld besides, or nothing where no residual leaks.
fn leaks(system: &System, pattern: &Pattern, layers: &[&Layer], policy: &Policy) -> Vec<Source> {
    let index = Index::new(known(system, pattern, layers, policy), system.atoms);
    let width = policy.width().max(i64::from(policy.threshold));
    let mut withheld: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    let mut extra: Vec<Source> = Vec::new();
    let mut close = |parent: Option<&Known>, parts: &[usize], short: &[(usize, i64)]| {
        if let Some(sources) = cheapest(system, &index, parent, parts, layers, short) {
            extra.extend(sources);
        }
    };
    for (number, slot) in system.slots.iter().enumerate() {
        if !matches!(pattern.slots.get(number), Some(Some(_))) {
            continue;
        }
        for atoms in &slot.group {
            let (left, parts) = index.reduce(atoms);
            if left.is_empty() && !parts.is_empty() {
                close(None, &parts, &[]);
            }
            withheld.entry(left).or_insert(parts);
        }
    }
    for set in &index.sets {
        let (left, parts) = index.reduce(&set.atoms);
        if left.is_empty() {
            continue;
        }
        let whole = withheld.contains_key(&left);
        let short: Vec<(usize, i64)> = layers
            .iter()
            .enumerate()
            .filter_map(|(number, layer)| {
                let sum = layer.sum(&left);
                let small = (1..width).contains(&sum) || sum == 0 && !policy.show_zeros;
                (small || whole).then_some((number, width - sum))
            })
            .collect();
        if whole || !short.is_empty() {
            close(Some(set), &parts, &short);
        }
    }
    extra
}

/// The known part of least size that brings a residual over the width asked for in every layer.
fn cheapest(
    system: &System,
    index: &Index,
    parent: Option<&Known>,
    parts: &[usize],
    layers: &[&Layer],
    short: &[(usize, i64)],
) -> Option<Vec<Source>> {
    let size = |known: &Known| match (&system.n, &system.events) {
        (Some(layer), _) | (None, Some(layer)) => layer.sum(&known.atoms),
        (None, None) => known.atoms.len() as i64,
    };
    let fits = |known: &Known| {
        short.iter().all(|(number, missing)| {
            layers
                .get(*number)
                .is_some_and(|layer| layer.sum(&known.atoms) >= *missing)
        })
    };
    let parts = parts.iter().filter_map(|part| index.sets.get(*part));
    let best = parts
        .filter(|known| known.hideable())
        .min_by_key(|known| (!fits(known), size(known)));
    let best = best.or(parent.filter(|parent| parent.hideable()));
    best.map(|known| known.sources.clone())
}
