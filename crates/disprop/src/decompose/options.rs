//! How gaps are taken apart, and the choices behind it.

use disprop_stats::decompose::Weighting;

use crate::error::Error;
use crate::gaps::GapOptions;

/// How a gap is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Split {
    /// Composition and rate, symmetric between the two sides. Kitagawa (1955).
    #[default]
    Kitagawa,
    /// Explained, by dimension, and unexplained. Oaxaca (1973), Blinder (1973).
    OaxacaBlinder(Weighting),
    /// Endowments, coefficients and their interaction, seen from the baseline.
    ThreeFold,
    /// Within schools and between them; the strata are schools.
    WithinBetween,
}

impl Split {
    /// Returns its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Split::Kitagawa => "kitagawa",
            Split::OaxacaBlinder(_) => "oaxaca_blinder",
            Split::ThreeFold => "three_fold",
            Split::WithinBetween => "within_between",
        }
    }

    /// Returns the split of a name, the baseline's coefficients being the yardstick.
    ///
    /// # Errors
    /// `option.bad`, with the names there are.
    pub fn find(id: &str) -> Result<Self, Error> {
        let all = [
            Split::Kitagawa,
            Split::OaxacaBlinder(Weighting::Baseline),
            Split::ThreeFold,
            Split::WithinBetween,
        ];
        let known = all.into_iter().find(|split| split.id() == id);
        known.ok_or_else(|| Error::Option {
            option: "method",
            found: id.into(),
            expected: crate::error::quoted(&all.map(|s| s.id().to_owned())),
        })
    }
}

/// The choices behind a decomposition.
#[derive(Debug, Clone, Default)]
pub struct DecomposeOptions {
    /// Groups, baseline (all others, or one group), level and the rest.
    pub gaps: GapOptions,
    /// Dimensions to take the gap apart over; for `WithinBetween` the schools.
    pub over: Vec<String>,
    /// How.
    pub split: Split,
    /// Dimension of schools, where intervals are to allow for pupils of one school being alike;
    /// `WithinBetween` does so of itself.
    pub cluster: Option<String>,
}
