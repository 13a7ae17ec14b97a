//! The answers a recogniser can give.

use super::Major;

/// The level of the groups a column holds, where the caller knows it.
///
/// It decides between meanings that a label alone leaves open, and nothing else: "Indian" is Indian at every level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupLevel {
    /// Major groups: `ethnicity_major`, `EthnicGroupMajor`.
    Major,
    /// Main codes: `ethnicity_minor`, `EthnicGroupMinor` (DfE calls this level minor).
    Main,
    /// Codes or labels as collected, main and extended side by side: `Ethnicity` of the school census.
    Extended,
}

/// Whether a minority ethnic total counts white minorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhiteMinorities {
    /// It does: everyone but White British.
    Included,
    /// It does not: everyone but White.
    Excluded,
    /// The label leaves it open.
    NotStated,
}

/// Why a pupil or row has no ethnic group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unclassified {
    /// The parent or pupil refused (`REFU`).
    Refused,
    /// Not yet asked or answered (`NOBT`).
    NotObtained,
    /// The cell is empty or holds spaces only. In the EYFSP files such a row is the total instead.
    Blank,
    /// Unknown, unclassified, invalid or missing, in words or as `UNCL`, `INVA`, `MISS`, `NONE`.
    NotStated,
    /// The question does not apply (`N/A`; the empty category of census tables).
    NotApplicable,
}

/// What a raw cell or label stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recognised<'a> {
    /// The cell holds this very code: a pupil coded so, extended codes not included.
    Leaf(&'a str),
    /// A label of a main group: the main code with all its extended codes.
    Main(&'a str),
    /// A label of an extended group.
    Extended(&'a str),
    /// A label of a major group. Whether Asian counts Chinese is up to the file; a [`Major::Chinese`] beside it says no.
    Major(Major),
    /// A label that takes several main groups together; none can be told apart.
    ///
    /// "Gypsy or Irish Traveller" is one: `WIRT` and `WROM`, of which some files list Roma apart.
    Combined(&'static [&'static str]),
    /// Minority ethnic pupils together; overlaps every group but one.
    MinorityEthnic(WhiteMinorities),
    /// Everyone else: White British pupils, in the workforce files' words "not minority ethnic group".
    NotMinority,
    /// Everyone, whether or not an ethnic group is known.
    Total,
    /// No ethnic group.
    Unclassified(Unclassified),
    /// A group crossed with sex or free school meals; see [`Ethnicity::cross`](super::Ethnicity::cross). Its rows are part of the group's own.
    Crossed,
    /// A label of another characteristic in a mixed column, such as "Gender_male".
    NotEthnicity,
    /// The label has several meanings and the level does not decide.
    Ambiguous {
        /// Each meaning.
        candidates: Vec<Recognised<'a>>,
    },
    /// Nothing known. No resemblance is taken for a meaning.
    Unknown,
}

impl<'a> Recognised<'a> {
    /// Returns the code, where the cell or label stands for exactly one.
    ///
    /// # Returns None when
    /// it stands for several codes, for none, or its meaning is open.
    ///
    /// # Example: a code and its label lead to the same code
    /// ```
    /// use disprop::codes::Ethnicity;
    /// let set = Ethnicity::default();
    /// assert_eq!(set.classify("BCRB").code(), Some("BCRB"));
    /// assert_eq!(set.classify("Black Caribbean").code(), Some("BCRB"));
    /// assert_eq!(set.classify("Black").code(), None);
    /// ```
    pub fn code(&self) -> Option<&'a str> {
        match self {
            Recognised::Leaf(code) | Recognised::Main(code) | Recognised::Extended(code) => {
                Some(code)
            }
            _ => None,
        }
    }

    /// Returns the level of the group, where it is one group.
    pub(super) fn level(&self) -> Option<GroupLevel> {
        match self {
            Recognised::Major(_) => Some(GroupLevel::Major),
            Recognised::Main(_) => Some(GroupLevel::Main),
            Recognised::Extended(_) => Some(GroupLevel::Extended),
            _ => None,
        }
    }
}
