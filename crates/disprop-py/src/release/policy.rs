//! The policy, as Python has it.

use disprop::release::{self, Audience};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{bad_option, raise};

/// Which figures are withheld, and how closely a reader may come to one.
#[pyclass(frozen, module = "disprop")]
pub struct Policy(pub release::Policy);

#[pymethods]
impl Policy {
    #[new]
    #[pyo3(signature = (
        *, threshold, show_zeros=true, complement=true, round_to=1, minimum_for_means=None,
        dominance=None, protection=None, audience="public", name=None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        threshold: u32,
        show_zeros: bool,
        complement: bool,
        round_to: u32,
        minimum_for_means: Option<u32>,
        dominance: Option<f64>,
        protection: Option<u32>,
        audience: &str,
        name: Option<String>,
    ) -> PyResult<Self> {
        let audience = [Audience::Internal, Audience::Governors, Audience::Public]
            .into_iter()
            .find(|a| a.name() == audience)
            .ok_or_else(|| {
                bad_option(
                    py,
                    "audience",
                    audience,
                    "`internal`, `governors` or `public`",
                )
            })?;
        let policy = release::Policy::new(threshold).and_then(|policy| {
            release::Policy {
                name: name.unwrap_or_else(|| policy.name.clone()),
                show_zeros,
                complement,
                round_to,
                minimum_for_means,
                dominance,
                protection,
                audience,
                ..policy
            }
            .checked()
        });
        policy.map(Policy).map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn preset(py: Python<'_>, name: &str) -> PyResult<Self> {
        release::Policy::preset(name)
            .map(Policy)
            .map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn none(py: Python<'_>, reason: &str) -> PyResult<Self> {
        release::Policy::none(reason)
            .map(Policy)
            .map_err(|e| raise(py, e))
    }
    #[staticmethod]
    fn from_toml(py: Python<'_>, text: &str) -> PyResult<Self> {
        release::Policy::from_toml(text)
            .map(Policy)
            .map_err(|e| raise(py, e))
    }
    fn to_toml(&self) -> String {
        self.0.to_toml()
    }
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }
    #[getter]
    fn hash(&self) -> String {
        self.0.hash()
    }
    #[getter]
    fn threshold(&self) -> u32 {
        self.0.threshold
    }
    #[getter]
    fn audience(&self) -> &str {
        self.0.audience.name()
    }
    fn describe(&self) -> String {
        self.0.describe()
    }
    fn __repr__(&self) -> String {
        format!("Policy('{}', threshold={})", self.0.name, self.0.threshold)
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Policy>()
            .is_ok_and(|other| other.get().0 == self.0)
    }
    fn __hash__(&self) -> u64 {
        u64::from_str_radix(&self.0.hash(), 16).unwrap_or(0)
    }
}

/// What an output says of its policy.
pub(super) fn described<'py>(
    py: Python<'py>,
    policy: &release::Policy,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("name", &policy.name)?;
    dict.set_item("threshold", policy.threshold)?;
    dict.set_item("hash", policy.hash())?;
    dict.set_item("audience", policy.audience.name())?;
    dict.set_item("description", policy.describe())?;
    Ok(dict)
}
