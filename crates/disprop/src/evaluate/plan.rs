//! Years and schools of a programme, found among the dimensions of the tallies.

use std::collections::BTreeSet;

use super::{EvaluateOptions, Programme};
use crate::error::{Error, quoted};
use crate::strata::Strata;
use crate::tallies::Dimension;

/// Years and schools of the programme, as numbers of the tallies.
pub(super) struct Plan {
    /// Every year, in order, with its number.
    pub(super) years: Vec<(u32, String)>,
    pub(super) before: BTreeSet<u32>,
    pub(super) after: BTreeSet<u32>,
    pub(super) programme: BTreeSet<u32>,
    /// Number of the missing school, whose pupils are left out.
    pub(super) nowhere: Option<u32>,
    pub(super) absent: usize,
}

impl Plan {
    pub(super) fn new(strata: &Strata, options: &EvaluateOptions) -> Result<Self, Error> {
        let dimension = |name: &str| -> Result<&Dimension, Error> {
            let mut all = strata.tallies.dimensions().iter();
            all.find(|d| d.name == name)
                .ok_or_else(|| Error::UnknownDimension {
                    found: name.into(),
                    known: strata.by.clone(),
                })
        };
        let years = dimension(&options.year)?;
        let schools = dimension(&options.school)?;
        let known: Vec<String> = years.values.iter().flatten().cloned().collect();
        let number = |option: &'static str, found: &String| {
            let place = years.values.iter().position(|v| v.as_ref() == Some(found));
            place.map(|n| n as u32).ok_or_else(|| Error::Option {
                option,
                found: found.clone(),
                expected: quoted(&known),
            })
        };
        let list = |option: &'static str, names: &[String]| -> Result<BTreeSet<u32>, Error> {
            if names.is_empty() {
                return Err(Error::Option {
                    option,
                    found: "nothing".into(),
                    expected: quoted(&known),
                });
            }
            names.iter().map(|name| number(option, name)).collect()
        };
        let (before, after) = (
            list("before", &options.before)?,
            list("after", &options.after)?,
        );
        if before.last() >= after.first() {
            return Err(Error::Option {
                option: "after",
                found: options.after.join(", "),
                expected: "years later than all of `before`".into(),
            });
        }
        let (programme, absent) = taking_part(strata, schools, options)?;
        Ok(Plan {
            years: (0..)
                .zip(&years.values)
                .filter_map(|(n, v)| Some((n, v.clone()?)))
                .collect(),
            before,
            after,
            programme,
            nowhere: schools
                .values
                .iter()
                .position(Option::is_none)
                .map(|n| n as u32),
            absent,
        })
    }

    /// Years up to the last one before the programme.
    pub(super) fn pre(&self) -> Vec<usize> {
        let last = self.before.last().copied().unwrap_or(0);
        let years = self.years.iter().enumerate();
        years
            .filter(|(_, (n, _))| *n <= last)
            .map(|(place, _)| place)
            .collect()
    }
}

/// Numbers of the schools that took the programme, and how many named ones are not there.
fn taking_part(
    strata: &Strata,
    schools: &Dimension,
    options: &EvaluateOptions,
) -> Result<(BTreeSet<u32>, usize), Error> {
    let (found, absent): (BTreeSet<u32>, usize) = match &options.programme {
        Programme::Schools(names) => {
            let at = |name: &String| {
                let place = schools.values.iter().position(|v| v.as_ref() == Some(name));
                place.map(|n| n as u32)
            };
            let found: BTreeSet<u32> = names.iter().filter_map(at).collect();
            let absent = names.iter().filter(|name| at(name).is_none()).count();
            (found, absent)
        }
        Programme::Flag { dimension, values } => {
            let flags = strata
                .tallies
                .dimensions()
                .iter()
                .find(|d| d.name == *dimension);
            let means_yes: BTreeSet<u32> = (0..)
                .zip(flags.map_or(&[][..], |d| &d.values))
                .filter(|(_, v)| v.as_ref().is_some_and(|v| values.contains(v)))
                .map(|(n, _)| n)
                .collect();
            let keys = strata.places.iter().flat_map(|place| &place.keys);
            let taking = keys.filter_map(|key| match key.as_slice() {
                [_, school, flag] if means_yes.contains(flag) => Some(*school),
                _ => None,
            });
            (taking.collect(), 0)
        }
    };
    if found.is_empty() {
        return Err(Error::Option {
            option: "programme",
            found: match &options.programme {
                Programme::Schools(names) => crate::error::bare(names),
                Programme::Flag { dimension, values } => {
                    format!("{dimension} = {}", values.join(", "))
                }
            },
            expected: "schools that are in the tallies".into(),
        });
    }
    Ok((found, absent))
}
