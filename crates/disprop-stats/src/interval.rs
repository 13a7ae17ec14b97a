//! One group: how far its own value could lie from the one observed.
//!
//! Each method is one file; the lists here name them all, the default of a family first. These are
//! whole cohorts, so the intervals speak of year-to-year variation in outcomes, not of sampling.
//!
//! Every interval holds the estimate and lies within the range of the measure. At levels far below
//! the usual ones (about 0.5) a method that shrinks towards the middle may leave the estimate
//! out; its end is then moved to the estimate.

pub mod agresti_coull;
pub mod byar;
pub mod clopper_pearson;
pub mod garwood;
pub mod jeffreys;
pub mod linearised;
pub mod mid_p;
pub mod rate_jeffreys;
pub mod rate_mid_p;
pub mod rate_score;
pub mod rate_wald;
pub mod student_t;
pub mod wald;
pub mod wilson;

use crate::error::Error;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::{MICRO, Mean, Proportion, Rate, Ratio};

/// One way to an interval for one group, with what a reader needs to judge it.
#[derive(Debug, Clone, Copy)]
pub struct IntervalMethod<T: 'static> {
    /// Stable name, as it stands in result columns.
    pub id: &'static str,
    /// Name in prose.
    pub label: &'static str,
    /// The formula in plain text.
    pub formula: &'static str,
    /// Author, year and equation.
    pub source: &'static str,
    /// Where it is a good choice.
    pub when_to_use: &'static str,
    /// Where it is not.
    pub when_not: &'static str,
    /// The calculation itself.
    pub function: fn(&T, Level) -> Calculated<Interval>,
}

/// Intervals of a proportion, the default first.
pub const PROPORTION: &[IntervalMethod<Proportion>] = &[
    wilson::METHOD,
    clopper_pearson::METHOD,
    mid_p::METHOD,
    jeffreys::METHOD,
    agresti_coull::METHOD,
    wald::METHOD,
];

/// Intervals of a mean, the default first.
pub const MEAN: &[IntervalMethod<Mean>] = &[student_t::METHOD];

/// Intervals of a ratio of sums, the default first.
pub const RATIO: &[IntervalMethod<Ratio>] = &[linearised::METHOD];

/// Intervals of a rate of events, the default first.
pub const RATE: &[IntervalMethod<Rate>] = &[
    byar::METHOD,
    garwood::METHOD,
    rate_mid_p::METHOD,
    rate_score::METHOD,
    rate_jeffreys::METHOD,
    rate_wald::METHOD,
];

/// Returns the method called `id` in one of the lists above.
///
/// # Errors
/// `stats.unknown_method`, naming the methods there are.
///
/// # Example: a name no list holds
/// ```
/// use disprop_stats::interval;
/// assert_eq!(interval::find(interval::PROPORTION, "wilson")?.label, "Wilson score");
/// let error = interval::find(interval::MEAN, "wilson").unwrap_err();
/// assert_eq!(error.to_string(), "there is no method `wilson` here; there are student_t");
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn find<T>(
    methods: &'static [IntervalMethod<T>],
    id: &str,
) -> Result<&'static IntervalMethod<T>, Error> {
    methods
        .iter()
        .find(|method| method.id == id)
        .ok_or_else(|| Error::UnknownMethod {
            found: id.into(),
            known: methods
                .iter()
                .map(|method| method.id)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Returns whole events and their exposure.
///
/// # Errors
/// As [`Rate::checked`], and `no_second_moment` where the sum is not whole: it then holds points,
/// whose spread a count of events says nothing about.
pub(crate) fn events(rate: &Rate) -> Calculated<(f64, f64)> {
    let checked = rate.checked()?;
    if rate.events % i128::from(MICRO) != 0 {
        return Err(NotCalculable::NoSecondMoment);
    }
    Ok(checked)
}
