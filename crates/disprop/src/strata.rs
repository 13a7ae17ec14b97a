//! Tallies cut into strata: for each place and group, the group and its baseline in every stratum.

mod design;
mod layered;

use std::sync::Arc;

use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::Stratum;
use disprop_stats::{Calculated, NotCalculable};

pub(crate) use design::design;
pub(crate) use layered::{Layered, jackknife};

use crate::codes::LeafKind;
use crate::error::Error;
use crate::gaps::{Baseline, GapOptions, Group, GroupChoice, Sum, Unclassified, resolve};
use crate::tallies::{MeasureTallies, OfWords, Open, Sums, Tallies};

/// Values of the dimensions that name a place.
pub(crate) type Place = Arc<[Option<String>]>;

/// Tallies rolled up to places and, within them, strata.
pub(crate) struct Strata {
    pub(crate) tallies: Tallies,
    /// Names of the dimensions that name a place.
    pub(crate) by: Vec<String>,
    pub(crate) groups: Vec<Group>,
    pub(crate) places: Vec<Cells>,
    reference: Option<Group>,
    unclassified: Unclassified,
    has_total: bool,
}

/// The cells of one place.
pub(crate) struct Cells {
    pub(crate) place: Place,
    /// Numbers of each stratum's values, one a dimension of the strata.
    pub(crate) keys: Vec<Vec<u32>>,
    /// The cell of each leaf in each stratum.
    leaves: Vec<Vec<Option<usize>>>,
}

/// Tallies of one measure, with what a publication leaves open.
#[derive(Clone, Copy)]
pub(crate) struct Figures<'a, T> {
    pub(crate) cells: &'a Sums<T>,
    pub(crate) open: Option<&'a [Open]>,
}

impl<'a, T> Figures<'a, T> {
    pub(crate) fn new(cells: &'a Sums<T>, measure: &'a MeasureTallies) -> Self {
        Figures {
            cells,
            open: measure.open.as_deref(),
        }
    }
}

impl Strata {
    /// Cuts tallies into strata of these dimensions; places are the dimensions asked for, or all
    /// that are left.
    ///
    /// # Errors
    /// `dimension.unknown`; `group.unknown`; `option.bad` for a dimension on both sides, a baseline
    /// that is neither all others nor a group, and bounds for the unclassified.
    pub(crate) fn new(
        tallies: &Tallies,
        strata: &[&str],
        aside: &[&str],
        options: &GapOptions,
    ) -> Result<Self, Error> {
        let by: Vec<String> = match &options.by {
            Some(by) => by.clone(),
            None => {
                let names = tallies.dimensions().iter().map(|d| d.name.clone());
                let taken = |name: &String| {
                    strata.contains(&name.as_str()) || aside.contains(&name.as_str())
                };
                names.filter(|name| !taken(name)).collect()
            }
        };
        for (place, name) in strata.iter().enumerate() {
            let twice = strata.iter().take(place).any(|other| other == name);
            if twice || by.iter().any(|other| other == name) {
                return Err(Error::Option {
                    option: "strata",
                    found: (*name).into(),
                    expected: "dimensions named once and not in `by`".into(),
                });
            }
        }
        if options.unclassified == Unclassified::Bounds {
            return Err(Error::Option {
                option: "unclassified",
                found: "bounds".into(),
                expected: "`exclude` or `include`: strata have no range".into(),
            });
        }
        let keep: Vec<&str> = by
            .iter()
            .map(String::as_str)
            .chain(strata.iter().copied())
            .collect();
        let rolled = tallies.roll_up(&keep)?;
        let reference = match &options.baseline {
            Baseline::AllOthers => None,
            Baseline::Group(name) => resolve(&rolled, &[GroupChoice::Code(name.clone())])?
                .into_iter()
                .next(),
            other => {
                return Err(Error::Option {
                    option: "baseline",
                    found: other.label(),
                    expected: "all other groups, or one group".into(),
                });
            }
        };
        let groups = resolve(&rolled, &options.groups)?;
        let places = places(&rolled, by.len());
        let has_total = rolled.leaves().iter().any(|l| l.kind == LeafKind::Total);
        Ok(Strata {
            tallies: rolled,
            by,
            groups,
            places,
            reference,
            unclassified: options.unclassified,
            has_total,
        })
    }

