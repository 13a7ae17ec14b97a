//! Both sides of a gap, school by school (or along any dimensions), as plain sums.
//!
//! Clustering, funnels and contributions need of a school only two sums a side, whatever the
//! family; a [`Rate`] holds just those, exactly. The spread between pupils travels beside it.

use std::collections::BTreeMap;

use disprop_stats::stratum::Stratum;
use disprop_stats::tally::MICRO;
use disprop_stats::{Calculated, Level, Mean, NotCalculable, Rate};

use super::family::Comparable;
use super::groups::resolve;
use super::sums::Sum;
use super::{Baseline, GapOptions, Group, GroupChoice, Index, Key, Place, Unclassified};
use crate::codes::LeafKind;
use crate::error::Error;
use crate::measure::Family;
use crate::tallies::{Column, MeasureTallies, Sums, Tallies};

/// One side of a gap in one layer, or in all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Half {
    /// Pupils, numerator and denominator.
    pub(crate) sums: Rate,
    /// Variance of the value over independent pupils.
    pub(crate) variance: Calculated<f64>,
}

impl Half {
    fn of<T: Comparable>(tally: &T) -> Self {
        let up = i128::from(MICRO / T::STEPS);
        let (events, exposure) = tally.fraction().map_or((0, 0), |(x, d)| (x * up, d * up));
        Half {
            sums: Rate {
                n: tally.n(),
                events,
                exposure,
            },
            variance: tally.value_variance(),
        }
    }
}

/// Both sides in every layer, and over all of them.
#[derive(Debug, Clone)]
pub(crate) struct Sides {
    /// The number of each layer among [`Spot::layers`] with its sums.
    pub(crate) layers: Vec<(usize, Stratum<Rate>)>,
    /// Everything together.
    pub(crate) group: Half,
    /// Everything together.
    pub(crate) baseline: Half,
}

impl Sides {
    /// Returns the layers' sums alone.
    pub(crate) fn strata(&self) -> Vec<Stratum<Rate>> {
        self.layers.iter().map(|(_, stratum)| *stratum).collect()
    }
}

/// One place with its layers.
pub(crate) struct Spot {
    pub(crate) place: Place,
    /// Values of the dimensions along which it is layered, with the cell of each leaf.
    pub(crate) layers: Vec<Layer>,
}

impl Spot {
    /// Returns the first name of a layer: the school.
    pub(crate) fn layer_name(&self, layer: usize) -> Option<String> {
        self.layers.get(layer)?.name.first().cloned().flatten()
    }
}

/// One layer of a place: a school.
pub(crate) struct Layer {
    pub(crate) name: Vec<Option<String>>,
    cells: Vec<Option<usize>>,
}

/// Every place of some gaps, layered.
pub(crate) struct Layers {
    pub(crate) tallies: Tallies,
    pub(crate) spots: Vec<Spot>,
    pub(crate) groups: Vec<Group>,
    pub(crate) reference: Option<Group>,
    baseline: Baseline,
    unclassified: Unclassified,
    has_total: bool,
}

