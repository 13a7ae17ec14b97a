//! Bounds of a sum of non-negative numbers under linear equations: a dense simplex.
//!
//! Problems are one component of a publication, a few dozen unknowns with coefficients of one, so
//! a table of floats is exact enough and needs no library. Every end comes with the table that
//! reaches it, so that one made of whole numbers is told from one that is not.

const EPSILON: f64 = 1e-9;

/// Steps without gain after which Bland's rule takes over, which cannot cycle.
const PATIENCE: usize = 60;

/// Equations A y = b over y ≥ 0, brought to a feasible basis once and then asked many times.
#[derive(Debug, Clone)]
pub(super) struct Simplex {
    /// Rows of `width` numbers: coefficients, then the right side; the last row is the price.
    cells: Vec<f64>,
    basis: Vec<usize>,
    unknowns: usize,
}

/// The ends of a sum, and whether whole numbers reach both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ends {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) whole: bool,
}

impl Simplex {
    /// Returns the feasible table, or nothing where no y ≥ 0 meets the equations.
    ///
    /// # Source
    /// Two-phase simplex, largest price first, with Bland's rule where that stalls: Bland (1977),
    /// Mathematics of Operations Research 2, 103–107.
    pub(super) fn new(unknowns: usize, equations: &[(Vec<(usize, f64)>, f64)]) -> Option<Self> {
        let width = unknowns + 1;
        let mut cells = vec![0.0; (equations.len() + 1) * width];
        let (rows, price) = cells.split_at_mut(equations.len() * width);
        for ((terms, right), row) in equations.iter().zip(rows.chunks_exact_mut(width)) {
            let sign = if *right < 0.0 { -1.0 } else { 1.0 };
            for (unknown, factor) in terms {
                *row.get_mut(*unknown)? += sign * factor;
            }
            *row.last_mut()? = sign * right;
            // What is left of the right sides is to be driven to zero.
            for (sum, value) in price.iter_mut().zip(row.iter()) {
                *sum += value;
            }
        }
        let mut table = Simplex {
            cells,
            basis: (unknowns..unknowns + equations.len()).collect(),
            unknowns,
        };
        table.climb()?;
        let left = table.cells.last().copied().unwrap_or(0.0);
        if left > 1e-6 {
            return None;
        }
        table.leave_artificial();
        Some(table)
    }

    fn width(&self) -> usize {
        self.unknowns + 1
    }

    fn row(&self, number: usize) -> &[f64] {
        let width = self.width();
        self.cells
            .get(number * width..(number + 1) * width)
            .unwrap_or_default()
    }

    /// Drives artificial unknowns out of the basis; equations that say nothing new go.
    fn leave_artificial(&mut self) {
        let mut number = 0;
        while number < self.basis.len() {
            if self.basis.get(number).is_some_and(|b| *b >= self.unknowns) {
                let entries = self.row(number).iter().take(self.unknowns);
                match entries.into_iter().position(|v| v.abs() > 1e-7) {
                    Some(column) => self.pivot(number, column),
                    None => {
                        let width = self.width();
                        self.cells.drain(number * width..(number + 1) * width);
                        self.basis.remove(number);
                        continue;
                    }
                }
            }
            number += 1;
        }
    }

    fn pivot(&mut self, at: usize, column: usize) {
        let width = self.width();
        let mut row = self.row(at).to_vec();
        let factor = row.get(column).copied().unwrap_or(1.0);
        for value in &mut row {
            *value /= factor;
        }
        for (number, other) in self.cells.chunks_exact_mut(width).enumerate() {
            let times = other.get(column).copied().unwrap_or(0.0);
            if number == at {
                other.copy_from_slice(&row);
            } else if times.abs() > 1e-12 {
                for (value, by) in other.iter_mut().zip(&row) {
                    *value -= times * by;
                }
            }
        }
        if let Some(slot) = self.basis.get_mut(at) {
            *slot = column;
        }
    }

