//! Which gaps the rows of any other table rest on.
//!
//! A row of a derived table (a change, an adjusted gap, a contribution) says no more than the
//! counts behind it, so it leaves where all of its gaps leave and is withheld where one is. One
//! that is allowed for something, or taken apart by it, is one equation over the gaps by that: it
//! stays back where the release withholds so few of them that one equation more might tell.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::Withheld;
use super::policy::Policy;
use super::primary::Rule;
use super::printed::KEPT;
use crate::error::Error;
use crate::gaps::Gaps;

/// Withheld gaps beneath a figure from which on it leaves. A figure is one equation over them, to two
/// or three digits, and each is two unknowns that keep as many values as the policy asks: over a few
/// of them it can leave one solution, over six it leaves hundreds.
const BENEATH: usize = 6;

/// Columns that name the dimensions beneath a figure.
const STRATA: [&str; 2] = ["adjusted_for", "over"];

/// Which row of a derived table it is.
pub(super) struct Key {
    pub(super) measure: String,
    pub(super) group: String,
    pub(super) place: Vec<Option<String>>,
    /// The two years of a change.
    years: Vec<String>,
}

/// The rows of a derived table, with the rule that withholds each.
pub(super) struct Rests {
    pub(super) dimensions: Vec<String>,
    pub(super) keys: Vec<Key>,
    pub(super) rules: Vec<Option<Rule>>,
}

/// Columns of words about a row. Any other column of words says where the row is, and where no gaps
/// of the release have that column (a school in a table of schools), the row cannot be checked.
const WORDS: &[&str] = &[
    "reason",
    "finding",
    "raw_finding",
    "method",
    "adjusted_for",
    "crossing",
    "compared_with",
    "flag",
    "standing",
    "now",
    "due",
    "index",
    "index_label",
    "misleads",
    "printed",
    "position_95",
    "position_998",
    "group_moved",
    "baseline_moved",
    "verdict",
    "side",
    "arm",
    "dimension",
    "clear_of_many",
    "over",
    "part_of",
    "period",
    "effect",
    "test",
];

/// The name of the dimension whose values the columns `from` and `to` hold.
const YEAR: &str = "year";

pub(super) fn of(
    frame: &DataFrame,
    tables: &[&Gaps],
    withheld: &Withheld,
    policy: &Policy,
) -> Result<Rests, Error> {
    let known = |name: &str| {
        tables
            .iter()
            .any(|g| g.dimensions.iter().any(|d| d == name))
    };
    let names: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(|n| n.to_string())
        .collect();
    let dimensions: Vec<String> = names.iter().filter(|n| known(n)).cloned().collect();
    let text = |name: &str| -> Result<Vec<Option<String>>, Error> {
        let Some(column) = names.iter().find(|n| *n == name) else {
            return Ok(vec![None; frame.height()]);
        };
        let cast = frame.column(column)?.cast(&DataType::String)?;
        let values = cast.as_materialized_series().str()?.iter();
        Ok(values.map(|v| v.map(str::to_owned)).collect())
    };
    let (measures, groups) = (text("measure")?, text("group")?);
    let (from, to) = (text("from")?, text("to")?);
    let places: Vec<Vec<Option<String>>> = dimensions
        .iter()
        .map(|d| text(d))
        .collect::<Result<_, _>>()?;
    let keys: Vec<Key> = (0..frame.height())
        .map(|row| {
            let at = |column: &Vec<Option<String>>| column.get(row).cloned().flatten();
            Key {
                measure: at(&measures).unwrap_or_default(),
                group: at(&groups).unwrap_or_default(),
                place: places.iter().map(at).collect(),
                years: [at(&from), at(&to)].into_iter().flatten().collect(),
            }
        })
        .collect();
    let changes = names.iter().any(|n| n == "from") && names.iter().any(|n| n == "to");
    let mut wanted = dimensions.clone();
    if changes && !wanted.iter().any(|d| d == YEAR) {
        wanted.push(YEAR.into());
    }
    // The table with just these dimensions, else the one with fewest besides.
    let table = tables
        .iter()
        .enumerate()
        .filter(|(_, g)| wanted.iter().all(|d| g.dimensions.contains(d)))
        .min_by_key(|(number, g)| (g.dimensions.len(), *number));
    let elsewhere = elsewhere(frame, &dimensions)?;
    let strata: Vec<Vec<Option<String>>> = STRATA
        .iter()
        .map(|name| text(name))
        .collect::<Result<_, _>>()?;
    let beneath = Beneath::new(tables, withheld, &strata, &dimensions);
    let rules = match (policy.withholds(), table) {
        (false, _) => vec![None; keys.len()],
        (true, None) => vec![Some(Rule::Unchecked); keys.len()],
        (true, Some((number, gaps))) => {
            let rows = Rows::new(gaps, withheld.rows.get(number), &dimensions, changes);
            let checked = keys.iter().zip(&elsewhere).enumerate();
            checked
                .map(|(row, (key, elsewhere))| match elsewhere {
                    true => Some(Rule::Unchecked),
                    false => {
                        let few = || beneath.few(key, &strata, row);
                        rows.rule(key).or_else(few)
                    }
                })
                .collect()
        }
    };
    Ok(Rests {
        dimensions,
        keys,
        rules,
    })
}

