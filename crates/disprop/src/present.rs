//! Results in print: the only place where a fraction becomes a percentage.

mod adjusted;
mod effects;
mod frame;
mod groups;
mod methods;
mod schools;
mod sheet;
mod table;
mod text;
pub mod tidy;
mod wording;
mod years;

pub use methods::methods_frame;
pub use sheet::Sheet;
pub use wording::{sentences, summaries};

use crate::error::Error;
use crate::measure::Measure;

/// Returns a measure's definition as JSON, which [`Measure::from_json`] takes back.
///
/// # Errors
/// `measure.bad`, where a text in it cannot be written.
pub fn measure_json(measure: &Measure) -> Result<String, Error> {
    serde_json::to_string(measure).map_err(|e| Error::BadMeasure {
        id: measure.id.clone(),
        problem: e.to_string(),
    })
}
