//! The comparison itself: for every place and measure, each group against its baseline.

use std::collections::BTreeMap;
use std::sync::Arc;

use disprop_stats::{Calculated, Interval, Level, NotCalculable, Tally, contrast};
use rayon::prelude::*;

use super::family::{Comparable, Methods, check_methods};
use super::groups::resolve;
use super::sums::Sum;
use super::{
    Baseline, Contrast, Gap, GapOptions, Gaps, Group, GroupChoice, Side, Unclassified, Verdict,
    clustered, dispersed, kept,
};
use crate::codes::LeafKind;
use crate::error::Error;
use crate::measure::{Family, Measure, Polarity};
use crate::tallies::{Column, MeasureTallies, Open, Sums, Tallies};

pub(crate) fn gaps(tallies: &Tallies, options: &GapOptions) -> Result<Gaps, Error> {
    check(options)?;
    let by = kept(tallies, options)?;
    let whole = Arc::new(match (&options.by, &options.cluster) {
        (None, None) => tallies.clone(),
        _ => tallies.roll_up(&by)?,
    });
    let rolled = whole.as_ref();
    let groups = resolve(rolled, &options.groups)?;
    let candidates = match options.baseline {
        Baseline::BestPlaced => resolve(rolled, &[GroupChoice::Main])?,
        _ => Vec::new(),
    };
    let reference = match &options.baseline {
        Baseline::Group(name) => {
            let named = groups
                .iter()
                .find(|g| g.name == *name || g.label == *name)
                .cloned();
            match named {
                Some(group) => Some(group),
                None => resolve(rolled, &[GroupChoice::Code(name.clone())])?.pop(),
            }
        }
        _ => None,
    };
    let elsewhere = match &options.baseline {
        Baseline::Elsewhere { tallies, .. } => Some(Elsewhere::new(tallies, rolled, options)?),
        _ => None,
    };
    let places = places(rolled);
    // Every place of every measure has a row a group: whichever core is free writes it where it stays.
    let measures = || rolled.measures().iter().enumerate();
    let at: Vec<At<'_>> = places
        .iter()
        .flat_map(|place| measures().map(move |measure| (place, measure)))
        .collect();
    let scenes: Vec<Box<Comparison<'_>>> = at
        .into_par_iter()
        .map(
            |((place, cells), (number, measure))| -> Box<Comparison<'_>> {
                let scene = Scene {
                    number,
                    measure: &measure.measure,
                    place,
                    leaves: cells,
                    reference: reference.as_ref(),
                    candidates: &candidates,
                    tallies: rolled,
                    options,
                    open: measure.open.as_deref(),
                    published: measure.column.family() == Family::Rate,
                };
                let outside = elsewhere.as_ref().and_then(|e| e.at(place, measure));
                match (&measure.column, outside) {
                    (Column::Proportion(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::proportions)))
                    }
                    (Column::Mean(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::means)))
                    }
                    (Column::Ratio(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::ratios)))
                    }
                    (Column::Rate(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::rates)))
                    }
                }
            },
        )
        .collect();
    let turns: Vec<(&Comparison<'_>, usize, &Group)> = scenes
        .iter()
        .flat_map(|scene| {
            let groups = groups.iter().enumerate();
            groups.map(move |(of, group)| (scene.as_ref(), of, group))
        })
        .collect();
    let rows: Vec<Gap> = turns
        .par_iter()
        .with_min_len(groups.len())
        .map(|(scene, of, group)| scene(*of, group))
        .collect();
    drop(turns);
    drop(scenes);
    let mut gaps = Gaps {
        rows,
        measures: rolled
            .measures()
            .iter()
            .map(|m| m.measure.clone())
            .collect(),
        groups,
        dimensions: rolled.dimensions().iter().map(|d| d.name.clone()).collect(),
        options: GapOptions {
            // Named in print as its label.
            baseline: match reference {
                Some(group) => Baseline::Group(group.label),
                None => options.baseline.clone(),
            },
            ..options.clone()
        },
        unit: rolled.unit().to_owned(),
        findings: rolled.findings().to_vec(),
        many: None,
        tallies: Arc::clone(&whole),
        source: Arc::clone(&whole),
    };
    if let Some(dispersion) = options.dispersion {
        dispersed::apply(&mut gaps, options, dispersion)?;
    }
    if let Some(cluster) = &options.cluster {
        clustered::apply(&mut gaps, tallies, &by, options, cluster)?;
    }
    Ok(gaps)
}

