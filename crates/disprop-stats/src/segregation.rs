//! How unevenly a group is spread over schools.
//!
//! Uneven spread is where a between-school part of a gap can come from. Every index here depends on
//! the schools' sizes: with few pupils of a group, chance alone spreads them unevenly, so small
//! groups look segregated. Compare areas and years only at similar numbers.

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, NotCalculable};

/// Pupils of each group in each school.
///
/// # Example: two schools, two groups
/// ```
/// use disprop_stats::segregation::Schools;
/// let schools = Schools::new(&[vec![50, 0], vec![0, 70]])?;
/// assert_eq!(schools.dissimilarity(0)?, 1.0);
/// assert!((schools.theil()? - 1.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schools {
    /// Rows are schools, columns groups.
    counts: Vec<Vec<f64>>,
    groups: Vec<f64>,
    total: f64,
}

impl Schools {
    /// Returns the table of pupils, one row a school, one column a group.
    ///
    /// # Errors
    /// `no_group` where nobody is in it; `no_counterpart` where rows differ in length;
    /// `group_exceeds_total` for a negative count.
    pub fn new(counts: &[Vec<i64>]) -> Calculated<Self> {
        let width = counts.first().map_or(0, Vec::len);
        if counts.iter().any(|row| row.len() != width) {
            return Err(NotCalculable::NoCounterpart);
        }
        if counts.iter().flatten().any(|n| *n < 0) {
            return Err(NotCalculable::GroupExceedsTotal);
        }
        let counts: Vec<Vec<f64>> = counts
            .iter()
            .map(|row| row.iter().map(|n| *n as f64).collect())
            .collect();
        let mut groups = vec![0.0; width];
        for row in &counts {
            for (sum, n) in groups.iter_mut().zip(row) {
                *sum += n;
            }
        }
        let total: f64 = groups.iter().sum();
        if total <= 0.0 {
            return Err(NotCalculable::NoGroup);
        }
        Ok(Schools {
            counts,
            groups,
            total,
        })
    }

    /// One group's and everyone else's pupils by school, as shares of all of theirs.
    fn against_others(&self, group: usize) -> Calculated<Vec<(f64, f64)>> {
        let all = *self.groups.get(group).ok_or(NotCalculable::NoGroup)?;
        let others = self.total - all;
        if all <= 0.0 {
            return Err(NotCalculable::NoGroup);
        }
        if others <= 0.0 {
            return Err(NotCalculable::NoBaseline);
        }
        let shares = self.counts.iter().filter_map(|row| {
            let n = row.get(group)?;
            Some((n / all, (row.iter().sum::<f64>() - n) / others))
        });
        Ok(shares.collect())
    }

    /// Returns the dissimilarity D of a group from all others: 0 even, 1 apart.
    ///
    /// It is the share of the group that would have to change school for an even spread, were
    /// nobody else to move. It ignores which schools are near each other.
    ///
    /// # Formula
    /// ½ Σⱼ |gⱼ/G − oⱼ/O|.
    ///
    /// # Errors
    /// `no_group`, `no_baseline`.
    ///
    /// # Source
    /// Duncan and Duncan, *Am. Sociol. Rev.* 20 (1955), 210.
    pub fn dissimilarity(&self, group: usize) -> Calculated<f64> {
        let shares = self.against_others(group)?;
        Ok(shares.iter().map(|(g, o)| (g - o).abs()).sum::<f64>() / 2.0)
    }

    /// Returns the mean dissimilarity of the group were its pupils drawn at random for the places in
    /// the schools: what small numbers alone do.
    ///
    /// (D − this)/(1 − this) is the dissimilarity beyond chance.
    ///
    /// # Formula
    /// N/(2 G O) Σⱼ E|Xⱼ − nⱼG/N|, Xⱼ hypergeometric: nⱼ drawn of N pupils, G of the group.
    ///
    /// # Errors
    /// As [`dissimilarity`](Schools::dissimilarity).
    ///
    /// # Source
    /// Carrington and Troske, *J. Bus. Econ. Stat.* 15 (1997), 402, with the exact distribution.
    ///
    /// # Example: two places in each of two schools, two pupils of the group
    /// ```
    /// use disprop_stats::segregation::Schools;
    /// let schools = Schools::new(&[vec![1, 1], vec![1, 1]])?;
    /// // Apart in 2 of 6 draws, even in 4.
    /// assert!((schools.dissimilarity_by_chance(0)? - 1.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), disprop_stats::NotCalculable>(())
    /// ```
    pub fn dissimilarity_by_chance(&self, group: usize) -> Calculated<f64> {
        self.against_others(group)?;
        let all = self.groups.get(group).copied().unwrap_or(0.0);
        let others = self.total - all;
        let mut sum = 0.0;
        for row in &self.counts {
            sum += hypergeometric_deviation(self.total, all, row.iter().sum());
        }
        Ok(self.total / (2.0 * all * others) * sum)
    }

    /// Returns the mutual information M between school and group, in nats.
    ///
    /// It can be split over schools and groups, but grows with the number of groups.
    ///
    /// # Formula
    /// Σⱼₖ pⱼₖ ln(pⱼₖ / (pⱼ pₖ)).
    ///
    /// # Errors
    /// None for a table that exists.
    ///
    /// # Source
    /// Theil and Finizza, *J. Math. Sociol.* 1 (1971); Mora and Ruiz-Castillo, *Sociol. Methodol.*
    /// 41 (2011), eq. 1.
    pub fn mutual_information(&self) -> Calculated<f64> {
        let mut sum = 0.0;
        for row in &self.counts {
            let school: f64 = row.iter().sum();
            for (n, group) in row.iter().zip(&self.groups).filter(|(n, _)| **n > 0.0) {
                sum += n / self.total * (n * self.total / (school * group)).ln();
            }
        }
        Ok(sum)
    }

