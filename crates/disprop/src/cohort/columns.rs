//! Which column of the caller's data plays which role.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::encode::unreadable;
use super::known::{DIMENSIONS, KNOWN};
use crate::finding::{Finding, Severity, nearest};
use crate::measure;

/// Which column of a frame plays which role.
///
/// A role that is not named is looked for under the names that census, NPD and EES files use.
///
/// # Example: a file with its own headings
/// ```
/// use disprop::Columns;
/// let columns = Columns::npd()
///     .role("ethnicity", "Ethnic background")
///     .role("sessions_possible", "Poss")
///     .role("ward", "Ward name"); // a dimension of one's own
/// # let _ = columns;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    roles: BTreeMap<String, String>,
    unreadable: BTreeMap<String, String>,
}

impl Columns {
    /// Returns roles found by the names of the National Pupil Database, census and EES files.
    pub fn npd() -> Self {
        Columns::default()
    }

    /// Returns the roles with one more: `role` is played by `column`.
    #[must_use]
    pub fn role(mut self, role: &str, column: &str) -> Self {
        self.roles.insert(role.into(), column.into());
        self
    }

    /// Returns the roles with word of a column that the caller's data have and the frame lacks,
    /// since it is of a type that cannot be read: a list, say. Asking for it says so.
    ///
    /// # Example: a column of lists is not "no such column"
    /// ```
    /// use disprop::{Cohort, Columns};
    /// use polars::prelude::df;
    /// let frame = df!("ethnicity" => ["BCRB"])?;
    /// let columns = Columns::npd().role("ward", "wards").unreadable("wards", "list");
    /// let error = Cohort::new(frame, columns).unwrap_err();
    /// assert!(error.findings()[0].message.starts_with("holds `list`"));
    /// # Ok::<(), polars::prelude::PolarsError>(())
    /// ```
    #[must_use]
    pub fn unreadable(mut self, column: &str, found: &str) -> Self {
        self.unreadable.insert(column.into(), found.into());
        self
    }

    /// Returns the roles with one fewer named.
    #[must_use]
    pub(crate) fn without(mut self, role: &str) -> Self {
        self.roles.remove(role);
        self
    }

    /// Returns the column named for a role by the caller.
    pub fn named(&self, role: &str) -> Option<&str> {
        self.roles.get(role).map(String::as_str)
    }

    /// Returns the roles named by the caller, in order of name.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.roles
            .iter()
            .map(|(role, column)| (role.as_str(), column.as_str()))
    }
}

/// The roles as found in one frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    columns: BTreeMap<String, String>,
    all: Vec<String>,
    unreadable: BTreeMap<String, String>,
}

impl Found {
    /// Looks for every role, and says what is missing, misspelt or there twice.
    pub(crate) fn look(frame: &DataFrame, wanted: &Columns, findings: &mut Vec<Finding>) -> Self {
        let names = frame.get_column_names();
        Found::among(
            names.iter().map(|n| n.to_string()).collect(),
            wanted,
            findings,
        )
    }

    /// Looks for every role among the columns of a table that is not at hand.
    pub(crate) fn among(all: Vec<String>, wanted: &Columns, findings: &mut Vec<Finding>) -> Self {
        let mut columns = BTreeMap::new();
        for (role, column) in wanted.roles() {
            if all.iter().any(|name| name == column) {
                columns.insert(role.to_owned(), column.to_owned());
            } else if let Some(found) = wanted.unreadable.get(column) {
                findings.push(unreadable(column, found));
            } else {
                findings.push(missing(role, column, &all));
            }
        }
        let plain: Vec<String> = all.iter().map(|name| plain_name(name)).collect();
        for (role, aliases) in KNOWN {
            if wanted.named(role).is_some() {
                continue;
            }
            let Some(name) = std::iter::once(role)
                .chain(aliases.iter())
                .find(|name| plain.contains(&plain_name(name)))
            else {
                let known = |column: &str| {
                    let plain = plain_name(column);
                    std::iter::once(role)
                        .chain(aliases.iter())
                        .any(|name| plain_name(name) == plain)
                };
                for (column, found) in wanted.unreadable.iter().filter(|(c, _)| known(c)) {
                    // Without the rest gaps may do; without ethnicity there are none.
                    let severity = match *role {
                        "ethnicity" => Severity::Refused,
                        _ => Severity::Warning,
                    };
                    findings.push(Finding {
                        severity,
                        ..unreadable(column, found)
                    });
                }
                continue;
            };
            let key = plain_name(name);
            let fits: Vec<&String> = all
                .iter()
                .zip(&plain)
                .filter(|(_, p)| **p == key)
                .map(|(n, _)| n)
                .collect();
            match fits.as_slice() {
                [one] => {
                    columns.insert((*role).to_owned(), (*one).clone());
                }
                several => findings.push(
                    Finding::refused(
                        "column_twice",
                        format!("{} columns could be the `{role}`", several.len()),
                    )
                    .column(several.first().map_or("", |s| s.as_str()))
                    .hint(format!("say which with columns={{\"{role}\": …}}")),
                ),
            }
        }
        Found {
            columns,
            all,
            unreadable: wanted.unreadable.clone(),
        }
    }

