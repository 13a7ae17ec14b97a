//! Tallies as a statement for a database.

use disprop::engine::{Dialect, SqlType};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{self, Names};
use crate::arrow;
use crate::errors::{bad_option, raise};
use crate::tallies::Tallies;

/// One statement, and how to read what it returns.
#[pyclass(frozen, module = "disprop")]
pub struct SqlPlan(disprop::engine::SqlPlan);

fn dialect(py: Python<'_>, name: &str) -> PyResult<Dialect> {
    match name {
        "duckdb" => Ok(Dialect::DuckDb),
        "spark" => Ok(Dialect::Spark),
        other => Err(bad_option(py, "dialect", other, "`duckdb` or `spark`")),
    }
}

#[pymethods]
impl SqlPlan {
    #[new]
    #[pyo3(signature = (of, source, schema, measures, by=None, *, pupils=true, **roles))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        of: &str,
        source: &str,
        schema: Vec<(String, String)>,
        measures: &Bound<'_, PyAny>,
        by: Option<Names>,
        pupils: bool,
        roles: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let measures = arguments::measures(measures)?;
        let by = Names::list(by);
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let (columns, options) = arguments::cohort_keywords(py, roles)?;
        let schema: Vec<(String, SqlType)> = schema
            .into_iter()
            .map(|(name, dtype)| {
                let dtype = match dtype.split_once(' ') {
                    None => match dtype.as_str() {
                        "whole" => SqlType::Whole,
                        "truth" => SqlType::Truth,
                        "fraction" => SqlType::Fraction,
                        "text" => SqlType::Text,
                        _ => SqlType::Other,
                    },
                    Some((_, scale)) => scale.parse().map_or(SqlType::Other, SqlType::Decimal),
                };
                (name, dtype)
            })
            .collect();
        let plan = disprop::engine::SqlPlan::new(
            dialect(py, of)?,
            source,
            &schema,
            &measures,
            &by,
            columns,
            options,
            pupils,
        );
        plan.map(SqlPlan).map_err(|e| raise(py, e))
    }
    #[getter]
    fn sql(&self) -> &str {
        self.0.sql()
    }
    #[getter]
    fn quick(&self) -> Option<&str> {
        self.0.quick()
    }
    fn quick_tallies(
        &self,
        py: Python<'_>,
        result: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Tallies>> {
        let frame = arrow::frame(result)?;
        let tallies = py.detach(|| self.0.quick_tallies(&frame));
        let tallies = tallies.map_err(|e| raise(py, e))?;
        Ok(tallies.map(Tallies))
    }
    fn tallies(&self, py: Python<'_>, result: &Bound<'_, PyAny>) -> PyResult<Tallies> {
        let frame = arrow::frame(result)?;
        let tallies = py.detach(|| self.0.tallies(&frame));
        tallies.map(Tallies).map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn identifier(py: Python<'_>, of: &str, name: &str) -> PyResult<String> {
        Ok(dialect(py, of)?.identifier(name))
    }
    #[staticmethod]
    fn literal(py: Python<'_>, of: &str, text: &str) -> PyResult<String> {
        Ok(dialect(py, of)?.literal(text))
    }
}
