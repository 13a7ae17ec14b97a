//! The one error type of this crate: calls that cannot go on.
//!
//! A number that merely does not exist is no error; see
//! [`NotCalculable`](crate::estimate::NotCalculable).

/// A call that could not be carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A confidence level outside the open interval (0, 1).
    #[error("level `{found}` is not between 0 and 1")]
    Level {
        /// What the caller gave.
        found: f64,
    },
    /// A sum left the range of its integer.
    #[error("the sum of `{quantity}` is larger than {bits} bits hold")]
    Overflow {
        /// Which sum.
        quantity: &'static str,
        /// Width of the integer.
        bits: u32,
    },
    /// Two tallies of different families were added or subtracted.
    #[error("a `{found}` tally cannot be combined with a `{expected}` tally")]
    FamilyMismatch {
        /// Family on the right of the operation.
        found: &'static str,
        /// Family on the left of the operation.
        expected: &'static str,
    },
    /// A method name that no list holds.
    #[error("there is no method `{found}` here; there are {known}")]
    UnknownMethod {
        /// What the caller gave.
        found: String,
        /// The methods that exist for this family and scale, comma separated.
        known: String,
    },
}

impl Error {
    /// Returns the stable slug of this kind of error; a slug is never reused.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Level { .. } => "stats.level",
            Error::Overflow { .. } => "stats.overflow",
            Error::FamilyMismatch { .. } => "stats.family_mismatch",
            Error::UnknownMethod { .. } => "stats.unknown_method",
        }
    }

    /// Returns advice on what to do about it, where there is any.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Level { found } if *found > 1.0 && *found < 100.0 => {
                Some(format!("write {} for {found} %", found / 100.0))
            }
            Error::Level { .. } => Some("the usual level is 0.95".into()),
            Error::Overflow { .. } => {
                Some("check the columns for values that are not plausible".into())
            }
            Error::FamilyMismatch { .. } | Error::UnknownMethod { .. } => None,
        }
    }
}
