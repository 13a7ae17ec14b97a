//! Python arguments as the crate's options; every list of words is checked here.

use std::collections::BTreeMap;
use std::sync::Arc;

use disprop::codes::{ChineseRule, CodeSet, Ethnicity, GroupLevel};
use disprop::cohort::{AbsentGoals, Ks2Denominator, Rows, UnknownCodes};
use disprop::gaps::{Baseline, Cluster, ClusterMethod, GapOptions, GroupChoice, Unclassified};
use disprop::{CohortOptions, Columns};
use disprop_stats::Level;
use disprop_stats::cluster::Correction;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors::{bad_option, describe, raise};
use crate::measure::Measure;
use crate::tallies::Tallies;

/// A name, or several.
#[derive(FromPyObject)]
pub enum Names {
    One(String),
    Many(Vec<String>),
}

impl Names {
    pub fn list(names: Option<Self>) -> Vec<String> {
        match names {
            None => Vec::new(),
            Some(Names::One(name)) => vec![name],
            Some(Names::Many(names)) => names,
        }
    }
}

/// One measure, or several: ids, `Measure` objects or dicts.
pub fn measures(given: &Bound<'_, PyAny>) -> PyResult<Vec<disprop::Measure>> {
    let single = given.is_instance_of::<PyString>()
        || given.is_instance_of::<PyDict>()
        || given.is_instance_of::<Measure>();
    if single {
        return Ok(vec![measure(given)?]);
    }
    given.try_iter()?.map(|one| measure(&one?)).collect()
}

pub fn measure(given: &Bound<'_, PyAny>) -> PyResult<disprop::Measure> {
    let py = given.py();
    if let Ok(id) = given.extract::<String>() {
        return disprop::measure(&id).map_err(|e| raise(py, e));
    }
    if let Ok(known) = given.cast::<Measure>() {
        return Ok(known.get().0.clone());
    }
    let json = py
        .import("json")?
        .call_method1("dumps", (given,))?
        .extract::<String>()?;
    disprop::Measure::from_json(&json).map_err(|e| raise(py, e))
}

/// Roles named by keyword, and those of a mapping.
pub fn roles(
    named: impl IntoIterator<Item = (&'static str, Option<String>)>,
    columns: Option<BTreeMap<String, String>>,
) -> Columns {
    named
        .into_iter()
        .filter_map(|(role, column)| Some((role.to_owned(), column?)))
        .chain(columns.unwrap_or_default())
        .fold(Columns::npd(), |roles, (role, column)| {
            roles.role(&role, &column)
        })
}

/// Choices of a cohort, in words.
pub struct Words<'a> {
    pub rows: &'a str,
    pub codes: &'a str,
    pub chinese: &'a str,
    pub extra_codes: Option<BTreeMap<String, (String, String)>>,
    pub unknown_codes: &'a str,
    pub absent_goals: &'a str,
    pub ks2_denominator: &'a str,
}

impl Words<'_> {
    pub fn options(self, py: Python<'_>) -> PyResult<CohortOptions> {
        Ok(CohortOptions {
            rows: match self.rows {
                "enrolment" => Rows::Enrolment,
                "pupil" => Rows::Pupil,
                other => return Err(bad_option(py, "rows", other, "`enrolment` or `pupil`")),
            },
            codes: codes(py, self.codes, self.chinese, self.extra_codes)?,
            unknown_codes: match self.unknown_codes {
                "refuse" => UnknownCodes::Refuse,
                "unclassified" => UnknownCodes::Unclassified,
                other => {
                    let expected = "`refuse` or `unclassified`";
                    return Err(bad_option(py, "unknown_codes", other, expected));
                }
            },
            absent_goals: match self.absent_goals {
                "exclude" => AbsentGoals::Exclude,
                "not_achieved" => AbsentGoals::NotAchieved,
                other => {
                    let expected = "`exclude` or `not_achieved`";
                    return Err(bad_option(py, "absent_goals", other, expected));
                }
            },
            ks2_denominator: match self.ks2_denominator {
                "npd" => Ks2Denominator::NpdDenLa,
                "eligible" => Ks2Denominator::Eligible,
                "valid" => Ks2Denominator::Valid,
                other => {
                    let expected = "`npd`, `eligible` or `valid`";
                    return Err(bad_option(py, "ks2_denominator", other, expected));
                }
            },
            measures: Vec::new(),
        })
    }
}