    /// Returns Theil's H: the mutual information over the entropy of the groups, 0–1.
    ///
    /// # Formula
    /// M / E, E = −Σ pₖ ln pₖ.
    ///
    /// # Errors
    /// `no_variation` where there is one group only.
    ///
    /// # Source
    /// Theil and Finizza (1971); Reardon and Firebaugh, *Sociol. Methodol.* 32 (2002), eq. 10.
    pub fn theil(&self) -> Calculated<f64> {
        let shares = self
            .groups
            .iter()
            .map(|n| n / self.total)
            .filter(|p| *p > 0.0);
        let entropy: f64 = shares.map(|p| -p * p.ln()).sum();
        if entropy <= 0.0 {
            return Err(NotCalculable::NoVariation);
        }
        Ok(self.mutual_information()? / entropy)
    }

    /// Returns the share of group `to` in the school of an average pupil of group `from`.
    ///
    /// `exposure(g, g)` is the isolation of g. It rises with the group's size, segregated or not.
    ///
    /// # Formula
    /// Σⱼ (fⱼ/F)(tⱼ/nⱼ).
    ///
    /// # Errors
    /// `no_group` where `from` has nobody or either group does not exist.
    ///
    /// # Source
    /// Bell, *Social Forces* 32 (1954), 357; Massey and Denton, *Social Forces* 67 (1988), eq. 7–8.
    pub fn exposure(&self, from: usize, to: usize) -> Calculated<f64> {
        let all = *self.groups.get(from).ok_or(NotCalculable::NoGroup)?;
        if all <= 0.0 || to >= self.groups.len() {
            return Err(NotCalculable::NoGroup);
        }
        let terms = self.counts.iter().filter_map(|row| {
            let (f, t) = (row.get(from)?, row.get(to)?);
            (*f > 0.0).then(|| f / all * t / row.iter().sum::<f64>())
        });
        Ok(terms.sum())
    }

    /// Returns the isolation of a group: its share in the school of its average pupil.
    ///
    /// # Errors
    /// `no_group`.
    ///
    /// # Source
    /// As [`exposure`](Schools::exposure).
    pub fn isolation(&self, group: usize) -> Calculated<f64> {
        self.exposure(group, group)
    }
}

/// E|X − EX| of a hypergeometric X: `drawn` of `total`, `marked` of them marked.
///
/// Sums down and up from the mode by the ratio of neighbours, which needs no factorials and loses
/// nothing to cancellation.
fn hypergeometric_deviation(total: f64, marked: f64, drawn: f64) -> f64 {
    let low = (marked + drawn - total).max(0.0);
    let high = marked.min(drawn);
    let mode = ((drawn + 1.0) * (marked + 1.0) / (total + 2.0))
        .floor()
        .clamp(low, high);
    let mean = drawn * marked / total;
    // P(x + 1) / P(x).
    let ratio =
        |x: f64| (marked - x) * (drawn - x) / ((x + 1.0) * (total - marked - drawn + x + 1.0));
    let (mut weight, mut sum) = (1.0, (mode - mean).abs());
    let mut term = 1.0;
    let mut x = mode;
    while x < high && term > 1e-18 {
        term *= ratio(x);
        x += 1.0;
        weight += term;
        sum += term * (x - mean).abs();
    }
    (term, x) = (1.0, mode);
    while x > low && term > 1e-18 {
        x -= 1.0;
        term /= ratio(x);
        weight += term;
        sum += term * (x - mean).abs();
    }
    sum / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_none() {
        assert_eq!(Schools::new(&[]), Err(NotCalculable::NoGroup));
        assert_eq!(Schools::new(&[vec![0, 0]]), Err(NotCalculable::NoGroup));
        assert_eq!(
            Schools::new(&[vec![1], vec![1, 2]]),
            Err(NotCalculable::NoCounterpart)
        );
        assert_eq!(
            Schools::new(&[vec![-1, 2]]),
            Err(NotCalculable::GroupExceedsTotal)
        );
    }

    #[test]
    fn chance_agrees_with_every_draw_counted() {
        // Five places in schools of 2, 2 and 1; two pupils of the group; 10 draws.
        let places = [0, 0, 1, 1, 2];
        let (mut sum, mut draws) = (0.0, 0.0);
        for a in 0..5 {
            for b in a + 1..5 {
                let mut rows = vec![vec![0, 2], vec![0, 2], vec![0, 1]];
                for place in [a, b] {
                    rows[places[place]][0] += 1;
                    rows[places[place]][1] -= 1;
                }
                sum += Schools::new(&rows).unwrap().dissimilarity(0).unwrap();
                draws += 1.0;
            }
        }
        let one = Schools::new(&[vec![2, 0], vec![0, 2], vec![0, 1]]).unwrap();
        assert!((one.dissimilarity_by_chance(0).unwrap() - sum / draws).abs() < 1e-12);
        // Large schools: next to nothing is left to chance.
        let large = Schools::new(&[vec![50_000, 50_000], vec![50_000, 50_000]]).unwrap();
        assert!(large.dissimilarity_by_chance(0).unwrap() < 0.003);
    }

    #[test]
    fn one_group_is_not_segregated_from_anybody() {
        let one = Schools::new(&[vec![3, 0], vec![4, 0]]).unwrap();
        assert_eq!(one.dissimilarity(0), Err(NotCalculable::NoBaseline));
        assert_eq!(one.dissimilarity(1), Err(NotCalculable::NoGroup));
        assert_eq!(one.dissimilarity(2), Err(NotCalculable::NoGroup));
        assert_eq!(one.theil(), Err(NotCalculable::NoVariation));
        assert_eq!(one.isolation(0), Ok(1.0));
    }
}
