//! Every spelling of an ethnic group that published files use, and how a label is brought to a form to look up.
//!
//! The list holds what was seen, never a rule that guesses. Spellings come from (in brackets the mark used below):
//! the code list itself; DfE's review-school-college reference data [R]; EES screener values and data dictionary [E];
//! absence, exclusions, EYFSP, KS4, school census and workforce files 2011/12–2021/22 [F]; ONS Census 2021 [O];
//! Ethnicity facts and figures, classification lookup [L]; NPD data tables [N].
//!
//! A spelling under two meanings is ambiguous on purpose: the caller's [`GroupLevel`](super::GroupLevel) decides.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::CODES;
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
const ALIASES: &[(Meaning, &[&str])] = &[
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

/// Every spelling, in the form [`key`] gives, with all its meanings.
static LABELS: LazyLock<BTreeMap<String, Vec<Meaning>>> = LazyLock::new(|| {
    let mut labels: BTreeMap<String, Vec<Meaning>> = BTreeMap::new();
    let mut put = |label: &str, meaning: Meaning| {
        let key = key(label);
        // Files that write underscores for spaces lose the slash: "Gypsy_Roma". A combination must keep its own.
        let slashless = key.replace(" / ", " ");
        let both = slashless != key && !matches!(meaning, Combined(_));
        for key in both.then_some(slashless).into_iter().chain([key]) {
            let held = labels.entry(key).or_default();
            if !held.contains(&meaning) {
                held.push(meaning);
            }
        }
    };
    for (meaning, spellings) in ALIASES {
        for spelling in *spellings {
            put(spelling, *meaning);
        }
    }
    for code in &CODES {
        // Their labels stand for no group, and are listed above.
        if !matches!(code.code, "REFU" | "NOBT") {
            put(code.label, Code(code.code));
            // "Black - Somali" is "Somali" too; "White - British" is "White British".
            if let Some((family, rest)) = code.label.split_once(" - ") {
                put(rest, Code(code.code));
                put(&format!("{family} {rest}"), Code(code.code));
            }
        }
    }
    labels
});

/// Returns what a spelling in the form of [`key`] stands for.
pub(super) fn meanings(key: &str) -> Option<&'static [Meaning]> {
    LABELS.get(key).map(Vec::as_slice)
}

/// Returns `text` without outer space, including the marks of byte order and width that spreadsheets leave behind.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// Returns the form a label is looked up in: lower case, words with one space, ` | ` where a group ends and its part
/// begins ("Asian - Indian", "White: Irish").
///
/// The separator is kept because "Other - Chinese" (Chinese, in the older Other) is not "Other Chinese" (`COCH`), and the
/// slash because "Other/Chinese" (both together) is neither.
/// U+FFFD stands for a byte that was lost; in the files seen it was a no-break space.
pub(super) fn key(label: &str) -> String {
    let label = trim(label);
    let mut out = String::with_capacity(label.len());
    let mut before = ' ';
    let mut rest = label.chars().peekable();
    while let Some(c) = rest.next() {
        let spaced = before.is_whitespace() && rest.peek().is_none_or(|next| next.is_whitespace());
        match c {
            ':' | '|' => out.push_str(" | "),
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' if spaced => out.push_str(" | "),
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push(' '),
            '&' | '+' => out.push_str(" and "),
            '\'' | '\u{2019}' | '\u{feff}' | '\u{200b}' => {}
            '/' => out.push_str(" / "),
            '_' | ',' | ';' | '(' | ')' | '.' | '\u{fffd}' => out.push(' '),
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c.to_ascii_lowercase()),
        }
        before = c;
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(" ").trim_matches(['|', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_the_separator_and_drops_the_dress() {
        assert_eq!(
            key("  Ethnicity_Minor_Gypsy_Roma "),
            "ethnicity minor gypsy roma"
        );
        assert_eq!(key("Asian\u{a0}\u{2013} Indian"), "asian | indian");
        assert_eq!(key("White:Irish"), "white | irish");
        assert_eq!(key("White-British"), "white british");
        assert_eq!(key("White & Asian"), "white and asian");
        assert_eq!(key(" - "), "");
    }

    #[test]
    fn spellings_with_two_meanings_are_these_and_no_others() {
        let ambiguous: Vec<&str> = LABELS
            .iter()
            .filter(|(_, all)| all.len() > 1)
            .map(|(k, _)| k.as_str())
            .collect();
        let expected = [
            "all other ethnic groups",
            "any other ethnic group",
            "any other mixed background",
            "asian other",
            "black other",
            "chinese",
            "english",
            "mixed other",
            "other",
            "other asian",
            "other black",
            "other ethnic group",
            "other mixed",
            "other mixed background",
            "other white",
            "white other",
        ];
        assert_eq!(ambiguous, expected);
    }
}
