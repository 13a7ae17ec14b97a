//! Rows that come in batches.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use disprop::engine::{PupilChecks, StreamOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{self, Names};
use crate::errors::{self, Finding, bad_option, raise};
use crate::tallies::Tallies;
use crate::{arrow, table};

/// Exact sums of rows that come in batches.
#[pyclass(frozen, module = "disprop")]
pub struct TallyBuilder(Mutex<disprop::engine::TallyBuilder>);

impl TallyBuilder {
    fn builder(&self) -> MutexGuard<'_, disprop::engine::TallyBuilder> {
        // A panic elsewhere leaves the builder broken off, which every use of it says.
        self.0.lock().unwrap_or_else(|poisoned| {
            let mut builder = poisoned.into_inner();
            builder.break_off("a fault inside the library");
            builder
        })
    }

    fn take(&self, py: Python<'_>, batch: arrow::Table) -> PyResult<u64> {
        let stop = || Python::attach(|py| py.check_signals().is_err());
        let added = py.detach(|| {
            let options = disprop::TallyOptions {
                threads: None,
                stop: Some(&stop),
            };
            let mut builder = self.builder();
            for (name, found) in &batch.unreadable {
                builder.unreadable(name, found);
            }
            builder
                .add_with(batch.frame, &options)
                .map(|()| builder.rows())
        });
        let rows = added.map_err(|e| raise(py, e))?;
        // Ctrl-C between two looks of the kernel, or during the checks.
        py.check_signals()
            .inspect_err(|_| self.break_off(py, "interrupted"))?;
        Ok(rows)
    }

    fn break_off(&self, py: Python<'_>, problem: &str) {
        py.detach(|| self.builder().break_off(problem));
    }
}

#[pymethods]
impl TallyBuilder {
    #[new]
    #[pyo3(signature = (measures, by=None, *, pupils="batch", max_cells=None, memory_limit=None, **roles))]
    fn new(
        py: Python<'_>,
        measures: &Bound<'_, PyAny>,
        by: Option<Names>,
        pupils: &str,
        max_cells: Option<u64>,
        memory_limit: Option<u64>,
        roles: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let measures = arguments::measures(measures)?;
        let by = Names::list(by);
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let (columns, options) = arguments::cohort_keywords(py, roles)?;
        let limits = StreamOptions {
            max_cells,
            memory_limit,
            pupils: match pupils {
                "batch" => PupilChecks::Batch,
                "sorted" => PupilChecks::Sorted,
                "remember" => PupilChecks::Remember,
                "never" => PupilChecks::Never,
                other => {
                    let expected = "`batch`, `sorted`, `remember` or `never`";
                    return Err(bad_option(py, "pupils", other, expected));
                }
            },
        };
        let builder = disprop::engine::TallyBuilder::with(&measures, &by, columns, options, limits);
        Ok(TallyBuilder(Mutex::new(builder)))
    }

    fn add(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<u64> {
        let batches = arrow::Batches::of(data)
            .inspect_err(|_| self.break_off(py, "the source could not be read"))?;
        let Some(mut batches) = batches else {
            let table = arrow::table(data)
                .inspect_err(|_| self.break_off(py, "a batch could not be read"))?;
            return self.take(py, table);
        };
        // The source may need the interpreter on a thread of its own, so it is not held meanwhile.
        while let Some(batch) = py.detach(|| batches.next()) {
            let batch =
                batch.inspect_err(|_| self.break_off(py, "the source failed before its end"))?;
            self.take(py, batch)?;
        }
        Ok(py.detach(|| self.builder().rows()))
    }

    fn break_with(&self, py: Python<'_>, problem: &str) {
        self.break_off(py, problem);
    }

    fn columns_read(&self, py: Python<'_>, names: Vec<String>) -> Vec<String> {
        // Whoever holds the builder may be waiting for the interpreter, so it is let go first.
        py.detach(|| self.builder().columns_read(&names))
    }

    fn roles_of(&self, py: Python<'_>, names: Vec<String>) -> BTreeMap<String, String> {
        py.detach(|| self.builder().roles_of(&names))
    }

    fn tallies(&self, py: Python<'_>) -> PyResult<Tallies> {
        let tallies = py.detach(|| self.builder().tallies());
        tallies.map(Tallies).map_err(|e| raise(py, e))
    }

    fn state(&self, py: Python<'_>) -> PyResult<table::Table> {
        let state = py.detach(|| self.builder().state());
        state
            .map(|f| table::Table::plain("state", f))
            .map_err(|e| raise(py, e))
    }

    fn add_state(&self, py: Python<'_>, state: &Bound<'_, PyAny>) -> PyResult<()> {
        let frame = arrow::frame(state)?;
        let added = py.detach(|| self.builder().add_state(&frame));
        added.map_err(|e| raise(py, e))
    }

    #[getter]
    fn rows(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.builder().rows())
    }
    #[getter]
    fn cells(&self, py: Python<'_>) -> usize {
        py.detach(|| self.builder().cells())
    }
    #[getter]
    fn memory(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.builder().memory())
    }
    #[getter]
    fn refused(&self, py: Python<'_>) -> bool {
        py.detach(|| self.builder().is_refused())
    }
    #[getter]
    fn findings(&self, py: Python<'_>) -> Vec<Finding> {
        let found = py.detach(|| self.builder().findings());
        errors::findings(&found)
    }
    fn __repr__(&self, py: Python<'_>) -> String {
        let (rows, cells) = py.detach(|| {
            let builder = self.builder();
            (builder.rows(), builder.cells())
        });
        format!("<disprop.TallyBuilder: {rows} rows in {cells} cells>")
    }
}
