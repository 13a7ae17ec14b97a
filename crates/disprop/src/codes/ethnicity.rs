//! The set of ethnicity codes: which code belongs to which main and major group.

use super::Error;
use super::labels;
use super::major::{ChineseRule, Major, major};
use super::table::CODES;

/// One ethnicity code: the leaf facts everything else is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<'a> {
    /// The code as returned by schools, for example `BSOM`.
    pub code: &'a str,
    /// The label DfE prints for it, for example `Black - Somali`.
    pub label: &'a str,
    /// The main code it rolls up to; a main code is its own.
    pub main: &'a str,
}

/// A code an authority uses beyond the published set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addition {
    pub(super) code: String,
    label: String,
    pub(super) key: String,
    main: &'static str,
}

impl Addition {
    fn fact(&self) -> Code<'_> {
        Code {
            code: &self.code,
            label: &self.label,
            main: self.main,
        }
    }
}

/// The ethnicity code set, with the choices a user can make about it.
///
/// The default holds the 20 main and 83 extended codes and counts Chinese pupils within Asian.
///
/// # Example: Somali pupils belong to Black African
/// ```
/// use disprop::codes::{Ethnicity, Major};
/// let set = Ethnicity::default();
/// assert_eq!(set.main_of("BSOM"), Some("BAFR"));
/// assert_eq!(set.major_of("BSOM"), Some(Major::Black));
/// assert_eq!(set.main_of("ZZZZ"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ethnicity {
    rule: ChineseRule,
    additions: Vec<Addition>,
}

