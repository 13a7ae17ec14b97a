//! The ethnicity column: codes or labels in, leaf codes out, nothing guessed.

use polars::prelude::Series;

use super::columns::Found;
use super::encode::Categories;
use super::{CohortOptions, encode};
use crate::codes::{CodeSet, LeafKind, UNCLASSIFIED};
use crate::finding::Finding;

/// A value that fewer rows share is never quoted: it could be somebody's identifier.
const QUOTABLE_FROM: u64 = 10;
const VALUES_QUOTED: usize = 5;

/// What becomes of a value that is no code and no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCodes {
    /// The data are refused.
    #[default]
    Refuse,
    /// The rows are unclassified, and a warning says how many.
    Unclassified,
}

/// Encodes the column; the categories' labels are leaf codes, and each has its kind.
pub(crate) fn encode(
    series: &Series,
    options: &CohortOptions,
    findings: &mut Vec<Finding>,
) -> Option<(Categories, Vec<LeafKind>)> {
    let raw = match encode::Categories::encode(series) {
        Ok(raw) => raw,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    let known: Vec<Option<(String, LeafKind)>> = raw
        .labels
        .iter()
        .map(|label| options.codes.leaf(label.as_deref()))
        .collect();
    report_unknown(series, &raw, &known, options, findings);
    if let Some(finding) = alike(&options.codes, &raw.labels) {
        findings.push(finding.column(series.name()));
    }
    let leaf = |raw: Option<&str>| {
        Some(
            options
                .codes
                .leaf(raw)
                .map_or_else(|| UNCLASSIFIED.to_owned(), |(code, _)| code),
        )
    };
    let leaves = raw.map(leaf);
    let kinds = leaves
        .labels
        .iter()
        .map(|code| match options.codes.leaf(code.as_deref()) {
            Some((_, kind)) => kind,
            None => LeafKind::Unclassified,
        })
        .collect();
    report_mixed(series, &leaves, options, findings);
    Some((leaves, kinds))
}

/// Groups of one's own whose names differ in letter case only.
pub(crate) fn alike(codes: &CodeSet, labels: &[Option<String>]) -> Option<Finding> {
    let count = codes.alike(labels);
    (count > 0).then(|| {
        Finding::refused(
            "labels_alike",
            format!("{count} of the groups differ from another in letter case only"),
        )
        .hint("write each group one way; as they stand each counts among the other's others")
    })
}

fn report_unknown(
    series: &Series,
    raw: &Categories,
    known: &[Option<(String, LeafKind)>],
    options: &CohortOptions,
    findings: &mut Vec<Finding>,
) {
    let rows = raw.rows_where(|code| known.get(code).is_some_and(Option::is_none));
    if rows.is_empty() {
        return;
    }
    let counts = raw.counts();
    let unknown = raw.labels.iter().zip(&counts).zip(known);
    let unknown = unknown
        .filter(|(_, known)| known.is_none())
        .map(|((label, count), _)| (label.as_deref().unwrap_or_default(), *count));
    let unknown: Vec<(&str, u64)> = unknown.collect();
    findings.push(
        unknown_finding(&unknown, options.unknown_codes)
            .column(series.name())
            .rows(&rows),
    );
}

/// What is said of values that are no code and no label, each with its number of rows.
pub(crate) fn unknown_finding(unknown: &[(&str, u64)], policy: UnknownCodes) -> Finding {
    let quoted: Vec<String> = unknown
        .iter()
        .filter(|(_, count)| *count >= QUOTABLE_FROM)
        .take(VALUES_QUOTED)
        .map(|(label, _)| format!("`{label}`"))
        .collect();
    let distinct = unknown.len();
    let plural = if distinct == 1 {
        "value is"
    } else {
        "values are"
    };
    let mut message = format!("{distinct} {plural} no ethnicity code or label");
    if !quoted.is_empty() {
        message.push_str(&format!(", among them {}", quoted.join(", ")));
    }
    let hint = "add a code with extra_codes={\"CODE\": (\"its label\", \"AOTH\")}, count such rows as unclassified \
                with unknown_codes=\"unclassified\", or take every value as a group of its own \
                with codes=\"own\"; where a label has two meanings (`Other Asian`: AOTH or AOTA) write \
                the code";
    match policy {
        UnknownCodes::Refuse => Finding::refused("unknown_code", message).hint(hint),
        UnknownCodes::Unclassified => Finding::warning(
            "unknown_code",
            format!("{message}; counted as unclassified"),
        ),
    }
}

/// A main code beside its own extended codes: who of the first belongs to the second is not known.
fn report_mixed(
    series: &Series,
    leaves: &Categories,
    options: &CohortOptions,
    findings: &mut Vec<Finding>,
) {
    let counts = leaves.counts();
    let present: Vec<(&str, u64)> = leaves
        .labels
        .iter()
        .zip(&counts)
        .filter_map(|(label, count)| label.as_deref().map(|l| (l, *count)))
        .collect();
    let mixed = mixed_findings(&options.codes, &present).into_iter();
    findings.extend(mixed.map(|finding| finding.column(series.name())));
}

/// What is said of main codes beside their own extended codes, given the rows of each code.
pub(crate) fn mixed_findings(codes: &CodeSet, present: &[(&str, u64)]) -> Vec<Finding> {
    let CodeSet::Ethnicity(set) = codes else {
        return Vec::new();
    };
    let finding = |plain: &str, plain_n: u64, extended_n: u64| {
        let share = 100.0 * plain_n as f64 / (plain_n + extended_n).max(1) as f64;
        let somali = if plain == "BAFR" {
            "; a Somali group (BSOM) and its all others are then both incomplete"
        } else {
            ""
        };
        Finding::warning(
            "plain_beside_extended",
            format!(
                "about {share:.0} % of the rows under `{plain}` have no extended code although \
                 others have{somali}"
            ),
        )
        .hint("ask which schools use the authority's extended codes: all of them should, or none")
    };
    let mixed = set.plain_beside_extended(present).into_iter();
    mixed
        .map(|m| finding(m.plain, m.plain_n, m.extended_n))
        .collect()
}

/// No column plays the role of ethnicity.
pub(crate) fn missing(found: &Found) -> Finding {
    let finding = Finding::refused("missing_column", "there is no column of ethnicity codes");
    match found
        .nearest("ethnicity")
        .or_else(|| found.nearest("ethnic_group"))
    {
        Some(name) => finding.hint(format!("did you mean `{name}`? Say ethnicity=\"{name}\"")),
        None => finding.hint(format!(
            "name it with ethnicity=…; the columns are {}",
            crate::error::quoted(found.all())
        )),
    }
}
