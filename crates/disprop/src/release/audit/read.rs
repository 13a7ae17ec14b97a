//! Rows as a reader has them: from printed tables, or with every shown count known exactly.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::{Knowledge, Place, Seen, Shown};
use crate::error::Error;
use crate::gaps::{Baseline, Gaps, Side, Unclassified};

/// A row as a reader has it: bounds of pupils and events on both sides, where printed.
pub(in crate::release) struct Row {
    pub(super) measure: String,
    pub(super) place: Place,
    pub(super) group: String,
    pub(super) withheld: bool,
    pub(super) sides: [Option<Counts>; 2],
    pub(super) against: Against,
    /// Bounds of the pupils with a known group, where those without are among the others.
    pub(super) listed: Option<(f64, f64)>,
}

impl Row {
    /// Stands for a row that is nobody's question, so that the others keep their numbers.
    fn unasked() -> Self {
        Row {
            measure: String::new(),
            place: Vec::new(),
            group: String::new(),
            withheld: false,
            sides: [None, None],
            against: Against::Elsewhere,
            listed: None,
        }
    }
}

/// What the second side of a row counts.
pub(super) enum Against {
    Others,
    Everyone,
    Group(String),
    Elsewhere,
}

/// Bounds of pupils, and of events where a value is printed.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) pupils: (f64, f64),
    pub(super) events: Option<(f64, f64)>,
}

impl Counts {
    pub(super) fn is_exact(self) -> bool {
        let one = |(low, high): (f64, f64)| high - low < 1e-9;
        one(self.pupils) && self.events.is_none_or(one)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let add = |a: (f64, f64), b: (f64, f64)| (a.0 + b.0, a.1 + b.1);
        Counts {
            pupils: add(self.pupils, other.pupils),
            events: self.events.zip(other.events).map(|(a, b)| add(a, b)),
        }
    }
}

const OTHERS: &str = "all other groups";
const EVERYONE: &str = "all pupils";

/// The group that a baseline's label means, where it means one.
fn named<'a>(label: &str, groups: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
    let label = label
        .strip_prefix("best-placed group (")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(label);
    let mut groups = groups;
    groups
        .find(|(name, shown)| *shown == label || *name == label)
        .map(|(name, _)| name)
}

pub(super) fn printed(seen: &Seen<'_>, knowledge: &Knowledge) -> Result<Vec<Row>, Error> {
    let frame = seen.frame;
    let has = |name: &str| frame.get_column_names().iter().any(|n| n.as_str() == name);
    let text = |name: &str| -> Result<Vec<Option<String>>, Error> {
        if !has(name) {
            return Ok(vec![None; frame.height()]);
        }
        let cast = frame.column(name)?.cast(&DataType::String)?;
        let series = cast.as_materialized_series().str()?.iter();
        Ok(series.map(|v| v.map(str::to_owned)).collect())
    };
    let number = |name: &str| -> Result<Vec<Option<f64>>, Error> {
        if !has(name) {
            return Ok(vec![None; frame.height()]);
        }
        let cast = frame.column(name)?.cast(&DataType::Float64)?;
        Ok(cast.as_materialized_series().f64()?.iter().collect())
    };
    let (measure, group, finding) = (text("measure")?, text("group")?, text("finding")?);
    let (baseline, labels) = (text("baseline")?, text("group_label")?);
    let (unclassified, coverage) = (text("unclassified")?, number("coverage")?);
    let dimensions: Vec<Vec<Option<String>>> = seen
        .dimensions
        .iter()
        .map(|d| text(d))
        .collect::<Result<_, _>>()?;
    let sides = [
        (number("group_n")?, number("group_value")?),
        (number("baseline_n")?, number("baseline_value")?),
    ];
    let at = |column: &[Option<String>], row: usize| column.get(row).cloned().flatten();
    let groups: BTreeMap<&str, &str> = group
        .iter()
        .zip(&labels)
        .filter_map(|(name, label)| Some((name.as_deref()?, label.as_deref()?)))
        .collect();
    let mut rows = Vec::with_capacity(frame.height());
    for row in 0..frame.height() {
        let id = at(&measure, row).unwrap_or_default();
        let shown = knowledge.shown(&id);
        let side = |(n, value): &(Vec<Option<f64>>, Vec<Option<f64>>)| {
            let n = n.get(row).copied().flatten()?;
            let value = value.get(row).copied().flatten();
            Some(counts(n, value, shown, knowledge.round_to))
        };
        let (group_side, baseline_side) = (side(&sides[0]), side(&sides[1]));
        let label = at(&baseline, row);
        let against = match label.as_deref() {
            None | Some(OTHERS) => Against::Others,
            Some(EVERYONE) => Against::Everyone,
            Some(label) => match named(label, groups.iter().map(|(name, label)| (*name, *label))) {
                Some(name) => Against::Group(name.to_owned()),
                None => Against::Elsewhere,
            },
        };
        let share = coverage.get(row).copied().flatten();
        let listed = share
            .filter(|_| at(&unclassified, row).as_deref() == Some("include"))
            .zip(group_side.zip(baseline_side))
            .filter(|_| matches!(against, Against::Others))
            .map(|(share, (a, b))| {
                let all = a.plus(b).pupils;
                let half = 0.0005 + 1e-9;
                (
                    ((share - half) * all.0 - 1e-9).ceil().max(0.0),
                    ((share + half) * all.1 + 1e-9).floor(),
                )
            });
        rows.push(Row {
            withheld: at(&finding, row).as_deref() == Some("withheld"),
            place: dimensions.iter().map(|d| at(d, row)).collect(),
            group: at(&group, row).unwrap_or_default(),
            sides: [group_side, baseline_side],
            against,
            listed,
            measure: id,
        });
    }
    Ok(rows)
}

