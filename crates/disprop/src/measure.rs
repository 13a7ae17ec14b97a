//! What is measured: one entry of facts from which arithmetic, documentation and output follow.
//!
//! A [`Measure`] is data. The [`catalogue`] holds the published ones; an authority's own is a few
//! lines of TOML or JSON and needs no code.
//!
//! # Example: an authority's own measure
//! ```
//! let measure = disprop::Measure::from_toml(r#"
//!     id = "club_member"
//!     label = "Pupils in an after-school club"
//!     polarity = "higher_is_better"
//!     quantity = { flag = { column = "club" } }
//! "#)?;
//! assert_eq!(measure.decimals, 1);
//! # Ok::<(), disprop::Error>(())
//! ```

mod catalogue;

use serde::{Deserialize, Serialize};

pub use catalogue::catalogue;

use crate::error::Error;
use crate::finding::nearest;

/// Returns the catalogue's measure with this id (or alias, such as `pa_rate`).
///
/// # Errors
/// `measure.unknown`, with the nearest id.
pub fn measure(id: &str) -> Result<Measure, Error> {
    let wanted = id.trim().to_ascii_lowercase();
    catalogue()
        .iter()
        .find(|m| m.id == wanted || m.aliases.contains(&wanted))
        .cloned()
        .ok_or_else(|| {
            let ids: Vec<&str> = catalogue()
                .iter()
                .flat_map(|m| std::iter::once(&m.id).chain(&m.aliases))
                .map(String::as_str)
                .collect();
            Error::UnknownMeasure {
                found: id.into(),
                suggestion: nearest(id, &ids).map(Into::into),
            }
        })
}

/// One measure: how it is computed, printed and read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Stable name, lower snake case.
    pub id: String,
    /// Other ids under which it is known.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Name in print.
    pub label: String,
    /// Stage of education.
    #[serde(default)]
    pub phase: Phase,
    /// Arithmetic over the columns of the data.
    pub quantity: Quantity,
    /// Flag column that says who counts, used where the data have it (1 counts, anything else not).
    #[serde(default)]
    pub eligible: Option<String>,
    /// Unit in print; its factor turns the inner 0–1 into percent.
    #[serde(default)]
    pub unit: Unit,
    /// Decimal places in print.
    #[serde(default = "one_decimal")]
    pub decimals: u8,
    /// Which direction is favourable.
    pub polarity: Polarity,
    /// Whether zero means none, so that a ratio has a meaning (it has none for Progress 8).
    #[serde(default = "yes")]
    pub ratio_scale: bool,
    /// How several rows of one pupil in one year become one, where a row is a pupil.
    #[serde(default)]
    pub movers: Movers,
    /// Years that cannot be compared across.
    #[serde(default)]
    pub breaks: Vec<SeriesBreak>,
    /// Where the definition comes from.
    #[serde(default)]
    pub source: String,
}

fn one_decimal() -> u8 {
    1
}

fn yes() -> bool {
    true
}

/// How the value is made from columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Quantity {
    /// Ratio of two sums: sessions missed over sessions possible.
    Share {
        /// Column summed above the line.
        numerator: String,
        /// Column summed below the line; rows where it is zero do not count.
        denominator: String,
        /// Whether the numerator is what is left of the denominator (attendance of absence).
        #[serde(default)]
        complement: bool,
    },
    /// Proportion of rows whose numerator is at least a fraction of their denominator.
    Threshold {
        /// Column compared.
        numerator: String,
        /// Column it is compared with; rows where it is zero do not count.
        denominator: String,
        /// Numerator and denominator of the fraction: `[1, 10]` for one tenth.
        at_least: [u32; 2],
    },
    /// Number of events over number of rows.
    Count {
        /// Column of counts.
        column: String,
    },
    /// Proportion of rows with at least so many events.
    CountAtLeast {
        /// Column of counts.
        column: String,
        /// Smallest count that has the outcome.
        at_least: u32,
    },
    /// Proportion of rows where a column is 1.
    Flag {
        /// Column of 0 and 1.
        column: String,
    },
    /// Mean of a column.
    Score {
        /// Column of values.
        column: String,
    },
}

