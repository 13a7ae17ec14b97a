//! What a reader makes of printed tables: every printed number is turned back into counts.
//!
//! The counts behind a row are looked for among all that could be: numbers of pupils as printed,
//! events that give the printed value, its interval, difference, ratio, odds ratio, excess and the
//! ends of their intervals to their printed digits, by the methods the row names; and the whole of
//! a place, which every row of it must agree about.

use std::collections::{BTreeMap, BTreeSet};

use disprop_stats::contrast::{self, Scale};
use disprop_stats::{Interval, Level, Proportion, interval};
use polars::prelude::*;

use super::bounds::{self, Known, Range};

pub type Place = Vec<Option<String>>;

/// A printed table.
pub struct Sheet<'a> {
    pub frame: &'a DataFrame,
    pub dimensions: Vec<String>,
}

/// What is said of a measure.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub factor: f64,
    pub decimals: i32,
    pub proportion: bool,
}

/// What anyone knows besides the tables.
pub struct World {
    /// Regions of codes by group; regions are numbered from 0, the last is whoever no group holds.
    pub groups: BTreeMap<String, Vec<usize>>,
    pub labels: BTreeMap<String, String>,
    pub regions: usize,
    /// Whether anybody may be in no group at all and yet among the others.
    pub outside: bool,
    pub measures: BTreeMap<String, Said>,
    pub classes: Vec<Vec<String>>,
    pub round_to: i64,
}

/// What can be said of a withheld row: pupils unless they are printed for another measure, events
/// and those without.
#[derive(Debug, Clone)]
pub struct Found {
    pub table: usize,
    pub row: usize,
    pub pupils: Option<Range>,
    pub with: Range,
    pub without: Option<Range>,
}

const NUMBERS: [&str; 20] = [
    "group_n",
    "group_value",
    "group_lower",
    "group_upper",
    "baseline_n",
    "baseline_value",
    "baseline_lower",
    "baseline_upper",
    "difference",
    "difference_lower",
    "difference_upper",
    "ratio",
    "ratio_lower",
    "ratio_upper",
    "odds_ratio",
    "odds_ratio_lower",
    "odds_ratio_upper",
    "share_ratio",
    "excess",
    "coverage",
];
const OTHERS: &str = "all other groups";
const N: usize = 0;
const VALUE: usize = 1;
const BASELINE_N: usize = 4;
const BASELINE_VALUE: usize = 5;
const DIFFERENCE: usize = 8;
const RATIO: usize = 11;
const ODDS: usize = 14;
const SHARE: usize = 17;
const EXCESS: usize = 18;
const COVERAGE: usize = 19;

struct Row {
    table: usize,
    number: usize,
    measure: String,
    place: Place,
    group: String,
    withheld: bool,
    /// Whether its reason says that there is no such pupil.
    nobody: bool,
    baseline: String,
    methods: String,
    include: bool,
    numbers: [Option<f64>; 20],
}

/// Events among pupils.
type Count = (i64, i64);

fn rows(table: usize, sheet: &Sheet<'_>) -> Vec<Row> {
    let frame = sheet.frame;
    let text = |name: &str| -> Vec<Option<String>> {
        match frame.column(name) {
            Ok(column) => {
                let cast = column.cast(&DataType::String).unwrap();
                let values = cast.as_materialized_series().str().unwrap().iter();
                values.map(|v| v.map(str::to_owned)).collect()
            }
            Err(_) => vec![None; frame.height()],
        }
    };
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
    let dimensions: Vec<_> = sheet.dimensions.iter().map(|d| text(d)).collect();
    let (measure, group, finding) = (text("measure"), text("group"), text("finding"));
    let (baseline, method, unclassified) = (text("baseline"), text("method"), text("unclassified"));
    let reason = text("reason");
    let says = |at: usize, code: &str| {
        let codes = reason[at].iter().flat_map(|r| r.split("; "));
        codes.into_iter().any(|own| own == code)
    };
    let numbers = NUMBERS.map(number);
    // A method that one row names is every row's.
    let named = method.iter().flatten().max_by_key(|m| m.len()).cloned();
    (0..frame.height())
        .map(|at| Row {
            table,
            number: at,
            measure: measure[at].clone().unwrap_or_default(),
            place: dimensions.iter().map(|d| d[at].clone()).collect(),
            group: group[at].clone().unwrap_or_default(),
            withheld: finding[at].as_deref() == Some("withheld"),
            nobody: says(at, "no_group"),
            baseline: baseline[at].clone().unwrap_or_default(),
            methods: method[at].clone().or(named.clone()).unwrap_or_default(),
            include: unclassified[at].as_deref() == Some("include"),
            numbers: std::array::from_fn(|n| numbers[n][at]),
        })
        .collect()
}

