//! Whether a publication keeps its policy, by what is printed and what the reader makes of it.

use std::collections::{BTreeMap, BTreeSet};

use disprop::codes::{Ethnicity, LeafKind};
use disprop::gaps::Unclassified;
use disprop::measure::Unit;
use disprop::release::{Draft, Publication};
use polars::prelude::*;

use super::bounds::Range;
use super::random::Draw;
use super::reader::{self, Said, Sheet, World};

/// Whether a group holds a code: its own, one it is the main code of, one of its major group.
fn holds(group: &str, code: &str) -> bool {
    let codes = Ethnicity::default();
    let heritage = group == "Black Caribbean heritage" && ["BCRB", "MWBC"].contains(&code);
    heritage
        || group == code
        || codes.main_of(code) == Some(group)
        || codes
            .major_of(code)
            .is_some_and(|major| major.label() == group)
}

/// What a reader is told: which groups hold which codes, units and decimals, and which measures
/// are of the same pupils.
fn world(draw: &Draw) -> World {
    let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    let mut outside = false;
    for ((_, gaps), of) in draw.tables.iter().zip(&draw.of) {
        let leaves = draw.tallies[*of].leaves();
        for group in &gaps.groups {
            let own = leaves.iter().filter(|leaf| holds(&group.name, &leaf.code));
            let held = codes.entry(group.name.clone()).or_default();
            held.extend(own.map(|leaf| leaf.code.clone()));
            labels.insert(group.label.clone(), group.name.clone());
            labels.insert(group.name.clone(), group.name.clone());
        }
        for leaf in leaves {
            outside |= match leaf.kind {
                LeafKind::Classified => !gaps.groups.iter().any(|g| holds(&g.name, &leaf.code)),
                LeafKind::Unclassified => gaps.options.unclassified == Unclassified::Include,
                LeafKind::Total => true,
            };
        }
    }
    // Codes that always come together are one region.
    let mut signatures: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (group, own) in &codes {
        for code in own {
            signatures.entry(code).or_default().push(group);
        }
    }
    let distinct: BTreeSet<&Vec<&String>> = signatures.values().collect();
    let number: BTreeMap<&Vec<&String>, usize> = distinct.into_iter().zip(0..).collect();
    let regions = number.len() + usize::from(outside);
    let groups = codes.iter().map(|(group, own)| {
        let own: BTreeSet<usize> = own.iter().map(|c| number[&signatures[c]]).collect();
        (group.clone(), own.into_iter().collect())
    });
    let measures = draw.tallies.iter().flat_map(|t| t.measures()).map(|m| {
        let said = Said {
            factor: m.measure.unit.factor(),
            decimals: i32::from(m.measure.decimals),
            proportion: m.measure.unit.factor() == 100.0 && m.measure.unit == Unit::Percent,
        };
        (m.measure.id.clone(), said)
    });
    World {
        groups: groups.collect(),
        labels,
        regions,
        outside,
        measures: measures.collect(),
        classes: draw.classes.clone(),
        round_to: i64::from(draw.policy.round_to),
    }
}

pub fn release(draw: &Draw) -> Result<Publication, disprop::Error> {
    let draft = draw
        .tables
        .iter()
        .fold(Draft::new(), |d, (name, gaps)| d.gaps(name, gaps));
    draft.release(&draw.policy)
}

/// The true events and pupils of a row.
fn truth(draw: &Draw, table: usize, row: usize) -> Option<(i64, i64)> {
    let gap = &draw.tables[table].1.rows[row];
    let n = gap.group.n?;
    let x = gap.group.value.map_or(0, |v| (v * n as f64).round() as i64);
    Some((x, n))
}

/// What the reader finds.
pub struct Verdict {
    /// What the policy asks for and is otherwise.
    pub leaks: Vec<String>,
    /// Counts whose bounds are wide enough and for which no two whole tables were found so far
    /// apart: neither a leak nor shown to be none.
    pub undecided: usize,
}

