//! Exact sums for every cell.

use std::collections::BTreeMap;

use disprop::tallies::{Counts, Whole};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use disprop::gaps::GapOptions;

use crate::arguments::{self, Names};
use crate::errors::{self, Finding, bad_option, raise};
use crate::gap_arguments::{ClusterArguments, GapArguments};
use crate::gaps::{Dispersed, Gaps};
use crate::{arrow, table};

/// Exact sums for every cell of some measures.
#[pyclass(frozen, module = "disprop")]
pub struct Tallies(pub disprop::Tallies);

/// Dimensions: columns under their own names, or names for columns.
#[derive(FromPyObject)]
enum By {
    Names(Names),
    Columns(BTreeMap<String, String>),
}

#[pymethods]
impl Tallies {
    #[staticmethod]
    #[pyo3(signature = (data, *, measure, ethnicity, numerator, denominator=None, pupils=None, by=None, r#where=None, total=None, exhaustive=false, group_level="auto", codes="england", chinese="asian", extra_codes=None, rounded_to=None, symbols=None))]
    #[allow(clippy::too_many_arguments)]
    fn from_counts(
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        measure: &Bound<'_, PyAny>,
        ethnicity: &str,
        numerator: &str,
        denominator: Option<&str>,
        pupils: Option<&str>,
        by: Option<By>,
        r#where: Option<BTreeMap<String, Names>>,
        total: Option<String>,
        exhaustive: bool,
        group_level: &str,
        codes: &str,
        chinese: &str,
        extra_codes: Option<BTreeMap<String, (String, String)>>,
        rounded_to: Option<u32>,
        symbols: Option<BTreeMap<String, (u32, u32)>>,
    ) -> PyResult<Self> {
        let measure = arguments::measure(measure)?;
        let mut counts = match denominator {
            Some(denominator) => Counts::new(measure, ethnicity, numerator, denominator),
            None => Counts::rates(measure, ethnicity, numerator),
        };
        counts = match (total, exhaustive) {
            (Some(label), false) => counts.whole(Whole::Row(label)),
            (None, true) => counts.whole(Whole::Exhaustive),
            (None, false) => counts,
            (Some(label), true) => {
                let expected = "either a total row or `exhaustive`, not both";
                return Err(bad_option(py, "total", &label, expected));
            }
        };
        if let Some(level) = arguments::level(py, group_level)? {
            counts = counts.level(level);
        }
        counts = counts.codes(arguments::codes(py, codes, chinese, extra_codes)?);
        counts = match by {
            None => counts,
            Some(By::Names(names)) => Names::list(Some(names))
                .iter()
                .fold(counts, |c, name| c.by(name, name)),
            Some(By::Columns(columns)) => columns
                .iter()
                .fold(counts, |c, (name, column)| c.by(name, column)),
        };
        for (column, values) in r#where.unwrap_or_default() {
            let values = Names::list(Some(values));
            counts = counts.only(
                &column,
                &values.iter().map(String::as_str).collect::<Vec<_>>(),
            );
        }
        if let Some(pupils) = pupils {
            counts = counts.pupils(pupils);
        }
        if let Some(base) = rounded_to {
            counts = counts.rounded_to(base);
        }
        for (symbol, (from, to)) in symbols.unwrap_or_default() {
            counts = counts.symbol(&symbol, from, to);
        }
        let table = arrow::table(data)?;
        for (column, found) in &table.unreadable {
            counts = counts.unreadable(column, found);
        }
        let tallies = py.detach(|| disprop::Tallies::from_counts(&table.frame, &counts));
        tallies.map(Tallies).map_err(|e| raise(py, e))
    }

    #[pyo3(signature = (*, by=None, groups=None, baseline=None, baseline_label=None, unclassified="exclude", level=0.95, methods=None, minimum=10, matters=0.0, cluster=None, cluster_method="cr2", minimum_clusters=5, replicates=10_000, seed=1, dispersion=None))]
    #[allow(clippy::too_many_arguments)]
    fn gaps(
        &self,
        py: Python<'_>,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        baseline_label: Option<String>,
        unclassified: &str,
        level: f64,
        methods: Option<Names>,
        minimum: i64,
        matters: f64,
        cluster: Option<String>,
        cluster_method: &str,
        minimum_clusters: usize,
        replicates: usize,
        seed: u64,
        dispersion: Option<Dispersed>,
    ) -> PyResult<Gaps> {
        let by = by.map(|by| Names::list(Some(by)));
        let arguments = GapArguments {
            groups,
            baseline,
            baseline_label,
            unclassified,
            level,
            methods,
            minimum,
            matters,
            by,
        };
        let cluster = ClusterArguments {
            dimension: cluster,
            method: cluster_method.into(),
            minimum: minimum_clusters,
            replicates,
            seed,
        };
        let options = GapOptions {
            cluster: cluster.cluster(py)?,
            dispersion: Dispersed::choice(py, dispersion)?,
            ..arguments.options(py)?
        };
        let gaps = py.detach(|| self.0.gaps(&options));
        gaps.map(Gaps).map_err(|e| raise(py, e))
    }

    fn roll_up(&self, py: Python<'_>, by: Names) -> PyResult<Self> {
        let by = Names::list(Some(by));
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        self.0.roll_up(&by).map(Tallies).map_err(|e| raise(py, e))
    }
    fn only(&self, py: Python<'_>, dimension: &str, value: &str) -> PyResult<Self> {
        self.0
            .only(dimension, value)
            .map(Tallies)
            .map_err(|e| raise(py, e))
    }
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Tallies>) -> PyResult<Self> {
        self.0
            .merge(&other.get().0)
            .map(Tallies)
            .map_err(|e| raise(py, e))
    }
    fn __add__(&self, py: Python<'_>, other: &Bound<'_, Tallies>) -> PyResult<Self> {
        self.merge(py, other)
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Tallies>()
            .is_ok_and(|other| other.get().0 == self.0)
    }
    fn _checkpoint(&self, py: Python<'_>) -> PyResult<table::Table> {
        let frame = py.detach(|| self.0.to_checkpoint());
        frame
            .map(|f| table::Table::plain("checkpoint", f))
            .map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn _from_checkpoint(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let frame = arrow::frame(data)?;
        let tallies = py.detach(|| disprop::Tallies::from_checkpoint(&frame));
        tallies.map(Tallies).map_err(|e| raise(py, e))
    }
    fn save(slf: &Bound<'_, Self>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        let kept = slf.py().import("disprop.engines.checkpoint")?;
        kept.call_method1("save", (slf, path)).map(|_| ())
    }
    #[staticmethod]
    fn load<'py>(path: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let kept = path.py().import("disprop.engines.checkpoint")?;
        kept.call_method1("load", (path,))
    }
    #[getter]
    fn dimensions(&self) -> BTreeMap<String, Vec<Option<String>>> {
        self.0
            .dimensions()
            .iter()
            .map(|d| (d.name.clone(), d.values.clone()))
            .collect()
    }
    #[getter]
    fn measures(&self) -> Vec<String> {
        self.0
            .measures()
            .iter()
            .map(|m| m.measure.id.clone())
            .collect()
    }
    #[getter]
    fn cells(&self) -> usize {
        self.0.cells()
    }
    #[getter]
    fn findings(&self) -> Vec<Finding> {
        errors::findings(self.0.findings())
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
    fn __repr__(&self) -> String {
        let dimensions: Vec<&str> = self
            .0
            .dimensions()
            .iter()
            .map(|d| d.name.as_str())
            .collect();
        format!(
            "<disprop.Tallies: {} of {} cells by ({}) and ethnicity>",
            self.measures().join(", "),
            self.0.cells(),
            dimensions.join(", ")
        )
    }
}
