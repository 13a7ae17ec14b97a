//! What one raw cell or label means.

use super::Ethnicity;
use super::aliases::Meaning;
use super::labels;
use super::major::{ChineseRule, Major, major};
use super::meaning::{GroupLevel, Recognised, Unclassified};

/// Beginnings of labels of other characteristics, as the absence and exclusions files write them.
const OTHER_CHARACTERISTICS: [&str; 9] = [
    "age",
    "disadvantage",
    "first language",
    "fsm",
    "gender",
    "idaci",
    "nc year",
    "sen",
    "sex",
];

/// What published files write ahead of a group, longest first, with the level it tells.
const PREFIXES: [(&str, Option<GroupLevel>); 9] = [
    ("ethnicity | minor group", Some(GroupLevel::Main)),
    ("ethnicity | major group", Some(GroupLevel::Major)),
    ("ethnic group | minor", Some(GroupLevel::Main)),
    ("ethnic group | major", Some(GroupLevel::Major)),
    ("ethnicity minor", Some(GroupLevel::Main)),
    ("ethnicity major", Some(GroupLevel::Major)),
    ("ethnic minor", Some(GroupLevel::Main)),
    ("ethnic major", Some(GroupLevel::Major)),
    ("ethnicity", None),
];

impl Ethnicity {
    /// Returns what one raw cell means, without a hint of its level.
    ///
    /// The same as [`recognise`](Self::recognise) with no level.
    ///
    /// # Example: codes, refusals and what is not known
    /// ```
    /// use disprop::codes::{Ethnicity, Recognised, Unclassified};
    /// let set = Ethnicity::default();
    /// assert_eq!(set.classify("WROM"), Recognised::Leaf("WROM"));
    /// assert_eq!(set.classify("REFU"), Recognised::Unclassified(Unclassified::Refused));
    /// assert_eq!(set.classify(""), Recognised::Unclassified(Unclassified::Blank));
    /// assert_eq!(set.classify("XXXX"), Recognised::Unknown);
    /// ```
    pub fn classify(&self, raw: &str) -> Recognised<'_> {
        self.recognise(raw, None)
    }

    /// Returns what one raw cell or label means, in a column of groups of `level`.
    ///
    /// Case, space, underscores, dashes and slashes do not matter; nor do "Ethnicity Minor" ahead of a label or "Total"
    /// behind it. Beyond that a label is known or it is not: there is no matching by resemblance. Where the label itself
    /// says "Major" or "Minor", that overrides `level`.
    ///
    /// # Example: the level decides what the label leaves open
    /// ```
    /// use disprop::codes::{Ethnicity, GroupLevel, Major, Recognised};
    /// let set = Ethnicity::default();
    /// assert_eq!(set.recognise("Chinese", Some(GroupLevel::Major)), Recognised::Major(Major::Chinese));
    /// assert_eq!(set.recognise("Chinese", Some(GroupLevel::Main)), Recognised::Main("CHNE"));
    /// assert!(matches!(set.recognise("Chinese", None), Recognised::Ambiguous { .. }));
    /// ```
    pub fn recognise(&self, raw: &str, level: Option<GroupLevel>) -> Recognised<'_> {
        let raw = labels::trim(raw);
        if raw.is_empty() {
            return Recognised::Unclassified(Unclassified::Blank);
        }
        match self.find(raw).map(|c| c.code) {
            Some("REFU") => return Recognised::Unclassified(Unclassified::Refused),
            Some("NOBT") => return Recognised::Unclassified(Unclassified::NotObtained),
            Some(code) => return Recognised::Leaf(code),
            None => {}
        }
        if raw.len() > labels::LONGEST {
            return Recognised::Unknown;
        }
        let key = labels::key(raw);
        if OTHER_CHARACTERISTICS
            .iter()
            .any(|other| strip(&key, other).is_some())
        {
            return Recognised::NotEthnicity;
        }
        match self.label_meaning(&key, level) {
            Recognised::Unknown if self.cross(raw).is_some() => Recognised::Crossed,
            meaning => meaning,
        }
    }

    /// Returns what a label means, given as a key.
    pub(super) fn label_meaning(&self, key: &str, level: Option<GroupLevel>) -> Recognised<'_> {
        let prefix = PREFIXES
            .iter()
            .find_map(|(p, told)| strip(key, p).map(|rest| (rest, *told)));
        let (rest, told) = prefix.unwrap_or((key, None));
        let Some(mut found) = self.meanings(rest) else {
            return Recognised::Unknown;
        };
        if let Some(told) = told {
            // "Ethnicity Major Indian" contradicts itself; it is not Indian.
            found.retain(|m| {
                m.level()
                    .is_none_or(|l| (l == GroupLevel::Major) == (told == GroupLevel::Major))
            });
        }
        choose(found, told.or(level))
    }

    /// Returns every meaning of a label, prefixes of the file taken off.
    fn meanings(&self, key: &str) -> Option<Vec<Recognised<'_>>> {
        if let Some(addition) = self.additions().iter().find(|a| a.key == key) {
            return Some(vec![Recognised::Extended(&addition.code)]);
        }
        if let Some(found) = labels::meanings(key) {
            return Some(found.iter().map(meaning).collect());
        }
        let bare = strip_end(key, "total").or_else(|| strip_end(key, "pupils"));
        if let Some(found) = bare.and_then(labels::meanings) {
            return Some(found.iter().map(meaning).collect());
        }
        // "All White" is the total row of a major group; "All other" could be the rest of anything.
        if let Some([Meaning::Major(group)]) = strip(key, "all").and_then(labels::meanings) {
            return Some(vec![Recognised::Major(*group)]);
        }
        if let Some((family, part)) = key.split_once(" | ") {
            return self.part_of(family, &part.replace(" | ", " "));
        }
        let (family, part) = key.split_once(' ')?;
        // Without a separator only these four read as a family: "other Chinese" is a group of its own.
        if !matches!(family, "white" | "mixed" | "asian" | "black") {
            return None;
        }
        self.part_of(family, part)
    }

    /// Returns what a part means within a major group: "Indian" in "Asian - Indian".
    ///
    /// The part has to belong to that group, so that "White - Indian" stays unknown.
    fn part_of(&self, family: &str, part: &str) -> Option<Vec<Recognised<'_>>> {
        let group = labels::meanings(family)?.iter().find_map(|m| match m {
            Meaning::Major(group) => Some(*group),
            _ => None,
        });
        let group = group?;
        if matches!(part, "other" | "any other") {
            return residual(group).map(|code| vec![Recognised::Main(code)]);
        }
        let part = strip_end(part, "total").unwrap_or(part);
        if let Some(addition) = self.additions().iter().find(|a| a.key == part) {
            return self
                .belongs(&addition.code, group)
                .then(|| vec![Recognised::Extended(&addition.code)]);
        }
        let found = labels::meanings(part)?.iter().filter(|m| match m {
            Meaning::Code(code) => self.belongs(code, group),
            Meaning::Combined(codes) => codes.iter().all(|code| self.belongs(code, group)),
            _ => false,
        });
        let found: Vec<_> = found.map(meaning).collect();
        (!found.is_empty()).then_some(found)
    }

    /// Returns whether a code is counted in a major group by some file.
    ///
    /// Chinese counts as Asian, as its own group, and as Other, where the classification of 2001 had it.
    fn belongs(&self, code: &str, group: Major) -> bool {
        let Some(main) = self.main_of(code) else {
            return false;
        };
        let chinese =
            main == "CHNE" && matches!(group, Major::Asian | Major::Chinese | Major::Other);
        chinese || major(main, ChineseRule::InAsian) == Some(group)
    }
}

