//! Gaps: a readable table, an Arrow stream, rows.

use disprop::gaps::Dispersion;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::errors::{self, Finding, bad_option, raise};
use crate::{arrow, table};

/// Gaps of some groups, measures and places, with the choices behind them.
#[pyclass(frozen, module = "disprop")]
pub struct Gaps(pub disprop::Gaps);

#[pymethods]
impl Gaps {
    #[getter]
    fn note(&self) -> String {
        self.0.note()
    }
    #[getter]
    fn findings(&self) -> Vec<Finding> {
        errors::findings(&self.0.findings)
    }
    #[getter]
    fn measures(&self) -> Vec<String> {
        self.0.measures.iter().map(|m| m.id.clone()).collect()
    }
    #[getter]
    fn groups(&self) -> Vec<String> {
        self.0.groups.iter().map(|g| g.name.clone()).collect()
    }
    #[getter]
    fn dimensions(&self) -> Vec<String> {
        self.0.dimensions.clone()
    }
    /// Returns one sentence a gap.
    fn sentences(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let frame = self.0.to_frame();
        frame
            .and_then(|frame| disprop::present::sentences(&frame, &self.0.measures))
            .map_err(|e| raise(py, e))
    }
    fn release(
        &self,
        py: Python<'_>,
        policy: &crate::release::Policy,
    ) -> PyResult<crate::release::Released> {
        crate::release::gaps(py, &self.0, policy)
    }
    #[pyo3(signature = (rows=None))]
    fn to_text(&self, rows: Option<usize>) -> String {
        self.0.to_text(rows)
    }
    #[pyo3(signature = (rows=None))]
    fn to_html(&self, rows: Option<usize>) -> String {
        self.0.to_html(rows)
    }
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        arrow::stream(py, &self.0.to_frame().map_err(|e| raise(py, e))?)
    }
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        table::to_polars(slf.as_any())
    }
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let frame = slf.get().0.to_frame().map_err(|e| raise(slf.py(), e))?;
        table::to_pandas(slf.as_any(), &frame)
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        table::to_dict(py, &self.0.to_frame().map_err(|e| raise(py, e))?)
    }
    fn __len__(&self) -> usize {
        self.0.rows.len()
    }
    fn __repr__(&self) -> String {
        self.0.to_text(Some(SHOWN))
    }
    fn _repr_html_(&self) -> String {
        self.0.to_html(Some(SHOWN))
    }
}

/// Rows a measure shown in a notebook or terminal unless asked for otherwise.
const SHOWN: usize = 20;

/// A stated dispersion of events, or the word that asks for its estimate.
#[derive(FromPyObject)]
pub enum Dispersed {
    Given(f64),
    Word(String),
}

impl Dispersed {
    pub fn choice(py: Python<'_>, given: Option<Self>) -> PyResult<Option<Dispersion>> {
        match given {
            None => Ok(None),
            Some(Dispersed::Given(stated)) => Ok(Some(Dispersion::Given(stated))),
            Some(Dispersed::Word(word)) if word == "estimated" => Ok(Some(Dispersion::Estimated)),
            Some(Dispersed::Word(word)) => {
                let expected = "a positive number or `estimated`";
                Err(bad_option(py, "dispersion", &word, expected))
            }
        }
    }
}
