//! Adjusted gaps, decompositions, segregation and programme evaluation, as methods of tallies.

use std::collections::BTreeMap;

use disprop::adjust::{AdjustOptions, Method};
use disprop::decompose::{DecomposeOptions, Split, Weighting};
use disprop::evaluate::{EvaluateOptions, Programme};
use disprop::gaps::GapOptions;
use pyo3::prelude::*;

use crate::arguments::Names;
use crate::errors::{bad_option, raise};
use crate::gap_arguments::analysis_options;
use crate::table::Table;
use crate::tallies::Tallies;

/// Schools by name, or a dimension with the values that mean yes.
#[derive(FromPyObject)]
enum Taking {
    Schools(Vec<String>),
    Flag(BTreeMap<String, Names>),
}

#[pymethods]
impl Tallies {
    #[pyo3(signature = (strata, *, by=None, groups=None, baseline=None, methods=None, cluster=None, unclassified="exclude", level=0.95, minimum=10, matters=0.0))]
    #[allow(clippy::too_many_arguments)]
    fn adjusted(
        &self,
        py: Python<'_>,
        strata: Names,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        methods: Option<Names>,
        cluster: Option<String>,
        unclassified: &str,
        level: f64,
        minimum: i64,
        matters: f64,
    ) -> PyResult<Table> {
        let methods = Names::list(methods);
        let methods = match methods.as_slice() {
            [all] if all == "all" => Ok(Method::ALL.to_vec()),
            several => several.iter().map(|id| Method::find(id)).collect(),
        };
        let options = AdjustOptions {
            gaps: GapOptions {
                minimum,
                matters,
                ..analysis_options(py, by, groups, baseline, unclassified, level, 10)?
            },
            strata: Names::list(Some(strata)),
            methods: methods.map_err(|e| raise(py, e))?,
            cluster,
        };
        let found = py.detach(|| self.0.adjusted(&options).and_then(|a| a.sheet()));
        Table::of(py, found)
    }

    #[pyo3(signature = (over, *, method="kitagawa", by=None, groups=None, baseline=None, weighting="baseline", cluster=None, unclassified="exclude", level=0.95))]
    #[allow(clippy::too_many_arguments)]
    fn decompose(
        &self,
        py: Python<'_>,
        over: Names,
        method: &str,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        weighting: &str,
        cluster: Option<String>,
        unclassified: &str,
        level: f64,
    ) -> PyResult<Table> {
        let weighting = match weighting {
            "baseline" => Weighting::Baseline,
            "group" => Weighting::Group,
            "half" => Weighting::Half,
            "cotton" => Weighting::Cotton,
            "pooled" => Weighting::Pooled,
            "pooled_with_group" => Weighting::PooledWithGroup,
            other => {
                let expected =
                    "`baseline`, `group`, `half`, `cotton`, `pooled` or `pooled_with_group`";
                return Err(bad_option(py, "weighting", other, expected));
            }
        };
        let split = match Split::find(method).map_err(|e| raise(py, e))? {
            Split::OaxacaBlinder(_) => Split::OaxacaBlinder(weighting),
            split => split,
        };
        let options = DecomposeOptions {
            gaps: analysis_options(py, by, groups, baseline, unclassified, level, 10)?,
            over: Names::list(Some(over)),
            split,
            cluster,
        };
        let found = py.detach(|| self.0.decompose(&options).and_then(|d| d.sheet()));
        Table::of(py, found)
    }

    #[pyo3(signature = (school="school", *, by=None, groups=None, baseline=None, unclassified="exclude"))]
    fn segregation(
        &self,
        py: Python<'_>,
        school: &str,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        unclassified: &str,
    ) -> PyResult<Table> {
        let options = analysis_options(py, by, groups, baseline, unclassified, 0.95, 10)?;
        let found = py.detach(|| {
            let spread = self.0.segregation(school, &options);
            spread.and_then(|s| s.sheet())
        });
        Table::of(py, found)
    }

    #[pyo3(signature = (programme, *, before, after, school="school", year="year", by=None, groups=None, baseline=None, unclassified="exclude", level=0.95, minimum_schools=5))]
    #[allow(clippy::too_many_arguments)]
    fn evaluate(
        &self,
        py: Python<'_>,
        programme: Taking,
        before: Names,
        after: Names,
        school: &str,
        year: &str,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        unclassified: &str,
        level: f64,
        minimum_schools: usize,
    ) -> PyResult<Table> {
        let programme = match programme {
            Taking::Schools(schools) => Programme::Schools(schools),
            Taking::Flag(flag) => {
                let count = flag.len();
                match flag.into_iter().next() {
                    Some((dimension, values)) if count == 1 => Programme::Flag {
                        dimension,
                        values: Names::list(Some(values)),
                    },
                    _ => {
                        let found = format!("{count} dimensions");
                        let expected = "schools, or one dimension with the values that mean yes";
                        return Err(bad_option(py, "programme", &found, expected));
                    }
                }
            }
        };
        let options = EvaluateOptions {
            gaps: analysis_options(py, by, groups, baseline, unclassified, level, 10)?,
            programme,
            school: school.into(),
            year: year.into(),
            before: Names::list(Some(before)),
            after: Names::list(Some(after)),
            minimum_schools,
        };
        let found = py.detach(|| self.0.evaluate(&options).and_then(|e| e.sheet()));
        Table::of(py, found)
    }
}