/// Roles and choices of a cohort, as the keyword arguments of a call that has others too.
///
/// Every keyword that is no option must be a role.
pub fn cohort_keywords(
    py: Python<'_>,
    given: Option<&Bound<'_, PyDict>>,
) -> PyResult<(Columns, CohortOptions)> {
    const ROLES: [&str; 11] = [
        "ethnicity",
        "year",
        "la",
        "school",
        "pupil",
        "sex",
        "fsm",
        "sen",
        "eal",
        "year_group",
        "phase",
    ];
    const OPTIONS: [&str; 8] = [
        "columns",
        "rows",
        "codes",
        "chinese",
        "extra_codes",
        "unknown_codes",
        "absent_goals",
        "ks2_denominator",
    ];
    let empty = PyDict::new(py);
    let given = given.unwrap_or(&empty);
    for name in given.keys() {
        let name: String = name.extract()?;
        if !ROLES.contains(&name.as_str()) && !OPTIONS.contains(&name.as_str()) {
            return Err(PyTypeError::new_err(format!(
                "`{name}` is no argument of this call; columns of your own go into `columns`"
            )));
        }
    }
    let text = |name: &str| -> PyResult<Option<String>> {
        match given.get_item(name)?.filter(|v| !v.is_none()) {
            Some(value) => value.extract().map(Some),
            None => Ok(None),
        }
    };
    let mut named = Vec::new();
    for role in ROLES {
        named.push((role, text(role)?));
    }
    let columns = match given.get_item("columns")?.filter(|v| !v.is_none()) {
        Some(columns) => Some(columns.extract::<BTreeMap<String, String>>()?),
        None => None,
    };
    let extra_codes = match given.get_item("extra_codes")?.filter(|v| !v.is_none()) {
        Some(extra) => Some(extra.extract::<BTreeMap<String, (String, String)>>()?),
        None => None,
    };
    let word = |name: &str, default: &str| -> PyResult<String> {
        Ok(text(name)?.unwrap_or_else(|| default.to_owned()))
    };
    let words = Words {
        rows: &word("rows", "enrolment")?,
        codes: &word("codes", "england")?,
        chinese: &word("chinese", "asian")?,
        extra_codes,
        unknown_codes: &word("unknown_codes", "refuse")?,
        absent_goals: &word("absent_goals", "exclude")?,
        ks2_denominator: &word("ks2_denominator", "npd")?,
    };
    Ok((roles(named, columns), words.options(py)?))
}

/// What ethnicity values mean.
pub fn codes(
    py: Python<'_>,
    codes: &str,
    chinese: &str,
    extra: Option<BTreeMap<String, (String, String)>>,
) -> PyResult<CodeSet> {
    match codes {
        "england" => {}
        "own" => return Ok(CodeSet::Own),
        other => return Err(bad_option(py, "codes", other, "`england` or `own`")),
    }
    let rule = match chinese {
        "asian" => ChineseRule::InAsian,
        "own" => ChineseRule::OwnMajor,
        other => return Err(bad_option(py, "chinese", other, "`asian` or `own`")),
    };
    let mut set = Ethnicity::default().chinese_rule(rule);
    for (code, (label, main)) in extra.unwrap_or_default() {
        set = set
            .with_addition(&code, &label, &main)
            .map_err(|e| describe(py, e.code(), &e.to_string(), e.hint().map(Into::into), &[]))?;
    }
    Ok(CodeSet::Ethnicity(Box::new(set)))
}

pub fn level(py: Python<'_>, level: &str) -> PyResult<Option<GroupLevel>> {
    match level {
        "auto" => Ok(None),
        "main" => Ok(Some(GroupLevel::Main)),
        "major" => Ok(Some(GroupLevel::Major)),
        "extended" => Ok(Some(GroupLevel::Extended)),
        other => Err(bad_option(
            py,
            "group_level",
            other,
            "`auto`, `main`, `major` or `extended`",
        )),
    }
}

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
