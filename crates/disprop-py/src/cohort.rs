//! Pupil rows, checked and encoded once.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use disprop::{CohortOptions, TallyOptions};
use pyo3::prelude::*;

use disprop::gaps::GapOptions;

use crate::arguments::{self, Names, Words};
use crate::arrow;
use crate::errors::{self, Finding, bad_option, raise};
use crate::gap_arguments::{ClusterArguments, GapArguments};
use crate::gaps::{Dispersed, Gaps};
use crate::tallies::Tallies;

/// Pupil rows of one or more years, checked, with every column encoded at most once.
#[pyclass(frozen, module = "disprop")]
pub struct Cohort(pub disprop::Cohort);

#[pymethods]
impl Cohort {
    #[new]
    #[pyo3(signature = (data, *, ethnicity=None, year=None, la=None, school=None, pupil=None, sex=None, fsm=None, sen=None, eal=None, year_group=None, phase=None, columns=None, rows="enrolment", codes="england", chinese="asian", extra_codes=None, unknown_codes="refuse", absent_goals="exclude", ks2_denominator="npd", measures=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        ethnicity: Option<String>,
        year: Option<String>,
        la: Option<String>,
        school: Option<String>,
        pupil: Option<String>,
        sex: Option<String>,
        fsm: Option<String>,
        sen: Option<String>,
        eal: Option<String>,
        year_group: Option<String>,
        phase: Option<String>,
        columns: Option<BTreeMap<String, String>>,
        rows: &str,
        codes: &str,
        chinese: &str,
        extra_codes: Option<BTreeMap<String, (String, String)>>,
        unknown_codes: &str,
        absent_goals: &str,
        ks2_denominator: &str,
        measures: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let named = [
            ("ethnicity", ethnicity),
            ("year", year),
            ("la", la),
            ("school", school),
            ("pupil", pupil),
            ("sex", sex),
            ("fsm", fsm),
            ("sen", sen),
            ("eal", eal),
            ("year_group", year_group),
            ("phase", phase),
        ];
        let roles = arguments::roles(named, columns);
        let words = Words {
            rows,
            codes,
            chinese,
            extra_codes,
            unknown_codes,
            absent_goals,
            ks2_denominator,
        };
        let options = CohortOptions {
            measures: measures
                .map(arguments::measures)
                .transpose()?
                .unwrap_or_default(),
            ..words.options(py)?
        };
        let table = arrow::table(data)?;
        let roles = table
            .unreadable
            .iter()
            .fold(roles, |roles, (column, found)| {
                roles.unreadable(column, found)
            });
        let cohort = py.detach(|| disprop::Cohort::with(table.frame, roles, options));
        cohort.map(Cohort).map_err(|e| raise(py, e))
    }

    #[getter]
    fn findings(&self) -> Vec<Finding> {
        errors::findings(self.0.findings())
    }
    #[getter]
    fn rows(&self) -> usize {
        self.0.rows()
    }
    #[getter]
    fn units(&self) -> usize {
        self.0.units()
    }
    #[getter]
    fn measures(&self) -> Vec<String> {
        self.0
            .measures()
            .into_iter()
            .map(|m| m.id.clone())
            .collect()
    }
    #[getter]
    fn roles(&self) -> BTreeMap<String, String> {
        self.0
            .roles()
            .map(|(role, column)| (role.into(), column.into()))
            .collect()
    }

    #[pyo3(signature = (measures=None, by=None, *, threads=None))]
    fn tally(
        &self,
        py: Python<'_>,
        measures: Option<&Bound<'_, PyAny>>,
        by: Option<Names>,
        threads: Option<usize>,
    ) -> PyResult<Tallies> {
        let measures = match measures {
            Some(given) => arguments::measures(given)?,
            None => self.0.measures().into_iter().cloned().collect(),
        };
        let by = Names::list(by);
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let threads = match threads {
            None => None,
            Some(n) => Some(
                NonZeroUsize::new(n)
                    .ok_or_else(|| bad_option(py, "threads", "0", "one or more"))?,
            ),
        };
        let stop = || Python::attach(|py| py.check_signals().is_err());
        let tallies = py.detach(|| {
            let options = TallyOptions {
                threads,
                stop: Some(&stop),
            };
            self.0.tally_with(&measures, &by, &options)
        });
        tallies.map(Tallies).map_err(|e| raise(py, e))
    }

    #[pyo3(signature = (measures=None, by=None, *, groups=None, baseline=None, baseline_label=None, unclassified="exclude", level=0.95, methods=None, minimum=10, matters=0.0, cluster=None, cluster_method="cr2", minimum_clusters=5, replicates=10_000, seed=1, dispersion=None))]
    #[allow(clippy::too_many_arguments)]
    fn gaps(
        &self,
        py: Python<'_>,
        measures: Option<&Bound<'_, PyAny>>,
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
        let clusters = ClusterArguments {
            dimension: cluster.clone(),
            method: cluster_method.into(),
            minimum: minimum_clusters,
            replicates,
            seed,
        };
        let options = GapOptions {
            cluster: clusters.cluster(py)?,
            dispersion: Dispersed::choice(py, dispersion)?,
            ..arguments.options(py)?
        };
        let mut by = Names::list(by);
        by.extend(cluster);
        let tallies = self.tally(py, measures, Some(Names::Many(by)), None)?;
        let gaps = py.detach(|| tallies.0.gaps(&options));
        gaps.map(Gaps).map_err(|e| raise(py, e))
    }

    fn __len__(&self) -> usize {
        self.0.rows()
    }
    fn __repr__(&self) -> String {
        let warnings = match self.0.findings().len() {
            0 => "no findings".into(),
            1 => "1 finding".into(),
            n => format!("{n} findings"),
        };
        format!(
            "<disprop.Cohort: {} rows, {} measures, {warnings}>",
            self.0.rows(),
            self.0.measures().len()
        )
    }
}