impl Quantity {
    /// Returns the columns it reads.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Quantity::Share {
                numerator,
                denominator,
                ..
            }
            | Quantity::Threshold {
                numerator,
                denominator,
                ..
            } => vec![numerator, denominator],
            Quantity::Count { column }
            | Quantity::CountAtLeast { column, .. }
            | Quantity::Flag { column }
            | Quantity::Score { column } => vec![column],
        }
    }

    /// Returns the family of its tallies when they are made from pupil rows.
    pub fn family(&self) -> Family {
        match self {
            Quantity::Share { .. } => Family::Ratio,
            Quantity::Count { .. } | Quantity::Score { .. } => Family::Mean,
            Quantity::Threshold { .. } | Quantity::CountAtLeast { .. } | Quantity::Flag { .. } => {
                Family::Proportion
            }
        }
    }

    /// Returns the family of its tallies when they are made from published counts.
    ///
    /// Sums without squares are a [`Family::Rate`], whatever they sum.
    pub fn published_family(&self) -> Family {
        match self.family() {
            Family::Proportion => Family::Proportion,
            _ => Family::Rate,
        }
    }

    /// Returns whether events are counted, so that a Poisson interval fits their sums.
    pub fn counts_events(&self) -> bool {
        matches!(self, Quantity::Count { .. })
    }
}

/// The four families of tallies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Events among trials.
    Proportion,
    /// Values with their squares.
    Mean,
    /// Two sums with their second moments.
    Ratio,
    /// Published sums without second moments.
    Rate,
}

impl Family {
    /// Returns its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Family::Proportion => "proportion",
            Family::Mean => "mean",
            Family::Ratio => "ratio",
            Family::Rate => "rate",
        }
    }
}

/// Stage of education a measure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Phase {
    #[default]
    All,
    Reception,
    KeyStage2,
    KeyStage4,
    KeyStage5,
    HigherEducation,
    Workforce,
}

impl Phase {
    /// Returns its name in print.
    pub fn label(self) -> &'static str {
        match self {
            Phase::All => "all phases",
            Phase::Reception => "Reception",
            Phase::KeyStage2 => "key stage 2",
            Phase::KeyStage4 => "key stage 4",
            Phase::KeyStage5 => "16–18",
            Phase::HigherEducation => "higher education",
            Phase::Workforce => "workforce",
        }
    }
}

/// Unit in which values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Percent; differences are percentage points.
    #[default]
    Percent,
    /// Events per so many pupils.
    Per(u32),
    /// Points, as they are.
    Points,
    /// A bare number, as they are.
    Number,
}

impl Unit {
    /// Returns what an inner value is multiplied with to be printed.
    pub fn factor(self) -> f64 {
        match self {
            Unit::Percent => 100.0,
            Unit::Per(n) => f64::from(n),
            Unit::Points | Unit::Number => 1.0,
        }
    }

    /// Returns the unit of a value, as text.
    pub fn label(self) -> String {
        match self {
            Unit::Percent => "%".into(),
            Unit::Per(n) => format!("per {n}"),
            Unit::Points => "points".into(),
            Unit::Number => String::new(),
        }
    }

    /// Returns the unit of a difference, as text.
    pub fn difference_label(self) -> String {
        match self {
            Unit::Percent => "percentage points".into(),
            other => other.label(),
        }
    }
}

/// Which direction of a measure is favourable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// More is better, as in attainment.
    HigherIsBetter,
    /// Less is better, as in absence.
    LowerIsBetter,
    /// Neither without context, as in workforce shares.
    Neither,
}

impl Polarity {
    /// Returns +1, −1 or 0, the sign of a favourable difference.
    pub fn sign(self) -> f64 {
        match self {
            Polarity::HigherIsBetter => 1.0,
            Polarity::LowerIsBetter => -1.0,
            Polarity::Neither => 0.0,
        }
    }
}

/// How a pupil's rows at several schools in one year become one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movers {
    /// Added for sums and counts, taken once for flags and scores.
    #[default]
    ByQuantity,
    /// Taken once: every row repeats the pupil's one value, or holds none.
    Once,
}

/// A year from which a series cannot be compared with earlier ones, or a year out of line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesBreak {
    /// First calendar year of the first academic year concerned: 2021 for 2021/22.
    pub from: u16,
    /// Last such year, where the note is about a stretch; a new series has none.
    #[serde(default)]
    pub until: Option<u16>,
    /// What changed.
    pub note: String,
}

