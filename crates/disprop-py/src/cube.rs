//! Every crossing of some dimensions, and all gaps of them in chunks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use disprop::engine::Crossings;
use disprop::{Error, GapOptions};
use polars::prelude::{Column, DataFrame, DataType, PolarsError, PolarsResult};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::arguments::{self, Names};
use crate::errors::{bad_option, raise};
use crate::gap_arguments::GapArguments;
use crate::tallies::Tallies;
use crate::{arrow, cohort, table};

/// Tallies of every subset of some dimensions.
#[pyclass(frozen, module = "disprop")]
pub struct Cube(disprop::engine::Cube);

#[pymethods]
impl cohort::Cohort {
    #[pyo3(signature = (measures=None, by=None, *, up_to=None))]
    fn cube(
        &self,
        py: Python<'_>,
        measures: Option<&Bound<'_, PyAny>>,
        by: Option<Names>,
        up_to: Option<usize>,
    ) -> PyResult<Cube> {
        let measures = match measures {
            Some(given) => arguments::measures(given)?,
            None => self.0.measures().into_iter().cloned().collect(),
        };
        let by = Names::list(by);
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let stop = || Python::attach(|py| py.check_signals().is_err());
        let cube = py.detach(|| {
            let options = disprop::TallyOptions {
                threads: None,
                stop: Some(&stop),
            };
            self.0.cube_with(&measures, &by, up_to, &options)
        });
        cube.map(Cube).map_err(|e| raise(py, e))
    }
}

#[pymethods]
impl Tallies {
    #[pyo3(signature = (*, up_to=None))]
    fn cube(&self, up_to: Option<usize>) -> Cube {
        Cube(self.0.clone().cube(up_to))
    }
}

#[pymethods]
impl Cube {
    #[getter]
    fn crossings(&self) -> Vec<Vec<String>> {
        self.0.names()
    }
    #[getter]
    fn finest(&self) -> Tallies {
        Tallies(self.0.finest().clone())
    }
    #[pyo3(signature = (by=None))]
    fn tallies(&self, py: Python<'_>, by: Option<Names>) -> PyResult<Tallies> {
        let by = Names::list(by);
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let tallies = py.detach(|| self.0.crossing(&by));
        let tallies = tallies.map_err(|e| raise(py, e))?;
        Ok(Tallies(Arc::unwrap_or_clone(tallies)))
    }
    fn __len__(&self) -> usize {
        self.0.names().len()
    }
    // 4,096 cells are a chunk of some ten thousand gaps.
    #[pyo3(signature = (*, groups=None, baseline=None, baseline_label=None, unclassified="exclude", level=0.95, methods=None, minimum=10, matters=0.0, cells=4096))]
    #[allow(clippy::too_many_arguments)]
    fn gaps(
        &self,
        py: Python<'_>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        baseline_label: Option<String>,
        unclassified: &str,
        level: f64,
        methods: Option<Names>,
        minimum: i64,
        matters: f64,
        cells: usize,
    ) -> PyResult<CubeGaps> {
        let arguments = GapArguments {
            groups,
            baseline,
            baseline_label,
            unclassified,
            level,
            methods,
            minimum,
            matters,
            by: None,
        };
        if cells == 0 {
            return Err(bad_option(py, "cells", "0", "one or more"));
        }
        Ok(CubeGaps {
            cube: self.0.clone(),
            options: Arc::new(arguments.options(py)?),
            cells,
            walk: Mutex::new(None),
        })
    }
    fn __repr__(&self) -> String {
        format!(
            "<disprop.Cube: {} crossings, the finest of {} cells>",
            self.0.names().len(),
            self.0.finest().cells()
        )
    }
}

/// All gaps of a cube, in chunks that are made when they are asked for.
#[pyclass(frozen, module = "disprop")]
pub struct CubeGaps {
    cube: disprop::engine::Cube,
    options: Arc<GapOptions>,
    cells: usize,
    walk: Mutex<Option<Walk>>,
}

impl CubeGaps {
    fn walk(&self) -> Walk {
        let dimensions = self.cube.finest().dimensions().iter();
        Walk {
            crossings: self.cube.crossings(),
            pieces: VecDeque::new(),
            options: Arc::clone(&self.options),
            cells: self.cells,
            dimensions: dimensions.map(|d| d.name.clone()).collect(),
        }
    }
}

#[pymethods]
impl CubeGaps {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let mut walk = self.walk();
        let first = py.detach(|| walk.next().unwrap_or_else(|| Ok(DataFrame::default())));
        let first = first.map_err(|e| raise(py, e))?;
        let failed = |error: Error| PolarsError::ComputeError(error.to_string().into());
        let rest = walk.map(move |frame| -> PolarsResult<DataFrame> { frame.map_err(failed) });
        arrow::stream_of(py, first, rest)
    }
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        if let Ok(mut walk) = slf.walk.lock() {
            *walk = Some(slf.walk());
        }
        slf
    }
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<table::Table>> {
        py.check_signals()?;
        let next = py.detach(|| match self.walk.lock() {
            Ok(mut walk) => walk.get_or_insert_with(|| self.walk()).next(),
            Err(_) => Some(Err(Error::Interrupted)),
        });
        match next {
            None => Ok(None),
            Some(Ok(frame)) => Ok(Some(table::Table::plain("gaps", frame))),
            Some(Err(error)) => Err(raise(py, error)),
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "<disprop.CubeGaps of {} crossings>",
            self.cube.names().len()
        )
    }
}

/// Where the making of chunks has come.
struct Walk {
    crossings: Crossings,
    pieces: VecDeque<(Arc<disprop::Tallies>, usize)>,
    options: Arc<GapOptions>,
    cells: usize,
    dimensions: Vec<String>,
}

impl Iterator for Walk {
    type Item = Result<DataFrame, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (tallies, from) = match self.pieces.pop_front() {
                Some(piece) => piece,
                None => match self.crossings.next()? {
                    Ok(tallies) => (tallies, 0),
                    Err(error) => return Some(Err(error)),
                },
            };
            let (piece, next) = match tallies.piece_from(from, self.cells) {
                Ok(Some(piece)) => piece,
                Ok(None) => continue,
                Err(error) => return Some(Err(error)),
            };
            self.pieces.push_back((tallies, next));
            let chunk = piece
                .gaps(&self.options)
                .and_then(|gaps| gaps.to_frame())
                .and_then(|frame| self.labelled(frame, &piece));
            match chunk {
                Ok(frame) if frame.height() == 0 => {}
                other => return Some(other),
            }
        }
    }
}

impl Walk {
    /// The chunk with a column for every dimension of the cube, and the name of its crossing.
    fn labelled(&self, frame: DataFrame, piece: &disprop::Tallies) -> Result<DataFrame, Error> {
        let names: Vec<&str> = piece.dimensions().iter().map(|d| d.name.as_str()).collect();
        let crossing = if names.is_empty() {
            "all".to_owned()
        } else {
            names.join(" × ")
        };
        let height = frame.height();
        let mut columns = vec![Column::new("crossing".into(), vec![crossing; height])];
        let mut rest = frame.columns().iter();
        columns.extend(rest.next().cloned());
        for name in &self.dimensions {
            columns.push(match frame.column(name) {
                Ok(column) if names.contains(&name.as_str()) => column.clone(),
                _ => Column::full_null(name.as_str().into(), height, &DataType::String),
            });
        }
        let others = rest.filter(|c| !names.contains(&c.name().as_str()));
        columns.extend(others.cloned());
        Ok(DataFrame::new(height, columns)?)
    }
}
