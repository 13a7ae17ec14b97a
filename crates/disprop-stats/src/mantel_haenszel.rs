//! One common gap over strata: Mantel–Haenszel difference, ratio and odds ratio, with their tests.
//!
//! Use it for a gap adjusted for characteristics that cut the cohort into cells, or pooled over
//! years. It assumes that the gap is the same in every stratum; [`homogeneity`] asks whether that
//! is so, and where it is not, the strata should be shown instead of one number. Adjusting for
//! something that belongs to the disparity itself (prior exclusion, SEN) removes what was asked.
//!
//! Strata in which one side has nobody compare nothing and drop out of every formula. Sums run in
//! the order given; pass the strata sorted.

mod score;

use serde::{Deserialize, Serialize};

pub use score::{difference_interval, ratio_interval};

use crate::estimate::{Calculated, NotCalculable};
use crate::stratum::Stratum;
use crate::tally::Proportion;
use crate::wald::{ChiSquared, Estimate};

/// Variance of the Mantel–Haenszel risk difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceVariance {
    /// Sato (1989): holds for few large strata and for many sparse ones. The default.
    #[default]
    Sato,
    /// Greenland and Robins (1985), eq. 13: for few large strata only.
    GreenlandRobins,
}

/// One 2×2 table, as in the literature: a, b the group with and without; c, d the baseline.
#[derive(Debug, Clone, Copy)]
struct Table {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    n1: f64,
    n0: f64,
    n: f64,
}

/// Returns the tables that compare somebody with somebody.
fn tables(strata: &[Stratum<Proportion>]) -> Calculated<Vec<Table>> {
    let (mut group, mut baseline) = (false, false);
    let mut tables = Vec::with_capacity(strata.len());
    for s in strata {
        let side = |p: &Proportion| match p.checked() {
            Err(NotCalculable::NoGroup) => Ok(None),
            other => other.map(Some),
        };
        let (g, o) = (side(&s.group)?, side(&s.baseline)?);
        group |= g.is_some();
        baseline |= o.is_some();
        if let (Some((a, n1)), Some((c, n0))) = (g, o) {
            tables.push(Table {
                a,
                b: n1 - a,
                c,
                d: n0 - c,
                n1,
                n0,
                n: n1 + n0,
            });
        }
    }
    match (tables.is_empty(), group, baseline) {
        (false, ..) => Ok(tables),
        (true, false, _) => Err(NotCalculable::NoGroup),
        (true, true, false) => Err(NotCalculable::NoBaseline),
        (true, true, true) => Err(NotCalculable::NoCounterpart),
    }
}

fn sum(tables: &[Table], term: impl Fn(&Table) -> f64) -> f64 {
    tables.iter().map(term).sum()
}

/// Returns the Mantel–Haenszel risk difference, group minus baseline.
///
/// Always defined where somebody compares with somebody, zero cells included; so it is the adjusted
/// counterpart of the crude gap.
///
/// # Formula
/// Σ wₖ(aₖ/n₁ₖ − cₖ/n₀ₖ) / Σ wₖ, wₖ = n₁ₖn₀ₖ/nₖ. Sato: var = (δ ΣPₖ + ΣQₖ)/(Σwₖ)² with
/// Pₖ = \[n₁²c − n₀²a + n₁n₀(n₀ − n₁)/2\]/n², Qₖ = \[a(n₀ − c) + c(n₁ − a)\]/(2n).
///
/// # Errors
/// `no_group`, `no_baseline`; `no_counterpart` where no stratum holds both; `events_exceed_trials`.
///
/// # Source
/// Sato, *Biometrics* 45 (1989), 1323–24; Greenland and Robins, *Biometrics* 41 (1985), eq. 13.
///
/// # Example: one stratum is the crude difference
/// ```
/// use disprop_stats::{Level, Proportion, mantel_haenszel, stratum::Stratum};
/// let strata = [Stratum::new(Proportion::new(3, 12), Proportion::new(210, 1210))];
/// let gap = mantel_haenszel::difference(&strata, Default::default())?;
/// assert!((gap.estimate - (0.25 - 210.0 / 1210.0)).abs() < 1e-15);
/// assert!(gap.interval(Level::P95)?.contains(0.0));
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn difference(
    strata: &[Stratum<Proportion>],
    variance: DifferenceVariance,
) -> Calculated<Estimate> {
    let tables = tables(strata)?;
    let weight = sum(&tables, |t| t.n1 * t.n0 / t.n);
    let delta = sum(&tables, |t| (t.a * t.n0 - t.c * t.n1) / t.n) / weight;
    let spread = match variance {
        DifferenceVariance::Sato => {
            let p = sum(&tables, |t| {
                (t.n1 * t.n1 * t.c - t.n0 * t.n0 * t.a + t.n1 * t.n0 * (t.n0 - t.n1) / 2.0)
                    / (t.n * t.n)
            });
            delta * p + sum(&tables, |t| (t.a * t.d + t.c * t.b) / (2.0 * t.n))
        }
        DifferenceVariance::GreenlandRobins => sum(&tables, |t| {
            (t.a * t.b * t.n0.powi(3) + t.c * t.d * t.n1.powi(3)) / (t.n1 * t.n0 * t.n * t.n)
        }),
    };
    Ok(Estimate::linear(delta, spread / (weight * weight)))
}

