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

    /// Returns Cᵀ M C, C given by its columns.
    pub(crate) fn congruent(m: &Symmetric, columns: &[Vec<f64>]) -> Self {
        let moved: Vec<Vec<f64>> = columns.iter().map(|c| m.times(c)).collect();
        let cells = columns
            .iter()
            .flat_map(|a| moved.iter().map(|b| dot(a, b)))
            .collect();
        Symmetric {
            size: columns.len(),
            cells,
        }
    }

    /// Returns the sum of the squares of all cells.
    pub(crate) fn squares(&self) -> f64 {
        dot(&self.cells, &self.cells)
    }

    /// Returns the lower triangle L with L Lᵀ = M, by rows, of a positive definite matrix.
    ///
    /// # Errors
    /// `no_variation` where a column is (nearly) a combination of the others.
    pub(crate) fn root(&self) -> Calculated<Vec<Vec<f64>>> {
        let mut lower: Vec<Vec<f64>> = Vec::with_capacity(self.size);
        for (i, row) in self.rows().enumerate() {
            let mut next = Vec::with_capacity(self.size);
            for (cell, above) in row.iter().zip(&lower) {
                let rest = cell - dot(&next, above);
                next.push(above.get(next.len()).map_or(f64::NAN, |pivot| rest / pivot));
            }
            let own = row.get(i).copied().unwrap_or(f64::NAN);
            let pivot = own - dot(&next, &next);
            // A squared multiple correlation above 1 − 10⁻¹⁰ leaves no digits to report.
            if pivot.is_nan() || pivot <= 1e-10 * own {
                return Err(NotCalculable::NoVariation);
            }
            next.push(pivot.sqrt());
            lower.push(next);
        }
        Ok(lower)
    }

    /// Returns the inverse of a positive definite matrix.
    ///
    /// # Errors
    /// As [`root`](Symmetric::root).
    pub(crate) fn inverse(&self) -> Calculated<Symmetric> {
        let lower = self.root()?;
        let mut inverse = Symmetric::zero(self.size);
        for column in 0..self.size {
            // L y = e, then Lᵀ x = y, whose x is a column of the inverse.
            let mut x: Vec<f64> = Vec::with_capacity(self.size);
            for (i, row) in lower.iter().enumerate() {
                let unit = f64::from(u8::from(i == column));
                let pivot = row.last().copied().unwrap_or(f64::NAN);
                x.push((unit - dot(row, &x)) / pivot);
            }
            for (i, row) in lower.iter().enumerate().rev() {
                let Some((pivot, left)) = row.split_last() else {
                    continue;
                };
                let Some((solved, before)) = x.get_mut(..=i).and_then(|x| x.split_last_mut())
                else {
                    continue;
                };
                *solved /= pivot;
                for (value, factor) in before.iter_mut().zip(left) {
                    *value -= factor * *solved;
                }
            }
            for (row, value) in inverse.cells.chunks_exact_mut(self.size).zip(&x) {
                if let Some(cell) = row.get_mut(column) {
                    *cell = *value;
                }
            }
        }
        Ok(inverse)
    }

    /// Returns f(M) v, f applied to the eigenvalues, by Jacobi's rotations.
    pub(crate) fn function(&self, f: impl Fn(f64) -> f64, v: &[f64]) -> Vec<f64> {
        let n = self.size;
        let at = |i: usize, j: usize| i * n + j;
        let mut a = self.cells.clone();
        let mut q = vec![0.0; n * n];
        for i in 0..n {
            q[at(i, i)] = 1.0;
        }
        // Convergence is quadratic; a dozen sweeps settle any matrix of this size.
        for _ in 0..30 {
            for (i, j) in (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))) {
                if a[at(i, j)] == 0.0 {
                    continue;
                }
                let theta = (a[at(j, j)] - a[at(i, i)]) / (2.0 * a[at(i, j)]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let cosine = 1.0 / t.hypot(1.0);
                let sine = t * cosine;
                let turn = |m: &mut [f64], x: usize, y: usize| {
                    (m[x], m[y]) = (cosine * m[x] - sine * m[y], sine * m[x] + cosine * m[y]);
                };
                for k in 0..n {
                    turn(&mut a, at(k, i), at(k, j));
                }
                for k in 0..n {
                    turn(&mut a, at(i, k), at(j, k));
                    turn(&mut q, at(k, i), at(k, j));
                }
            }
        }
        let mut result = vec![0.0; n];
        for k in 0..n {
            let along: f64 = (0..n).map(|i| q[at(i, k)] * v[i]).sum();
            let scaled = f(a[at(k, k)]) * along;
            for i in 0..n {
                result[i] += q[at(i, k)] * scaled;
            }
        }
        result
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

    #[test]
    fn a_function_of_eigenvalues() {
        let mut m = Symmetric::zero(3);
        for z in [[1.0, 2.0, 0.5], [0.0, 1.0, -1.0], [3.0, 0.1, 0.2]] {
            m.add_outer(&z, 1.0);
        }
        let v = [0.3, -1.0, 2.0];
        let half = m.function(f64::sqrt, &v);
        let whole = m.function(f64::sqrt, &half);
        for (got, want) in whole.iter().zip(m.times(&v)) {
            assert!((got - want).abs() < 1e-12, "{got} {want}");
        }
    }
}