    /// Returns the group's and the baseline's tallies in every stratum of a place, in its order.
    pub(crate) fn of<T: Fraction + OfWords>(
        &self,
        place: &Cells,
        figures: Figures<'_, T>,
        group: &Group,
    ) -> Calculated<Vec<Stratum<T>>> {
        if let Some(reference) = &self.reference {
            if group.leaves == reference.leaves {
                return Err(NotCalculable::IsBaseline);
            }
            if group.leaves.iter().any(|l| reference.leaves.contains(l)) {
                return Err(NotCalculable::OverlapsBaseline);
            }
        }
        let leaves = place.leaves.iter();
        leaves
            .map(|leaves| {
                let own = self.sum(leaves, figures, |leaf, _| group.leaves.contains(&leaf));
                let others = match &self.reference {
                    Some(reference) => {
                        self.sum(leaves, figures, |leaf, _| reference.leaves.contains(&leaf))
                    }
                    None => self.everyone(leaves, figures).minus(&own),
                };
                Ok(Stratum::new(own.tally?, others.tally?))
            })
            .collect()
    }

    /// Everyone who may stand on either side, as the policy on unclassified pupils has it.
    fn everyone<T: Fraction + OfWords>(
        &self,
        leaves: &[Option<usize>],
        figures: Figures<'_, T>,
    ) -> Sum<T> {
        let kind = |wanted: LeafKind| self.sum(leaves, figures, move |_, kind| kind == wanted);
        let include = self.unclassified == Unclassified::Include;
        let unclassified = kind(LeafKind::Unclassified);
        if !self.has_total {
            let classified = kind(LeafKind::Classified);
            return if include {
                classified.plus(&unclassified)
            } else {
                classified
            };
        }
        let total = kind(LeafKind::Total);
        let there = |wanted: LeafKind| {
            let all = leaves.iter().zip(self.tallies.leaves());
            all.into_iter()
                .any(|(cell, leaf)| cell.is_some() && leaf.kind == wanted)
        };
        if !there(LeafKind::Total) {
            return Sum {
                tally: Err(NotCalculable::NoCounterpart),
                open: None,
            };
        }
        if include || !there(LeafKind::Unclassified) {
            total
        } else {
            total.minus(&unclassified)
        }
    }

    fn sum<T: Fraction + OfWords>(
        &self,
        leaves: &[Option<usize>],
        figures: Figures<'_, T>,
        keep: impl Fn(usize, LeafKind) -> bool,
    ) -> Sum<T> {
        let all = leaves.iter().zip(self.tallies.leaves()).enumerate();
        let cells = all
            .filter(|(number, (_, leaf))| keep(*number, leaf.kind))
            .filter_map(|(_, (cell, _))| *cell);
        Sum::of(figures.cells, figures.open, cells)
    }
}

/// Every place in order, with its strata; the first so many dimensions name the place.
fn places(tallies: &Tallies, by: usize) -> Vec<Cells> {
    let dimensions = tallies.dimensions();
    let mut places: Vec<(&[u32], Cells)> = Vec::new();
    for cell in 0..tallies.cells() {
        let Some((leaf, key)) = tallies.key(cell).split_last() else {
            continue;
        };
        let (outer, inner) = key.split_at(by.min(key.len()));
        if places.last().is_none_or(|(last, _)| *last != outer) {
            let named = outer.iter().zip(dimensions);
            let place = named
                .map(|(n, d)| d.values.get(*n as usize).cloned().flatten())
                .collect();
            let empty = Cells {
                place,
                keys: Vec::new(),
                leaves: Vec::new(),
            };
            places.push((outer, empty));
        }
        let Some((_, cells)) = places.last_mut() else {
            continue;
        };
        if cells.keys.last().is_none_or(|last| last != inner) {
            cells.keys.push(inner.to_vec());
            cells.leaves.push(vec![None; tallies.leaves().len()]);
        }
        let slot = cells
            .leaves
            .last_mut()
            .and_then(|leaves| leaves.get_mut(*leaf as usize));
        if let Some(slot) = slot {
            *slot = Some(cell);
        }
    }
    places.into_iter().map(|(_, cells)| cells).collect()
}

/// Keys in order, and the strata that belong to them.
pub(crate) type Merged<T> = (Vec<Vec<u32>>, Vec<Stratum<T>>);

