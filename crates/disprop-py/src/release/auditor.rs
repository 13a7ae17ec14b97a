//! The audit of tables that others made.

use std::collections::BTreeMap;

use disprop::release::audit::{Knowledge, Seen, Shown, attack};
use polars::prelude::{Column, DataFrame, DataType};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Policy;
use crate::arrow;
use crate::errors::raise;
use crate::table::Table;

/// What a reader can still work out of withheld rows, as a class and, on request, as numbers.
#[pyfunction]
#[pyo3(signature = (
    tables, *, policy, dimensions=Vec::new(), decimals=1, factor=100.0, complete=true, parts=None,
    together=Vec::new(), show_ranges=false
))]
#[allow(clippy::too_many_arguments)]
pub fn audit(
    py: Python<'_>,
    tables: &Bound<'_, PyDict>,
    policy: &Policy,
    dimensions: Vec<String>,
    decimals: u8,
    factor: f64,
    complete: bool,
    parts: Option<BTreeMap<String, Vec<String>>>,
    together: Vec<Vec<String>>,
    show_ranges: bool,
) -> PyResult<Table> {
    let mut frames: Vec<(String, DataFrame)> = Vec::new();
    for (name, part) in tables.iter() {
        frames.push((name.extract()?, arrow::frame(&part)?));
    }
    let has = |frame: &DataFrame, name: &str| frame.get_column_names().iter().any(|n| *n == name);
    let seen: Vec<Seen<'_>> = frames
        .iter()
        .map(|(_, frame)| Seen {
            frame,
            dimensions: dimensions
                .iter()
                .filter(|d| has(frame, d))
                .cloned()
                .collect(),
        })
        .collect();
    let mut measures = BTreeMap::new();
    for (_, frame) in &frames {
        for id in column(py, frame, "measure")?.into_iter().flatten() {
            measures.entry(id).or_insert(Shown {
                factor,
                decimals,
                proportion: true,
                events: true,
            });
        }
    }
    let knowledge = Knowledge {
        measures,
        parts: parts.unwrap_or_default(),
        complete,
        round_to: i64::from(policy.0.round_to),
        together,
        ..Knowledge::default()
    };
    let found = py
        .detach(|| attack(&seen, &knowledge))
        .map_err(|e| raise(py, e))?;
    let mut names: Vec<[Vec<Option<String>>; 2]> = Vec::new();
    for (_, frame) in &frames {
        names.push([column(py, frame, "measure")?, column(py, frame, "group")?]);
    }
    let text = |at: usize, which: usize, row: usize| {
        names
            .get(at)
            .and_then(|n| n[which].get(row))
            .cloned()
            .flatten()
    };
    let class = |f: &disprop::release::audit::Feasible| {
        let policy = &policy.0;
        let safe = f.is_safe(policy.width() as f64, policy.show_zeros, policy.complement);
        let tight = |(a, b): (f64, f64)| b - a < 0.5;
        let known = tight(f.pupils) || f.with.is_some_and(tight) || f.without.is_some_and(tight);
        match (safe, known, f.exact) {
            (true, _, true) => "safe",
            (true, _, false) => "not narrowed, not proved safe",
            (false, true, _) => "worked out",
            (false, false, _) => "too narrow",
        }
    };
    let end = |value: f64| Some(value).filter(|v| v.is_finite());
    let rows = || found.iter();
    let mut made: Vec<Column> = vec![
        Column::new(
            "table".into(),
            rows()
                .map(|f| frames.get(f.table).map(|t| t.0.clone()))
                .collect::<Vec<_>>(),
        ),
        Column::new(
            "row".into(),
            rows().map(|f| f.row as i64 + 1).collect::<Vec<_>>(),
        ),
        Column::new(
            "measure".into(),
            rows().map(|f| text(f.table, 0, f.row)).collect::<Vec<_>>(),
        ),
        Column::new(
            "group".into(),
            rows().map(|f| text(f.table, 1, f.row)).collect::<Vec<_>>(),
        ),
        Column::new("range".into(), rows().map(class).collect::<Vec<_>>()),
    ];
    if show_ranges {
        let none = (f64::INFINITY, f64::INFINITY);
        let mut pair =
            |name: &str, of: &dyn Fn(&disprop::release::audit::Feasible) -> (f64, f64)| {
                let lower = rows().map(|f| end(of(f).0)).collect::<Vec<Option<f64>>>();
                let upper = rows().map(|f| end(of(f).1)).collect::<Vec<Option<f64>>>();
                made.push(Column::new(format!("{name}_least").into(), lower));
                made.push(Column::new(format!("{name}_most").into(), upper));
            };
        pair("pupils", &|f| f.pupils);
        pair("with", &|f| f.with.unwrap_or(none));
        pair("without", &|f| f.without.unwrap_or(none));
    }
    let frame = DataFrame::new(found.len(), made).map_err(|e| raise(py, e.into()))?;
    Ok(Table::plain("audit", frame))
}

fn column(py: Python<'_>, frame: &DataFrame, name: &str) -> PyResult<Vec<Option<String>>> {
    let missing = || vec![None; frame.height()];
    let Ok(column) = frame.column(name) else {
        return Ok(missing());
    };
    let failed = |e: polars::error::PolarsError| raise(py, e.into());
    let cast = column.cast(&DataType::String).map_err(failed)?;
    let values = cast.as_materialized_series().str().map_err(failed)?.iter();
    Ok(values.map(|v| v.map(str::to_owned)).collect())
}