fn check(options: &GapOptions) -> Result<(), Error> {
    check_methods(&options.methods)?;
    if options.groups.is_empty() {
        let expected = "one group or more, or `main` for all of them".into();
        return Err(Error::Option {
            option: "groups",
            found: "nothing".into(),
            expected,
        });
    }
    let number = |option: &'static str, value: f64, expected: &str, fits: bool| {
        if fits {
            return Ok(());
        }
        Err(Error::Option {
            option,
            found: value.to_string(),
            expected: expected.into(),
        })
    };
    number(
        "matters",
        options.matters,
        "a number of zero or more",
        options.matters >= 0.0,
    )?;
    if let Baseline::Fixed(value) = options.baseline {
        number("baseline", value, "a finite number", value.is_finite())?;
    }
    number(
        "minimum",
        options.minimum as f64,
        "zero or more pupils",
        options.minimum >= 0,
    )
}

type Place = Arc<[Option<String>]>;
/// A place with the cell of each leaf there, and a measure with its number.
type At<'a> = (&'a (Place, Vec<Option<usize>>), (usize, &'a MeasureTallies));
/// One measure in one place: gives the row of a group, by its number.
type Comparison<'a> = dyn Fn(usize, &Group) -> Gap + Send + Sync + 'a;

/// Every place in order, with the cell of each leaf there.
fn places(tallies: &Tallies) -> Vec<(Place, Vec<Option<usize>>)> {
    let dimensions = tallies.dimensions();
    let mut places: Vec<(&[u32], Vec<Option<usize>>)> = Vec::new();
    for cell in 0..tallies.cells() {
        let Some((leaf, key)) = tallies.key(cell).split_last() else {
            continue;
        };
        if places.last().is_none_or(|(last, _)| *last != key) {
            places.push((key, vec![None; tallies.leaves().len()]));
        }
        let slot = places
            .last_mut()
            .and_then(|(_, cells)| cells.get_mut(*leaf as usize));
        if let Some(slot) = slot {
            *slot = Some(cell);
        }
    }
    let named = |key: &[u32]| -> Place {
        let values = key.iter().zip(dimensions);
        values
            .map(|(n, d)| d.values.get(*n as usize).cloned().flatten())
            .collect()
    };
    places
        .into_iter()
        .map(|(key, cells)| (named(key), cells))
        .collect()
}

/// One measure in one place.
struct Scene<'a> {
    number: usize,
    measure: &'a Measure,
    place: &'a Place,
    leaves: &'a [Option<usize>],
    reference: Option<&'a Group>,
    /// Main groups, among which the best-placed one is looked for.
    candidates: &'a [Group],
    tallies: &'a Tallies,
    options: &'a GapOptions,
    open: Option<&'a [Open]>,
    published: bool,
}

/// The sums that every group of a scene shares.
struct Cohort<T> {
    /// Those with a known group, or all but the known unclassified where a total row says more.
    classified: Sum<T>,
    /// Everyone.
    everyone: Sum<T>,
    coverage: Calculated<f64>,
}

