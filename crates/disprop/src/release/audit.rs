//! The attacker: what a reader of released tables can still work out of withheld counts.
//!
//! It sees the tables alone: numbers of pupils, values to their printed digits, which rows are
//! withheld, and which groups are parts of which. It shares no code with what chose the rows.

mod simplex;

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::error::Error;
use simplex::Simplex;

/// Largest number of unknowns that are solved together; larger components are only propagated.
const SOLVED: usize = 140;

/// One table as a reader has it.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// The tidy frame: `measure`, dimensions, `group`, `group_n`, `group_value`, `baseline_n`,
    /// `baseline_value`, `finding`; a missing column is one that is not shown.
    pub frame: &'a DataFrame,
    /// Names of the dimensions.
    pub dimensions: Vec<String>,
}

/// What a reader knows of the arithmetic of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// What an inner value was multiplied with in print: 100 for percent.
    pub factor: f64,
    /// Printed decimals of values.
    pub decimals: u8,
    /// Whether the value is a share of the pupils, so that events are at most pupils.
    pub proportion: bool,
    /// Whether events are counted at all; a mean of scores has none.
    pub events: bool,
}

/// What a reader takes for granted.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// By measure; one that is missing is a percentage of pupils to one decimal.
    pub measures: BTreeMap<String, Shown>,
    /// Parts that each group is made of; a group that is missing is a part of its own.
    pub parts: BTreeMap<String, Vec<String>>,
    /// Whether the groups are everybody on whom the totals rest.
    pub complete: bool,
    /// Numbers of pupils are rounded to multiples of this.
    pub round_to: i64,
}

/// What can be said of one withheld row.
#[derive(Debug, Clone, PartialEq)]
pub struct Feasible {
    /// Which of the tables.
    pub table: usize,
    /// Which of its rows.
    pub row: usize,
    /// Bounds of the number of pupils, where it is not printed.
    pub pupils: (f64, f64),
    /// Bounds of pupils with the outcome, or of events, where they are counted.
    pub with: Option<(f64, f64)>,
    /// Bounds of pupils without the outcome, of a proportion.
    pub without: Option<(f64, f64)>,
    /// Whether the bounds are exact rather than at most so close.
    pub exact: bool,
}

impl Feasible {
    /// Returns whether every count of the row ranges over at least `width`; one that must be zero
    /// is no leak where zeros may be shown.
    pub fn is_safe(&self, width: f64, zeros: bool, complement: bool) -> bool {
        let wide = |(lower, upper): (f64, f64)| {
            upper - lower >= width || zeros && lower == 0.0 && upper == 0.0
        };
        let without = self.without.filter(|_| complement);
        wide(self.pupils) && self.with.is_none_or(wide) && without.is_none_or(wide)
    }
}

type Place = Vec<Option<String>>;

/// A row as a reader has it: bounds of pupils and events on both sides, where printed.
struct Row {
    measure: String,
    place: Place,
    group: String,
    withheld: bool,
    sides: [Option<Counts>; 2],
    others: bool,
}

/// Bounds of pupils, and of events where a value is printed.
#[derive(Clone, Copy)]
struct Counts {
    pupils: (f64, f64),
    events: Option<(f64, f64)>,
}

