//! Python arguments as the crate's options; every list of words is checked here.

use std::collections::BTreeMap;

use disprop::codes::{ChineseRule, CodeSet, Ethnicity, GroupLevel};
use disprop::cohort::{AbsentGoals, Ks2Denominator, Rows, UnknownCodes};
use disprop::{CohortOptions, Columns};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors::{bad_option, describe, raise};
use crate::measure::Measure;

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
