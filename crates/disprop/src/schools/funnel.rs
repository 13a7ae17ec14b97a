//! Which schools stand out from what chance, or ordinary differences between schools, would give.

use disprop_stats::funnel::{self, Dispersion, Position, Trim};
use disprop_stats::{Calculated, Interval, Level, NotCalculable, Proportion, Rate, Tally};

use super::{School, layers, schools, spread};
use crate::error::Error;
use crate::gaps::layers::Sides;
use crate::gaps::{GapOptions, Index, Key};
use crate::measure::Family;
use crate::tallies::Tallies;

/// What of each school is held against the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FunnelOf {
    /// The gap inside the school.
    #[default]
    Gap,
    /// The group's value there.
    Group,
}

/// Limits at 95 and 99.8 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Of 100 schools that differ by chance alone five lie outside.
    pub inner: Calculated<Interval>,
    /// Of 1,000 such schools two lie outside.
    pub outer: Calculated<Interval>,
}

/// One school in one funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelPoint {
    /// Which gap.
    pub key: Key,
    /// The school.
    pub school: Option<String>,
    /// Pupils of the group there.
    pub group_n: i64,
    /// Pupils of the baseline there.
    pub baseline_n: i64,
    /// The gap inside the school, or the group's value.
    pub value: Calculated<f64>,
    /// The common value: the middle of the funnel.
    pub target: Calculated<f64>,
    /// Limits if chance alone were at work.
    pub chance: Limits,
    /// Limits that allow for ordinary differences between schools; wider or the same.
    pub ordinary: Limits,
    /// Where the school lies against the inner ordinary limits.
    pub inner: Calculated<Position>,
    /// Where the school lies against the outer ordinary limits.
    pub outer: Calculated<Position>,
    /// Mean squared score over schools: 1 where chance alone is at work.
    pub dispersion: Calculated<f64>,
    /// Schools that the dispersion rests on.
    pub schools: usize,
}

/// Funnels of every measure, group and place.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// One row a gap and school, schools in natural order.
    pub rows: Vec<FunnelPoint>,
    /// What the rows index.
    pub index: Index,
    /// Name of the dimension of schools.
    pub school: String,
    /// What is held against the limits.
    pub of: FunnelOf,
    /// Fewest pupils on a side for a school to be judged.
    pub minimum: i64,
}

/// Share of scores at either end that are moved in before the dispersion is taken.
const WINSORISED: f64 = 0.1;

impl Tallies {
    /// Returns funnel limits at 95 and 99.8 % and which schools lie outside them.
    ///
    /// A funnel replaces the league table. Of schools that differ by chance alone one in twenty lies
    /// beyond the inner limits; real differences in intake spread all of them, so positions are
    /// judged by limits that allow for the ordinary spread between schools.
    ///
    /// # Formula
    /// A group's share of pupils: arcsine limits ([`funnel::arcsine`]). Gaps, means, ratios of sums
    /// and rates: θ ± z √(vⱼ + τ²) with vⱼ at the spread of all pupils and θ the group's value over
    /// all schools, or for gaps the mean of the schools' gaps weighted by 1/vⱼ
    /// ([`funnel::normal`]). Scores are winsorised by 10 % at either end for φ and τ².
    ///
    /// # Returns None when
    /// A school with fewer pupils than the minimum on a side has no position (`below_minimum`) and
    /// does not count in the dispersion; fewer than two schools make no funnel.
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for a baseline that is neither all others
    /// nor a group.
    ///
    /// # Source
    /// Spiegelhalter, *Statist. Med.* 24 (2005), 1185.
    ///
    /// # Example: one school of eleven stands out
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, gaps::GroupChoice, measure, schools::FunnelOf};
    /// # let (mut school, mut code, mut absent) = (vec![], vec![], vec![]);
    /// # for i in 0..2200_usize {
    /// #     let s = i % 11;
    /// #     school.push(format!("{s:02}"));
    /// #     let black = (i / 11) % 4 == 0;
    /// #     code.push(if black { "BCRB" } else { "WBRI" });
    /// #     let high = if black && s == 3 { 2 } else { 5 };
    /// #     absent.push(if (i / 11 / 4 + s) % high == 0 { 60 } else { 5 });
    /// # }
    /// # let possible = vec![380; school.len()];
    /// # let frame = polars::prelude::df!("school" => school, "ethnicity" => code,
    /// #     "sessions_absent" => absent, "sessions_possible" => possible)?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("persistent_absence")?], &["school"])?;
    /// let options = GapOptions { groups: vec![GroupChoice::Code("BCRB".into())], ..GapOptions::default() };
    /// let funnel = tallies.funnel("school", FunnelOf::Group, &options)?;
    /// let school_3 = &funnel.rows[3];
    /// assert_eq!(school_3.outer?, disprop_stats::funnel::Position::High);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn funnel(
        &self,
        school: &str,
        of: FunnelOf,
        options: &GapOptions,
    ) -> Result<Funnel, Error> {
        let (layers, index) = layers(self, school, options)?;
        let outer_level = Level::new(0.998)?;
        let mut rows = Vec::new();
        layers.each(|spot, measure, group, key| {
            let Ok(sides) = layers.sides(spot, measure, group) else {
                return;
            };
            let schools = schools(&sides);
            let judged = |s: &School| {
                let baseline = of == FunnelOf::Group || s.sums.baseline.n >= options.minimum;
                s.sums.group.n >= options.minimum && baseline
            };
            let shape = Shape {
                of,
                sides: &sides,
                is_proportion: measure.column.family() == Family::Proportion,
                from_zero: measure.measure.ratio_scale,
            };
            let used: Vec<&School> = schools.iter().filter(|s| judged(s)).collect();
            let spread = shape.dispersion(&used);
            for school in &schools {
                let limits = |dispersion: Calculated<Dispersion>| Limits {
                    inner: shape.limits(dispersion, school, Level::P95),
                    outer: shape.limits(dispersion, school, outer_level),
                };
                let (chance, ordinary) =
                    (limits(spread.map(Dispersion::chance_alone)), limits(spread));
                let value = shape.value(school);
                let position = |limits: Calculated<Interval>| {
                    if !judged(school) {
                        return Err(NotCalculable::BelowMinimum);
                    }
                    Ok(funnel::position(value?, limits?))
                };
                rows.push(FunnelPoint {
                    key: key.clone(),
                    school: spot.layer_name(school.layer),
                    group_n: school.sums.group.n,
                    baseline_n: school.sums.baseline.n,
                    value,
                    target: spread.map(|s| shape.target(&s)),
                    chance,
                    ordinary,
                    inner: position(ordinary.inner),
                    outer: position(ordinary.outer),
                    dispersion: spread.map(|s| s.phi),
                    schools: used.len(),
                });
            }
        });
        Ok(Funnel {
            rows,
            index,
            school: school.into(),
            of,
            minimum: options.minimum,
        })
    }
}

