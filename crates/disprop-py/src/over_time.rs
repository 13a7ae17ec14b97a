//! Changes, lines, targets and pooled years.

use disprop::over_time::{OutOfLine, Target};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::Names;
use crate::cohort::Cohort;
use crate::errors::{bad_option, raise};
use crate::gaps::Gaps;
use crate::table::Table;
use crate::tallies::Tallies;

fn out_of_line(py: Python<'_>, word: &str) -> PyResult<OutOfLine> {
    match word {
        "flag" => Ok(OutOfLine::Flag),
        "leave_out" => Ok(OutOfLine::LeaveOut),
        other => Err(bad_option(
            py,
            "out_of_line",
            other,
            "`flag` or `leave_out`",
        )),
    }
}

/// `-5`, `{"BCRB": -5}` or `{"gld": {"BCRB": -5}}`.
fn targets(given: &Bound<'_, PyAny>, measures: &[String], due: &str) -> PyResult<Vec<Target>> {
    let target = |group: Option<String>, measure: Option<String>, gap: f64| Target {
        group,
        measure,
        gap,
        due: due.into(),
    };
    if let Ok(gap) = given.extract::<f64>() {
        return Ok(vec![target(None, None, gap)]);
    }
    let mut found = Vec::new();
    for (name, value) in given.cast::<PyDict>()?.iter() {
        let name: String = name.extract()?;
        if let Ok(groups) = value.cast::<PyDict>() {
            for (group, gap) in groups.iter() {
                found.push(target(
                    Some(group.extract()?),
                    Some(name.clone()),
                    gap.extract()?,
                ));
            }
        } else if measures.contains(&name) {
            found.push(target(None, Some(name), value.extract()?));
        } else {
            found.push(target(Some(name), None, value.extract()?));
        }
    }
    Ok(found)
}

#[pymethods]
impl Gaps {
    #[pyo3(signature = (year="year", *, same_pupils=None))]
    fn over_time(
        &self,
        py: Python<'_>,
        year: &str,
        same_pupils: Option<&Bound<'_, Cohort>>,
    ) -> PyResult<Table> {
        let gaps = &self.0;
        let cohort = same_pupils.map(|cohort| cohort.get());
        let changes = py.detach(|| {
            let shared = match cohort {
                None => None,
                Some(cohort) => {
                    let others = gaps.dimensions.iter().map(String::as_str);
                    let others: Vec<&str> = others.filter(|name| *name != year).collect();
                    Some(cohort.0.shared_pupils(&gaps.measures, year, &others)?)
                }
            };
            gaps.over_time_of(year, shared.as_ref())?.sheet()
        });
        Table::of(py, changes)
    }

    #[pyo3(signature = (year="year", *, out_of_line="flag"))]
    fn slope(&self, py: Python<'_>, year: &str, out_of_line: &str) -> PyResult<Table> {
        let odd = self::out_of_line(py, out_of_line)?;
        Table::of(py, self.0.slope(year, odd).and_then(|lines| lines.sheet()))
    }

    #[pyo3(signature = (targets, due, *, year="year", out_of_line="flag"))]
    fn progress(
        &self,
        py: Python<'_>,
        targets: &Bound<'_, PyAny>,
        due: &str,
        year: &str,
        out_of_line: &str,
    ) -> PyResult<Table> {
        let ids: Vec<String> = self.0.measures.iter().map(|m| m.id.clone()).collect();
        let targets = self::targets(targets, &ids, due)?;
        let odd = self::out_of_line(py, out_of_line)?;
        let found = self.0.progress(year, &targets, odd);
        Table::of(py, found.and_then(|rows| rows.sheet()))
    }
}

#[pymethods]
impl Tallies {
    #[pyo3(signature = (years=None, *, year="year"))]
    fn pooled(&self, py: Python<'_>, years: Option<Names>, year: &str) -> PyResult<Self> {
        let years = years.map(|years| Names::list(Some(years)));
        let years: Option<Vec<&str>> = years
            .as_ref()
            .map(|years| years.iter().map(String::as_str).collect());
        let pooled = self.0.pooled(year, years.as_deref());
        pooled.map(Tallies).map_err(|e| raise(py, e))
    }
}
