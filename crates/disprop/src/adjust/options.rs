//! How gaps are adjusted, and the choices behind it.

use crate::error::Error;
use crate::gaps::GapOptions;
use crate::measure::Family;

/// How a gap is adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Method {
    /// One common gap over strata, Mantel–Haenszel: proportions only.
    MantelHaenszel,
    /// The baseline reweighted to the group's own mix of strata.
    Standardised,
    /// Least squares on the characteristics, each on its own.
    LeastSquares,
    /// Logistic regression on the characteristics, each on its own: proportions only.
    Logistic,
    /// Poisson regression with log link on the characteristics, each on its own.
    Poisson,
}

impl Method {
    /// Every method, in order.
    pub const ALL: [Method; 5] = [
        Method::MantelHaenszel,
        Method::Standardised,
        Method::LeastSquares,
        Method::Logistic,
        Method::Poisson,
    ];

    /// Returns its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Method::MantelHaenszel => "mantel_haenszel",
            Method::Standardised => "standardised",
            Method::LeastSquares => "least_squares",
            Method::Logistic => "logistic",
            Method::Poisson => "poisson",
        }
    }

    /// Returns the method of a name.
    ///
    /// # Errors
    /// `option.bad`, with the names there are.
    pub fn find(id: &str) -> Result<Self, Error> {
        let known = Method::ALL.into_iter().find(|method| method.id() == id);
        known.ok_or_else(|| Error::Option {
            option: "methods",
            found: id.into(),
            expected: crate::error::quoted(&Method::ALL.map(|m| m.id().to_owned())),
        })
    }

    /// Returns whether it can be used on a family.
    pub fn applies(self, family: Family) -> bool {
        match self {
            Method::MantelHaenszel | Method::Logistic => family == Family::Proportion,
            Method::Standardised | Method::LeastSquares | Method::Poisson => true,
        }
    }

    /// The one used for a family where nothing is said.
    pub(super) fn usual(family: Family) -> Self {
        match family {
            Family::Proportion => Method::MantelHaenszel,
            Family::Mean | Family::Ratio => Method::LeastSquares,
            Family::Rate => Method::Standardised,
        }
    }
}

/// The choices behind adjusted gaps.
#[derive(Debug, Clone, Default)]
pub struct AdjustOptions {
    /// Groups, baseline (all others, or one group), level and the rest.
    pub gaps: GapOptions,
    /// Dimensions whose every combination is a stratum.
    pub strata: Vec<String>,
    /// Methods, one row each; where empty, Mantel–Haenszel for proportions, least squares for means
    /// and ratios of sums, standardisation for published sums.
    pub methods: Vec<Method>,
    /// Dimension of schools, where intervals are to allow for pupils of one school being alike.
    pub cluster: Option<String>,
}
