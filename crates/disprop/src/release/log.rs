//! What was withheld and why: kinds of rules, never a number.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::policy::{Audience, Policy};
use super::primary::Rule;
use crate::error::Error;

/// One row of a table, as the log names it.
pub(super) struct Entry {
    pub(super) measure: String,
    pub(super) place: Vec<Option<String>>,
    pub(super) group: String,
    pub(super) rule: Rule,
}

/// Returns the log of a table: by row for the owner, by measure and rule for anyone else.
///
/// A reader who knew which rows are small for their own sake could bound the others more closely,
/// so only the owner is told.
pub(super) fn frame(
    table: &str,
    dimensions: &[String],
    entries: &[Entry],
    policy: &Policy,
) -> Result<DataFrame, Error> {
    let mut columns: Vec<Column> = Vec::new();
    if policy.audience == Audience::Internal {
        let text = |name: &str, value: &dyn Fn(&Entry) -> Option<String>| {
            Column::new(name.into(), entries.iter().map(value).collect::<Vec<_>>())
        };
        columns.push(text("table", &|_| Some(table.into())));
        columns.push(text("measure", &|e| Some(e.measure.clone())));
        for (place, name) in dimensions.iter().enumerate() {
            columns.push(text(name, &|e| e.place.get(place).cloned().flatten()));
        }
        columns.push(text("group", &|e| Some(e.group.clone())));
        columns.push(text("rule", &|e| Some(e.rule.code().into())));
        columns.push(text("why", &|e| Some(e.rule.sentence().into())));
        return Ok(DataFrame::new(entries.len(), columns)?);
    }
    let kinds: BTreeSet<(&str, Rule)> = entries
        .iter()
        .map(|e| (e.measure.as_str(), e.rule))
        .collect();
    let text = |name: &str, value: &dyn Fn(&(&str, Rule)) -> String| {
        Column::new(name.into(), kinds.iter().map(value).collect::<Vec<_>>())
    };
    columns.push(text("table", &|_| table.into()));
    columns.push(text("measure", &|(measure, _)| measure.to_string()));
    columns.push(text("rule", &|(_, rule)| rule.code().into()));
    columns.push(text("why", &|(_, rule)| rule.sentence().into()));
    Ok(DataFrame::new(kinds.len(), columns)?)
}
