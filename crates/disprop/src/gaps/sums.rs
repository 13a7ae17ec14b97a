//! Sums over leaves of one place: a tally where it is known, its range where it is open.

use disprop_stats::contrast::Exact;
use disprop_stats::tally::MICRO;
use disprop_stats::{Calculated, Interval, NotCalculable, Tally};

use crate::tallies::{OfWords, Open, Sums};

/// A sum of cells, or why there is none; and what a publication leaves open about it.
#[derive(Debug, Clone)]
pub(crate) struct Sum<T> {
    pub(crate) tally: Calculated<T>,
    pub(crate) open: Option<Open>,
}

impl<T: OfWords> Sum<T> {
    /// Adds up cells; a withheld one leaves no tally, but a range.
    pub(crate) fn of(
        cells: &Sums<T>,
        open: Option<&[Open]>,
        places: impl Iterator<Item = usize> + Clone,
    ) -> Self {
        let mut sum = T::default();
        let mut overflow = false;
        for place in places.clone() {
            match cells.get(place).map(|cell| sum.merge(&cell)) {
                Some(Ok(next)) => sum = next,
                Some(Err(_)) => overflow = true,
                None => {}
            }
        }
        let open = open.map(|open| {
            let parts = places.filter_map(|place| open.get(place));
            parts.fold(Open::default(), |sum, part| sum.merge(part))
        });
        let withheld = open.as_ref().is_some_and(|o| o.symbol.is_some());
        let tally = match (withheld, overflow) {
            (true, _) => Err(NotCalculable::SuppressedInput),
            (_, true) => Err(NotCalculable::Overflow),
            _ => Ok(sum),
        };
        Sum { tally, open }
    }
}

impl<T: Tally> Sum<T> {
    /// Returns the sum of two disjoint parts.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        self.both(other, T::merge, Open::merge)
    }

    /// Returns what is left of a whole without a part.
    pub(crate) fn minus(&self, part: &Self) -> Self {
        self.both(part, T::subtract, Open::subtract)
    }

    fn both(
        &self,
        other: &Self,
        tallies: impl Fn(&T, &T) -> Result<T, disprop_stats::Error>,
        opens: impl Fn(&Open, &Open) -> Open,
    ) -> Self {
        let tally = match (self.tally, other.tally) {
            (Ok(a), Ok(b)) => tallies(&a, &b).map_err(|_| NotCalculable::Overflow),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        let open = self
            .open
            .as_ref()
            .zip(other.open.as_ref())
            .map(|(a, b)| opens(a, b));
        Sum { tally, open }
    }

    /// Returns where the value must lie, where that is not one point.
    pub(crate) fn range(&self) -> Option<Interval> {
        let open = self.open.as_ref()?;
        let ((low, high), (least, most)) = (open.numerator, open.denominator);
        if low == high && least == most || least <= 0 || high >= i128::MAX / 2 {
            return None;
        }
        Some(Interval::new(
            low as f64 / most as f64,
            high as f64 / least as f64,
        ))
    }

    /// Returns the sum's denominator in units, also where only the numerator was withheld.
    pub(crate) fn size(&self) -> Calculated<f64>
    where
        T: Exact,
    {
        match (&self.tally, &self.open) {
            (Ok(tally), _) => Ok(tally.fraction()?.1 as f64 / T::STEPS as f64),
            (Err(_), Some(open)) if open.denominator.0 == open.denominator.1 => {
                Ok(open.denominator.0 as f64 / MICRO as f64)
            }
            (Err(reason), _) => Err(*reason),
        }
    }
}
