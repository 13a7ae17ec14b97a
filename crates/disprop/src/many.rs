//! Many comparisons at once: p-values of gaps, corrected over the family that the caller names.

use std::collections::BTreeMap;

use disprop_stats::multiplicity::{self, Adjustment};
use disprop_stats::significance::score;
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Level, NotCalculable, Proportion};

use crate::error::Error;
use crate::gaps::{Baseline, Gap, Gaps, Tested};
use crate::measure::Family;

impl Gaps {
    /// Returns the same gaps with a p-value each, corrected for their number.
    ///
    /// Corrections are made over all rows that share the values of the columns in `family`:
    /// `["measure"]` makes each measure a family of its own, nothing makes all rows one. Rows of
    /// fewer pupils than the minimum are no part of it, and have no corrected value.
    ///
    /// # Formula
    /// Proportions: score test, pooled. Means and ratios of sums: difference over its standard error,
    /// t on Welch's degrees of freedom. Published events: (r₁ − r₀)/√(r̄(1/e₁ + 1/e₀)), r̄ pooled.
    /// With schools as clusters: the clustered difference over its error. A fixed value: the group's
    /// own value against it.
    ///
    /// # Returns None when
    /// Where the difference or its error does not exist, the reason stands in both.
    ///
    /// # Errors
    /// `option.bad` for a family that is neither `measure`, `group` nor a dimension.
    ///
    /// # Source
    /// Methods of [`multiplicity::adjust`]; Welch (1947); for rates Sahai and Khurshid (1996), eq. 3.5.
    ///
    /// # Example: two gaps, each tested once
    /// ```
    /// use disprop::{GapOptions, Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// use disprop_stats::multiplicity::Adjustment;
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "White British"],
    ///     "events" => [30, 40], "pupils" => [100, 300])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let tested = gaps.adjust_for_many(Adjustment::Holm, &[])?;
    /// let test = tested.rows[0].test.expect("every row has one");
    /// assert!(test.p_value? < test.p_adjusted?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn adjust_for_many(
        mut self,
        adjustment: Adjustment,
        family: &[&str],
    ) -> Result<Self, Error> {
        let known = |name: &&str| {
            *name == "measure" || *name == "group" || self.dimensions.iter().any(|d| d == name)
        };
        if let Some(name) = family.iter().find(|name| !known(name)) {
            return Err(Error::Option {
                option: "family",
                found: (*name).into(),
                expected: "`measure`, `group` or a dimension of the gaps".into(),
            });
        }
        let mut families: BTreeMap<Vec<Option<String>>, Vec<usize>> = BTreeMap::new();
        for (row, gap) in self.rows.iter().enumerate() {
            let value = |name: &&str| match *name {
                "measure" => Some(gap.measure.to_string()),
                "group" => Some(gap.of.to_string()),
                name => {
                    let place = self.dimensions.iter().position(|d| d == name)?;
                    gap.place.get(place).cloned().flatten()
                }
            };
            let key = family.iter().map(value).collect();
            families.entry(key).or_default().push(row);
        }
        let p: Vec<Calculated<f64>> = self.rows.iter().map(|gap| p_value(&self, gap)).collect();
        let minimum = self.options.minimum;
        let counts = |gap: &Gap| {
            let reaches = |n: Option<i64>| n.is_none_or(|n| n >= minimum);
            reaches(gap.group.n) && reaches(gap.baseline.n)
        };
        let mut judged = 0;
        for members in families.values() {
            let of = |row: &usize| p.get(*row).copied().unwrap_or(Err(NotCalculable::NoMethod));
            let large = |row: &usize| self.rows.get(*row).is_some_and(counts);
            let values: Vec<Option<f64>> = members
                .iter()
                .map(|row| of(row).ok().filter(|_| large(row)))
                .collect();
            judged += values.iter().flatten().count();
            let small: Vec<bool> = members.iter().map(|row| !large(row)).collect();
            let adjusted = multiplicity::adjust(&values, adjustment);
            for ((row, adjusted), small) in members.iter().zip(adjusted).zip(small) {
                let p_value = of(row);
                let p_adjusted = match (p_value, adjusted) {
                    (Err(reason), _) => Err(reason),
                    (Ok(_), Some(p)) => Ok(p),
                    (Ok(_), None) if small => Err(NotCalculable::BelowMinimum),
                    (Ok(_), None) => Err(NotCalculable::NoConvergence),
                };
                if let Some(gap) = self.rows.get_mut(*row) {
                    gap.test = Some(Tested {
                        p_value,
                        p_adjusted,
                    });
                }
            }
        }
        self.many = Some(said(judged, families.len(), adjustment, self.options.level));
        Ok(self)
    }
}

