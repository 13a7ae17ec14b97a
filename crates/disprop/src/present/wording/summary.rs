//! What many gaps of one measure and place come to.

use super::change::others;
use super::noun::{distance, listed, people, period, subject, than, when_and_where};
use super::rows::Rows;

/// Title and text of a run of rows.
pub(super) struct Summary {
    /// The first row of the run.
    pub first: usize,
    pub title: String,
    pub text: String,
}

/// Most groups named in a text; the table beside it has all of them.
const NAMED: usize = 6;

/// Rows of the same measure and place, wherever they stand, in the order of their first.
fn runs(rows: &Rows<'_>) -> Vec<Vec<usize>> {
    let mut runs: Vec<(Vec<Option<&str>>, Vec<usize>)> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for row in 0..rows.height {
        let mut key = vec![rows.text("measure", row)];
        key.extend(rows.places.iter().map(|name| rows.text(name, row)));
        let place = *known.entry(key.clone()).or_insert_with(|| {
            runs.push((key, Vec::new()));
            runs.len() - 1
        });
        if let Some((_, run)) = runs.get_mut(place) {
            run.push(row);
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

pub(super) fn gaps(rows: &Rows<'_>) -> Vec<Summary> {
    let runs = runs(rows);
    runs.iter()
        .filter_map(|run| Some(of_gaps(rows, run, *run.first()?)))
        .collect()
}

fn of_gaps(rows: &Rows<'_>, run: &[usize], first: usize) -> Summary {
    let found = |finding: &str| -> Vec<usize> {
        let with = run
            .iter()
            .filter(|row| rows.text("finding", **row) == Some(finding));
        let mut with: Vec<usize> = with.copied().collect();
        let size = |row: &usize| rows.number("difference", *row).unwrap_or(0.0).abs();
        with.sort_by(|a, b| size(b).total_cmp(&size(a)));
        with
    };
    let people = people(rows, first);
    let unit = rows.unit(first);
    let than = than(
        rows.text("baseline", first).unwrap_or("all other groups"),
        people,
        unit,
    );
    let whom = than.strip_prefix("for ").unwrap_or(&than).to_owned();
    let about = format!("{}{}", short(rows, first), when_and_where(rows, first));
    let (worse, better) = (found("worse"), found("better"));
    let (higher, lower) = (found("higher"), found("lower"));
    let plain = found("no clear difference");
    // A gap without an interval is there; one without a value is not.
    let (unjudged, none): (Vec<usize>, Vec<usize>) = found("not calculable")
        .into_iter()
        .partition(|row| rows.number("difference", *row).is_some());
    let clear = [&worse, &higher, &lower, &better]
        .into_iter()
        .find_map(|found| found.first());
    let title = match clear {
        Some(&row) => {
            format!(
                "{about}: {}, {} than {than}, is the widest clear {}gap",
                label(rows, row),
                directed(rows, row),
                if worse.is_empty() {
                    ""
                } else {
                    "unfavourable "
                }
            )
        }
        None => match unjudged.first() {
            Some(&row) if plain.is_empty() => format!(
                "{about}: {}, {} than {than}, is the widest gap; how sure it is cannot be told",
                label(rows, row),
                directed(rows, row),
            ),
            _ => format!("{about}: no clear gap between a group and {whom}"),
        },
    };
    let mut parts: Vec<String> = Vec::new();
    let mut part = |run: &[usize], one: &str, many: &str, named: bool| {
        if !run.is_empty() {
            let names = if named {
                names(rows, run)
            } else {
                String::new()
            };
            let what = if run.len() == 1 { one } else { many };
            parts.push(format!("{} {what}{names}", run.len()));
        }
    };
    part(
        &worse,
        "has a clear unfavourable gap",
        "have a clear unfavourable gap",
        true,
    );
    part(
        &better,
        "has a clear favourable gap",
        "have a clear favourable gap",
        true,
    );
    part(&higher, "is clearly higher", "are clearly higher", true);
    part(&lower, "is clearly lower", "are clearly lower", true);
    part(
        &plain,
        "shows no clear difference",
        "show no clear difference",
        false,
    );
    let few = format!("too few {people} to tell");
    part(
        &found("too few to tell"),
        &format!("has {few}"),
        &format!("have {few}"),
        false,
    );
    part(&found("withheld"), "is withheld", "are withheld", false);
    part(
        &unjudged,
        "has a gap of which the data do not say how sure it is",
        "have a gap of which the data do not say how sure it is",
        false,
    );
    part(&none, "cannot be compared", "cannot be compared", false);
    let groups = if run.len() == 1 {
        "1 group".into()
    } else {
        format!("{} groups", run.len())
    };
    let text = format!("Of {groups} compared with {whom}, {}.", listed(&parts));
    Summary { first, title, text }
}

pub(super) fn changes(rows: &Rows<'_>) -> Vec<Summary> {
    let runs = runs(rows);
    runs.iter()
        .filter_map(|run| Some(of_changes(rows, run, *run.first()?)))
        .collect()
}

fn of_changes(rows: &Rows<'_>, run: &[usize], first: usize) -> Summary {
    let found = |finding: &str| -> Vec<usize> {
        let with = run
            .iter()
            .filter(|row| rows.text("finding", **row) == Some(finding));
        with.copied().collect()
    };
    let year = |name: &str| rows.text(name, first).map(period).unwrap_or_default();
    let (from, to) = (year("from"), year("to"));
    let (narrowed, widened) = (found("narrowing"), found("widening"));
    let held = found("no clear change");
    let title = match (narrowed.len(), widened.len()) {
        (0, 0) => format!("no gap clearly narrowed or widened between {from} and {to}"),
        (n, 0) => format!("{n} of {} gaps narrowed between {from} and {to}", run.len()),
        (0, w) => format!("{w} of {} gaps widened between {from} and {to}", run.len()),
        (n, w) => format!("{n} gaps narrowed and {w} widened between {from} and {to}"),
    };
    let title = format!(
        "{}{}: {title}",
        short(rows, first),
        when_and_where(rows, first)
    );
    let mut parts: Vec<String> = Vec::new();
    if !narrowed.is_empty() {
        parts.push(format!(
            "{} narrowed{}",
            narrowed.len(),
            names(rows, &narrowed)
        ));
    }
    if !widened.is_empty() {
        parts.push(format!(
            "{} widened{}",
            widened.len(),
            names(rows, &widened)
        ));
    }
    if !held.is_empty() {
        parts.push(format!("{} did not clearly change", held.len()));
    }
    let known = narrowed.len() + widened.len() + held.len();
    if known < run.len() {
        parts.push(format!("{} cannot be followed", run.len() - known));
    }
    let gaps = if run.len() == 1 {
        "1 gap".into()
    } else {
        format!("{} gaps", run.len())
    };
    let others = others(rows, first);
    let text = format!(
        "Between {from} and {to}, of {gaps} to {others}, {}.",
        listed(&parts)
    );
    Summary { first, title, text }
}

/// "5.2 percentage points higher".
fn directed(rows: &Rows<'_>, row: usize) -> String {
    let difference = rows.number("difference", row).unwrap_or(0.0);
    let direction = if difference > 0.0 { "higher" } else { "lower" };
    let far = distance(difference, rows.unit(row), rows.decimals(row));
    format!("{far} {direction}")
}

/// Name of the measure without what its label explains in brackets.
fn short(rows: &Rows<'_>, row: usize) -> String {
    let name = subject(rows, row);
    name.split_once(" (")
        .map_or(name.clone(), |(name, _)| name.to_owned())
}

fn label<'a>(rows: &'a Rows<'_>, row: usize) -> &'a str {
    let label = rows.text("group_label", row).or(rows.text("group", row));
    label.unwrap_or("unnamed")
}

/// " (A, B and 3 more)".
fn names(rows: &Rows<'_>, run: &[usize]) -> String {
    let mut names: Vec<String> = run
        .iter()
        .take(NAMED)
        .map(|row| label(rows, *row).to_owned())
        .collect();
    if run.len() > NAMED {
        names.push(format!("{} more", run.len() - NAMED));
    }
    format!(" ({})", listed(&names))
}
