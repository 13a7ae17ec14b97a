//! Strata with the school behind each of their cells, and what leaving a school out does to a figure.

use disprop_stats::cluster::Clustering;
use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::{Estimate, Scale};
use disprop_stats::{Calculated, NotCalculable};

use super::{merged, minus};

/// Strata of one group in one place.
pub(crate) struct Layered<T> {
    /// Strata with all schools together, in order of their keys.
    pub(crate) strata: Vec<Stratum<T>>,
    pub(crate) keys: Vec<Vec<u32>>,
    /// Cells of stratum and school, with the number of their stratum.
    pub(crate) cells: Vec<Stratum<T>>,
    pub(crate) stratum: Vec<usize>,
    /// The school of every cell, numbered from 0; none where schools are no clusters.
    pub(crate) school: Option<Vec<usize>>,
    /// Every school's two sides; empty where schools are no clusters.
    pub(crate) schools: Vec<Stratum<T>>,
}

impl<T: Fraction> Layered<T> {
    /// Layers cells whose keys are the strata's own numbers, the school's behind them where schools
    /// are clusters.
    ///
    /// # Errors
    /// `overflow`.
    pub(crate) fn new(
        keys: &[Vec<u32>],
        cells: Vec<Stratum<T>>,
        dimensions: usize,
        by_school: bool,
    ) -> Calculated<Self> {
        let (strata_keys, strata) = merged(keys, &cells, 0..dimensions)?;
        let of = |key: &Vec<u32>| {
            let own = key.get(..dimensions).unwrap_or_default();
            strata_keys.partition_point(|known| known.as_slice() < own)
        };
        let stratum = keys.iter().map(of).collect();
        let mut layered = Layered {
            strata,
            keys: strata_keys,
            cells,
            stratum,
            school: None,
            schools: Vec::new(),
        };
        if by_school {
            let (known, schools) = merged(keys, &layered.cells, dimensions..dimensions + 1)?;
            let of = |key: &Vec<u32>| {
                let last = key.get(dimensions..).unwrap_or_default();
                known.partition_point(|k| k.as_slice() < last)
            };
            layered.school = Some(keys.iter().map(of).collect());
            layered.schools = schools;
        }
        Ok(layered)
    }

    /// Refuses where either side sits in too few schools.
    ///
    /// # Errors
    /// `too_few_clusters`.
    pub(crate) fn enough_schools(&self) -> Calculated<()> {
        let held = |side: fn(&Stratum<T>) -> &T| {
            let schools = self.schools.iter();
            schools.filter(|s| !side(s).is_empty()).count()
        };
        match held(|s| &s.group).min(held(|s| &s.baseline)) < Clustering::MINIMUM {
            true => Err(NotCalculable::TooFewClusters),
            false => Ok(()),
        }
    }

    /// Calls with the strata as they are without each school that has anybody.
    ///
    /// # Errors
    /// `too_few_clusters`, `overflow`.
    pub(crate) fn leave_one_out<R>(&self, call: impl Fn(&[Stratum<T>]) -> R) -> Calculated<Vec<R>> {
        self.enough_schools()?;
        let mut of_school: Vec<Vec<usize>> = vec![Vec::new(); self.schools.len()];
        for (cell, school) in self.school.iter().flatten().enumerate() {
            if let Some(cells) = of_school.get_mut(*school) {
                cells.push(cell);
            }
        }
        let mut found = Vec::with_capacity(self.schools.len());
        for (cells, sides) in of_school.iter().zip(&self.schools) {
            if sides.group.is_empty() && sides.baseline.is_empty() {
                continue;
            }
            let mut strata = self.strata.clone();
            for cell in cells {
                let own = self.cells.get(*cell).zip(self.stratum.get(*cell));
                let slot = own.and_then(|(own, stratum)| Some((own, strata.get_mut(*stratum)?)));
                if let Some((own, slot)) = slot {
                    *slot = minus(slot, own)?;
                }
            }
            found.push(call(&strata));
        }
        Ok(found)
    }
}

/// Returns (m − 1)/m Σ(θ₍ᵢ₎ − θ)², on the logarithm for ratios, with m − 1 degrees of freedom.
///
/// # Errors
/// `zero_group` where a ratio is not positive.
pub(crate) fn jackknife(whole: f64, replicates: &[f64], scale: Scale) -> Calculated<Estimate> {
    let m = replicates.len() as f64;
    let at = |value: f64| match scale {
        Scale::Linear => Ok(value),
        Scale::Log if value > 0.0 => Ok(value.ln()),
        Scale::Log => Err(NotCalculable::ZeroGroup),
    };
    let centre = at(whole)?;
    let mut squares = 0.0;
    for replicate in replicates {
        squares += (at(*replicate)? - centre).powi(2);
    }
    let estimate = Estimate {
        scale,
        ..Estimate::linear(whole, (m - 1.0) / m * squares)
    };
    Ok(estimate.with_degrees(m - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use disprop_stats::Proportion;

    #[test]
    fn leaving_out_schools_of_one_stratum_each_is_the_jackknife_of_a_mean() {
        let estimate = jackknife(2.0, &[1.5, 2.5, 2.0, 2.0], Scale::Linear).unwrap();
        assert!((estimate.variance() - 0.75 * 0.5).abs() < 1e-15);
        assert_eq!(estimate.degrees, Some(3.0));
        assert!(jackknife(2.0, &[0.0, 2.5], Scale::Log).is_err());
    }

    #[test]
    fn strata_without_each_school_in_turn() {
        let keys: Vec<Vec<u32>> = (0..6).flat_map(|s| [vec![0, s], vec![1, s]]).collect();
        let cells = keys
            .iter()
            .map(|key| {
                Stratum::new(
                    Proportion::new(1, 2 + i64::from(key[0])),
                    Proportion::new(1, 9),
                )
            })
            .collect();
        let layered = Layered::new(&keys, cells, 1, true).unwrap();
        let without = layered.leave_one_out(<[_]>::to_vec).unwrap();
        assert_eq!(without.len(), 6);
        assert_eq!(layered.strata[1].group, Proportion::new(6, 18));
        assert_eq!(without[3][1].group, Proportion::new(5, 15));
        let few = Layered::new(&keys[..4], layered.cells[..4].to_vec(), 1, true).unwrap();
        let refused = few.leave_one_out(|_| ()).unwrap_err();
        assert_eq!(refused, NotCalculable::TooFewClusters);
    }
}
