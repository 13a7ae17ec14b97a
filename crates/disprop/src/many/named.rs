//! Tests of no difference between each group and its baseline, by name or by what fits.

use disprop_stats::permutation::{self, Effort};
use disprop_stats::significance::{self, Test, TestMethod};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable, Proportion, Rate, Tally};

use crate::error::Error;
use crate::gaps::layers::Layers;
use crate::gaps::{Baseline, Dispersion, Gap, GapOptions, Gaps, Index, Key, Side};
use crate::measure::Family;

const SCORE: &str = "score";
const PERMUTATION: &str = "permutation";
const WELCH: &str = "welch";

/// One gap's test of no difference.
#[derive(Debug, Clone, PartialEq)]
pub struct TestRow {
    /// Which gap.
    pub key: Key,
    /// Pupils of the group.
    pub group_n: Option<i64>,
    /// Pupils of the baseline.
    pub baseline_n: Option<i64>,
    /// Group − baseline.
    pub difference: Calculated<f64>,
    /// Name of the test and what it says.
    pub test: Calculated<(&'static str, Test)>,
}

/// A test of no difference of every gap.
#[derive(Debug, Clone)]
pub struct Tests {
    /// One row a gap, in their order.
    pub rows: Vec<TestRow>,
    /// What the rows index.
    pub index: Index,
    /// The test that was asked for by name; else the one that fits each gap.
    pub asked: Option<&'static str>,
    /// What each group is compared with.
    pub baseline: String,
}

impl Gaps {
    /// Returns a test of no difference for every gap, by the test of this name.
    ///
    /// Print the interval first: a p-value says nothing of the size of a gap.
    ///
    /// # Formula
    /// Without a name: the score test for proportions, pooled; the difference over its standard
    /// error, t on Welch's degrees of freedom, for means and ratios of sums; for published events
    /// (r₁ − r₀)² / (φ r̄ (1/e₁ + 1/e₀)), r̄ pooled; with schools as clusters the clustered difference
    /// over its error. By name: `score`, `pearson`, `yates`, `fisher`, `mid_p`, `permutation` for
    /// proportions, `welch` for means and ratios of sums, `score`, `conditional_exact`, `mid_p` for
    /// published events.
    /// `permutation` is exact: given both margins, every split of the pupils is counted by its
    /// hypergeometric probability, so nothing is drawn. With schools as clusters it is that of whole
    /// schools, for every family ([`permutation::schools`]): every change of their signs up to 17
    /// schools, else 100,000 drawn from [`Cluster::seed`](crate::gaps::Cluster::seed). Against everyone the group is held against
    /// the rest of them, for every family: value(group) − value(everyone) is the share of the rest
    /// times value(group) − value(rest), so that one is nothing exactly where the other is.
    ///
    /// # Returns None when
    /// `no_method` where the family or the baseline has no test of that name: a mean has no
    /// permutation test of pupils, since a tally holds no pupil's value
    /// ([`permutation::means`] takes values); exact tests of events take them
    /// to come singly, and have no dispersion. Where the difference does not exist, its reason.
    ///
    /// # Errors
    /// `stats.unknown_method`; `option.bad` for another named test of gaps with schools as clusters, as
    /// all others take pupils as independent.
    ///
    /// # Source
    /// Those of [`significance`] and
    /// [`permutation`].
    ///
    /// # Example: three of four against one of four, three ways
    /// ```
    /// use disprop::{GapOptions, Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "White British"],
    ///     "events" => [3, 1], "pupils" => [4, 4])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let p = |name| gaps.tests(Some(name)).map(|t| t.rows[0].test.map(|(_, test)| test.p_value));
    /// assert!((p("fisher")?? - 34.0 / 70.0).abs() < 1e-12);
    /// assert!((p("permutation")?? - 34.0 / 70.0).abs() < 1e-12);
    /// assert!(p("mid_p")?? < 0.4);
    /// assert_eq!(p("welch")?.unwrap_err().code(), "no_method");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tests(&self, test: Option<&str>) -> Result<Tests, Error> {
        let asked = known(self, test)?;
        let besides = Besides::of(self, asked)?;
        let row = |(number, gap): (usize, &Gap)| TestRow {
            key: Key {
                measure: gap.measure,
                of: gap.of,
                place: std::sync::Arc::clone(&gap.place),
            },
            group_n: gap.group.n,
            baseline_n: gap.baseline.n,
            difference: gap.difference.value,
            test: of(self, gap, &besides.at(number), asked),
        };
        Ok(Tests {
            rows: self.rows.iter().enumerate().map(row).collect(),
            index: self.index(),
            asked,
            baseline: self.options.baseline.label(),
        })
    }
}