/// Returns what a reader can work out of every withheld row, in order of tables and rows.
///
/// # Formula
/// Unknowns are events and non-events of every part of a group in every place of the finest
/// tables; each printed figure bounds a sum of them; totals follow from a row and its baseline,
/// and tables over fewer dimensions are sums of those over more. Each withheld count is minimised
/// and maximised under all of it (linear programming, ends rounded inwards to whole pupils).
///
/// # Errors
/// `frame.polars` for a column of the wrong type; `release.refused` where the printed figures
/// contradict each other.
pub fn attack(tables: &[Seen<'_>], knowledge: &Knowledge) -> Result<Vec<Feasible>, Error> {
    let rows: Vec<Vec<Row>> = tables
        .iter()
        .map(|seen| read(seen, knowledge))
        .collect::<Result<_, Error>>()?;
    let ids: BTreeSet<&str> = rows.iter().flatten().map(|r| r.measure.as_str()).collect();
    let mut found = Vec::new();
    for id in ids {
        found.extend(Case::new(id, tables, &rows, knowledge).solve()?);
    }
    found.sort_by_key(|f| (f.table, f.row));
    Ok(found)
}

fn read(seen: &Seen<'_>, knowledge: &Knowledge) -> Result<Vec<Row>, Error> {
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
    let baseline = text("baseline")?;
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
    let mut rows = Vec::with_capacity(frame.height());
    for row in 0..frame.height() {
        let id = at(&measure, row).unwrap_or_default();
        let shown = knowledge.shown(&id);
        let side = |(n, value): &(Vec<Option<f64>>, Vec<Option<f64>>)| {
            let n = n.get(row).copied().flatten()?;
            Some(counts(
                n,
                value.get(row).copied().flatten(),
                shown,
                knowledge.round_to,
            ))
        };
        rows.push(Row {
            withheld: at(&finding, row).as_deref() == Some("withheld"),
            place: dimensions.iter().map(|d| at(d, row)).collect(),
            group: at(&group, row).unwrap_or_default(),
            sides: [side(&sides[0]), side(&sides[1])],
            others: at(&baseline, row).is_none_or(|b| b == "all other groups"),
            measure: id,
        });
    }
    Ok(rows)
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

impl Knowledge {
    fn shown(&self, measure: &str) -> Shown {
        self.measures.get(measure).copied().unwrap_or(Shown {
            factor: 100.0,
            decimals: 1,
            proportion: true,
            events: true,
        })
    }
}

/// A sum over unknowns, with its bounds.
type Sum = (Vec<usize>, f64, f64);

/// One measure: unknowns, and what is known of their sums.
struct Case<'a> {
    rows: Vec<(usize, usize, &'a Row)>,
    shown: Shown,
    /// Atoms of a row, in each base table.
    atoms: Vec<Vec<Vec<usize>>>,
    /// Known sums over unknowns: atoms 2i are events, 2i + 1 the rest of the pupils.
    known: Vec<Sum>,
    unknowns: usize,
}

impl<'a> Case<'a> {
    fn new(id: &str, tables: &[Seen<'_>], all: &'a [Vec<Row>], knowledge: &Knowledge) -> Self {
        let having: Vec<usize> = (0..all.len())
            .filter(|t| {
                all.get(*t)
                    .is_some_and(|rows| rows.iter().any(|r| r.measure == id))
            })
            .collect();
        let dimensions = |t: usize| tables.get(t).map_or(&[][..], |s| &s.dimensions[..]);
        let finer = |a: usize, b: usize| {
            let (a_, b_) = (dimensions(a), dimensions(b));
            a_.iter().all(|d| b_.contains(d)) && (a_.len() < b_.len() || b < a)
        };
        let bases: Vec<usize> = having
            .iter()
            .copied()
            .filter(|a| !having.iter().any(|b| a != b && finer(*a, *b)))
            .collect();
        let mut parts: BTreeSet<String> = BTreeSet::new();
        let parts_of = |group: &str| -> Vec<String> {
            knowledge
                .parts
                .get(group)
                .cloned()
                .unwrap_or_else(|| vec![group.into()])
        };
        for row in all.iter().flatten().filter(|r| r.measure == id) {
            parts.extend(parts_of(&row.group));
        }
        if !knowledge.complete {
            parts.insert("(others)".into());
        }
        let numbers: BTreeMap<String, usize> =
            parts.into_iter().enumerate().map(|(n, p)| (p, n)).collect();
        // Places of each base, with the number of their first atom.
        let mut first: Vec<(usize, BTreeMap<Place, usize>)> = Vec::new();
        let mut atoms = 0;
        for base in bases {
            let mut places = BTreeMap::new();
            for row in all
                .get(base)
                .into_iter()
                .flatten()
                .filter(|r| r.measure == id)
            {
                places.entry(row.place.clone()).or_insert_with(|| {
                    atoms += numbers.len();
                    atoms - numbers.len()
                });
            }
            first.push((base, places));
        }
        let mut case = Case {
            rows: Vec::new(),
            shown: knowledge.shown(id),
            atoms: Vec::new(),
            known: Vec::new(),
            unknowns: 2 * atoms,
        };
        for (table, rows) in all.iter().enumerate() {
            // Each place of the table, as places of the bases that are finer.
            let mut lookup: Vec<BTreeMap<Place, Vec<usize>>> = Vec::new();
            for (base, places) in first
                .iter()
                .filter(|(b, _)| *b == table || finer(table, *b))
            {
                let keep: Vec<Option<usize>> = dimensions(table)
                    .iter()
                    .map(|d| dimensions(*base).iter().position(|e| e == d))
                    .collect();
                let mut by: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
                for (place, number) in places {
                    let own = keep
                        .iter()
                        .map(|k| k.and_then(|k| place.get(k).cloned().flatten()));
                    by.entry(own.collect()).or_default().push(*number);
                }
                lookup.push(by);
            }
            for (number, row) in rows.iter().enumerate().filter(|(_, r)| r.measure == id) {
                let mine: Vec<usize> = parts_of(&row.group)
                    .iter()
                    .filter_map(|p| numbers.get(p).copied())
                    .collect();
                let over = |regions: &[usize]| -> Vec<Vec<usize>> {
                    let sets = lookup.iter().filter_map(|by| by.get(&row.place));
                    sets.map(|firsts| {
                        firsts
                            .iter()
                            .flat_map(|f| regions.iter().map(move |r| f + r))
                            .collect()
                    })
                    .collect()
                };
                let sets = over(&mine);
                if let [Some(group), baseline] = row.sides {
                    for set in &sets {
                        case.learn(set, group);
                    }
                    if let (Some(baseline), true) = (baseline, row.others) {
                        let theirs: Vec<usize> =
                            (0..numbers.len()).filter(|n| !mine.contains(n)).collect();
                        for set in over(&theirs) {
                            case.learn(&set, baseline);
                        }
                    }
                }
                case.rows.push((table, number, row));
                case.atoms.push(sets);
            }
        }
        case
    }

    fn pupils(&self, atoms: &[usize]) -> Vec<usize> {
        match self.shown.proportion {
            true => atoms.iter().flat_map(|a| [2 * a, 2 * a + 1]).collect(),
            false => atoms.iter().map(|a| 2 * a + 1).collect(),
        }
    }

    fn learn(&mut self, atoms: &[usize], counts: Counts) {
        self.known
            .push((self.pupils(atoms), counts.pupils.0, counts.pupils.1));
        if let Some((low, high)) = counts.events {
            self.known
                .push((atoms.iter().map(|a| 2 * a).collect(), low, high));
        }
    }

    /// Fixes unknowns whose bounds meet, until nothing moves; returns bounds of each.
    fn propagate(&self) -> Vec<(f64, f64)> {
        let mut bounds = vec![(0.0_f64, f64::INFINITY); self.unknowns];
        for _ in 0..50 {
            let mut moved = false;
            for (set, low, high) in &self.known {
                let ends = |b: &[(f64, f64)]| {
                    let of = |u: &usize| b.get(*u).copied().unwrap_or((0.0, f64::INFINITY));
                    let least: f64 = set.iter().map(|u| of(u).0).sum();
                    let open = set.iter().filter(|u| of(u).1.is_infinite()).count();
                    let most: f64 = set.iter().map(|u| of(u).1).filter(|m| m.is_finite()).sum();
                    (least, open, most)
                };
                let (least, open, most) = ends(&bounds);
                for unknown in set {
                    let Some((lower, upper)) = bounds.get(*unknown).copied() else {
                        continue;
                    };
                    let new_upper = upper.min(high - (least - lower));
                    let rest = match (open, upper.is_infinite()) {
                        (0, _) => Some(most - upper),
                        (1, true) => Some(most),
                        _ => None,
                    };
                    let new_lower = rest.map_or(lower, |rest| lower.max(low - rest));
                    if new_upper < upper - 1e-9 || new_lower > lower + 1e-9 {
                        moved = true;
                        if let Some(slot) = bounds.get_mut(*unknown) {
                            *slot = (new_lower, new_upper.max(new_lower));
                        }
                        // The sums above rest on the old bounds, which are wider: still valid.
                    }
                }
            }
            if !moved {
                break;
            }
        }
        bounds
    }

    fn solve(&self) -> Result<Vec<Feasible>, Error> {
        if !self.rows.iter().any(|(_, _, row)| row.withheld) {
            return Ok(Vec::new());
        }
        let bounds = self.propagate();
        let of = |u: usize| bounds.get(u).copied().unwrap_or((0.0, f64::INFINITY));
        let free = |u: usize| of(u).1 - of(u).0 > 1e-6;
        // Equations over what is not yet one number, and the components they make.
        let mut links: Vec<usize> = (0..self.unknowns).collect();
        fn root(links: &mut [usize], mut at: usize) -> usize {
            while let Some(up) = links.get(at).copied().filter(|up| *up != at) {
                at = up;
            }
            at
        }
        let mut left: Vec<Sum> = Vec::new();
        for (set, low, high) in &self.known {
            let fixed: f64 = set.iter().filter(|u| !free(**u)).map(|u| of(*u).0).sum();
            let open: Vec<usize> = set.iter().copied().filter(|u| free(*u)).collect();
            if let Some(head) = open.first().copied() {
                for other in &open {
                    let (a, b) = (root(&mut links, head), root(&mut links, *other));
                    if let Some(slot) = links.get_mut(a.max(b)) {
                        *slot = a.min(b);
                    }
                }
                left.push((open, low - fixed, high - fixed));
            }
        }
        left.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then(a.1.total_cmp(&b.1))
                .then(a.2.total_cmp(&b.2))
        });
        left.dedup();
        let heads: Vec<usize> = (0..self.unknowns).map(|u| root(&mut links, u)).collect();
        let head_of = |u: usize| heads.get(u).copied().unwrap_or(u);
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for unknown in (0..self.unknowns).filter(|u| free(*u)) {
            members.entry(head_of(unknown)).or_default().push(unknown);
        }
        let mut equations_of: BTreeMap<usize, Vec<&Sum>> = BTreeMap::new();
        for equation in &left {
            if let Some(unknown) = equation.0.first() {
                equations_of
                    .entry(head_of(*unknown))
                    .or_default()
                    .push(equation);
            }
        }
        let mut tables: BTreeMap<usize, (BTreeMap<usize, usize>, Simplex)> = BTreeMap::new();
        for (head, unknowns) in members.iter().filter(|(_, u)| u.len() <= SOLVED) {
            let here = equations_of.get(head).into_iter().flatten();
            let local: BTreeMap<usize, usize> =
                unknowns.iter().enumerate().map(|(n, u)| (*u, n)).collect();
            let mut next = local.len();
            let mut equations = Vec::new();
            for (set, low, high) in here.map(|e| (&e.0, e.1, e.2)) {
                let terms = set.iter().filter_map(|u| local.get(u)).map(|n| (*n, 1.0));
                let mut terms: Vec<(usize, f64)> = terms.collect();
                if high - low > 1e-9 {
                    // Between two numbers: one slack below, one above.
                    terms.push((next, 1.0));
                    equations.push((vec![(next, 1.0), (next + 1, 1.0)], high - low));
                    next += 2;
                }
                equations.push((terms, high));
            }
            let Some(table) = Simplex::new(next, &equations) else {
                return Err(Error::Release {
                    problem: "the printed figures contradict each other".into(),
                    advice: Some("tables of different cohorts are audited apart".into()),
                });
            };
            tables.insert(*head, (local, table));
        }
        let range = |set: &[usize]| -> ((f64, f64), bool) {
            let fixed: f64 = set.iter().filter(|u| !free(**u)).map(|u| of(*u).0).sum();
            let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for unknown in set.iter().copied().filter(|u| free(*u)) {
                groups.entry(head_of(unknown)).or_default().push(unknown);
            }
            let (mut lower, mut upper, mut exact) = (fixed, fixed, true);
            for (head, unknowns) in groups {
                let solved = tables.get(&head).and_then(|(local, table)| {
                    let target: Vec<(usize, f64)> = unknowns
                        .iter()
                        .filter_map(|u| local.get(u))
                        .map(|n| (*n, 1.0))
                        .collect();
                    table.bounds(&target)
                });
                let (a, b) = solved.unwrap_or_else(|| {
                    exact = false;
                    let ends = unknowns.iter().map(|u| of(*u));
                    ends.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y))
                });
                (lower, upper) = (lower + a, upper + b);
            }
            ((lower, upper), exact)
        };
        let mut found = Vec::new();
        for ((table, number, _), sets) in self
            .rows
            .iter()
            .zip(&self.atoms)
            .filter(|((_, _, row), _)| row.withheld)
        {
            // Every base that holds the row bounds it; the reader takes the closest.
            let mut best: Option<Feasible> = None;
            for atoms in sets {
                let pick = |offset: usize| atoms.iter().map(|a| 2 * a + offset).collect::<Vec<_>>();
                let (pupils, a) = range(&self.pupils(atoms));
                let with = self.shown.events.then(|| range(&pick(0)));
                let without = self.shown.proportion.then(|| range(&pick(1)));
                let exact = a && with.is_none_or(|w| w.1) && without.is_none_or(|w| w.1);
                let here = Feasible {
                    table: *table,
                    row: *number,
                    pupils,
                    with: with.map(|w| w.0),
                    without: without.map(|w| w.0),
                    exact,
                };
                best = Some(match best {
                    None => here,
                    Some(known) => known.and(here),
                });
            }
            found.extend(best);
        }
        Ok(found)
    }
}

impl Feasible {
    fn and(self, other: Self) -> Self {
        let both = |a: (f64, f64), b: (f64, f64)| (a.0.max(b.0), a.1.min(b.1));
        Feasible {
            pupils: both(self.pupils, other.pupils),
            with: self.with.zip(other.with).map(|(a, b)| both(a, b)),
            without: self.without.zip(other.without).map(|(a, b)| both(a, b)),
            exact: self.exact && other.exact,
            ..self
        }
    }
}
