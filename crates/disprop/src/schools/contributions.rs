//! Each school's part of the gap of all schools together.

use disprop_stats::cluster::Clustering;
use disprop_stats::{Calculated, decompose};

use super::layers;
use crate::error::Error;
use crate::gaps::{GapOptions, Index, Key};
use crate::tallies::Tallies;

/// One school's part of one gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Which gap.
    pub key: Key,
    /// The school.
    pub school: Option<String>,
    /// Pupils of the group there.
    pub group_n: i64,
    /// Pupils of the baseline there.
    pub baseline_n: i64,
    /// The gap of all schools together.
    pub gap: Calculated<f64>,
    /// Its part that arises inside this school.
    pub within: Calculated<f64>,
    /// Its part that arises because the group is more, or less, often in this school than others are.
    pub between: Calculated<f64>,
}

impl Contribution {
    /// Returns both parts together; over schools they sum to the gap.
    pub fn total(&self) -> Calculated<f64> {
        Ok(self.within? + self.between?)
    }

    /// Returns its share of the gap, which is not bound to 0–1: schools pull both ways.
    ///
    /// # Errors
    /// `zero_baseline` where there is no gap to share.
    pub fn share(&self) -> Calculated<f64> {
        match self.gap? {
            0.0 => Err(disprop_stats::NotCalculable::ZeroBaseline),
            gap => Ok(self.total()? / gap),
        }
    }
}

/// What every school adds to every gap.
#[derive(Debug, Clone)]
pub struct Contributions {
    /// One row a gap and school, schools in natural order.
    pub rows: Vec<Contribution>,
    /// What the rows index.
    pub index: Index,
    /// Name of the dimension of schools.
    pub school: String,
}

impl Tallies {
    /// Returns what each school adds to each gap; over schools the parts sum to the gap.
    ///
    /// A large part is not a fault of the school: a large school, or one where many of the group
    /// are, adds much at an ordinary gap.
    ///
    /// # Formula
    /// With r̄ⱼ everyone's value in school j, r̄ everyone's and s a side's shares over schools:
    /// withinⱼ = s₁ⱼ(r₁ⱼ − r̄ⱼ) − s₀ⱼ(r₀ⱼ − r̄ⱼ), betweenⱼ = (s₁ⱼ − s₀ⱼ)(r̄ⱼ − r̄).
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for a baseline that is neither all others
    /// nor a group.
    ///
    /// # Source
    /// Follows from adding and subtracting r̄ⱼ; compare Fryer and Levitt, *REStat* 86 (2004), 447.
    ///
    /// # Example: parts sum to the gap
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, measure};
    /// let frame = polars::prelude::df!(
    ///     "school" => ["A", "A", "A", "B", "B", "B"],
    ///     "ethnicity" => ["BCRB", "WBRI", "WBRI", "BCRB", "BCRB", "WBRI"],
    ///     "sessions_possible" => [380; 6],
    ///     "sessions_absent" => [60, 5, 60, 60, 5, 5],
    /// )?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("persistent_absence")?], &["school"])?;
    /// let parts = tallies.contributions("school", &GapOptions::default())?;
    /// let sum: f64 = parts.rows[..2].iter().map(|row| row.total().unwrap()).sum();
    /// assert!((sum - parts.rows[0].gap?).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn contributions(
        &self,
        school: &str,
        options: &GapOptions,
    ) -> Result<Contributions, Error> {
        let (layers, index) = layers(self, school, options)?;
        let mut rows = Vec::new();
        layers.each(|spot, measure, group, key| {
            let sides = layers.sides(spot, measure, group);
            let strata = sides.as_ref().map_or_else(|_| Vec::new(), |s| s.strata());
            let parts = sides
                .as_ref()
                .map_err(|reason| *reason)
                .and_then(|_| decompose::within_between(&strata, Clustering::default()));
            let named = sides.iter().flat_map(|s| &s.layers).enumerate();
            for (place, (layer, sums)) in named {
                let part = parts
                    .as_ref()
                    .map_err(|reason| *reason)
                    .map(|p| p.schools.get(place).copied());
                rows.push(Contribution {
                    key: key.clone(),
                    school: spot.layer_name(*layer),
                    group_n: sums.group.n,
                    baseline_n: sums.baseline.n,
                    gap: parts.as_ref().map_err(|reason| *reason).map(|p| p.gap),
                    within: part.map(|p| p.map_or(0.0, |p| p.within)),
                    between: part.map(|p| p.map_or(0.0, |p| p.between)),
                });
            }
        });
        Ok(Contributions {
            rows,
            index,
            school: school.into(),
        })
    }
}