/// Returns the main code of everyone else in a major group.
fn residual(group: Major) -> Option<&'static str> {
    match group {
        Major::White => Some("WOTH"),
        Major::Mixed => Some("MOTH"),
        Major::Asian => Some("AOTH"),
        Major::Black => Some("BOTH"),
        Major::Other => Some("OOTH"),
        Major::Chinese => None,
    }
}

/// Returns the public form of a meaning.
fn meaning(meaning: &Meaning) -> Recognised<'static> {
    match *meaning {
        Meaning::Major(group) => Recognised::Major(group),
        Meaning::Code(code) if major(code, ChineseRule::InAsian).is_some() => {
            Recognised::Main(code)
        }
        Meaning::Code(code) => Recognised::Extended(code),
        Meaning::Combined(codes) => Recognised::Combined(codes),
        Meaning::Minority(white) => Recognised::MinorityEthnic(white),
        Meaning::NotMinority => Recognised::NotMinority,
        Meaning::Total => Recognised::Total,
        Meaning::Unclassified(why) => Recognised::Unclassified(why),
        Meaning::OtherCharacteristic => Recognised::NotEthnicity,
    }
}

/// Returns the one meaning the level leaves, or all of them as ambiguous.
fn choose(mut found: Vec<Recognised<'_>>, level: Option<GroupLevel>) -> Recognised<'_> {
    if found.len() > 1
        && let Some(level) = level
    {
        let at = |m: &Recognised<'_>| m.level() == Some(level);
        // A column of main codes or of codes as collected also holds groups of the other of the two levels.
        let code = |m: &Recognised<'_>| level != GroupLevel::Major && m.code().is_some();
        if found.iter().any(at) {
            found.retain(at);
        } else if found.iter().any(code) {
            found.retain(code);
        }
    }
    match found.len() {
        0 => Recognised::Unknown,
        1 => found.swap_remove(0),
        _ => Recognised::Ambiguous { candidates: found },
    }
}

/// Returns what follows a whole word or words at the start of a key.
fn strip<'k>(key: &'k str, start: &str) -> Option<&'k str> {
    let rest = key.strip_prefix(start)?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix(' ').map(|r| r.trim_start_matches("| "))
    }
}

