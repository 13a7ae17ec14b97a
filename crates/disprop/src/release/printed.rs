//! The frame that leaves: printed digits, and nothing where a row is withheld.

use polars::prelude::*;

use super::log::{self, Entry};
use super::policy::Policy;
use super::primary::Rule;
use super::{Derived, Released, Withheld, rests};
use crate::error::Error;
use crate::gaps::{Baseline, Gaps};
use crate::measure::Measure;

/// Columns that say which row it is and how it was made, and so stay where numbers go.
pub(super) const KEPT: [&str; 20] = [
    "measure",
    "measure_label",
    "group",
    "group_label",
    "baseline",
    "unit",
    "counted",
    "unclassified",
    "series_note",
    "level",
    "from",
    "to",
    "component",
    "part",
    "scale",
    "model",
    "strata",
    "statistic",
    "term",
    "table",
];

/// Decimals of figures that are in no unit of a measure.
const P_DECIMALS: u8 = 3;
const RATIO_DECIMALS: u8 = 2;
const COUNT_DECIMALS: u8 = 1;
const SHARE_DECIMALS: u8 = 3;

/// Returns a value rounded half away from zero at its printed decimals.
///
/// # Source
/// DfE's helper for rounding half up adds a small number first, so that 0.15 is not 0.1 for being
/// stored as a little less (dfeR, `round_five_up`).
pub(crate) fn half_up(value: f64, decimals: u8) -> f64 {
    let scale = 10_f64.powi(i32::from(decimals));
    let rounded = (value.abs() * scale + 0.5 + 1e-8).floor() / scale;
    // No minus sign on a zero.
    if rounded == 0.0 {
        0.0
    } else {
        rounded * value.signum()
    }
}

/// How one row is printed.
struct Line {
    rule: Option<Rule>,
    decimals: u8,
    bare: bool,
}

pub(super) fn gaps(
    name: &str,
    gaps: &Gaps,
    withheld: &Withheld,
    number: usize,
    policy: &Policy,
) -> Result<Released, Error> {
    let none = Vec::new();
    let rules = withheld.rows.get(number).unwrap_or(&none);
    let bare = withheld.coverage.get(number);
    let lines: Vec<Line> = gaps
        .rows
        .iter()
        .enumerate()
        .map(|(row, gap)| Line {
            rule: rules.get(row).copied().flatten(),
            decimals: gaps.measures.get(gap.measure).map_or(1, |m| m.decimals),
            bare: bare.and_then(|b| b.get(row)).copied().unwrap_or(false),
        })
        .collect();
    let entries: Vec<Entry> = gaps
        .rows
        .iter()
        .zip(&lines)
        .filter_map(|(gap, line)| {
            Some(Entry {
                measure: gaps.measures.get(gap.measure)?.id.clone(),
                place: gap.place.to_vec(),
                group: gaps.groups.get(gap.of)?.name.clone(),
                rule: line.rule?,
            })
        })
        .collect();
    released(
        name,
        Derived {
            kind: "gaps".into(),
            title: format!("Gaps to {}", gaps.options.baseline.label()),
            note: gaps.note(),
            frame: unchosen(gaps, &lines)?,
        },
        &gaps.dimensions,
        gaps.measures.clone(),
        &lines,
        &entries,
        policy,
    )
}

/// The frame, where a withheld row does not say which group came out best.
fn unchosen(gaps: &Gaps, lines: &[Line]) -> Result<DataFrame, Error> {
    let mut frame = gaps.to_frame()?;
    if matches!(gaps.options.baseline, Baseline::BestPlaced) {
        let label = gaps.options.baseline.label();
        let rows = gaps.rows.iter().zip(lines);
        let shown = rows.map(|(gap, line)| match line.rule {
            None => gap.baseline_label.to_string(),
            Some(_) => label.clone(),
        });
        let shown = Column::new("baseline".into(), shown.collect::<Vec<String>>());
        frame.with_column(shown)?;
    }
    Ok(frame)
}

pub(super) fn derived(
    name: &str,
    derived: &Derived,
    tables: &[&Gaps],
    withheld: &Withheld,
    policy: &Policy,
) -> Result<Released, Error> {
    let rests = rests::of(&derived.frame, tables, withheld, policy)?;
    let mut measures: Vec<Measure> = Vec::new();
    for measure in tables.iter().flat_map(|gaps| &gaps.measures) {
        let here = rests.keys.iter().any(|key| key.measure == measure.id);
        if here && !measures.iter().any(|m| m.id == measure.id) {
            measures.push(measure.clone());
        }
    }
    let decimals = |id: &str| {
        measures
            .iter()
            .find(|m| m.id == id)
            .map_or(1, |m| m.decimals)
    };
    let lines: Vec<Line> = rests
        .keys
        .iter()
        .zip(&rests.rules)
        .map(|(key, rule)| Line {
            rule: *rule,
            decimals: decimals(&key.measure),
            bare: false,
        })
        .collect();
    let entries: Vec<Entry> = rests
        .keys
        .iter()
        .zip(&rests.rules)
        .filter_map(|(key, rule)| {
            Some(Entry {
                measure: key.measure.clone(),
                place: key.place.clone(),
                group: key.group.clone(),
                rule: (*rule)?,
            })
        })
        .collect();
    released(
        name,
        derived.clone(),
        &rests.dimensions,
        measures.clone(),
        &lines,
        &entries,
        policy,
    )
}

