//! Every crossing of some dimensions from one pass over the rows.

use std::sync::{Arc, Mutex};

use super::TallyOptions;
use crate::cohort::Cohort;
use crate::error::Error;
use crate::measure::Measure;
use crate::tallies::Tallies;

/// Tallies of every subset of some dimensions, made one after another from the finest.
///
/// # Example: every crossing of three dimensions, and of at most two of them
/// ```
/// use disprop::{Cohort, Columns, measure, synth};
/// let plan = synth::Plan { pupils: 900, years: 1, ..Default::default() };
/// let cohort = Cohort::new(synth::cohort(&plan)?, Columns::npd())?;
/// let cube = cohort.cube(&[measure("absence")?], &["sex", "fsm", "sen"], None)?;
/// assert_eq!(cube.crossings().count(), 8);
/// for crossing in cohort.cube(&[measure("absence")?], &["sex", "fsm", "sen"], Some(2))?.crossings() {
///     let tallies = crossing?;
///     assert!(tallies.dimensions().len() <= 2);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cube {
    finest: Arc<Tallies>,
    up_to: usize,
    /// Crossings that were asked for, the latest last: with no more cells together than the finest.
    made: Arc<Mutex<Vec<Arc<Tallies>>>>,
}

impl Cohort {
    /// Returns the cube of these dimensions: all crossings of at most `up_to` of them.
    ///
    /// # Errors
    /// As [`Cohort::tally`].
    pub fn cube(
        &self,
        measures: &[Measure],
        dimensions: &[&str],
        up_to: Option<usize>,
    ) -> Result<Cube, Error> {
        self.cube_with(measures, dimensions, up_to, &TallyOptions::default())
    }

    /// Returns the same cube, with a say in how the work is done.
    ///
    /// # Errors
    /// As [`Cohort::tally_with`].
    pub fn cube_with(
        &self,
        measures: &[Measure],
        dimensions: &[&str],
        up_to: Option<usize>,
        options: &TallyOptions<'_>,
    ) -> Result<Cube, Error> {
        Ok(self.tally_with(measures, dimensions, options)?.cube(up_to))
    }
}

impl Tallies {
    /// Returns the cube of the dimensions of these tallies.
    pub fn cube(self, up_to: Option<usize>) -> Cube {
        Cube {
            up_to: up_to.unwrap_or(self.dimensions().len()),
            finest: Arc::new(self),
            made: Arc::default(),
        }
    }
}

impl Cube {
    /// Returns the tallies of all dimensions, from which the others are made.
    pub fn finest(&self) -> &Tallies {
        &self.finest
    }

    /// Returns one crossing, made from the smallest that has its dimensions: the finest, or one that
    /// was asked for before.
    ///
    /// # Errors
    /// `dimension.unknown`, or `stats.overflow`.
    ///
    /// # Example: every crossing by name
    /// ```
    /// use disprop::{Cohort, Columns, measure, synth};
    /// let plan = synth::Plan { pupils: 900, years: 1, ..Default::default() };
    /// let cohort = Cohort::new(synth::cohort(&plan)?, Columns::npd())?;
    /// let cube = cohort.cube(&[measure("absence")?], &["sex", "fsm"], None)?;
    /// assert_eq!(*cube.crossing(&["fsm"])?, cube.finest().roll_up(&["fsm"])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn crossing(&self, keep: &[&str]) -> Result<Arc<Tallies>, Error> {
        let dimensions = |of: &Tallies| of.dimensions().len();
        let has_all = |of: &Tallies| {
            let has = |name: &&str| of.dimensions().iter().any(|d| d.name == *name);
            keep.iter().all(has)
        };
        let smallest = self.made.lock().ok().and_then(|made| {
            let wide = made.iter().filter(|of| has_all(of));
            wide.min_by_key(|of| (of.cells(), dimensions(of))).cloned()
        });
        let from = smallest.unwrap_or_else(|| Arc::clone(&self.finest));
        let names = from.dimensions().iter().map(|d| d.name.as_str());
        if names.eq(keep.iter().copied()) {
            return Ok(from);
        }
        let tallies = Arc::new(from.roll_up(keep)?);
        if let Ok(mut made) = self.made.lock() {
            made.push(Arc::clone(&tallies));
            let mut cells: usize = made.iter().map(|of| of.cells()).sum();
            while cells > self.finest.cells() && made.len() > 1 {
                cells -= made.remove(0).cells();
            }
        }
        Ok(tallies)
    }

    /// Returns every crossing, each made from one with a single dimension more; what memory holds is
    /// at most one for each dimension.
    pub fn crossings(&self) -> Crossings {
        Crossings {
            waiting: vec![Step {
                of: Arc::clone(&self.finest),
                without: None,
            }],
            up_to: self.up_to,
        }
    }

    /// Returns the dimensions of every crossing, in the order of [`Cube::crossings`].
    pub fn names(&self) -> Vec<Vec<String>> {
        let all = self.finest.dimensions().iter();
        let all: Vec<String> = all.map(|d| d.name.clone()).collect();
        let mut waiting = vec![(all, 0)];
        let mut names = Vec::new();
        while let Some((crossing, from)) = waiting.pop() {
            for place in (from..crossing.len()).rev() {
                let mut fewer = crossing.clone();
                fewer.remove(place);
                waiting.push((fewer, place));
            }
            if crossing.len() <= self.up_to {
                names.push(crossing);
            }
        }
        names
    }
}

