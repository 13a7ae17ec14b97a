//! Disclosure control: policies, released tables, and what is published together.

use std::collections::BTreeMap;

use disprop::release::audit::{Knowledge, Seen, Shown, attack};
use disprop::release::{self, Audience, Derived, Draft};
use polars::prelude::{Column, DataFrame, DataType};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::errors::{bad_option, raise};
use crate::gaps::Gaps;
use crate::measure::Measure;
use crate::present::{self, Words};
use crate::table::Table;
use crate::{arrow, table};

/// Which figures are withheld, and how closely a reader may come to one.
#[pyclass(frozen, module = "disprop")]
pub struct Policy(pub release::Policy);

#[pymethods]
impl Policy {
    #[new]
    #[pyo3(signature = (
        *, threshold, show_zeros=true, complement=true, round_to=1, minimum_for_means=None,
        protection=None, audience="public", name=None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        threshold: u32,
        show_zeros: bool,
        complement: bool,
        round_to: u32,
        minimum_for_means: Option<u32>,
        protection: Option<u32>,
        audience: &str,
        name: Option<String>,
    ) -> PyResult<Self> {
        let audience = [Audience::Internal, Audience::Governors, Audience::Public]
            .into_iter()
            .find(|a| a.name() == audience)
            .ok_or_else(|| {
                bad_option(
                    py,
                    "audience",
                    audience,
                    "`internal`, `governors` or `public`",
                )
            })?;
        let policy = release::Policy::new(threshold).and_then(|policy| {
            release::Policy {
                name: name.unwrap_or_else(|| policy.name.clone()),
                show_zeros,
                complement,
                round_to,
                minimum_for_means,
                protection,
                audience,
                ..policy
            }
            .checked()
        });
        policy.map(Policy).map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn preset(py: Python<'_>, name: &str) -> PyResult<Self> {
        release::Policy::preset(name)
            .map(Policy)
            .map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn none(py: Python<'_>, reason: &str) -> PyResult<Self> {
        release::Policy::none(reason)
            .map(Policy)
            .map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn from_toml(py: Python<'_>, text: &str) -> PyResult<Self> {
        release::Policy::from_toml(text)
            .map(Policy)
            .map_err(|e| raise(py, e))
    }
    fn to_toml(&self) -> String {
        self.0.to_toml()
    }
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }
    #[getter]
    fn hash(&self) -> String {
        self.0.hash()
    }
    #[getter]
    fn threshold(&self) -> u32 {
        self.0.threshold
    }
    #[getter]
    fn audience(&self) -> &str {
        self.0.audience.name()
    }
    fn describe(&self) -> String {
        self.0.describe()
    }
    fn __repr__(&self) -> String {
        format!("Policy('{}', threshold={})", self.0.name, self.0.threshold)
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Policy>()
            .is_ok_and(|other| other.get().0 == self.0)
    }
    fn __hash__(&self) -> u64 {
        u64::from_str_radix(&self.0.hash(), 16).unwrap_or(0)
    }
}

fn described<'py>(py: Python<'py>, policy: &release::Policy) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("name", &policy.name)?;
    dict.set_item("threshold", policy.threshold)?;
    dict.set_item("hash", policy.hash())?;
    dict.set_item("audience", policy.audience.name())?;
    dict.set_item("description", policy.describe())?;
    Ok(dict)
}

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
    /// Returns the results as a table for a page or a notebook.
    #[pyo3(signature = (style="html"))]
    fn table<'py>(slf: &Bound<'py, Self>, style: &str) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(slf.py());
        options.set_item("style", style)?;
        present::make(slf.as_any(), "table", &[], &options)
    }
    /// Returns a chart of the results.
    #[pyo3(signature = (kind=None, *, measure=None, **r#where))]
    fn chart<'py>(
        slf: &Bound<'py, Self>,
        kind: Option<&str>,
        measure: Option<&str>,
        r#where: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = r#where.map_or_else(|| Ok(PyDict::new(slf.py())), |given| given.copy())?;
        options.set_item("kind", kind)?;
        options.set_item("measure", measure)?;
        present::make(slf.as_any(), "chart", &[], &options)
    }
    /// Writes a report in HTML.
    #[pyo3(signature = (path, *, title=None, area=None, about=None))]
    fn report<'py>(
        slf: &Bound<'py, Self>,
        path: Bound<'py, PyAny>,
        title: Option<String>,
        area: Option<String>,
        about: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        present::file(slf.as_any(), "report", path, Words { title, area, about })
    }
    /// Writes a workbook.
    #[pyo3(signature = (path, *, title=None, area=None, about=None))]
    fn excel<'py>(
        slf: &Bound<'py, Self>,
        path: Bound<'py, PyAny>,
        title: Option<String>,
        area: Option<String>,
        about: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        present::file(slf.as_any(), "excel", path, Words { title, area, about })
    }
    /// Writes a Word document.
    #[pyo3(signature = (path, *, title=None, area=None, about=None))]
    fn docx<'py>(
        slf: &Bound<'py, Self>,
        path: Bound<'py, PyAny>,
        title: Option<String>,
        area: Option<String>,
        about: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        present::file(slf.as_any(), "docx", path, Words { title, area, about })
    }
    /// Writes open-data files.
    #[pyo3(signature = (folder, *, area=None))]
    fn ees<'py>(
        slf: &Bound<'py, Self>,
        folder: Bound<'py, PyAny>,
        area: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(slf.py());
        if let Some(area) = area {
            options.set_item("area", area)?;
        }
        present::make(slf.as_any(), "ees", &[folder], &options)
    }
    /// Writes a page a school.
    #[pyo3(signature = (folder, *, names=None, about=None, progress=None))]
    fn schools<'py>(
        slf: &Bound<'py, Self>,
        folder: Bound<'py, PyAny>,
        names: Option<Bound<'py, PyAny>>,
        about: Option<String>,
        progress: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(slf.py());
        options.set_item("names", names)?;
        options.set_item("about", about)?;
        options.set_item("progress", progress)?;
        present::make(slf.as_any(), "schools", &[folder], &options)
    }
    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        let table = present::make(slf.as_any(), "table", &[], &PyDict::new(slf.py()))?;
        Ok(table.str()?.to_string())
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
    /// Returns the results as a table for a page or a notebook.
    #[pyo3(signature = (style="html"))]
    fn table<'py>(slf: &Bound<'py, Self>, style: &str) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(slf.py());
        options.set_item("style", style)?;
        present::make(slf.as_any(), "table", &[], &options)
    }
    /// Returns a chart of the results.
    #[pyo3(signature = (kind=None, *, measure=None, **r#where))]
    fn chart<'py>(
        slf: &Bound<'py, Self>,
        kind: Option<&str>,
        measure: Option<&str>,
        r#where: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = r#where.map_or_else(|| Ok(PyDict::new(slf.py())), |given| given.copy())?;
        options.set_item("kind", kind)?;
        options.set_item("measure", measure)?;
        present::make(slf.as_any(), "chart", &[], &options)
    }
    /// Writes a report in HTML.
    #[pyo3(signature = (path, *, title=None, area=None, about=None))]
    fn report<'py>(
        slf: &Bound<'py, Self>,
        path: Bound<'py, PyAny>,
        title: Option<String>,
        area: Option<String>,
        about: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        present::file(slf.as_any(), "report", path, Words { title, area, about })
    }
    /// Writes a workbook.
    #[pyo3(signature = (path, *, title=None, area=None, about=None))]
    fn excel<'py>(
        slf: &Bound<'py, Self>,
        path: Bound<'py, PyAny>,
        title: Option<String>,
        area: Option<String>,
        about: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        present::file(slf.as_any(), "excel", path, Words { title, area, about })
    }
    /// Writes a Word document.
    #[pyo3(signature = (path, *, title=None, area=None, about=None))]
    fn docx<'py>(
        slf: &Bound<'py, Self>,
        path: Bound<'py, PyAny>,
        title: Option<String>,
        area: Option<String>,
        about: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        present::file(slf.as_any(), "docx", path, Words { title, area, about })
    }
    /// Writes open-data files.
    #[pyo3(signature = (folder, *, area=None))]
    fn ees<'py>(
        slf: &Bound<'py, Self>,
        folder: Bound<'py, PyAny>,
        area: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(slf.py());
        if let Some(area) = area {
            options.set_item("area", area)?;
        }
        present::make(slf.as_any(), "ees", &[folder], &options)
    }
    /// Writes a page a school.
    #[pyo3(signature = (folder, *, names=None, about=None, progress=None))]
    fn schools<'py>(
        slf: &Bound<'py, Self>,
        folder: Bound<'py, PyAny>,
        names: Option<Bound<'py, PyAny>>,
        about: Option<String>,
        progress: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(slf.py());
        options.set_item("names", names)?;
        options.set_item("about", about)?;
        options.set_item("progress", progress)?;
        present::make(slf.as_any(), "schools", &[folder], &options)
    }
    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        let table = present::make(slf.as_any(), "table", &[], &PyDict::new(slf.py()))?;
        Ok(table.str()?.to_string())
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

/// What a reader can still work out of withheld rows, as a class and, on request, as numbers.
#[pyfunction]
#[pyo3(signature = (
    tables, *, policy, dimensions=Vec::new(), decimals=1, factor=100.0, complete=true, parts=None,
    show_ranges=false
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
