//! Score intervals: all values of a contrast that a score test would not reject.
//!
//! The test compares the observed difference with its variance under the tested value, for which
//! each side's proportion is estimated by constrained maximum likelihood. Everything here is
//! written
//! so that nothing cancels: with a million pupils on a side the textbook forms keep half their
//! digits.

use crate::estimate::{Calculated, NotCalculable};
use crate::root::{Next, Search};

/// Differences nearer to zero than this are rounding.
const NEGLIGIBLE: f64 = 1e-18;

/// Proportions of the group and of the baseline, each with its complement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restricted {
    pub(crate) p1: f64,
    pub(crate) q1: f64,
    pub(crate) p2: f64,
    pub(crate) q2: f64,
}

/// Returns the point between `inner` and `outer` where `statistic` reaches `critical`, or `outer`
/// where it never does.
///
/// The statistic is zero at `inner`, the estimate, by definition: with nobody on either side it
/// would be 0 / 0 there. It may be infinite at `outer`.
pub(crate) fn end(
    statistic: impl Fn(f64) -> f64,
    critical: f64,
    inner: f64,
    outer: f64,
) -> Calculated<f64> {
    if inner == outer {
        return Ok(outer);
    }
    let beyond = statistic(outer);
    if beyond <= critical {
        return Ok(outer);
    }
    let [root] = side_by_side(statistic, critical, [(inner, outer, beyond)]);
    root
}

/// Returns the end of a ratio's interval that lies from `start` in the direction of `factor`, which
/// is 4 or ¼; `statistic` must grow in that direction.
pub(crate) fn ratio_end(
    statistic: impl Fn(f64) -> f64,
    critical: f64,
    start: f64,
    factor: f64,
) -> Calculated<f64> {
    let bracket = bracket(&statistic, critical, start, factor)?;
    let [root] = side_by_side(statistic, critical, [bracket]);
    root
}

/// Returns the lower and the upper end of a ratio's interval as [`ratio_end`] does from `start`,
/// in little more than the time of one.
pub(crate) fn ratio_ends(
    statistic: impl Fn(f64) -> f64,
    critical: f64,
    start: f64,
) -> Calculated<(f64, f64)> {
    let lower = bracket(&statistic, critical, start, 0.25)?;
    let Ok(upper) = bracket(&statistic, critical, start, 4.0) else {
        let lower = ratio_end(&statistic, critical, start, 0.25)?;
        return Ok((lower, ratio_end(statistic, critical, start, 4.0)?));
    };
    let [lower, upper] = side_by_side(statistic, critical, [lower, upper]);
    Ok((lower?, upper?))
}

/// A point where the statistic is not beyond the critical value, one where it is, and its value there.
type Bracket = (f64, f64, f64);

fn bracket(
    statistic: impl Fn(f64) -> f64,
    critical: f64,
    start: f64,
    factor: f64,
) -> Calculated<Bracket> {
    let mut inside = start;
    while statistic(inside) > critical {
        inside /= factor;
        if inside == 0.0 || inside.is_infinite() {
            return Err(NotCalculable::NoConvergence);
        }
    }
    loop {
        let outside = inside * factor;
        if outside == 0.0 || outside.is_infinite() {
            return Err(NotCalculable::Unbounded);
        }
        let beyond = statistic(outside);
        if beyond > critical {
            return Ok((inside, outside, beyond));
        }
        inside = outside;
    }
}

/// Finds where the statistic reaches the critical value in each bracket.
///
/// A step of a search waits for the one before, and most of it for roots and quotients; those of
/// another search fill the time.
fn side_by_side<const N: usize>(
    statistic: impl Fn(f64) -> f64,
    critical: f64,
    brackets: [Bracket; N],
) -> [Calculated<f64>; N] {
    // From −1 to 1, so that an infinite statistic is as good a bracket as any.
    let signed = |s: f64| {
        if s == f64::INFINITY {
            1.0
        } else {
            (s - critical) / (s + critical)
        }
    };
    let mut searches = brackets.map(|(inner, outer, beyond)| {
        Search::between((inner, -1.0), (outer, signed(beyond)), NEGLIGIBLE)
    });
    loop {
        let wants = searches.each_ref().map(Search::wants);
        let values = wants.map(|want| match want {
            Next::At(x) => signed(statistic(x)),
            Next::Found(_) => f64::NAN,
        });
        let mut found = true;
        for ((search, (inner, ..)), (want, value)) in searches
            .iter_mut()
            .zip(brackets)
            .zip(wants.into_iter().zip(values))
        {
            if let Next::At(x) = want {
                // Zero by definition, and 0 / 0 by the formula where nobody is on either side.
                search.tell(if x == inner { -1.0 } else { value });
                found = false;
            }
        }
        if found {
            return searches.map(|search| match search.wants() {
                Next::Found(root) => root,
                Next::At(_) => Err(NotCalculable::NoConvergence),
            });
        }
    }
}

