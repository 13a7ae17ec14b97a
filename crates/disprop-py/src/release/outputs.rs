//! What is made of figures that may leave, of one table as of several.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{Publication, Released};
use crate::present::{self, Words};

// Python asks for every method in the class itself, so that one text stands for both classes.
macro_rules! outputs {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            /// Returns the results as a table for a page or a notebook.
            #[pyo3(signature = (style="html"))]
            fn table<'py>(slf: &Bound<'py, Self>, style: &str) -> PyResult<Bound<'py, PyAny>> {
                let options = PyDict::new(slf.py());
                options.set_item("style", style)?;
                present::make(slf.as_any(), "table", &[], &options)
            }
            /// Returns a chart of the results.
            #[pyo3(signature = (kind=None, *, measure=None, **r#where))]
            fn chart<'py>(
                slf: &Bound<'py, Self>,
                kind: Option<&str>,
                measure: Option<&str>,
                r#where: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let options =
                    r#where.map_or_else(|| Ok(PyDict::new(slf.py())), |given| given.copy())?;
                options.set_item("kind", kind)?;
                options.set_item("measure", measure)?;
                present::make(slf.as_any(), "chart", &[], &options)
            }
            /// Writes a report in HTML.
            #[pyo3(signature = (path, *, title=None, area=None, about=None))]
            fn report<'py>(
                slf: &Bound<'py, Self>,
                path: Bound<'py, PyAny>,
                title: Option<String>,
                area: Option<String>,
                about: Option<String>,
            ) -> PyResult<Bound<'py, PyAny>> {
                present::file(slf.as_any(), "report", path, Words { title, area, about })
            }
            /// Writes a workbook.
            #[pyo3(signature = (path, *, title=None, area=None, about=None))]
            fn excel<'py>(
                slf: &Bound<'py, Self>,
                path: Bound<'py, PyAny>,
                title: Option<String>,
                area: Option<String>,
                about: Option<String>,
            ) -> PyResult<Bound<'py, PyAny>> {
                present::file(slf.as_any(), "excel", path, Words { title, area, about })
            }
            /// Writes a Word document.
            #[pyo3(signature = (path, *, title=None, area=None, about=None))]
            fn docx<'py>(
                slf: &Bound<'py, Self>,
                path: Bound<'py, PyAny>,
                title: Option<String>,
                area: Option<String>,
                about: Option<String>,
            ) -> PyResult<Bound<'py, PyAny>> {
                present::file(slf.as_any(), "docx", path, Words { title, area, about })
            }
            /// Writes open-data files.
            #[pyo3(signature = (folder, *, area=None))]
            fn ees<'py>(
                slf: &Bound<'py, Self>,
                folder: Bound<'py, PyAny>,
                area: Option<Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let options = PyDict::new(slf.py());
                if let Some(area) = area {
                    options.set_item("area", area)?;
                }
                present::make(slf.as_any(), "ees", &[folder], &options)
            }
            /// Writes a page a school.
            #[pyo3(signature = (folder, *, names=None, about=None, progress=None))]
            fn schools<'py>(
                slf: &Bound<'py, Self>,
                folder: Bound<'py, PyAny>,
                names: Option<Bound<'py, PyAny>>,
                about: Option<String>,
                progress: Option<Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let options = PyDict::new(slf.py());
                options.set_item("names", names)?;
                options.set_item("about", about)?;
                options.set_item("progress", progress)?;
                present::make(slf.as_any(), "schools", &[folder], &options)
            }
            fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
                let table = present::make(slf.as_any(), "table", &[], &PyDict::new(slf.py()))?;
                Ok(table.str()?.to_string())
            }
        }
    };
}

outputs!(Released);
outputs!(Publication);