/// Whether a number could be printed as it was.
fn prints(value: f64, printed: Option<f64>, decimals: i32) -> bool {
    printed.is_none_or(|printed| (value - printed).abs() <= 0.5 * 10_f64.powi(-decimals) + 1e-6)
}

fn ends(found: Option<Interval>, printed: &[Option<f64>], factor: f64, decimals: i32) -> bool {
    let Some(found) = found else {
        return true;
    };
    prints(factor * found.lower, printed[0], decimals)
        && prints(factor * found.upper, printed[1], decimals)
}

fn rate((x, n): Count) -> Option<f64> {
    (n > 0).then(|| x as f64 / n as f64)
}

fn tally((x, n): Count) -> Proportion {
    Proportion {
        events: x,
        trials: n,
    }
}

impl Row {
    /// Whether one side could be this count.
    fn side(&self, at: usize, count: Count, said: Said) -> bool {
        let Some(value) = rate(count) else {
            return self.numbers[at].is_none();
        };
        if !prints(said.factor * value, self.numbers[at], said.decimals) {
            return false;
        }
        if !said.proportion || self.numbers[at + 1].is_none() && self.numbers[at + 2].is_none() {
            return true;
        }
        let own = (interval::wilson::METHOD.function)(&tally(count), Level::default()).ok();
        ends(
            own,
            &self.numbers[at + 1..at + 3],
            said.factor,
            said.decimals,
        )
    }

    /// Whether the contrast could be of these two; what cannot be calculated is not printed.
    fn contrast(&self, group: Count, other: Count, said: Said) -> bool {
        let fits = |at: usize, value: Option<f64>, decimals: i32| match value {
            Some(value) => prints(value, self.numbers[at], decimals),
            None => self.numbers[at].is_none(),
        };
        let over = |top: f64, bottom: f64| (bottom > 0.0).then(|| top / bottom);
        let all = rate((group.0 + other.0, group.1 + other.1)).unwrap_or(0.0);
        let share = rate(group).and_then(|a| over(a, all));
        if self.baseline == OTHERS && !fits(SHARE, share, 2) {
            return false;
        }
        let (Some(a), Some(b)) = (rate(group), rate(other)) else {
            let told = [DIFFERENCE, RATIO, ODDS, EXCESS].map(|at| self.numbers[at].is_some());
            return !told.contains(&true);
        };
        fits(DIFFERENCE, Some(said.factor * (a - b)), said.decimals)
            && fits(EXCESS, Some((a - b) * group.1 as f64), 1)
            && fits(RATIO, over(a, b), 2)
            && (!said.proportion || fits(ODDS, over(a * (1.0 - b), (1.0 - a) * b), 2))
    }

    /// Whether the ends of the contrasts could be of these two, by the methods the row names.
    fn contrast_ends(&self, group: Count, other: Count, said: Said, quick: bool) -> bool {
        if !said.proportion || self.baseline == "all pupils" {
            return true;
        }
        let scales = [
            (Scale::Difference, DIFFERENCE, said.factor, said.decimals),
            (Scale::Ratio, RATIO, 1.0, 2),
            (Scale::OddsRatio, ODDS, 1.0, 2),
        ];
        for (scale, at, factor, decimals) in scales {
            if quick && scale != Scale::Difference || self.numbers[at + 1].is_none() {
                continue;
            }
            let named = contrast::PROPORTION
                .iter()
                .find(|m| m.scale == scale && self.methods.split(' ').any(|id| id == m.id));
            let Some(method) = named else {
                continue;
            };
            let found = (method.function)(&tally(group), &tally(other), Level::default()).ok();
            if !ends(found, &self.numbers[at + 1..at + 3], factor, decimals) {
                return false;
            }
        }
        true
    }

