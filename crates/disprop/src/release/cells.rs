//! The counts behind a publication: atoms, which rows rest on them, and what is known of sums.
//!
//! A *region* is a set of leaf codes that no published group tells apart; an *atom* is a region in
//! one place of the finest table there is, or of several that are fine in different ways. Every
//! count in every table of the publication is a sum of atoms, so that tables at school and at authority level, of all years and of one, of nested
//! groups and of their parents are one system.

mod grid;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};

use crate::gaps::{Baseline, Gaps, Unclassified};
use grid::Grid;
use sheet::{Sheet, Sums, reference, regions};

pub(crate) type Place = Vec<Option<String>>;

/// One additive quantity over atoms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layer(pub(crate) Vec<i64>);

impl Layer {
    pub(crate) fn sum(&self, atoms: &[u32]) -> i64 {
        let value = |atom: &u32| self.0.get(*atom as usize).copied().unwrap_or(0);
        atoms.iter().map(value).fold(0, i64::saturating_add)
    }

    /// Atom by atom the least of this and others.
    pub(crate) fn least(&self, others: &[&Layer]) -> Layer {
        let mut least = self.clone();
        for other in others {
            for (value, theirs) in least.0.iter_mut().zip(&other.0) {
                *value = (*value).min(*theirs);
            }
        }
        least
    }
}

/// A row of a table whose numbers can be withheld.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    /// Which table of the publication.
    pub(crate) table: usize,
    /// Which row of its gaps.
    pub(crate) row: usize,
    /// Atoms of the group, in each base table that holds them.
    pub(crate) group: Vec<Vec<u32>>,
    /// Atoms of the baseline, where it is of the same place.
    pub(crate) baseline: Vec<Vec<u32>>,
    /// Whether its baseline is a group of its own, and so not known from the total.
    pub(crate) against_group: bool,
    /// Whether a figure it needs was withheld where it was published.
    pub(crate) open: bool,
    /// The place of its table, where its baseline was chosen for being the best-placed.
    pub(crate) chosen: Option<usize>,
    /// Most that one pupil can account for of the group's or the baseline's sum, as a share of it;
    /// nothing where the sums do not tell.
    pub(crate) largest: Option<f64>,
}

/// A figure of a place: the share with a known group, from which the others can be counted.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    pub(crate) table: usize,
    pub(crate) place: Place,
    pub(crate) atoms: Vec<Vec<u32>>,
    /// Whether ranges beside the gaps tell how those without a group did.
    pub(crate) ranges: bool,
}

/// All counts of one measure in a publication.
#[derive(Debug, Clone)]
pub(crate) struct System {
    /// Its id.
    pub(crate) measure: String,
    /// Pairs of tables that are of different pupils, or too large together to be compared.
    pub(crate) apart: BTreeSet<(usize, usize)>,
    /// Where tables add up to the same and could not be made one: what they have in common, which
    /// another table that a reader cannot rule out leaves as it is in each of them.
    pub(crate) ties: Vec<Vec<u32>>,
    /// Whether tables of which neither holds the other add up to the same.
    pub(crate) crossed: bool,
    /// Pupils of every table, by place and region.
    pub(crate) sizes: Vec<Option<Vec<i64>>>,
    /// Pupils; nothing where a publication does not tell.
    pub(crate) n: Option<Layer>,
    /// Pupils with the outcome, or events, where they are counted.
    pub(crate) events: Option<Layer>,
    /// Pupils without the outcome, for proportions.
    pub(crate) rest: Option<Layer>,
    /// Rows whose numbers can be withheld.
    pub(crate) slots: Vec<Slot>,
    /// Shares with a known group, one a place and table.
    pub(crate) coverage: Vec<Coverage>,
    /// Sums over whole places, which a reader knows from elsewhere or from any row.
    pub(crate) totals: Vec<Vec<u32>>,
    /// Whether a total holds somebody whom no row lists.
    pub(crate) unlisted: bool,
    /// Number of atoms.
    pub(crate) atoms: usize,
}

impl System {
    /// Pupils of a row, or events where no pupils are known.
    pub(crate) fn size(&self, slot: &Slot) -> i64 {
        let layer = self.n.as_ref().or(self.events.as_ref());
        let sum = layer.zip(slot.group.first());
        sum.map_or(0, |(layer, atoms)| layer.sum(atoms))
    }
}

/// Returns the systems of all measures, in order of first appearance.
pub(crate) fn systems(tables: &[&Gaps]) -> Vec<System> {
    let regions = regions(tables);
    let sheets: Vec<Sheet<'_>> = tables
        .iter()
        .enumerate()
        .map(|(number, gaps)| Sheet::new(number, gaps, &regions))
        .collect();
    let mut ids: Vec<&str> = Vec::new();
    for measure in tables.iter().flat_map(|gaps| &gaps.measures) {
        if !ids.contains(&measure.id.as_str()) {
            ids.push(&measure.id);
        }
    }
    ids.into_iter().map(|id| system(id, &sheets)).collect()
}

/// Tables that are no margins of others, with the number of their first atom.
struct Base<'a> {
    grid: Grid<'a>,
    first: u32,
}

impl Base<'_> {
    /// Atoms of its own numbers by those of the system.
    fn numbered(&self, atoms: Vec<u32>) -> Vec<u32> {
        atoms.into_iter().map(|atom| self.first + atom).collect()
    }
}

