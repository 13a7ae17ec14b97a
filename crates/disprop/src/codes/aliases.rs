//! Every spelling of an ethnic group that published files use.
//!
//! The list holds what was seen, never a rule that guesses. In brackets, where it was seen: DfE's
//! review-school-college reference data [R]; EES screener values and data dictionary [E]; absence, exclusions, EYFSP,
//! KS4, school census and workforce files 2011/12–2021/22 [F]; ONS Census 2021 [O]; Ethnicity facts and figures,
//! classification lookups [L]; NPD data tables [N]. Spellings without a mark are plain forms of one with.
//!
//! A spelling under two meanings is ambiguous on purpose: the caller's [`GroupLevel`](super::GroupLevel) decides.

use super::{Major, Unclassified, WhiteMinorities};

/// What one spelling can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Major(Major),
    Code(&'static str),
    Combined(&'static [&'static str]),
    Minority(WhiteMinorities),
    NotMinority,
    Total,
    Unclassified(Unclassified),
    OtherCharacteristic,
}

use Meaning::{Code, Combined, Minority, NotMinority, OtherCharacteristic, Total};

/// Spellings beside the labels of the code list itself.
pub(super) const ALIASES: &[(Meaning, &[&str])] = &[
    // Major groups. Codes WHIT, MIXD … are NPD's `EthnicGroupMajor` [N].
    (Meaning::Major(Major::White), &["White", "WHIT"]),
    (
        Meaning::Major(Major::Mixed),
        &[
            "Mixed",
            "MIXD",
            "Mixed / Multiple ethnic groups",
            "Mixed / Multiple ethnic group",      // [L]
            "Mixed / Multiple ethnic background", // [L]
            "Mixed or Multiple",                  // [L]
            "Mixed or Multiple ethnic groups",    // [O]
            "Mixed ethnic groups",                // [L]
            "Mixed Dual Background",              // [F] level 2 and 3 by 19
            "Any other Mixed background",         // [F] workforce: its label for the major group
        ],
    ),
    (
        Meaning::Major(Major::Asian),
        &[
            "Asian",
            "ASIA",
            "Asian / Asian British",
            "Asian or Asian British",
            "Asian, Asian British or Asian Welsh", // [O]
        ],
    ),
    (
        Meaning::Major(Major::Black),
        &[
            "Black",
            "BLAC",
            "Black / African / Caribbean / Black British",
            "Black or Black British",
            "Black African / Caribbean / Black British", // [L]
            "Black / Black British",                     // [L]
            "Black, African, Caribbean or Black British", // [L]
            "Black, Black British, Black Welsh, Caribbean or African", // [O]
        ],
    ),
    (Meaning::Major(Major::Chinese), &["Chinese", "CHIN"]),
    (
        Meaning::Major(Major::Other),
        &[
            "Other",
            "AOEG",
            "Other ethnic group",
            "Other ethnic groups",     // [L]
            "Other ethnicity",         // [L]
            "Any other ethnic group",  // [F] absence, workforce: a major group without "Total"
            "All other ethnic groups", // [E] the total row of that major group
        ],
    ),
    // White.
    (
        Code("WBRI"),
        &[
            "White British",
            "British",                                               // [R]
            "English / Welsh / Scottish / Northern Irish / British", // [E]
            "English, Welsh, Scottish, Northern Irish or British",   // [O]
            "English, Scottish, Welsh, Northern Irish, British",     // [L]
        ],
    ),
    (Code("WCOR"), &["Cornish", "White Cornish"]),
    (Code("WENG"), &["English", "White English"]),
    (OtherCharacteristic, &["English"]), // [F] EYFSP: a first language
    (Code("WNIR"), &["Northern Irish"]),
    (Code("WSCO"), &["Scottish"]),
    (Code("WWEL"), &["Welsh"]),
    (Code("WIRI"), &["Irish", "White Irish"]),
    (Code("WIRT"), &["Irish Traveller"]),
    // [F] "Gypsy Romany" is EYFSP's label for the main code.
    (
        Code("WROM"),
        &["Gypsy or Roma", "Gypsy Romany", "Gypsy and Roma"],
    ),
    (
        Code("WOTH"),
        &[
            "Any other White",
            "White any other",
            "White other",
            "Other White",
        ],
    ),
    (Code("WOTW"), &["Other White"]), // [R]
    (
        Combined(&["WIRT", "WROM"]),
        &[
            "Gypsy or Irish Traveller",            // [E, O]
            "Gypsy, Irish Traveller",              // [L]
            "Gypsy / Traveller / Irish Traveller", // [L]
            "Gypsy / Traveller",                   // [L]
        ],
    ),
    (
        Combined(&["WIRI", "WIRT", "WROM", "WOTH"]),
        &["White non-British"],
    ), // [L]
    // Mixed. "Carribean" is a typo of the school census FSM file 2021/22 [F].
    (
        Code("MWBC"),
        &[
            "White and Black Carribean",
            "Mixed White/Black Caribbean",
            "White/Black Caribbean",
        ],
    ),
    (
        Code("MWBA"),
        &["Mixed White/Black African", "White/Black African"],
    ),
    (Code("MWAS"), &["Mixed White/Asian", "Mixed - White/Asian"]),
    (
        Code("MOTH"),
        &[
            "Any other Mixed / Multiple ethnic background", // [E]
            "Any other Mixed",
            "Other Mixed",
            "Mixed other",
            "Other Mixed background",
            "Other Mixed or Multiple ethnic groups", // [O]
        ],
    ),
    (Code("MOTM"), &["Other Mixed", "Mixed other"]),
    (Combined(&["MWBC", "MWBA"]), &["Mixed White/Black"]), // [L]
    // Asian. "Bangaladeshi" is a typo of the school census FSM file 2021/22 [F].
    (Code("ABAN"), &["Bangaladeshi"]),
    (Code("CHNE"), &["Asian Chinese"]), // [L]
    (
        Code("AOTH"),
        &["Any other Asian", "Asian other", "Other Asian"],
    ),
    (Code("AOTA"), &["Asian other"]),
    (Code("ASNL"), &["Sinhalese"]), // [R]
    (
        Combined(&["APKN", "ABAN"]),
        &["Pakistani and Bangladeshi", "Pakistani / Bangladeshi"],
    ), // [L]
    (
        Combined(&["AIND", "APKN", "ABAN", "AOTH"]),
        &["Asian excluding Chinese"],
    ), // [L]
    (
        Combined(&["AIND", "APKN", "ABAN", "CHNE", "AOTH"]),
        &["Asian (incl. Chinese)"],
    ),
    (Combined(&["CHNE", "AOTH"]), &["Asian other inc Chinese"]), // [L]
    // Black.
    (Code("BCRB"), &["Caribbean"]),
    (Code("BAFR"), &["African"]),
    (
        Code("BOTH"),
        &[
            "Any other Black",
            "Any other Black / African / Caribbean background", // [E]
            "Black other",
            "Other Black",
        ],
    ),
    (Code("BOTB"), &["Black other"]),
    // Other. The census counts Arab pupils of every country; the code list has `OARA` "Arab other" for those without
    // a code of their own country.
    (Code("OARA"), &["Arab"]),
    (Code("OAFG"), &["Afghanistani"]),
    (Code("OLAM"), &["Latin American"]),
    (
        Code("OOTH"),
        &[
            "Any other",
            "Any other ethnicity",
            "Other any other", // [L]
            "Other",
            "Other ethnic group",
        ],
    ),
    (
        Combined(&["CHNE", "OOTH"]),
        &[
            "Chinese or other", // [L]
            "Chinese or other ethnic group",
            "Chinese and other",
            "Other inc Chinese",
            "Other inc. Chinese",
            "Other (including Chinese)",
            "Other/Chinese",
        ],
    ),
    // Minority ethnic. DfE's pupil files count every group but White British: checked, 20 of 20 cells of absence 2016/17.
    (
        Minority(WhiteMinorities::Included),
        &[
            "Minority ethnic pupil",
            "Minority ethnic pupils",
            "Minority ethnic group",
            "Ethnic Minority Group (including white minorities)", // [F] workforce
            "Ethnic minorities (including white minorities)",
            "Other than White British", // [L]
        ],
    ),
    (
        Minority(WhiteMinorities::Excluded),
        &[
            "Ethnic minorities (excluding white minorities)", // [E]
            "Ethnic minority (exc. white minorities)",
            "Ethnic minority (excl. white minorities)",
            "Ethnic minority (other than white ethnic minority)",
            "Non-White",
            "Other than White",
        ],
    ),
    (
        Minority(WhiteMinorities::NotStated),
        &[
            "Ethnic minority", // [L] from here on
            "Ethnic minorities",
            "All ethnic minorities",
            "All other ethnic groups", // the 2018 lookup gives it this meaning and one more
            "BAME",
            "BME",
        ],
    ),
    (
        NotMinority,
        &["Not Minority Ethnic Group", "Not minority ethnic"],
    ), // [F] workforce
    (
        Total,
        &[
            "Total",
            "All",
            "All pupils",
            "All ethnic groups", // [L] from here on
            "All ethnicity",
            "All ethnicities",
            "All groups",
            "All England",
            "All - England",
            "All - England's average",
            "All aged 16 and over",
            "All categories: ethnic group",
        ],
    ),
    (
        Meaning::Unclassified(Unclassified::Refused),
        &[
            "Refused",
            "Refused or prefer not to say",
            "Prefer not to say",
        ],
    ),
    (
        Meaning::Unclassified(Unclassified::NotObtained),
        &[
            "Information not yet obtained",
            "Not yet obtained",
            "Information Not Obtained (Default)",
        ],
    ),
    (
        Meaning::Unclassified(Unclassified::NotStated),
        &[
            "UNCL",
            "INVA",
            "MISS",
            "NONE",
            "?",
            "Unclassified",
            "Unknown",
            "Not known",
            "Unknown ethnicity",
            "Not supplied",
            "Supplied as NONE",
            "Not recorded",
            "Not recorded/unknown",
            "Not reported",
            "Unreported",
            "Not stated",
            "Not stated/invalid",
            "Not known / prefer not to say",
            "Not known/not provided",
            "Unmatched",
            "Missing",
        ],
    ),
    (
        Meaning::Unclassified(Unclassified::NotApplicable),
        &["N/A", "Not applicable", "Does not apply"],
    ),
];
