//! Pupils who are in two years: the products of their values, from which covariances follow.
//!
//! A tally of each year cannot tell whether the same pupils were in both. Where identifiers permit,
//! these sums can; like tallies they hold nobody.

use std::collections::BTreeMap;

use super::plan::Reading;
use crate::cohort::Cohort;
use crate::error::Error;
use crate::measure::Measure;

/// Sums of products over pupils in two years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Products {
    /// Pupils with the measure in both.
    pub(crate) n: i64,
    /// Σx₁x₂ in micro-units squared.
    pub(crate) xx: i128,
    /// Σx₁d₂.
    pub(crate) xd: i128,
    /// Σd₁x₂.
    pub(crate) dx: i128,
    /// Σd₁d₂.
    pub(crate) dd: i128,
}

/// Two years, a place that is the same in both, and the leaf code in each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SharedKey {
    pub(crate) measure: usize,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) place: Vec<Option<String>>,
    pub(crate) leaves: (String, String),
}

/// Products over pupils who are in two years, by place and ethnic group.
#[derive(Debug, Clone)]
pub struct SharedPupils {
    pub(crate) measures: Vec<String>,
    pub(crate) dimensions: Vec<String>,
    pub(crate) cells: BTreeMap<SharedKey, Products>,
}

/// One pupil's year, place and leaf, as codes.
type Spell = (u32, u32, Vec<u32>, u32);

impl Cohort {
    /// Returns the products of values over pupils who are in two years at the same place.
    ///
    /// Years taken as of different pupils make the interval of a change too wide where the same
    /// pupils are in both; [`crate::Gaps::over_time_of`] takes this to allow for it.
    ///
    /// # Errors
    /// `option.bad` where no column holds pupil identifiers; `measure.columns`, `dimension.unknown`,
    /// `data.refused`; `stats.overflow`.
    ///
    /// # Example: rows without identifiers
    /// ```
    /// use disprop::{Cohort, Columns, measure};
    /// let frame = polars::prelude::df!("ethnicity" => ["BCRB"], "gld" => [1], "year" => ["2023/24"])?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let refused = cohort.shared_pupils(&[measure("gld")?], "year", &[]).unwrap_err();
    /// assert_eq!(refused.code(), "option.bad");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shared_pupils(
        &self,
        measures: &[Measure],
        year: &str,
        dimensions: &[&str],
    ) -> Result<SharedPupils, Error> {
        let ids = self.pupils()?.ok_or_else(|| Error::Option {
            option: "same_pupils",
            found: "rows without pupil identifiers".into(),
            expected: "a cohort with a column of them (pupil=…)".into(),
        })?;
        let readings = measures
            .iter()
            .map(|measure| Reading::new(self, measure))
            .collect::<Result<Vec<Reading>, Error>>()?;
        let years = self.dimension(year)?;
        let places = dimensions
            .iter()
            .map(|name| self.dimension(name))
            .collect::<Result<Vec<_>, Error>>()?;
        let (ethnicity, _) = self.leaves();
        let mut spells: BTreeMap<Spell, Vec<usize>> = BTreeMap::new();
        for (row, id) in ids.iter().enumerate() {
            let known = years.labels.get(years.codes.get(row) as usize);
            let (Some(id), Some(Some(_))) = (id, known) else {
                continue;
            };
            let place = places.iter().map(|c| c.codes.get(row)).collect();
            let spell = (*id, years.codes.get(row), place, ethnicity.codes.get(row));
            spells.entry(spell).or_default().push(row);
        }
        let spells: Vec<(Spell, Vec<usize>)> = spells.into_iter().collect();
        let label = |of: &[Option<String>], code: u32| of.get(code as usize).cloned().flatten();
        let mut cells: BTreeMap<SharedKey, Products> = BTreeMap::new();
        for pupil in spells.chunk_by(|a, b| a.0.0 == b.0.0) {
            for (place, (first, rows)) in pupil.iter().enumerate() {
                let later = pupil.iter().skip(place + 1);
                for (second, others) in later.filter(|(s, _)| s.1 > first.1 && s.2 == first.2) {
                    for (measure, reading) in readings.iter().enumerate() {
                        let (Some(one), Some(two)) = (total(reading, rows), total(reading, others))
                        else {
                            continue;
                        };
                        let places = first.2.iter().zip(&places);
                        let key = SharedKey {
                            measure,
                            from: label(&years.labels, first.1).unwrap_or_default(),
                            to: label(&years.labels, second.1).unwrap_or_default(),
                            place: places.map(|(code, c)| label(&c.labels, *code)).collect(),
                            leaves: (
                                label(&ethnicity.labels, first.3).unwrap_or_default(),
                                label(&ethnicity.labels, second.3).unwrap_or_default(),
                            ),
                        };
                        cells.entry(key).or_default().add(one, two)?;
                    }
                }
            }
        }
        Ok(SharedPupils {
            measures: measures.iter().map(|m| m.id.clone()).collect(),
            dimensions: dimensions.iter().map(ToString::to_string).collect(),
            cells,
        })
    }
}

impl Products {
    fn add(&mut self, (x1, d1): (i128, i128), (x2, d2): (i128, i128)) -> Result<(), Error> {
        let overflow = || disprop_stats::Error::Overflow {
            quantity: "products over years",
            bits: 128,
        };
        let grown = |sum: i128, a: i128, b: i128| {
            a.checked_mul(b)
                .and_then(|product| sum.checked_add(product))
                .ok_or_else(overflow)
        };
        self.n += 1;
        self.xx = grown(self.xx, x1, x2)?;
        self.xd = grown(self.xd, x1, d2)?;
        self.dx = grown(self.dx, d1, x2)?;
        self.dd = grown(self.dd, d1, d2)?;
        Ok(())
    }
}

/// A pupil's numerator and denominator in micro-units, all rows of a spell together.
fn total(reading: &Reading, rows: &[usize]) -> Option<(i128, i128)> {
    let up = 10_i128.pow(6 - reading.decimals().min(6));
    let one = 1_000_000_i128;
    let pair = |row: usize| -> Option<(i128, i128)> {
        match reading {
            Reading::AtLeast { values, least } => values
                .get(row)
                .map(|v| (if v >= *least { one } else { 0 }, one)),
            Reading::Threshold { x, d, of_x, of_d } => {
                let (x, d) = (x.get(row)?, d.get(row)?);
                let over = i128::from(x) * i128::from(*of_x) >= i128::from(d) * i128::from(*of_d);
                (d > 0).then_some((if over { one } else { 0 }, one))
            }
            Reading::Value { values } => values.get(row).map(|v| (i128::from(v) * up, one)),
            Reading::Share {
                x,
                d,
                raise_x,
                raise_d,
                complement,
            } => {
                let (x, d) = (x.get(row)?, d.get(row)?);
                let x = i128::from(x) * i128::from(*raise_x) * up;
                let d = i128::from(d) * i128::from(*raise_d) * up;
                (d > 0).then_some((if *complement { d - x } else { x }, d))
            }
        }
    };
    let mut found = rows.iter().filter_map(|row| pair(*row)).peekable();
    found.peek()?;
    Some(found.fold((0, 0), |sum, (x, d)| (sum.0 + x, sum.1 + d)))
}