fn system(id: &str, sheets: &[Sheet<'_>]) -> System {
    let having: Vec<(&Sheet<'_>, Sums)> = sheets
        .iter()
        .filter_map(|sheet| sheet.sums(id).map(|sums| (sheet, sums)))
        .collect();
    // A table is a margin of another where the other has its dimensions and adds up to it.
    let within = |small: usize, large: usize| -> bool {
        let (Some((a, x)), Some((b, y))) = (having.get(small), having.get(large)) else {
            return false;
        };
        let equal_sets = a.dimensions.len() == b.dimensions.len();
        small != large
            && a.dimensions.iter().all(|d| b.dimensions.contains(d))
            && (!equal_sets || small > large || a.places.len() < b.places.len())
            && b.margin(y, a) == a.margin(x, a)
    };
    let mut grids: Vec<Grid<'_>> = Vec::new();
    for (number, (sheet, sums)) in having.iter().enumerate() {
        if (0..having.len()).any(|large| within(number, large)) {
            continue;
        }
        let own = Grid::new(number, sheet, sums);
        let alone = |member: &usize| {
            let (sheet, sums) = having.get(*member)?;
            Some(Grid::new(*member, sheet, sums))
        };
        let joined = grids.iter_mut().find_map(|grid| {
            let members = || grid.of.iter().filter_map(alone).collect();
            let joint = grid.joined(&own).or_else(|| grid.ringed(&own, members()))?;
            Some((grid, joint))
        });
        match joined {
            Some((grid, joint)) => *grid = joint,
            None => grids.push(own),
        }
    }
    let mut bases: Vec<Base<'_>> = Vec::new();
    let mut atoms = 0_usize;
    for grid in grids {
        let first = atoms as u32;
        atoms += grid.places.len() * grid.regions;
        bases.push(Base { grid, first });
    }
    let (apart, ties) = unjoined(&having, &bases);
    let layer = |pick: &dyn Fn(&Grid<'_>) -> Option<Vec<i64>>| -> Option<Layer> {
        let parts: Option<Vec<Vec<i64>>> = bases.iter().map(|base| pick(&base.grid)).collect();
        parts.map(|parts| Layer(parts.concat()))
    };
    let proportion = having.first().is_some_and(|(_, sums)| sums.proportion);
    let sizes = having.iter().map(|(_, sums)| sums.n.clone());
    let mut system = System {
        measure: id.into(),
        sizes: sizes.collect(),
        apart,
        ties,
        crossed: bases.iter().any(|base| base.grid.of.len() > 1),
        n: layer(&|s| s.n.clone()),
        events: layer(&|s| s.events.clone()),
        rest: layer(&|s| {
            let (n, events) = (s.n.as_ref()?, s.events.as_ref()?);
            proportion.then(|| n.iter().zip(events).map(|(n, e)| n - e).collect())
        }),
        slots: Vec::new(),
        coverage: Vec::new(),
        totals: Vec::new(),
        unlisted: having.iter().any(|(_, sums)| sums.unlisted),
        atoms,
    };
    for (number, (sheet, sums)) in having.iter().enumerate() {
        let over: Vec<&Base<'_>> = bases
            .iter()
            .filter(|base| {
                let mut of = base.grid.of.iter();
                of.any(|member| *member == number || within(number, *member))
            })
            .collect();
        fill(&mut system, sheet, sums, id, &over);
    }
    system
}

/// Of tables that were not made one, the pairs that a reader cannot compare, by their numbers, and
/// what the others have in common.
fn unjoined(
    having: &[(&Sheet<'_>, Sums)],
    bases: &[Base<'_>],
) -> (BTreeSet<(usize, usize)>, Vec<Vec<u32>>) {
    let (mut apart, mut ties) = (BTreeSet::new(), BTreeSet::new());
    let alone = |member: &usize| {
        let (sheet, sums) = having.get(*member)?;
        Some((sheet.number, Grid::new(*member, sheet, sums)))
    };
    for (number, one) in bases.iter().enumerate() {
        for other in bases.iter().skip(number + 1) {
            let far = one.grid.is_too_large_with(&other.grid);
            for (a, mine) in one.grid.of.iter().filter_map(alone) {
                for (b, theirs) in other.grid.of.iter().filter_map(alone) {
                    if far || !mine.agrees(&theirs) {
                        apart.extend([(a, b), (b, a)]);
                        continue;
                    }
                    for (base, own, with) in [(one, &mine, &theirs), (other, &theirs, &mine)] {
                        let common = base.grid.in_common(own, with);
                        ties.extend(common.into_iter().map(|set| base.numbered(set)));
                    }
                }
            }
        }
    }
    (apart, ties.into_iter().collect())
}

/// Adds the rows, coverage and totals of one table.
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
    let cohort = sheet.cohort(sums);
    let unknown = sheet.unknown(sums);
    for place in &sheet.places {
        system.totals.extend(atoms(place, &cohort));
        system.coverage.push(Coverage {
            table: sheet.number,
            place: place.clone(),
            atoms: unknown.iter().flat_map(|of| atoms(place, of)).collect(),
            ranges: sheet.gaps.options.unclassified == Unclassified::Bounds,
        });
    }
    for (row, gap) in sheet
        .gaps
        .rows
        .iter()
        .enumerate()
        .filter(|(_, g)| g.measure == measure)
    {
        let place: Place = gap.place.to_vec();
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
