//! Which gaps the rows of any other table rest on.
//!
//! A row of a derived table (a change, an adjusted gap, a contribution) says no more than the
//! counts behind it, so it leaves where all of its gaps leave and is withheld where one is.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::Withheld;
use super::policy::Policy;
use super::primary::Rule;
use super::printed::KEPT;
use crate::error::Error;
use crate::gaps::Gaps;

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
    let rules = match (policy.withholds(), table) {
        (false, _) => vec![None; keys.len()],
        (true, None) => vec![Some(Rule::Unchecked); keys.len()],
        (true, Some((number, gaps))) => {
            let rows = Rows::new(gaps, withheld.rows.get(number), &dimensions, changes);
            let checked = keys.iter().zip(&elsewhere);
            checked
                .map(|(key, elsewhere)| match elsewhere {
                    true => Some(Rule::Unchecked),
                    false => rows.rule(key),
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
