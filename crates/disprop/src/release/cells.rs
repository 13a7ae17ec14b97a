//! The counts behind a publication: atoms, which rows rest on them, and what is known of sums.
//!
//! A *region* is a set of leaf codes that no published group tells apart; an *atom* is a region in
//! one place of the finest table there is. Every count in every table of the publication is a sum
//! of atoms, so that tables at school and at authority level, of all years and of one, of nested
//! groups and of their parents are one system.

use std::collections::{BTreeMap, BTreeSet};

use disprop_stats::tally::MICRO;

use crate::codes::LeafKind;
use crate::gaps::{Baseline, Gaps, GroupChoice, Unclassified};
use crate::tallies::{Column, MeasureTallies, Tallies};

pub(crate) type Place = Vec<Option<String>>;

/// One additive quantity over atoms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layer(pub(crate) Vec<i64>);

impl Layer {
    pub(crate) fn sum(&self, atoms: &[u32]) -> i64 {
        let value = |atom: &u32| self.0.get(*atom as usize).copied().unwrap_or(0);
        atoms.iter().map(value).fold(0, i64::saturating_add)
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
}

/// A figure of a place: the share with a known group, from which the others can be counted.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    pub(crate) table: usize,
    pub(crate) place: Place,
    pub(crate) atoms: Vec<Vec<u32>>,
}

/// All counts of one measure in a publication.
#[derive(Debug, Clone)]
pub(crate) struct System {
    /// Its id.
    pub(crate) measure: String,
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
    /// Number of atoms.
    pub(crate) atoms: usize,
}

/// One table with its places and regions.
struct Sheet<'a> {
    number: usize,
    gaps: &'a Gaps,
    tallies: &'a Tallies,
    dimensions: Vec<&'a str>,
    /// Region of each leaf.
    region: Vec<usize>,
    regions: usize,
    places: Vec<Place>,
}

/// Sums of one measure by place and region.
#[derive(Clone, PartialEq)]
struct Sums {
    n: Option<Vec<i64>>,
    events: Option<Vec<i64>>,
    open: Vec<bool>,
    proportion: bool,
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

/// Where the leaves of a table stand: code to region.
struct Regions {
    of: BTreeMap<String, usize>,
    count: usize,
    unclassified: usize,
    unlisted: usize,
}

/// Leaf codes that every group of every table takes or leaves together are one region.
fn regions(tables: &[&Gaps]) -> Regions {
    let mut signatures: BTreeMap<String, BTreeSet<(usize, usize)>> = BTreeMap::new();
    for (number, gaps) in tables.iter().enumerate() {
        let leaves = gaps.tallies.leaves();
        for leaf in leaves.iter().filter(|l| l.kind == LeafKind::Classified) {
            signatures.entry(leaf.code.clone()).or_default();
        }
        let reference = references(gaps);
        let sets = gaps.groups.iter().map(|g| &g.leaves).chain(&reference);
        for (place, set) in sets.enumerate() {
            for leaf in set.iter().filter_map(|leaf| leaves.get(*leaf)) {
                signatures
                    .entry(leaf.code.clone())
                    .or_default()
                    .insert((number, place));
            }
        }
    }
    let mut numbers: BTreeMap<BTreeSet<(usize, usize)>, usize> = BTreeMap::new();
    let mut of = BTreeMap::new();
    for (code, signature) in signatures {
        let next = numbers.len();
        of.insert(code, *numbers.entry(signature).or_insert(next));
    }
    let count = numbers.len();
    Regions {
        of,
        count: count + 2,
        unclassified: count,
        unlisted: count + 1,
    }
}

/// Leaves of the groups that are baselines, each once.
fn references(gaps: &Gaps) -> Vec<Vec<usize>> {
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    if matches!(
        gaps.options.baseline,
        Baseline::Group(_) | Baseline::BestPlaced
    ) {
        labels.extend(gaps.rows.iter().map(|row| &*row.baseline_label));
    }
    labels
        .iter()
        .filter_map(|label| reference(gaps, label))
        .collect()
}

/// Leaves of the group that a row names as its baseline.
fn reference(gaps: &Gaps, label: &str) -> Option<Vec<usize>> {
    let name = label
        .strip_prefix("best-placed group (")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(label);
    let named = gaps
        .groups
        .iter()
        .find(|g| g.label == name || g.name == name);
    if let Some(group) = named {
        return Some(group.leaves.clone());
    }
    let choice = [GroupChoice::Code(name.into())];
    let found = crate::gaps::resolve(&gaps.tallies, &choice).ok()?;
    found.into_iter().next().map(|group| group.leaves)
}

impl<'a> Sheet<'a> {
    fn new(number: usize, gaps: &'a Gaps, regions: &Regions) -> Self {
        let tallies = &*gaps.tallies;
        let region = tallies.leaves().iter().map(|leaf| match leaf.kind {
            LeafKind::Classified => regions.of.get(&leaf.code).copied().unwrap_or(0),
            LeafKind::Unclassified => regions.unclassified,
            LeafKind::Total => regions.unlisted,
        });
        let mut seen = BTreeMap::new();
        for cell in 0..tallies.cells() {
            let key = tallies.key(cell);
            seen.insert(key.get(..key.len() - 1).unwrap_or_default().to_vec(), ());
        }
        let name = |key: &Vec<u32>| -> Place {
            let values = key.iter().zip(tallies.dimensions());
            values
                .map(|(n, d)| d.values.get(*n as usize).cloned().flatten())
                .collect()
        };
        Sheet {
            number,
            gaps,
            tallies,
            dimensions: tallies
                .dimensions()
                .iter()
                .map(|d| d.name.as_str())
                .collect(),
            region: region.collect(),
            regions: regions.count,
            places: seen.keys().map(name).collect(),
        }
    }

