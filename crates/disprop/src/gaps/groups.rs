//! Groups: sets of leaf codes, which may nest and overlap.

use crate::codes::LeafKind;
use crate::codes::{CodeSet, Major, Recognised};
use crate::error::Error;
use crate::finding::nearest;
use crate::tallies::Tallies;

/// A group to be compared, as the caller asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChoice {
    /// Every main group among the tallies (every group, where they are one's own or major).
    Main,
    /// Every major group among the tallies.
    Major,
    /// Every leaf code among the tallies.
    Leaves,
    /// One code or label: a main code takes its extended codes with it.
    Code(String),
    /// A set of codes or labels under a name of one's own.
    Named {
        /// Its name.
        name: String,
        /// Codes or labels.
        codes: Vec<String>,
    },
}

impl GroupChoice {
    /// Returns the choice of a named set of codes.
    pub fn named(name: &str, codes: &[&str]) -> Self {
        let codes = codes.iter().map(ToString::to_string).collect();
        GroupChoice::Named {
            name: name.into(),
            codes,
        }
    }
}

/// A group as found: which leaves of the tallies belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The code, or the caller's name for a set.
    pub name: String,
    /// Name in print.
    pub label: String,
    /// Indices of its leaves in the tallies.
    pub(crate) leaves: Vec<usize>,
}

/// Returns the groups that the choices stand for, each once, in order.
pub(crate) fn resolve(tallies: &Tallies, choices: &[GroupChoice]) -> Result<Vec<Group>, Error> {
    let mut groups: Vec<Group> = Vec::new();
    for choice in choices {
        for group in one(tallies, choice)? {
            if !groups.iter().any(|g| g.name == group.name) {
                groups.push(group);
            }
        }
    }
    Ok(groups)
}

fn one(tallies: &Tallies, choice: &GroupChoice) -> Result<Vec<Group>, Error> {
    let classified: Vec<&str> = tallies
        .leaves()
        .iter()
        .filter(|leaf| leaf.kind == LeafKind::Classified)
        .map(|leaf| leaf.code.as_str())
        .collect();
    let codes = tallies.codes();
    let group = |name: &str, members: &[String]| {
        let leaves = tallies.leaves().iter().enumerate();
        let mine = leaves
            .filter(|(_, leaf)| leaf.kind == LeafKind::Classified && members.contains(&leaf.code));
        Group {
            name: name.into(),
            label: codes.label(name),
            leaves: mine.map(|(place, _)| place).collect(),
        }
    };
    let every = |parent: &dyn Fn(&str) -> String| -> Vec<Group> {
        // A code is looked up once: its parent, and each parent's rank.
        let leaves = tallies.leaves().iter();
        let parents: Vec<Option<String>> = leaves
            .map(|leaf| (leaf.kind == LeafKind::Classified).then(|| parent(&leaf.code)))
            .collect();
        let mut names: Vec<&String> = parents.iter().flatten().collect();
        names.sort_unstable();
        names.dedup();
        names.sort_by_cached_key(|name| rank(codes, name));
        let of = |name: &String| Group {
            name: name.clone(),
            label: codes.label(name),
            leaves: (parents.iter().enumerate())
                .filter(|(_, parent)| parent.as_ref() == Some(name))
                .map(|(place, _)| place)
                .collect(),
        };
        names.into_iter().map(of).collect()
    };
    Ok(match choice {
        GroupChoice::Main => every(&|code| main_of(codes, code)),
        GroupChoice::Major => every(&|code| major_of(codes, code)),
        GroupChoice::Leaves => every(&|code| code.to_owned()),
        GroupChoice::Code(code) => {
            let members = members(codes, code, &classified)?;
            let name = match codes {
                CodeSet::Ethnicity(set) => match set.classify(code) {
                    Recognised::Major(major) => major.label().to_owned(),
                    known => known.code().map_or_else(|| code.clone(), Into::into),
                },
                CodeSet::Own => code.clone(),
            };
            vec![group(&name, &members)]
        }
        GroupChoice::Named {
            name,
            codes: wanted,
        } => {
            let mut all = Vec::new();
            for code in wanted {
                all.extend(members(codes, code, &classified)?);
            }
            let mut named = group(name, &all);
            named.label.clone_from(name);
            vec![named]
        }
    })
}

/// Main groups in the order of the official code list, others by name after them.
fn rank(codes: &CodeSet, name: &str) -> (usize, String) {
    let place = match codes {
        CodeSet::Ethnicity(set) => set.codes().position(|code| code.code == name),
        CodeSet::Own => None,
    };
    (place.unwrap_or(usize::MAX), name.to_owned())
}

fn main_of(codes: &CodeSet, code: &str) -> String {
    match codes {
        CodeSet::Ethnicity(set) => set.main_of(code).unwrap_or(code).to_owned(),
        CodeSet::Own => code.to_owned(),
    }
}

fn major_of(codes: &CodeSet, code: &str) -> String {
    match codes {
        CodeSet::Ethnicity(set) => set
            .major_of(code)
            .map_or_else(|| code.to_owned(), |major| major.label().to_owned()),
        CodeSet::Own => code.to_owned(),
    }
}

/// "Refused" and the like are known, but no group.
fn no_group(wanted: &str) -> Error {
    Error::Option {
        option: "group",
        found: wanted.into(),
        expected:
            "groups: pupils so marked belong to none, and `unclassified` says where they stand"
                .into(),
    }
}

/// Returns the leaf codes that a code or label covers.
fn members(codes: &CodeSet, wanted: &str, classified: &[&str]) -> Result<Vec<String>, Error> {
    let unknown = |known: Vec<&str>| Error::UnknownGroup {
        found: wanted.into(),
        suggestion: nearest(wanted, &known).map(Into::into),
    };
    let CodeSet::Ethnicity(set) = codes else {
        return if classified.contains(&wanted) {
            Ok(vec![wanted.to_owned()])
        } else {
            Err(unknown(classified.to_vec()))
        };
    };
    let of_code = |code: &str| -> Vec<String> {
        if set.main_of(code) == Some(code) {
            set.leaves_of_main(code)
                .into_iter()
                .map(Into::into)
                .collect()
        } else {
            vec![code.to_owned()]
        }
    };
    let of_major = |major: Major| -> Vec<String> {
        let mut all: Vec<String> = set
            .leaves_of_major(major)
            .into_iter()
            .map(Into::into)
            .collect();
        all.push(major.label().into());
        all
    };
    match set.classify(wanted) {
        Recognised::Unclassified(_) => Err(no_group(wanted)),
        Recognised::Leaf(code) if !set.is_classified(code) => Err(no_group(wanted)),
        Recognised::Leaf(code) | Recognised::Main(code) | Recognised::Extended(code) => {
            Ok(of_code(code))
        }
        Recognised::Major(major) => Ok(of_major(major)),
        Recognised::Combined(several) => Ok(several.iter().flat_map(|c| of_code(c)).collect()),
        _ => {
            // "Black - Somali" is looked for as "Somali" too.
            let labels: Vec<&str> = set
                .codes()
                .filter(|c| set.is_classified(c.code))
                .flat_map(|c| {
                    [
                        c.code,
                        c.label,
                        c.label.rsplit(" - ").next().unwrap_or(c.label),
                    ]
                })
                .collect();
            Err(unknown(labels))
        }
    }
}