    /// Returns what is wrong with a column that is there and cannot be read.
    pub(crate) fn unreadable(&self, name: &str) -> Option<Finding> {
        let found = self.unreadable.get(name)?;
        Some(unreadable(name, found))
    }

    /// Returns the frame's column for a role, or for a column of that very name.
    pub(crate) fn column(&self, role: &str) -> Option<&str> {
        match self.columns.get(role) {
            Some(column) => Some(column),
            None => self
                .all
                .iter()
                .find(|name| *name == role)
                .map(String::as_str),
        }
    }

    /// Returns the roles found, with their columns.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns
            .iter()
            .map(|(role, column)| (role.as_str(), column.as_str()))
    }

    /// Returns the column whose name is nearest to one that is not there.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        nearest(name, &self.all).map(Into::into)
    }

    /// Returns what a reader may tally by: the known dimensions that are there, then columns that
    /// play no role and hold no value of a measure.
    pub(crate) fn dimensions(&self) -> Vec<String> {
        let known = DIMENSIONS.iter().filter(|d| self.column(d).is_some());
        let values: Vec<&str> = measure::catalogue()
            .iter()
            .flat_map(|measure| measure.quantity.columns())
            .collect();
        let other = self.all.iter().filter(|column| {
            !self.columns.values().any(|taken| taken == *column)
                && !DIMENSIONS.contains(&column.as_str())
                && !values.contains(&column.as_str())
        });
        known
            .map(ToString::to_string)
            .chain(other.cloned())
            .collect()
    }

    /// Returns every column of the frame.
    pub(crate) fn all(&self) -> &[String] {
        &self.all
    }
}

fn missing(role: &str, column: &str, all: &[String]) -> Finding {
    let finding = Finding::refused(
        "missing_column",
        format!("there is no such column for `{role}`"),
    )
    .column(column);
    match nearest(column, all) {
        Some(name) => finding.hint(format!("did you mean `{name}`?")),
        None => finding.hint(format!("the columns are {}", crate::error::quoted(all))),
    }
}

/// Lower-case letters and digits of a name, without an NPD term suffix such as `_ab24`.
fn plain_name(name: &str) -> String {
    let lower = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    let stem = match lower.rsplit_once('_') {
        Some((stem, suffix)) if is_term(suffix) => stem,
        _ => &lower,
    };
    stem.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_term(suffix: &str) -> bool {
    ["ab", "ex", "spr", "sum", "aut"].iter().any(|term| {
        suffix
            .strip_prefix(term)
            .is_some_and(|year| year.len() == 2 && year.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    #[test]
    fn census_and_npd_names_are_known() {
        let frame =
            df!("EthnicGroupMinor_SPR24" => ["BCRB"], "SessionsPossible_Annual_ab24" => [380])
                .unwrap();
        let mut findings = Vec::new();
        let found = Found::look(&frame, &Columns::npd(), &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(found.column("ethnicity"), Some("EthnicGroupMinor_SPR24"));
        assert_eq!(
            found.column("sessions_possible"),
            Some("SessionsPossible_Annual_ab24")
        );
        assert_eq!(found.column("sex"), None);
    }

    #[test]
    fn two_years_side_by_side_are_not_guessed_between() {
        let frame = df!("Ethnicity" => ["BCRB"], "OverallAbsence_ab23" => [1], "OverallAbsence_ab24" => [2])
            .unwrap();
        let mut findings = Vec::new();
        Found::look(&frame, &Columns::npd(), &mut findings);
        assert_eq!(findings.first().map(|f| f.kind), Some("column_twice"));
    }
}