impl<'a> Scene<'a> {
    /// Works out what all groups share, and returns what is left to do for each.
    fn compare<T: Comparable>(
        self,
        cells: &'a Sums<T>,
        outside: Option<Vec<Sum<T>>>,
    ) -> impl Fn(usize, &Group) -> Gap + Send + Sync + 'a {
        let methods = Methods::<T>::chosen(&self.options.methods);
        let cohort = self.cohort(cells);
        let best = match self.options.baseline {
            Baseline::BestPlaced => self.best(cells),
            _ => None,
        };
        let series = self.series();
        let label: Arc<str> = match (&self.options.baseline, best) {
            (Baseline::BestPlaced, Some(b)) => format!("best-placed group ({})", b.label).into(),
            (Baseline::Group(_), _) => self.reference.map_or("", |r| r.label.as_str()).into(),
            (baseline, _) => baseline.label().into(),
        };
        move |of, group| {
            let sum = &self.group(cells, group);
            let against = match &self.options.baseline {
                Baseline::AllOthers => Against::Other(self.others(&cohort, sum)),
                Baseline::Overall => Against::Whole(match self.options.unclassified {
                    Unclassified::Include => cohort.everyone.clone(),
                    _ => cohort.classified.clone(),
                }),
                Baseline::Fixed(value) => Against::Fixed(value / self.measure.unit.factor()),
                Baseline::Group(_) => match self.reference {
                    Some(reference) => self.other(cells, group, reference),
                    None => Against::Nobody(NotCalculable::NoCounterpart),
                },
                Baseline::BestPlaced => match best {
                    Some(reference) => self.other(cells, group, reference),
                    None => Against::Nobody(NotCalculable::BelowMinimum),
                },
                Baseline::Elsewhere { .. } => {
                    match outside.as_ref().and_then(|sums| sums.get(of)) {
                        Some(sum) => Against::Other(sum.clone()),
                        None => Against::Nobody(NotCalculable::NoCounterpart),
                    }
                }
            };
            let mut gap = self.gap(&methods, sum, &against, &cohort, &label);
            gap.of = of;
            gap.series.clone_from(&series);
            if self.options.unclassified == Unclassified::Bounds
                && matches!(self.options.baseline, Baseline::AllOthers)
            {
                let with = Against::Other(cohort.everyone.minus(sum));
                self.widen(&mut gap, &self.gap(&methods, sum, &with, &cohort, &label));
            }
            gap
        }
    }

    fn cells_of(&self, kind: LeafKind) -> Vec<usize> {
        let leaves = self.leaves.iter().zip(self.tallies.leaves());
        let mine = leaves.filter(|(_, leaf)| leaf.kind == kind);
        mine.filter_map(|(cell, _)| *cell).collect()
    }

    fn group<T: Comparable>(&self, cells: &Sums<T>, group: &Group) -> Sum<T> {
        let leaves = group.leaves.iter();
        let places = leaves.filter_map(|leaf| *self.leaves.get(*leaf)?);
        Sum::of(cells, self.open, &places.collect::<Vec<usize>>())
    }

    fn cohort<T: Comparable>(&self, cells: &Sums<T>) -> Cohort<T> {
        let sum = |kind: LeafKind| {
            let places = self.cells_of(kind);
            (Sum::of(cells, self.open, &places), !places.is_empty())
        };
        let (listed, _) = sum(LeafKind::Classified);
        let (unclassified, has_unclassified) = sum(LeafKind::Unclassified);
        let (total, has_total) = sum(LeafKind::Total);
        let share = |a: &Sum<T>, b: &Sum<T>| Ok(a.size()? / b.size()?);
        let whole_needs_total = self
            .tallies
            .leaves()
            .iter()
            .any(|leaf| leaf.kind == LeafKind::Total);
        if has_total {
            // Where no row says who is unclassified, whoever no row lists stands among the others.
            let classified = if has_unclassified {
                total.minus(&unclassified)
            } else {
                total.clone()
            };
            return Cohort {
                coverage: share(&listed, &total),
                classified,
                everyone: total,
            };
        }
        if whole_needs_total {
            let none = Sum {
                tally: Err(NotCalculable::NoCounterpart),
                open: None,
            };
            return Cohort {
                coverage: Err(NotCalculable::NoCounterpart),
                classified: none.clone(),
                everyone: none,
            };
        }
        let everyone = listed.plus(&unclassified);
        Cohort {
            coverage: share(&listed, &everyone),
            classified: listed,
            everyone,
        }
    }

    fn others<T: Comparable>(&self, cohort: &Cohort<T>, group: &Sum<T>) -> Sum<T> {
        match self.options.unclassified {
            Unclassified::Include => cohort.everyone.minus(group),
            Unclassified::Exclude | Unclassified::Bounds => cohort.classified.minus(group),
        }
    }

    fn other<T: Comparable>(
        &self,
        cells: &Sums<T>,
        group: &Group,
        reference: &Group,
    ) -> Against<T> {
        if group.leaves == reference.leaves {
            return Against::Nobody(NotCalculable::IsBaseline);
        }
        if group
            .leaves
            .iter()
            .any(|leaf| reference.leaves.contains(leaf))
        {
            return Against::Nobody(NotCalculable::OverlapsBaseline);
        }
        Against::Other(self.group(cells, reference))
    }

    /// The main group whose value is most favourable, of those large enough; the first of equals.
    fn best<T: Comparable>(&self, cells: &Sums<T>) -> Option<&'a Group> {
        let sign = self.measure.polarity.sign();
        if self.measure.polarity == Polarity::Neither {
            return None;
        }
        let mut best: Option<(&Group, f64)> = None;
        for group in self.candidates {
            let Ok(tally) = self.group(cells, group).tally else {
                continue;
            };
            let Ok(value) = tally.value() else { continue };
            let known = self.n(&tally).is_some_and(|n| n >= self.options.minimum);
            if known && best.is_none_or(|(_, b)| sign * value > sign * b) {
                best = Some((group, value));
            }
        }
        best.map(|(group, _)| group)
    }

    fn series(&self) -> Option<String> {
        let place = self
            .tallies
            .dimensions()
            .iter()
            .position(|d| d.name == "year")?;
        let year = self.place.get(place)?.as_deref()?;
        self.measure.note_on(year).map(Into::into)
    }

    /// The number of pupils, which published sums of sessions or points need not tell.
    fn n<T: Tally>(&self, tally: &T) -> Option<i64> {
        Some(tally.n()).filter(|n| !self.published || *n > 0)
    }

    /// Intervals of published sums are those of events; other sums have none.
    fn has_spread(&self) -> Calculated<()> {
        if self.published && !self.measure.quantity.counts_events() {
            return Err(NotCalculable::NoSecondMoment);
        }
        Ok(())
    }

    fn gap<T: Comparable>(
        &self,
        methods: &Methods<T>,
        group: &Sum<T>,
        against: &Against<T>,
        cohort: &Cohort<T>,
        label: &Arc<str>,
    ) -> Gap {
        let level = self.options.level;
        let own = self.side(methods, group);
        let baseline = match against {
            Against::Other(sum) | Against::Whole(sum) => nobody(self.side(methods, sum)),
            Against::Fixed(value) => {
                let point = Ok(Interval::new(*value, *value));
                Side {
                    n: None,
                    value: Ok(*value),
                    interval: point,
                    variance: Ok(0.0),
                    range: None,
                }
            }
            Against::Nobody(reason) => Side {
                n: None,
                value: Err(*reason),
                interval: Err(*reason),
                variance: Err(*reason),
                range: None,
            },
        };
        let trial = Trial {
            scene: self,
            methods,
            group,
            against,
            level,
            tallies: pair(group, against),
        };
        let difference = trial.difference(&own, &baseline);
        let ratio = trial.ratio(&own, &baseline);
        let matters = self.options.matters / self.measure.unit.factor();
        let polarity = self.measure.polarity;
        let verdict = Verdict::of(
            &own,
            &baseline,
            &difference,
            polarity,
            self.options.minimum,
            matters,
        );
        Gap {
            measure: self.number,
            of: 0,
            place: Arc::clone(self.place),
            excess: trial.excess(&difference),
            odds_ratio: trial.odds_ratio(),
            share_ratio: trial.share_ratio(cohort),
            group: own,
            baseline,
            baseline_label: Arc::clone(label),
            difference,
            ratio,
            verdict,
            coverage: cohort.coverage,
            series: None,
            clustering: None,
            test: None,
        }
    }

    fn side<T: Comparable>(&self, methods: &Methods<T>, sum: &Sum<T>) -> Side {
        let interval = sum.tally.and_then(|tally| {
            self.has_spread()?;
            let method = methods.own.ok_or(NotCalculable::NoMethod)?;
            (method.function)(&tally, self.options.level)
        });
        Side {
            n: match sum.tally {
                Ok(tally) => self.n(&tally),
                // A withheld numerator leaves the number of pupils beside it known.
                Err(_) if self.measure.quantity.family() != Family::Ratio => {
                    sum.size().ok().map(|size| size as i64)
                }
                Err(_) => None,
            },
            value: sum.tally.and_then(|tally| tally.value()),
            interval,
            variance: sum.tally.and_then(|tally| {
                self.has_spread()?;
                tally.value_variance()
            }),
            range: sum.range(),
        }
    }

    /// Widens a gap's ranges to hold another reading of it; findings that differ are not clear.
    fn widen(&self, gap: &mut Gap, other: &Gap) {
        for (mine, theirs) in [
            (&mut gap.difference, &other.difference),
            (&mut gap.ratio, &other.ratio),
            (&mut gap.excess, &other.excess),
        ] {
            let (Ok(a), Ok(b)) = (mine.value, theirs.value) else {
                continue;
            };
            let ends = |range: Option<Interval>, v| range.unwrap_or(Interval::new(v, v));
            let (x, y) = (ends(mine.range, a), ends(theirs.range, b));
            mine.range = Some(Interval::new(x.lower.min(y.lower), x.upper.max(y.upper)));
        }
        if gap.verdict != other.verdict {
            gap.verdict = Verdict::NoClearDifference;
        }
    }
}

