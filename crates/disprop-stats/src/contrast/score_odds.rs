//! The score interval for an odds ratio, as Miettinen and Nurminen have it.

use crate::contrast::{self, ContrastMethod, Scale, pair, score};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "score_odds",
    label: "Miettinen-Nurminen score odds ratio",
    scale: Scale::OddsRatio,
    formula: "(a - n p1)^2 (1/(n p1 q1) + 1/(m p2 q2)) <= z^2 N/(N-1), p1 and p2 at their likeliest under psi",
    source: "Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226",
    when_to_use: "by default: holds with few events or non-events, none in the group included",
    when_not: "where at least the stated coverage must be certain: the exact conditional interval",
    function: interval,
};

/// Returns all odds ratios that the score test with N / (N − 1) would not reject.
///
/// # Formula
/// The ψ with (a − n p₁)² (1/(n p₁q₁) + 1/(m p₂q₂)) ≤ z² N / (N − 1), at the likeliest p₁ and p₂
/// with odds ratio ψ. Solved to machine precision; the lower end is 0 where the odds ratio is.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there and `no_complement` where everybody in the group has the outcome, so that the
/// interval has no upper end.
///
/// # Source
/// Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226.
///
/// # Example: 9 of 10 against 3 of 10
/// ```
/// use disprop_stats::{Level, Proportion, contrast::score_odds};
/// let (group, rest) = (Proportion::new(9, 10), Proportion::new(3, 10));
/// let ends = score_odds::interval(&group, &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.2}", ends.lower, ends.upper), "2.0216 189.62");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    scored(group, baseline, level, true)
}

/// Returns the score interval, with N / (N − 1) in the variance where `corrected`.
pub(crate) fn scored(
    group: &Proportion,
    baseline: &Proportion,
    level: Level,
    corrected: bool,
) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let odds = contrast::odds_ratio(group, baseline)?;
    let factor = if corrected {
        (n + m) / (n + m - 1.0)
    } else {
        1.0
    };
    let statistic = |psi: f64| {
        if psi == odds {
            return 0.0;
        }
        let r = score::restricted_odds(a, n, c, m, psi);
        let information = 1.0 / (n * r.p1 * r.q1) + 1.0 / (m * r.p2 * r.q2);
        (a - n * r.p1).abs() * (information / factor).sqrt()
    };
    let (lower, upper) = if odds == 0.0 {
        // An odds ratio of zero leaves no place to start from but half a pupil in each cell.
        let half = (a + 0.5) / (n - a + 0.5) * ((m - c + 0.5) / (c + 0.5));
        (0.0, score::ratio_end(statistic, level.z(), half, 4.0)?)
    } else {
        score::ratio_ends(statistic, level.z(), odds)?
    };
    Interval::holding(odds, lower, upper)
}
