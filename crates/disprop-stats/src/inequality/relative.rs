//! Spread relative to everyone's value.

use super::{Best, Group, Groups, Weights};
use crate::estimate::{Calculated, NotCalculable};
use crate::wald::Estimate;

impl Groups {
    /// Returns the index of disparity: the mean distance from everyone's value, relative to it.
    ///
    /// Misleads as every relative measure: improving all groups alike raises it for an adverse
    /// outcome.
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive.
    ///
    /// # Source
    /// Pearcy and Keppel, *Public Health Rep.* 117 (2002), 273, with everyone's value as the mark.
    pub fn index_of_disparity(&self, weights: Weights) -> Calculated<f64> {
        Ok(self.mean_difference_from_mean(weights) / self.positive_mean()?)
    }

    /// Returns the between-group standard deviation relative to everyone's value.
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive.
    ///
    /// # Source
    /// As [`between_group_deviation`](Groups::between_group_deviation).
    pub fn coefficient_of_variation(&self) -> Calculated<f64> {
        Ok(self.between_group_deviation() / self.positive_mean()?)
    }

    /// Returns Theil's index of the values over groups, 0 where all are equal.
    ///
    /// Misleads by having no reading of its own; it weighs groups with high values most. A group
    /// without events adds nothing of its own.
    ///
    /// # Formula
    /// Σ sₖ ρₖ ln ρₖ, ρ = r/r̄; variance by the delta method with ∂/∂rₖ = sₖ(ln ρₖ − T)/r̄; a group
    /// at 0, where the derivative does not exist, has no variance to pass on.
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive.
    ///
    /// # Source
    /// Theil, *Economics and Information Theory* (1967); Harper and Lynch, NCI (2005), section 3.
    pub fn theil(&self) -> Calculated<Estimate> {
        let mean = self.positive_mean()?;
        let log = |g: &Group| (g.value / mean).ln();
        let positive = |g: &Group| g.value > 0.0;
        let theil = self.sum(|g| {
            if positive(g) {
                g.share * g.value / mean * log(g)
            } else {
                0.0
            }
        });
        let variance = self.sum(|g| {
            let slope = if positive(g) {
                g.share * (log(g) - theil) / mean
            } else {
                0.0
            };
            slope * slope * g.variance
        });
        Ok(Estimate::linear(theil, variance))
    }

    /// Returns the mean log deviation of the values over groups, 0 where all are equal.
    ///
    /// Misleads where a value is near zero: it grows without bound.
    ///
    /// # Formula
    /// Σ −sₖ ln ρₖ, ρ = r/r̄; variance by the delta method with ∂/∂rₖ = sₖ(1 − 1/ρₖ)/r̄.
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive, `zero_group` where a group's is not.
    ///
    /// # Source
    /// As [`theil`](Groups::theil).
    pub fn mean_log_deviation(&self) -> Calculated<Estimate> {
        let mean = self.positive_mean()?;
        if self.groups.iter().any(|g| g.value <= 0.0) {
            return Err(NotCalculable::ZeroGroup);
        }
        let deviation = self.sum(|g| -g.share * (g.value / mean).ln());
        let variance = self.sum(|g| (g.share * (1.0 - mean / g.value) / mean).powi(2) * g.variance);
        Ok(Estimate::linear(deviation, variance))
    }

    /// Returns the population attributable risk: the best group's value minus everyone's.
    ///
    /// Misleads by its name: nothing shows that other groups would have the best one's value.
    ///
    /// # Formula
    /// best − r̄; standard error that of the attributable fraction times r̄, for proportions.
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive.
    ///
    /// # Source
    /// WHO (2022), section 3; Walter, *Int. J. Epidemiol.* 7 (1978), 175.
    pub fn attributable_risk(&self, best: Best) -> Calculated<Estimate> {
        let fraction = self.attributable_fraction(best)?;
        let mean = self.positive_mean()?;
        Ok(Estimate::linear(
            fraction.estimate * mean,
            fraction.variance() * mean * mean,
        ))
    }

    /// Returns the population attributable fraction: the attributable risk relative to everyone's
    /// value; −0.3 means 30 % fewer events at the best group's rate.
    ///
    /// # Formula
    /// (best − r̄)/r̄; variance c N (a d (N − c) + b c²) / ((a + c)³(c + d)³), c and d the best group
    /// with and without the outcome, a and b everyone else. For proportions.
    ///
    /// # Errors
    /// `zero_baseline` where everyone's value is not positive.
    ///
    /// # Source
    /// Walter, *Int. J. Epidemiol.* 7 (1978), 175; as [`attributable_risk`](Groups::attributable_risk).
    pub fn attributable_fraction(&self, best: Best) -> Calculated<Estimate> {
        let mean = self.positive_mean()?;
        let mark = self.best(best).value;
        // Of groups tied for best the largest, whose value is the surest.
        let tied = self
            .groups
            .iter()
            .zip(&self.counts)
            .filter(|(g, _)| g.value == mark);
        let largest = tied.map(|(_, c)| *c).max_by(|a, b| a.1.total_cmp(&b.1));
        let (c, size) = largest.ok_or(NotCalculable::NoGroup)?;
        let (events, n) = self
            .counts
            .iter()
            .fold((0.0, 0.0), |s, c| (s.0 + c.0, s.1 + c.1));
        let (a, d) = (events - c, size - c);
        let b = n - size - a;
        let variance = c * n * (a * d * (n - c) + b * c * c) / (events.powi(3) * size.powi(3));
        Ok(Estimate::linear((mark - mean) / mean, variance))
    }
}
