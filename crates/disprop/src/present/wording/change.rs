//! One change of a gap in one sentence.

use super::noun::{
    because, counted, level, of_group, people, period, signed, subject, than, when_and_where,
};
use super::rows::Rows;
use crate::present::text::{printed, thousands};

pub(super) fn sentence(rows: &Rows<'_>, row: usize) -> String {
    let people = people(rows, row);
    let label = rows.text("group_label", row).or(rows.text("group", row));
    let group = of_group(label.unwrap_or("unnamed"), people);
    let others = others(rows, row);
    let year = |name: &str| rows.text(name, row).map(period).unwrap_or_default();
    let (from, to) = (year("from"), year("to"));
    let start = format!(
        "{}{}: between {from} and {to} the gap between {group}{} and {others}{}",
        subject(rows, row),
        when_and_where(rows, row),
        both_counted(rows, ["earlier_n", "later_n"], row),
        both_counted(rows, ["earlier_baseline_n", "later_baseline_n"], row),
    );
    let finding = rows.text("finding", row).unwrap_or_default();
    let what = match finding {
        "withheld" => {
            return format!("{start} is withheld, so that no figure tells of a single pupil.");
        }
        "narrowing" => "narrowed",
        "widening" => "widened",
        _ => "did not clearly change",
    };
    let Some(change) = rows.number("change", row) else {
        let why = rows
            .reason(&["change"], row)
            .map_or("no reason is recorded".into(), because);
        let note = rows.text("series_note", row);
        let note = note.map(|note| format!(" ({})", note.trim_end_matches('.')));
        return format!(
            "{start} cannot be followed: {why}{}.",
            note.unwrap_or_default()
        );
    };
    format!(
        "{start} {what}{}, a change of {}{}{}.",
        both(rows, row),
        signed(change, rows.unit(row), rows.decimals(row)),
        interval(rows, row),
        who_moved(rows, row)
    )
}

/// "pupils in all other groups": whom the group is compared with.
pub(super) fn others(rows: &Rows<'_>, row: usize) -> String {
    let people = people(rows, row);
    let Some(baseline) = rows.text("baseline", row) else {
        return format!("{people} it is compared with");
    };
    let than = than(baseline, people, rows.unit(row));
    than.strip_prefix("for ").unwrap_or(&than).to_owned()
}

/// " (1,710 pupils, then 1,812)": how many there were in each year.
fn both_counted(rows: &Rows<'_>, [earlier, later]: [&str; 2], row: usize) -> String {
    let withheld = rows.text("finding", row) == Some("withheld");
    let (Some(earlier), Some(later)) = (counted(rows, earlier, row), rows.number(later, row))
    else {
        return String::new();
    };
    if withheld {
        return String::new();
    }
    format!(" ({earlier}, then {})", thousands(later as i64))
}

/// ", from +7.3 to +5.2 percentage points".
fn both(rows: &Rows<'_>, row: usize) -> String {
    let Some((earlier, later)) = rows.ends("earlier_gap", "later_gap", row) else {
        return String::new();
    };
    let (unit, decimals) = (rows.unit(row), rows.decimals(row));
    format!(
        ", from {} to {}",
        printed(earlier, decimals, true),
        signed(later, unit, decimals)
    )
}

fn interval(rows: &Rows<'_>, row: usize) -> String {
    let Some((lower, upper)) = rows.ends("change_lower", "change_upper", row) else {
        return String::new();
    };
    let decimals = rows.decimals(row);
    format!(
        " ({} interval from {} to {})",
        level(rows, row),
        printed(lower, decimals, true),
        printed(upper, decimals, true)
    )
}

/// ": the group's value fell while that of the others held".
fn who_moved(rows: &Rows<'_>, row: usize) -> String {
    let (Some(group), Some(others)) = (
        rows.text("group_moved", row),
        rows.text("baseline_moved", row),
    ) else {
        return String::new();
    };
    let did = |moved: &str| match moved {
        "held" => "did not clearly move".to_owned(),
        other => other.to_owned(),
    };
    if group == others {
        return format!("; the values of both {}", did(group));
    }
    format!(
        "; the group's value {} and that of the others {}",
        did(group),
        did(others)
    )
}