    /// Maximises what the last row prices; false where there is no bound, nothing where it does
    /// not settle.
    fn climb(&mut self) -> Option<bool> {
        let mut stalled = 0;
        for _ in 0..20_000 {
            let price = self.row(self.basis.len());
            let priced = price.iter().take(self.unknowns).copied().enumerate();
            let mut gaining = priced.filter(|(_, p)| *p > EPSILON);
            let column = match stalled > PATIENCE {
                true => gaining.next(),
                false => gaining.reduce(|best, next| if next.1 > best.1 { next } else { best }),
            };
            let Some((column, _)) = column else {
                return Some(true);
            };
            let mut leaving: Option<(usize, f64, usize)> = None;
            for (number, basic) in self.basis.iter().enumerate() {
                let row = self.row(number);
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
                Some((row, gain, _)) => {
                    stalled = if gain > EPSILON { 0 } else { stalled + 1 };
                    self.pivot(row, column);
                }
                None => return Some(false),
            }
        }
        None
    }

    /// One end of a sum, and whether the table that reaches it is whole.
    fn end(&self, target: &[(usize, f64)], sign: f64) -> Option<(f64, bool)> {
        let mut table = self.clone();
        let (width, rows) = (table.width(), table.basis.len());
        let mut price = vec![0.0; width];
        for (unknown, factor) in target {
            *price.get_mut(*unknown)? += sign * factor;
        }
        for (number, basic) in self.basis.iter().enumerate() {
            let own = price.get(*basic).copied().unwrap_or(0.0);
            if own != 0.0 {
                for (value, by) in price.iter_mut().zip(self.row(number)) {
                    *value -= own * by;
                }
            }
        }
        table.cells.truncate(rows * width);
        table.cells.extend(price);
        if !table.climb()? {
            return Some((sign * f64::INFINITY, true));
        }
        let right = |number: usize| table.row(number).last().copied().unwrap_or(0.0);
        let value = -right(rows);
        let whole = (0..rows).all(|n| (right(n) - right(n).round()).abs() < 1e-6);
        Some((sign * value, whole))
    }

    /// Returns the least and greatest whole value of a sum of unknowns: of the first terms for the
    /// lower end, of the second for the upper.
    pub(super) fn bounds(&self, least: &[(usize, f64)], most: &[(usize, f64)]) -> Option<Ends> {
        let ((upper, a), (lower, b)) = (self.end(most, 1.0)?, self.end(least, -1.0)?);
        Some(Ends {
            lower: (lower - 1e-6).ceil().max(0.0),
            upper: (upper + 1e-6).floor(),
            whole: a && b,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(table: &Simplex, target: &[(usize, f64)]) -> (f64, f64) {
        let ends = table.bounds(target, target).unwrap();
        assert!(ends.whole);
        (ends.lower, ends.upper)
    }

    #[test]
    fn two_unknowns_of_known_sum_range_over_all_of_it() {
        let table = Simplex::new(2, &[(vec![(0, 1.0), (1, 1.0)], 7.0)]).unwrap();
        assert_eq!(bounds(&table, &[(0, 1.0)]), (0.0, 7.0));
        assert_eq!(bounds(&table, &[(0, 1.0), (1, 1.0)]), (7.0, 7.0));
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
        assert_eq!(bounds(&table, &[(0, 1.0)]), (3.0, 3.0));
        assert_eq!(bounds(&table, &[(3, 1.0)]), (4.0, 4.0));
    }

    #[test]
    fn no_solution_and_no_bound_are_told_apart() {
        assert!(Simplex::new(1, &[(vec![(0, 1.0)], -1.0)]).is_none());
        let free = Simplex::new(2, &[(vec![(0, 1.0)], 1.0)]).unwrap();
        assert_eq!(bounds(&free, &[(1, 1.0)]), (0.0, f64::INFINITY));
    }

    #[test]
    fn an_end_that_no_whole_table_reaches_says_so() {
        // Three numbers of which each two add to one are a half each.
        let pair = |a, b| (vec![(a, 1.0), (b, 1.0)], 1.0);
        let table = Simplex::new(3, &[pair(0, 1), pair(1, 2), pair(0, 2)]).unwrap();
        assert!(!table.bounds(&[(0, 1.0)], &[(0, 1.0)]).unwrap().whole);
    }
}