/// Returns the likeliest proportions with p₁ − p₂ = `delta`, for a of n against c of m.
///
/// # Source
/// Miettinen and Nurminen (1985), *Statistics in Medicine* 4, 213–226, appendix 1. Their cubic
/// keeps eight digits near a double root, so its solution is only the start for Newton's method on
/// the likelihood equation.
pub(crate) fn restricted_difference(a: f64, n: f64, c: f64, m: f64, delta: f64) -> Restricted {
    if delta < 0.0 {
        let r = restricted_difference(c, m, a, n, -delta);
        return Restricted {
            p1: r.p2,
            q1: r.q2,
            p2: r.p1,
            q2: r.q1,
        };
    }
    if delta == 0.0 {
        let (p, q) = ((a + c) / (n + m), (n - a + m - c) / (n + m));
        return Restricted {
            p1: p,
            q1: q,
            p2: p,
            q2: q,
        };
    }
    let most = 1.0 - delta;
    if most <= 0.0 {
        return Restricted {
            p1: 1.0,
            q1: 0.0,
            p2: 0.0,
            q2: 1.0,
        };
    }
    // At an edge where no count pulls away from it the likelihood may be highest on the edge itself.
    if c == 0.0 && a / delta - (n - a) / most - m <= 0.0 {
        return Restricted {
            p1: delta,
            q1: most,
            p2: 0.0,
            q2: 1.0,
        };
    }
    if a == n && n + c / most - (m - c) / delta >= 0.0 {
        return Restricted {
            p1: 1.0,
            q1: 0.0,
            p2: most,
            q2: delta,
        };
    }
    let p2 = likeliest(a, n, c, m, delta, most);
    Restricted {
        p1: p2 + delta,
        q1: (most - p2).max(0.0),
        p2,
        q2: 1.0 - p2,
    }
}

/// The root of the likelihood equation in p₂, strictly between 0 and `most`.
fn likeliest(a: f64, n: f64, c: f64, m: f64, delta: f64, most: f64) -> f64 {
    let slope = |p: f64| {
        let (p1, q1, q2) = (p + delta, most - p, 1.0 - p);
        let value = a / p1 - (n - a) / q1 + c / p - (m - c) / q2;
        let change = a / (p1 * p1) + (n - a) / (q1 * q1) + c / (p * p) + (m - c) / (q2 * q2);
        (value, change)
    };
    let (mut low, mut high) = (0.0, most);
    let mut p = cubic(a, n, c, m, delta);
    for _ in 0..200 {
        if !(p > low && p < high) {
            p = 0.5 * (low + high);
            if p <= low || p >= high {
                break;
            }
        }
        let (value, change) = slope(p);
        if value > 0.0 {
            low = p
        } else {
            high = p
        }
        let step = value / change;
        if step.abs() <= f64::EPSILON * p {
            break;
        }
        p += step;
    }
    p.clamp(0.0, most)
}

fn cubic(a: f64, n: f64, c: f64, m: f64, delta: f64) -> f64 {
    let total = n + m;
    let l2 = ((n + 2.0 * m) * delta - total - a - c) / (3.0 * total);
    let l1 = ((m * delta - total - 2.0 * c) * delta + a + c) / total;
    let l0 = c * delta * (1.0 - delta) / total;
    let q = l2 * l2 * l2 - 0.5 * l1 * l2 + 0.5 * l0;
    let size = (l2 * l2 - l1 / 3.0).max(0.0).sqrt().copysign(q);
    let angle = (std::f64::consts::PI + (q / (size * size * size)).clamp(-1.0, 1.0).acos()) / 3.0;
    2.0 * size * angle.cos() - l2
}

