//! The Python module `disprop._disprop`: a thin layer over the crate, nothing is computed here.

mod adjust;
mod arguments;
mod arrow;
mod cohort;
mod crossed;
mod cube;
mod errors;
mod functions;
mod gap_arguments;
mod gaps;
mod measure;
mod over_time;
mod present;
mod release;
mod schools;
mod sql;
mod stream;
mod table;
mod tallies;
mod wording;

use pyo3::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule]
fn _disprop(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    errors::register(module)?;
    module.add_class::<cohort::Cohort>()?;
    module.add_class::<tallies::Tallies>()?;
    module.add_class::<gaps::Gaps>()?;
    module.add_class::<measure::Measure>()?;
    module.add_class::<errors::Finding>()?;
    module.add_class::<table::Table>()?;
    module.add_class::<release::Policy>()?;
    module.add_class::<release::Released>()?;
    module.add_class::<release::Publication>()?;
    module.add_function(wrap_pyfunction!(release::together, module)?)?;
    module.add_function(wrap_pyfunction!(release::audit, module)?)?;
    module.add_class::<stream::TallyBuilder>()?;
    module.add_class::<cube::Cube>()?;
    module.add_class::<cube::CubeGaps>()?;
    module.add_class::<sql::SqlPlan>()?;
    module.add_function(wrap_pyfunction!(functions::measures, module)?)?;
    module.add_function(wrap_pyfunction!(functions::groups, module)?)?;
    module.add_function(wrap_pyfunction!(functions::synth, module)?)?;
    module.add_function(wrap_pyfunction!(functions::methods, module)?)?;
    module.add_function(wrap_pyfunction!(wording::sentences, module)?)?;
    module.add_function(wrap_pyfunction!(wording::summaries, module)?)?;
    Ok(())
}
