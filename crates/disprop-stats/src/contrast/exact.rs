//! Tallies as exact fractions, so that contrasts of them are exact too.

use crate::estimate::Calculated;
use crate::tally::{MICRO, Mean, Proportion, Rate, Ratio, Tally};

/// A tally whose value is one fraction of two integers.
pub trait Exact: Tally {
    /// How many of the numerator's integer steps make one unit.
    const STEPS: i64;

    /// Returns the numerator and the positive denominator of [`Tally::value`].
    ///
    /// # Errors
    /// As [`Tally::value`].
    fn fraction(&self) -> Calculated<(i128, i128)>;
}

impl Exact for Proportion {
    const STEPS: i64 = 1;

    fn fraction(&self) -> Calculated<(i128, i128)> {
        self.parts()
    }
}

impl Exact for Mean {
    const STEPS: i64 = MICRO;

    fn fraction(&self) -> Calculated<(i128, i128)> {
        self.parts()
    }
}

impl Exact for Ratio {
    const STEPS: i64 = MICRO;

    fn fraction(&self) -> Calculated<(i128, i128)> {
        self.parts()
    }
}

impl Exact for Rate {
    const STEPS: i64 = MICRO;

    fn fraction(&self) -> Calculated<(i128, i128)> {
        self.parts()
    }
}
