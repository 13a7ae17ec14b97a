//! Repeated events: how far one pupil's five suspensions widen an interval.
//!
//! From pupil rows nothing needs doing: the variance is taken between pupils, so that a pupil with
//! five events counts as one observation of five. What is worked out here is the *dispersion*, to be
//! seen, and to be stated where only totals are at hand.

use disprop_stats::contrast::quasi_poisson;
use disprop_stats::{Calculated, NotCalculable, Tally};

use crate::error::Error;
use crate::gaps::layers::Layers;
use crate::gaps::{GapOptions, Index, Key, kept};
use crate::tallies::{Column, Tallies};

/// How one group's events are spread over pupils.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatedRow {
    /// Which measure, group and place.
    pub key: Key,
    /// Pupils.
    pub n: i64,
    /// Events.
    pub events: Calculated<f64>,
    /// Events per pupil, the inner value.
    pub value: Calculated<f64>,
    /// Variance over mean of events per pupil: 1 for events that come singly.
    pub dispersion: Calculated<f64>,
    /// The same of the group and its baseline together, each side around its own mean: what gaps
    /// with [`Dispersion::Estimated`](crate::gaps::Dispersion) use.
    pub dispersion_both: Calculated<f64>,
}

impl RepeatedRow {
    /// Returns how many times wider an interval is than one that takes events as independent.
    pub fn widening(&self) -> Calculated<f64> {
        self.dispersion.map(f64::sqrt)
    }
}

/// How events are spread over pupils, for every measure that counts events.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// One row a measure, place and group.
    pub rows: Vec<RepeatedRow>,
    /// What the rows index.
    pub index: Index,
}

impl Tallies {
    /// Returns the dispersion of events per pupil, for every group and place.
    ///
    /// # Formula
    /// φ = s²/x̄ over pupils: the factor by which the variance of a total exceeds a Poisson count's.
    ///
    /// # Returns None when
    /// `no_second_moment` for published totals, `too_few_for_variance` for one pupil,
    /// `zero_baseline` for no events. Measures that do not count events have no rows.
    ///
    /// # Errors
    /// `group.unknown`, `stats.overflow`.
    ///
    /// # Source
    /// McCullagh and Nelder (1989), section 6.2.3; DOMAIN 0.2.
    ///
    /// # Example: five events of one pupil in a hundred
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, measure};
    /// let mut suspensions = vec![0; 100];
    /// suspensions[0] = 5;
    /// let frame = polars::prelude::df!("ethnicity" => ["BCRB"; 100], "suspensions" => suspensions)?;
    /// let tallies = Cohort::new(frame, Columns::npd())?.tally(&[measure("suspensions")?], &[])?;
    /// let repeated = tallies.repeated_events(&GapOptions::default())?;
    /// assert!((repeated.rows[0].dispersion? - 5.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn repeated_events(&self, options: &GapOptions) -> Result<Repeated, Error> {
        let by = kept(self, options)?;
        let layers = Layers::new(self, &by, &[], options)?;
        let mut rows = Vec::new();
        for spot in &layers.spots {
            for (number, measure) in layers.tallies.measures().iter().enumerate() {
                if !measure.measure.quantity.counts_events() {
                    continue;
                }
                let key = |of: usize| Key {
                    measure: number,
                    of,
                    place: std::sync::Arc::clone(&spot.place),
                };
                match &measure.column {
                    Column::Mean(cells) => {
                        for (of, tally) in layers.totals(spot, measure, cells).iter().enumerate() {
                            let n = tally.map_or(0, |t| t.n());
                            let value = tally.and_then(|t| t.value());
                            rows.push(RepeatedRow {
                                key: key(of),
                                n,
                                events: value.map(|v| v * n as f64),
                                value,
                                dispersion_both: layers
                                    .groups
                                    .get(of)
                                    .ok_or(NotCalculable::NoCounterpart)
                                    .and_then(|group| layers.means(spot, measure, group))
                                    .and_then(|(own, other)| {
                                        quasi_poisson::dispersion(&own, &other)
                                    }),
                                dispersion: value.and_then(|mean| match mean {
                                    m if m > 0.0 => Ok((*tally)?.variance()? / m),
                                    _ => Err(NotCalculable::ZeroBaseline),
                                }),
                            });
                        }
                    }
                    Column::Rate(cells) => {
                        for (of, tally) in layers.totals(spot, measure, cells).iter().enumerate() {
                            rows.push(RepeatedRow {
                                key: key(of),
                                n: tally.map_or(0, |t| t.n()),
                                events: tally.and_then(|t| Ok(t.checked()?.0)),
                                value: tally.and_then(|t| t.value()),
                                dispersion: Err(NotCalculable::NoSecondMoment),
                                dispersion_both: Err(NotCalculable::NoSecondMoment),
                            });
                        }
                    }
                    Column::Proportion(_) | Column::Ratio(_) => {}
                }
            }
        }
        Ok(Repeated {
            index: layers.index(by.len(), options.level),
            rows,
        })
    }
}
