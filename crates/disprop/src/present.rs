//! Results in print: the only place where a fraction becomes a percentage.

pub mod tidy;

/// Returns a number without needless digits: 95, 2.5.
pub(crate) fn plain(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    format!("{rounded}")
}
