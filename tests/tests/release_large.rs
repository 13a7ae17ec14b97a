//! Publications too large for the attacker's linear programme: schools tied to authority totals.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use disprop::gaps::GapOptions;
use disprop::release::{Draft, Policy, Publication};
use disprop::tallies::{Counts, Whole};
use disprop::{Gaps, Measure, Tallies, measure};
use polars::prelude::*;

const CODES: [&str; 20] = [
    "WBRI", "WIRI", "WIRT", "WROM", "WOTH", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN",
    "AOTH", "BCRB", "BAFR", "BOTH", "CHNE", "OOTH", "BSOM", "BNGN",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Pupils and events by measure, year, school and group; group sizes as uneven as real ones.
fn authority(groups: usize, schools: usize, years: usize, measures: usize) -> Vec<(String, Gaps)> {
    let mut dice = Dice(20_261);
    let mut base = Vec::new();
    for year in 0..years {
        for school in 0..schools {
            for (place, group) in CODES.iter().take(groups).enumerate() {
                let typical = if place == 0 {
                    400
                } else {
                    60 / place as u64 + 4
                };
                let n = dice.roll(typical) + dice.roll(typical);
                base.push((year, school, *group, n));
            }
        }
    }
    let mut tables = Vec::new();
    for number in 0..measures {
        let share = 4 + 3 * number as u64;
        let events: Vec<i64> = base
            .iter()
            .map(|row| (0..row.3).filter(|_| dice.roll(100) < share).count() as i64)
            .collect();
        let frame = df!(
            "year" => base.iter().map(|r| format!("20{:02}", 20 + r.0)).collect::<Vec<_>>(),
            "school" => base.iter().map(|r| format!("school {:03}", r.1)).collect::<Vec<_>>(),
            "group" => base.iter().map(|r| r.2).collect::<Vec<_>>(),
            "pupils" => base.iter().map(|r| r.3 as i64).collect::<Vec<_>>(),
            "events" => events,
        )
        .unwrap();
        let own = Measure {
            id: format!("measure_{number}"),
            ..measure("persistent_absence").unwrap()
        };
        let counts = Counts::new(own, "group", "events", "pupils")
            .by("year", "year")
            .by("school", "school")
            .whole(Whole::Exhaustive);
        let tallies = Tallies::from_counts(&frame, &counts).unwrap();
        for by in [vec!["year", "school"], vec!["year"]] {
            let options = GapOptions {
                by: Some(by.iter().map(|b| (*b).to_owned()).collect()),
                ..GapOptions::default()
            };
            let name = format!("{number} by {}", by.join(" and "));
            tables.push((name, tallies.gaps(&options).unwrap()));
        }
    }
    tables
}

fn release(tables: &[(String, Gaps)], policy: &Policy) -> Publication {
    let draft = tables
        .iter()
        .fold(Draft::new(), |d, (name, gaps)| d.gaps(name, gaps));
    draft.release(policy).unwrap()
}

fn shares(out: &Publication) -> Vec<(usize, usize)> {
    let of = |t: &disprop::release::Released| (t.withheld(), t.frame().height());
    out.tables().iter().map(of).collect()
}

/// 20 groups, 100 schools, 5 years and 12 measures: a whole authority. The aim is 30 seconds; what
/// was measured stands in docs/disclosure_control.md.
#[test]
#[ignore = "timing; run alone"]
fn time_of_a_whole_authority() {
    for measures in [1, 3, 12] {
        let tables = authority(20, 100, 5, measures);
        let start = Instant::now();
        let out = release(&tables, &Policy::preset("lt5").unwrap());
        let took = start.elapsed().as_secs_f64();
        let (hidden, rows) = shares(&out)
            .iter()
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        println!("{measures} measures: {took:.1} s, {hidden} of {rows} rows withheld");
        assert!(0 < hidden && hidden < rows);
    }
}
/// A row, or with `true` a column.
type Node = (bool, usize);

/// Greatest change of one cell of a two-way table, both margins and the shown cells held: flow
/// from its row to its column through withheld cells, which is exact in whole numbers.
fn flow(cells: &BTreeMap<(usize, usize), i64>, cell: (usize, usize), up: bool) -> i64 {
    // The cell grows by what the rest of its column can give up, over rows that take it back.
    // A unit goes from a column to a row where a cell falls, from a row to a column where it rises.
    let mut left = cells.clone();
    let mut total = 0;
    while total < 5 {
        let (from, to) = ((true, cell.1), (false, cell.0));
        let mut came: BTreeMap<Node, (Node, (usize, usize))> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for (at, count) in &left {
                if *at == cell {
                    continue;
                }
                let (row, column) = *at;
                // Up: cells of the column fall (they need a pupil), cells of the row rise.
                let next = match node {
                    (true, c) if c == column && (!up || *count > 0) => (false, row),
                    (false, r) if r == row && (up || *count > 0) => (true, column),
                    _ => continue,
                };
                if next != from && !came.contains_key(&next) {
                    came.insert(next, (node, *at));
                    queue.push_back(next);
                }
            }
        }
        let mut node = to;
        if !came.contains_key(&to) {
            break;
        }
        while let Some((before, at)) = came.get(&node) {
            let falls = before.0 == up;
            *left.get_mut(at).unwrap() += if falls { -1 } else { 1 };
            node = *before;
            if node == from {
                break;
            }
        }
        total += 1;
    }
    match up {
        true => total,
        false => total.min(cells[&cell]),
    }
}

#[test]
fn withheld_cells_of_a_large_publication_stay_open_by_an_independent_flow() {
    const SLACK: usize = usize::MAX;
    let policy = Policy::preset("lt5").unwrap();
    let tables = authority(18, 14, 1, 1);
    let out = release(&tables, &policy);
    let (fine, whole) = (&tables[0].1, &tables[1].1);
    let gone = |table: usize| -> Vec<bool> {
        let finding = out.tables()[table].frame().column("finding").unwrap();
        let finding = finding.cast(&DataType::String).unwrap();
        let series = finding.as_materialized_series().str().unwrap();
        series.iter().map(|f| f == Some("withheld")).collect()
    };
    let (fine_gone, whole_gone) = (gone(0), gone(1));
    let hidden = fine_gone.iter().filter(|g| **g).count();
    // Two unknowns a cell: more than the linear programme takes.
    assert!(hidden > 70 && hidden < fine_gone.len(), "{hidden}");
    let mut schools: Vec<&Option<String>> =
        fine.rows.iter().map(|r| r.place.last().unwrap()).collect();
    schools.sort();
    schools.dedup();
    for layer in [0, 1] {
        // Margins are known but where the authority's row is withheld: there the row may change,
        // as long as all rows together do not.
        let mut cells = BTreeMap::new();
        for (gap, gone) in fine.rows.iter().zip(&fine_gone) {
            if *gone {
                let n = gap.group.n.unwrap_or(0);
                let events = gap.group.value.map_or(0, |v| (v * n as f64).round() as i64);
                let school = schools.iter().position(|s| *s == gap.place.last().unwrap());
                let count = if layer == 0 { events } else { n - events };
                cells.insert((gap.of, school.unwrap()), count);
            }
        }
        for (gap, gone) in whole.rows.iter().zip(&whole_gone) {
            if *gone {
                cells.insert((gap.of, SLACK), 10_000);
            }
        }
        for (cell, count) in &cells {
            let room = flow(&cells, *cell, true) + flow(&cells, *cell, false);
            // A zero that nothing can change is known, and may be.
            assert!(
                room >= 5 || room == 0 && *count == 0,
                "{layer} {cell:?}: {room}"
            );
        }
    }
}
