//! Rules that others have written down: US special education, relative rates, four fifths.
//!
//! They decide, they do not estimate: a ratio over a threshold in a small group is mostly chance.
//! None is switched on by default, and each result should stand beside its interval.

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, NotCalculable};
use crate::tally::Proportion;

/// Minimum sizes of the US rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minimums {
    /// Fewest pupils with the outcome on a side; 10 is the most presumed reasonable.
    pub cell: i64,
    /// Fewest pupils on a side; 30 is the most presumed reasonable.
    pub n: i64,
}

impl Default for Minimums {
    fn default() -> Self {
        Minimums { cell: 10, n: 30 }
    }
}

/// Which comparison a formal risk ratio used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// All other groups in the district or authority: the risk ratio.
    Local,
    /// All other groups in the state or country: the alternate risk ratio.
    Wider,
}

/// A formal risk ratio and what it was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FormalRatio {
    /// Risk of the group over risk of the comparison.
    pub ratio: f64,
    /// Where the comparison lives.
    pub comparison: Comparison,
}

/// Returns the risk ratio of 34 CFR 300.647, or the alternate one where the local comparison is small.
///
/// # Formula
/// (a/n₁)/(c/n₀), c and n₀ of all other groups locally; where c or n₀ is below its minimum, of all
/// other groups in the wider area.
///
/// # Errors
/// `no_group`; `below_minimum` where the group misses a minimum; `no_baseline` or `below_minimum`
/// where the local comparison fails and there is no wider one or it fails too; `zero_baseline` where
/// the comparison that is left has no events (only with a minimum cell of 0);
/// `events_exceed_trials`, `group_exceeds_total` for counts that are none.
///
/// # Source
/// 34 CFR 300.647(a)(1), (a)(6), (b)(2)–(5), (c).
///
/// # Example: the comparison is too small, so the state's is used
/// ```
/// use disprop_stats::{Proportion, formal_rules::{Comparison, Minimums, risk_ratio}};
/// let group = Proportion::new(18, 120);
/// let (others, state) = (Proportion::new(1, 8), Proportion::new(5_000, 100_000));
/// let got = risk_ratio(&group, &others, Some(&state), Minimums::default())?;
/// assert_eq!(got.comparison, Comparison::Wider);
/// assert!((got.ratio - 3.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn risk_ratio(
    group: &Proportion,
    others: &Proportion,
    wider_others: Option<&Proportion>,
    minimums: Minimums,
) -> Calculated<FormalRatio> {
    group.checked()?;
    if !reaches(group, minimums) {
        return Err(NotCalculable::BelowMinimum);
    }
    let empty = others.trials == 0 && others.events == 0;
    if !empty {
        others.checked()?;
    }
    let (comparison, side) = match wider_others {
        _ if reaches(others, minimums) => (Comparison::Local, others),
        None if empty => return Err(NotCalculable::NoBaseline),
        None => return Err(NotCalculable::BelowMinimum),
        Some(wider) => (Comparison::Wider, wider),
    };
    side.checked().map_err(|reason| match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        other => other,
    })?;
    if !reaches(side, minimums) {
        return Err(NotCalculable::BelowMinimum);
    }
    Ok(FormalRatio {
        ratio: relative_rate(group, side)?,
        comparison,
    })
}

/// Both minimums met; the smallest n that counts is one pupil.
fn reaches(side: &Proportion, minimums: Minimums) -> bool {
    side.events >= minimums.cell && side.trials >= minimums.n.max(1)
}

/// Returns the relative rate index, group over baseline, without any minimum.
///
/// # Formula
/// (a/n₁)/(c/n₀).
///
/// # Errors
/// `no_group`, `no_baseline`, `zero_baseline`; `events_exceed_trials` for incidents passed as
/// pupils.
///
/// # Source
/// Uhrig, *Black, Asian and Minority Ethnic disproportionality in the Criminal Justice System*,
/// Ministry of Justice (2016), section 2.
///
/// # Example: nobody in the baseline has the outcome
/// ```
/// use disprop_stats::{NotCalculable, Proportion, formal_rules::relative_rate};
/// let rate = relative_rate(&Proportion::new(5, 100), &Proportion::new(0, 100));
/// assert_eq!(rate, Err(NotCalculable::ZeroBaseline));
/// ```
pub fn relative_rate(group: &Proportion, baseline: &Proportion) -> Calculated<f64> {
    let (a, n1) = group.checked()?;
    let (c, n0) = baseline.checked().map_err(|reason| match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        other => other,
    })?;
    if c == 0.0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    Ok((a / n1) / (c / n0))
}

