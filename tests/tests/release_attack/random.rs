//! Random publications, from two groups in one place to a cube of four dimensions.

use disprop::gaps::{Baseline, GapOptions, GroupChoice, Unclassified};
use disprop::release::Policy;
use disprop::tallies::{Counts, Whole};
use disprop::{Gaps, Measure, Tallies, measure};
use polars::prelude::*;

/// Main codes, and extended ones of some of them.
const CODES: [&str; 21] = [
    "WBRI", "WIRI", "WIRT", "WROM", "WOTH", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN",
    "AOTH", "BCRB", "BAFR", "BOTH", "CHNE", "OOTH", "BSOM", "BNGN", "AKPA",
];

const DIMENSIONS: [&str; 4] = ["year", "sex", "fsm", "school"];

/// A small generator of numbers: the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// Every preset, and policies of one's own.
pub fn policies() -> Vec<Policy> {
    let own = |text: &str| Policy::from_toml(text).unwrap();
    let mut all: Vec<Policy> = disprop::release::PRESETS
        .iter()
        .map(|(name, _)| Policy::preset(name).unwrap())
        .collect();
    all.extend([
        own("threshold = 5\nshow_zeros = false"),
        own("threshold = 5\nprotection = 8\ncomplement = false"),
        own("threshold = 6\nround_to = 10\nminimum_for_means = 10"),
    ]);
    all
}

/// What is published together.
pub struct Draw {
    pub tables: Vec<(String, Gaps)>,
    pub tallies: Vec<Tallies>,
    /// Which of the tallies a table is made of.
    pub of: Vec<usize>,
    /// Ids of measures with the same pupils below the line.
    pub classes: Vec<Vec<String>>,
    pub policy: Policy,
}

