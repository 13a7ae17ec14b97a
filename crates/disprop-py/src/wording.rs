//! Results in sentences.

use pyo3::prelude::*;

use crate::errors::raise;
use crate::table::Table;
use crate::{arguments, arrow};

/// Returns one sentence a row of a table of gaps or changes.
#[pyfunction]
#[pyo3(signature = (table, measures=None))]
pub fn sentences(
    table: &Bound<'_, PyAny>,
    measures: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<String>> {
    let known = known(measures)?;
    disprop::present::sentences(&arrow::frame(table)?, &known).map_err(|e| raise(table.py(), e))
}

/// Returns what all groups of each measure and place come to: a title and a text.
#[pyfunction]
#[pyo3(signature = (table, measures=None))]
pub fn summaries(table: &Bound<'_, PyAny>, measures: Option<&Bound<'_, PyAny>>) -> PyResult<Table> {
    let known = known(measures)?;
    let frame = disprop::present::summaries(&arrow::frame(table)?, &known);
    frame
        .map(|frame| Table::plain("summaries", frame))
        .map_err(|e| raise(table.py(), e))
}

fn known(measures: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<disprop::Measure>> {
    measures.map_or_else(|| Ok(disprop::catalogue().to_vec()), arguments::measures)
}
