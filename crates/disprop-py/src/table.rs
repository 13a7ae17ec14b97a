//! A plain table: an Arrow stream out, and into polars or pandas on request.

use polars::prelude::DataFrame;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::arrow;

/// A table that any Arrow reader takes: `polars.DataFrame(table)`, `pyarrow.table(table)`.
#[pyclass(frozen, module = "disprop")]
pub struct Table(pub DataFrame);

#[pymethods]
impl Table {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        arrow::stream(py, &self.0)
    }
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0
            .get_column_names()
            .iter()
            .map(|n| n.to_string())
            .collect()
    }
    #[getter]
    fn shape(&self) -> (usize, usize) {
        self.0.shape()
    }
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_polars(slf.as_any())
    }
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_pandas(slf.as_any(), &slf.get().0)
    }
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        to_dict(py, &self.0)
    }
    fn __len__(&self) -> usize {
        self.0.height()
    }
    fn __repr__(&self) -> String {
        let (rows, columns) = self.0.shape();
        format!(
            "<disprop.Table: {rows} rows, {columns} columns: {}>",
            self.columns().join(", ")
        )
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
    let failed = |e: polars::error::PolarsError| crate::errors::raise(py, disprop::Error::Frame(e));
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
