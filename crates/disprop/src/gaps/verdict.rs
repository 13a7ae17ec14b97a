//! What a gap comes to, in words rather than as a flag.

use std::fmt;

use disprop_stats::NotCalculable;

use super::{Contrast, Side};
use crate::measure::Polarity;

/// A finding in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The whole interval lies on the unfavourable side, beyond what matters.
    Worse,
    /// The whole interval lies on the favourable side, beyond what matters.
    Better,
    /// Higher, for a measure where neither direction is favourable.
    Higher,
    /// Lower, for a measure where neither direction is favourable.
    Lower,
    /// The interval holds differences that do not matter.
    NoClearDifference,
    /// Fewer pupils than the minimum, too few for an interval, or a side whose pupils are all alike.
    TooFewToTell,
    /// The difference or its interval does not exist; the reason is given.
    NotCalculable,
    /// A figure it needs was withheld.
    Withheld,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Worse => "worse",
            Verdict::Better => "better",
            Verdict::Higher => "higher",
            Verdict::Lower => "lower",
            Verdict::NoClearDifference => "no clear difference",
            Verdict::TooFewToTell => "too few to tell",
            Verdict::NotCalculable => "not calculable",
            Verdict::Withheld => "withheld",
        })
    }
}

impl Verdict {
    /// Returns the finding of one difference; `matters` is on the scale of the difference.
    pub(crate) fn of(
        group: &Side,
        baseline: &Side,
        difference: &Contrast,
        polarity: Polarity,
        minimum: i64,
        matters: f64,
    ) -> Self {
        match difference.value {
            Err(NotCalculable::SuppressedInput) => return Verdict::Withheld,
            Err(_) => return Verdict::NotCalculable,
            Ok(_) => {}
        }
        let few = |side: &Side| side.n.is_some_and(|n| n < minimum);
        // The other side's spread alone would pass for that of both: none of twenty pupils suspended
        // would be lower beyond doubt (docs/coverage.md, "Suspensions").
        let alike = |side: &Side| side.interval == Err(NotCalculable::NoVariation);
        if few(group) || few(baseline) || alike(group) || alike(baseline) {
            return Verdict::TooFewToTell;
        }
        match difference.interval {
            Err(
                NotCalculable::TooFewForVariance
                | NotCalculable::NoVariation
                | NotCalculable::TooFewClusters,
            ) => Verdict::TooFewToTell,
            Err(_) => Verdict::NotCalculable,
            Ok(ends) if ends.lower > matters => Verdict::side(polarity, 1.0),
            Ok(ends) if ends.upper < -matters => Verdict::side(polarity, -1.0),
            Ok(_) => Verdict::NoClearDifference,
        }
    }

    fn side(polarity: Polarity, sign: f64) -> Self {
        match polarity.sign() * sign {
            s if s > 0.0 => Verdict::Better,
            s if s < 0.0 => Verdict::Worse,
            _ if sign > 0.0 => Verdict::Higher,
            _ => Verdict::Lower,
        }
    }
}