    fn measure(&self, id: &str) -> Option<(usize, &'a MeasureTallies)> {
        let measures = self.tallies.measures().iter().enumerate();
        measures.into_iter().find(|(_, m)| m.measure.id == id)
    }

    /// Sums by place and region; what a total row holds beyond the listed is a region of its own.
    fn sums(&self, id: &str) -> Option<Sums> {
        let (_, measure) = self.measure(id)?;
        let atoms = self.places.len() * self.regions;
        let total = self.regions - 1;
        let (mut n, mut events) = (vec![0_i64; atoms], vec![0_i64; atoms]);
        let mut open = vec![false; atoms];
        let (mut place, mut last) = (0, None);
        let leaf_place = self.tallies.dimensions().len();
        for cell in 0..self.tallies.cells() {
            let key = self.tallies.key(cell);
            let here = key.get(..leaf_place).unwrap_or_default();
            if last.is_some_and(|last: &[u32]| last != here) {
                place += 1;
            }
            last = Some(here);
            let leaf = key.get(leaf_place).map_or(0, |leaf| *leaf as usize);
            let Some(region) = self.region.get(leaf) else {
                continue;
            };
            let at = place * self.regions + region;
            let (size, count) = counts(&measure.column, cell);
            for (slot, value) in [(n.get_mut(at), size), (events.get_mut(at), count)] {
                if let Some(slot) = slot {
                    *slot = slot.saturating_add(value.unwrap_or(0));
                }
            }
            let symbol = measure.open.as_ref().and_then(|o| o.get(cell));
            if let (Some(o), Some(open)) = (symbol, open.get_mut(at)) {
                *open |= o.symbol.is_some();
            }
        }
        let has_total = self
            .tallies
            .leaves()
            .iter()
            .any(|l| l.kind == LeafKind::Total);
        if has_total {
            for values in [&mut n, &mut events] {
                for place in values.chunks_mut(self.regions) {
                    let listed: i64 = place.iter().take(total).sum();
                    if let Some(rest) = place.get_mut(total) {
                        *rest = (*rest - listed).max(0);
                    }
                }
            }
        }
        let (size, count) = counted(measure);
        Some(Sums {
            n: size.then_some(n),
            events: count.then_some(events),
            open,
            proportion: matches!(measure.column, Column::Proportion(_)),
        })
    }

    /// The same sums over fewer dimensions, by name of the place.
    fn margin(&self, sums: &Sums, keep: &[&str]) -> BTreeMap<Place, Vec<[i64; 2]>> {
        let mut margin: BTreeMap<Place, Vec<[i64; 2]>> = BTreeMap::new();
        for (number, place) in self.places.iter().enumerate() {
            let held = margin
                .entry(self.project(place, keep))
                .or_insert_with(|| vec![[0; 2]; self.regions]);
            for (region, sum) in held.iter_mut().enumerate() {
                let at = number * self.regions + region;
                let value = |layer: &Option<Vec<i64>>| {
                    layer.as_ref().and_then(|l| l.get(at)).copied().unwrap_or(0)
                };
                *sum = [sum[0] + value(&sums.n), sum[1] + value(&sums.events)];
            }
        }
        margin
    }

    fn project(&self, place: &Place, keep: &[&str]) -> Place {
        keep.iter()
            .filter_map(|name| {
                let at = self.dimensions.iter().position(|d| d == name)?;
                place.get(at).cloned()
            })
            .collect()
    }

    /// Regions of these leaves.
    fn regions_of(&self, leaves: &[usize]) -> BTreeSet<usize> {
        leaves
            .iter()
            .filter_map(|leaf| self.region.get(*leaf))
            .copied()
            .collect()
    }

