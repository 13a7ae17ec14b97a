//! placeholder
pub mod codes;