    /// Every count one side could be.
    fn candidates(&self, at: usize, said: Said, round_to: i64) -> Option<Vec<Count>> {
        if at == N && self.nobody {
            return Some(vec![(0, 0)]);
        }
        let printed = self.numbers[at]?.round() as i64;
        let slack = round_to / 2;
        let mut found = Vec::new();
        for n in (printed - slack).max(0)..=printed + slack {
            let (low, high) = match self.numbers[at + 1] {
                Some(value) => {
                    let half = 0.5 * 10_f64.powi(-said.decimals) + 1e-6;
                    let low = (value - half) / said.factor * n as f64;
                    let high = (value + half) / said.factor * n as f64;
                    (low.ceil().max(0.0) as i64, high.floor() as i64)
                }
                None if n == 0 => (0, 0),
                None => return None,
            };
            let high = if said.proportion { high.min(n) } else { high };
            found.extend(
                (low..=high)
                    .map(|x| (x, n))
                    .filter(|c| self.side(at + 1, *c, said)),
            );
        }
        Some(found)
    }
}

/// Ends of the counts of a set of candidates.
fn span(found: &BTreeSet<Count>) -> Option<[(f64, f64); 2]> {
    let of = |pick: fn(&Count) -> i64| {
        let values = found.iter().map(pick);
        Some((values.clone().min()? as f64, values.max()? as f64))
    };
    Some([of(|c| c.0)?, of(|c| c.1)?])
}

/// What is learnt of a group or of a whole place.
struct Learnt {
    table: usize,
    measure: String,
    place: Place,
    regions: Vec<usize>,
    events: (f64, f64),
    pupils: (f64, f64),
}

/// Most pairs of counts that are looked through for one row.
const PAIRS: usize = 60_000;