/// Whether each row stands in a place that no gaps of the release tell apart.
fn elsewhere(frame: &DataFrame, dimensions: &[String]) -> Result<Vec<bool>, Error> {
    let mut found = vec![false; frame.height()];
    for column in frame.columns() {
        let name = column.name().as_str();
        let known = KEPT.contains(&name) || WORDS.contains(&name);
        let words = matches!(
            column.dtype(),
            DataType::String | DataType::Categorical(..) | DataType::Enum(..)
        );
        if known || !words || dimensions.iter().any(|d| d == name) {
            continue;
        }
        let missing = column.is_null();
        for (row, missing) in found.iter_mut().zip(missing.iter()) {
            *row |= missing != Some(true);
        }
    }
    Ok(found)
}

/// Measure, group and place of a figure, and the dimensions beneath it.
type Figure = (String, String, Vec<Option<String>>, String);

/// How many gaps beneath each figure are withheld, where any is.
struct Beneath {
    hidden: BTreeMap<Figure, usize>,
}

impl Beneath {
    fn new(
        tables: &[&Gaps],
        withheld: &Withheld,
        strata: &[Vec<Option<String>>],
        keep: &[String],
    ) -> Self {
        let named: BTreeSet<&String> = strata.iter().flatten().flatten().collect();
        let mut hidden: BTreeMap<Figure, usize> = BTreeMap::new();
        for over in named {
            for (gaps, rules) in tables.iter().zip(&withheld.rows) {
                let has = |name: &str| gaps.dimensions.iter().position(|d| d == name);
                let at: Option<Vec<usize>> = keep.iter().map(|name| has(name)).collect();
                let Some(at) = at.filter(|_| over.split(", ").any(|name| has(name).is_some()))
                else {
                    continue;
                };
                for (gap, _) in gaps.rows.iter().zip(rules).filter(|(_, r)| r.is_some()) {
                    let measure = gaps.measures.get(gap.measure).map(|m| m.id.clone());
                    let place = at.iter().map(|d| gap.place.get(*d).cloned().flatten());
                    let place: Vec<Option<String>> = place.collect();
                    let group = gaps.groups.get(gap.of);
                    let names: BTreeSet<&String> = group
                        .into_iter()
                        .flat_map(|g| [&g.name, &g.label])
                        .collect();
                    for name in names {
                        let figure = (
                            measure.clone().unwrap_or_default(),
                            name.clone(),
                            place.clone(),
                            over.clone(),
                        );
                        *hidden.entry(figure).or_default() += 1;
                    }
                }
            }
        }
        Beneath { hidden }
    }

    fn few(&self, key: &Key, strata: &[Vec<Option<String>>], row: usize) -> Option<Rule> {
        let over = strata.iter().filter_map(|column| column.get(row)?.clone());
        let count = |over: String| {
            let place = key.place.clone();
            self.hidden
                .get(&(key.measure.clone(), key.group.clone(), place, over))
        };
        let mut counts = over.filter_map(count);
        counts
            .any(|count| *count < BENEATH)
            .then_some(Rule::RestsOnWithheld)
    }
}

/// Measure, group, place and year, where a row names them.
type Which = (String, Option<String>, Vec<Option<String>>, Option<String>);

/// Whether any gap of a kind is withheld.
struct Rows {
    any: BTreeMap<Which, bool>,
}

impl Rows {
    fn new(gaps: &Gaps, rules: Option<&Vec<Option<Rule>>>, keep: &[String], changes: bool) -> Self {
        let mut any: BTreeMap<Which, bool> = BTreeMap::new();
        for (row, gap) in gaps.rows.iter().enumerate() {
            let (Some(measure), Some(group)) =
                (gaps.measures.get(gap.measure), gaps.groups.get(gap.of))
            else {
                continue;
            };
            let value = |name: &str| {
                let at = gaps.dimensions.iter().position(|d| d == name)?;
                gap.place.get(at).cloned().flatten()
            };
            let place: Vec<Option<String>> = keep.iter().map(|d| value(d)).collect();
            let year = changes.then(|| value(YEAR)).flatten();
            let hidden = rules.and_then(|r| r.get(row)).is_none_or(Option::is_some);
            // By the group's name, by its label, and over all groups for rows that name none.
            for name in [Some(group.name.clone()), Some(group.label.clone()), None] {
                *any.entry((measure.id.clone(), name, place.clone(), year.clone()))
                    .or_insert(false) |= hidden;
            }
        }
        Rows { any }
    }

    fn rule(&self, key: &Key) -> Option<Rule> {
        let group = Some(key.group.clone()).filter(|g| !g.is_empty());
        let years: Vec<Option<String>> = match key.years.is_empty() {
            true => vec![None],
            false => key.years.iter().cloned().map(Some).collect(),
        };
        let found = |year: Option<String>| {
            self.any
                .get(&(key.measure.clone(), group.clone(), key.place.clone(), year))
                .copied()
        };
        let found: Vec<Option<bool>> = years.into_iter().map(found).collect();
        if found.contains(&None) {
            return Some(Rule::Unchecked);
        }
        found.contains(&Some(true)).then_some(Rule::RestsOnWithheld)
    }
}
