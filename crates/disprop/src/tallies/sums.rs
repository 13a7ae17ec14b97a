//! One tally a cell, as it stands or as machine words with what they are raised by.
//!
//! A tally of a ratio takes 96 bytes, most of them zero. What the kernel counts fits machine words, and
//! measures of the same columns share them: attendance is absence mirrored. So they stay as they are
//! until a cell is looked at.

use std::fmt;
use std::sync::Arc;

use disprop_stats::{Mean, Proportion, Rate, Ratio, Tally};

use super::words::{self, Store};

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

/// Sums in machine words, and how a tally is made of them.
#[derive(Clone)]
pub(crate) struct Words {
    /// The words of every cell; measures of the same columns share them.
    pub(crate) store: Arc<Store>,
    pub(crate) recipe: Recipe,
}

/// How a tally is made of a cell's words.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
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
    fn of_words<W: Copy + Into<i64>>(words: &[W], recipe: &Recipe) -> Self;
}

impl Recipe {
    /// The words from the first on.
    fn first<const N: usize, W: Copy + Into<i64>>(&self, words: &[W]) -> [i128; N] {
        let words = words
            .get(self.at[0]..)
            .and_then(|words| words.first_chunk());
        words.map_or([0; N], |words: &[W; N]| {
            words.map(|word| i128::from(word.into()))
        })
    }
}

impl OfWords for Proportion {
    fn of_words<W: Copy + Into<i64>>(words: &[W], recipe: &Recipe) -> Self {
        let [events, trials] = recipe
            .at
            .map(|at| words.get(at).map_or(0, |word| (*word).into()));
        Proportion { events, trials }
    }
}

impl OfWords for Mean {
    fn of_words<W: Copy + Into<i64>>(words: &[W], recipe: &Recipe) -> Self {
        let [n, x, xx] = recipe.first(words);
        let up = recipe.up[0];
        Mean {
            n: n as i64,
            sum: x * i128::from(up),
            squares: xx * i128::from(up * up),
        }
    }
}

impl OfWords for Ratio {
    fn of_words<W: Copy + Into<i64>>(words: &[W], recipe: &Recipe) -> Self {
        let [n, sum_x, sum_d, xx, xd, dd] = recipe.first(words);
        let [x, d] = recipe.up;
        let (sum_x, sum_d) = (sum_x * i128::from(x), sum_d * i128::from(d));
        let (xx, xd, dd) = (
            xx * i128::from(x * x),
            xd * i128::from(x * d),
            dd * i128::from(d * d),
        );
        let n = n as i64;
        if recipe.complement {
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
    /// No rows make a rate; these are its number, events and exposure all the same.
    fn of_words<W: Copy + Into<i64>>(words: &[W], recipe: &Recipe) -> Self {
        let [n, events, exposure] = recipe.first(words);
        Rate {
            n: n as i64,
            events: events * i128::from(recipe.up[0]),
            exposure: exposure * i128::from(recipe.up[1]),
        }
    }
}

impl<T: OfWords> Sums<T> {
    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Whole(all) => all.len(),
            Kept::Words(of) => of.store.cells(),
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
            Kept::Words(Words { store, recipe }) => {
                let words = cell * store.width..(cell + 1) * store.width;
                Some(match &store.words {
                    words::Kept::Narrow(all) => T::of_words(all.get(words)?, recipe),
                    words::Kept::Wide(all) => T::of_words(all.get(words)?, recipe),
                })
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

    /// Returns the tallies as they stand.
    pub(crate) fn into_vec(self) -> Vec<T> {
        match self.0 {
            Kept::Whole(all) => all,
            Kept::Words(_) => self.iter().collect(),
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

impl<T> Default for Sums<T> {
    fn default() -> Self {
        Vec::new().into()
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
