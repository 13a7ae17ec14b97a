//! How far each ethnic group's school outcomes stand from those of all other groups.
//!
//! Rows in, tallies through, contrasts out: a [`Cohort`] checks and encodes pupil rows once, a
//! [`Tallies`] holds exact sums in which no pupil can be seen, and [`Gaps`] are each group's
//! contrasts with its baseline. Published counts enter as tallies directly.
//!
//! # Example: persistent absence in four rows
//! ```
//! use disprop::{Cohort, Columns, GapOptions, measure};
//! use polars::prelude::df;
//!
//! let frame = df!(
//!     "ethnicity" => ["BCRB", "BCRB", "WBRI", "WBRI"],
//!     "sessions_possible" => [380, 380, 380, 380],
//!     "sessions_absent" => [38, 10, 37, 0],
//! )?;
//! let cohort = Cohort::new(frame, Columns::npd())?;
//! let tallies = cohort.tally(&[measure("persistent_absence")?], &[])?;
//! let gaps = tallies.gaps(&GapOptions::default())?;
//! let gap = gaps.find("persistent_absence", "BCRB").expect("there are such pupils");
//! assert_eq!(gap.group.value, Ok(0.5)); // 38 of 380 is persistent, 37 is not
//! assert_eq!(gap.difference.value, Ok(0.5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod adjust;
pub mod codes;
pub mod cohort;
pub mod crossed;
pub mod decompose;
pub mod effects;
pub mod engine;
pub mod error;
pub mod evaluate;
pub mod finding;
pub mod formal;
pub mod gaps;
pub mod many;
pub mod measure;
mod number;
mod order;
pub mod over_time;
pub mod present;
pub mod pupils;
pub mod release;
pub mod repeated;
pub mod schools;
pub mod segregation;
mod strata;
pub mod summary;
pub mod synth;
pub mod tallies;

pub use adjust::{AdjustOptions, Adjusted, AdjustedGap};
pub use cohort::{Cohort, CohortOptions, Columns};
pub use engine::TallyOptions;
pub use error::Error;
pub use finding::Finding;
pub use gaps::{Baseline, Gap, GapOptions, Gaps};
pub use measure::{Measure, catalogue, measure};
pub use over_time::{Changes, GapChange};
pub use strata::Support;
pub use tallies::Tallies;
