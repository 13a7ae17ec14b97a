//! What the values of an ethnicity column mean: English codes, or groups of one's own.

use super::{Ethnicity, Major, Recognised, Unclassified};

/// What the values of the ethnicity column mean.
#[derive(Debug, Clone)]
pub enum CodeSet {
    /// Codes or labels of ethnic groups in England.
    Ethnicity(Box<Ethnicity>),
    /// Groups of one's own: every distinct value is one, blank and `UNCL` are unclassified.
    Own,
}

impl Default for CodeSet {
    fn default() -> Self {
        CodeSet::Ethnicity(Box::default())
    }
}

/// Whether a leaf code stands for a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeafKind {
    /// A group.
    Classified,
    /// Refused, not obtained or missing.
    Unclassified,
    /// Everyone, as a published total row says; other leaves are parts of it.
    Total,
}

/// The code under which pupils without any recorded ethnicity are kept.
pub const UNCLASSIFIED: &str = "UNCL";
/// The code under which a published total row is kept.
pub const TOTAL: &str = "TOTAL";

impl CodeSet {
    /// Returns the leaf code that a pupil's raw value stands for, or nothing where it is unknown.
    ///
    /// # Example: a label of a main group, and a refusal
    /// ```
    /// use disprop::codes::{CodeSet, LeafKind};
    /// let set = CodeSet::default();
    /// let black_caribbean = Some(("BCRB".to_string(), LeafKind::Classified));
    /// assert_eq!(set.leaf(Some("Black Caribbean")), black_caribbean);
    /// assert_eq!(set.leaf(Some("REFU")).map(|leaf| leaf.1), Some(LeafKind::Unclassified));
    /// assert_eq!(set.leaf(Some("Carribbean?")), None);
    /// ```
    pub fn leaf(&self, raw: Option<&str>) -> Option<(String, LeafKind)> {
        let unclassified = |code: &str| Some((code.to_owned(), LeafKind::Unclassified));
        let Some(raw) = raw else {
            return unclassified(UNCLASSIFIED);
        };
        let CodeSet::Ethnicity(set) = self else {
            // The code a blank was given is no group when it comes round again.
            return match raw {
                UNCLASSIFIED => unclassified(UNCLASSIFIED),
                group => Some((group.to_owned(), LeafKind::Classified)),
            };
        };
        let classified = |code: &str| Some((code.to_owned(), LeafKind::Classified));
        match set.classify(raw) {
            Recognised::Leaf(code) if !set.is_classified(code) => unclassified(code),
            Recognised::Leaf(code) | Recognised::Main(code) | Recognised::Extended(code) => {
                classified(code)
            }
            // These two majors are one main group each: the same pupils under one name.
            Recognised::Major(Major::Chinese) => classified("CHNE"),
            Recognised::Major(Major::Other) => classified("OOTH"),
            Recognised::Major(major) => classified(major.label()),
            // "Any other Mixed background" is how a main group is printed, word for word.
            Recognised::Ambiguous { .. } => classified(set.main_printed_as(raw)?),
            Recognised::Unclassified(Unclassified::Refused) => unclassified("REFU"),
            Recognised::Unclassified(Unclassified::NotObtained) => unclassified("NOBT"),
            Recognised::Unclassified(_) => unclassified(UNCLASSIFIED),
            _ => None,
        }
    }

    /// Returns the name of a leaf code in print.
    pub fn label(&self, code: &str) -> String {
        match self {
            CodeSet::Ethnicity(set) => set.label(code).unwrap_or(code).to_owned(),
            CodeSet::Own => code.to_owned(),
        }
    }

    /// Returns how many labels of one's own differ from an earlier one in letter case only.
    ///
    /// They are one group to a reader and two to a machine, so each would stand among the others
    /// of the other. English codes and labels are recognised whatever their case.
    pub(crate) fn alike(&self, labels: &[Option<String>]) -> usize {
        if matches!(self, CodeSet::Ethnicity(_)) {
            return 0;
        }
        let mut seen = std::collections::BTreeSet::new();
        labels
            .iter()
            .flatten()
            .filter(|label| !seen.insert(label.to_lowercase()))
            .count()
    }
}
