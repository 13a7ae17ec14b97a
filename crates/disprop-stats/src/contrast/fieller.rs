//! Fieller's interval for a ratio of ratios of sums.

use crate::contrast::{self, ContrastMethod, Scale, of_baseline};
use crate::estimate::{Calculated, Interval, Level};
use crate::moments::{self, Moments};
use crate::tally::Ratio;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Ratio> = ContrastMethod {
    id: "fieller",
    label: "Fieller ratio",
    scale: Scale::Ratio,
    formula: "the rho with (v1 - rho v2)^2 <= t^2 (w1 + rho^2 w2), w the squared standard errors",
    source: "Fieller (1954), Journal of the Royal Statistical Society B 16, 175-185",
    when_to_use: "where the values are too noisy for a logarithm; agrees with the test of group = rho baseline",
    when_not: "where the baseline itself could be zero: the interval then has no end",
    function: interval,
};

/// Returns all ratios ρ for which group − ρ · baseline could be zero.
///
/// # Formula
/// (v₁v₂ ∓ √((v₁v₂)² − (v₁² − t²w₁)(v₂² − t²w₂))) / (v₂² − t²w₂), with w the squared standard
/// errors and t on Satterthwaite's degrees of freedom of group − r · baseline at the observed
/// ratio r.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on a
/// side; `zero_baseline`; `not_a_ratio_scale` for a negative value; `no_variation` where neither
/// side varies; `unbounded` where the baseline's own interval reaches zero.
///
/// # Source
/// Fieller (1954), Journal of the Royal Statistical Society B 16, 175-185.
///
/// # Example: a baseline that could be zero
/// ```
/// use disprop_stats::{Level, NotCalculable, Ratio, contrast::fieller};
/// let rest = Ratio::of(&[(9.0, 380.0), (10.0, 380.0), (11.0, 380.0)])?;
/// assert!(fieller::interval(&rest, &rest, Level::P95).unwrap().contains(1.0));
/// let noisy = Ratio::of(&[(1.0, 380.0), (90.0, 380.0), (2.0, 380.0)])?;
/// assert_eq!(fieller::interval(&rest, &noisy, Level::P95), Err(NotCalculable::Unbounded));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Ratio, baseline: &Ratio, level: Level) -> Calculated<Interval> {
    let ratio = contrast::ratio(group, baseline)?;
    let (group, rest) = (
        Moments::of_ratio(group)?,
        of_baseline(Moments::of_ratio(baseline))?,
    );
    moments::fieller(group, rest, ratio, level)
}
