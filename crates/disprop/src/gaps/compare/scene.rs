//! One measure in one place: what all groups share, and the row of each.

use std::sync::Arc;

use disprop_stats::{Calculated, Interval, NotCalculable, Tally};

use super::trial::{Against, Trial, pair};
use super::{Cohort, Scene};
use crate::codes::LeafKind;
use crate::gaps::family::{Comparable, Methods};
use crate::gaps::sums::Sum;
use crate::gaps::{Baseline, Gap, Group, Side, Unclassified, Verdict};
use crate::measure::{Family, Polarity};
use crate::tallies::Sums;

impl<'a> Scene<'a> {
    /// Works out what all groups share, and returns what is left to do for each.
    pub(super) fn compare<T: Comparable>(
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

    fn cells_of(&self, kind: LeafKind) -> impl Iterator<Item = usize> + Clone {
        let leaves = self.leaves.iter().zip(self.tallies.leaves());
        let mine = leaves.filter(move |(_, leaf)| leaf.kind == kind);
        mine.filter_map(|(cell, _)| *cell)
    }

    pub(super) fn group<T: Comparable>(&self, cells: &Sums<T>, group: &Group) -> Sum<T> {
        let leaves = group.leaves.iter();
        let places = leaves.filter_map(|leaf| *self.leaves.get(*leaf)?);
        Sum::of(cells, self.open, places)
    }

    fn cohort<T: Comparable>(&self, cells: &Sums<T>) -> Cohort<T> {
        let sum = |kind: LeafKind| {
            let places = self.cells_of(kind);
            let any = places.clone().next().is_some();
            (Sum::of(cells, self.open, places), any)
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

    /// The number of pupils, which published sums of sessions or points need not tell; where
    /// nothing was counted, they were of nobody.
    fn n<T: Tally>(&self, tally: &T) -> Option<i64> {
        let told = |n: &i64| *n > 0 || tally.value() == Err(NotCalculable::NoGroup);
        Some(tally.n()).filter(|n| !self.published || told(n))
    }

    /// Intervals of published sums are those of events; other sums have none.
    pub(super) fn has_spread(&self) -> Calculated<()> {
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