impl Measure {
    /// Returns the measure that this TOML describes.
    ///
    /// # Errors
    /// `measure.bad` for text that is not a measure, or one that does not hold together.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let parsed: Result<Measure, _> = toml::from_str(text);
        parsed
            .map_err(|e| unreadable("toml", e.message()))
            .and_then(Measure::checked)
    }

    /// Returns the measure that this JSON describes.
    ///
    /// # Errors
    /// `measure.bad` for text that is not a measure, or one that does not hold together.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let parsed: Result<Measure, _> = serde_json::from_str(text);
        parsed
            .map_err(|e| unreadable("json", &e.to_string()))
            .and_then(Measure::checked)
    }

    /// Returns the measure if it holds together.
    ///
    /// # Errors
    /// `measure.bad` for an id that is not snake case, an empty column, a fraction without
    /// denominator, or more than six decimals.
    pub fn checked(self) -> Result<Self, Error> {
        let bad = |problem: &str| Error::BadMeasure {
            id: self.id.clone(),
            problem: problem.into(),
        };
        let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.id.is_empty() || !self.id.chars().all(snake) {
            return Err(bad("an id is lower case letters, digits and `_`"));
        }
        if self.quantity.columns().iter().any(|c| c.is_empty()) {
            return Err(bad("a column name is empty"));
        }
        if let Quantity::Threshold {
            at_least: [_, 0], ..
        } = self.quantity
        {
            return Err(bad(
                "`at_least` is [numerator, denominator] and the second is zero",
            ));
        }
        if self.decimals > 6 {
            return Err(bad("at most six decimals are exact"));
        }
        if self.unit == Unit::Per(0) {
            return Err(bad("`per` is zero"));
        }
        Ok(self)
    }

    /// Returns the note of a new series that begins between two years, or in the later one.
    pub fn break_between(&self, earlier: &str, later: &str) -> Option<&str> {
        let (earlier, later) = (academic_year(earlier)?, academic_year(later)?);
        self.breaks
            .iter()
            .find(|b| b.until.is_none() && earlier < b.from && b.from <= later)
            .map(|b| b.note.as_str())
    }

    /// Returns whether a year is out of line though the series goes on before and after it.
    pub fn is_out_of_line(&self, year: &str) -> bool {
        let start = academic_year(year);
        let within = |b: &SeriesBreak| {
            b.until
                .zip(start)
                .is_some_and(|(until, year)| (b.from..=until).contains(&year))
        };
        self.breaks.iter().any(within)
    }

    /// Returns what must be said of a year of this measure: a break or a stretch out of line.
    pub fn note_on(&self, year: &str) -> Option<&str> {
        let start = academic_year(year)?;
        self.breaks
            .iter()
            .find(|b| match b.until {
                Some(until) => (b.from..=until).contains(&start),
                None => b.from == start,
            })
            .map(|b| b.note.as_str())
    }
}

fn unreadable(format: &str, problem: &str) -> Error {
    Error::BadMeasure {
        id: format!("({format})"),
        problem: problem.trim().replace('\n', " "),
    }
}

/// Returns the first calendar year of an academic year: 2022 for `2022/23`, `202223`, `2022-2023`.
///
/// A lone `2023` is the year in which the academic year ends, as DfE's calendar-year files use it.
pub fn academic_year(text: &str) -> Option<u16> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let first: u16 = digits.get(..4)?.parse().ok()?;
    let first = (1900..2200).contains(&first).then_some(first)?;
    match digits.len() {
        4 => Some(first - 1),
        6 | 8 => Some(first),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_read_in_every_spelling() {
        for text in ["2022/23", "202223", "2022-2023", "2022 to 2023", "2023"] {
            assert_eq!(academic_year(text), Some(2022), "{text}");
        }
        assert_eq!(academic_year("Autumn"), None);
        assert_eq!(academic_year("99"), None);
    }

    #[test]
    fn a_wrong_definition_says_what_is_wrong() {
        let text =
            r#"{"id": "x", "label": "X", "polarity": "up", "quantity": {"flag": {"column": "c"}}}"#;
        let error = Measure::from_json(text).unwrap_err();
        assert_eq!(error.code(), "measure.bad");
        assert!(error.to_string().contains("higher_is_better"), "{error}");
    }

    #[test]
    fn aliases_and_slips_are_known() {
        assert_eq!(measure("pa_rate").unwrap().id, "persistent_absence");
        let hint = measure("persistant_absence").unwrap_err().hint().unwrap();
        assert_eq!(hint, "did you mean `persistent_absence`?");
    }
}
