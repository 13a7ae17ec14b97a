//! How often each interval of `disprop-stats` holds the truth, on which side it misses, and how
//! wide it is, over a grid that a local authority lives in.
//!
//! Where chances can be added up they are (binomial and Poisson counts); pupils with sessions,
//! suspensions and scores, and pupils in schools, are drawn from seeded populations whose truth is
//! known exactly. Every cell of the grid has its own random stream, so that the result does not
//! depend on threads.

pub mod chance;
pub mod population;
pub mod score;
pub mod study;
pub mod summary;

pub use score::{Row, Score};

/// The snippets of the pages on methods run as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../docs/intervals.md")]
    mod intervals {}
    #[doc = include_str!("../../../docs/tests_and_many_comparisons.md")]
    mod tests_and_many_comparisons {}
}
