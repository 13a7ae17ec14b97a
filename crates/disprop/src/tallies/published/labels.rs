//! What the labels of a published table mean: a group, everyone, nobody known, or no row of it.

use std::collections::BTreeMap;

use super::{
    Categories, CodeSet, Counts, Finding, GroupLevel, LeafKind, Whole, listed, nearest, quoted,
};
use crate::codes::{Major, Recognised, TOTAL, UNCLASSIFIED};
use crate::cohort::ethnicity::alike;

/// What one label of the ethnicity column means for the table.
pub(super) enum Meaning {
    Leaf(String, LeafKind),
    SetAside,
}

pub(super) fn meanings(
    labels: &Categories,
    rows: &[usize],
    counts: &Counts,
    findings: &mut Vec<Finding>,
) -> Vec<Meaning> {
    let mut used = vec![false; labels.labels.len()];
    for row in rows {
        if let Some(slot) = used.get_mut(labels.codes.get(*row) as usize) {
            *slot = true;
        }
    }
    let present = || {
        labels
            .labels
            .iter()
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(l, _)| l)
    };
    let total = match &counts.whole {
        Some(Whole::Row(label)) => Some(label.trim()),
        _ => None,
    };
    let is_total = |label: Option<&str>| {
        total.is_some_and(|total| total.eq_ignore_ascii_case(label.unwrap_or("")))
    };
    if let Some(label) = total
        && !present().any(|l| is_total(l.as_deref()))
    {
        let known: Vec<String> = present().flatten().cloned().collect();
        let finding = Finding::refused("no_total_row", format!("no row is labelled `{label}`"))
            .column(&counts.ethnicity);
        findings.push(match nearest(label, &known) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("the labels are {}", listed(&known))),
        });
    }
    let level = counts
        .level
        .unwrap_or_else(|| finest(present(), &counts.codes));
    let mut aside: Vec<String> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    let read = labels.labels.iter().zip(&used).map(|(label, used)| {
        let label = label.as_deref();
        if !used {
            return Meaning::SetAside;
        }
        if is_total(label) {
            return Meaning::Leaf(TOTAL.into(), LeafKind::Total);
        }
        let text = label.unwrap_or("(blank)").to_owned();
        match meaning(label, level, &counts.codes) {
            Some(Meaning::Leaf(code, kind)) => Meaning::Leaf(code, kind),
            Some(Meaning::SetAside) => {
                aside.push(text);
                Meaning::SetAside
            }
            None => {
                unknown.push(text);
                Meaning::SetAside
            }
        }
    });
    let meanings: Vec<Meaning> = read.collect();
    if !unknown.is_empty() {
        findings.push(
            Finding::refused("unknown_label", format!("no one group is meant by {}", listed(&unknown)))
                .column(&counts.ethnicity)
                .hint("leave such rows out with a filter, or take every label as a group of its own with codes=\"own\""),
        );
    }
    if !aside.is_empty() {
        findings.push(
            Finding::warning(
                "set_aside",
                format!(
                    "rows set aside, being of no group at this level: {}",
                    listed(&aside)
                ),
            )
            .column(&counts.ethnicity),
        );
    }
    report_one_group_twice(labels, &meanings, counts, findings);
    if let Some(finding) = alike(&counts.codes, &labels.labels) {
        findings.push(finding.column(&counts.ethnicity));
    }
    meanings
}

/// Two labels for one group would be added up in silence, or one would be lost.
fn report_one_group_twice(
    labels: &Categories,
    meanings: &[Meaning],
    counts: &Counts,
    findings: &mut Vec<Finding>,
) {
    let mut by_code: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (label, meaning) in labels.labels.iter().zip(meanings) {
        if let Meaning::Leaf(code, LeafKind::Classified | LeafKind::Total) = meaning {
            by_code
                .entry(code)
                .or_default()
                .push(label.clone().unwrap_or_default());
        }
    }
    for (code, labels) in by_code.into_iter().filter(|(_, labels)| labels.len() > 1) {
        findings.push(
            Finding::warning(
                "one_group_two_labels",
                format!("{} all mean `{code}`", quoted(&labels)),
            )
            .column(&counts.ethnicity),
        );
    }
}

/// The main level where any label is a main group or finer, else the major level.
fn finest<'a>(labels: impl Iterator<Item = &'a Option<String>>, codes: &CodeSet) -> GroupLevel {
    let CodeSet::Ethnicity(set) = codes else {
        return GroupLevel::Main;
    };
    let fine = labels.flatten().any(|label| {
        matches!(
            set.classify(label),
            Recognised::Leaf(_) | Recognised::Main(_) | Recognised::Extended(_)
        )
    });
    if fine {
        GroupLevel::Main
    } else {
        GroupLevel::Major
    }
}

fn meaning(label: Option<&str>, level: GroupLevel, codes: &CodeSet) -> Option<Meaning> {
    let CodeSet::Ethnicity(set) = codes else {
        let (code, kind) = codes.leaf(label)?;
        return Some(Meaning::Leaf(code, kind));
    };
    let classified = |code: &str| Some(Meaning::Leaf(code.to_owned(), LeafKind::Classified));
    let Some(label) = label else {
        return Some(Meaning::SetAside);
    };
    // Refused and not obtained keep codes of their own: tables list them in rows of their own.
    let unclassified = || {
        let code = match codes.leaf(Some(label)) {
            Some((code, LeafKind::Unclassified)) => code,
            _ => UNCLASSIFIED.into(),
        };
        Some(Meaning::Leaf(code, LeafKind::Unclassified))
    };
    match set.recognise(label, Some(level)) {
        Recognised::Leaf(code) if !set.is_classified(code) => unclassified(),
        Recognised::Leaf(code) | Recognised::Main(code) | Recognised::Extended(code) => {
            if level == GroupLevel::Major {
                return Some(Meaning::SetAside);
            }
            classified(code)
        }
        // These two majors are one main group each, and files list them once.
        Recognised::Major(Major::Chinese) if level == GroupLevel::Main => classified("CHNE"),
        Recognised::Major(Major::Other) if level == GroupLevel::Main => classified("OOTH"),
        Recognised::Major(major) if level == GroupLevel::Major => classified(major.label()),
        Recognised::Unclassified(_) => unclassified(),
        Recognised::Major(_)
        | Recognised::MinorityEthnic(_)
        | Recognised::NotMinority
        | Recognised::Total
        | Recognised::Crossed
        | Recognised::NotEthnicity => Some(Meaning::SetAside),
        _ => None,
    }
}
