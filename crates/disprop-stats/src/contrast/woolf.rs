//! Woolf's logit interval for an odds ratio.

use crate::contrast::katz::around_log;
use crate::contrast::{self, ContrastMethod, Scale, pair};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "woolf",
    label: "Woolf logit",
    scale: Scale::OddsRatio,
    formula: "o exp(-/+ z sqrt(1/a + 1/(n-a) + 1/c + 1/(m-c)))",
    source: "Woolf (1955), Annals of Human Genetics 19, 251-253",
    when_to_use: "to reproduce figures published with it: it is what most tools print",
    when_not: "with fewer than about five in any of the four counts: too narrow there, and none at all with an empty one",
    function: interval,
};

/// Returns Woolf's interval for an odds ratio.
///
/// # Formula
/// o exp(∓ z √(1/a + 1/(n − a) + 1/c + 1/(m − c))) for a of n against c of m.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// c = 0, `zero_group` for a = 0, `no_complement` where everybody on a side has the outcome.
///
/// # Source
/// Woolf (1955), *Annals of Human Genetics* 19, 251–253.
///
/// # Example: 9 of 10 against 3 of 10
/// ```
/// use disprop_stats::{Level, Proportion, contrast::woolf};
/// let (group, rest) = (Proportion::new(9, 10), Proportion::new(3, 10));
/// let ends = woolf::interval(&group, &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.2}", ends.lower, ends.upper), "1.7775 248.10");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let odds = contrast::odds_ratio(group, baseline)?;
    if a == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    if c == m {
        return Err(NotCalculable::NoComplement);
    }
    around_log(
        odds,
        1.0 / a + 1.0 / (n - a) + 1.0 / c + 1.0 / (m - c),
        level,
    )
}
