//! What sentences are made of: names of groups and periods, numbers with their units.

use disprop_stats::NotCalculable;

use super::rows::Rows;
use crate::measure::{Phase, Unit, academic_year};
use crate::present::text::{printed, thousands};

/// Name of the measure, as its label has it.
pub(super) fn subject(rows: &Rows<'_>, row: usize) -> String {
    let label = rows.measure(row).map(|m| m.label.as_str());
    let label = label.or(rows.text("measure", row)).unwrap_or("The value");
    label.replace(" %", "%")
}

/// Whom the measure is about.
pub(super) fn people(rows: &Rows<'_>, row: usize) -> &'static str {
    match rows.measure(row).map(|m| m.phase) {
        Some(Phase::Workforce) => "staff",
        _ => "pupils",
    }
}

/// "in 2023/24 (sex F)", with a space before it; nothing where the data have no dimension.
pub(super) fn when_and_where(rows: &Rows<'_>, row: usize) -> String {
    let mut when = String::new();
    let mut places: Vec<String> = Vec::new();
    for name in rows.places.iter().filter(|n| *n != "from" && *n != "to") {
        let Some(value) = rows.text(name, row) else {
            places.push(format!("{} not recorded", spaced(name)));
            continue;
        };
        if when.is_empty() && is_period(name) {
            when = format!(" in {}", period(value));
        } else {
            places.push(format!("{} {value}", spaced(name)));
        }
    }
    if !places.is_empty() {
        when.push_str(&format!(" ({})", places.join(", ")));
    }
    when
}

fn is_period(name: &str) -> bool {
    ["year", "period", "term"]
        .iter()
        .any(|word| name.contains(word))
        && !name.contains("group")
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// 2016/17 for `201617`; what is no academic year stays as it is.
pub(super) fn period(text: &str) -> String {
    let plain = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    match (plain, academic_year(text)) {
        (true, Some(first)) if text.get(4..6) == Some(&format!("{:02}", (first + 1) % 100)) => {
            format!("{first}/{:02}", (first + 1) % 100)
        }
        _ => text.to_owned(),
    }
}

/// "pupils in the Black Caribbean group", "pupils from any other ethnic group".
pub(super) fn of_group(label: &str, people: &str) -> String {
    let ends = label.to_lowercase();
    if let Some(rest) = label.strip_prefix("Any other ") {
        return format!("{people} from any other {rest}");
    }
    if ends.ends_with("group") || ends.ends_with("groups") {
        return format!("{people} in the {label}");
    }
    format!("{people} in the {label} group")
}

/// Whom the group is compared with, as what follows "than".
pub(super) fn than(baseline: &str, people: &str, unit: Unit) -> String {
    match baseline {
        "all other groups" => format!("for {people} in all other groups"),
        "all pupils" => format!("for all {people}"),
        fixed if fixed.starts_with("the value ") && unit == Unit::Percent => format!("{fixed}%"),
        fixed if fixed.starts_with("the value ") => fixed.to_owned(),
        same if same.starts_with("the same group") => format!("for {same}"),
        best if best.starts_with("best-placed") => format!("for {people} in the {best}"),
        label => format!("for {}", of_group(label, people)),
    }
}

/// "812 pupils": what was counted, with its number.
pub(super) fn counted(rows: &Rows<'_>, column: &str, row: usize) -> Option<String> {
    let n = rows.number(column, row)?;
    let what = match (people(rows, row), rows.text("counted", row)) {
        ("pupils", Some("enrolment")) => "enrolments",
        (people, _) => people,
    };
    let what = if n == 1.0 {
        what.strip_suffix('s').unwrap_or(what)
    } else {
        what
    };
    Some(format!("{} {what}", thousands(n as i64)))
}

/// "21.3%", "10.20 per 100", "44.35 points".
pub(super) fn value(value: f64, unit: Unit, decimals: usize) -> String {
    let number = printed(value, decimals, false);
    match unit {
        Unit::Percent => format!("{number}%"),
        _ => with_unit(number, unit),
    }
}

/// "5.2 percentage points": how far apart two values are.
pub(super) fn distance(value: f64, unit: Unit, decimals: usize) -> String {
    let number = printed(value.abs(), decimals, false);
    match unit {
        Unit::Percent if number == "1" => "1 percentage point".into(),
        _ => with_unit(number, unit),
    }
}

/// "+5.2 percentage points": with its sign.
pub(super) fn signed(value: f64, unit: Unit, decimals: usize) -> String {
    with_unit(printed(value, decimals, true), unit)
}

fn with_unit(number: String, unit: Unit) -> String {
    match unit.difference_label() {
        none if none.is_empty() => number,
        label => format!("{number} {label}"),
    }
}

/// "from 3.0 to 7.4 percentage points higher", "from 0.8 percentage points lower to 3.2 higher".
pub(super) fn range((lower, upper): (f64, f64), unit: Unit, decimals: usize) -> String {
    let number = |value: f64| printed(value.abs(), decimals, false);
    let zero = |value: f64| number(value).bytes().all(|b| b == b'0' || b == b'.');
    match (zero(lower), zero(upper)) {
        (true, true) => "from no difference to no difference".into(),
        (true, false) => format!(
            "from no difference to {} higher",
            distance(upper, unit, decimals)
        ),
        (false, true) => format!(
            "from {} lower to no difference",
            distance(lower, unit, decimals)
        ),
        _ if lower > 0.0 => {
            format!(
                "from {} to {} higher",
                number(lower),
                distance(upper, unit, decimals)
            )
        }
        _ if upper < 0.0 => {
            format!(
                "from {} to {} lower",
                number(upper),
                distance(lower, unit, decimals)
            )
        }
        _ => format!(
            "from {} lower to {} higher",
            distance(lower, unit, decimals),
            number(upper)
        ),
    }
}

/// "95%", of the column `level`.
pub(super) fn level(rows: &Rows<'_>, row: usize) -> String {
    let level = rows.number("level", row).unwrap_or(0.95);
    format!("{}%", crate::number::plain(100.0 * level))
}

/// A reason in words; a slug that is not known is told as it is.
pub(super) fn because(code: &str) -> String {
    let known: Result<NotCalculable, _> = serde_json::from_str(&format!("\"{code}\""));
    known.map_or_else(|_| spaced(code), |reason| reason.to_string())
}

/// "A", "A and B", "A, B and C".
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