/// Returns the test of this name as the lists have it.
///
/// # Errors
/// As [`Gaps::tests`].
pub(super) fn known(gaps: &Gaps, test: Option<&str>) -> Result<Option<&'static str>, Error> {
    let Some(id) = test else { return Ok(None) };
    let mut names: Vec<&'static str> = significance::PROPORTION.iter().map(|m| m.id).collect();
    names.extend(significance::MEAN.iter().map(|m| m.id));
    names.extend(significance::RATE.iter().map(|m| m.id));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let Some(name) = names.iter().find(|name| **name == id) else {
        return Err(disprop_stats::Error::UnknownMethod {
            found: id.into(),
            known: names.join(", "),
        }
        .into());
    };
    if gaps.options.cluster.is_some() && id != PERMUTATION {
        return Err(Error::Option {
            option: "test",
            found: id.into(),
            expected:
                "`permutation`, or no name, where schools are clusters: other tests take pupils \
                       as independent"
                    .into(),
        });
    }
    Ok(Some(name))
}

/// What some tests need besides the rows of gaps.
pub(super) struct Besides {
    /// The same gaps to the rest of everyone, row for row, where means are held against everyone: a
    /// group is part of that whole, and only the rest of it is independent of the group.
    rest: Option<Gaps>,
    /// Both sides' events of every row, for exact tests of published events.
    events: Vec<Calculated<(Rate, Rate)>>,
    /// The permutation test over schools of every row, where they are clusters.
    schools: Vec<Calculated<Test>>,
}

/// What the test of one row needs besides the row.
#[derive(Default)]
pub(super) struct Beside<'a> {
    rest: Option<&'a Gap>,
    events: Option<Calculated<(Rate, Rate)>>,
    schools: Option<Calculated<Test>>,
}

impl Besides {
    /// # Errors
    /// As [`gaps`](crate::Tallies::gaps).
    pub(super) fn of(gaps: &Gaps, asked: Option<&str>) -> Result<Self, Error> {
        let mut besides = Besides {
            rest: None,
            events: Vec::new(),
            schools: Vec::new(),
        };
        let has = |families: &[Family]| {
            let mut measures = gaps.source.measures().iter();
            measures.any(|m| families.contains(&m.column.family()))
        };
        // No difference to a whole is no difference to the rest of it.
        let overall = matches!(gaps.options.baseline, Baseline::Overall);
        let mut options = GapOptions {
            by: Some(gaps.dimensions.clone()),
            ..gaps.options.clone()
        };
        if overall {
            options.baseline = Baseline::AllOthers;
        }
        let apart = matches!(options.baseline, Baseline::AllOthers | Baseline::Group(_));
        if let Some(cluster) = &gaps.options.cluster {
            if asked == Some(PERMUTATION) && apart {
                let by = gaps.by();
                let layers = Layers::new(&gaps.source, &by, &[&cluster.dimension], &options)?;
                layers.each(|spot, measure, group, _| {
                    let sides = layers.sides(spot, measure, group);
                    besides.schools.push(sides.and_then(|sides| {
                        let effort = Effort::new(cluster.seed);
                        let found = permutation::schools(&sides.strata(), cluster.minimum, effort)?;
                        Ok(Test {
                            statistic: None,
                            p_value: found.two_sided,
                        })
                    }));
                });
            }
            return Ok(besides);
        }
        if overall && has(&[Family::Mean, Family::Ratio]) {
            options.dispersion = None;
            besides.rest = Some(gaps.source.gaps(&options)?);
        }
        let exact = asked.is_some_and(|name| name != SCORE && of_events(name).is_some());
        if exact && apart && gaps.options.dispersion.is_none() && has(&[Family::Rate]) {
            let layers = Layers::new(&gaps.source, &gaps.by(), &[], &options)?;
            layers.each(|spot, measure, group, _| {
                let sides = layers.sides(spot, measure, group);
                let events = sides.map(|sides| (sides.group.sums, sides.baseline.sums));
                besides.events.push(events);
            });
        }
        Ok(besides)
    }

    /// What the row of this number needs.
    pub(super) fn at(&self, number: usize) -> Beside<'_> {
        Beside {
            rest: self.rest.as_ref().and_then(|rest| rest.rows.get(number)),
            events: self.events.get(number).copied(),
            schools: self.schools.get(number).copied(),
        }
    }
}

fn of_events(name: &str) -> Option<&'static TestMethod<Rate>> {
    significance::RATE.iter().find(|method| method.id == name)
}

