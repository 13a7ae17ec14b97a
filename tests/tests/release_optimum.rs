//! How much is withheld beside the least that is safe, where every choice can be tried.

#[path = "release_attack/bounds.rs"]
mod bounds;
#[path = "release_attack/judge.rs"]
mod judge;
#[path = "release_attack/random.rs"]
mod random;
#[path = "release_attack/reader.rs"]
mod reader;

use std::collections::BTreeMap;

use disprop::codes::LeafKind;
use judge::{release, verdict};
use polars::prelude::*;
use random::{Draw, draw};

/// Most rows of a publication of which every choice is tried: 2^9 of them.
const ROWS: usize = 9;

/// The tables with these rows withheld, numbered over all tables, and every other number shown.
fn printed(draw: &Draw, gone: &[bool]) -> Vec<DataFrame> {
    let mut next = 0;
    let of = |(_, gaps): &(String, disprop::Gaps)| {
        let raw = gaps.to_frame().unwrap();
        let gone = &gone[next..next + raw.height()];
        next += raw.height();
        let columns = raw.columns().iter().map(|column| {
            let name = column.name().as_str();
            if name == "finding" {
                let values = column
                    .as_materialized_series()
                    .str()
                    .unwrap()
                    .iter()
                    .zip(gone);
                let said = values.map(|(v, gone)| match gone {
                    true => Some("withheld".to_owned()),
                    false => v.map(str::to_owned),
                });
                return Column::new(name.into(), said.collect::<Vec<_>>());
            }
            if column.dtype().is_primitive_numeric() && name != "level" {
                let cast = column.cast(&DataType::Float64).unwrap();
                let values = cast
                    .as_materialized_series()
                    .f64()
                    .unwrap()
                    .iter()
                    .zip(gone);
                let shown = values.map(|(v, gone)| v.filter(|_| !gone));
                return Column::new(name.into(), shown.collect::<Vec<_>>());
            }
            column.clone()
        });
        DataFrame::new(raw.height(), columns.collect()).unwrap()
    };
    draw.tables.iter().map(of).collect()
}

/// The fewest rows that keep the policy when they are withheld, by trying every choice.
fn optimum(draw: &Draw, rows: usize) -> usize {
    let mut choices: Vec<u32> = (0..1_u32 << rows).collect();
    choices.sort_by_key(|choice| (choice.count_ones(), *choice));
    let safe = |choice: &u32| {
        let gone: Vec<bool> = (0..rows).map(|row| choice >> row & 1 == 1).collect();
        let frames = printed(draw, &gone);
        {
            let found = verdict(draw, &frames.iter().collect::<Vec<_>>());
            found.leaks.is_empty() && found.undecided == 0
        }
    };
    let best = choices.iter().find(|choice| safe(choice));
    best.map_or(rows, |choice| choice.count_ones() as usize)
}

#[test]
fn little_more_is_withheld_than_the_least_that_is_safe() {
    // By number of tables: publications, rows, withheld by us, the least, publications at the least.
    let mut sums: BTreeMap<usize, [usize; 5]> = BTreeMap::new();
    let mut taken = 0;
    for seed in 0.. {
        let draw = draw(seed);
        let rows: usize = draw.tables.iter().map(|(_, gaps)| gaps.rows.len()).sum();
        if !(4..=ROWS).contains(&rows) || draw.policy.round_to > 1 {
            continue;
        }
        // A share with a known group is withheld by itself, which is none of these choices.
        let leaves = draw.tallies.iter().flat_map(|t| t.leaves());
        if leaves.into_iter().any(|l| l.kind == LeafKind::Unclassified) {
            continue;
        }
        let Ok(out) = release(&draw) else {
            continue;
        };
        let ours: usize = out.tables().iter().map(|t| t.withheld()).sum();
        if ours == 0 {
            continue;
        }
        let least = optimum(&draw, rows);
        assert!(
            least <= ours,
            "seed {seed}: {ours} rows were enough, not {least}"
        );
        let sum = sums.entry(draw.tables.len()).or_default();
        let here = [1, rows, ours, least, usize::from(ours == least)];
        for (sum, value) in sum.iter_mut().zip(here) {
            *sum += value;
        }
        taken += 1;
        if taken == 150 {
            break;
        }
    }
    let (mut ours, mut least) = (0, 0);
    for (tables, [publications, rows, own, best, equal]) in &sums {
        println!(
            "{tables} tables: {publications} publications, {rows} rows, {own} withheld, least {best}, \
             {equal} at the least"
        );
        ours += own;
        least += best;
    }
    println!(
        "{ours} withheld, {least} at the least: {:.3}",
        ours as f64 / least as f64
    );
    assert!(ours * 100 <= least * 108, "{ours} against {least}");
}
