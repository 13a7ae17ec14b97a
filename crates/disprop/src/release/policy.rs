//! What a publisher asks of disclosure control, as data.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Who will see an output: it decides how much the log may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The team that holds the pupil data: the log names every row with its kind of rule.
    Internal,
    /// Governors and members: as the public, on paper that is not published.
    Governors,
    /// Anyone: the log says which kinds of rule were at work, not on which row.
    #[default]
    Public,
}

impl Audience {
    /// Returns its name in TOML and in print.
    pub fn name(self) -> &'static str {
        match self {
            Audience::Internal => "internal",
            Audience::Governors => "governors",
            Audience::Public => "public",
        }
    }
}

/// A disclosure policy: which figures are withheld, and how far apart a reader's bounds on a
/// withheld count must stay.
///
/// Thresholds differ between authorities and no current DfE text fixes them, so there is no
/// default: a policy is a preset by name or states its threshold (DOMAIN 12, 16).
///
/// # Example: counts below 5 are withheld, zeros are shown
/// ```
/// use disprop::release::Policy;
/// let policy = Policy::preset("lt5")?;
/// assert_eq!((policy.threshold, policy.show_zeros), (5, true));
/// let own = Policy::from_toml("name = \"ours\"\nthreshold = 6\nshow_zeros = false")?;
/// assert_ne!(own.hash(), policy.hash());
/// # Ok::<(), disprop::Error>(())
/// ```
///
/// # Example: a threshold is needed
/// ```
/// use disprop::release::Policy;
/// assert_eq!(Policy::from_toml("show_zeros = true").unwrap_err().code(), "policy.bad");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name, stamped on every output.
    #[serde(default = "own")]
    pub name: String,
    /// Counts from 1 to one less than this are withheld; 0 withholds nothing and needs a reason.
    pub threshold: u32,
    /// Whether true zeros (and "all of them") may be shown.
    #[serde(default = "yes")]
    pub show_zeros: bool,
    /// Whether pupils *without* the outcome are tested as those with it are.
    #[serde(default = "yes")]
    pub complement: bool,
    /// Shown counts of pupils are rounded to a multiple of this; 1 leaves them.
    #[serde(default = "one")]
    pub round_to: u32,
    /// Fewest pupils behind a mean, a rate or a share of sessions; the threshold where not given.
    #[serde(default)]
    pub minimum_for_means: Option<u32>,
    /// Largest share of the sum behind a mean or a share of sessions that one pupil may account
    /// for; not asked where nothing is said.
    ///
    /// Tallies do not hold the largest contribution, but their squares bound it, so a row is
    /// withheld where one pupil *may* have more. Sums that are not positive (scores either side of
    /// zero) and published sums without squares cannot be asked; the minimum stands for them.
    #[serde(default)]
    pub dominance: Option<f64>,
    /// Least distance between the bounds a reader can work out for a withheld count; the
    /// threshold where not given.
    #[serde(default)]
    pub protection: Option<u32>,
    /// Who will see the outputs.
    #[serde(default)]
    pub audience: Audience,
    /// Why nothing is withheld, where nothing is.
    #[serde(default)]
    pub reason: Option<String>,
}

fn own() -> String {
    "own".into()
}
fn yes() -> bool {
    true
}
fn one() -> u32 {
    1
}

/// Names of the presets, with what they stand for.
pub const PRESETS: [(&str, &str); 4] = [
    ("lt5", "counts of 1 to 4 are withheld; zeros are shown"),
    ("lt6", "counts of 1 to 5 are withheld; zeros are shown"),
    (
        "lt10",
        "counts of 1 to 9 are withheld; zeros are shown (NPD outputs)",
    ),
    (
        "dfe_legacy",
        "counts of 1 and 2 are withheld, shown counts are rounded to 5 (older DfE files)",
    ),
];

impl Policy {
    /// Returns a policy with this threshold and every other choice at its default.
    ///
    /// # Errors
    /// `policy.bad` for a threshold of 0, which takes [`Policy::none`] and a reason, or of 1,
    /// which would withhold nothing.
    pub fn new(threshold: u32) -> Result<Self, Error> {
        Policy {
            name: format!("lt{threshold}"),
            threshold,
            show_zeros: true,
            complement: true,
            round_to: 1,
            minimum_for_means: None,
            dominance: None,
            protection: None,
            audience: Audience::default(),
            reason: None,
        }
        .checked()
    }

    /// Returns the preset of this name.
    ///
    /// # Errors
    /// `option.bad`, naming those there are.
    pub fn preset(name: &str) -> Result<Self, Error> {
        match name {
            "lt5" => Policy::new(5),
            "lt6" => Policy::new(6),
            "lt10" => Policy::new(10),
            "dfe_legacy" => Policy {
                name: name.into(),
                round_to: 5,
                ..Policy::new(3)?
            }
            .checked(),
            other => Err(Error::Option {
                option: "preset",
                found: other.into(),
                expected: format!(
                    "{}; nothing withheld takes `none` and a reason",
                    PRESETS.map(|(name, _)| name).join(", ")
                ),
            }),
        }
    }

    /// Returns the policy that withholds nothing, for this reason.
    ///
    /// # Errors
    /// `policy.bad` where the reason is blank.
    pub fn none(reason: &str) -> Result<Self, Error> {
        Policy {
            name: "none".into(),
            threshold: 0,
            complement: false,
            reason: Some(reason.trim().into()),
            ..Policy::new(5)?
        }
        .checked()
    }