/// Returns the Mantel–Haenszel risk ratio, group over baseline, with its error on the log scale.
///
/// # Formula
/// R/S, R = Σ a n₀/n, S = Σ c n₁/n; var ln = Σ\[(a + c)n₁n₀ − a c n\]/n² / (R S).
///
/// # Errors
/// As [`difference`]; `zero_baseline` where the baseline has no events, `zero_group` where the
/// group has none (the ratio is 0, its logarithm does not exist).
///
/// # Source
/// Greenland and Robins, *Biometrics* 41 (1985), eq. 4.
///
/// # Example: two years pooled
/// ```
/// use disprop_stats::{Proportion, mantel_haenszel, stratum::Stratum};
/// let years = [
///     Stratum::new(Proportion::new(4, 100), Proportion::new(20, 1000)),
///     Stratum::new(Proportion::new(6, 100), Proportion::new(30, 1000)),
/// ];
/// assert!((mantel_haenszel::ratio(&years)?.estimate - 2.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn ratio(strata: &[Stratum<Proportion>]) -> Calculated<Estimate> {
    let tables = tables(strata)?;
    let r = sum(&tables, |t| t.a * t.n0 / t.n);
    let s = sum(&tables, |t| t.c * t.n1 / t.n);
    if s == 0.0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    if r == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    let p = sum(&tables, |t| {
        ((t.a + t.c) * t.n1 * t.n0 - t.a * t.c * t.n) / (t.n * t.n)
    });
    Ok(Estimate::log(r / s, p / (r * s)))
}

/// Returns the Mantel–Haenszel odds ratio with its error on the log scale.
///
/// # Formula
/// R/S, R = Σ ad/n, S = Σ bc/n; with P = (a + d)/n, Q = (b + c)/n:
/// var ln = ΣPR/(2R²) + Σ(PS + QR)/(2RS) + ΣQS/(2S²).
///
/// # Errors
/// As [`ratio`]; `no_complement` where everyone on one side has the outcome.
///
/// # Source
/// Robins, Breslow and Greenland, *Biometrics* 42 (1986), eq. 8.
///
/// # Example: admissions by department
/// ```
/// use disprop_stats::{Proportion, mantel_haenszel, stratum::Stratum};
/// let strata = [
///     Stratum::new(Proportion::new(12, 37), Proportion::new(612, 2392)),
///     Stratum::new(Proportion::new(47, 177), Proportion::new(300, 1950)),
/// ];
/// assert!(mantel_haenszel::odds_ratio(&strata)?.estimate > 1.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn odds_ratio(strata: &[Stratum<Proportion>]) -> Calculated<Estimate> {
    let tables = tables(strata)?;
    let (r, s) = odds_sums(&tables)?;
    let pr = sum(&tables, |t| (t.a + t.d) * t.a * t.d / (t.n * t.n));
    let cross = sum(&tables, |t| {
        ((t.a + t.d) * t.b * t.c + (t.b + t.c) * t.a * t.d) / (t.n * t.n)
    });
    let qs = sum(&tables, |t| (t.b + t.c) * t.b * t.c / (t.n * t.n));
    let variance = pr / (2.0 * r * r) + cross / (2.0 * r * s) + qs / (2.0 * s * s);
    Ok(Estimate::log(r / s, variance))
}

