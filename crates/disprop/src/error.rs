//! The one error type of this crate: calls that cannot go on.
//!
//! Problems in the data are [`Finding`]s, gathered and reported together as
//! [`Error::Refused`]; a number that does not exist is a
//! [`NotCalculable`](disprop_stats::NotCalculable).

use crate::finding::Finding;

/// A call that could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data cannot be used as they are; every finding is there, not only the first.
    #[error("{}", refusal(.findings))]
    Refused {
        /// What was found, refusals before warnings.
        findings: Vec<Finding>,
    },
    /// A measure that neither the catalogue nor the caller defines.
    #[error("there is no measure `{found}`")]
    UnknownMeasure {
        /// What the caller gave.
        found: String,
        /// The nearest id.
        suggestion: Option<String>,
    },
    /// A measure whose definition does not hold together.
    #[error("measure `{id}` is not usable: {problem}")]
    BadMeasure {
        /// Its id.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A measure whose columns the data do not have.
    #[error("measure `{measure}` needs {}, which the data do not have", quoted(.columns))]
    MeasureColumns {
        /// Id of the measure.
        measure: String,
        /// The missing columns.
        columns: Vec<String>,
        /// The nearest column that exists.
        suggestion: Option<String>,
    },
    /// A dimension that the tallies or the data do not have.
    #[error("there is no dimension `{found}`; there are {}", nearest_first(.found, .known))]
    UnknownDimension {
        /// What the caller gave.
        found: String,
        /// The dimensions that exist.
        known: Vec<String>,
    },
    /// A group that no code set or label defines.
    #[error("there is no group `{found}`")]
    UnknownGroup {
        /// What the caller gave.
        found: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// An option outside its range or its list.
    #[error("option `{option}` is `{found}`; it takes {expected}")]
    Option {
        /// Name of the option.
        option: &'static str,
        /// What the caller gave.
        found: String,
        /// What it takes.
        expected: String,
    },
    /// Two tallies that do not describe the same things.
    #[error("these tallies cannot be merged: {problem}")]
    Merge {
        /// What differs.
        problem: String,
    },
    /// The cells asked for do not fit the machine.
    #[error("{cells} cells are asked for; the limit is {limit}")]
    TooManyCells {
        /// Product of the sizes of the dimensions.
        cells: u128,
        /// The limit in force.
        limit: u64,
    },
    /// A disclosure policy that does not hold together.
    #[error("policy `{name}` is not usable: {problem}")]
    BadPolicy {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Figures that cannot be released as they are; the message holds no number of theirs.
    #[error("nothing was released: {problem}")]
    Release {
        /// What stands in the way.
        problem: String,
        /// What to do about it.
        advice: Option<String>,
    },
    /// A file or frame that does not hold tallies as they were kept.
    #[error("these are not tallies as disprop kept them: {problem}")]
    Checkpoint {
        /// What is wrong with it.
        problem: String,
    },
    /// A stream that broke off, after which nothing of it may be used.
    #[error("the stream broke off after {rows} rows, and nothing of it is used: {problem}")]
    Broken {
        /// Rows taken in before.
        rows: u64,
        /// Why it broke off.
        problem: String,
    },
    /// A batch whose columns are not those of the batches before.
    #[error("the columns of the stream changed after {rows} rows: {problem}")]
    Changed {
        /// Rows taken in before.
        rows: u64,
        /// What is different.
        problem: String,
    },
    /// Sums that would outgrow the memory allowed.
    #[error("the tallies of {cells} cells need about {needed} MiB; the limit is {limit} MiB")]
    Memory {
        /// Cells so far.
        cells: usize,
        /// Estimate, in MiB.
        needed: u64,
        /// The limit in force, in MiB.
        limit: u64,
    },
    /// Something that an engine outside this library cannot do exactly.
    #[error("this cannot be done exactly in {engine}: {problem}")]
    Engine {
        /// Name of the engine.
        engine: &'static str,
        /// What, and why.
        problem: String,
    },
    /// The caller asked for the work to stop.
    #[error("interrupted; nothing was kept")]
    Interrupted,
    /// From the statistics.
    #[error(transparent)]
    Stats(#[from] disprop_stats::Error),
    /// From the data frame.
    #[error("the data frame could not be used: {0}")]
    Frame(#[from] polars::error::PolarsError),
}

impl Error {
    /// Returns the stable slug of this kind of error; a slug is never reused.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Refused { .. } => "data.refused",
            Error::UnknownMeasure { .. } => "measure.unknown",
            Error::BadMeasure { .. } => "measure.bad",
            Error::MeasureColumns { .. } => "measure.columns",
            Error::UnknownDimension { .. } => "dimension.unknown",
            Error::UnknownGroup { .. } => "group.unknown",
            Error::Option { .. } => "option.bad",
            Error::Merge { .. } => "tallies.merge",
            Error::TooManyCells { .. } => "tallies.too_many_cells",
            Error::BadPolicy { .. } => "policy.bad",
            Error::Release { .. } => "release.refused",
            Error::Checkpoint { .. } => "tallies.checkpoint",
            Error::Broken { .. } => "stream.broken",
            Error::Changed { .. } => "stream.changed",
            Error::Memory { .. } => "stream.memory",
            Error::Engine { .. } => "engine.unsupported",
            Error::Interrupted => "call.interrupted",
            Error::Stats(e) => e.code(),
            Error::Frame(_) => "frame.polars",
        }
    }

    /// Returns advice on what to do about it, where there is any.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Refused { findings } => findings.iter().find_map(|f| f.hint.clone()),
            Error::UnknownMeasure { suggestion, .. } => Some(match suggestion {
                Some(s) => format!("did you mean `{s}`?"),
                None => "`disprop measures` lists them".into(),
            }),
            Error::MeasureColumns {
                suggestion: Some(s),
                columns,
                ..
            } => Some(format!(
                "did you mean `{s}`? Then say so with columns={{\"{}\": \"{s}\"}}",
                columns.first().map_or("", String::as_str)
            )),
            Error::MeasureColumns { columns, .. } => Some(format!(
                "name the column that holds it with columns={{\"{}\": …}}",
                columns.first().map_or("", String::as_str)
            )),
            Error::UnknownDimension { found, known } => {
                crate::finding::nearest(found, known).map(|s| format!("did you mean `{s}`?"))
            }
            Error::UnknownGroup { suggestion, .. } => Some(match suggestion {
                Some(s) => format!("did you mean `{s}`?"),
                None => "`disprop groups` lists codes and labels".into(),
            }),
            Error::TooManyCells { .. } => {
                Some("ask for fewer dimensions at a time, or raise `max_cells`".into())
            }
            Error::Release { advice, .. } => advice.clone(),
            Error::Checkpoint { .. } => Some(
                "take the tallies again from the pupil rows, or from a sound copy of the file"
                    .into(),
            ),
            Error::Broken { .. } => Some("begin again with a new builder".into()),
            Error::Memory { .. } => Some(
                "ask for fewer dimensions or measures at a time, or raise `memory_limit`".into(),
            ),
            Error::Engine { .. } => Some(
                "stream the same rows through the library's own engine: `disprop.tally_stream`"
                    .into(),
            ),
            Error::Stats(e) => e.hint(),
            Error::BadMeasure { .. }
            | Error::Option { .. }
            | Error::Merge { .. }
            | Error::BadPolicy { .. }
            | Error::Changed { .. }
            | Error::Interrupted
            | Error::Frame(_) => None,
        }
    }

    /// Returns the findings of a refusal; empty for any other error.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Error::Refused { findings } => findings,
            _ => &[],
        }
    }
}

