//! Attack on releases by a reader who has nothing but what is printed: random publications, every
//! policy, and no withheld count that can be narrowed. The reader and its solver are this crate's.

#[path = "release_attack/bounds.rs"]
mod bounds;
#[path = "release_attack/random.rs"]
mod random;
#[path = "release_attack/reader.rs"]
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use bounds::Range;
use disprop::codes::{Ethnicity, LeafKind};
use disprop::gaps::Unclassified;
use disprop::measure::Unit;
use disprop::release::{Draft, Policy, Publication};
use polars::prelude::*;
use random::{Draw, draw};
use reader::{Said, Sheet, World};

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

fn release(draw: &Draw) -> Result<Publication, disprop::Error> {
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

/// What the policy asks for and the reader finds otherwise.
fn leaks(draw: &Draw, frames: &[&DataFrame]) -> Vec<String> {
    let policy = &draw.policy;
    let width = policy.width() as f64;
    let sheets: Vec<Sheet<'_>> = frames
        .iter()
        .zip(&draw.tables)
        .map(|(frame, (_, gaps))| Sheet {
            frame,
            dimensions: gaps.dimensions.clone(),
        })
        .collect();
    let mut leaks = shown_small(draw, frames);
    let world = world(draw);
    let Some(found) = reader::attack(&sheets, &world, width, &|table, row| {
        truth(draw, table, row)
    }) else {
        leaks.push("the reader is lost".into());
        return leaks;
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
            if range.width() < width && !zero {
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
    leaks
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
                if shown_n[row].is_some() && small(count) {
                    leaks.push(format!("{table} row {row} {n} is shown"));
                }
                let rest = proportion && policy.complement && small(count - x);
                if shown_value[row].is_some() && (small(x) || rest) {
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

/// Counts of a batch of attacks.
#[derive(Default)]
struct Tally {
    rows: usize,
    withheld: usize,
    refused: usize,
    leaks: Vec<String>,
    seconds: [f64; 3],
}

fn attack(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let start = Instant::now();
        let draw = draw(seed);
        let drawn = Instant::now();
        let out = match release(&draw) {
            Ok(out) => out,
            Err(error) => {
                assert_eq!(error.code(), "release.refused", "seed {seed}: {error}");
                tally.refused += 1;
                tally.seconds[1] += drawn.elapsed().as_secs_f64();
                continue;
            }
        };
        let released = Instant::now();
        for table in out.tables() {
            tally.rows += table.frame().height();
            tally.withheld += table.withheld();
        }
        let frames: Vec<&DataFrame> = out.tables().iter().map(|t| t.frame()).collect();
        let name = &draw.policy.name;
        tally.leaks.extend(
            leaks(&draw, &frames)
                .into_iter()
                .map(|leak| format!("seed {seed}, {name}: {leak}")),
        );
        tally.seconds[0] += (drawn - start).as_secs_f64();
        tally.seconds[1] += (released - drawn).as_secs_f64();
        tally.seconds[2] += released.elapsed().as_secs_f64();
    }
    tally
}

#[test]
fn no_printed_number_narrows_a_withheld_count_below_the_policy() {
    let tally = attack(0..200);
    assert!(
        tally.leaks.is_empty(),
        "{:#?}",
        &tally.leaks[..tally.leaks.len().min(20)]
    );
    assert!(tally.withheld > 0 && tally.withheld < tally.rows);
    // A refusal is safe, but it must stay the exception.
    assert!(tally.refused <= 6, "{} of 200 refused", tally.refused);
}

/// `make attack`: a hundred thousand publications, or `RELEASES` from `FIRST` on.
#[test]
#[ignore = "takes half an hour; run by make attack"]
fn a_hundred_thousand_releases() {
    let number = |name: &str, default: u64| {
        let given = std::env::var(name).ok();
        given.map_or(default, |text| text.parse().unwrap())
    };
    let (first, releases) = (number("FIRST", 0), number("RELEASES", 100_000));
    let (mut all, mut refused, mut withheld, mut rows, mut leaks) = (0, 0, 0, 0, 0);
    let start = Instant::now();
    while all < releases {
        let size = 1_000.min(releases - all);
        let batch = attack(first + all..first + all + size);
        for leak in &batch.leaks {
            println!("LEAK {leak}");
        }
        all += size;
        refused += batch.refused;
        withheld += batch.withheld;
        rows += batch.rows;
        leaks += batch.leaks.len();
        println!(
            "{all} publications from seed {first}: {leaks} leaks, {withheld} of {rows} rows withheld, \
             {refused} refused, {:.0} s (drawn {:.1}, released {:.1}, attacked {:.1})",
            start.elapsed().as_secs_f64(),
            batch.seconds[0],
            batch.seconds[1],
            batch.seconds[2],
        );
    }
    assert_eq!(leaks, 0);
}

/// Printed frames of a publication of which one rule was left out.
fn mutated(draw: &Draw, change: &dyn Fn(&DataFrame, &DataFrame) -> DataFrame) -> Vec<DataFrame> {
    let out = release(draw).unwrap();
    let tables = draw.tables.iter().zip(out.tables());
    tables
        .map(|((_, gaps), released)| change(&gaps.to_frame().unwrap(), released.frame()))
        .collect()
}

/// A column of withheld rows, printed all the same at two decimals more than it would be.
fn told(raw: &DataFrame, released: &DataFrame, names: &[&str]) -> DataFrame {
    let mut frame = released.clone();
    for name in names {
        let values = raw.column(name).unwrap().cast(&DataType::Float64).unwrap();
        let factor = match *name {
            "group_n" | "baseline_n" => 1.0,
            "excess" => 10.0,
            "ratio" | "odds_ratio" | "share_ratio" => 100.0,
            _ => 1_000.0,
        };
        let values = values.as_materialized_series().f64().unwrap().iter();
        let rounded = values.map(|v| v.map(|v| (v * factor).round() / factor));
        let column = Column::new((*name).into(), rounded.collect::<Vec<Option<f64>>>());
        frame.with_column(column).unwrap();
    }
    frame
}

/// Publications of one place and three printed decimals, where a single number can tell.
fn plain() -> Vec<Draw> {
    let fits = |draw: &Draw| {
        draw.tables.len() == 1
            && draw.tables[0].1.rows.len() < 14
            && draw.policy.round_to == 1
            && draw.tables[0].1.measures[0].decimals == 3
            && matches!(
                draw.tables[0].1.options.baseline,
                disprop::gaps::Baseline::AllOthers
            )
            && draw.tables[0]
                .1
                .rows
                .iter()
                .all(|r| r.group.n.unwrap_or(0) < 200)
    };
    let both = |draw: &Draw| {
        release(draw).is_ok_and(|out| {
            let rows = out.tables()[0].frame().height();
            (1..rows).contains(&out.tables()[0].withheld())
        })
    };
    let draws = (0..20_000).map(draw).filter(fits).filter(both);
    draws.take(40).collect()
}

#[test]
fn a_derived_number_left_in_is_found_out() {
    let draws = plain();
    assert!(draws.len() > 10, "{}", draws.len());
    for names in [
        &["group_n", "group_value"][..],
        &["baseline_n", "baseline_value"],
        &["difference"],
        &["ratio"],
        &["odds_ratio"],
        &["excess"],
        &["share_ratio"],
        &["group_lower", "group_upper"],
        &["difference_lower", "difference_upper"],
    ] {
        let mut found = 0;
        for draw in &draws {
            let frames = mutated(draw, &|raw, released| told(raw, released, names));
            let frames: Vec<&DataFrame> = frames.iter().collect();
            found += usize::from(!leaks(draw, &frames).is_empty());
        }
        assert!(found > 0, "{names:?} was left in and nothing was found");
    }
}

#[test]
fn without_secondary_suppression_the_attack_finds_leaks() {
    let (mut found, mut tried) = (0, 0);
    for seed in 0..120 {
        let draw = draw(seed);
        let Ok(out) = release(&draw) else {
            continue;
        };
        // Rows small for their own sake go, as their owner's log says; all others are shown.
        let internal = Policy {
            audience: disprop::release::Audience::Internal,
            ..draw.policy.clone()
        };
        let own = Draw {
            policy: internal,
            ..draw
        };
        let _ = out;
        let logged = release(&own).unwrap();
        let mut frames: Vec<DataFrame> = Vec::new();
        for ((_, gaps), table) in own.tables.iter().zip(logged.tables()) {
            frames.push(primary_only(&own.policy, gaps, table.frame()));
        }
        tried += 1;
        let frames: Vec<&DataFrame> = frames.iter().collect();
        found += usize::from(!leaks(&own, &frames).is_empty());
    }
    assert!(found > tried / 3, "{found} of {tried}");
}

/// The frame with every row shown whose own counts and whose baseline's are not small.
fn primary_only(policy: &Policy, gaps: &disprop::Gaps, released: &DataFrame) -> DataFrame {
    let raw = gaps.to_frame().unwrap();
    let hidden: Vec<bool> = gaps
        .rows
        .iter()
        .map(|gap| {
            [&gap.group, &gap.baseline].iter().any(|side| {
                let n = side.n.unwrap_or(0);
                let x = side.value.map_or(0, |v| (v * n as f64).round() as i64);
                let percent = gaps.measures[gap.measure].unit == Unit::Percent;
                let rest = percent && policy.complement && policy.is_small(n - x);
                policy.is_small(n) || policy.is_small(x) || rest
            })
        })
        .collect();
    let columns = raw.columns().iter().map(|column| {
        let name = column.name().as_str();
        if name == "finding" {
            let values = column
                .as_materialized_series()
                .str()
                .unwrap()
                .iter()
                .zip(&hidden);
            let said = values.map(|(v, gone)| match gone {
                true => Some("withheld".to_owned()),
                false => v.map(str::to_owned),
            });
            return Column::new(name.into(), said.collect::<Vec<_>>());
        }
        if released
            .column(name)
            .is_ok_and(|c| c.dtype().is_primitive_numeric())
            && name != "level"
        {
            let cast = column.cast(&DataType::Float64).unwrap();
            let values = cast
                .as_materialized_series()
                .f64()
                .unwrap()
                .iter()
                .zip(&hidden);
            let shown = values.map(|(v, gone)| v.filter(|_| !gone));
            return Column::new(name.into(), shown.collect::<Vec<_>>());
        }
        column.clone()
    });
    DataFrame::new(raw.height(), columns.collect()).unwrap()
}
