//! Roots of a continuous function between two ends of opposite sign, to machine precision.

use crate::estimate::{Calculated, NotCalculable};

/// Evaluations before giving up. Pure bisection of any bracket met here needs fewer.
const MOST: usize = 400;

/// Returns where `f` is zero between `a` and `b`, to about one unit in the last place of the root
/// or `absolute`, whichever is larger.
///
/// # Formula
/// Inverse quadratic interpolation where the last three points allow it, else bisection, after
/// Chandrupatla (1997), *Advances in Engineering Software* 28, 145–149.
///
/// # Errors
/// `no_convergence` where the ends do not bracket a root or a value is NaN: a solver that stops
/// early must not hand its last guess on.
pub(crate) fn bracketed(f: impl Fn(f64) -> f64, a: f64, b: f64, absolute: f64) -> Calculated<f64> {
    let mut search = Search::between((a, f(a)), (b, f(b)), absolute);
    loop {
        match search.wants() {
            Next::At(x) => search.tell(f(x)),
            Next::Found(root) => return root,
        }
    }
}

/// A search under way: it names a point, is told the value there, and so on, so that two searches
/// can go on side by side. Each step of one waits for the step before.
pub(crate) struct Search {
    newest: (f64, f64),
    other: (f64, f64),
    absolute: f64,
    left: usize,
    next: Next,
}

/// What a search wants.
#[derive(Clone, Copy)]
pub(crate) enum Next {
    /// The value at this point.
    At(f64),
    /// Nothing more; see [`bracketed`] for the errors.
    Found(Calculated<f64>),
}

impl Search {
    /// Begins between two points with their values.
    pub(crate) fn between(a: (f64, f64), b: (f64, f64), absolute: f64) -> Self {
        let next = if a.1 == 0.0 {
            Next::Found(Ok(a.0))
        } else if b.1 == 0.0 {
            Next::Found(Ok(b.0))
        } else if a.1.is_nan() || b.1.is_nan() || (a.1 > 0.0) == (b.1 > 0.0) {
            Next::Found(Err(NotCalculable::NoConvergence))
        } else {
            Next::At(a.0 + 0.5 * (b.0 - a.0))
        };
        Search {
            newest: a,
            other: b,
            absolute,
            left: MOST,
            next,
        }
    }

    /// Returns what the search wants.
    pub(crate) fn wants(&self) -> Next {
        self.next
    }

    /// Goes on with the value at the point it named.
    pub(crate) fn tell(&mut self, fx: f64) {
        let Next::At(x) = self.next else { return };
        self.left -= 1;
        self.next = self.after(x, fx);
    }

    fn after(&mut self, x: f64, fx: f64) -> Next {
        if fx.is_nan() {
            return Next::Found(Err(NotCalculable::NoConvergence));
        }
        // The newest point and the one across the root from it; a third makes the parabola.
        let third = if (fx > 0.0) == (self.newest.1 > 0.0) {
            self.newest
        } else {
            std::mem::replace(&mut self.other, self.newest)
        };
        self.newest = (x, fx);
        let ((x1, f1), (x2, f2), (x3, f3)) = (self.newest, self.other, third);
        let (best, f_best) = if f1.abs() < f2.abs() {
            (x1, f1)
        } else {
            (x2, f2)
        };
        let nearest = (2.0 * f64::EPSILON * best.abs() + self.absolute) / (x2 - x1).abs();
        if f_best == 0.0 || nearest > 0.5 {
            return Next::Found(Ok(best));
        }
        if self.left == 0 {
            return Next::Found(Err(NotCalculable::NoConvergence));
        }
        let t = next_fraction([x1, x2, x3], [f1, f2, f3]).clamp(nearest, 1.0 - nearest);
        Next::At(x1 + t * (x2 - x1))
    }
}

/// Where to look next, as a fraction of the way from the first point to the second.
fn next_fraction([x1, x2, x3]: [f64; 3], [f1, f2, f3]: [f64; 3]) -> f64 {
    let xi = (x1 - x2) / (x3 - x2);
    let phi = (f1 - f2) / (f3 - f2);
    // False where a value is infinite, which leaves bisection.
    if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
        let near = f1 / (f2 - f1) * f3 / (f2 - f3);
        near + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
    } else {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_two_is_met_to_the_last_bit_or_so() {
        let root = bracketed(|x| x * x - 2.0, 0.0, 2.0, 0.0).unwrap();
        assert!((root - std::f64::consts::SQRT_2).abs() <= 2.0 * f64::EPSILON);
    }

    #[test]
    fn no_bracket_no_number() {
        assert_eq!(
            bracketed(|x| x * x + 1.0, -1.0, 1.0, 0.0),
            Err(NotCalculable::NoConvergence)
        );
        assert_eq!(
            bracketed(|_| f64::NAN, -1.0, 1.0, 0.0),
            Err(NotCalculable::NoConvergence)
        );
    }

    #[test]
    fn a_step_is_found_as_well_as_a_curve() {
        let step = |x: f64| if x < 0.3 { -1.0 } else { f64::INFINITY };
        assert!((bracketed(step, 0.0, 1.0, 0.0).unwrap() - 0.3).abs() < 1e-15);
    }
}
