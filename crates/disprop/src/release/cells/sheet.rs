//! One table of a publication: its places, and its counts by region of codes.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use super::grid::project;
use super::sums::{Sums, counted, counts, moments_of};
use crate::codes::LeafKind;
use crate::gaps::{Baseline, Gaps, GroupChoice, Unclassified};
use crate::tallies::{Column, MeasureTallies, Tallies};

/// One table with its places and regions.
pub(super) struct Sheet<'a> {
    pub(super) number: usize,
    pub(super) gaps: &'a Gaps,
    pub(super) tallies: &'a Tallies,
    pub(super) dimensions: Vec<&'a str>,
    /// Region of each leaf.
    pub(super) region: Vec<usize>,
    pub(super) regions: usize,
    pub(super) places: Vec<Place>,
    /// Values of each dimension that some place has.
    pub(super) values: Vec<BTreeSet<Option<String>>>,
}

/// Where the leaves of a table stand: code to region.
pub(super) struct Regions {
    of: BTreeMap<String, usize>,
    count: usize,
    unclassified: usize,
    unlisted: usize,
}

/// Leaf codes that every group of every table takes or leaves together are one region.
pub(super) fn regions(tables: &[&Gaps]) -> Regions {
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
pub(super) fn references(gaps: &Gaps) -> Vec<Vec<usize>> {
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
pub(super) fn reference(gaps: &Gaps, label: &str) -> Option<Vec<usize>> {
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
    pub(super) fn new(number: usize, gaps: &'a Gaps, regions: &Regions) -> Self {
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
        // A table of one year is one by year, of which the others are not there.
        let kept = tallies.kept();
        let own = tallies.dimensions().iter().map(|d| d.name.as_str());
        let dimensions: Vec<&str> = own
            .chain(kept.iter().map(|(name, _)| name.as_str()))
            .collect();
        let name = |key: &Vec<u32>| -> Place {
            let values = key.iter().zip(tallies.dimensions());
            let values = values.map(|(n, d)| d.values.get(*n as usize).cloned().flatten());
            values
                .chain(kept.iter().map(|(_, value)| Some(value.clone())))
                .collect()
        };
        let places: Vec<Place> = seen.keys().map(name).collect();
        let values = (0..dimensions.len()).map(|d| {
            let of = places.iter().filter_map(|place| place.get(d).cloned());
            of.collect()
        });
        Sheet {
            values: values.collect(),
            number,
            gaps,
            tallies,
            dimensions,
            region: region.collect(),
            regions: regions.count,
            places,
        }
    }

    pub(super) fn measure(&self, id: &str) -> Option<(usize, &'a MeasureTallies)> {
        let measures = self.tallies.measures().iter().enumerate();
        measures.into_iter().find(|(_, m)| m.measure.id == id)
    }

    /// Whether the rows of a measure are those of another's in this table or in another: the same
    /// groups in the same places, against the same kind of baseline.
    pub(super) fn has_rows_of(&self, id: &str, other: &Sheet<'_>, of: &str) -> bool {
        let (mine, theirs) = (&self.gaps.options, &other.gaps.options);
        let kind = std::mem::discriminant;
        self.dimensions == other.dimensions
            && self.places == other.places
            && kind(&mine.baseline) == kind(&theirs.baseline)
            && mine.unclassified == theirs.unclassified
            && self.rows(id).eq(other.rows(of))
    }

    /// The place of a row, with what was kept of dimensions the table no longer has.
    pub(super) fn place(&self, row: &[Option<String>]) -> Place {
        let kept = self.tallies.kept().iter();
        let kept = kept.map(|(_, value)| Some(value.clone()));
        row.iter().cloned().chain(kept).collect()
    }

    /// Places and regions of the rows of a measure.
    fn rows(&self, id: &str) -> impl Iterator<Item = (&[Option<String>], BTreeSet<usize>)> {
        let measure = self.measure(id).map(|(number, _)| number);
        let rows = self.gaps.rows.iter();
        rows.filter(move |gap| Some(gap.measure) == measure)
            .filter_map(|gap| {
                let group = self.gaps.groups.get(gap.of)?;
                Some((&*gap.place, self.regions_of(&group.leaves)))
            })
    }

    /// Sums by place and region; what a total row holds beyond the listed is a region of its own.
    pub(super) fn sums(&self, id: &str) -> Option<Sums> {
        let (_, measure) = self.measure(id)?;
        let atoms = self.places.len() * self.regions;
        let total = self.regions - 1;
        let (mut n, mut events) = (vec![0_i64; atoms], vec![0_i64; atoms]);
        let mut open = vec![false; atoms];
        let squared = matches!(measure.column, Column::Mean(_) | Column::Ratio(_));
        let mut moments = squared.then(|| vec![[0_i128; 3]; atoms]);
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
            if let Some(held) = moments.as_mut().and_then(|m| m.get_mut(at))
                && let Some([n, sum, squares]) = moments_of(&measure.column, cell)
            {
                *held = [
                    held[0] + n,
                    held[1].saturating_add(sum),
                    held[2].saturating_add(squares),
                ];
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
        let beyond = |values: &[i64]| {
            let mut places = values.chunks(self.regions);
            places.any(|place| place.last().is_some_and(|rest| *rest != 0))
        };
        Some(Sums {
            moments,
            unlisted: beyond(&n) || beyond(&events),
            n: size.then_some(n),
            events: count.then_some(events),
            open,
            proportion: matches!(measure.column, Column::Proportion(_)),
        })
    }

    /// The same sums by place of a coarser table.
    pub(super) fn margin(&self, sums: &Sums, coarse: &Sheet<'_>) -> BTreeMap<Place, Vec<[i64; 2]>> {
        let mut margin: BTreeMap<Place, Vec<[i64; 2]>> = BTreeMap::new();
        for (number, place) in self.places.iter().enumerate() {
            let Some(place) = self.project(place, coarse) else {
                continue;
            };
            let held = margin
                .entry(place)
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

    /// The place of a coarser table that holds a place of this one.
    pub(super) fn project(&self, place: &Place, coarse: &Sheet<'_>) -> Option<Place> {
        project(&self.dimensions, place, &coarse.dimensions, &coarse.values)
    }

    /// Regions of these leaves.
    pub(super) fn regions_of(&self, leaves: &[usize]) -> BTreeSet<usize> {
        leaves
            .iter()
            .filter_map(|leaf| self.region.get(*leaf))
            .copied()
            .collect()
    }

    /// Regions whose sum the share of pupils with a known group tells: everybody without one. Where
    /// those without are not among the others, they may be known from elsewhere, and then those
    /// whom no row lists follow as well.
    pub(super) fn unknown(&self, sums: &Sums) -> Vec<BTreeSet<usize>> {
        let (unclassified, unlisted) = (self.regions - 2, self.regions - 1);
        let include = self.gaps.options.unclassified == Unclassified::Include;
        match (sums.unlisted, include) {
            (false, _) => vec![BTreeSet::from([unclassified])],
            (true, true) => vec![BTreeSet::from([unclassified, unlisted])],
            (true, false) => vec![
                BTreeSet::from([unclassified]),
                BTreeSet::from([unclassified, unlisted]),
            ],
        }
    }

    /// Regions of everybody a total holds. Whoever no row lists stands among them; where there is
    /// nobody, a reader knows that the rows are everybody.
    pub(super) fn cohort(&self, sums: &Sums) -> BTreeSet<usize> {
        let include = self.gaps.options.unclassified == Unclassified::Include;
        (0..self.regions)
            .filter(|r| include || *r != self.regions - 2)
            .filter(|r| sums.unlisted || *r != self.regions - 1)
            .collect()
    }
}
