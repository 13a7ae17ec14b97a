//! placeholder

pub mod synth;
