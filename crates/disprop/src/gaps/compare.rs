//! The comparison itself: for every place and measure, each group against its baseline.

mod elsewhere;
mod scene;
mod trial;

use std::sync::Arc;

use disprop_stats::Calculated;
use rayon::prelude::*;

use self::elsewhere::{Elsewhere, Outside};
use super::family::check_methods;
use super::groups::resolve;
use super::sums::Sum;
use super::{Baseline, Gap, GapOptions, Gaps, Group, GroupChoice, clustered, dispersed, kept};
use crate::error::Error;
use crate::measure::{Family, Measure};
use crate::tallies::{Column, MeasureTallies, Open, Tallies};

pub(crate) fn gaps(tallies: &Tallies, options: &GapOptions) -> Result<Gaps, Error> {
    check(options)?;
    let by = kept(tallies, options)?;
    let whole = Arc::new(match (&options.by, &options.cluster) {
        (None, None) => tallies.clone(),
        _ => tallies.roll_up(&by)?,
    });
    let rolled = whole.as_ref();
    let groups = resolve(rolled, &options.groups)?;
    let candidates = match options.baseline {
        Baseline::BestPlaced => resolve(rolled, &[GroupChoice::Main])?,
        _ => Vec::new(),
    };
    let reference = match &options.baseline {
        Baseline::Group(name) => {
            let named = groups
                .iter()
                .find(|g| g.name == *name || g.label == *name)
                .cloned();
            match named {
                Some(group) => Some(group),
                None => resolve(rolled, &[GroupChoice::Code(name.clone())])?.pop(),
            }
        }
        _ => None,
    };
    let elsewhere = match &options.baseline {
        Baseline::Elsewhere { tallies, .. } => Some(Elsewhere::new(tallies, rolled, options)?),
        _ => None,
    };
    let places = places(rolled);
    // Every place of every measure has a row a group: whichever core is free writes it where it stays.
    let measures = || rolled.measures().iter().enumerate();
    let at: Vec<At<'_>> = places
        .iter()
        .flat_map(|place| measures().map(move |measure| (place, measure)))
        .collect();
    let scenes: Vec<Box<Comparison<'_>>> = at
        .into_par_iter()
        .map(
            |((place, cells), (number, measure))| -> Box<Comparison<'_>> {
                let scene = Scene {
                    number,
                    measure: &measure.measure,
                    place,
                    leaves: cells,
                    reference: reference.as_ref(),
                    candidates: &candidates,
                    tallies: rolled,
                    options,
                    open: measure.open.as_deref(),
                    published: measure.column.family() == Family::Rate,
                };
                let outside = elsewhere.as_ref().and_then(|e| e.at(place, measure));
                match (&measure.column, outside) {
                    (Column::Proportion(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::proportions)))
                    }
                    (Column::Mean(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::means)))
                    }
                    (Column::Ratio(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::ratios)))
                    }
                    (Column::Rate(c), o) => {
                        Box::new(scene.compare(c, o.as_ref().and_then(Outside::rates)))
                    }
                }
            },
        )
        .collect();
    let turns: Vec<(&Comparison<'_>, usize, &Group)> = scenes
        .iter()
        .flat_map(|scene| {
            let groups = groups.iter().enumerate();
            groups.map(move |(of, group)| (scene.as_ref(), of, group))
        })
        .collect();
    let rows: Vec<Gap> = turns
        .par_iter()
        .with_min_len(groups.len())
        .map(|(scene, of, group)| scene(*of, group))
        .collect();
    drop(turns);
    drop(scenes);
    let mut gaps = Gaps {
        rows,
        measures: rolled
            .measures()
            .iter()
            .map(|m| m.measure.clone())
            .collect(),
        groups,
        dimensions: rolled.dimensions().iter().map(|d| d.name.clone()).collect(),
        options: GapOptions {
            // Named in print as its label.
            baseline: match reference {
                Some(group) => Baseline::Group(group.label),
                None => options.baseline.clone(),
            },
            ..options.clone()
        },
        unit: rolled.unit().to_owned(),
        findings: rolled.findings().to_vec(),
        many: None,
        tallies: Arc::clone(&whole),
        source: Arc::clone(&whole),
    };
    if let Some(dispersion) = options.dispersion {
        dispersed::apply(&mut gaps, options, dispersion)?;
    }
    if let Some(cluster) = &options.cluster {
        clustered::apply(&mut gaps, tallies, &by, options, cluster)?;
    }
    Ok(gaps)
}

fn check(options: &GapOptions) -> Result<(), Error> {
    check_methods(&options.methods)?;
    if options.groups.is_empty() {
        let expected = "one group or more, or `main` for all of them".into();
        return Err(Error::Option {
            option: "groups",
            found: "nothing".into(),
            expected,
        });
    }
    let number = |option: &'static str, value: f64, expected: &str, fits: bool| {
        if fits {
            return Ok(());
        }
        Err(Error::Option {
            option,
            found: value.to_string(),
            expected: expected.into(),
        })
    };
    number(
        "matters",
        options.matters,
        "a number of zero or more",
        options.matters >= 0.0,
    )?;
    if let Baseline::Fixed(value) = options.baseline {
        number("baseline", value, "a finite number", value.is_finite())?;
    }
    number(
        "minimum",
        options.minimum as f64,
        "zero or more pupils",
        options.minimum >= 0,
    )
}

type Place = Arc<[Option<String>]>;
/// A place with the cell of each leaf there, and a measure with its number.
type At<'a> = (&'a (Place, Vec<Option<usize>>), (usize, &'a MeasureTallies));
/// One measure in one place: gives the row of a group, by its number.
type Comparison<'a> = dyn Fn(usize, &Group) -> Gap + Send + Sync + 'a;

/// Every place in order, with the cell of each leaf there.
fn places(tallies: &Tallies) -> Vec<(Place, Vec<Option<usize>>)> {
    let dimensions = tallies.dimensions();
    let mut places: Vec<(&[u32], Vec<Option<usize>>)> = Vec::new();
    for cell in 0..tallies.cells() {
        let Some((leaf, key)) = tallies.key(cell).split_last() else {
            continue;
        };
        if places.last().is_none_or(|(last, _)| *last != key) {
            places.push((key, vec![None; tallies.leaves().len()]));
        }
        let slot = places
            .last_mut()
            .and_then(|(_, cells)| cells.get_mut(*leaf as usize));
        if let Some(slot) = slot {
            *slot = Some(cell);
        }
    }
    let named = |key: &[u32]| -> Place {
        let values = key.iter().zip(dimensions);
        values
            .map(|(n, d)| d.values.get(*n as usize).cloned().flatten())
            .collect()
    };
    places
        .into_iter()
        .map(|(key, cells)| (named(key), cells))
        .collect()
}

/// One measure in one place.
struct Scene<'a> {
    number: usize,
    measure: &'a Measure,
    place: &'a Place,
    leaves: &'a [Option<usize>],
    reference: Option<&'a Group>,
    /// Main groups, among which the best-placed one is looked for.
    candidates: &'a [Group],
    tallies: &'a Tallies,
    options: &'a GapOptions,
    open: Option<&'a [Open]>,
    published: bool,
}

/// The sums that every group of a scene shares.
struct Cohort<T> {
    /// Those with a known group, or all but the known unclassified where a total row says more.
    classified: Sum<T>,
    /// Everyone.
    everyone: Sum<T>,
    coverage: Calculated<f64>,
}
