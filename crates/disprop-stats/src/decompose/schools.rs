//! A gap within schools and between them.

use serde::{Deserialize, Serialize};

use crate::cluster::{self, Clustering, School};
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::stratum::{Stratum, total};
use crate::wald::{Estimate, Scale};

/// A gap split over schools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schools {
    /// The crude gap, group minus baseline.
    pub gap: f64,
    /// Part that arises inside schools: the group differs from others in the same school.
    pub within: f64,
    /// Part that arises between schools: the group attends schools where everyone's value differs.
    pub between: f64,
    /// `within` with a clustered error, or why there is none.
    pub within_estimate: Calculated<Estimate>,
    /// `between` with a clustered error, or why there is none.
    pub between_estimate: Calculated<Estimate>,
    /// Each school's part, in the order given; they sum to `within` and `between`.
    pub schools: Vec<SchoolPart>,
}

/// What one school contributes to the gap of all schools together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SchoolPart {
    /// Its part of `within`.
    pub within: f64,
    /// Its part of `between`: positive where the group is over-represented in a school of high value
    /// or under-represented in one of low value.
    pub between: f64,
}

impl SchoolPart {
    /// Returns the school's contribution to the gap; over schools they sum to it.
    pub fn contribution(&self) -> f64 {
        self.within + self.between
    }
}

/// Returns the gap as a part within and a part between schools, with each school's contribution.
///
/// Defined also where a school has pupils of one side only: such a school adds to `between` alone.
/// A large within part does not single out schools; a large between part is no excuse for them.
///
/// # Formula
/// With r̄ⱼ everyone's value in school j, r̄ everyone's over all schools, s a side's shares:
/// betweenⱼ = (s₁ⱼ − s₀ⱼ)(r̄ⱼ − r̄), withinⱼ = s₁ⱼ(r₁ⱼ − r̄ⱼ) − s₀ⱼ(r₀ⱼ − r̄ⱼ). Errors: each part is
/// a difference of ratios of school sums, so the clustered variance of [`cluster::difference`]
/// applies.
///
/// # Units and shapes
/// One stratum a school, in any order; the result keeps it.
///
/// # Errors
/// `no_group`, `no_baseline`. The estimates carry `too_few_clusters` of their own.
///
/// # Source
/// Follows from adding and subtracting r̄ⱼ; compare Fryer and Levitt, *REStat* 86 (2004), 447.
///
/// # Example: the same inside every school
/// ```
/// use disprop_stats::{Proportion, decompose, stratum::Stratum};
/// let schools = [
///     Stratum::new(Proportion::new(8, 40), Proportion::new(2, 10)),
///     Stratum::new(Proportion::new(1, 10), Proportion::new(9, 90)),
/// ];
/// let parts = decompose::within_between(&schools, Default::default())?;
/// assert!(parts.within.abs() < 1e-15 && (parts.between - parts.gap).abs() < 1e-15);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn within_between<T: Fraction>(
    strata: &[Stratum<T>],
    clustering: Clustering,
) -> Calculated<Schools> {
    let everyone = total(strata).map_err(|_| NotCalculable::Overflow)?;
    let gap = crate::standardise::crude_gap(&everyone)?;
    let centre = everyone
        .everyone()
        .map_err(|_| NotCalculable::Overflow)?
        .value()?;
    let (d1, d0) = (
        everyone.group.denominator(),
        everyone.baseline.denominator(),
    );
    let schools = cluster::schools(strata);
    let common = |s: &School| (s.x1 + s.x0) / (s.d1 + s.d0);
    let parts: Vec<SchoolPart> = strata
        .iter()
        .map(School::new)
        .map(|s| {
            // An empty school has no value and no part.
            let r = if s.d1 + s.d0 > 0.0 {
                common(&s)
            } else {
                centre
            };
            SchoolPart {
                within: (s.x1 - r * s.d1) / d1 - (s.x0 - r * s.d0) / d0,
                between: (s.d1 / d1 - s.d0 / d0) * (r - centre),
            }
        })
        .collect();
    let between: f64 = parts.iter().map(|p| p.between).sum();
    let side = |value: &dyn Fn(&School) -> (f64, f64)| {
        let moved: Vec<School> = schools
            .iter()
            .filter(|s| s.d1 + s.d0 > 0.0)
            .map(|s| {
                let (x1, x0) = value(s);
                School { x1, x0, ..*s }
            })
            .collect();
        cluster::contrast(&moved, clustering, Scale::Linear)
    };
    Ok(Schools {
        gap,
        within: gap - between,
        between,
        within_estimate: side(&|s| (s.x1 - common(s) * s.d1, s.x0 - common(s) * s.d0)),
        between_estimate: side(&|s| (common(s) * s.d1, common(s) * s.d0)),
        schools: parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    #[test]
    fn a_one_sided_school_is_all_between() {
        let schools = [
            Stratum::new(Proportion::new(1, 4), Proportion::default()),
            Stratum::new(Proportion::default(), Proportion::new(3, 6)),
            Stratum::default(),
        ];
        let parts = within_between(&schools, Clustering::default()).unwrap();
        assert_eq!(parts.schools.len(), 3);
        assert!(parts.within.abs() < 1e-15 && (parts.between + 0.25).abs() < 1e-15);
        assert_eq!(parts.within_estimate, Err(NotCalculable::TooFewClusters));
        let sum: f64 = parts.schools.iter().map(SchoolPart::contribution).sum();
        assert!((sum - parts.gap).abs() < 1e-15);
    }
}
