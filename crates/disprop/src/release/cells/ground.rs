//! What tables stand on: the atoms of those that are no margins of others, and the rows over them.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Grid;
use super::sheet::{Sheet, reference};
use super::sums::Sums;
use super::{Coverage, Layer, Place, Slot, System};
use crate::gaps::{Baseline, Unclassified};

/// Tables that are no margins of others, with the number of their first atom.
pub(super) struct Base<'a> {
    pub(super) grid: Grid<'a>,
    pub(super) first: u32,
}

impl Base<'_> {
    /// Atoms of its own numbers by those of the system.
    fn numbered(&self, atoms: Vec<u32>) -> Vec<u32> {
        atoms.into_iter().map(|atom| self.first + atom).collect()
    }
}

/// A table with what is counted in it, and the numbers of all that have its rows.
pub(super) struct Table<'s, 'a> {
    pub(super) sheet: &'s Sheet<'a>,
    pub(super) sums: Sums,
    pub(super) numbers: Vec<usize>,
}

/// Tables and the bases they are margins of.
pub(super) struct Ground<'s, 'a> {
    pub(super) having: Vec<Table<'s, 'a>>,
    pub(super) bases: Vec<Base<'a>>,
    pub(super) atoms: usize,
    /// By table, the bases that hold it.
    pub(super) over: Vec<Vec<usize>>,
    unjoined: Unjoined,
    /// A dimension of which one table holds one value, and another everybody.
    part: Option<String>,
}

impl<'s, 'a> Ground<'s, 'a> {
    pub(super) fn new(having: Vec<Table<'s, 'a>>) -> Self {
        // A table is a margin of another where the other has its dimensions and adds up to it.
        let within = |small: usize, large: usize| -> bool {
            let (Some(a), Some(b)) = (having.get(small), having.get(large)) else {
                return false;
            };
            let ((a, x), (b, y)) = ((a.sheet, &a.sums), (b.sheet, &b.sums));
            let equal_sets = a.dimensions.len() == b.dimensions.len();
            small != large
                && a.dimensions.iter().all(|d| b.dimensions.contains(d))
                && (!equal_sets || small > large || a.places.len() < b.places.len())
                && b.margin(y, a) == a.margin(x, a)
        };
        let wider: Vec<Vec<usize>> = (0..having.len())
            .map(|small| (0..having.len()).filter(|l| within(small, *l)).collect())
            .collect();
        let alone: BTreeMap<usize, Grid<'a>> = having
            .iter()
            .enumerate()
            .filter(|(number, _)| wider.get(*number).is_some_and(Vec::is_empty))
            .map(|(number, table)| (number, Grid::new(number, table.sheet, &table.sums)))
            .collect();
        let mut grids: Vec<Grid<'a>> = Vec::new();
        for own in alone.values() {
            let joined = grids.iter_mut().find_map(|grid| {
                let members = || grid.of.iter().filter_map(|m| alone.get(m)).collect();
                let joint = grid.joined(own).or_else(|| grid.ringed(own, members()))?;
                Some((grid, joint))
            });
            match joined {
                Some((grid, joint)) => *grid = joint,
                None => grids.push(own.clone()),
            }
        }
        let mut bases: Vec<Base<'a>> = Vec::new();
        let mut atoms = 0_usize;
        for grid in grids {
            let first = atoms as u32;
            atoms += grid.places.len() * grid.regions;
            bases.push(Base { grid, first });
        }
        let over = wider.iter().enumerate().map(|(number, wider)| {
            let holds = |base: &Base<'a>| {
                let mut of = base.grid.of.iter();
                of.any(|member| *member == number || wider.contains(member))
            };
            let numbered = bases.iter().enumerate();
            numbered
                .filter(|(_, base)| holds(base))
                .map(|(at, _)| at)
                .collect()
        });
        let over = over.collect();
        let unjoined = Unjoined::new(&having, &alone, &bases);
        Ground {
            part: part(&having, &wider),
            having,
            bases,
            atoms,
            over,
            unjoined,
        }
    }

    /// A quantity of every atom, where all bases have it.
    pub(super) fn layer(&self, pick: impl Fn(&Grid<'_>) -> Option<Vec<i64>>) -> Option<Layer> {
        let parts: Option<Vec<Vec<i64>>> = self.bases.iter().map(|base| pick(&base.grid)).collect();
        parts.map(|parts| Layer(parts.concat()))
    }

    /// The system of a measure of which there are these counts, yet without rows.
    pub(super) fn system(
        &self,
        id: &str,
        n: Option<Layer>,
        events: Option<Layer>,
        proportion: bool,
    ) -> System {
        let both = n.as_ref().zip(events.as_ref()).filter(|_| proportion);
        let rest = both.map(|(n, events)| {
            let pairs = n.0.iter().zip(&events.0);
            Layer(pairs.map(|(n, e)| n - e).collect())
        });
        System {
            measure: id.into(),
            apart: self.unjoined.apart.clone(),
            ties: self.unjoined.ties.iter().cloned().collect(),
            part: self.part.clone(),
            crossed: self.bases.iter().any(|base| base.grid.of.len() > 1),
            n,
            events,
            rest,
            slots: Vec::new(),
            coverage: Vec::new(),
            totals: Vec::new(),
            unlisted: false,
            atoms: self.atoms,
        }
    }

    /// Adds the rows, coverage and totals of a table, as this measure has them, which is another than
    /// the system's where that one is not in it.
    pub(super) fn fill(
        &self,
        system: &mut System,
        number: usize,
        sheet: &Sheet<'_>,
        id: &str,
        sums: &Sums,
    ) {
        let over = self.over.get(number).into_iter().flatten();
        let over: Vec<&Base<'a>> = over.filter_map(|base| self.bases.get(*base)).collect();
        system.unlisted |= sums.unlisted;
        fill(system, sheet, sums, id, &over);
    }
}

