//! What is made of released results: calls into `disprop.present`, imported when asked for.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Words that a file carries: its title, whose pupils they are, a sentence on the data.
#[derive(Default)]
pub struct Words {
    pub title: Option<String>,
    pub area: Option<String>,
    pub about: Option<String>,
}

/// Calls `disprop.present.<module>.<module>(released, …)`.
pub fn make<'py>(
    released: &Bound<'py, PyAny>,
    module: &str,
    more: &[Bound<'py, PyAny>],
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = released.py();
    let mut given = vec![released.clone()];
    given.extend(more.iter().cloned());
    py.import(format!("disprop.present.{module}"))?
        .getattr(module)?
        .call(PyTuple::new(py, given)?, Some(options))
}

/// Writes a file of a kind: a report, a workbook, a Word document.
pub fn file<'py>(
    released: &Bound<'py, PyAny>,
    module: &str,
    path: Bound<'py, PyAny>,
    words: Words,
) -> PyResult<Bound<'py, PyAny>> {
    let options = PyDict::new(released.py());
    options.set_item("title", words.title)?;
    options.set_item("area", words.area)?;
    options.set_item("about", words.about)?;
    make(released, module, &[path], &options)
}