/// An empty baseline is no baseline rather than no group.
fn nobody(mut side: Side) -> Side {
    if side.value == Err(NotCalculable::NoGroup) {
        side.value = Err(NotCalculable::NoBaseline);
        side.interval = Err(NotCalculable::NoBaseline);
        side.variance = Err(NotCalculable::NoBaseline);
    }
    side
}

/// What a group's sum is held against.
enum Against<T> {
    Other(Sum<T>),
    Whole(Sum<T>),
    Fixed(f64),
    Nobody(NotCalculable),
}

/// One group against one baseline, on every scale.
struct Trial<'a, T: 'static> {
    scene: &'a Scene<'a>,
    methods: &'a Methods<T>,
    group: &'a Sum<T>,
    against: &'a Against<T>,
    level: Level,
    /// Both tallies, where the baseline is a tally and neither side is empty.
    tallies: Calculated<(T, T)>,
}

fn pair<T: Comparable>(group: &Sum<T>, against: &Against<T>) -> Calculated<(T, T)> {
    let baseline = match against {
        Against::Other(sum) | Against::Whole(sum) => sum.tally,
        Against::Fixed(_) => Err(NotCalculable::NoMethod),
        Against::Nobody(reason) => Err(*reason),
    };
    let (group, baseline) = (group.tally?, baseline?);
    group.value()?;
    baseline.value().map_err(|reason| match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        other => other,
    })?;
    Ok((group, baseline))
}