/// R and S of the pooled odds ratio, or why there is none.
fn odds_sums(tables: &[Table]) -> Calculated<(f64, f64)> {
    let r = sum(tables, |t| t.a * t.d / t.n);
    let s = sum(tables, |t| t.b * t.c / t.n);
    if s == 0.0 {
        let no_events = sum(tables, |t| t.c) == 0.0;
        return Err(if no_events {
            NotCalculable::ZeroBaseline
        } else {
            NotCalculable::NoComplement
        });
    }
    if r == 0.0 {
        let no_events = sum(tables, |t| t.a) == 0.0;
        return Err(if no_events {
            NotCalculable::ZeroGroup
        } else {
            NotCalculable::NoComplement
        });
    }
    Ok((r, s))
}

/// Returns the Cochran–Mantel–Haenszel test that the group fares as the baseline in every stratum.
///
/// # Formula
/// (max(|Σ(a − E)| − ½, 0))² / ΣV with correction, (Σ(a − E))² / ΣV without;
/// E = n₁m/n, V = n₁n₀m(n − m)/(n²(n − 1)), m = a + c.
///
/// # Errors
/// As [`difference`]; `no_variation` where no stratum has both pupils with and without the outcome.
///
/// # Source
/// Mantel and Haenszel, *JNCI* 22 (1959), 719.
///
/// # Example: a gap that one stratum shows
/// ```
/// use disprop_stats::{Proportion, mantel_haenszel, stratum::Stratum};
/// let strata = [Stratum::new(Proportion::new(3, 12), Proportion::new(210, 1210))];
/// assert!(mantel_haenszel::test(&strata, false)?.p > 0.4);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn test(strata: &[Stratum<Proportion>], correction: bool) -> Calculated<ChiSquared> {
    let tables = tables(strata)?;
    let distance = sum(&tables, |t| t.a - t.n1 * (t.a + t.c) / t.n).abs();
    let variance = sum(&tables, |t| {
        t.n1 * t.n0 * (t.a + t.c) * (t.b + t.d) / (t.n * t.n * (t.n - 1.0))
    });
    if variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let distance = if correction {
        (distance - 0.5).max(0.0)
    } else {
        distance
    };
    ChiSquared::new(distance * distance / variance, 1.0)
}

/// Returns the Breslow–Day test that the odds ratio is the same in every stratum.
///
/// Weak in small strata: a large p-value is no proof that the gap is the same everywhere.
///
/// # Formula
/// Σ(a − e)²/v, e the expected a under the pooled odds ratio given the margins and
/// v = 1/(1/e + 1/(n₁ − e) + 1/(m − e) + 1/(n₀ − m + e)). Tarone subtracts (Σ(a − e))²/Σv. Degrees
/// of freedom: strata with both outcomes on both sides, less one.
///
/// # Errors
/// As [`odds_ratio`]; `no_counterpart` where fewer than two strata can be set against each other.
///
/// # Source
/// Breslow and Day, *Statistical Methods in Cancer Research* I (1980), eq. 4.30; Tarone,
/// *Biometrika* 72 (1985), 91.
///
/// # Example: a single stratum has nothing to differ from
/// ```
/// use disprop_stats::{NotCalculable, Proportion, mantel_haenszel, stratum::Stratum};
/// let strata = [Stratum::new(Proportion::new(3, 12), Proportion::new(210, 1210))];
/// let test = mantel_haenszel::homogeneity(&strata, true);
/// assert_eq!(test, Err(NotCalculable::NoCounterpart));
/// ```
pub fn homogeneity(strata: &[Stratum<Proportion>], tarone: bool) -> Calculated<ChiSquared> {
    let tables = tables(strata)?;
    let (r, s) = odds_sums(&tables)?;
    let odds_ratio = r / s;
    // A stratum where all or nobody has the outcome says nothing of its odds ratio.
    let informative: Vec<&Table> = tables
        .iter()
        .filter(|t| t.a + t.c > 0.0 && t.b + t.d > 0.0)
        .collect();
    if informative.len() < 2 {
        return Err(NotCalculable::NoCounterpart);
    }
    let (mut statistic, mut distance, mut total) = (0.0, 0.0, 0.0);
    for t in &informative {
        let e = expected(t, odds_ratio)?;
        let m = t.a + t.c;
        let v = 1.0 / (1.0 / e + 1.0 / (t.n1 - e) + 1.0 / (m - e) + 1.0 / (t.n0 - m + e));
        statistic += (t.a - e) * (t.a - e) / v;
        distance += t.a - e;
        total += v;
    }
    if tarone {
        statistic -= distance * distance / total;
    }
    ChiSquared::new(statistic.max(0.0), (informative.len() - 1) as f64)
}

