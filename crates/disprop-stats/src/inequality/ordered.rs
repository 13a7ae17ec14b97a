//! Spread over groups that have an order, such as income bands; ethnic groups have none.

use super::Groups;
use crate::cell_regression::{Cell, Family, fit};
use crate::estimate::{Calculated, NotCalculable};

impl Groups {
    /// Each group with the middle of its place in the order, 0–1.
    fn ranked(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.groups.iter().scan(0.0, |before, g| {
            let middle = *before + g.share / 2.0;
            *before += g.share;
            Some((middle, g.share, g.value))
        })
    }

    /// Returns the absolute concentration index of ordered groups.
    ///
    /// Positive where the value rises along the order. Misleads for groups without an order, and
    /// where highs and lows alternate along it, which cancel.
    ///
    /// # Formula
    /// Σ sₖ(2Rₖ − 1)rₖ, R the middle of the group's place in the cumulative share.
    ///
    /// # Source
    /// WHO (2022), section 3; Kakwani, Wagstaff and van Doorslaer, *J. Econometrics* 77 (1997), 87.
    pub fn absolute_concentration(&self) -> f64 {
        self.ranked()
            .map(|(rank, share, value)| share * (2.0 * rank - 1.0) * value)
            .sum()
    }

    /// Returns the concentration index of ordered groups relative to everyone's value, −1 to 1.
    ///
    /// For proportions its range depends on their mean; see [`erreygers`](Groups::erreygers).
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive.
    ///
    /// # Source
    /// As [`absolute_concentration`](Groups::absolute_concentration).
    pub fn relative_concentration(&self) -> Calculated<f64> {
        Ok(self.absolute_concentration() / self.positive_mean()?)
    }

    /// Returns Erreygers' corrected concentration index of a value bounded by `low` and `high`.
    ///
    /// # Formula
    /// 4 · absolute concentration / (high − low).
    ///
    /// # Errors
    /// `no_variation` where the bounds leave no room.
    ///
    /// # Source
    /// Erreygers, *J. Health Econ.* 28 (2009), eq. 28.
    pub fn erreygers(&self, low: f64, high: f64) -> Calculated<f64> {
        if high.is_nan() || low.is_nan() || high <= low {
            return Err(NotCalculable::NoVariation);
        }
        Ok(4.0 * self.absolute_concentration() / (high - low))
    }

    /// Returns Wagstaff's normalised concentration index of a proportion.
    ///
    /// # Formula
    /// relative concentration / (1 − r̄).
    ///
    /// # Errors
    /// `zero_baseline` where nobody has the outcome, `no_complement` where everyone has it or the
    /// values are no proportions.
    ///
    /// # Source
    /// Wagstaff, *Health Econ.* 14 (2005), eq. 4.
    pub fn wagstaff(&self) -> Calculated<f64> {
        let relative = self.relative_concentration()?;
        if self.mean >= 1.0 {
            return Err(NotCalculable::NoComplement);
        }
        Ok(relative / (1.0 - self.mean))
    }

    /// Fitted proportions at the bottom and the top of the order.
    fn ends(&self) -> Calculated<(f64, f64)> {
        let first = self.groups.first().map_or(self.mean, |g| g.value);
        if self.groups.iter().all(|g| g.value == first) {
            return Err(NotCalculable::NoVariation);
        }
        let cells: Vec<Cell> = self
            .ranked()
            .zip(&self.counts)
            .map(|((rank, ..), (x, n))| Cell::sums(vec![rank], *x, *n))
            .collect();
        let model = fit(&cells, Family::Logistic)?;
        Ok((model.value(&[0.0])?, model.value(&[1.0])?))
    }

    /// Returns the slope index of ordered groups: the fitted top minus the fitted bottom.
    ///
    /// Misleads where the values do not follow the order in a smooth curve. No interval: a handful
    /// of groups does not say how well the curve fits.
    ///
    /// # Formula
    /// p(1) − p(0) of a logistic regression of the proportions on R, weighted by pupils.
    ///
    /// # Errors
    /// `no_variation` where all values are equal; `no_convergence` where the regression does not
    /// settle.
    ///
    /// # Source
    /// WHO (2022), section 3; Mackenbach and Kunst, *Soc. Sci. Med.* 44 (1997), 757.
    pub fn slope_index(&self) -> Calculated<f64> {
        self.ends().map(|(bottom, top)| top - bottom)
    }

    /// Returns the relative index of ordered groups: the fitted top over the fitted bottom.
    ///
    /// # Errors
    /// As [`slope_index`](Groups::slope_index).
    ///
    /// # Source
    /// As [`slope_index`](Groups::slope_index).
    pub fn relative_index(&self) -> Calculated<f64> {
        self.ends().map(|(bottom, top)| top / bottom)
    }
}