    /// Regions of everybody with a group; whoever no row lists stands among them.
    fn classified(&self) -> BTreeSet<usize> {
        (0..self.regions)
            .filter(|r| *r != self.regions - 2)
            .collect()
    }

    fn cohort(&self) -> BTreeSet<usize> {
        match self.gaps.options.unclassified {
            Unclassified::Include => (0..self.regions).collect(),
            _ => self.classified(),
        }
    }
}

/// What a cell counts: pupils, and pupils or events with the outcome.
fn counts(column: &Column, cell: usize) -> (Option<i64>, Option<i64>) {
    let whole = |micro: i128| i64::try_from(micro / i128::from(MICRO)).ok();
    match column {
        Column::Proportion(c) => c
            .get(cell)
            .map_or((None, None), |t| (Some(t.trials), Some(t.events))),
        Column::Mean(c) => c
            .get(cell)
            .map_or((None, None), |t| (Some(t.n), whole(t.sum))),
        Column::Ratio(c) => c.get(cell).map_or((None, None), |t| (Some(t.n), None)),
        Column::Rate(c) => c
            .get(cell)
            .map_or((None, None), |t| (Some(t.n), whole(t.events))),
    }
}

/// Whether a measure has numbers of pupils, and whether its sums count something.
fn counted(measure: &MeasureTallies) -> (bool, bool) {
    let events = measure.measure.quantity.counts_events();
    match &measure.column {
        Column::Proportion(_) => (true, true),
        Column::Mean(_) => (true, events),
        Column::Ratio(_) => (true, false),
        Column::Rate(cells) => (cells.iter().any(|c| c.n > 0), events),
    }
}

/// A base table: one that is no margin of another, with the number of its first atom.
struct Base<'a> {
    sheet: &'a Sheet<'a>,
    first: u32,
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
            && (!equal_sets || small > large)
            && b.margin(y, &a.dimensions) == a.margin(x, &a.dimensions)
    };
    let mut bases: Vec<(usize, Base<'_>)> = Vec::new();
    let mut atoms = 0_usize;
    for (number, (sheet, _)) in having.iter().enumerate() {
        if !(0..having.len()).any(|large| within(number, large)) {
            bases.push((
                number,
                Base {
                    sheet,
                    first: atoms as u32,
                },
            ));
            atoms += sheet.places.len() * sheet.regions;
        }
    }
    let layer = |pick: &dyn Fn(&Sums) -> Option<Vec<i64>>| -> Option<Layer> {
        let parts = bases.iter().filter_map(|(n, _)| pick(&having.get(*n)?.1));
        let parts: Vec<Vec<i64>> = parts.collect();
        (parts.len() == bases.len()).then(|| Layer(parts.concat()))
    };
    let mut system = System {
        measure: id.into(),
        n: layer(&|s| s.n.clone()),
        events: layer(&|s| s.events.clone()),
        rest: layer(&|s| {
            let (n, events) = (s.n.as_ref()?, s.events.as_ref()?);
            s.proportion
                .then(|| n.iter().zip(events).map(|(n, e)| n - e).collect())
        }),
        slots: Vec::new(),
        coverage: Vec::new(),
        totals: Vec::new(),
        atoms,
    };
    for (number, (sheet, sums)) in having.iter().enumerate() {
        let over: Vec<&Base<'_>> = bases
            .iter()
            .filter(|(base, _)| *base == number || within(number, *base))
            .map(|(_, base)| base)
            .collect();
        fill(&mut system, sheet, sums, id, &over);
    }
    system
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
    let keep = &sheet.dimensions;
    // Every base once by place, so that ten thousand rows do not each look through all of it.
    let lookup: Vec<BTreeMap<Place, Vec<u32>>> = over
        .iter()
        .map(|base| {
            let mut firsts: BTreeMap<Place, Vec<u32>> = BTreeMap::new();
            for (number, own) in base.sheet.places.iter().enumerate() {
                let first = base.first as usize + number * base.sheet.regions;
                firsts
                    .entry(base.sheet.project(own, keep))
                    .or_default()
                    .push(first as u32);
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
    let cohort = sheet.cohort();
    let unclassified = BTreeSet::from([sheet.regions - 2]);
    for place in &sheet.places {
        system.totals.extend(atoms(place, &cohort));
        system.coverage.push(Coverage {
            table: sheet.number,
            place: place.clone(),
            atoms: atoms(place, &unclassified),
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
        system.slots.push(Slot {
            table: sheet.number,
            row,
            group: atoms(&place, &mine),
            baseline: match theirs.is_empty() {
                true => Vec::new(),
                false => atoms(&place, &theirs),
            },
            against_group: matches!(
                sheet.gaps.options.baseline,
                Baseline::Group(_) | Baseline::BestPlaced
            ),
            open: mine.iter().chain(&theirs).any(is_open),
        });
    }
}
