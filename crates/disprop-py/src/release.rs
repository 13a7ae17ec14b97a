//! Disclosure control: policies, released tables, and what is published together.

mod auditor;
mod outputs;
mod policy;

use disprop::release::{self, Derived, Draft};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::errors::{bad_option, raise};
use crate::gaps::Gaps;
use crate::measure::Measure;
use crate::table::Table;
use crate::{arrow, table};
pub use auditor::audit;
pub use policy::Policy;
use policy::described;

/// Figures that may leave: a policy was applied to them.
#[pyclass(frozen, module = "disprop")]
pub struct Released(pub release::Released);

#[pymethods]
impl Released {
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }
    #[getter]
    fn kind(&self) -> &str {
        self.0.kind()
    }
    #[getter]
    fn title(&self) -> &str {
        self.0.title()
    }
    #[getter]
    fn note(&self) -> &str {
        self.0.note()
    }
    #[getter]
    fn policy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        described(py, self.0.policy())
    }
    #[getter]
    fn log(&self) -> Table {
        Table::plain("log", self.0.log().clone())
    }
    #[getter]
    fn measures(&self) -> Vec<Measure> {
        self.0.measures().iter().cloned().map(Measure).collect()
    }
    #[getter]
    fn dimensions(&self) -> Vec<String> {
        self.0.dimensions().to_vec()
    }
    #[getter]
    fn columns(&self) -> Vec<String> {
        let names = self.0.frame().get_column_names();
        names.iter().map(|n| n.to_string()).collect()
    }
    #[getter]
    fn withheld(&self) -> usize {
        self.0.withheld()
    }
    #[getter]
    fn audit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?
            .call_method1("loads", (self.0.audit_json(),))
    }
    #[pyo3(signature = (**facts))]
    fn trail<'py>(
        &self,
        py: Python<'py>,
        facts: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let trail = self.audit(py)?;
        if let Some(facts) = facts {
            trail.call_method1("update", (facts,))?;
        }
        Ok(trail)
    }
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        arrow::stream(py, self.0.frame())
    }
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        table::to_polars(slf.as_any())
    }
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        table::to_pandas(slf.as_any(), slf.get().0.frame())
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        table::to_dict(py, self.0.frame())
    }
    /// Returns one sentence a row.
    fn sentences(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        disprop::present::sentences(self.0.frame(), self.0.measures()).map_err(|e| raise(py, e))
    }
    fn __len__(&self) -> usize {
        self.0.frame().height()
    }
    fn __repr__(&self) -> String {
        format!(
            "<disprop.Released `{}`: {} rows, {} withheld, policy {}>",
            self.0.name(),
            self.0.frame().height(),
            self.0.withheld(),
            self.0.policy().name
        )
    }
}

/// Tables published together, by name.
#[pyclass(frozen, module = "disprop")]
pub struct Publication(pub release::Publication);

#[pymethods]
impl Publication {
    #[getter]
    fn policy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        described(py, self.0.policy())
    }
    fn keys(&self) -> Vec<String> {
        self.0
            .tables()
            .iter()
            .map(|t| t.name().to_owned())
            .collect()
    }
    fn values(&self) -> Vec<Released> {
        self.0.tables().iter().cloned().map(Released).collect()
    }
    fn items(&self) -> Vec<(String, Released)> {
        self.keys().into_iter().zip(self.values()).collect()
    }
    /// The facts of every table, for a file beside the outputs.
    #[pyo3(signature = (**facts))]
    fn trail<'py>(
        &self,
        py: Python<'py>,
        facts: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let trail = PyDict::new(py);
        trail.set_item("policy", described(py, self.0.policy())?)?;
        let tables = self.values();
        let audits = tables
            .iter()
            .map(|t| t.audit(py))
            .collect::<PyResult<Vec<_>>>()?;
        trail.set_item("tables", audits)?;
        if let Some(facts) = facts {
            trail.update(facts.as_mapping())?;
        }
        Ok(trail)
    }
    fn __getitem__(&self, name: &str) -> PyResult<Released> {
        let found = self.0.get(name).cloned().map(Released);
        found.ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }
    fn __contains__(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.keys().into_pyobject(py)?.call_method0("__iter__")
    }
    fn __len__(&self) -> usize {
        self.0.tables().len()
    }
    fn __repr__(&self) -> String {
        let names = self.keys().join("`, `");
        format!(
            "<disprop.Publication: `{names}`, policy {}>",
            self.0.policy().name
        )
    }
}

/// One table by itself.
pub fn gaps(py: Python<'_>, gaps: &disprop::Gaps, policy: &Policy) -> PyResult<Released> {
    let released = py.detach(|| gaps.release(&policy.0));
    released.map(Released).map_err(|e| raise(py, e))
}

/// Releases several tables together, so that none gives away what another withholds.
#[pyfunction(name = "release")]
pub fn together(
    py: Python<'_>,
    tables: &Bound<'_, PyDict>,
    policy: &Policy,
) -> PyResult<Publication> {
    let mut parts: Vec<(String, Bound<'_, PyAny>)> = Vec::new();
    for (name, part) in tables.iter() {
        parts.push((name.extract()?, part));
    }
    let mut draft = Draft::new();
    for (name, part) in &parts {
        draft = if let Ok(gaps) = part.cast::<Gaps>() {
            draft.gaps(name, &gaps.get().0)
        } else if let Ok(table) = part.cast::<Table>() {
            let sheet = &table.get().0;
            draft.derived(
                name,
                Derived {
                    kind: sheet.kind.clone(),
                    title: sheet.title.clone(),
                    note: sheet.notes_text(),
                    frame: sheet.frame.clone(),
                },
            )
        } else {
            let found = part.get_type().name()?.to_string();
            return Err(bad_option(
                py,
                "tables",
                &found,
                "`Gaps` or `Table` by name",
            ));
        };
    }
    let released = py.detach(|| draft.release(&policy.0));
    released.map(Publication).map_err(|e| raise(py, e))
}