/// What a table says of many comparisons.
pub(crate) fn said(judged: usize, families: usize, method: Adjustment, level: Level) -> String {
    let missing = multiplicity::expected_misses(judged, level);
    let over = match families {
        1 => "all of them".into(),
        n => format!("each of {n} families"),
    };
    format!(
        "These are {judged} comparisons: at the {} % level about {missing:.1} of their intervals are \
         expected to miss what they estimate though nothing is wrong. Adjusted p-values are \
         corrected over {over} ({}).",
        crate::number::plain(100.0 * level.value()),
        name(method),
    )
}

fn name(method: Adjustment) -> &'static str {
    match method {
        Adjustment::Bonferroni => "Bonferroni",
        Adjustment::Holm => "Holm",
        Adjustment::Hochberg => "Hochberg",
        Adjustment::Hommel => "Hommel",
        Adjustment::BenjaminiHochberg => "Benjamini and Hochberg",
        Adjustment::BenjaminiYekutieli => "Benjamini and Yekutieli",
        _ => "as named",
    }
}

/// Returns the p-value of no difference, by the test that fits the measure and the baseline.
pub(crate) fn p_value(gaps: &Gaps, gap: &Gap) -> Calculated<f64> {
    let difference = gap.difference.value?;
    if let Some(clustered) = &gap.clustering {
        return clustered.difference?.p_value();
    }
    let family = gaps
        .source
        .measures()
        .get(gap.measure)
        .map_or(Family::Mean, |m| m.column.family());
    let (own, other) = (&gap.group, &gap.baseline);
    let fixed = matches!(gaps.options.baseline, Baseline::Fixed(_));
    let whole = matches!(gaps.options.baseline, Baseline::Overall);
    let events = |value: Calculated<f64>, n: Option<i64>| {
        let n = n.ok_or(NotCalculable::NotStated)?;
        // A proportion of whole pupils: rounding gives the count back.
        Ok::<_, NotCalculable>(Proportion::new((value? * n as f64).round() as i64, n))
    };
    match family {
        Family::Proportion if fixed => {
            let (p, n) = (other.value?, own.n.ok_or(NotCalculable::NotStated)? as f64);
            let variance = p * (1.0 - p) / n;
            if variance.is_nan() || variance <= 0.0 {
                return Err(NotCalculable::NoVariation);
            }
            Estimate::linear(difference, variance).p_value()
        }
        Family::Proportion => {
            let (group, mut rest) = (events(own.value, own.n)?, events(other.value, other.n)?);
            if whole {
                // No difference to a whole is no difference to the rest of it.
                rest = disprop_stats::Tally::subtract(&rest, &group)
                    .map_err(|_| NotCalculable::Overflow)?;
            }
            score::test(&group, &rest).map(|test| test.p_value)
        }
        Family::Rate => {
            own.variance?;
            let exposure = |side: &crate::gaps::Side| match (side.variance?, side.value?) {
                (v, r) if v > 0.0 => Ok(r / v),
                _ => side.n.map(|n| n as f64).ok_or(NotCalculable::NotStated),
            };
            let (e1, mut e0, r1) = (exposure(own)?, exposure(other)?, own.value?);
            let mut r0 = other.value?;
            if fixed {
                return Estimate::linear(difference, r0 / e1).p_value();
            }
            if whole {
                let rest = e0 - e1;
                r0 = (r0 * e0 - r1 * e1) / rest;
                e0 = rest;
            }
            let pooled = (r1 * e1 + r0 * e0) / (e1 + e0);
            let variance = pooled * (1.0 / e1 + 1.0 / e0);
            if variance.is_nan() || variance <= 0.0 {
                return Err(NotCalculable::NoVariation);
            }
            let dispersion = gaps.options.dispersion.unwrap_or(1.0);
            Estimate::linear(r1 - r0, dispersion * variance).p_value()
        }
        Family::Mean | Family::Ratio => {
            if whole {
                // The share of the group in the whole is left over: gap to the rest, same test.
                return Err(NotCalculable::NoMethod);
            }
            let of = |side: &crate::gaps::Side| {
                let n = side.n.ok_or(NotCalculable::NotStated)?;
                Ok::<_, NotCalculable>((side.variance?, n as f64 - 1.0))
            };
            let (v1, d1) = of(own)?;
            let (v0, d0) = if fixed { (0.0, 1.0) } else { of(other)? };
            if v1 + v0 <= 0.0 {
                return Err(NotCalculable::NoVariation);
            }
            let degrees = (v1 + v0).powi(2) / (v1 * v1 / d1 + v0 * v0 / d0);
            Estimate::linear(difference, v1 + v0)
                .with_degrees(degrees)
                .p_value()
        }
    }
}