impl Ethnicity {
    /// Returns the set with one more extended code.
    ///
    /// Meant for the codes of Asian British, Asian Welsh, Black British and Black Welsh, collected from 2024/25: their
    /// groups are published (`AOTH` and `BOTH`), their four letters could not be verified, so the caller gives them.
    ///
    /// # Errors
    /// `codes.invalid_code`, `codes.code_taken`, `codes.label_taken`, `codes.unknown_main`.
    ///
    /// # Example: a code of the authority's own list
    /// ```
    /// use disprop::codes::{Ethnicity, Recognised};
    /// let set = Ethnicity::default().with_addition("AWEL", "Asian Welsh", "AOTH")?;
    /// assert_eq!(set.classify("awel"), Recognised::Leaf("AWEL"));
    /// assert_eq!(set.classify("Asian Welsh"), Recognised::Extended("AWEL"));
    /// assert!(set.leaves_of_main("AOTH").contains(&"AWEL"));
    /// # Ok::<(), disprop::codes::Error>(())
    /// ```
    pub fn with_addition(mut self, code: &str, label: &str, main: &str) -> Result<Self, Error> {
        let code = code.trim().to_ascii_uppercase();
        if code.is_empty() || code.len() > 8 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Error::InvalidCode { found: code });
        }
        if let Some(taken) = self.find(&code) {
            return Err(Error::CodeTaken {
                label: taken.label.to_owned(),
                found: code,
            });
        }
        let key = labels::key(label);
        // A code that reads as a label (`MISS`, `WHIT`) or a label that has a meaning would make cells ambiguous.
        if labels::meanings(&labels::key(&code)).is_some() {
            return Err(Error::CodeTaken {
                label: "a published label".into(),
                found: code,
            });
        }
        let taken = labels::meanings(&key).is_some()
            || self.find(&key).is_some()
            || self.additions.iter().any(|a| a.key == key);
        if key.is_empty() || taken {
            return Err(Error::LabelTaken {
                found: label.trim().to_owned(),
            });
        }
        let parent = self.find(main).map(|c| c.code).and_then(static_main);
        let Some(parent) = parent.filter(|p| major(p, self.rule).is_some()) else {
            return Err(Error::UnknownMain {
                found: main.trim().to_owned(),
            });
        };
        self.additions.push(Addition {
            code,
            label: label.trim().to_owned(),
            key,
            main: parent,
        });
        Ok(self)
    }

    /// Returns the set with Chinese pupils counted as `rule` says.
    ///
    /// # Example: the older rule
    /// ```
    /// use disprop::codes::{ChineseRule, Ethnicity, Major};
    /// let set = Ethnicity::default().chinese_rule(ChineseRule::OwnMajor);
    /// assert_eq!(set.major_of("CHKC"), Some(Major::Chinese));
    /// assert_eq!(Ethnicity::default().major_of("CHKC"), Some(Major::Asian));
    /// ```
    pub fn chinese_rule(mut self, rule: ChineseRule) -> Self {
        self.rule = rule;
        self
    }

    /// Returns the rule for Chinese pupils in force.
    pub fn rule(&self) -> ChineseRule {
        self.rule
    }

    /// Returns every code: the published ones in the order of the code list, then the additions as they were made.
    ///
    /// # Example: 20 main and 83 extended codes
    /// ```
    /// use disprop::codes::Ethnicity;
    /// assert_eq!(Ethnicity::default().codes().count(), 103);
    /// ```
    pub fn codes(&self) -> impl Iterator<Item = Code<'_>> {
        CODES
            .iter()
            .copied()
            .chain(self.additions.iter().map(Addition::fact))
    }

    /// Returns the facts of one code; case and outer spaces do not matter.
    ///
    /// # Returns None when
    /// the set holds no such code.
    pub fn find(&self, code: &str) -> Option<Code<'_>> {
        let code = labels::trim(code);
        self.codes().find(|c| c.code.eq_ignore_ascii_case(code))
    }

    /// Returns the label DfE prints for a code.
    ///
    /// # Returns None when
    /// the set holds no such code.
    ///
    /// # Example: a label for a table heading
    /// ```
    /// use disprop::codes::Ethnicity;
    /// assert_eq!(Ethnicity::default().label("WIRT"), Some("Traveller of Irish heritage"));
    /// ```
    pub fn label(&self, code: &str) -> Option<&str> {
        self.find(code).map(|c| c.label)
    }

    /// Returns the main code a code rolls up to; a main code is its own.
    ///
    /// # Returns None when
    /// the set holds no such code.
    pub fn main_of(&self, code: &str) -> Option<&str> {
        self.find(code).map(|c| c.main)
    }

    /// Returns the major group a code belongs to, under the rule for Chinese pupils.
    ///
    /// # Returns None when
    /// the set holds no such code, or the code says that the ethnicity is not known (`REFU`, `NOBT`).
    ///
    /// # Example: refused is no group
    /// ```
    /// use disprop::codes::Ethnicity;
    /// assert_eq!(Ethnicity::default().major_of("REFU"), None);
    /// ```
    pub fn major_of(&self, code: &str) -> Option<Major> {
        self.main_of(code).and_then(|main| major(main, self.rule))
    }

    /// Returns whether a code names a group, and is not one of the two that say the ethnicity is not known.
    pub fn is_classified(&self, code: &str) -> bool {
        self.major_of(code).is_some()
    }

    /// Returns the main code that is printed so, word for word but for case.
    pub(super) fn main_printed_as(&self, label: &str) -> Option<&str> {
        let label = label.trim();
        self.codes()
            .find(|c| c.label.eq_ignore_ascii_case(label) && self.main_of(c.code) == Some(c.code))
            .map(|c| c.code)
    }

    /// Returns a main code with all its extended codes, the main code first.
    ///
    /// Empty when `main` is not a main code: an extended code has no leaves but itself.
    ///
    /// # Example: what "Black African" is made of
    /// ```
    /// use disprop::codes::Ethnicity;
    /// let set = Ethnicity::default();
    /// let leaves = set.leaves_of_main("BAFR");
    /// assert_eq!(leaves.first(), Some(&"BAFR"));
    /// assert_eq!(leaves.len(), 9);
    /// assert!(set.leaves_of_main("BSOM").is_empty());
    /// ```
    pub fn leaves_of_main(&self, main: &str) -> Vec<&str> {
        let main = labels::trim(main);
        self.codes()
            .filter(|c| c.main.eq_ignore_ascii_case(main))
            .map(|c| c.code)
            .collect()
    }

    /// Returns every code of a major group, under the rule for Chinese pupils.
    ///
    /// [`Major::Chinese`] always gives the Chinese codes, also where the rule counts them within Asian: an older table
    /// with a Chinese row means those pupils.
    ///
    /// # Example: Asian with and without Chinese
    /// ```
    /// use disprop::codes::{ChineseRule, Ethnicity, Major};
    /// let set = Ethnicity::default();
    /// let older = set.clone().chinese_rule(ChineseRule::OwnMajor);
    /// assert!(set.leaves_of_major(Major::Asian).contains(&"CHNE"));
    /// assert!(!older.leaves_of_major(Major::Asian).contains(&"CHNE"));
    /// assert_eq!(set.leaves_of_major(Major::Chinese), older.leaves_of_major(Major::Chinese));
    /// ```
    pub fn leaves_of_major(&self, group: Major) -> Vec<&str> {
        let rule = if group == Major::Chinese {
            ChineseRule::OwnMajor
        } else {
            self.rule
        };
        self.codes()
            .filter(|c| major(c.main, rule) == Some(group))
            .map(|c| c.code)
            .collect()
    }

    /// Returns the 20 main codes, `REFU` and `NOBT` last.
    pub fn main_codes(&self) -> Vec<&str> {
        self.codes()
            .filter(|c| c.code == c.main)
            .map(|c| c.code)
            .collect()
    }

    /// Returns the extended codes: 83, and the additions.
    pub fn extended_codes(&self) -> Vec<&str> {
        self.codes()
            .filter(|c| c.code != c.main)
            .map(|c| c.code)
            .collect()
    }

    /// Returns the additions, for the recogniser.
    pub(super) fn additions(&self) -> &[Addition] {
        &self.additions
    }
}