/// What is to be said of tables that were not made one.
#[derive(Default)]
struct Unjoined {
    /// Pairs that a reader cannot compare, by their numbers.
    apart: BTreeSet<(usize, usize)>,
    /// What the others have in common.
    ties: BTreeSet<Vec<u32>>,
}

impl Unjoined {
    fn new<'a>(
        having: &[Table<'_, 'a>],
        alone: &BTreeMap<usize, Grid<'a>>,
        bases: &[Base<'a>],
    ) -> Self {
        let mut found = Unjoined::default();
        let member = |member: &usize| Some((having.get(*member)?, alone.get(member)?));
        for (number, one) in bases.iter().enumerate() {
            for other in bases.iter().skip(number + 1) {
                let far = one.grid.meets(&other.grid);
                let far = far.is_too_large(&one.grid, &other.grid);
                for (a, mine) in one.grid.of.iter().filter_map(member) {
                    for (b, theirs) in other.grid.of.iter().filter_map(member) {
                        let common = mine.meets(theirs);
                        if far || !common.agrees(mine, theirs) {
                            found.not_compared(a, b);
                            continue;
                        }
                        for (base, own, with) in [(one, mine, theirs), (other, theirs, mine)] {
                            let common = base.grid.in_common(own, with).into_iter();
                            found.ties.extend(common.map(|set| base.numbered(set)));
                        }
                    }
                }
            }
        }
        found
    }

    fn not_compared(&mut self, a: &Table<'_, '_>, b: &Table<'_, '_>) {
        for a in &a.numbers {
            for b in &b.numbers {
                self.apart.extend([(*a, *b), (*b, *a)]);
            }
        }
    }
}

/// The dimension of which one table holds one value and another everybody, where no table by that
/// dimension holds the other.
fn part(having: &[Table<'_, '_>], wider: &[Vec<usize>]) -> Option<String> {
    fn grid<'a>(table: &Table<'_, 'a>) -> Grid<'a> {
        Grid::new(0, table.sheet, &table.sums)
    }
    let keeps = |table: &Table<'_, '_>, name: &str| {
        table
            .sheet
            .tallies
            .kept()
            .iter()
            .any(|(kept, _)| kept == name)
    };
    for (number, one) in having.iter().enumerate() {
        for (name, _) in one.sheet.tallies.kept() {
            let lacks = |table: &Table<'_, '_>| !table.sheet.dimensions.contains(&name.as_str());
            for (wide, other) in wider.iter().zip(having).filter(|(_, other)| lacks(other)) {
                // Everybody is in the one value, or in a table that has the others as well.
                let mut holding = wide.iter().filter_map(|at| Some((*at, having.get(*at)?)));
                let safe =
                    holding.any(|(at, table)| at == number || !lacks(table) && !keeps(table, name));
                if !safe && grid(one).meets(&grid(other)).touches() {
                    return Some(name.clone());
                }
            }
        }
    }
    None
}

