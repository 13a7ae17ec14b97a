//! Every school's own gap, pulled towards the common one by as much as it is unsure, with its rank.

use disprop_stats::shrink::{self, Between, Draws, Rank, SchoolGap};
use disprop_stats::wald::{ChiSquared, Estimate};
use disprop_stats::{Calculated, NotCalculable};

use super::{layers, schools};
use crate::error::Error;
use crate::gaps::{GapOptions, Index, Key};
use crate::tallies::Tallies;

/// How school gaps are shrunk and ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShrinkOptions {
    /// How the variance between schools is estimated.
    pub between: Between,
    /// Seed of the ranks; the same seed gives the same ranks on any number of threads.
    pub seed: u64,
    /// Draws that the ranks are counted in.
    pub draws: usize,
    /// How many schools "among the worst" means.
    pub among: usize,
}

impl Default for ShrinkOptions {
    fn default() -> Self {
        ShrinkOptions {
            between: Between::default(),
            seed: 1,
            draws: Draws::new(1).draws,
            among: 5,
        }
    }
}

/// A rank in the direction that matters for the measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SchoolRanks {
    /// Rank from the lowest gap with its interval.
    pub rank: Rank,
    /// Probability of being among the few least favourable gaps; none without a direction.
    pub among_worst: Option<f64>,
    /// Probability of being among the few most favourable gaps; none without a direction.
    pub among_best: Option<f64>,
}

/// One school's own gap.
#[derive(Debug, Clone, PartialEq)]
pub struct SchoolGapRow {
    /// Which gap.
    pub key: Key,
    /// The school.
    pub school: Option<String>,
    /// Pupils of the group there.
    pub group_n: i64,
    /// Pupils of the baseline there.
    pub baseline_n: i64,
    /// The gap inside the school, as it is, with the error that chance gives it.
    pub gap: Calculated<Estimate>,
    /// The same pulled towards the common gap.
    pub shrunken: Calculated<SchoolGap>,
    /// Where it stands among the schools.
    pub ranks: Calculated<SchoolRanks>,
    /// The common gap inside schools.
    pub mean: Calculated<Estimate>,
    /// Standard deviation of true gaps between schools.
    pub deviation: Calculated<f64>,
    /// Test of equal gaps in all schools.
    pub heterogeneity: Calculated<ChiSquared>,
    /// Schools that were compared.
    pub schools: usize,
}

/// Every school's own gap, for every measure, group and place.
#[derive(Debug, Clone)]
pub struct SchoolGaps {
    /// One row a gap and school, schools in natural order.
    pub rows: Vec<SchoolGapRow>,
    /// What the rows index.
    pub index: Index,
    /// Name of the dimension of schools.
    pub school: String,
    /// The choices behind them.
    pub options: ShrinkOptions,
}

