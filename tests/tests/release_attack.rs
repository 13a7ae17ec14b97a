//! Attack on releases by a reader who has nothing but what is printed: random publications, every
//! policy, and no withheld count that can be narrowed. The reader and its solver are this crate's.

#[path = "release_attack/bounds.rs"]
mod bounds;
#[path = "release_attack/judge.rs"]
mod judge;
#[path = "release_attack/random.rs"]
mod random;
#[path = "release_attack/reader.rs"]
mod reader;

use std::time::Instant;

use disprop::measure::Unit;
use disprop::release::{Draft, Policy, Publication};
use judge::{release, verdict};
use polars::prelude::*;
use random::{Draw, draw};

/// Counts of a batch of attacks.
#[derive(Default)]
struct Tally {
    rows: usize,
    withheld: usize,
    refused: usize,
    leaks: Vec<String>,
    undecided: usize,
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
        let found = verdict(&draw, &frames);
        tally.undecided += found.undecided;
        let named = found.leaks.into_iter();
        tally
            .leaks
            .extend(named.map(|leak| format!("seed {seed}, {name}: {leak}")));
        tally.seconds[0] += (drawn - start).as_secs_f64();
        tally.seconds[1] += (released - drawn).as_secs_f64();
        tally.seconds[2] += released.elapsed().as_secs_f64();
    }
    tally
}

/// Seeds of publications that once told a withheld count.
const ONCE_LEAKED: [u64; 15] = [
    278, 644, 822, 6_914, 9_098, 12_218, 15_340, 18_504, 21_522, 23_543, 33_465, 61_124, 76_786,
    82_638, 86_467,
];

#[test]
fn no_printed_number_narrows_a_withheld_count_below_the_policy() {
    let tally = attack(0..200);
    let once = attack(ONCE_LEAKED.into_iter());
    let leaks: Vec<&String> = tally.leaks.iter().chain(&once.leaks).take(20).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
    // The reader's own solver gives up on the largest; of these he decides all.
    assert_eq!(tally.undecided, 0);
    assert!(tally.withheld > 0 && tally.withheld < tally.rows);
    // A refusal is safe, but it must stay the exception.
    assert!(tally.refused <= 6, "{} were refused", tally.refused);
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
    let (mut all, mut refused, mut withheld, mut rows) = (0, 0, 0, 0);
    let (mut leaks, mut undecided) = (0, 0);
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
        undecided += batch.undecided;
        println!(
            "{all} publications from seed {first}: {leaks} leaks, {undecided} undecided, {withheld} of {rows} rows withheld, \
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
            found += usize::from(!verdict(draw, &frames).leaks.is_empty());
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
        // Rows small for their own sake go; all others are shown.
        let tables = draw.tables.iter().zip(out.tables());
        let frames: Vec<DataFrame> = tables
            .map(|((_, gaps), table)| primary_only(&draw.policy, gaps, table.frame()))
            .collect();
        tried += 1;
        let frames: Vec<&DataFrame> = frames.iter().collect();
        found += usize::from(!verdict(&draw, &frames).leaks.is_empty());
    }
    assert!(found > tried / 3, "{found} of {tried}");
}

#[test]
fn tables_that_were_released_apart_are_found_out() {
    let crosses = |draw: &Draw| {
        let cuts = draw.tables.iter().map(|(_, gaps)| &gaps.dimensions);
        let widest = cuts.clone().max_by_key(|cut| cut.len()).unwrap();
        cuts.clone()
            .any(|cut| cut.iter().any(|d| !widest.contains(d)))
    };
    let draws = (0..600).map(draw).filter(crosses);
    let (mut found, mut tried) = (0, 0);
    for draw in draws.filter(|draw| draw.tallies.len() == 1) {
        let alone = |(_, gaps): &(String, disprop::Gaps)| gaps.release(&draw.policy);
        let Ok(tables) = draw.tables.iter().map(alone).collect::<Result<Vec<_>, _>>() else {
            continue;
        };
        tried += 1;
        let frames: Vec<&DataFrame> = tables.iter().map(|table| table.frame()).collect();
        found += usize::from(!verdict(&draw, &frames).leaks.is_empty());
    }
    assert!(tried > 20 && found > tried / 10, "{found} of {tried}");
}

#[test]
fn measures_of_the_same_pupils_released_apart_are_found_out() {
    let several = (0..600).map(draw).filter(|draw| draw.tallies.len() > 1);
    let (mut found, mut tried) = (0, 0);
    for draw in several {
        // What is published of each measure, as if there were no other.
        let of = |measure: usize| {
            let tables = draw.tables.iter().zip(&draw.of);
            let own = tables.filter(|(_, of)| **of == measure);
            let draft = own.fold(Draft::new(), |d, ((name, gaps), _)| d.gaps(name, gaps));
            draft.release(&draw.policy)
        };
        let apart = (0..draw.tallies.len()).map(of);
        let Ok(apart) = apart.collect::<Result<Vec<Publication>, _>>() else {
            continue;
        };
        let tables = apart.iter().flat_map(Publication::tables);
        let frames: Vec<&DataFrame> = tables.map(|table| table.frame()).collect();
        tried += 1;
        found += usize::from(!verdict(&draw, &frames).leaks.is_empty());
    }
    assert!(tried > 60 && found > tried / 10, "{found} of {tried}");
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