impl<T: Comparable> Trial<'_, T> {
    fn is_whole(&self) -> bool {
        matches!(self.against, Against::Whole(_))
    }

    fn difference(&self, own: &Side, baseline: &Side) -> Contrast {
        let method = self.methods.difference;
        let range = both(own, baseline, |a, b| {
            Some(Interval::new(a.lower - b.upper, a.upper - b.lower))
        });
        if let Against::Fixed(fixed) = self.against {
            return Contrast {
                value: own.value.map(|v| v - fixed),
                interval: own
                    .interval
                    .map(|i| Interval::new(i.lower - fixed, i.upper - fixed)),
                range,
                method: self.methods.own.map_or("", |m| m.id),
            };
        }
        let value = self.tallies.and_then(|(g, b)| contrast::difference(&g, &b));
        let interval = self.tallies.and_then(|(g, b)| {
            self.scene.has_spread()?;
            if self.is_whole() {
                return g.part_whole(&b, self.level);
            }
            (method.ok_or(NotCalculable::NoMethod)?.function)(&g, &b, self.level)
        });
        let id = if self.is_whole() {
            "part_whole"
        } else {
            method.map_or("", |m| m.id)
        };
        Contrast {
            value,
            interval,
            range,
            method: id,
        }
    }

    fn ratio(&self, own: &Side, baseline: &Side) -> Contrast {
        let method = self.methods.ratio;
        let none = |reason| Contrast {
            value: Err(reason),
            interval: Err(reason),
            range: None,
            method: "",
        };
        if !self.scene.measure.ratio_scale {
            return none(NotCalculable::NotARatioScale);
        }
        let range = both(own, baseline, |a, b| {
            (b.lower > 0.0).then(|| Interval::new(a.lower / b.upper, a.upper / b.lower))
        });
        if let Against::Fixed(fixed) = self.against {
            if *fixed <= 0.0 {
                return none(NotCalculable::ZeroBaseline);
            }
            return Contrast {
                value: own.value.map(|v| v / fixed),
                interval: own.interval.map(|i| i.scale(1.0 / fixed)),
                range,
                method: self.methods.own.map_or("", |m| m.id),
            };
        }
        let value = self.tallies.and_then(|(g, b)| contrast::ratio(&g, &b));
        let interval = self.tallies.and_then(|(g, b)| {
            self.scene.has_spread()?;
            if self.is_whole() {
                return g.index(&b, self.level);
            }
            (method.ok_or(NotCalculable::NoMethod)?.function)(&g, &b, self.level)
        });
        let id = if self.is_whole() {
            "part_whole"
        } else {
            method.map_or("", |m| m.id)
        };
        Contrast {
            value,
            interval,
            range,
            method: id,
        }
    }

    fn odds_ratio(&self) -> Contrast {
        let Some(method) = self.methods.odds else {
            let none = self.tallies.err().unwrap_or(NotCalculable::NotAProportion);
            return Contrast {
                value: Err(none),
                interval: Err(none),
                range: None,
                method: "",
            };
        };
        let tallies = self.tallies;
        let interval = tallies.and_then(|(g, b)| {
            if self.is_whole() {
                return Err(NotCalculable::NoMethod);
            }
            (method.function)(&g, &b, self.level)
        });
        let id = if interval.is_ok() { method.id } else { "" };
        Contrast {
            value: tallies.and_then(|(g, b)| g.odds_ratio(&b)),
            interval,
            range: None,
            method: id,
        }
    }

    /// The group's value over everyone's: its share of the outcome over its share of the cohort.
    fn share_ratio(&self, cohort: &Cohort<T>) -> Calculated<f64> {
        if !self.scene.measure.ratio_scale {
            return Err(NotCalculable::NotARatioScale);
        }
        let whole = match self.scene.options.unclassified {
            Unclassified::Include => &cohort.everyone,
            _ => &cohort.classified,
        };
        contrast::ratio(&self.group.tally?, &whole.tally?)
    }

    /// The difference over every member of the group.
    fn excess(&self, difference: &Contrast) -> Contrast {
        let size = self.group.size();
        let value = match self.against {
            Against::Fixed(_) => size.and_then(|size| Ok(difference.value? * size)),
            _ => self.tallies.and_then(|(g, b)| contrast::excess(&g, &b)),
        };
        let interval = size.and_then(|size| Ok(difference.interval?.scale(size)));
        let range = size
            .ok()
            .and_then(|size| difference.range.map(|r| r.scale(size)));
        Contrast {
            value,
            interval,
            range,
            method: difference.method,
        }
    }
}

