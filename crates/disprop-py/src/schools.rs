//! Funnels, school gaps and contributions.

use disprop::schools::{FunnelOf, ShrinkOptions};
use disprop_stats::shrink::Between;
use pyo3::prelude::*;

use crate::arguments::Names;
use crate::errors::bad_option;
use crate::gap_arguments::analysis_options as options;
use crate::table::Table;
use crate::tallies::Tallies;

#[pymethods]
impl Tallies {
    #[pyo3(signature = (school="school", *, of="gap", by=None, groups=None, baseline=None, unclassified="exclude", level=0.95, minimum=10))]
    #[allow(clippy::too_many_arguments)]
    fn funnel(
        &self,
        py: Python<'_>,
        school: &str,
        of: &str,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        unclassified: &str,
        level: f64,
        minimum: i64,
    ) -> PyResult<Table> {
        let of = match of {
            "gap" => FunnelOf::Gap,
            "group" => FunnelOf::Group,
            other => return Err(bad_option(py, "of", other, "`gap` or `group`")),
        };
        let options = options(py, by, groups, baseline, unclassified, level, minimum)?;
        let found = py.detach(|| self.0.funnel(school, of, &options)?.sheet());
        Table::of(py, found)
    }

    #[pyo3(signature = (school="school", *, by=None, groups=None, baseline=None, unclassified="exclude", level=0.95, between="paule_mandel", among=5, draws=4_000, seed=1))]
    #[allow(clippy::too_many_arguments)]
    fn school_gaps(
        &self,
        py: Python<'_>,
        school: &str,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        unclassified: &str,
        level: f64,
        between: &str,
        among: usize,
        draws: usize,
        seed: u64,
    ) -> PyResult<Table> {
        let shrinking = ShrinkOptions {
            between: match between {
                "paule_mandel" => Between::PauleMandel,
                "dersimonian_laird" => Between::DerSimonianLaird,
                other => {
                    let expected = "`paule_mandel` or `dersimonian_laird`";
                    return Err(bad_option(py, "between", other, expected));
                }
            },
            seed,
            draws,
            among,
        };
        let options = options(py, by, groups, baseline, unclassified, level, 0)?;
        let found = py.detach(|| self.0.school_gaps(school, shrinking, &options)?.sheet());
        Table::of(py, found)
    }

    #[pyo3(signature = (school="school", *, by=None, groups=None, baseline=None, unclassified="exclude"))]
    #[allow(clippy::too_many_arguments)]
    fn contributions(
        &self,
        py: Python<'_>,
        school: &str,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        unclassified: &str,
    ) -> PyResult<Table> {
        let options = options(py, by, groups, baseline, unclassified, 0.95, 0)?;
        let found = py.detach(|| self.0.contributions(school, &options)?.sheet());
        Table::of(py, found)
    }
}
