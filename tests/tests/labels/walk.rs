//! The walk over every column of groups in the shared files.

use std::collections::{BTreeMap, BTreeSet};

use disprop::codes::{Ethnicity, GroupLevel, Recognised};

use super::tables::Level::{self, By, Is};
use super::tables::{COLUMNS, EXEMPT, REPORTED};

fn is_group_column(name: &str) -> bool {
    let name = name.to_lowercase();
    let named = [
        "characteristic",
        "characteristic_1",
        "characteristic_type",
        "group",
        "race",
        "eth",
        "filter_item",
    ];
    (name.contains("ethnic") && !name.ends_with("code")
        || name == "ethnicitycode"
        || name == "parentethnicitycode")
        || name == "standard"
        || named.contains(&name.as_str())
}

fn level_of(text: &str) -> Option<GroupLevel> {
    let text = text.to_lowercase();
    if text.contains("major") {
        Some(GroupLevel::Major)
    } else if text.split_whitespace().any(|word| word == "minor") {
        Some(GroupLevel::Main)
    } else {
        None
    }
}

/// What was found on the walk over the files.
#[derive(Default)]
pub struct Walk {
    pub columns: BTreeSet<usize>,
    exempt: BTreeSet<usize>,
    pub labels: BTreeSet<String>,
    reported: BTreeMap<String, String>,
    pub problems: Vec<String>,
}

impl Walk {
    pub fn file(&mut self, file: &str, header: &[String], rows: &[Vec<String>]) {
        for (at, name) in header
            .iter()
            .enumerate()
            .filter(|(_, name)| is_group_column(name))
        {
            let listed = COLUMNS
                .iter()
                .position(|(f, c, ..)| file.starts_with(f) && c == name);
            let exempt = EXEMPT
                .iter()
                .position(|(f, c, _)| file.starts_with(f) && name.contains(c));
            match (listed, exempt) {
                (Some(which), _) => {
                    self.columns.insert(which);
                    let cells = cells(&COLUMNS[which].2, at, header, rows);
                    self.column(file, which, &cells);
                }
                (None, Some(which)) => {
                    self.exempt.insert(which);
                }
                (None, None) => self
                    .problems
                    .push(format!("{file}: `{name}` is neither listed nor exempt")),
            }
        }
    }

    fn column(&mut self, file: &str, which: usize, cells: &BTreeSet<(&str, Option<GroupLevel>)>) {
        let set = Ethnicity::default();
        let (_, name, _, mains, majors) = &COLUMNS[which];
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (label, level) in cells {
            self.labels.insert((*label).to_owned());
            let meaning = set.recognise(label, *level);
            let group = match &meaning {
                Recognised::Main(code) => format!("main {code}"),
                Recognised::Major(group) => format!("major {group:?}"),
                Recognised::Crossed => {
                    assert!(set.cross(label).is_some(), "{label}");
                    continue;
                }
                Recognised::Unknown | Recognised::Ambiguous { .. } | Recognised::Combined(_) => {
                    self.reported
                        .insert(format!("{label} @ {level:?}"), format!("{meaning:?}"));
                    continue;
                }
                _ => continue,
            };
            // The screener accepts each label with and without spaces round the slash.
            groups
                .entry(group)
                .or_default()
                .insert(label.replace(" / ", "/"));
        }
        let count = |kind: &str| groups.keys().filter(|k| k.starts_with(kind)).count();
        let found = (count("main"), count("major"));
        if found != (*mains, *majors) {
            self.problems.push(format!(
                "{file} `{name}`: {found:?} main and major groups, not {:?}",
                (mains, majors)
            ));
        }
        for (group, labels) in groups.iter().filter(|(_, labels)| labels.len() > 1) {
            self.problems
                .push(format!("{file} `{name}`: {labels:?} all mean {group}"));
        }
    }

    pub fn stale(&mut self) {
        for (which, (file, column, ..)) in COLUMNS.iter().enumerate() {
            if !self.columns.contains(&which) {
                self.problems
                    .push(format!("stale: {file} `{column}` was not found"));
            }
        }
        for (which, (file, column, _)) in EXEMPT.iter().enumerate() {
            if !self.exempt.contains(&which) {
                self.problems
                    .push(format!("stale exemption: {file} `{column}`"));
            }
        }
        let expected: BTreeMap<&str, &str> = REPORTED.iter().copied().collect();
        for (label, what) in &self.reported {
            if expected.get(label.as_str()) != Some(&what.as_str()) {
                self.problems
                    .push(format!("not expected: {label} is reported as {what}"));
            }
        }
        for label in expected
            .keys()
            .filter(|label| !self.reported.contains_key(**label))
        {
            self.problems.push(format!("stale report: {label}"));
        }
    }
}

/// Distinct labels of a column, each with the level its row tells.
fn cells<'r>(
    level: &Level,
    at: usize,
    header: &[String],
    rows: &'r [Vec<String>],
) -> BTreeSet<(&'r str, Option<GroupLevel>)> {
    let told = |row: &Vec<String>| match level {
        Is(level) => *level,
        By(column) => {
            let by = header
                .iter()
                .position(|h| h == column)
                .expect("the column that tells the level");
            level_of(&row[by])
        }
    };
    rows.iter()
        .filter_map(|row| Some((row.get(at)?.as_str(), told(row))))
        .collect()
}
