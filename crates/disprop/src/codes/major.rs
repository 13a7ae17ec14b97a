//! Major groups, and which of them Chinese pupils are counted in.

/// A major ethnic group, the coarsest level DfE publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Major {
    /// White.
    White,
    /// Mixed or multiple ethnic groups.
    Mixed,
    /// Asian or Asian British; with or without Chinese as the [`ChineseRule`] says.
    Asian,
    /// Black, African, Caribbean or Black British.
    Black,
    /// Chinese as a major group of its own, as in files up to about 2021/22.
    Chinese,
    /// Any other ethnic group.
    Other,
}

impl Major {
    /// Every major group, in DfE's order.
    pub const ALL: [Major; 6] = [
        Major::White,
        Major::Mixed,
        Major::Asian,
        Major::Black,
        Major::Chinese,
        Major::Other,
    ];

    /// Returns the harmonised label DfE prints for the group.
    ///
    /// # Source
    /// DfE, eesyscreener, acceptable values of `ethnicity_major`; `Chinese` from the older files.
    ///
    /// # Example: the label a result prints
    /// ```
    /// use disprop::codes::Major;
    /// assert_eq!(Major::Mixed.label(), "Mixed / Multiple ethnic groups");
    /// ```
    pub fn label(self) -> &'static str {
        match self {
            Major::White => "White",
            Major::Mixed => "Mixed / Multiple ethnic groups",
            Major::Asian => "Asian / Asian British",
            Major::Black => "Black / African / Caribbean / Black British",
            Major::Chinese => "Chinese",
            Major::Other => "Other ethnic group",
        }
    }
}

/// Which major group Chinese pupils are counted in.
///
/// The two rules give different Asian groups, so a comparison over years must hold to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ChineseRule {
    /// Within Asian, as in DfE's harmonised labels (the default).
    #[default]
    InAsian,
    /// A major group of their own, as in files up to about 2021/22 and in LAIT.
    OwnMajor,
}

/// Returns the major group of a main code.
///
/// `None` for `REFU` and `NOBT`. Spelled out rather than read off the first letter, which `CHNE` would break.
pub(super) fn major(main: &str, rule: ChineseRule) -> Option<Major> {
    match main {
        "WBRI" | "WIRI" | "WIRT" | "WROM" | "WOTH" => Some(Major::White),
        "MWBC" | "MWBA" | "MWAS" | "MOTH" => Some(Major::Mixed),
        "AIND" | "APKN" | "ABAN" | "AOTH" => Some(Major::Asian),
        "CHNE" if rule == ChineseRule::OwnMajor => Some(Major::Chinese),
        "CHNE" => Some(Major::Asian),
        "BCRB" | "BAFR" | "BOTH" => Some(Major::Black),
        "OOTH" => Some(Major::Other),
        _ => None,
    }
}
