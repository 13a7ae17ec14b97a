//! Small symmetric matrices: the normal equations of a regression on a handful of covariates.
//!
//! A dozen coefficients at most, so Cholesky on a flat vector does; a linear algebra crate would
//! be larger than the crate it serves.

use crate::estimate::{Calculated, NotCalculable};

/// A symmetric matrix, stored whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

/// Returns the sum of products of two vectors of one length.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

impl Symmetric {
    pub(crate) fn zero(size: usize) -> Self {
        Symmetric {
            size,
            cells: vec![0.0; size * size],
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.cells.chunks_exact(self.size.max(1))
    }

    /// Adds weight · z zᵀ.
    pub(crate) fn add_outer(&mut self, z: &[f64], weight: f64) {
        for (row, a) in self.cells.chunks_exact_mut(self.size.max(1)).zip(z) {
            for (cell, b) in row.iter_mut().zip(z) {
                *cell += weight * a * b;
            }
        }
    }

    /// Returns the matrix times a vector.
    pub(crate) fn times(&self, v: &[f64]) -> Vec<f64> {
        self.rows().map(|row| dot(row, v)).collect()
    }

    /// Returns uᵀ M u.
    pub(crate) fn quadratic(&self, u: &[f64]) -> f64 {
        dot(u, &self.times(u))
    }

    /// Returns the inverse of a positive definite matrix.
    ///
    /// # Errors
    /// `no_variation` where a column is (nearly) a combination of the others.
    pub(crate) fn inverse(&self) -> Calculated<Symmetric> {
        let n = self.size;
        let at = |i: usize, j: usize| i * n + j;
        // Scaled to a unit diagonal, so that the tolerance does not depend on units.
        let scale: Vec<f64> = (0..n).map(|i| self.cells[at(i, i)].sqrt()).collect();
        if scale.iter().any(|s| !s.is_finite() || *s <= 0.0) {
            return Err(NotCalculable::NoVariation);
        }
        let mut l = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let inner: f64 = (0..j).map(|k| l[at(i, k)] * l[at(j, k)]).sum();
                let rest = self.cells[at(i, j)] / scale[i] / scale[j] - inner;
                if i == j {
                    // A squared multiple correlation above 1 − 10⁻¹⁰ leaves no digits to report.
                    if rest < 1e-10 {
                        return Err(NotCalculable::NoVariation);
                    }
                    l[at(i, i)] = rest.sqrt();
                } else {
                    l[at(i, j)] = rest / l[at(j, j)];
                }
            }
        }
        let mut inverse = Symmetric::zero(n);
        for column in 0..n {
            let mut x = vec![0.0; n];
            for i in 0..n {
                let inner: f64 = (0..i).map(|k| l[at(i, k)] * x[k]).sum();
                x[i] = (f64::from(u8::from(i == column)) - inner) / l[at(i, i)];
            }
            for i in (0..n).rev() {
                let inner: f64 = (i + 1..n).map(|k| l[at(k, i)] * x[k]).sum();
                x[i] = (x[i] - inner) / l[at(i, i)];
            }
            for i in 0..n {
                inverse.cells[at(i, column)] = x[i] / scale[i] / scale[column];
            }
        }
        Ok(inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes_and_a_collinear_column_is_refused() {
        let mut m = Symmetric::zero(2);
        m.add_outer(&[1.0, 2.0], 3.0);
        m.add_outer(&[1.0, -1.0], 2.0);
        let back = m.inverse().unwrap().times(&m.times(&[0.5, -4.0]));
        assert!((back[0] - 0.5).abs() < 1e-14 && (back[1] + 4.0).abs() < 1e-14);
        let mut flat = Symmetric::zero(2);
        flat.add_outer(&[1.0, 2.0], 3.0);
        assert_eq!(flat.inverse().unwrap_err(), NotCalculable::NoVariation);
    }
}