fn released(
    name: &str,
    made: Derived,
    dimensions: &[String],
    measures: Vec<Measure>,
    lines: &[Line],
    entries: &[Entry],
    policy: &Policy,
) -> Result<Released, Error> {
    let columns = made
        .frame
        .columns()
        .iter()
        .map(|column| print(column, dimensions, lines, policy))
        .collect::<Result<Vec<Column>, Error>>()?;
    let note = [made.note.as_str(), &policy.describe()];
    Ok(Released {
        name: name.into(),
        kind: made.kind,
        title: made.title,
        note: note
            .iter()
            .filter(|n| !n.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
        policy: policy.clone(),
        frame: DataFrame::new(lines.len(), columns)?,
        log: log::frame(name, dimensions, entries, policy)?,
        measures,
        dimensions: dimensions.to_vec(),
        withheld: lines.iter().filter(|line| line.rule.is_some()).count(),
    })
}

fn print(
    column: &Column,
    dimensions: &[String],
    lines: &[Line],
    policy: &Policy,
) -> Result<Column, Error> {
    let name = column.name().as_str();
    if KEPT.contains(&name) || dimensions.iter().any(|d| d == name) {
        return Ok(column.clone());
    }
    let range = name.ends_with("_min") || name.ends_with("_max");
    // Allowed for many comparisons at once, a row's number rests on those withheld as well.
    let family = matches!(name, "p_adjusted" | "clear_of_many");
    let family = family && lines.iter().any(|line| line.rule.is_some());
    let shown = |line: &Line| {
        line.rule.is_none() && !family && !(line.bare && (name == "coverage" || range))
    };
    let series = column.as_materialized_series();
    Ok(match series.dtype() {
        dtype if dtype.is_integer() => {
            let cast = series.cast(&DataType::Int64)?;
            let values = cast.i64()?.iter().zip(lines).map(|(value, line)| {
                value
                    .filter(|_| shown(line))
                    .map(|v| to_base(v, i64::from(policy.round_to)))
            });
            Column::new(name.into(), values.collect::<Vec<Option<i64>>>())
        }
        dtype if dtype.is_float() => {
            let cast = series.cast(&DataType::Float64)?;
            let values = cast.f64()?.iter().zip(lines).map(|(value, line)| {
                let decimals = decimals(name, line.decimals);
                value
                    .filter(|v| shown(line) && v.is_finite())
                    .map(|v| half_up(v, decimals))
            });
            Column::new(name.into(), values.collect::<Vec<Option<f64>>>())
        }
        DataType::Boolean => {
            let values = series.bool()?.iter().zip(lines);
            let values = values.map(|(value, line)| value.filter(|_| shown(line)));
            Column::new(name.into(), values.collect::<Vec<Option<bool>>>())
        }
        _ => {
            let cast = series.cast(&DataType::String)?;
            let values =
                cast.str()?
                    .iter()
                    .zip(lines)
                    .map(|(value, line)| match (line.rule, name) {
                        (None, _) => value.map(str::to_owned),
                        (Some(_), "finding" | "reason") => Some("withheld".into()),
                        (Some(_), _) => None,
                    });
            Column::new(name.into(), values.collect::<Vec<Option<String>>>())
        }
    })
}

/// Rounds a count to a multiple, halves away from zero.
fn to_base(value: i64, base: i64) -> i64 {
    if base <= 1 {
        return value;
    }
    (value + value.signum() * (base / 2)) / base * base
}

/// Decimals of a column: those of the measure unless the figure is in no unit of it.
fn decimals(column: &str, measure: u8) -> u8 {
    let has = |part: &str| column.contains(part);
    if column == "p" || column.starts_with("p_") || column.ends_with("_p") {
        P_DECIMALS
    } else if has("ratio") || has("odds") || has("index") {
        RATIO_DECIMALS
    } else if has("coverage") || has("share") || has("weight") {
        SHARE_DECIMALS
    } else if has("excess") || has("expected") {
        COUNT_DECIMALS
    } else {
        measure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_and_a_zero_has_no_sign() {
        assert_eq!(half_up(0.15, 1), 0.2);
        assert_eq!(half_up(-2.5, 0), -3.0);
        assert!(half_up(-0.01, 1).is_sign_positive());
        assert_eq!([0, 2, 3, 7, 8].map(|n| to_base(n, 5)), [0, 0, 5, 5, 10]);
    }
}
