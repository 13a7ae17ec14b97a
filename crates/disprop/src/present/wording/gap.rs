//! One gap in one sentence.

use super::noun::{
    because, counted, distance, level, of_group, people, range, signed, subject, than, value,
    when_and_where,
};
use super::rows::Rows;

pub(super) fn sentence(rows: &Rows<'_>, row: usize) -> String {
    let people = people(rows, row);
    let unit = rows.unit(row);
    let start = format!("{}{}", subject(rows, row), when_and_where(rows, row));
    let group = group(rows, row);
    let many = counted(rows, "group_n", row)
        .map(|n| format!(" ({n})"))
        .unwrap_or_default();
    let than = than(
        rows.text("baseline", row).unwrap_or("all other groups"),
        people,
        unit,
    );
    let finding = rows.text("finding", row).unwrap_or_default();
    let mut said = if finding == "withheld" {
        withheld(rows, row, &start, &group)
    } else {
        match (value_of("group", rows, row), rows.number("difference", row)) {
            (Some(value), Some(difference)) => {
                let apart = apart(rows, row, difference, &than);
                let how_sure = how_sure(rows, row, finding);
                format!("{start} stood at {value} for {group}{many}, {apart}: {how_sure}.")
            }
            (Some(value), None) => {
                let what = no_comparison(rows, row, &than);
                format!("{start} stood at {value} for {group}{many}; {what}.")
            }
            (None, _) => {
                let reason = rows.reason(&["group_value", "difference"], row);
                let why = reason.map_or("no reason is recorded".into(), because);
                format!("{start} cannot be given for {group}: {why}.")
            }
        }
    };
    if let Some(note) = rows.text("series_note", row) {
        said.push_str(&format!(
            " Note on the series: {}.",
            note.trim_end_matches('.')
        ));
    }
    said
}

fn group(rows: &Rows<'_>, row: usize) -> String {
    let label = rows.text("group_label", row).or(rows.text("group", row));
    of_group(label.unwrap_or("unnamed"), people(rows, row))
}

fn withheld(rows: &Rows<'_>, row: usize, start: &str, group: &str) -> String {
    // A release says `withheld`; a symbol in published counts is `suppressed_input`.
    let published = rows
        .text("reason", row)
        .is_some_and(|reason| reason.contains("suppressed_input") && !reason.contains("withheld"));
    if published {
        let why = because("suppressed_input");
        format!("{start} cannot be given for {group}: {why}.")
    } else {
        format!("{start} is withheld for {group}, so that no figure tells of a single pupil.")
    }
}

/// "21.3%", or the range that the value must lie in.
fn value_of(side: &str, rows: &Rows<'_>, row: usize) -> Option<String> {
    let (unit, decimals) = (rows.unit(row), rows.decimals(row));
    let column = |end: &str| format!("{side}_value{end}");
    let said = match rows.number(&column(""), row) {
        Some(known) => value(known, unit, decimals),
        None => {
            let (low, high) = rows.ends(&column("_min"), &column("_max"), row)?;
            format!(
                "between {} and {}",
                value(low, unit, decimals),
                value(high, unit, decimals)
            )
        }
    };
    Some(said)
}

/// "5.2 percentage points higher than for pupils in all other groups (16.1%; 12,034 pupils)".
fn apart(rows: &Rows<'_>, row: usize, difference: f64, than: &str) -> String {
    let (unit, decimals) = (rows.unit(row), rows.decimals(row));
    let how_far = distance(difference, unit, decimals);
    let none = how_far
        .chars()
        .take_while(|c| *c != ' ')
        .all(|c| matches!(c, '0' | '.'));
    let mut beside: Vec<String> = Vec::new();
    beside.extend(
        rows.number("baseline_value", row)
            .map(|v| value(v, unit, decimals)),
    );
    beside.extend(counted(rows, "baseline_n", row));
    let beside = match beside.as_slice() {
        _ if than.starts_with("the value") => String::new(),
        [] => String::new(),
        some => format!(" ({})", some.join("; ")),
    };
    match difference {
        _ if none => format!("the same to the last printed digit as {than}{beside}"),
        d if d > 0.0 => format!("{how_far} higher than {than}{beside}"),
        _ => format!("{how_far} lower than {than}{beside}"),
    }
}

fn how_sure(rows: &Rows<'_>, row: usize, finding: &str) -> String {
    let (unit, decimals) = (rows.unit(row), rows.decimals(row));
    let level = level(rows, row);
    let ends = rows.ends("difference_lower", "difference_upper", row);
    let interval = ends.map(|ends| format!("{level} interval {}", range(ends, unit, decimals)));
    let with = |said: &str| match &interval {
        Some(interval) => format!("{said}, with a {interval}"),
        None => said.to_owned(),
    };
    match finding {
        "worse" => with("a clear gap in the less favourable direction"),
        "better" => with("a clear gap in the more favourable direction"),
        "higher" | "lower" => with("a clear difference"),
        "no clear difference" => match ends {
            Some((low, high)) if low > 0.0 || high < 0.0 => {
                with("clear, but smaller than the difference said to matter")
            }
            _ => with("no clear difference"),
        },
        "too few to tell" => {
            let people = people(rows, row);
            with(&format!(
                "too few {people} to tell whether it is more than chance"
            ))
        }
        _ => {
            let reason = rows.reason(&["difference_interval", "difference"], row);
            let why = reason.map(|code| format!(", because {}", because(code)));
            format!(
                "no interval can be given{}, so how sure it is cannot be told",
                why.unwrap_or_default()
            )
        }
    }
}

fn no_comparison(rows: &Rows<'_>, row: usize, than: &str) -> String {
    let (unit, decimals) = (rows.unit(row), rows.decimals(row));
    let whom = than.strip_prefix("for ").unwrap_or(than);
    let range = rows
        .ends("difference_min", "difference_max", row)
        .map(|(low, high)| {
            format!(
                "; the gap lies between {} and {}",
                signed(low, unit, decimals),
                signed(high, unit, decimals)
            )
        });
    let reason = rows.reason(&["difference", "baseline_value"], row);
    let why = reason.map_or("no reason is recorded".into(), because);
    format!(
        "it cannot be compared with {whom}: {why}{}",
        range.unwrap_or_default()
    )
}