/// Crossings, one at a time.
#[derive(Debug)]
pub struct Crossings {
    waiting: Vec<Step>,
    up_to: usize,
}

/// A crossing to be made: of a finer one, without one of its dimensions.
#[derive(Debug)]
struct Step {
    of: Arc<Tallies>,
    without: Option<usize>,
}

impl Step {
    fn names(&self) -> Vec<&str> {
        let names = self.of.dimensions().iter().map(|d| d.name.as_str());
        let kept = names
            .enumerate()
            .filter(|(place, _)| Some(*place) != self.without);
        kept.map(|(_, name)| name).collect()
    }
}

impl Iterator for Crossings {
    type Item = Result<Arc<Tallies>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(step) = self.waiting.pop() {
            let tallies = match step.without {
                None => step.of,
                Some(_) => match step.of.roll_up(&step.names()) {
                    Ok(tallies) => Arc::new(tallies),
                    Err(error) => {
                        self.waiting.clear();
                        return Some(Err(error));
                    }
                },
            };
            let dimensions = tallies.dimensions().len();
            for place in (step.without.unwrap_or(0)..dimensions).rev() {
                self.waiting.push(Step {
                    of: Arc::clone(&tallies),
                    without: Some(place),
                });
            }
            if dimensions <= self.up_to {
                return Some(Ok(tallies));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Columns, measure, synth};

    #[test]
    fn every_crossing_is_there_once_and_equals_its_own_roll_up() {
        let plan = synth::Plan {
            pupils: 2_000,
            years: 2,
            ..Default::default()
        };
        let cohort = Cohort::new(synth::cohort(&plan).unwrap(), Columns::npd()).unwrap();
        let measures = [measure("absence").unwrap(), measure("suspensions").unwrap()];
        let cube = cohort
            .cube(&measures, &["school", "sex", "fsm", "year"], None)
            .unwrap();
        let names = cube.names();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (16, 16));
        for (names, tallies) in names.iter().zip(cube.crossings()) {
            let mut keep: Vec<&str> = names.iter().map(String::as_str).collect();
            let tallies = tallies.unwrap();
            assert_eq!(*tallies, cube.finest().roll_up(&keep).unwrap());
            assert_eq!(tallies, cube.crossing(&keep).unwrap());
            assert_eq!(*tallies, cohort.tally(&measures, &keep).unwrap());
            keep.reverse();
            assert_eq!(
                *cube.crossing(&keep).unwrap(),
                cube.finest().roll_up(&keep).unwrap()
            );
        }
        assert!(cube.crossing(&["pupil"]).is_err());
        let few = cohort
            .cube(&measures, &["sex", "fsm", "year"], Some(1))
            .unwrap();
        assert_eq!(few.crossings().count(), 4);
        assert_eq!(few.names().len(), 4);
    }
}
