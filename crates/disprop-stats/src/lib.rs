//! Exact, mergeable tallies and the statistics computed from them.
//!
//! A *tally* holds the sums that a group's value, its variance and its contrast with another group
//! are made of, as exact integers; everything else here is a pure function of tallies. No data
//! frame, no school and no file is known to this crate.
//!
//! ```
//! use disprop_stats::{Level, Proportion, Tally, contrast};
//!
//! // England 2017/18, grade 5 or above in English and maths (DfE, Key stage 4 performance):
//! let black_caribbean = Proportion::new(1_868, 6_933);
//! let everyone = Proportion::new(226_653, 523_626);
//! let all_others = everyone.subtract(&black_caribbean)?;
//! let difference = contrast::difference(&black_caribbean, &all_others)?;
//! let ends = contrast::newcombe::interval(&black_caribbean, &all_others, Level::P95)?;
//! assert_eq!(format!("{:.1} points", 100.0 * difference), "-16.6 points");
//! assert!(ends.lower < difference && difference < ends.upper);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod bootstrap;
pub mod cell_regression;
pub mod cluster;
pub mod contrast;
pub mod decompose;
pub mod did;
pub mod distribution;
pub mod error;
pub mod estimate;
pub mod facts;
pub mod formal_rules;
pub mod fraction;
pub mod funnel;
pub mod inequality;
pub mod interval;
pub mod mantel_haenszel;
mod matrix;
mod moments;
pub mod multiplicity;
pub mod permutation;
pub mod remaining;
mod root;
pub mod segregation;
pub mod shrink;
pub mod significance;
pub mod standardise;
pub mod stratum;
mod tail;
pub mod tally;
pub mod trend;
pub mod wald;
mod wide;

pub use error::Error;
pub use estimate::{Calculated, Interval, Level, NotCalculable};
pub use tally::{Mean, Proportion, Rate, Ratio, Tally};