/// Adds up strata whose keys agree in their first `keep` numbers; keys come back in order.
pub(crate) fn merged<T: Fraction>(
    keys: &[Vec<u32>],
    strata: &[Stratum<T>],
    keep: std::ops::Range<usize>,
) -> Calculated<Merged<T>> {
    let mut sums: std::collections::BTreeMap<&[u32], Stratum<T>> =
        std::collections::BTreeMap::new();
    for (key, stratum) in keys.iter().zip(strata) {
        let sum = sums
            .entry(key.get(keep.clone()).unwrap_or_default())
            .or_default();
        *sum = plus(sum, stratum)?;
    }
    Ok(sums
        .into_iter()
        .map(|(key, sum)| (key.to_vec(), sum))
        .unzip())
}

pub(crate) fn plus<T: Fraction>(a: &Stratum<T>, b: &Stratum<T>) -> Calculated<Stratum<T>> {
    let merge = |a: &T, b: &T| a.merge(b).map_err(|_| NotCalculable::Overflow);
    Ok(Stratum::new(
        merge(&a.group, &b.group)?,
        merge(&a.baseline, &b.baseline)?,
    ))
}

pub(crate) fn minus<T: Fraction>(a: &Stratum<T>, b: &Stratum<T>) -> Calculated<Stratum<T>> {
    let subtract = |a: &T, b: &T| a.subtract(b).map_err(|_| NotCalculable::Overflow);
    Ok(Stratum::new(
        subtract(&a.group, &b.group)?,
        subtract(&a.baseline, &b.baseline)?,
    ))
}

/// What a comparison within strata rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Support {
    /// Strata with anybody in them.
    pub strata: usize,
    /// Strata with pupils of the group and of the baseline.
    pub compared: usize,
    /// Pupils of the group in strata where nobody of the baseline is.
    pub group_unmatched: i64,
    /// Pupils of the baseline in strata where nobody of the group is.
    pub baseline_unmatched: i64,
    /// Share of the group's denominator in strata that compare, 0–1.
    pub kept: f64,
}

impl Support {
    pub(crate) fn of<T: Fraction>(strata: &[Stratum<T>]) -> Self {
        let mut support = Support {
            strata: 0,
            compared: 0,
            group_unmatched: 0,
            baseline_unmatched: 0,
            kept: 0.0,
        };
        let (mut kept, mut all) = (0.0, 0.0);
        for stratum in strata {
            let (group, baseline) = (!stratum.group.is_empty(), !stratum.baseline.is_empty());
            support.strata += usize::from(group || baseline);
            all += stratum.group.denominator();
            match (group, baseline) {
                (true, true) => {
                    support.compared += 1;
                    kept += stratum.group.denominator();
                }
                (true, false) => support.group_unmatched += stratum.group.n(),
                (false, true) => support.baseline_unmatched += stratum.baseline.n(),
                (false, false) => {}
            }
        }
        if all > 0.0 {
            support.kept = kept / all;
        }
        support
    }
}

/// Names of characteristics that may lie between belonging to a group and the outcome.
const ON_THE_PATHWAY: &[(&str, &str)] = &[
    ("fsm", "free school meals"),
    ("sen", "special educational needs"),
    ("eal", "first language"),
    ("school", "school attended"),
    ("urn", "school attended"),
    ("exclu", "earlier exclusion"),
    ("susp", "earlier suspension"),
    ("absen", "absence"),
    ("attend", "attendance"),
    ("prior", "prior attainment"),
];

/// Says which strata may themselves be part of how a disparity comes about.
pub(crate) fn pathway(strata: &[String]) -> String {
    let named = |name: &String| {
        let lower = name.to_lowercase();
        let mut known = ON_THE_PATHWAY.iter();
        known
            .find(|(stem, _)| lower.contains(stem))
            .map(|(_, label)| *label)
    };
    let mut found: Vec<&str> = Vec::new();
    for label in strata.iter().filter_map(named) {
        if !found.contains(&label) {
            found.push(label);
        }
    }
    if found.is_empty() {
        return "Mind what is adjusted for: a characteristic that is itself shaped by how a group is \
                treated takes part of the disparity away."
            .into();
    }
    format!(
        "Mind what is adjusted for: a characteristic may itself be part of how the disparity comes \
         about ({}), and adjusting for it takes that part away.",
        found.join(", ")
    )
}