/// The scale that a funnel is drawn on.
struct Shape<'a> {
    of: FunnelOf,
    sides: &'a Sides,
    is_proportion: bool,
    /// Whether nothing lies below zero.
    from_zero: bool,
}

impl Shape<'_> {
    fn arcsine(&self) -> bool {
        self.of == FunnelOf::Group && self.is_proportion
    }

    fn value(&self, school: &School) -> Calculated<f64> {
        match self.of {
            FunnelOf::Gap => school.gap,
            FunnelOf::Group => school.sums.group.value(),
        }
    }

    fn variance(&self, school: &School) -> Calculated<f64> {
        match self.of {
            FunnelOf::Gap => school.variance,
            FunnelOf::Group => spread(&self.sides.group, &school.sums.group),
        }
    }

    fn dispersion(&self, schools: &[&School]) -> Calculated<Dispersion> {
        let trim = Trim::Winsorise(WINSORISED);
        if self.arcsine() {
            let shares: Vec<Proportion> = schools.iter().map(|s| share(&s.sums.group)).collect();
            return funnel::arcsine(&shares, trim);
        }
        let pairs = schools
            .iter()
            .map(|s| Ok((self.value(s)?, self.variance(s)?)))
            .collect::<Calculated<Vec<(f64, f64)>>>()?;
        let target = match self.of {
            FunnelOf::Group => self.sides.group.sums.value()?,
            FunnelOf::Gap => {
                let weight: f64 = pairs.iter().map(|(_, v)| 1.0 / v).sum();
                pairs.iter().map(|(y, v)| y / v).sum::<f64>() / weight
            }
        };
        funnel::normal(&pairs, target, trim)
    }

    fn target(&self, dispersion: &Dispersion) -> f64 {
        if self.arcsine() {
            dispersion.target.sin().powi(2)
        } else {
            dispersion.target
        }
    }

    fn limits(
        &self,
        dispersion: Calculated<Dispersion>,
        school: &School,
        level: Level,
    ) -> Calculated<Interval> {
        let dispersion = dispersion?;
        if self.arcsine() {
            return dispersion.limits(school.sums.group.n as f64, level);
        }
        let mut limits = dispersion.limits(1.0 / self.variance(school)?, level)?;
        if self.from_zero && self.of == FunnelOf::Group {
            limits.lower = limits.lower.max(0.0);
        }
        Ok(limits)
    }
}

/// The events and trials behind the sums of a proportion.
fn share(sums: &Rate) -> Proportion {
    let units = |micro: i128| {
        i64::try_from(micro / i128::from(disprop_stats::tally::MICRO)).unwrap_or(i64::MAX)
    };
    Proportion::new(units(sums.events), units(sums.exposure))
}
