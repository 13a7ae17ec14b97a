//! The linearised interval of a ratio of sums.

use crate::estimate::{Calculated, Interval, Level};
use crate::interval::IntervalMethod;
use crate::moments::Moments;
use crate::tally::Ratio;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Ratio> = IntervalMethod {
    id: "linearised",
    label: "linearised ratio of sums",
    formula: "R -/+ t(n-1) sqrt(n/(n-1) sum (x - R d)^2) / sum d",
    source: "Cochran (1977), Sampling Techniques, eq. 6.13",
    when_to_use: "by default for sessions over possible sessions and points over entries",
    when_not: "where a handful of pupils carry most of the denominator",
    function: interval,
};

/// Returns the linearised interval of Σx / Σd, with pupils (not sessions) as what varies.
///
/// Sessions of one pupil go together, so a binomial interval over millions of sessions would be
/// far too narrow. With every d = 1 this is Student's t interval of the mean.
///
/// # Formula
/// R ∓ t √v, with v from [`Ratio::variance`] and t on n − 1 degrees of freedom for n pupils.
///
/// # Units and shapes
/// Numerator units per denominator unit; 0–1 for absence.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `too_few_for_variance` for one pupil, `no_variation` where
/// every pupil has the same ratio.
///
/// # Source
/// Cochran (1977), *Sampling Techniques*, eq. 6.13.
///
/// # Example: the same ratio for everyone shows no spread to judge by
/// ```
/// use disprop_stats::{Level, NotCalculable, Ratio, interval};
/// let absence = Ratio::of(&[(0.0, 380.0), (10.0, 380.0)])?;
/// assert!(interval::linearised::interval(&absence, Level::P95).is_ok());
/// let none = Ratio::of(&[(0.0, 380.0), (0.0, 371.0)])?;
/// assert_eq!(interval::linearised::interval(&none, Level::P95), Err(NotCalculable::NoVariation));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(tally: &Ratio, level: Level) -> Calculated<Interval> {
    Moments::of_ratio(tally)?.interval(level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::student_t;
    use crate::tally::Mean;

    #[test]
    fn a_denominator_of_one_gives_the_t_interval() {
        let ratio = interval(
            &Ratio::of(&[(1.0, 1.0), (2.0, 1.0), (4.0, 1.0)]).unwrap(),
            Level::P95,
        );
        let mean = student_t::interval(&Mean::of(&[1.0, 2.0, 4.0]).unwrap(), Level::P95);
        let (ratio, mean) = (ratio.unwrap(), mean.unwrap());
        assert!(
            (ratio.lower - mean.lower).abs() < 1e-14 && (ratio.upper - mean.upper).abs() < 1e-14
        );
    }
}
