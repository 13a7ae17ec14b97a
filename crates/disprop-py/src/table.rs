//! A plain table: an Arrow stream out, and into polars or pandas on request.

use disprop::present::Sheet;
use polars::prelude::DataFrame;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::{arrow, errors};

/// A table that any Arrow reader takes, with what must be said of it.
#[pyclass(frozen, module = "disprop")]
pub struct Table(pub Sheet);

/// Rows shown in a notebook or terminal unless asked for otherwise.
const SHOWN: usize = 20;

impl Table {
    /// A table that says nothing of any pupil: codes, methods, synthetic rows.
    pub fn plain(kind: &str, frame: DataFrame) -> Self {
        Table(Sheet::open(kind, "", frame))
    }
    /// The table of an analysis, or its error.
    pub fn of(py: Python<'_>, sheet: Result<Sheet, disprop::Error>) -> PyResult<Self> {
        sheet.map(Table).map_err(|e| errors::raise(py, e))
    }
}

#[pymethods]
impl Table {
    #[getter]
    fn kind(&self) -> &str {
        &self.0.kind
    }
    #[getter]
    fn title(&self) -> &str {
        &self.0.title
    }
    #[getter]
    fn note(&self) -> String {
        self.0.notes_text()
    }
    #[getter]
    fn columns(&self) -> Vec<String> {
        let names = self.0.frame.get_column_names();
        names.iter().map(|n| n.to_string()).collect()
    }
    #[getter]
    fn shape(&self) -> (usize, usize) {
        self.0.frame.shape()
    }
    #[pyo3(signature = (rows=None))]
    fn to_text(&self, py: Python<'_>, rows: Option<usize>) -> PyResult<String> {
        self.0.to_text(rows).map_err(|e| errors::raise(py, e))
    }
    #[pyo3(signature = (rows=None))]
    fn to_html(&self, py: Python<'_>, rows: Option<usize>) -> PyResult<String> {
        self.0.to_html(rows).map_err(|e| errors::raise(py, e))
    }
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        arrow::stream(py, &self.0.frame)
    }
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_polars(slf.as_any())
    }
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_pandas(slf.as_any(), &slf.get().0.frame)
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        to_dict(py, &self.0.frame)
    }
    fn __len__(&self) -> usize {
        self.0.frame.height()
    }
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.0.restricted {
            return self.to_text(py, Some(SHOWN));
        }
        let (rows, columns) = self.0.frame.shape();
        Ok(format!(
            "<disprop.Table: {rows} rows, {columns} columns: {}>",
            self.columns().join(", ")
        ))
    }
    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        self.to_html(py, Some(SHOWN))
    }
}

pub fn to_polars<'py>(stream: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    stream
        .py()
        .import("polars")?
        .call_method1("DataFrame", (stream,))
}

/// Through pyarrow where it is installed, through lists where not.
pub fn to_pandas<'py>(
    stream: &Bound<'py, PyAny>,
    frame: &DataFrame,
) -> PyResult<Bound<'py, PyAny>> {
    let py = stream.py();
    match py.import("pyarrow") {
        Ok(pyarrow) => pyarrow
            .call_method1("table", (stream,))?
            .call_method0("to_pandas"),
        Err(_) => py
            .import("pandas")?
            .call_method1("DataFrame", (to_dict(py, frame)?,)),
    }
}

pub fn to_dict<'py>(py: Python<'py>, frame: &DataFrame) -> PyResult<Bound<'py, PyDict>> {
    use polars::prelude::DataType;
    let columns = PyDict::new(py);
    let failed = |e: polars::error::PolarsError| errors::raise(py, disprop::Error::Frame(e));
    for column in frame.columns() {
        let series = column.as_materialized_series();
        let name = series.name().as_str();
        match series.dtype() {
            dtype if dtype.is_integer() => {
                let whole = series.cast(&DataType::Int64).map_err(failed)?;
                let values: Vec<Option<i64>> = whole.i64().map_err(failed)?.iter().collect();
                columns.set_item(name, values)?;
            }
            dtype if dtype.is_float() => {
                let floats = series.cast(&DataType::Float64).map_err(failed)?;
                let values: Vec<Option<f64>> = floats.f64().map_err(failed)?.iter().collect();
                columns.set_item(name, values)?;
            }
            DataType::Decimal(..) => {
                let decimal = py.import("decimal")?.getattr("Decimal")?;
                let text = series.cast(&DataType::String).map_err(failed)?;
                let values = text.str().map_err(failed)?.iter();
                let values = values
                    .map(|v| v.map(|v| decimal.call1((v,))).transpose())
                    .collect::<PyResult<Vec<_>>>()?;
                columns.set_item(name, values)?;
            }
            _ => {
                let text = series.cast(&DataType::String).map_err(failed)?;
                let values: Vec<Option<&str>> = text.str().map_err(failed)?.iter().collect();
                columns.set_item(name, values)?;
            }
        }
    }
    Ok(columns)
}
