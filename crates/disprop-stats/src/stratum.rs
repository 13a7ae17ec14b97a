//! One layer of a comparison: the group and its baseline within the same school, year or mix of
//! characteristics.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::tally::Tally;

/// The group's and the baseline's tallies in one stratum: a school, a year, FSM × SEN × phase.
///
/// The two never overlap: the baseline holds the pupils of the stratum who are not in the group.
///
/// # Example: two schools together
/// ```
/// use disprop_stats::{Proportion, stratum::{Stratum, total}};
/// let schools = [
///     Stratum { group: Proportion::new(1, 4), baseline: Proportion::new(10, 60) },
///     Stratum { group: Proportion::new(0, 0), baseline: Proportion::new(8, 90) },
/// ];
/// let all = total(&schools)?;
/// assert_eq!(all.baseline, Proportion::new(18, 150));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stratum<T> {
    /// Pupils of the group in this stratum.
    pub group: T,
    /// Pupils of all other groups in this stratum.
    pub baseline: T,
}

impl<T: Tally> Stratum<T> {
    /// Returns the stratum with these two tallies.
    pub fn new(group: T, baseline: T) -> Self {
        Stratum { group, baseline }
    }

    /// Returns both sides together: everyone in the stratum.
    ///
    /// # Errors
    /// `stats.overflow` where a sum leaves its integer.
    pub fn everyone(&self) -> Result<T, Error> {
        self.group.merge(&self.baseline)
    }

    /// Returns whether both sides have somebody in them, so that the stratum can compare them.
    pub fn compares(&self) -> bool {
        !self.group.is_empty() && !self.baseline.is_empty()
    }
}

/// Returns the strata added up: the crude comparison.
///
/// # Errors
/// `stats.overflow` where a sum leaves its integer.
pub fn total<T: Tally>(strata: &[Stratum<T>]) -> Result<Stratum<T>, Error> {
    strata
        .iter()
        .try_fold(Stratum::default(), |sum: Stratum<T>, s| {
            Ok(Stratum {
                group: sum.group.merge(&s.group)?,
                baseline: sum.baseline.merge(&s.baseline)?,
            })
        })
}