fn fill(system: &mut System, sheet: &Sheet<'_>, sums: &Sums, id: &str, over: &[&Base<'_>]) {
    let Some((measure, _)) = sheet.measure(id) else {
        return;
    };
    let numbers: BTreeMap<&Place, usize> = sheet
        .places
        .iter()
        .enumerate()
        .map(|(n, p)| (p, n))
        .collect();
    // Every base once by place, so that ten thousand rows do not each look through all of it.
    let lookup: Vec<BTreeMap<Place, Vec<u32>>> = over
        .iter()
        .map(|base| {
            let mut firsts: BTreeMap<Place, Vec<u32>> = BTreeMap::new();
            for (number, own) in base.grid.places.iter().enumerate() {
                let first = base.first as usize + number * base.grid.regions;
                if let Some(place) = base.grid.project(own, sheet) {
                    firsts.entry(place).or_default().push(first as u32);
                }
            }
            firsts
        })
        .collect();
    let atoms = |place: &Place, regions: &BTreeSet<usize>| -> Vec<Vec<u32>> {
        let sets = lookup.iter().map(|firsts| {
            let firsts = firsts.get(place).map_or(&[][..], Vec::as_slice);
            let all = firsts
                .iter()
                .flat_map(|f| regions.iter().map(move |r| f + *r as u32));
            all.collect()
        });
        sets.collect()
    };
    let absent = id != system.measure;
    let cohort = sheet.cohort(sums);
    let unknown = sheet.unknown(sums);
    let own = sheet.tallies.dimensions().len();
    for place in &sheet.places {
        system.totals.extend(atoms(place, &cohort));
        system.coverage.push(Coverage {
            table: sheet.number,
            place: place.iter().take(own).cloned().collect(),
            atoms: unknown.iter().flat_map(|of| atoms(place, of)).collect(),
            ranges: sheet.gaps.options.unclassified == Unclassified::Bounds,
            absent,
        });
    }
    for (row, gap) in sheet
        .gaps
        .rows
        .iter()
        .enumerate()
        .filter(|(_, g)| g.measure == measure)
    {
        let place = sheet.place(&gap.place);
        let Some(group) = sheet.gaps.groups.get(gap.of) else {
            continue;
        };
        let mine = sheet.regions_of(&group.leaves);
        let theirs: BTreeSet<usize> = match &sheet.gaps.options.baseline {
            Baseline::AllOthers => cohort.difference(&mine).copied().collect(),
            Baseline::Overall => cohort.clone(),
            Baseline::Fixed(_) | Baseline::Elsewhere { .. } => BTreeSet::new(),
            Baseline::Group(_) | Baseline::BestPlaced => {
                let leaves = reference(sheet.gaps, &gap.baseline_label);
                leaves.map(|l| sheet.regions_of(&l)).unwrap_or_default()
            }
        };
        let number = numbers.get(&place).copied().unwrap_or(0);
        let is_open = |r: &usize| sums.open.get(number * sheet.regions + r) == Some(&true);
        // All others are everyone less the group: a figure withheld of one of them is not needed.
        let by_difference = matches!(
            sheet.gaps.options.baseline,
            Baseline::AllOthers | Baseline::Overall
        );
        let needed = mine.iter().chain(theirs.iter().filter(|_| !by_difference));
        let open = { needed }.any(is_open);
        // Its count is unknown here, and stands in what the total has beyond the listed groups.
        let mut whole = mine.clone();
        if mine.iter().any(is_open) {
            whole.insert(sheet.regions - 1);
        }
        let largest = [&mine, &theirs].map(|side| sums.largest(number * sheet.regions, side));
        system.slots.push(Slot {
            largest: largest.into_iter().flatten().reduce(f64::max),
            table: sheet.number,
            row,
            absent,
            group: atoms(&place, &whole),
            // Nobody at all is a count as well, of zero; a fixed value is none.
            baseline: match sheet.gaps.options.baseline {
                Baseline::Fixed(_) | Baseline::Elsewhere { .. } => Vec::new(),
                _ => atoms(&place, &theirs),
            },
            against_group: matches!(
                sheet.gaps.options.baseline,
                Baseline::Group(_) | Baseline::BestPlaced
            ),
            open,
            chosen: matches!(sheet.gaps.options.baseline, Baseline::BestPlaced).then_some(number),
        });
    }
}
