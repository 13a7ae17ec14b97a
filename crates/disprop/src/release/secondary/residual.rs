//! What known sums still say once every known part of them is taken away.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Pattern;
use crate::release::cells::{Layer, Slot, System};
use crate::release::policy::Policy;

/// Where a known sum comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Slot(usize),
    Coverage(usize),
    Total,
}

/// A set of atoms whose sum a reader knows.
pub(super) struct Known {
    atoms: Vec<u32>,
    sources: Vec<Source>,
    /// Tables that show it.
    tables: Vec<usize>,
}

impl Known {
    fn hideable(&self) -> bool {
        !self.sources.contains(&Source::Total)
    }

    fn is_row(&self) -> bool {
        self.sources
            .iter()
            .any(|source| matches!(source, Source::Slot(_)))
    }
}

/// Every sum a reader knows: shown rows, coverage and places of which he may be taken to know the
/// whole, each set once.
fn known(system: &System, pattern: &Pattern, whole: impl Fn(&[u32]) -> bool) -> Vec<Known> {
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
    for atoms in system.totals.iter().filter(|atoms| whole(atoms)) {
        add(atoms, Source::Total);
    }
    let table = |source: &Source| match source {
        Source::Slot(number) => system.slots.get(*number).map(|slot| slot.table),
        Source::Coverage(number) => system.coverage.get(*number).map(|c| c.table),
        Source::Total => None,
    };
    sets.into_iter()
        .map(|(atoms, sources)| Known {
            tables: sources.iter().filter_map(table).collect(),
            atoms,
            sources,
        })
        .collect()
}

/// A whole that is small itself is nothing a reader may be taken to know.
fn told(layer: &Layer, atoms: &[u32], policy: &Policy) -> bool {
    !(1..policy.width()).contains(&layer.sum(atoms))
}

/// Every set of atoms whose sum in one of these layers a reader knows, and what is left of each
/// without disjoint known parts, which says the same in fewer terms.
pub(in crate::release) fn sums(
    system: &System,
    pattern: &Pattern,
    layers: &[&Layer],
    policy: &Policy,
) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
    let whole = |atoms: &[u32]| layers.iter().any(|layer| told(layer, atoms, policy));
    let mut sets = known(system, pattern, whole);
    sets.extend(system.ties.iter().cloned().map(|atoms| Known {
        atoms,
        sources: vec![Source::Total],
        tables: Vec::new(),
    }));
    let index = Index::new(sets, system.atoms);
    let sets = index.sets.iter();
    let left = sets.map(|set| index.reduce(&set.atoms, None).0).collect();
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

    /// Whether this very set is known; its atoms are in order.
    fn holds(&self, atoms: &[u32]) -> bool {
        let sets = self
            .sets
            .binary_search_by(|set| set.atoms.as_slice().cmp(atoms));
        sets.is_ok()
    }

    /// What is left of a set without disjoint known parts, of one table or of all, largest first,
    /// and those parts.
    fn reduce(&self, atoms: &[u32], table: Option<usize>) -> (Vec<u32>, Vec<usize>) {
        let mut held: HashMap<u32, usize> = HashMap::new();
        for atom in atoms {
            for set in self.of.get(*atom as usize).into_iter().flatten() {
                *held.entry(*set).or_default() += 1;
            }
        }
        if let Some(table) = table {
            let shows = |set: &u32| {
                let known = self.sets.get(*set as usize);
                known.is_some_and(|known| known.tables.contains(&table))
            };
            held.retain(|set, _| shows(set));
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

/// Where tables cross, a set has parts in each of them, and what is left differs.
fn ways(system: &System) -> Vec<Option<usize>> {
    let mut ways: Vec<Option<usize>> = vec![None];
    if system.crossed {
        let tables: BTreeSet<usize> = system.slots.iter().map(|slot| slot.table).collect();
        ways.extend(tables.into_iter().map(Some));
    }
    ways
}

/// By slot, whether it is withheld and rows that are shown add up to it.
pub(super) fn added_up(system: &System, pattern: &Pattern) -> Vec<bool> {
    let ways = ways(system);
    let mut index: Option<Index> = None;
    let mut told = |(number, slot): (usize, &Slot)| {
        if !pattern.withholds(number) {
            return false;
        }
        let rows = || {
            let sets = known(system, pattern, |_| false);
            let rows = sets.into_iter().filter(Known::is_row);
            Index::new(rows.collect(), system.atoms)
        };
        let index = &*index.get_or_insert_with(rows);
        slot.group.iter().any(|atoms| {
            let mut atoms = atoms.clone();
            atoms.sort_unstable();
            let parts = |way: &Option<usize>| {
                let (left, parts) = index.reduce(&atoms, *way);
                left.is_empty() && !parts.is_empty()
            };
            index.holds(&atoms) || ways.iter().any(parts)
        })
    };
    system.slots.iter().enumerate().map(&mut told).collect()
}

/// Returns what must be withheld besides, or nothing where no residual leaks.
pub(super) fn leaks(
    system: &System,
    pattern: &Pattern,
    layers: &[&Layer],
    policy: &Policy,
) -> Vec<Source> {
    let whole = |atoms: &[u32]| layers.iter().all(|layer| told(layer, atoms, policy));
    let index = Index::new(known(system, pattern, whole), system.atoms);
    let width = policy.width().max(i64::from(policy.threshold));
    let mut withheld: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    let mut extra: Vec<Source> = Vec::new();
    let mut close = |parent: Option<&Known>, parts: &[usize], short: &[(usize, i64)]| {
        if let Some(sources) = cheapest(system, &index, parent, parts, layers, short) {
            extra.extend(sources);
        }
    };
    let ways = ways(system);
    for (number, slot) in system.slots.iter().enumerate() {
        if !pattern.keeps(number) {
            continue;
        }
        for (atoms, way) in slot
            .group
            .iter()
            .flat_map(|a| ways.iter().map(move |w| (a, *w)))
        {
            let (left, parts) = index.reduce(atoms, way);
            if left.is_empty() && !parts.is_empty() {
                close(None, &parts, &[]);
            }
            withheld.entry(left).or_insert(parts);
        }
    }
    for (set, way) in index
        .sets
        .iter()
        .flat_map(|s| ways.iter().map(move |w| (s, *w)))
    {
        let (left, parts) = index.reduce(&set.atoms, way);
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