fn refusal(findings: &[Finding]) -> String {
    let refused: Vec<String> = findings
        .iter()
        .filter(|f| f.is_refusal())
        .map(ToString::to_string)
        .collect();
    format!(
        "the data cannot be used as they are: {}",
        refused.join("; ")
    )
}

/// The names, the one that may have been meant before the others.
fn nearest_first(found: &str, known: &[String]) -> String {
    let meant = crate::finding::nearest(found, known);
    let first = known.iter().filter(|name| Some(name.as_str()) == meant);
    let rest = known.iter().filter(|name| Some(name.as_str()) != meant);
    quoted(&first.chain(rest).cloned().collect::<Vec<_>>())
}

/// Names one after another, each in backticks, a dozen at most.
pub(crate) fn quoted(names: &[String]) -> String {
    few(names.iter().map(|name| format!("`{name}`")))
}

/// The same without backticks, for a message that puts them round the whole.
pub(crate) fn bare(names: &[String]) -> String {
    few(names.iter().cloned())
}

fn few(names: impl ExactSizeIterator<Item = String>) -> String {
    const SHOWN: usize = 12;
    let all = names.len();
    let mut list: Vec<String> = names.take(SHOWN).collect();
    if all > SHOWN {
        list.push(format!("{} more", all - SHOWN));
    }
    if list.is_empty() {
        "none".into()
    } else {
        list.join(", ")
    }
}
