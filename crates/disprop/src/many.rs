//! Many comparisons at once: p-values of gaps, corrected over the family that the caller names.

mod named;

use std::collections::BTreeMap;

use disprop_stats::multiplicity::{self, Adjustment};
use disprop_stats::{Calculated, Level, NotCalculable};

pub(crate) use named::events;
pub use named::{TestRow, Tests};

use crate::error::Error;
use crate::gaps::{Gap, Gaps, Tested};

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
    /// own value against it. Everyone: the group against the rest of them, which is the same question.
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
    pub fn adjust_for_many(self, adjustment: Adjustment, family: &[&str]) -> Result<Self, Error> {
        self.adjust_for_many_by(None, adjustment, family)
    }

    /// Returns the same as [`adjust_for_many`](Self::adjust_for_many) with p-values of the test of
    /// this name, as [`tests`](Self::tests) has them.
    ///
    /// # Errors
    /// As those two.
    ///
    /// # Example: Fisher's exact test of each gap, corrected
    /// ```
    /// use disprop::{GapOptions, Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// use disprop_stats::multiplicity::Adjustment;
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "White British"],
    ///     "events" => [3, 1], "pupils" => [4, 4])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let tested = gaps.clone().adjust_for_many_by(Some("fisher"), Adjustment::Holm, &[])?;
    /// let test = tested.rows[0].test.expect("every row has one");
    /// assert!((test.p_value? - 34.0 / 70.0).abs() < 1e-12);
    /// let unknown = gaps.adjust_for_many_by(Some("anova"), Adjustment::Holm, &[]);
    /// assert_eq!(unknown.unwrap_err().code(), "stats.unknown_method");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn adjust_for_many_by(
        mut self,
        test: Option<&str>,
        adjustment: Adjustment,
        family: &[&str],
    ) -> Result<Self, Error> {
        let test = named::known(&self, test)?;
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
        let besides = named::Besides::of(&self, test)?;
        let p_value = |(number, gap)| {
            let found = named::of(&self, gap, &besides.at(number), test);
            found.map(|(_, found)| found.p_value)
        };
        let p: Vec<Calculated<f64>> = self.rows.iter().enumerate().map(p_value).collect();
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
        let mut many = said(judged, families.len(), adjustment, self.options.level);
        if let Some(test) = test {
            many.push_str(&format!(" They are of the test `{test}`."));
        }
        self.many = Some(many);
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

/// Returns the p-value of no difference to all others, by the test that fits the measure.
pub(crate) fn p_value(gaps: &Gaps, gap: &Gap) -> Calculated<f64> {
    named::of(gaps, gap, &named::Beside::default(), None).map(|(_, found)| found.p_value)
}