    /// Returns the policy that this TOML describes.
    ///
    /// # Errors
    /// `policy.bad` for text that is not a policy, or one that does not hold together.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let parsed: Result<Policy, _> = toml::from_str(text);
        parsed
            .map_err(|e| Error::BadPolicy {
                name: "(toml)".into(),
                problem: e.message().trim().replace('\n', " "),
            })
            .and_then(Policy::checked)
    }

    /// Returns it as TOML, which [`Policy::from_toml`] takes back.
    pub fn to_toml(&self) -> String {
        // A flat table of numbers, flags and text always serialises.
        toml::to_string(self).unwrap_or_default()
    }

    /// Returns the policy if it holds together.
    ///
    /// # Errors
    /// `policy.bad`, saying which field is wrong.
    pub fn checked(self) -> Result<Self, Error> {
        let bad = |problem: &str| {
            Err(Error::BadPolicy {
                name: self.name.clone(),
                problem: problem.into(),
            })
        };
        let reasoned = self.reason.as_ref().is_some_and(|r| !r.trim().is_empty());
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return bad("its name is blank or holds control characters");
        }
        if self.threshold == 0 && !reasoned {
            return bad("a threshold of 0 withholds nothing, and needs a `reason`");
        }
        if self.threshold == 1 {
            return bad("a threshold of 1 withholds nothing; take 2 or more, or 0 with a `reason`");
        }
        if self.threshold > 1_000 {
            return bad("`threshold` is above 1000");
        }
        if self.round_to == 0 {
            return bad("`round_to` is 0; 1 leaves counts as they are");
        }
        if self.protection.is_some_and(|p| !(2..=10_000).contains(&p)) && self.threshold > 0 {
            return bad("`protection` is 2 to 10000");
        }
        if self.dominance.is_some_and(|d| !(d > 0.0 && d <= 1.0)) {
            return bad("`dominance` is a share above 0 and up to 1, such as 0.5");
        }
        Ok(self)
    }

    /// Returns a fingerprint of every choice in it: 16 hexadecimal digits, the same everywhere.
    ///
    /// # Formula
    /// FNV-1a, 64 bits, over the bytes of [`Policy::to_toml`]. It tells policies apart and guards
    /// against slips; it is no signature.
    pub fn hash(&self) -> String {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = self.to_toml().bytes().fold(0xcbf2_9ce4_8422_2325, fold);
        format!("{hash:016x}")
    }

    /// Returns whether anything is withheld at all.
    pub fn withholds(&self) -> bool {
        self.threshold > 1
    }

    /// Returns the least distance between a reader's bounds on a withheld count.
    pub fn width(&self) -> i64 {
        match self.withholds() {
            true => i64::from(self.protection.unwrap_or(self.threshold)),
            false => 0,
        }
    }

    /// Returns the fewest pupils behind a mean or a rate.
    pub fn minimum(&self) -> i64 {
        i64::from(self.minimum_for_means.unwrap_or(self.threshold))
    }

    /// Returns whether a count may not be shown.
    pub fn is_small(&self, count: i64) -> bool {
        self.withholds()
            && (count == 0 && !self.show_zeros || count > 0 && count < i64::from(self.threshold))
    }

    /// Returns what it does, in plain sentences for a note under a table.
    pub fn describe(&self) -> String {
        if !self.withholds() {
            return format!(
                "Nothing is withheld: {}.",
                self.reason
                    .as_deref()
                    .unwrap_or_default()
                    .trim_end_matches('.')
            );
        }
        let most = self.threshold - 1;
        let mut said = vec![format!(
            "Figures that rest on 1 to {most} pupils or events are withheld, and so are others \
             without which a withheld count could be narrowed to a range of less than {}.",
            self.width()
        )];
        if self.complement {
            said.push("The same holds for pupils without the outcome.".into());
        }
        said.push(
            match self.show_zeros {
                true => "Zeros are shown.",
                false => "Zeros are withheld as well.",
            }
            .into(),
        );
        if let Some(minimum) = self.minimum_for_means {
            said.push(format!("Means and rates need {minimum} pupils."));
        }
        if let Some(dominance) = self.dominance {
            let share = crate::number::plain(100.0 * dominance);
            said.push(format!(
                "A mean, and a share of sessions, is withheld where one pupil may account for more \
                 than {share} % of its sum."
            ));
        }
        if self.round_to > 1 {
            said.push(format!(
                "Numbers of pupils are rounded to the nearest {}.",
                self.round_to
            ));
        }
        said.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_and_toml_say_the_same() {
        for (name, _) in PRESETS {
            let policy = Policy::preset(name).unwrap();
            assert_eq!(Policy::from_toml(&policy.to_toml()).unwrap(), policy);
            assert_eq!(policy.hash().len(), 16);
        }
        assert_eq!(Policy::preset("lt7").unwrap_err().code(), "option.bad");
    }

    #[test]
    fn a_policy_that_withholds_nothing_says_why() {
        assert_eq!(Policy::none("  ").unwrap_err().code(), "policy.bad");
        let none = Policy::none("published already").unwrap();
        assert!(!none.is_small(1) && none.describe().contains("published already"));
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        for text in [
            "threshold = 1",
            "threshold = 0",
            "threshold = 5\nround_to = 0",
            "threshold = 5\ndominance = 1.5",
            "threshold = 5\ndominance = 0",
            "threshold = 5\nprotection = 1",
            "threshold = 5\nname = ' '",
            "threshold = -5",
            "threshold = 5\nthresold = 6",
            "no_threshold = true",
        ] {
            assert_eq!(
                Policy::from_toml(text).unwrap_err().code(),
                "policy.bad",
                "{text}"
            );
        }
    }
}