fn learn(rows: &[Row], world: &World) -> Vec<Learnt> {
    let mut learnt = Vec::new();
    let everyone: Vec<usize> = (0..world.regions).collect();
    let mut scenes: BTreeMap<(usize, &str, &Place), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        scenes
            .entry((row.table, &row.measure, &row.place))
            .or_default()
            .push(row);
    }
    for ((table, measure, place), rows) in scenes {
        let said = world.measures[measure];
        let mut add = |regions: Vec<usize>, [events, pupils]: [(f64, f64); 2]| {
            learnt.push(Learnt {
                table,
                measure: measure.to_owned(),
                place: place.clone(),
                regions,
                events,
                pupils,
            });
        };
        // Pairs of counts by row, and the wholes every row allows.
        let mut pairs: Vec<(&Row, Vec<(Count, Count)>)> = Vec::new();
        let mut whole: Option<BTreeSet<Count>> = None;
        for row in &rows {
            let own = row.candidates(N, said, world.round_to);
            let other = row.candidates(BASELINE_N, said, world.round_to);
            let (Some(own), Some(other)) = (&own, &other) else {
                if let Some(own) = own {
                    let set: BTreeSet<Count> = own.into_iter().collect();
                    if let Some(ends) = span(&set) {
                        add(world.groups[&row.group].clone(), ends);
                    }
                }
                continue;
            };
            let mut found: Vec<(Count, Count)> = Vec::new();
            if own.len() * other.len() > PAIRS {
                for (side, regions) in [(own, &world.groups[&row.group])] {
                    if let Some(ends) = span(&side.iter().copied().collect()) {
                        add(regions.clone(), ends);
                    }
                }
                continue;
            }
            for a in own {
                found.extend(
                    other
                        .iter()
                        .filter(|b| row.contrast(*a, **b, said))
                        .map(|b| (*a, *b)),
                );
            }
            if found.len() > 1 && found.len() < 400 {
                found.retain(|(a, b)| row.contrast_ends(*a, *b, said, true));
            }
            if found.len() > 1 && found.len() < 16 {
                found.retain(|(a, b)| row.contrast_ends(*a, *b, said, false));
            }
            assert!(
                !found.is_empty(),
                "{measure} {place:?} {}: no counts print like {:?} against {}: {own:?} {other:?}",
                row.group,
                row.numbers,
                row.baseline
            );
            if row.baseline == OTHERS || row.baseline == "all pupils" {
                let sum = |(a, b): &(Count, Count)| match row.baseline == "all pupils" {
                    true => *b,
                    false => (a.0 + b.0, a.1 + b.1),
                };
                let sums: BTreeSet<Count> = found.iter().map(sum).collect();
                whole = Some(match whole {
                    None => sums,
                    Some(known) => known.intersection(&sums).copied().collect(),
                });
            }
            pairs.push((row, found));
        }
        let mut exact: Vec<(&[usize], Count)> = Vec::new();
        for (row, mut found) in pairs {
            let others = row.baseline == OTHERS;
            if let Some(whole) = &whole {
                if others {
                    found.retain(|(a, b)| whole.contains(&(a.0 + b.0, a.1 + b.1)));
                } else if row.baseline == "all pupils" {
                    found.retain(|(_, b)| whole.contains(b));
                }
            }
            let own: BTreeSet<Count> = found.iter().map(|(a, _)| *a).collect();
            if let (1, Some(count)) = (own.len(), own.first()) {
                exact.push((&world.groups[&row.group], *count));
            }
            if let Some(ends) = span(&own) {
                add(world.groups[&row.group].clone(), ends);
            }
            let label = row
                .baseline
                .strip_prefix("best-placed group (")
                .and_then(|l| l.strip_suffix(')'))
                .unwrap_or(&row.baseline);
            if let Some(name) = world.labels.get(label) {
                let other: BTreeSet<Count> = found.iter().map(|(_, b)| *b).collect();
                if let Some(ends) = span(&other) {
                    add(world.groups[name].clone(), ends);
                }
            }
            // Those with a group, where those without are among the others.
            if let (true, true, Some(share)) = (row.include, others, row.numbers[COVERAGE]) {
                let all = found.iter().map(|(a, b)| (a.1 + b.1) as f64);
                let (least, most) = all.fold((f64::MAX, 0.0_f64), |(l, m), v| (l.min(v), m.max(v)));
                let low = ((share - 0.0005 - 1e-9) * least).ceil().max(0.0);
                let high = ((share + 0.0005 + 1e-9) * most).floor();
                add(
                    (0..world.regions - usize::from(world.outside)).collect(),
                    [(0.0, f64::INFINITY), (low, high)],
                );
            }
        }
        let whole = whole.filter(|w| !w.is_empty());
        if let Some(ends) = whole.as_ref().and_then(span) {
            add(everyone.clone(), ends);
        }
        // Numbers of withheld rows that are printed all the same.
        for row in rows.iter().filter(|r| r.withheld) {
            let told = |at: usize| row.numbers[at].is_some();
            let any = (0..COVERAGE).any(told);
            let (Some(whole), true) = (&whole, any) else {
                continue;
            };
            let mut own: BTreeSet<Count> = BTreeSet::new();
            // Groups that are known, and share nobody with this one or each other, leave the rest.
            let mut used = world.groups[&row.group].clone();
            let mut taken = (0, 0);
            for (regions, count) in &exact {
                if !regions.iter().any(|r| used.contains(r)) {
                    used.extend(*regions);
                    taken = (taken.0 + count.0, taken.1 + count.1);
                }
            }
            for (events, pupils) in whole.iter().take(3) {
                for n in 0..=*pupils - taken.1 {
                    if row.numbers[N]
                        .is_some_and(|p| (p - n as f64).abs() > (world.round_to / 2) as f64)
                        || row.numbers[BASELINE_N].is_some_and(|p| {
                            (p - (pupils - n) as f64).abs() > (world.round_to / 2) as f64
                        })
                    {
                        continue;
                    }
                    for x in 0..=n.min(*events - taken.0) {
                        let (a, b) = ((x, n), (events - x, pupils - n));
                        if b.0 <= b.1
                            && row.side(VALUE, a, said)
                            && row.side(BASELINE_VALUE, b, said)
                            && row.contrast(a, b, said)
                            && row.contrast_ends(a, b, said, true)
                        {
                            own.insert(a);
                        }
                    }
                }
            }
            if let Some(ends) = span(&own) {
                add(world.groups[&row.group].clone(), ends);
            }
        }
    }
    learnt
}

