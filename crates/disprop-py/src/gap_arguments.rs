//! Python arguments as options of gaps: groups, baseline, clusters, levels.

use std::sync::Arc;

use disprop::gaps::{Baseline, Cluster, ClusterMethod, GapOptions, GroupChoice, Unclassified};
use disprop_stats::Level;
use disprop_stats::cluster::Correction;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::Names;
use crate::errors::{bad_option, raise};
use crate::tallies::Tallies;

/// The groups asked for: a word, codes and labels, or named sets of them.
pub fn groups(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<GroupChoice>> {
    let Some(given) = given.filter(|g| !g.is_none()) else {
        return Ok(vec![GroupChoice::Main]);
    };
    let word = |text: String| match text.as_str() {
        "main" => GroupChoice::Main,
        "major" => GroupChoice::Major,
        "leaves" => GroupChoice::Leaves,
        _ => GroupChoice::Code(text),
    };
    if let Ok(text) = given.extract::<String>() {
        return Ok(vec![word(text)]);
    }
    if let Ok(named) = given.cast::<PyDict>() {
        return named
            .iter()
            .map(|(name, codes)| set(&name, &codes))
            .collect();
    }
    let mut choices = Vec::new();
    for one in given.try_iter()? {
        let one = one?;
        if let Ok(named) = one.cast::<PyDict>() {
            for (name, codes) in named.iter() {
                choices.push(set(&name, &codes)?);
            }
        } else {
            choices.push(word(one.extract::<String>()?));
        }
    }
    Ok(choices)
}

fn set(name: &Bound<'_, PyAny>, codes: &Bound<'_, PyAny>) -> PyResult<GroupChoice> {
    let codes = codes.extract::<Names>()?;
    Ok(GroupChoice::Named {
        name: name.extract()?,
        codes: Names::list(Some(codes)),
    })
}

/// What groups are compared with: a word, a group, a number, or tallies of elsewhere.
fn baseline(given: Option<&Bound<'_, PyAny>>, label: Option<String>) -> PyResult<Baseline> {
    let Some(given) = given.filter(|g| !g.is_none()) else {
        return Ok(Baseline::AllOthers);
    };
    if let Ok(text) = given.extract::<String>() {
        return Ok(match text.as_str() {
            "all_others" | "all others" => Baseline::AllOthers,
            "overall" => Baseline::Overall,
            "best" | "best_placed" => Baseline::BestPlaced,
            _ => Baseline::Group(text),
        });
    }
    if let Ok(value) = given.extract::<f64>() {
        return Ok(Baseline::Fixed(value));
    }
    let tallies = given.cast::<Tallies>()?;
    let label = label.unwrap_or_else(|| "the other tallies".into());
    Ok(Baseline::Elsewhere {
        tallies: Arc::new(tallies.get().0.clone()),
        label,
    })
}

/// Options of gaps, as keyword arguments shared by `Cohort.gaps` and `Tallies.gaps`.
pub struct GapArguments<'a, 'py> {
    pub groups: Option<&'a Bound<'py, PyAny>>,
    pub baseline: Option<&'a Bound<'py, PyAny>>,
    pub baseline_label: Option<String>,
    pub unclassified: &'a str,
    pub level: f64,
    pub methods: Option<Names>,
    pub minimum: i64,
    pub matters: f64,
    pub by: Option<Vec<String>>,
}

/// How pupils of one school being alike is allowed for.
pub struct ClusterArguments {
    pub dimension: Option<String>,
    pub method: String,
    pub minimum: usize,
    pub replicates: usize,
    pub seed: u64,
}

impl ClusterArguments {
    pub fn cluster(self, py: Python<'_>) -> PyResult<Option<Cluster>> {
        let linearised = ClusterMethod::Linearised;
        let bootstrap = |bca| ClusterMethod::Bootstrap {
            seed: self.seed,
            replicates: self.replicates,
            bca,
        };
        let method = match self.method.as_str() {
            "cr0" => linearised(Correction::Cr0),
            "cr1" => linearised(Correction::Cr1),
            "cr1_stata" => linearised(Correction::Cr1Stata),
            "cr2" => linearised(Correction::Cr2),
            "cr3" => linearised(Correction::Cr3),
            "jackknife" => linearised(Correction::Jackknife),
            "bootstrap" | "bootstrap_bca" => bootstrap(true),
            "bootstrap_percentile" => bootstrap(false),
            other => {
                let expected = "`cr2`, `cr0`, `cr1`, `cr1_stata`, `cr3`, `jackknife`, \
                    `bootstrap_bca` or `bootstrap_percentile`";
                return Err(bad_option(py, "cluster_method", other, expected));
            }
        };
        Ok(self.dimension.map(|dimension| Cluster {
            dimension,
            method,
            minimum: self.minimum,
            seed: self.seed,
        }))
    }
}

/// What the analyses of tallies take of the options of gaps.
pub fn analysis_options(
    py: Python<'_>,
    by: Option<Names>,
    groups: Option<&Bound<'_, PyAny>>,
    baseline: Option<&Bound<'_, PyAny>>,
    unclassified: &str,
    level: f64,
    minimum: i64,
) -> PyResult<GapOptions> {
    let arguments = GapArguments {
        groups,
        baseline,
        baseline_label: None,
        unclassified,
        level,
        methods: None,
        minimum,
        matters: 0.0,
        by: by.map(|by| Names::list(Some(by))),
    };
    arguments.options(py)
}

impl GapArguments<'_, '_> {
    pub fn options(self, py: Python<'_>) -> PyResult<GapOptions> {
        let unclassified = match self.unclassified {
            "exclude" => Unclassified::Exclude,
            "include" => Unclassified::Include,
            "bounds" => Unclassified::Bounds,
            other => {
                let expected = "`exclude`, `include` or `bounds`";
                return Err(bad_option(py, "unclassified", other, expected));
            }
        };
        Ok(GapOptions {
            groups: groups(self.groups)?,
            baseline: baseline(self.baseline, self.baseline_label)?,
            unclassified,
            level: Level::new(self.level).map_err(|e| raise(py, e.into()))?,
            methods: Names::list(self.methods),
            minimum: self.minimum,
            matters: self.matters,
            by: self.by,
            ..GapOptions::default()
        })
    }
}