/// Returns what precedes a whole word or words at the end of a key, where there is something.
pub(super) fn strip_end<'k>(key: &'k str, end: &str) -> Option<&'k str> {
    let rest = key
        .strip_suffix(end)?
        .strip_suffix(' ')?
        .trim_end_matches(" |");
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::WhiteMinorities;

    fn at(raw: &str, level: Option<GroupLevel>) -> String {
        format!("{:?}", Ethnicity::default().recognise(raw, level))
    }

    #[test]
    fn a_label_of_one_group_needs_no_level() {
        let set = Ethnicity::default();
        for (raw, code) in [
            ("Black Caribbean", "BCRB"),
            ("Caribbean", "BCRB"),
            ("Ethnicity Minor Black Caribbean", "BCRB"),
            ("Asian - Bangaladeshi", "ABAN"),
            ("Mixed - White and Black Carribean", "MWBC"),
            ("Gypsy Romany", "WROM"),
            ("White\u{a0}British", "WBRI"),
            ("Ethnicity_White_British", "WBRI"),
            ("white:irish traveller", "WIRT"),
            ("Ethnic group: minor: African", "BAFR"),
            ("Pakistani pupils", "APKN"),
        ] {
            assert_eq!(set.classify(raw), Recognised::Main(code), "{raw}");
        }
        assert_eq!(set.classify("Somali"), Recognised::Extended("BSOM"));
        assert_eq!(set.classify("Turkish"), Recognised::Extended("WTUK"));
        assert_eq!(
            set.classify("Turkish/Turkish Cypriot"),
            Recognised::Extended("WTUR")
        );
    }

    #[test]
    fn the_level_decides_and_a_label_that_says_its_level_wins() {
        let (major, main, extended) = (
            Some(GroupLevel::Major),
            Some(GroupLevel::Main),
            Some(GroupLevel::Extended),
        );
        assert_eq!(at("Any other Mixed background", major), "Major(Mixed)");
        assert_eq!(at("Any other Mixed background", main), "Main(\"MOTH\")");
        assert_eq!(at("Ethnicity Minor Chinese", major), "Main(\"CHNE\")");
        assert_eq!(at("Ethnicity Major Chinese", main), "Major(Chinese)");
        assert_eq!(at("Other Asian", main), "Main(\"AOTH\")");
        assert_eq!(at("Other Asian", extended), "Extended(\"AOTA\")");
        assert_eq!(at("Other ethnic group", main), "Main(\"OOTH\")");
        assert_eq!(at("Other ethnic group", extended), "Extended(\"OOEG\")");
        assert_eq!(at("Indian", major), "Main(\"AIND\")");
    }

    #[test]
    fn a_major_group_is_never_taken_for_its_largest_part() {
        assert_eq!(at("White", Some(GroupLevel::Main)), "Major(White)");
        assert_eq!(at("Ethnicity Minor White", None), "Unknown");
        assert_eq!(at("Ethnicity Major Indian", None), "Unknown");
        assert_eq!(at("White - Indian", None), "Unknown");
    }

    #[test]
    fn all_other_pupils_are_no_ethnic_group() {
        assert_eq!(at("All other pupils", None), "Unknown");
        assert_eq!(at("All other", None), "Unknown");
        assert_eq!(at("All pupils", None), "Total");
        assert_eq!(at("All White", None), "Major(White)");
    }

    #[test]
    fn separator_and_slash_tell_three_groups_apart() {
        assert_eq!(at("Other - Chinese", None), "Main(\"CHNE\")");
        assert_eq!(at("Other Chinese", None), "Extended(\"COCH\")");
        assert_eq!(at("Other/Chinese", None), "Combined([\"CHNE\", \"OOTH\"])");
    }

    #[test]
    fn minorities_are_told_by_whether_white_ones_count() {
        for (raw, white) in [
            ("Ethnicity Minority ethnic pupil", WhiteMinorities::Included),
            ("Ethnicity_Minority_Ethnic_Group", WhiteMinorities::Included),
            (
                "Ethnic Minority Group (including white minorities)",
                WhiteMinorities::Included,
            ),
            (
                "Ethnic minorities (excluding white minorities)",
                WhiteMinorities::Excluded,
            ),
            ("Ethnic minority", WhiteMinorities::NotStated),
        ] {
            assert_eq!(
                Ethnicity::default().classify(raw),
                Recognised::MinorityEthnic(white),
                "{raw}"
            );
        }
    }

    #[test]
    fn every_way_of_saying_no_group_is_unclassified() {
        for raw in [
            "REFU",
            "nobt",
            "UNCL",
            "INVA",
            "MISS",
            "N/A ",
            "",
            " ",
            "\u{feff}",
            "Unclassified",
            "Unknown",
            "Refused",
            "Information not yet obtained",
            "Ethnicity Unclassified",
        ] {
            assert!(at(raw, None).starts_with("Unclassified"), "{raw}");
        }
    }
}