/// Whether a name such as "1 to 2" holds a year.
fn pooled(name: &Option<String>, year: &Option<String>) -> bool {
    let (Some(name), Some(year)) = (name, year) else {
        return false;
    };
    let ends = name.split_once(" to ");
    ends.is_some_and(|(first, last)| (first..=last).contains(&year.as_str()))
}

/// Attacks printed tables; nothing where the reader cannot make sense of them.
///
/// `truth` gives pupils and events of a row, which some table has; it saves the search for one.
pub fn attack(
    sheets: &[Sheet<'_>],
    world: &World,
    width: f64,
    truth: &dyn Fn(usize, usize) -> Option<Count>,
) -> Option<Vec<Found>> {
    let rows: Vec<Row> = sheets
        .iter()
        .enumerate()
        .flat_map(|(n, s)| rows(n, s))
        .collect();
    let learnt = learn(&rows, world);
    let mut found = Vec::new();
    for class in &world.classes {
        found.extend(solve(class, sheets, &rows, &learnt, world, (width, truth))?);
    }
    found.sort_by_key(|f| (f.table, f.row));
    Some(found)
}

/// Whether printed numbers of pupils, none of whom is counted twice, add up to this one.
fn adds_up(set: &[usize], printed: &BTreeSet<Vec<usize>>) -> bool {
    let Some(first) = set.first() else {
        return false;
    };
    printed.contains(set)
        || printed
            .iter()
            .filter(|part| part.contains(first) && part.iter().all(|atom| set.contains(atom)))
            .any(|part| {
                let left = set.iter().copied().filter(|atom| !part.contains(atom));
                adds_up(&left.collect::<Vec<usize>>(), printed)
            })
}

fn solve(
    class: &[String],
    sheets: &[Sheet<'_>],
    rows: &[Row],
    learnt: &[Learnt],
    world: &World,
    (width, truth): (f64, &dyn Fn(usize, usize) -> Option<Count>),
) -> Option<Vec<Found>> {
    let measures = class.len();
    let which = |id: &str| class.iter().position(|c| c == id);
    let mine: Vec<&Row> = rows
        .iter()
        .filter(|r| which(&r.measure).is_some())
        .collect();
    let tables: BTreeSet<usize> = mine.iter().map(|r| r.table).collect();
    // Cells: every region in every place of every finest cut.
    let cut =
        |t: usize| -> BTreeSet<&str> { sheets[t].dimensions.iter().map(String::as_str).collect() };
    let cuts: BTreeSet<BTreeSet<&str>> = tables.iter().map(|t| cut(*t)).collect();
    let finest: Vec<&BTreeSet<&str>> = cuts
        .iter()
        .filter(|c| !cuts.iter().any(|d| *c != d && c.is_subset(d)))
        .collect();
    let named = |t: usize, place: &Place| -> BTreeMap<String, Option<String>> {
        sheets[t]
            .dimensions
            .iter()
            .cloned()
            .zip(place.iter().cloned())
            .collect()
    };
    let inside = |here: &BTreeMap<String, Option<String>>,
                  cell: &BTreeMap<String, Option<String>>| {
        here.iter()
            .all(|(d, v)| cell.get(d).is_some_and(|c| c == v || pooled(v, c)))
    };
    let mut cells: Vec<(usize, BTreeMap<String, Option<String>>)> = Vec::new();
    for (number, finest) in finest.iter().enumerate() {
        let mut places: BTreeSet<_> = mine
            .iter()
            .filter(|r| cut(r.table) == **finest)
            .map(|r| named(r.table, &r.place))
            .collect();
        // Years pooled in one table are the sum of those in another.
        let all = places.clone();
        places.retain(|p| !all.iter().any(|other| other != p && inside(p, other)));
        cells.extend(places.into_iter().map(|p| (number, p)));
    }
    // Whether the cells of a finest cut have every value there is of a dimension.
    let mut values: BTreeMap<&str, BTreeSet<&Option<String>>> = BTreeMap::new();
    for row in &mine {
        for (d, value) in sheets[row.table].dimensions.iter().zip(&row.place) {
            values.entry(d).or_default().insert(value);
        }
    }
    let has_all = |cells: &[(usize, BTreeMap<String, Option<String>>)], f: usize, d: &str| {
        let own = cells.iter().filter(|(n, _)| *n == f);
        let own: Vec<&Option<String>> = own.filter_map(|(_, cell)| cell.get(d)).collect();
        values[d].iter().all(|v| {
            let mut own = own.iter();
            own.any(|mine| mine == v || pooled(mine, v) || pooled(v, mine))
        })
    };
    // What no finest table holds stands by itself: other years than the one that is cut further.
    let mut by_size: Vec<&usize> = tables.iter().collect();
    by_size.sort_by_key(|table| std::cmp::Reverse(cut(**table).len()));
    for table in by_size {
        let own = mine.iter().filter(|r| r.table == *table);
        let own: BTreeSet<_> = own.map(|r| named(r.table, &r.place)).collect();
        for (number, finest) in finest.iter().enumerate() {
            let here = cut(*table);
            let mut besides = finest.iter().filter(|d| !here.contains(*d));
            if !here.is_subset(finest) || !besides.all(|d| has_all(&cells, number, d)) {
                continue;
            }
            for place in &own {
                if !cells
                    .iter()
                    .any(|(n, cell)| *n == number && inside(place, cell))
                {
                    cells.push((number, place.clone()));
                }
            }
        }
    }
    let holds = |t: usize, f: usize| {
        let here = cut(t);
        let mut besides = finest[f].iter().filter(|d| !here.contains(*d));
        let mut of = cells.iter().filter(|(n, _)| *n == f);
        here.is_subset(finest[f])
            && besides.all(|d| has_all(&cells, f, d))
            && of.all(|(_, cell)| here.iter().all(|d| cell.contains_key(*d)))
    };
    let regions = world.regions;
    let per = 2 * measures + 1;
    // Cell k, region g: pupils, then with and without by measure. Of one measure that is a share,
    // pupils are the sum of both and need no number of their own.
    let alone = measures == 1 && world.measures[&class[0]].proportion;
    let with = |atom: usize, m: usize| per * atom + 1 + 2 * m;
    let without = |atom: usize, m: usize| per * atom + 2 + 2 * m;
    let pupils = |atoms: &[usize]| -> Vec<usize> {
        match alone {
            true => atoms
                .iter()
                .flat_map(|a| [with(*a, 0), without(*a, 0)])
                .collect(),
            false => atoms.iter().map(|a| per * a).collect(),
        }
    };
    let unknowns = per * cells.len() * regions;
    let atoms = |t: usize, place: &Place, of: &[usize]| -> Vec<Vec<usize>> {
        let here = named(t, place);
        (0..finest.len())
            .filter(|f| holds(t, *f))
            .map(|f| {
                let within = cells
                    .iter()
                    .enumerate()
                    .filter(|(_, (number, cell))| *number == f && inside(&here, cell));
                within
                    .flat_map(|(k, _)| of.iter().map(move |g| k * regions + g))
                    .collect()
            })
            .collect()
    };
    let mut known: Vec<Known> = Vec::new();
    for atom in 0..cells.len() * regions {
        for (m, id) in class.iter().enumerate().filter(|_| !alone) {
            if world.measures[id].proportion {
                known.push(Known {
                    terms: vec![
                        (with(atom, m), 1.0),
                        (without(atom, m), 1.0),
                        (per * atom, -1.0),
                    ],
                    low: 0.0,
                    high: 0.0,
                });
            } else {
                known.push(Known {
                    terms: vec![(without(atom, m), 1.0)],
                    low: 0.0,
                    high: 0.0,
                });
            }
        }
    }
    // Cuts of which neither holds the other have the same pupils in what they share.
    for (at, cut) in finest.iter().enumerate() {
        for (later, other) in finest.iter().enumerate().skip(at + 1) {
            let has = |f: usize| {
                let of = cells.iter().filter(move |(n, _)| *n == f);
                let mut common = cut.intersection(other);
                common.all(|d| of.clone().all(|(_, cell)| cell.contains_key(*d)))
            };
            let whole = |f: usize| {
                let mut summed = finest[f]
                    .iter()
                    .filter(|d| !cut.contains(*d) || !other.contains(*d));
                summed.all(|d| has_all(&cells, f, d))
            };
            if ![at, later].iter().all(|f| has(*f) && whole(*f)) {
                continue;
            }
            let sides = [(at, later), (later, at)].map(|(own, to)| {
                let mut by: BTreeMap<Vec<Option<String>>, Vec<usize>> = BTreeMap::new();
                let places = |f: usize| cells.iter().enumerate().filter(move |(_, c)| c.0 == f);
                for (k, (_, cell)) in places(own) {
                    let key = cut.intersection(other).map(|d| {
                        let mut wider = places(to).map(|(_, (_, c))| &c[*d]);
                        let value = &cell[*d];
                        let wider = wider.find(|v| *v != value && pooled(v, value));
                        wider.unwrap_or(value).clone()
                    });
                    by.entry(key.collect()).or_default().push(k);
                }
                by
            });
            for (key, mine) in &sides[0] {
                let Some(theirs) = sides[1].get(key) else {
                    continue;
                };
                for region in 0..regions {
                    for unknown in 0..per {
                        let of = |k: &usize| per * (k * regions + region) + unknown;
                        let own = mine.iter().map(|k| (of(k), 1.0));
                        let terms = own.chain(theirs.iter().map(|k| (of(k), -1.0)));
                        known.push(Known {
                            terms: terms.collect(),
                            low: 0.0,
                            high: 0.0,
                        });
                    }
                }
            }
        }
    }
    let mut printed: BTreeSet<Vec<usize>> = BTreeSet::new();
    let mut sums: BTreeSet<(Vec<usize>, i64, i64)> = BTreeSet::new();
    for fact in learnt {
        let Some(m) = which(&fact.measure) else {
            continue;
        };
        for set in atoms(fact.table, &fact.place, &fact.regions) {
            let events = set.iter().map(|a| with(*a, m)).collect();
            let people = pupils(&set);
            for (terms, (low, high)) in [(events, fact.events), (people, fact.pupils)] {
                if high.is_finite() {
                    sums.insert((terms, low as i64, high as i64));
                }
            }
        }
    }
    for row in mine.iter().filter(|r| r.numbers[N].is_some()) {
        for mut set in atoms(row.table, &row.place, &world.groups[&row.group]) {
            set.sort_unstable();
            printed.insert(set);
        }
    }
    known.extend(sums.into_iter().map(|(terms, low, high)| Known {
        terms: terms.into_iter().map(|u| (u, 1.0)).collect(),
        low: low as f64,
        high: high as f64,
    }));
    let mut questions: Vec<(Vec<usize>, f64)> = Vec::new();
    let mut asked: Vec<(&Row, usize, [bool; 3])> = Vec::new();
    for row in mine.iter().filter(|r| r.withheld) {
        let m = which(&row.measure).unwrap();
        let mut sets = atoms(row.table, &row.place, &world.groups[&row.group]);
        sets.iter_mut().for_each(|set| set.sort_unstable());
        let told = sets.iter().any(|set| adds_up(set, &printed));
        for set in sets {
            let ask = [!told, true, world.measures[&row.measure].proportion];
            let Some((x, n)) = truth(row.table, row.number) else {
                continue;
            };
            asked.push((row, questions.len(), ask));
            if ask[0] {
                questions.push((pupils(&set), n as f64));
            }
            questions.push((set.iter().map(|a| with(*a, m)).collect(), x as f64));
            if ask[2] {
                questions.push((set.iter().map(|a| without(*a, m)).collect(), (n - x) as f64));
            }
        }
    }
    let answers = bounds::ranges(&known, unknowns, &questions, width)?;
    let found = asked.into_iter().map(|(row, first, ask)| {
        let mut next = first;
        let mut take = |asked: bool| {
            asked.then(|| {
                next += 1;
                answers[next - 1]
            })
        };
        Found {
            table: row.table,
            row: row.number,
            pupils: take(ask[0]),
            with: take(true).unwrap(),
            without: take(ask[2]),
        }
    });
    Some(found.collect())
}
