//! Calls on the code sets that cannot go on.

/// A call on a code set that could not be carried out.
///
/// # Example: two codes cannot share a name
/// ```
/// use disprop::codes::Ethnicity;
/// let error = Ethnicity::default().with_addition("WBRI", "Asian Welsh", "AOTH").unwrap_err();
/// assert_eq!(error.code(), "codes.code_taken");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An added code that the set already holds.
    #[error("the code `{found}` already stands for `{label}`")]
    CodeTaken {
        /// What the caller gave.
        found: String,
        /// The label that code has.
        label: String,
    },
    /// An added code that is no code: empty, or with characters other than letters and digits.
    #[error("`{found}` is not a code; one to eight letters or digits are expected")]
    InvalidCode {
        /// What the caller gave.
        found: String,
    },
    /// An added label that already means something, or nothing at all.
    #[error("the label `{found}` is blank or already means another group; a new label is expected")]
    LabelTaken {
        /// What the caller gave.
        found: String,
    },
    /// A parent that is none of the classified main codes.
    #[error("`{found}` is not one of the 18 main ethnicity codes of a group")]
    UnknownMain {
        /// What the caller gave.
        found: String,
    },
    /// A register mark that no attendance code list holds.
    #[error("`{found}` is not an attendance code; one such as `/`, `\\`, `I` or `C1` is expected")]
    UnknownMark {
        /// The mark as found.
        found: String,
    },
    /// A year, month and day that are no date.
    #[error("{year}-{month}-{day} is not a date of the calendar")]
    InvalidDate {
        /// Year as given.
        year: i32,
        /// Month as given.
        month: u8,
        /// Day as given.
        day: u8,
    },
}

impl Error {
    /// Returns the stable slug of this kind of error; a slug is never reused.
    pub fn code(&self) -> &'static str {
        match self {
            Error::CodeTaken { .. } => "codes.code_taken",
            Error::InvalidCode { .. } => "codes.invalid_code",
            Error::LabelTaken { .. } => "codes.label_taken",
            Error::UnknownMain { .. } => "codes.unknown_main",
            Error::UnknownMark { .. } => "codes.unknown_mark",
            Error::InvalidDate { .. } => "codes.invalid_date",
        }
    }

    /// Returns advice on what to do about it, where there is any.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Error::CodeTaken { .. } | Error::InvalidDate { .. } => None,
            Error::InvalidCode { .. } => Some("give the code as it stands in the pupil file"),
            Error::LabelTaken { .. } => Some("give the label as the code list prints it"),
            Error::UnknownMain { .. } => Some("other Asian is `AOTH`, other Black is `BOTH`"),
            Error::UnknownMark { .. } => {
                Some("codes are upper case; a session without a mark is `-` or empty")
            }
        }
    }
}
