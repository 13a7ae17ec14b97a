//! What a reader needs to judge a method that is in no list of functions: it needs more than two
//! tallies and a level, or its scale is its own.

/// A method in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Stable name, as it stands in result columns and options.
    pub id: &'static str,
    /// Name in prose.
    pub label: &'static str,
    /// The formula in plain text.
    pub formula: &'static str,
    /// Author, year and equation.
    pub source: &'static str,
    /// Where it is a good choice.
    pub when_to_use: &'static str,
    /// Where it is not.
    pub when_not: &'static str,
}
