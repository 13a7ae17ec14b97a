//! Bounds of a sum of non-negative numbers under linear equations: a dense simplex.
//!
//! Problems are one component of a publication, a few dozen unknowns with coefficients 0 and 1, so
//! a table of floats with Bland's rule (which cannot cycle) is exact enough and needs no library.

const EPSILON: f64 = 1e-9;

/// Equations A y = b over y ≥ 0, brought to a feasible basis once and then asked many times.
#[derive(Debug, Clone)]
pub(super) struct Simplex {
    /// One row an equation: coefficients, then the right side.
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
    unknowns: usize,
}

impl Simplex {
    /// Returns the feasible table, or nothing where no y ≥ 0 meets the equations.
    ///
    /// # Source
    /// Two-phase simplex with Bland's rule: Bland (1977), Mathematics of Operations Research 2,
    /// 103–107.
    pub(super) fn new(unknowns: usize, equations: &[(Vec<(usize, f64)>, f64)]) -> Option<Self> {
        let count = equations.len();
        let width = unknowns + count + 1;
        let mut rows = Vec::with_capacity(count);
        for (number, (terms, right)) in equations.iter().enumerate() {
            let sign = if *right < 0.0 { -1.0 } else { 1.0 };
            let mut row = vec![0.0; width];
            for (unknown, factor) in terms {
                *row.get_mut(*unknown)? += sign * factor;
            }
            *row.get_mut(unknowns + number)? = 1.0;
            *row.last_mut()? = sign * right;
            rows.push(row);
        }
        let mut table = Simplex {
            rows,
            basis: (unknowns..unknowns + count).collect(),
            unknowns,
        };
        let mut cost = vec![0.0; width];
        for slot in cost.iter_mut().skip(unknowns).take(count) {
            *slot = -1.0;
        }
        let left = table.best(&cost, unknowns + count)?;
        if left < -1e-6 {
            return None;
        }
        table.leave_artificial();
        Some(table)
    }

    /// Drives artificial unknowns out of the basis; equations that say nothing new go.
    fn leave_artificial(&mut self) {
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis.get(row).is_some_and(|b| *b >= self.unknowns) {
                let entries = self.rows.get(row).map_or(&[][..], Vec::as_slice);
                let column = entries
                    .iter()
                    .take(self.unknowns)
                    .position(|v| v.abs() > 1e-7);
                match column {
                    Some(column) => self.pivot(row, column),
                    None => {
                        self.rows.remove(row);
                        self.basis.remove(row);
                        continue;
                    }
                }
            }
            row += 1;
        }
        for row in &mut self.rows {
            let right = row.last().copied().unwrap_or(0.0);
            row.truncate(self.unknowns);
            row.push(right);
        }
    }

    fn pivot(&mut self, at: usize, column: usize) {
        let Some(mut row) = self.rows.get(at).cloned() else {
            return;
        };
        let factor = row.get(column).copied().unwrap_or(1.0);
        for value in &mut row {
            *value /= factor;
        }
        for (number, other) in self.rows.iter_mut().enumerate() {
            let times = other.get(column).copied().unwrap_or(0.0);
            if number == at || times.abs() < 1e-12 {
                continue;
            }
            for (value, by) in other.iter_mut().zip(&row) {
                *value -= times * by;
            }
        }
        if let Some(slot) = self.rows.get_mut(at) {
            *slot = row;
        }
        if let Some(slot) = self.basis.get_mut(at) {
            *slot = column;
        }
    }

    /// Maximises in place; infinity where there is no bound, nothing where it does not settle.
    fn best(&mut self, cost: &[f64], columns: usize) -> Option<f64> {
        for _ in 0..20_000 {
            let price = |column: usize| {
                let basic = self.rows.iter().zip(&self.basis).map(|(row, basic)| {
                    row.get(column).copied().unwrap_or(0.0)
                        * cost.get(*basic).copied().unwrap_or(0.0)
                });
                cost.get(column).copied().unwrap_or(0.0) - basic.sum::<f64>()
            };
            let Some(column) = (0..columns).find(|c| price(*c) > EPSILON) else {
                let value = self.rows.iter().zip(&self.basis).map(|(row, basic)| {
                    row.last().copied().unwrap_or(0.0) * cost.get(*basic).copied().unwrap_or(0.0)
                });
                return Some(value.sum());
            };
            let mut leaving: Option<(usize, f64, usize)> = None;
            for (number, (row, basic)) in self.rows.iter().zip(&self.basis).enumerate() {
                let factor = row.get(column).copied().unwrap_or(0.0);
                if factor > EPSILON {
                    let ratio = row.last().copied().unwrap_or(0.0) / factor;
                    let better = leaving.is_none_or(|(_, least, known)| {
                        ratio < least - 1e-12 || ratio < least + 1e-12 && *basic < known
                    });
                    if better {
                        leaving = Some((number, ratio, *basic));
                    }
                }
            }
            match leaving {
                Some((row, _, _)) => self.pivot(row, column),
                None => return Some(f64::INFINITY),
            }
        }
        None
    }

    /// Returns the least and greatest whole value of a sum of unknowns.
    pub(super) fn bounds(&self, target: &[(usize, f64)]) -> Option<(f64, f64)> {
        let end = |sign: f64| {
            let mut cost = vec![0.0; self.unknowns + 1];
            for (unknown, factor) in target {
                if let Some(slot) = cost.get_mut(*unknown) {
                    *slot += sign * factor;
                }
            }
            let mut table = self.clone();
            table.best(&cost, self.unknowns).map(|value| sign * value)
        };
        let (upper, lower) = (end(1.0)?, end(-1.0)?);
        Some(((lower - 1e-6).ceil(), (upper + 1e-6).floor()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_unknowns_of_known_sum_range_over_all_of_it() {
        let table = Simplex::new(2, &[(vec![(0, 1.0), (1, 1.0)], 7.0)]).unwrap();
        assert_eq!(table.bounds(&[(0, 1.0)]), Some((0.0, 7.0)));
        assert_eq!(table.bounds(&[(0, 1.0), (1, 1.0)]), Some((7.0, 7.0)));
    }

    #[test]
    fn a_two_way_table_gives_a_cell_away() {
        // Rows add to 3 and 4, columns to 3 and 4, and one cell is known to be 0.
        let one = |a, b| vec![(a, 1.0), (b, 1.0)];
        let equations = [
            (one(0, 1), 3.0),
            (one(2, 3), 4.0),
            (one(0, 2), 3.0),
            (one(1, 3), 4.0),
            (vec![(1, 1.0)], 0.0),
        ];
        let table = Simplex::new(4, &equations).unwrap();
        assert_eq!(table.bounds(&[(0, 1.0)]), Some((3.0, 3.0)));
        assert_eq!(table.bounds(&[(3, 1.0)]), Some((4.0, 4.0)));
    }

    #[test]
    fn no_solution_and_no_bound_are_told_apart() {
        assert!(Simplex::new(1, &[(vec![(0, 1.0)], -1.0)]).is_none());
        let free = Simplex::new(2, &[(vec![(0, 1.0)], 1.0)]).unwrap();
        assert_eq!(free.bounds(&[(1, 1.0)]), Some((0.0, f64::INFINITY)));
    }
}
