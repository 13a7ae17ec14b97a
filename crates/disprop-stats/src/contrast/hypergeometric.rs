//! Fisher's noncentral hypergeometric distribution: a 2 × 2 table given its margins and odds ratio.

use crate::contrast::score::restricted_odds;
use crate::estimate::{Calculated, NotCalculable};

/// The number of events in the group, given those on both sides together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hypergeometric {
    /// Pupils in the group.
    n: f64,
    /// Pupils in the baseline.
    m: f64,
    /// Events in the group as observed.
    a: f64,
    /// Events in the baseline as observed.
    c: f64,
}

/// Chances of fewer events in the group than observed, as many, and more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tails {
    pub(crate) fewer: f64,
    pub(crate) same: f64,
    pub(crate) more: f64,
}

/// The largest number of pupils: a walk over the likely tables takes about 0.1 s.
const MOST: f64 = 1e12;
/// A weight this small beside one at the centre adds nothing to a sum of up to 10⁹ of them.
const NEGLIGIBLE: f64 = 1e-28;

impl Hypergeometric {
    /// Returns the distribution of the table a of n against c of m.
    ///
    /// # Errors
    /// `no_convergence` for more pupils than a walk from table to table gets through.
    pub(crate) fn new((a, n): (f64, f64), (c, m): (f64, f64)) -> Calculated<Self> {
        if n + m > MOST {
            return Err(NotCalculable::NoConvergence);
        }
        Ok(Hypergeometric { n, m, a, c })
    }

    /// Calls `visit` with each number of events and its weight, outwards from about the likeliest,
    /// whose weight is 1, until weights fall below `floor`.
    fn walk(&self, psi: f64, floor: f64, mut visit: impl FnMut(f64, f64)) {
        let events = self.a + self.c;
        let (least, most) = ((events - self.m).max(0.0), events.min(self.n));
        let expected = self.n * restricted_odds(self.a, self.n, self.c, self.m, psi).p1;
        let centre = expected.floor().clamp(least, most);
        // Weight of k + 1 over weight of k.
        let ratio = |k: f64| {
            psi * ((self.n - k) / (k + 1.0)) * ((events - k) / (self.m - events + k + 1.0))
        };
        visit(centre, 1.0);
        let (mut k, mut weight) = (centre, 1.0);
        while k < most && weight >= floor {
            weight *= ratio(k);
            k += 1.0;
            visit(k, weight);
        }
        (k, weight) = (centre, 1.0);
        while k > least && weight >= floor {
            k -= 1.0;
            weight /= ratio(k);
            visit(k, weight);
        }
    }

    /// Returns the tails around the observed number at odds ratio `psi`, to an absolute 10⁻¹⁶.
    pub(crate) fn tails(&self, psi: f64) -> Tails {
        self.summed(psi, NEGLIGIBLE)
    }

    /// Returns the tails at odds ratio 1, small ones with their full precision.
    pub(crate) fn null_tails(&self) -> Tails {
        self.summed(1.0, f64::MIN_POSITIVE)
    }

    fn summed(&self, psi: f64, floor: f64) -> Tails {
        let mut tails = Tails {
            fewer: 0.0,
            same: 0.0,
            more: 0.0,
        };
        self.walk(psi, floor, |k, weight| {
            if k < self.a {
                tails.fewer += weight;
            } else if k > self.a {
                tails.more += weight;
            } else {
                tails.same += weight;
            }
        });
        let all = tails.fewer + tails.same + tails.more;
        Tails {
            fewer: tails.fewer / all,
            same: tails.same / all,
            more: tails.more / all,
        }
    }

    /// Returns the chance, at odds ratio 1, of a table no likelier than the observed one.
    pub(crate) fn no_likelier(&self) -> f64 {
        let mut observed = 0.0;
        self.walk(1.0, f64::MIN_POSITIVE, |k, weight| {
            if k == self.a {
                observed = weight;
            }
        });
        // Tables as likely as the observed one are counted however their weight was rounded.
        let limit = observed * (1.0 + 1e-7);
        let (mut sum, mut all) = (0.0, 0.0);
        self.walk(1.0, f64::MIN_POSITIVE, |_, weight| {
            all += weight;
            if weight <= limit {
                sum += weight;
            }
        });
        f64::min(sum / all, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lady_tasting_tea() {
        // 3 of 4 against 1 of 4: chances 1, 16, 36, 16, 1 of 70.
        let table = Hypergeometric::new((3.0, 4.0), (1.0, 4.0)).unwrap();
        let tails = table.tails(1.0);
        assert!(
            (tails.same - 16.0 / 70.0).abs() < 1e-15 && (tails.more - 1.0 / 70.0).abs() < 1e-15
        );
        assert!((table.no_likelier() - 34.0 / 70.0).abs() < 1e-15);
    }
}
