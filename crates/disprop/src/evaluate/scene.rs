//! One measure, group and place: the effect, the pre-trend and every year's gap in both arms.

use std::collections::{BTreeMap, BTreeSet};

use disprop_stats::cluster::{self, Clustering};
use disprop_stats::did::{self, Panel, Whose};
use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable};

use super::{Arm, EvaluateOptions, Outcome, Plan, Statistic};
use crate::measure::{Measure, Polarity};
use crate::strata::{Cells, plus};

/// One measure, group and place.
pub(super) struct Scene<'a> {
    pub(super) plan: &'a Plan,
    pub(super) options: &'a EvaluateOptions,
    pub(super) measure: &'a Measure,
    pub(super) number: usize,
    pub(super) of: usize,
    pub(super) place: &'a Cells,
}

impl Scene<'_> {
    pub(super) fn rows<T: Fraction>(
        &self,
        cells: Calculated<Vec<Stratum<T>>>,
        rows: &mut Vec<Outcome>,
    ) {
        let panels = cells.and_then(|cells| self.panels(&cells));
        let (panels, reason) = match panels {
            Ok(panels) => (panels, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let clustering = Clustering {
            minimum_clusters: self.options.minimum_schools.max(2),
            ..Clustering::default()
        };
        let over = |weights: &[f64], whose| match reason {
            Some(reason) => Err(reason),
            None => did::periods(&panels, weights, whose, clustering),
        };
        let pooled: Vec<Panel<T>> = panels.iter().filter_map(|p| self.pooled(p).ok()).collect();
        let moved = |whose| match reason {
            Some(reason) => Err(reason),
            None => did::periods(&pooled, &[-1.0, 1.0], whose, clustering),
        };
        let (before, after) = (
            self.options.before.join(", "),
            self.options.after.join(", "),
        );
        let span = format!("{before} to {after}");
        let series = self.series();
        let pre = self.plan.pre();
        let slope = over(&slope(&pre, self.plan.years.len()), Whose::Gap);
        let first = pre.first().and_then(|i| self.plan.years.get(*i));
        let last = pre.last().and_then(|i| self.plan.years.get(*i));
        let pre_span = match (first, last) {
            (Some((_, a)), Some((_, b))) if a != b => format!("{a} to {b}"),
            (Some((_, a)), _) => a.clone(),
            _ => String::new(),
        };
        let row = |statistic, arm, period: &String, estimate: Calculated<Estimate>| {
            self.outcome((statistic, arm, period), estimate, &panels)
        };
        let gap = moved(Whose::Gap);
        let mut effect = row(
            Statistic::Effect,
            Arm::Difference,
            &span,
            gap.map(|c| c.effect),
        );
        effect.finding = Some(self.finding(&effect, slope.map(|c| c.effect)));
        effect.series.clone_from(&series);
        rows.push(effect);
        let sides = [
            (Statistic::EffectOnGroup, Whose::Group),
            (Statistic::EffectOnBaseline, Whose::Baseline),
        ];
        for (statistic, whose) in sides {
            let own = moved(whose).map(|c| c.effect);
            rows.push(row(statistic, Arm::Difference, &span, own));
        }
        let trend = match pre.len() {
            // One year before has no trend.
            0 | 1 => Err(reason.unwrap_or(NotCalculable::NoCounterpart)),
            _ => slope.map(|c| c.effect),
        };
        rows.push(row(Statistic::PreTrend, Arm::Difference, &pre_span, trend));
        for (arm, pick) in [
            (
                Arm::Programme,
                (|c| c.programme) as fn(did::Contrasted) -> Estimate,
            ),
            (Arm::Elsewhere, |c| c.elsewhere),
        ] {
            rows.push(row(Statistic::Change, arm, &span, gap.map(pick)));
        }
        for arm in [Arm::Programme, Arm::Elsewhere] {
            for (place, (_, year)) in self.plan.years.iter().enumerate() {
                let schools: Vec<Stratum<T>> = panels
                    .iter()
                    .filter(|p| p.programme == (arm == Arm::Programme))
                    .filter_map(|p| p.periods.get(place).copied())
                    .collect();
                let gap = match reason {
                    Some(reason) => Err(reason),
                    None => cluster::difference(&schools, clustering),
                };
                let mut outcome = row(Statistic::Gap, arm, year, gap);
                outcome.series = self.measure.note_on(year).map(Into::into);
                rows.push(outcome);
            }
        }
    }

    /// Every school's strata by year, in order of schools.
    fn panels<T: Fraction>(&self, cells: &[Stratum<T>]) -> Calculated<Vec<Panel<T>>> {
        let years = &self.plan.years;
        let mut schools: BTreeMap<u32, Vec<Stratum<T>>> = BTreeMap::new();
        for (key, cell) in self.place.keys.iter().zip(cells) {
            let [year, school, ..] = key.as_slice() else {
                continue;
            };
            if self.plan.nowhere == Some(*school) {
                continue;
            }
            let Some(place) = years.iter().position(|(n, _)| n == year) else {
                continue;
            };
            let own = schools
                .entry(*school)
                .or_insert_with(|| vec![Stratum::default(); years.len()]);
            if let Some(slot) = own.get_mut(place) {
                *slot = plus(slot, cell)?;
            }
        }
        let panel = |(school, periods)| Panel {
            programme: self.plan.programme.contains(&school),
            periods,
        };
        Ok(schools.into_iter().map(panel).collect())
    }

    /// The same with the years before and after added up.
    fn pooled<T: Fraction>(&self, panel: &Panel<T>) -> Calculated<Panel<T>> {
        let sum = |wanted: &BTreeSet<u32>| {
            let years = self.plan.years.iter().zip(&panel.periods);
            let mut own = years.filter(|((n, _), _)| wanted.contains(n));
            own.try_fold(Stratum::default(), |sum, (_, cell)| plus(&sum, cell))
        };
        Ok(Panel {
            programme: panel.programme,
            periods: vec![sum(&self.plan.before)?, sum(&self.plan.after)?],
        })
    }

    fn outcome<T: Fraction>(
        &self,
        (statistic, arm, period): (Statistic, Arm, &String),
        estimate: Calculated<Estimate>,
        panels: &[Panel<T>],
    ) -> Outcome {
        let used = |place: usize, (n, year): &(u32, String)| match statistic {
            Statistic::Gap => year == period,
            Statistic::PreTrend => self.plan.pre().contains(&place),
            _ => self.plan.before.contains(n) || self.plan.after.contains(n),
        };
        let years: Vec<usize> = self
            .plan
            .years
            .iter()
            .enumerate()
            .filter(|(place, year)| used(*place, year))
            .map(|(place, _)| place)
            .collect();
        let arms: &[bool] = match arm {
            Arm::Programme => &[true],
            Arm::Elsewhere => &[false],
            Arm::Difference => &[true, false],
        };
        let (mut n, mut smallest) = ((0, 0), i64::MAX);
        let mut schools = (0, 0);
        for programme in arms {
            let own = || panels.iter().filter(|p| p.programme == *programme);
            for year in &years {
                let cells = own().filter_map(|p| p.periods.get(*year));
                let (group, baseline) = cells.fold((0, 0), |(g, b), cell| {
                    (g + cell.group.n(), b + cell.baseline.n())
                });
                n = (n.0 + group, n.1 + baseline);
                smallest = smallest.min(group).min(baseline);
            }
            let held = own().filter(|p| {
                let mut cells = years.iter().filter_map(|year| p.periods.get(*year));
                cells.any(|cell| !cell.group.is_empty())
            });
            match programme {
                true => schools.0 = held.count(),
                false => schools.1 = held.count(),
            }
        }
        Outcome {
            measure: self.number,
            of: self.of,
            place: self.place.place.clone(),
            statistic,
            arm,
            period: period.clone(),
            value: estimate.map(|e| e.estimate),
            interval: estimate.and_then(|e| e.interval(self.options.gaps.level)),
            p: estimate.and_then(|e| e.p_value()),
            n,
            smallest: if smallest == i64::MAX { 0 } else { smallest },
            schools,
            finding: None,
            series: None,
        }
    }

    fn finding(&self, effect: &Outcome, slope: Calculated<Estimate>) -> String {
        let Ok(ends) = effect.interval else {
            return "not calculable".into();
        };
        if effect.smallest < self.options.gaps.minimum {
            return "too few to tell".into();
        }
        let found = match (ends.lower > 0.0, ends.upper < 0.0, self.measure.polarity) {
            (false, false, _) => "no clear effect",
            (up, _, Polarity::Neither) => {
                if up {
                    "gap rose"
                } else {
                    "gap fell"
                }
            }
            (up, _, polarity) if up == (polarity.sign() > 0.0) => "in the group's favour",
            _ => "against the group",
        };
        let level = self.options.gaps.level;
        let apart = slope
            .and_then(|slope| slope.interval(level))
            .is_ok_and(|ends| !ends.contains(0.0));
        if apart {
            format!("{found}, but trends differed before")
        } else {
            found.into()
        }
    }

    /// What must be said of the years: a break of the series between them.
    fn series(&self) -> Option<String> {
        let (first, last) = (self.options.before.first()?, self.options.after.last()?);
        self.measure.break_between(first, last).map(Into::into)
    }
}

/// Least-squares weights of a yearly slope over some of the years.
fn slope(places: &[usize], years: usize) -> Vec<f64> {
    let mean = places.iter().map(|p| *p as f64).sum::<f64>() / places.len().max(1) as f64;
    let squares: f64 = places.iter().map(|p| (*p as f64 - mean).powi(2)).sum();
    let mut weights = vec![0.0; years];
    for place in places.iter().filter(|_| squares > 0.0) {
        if let Some(weight) = weights.get_mut(*place) {
            *weight = (*place as f64 - mean) / squares;
        }
    }
    weights
}
