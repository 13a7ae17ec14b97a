//! Several years as one: their sums added up, within one comparable series.

use crate::error::Error;
use crate::tallies::{Dimension, Parts, Places, Tallies};

/// The word between the first and the last of years that are one.
const TO: &str = " to ";

/// Whether pooled years of this name hold a year.
pub(crate) fn holds(pooled: &str, year: &str) -> bool {
    let ends = pooled.split_once(TO);
    ends.is_some_and(|(first, last)| (first..=last).contains(&year))
}

impl Tallies {
    /// Returns tallies in which some years are one, named from the first to the last of them.
    ///
    /// Numerators and denominators are added; yearly rates are never averaged. Pupils who stay are in
    /// several of the years, so intervals that take pupils as independent are too narrow: with a
    /// school dimension let schools be clusters.
    ///
    /// # Errors
    /// `dimension.unknown`; `option.bad` for fewer than two years, one that is not there, or a break
    /// in the series of any measure between the first and the last.
    ///
    /// # Source
    /// DOMAIN 0.2.3 and 15; Race Disparity Unit (2023) on aggregating.
    ///
    /// # Example: two years are one
    /// ```
    /// use disprop::{Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!("year" => ["2022/23", "2023/24"],
    ///     "group" => ["Black Caribbean"; 2], "events" => [30, 20], "pupils" => [100, 80])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .by("year", "year").whole(Whole::Exhaustive);
    /// let pooled = Tallies::from_counts(&frame, &counts)?.pooled("year", None)?;
    /// assert_eq!(pooled.dimensions()[0].values, [Some("2022/23 to 2023/24".to_owned())]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pooled(&self, year: &str, years: Option<&[&str]>) -> Result<Self, Error> {
        let place = self.dimensions().iter().position(|d| d.name == year);
        let dimension = place.and_then(|place| self.dimensions().get(place));
        let Some((place, dimension)) = place.zip(dimension) else {
            return Err(Error::UnknownDimension {
                found: year.into(),
                known: self.dimensions().iter().map(|d| d.name.clone()).collect(),
            });
        };
        let bad = |found: String, expected: String| Error::Option {
            option: "years",
            found,
            expected,
        };
        let all: Vec<&str> = dimension
            .values
            .iter()
            .filter_map(Option::as_deref)
            .collect();
        let wanted: Vec<&str> = match years {
            None => all.clone(),
            Some(years) => years.to_vec(),
        };
        if let Some(unknown) = wanted.iter().find(|year| !all.contains(year)) {
            let known: Vec<String> = all.iter().map(ToString::to_string).collect();
            return Err(bad((*unknown).into(), crate::error::quoted(&known)));
        }
        // In the order of the dimension, each once, whatever order was given.
        let chosen: Vec<&str> = all.iter().filter(|y| wanted.contains(y)).copied().collect();
        let (Some(first), Some(last)) = (chosen.first(), chosen.last()) else {
            return Err(bad("none".into(), "two years or more".into()));
        };
        if chosen.len() < 2 {
            return Err(bad((*first).into(), "two years or more".into()));
        }
        for measure in self.measures() {
            if let Some(note) = measure.measure.break_between(first, last) {
                let expected = format!(
                    "years of one comparable series of {}: {note}",
                    measure.measure.label
                );
                return Err(bad(format!("{first} to {last}"), expected));
            }
        }
        let numbers: Vec<usize> = (0..dimension.values.len())
            .filter(|i| {
                let value = dimension.values.get(*i).and_then(Option::as_deref);
                value.is_some_and(|v| chosen.contains(&v))
            })
            .collect();
        let wanted: Vec<bool> = (0..self.cells())
            .map(|cell| {
                let number = self.key(cell).get(place).copied().unwrap_or(u32::MAX);
                numbers.contains(&(number as usize))
            })
            .collect();
        let mut keys = Vec::new();
        for (cell, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
            let key = self.key(cell).iter().enumerate();
            keys.extend(key.map(|(i, number)| if i == place { 0 } else { *number }));
        }
        let mut dimensions: Vec<Dimension> = self.dimensions().to_vec();
        if let Some(pooled) = dimensions.get_mut(place) {
            pooled.values = vec![Some(format!("{first}{TO}{last}"))];
        }
        Tallies::canonical(Parts {
            dimensions,
            leaves: self.leaves().to_vec(),
            keys,
            measures: Places::kept(&wanted).gather(self.measures())?,
            codes: self.codes().clone(),
            unit: self.unit().to_owned(),
            findings: self.findings().to_vec(),
            kept: self.kept().to_vec(),
        })
    }
}