fn both(
    own: &Side,
    baseline: &Side,
    join: impl Fn(Interval, Interval) -> Option<Interval>,
) -> Option<Interval> {
    let ends = |side: &Side| {
        side.range
            .or_else(|| side.value.ok().map(|value| Interval::new(value, value)))
    };
    if own.range.is_none() && baseline.range.is_none() {
        return None;
    }
    join(ends(own)?, ends(baseline)?)
}

/// The same groups in other tallies, over the dimensions that both have.
struct Elsewhere<'a> {
    rolled: Tallies,
    places: BTreeMap<Place, Vec<Option<usize>>>,
    groups: Vec<Group>,
    shared: Vec<usize>,
    options: &'a GapOptions,
}

impl<'a> Elsewhere<'a> {
    fn new(outside: &Tallies, inside: &Tallies, options: &'a GapOptions) -> Result<Self, Error> {
        let has = |t: &Tallies, name: &str| t.dimensions().iter().any(|d| d.name == name);
        let shared: Vec<(usize, &str)> = inside
            .dimensions()
            .iter()
            .enumerate()
            .filter(|(_, d)| has(outside, &d.name))
            .map(|(place, d)| (place, d.name.as_str()))
            .collect();
        let rolled = outside.roll_up(&shared.iter().map(|(_, name)| *name).collect::<Vec<_>>())?;
        let inside_groups = resolve(inside, &options.groups)?;
        let known = resolve(&rolled, &options.groups)?;
        let groups = inside_groups.iter().map(|group| {
            let same = known.iter().find(|g| g.name == group.name);
            same.cloned().unwrap_or_else(|| Group {
                leaves: Vec::new(),
                ..group.clone()
            })
        });
        Ok(Elsewhere {
            groups: groups.collect(),
            places: places(&rolled).into_iter().collect(),
            rolled,
            shared: shared.into_iter().map(|(place, _)| place).collect(),
            options,
        })
    }

