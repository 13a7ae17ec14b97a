//! The attacker: what a reader of released tables can still work out of withheld counts.
//!
//! It sees the tables alone: numbers of pupils, values to their printed digits, which rows are
//! withheld, and which groups are parts of which. It shares no code with what chose the rows.

mod bases;
mod case;
mod open;
mod printed;
mod read;
mod simplex;

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;

use crate::error::Error;
use case::{Case, Wanted};
pub(super) use read::{Row, exact};

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
    /// Measures with the same pupils below the line, so that a number of pupils printed for one is
    /// known for all; a measure that is missing stands alone.
    pub together: Vec<Vec<String>>,
    /// By measure, pairs of tables over different dimensions that are of different pupils, or too
    /// large together, and so say nothing of each other; all others add up to the same over what
    /// they have in common.
    pub apart: BTreeMap<String, BTreeSet<(usize, usize)>>,
}

/// What can be said of one withheld row.
#[derive(Debug, Clone, PartialEq)]
pub struct Feasible {
    /// Which of the tables.
    pub table: usize,
    /// Which of its rows.
    pub row: usize,
    /// Bounds of the number of pupils.
    pub pupils: (f64, f64),
    /// Whether that number is printed for another measure of the same pupils, or the sum of numbers
    /// that are, and so not withheld.
    pub printed: bool,
    /// Bounds of pupils with the outcome, or of events, where they are counted.
    pub with: Option<(f64, f64)>,
    /// Bounds of pupils without the outcome, of a proportion.
    pub without: Option<(f64, f64)>,
    /// Whether tables of whole numbers reach the bounds, rather than at most so far.
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
        (self.printed || wide(self.pupils))
            && self.with.is_none_or(wide)
            && without.is_none_or(wide)
    }
}

type Place = Vec<Option<String>>;

/// Returns what a reader can work out of every withheld row, in order of tables and rows.
///
/// # Formula
/// Unknowns are events and non-events of every part of a group in every place of the finest
/// tables; each printed figure bounds a sum of them; totals follow from a row and its baseline,
/// tables over fewer dimensions are sums of those over more, tables over different ones add up to
/// the same over what they have in common, and measures with the same pupils
/// share the sum of both. Each withheld count is minimised and maximised under all of it (linear
/// programming, ends rounded inwards to whole pupils).
///
/// # Errors
/// `frame.polars` for a column of the wrong type; `release.refused` where the printed figures
/// contradict each other.
pub fn attack(tables: &[Seen<'_>], knowledge: &Knowledge) -> Result<Vec<Feasible>, Error> {
    let rows: Vec<Vec<Row>> = tables
        .iter()
        .map(|seen| read::printed(seen, knowledge))
        .collect::<Result<_, Error>>()?;
    let dimensions: Vec<Vec<String>> = tables.iter().map(|t| t.dimensions.clone()).collect();
    bounds(&rows, &dimensions, knowledge, &|_, _| true, true)
}

/// The same of rows already read, for those that are asked about; what contradicts itself is
/// refused, or left to be proved by other means.
pub(super) fn bounds(
    rows: &[Vec<Row>],
    dimensions: &[Vec<String>],
    knowledge: &Knowledge,
    wanted: Wanted<'_>,
    strict: bool,
) -> Result<Vec<Feasible>, Error> {
    let mut ids: BTreeSet<&str> = rows.iter().flatten().map(|r| r.measure.as_str()).collect();
    ids.remove("");
    let mut classes: Vec<Vec<&str>> = Vec::new();
    for class in &knowledge.together {
        let known = class.iter().map(String::as_str);
        let known =
            known.filter(|id| ids.contains(id) && !classes.iter().flatten().any(|c| c == id));
        let class: Vec<&str> = known.collect();
        classes.extend((!class.is_empty()).then_some(class));
    }
    let alone = ids
        .iter()
        .filter(|id| !classes.iter().flatten().any(|c| c == *id));
    let alone: Vec<Vec<&str>> = alone.map(|id| vec![*id]).collect();
    classes.extend(alone);
    let mut found = Vec::new();
    for class in classes {
        found.extend(Case::new(&class, dimensions, rows, knowledge).solve(wanted, strict)?);
    }
    found.sort_by_key(|f| (f.table, f.row));
    Ok(found)
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