/// Returns a main code as it stands in the table, so that it outlives the call.
fn static_main(code: &str) -> Option<&'static str> {
    CODES
        .iter()
        .find(|c| c.code == code && c.main == code)
        .map(|c| c.main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addition_may_not_clash_with_what_is_known() {
        let code = |code, label, main| {
            Ethnicity::default()
                .with_addition(code, label, main)
                .unwrap_err()
                .code()
        };
        assert_eq!(code("bsom", "New", "BOTH"), "codes.code_taken");
        assert_eq!(code("MISS", "New", "BOTH"), "codes.code_taken");
        assert_eq!(code("B-WE", "New", "BOTH"), "codes.invalid_code");
        assert_eq!(code("", "New", "BOTH"), "codes.invalid_code");
        assert_eq!(code("BWEL", "Somali", "BOTH"), "codes.label_taken");
        assert_eq!(code("BWEL", "BSOM", "BOTH"), "codes.label_taken");
        assert_eq!(code("BWEL", " ", "BOTH"), "codes.label_taken");
        assert_eq!(code("BWEL", "Black Welsh", "BSOM"), "codes.unknown_main");
        assert_eq!(code("BWEL", "Black Welsh", "REFU"), "codes.unknown_main");
        assert_eq!(code("BWEL", "Black Welsh", "ZZZZ"), "codes.unknown_main");
    }

    #[test]
    fn the_four_additions_of_2024_25_stand_side_by_side() {
        let mut set = Ethnicity::default();
        for (code, label, main) in [
            ("AAAB", "Asian British", "AOTH"),
            ("AAAW", "Asian Welsh", "AOTH"),
            ("BBBB", "Black British", "BOTH"),
            ("BBBW", "Black Welsh", "BOTH"),
        ] {
            set = set.with_addition(code, label, main).unwrap();
        }
        assert_eq!(set.extended_codes().len(), 87);
        assert_eq!(set.classify("Black - Black Welsh").code(), Some("BBBW"));
        assert_eq!(set.leaves_of_major(Major::Black).len(), 9 + 1 + 4 + 2);
        assert!(
            set.clone()
                .with_addition("BBBX", "black welsh", "BOTH")
                .is_err()
        );
    }

    #[test]
    fn leaves_partition_the_classified_codes_under_either_rule() {
        for rule in [ChineseRule::InAsian, ChineseRule::OwnMajor] {
            let set = Ethnicity::default().chinese_rule(rule);
            let groups = Major::ALL.into_iter();
            let groups = groups.filter(|g| rule == ChineseRule::OwnMajor || *g != Major::Chinese);
            let mut leaves: Vec<&str> = groups.flat_map(|g| set.leaves_of_major(g)).collect();
            leaves.sort_unstable();
            let mut classified: Vec<&str> = set
                .codes()
                .map(|c| c.code)
                .filter(|c| set.is_classified(c))
                .collect();
            classified.sort_unstable();
            assert_eq!(leaves, classified);
            assert_eq!(leaves.len(), 101);
        }
    }
}
