//! One measure in one place: each group's row for each method.

use disprop_stats::cluster::{self, Clustering};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable};

use super::methods::{Adjustable, Data, Found, Measured, adjusted, remaining};
use super::{AdjustOptions, AdjustedGap, Method};
use crate::gaps::{Contrast, Gap, Group, Side, Verdict};
use crate::measure::{Family, Measure};
use crate::strata::{Cells, Figures, Strata, Support};
use crate::tallies::OfWords;

/// One measure in one place.
pub(super) struct Scene<'a> {
    pub(super) strata: &'a Strata,
    pub(super) place: &'a Cells,
    pub(super) measure: &'a Measure,
    pub(super) family: Family,
    pub(super) options: &'a AdjustOptions,
}

impl Scene<'_> {
    pub(super) fn rows<T: Adjustable + OfWords>(
        &self,
        raw: &Gap,
        group: &Group,
        figures: Figures<'_, T>,
        rows: &mut Vec<AdjustedGap>,
    ) {
        let usual = [Method::usual(self.family)];
        let all = self.options.methods == Method::ALL;
        let chosen = match self.options.methods.as_slice() {
            [] => &usual[..],
            chosen => chosen,
        };
        // A method asked for by name says why it does not apply; of all methods, those that do.
        let chosen = chosen.iter().filter(|m| !all || m.applies(self.family));
        let data = self
            .strata
            .of(self.place, figures, group)
            .and_then(|strata| Data::new(&self.place.keys, strata, self.options));
        for method in chosen {
            rows.push(self.row(raw, *method, &data));
        }
    }

    fn row<T: Adjustable + OfWords>(
        &self,
        raw: &Gap,
        method: Method,
        data: &Calculated<Data<T>>,
    ) -> AdjustedGap {
        let level = self.options.gaps.level;
        let nothing = Support {
            strata: 0,
            compared: 0,
            group_unmatched: 0,
            baseline_unmatched: 0,
            kept: 0.0,
        };
        let support = data.as_ref().map_or(nothing, |d| d.support);
        // Pupils without a counterpart are no part of a comparison within strata; a regression
        // reaches to them.
        let kept = |side: &Side, unmatched: i64| match method {
            Method::MantelHaenszel | Method::Standardised => Side {
                n: side.n.map(|n| n - unmatched),
                ..side.clone()
            },
            _ => side.clone(),
        };
        let found = match data {
            Ok(data) => adjusted(method, data),
            Err(reason) => Found::none(*reason),
        };
        // Published sums that are not events (sessions, points) have no spread of their own.
        let spread = if self.family == Family::Rate && !self.measure.quantity.counts_events() {
            Err(NotCalculable::NoSecondMoment)
        } else {
            Ok(())
        };
        let contrast = |found: Measured, spread: Calculated<()>| Contrast {
            value: found.value,
            interval: spread.and_then(|()| found.estimate?.interval(level)),
            range: None,
            method: method.id(),
        };
        let scaled = if self.measure.ratio_scale {
            found.ratio
        } else {
            Measured::none(NotCalculable::NotARatioScale)
        };
        let difference = contrast(found.difference, spread);
        let (raw_difference, raw_ratio, schools) = match data {
            Ok(data) => self.clustered(raw, data),
            Err(_) => (raw.difference.clone(), raw.ratio.clone(), None),
        };
        let clear = raw_difference
            .interval
            .is_ok_and(|ends| !ends.contains(0.0));
        let remains = match (difference.value, raw_difference.value) {
            (Ok(adjusted), Ok(raw)) if clear => Ok(adjusted / raw),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
            _ => Err(NotCalculable::Unbounded),
        };
        let remains_interval = remains.and_then(|_| {
            spread?;
            let data = data.as_ref().map_err(|reason| *reason)?;
            remaining(method, data)?.interval(level)
        });
        AdjustedGap {
            verdict: Verdict::of(
                &kept(&raw.group, support.group_unmatched),
                &kept(&raw.baseline, support.baseline_unmatched),
                &difference,
                self.measure.polarity,
                self.options.gaps.minimum,
                self.options.gaps.matters / self.measure.unit.factor(),
            ),
            p: spread.and_then(|()| found.difference.estimate?.p_value()),
            ratio: contrast(scaled, spread),
            odds_ratio: contrast(found.odds_ratio, Ok(())),
            homogeneity: found.homogeneity,
            support,
            raw: raw.clone(),
            difference,
            raw_difference,
            raw_ratio,
            method,
            remains,
            remains_interval,
            schools,
        }
    }

    /// The raw contrasts, their intervals clustered where schools are kept, and the group's schools.
    fn clustered<T: Adjustable + OfWords>(
        &self,
        raw: &Gap,
        data: &Data<T>,
    ) -> (Contrast, Contrast, Option<usize>) {
        let (Some(_), level) = (&self.options.cluster, self.options.gaps.level) else {
            return (raw.difference.clone(), raw.ratio.clone(), None);
        };
        let schools = &data.layered.schools;
        let with = |raw: &Contrast, estimate: Calculated<Estimate>| Contrast {
            interval: raw.value.and_then(|_| estimate?.interval(level)),
            method: "clustered",
            ..raw.clone()
        };
        let held = schools.iter().filter(|s| !s.group.is_empty()).count();
        let clustering = Clustering::default();
        (
            with(&raw.difference, cluster::difference(schools, clustering)),
            with(&raw.ratio, cluster::ratio(schools, clustering)),
            Some(held),
        )
    }
}