/// What a threshold kept over years says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Above the threshold in every one of the last years asked for.
    Significant,
    /// Above the threshold in all of them, and falling enough in each of the last two.
    MakingProgress,
    /// At or below the threshold, or not calculable, in at least one of them.
    No,
}

/// Returns whether a ratio exceeded the threshold in each of the last `years`, most recent last.
///
/// # Formula
/// `Significant` where every one of the last `years` ratios is above the threshold. With
/// `reasonable_progress` given, `MakingProgress` instead where each of the last two changes is a
/// fall by at least that much.
///
/// # Units and shapes
/// One ratio a year in order of time; a year that could not be calculated is `None`. The rule
/// allows up to three years.
///
/// # Returns None when
/// Fewer than `years` ratios are given, or `years` is 0.
///
/// # Source
/// 34 CFR 300.647(d)(1)–(2).
///
/// # Example: three years above three
/// ```
/// use disprop_stats::formal_rules::{Flag, flag};
/// let ratios = [Some(3.4), Some(3.2), Some(3.1)];
/// assert_eq!(flag(&ratios, 3.0, 3, None), Some(Flag::Significant));
/// assert_eq!(flag(&ratios, 3.0, 3, Some(0.1)), Some(Flag::MakingProgress));
/// assert_eq!(flag(&[Some(3.4), None, Some(3.1)], 3.0, 3, None), Some(Flag::No));
/// ```
pub fn flag(
    ratios: &[Option<f64>],
    threshold: f64,
    years: usize,
    reasonable_progress: Option<f64>,
) -> Option<Flag> {
    let start = ratios.len().checked_sub(years).filter(|_| years > 0)?;
    let last: Option<Vec<f64>> = ratios.iter().skip(start).copied().collect();
    let Some(last) = last.filter(|l| l.iter().all(|r| *r > threshold)) else {
        return Some(Flag::No);
    };
    let falling = reasonable_progress.is_some_and(|least| {
        let mut recent = last.iter().rev().zip(last.iter().rev().skip(1)).take(2);
        // Rounding must not deny a fall of exactly the amount asked for.
        last.len() >= 3 && recent.all(|(now, before)| before - now >= least - 1e-12)
    });
    Some(if falling {
        Flag::MakingProgress
    } else {
        Flag::Significant
    })
}

/// Returns whether a ratio lies outside the four-fifths band, 0.8 to 1.25.
///
/// A rule of thumb from US employment law, not a test: in small groups it fires at random. For a
/// favourable outcome below 0.8 is adverse, for an unfavourable one above 1.25.
///
/// # Source
/// 29 CFR 1607.4(D).
///
/// # Example: three quarters
/// ```
/// use disprop_stats::formal_rules::four_fifths;
/// assert!(four_fifths(0.75) && four_fifths(1.3) && !four_fifths(0.8));
/// ```
pub fn four_fifths(ratio: f64) -> bool {
    !(0.8..=1.25).contains(&ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_for_no_ratio() {
        let p = Proportion::new;
        let rule = |g, o, w: Option<Proportion>| {
            risk_ratio(&g, &o, w.as_ref(), Minimums::default()).map(|r| r.ratio)
        };
        assert_eq!(
            rule(p(9, 100), p(50, 500), None),
            Err(NotCalculable::BelowMinimum)
        );
        assert_eq!(
            rule(p(10, 29), p(50, 500), None),
            Err(NotCalculable::BelowMinimum)
        );
        assert_eq!(rule(p(0, 0), p(50, 500), None), Err(NotCalculable::NoGroup));
        assert_eq!(
            rule(p(10, 40), p(0, 0), None),
            Err(NotCalculable::NoBaseline)
        );
        assert_eq!(
            rule(p(10, 40), p(1, 20), None),
            Err(NotCalculable::BelowMinimum)
        );
        assert_eq!(
            rule(p(10, 40), p(0, 0), Some(p(3, 20))),
            Err(NotCalculable::BelowMinimum)
        );
        assert_eq!(
            rule(p(61, 50), p(5, 100), None),
            Err(NotCalculable::EventsExceedTrials)
        );
        let none = Minimums { cell: 0, n: 0 };
        let zero = risk_ratio(&p(1, 5), &p(0, 9), None, none);
        assert_eq!(zero, Err(NotCalculable::ZeroBaseline));
    }
}