    fn at(&self, place: &Place, measure: &MeasureTallies) -> Option<Outside<'_>> {
        let wanted: Vec<Option<String>> = self
            .shared
            .iter()
            .filter_map(|i| place.get(*i))
            .cloned()
            .collect();
        let (place, cells) = self.places.get_key_value(wanted.as_slice())?;
        let (number, tallies) = self
            .rolled
            .measures()
            .iter()
            .enumerate()
            .find(|(_, m)| m.measure.id == measure.measure.id)?;
        Some(Outside {
            elsewhere: self,
            place,
            cells,
            number,
            tallies,
        })
    }
}

struct Outside<'a> {
    elsewhere: &'a Elsewhere<'a>,
    place: &'a Place,
    cells: &'a [Option<usize>],
    number: usize,
    tallies: &'a MeasureTallies,
}

impl Outside<'_> {
    fn sums<T: Comparable>(&self, cells: &Sums<T>) -> Vec<Sum<T>> {
        let scene = Scene {
            number: self.number,
            measure: &self.tallies.measure,
            place: self.place,
            leaves: self.cells,
            reference: None,
            candidates: &[],
            tallies: &self.elsewhere.rolled,
            options: self.elsewhere.options,
            open: self.tallies.open.as_deref(),
            published: self.tallies.column.family() == Family::Rate,
        };
        self.elsewhere
            .groups
            .iter()
            .map(|group| scene.group(cells, group))
            .collect()
    }

    fn proportions(&self) -> Option<Vec<Sum<disprop_stats::Proportion>>> {
        match &self.tallies.column {
            Column::Proportion(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }

    fn means(&self) -> Option<Vec<Sum<disprop_stats::Mean>>> {
        match &self.tallies.column {
            Column::Mean(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }

    fn ratios(&self) -> Option<Vec<Sum<disprop_stats::Ratio>>> {
        match &self.tallies.column {
            Column::Ratio(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }

    fn rates(&self) -> Option<Vec<Sum<disprop_stats::Rate>>> {
        match &self.tallies.column {
            Column::Rate(cells) => Some(self.sums(cells)),
            _ => None,
        }
    }
}