/// What the policy asks for and the reader finds otherwise.
pub fn verdict(draw: &Draw, frames: &[&DataFrame]) -> Verdict {
    let policy = &draw.policy;
    let width = policy.width() as f64;
    // A reader knows of which year a table is.
    let dated: Vec<(DataFrame, Vec<String>)> = frames
        .iter()
        .zip(&draw.tables)
        .map(|(frame, (_, gaps))| {
            let (mut frame, mut dimensions) = ((*frame).clone(), gaps.dimensions.clone());
            for (name, value) in gaps.kept() {
                let column = Column::new(name.into(), vec![value.as_str(); frame.height()]);
                frame.with_column(column).unwrap();
                dimensions.push(name.clone());
            }
            (frame, dimensions)
        })
        .collect();
    let sheets: Vec<Sheet<'_>> = dated
        .iter()
        .map(|(frame, dimensions)| Sheet {
            frame,
            dimensions: dimensions.clone(),
        })
        .collect();
    let mut leaks = shown_small(draw, frames);
    let mut undecided = 0;
    let world = world(draw);
    let Some(found) = reader::attack(&sheets, &world, width, &|table, row| {
        truth(draw, table, row)
    }) else {
        leaks.push("the reader is lost".into());
        return Verdict { leaks, undecided };
    };
    for found in found {
        let Some((x, n)) = truth(draw, found.table, found.row) else {
            continue;
        };
        let mut judge = |what: &str, range: Option<Range>, truth: i64| {
            let Some(range) = range else {
                return;
            };
            let truth = truth as f64;
            let (lower, upper) = range.proved;
            assert!(
                lower <= truth && truth <= upper,
                "{} {} {what}: {truth} is not in {range:?}",
                found.table,
                found.row
            );
            // No table with another number was found, or none can be: then it is known.
            let zero = policy.show_zeros && truth == 0.0 && upper == 0.0;
            if upper - lower >= width && range.width() < width && !zero {
                undecided += 1;
            } else if range.width() < width && !zero {
                leaks.push(format!(
                    "{} row {} {what} {truth}: {range:?}",
                    found.table, found.row
                ));
            }
        };
        judge("pupils", found.pupils, n);
        judge("with", Some(found.with), x);
        judge(
            "without",
            found.without.filter(|_| policy.complement),
            n - x,
        );
    }
    Verdict { leaks, undecided }
}

/// Small counts that are printed.
fn shown_small(draw: &Draw, frames: &[&DataFrame]) -> Vec<String> {
    let policy = &draw.policy;
    let mut leaks = Vec::new();
    for (table, frame) in frames.iter().enumerate() {
        let gaps = &draw.tables[table].1;
        let number = |name: &str| -> Vec<Option<f64>> {
            match frame.column(name) {
                Ok(column) => {
                    let cast = column.cast(&DataType::Float64).unwrap();
                    cast.as_materialized_series()
                        .f64()
                        .unwrap()
                        .iter()
                        .collect()
                }
                Err(_) => vec![None; frame.height()],
            }
        };
        let columns = [
            ("group_n", "group_value", true),
            ("baseline_n", "baseline_value", false),
        ];
        for (n, value, own) in columns {
            let (shown_n, shown_value) = (number(n), number(value));
            for (row, gap) in gaps.rows.iter().enumerate() {
                let side = if own { &gap.group } else { &gap.baseline };
                let Some(count) = side.n else {
                    continue;
                };
                let x = side.value.map_or(0, |v| (v * count as f64).round() as i64);
                let proportion = gaps.measures[gap.measure].unit == Unit::Percent;
                let small = |c: i64| policy.is_small(c);
                let averaged = gaps.measures[gap.measure].unit == Unit::Points;
                if shown_n[row].is_some() && small(count) {
                    leaks.push(format!("{table} row {row} {n} is shown"));
                }
                let rest = proportion && policy.complement && small(count - x);
                if shown_value[row].is_some() && !averaged && (small(x) || rest) {
                    leaks.push(format!("{table} row {row} {value} is shown"));
                }
            }
        }
        // Few without a recorded group, told by the share with one.
        let leaves = draw.tallies[draw.of[table]].leaves();
        if leaves.iter().any(|l| l.kind == LeafKind::Unclassified)
            && !leaves.iter().any(|l| l.kind == LeafKind::Total)
        {
            let coverage = number("coverage");
            for (row, gap) in gaps.rows.iter().enumerate() {
                let (Some(a), Some(b), Ok(share)) = (gap.group.n, gap.baseline.n, gap.coverage)
                else {
                    continue;
                };
                let others = matches!(gaps.options.baseline, disprop::gaps::Baseline::AllOthers);
                let include = gaps.options.unclassified == Unclassified::Include;
                let whole = (a + b) as f64;
                let missing = if include {
                    (1.0 - share) * whole
                } else {
                    whole / share - whole
                };
                if others
                    && coverage[row].is_some()
                    && (1..i64::from(policy.threshold)).contains(&(missing.round() as i64))
                {
                    leaks.push(format!("{table} row {row} coverage is shown"));
                }
            }
        }
    }
    leaks
}