impl Layers {
    /// Layers the places of `by` along other dimensions.
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`, `stats.overflow`.
    pub(crate) fn new(
        tallies: &Tallies,
        by: &[&str],
        along: &[&str],
        options: &GapOptions,
    ) -> Result<Self, Error> {
        let keep: Vec<&str> = by.iter().chain(along).copied().collect();
        let rolled = tallies.roll_up(&keep)?;
        let groups = resolve(&rolled, &options.groups)?;
        let reference = match &options.baseline {
            Baseline::Group(name) => {
                let known = groups.iter().find(|g| g.name == *name || g.label == *name);
                match known.cloned() {
                    Some(group) => Some(group),
                    None => resolve(&rolled, &[GroupChoice::Code(name.clone())])?.pop(),
                }
            }
            _ => None,
        };
        let has_total = rolled.leaves().iter().any(|l| l.kind == LeafKind::Total);
        Ok(Layers {
            spots: spots(&rolled, by.len()),
            tallies: rolled,
            groups,
            reference,
            baseline: options.baseline.clone(),
            unclassified: options.unclassified,
            has_total,
        })
    }

    /// Returns both sides of one gap, layer by layer.
    ///
    /// # Errors
    /// `suppressed_input` where any layer's figure was withheld; `no_counterpart` where a layer has
    /// no total row though others have one, and for baselines that are no pupils of the same place;
    /// `is_baseline`, `overlaps_baseline`.
    pub(crate) fn sides(
        &self,
        spot: &Spot,
        measure: &MeasureTallies,
        group: &Group,
    ) -> Calculated<Sides> {
        match &measure.column {
            Column::Proportion(cells) => self.of(spot, measure, cells, group),
            Column::Mean(cells) => self.of(spot, measure, cells, group),
            Column::Ratio(cells) => self.of(spot, measure, cells, group),
            Column::Rate(cells) => self.of(spot, measure, cells, group),
        }
    }

    /// Returns what rows made of these layers index.
    pub(crate) fn index(&self, outer: usize, level: Level) -> Index {
        let dimensions = self.tallies.dimensions().iter().take(outer);
        Index {
            measures: self
                .tallies
                .measures()
                .iter()
                .map(|m| m.measure.clone())
                .collect(),
            groups: self.groups.clone(),
            dimensions: dimensions.map(|d| d.name.clone()).collect(),
            level,
        }
    }

    /// Calls with every place, measure and group in order.
    pub(crate) fn each(&self, mut call: impl FnMut(&Spot, &MeasureTallies, &Group, Key)) {
        for spot in &self.spots {
            for (measure, tallies) in self.tallies.measures().iter().enumerate() {
                for (of, group) in self.groups.iter().enumerate() {
                    let place = std::sync::Arc::clone(&spot.place);
                    call(spot, tallies, group, Key { measure, of, place });
                }
            }
        }
    }

    /// Returns every group's own tally in one place, all layers together.
    pub(crate) fn totals<T: Comparable>(
        &self,
        spot: &Spot,
        measure: &MeasureTallies,
        cells: &Sums<T>,
    ) -> Vec<Calculated<T>> {
        let of = |group: &Group| {
            let layers = spot.layers.iter();
            let mine = layers.flat_map(|layer| layer.cells.iter().enumerate());
            let mine = mine.filter(|(leaf, _)| group.leaves.contains(leaf));
            let mine = mine.filter_map(|(_, cell)| *cell);
            Sum::of(cells, measure.open.as_deref(), mine).tally
        };
        self.groups.iter().map(of).collect()
    }

    /// Returns both sides of one gap of a mean, all layers together, as they were tallied.
    ///
    /// # Errors
    /// As [`sides`](Self::sides); `no_method` for measures of another family.
    pub(crate) fn means(
        &self,
        spot: &Spot,
        measure: &MeasureTallies,
        group: &Group,
    ) -> Calculated<(Mean, Mean)> {
        match &measure.column {
            Column::Mean(cells) => {
                let (_, own, other) = self.both(spot, measure, cells, group)?;
                Ok((own, other))
            }
            _ => Err(NotCalculable::NoMethod),
        }
    }

    fn of<T: Comparable>(
        &self,
        spot: &Spot,
        measure: &MeasureTallies,
        cells: &Sums<T>,
        group: &Group,
    ) -> Calculated<Sides> {
        let (layers, own, other) = self.both(spot, measure, cells, group)?;
        let spread = |mut half: Half| {
            // Sums of sessions or points as published: no Poisson count (DOMAIN 0.2).
            if measure.column.family() == Family::Rate && !measure.measure.quantity.counts_events()
            {
                half.variance = Err(NotCalculable::NoSecondMoment);
            }
            half
        };
        Ok(Sides {
            layers,
            group: spread(Half::of(&own)),
            baseline: spread(Half::of(&other)),
        })
    }

    /// Adds up both sides in every layer, and over all of them.
    fn both<T: Comparable>(
        &self,
        spot: &Spot,
        measure: &MeasureTallies,
        cells: &Sums<T>,
        group: &Group,
    ) -> Calculated<Both<T>> {
        if let Some(reference) = &self.reference {
            if group.leaves == reference.leaves {
                return Err(NotCalculable::IsBaseline);
            }
            if group.leaves.iter().any(|l| reference.leaves.contains(l)) {
                return Err(NotCalculable::OverlapsBaseline);
            }
        }
        let mut layers = Vec::with_capacity(spot.layers.len());
        let (mut group_total, mut baseline_total) = (T::default(), T::default());
        for (number, layer) in spot.layers.iter().enumerate() {
            let sum = |keep: &dyn Fn(usize) -> bool| {
                let leaves = layer.cells.iter().enumerate();
                let mine = leaves
                    .filter(|(leaf, _)| keep(*leaf))
                    .filter_map(|(_, c)| *c);
                Sum::of(cells, measure.open.as_deref(), mine)
            };
            let own = sum(&|leaf| group.leaves.contains(&leaf));
            let other = match &self.reference {
                Some(reference) => sum(&|leaf| reference.leaves.contains(&leaf)),
                None => self.whole(layer, &sum)?,
            };
            let other = match self.baseline {
                Baseline::AllOthers => other.minus(&own),
                Baseline::Overall | Baseline::Group(_) => other,
                Baseline::Fixed(_) | Baseline::BestPlaced | Baseline::Elsewhere { .. } => Sum {
                    tally: Ok(T::default()),
                    open: None,
                },
            };
            let (own, other) = (own.tally?, other.tally?);
            let overflow = |_| NotCalculable::Overflow;
            group_total = group_total.merge(&own).map_err(overflow)?;
            baseline_total = baseline_total.merge(&other).map_err(overflow)?;
            if !own.is_empty() || !other.is_empty() {
                let sums = Stratum::new(Half::of(&own).sums, Half::of(&other).sums);
                layers.push((number, sums));
            }
        }
        Ok((layers, group_total, baseline_total))
    }

    /// Everyone on either side in one layer, by the policy on unclassified pupils.
    fn whole<T: Comparable>(&self, layer: &Layer, sum: &Adding<'_, T>) -> Calculated<Sum<T>> {
        let leaves = self.tallies.leaves();
        let of = |kind: LeafKind| sum(&|leaf| leaves.get(leaf).is_some_and(|l| l.kind == kind));
        let has = |kind: LeafKind| {
            let mut cells = layer.cells.iter().zip(leaves);
            cells.any(|(cell, leaf)| cell.is_some() && leaf.kind == kind)
        };
        let with = self.unclassified == Unclassified::Include;
        let unclassified = of(LeafKind::Unclassified);
        if self.has_total {
            if !has(LeafKind::Total) {
                return Err(NotCalculable::NoCounterpart);
            }
            let total = of(LeafKind::Total);
            return Ok(if with {
                total
            } else {
                total.minus(&unclassified)
            });
        }
        let listed = of(LeafKind::Classified);
        Ok(if with {
            listed.plus(&unclassified)
        } else {
            listed
        })
    }
}

/// Both sides in every layer, and the group's and the baseline's tally over all of them.
type Both<T> = (Vec<(usize, Stratum<Rate>)>, T, T);

/// Adds up the leaves of one layer that a condition keeps.
type Adding<'a, T> = dyn Fn(&dyn Fn(usize) -> bool) -> Sum<T> + 'a;

/// The cell of each leaf, by the numbers of a layer.
type Cells<'a> = BTreeMap<&'a [u32], Vec<Option<usize>>>;

/// Every place in order, with its layers in order.
fn spots(tallies: &Tallies, outer: usize) -> Vec<Spot> {
    let dimensions = tallies.dimensions();
    let named = |numbers: &[u32], from: usize| -> Vec<Option<String>> {
        let values = numbers.iter().zip(dimensions.iter().skip(from));
        values
            .map(|(n, d)| d.values.get(*n as usize).cloned().flatten())
            .collect()
    };
    let mut found: BTreeMap<&[u32], Cells<'_>> = BTreeMap::new();
    for cell in 0..tallies.cells() {
        let Some((leaf, key)) = tallies.key(cell).split_last() else {
            continue;
        };
        let (place, layer) = key.split_at(outer.min(key.len()));
        let layers = found.entry(place).or_default();
        let cells = layers
            .entry(layer)
            .or_insert_with(|| vec![None; tallies.leaves().len()]);
        if let Some(slot) = cells.get_mut(*leaf as usize) {
            *slot = Some(cell);
        }
    }
    let layered = |layers: Cells<'_>| {
        let layers = layers.into_iter().map(|(key, cells)| Layer {
            name: named(key, outer),
            cells,
        });
        layers.collect()
    };
    found
        .into_iter()
        .map(|(key, layers)| Spot {
            place: named(key, 0).into(),
            layers: layered(layers),
        })
        .collect()
}