impl Tallies {
    /// Returns every school's own gap, shrunk towards the common gap inside schools, with its rank.
    ///
    /// A gap from twelve pupils says little of a school, and ranking such gaps ranks luck. Each is
    /// therefore pulled towards the common gap by as much as it is unsure, and its rank comes with
    /// an interval and the probability of standing among the few worst.
    ///
    /// # Formula
    /// gap yⱼ = r₁ⱼ − r₀ⱼ with variance V₁D₁/d₁ⱼ + V₀D₀/d₀ⱼ, V the variance of a side's value over
    /// all schools; then [`shrink::schools`] and [`shrink::ranks`].
    ///
    /// # Returns None when
    /// A school with one side only has no gap (`no_group`, `no_baseline`); fewer than three schools
    /// with a gap cannot be shrunk (`too_few_clusters`).
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for a baseline that is neither all others
    /// nor a group.
    ///
    /// # Source
    /// Morris, *JASA* 78 (1983); Goldstein and Spiegelhalter, *JRSS A* 159 (1996), 385.
    ///
    /// # Example: a school of one side has no gap
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, gaps::GroupChoice, measure};
    /// use disprop::schools::ShrinkOptions;
    /// # let (mut school, mut code, mut absent) = (vec![], vec![], vec![]);
    /// # for i in 0..120 {
    /// #     school.push(["A", "B", "C", "D"][i % 4]);
    /// #     code.push(if i % 4 == 3 || i % 5 > 1 { "WBRI" } else { "BCRB" });
    /// #     absent.push(if i % 7 < 2 { 60 } else { 5 });
    /// # }
    /// # let possible = vec![380; school.len()];
    /// # let frame = polars::prelude::df!("school" => school, "ethnicity" => code,
    /// #     "sessions_absent" => absent, "sessions_possible" => possible)?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("persistent_absence")?], &["school"])?;
    /// let options = GapOptions { groups: vec![GroupChoice::Code("BCRB".into())], ..GapOptions::default() };
    /// let schools = tallies.school_gaps("school", ShrinkOptions::default(), &options)?;
    /// let (a, d) = (&schools.rows[0], &schools.rows[3]);
    /// assert!(a.shrunken?.reliability < 1.0);
    /// assert_eq!(d.gap.unwrap_err().code(), "no_group");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn school_gaps(
        &self,
        school: &str,
        shrinking: ShrinkOptions,
        options: &GapOptions,
    ) -> Result<SchoolGaps, Error> {
        let (layers, index) = layers(self, school, options)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let draws = Draws {
            seed: shrinking.seed,
            draws: shrinking.draws,
            among: shrinking.among,
            threads,
        };
        let mut rows = Vec::new();
        layers.each(|spot, measure, group, key| {
            let Ok(sides) = layers.sides(spot, measure, group) else {
                return;
            };
            let schools = schools(&sides);
            let estimates: Vec<Calculated<Estimate>> = schools
                .iter()
                .map(|s| Ok(Estimate::linear(s.gap?, s.variance?)))
                .collect();
            let known: Vec<Estimate> = estimates.iter().filter_map(|e| e.ok()).collect();
            let shrunken = shrink::schools(&known, shrinking.between);
            let ranks = shrunken
                .as_ref()
                .map_err(|reason| *reason)
                .and_then(|s| shrink::ranks(s, draws, options.level));
            let sign = measure.measure.polarity.sign();
            let mut place = 0;
            for (school, gap) in schools.iter().zip(estimates) {
                // A school without a gap has no place among those that were shrunk.
                let mine = gap.map(|_| {
                    place += 1;
                    place - 1
                });
                let of = |rank: Rank| SchoolRanks {
                    rank,
                    among_worst: end(sign, rank.among_lowest, rank.among_highest),
                    among_best: end(sign, rank.among_highest, rank.among_lowest),
                };
                rows.push(SchoolGapRow {
                    key: key.clone(),
                    school: spot.layer_name(school.layer),
                    group_n: school.sums.group.n,
                    baseline_n: school.sums.baseline.n,
                    gap,
                    shrunken: mine.and_then(|place| {
                        let all = shrunken.as_ref().map_err(|reason| *reason)?;
                        all.schools
                            .get(place)
                            .copied()
                            .ok_or(NotCalculable::TooFewClusters)
                    }),
                    ranks: mine.and_then(|place| {
                        let all = ranks.as_ref().map_err(|reason| *reason)?;
                        all.get(place)
                            .copied()
                            .map(of)
                            .ok_or(NotCalculable::TooFewClusters)
                    }),
                    mean: shrunken.as_ref().map_err(|r| *r).map(|s| s.mean),
                    deviation: shrunken.as_ref().map_err(|r| *r).map(|s| s.tau2.sqrt()),
                    heterogeneity: shrunken.as_ref().map_err(|r| *r).map(|s| s.heterogeneity),
                    schools: known.len(),
                });
            }
        });
        Ok(SchoolGaps {
            rows,
            index,
            school: school.into(),
            options: shrinking,
        })
    }
}

/// The figure of the unfavourable end: low where higher is better, high where lower is.
fn end(sign: f64, low: f64, high: f64) -> Option<f64> {
    match sign {
        s if s > 0.0 => Some(low),
        s if s < 0.0 => Some(high),
        _ => None,
    }
}