/// Rows of gaps for a reader who knows every shown count exactly, whatever it was rounded to; those
/// of measures that are not asked for stay out.
pub(in crate::release) fn exact(
    gaps: &Gaps,
    asked: impl Fn(&str) -> bool,
    withheld: impl Fn(usize) -> bool,
    bare: impl Fn(usize) -> bool,
    knowledge: &Knowledge,
) -> Vec<Row> {
    let include = gaps.options.unclassified == Unclassified::Include;
    let groups = || {
        gaps.groups
            .iter()
            .map(|g| (g.name.as_str(), g.label.as_str()))
    };
    let kept = || {
        let kept = gaps.kept().iter();
        kept.map(|(_, value)| Some(value.clone()))
    };
    let rows = gaps.rows.iter().enumerate();
    let made = rows.map(|(number, gap)| {
        let id = gaps.measures.get(gap.measure).map_or("", |m| m.id.as_str());
        if !asked(id) {
            return Row::unasked();
        }
        let shown = knowledge.shown(id);
        let hidden = withheld(number);
        let side = |side: &Side| {
            let n = side.n? as f64;
            let events = side.value.ok().map(|v| (v * n).round());
            let events = events
                .or((n == 0.0).then_some(0.0))
                .filter(|_| shown.events);
            Some(Counts {
                pupils: (n, n),
                events: events.map(|e| (e, e)),
            })
        };
        let sides = match hidden {
            true => [None, None],
            false => [side(&gap.group), side(&gap.baseline)],
        };
        let against = match &gaps.options.baseline {
            Baseline::AllOthers => Against::Others,
            Baseline::Overall => Against::Everyone,
            Baseline::Fixed(_) | Baseline::Elsewhere { .. } => Against::Elsewhere,
            Baseline::Group(_) | Baseline::BestPlaced => {
                match named(&gap.baseline_label, groups()) {
                    Some(name) => Against::Group(name.to_owned()),
                    None => Against::Elsewhere,
                }
            }
        };
        let all = sides[0].zip(sides[1]).map(|(a, b)| a.plus(b).pupils.0);
        let listed = all
            .zip(gap.coverage.ok())
            .filter(|_| include && !bare(number) && matches!(against, Against::Others))
            .map(|(all, share)| ((share * all).round(), (share * all).round()));
        Row {
            measure: id.to_owned(),
            // A table of one year is one by year, of which the others are not there.
            place: gap.place.iter().cloned().chain(kept()).collect(),
            group: gaps
                .groups
                .get(gap.of)
                .map_or_else(String::new, |g| g.name.clone()),
            withheld: hidden,
            sides,
            against,
            listed,
        }
    });
    made.collect()
}

/// Bounds of the counts behind a printed number and value.
fn counts(n: f64, value: Option<f64>, shown: Shown, round_to: i64) -> Counts {
    let slack = (round_to.max(1) / 2) as f64;
    let pupils = ((n - slack).max(0.0), n + slack);
    let half = 0.5 / 10_f64.powi(i32::from(shown.decimals)) + 1e-9;
    let events = value.filter(|_| shown.events).map(|v| {
        let (low, high) = ((v - half) / shown.factor, (v + half) / shown.factor);
        let most = if shown.proportion { pupils.1 } else { f64::MAX };
        (
            (low * pupils.0 - 1e-9).ceil().max(0.0),
            (high * pupils.1 + 1e-9).floor().min(most),
        )
    });
    // Nobody in the group: no value, and no events.
    let events = events.or((n == 0.0 && shown.events).then_some((0.0, pupils.1)));
    Counts { pupils, events }
}
