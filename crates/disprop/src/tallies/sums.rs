//! One tally a cell, as it stands or as machine words with what they are raised by.
//!
//! A tally of a ratio takes 96 bytes, most of them zero. What the kernel counts fits machine words, and
//! measures of the same columns share them: attendance is absence mirrored. So they stay as they are
//! until a cell is looked at.

use std::fmt;
use std::sync::Arc;

use disprop_stats::{Mean, Proportion, Rate, Ratio, Tally};

/// The tallies of one measure, one a cell.
///
/// # Example: tallies that one has, and those of a cohort, are read in the same way
/// ```
/// use disprop::tallies::Sums;
/// use disprop_stats::Proportion;
/// let sums: Sums<Proportion> = vec![Proportion::new(1, 4), Proportion::new(0, 2)].into();
/// assert_eq!(sums.iter().map(|t| t.trials).sum::<i64>(), 6);
/// assert!(sums.get(2).is_none());
/// ```
#[derive(Clone)]
pub struct Sums<T>(Kept<T>);

#[derive(Clone)]
enum Kept<T> {
    Whole(Vec<T>),
    Words(Words),
}

/// Sums in machine words, some of them a cell, and how a tally is made of them.
///
/// Whoever makes these knows that no sum over all cells reaches 2⁶², so that neither sums of cells nor
/// sums raised to micro-units squared (by 2⁴⁰) overflow.
#[derive(Clone)]
pub(crate) struct Words {
    /// The words of every cell; measures of the same columns share them.
    pub(crate) words: Arc<Vec<i64>>,
    /// Words a cell.
    pub(crate) width: usize,
    pub(crate) recipe: Recipe,
}

/// How a tally is made of a cell's words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    /// Events and trials; or the first word, others following it.
    pub(crate) at: [usize; 2],
    /// What x and d are multiplied by to be in micro-units.
    pub(crate) up: [i64; 2],
    /// Whether x is what is left of d.
    pub(crate) complement: bool,
}

/// A tally that can be made of words.
pub trait OfWords: Tally + PartialEq + fmt::Debug {
    /// Makes the tally.
    #[doc(hidden)]
    fn of_words(words: &[i64], at: [usize; 2], up: [i64; 2], complement: bool) -> Self;
}

fn first<const N: usize>(words: &[i64], at: [usize; 2]) -> [i128; N] {
    let words = words.get(at[0]..).and_then(|words| words.first_chunk());
    words.map_or([0; N], |words: &[i64; N]| words.map(i128::from))
}

impl OfWords for Proportion {
    fn of_words(words: &[i64], at: [usize; 2], _: [i64; 2], _: bool) -> Self {
        let [events, trials] = at.map(|at| words.get(at).copied().unwrap_or(0));
        Proportion { events, trials }
    }
}

impl OfWords for Mean {
    fn of_words(words: &[i64], at: [usize; 2], [up, _]: [i64; 2], _: bool) -> Self {
        let [n, x, xx] = first(words, at);
        Mean {
            n: n as i64,
            sum: x * i128::from(up),
            squares: xx * i128::from(up * up),
        }
    }
}

impl OfWords for Ratio {
    fn of_words(words: &[i64], at: [usize; 2], [x, d]: [i64; 2], complement: bool) -> Self {
        let [n, sum_x, sum_d, xx, xd, dd] = first(words, at);
        let (sum_x, sum_d) = (sum_x * i128::from(x), sum_d * i128::from(d));
        let (xx, xd, dd) = (
            xx * i128::from(x * x),
            xd * i128::from(x * d),
            dd * i128::from(d * d),
        );
        let n = n as i64;
        if complement {
            // (d − x)² = d² − 2xd + x².
            Ratio {
                n,
                x: sum_d - sum_x,
                d: sum_d,
                xx: dd - 2 * xd + xx,
                xd: dd - xd,
                dd,
            }
        } else {
            Ratio {
                n,
                x: sum_x,
                d: sum_d,
                xx,
                xd,
                dd,
            }
        }
    }
}

impl OfWords for Rate {
    /// No rows make a rate; this is events and exposure all the same.
    fn of_words(words: &[i64], at: [usize; 2], up: [i64; 2], _: bool) -> Self {
        let [n, events, exposure] = first(words, at);
        Rate {
            n: n as i64,
            events: events * i128::from(up[0]),
            exposure: exposure * i128::from(up[1]),
        }
    }
}

impl<T: OfWords> Sums<T> {
    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Whole(all) => all.len(),
            Kept::Words(of) => of.words.len() / of.width.max(1),
        }
    }

    /// Returns whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a cell's tally; nothing beyond the last.
    pub fn get(&self, cell: usize) -> Option<T> {
        match &self.0 {
            Kept::Whole(all) => all.get(cell).copied(),
            Kept::Words(of) => {
                let words = of.words.get(cell * of.width..(cell + 1) * of.width)?;
                Some(of.recipe.tally(words))
            }
        }
    }

    /// Returns every cell's tally.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).filter_map(|cell| self.get(cell))
    }

    pub(crate) fn words(&self) -> Option<&Words> {
        match &self.0 {
            Kept::Whole(_) => None,
            Kept::Words(words) => Some(words),
        }
    }

    /// Returns the tallies to be added to, as they stand.
    pub(crate) fn whole(&mut self) -> &mut Vec<T> {
        if let Kept::Words(_) = &self.0 {
            self.0 = Kept::Whole(self.iter().collect());
        }
        match &mut self.0 {
            Kept::Whole(all) => all,
            Kept::Words(_) => unreachable!("words were made whole above"),
        }
    }

    /// Returns the tallies of some cells in a row.
    pub(crate) fn part(&self, from: usize, to: usize) -> Self {
        match &self.0 {
            Kept::Whole(all) => all.get(from..to).unwrap_or_default().to_vec().into(),
            Kept::Words(_) => (from..to)
                .filter_map(|cell| self.get(cell))
                .collect::<Vec<T>>()
                .into(),
        }
    }
}

impl Recipe {
    fn tally<T: OfWords>(&self, words: &[i64]) -> T {
        T::of_words(words, self.at, self.up, self.complement)
    }
}

impl<T> From<Vec<T>> for Sums<T> {
    fn from(all: Vec<T>) -> Self {
        Sums(Kept::Whole(all))
    }
}

impl<T> FromIterator<T> for Sums<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Sums(Kept::Whole(all.into_iter().collect()))
    }
}

impl<T> From<Words> for Sums<T> {
    fn from(words: Words) -> Self {
        Sums(Kept::Words(words))
    }
}

impl<T: OfWords> PartialEq for Sums<T> {
    /// Equal tallies, however they are kept.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: OfWords> fmt::Debug for Sums<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