/// The a of a table with these margins whose odds ratio is `psi`: the root of
/// e(n₀ − m + e) = ψ(n₁ − e)(m − e) between its bounds.
fn expected(t: &Table, psi: f64) -> Calculated<f64> {
    let m = t.a + t.c;
    let (low, high) = ((m - t.n0).max(0.0), m.min(t.n1));
    let quadratic = 1.0 - psi;
    let linear = t.n0 - m + psi * (t.n1 + m);
    let constant = -psi * t.n1 * m;
    let root = (linear * linear - 4.0 * quadratic * constant)
        .max(0.0)
        .sqrt();
    // This form of the quadratic formula does not cancel and holds at ψ = 1, where it is linear.
    let e = -2.0 * constant / (linear + root);
    if e > low && e < high {
        Ok(e)
    } else {
        Err(NotCalculable::NoConvergence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(a: i64, n1: i64, c: i64, n0: i64) -> Stratum<Proportion> {
        Stratum::new(Proportion::new(a, n1), Proportion::new(c, n0))
    }

    #[test]
    fn nobody_to_compare_is_a_reason() {
        let lonely = [stratum(1, 4, 0, 0), stratum(0, 0, 3, 9)];
        let gap = |s: &[_]| difference(s, DifferenceVariance::Sato).unwrap_err();
        assert_eq!(gap(&lonely), NotCalculable::NoCounterpart);
        assert_eq!(gap(&lonely[..1]), NotCalculable::NoBaseline);
        assert_eq!(gap(&lonely[1..]), NotCalculable::NoGroup);
        assert_eq!(gap(&[]), NotCalculable::NoGroup);
        assert_eq!(
            gap(&[stratum(5, 4, 1, 2)]),
            NotCalculable::EventsExceedTrials
        );
    }

    #[test]
    fn zero_cells_have_a_difference_but_no_ratio() {
        assert_eq!(
            ratio(&[stratum(1, 4, 0, 9)]).unwrap_err(),
            NotCalculable::ZeroBaseline
        );
        assert_eq!(
            ratio(&[stratum(0, 4, 1, 9)]).unwrap_err(),
            NotCalculable::ZeroGroup
        );
        assert_eq!(
            odds_ratio(&[stratum(4, 4, 1, 9)]).unwrap_err(),
            NotCalculable::NoComplement
        );
        assert_eq!(
            odds_ratio(&[stratum(1, 4, 9, 9)]).unwrap_err(),
            NotCalculable::NoComplement
        );
        assert_eq!(
            test(&[stratum(4, 4, 9, 9)], false).unwrap_err(),
            NotCalculable::NoVariation
        );
        let gap = difference(&[stratum(1, 4, 0, 9)], DifferenceVariance::Sato).unwrap();
        assert!((gap.estimate - 0.25).abs() < 1e-15);
    }
}
