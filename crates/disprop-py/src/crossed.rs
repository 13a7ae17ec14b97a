//! Crossed groups, many comparisons, formal rules, indices, numbers of pupils, repeated events.

use std::sync::Arc;

use disprop::crossed::{ComparedWith, CrossedOptions};
use disprop::formal::FormalOptions;
use disprop::gaps::{Cluster, GapOptions};
use disprop_stats::formal_rules::Minimums;
use disprop_stats::multiplicity::Adjustment;
use pyo3::prelude::*;

use crate::arguments::Names;
use crate::errors::{bad_option, raise};
use crate::gap_arguments::analysis_options as options;
use crate::gaps::Gaps;
use crate::table::Table;
use crate::tallies::Tallies;

fn adjustment(py: Python<'_>, word: &str) -> PyResult<Adjustment> {
    match word {
        "holm" => Ok(Adjustment::Holm),
        "hochberg" => Ok(Adjustment::Hochberg),
        "hommel" => Ok(Adjustment::Hommel),
        "bonferroni" => Ok(Adjustment::Bonferroni),
        "bh" => Ok(Adjustment::BenjaminiHochberg),
        "by" => Ok(Adjustment::BenjaminiYekutieli),
        other => {
            let expected = "`holm`, `hochberg`, `hommel`, `bonferroni`, `bh` or `by`";
            Err(bad_option(py, "method", other, expected))
        }
    }
}

#[pymethods]
impl Tallies {
    #[pyo3(signature = (dims, *, by=None, groups=None, compared_with="everyone", unclassified="exclude", level=0.95, minimum=10, method="holm", cluster=None))]
    #[allow(clippy::too_many_arguments)]
    fn crossed(
        &self,
        py: Python<'_>,
        dims: Names,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
        compared_with: &str,
        unclassified: &str,
        level: f64,
        minimum: i64,
        method: &str,
        cluster: Option<String>,
    ) -> PyResult<Table> {
        let crossing = CrossedOptions {
            dimensions: Names::list(Some(dims)),
            compared_with: match compared_with {
                "everyone" => ComparedWith::Everyone,
                "alike" => ComparedWith::Alike,
                other => {
                    let expected = "`everyone` or `alike`";
                    return Err(bad_option(py, "compared_with", other, expected));
                }
            },
            adjustment: adjustment(py, method)?,
            gaps: GapOptions {
                cluster: cluster.as_deref().map(Cluster::by),
                ..options(py, by, groups, None, unclassified, level, minimum)?
            },
        };
        let found = py.detach(|| self.0.crossed(&crossing)?.sheet());
        Table::of(py, found)
    }

    #[pyo3(signature = (*, by=None, groups=None))]
    fn repeated_events(
        &self,
        py: Python<'_>,
        by: Option<Names>,
        groups: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Table> {
        let options = options(py, by, groups, None, "exclude", 0.95, 0)?;
        let found = self.0.repeated_events(&options);
        Table::of(py, found.and_then(|rows| rows.sheet()))
    }
}

#[pymethods]
impl Gaps {
    #[pyo3(signature = (method="holm", *, family=None, test=None))]
    fn adjust_for_many(
        &self,
        py: Python<'_>,
        method: &str,
        family: Option<Names>,
        test: Option<&str>,
    ) -> PyResult<Gaps> {
        let adjustment = adjustment(py, method)?;
        let family = Names::list(family);
        let family: Vec<&str> = family.iter().map(String::as_str).collect();
        let tested = self.0.clone();
        let tested = tested.adjust_for_many_by(test, adjustment, &family);
        tested.map(Gaps).map_err(|e| raise(py, e))
    }

    #[pyo3(signature = (test=None))]
    fn tests(&self, py: Python<'_>, test: Option<&str>) -> PyResult<Table> {
        let found = py.detach(|| self.0.tests(test)?.sheet());
        Table::of(py, found)
    }

    fn effect_sizes(&self, py: Python<'_>) -> PyResult<Table> {
        let found = self.0.effect_sizes();
        Table::of(py, found.and_then(|rows| rows.sheet()))
    }

    #[pyo3(signature = (*, threshold=None, minimum_cell=10, minimum_n=30, years=3, reasonable_progress=None, year="year", wider=None, four_fifths=false))]
    #[allow(clippy::too_many_arguments)]
    fn formal_rules(
        &self,
        py: Python<'_>,
        threshold: Option<f64>,
        minimum_cell: i64,
        minimum_n: i64,
        years: usize,
        reasonable_progress: Option<f64>,
        year: &str,
        wider: Option<&Bound<'_, Tallies>>,
        four_fifths: bool,
    ) -> PyResult<Table> {
        let options = FormalOptions {
            minimums: Minimums {
                cell: minimum_cell,
                n: minimum_n,
            },
            threshold,
            years,
            reasonable_progress,
            year: year.into(),
            wider: wider.map(|tallies| Arc::new(tallies.get().0.clone())),
            four_fifths,
        };
        let found = self.0.formal_rules(&options);
        Table::of(py, found.and_then(|rows| rows.sheet()))
    }

    #[pyo3(signature = (*, ordered=false))]
    fn summary_indices(&self, py: Python<'_>, ordered: bool) -> PyResult<Table> {
        let found = self.0.summary_indices(ordered);
        Table::of(py, found.and_then(|rows| rows.sheet()))
    }

    #[pyo3(signature = (*, sums=false))]
    fn number_of_pupils(&self, py: Python<'_>, sums: bool) -> PyResult<Table> {
        let found = self.0.number_of_pupils();
        let sheet = found.and_then(|rows| {
            if sums {
                rows.sums_sheet()
            } else {
                rows.sheet()
            }
        });
        Table::of(py, sheet)
    }
}