/// Returns the likeliest proportions with p₁ / p₂ = `phi`, for a of n against c of m.
///
/// # Formula
/// p₂ = 2M / (S + √D) with M = a + c, S = φ(M + n − a) + M + m − c and
/// D = \[(φ − 1)M + φ(n − a) − (m − c)\]² + 4φ(n − a)(m − c): the smaller root of Miettinen and
/// Nurminen's quadratic with its discriminant as a sum of positive parts.
///
/// # Source
/// Miettinen and Nurminen (1985), *Statistics in Medicine* 4, 213–226, appendix 1.
pub(crate) fn restricted_ratio(a: f64, n: f64, c: f64, m: f64, phi: f64) -> Restricted {
    let (events, free1, free2) = (a + c, n - a, m - c);
    let shift = (phi - 1.0) * events;
    let sum = phi * (events + free1) + events + free2;
    let root = (shift + phi * free1 - free2).hypot(2.0 * (phi * free1 * free2).sqrt());
    let p2 = 2.0 * events / (sum + root);
    // Complements by the conjugate where the plain sum would cancel.
    let complement = |e: f64, product: f64| {
        let top = if e >= 0.0 {
            root + e
        } else {
            product / (root - e)
        };
        top / (sum + root)
    };
    let spread = phi * free1 + free2;
    let q2 = complement(spread + shift, -4.0 * shift * free2);
    let q1 = complement(spread - shift, 4.0 * shift * phi * free1);
    Restricted {
        p1: phi * p2,
        q1,
        p2,
        q2,
    }
}

/// Returns the likeliest proportions with odds ratio `psi`, for a of n against c of m.
///
/// # Formula
/// With M = a + c and Y = n + m − M the discriminant is
/// D = ψ²(n − M)² + 2ψ(n m + M Y) + (m − M)²; each proportion is a ratio over √D.
pub(crate) fn restricted_odds(a: f64, n: f64, c: f64, m: f64, psi: f64) -> Restricted {
    let events = a + c;
    let others = n + m - events;
    let root = (psi * psi * (n - events) * (n - events)
        + 2.0 * psi * (n * m + events * others)
        + (m - events) * (m - events))
        .sqrt();
    // 2 count / (b + √D), where D − b² = 4 size count (factor) and b may be negative.
    let part = |count: f64, b: f64, size: f64, factor: f64| {
        if b >= 0.0 {
            2.0 * count / (b + root)
        } else {
            (root - b) / (2.0 * size * factor)
        }
    };
    Restricted {
        p2: part(events, psi * (n - events) + m + events, m, psi - 1.0),
        q1: part(others, psi * (m - others) + n + others, n, psi - 1.0),
        p1: psi
            * part(
                events,
                m - events + psi * (n + events),
                n,
                psi * (1.0 - psi),
            ),
        q2: psi
            * part(
                others,
                n - others + psi * (m + others),
                m,
                psi * (1.0 - psi),
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restricted_proportions_meet_their_restriction_and_add_up() {
        let tables = [
            (9.0, 10.0, 3.0, 10.0),
            (0.0, 5.0, 3e5, 1e6),
            (5.0, 5.0, 1e6, 1e6),
            (1.0, 1.0, 0.0, 9.0),
        ];
        for (a, n, c, m) in tables {
            for v in [1e-6, 0.2, 0.999_999, 1.0, 1.3, 40.0] {
                let r = restricted_ratio(a, n, c, m, v);
                assert!(
                    (r.p1 + r.q1 - 1.0).abs() < 1e-12 && (r.p2 + r.q2 - 1.0).abs() < 1e-12,
                    "{r:?}"
                );
                let o = restricted_odds(a, n, c, m, v);
                assert!(
                    (o.p1 + o.q1 - 1.0).abs() < 1e-12 && (o.p2 + o.q2 - 1.0).abs() < 1e-12,
                    "{o:?}"
                );
                assert!(
                    (n * o.p1 + m * o.p2 - (a + c)).abs() < 1e-9 * (n + m),
                    "{o:?}"
                );
                if v <= 1.0 {
                    let d = restricted_difference(a, n, c, m, v);
                    assert!((d.p1 - d.p2 - v).abs() < 1e-15);
                    assert!(
                        [d.p1, d.q1, d.p2, d.q2]
                            .iter()
                            .all(|p| (0.0..=1.0).contains(p)),
                        "{d:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_end_is_found_beside_a_statistic_of_nothing_over_nothing() {
        let statistic = |x: f64| x.sqrt();
        assert!((end(statistic, 0.5, 0.0, 1.0).unwrap() - 0.25).abs() < 1e-15);
        assert_eq!(end(statistic, 2.0, 0.0, 1.0), Ok(1.0));
    }
}
