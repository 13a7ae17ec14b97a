//! Measures.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arguments;
use crate::errors::raise;

/// One measure: how it is computed, printed and read.
#[pyclass(frozen, module = "disprop")]
pub struct Measure(pub disprop::Measure);

#[pymethods]
impl Measure {
    #[new]
    fn new(definition: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = definition.py();
        let text = definition.is_instance_of::<PyString>();
        let source = if text {
            definition.extract::<String>()?
        } else {
            String::new()
        };
        if source.contains('=') && !source.trim_start().starts_with('{') {
            return disprop::Measure::from_toml(&source)
                .map(Measure)
                .map_err(|e| raise(py, e));
        }
        if source.trim_start().starts_with('{') {
            return disprop::Measure::from_json(&source)
                .map(Measure)
                .map_err(|e| raise(py, e));
        }
        arguments::measure(definition).map(Measure)
    }
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }
    #[getter]
    fn label(&self) -> &str {
        &self.0.label
    }
    #[getter]
    fn phase(&self) -> &str {
        self.0.phase.label()
    }
    #[getter]
    fn unit(&self) -> String {
        self.0.unit.label()
    }
    #[getter]
    fn decimals(&self) -> u8 {
        self.0.decimals
    }
    #[getter]
    fn polarity(&self) -> &str {
        match self.0.polarity {
            disprop::measure::Polarity::HigherIsBetter => "higher_is_better",
            disprop::measure::Polarity::LowerIsBetter => "lower_is_better",
            disprop::measure::Polarity::Neither => "neither",
        }
    }
    #[getter]
    fn family(&self) -> &str {
        self.0.quantity.family().name()
    }
    #[getter]
    fn source(&self) -> &str {
        &self.0.source
    }
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0
            .quantity
            .columns()
            .into_iter()
            .map(Into::into)
            .collect()
    }
    /// Returns the definition as a dict that `Measure` takes back.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let json = disprop::present::measure_json(&self.0).map_err(|e| raise(py, e))?;
        py.import("json")?.call_method1("loads", (json,))
    }
    fn __repr__(&self) -> String {
        format!("Measure('{}': {})", self.0.id, self.0.label)
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Measure>()
            .is_ok_and(|other| other.get().0 == self.0)
    }
    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.id.hash(&mut hasher);
        hasher.finish()
    }
}
