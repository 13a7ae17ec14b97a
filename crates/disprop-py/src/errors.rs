//! Exceptions: one base class, one subclass an area, each with `code`, `hint` and `context`.

use disprop::Error;
use disprop::finding::Severity;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

create_exception!(
    disprop,
    DispropError,
    PyValueError,
    "Base class of every error of disprop."
);
create_exception!(
    disprop,
    DataError,
    DispropError,
    "Data that cannot be used as they are; `findings` says why."
);
create_exception!(
    disprop,
    MeasureError,
    DispropError,
    "A measure that is unknown, ill-defined, or without its columns."
);
create_exception!(
    disprop,
    DimensionError,
    DispropError,
    "A dimension that the data do not have."
);
create_exception!(
    disprop,
    GroupError,
    DispropError,
    "A group that no code, label or name defines."
);
create_exception!(
    disprop,
    OptionError,
    DispropError,
    "An option outside its range or its list."
);
create_exception!(
    disprop,
    ReleaseError,
    DispropError,
    "A policy that is not usable, or figures that cannot be released."
);
create_exception!(
    disprop,
    TallyError,
    DispropError,
    "Tallies that cannot be taken, merged or kept."
);

/// One kind of problem in one column, with how many rows have it.
#[pyclass(frozen, module = "disprop")]
pub struct Finding(pub disprop::Finding);

#[pymethods]
impl Finding {
    #[getter]
    fn kind(&self) -> &str {
        self.0.kind
    }
    #[getter]
    fn severity(&self) -> &str {
        match self.0.severity {
            Severity::Refused => "refused",
            Severity::Warning => "warning",
        }
    }
    #[getter]
    fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }
    #[getter]
    fn rows(&self) -> u64 {
        self.0.rows
    }
    #[getter]
    fn first_rows(&self) -> Vec<u64> {
        self.0.first_rows.clone()
    }
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }
    #[getter]
    fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
    fn __repr__(&self) -> String {
        format!("<{}: {}>", self.severity(), self.0)
    }
    fn __str__(&self) -> String {
        self.0.to_string()
    }
}

pub fn findings(of: &[disprop::Finding]) -> Vec<Finding> {
    of.iter().cloned().map(Finding).collect()
}

/// Turns an error of the crate into its exception.
pub fn raise(py: Python<'_>, error: Error) -> PyErr {
    if matches!(error, Error::Interrupted) {
        // Ctrl-C: the interpreter's own exception, with nothing kept.
        return pyo3::exceptions::PyKeyboardInterrupt::new_err(());
    }
    describe(
        py,
        error.code(),
        &error.to_string(),
        error.hint(),
        error.findings(),
    )
}

/// The exception of a code, with its four attributes.
pub fn describe(
    py: Python<'_>,
    code: &str,
    message: &str,
    hint: Option<String>,
    found: &[disprop::Finding],
) -> PyErr {
    let text = match &hint {
        Some(hint) => format!("{message}\nhint: {hint}"),
        None => message.to_owned(),
    };
    let exception = match (code, code.split('.').next()) {
        ("stats.overflow", _) | (_, Some("tallies" | "stream" | "engine")) => {
            TallyError::new_err(text)
        }
        (_, Some("data" | "frame")) => DataError::new_err(text),
        (_, Some("measure")) => MeasureError::new_err(text),
        (_, Some("dimension")) => DimensionError::new_err(text),
        (_, Some("release" | "policy")) => ReleaseError::new_err(text),
        (_, Some("group" | "codes")) => GroupError::new_err(text),
        _ => OptionError::new_err(text),
    };
    let context = PyDict::new(py);
    let set = || -> PyResult<()> {
        let value = exception.value(py);
        context.set_item("message", message)?;
        value.setattr("code", code)?;
        value.setattr("hint", hint)?;
        value.setattr("context", &context)?;
        value.setattr("findings", findings(found))
    };
    match set() {
        Ok(()) => exception,
        Err(failed) => failed,
    }
}

/// An option that is not on its list, raised as [`OptionError`].
pub fn bad_option(py: Python<'_>, option: &'static str, found: &str, expected: &str) -> PyErr {
    raise(
        py,
        Error::Option {
            option,
            found: found.into(),
            expected: expected.into(),
        },
    )
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let base = py.get_type::<DispropError>();
    // So that every instance has the four attributes, whoever raised it.
    for attribute in ["code", "hint", "context"] {
        base.setattr(attribute, py.None())?;
    }
    base.setattr("findings", Vec::<Finding>::new())?;
    module.add("DispropError", base)?;
    module.add("DataError", py.get_type::<DataError>())?;
    module.add("MeasureError", py.get_type::<MeasureError>())?;
    module.add("DimensionError", py.get_type::<DimensionError>())?;
    module.add("GroupError", py.get_type::<GroupError>())?;
    module.add("OptionError", py.get_type::<OptionError>())?;
    module.add("ReleaseError", py.get_type::<ReleaseError>())?;
    module.add("TallyError", py.get_type::<TallyError>())?;
    Ok(())
}
