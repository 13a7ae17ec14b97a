//! Sums in machine words, some of them a cell, in as few bits as are known to hold them.

use std::ops::AddAssign;

/// Sums in machine words, some of them a cell.
///
/// Whoever makes them knows that no sum over all cells reaches 2⁶², so that neither sums of cells nor
/// sums raised to micro-units squared (by 2⁴⁰, in 128 bits) overflow.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) words: Kept,
    /// Words a cell.
    pub(crate) width: usize,
    /// No cell's sum is larger, either way.
    pub(crate) most: u64,
}

/// Words as wide as the largest needs.
#[derive(Debug)]
pub(crate) enum Kept {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Store {
    /// Returns whether sums of at most this size are kept in 32 bits.
    pub(crate) fn is_narrow(most: u64) -> bool {
        most <= i32::MAX as u64
    }

    /// Returns the number of cells.
    pub(crate) fn cells(&self) -> usize {
        let words = match &self.words {
            Kept::Narrow(words) => words.len(),
            Kept::Wide(words) => words.len(),
        };
        words / self.width.max(1)
    }

    /// Adds every cell to its place among so many, at most `together` cells to one.
    pub(crate) fn gathered(&self, to: &[u32], cells: usize, together: u64) -> Store {
        let most = self.most.saturating_mul(together);
        let width = self.width;
        Store {
            words: match &self.words {
                Kept::Narrow(words) if Store::is_narrow(most) => {
                    Kept::Narrow(gather(words, width, to, cells))
                }
                Kept::Narrow(words) => Kept::Wide(gather(words, width, to, cells)),
                Kept::Wide(words) => Kept::Wide(gather(words, width, to, cells)),
            },
            width,
            most,
        }
    }
}

fn gather<W, S>(words: &[W], width: usize, to: &[u32], cells: usize) -> Vec<S>
where
    W: Copy + Into<S>,
    S: Copy + Default + AddAssign,
{
    let mut sums = vec![S::default(); cells * width];
    match width {
        2 => add::<2, W, S>(words, to, &mut sums),
        3 => add::<3, W, S>(words, to, &mut sums),
        7 => add::<7, W, S>(words, to, &mut sums),
        _ => {
            for (record, place) in words.chunks_exact(width.max(1)).zip(to) {
                let start = *place as usize * width;
                let sums = sums.get_mut(start..start + width).unwrap_or_default();
                for (sum, part) in sums.iter_mut().zip(record) {
                    *sum += (*part).into();
                }
            }
        }
    }
    sums
}

/// As above, for a width that the compiler knows.
fn add<const WIDTH: usize, W, S>(words: &[W], to: &[u32], sums: &mut [S])
where
    W: Copy + Into<S>,
    S: Copy + AddAssign,
{
    let (records, (sums, _)) = (words.as_chunks::<WIDTH>().0, sums.as_chunks_mut::<WIDTH>());
    for (record, place) in records.iter().zip(to) {
        if let Some(sum) = sums.get_mut(*place as usize) {
            for (sum, part) in sum.iter_mut().zip(record) {
                *sum += (*part).into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_widen_before_they_could_overflow() {
        let large = i32::MAX - 1;
        let narrow = Store {
            words: Kept::Narrow(vec![large, 1, large, 2, -large, 3]),
            width: 2,
            most: large as u64,
        };
        let two = narrow.gathered(&[0, 0, 1], 2, 2);
        let Kept::Wide(words) = &two.words else {
            panic!("two of the largest need more bits");
        };
        assert_eq!(words, &[2 * i64::from(large), 3, -i64::from(large), 3]);
        let one = narrow.gathered(&[2, 1, 0], 3, 1);
        let Kept::Narrow(words) = &one.words else {
            panic!("what is not added stays as it is");
        };
        assert_eq!(words, &[-large, 3, large, 2, large, 1]);
        assert_eq!((one.cells(), two.cells()), (3, 2));
    }
}