/// Returns the name and the result of the test asked for, or of the one that fits.
pub(super) fn of(
    gaps: &Gaps,
    gap: &Gap,
    beside: &Beside<'_>,
    asked: Option<&'static str>,
) -> Calculated<(&'static str, Test)> {
    let difference = gap.difference.value?;
    if gaps.options.cluster.is_some() && asked == Some(PERMUTATION) {
        return Ok((PERMUTATION, beside.schools.ok_or(NotCalculable::NoMethod)??));
    }
    if let (Some(clustered), Some(cluster)) = (&gap.clustering, &gaps.options.cluster) {
        return Ok((cluster.method.id(), squared_or_t(clustered.difference?)?));
    }
    let family = gaps
        .source
        .measures()
        .get(gap.measure)
        .map_or(Family::Mean, |m| m.column.family());
    let name = asked.unwrap_or(match family {
        Family::Proportion | Family::Rate => SCORE,
        Family::Mean | Family::Ratio => WELCH,
    });
    let found = match (family, name) {
        (Family::Proportion, _) => proportion(gaps, gap, difference, name),
        (Family::Rate, SCORE) => rate(gaps, gap, difference),
        (Family::Rate, name) => {
            // Sums that are no events have no spread.
            gap.group.variance?;
            let (own, other) = beside.events.ok_or(NotCalculable::NoMethod)??;
            let method = of_events(name).ok_or(NotCalculable::NoMethod)?;
            (method.function)(&own, &other)
        }
        (Family::Mean | Family::Ratio, WELCH) => match beside.rest {
            Some(rest) => mean(gaps, rest, rest.difference.value?),
            None => mean(gaps, gap, difference),
        },
        _ => Err(NotCalculable::NoMethod),
    };
    Ok((name, found?))
}

/// z² for a normal error, t otherwise.
fn squared_or_t(estimate: Estimate) -> Calculated<Test> {
    let p_value = estimate.p_value()?;
    let t = estimate.estimate / estimate.standard_error;
    let statistic = match estimate.degrees {
        Some(_) => t,
        None => t * t,
    };
    Ok(Test {
        statistic: Some(statistic).filter(|s| s.is_finite()),
        p_value,
    })
}

/// The events behind a proportion of whole pupils: rounding gives the count back.
pub(crate) fn events(side: &Side) -> Calculated<Proportion> {
    let (value, n) = (side.value?, side.n.ok_or(NotCalculable::NotStated)?);
    Ok(Proportion::new((value * n as f64).round() as i64, n))
}

fn proportion(gaps: &Gaps, gap: &Gap, difference: f64, name: &str) -> Calculated<Test> {
    if let Baseline::Fixed(_) = gaps.options.baseline {
        if name != SCORE {
            return Err(NotCalculable::NoMethod);
        }
        let n = gap.group.n.ok_or(NotCalculable::NotStated)? as f64;
        let p = gap.baseline.value?;
        return normal(difference, p * (1.0 - p) / n);
    }
    let (group, mut rest) = (events(&gap.group)?, events(&gap.baseline)?);
    if let Baseline::Overall = gaps.options.baseline {
        // No difference to a whole is no difference to the rest of it.
        rest = rest.subtract(&group).map_err(|_| NotCalculable::Overflow)?;
    }
    let method = significance::PROPORTION.iter().find(|m| m.id == name);
    (method.ok_or(NotCalculable::NoMethod)?.function)(&group, &rest)
}

fn normal(difference: f64, variance: f64) -> Calculated<Test> {
    if variance.is_nan() || variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    squared_or_t(Estimate::linear(difference, variance))
}

fn rate(gaps: &Gaps, gap: &Gap, difference: f64) -> Calculated<Test> {
    let (own, other) = (&gap.group, &gap.baseline);
    own.variance?;
    let dispersion = match gaps.options.dispersion {
        Some(Dispersion::Given(stated)) => stated,
        _ => 1.0,
    };
    // A variance with the dispersion in it tells the exposure when that is taken out again.
    let exposure = |side: &Side, times: f64| match (side.variance?, side.value?) {
        (v, r) if v > 0.0 => Ok(times * r / v),
        _ => side.n.map(|n| n as f64).ok_or(NotCalculable::NotStated),
    };
    let e1 = exposure(own, dispersion)?;
    let beside = match gaps.options.baseline {
        Baseline::Fixed(_) => return normal(difference, dispersion * other.value? / e1),
        Baseline::AllOthers | Baseline::Group(_) => dispersion,
        _ => 1.0,
    };
    let (mut e0, r1) = (exposure(other, beside)?, own.value?);
    let mut r0 = other.value?;
    if let Baseline::Overall = gaps.options.baseline {
        let rest = e0 - e1;
        r0 = (r0 * e0 - r1 * e1) / rest;
        e0 = rest;
    }
    let pooled = (r1 * e1 + r0 * e0) / (e1 + e0);
    normal(r1 - r0, dispersion * pooled * (1.0 / e1 + 1.0 / e0))
}

fn mean(gaps: &Gaps, gap: &Gap, difference: f64) -> Calculated<Test> {
    let fixed = matches!(gaps.options.baseline, Baseline::Fixed(_));
    let of = |side: &Side| {
        let n = side.n.ok_or(NotCalculable::NotStated)?;
        Ok::<_, NotCalculable>((side.variance?, n as f64 - 1.0))
    };
    let (v1, d1) = of(&gap.group)?;
    let (v0, d0) = if fixed {
        (0.0, 1.0)
    } else {
        of(&gap.baseline)?
    };
    if v1 + v0 <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let degrees = (v1 + v0).powi(2) / (v1 * v1 / d1 + v0 * v0 / d0);
    squared_or_t(Estimate::linear(difference, v1 + v0).with_degrees(degrees))
}
