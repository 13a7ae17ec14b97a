//! How a label is brought to a form to look up, and what it stands for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::aliases::{ALIASES, Meaning};
use super::table::CODES;

/// Every spelling, in the form [`key`] gives, with all its meanings.
static LABELS: LazyLock<BTreeMap<String, Vec<Meaning>>> = LazyLock::new(|| {
    let mut labels: BTreeMap<String, Vec<Meaning>> = BTreeMap::new();
    let mut put = |label: &str, meaning: Meaning| {
        let key = key(label);
        // Files that write underscores for spaces lose the slash: "Gypsy_Roma". A combination must keep its own.
        let slashless = key.replace(" / ", " ");
        let both = slashless != key && !matches!(meaning, Meaning::Combined(_));
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
            put(code.label, Meaning::Code(code.code));
            // "Black - Somali" is "Somali" too; "White - British" is "White British".
            if let Some((family, rest)) = code.label.split_once(" - ") {
                put(rest, Meaning::Code(code.code));
                put(&format!("{family} {rest}"), Meaning::Code(code.code));
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

/// Bytes beyond which a text is no label; a cell without end is not taken to pieces to find that out.
pub(super) const LONGEST: usize = 1_000;

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
