//! How unevenly each group is spread over schools, and how much of that chance alone would do.

use disprop_stats::fraction::Fraction;
use disprop_stats::segregation::Schools;
use disprop_stats::stratum::Stratum;
use disprop_stats::{Calculated, NotCalculable};

use crate::error::Error;
use crate::gaps::{GapOptions, Group};
use crate::measure::Measure;
use crate::strata::{Figures, Place, Strata};
use crate::tallies::{Column, Tallies};

/// The spread of one group over the schools of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Which measure's pupils: an index into [`Segregation::measures`].
    pub measure: usize,
    /// Which group: an index into [`Segregation::groups`].
    pub of: usize,
    /// The place.
    pub place: Place,
    /// Pupils of the group and of the baseline.
    pub n: (i64, i64),
    /// Schools with anybody, and with pupils of the group.
    pub schools: (usize, usize),
    /// Dissimilarity D, 0–1.
    pub dissimilarity: Calculated<f64>,
    /// D that a random spread of the group's pupils would give on average.
    pub by_chance: Calculated<f64>,
    /// (D − by chance)/(1 − by chance): 0 as chance would, 1 apart.
    pub beyond_chance: Calculated<f64>,
    /// Theil's H of the group and the baseline, 0–1.
    pub theil: Calculated<f64>,
    /// Share of the group in the school of its average pupil, 0–1.
    pub isolation: Calculated<f64>,
    /// Share of the group in the school of an average pupil of the baseline, 0–1.
    pub exposure: Calculated<f64>,
}

/// Groups' spread over schools.
#[derive(Debug, Clone)]
pub struct Segregation {
    /// One row a measure, place and group.
    pub rows: Vec<Spread>,
    /// The measures whose pupils were counted.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions that name a place.
    pub dimensions: Vec<String>,
    /// Dimension of schools.
    pub school: String,
}

impl Tallies {
    /// Returns how unevenly every chosen group is spread over schools.
    ///
    /// Pupils are those whom the measure is asked of. Small groups are spread unevenly by chance
    /// alone; `beyond_chance` is what is left after that.
    ///
    /// # Formula
    /// See [`segregation`](disprop_stats::segregation).
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for a baseline that is neither all others
    /// nor a group.
    ///
    /// # Source
    /// Duncan and Duncan (1955); Theil and Finizza (1971); Carrington and Troske, *J. Bus. Econ.
    /// Stat.* 15 (1997), 402.
    ///
    /// # Example: two schools apart
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, measure};
    /// let frame = polars::prelude::df!(
    ///     "ethnicity" => ["BCRB", "BCRB", "WBRI", "WBRI"], "urn" => [1, 1, 2, 2],
    ///     "gld" => [1, 0, 1, 1],
    /// )?;
    /// let tallies = Cohort::new(frame, Columns::npd())?.tally(&[measure("gld")?], &["urn"])?;
    /// let spread = tallies.segregation("urn", &GapOptions::default())?;
    /// assert_eq!(spread.rows[0].dissimilarity, Ok(1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn segregation(&self, school: &str, options: &GapOptions) -> Result<Segregation, Error> {
        let strata = Strata::new(self, &[school], &[], options)?;
        let mut rows = Vec::new();
        for place in &strata.places {
            for (number, measure) in strata.tallies.measures().iter().enumerate() {
                for (of, group) in strata.groups.iter().enumerate() {
                    let counts = match &measure.column {
                        Column::Proportion(c) => {
                            pupils(strata.of(place, Figures::new(c, measure), group))
                        }
                        Column::Mean(c) => {
                            pupils(strata.of(place, Figures::new(c, measure), group))
                        }
                        Column::Ratio(c) => {
                            pupils(strata.of(place, Figures::new(c, measure), group))
                        }
                        Column::Rate(c) => {
                            pupils(strata.of(place, Figures::new(c, measure), group))
                        }
                    };
                    rows.push(spread((number, of, place.place.clone()), counts));
                }
            }
        }
        let all = strata.tallies.measures().iter();
        Ok(Segregation {
            rows,
            measures: all.map(|m| m.measure.clone()).collect(),
            groups: strata.groups,
            dimensions: strata.by,
            school: school.into(),
        })
    }
}

impl Segregation {
    /// Returns one line over the table.
    pub fn title(&self) -> String {
        format!("How unevenly each group is spread over {}", self.school)
    }

    /// Returns what must be said of the rows.
    pub fn note(&self) -> String {
        "Dissimilarity is the share of the group that would have to change school for an even \
         spread, were nobody else to move. A small group is spread unevenly by chance alone: \
         beyond chance is what is left after that, 0 as chance would and 1 apart. Isolation and \
         exposure also rise with the group's size. An uneven spread says nothing of its cause."
            .into()
    }
}

/// Pupils of the group and of the baseline in every school with anybody.
fn pupils<T: Fraction>(schools: Calculated<Vec<Stratum<T>>>) -> Calculated<Vec<Vec<i64>>> {
    let schools = schools?;
    if schools
        .iter()
        .any(|s| s.group.n() == 0 && !s.group.is_empty())
    {
        return Err(NotCalculable::NotStated);
    }
    let all = schools.iter().map(|s| vec![s.group.n(), s.baseline.n()]);
    Ok(all.filter(|row| row.iter().any(|n| *n != 0)).collect())
}

fn spread(
    (measure, of, place): (usize, usize, Place),
    counts: Calculated<Vec<Vec<i64>>>,
) -> Spread {
    let side = |column: usize| -> i64 {
        let rows = counts.iter().flatten();
        rows.filter_map(|row| row.get(column)).sum()
    };
    let schools = counts.as_ref().map_or(0, Vec::len);
    let held = counts
        .iter()
        .flatten()
        .filter(|row| row.first() != Some(&0));
    let table = counts
        .as_ref()
        .map_err(|r| *r)
        .and_then(|rows| Schools::new(rows));
    let of_table = |which: &dyn Fn(&Schools) -> Calculated<f64>| {
        let table = table.as_ref().map_err(|reason| *reason)?;
        // One side with nobody is a reason for all of them.
        table.dissimilarity(0)?;
        which(table)
    };
    let dissimilarity = of_table(&|t| t.dissimilarity(0));
    let by_chance = of_table(&|t| t.dissimilarity_by_chance(0));
    Spread {
        measure,
        of,
        place,
        n: (side(0), side(1)),
        schools: (schools, held.count()),
        beyond_chance: dissimilarity.and_then(|d| match by_chance? {
            chance if chance < 1.0 => Ok((d - chance) / (1.0 - chance)),
            _ => Err(NotCalculable::NoVariation),
        }),
        dissimilarity,
        by_chance,
        theil: of_table(&Schools::theil),
        isolation: of_table(&|t| t.isolation(0)),
        exposure: of_table(&|t| t.exposure(1, 0)),
    }
}