/// Draws the publication of a seed; one in three hundred is a large one.
pub fn draw(seed: u64) -> Draw {
    let mut dice = Dice(seed.wrapping_mul(7_919).wrapping_add(1));
    let policies = policies();
    let policy = policies[(seed % policies.len() as u64) as usize].clone();
    let large = dice.one_in(300);
    let count = match large {
        true => 2 + dice.roll(3),
        false => [0, 1, 1, 2, 2, 3][dice.roll(6) as usize],
    } as usize;
    let mut names: Vec<&str> = DIMENSIONS.to_vec();
    while names.len() > count {
        names.remove(dice.roll(names.len() as u64) as usize);
    }
    let mut sizes: Vec<u64> = names.iter().map(|_| 2 + dice.roll(2)).collect();
    let most = if large { 18 } else { 6 };
    while sizes.iter().product::<u64>() > most {
        let widest = (0..sizes.len()).max_by_key(|d| sizes[*d]).unwrap();
        sizes[widest] -= 1;
    }
    let mut codes: Vec<&str> = CODES.to_vec();
    let wanted = match large {
        true => 8 + dice.roll(14) as usize,
        false => {
            let most = if dice.one_in(6) { 20 } else { 7 };
            2 + dice.roll(most) as usize
        }
    };
    while codes.len() > wanted {
        codes.remove(dice.roll(codes.len() as u64) as usize);
    }
    let unclassified = dice.one_in(3);
    let policy_of = match (unclassified, dice.roll(3)) {
        (true, 0) => Unclassified::Include,
        (true, 1) => Unclassified::Bounds,
        _ => Unclassified::Exclude,
    };
    let listed = codes.len();
    if unclassified {
        codes.push("REFU");
    }
    let total = dice.one_in(8);
    let beyond = total && dice.one_in(2);
    let scale = [4, 12, 40, 150][dice.roll(4) as usize];
    let places: u64 = sizes.iter().product();
    // Pupils by place and code; the last number of a place is whoever no row lists.
    let pupils: Vec<Vec<i64>> = (0..places)
        .map(|_| {
            let mut row: Vec<i64> = (0..codes.len())
                .map(|_| (dice.roll(scale) + dice.roll(scale)) as i64)
                .collect();
            row.push(if beyond { dice.roll(scale) as i64 } else { 0 });
            row
        })
        .collect();
    let mut groups = match dice.roll(5) {
        0 => vec![GroupChoice::Main, GroupChoice::Leaves],
        1 => vec![GroupChoice::Main, GroupChoice::Major],
        _ => vec![GroupChoice::Main],
    };
    if codes.contains(&"BCRB") && codes.contains(&"MWBC") && dice.one_in(2) {
        groups.push(GroupChoice::named(
            "Black Caribbean heritage",
            &["BCRB", "MWBC"],
        ));
    }
    let baseline = match dice.roll(12) {
        0 => Baseline::Overall,
        1 => Baseline::Group(codes[dice.roll(listed as u64) as usize].to_owned()),
        2 => Baseline::BestPlaced,
        _ => Baseline::AllOthers,
    };
    let (pooled, short) = (dice.one_in(3), dice.one_in(2));
    let measures = if large {
        1
    } else {
        1 + [0, 0, 1, 2][dice.roll(4) as usize]
    };
    // Now and then a mean of the same pupils besides, thrown with dice of its own.
    let mut points = Dice(seed.wrapping_mul(104_729).wrapping_add(7));
    let means = usize::from(!large && points.one_in(4));
    let mut made = Draw {
        tables: Vec::new(),
        tallies: Vec::new(),
        of: Vec::new(),
        classes: vec![Vec::new()],
        policy,
    };
    let mut shown: Vec<usize> = (0..1_usize << names.len())
        .filter(|chosen| chosen + 1 == 1 << names.len() || dice.one_in(2))
        .collect();
    // Now and then no table holds all dimensions: by sex and by free school meals, not by both.
    if names.len() > 1 && points.one_in(4) {
        shown.pop();
        let single = (0..names.len()).map(|bit| 1 << bit);
        shown.extend(
            single
                .filter(|chosen| !shown.contains(chosen))
                .collect::<Vec<_>>(),
        );
    }
    // Now and then not every measure is in every table, thrown with dice of its own again.
    let mut gaps_in = Dice(seed.wrapping_mul(15_485_863).wrapping_add(3));
    let mixed = measures + means > 1 && gaps_in.one_in(3);
    // Now and then a table by year and something else is there for the last year alone.
    let year = names.iter().position(|n| *n == "year").map(|at| 1 << at);
    let mut single = Dice(seed.wrapping_mul(32_452_843).wrapping_add(9));
    let latest = year.filter(|_| single.one_in(5));
    if let Some(year) = latest.filter(|year| !shown.contains(year)) {
        shown.push(year);
    }
    // A table of all years by something else is refused beside one of the last year.
    if let Some(year) = latest.filter(|_| !single.one_in(12)) {
        shown.retain(|chosen| chosen & year > 0 || *chosen == 0);
    }
    for number in 0..measures + means {
        let mut own_tables: Vec<usize> = shown.clone();
        if mixed {
            own_tables.retain(|_| !gaps_in.one_in(3));
        }
        if own_tables.is_empty() {
            own_tables.push(shown[gaps_in.roll(shown.len() as u64) as usize]);
        }
        own_tables.extend(latest.filter(|year| !own_tables.contains(year)));
        let averaged = number == measures;
        let dice = if averaged { &mut points } else { &mut dice };
        let share = 3 + dice.roll(60);
        let counted = !averaged && number > 0 && dice.one_in(3);
        let own = Measure {
            breaks: Vec::new(),
            id: format!("measure_{number}"),
            decimals: dice.roll(4) as u8,
            ..measure(match (averaged, counted) {
                (true, _) => "ks4_attainment8",
                (false, true) => "suspensions",
                (false, false) => "persistent_absence",
            })
            .unwrap()
        };
        made.classes[0].push(own.id.clone());
        let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        let (mut code, mut events, mut sizes_of) = (Vec::new(), Vec::new(), Vec::new());
        for (place, row) in pupils.iter().enumerate() {
            let mut sums = (0, 0);
            for (at, n) in row.iter().enumerate() {
                let x = match (averaged, counted) {
                    (true, _) => (0..*n).map(|_| dice.roll(90) as i64).sum(),
                    (false, true) => dice.roll(1 + *n as u64) as i64,
                    (false, false) => (0..*n).filter(|_| dice.roll(100) < share).count() as i64,
                };
                sums = (sums.0 + x, sums.1 + n);
                if let Some(name) = codes.get(at) {
                    code.push((*name).to_owned());
                    events.push(x);
                    sizes_of.push(*n);
                }
            }
            if total {
                code.push("Total".to_owned());
                events.push(sums.0);
                sizes_of.push(sums.1);
            }
            let lines = codes.len() + usize::from(total);
            let mut rest = place as u64;
            for (column, size) in columns.iter_mut().zip(&sizes) {
                column.extend((0..lines).map(|_| format!("{}", rest % size)));
                rest /= size;
            }
        }
        let mut frame = df!("group" => code, "events" => events, "pupils" => sizes_of).unwrap();
        let whole = match total {
            true => Whole::Row("Total".into()),
            false => Whole::Exhaustive,
        };
        let mut counts = Counts::new(own, "group", "events", "pupils").whole(whole);
        for (name, column) in names.iter().zip(columns) {
            frame
                .with_column(Column::new((*name).into(), column))
                .unwrap();
            counts = counts.by(name, name);
        }
        let tallies = Tallies::from_counts(&frame, &counts).unwrap();
        let mut sources: Vec<(&str, Option<Tallies>)> = vec![("", None)];
        // Years pooled beside the years themselves: all of them, or all but the last.
        if pooled && names.contains(&"year") {
            let all = ["0", "1", "2"];
            let years = sizes[names.iter().position(|n| *n == "year").unwrap()] as usize;
            let some = if years > 2 && short { 2 } else { years };
            let found = tallies.pooled("year", Some(&all[..some]));
            sources.push((" pooled", found.ok()));
        }
        if latest.is_some() {
            let years = sizes[names.iter().position(|n| *n == "year").unwrap()];
            let found = tallies.only("year", &format!("{}", years - 1));
            sources.push((" latest", Some(found.unwrap())));
        }
        for (name, source) in &sources {
            let source = match source {
                Some(pooled) => pooled,
                None if name.is_empty() => &tallies,
                None => continue,
            };
            for chosen in &own_tables {
                let by = names
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| chosen >> bit & 1 == 1);
                let mut by: Vec<String> = by.map(|(_, name)| (*name).to_owned()).collect();
                if !name.is_empty() && !by.iter().any(|d| d == "year") {
                    continue;
                }
                let replaced = latest.is_some_and(|year| chosen & year > 0 && *chosen != year);
                if replaced != (*name == " latest") {
                    continue;
                }
                by.retain(|d| !replaced || d != "year");
                let options = GapOptions {
                    groups: groups.clone(),
                    by: Some(by),
                    baseline: baseline.clone(),
                    unclassified: policy_of,
                    ..GapOptions::default()
                };
                if let Ok(gaps) = source.gaps(&options) {
                    made.tables
                        .push((format!("{number} table {chosen}{name}"), gaps));
                    made.of.push(number);
                }
            }
        }
        made.tallies.push(tallies);
    }
    made
}
