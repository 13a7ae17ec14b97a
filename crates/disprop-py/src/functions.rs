//! Functions of the module: lists of what there is, and synthetic cohorts.

use disprop::codes::{ChineseRule, Ethnicity};
use disprop::synth::{Plan, Scope};
use polars::prelude::{DataFrame, df};
use pyo3::prelude::*;

use crate::errors::{describe, raise};
use crate::measure::Measure;
use crate::table::Table;

/// Returns every measure of the catalogue.
#[pyfunction]
pub fn measures() -> Vec<Measure> {
    disprop::catalogue().iter().cloned().map(Measure).collect()
}

/// Returns every ethnicity code with its label, main code and major group.
#[pyfunction]
#[pyo3(signature = (*, chinese="asian"))]
pub fn groups(py: Python<'_>, chinese: &str) -> PyResult<Table> {
    let rule = match chinese {
        "asian" => ChineseRule::InAsian,
        "own" => ChineseRule::OwnMajor,
        other => {
            return Err(crate::errors::bad_option(
                py,
                "chinese",
                other,
                "`asian` or `own`",
            ));
        }
    };
    let set = Ethnicity::default().chinese_rule(rule);
    let text = |pick: &dyn Fn(&disprop::codes::Code<'_>) -> String| -> Vec<String> {
        set.codes().map(|code| pick(&code)).collect()
    };
    let major = |c: &disprop::codes::Code<'_>| {
        set.major_of(c.code)
            .map_or_else(|| "Unclassified".into(), |m| m.label().to_owned())
    };
    let frame: Result<DataFrame, _> = df!(
        "code" => text(&|c| c.code.into()),
        "label" => text(&|c| c.label.into()),
        "main" => text(&|c| c.main.into()),
        "major" => text(&major),
    );
    let table = frame.map(|frame| Table::plain("codes", frame));
    table.map_err(|e| raise(py, e.into()))
}

/// Returns every interval method: its family, scale, id, label, source and when to use it.
#[pyfunction]
pub fn methods(py: Python<'_>) -> PyResult<Table> {
    disprop::present::methods_frame()
        .map(|frame| Table::plain("methods", frame))
        .map_err(|e| raise(py, e))
}

/// Returns a synthetic cohort; the same seed gives the same bytes.
#[pyfunction]
#[pyo3(signature = (pupils=60_000, years=3, *, seed=1, first_year=None, authorities=None, movers=None, plain_text=false, staff=false))]
#[allow(clippy::too_many_arguments)]
pub fn synth(
    py: Python<'_>,
    pupils: u32,
    years: u32,
    seed: u64,
    first_year: Option<u16>,
    authorities: Option<u32>,
    movers: Option<f64>,
    plain_text: bool,
    staff: bool,
) -> PyResult<Table> {
    let mut plan = Plan {
        pupils,
        years,
        seed,
        plain_text,
        ..Plan::default()
    };
    if let Some(first_year) = first_year {
        plan.first_year = first_year;
    }
    if let Some(movers) = movers {
        plan.movers = movers;
    }
    if let Some(authorities) = authorities {
        plan.scope = Scope::Country { authorities };
    }
    let made = py.detach(|| {
        if staff {
            disprop::synth::staff(&plan)
        } else {
            disprop::synth::cohort(&plan)
        }
    });
    made.map(|frame| Table::plain("synthetic", frame))
        .map_err(|e| describe(py, e.code(), &e.to_string(), e.hint(), &[]))
}
