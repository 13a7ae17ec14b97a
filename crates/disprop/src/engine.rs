//! What makes tallies: the kernel over a cohort in memory, and over rows that come in batches.

mod add;
mod cube;
mod kernel;
mod lanes;
mod numbering;
mod plan;
mod shared;
mod sql;
mod stream;
mod tasks;
mod word;

pub use cube::{Crossings, Cube};
pub use shared::SharedPupils;
pub use sql::{Dialect, SqlPlan, SqlType};
pub use stream::{PupilChecks, StreamOptions, TallyBuilder};

pub(crate) use shared::{Products, SharedKey};

use crate::cohort::Cohort;
use crate::error::Error;
use crate::measure::Measure;
use crate::tallies::Tallies;

/// How a tally is carried out; no choice here changes a number.
#[derive(Clone, Default)]
pub struct TallyOptions<'a> {
    /// Threads; as many as the machine has cores where nothing is said.
    pub threads: Option<std::num::NonZeroUsize>,
    /// Called now and then; work stops with `call.interrupted` where it says true.
    pub stop: Option<&'a (dyn Fn() -> bool + Sync)>,
}

impl Cohort {
    /// Returns the tallies of these measures over these dimensions, from one pass over the rows.
    ///
    /// Ask for the finest cross once: every margin rolls up from it with
    /// [`Tallies::roll_up`], without another look at the rows.
    ///
    /// # Errors
    /// `measure.columns`, `dimension.unknown`, `data.refused`, `tallies.too_many_cells`,
    /// `stats.overflow`.
    ///
    /// # Example: two margins of one pass
    /// ```
    /// use disprop::{Cohort, Columns, measure, synth};
    /// let plan = synth::Plan { pupils: 2_000, years: 1, ..Default::default() };
    /// let cohort = Cohort::new(synth::cohort(&plan)?, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("absence")?], &["sex", "fsm"])?;
    /// assert!(tallies.roll_up(&["sex"])?.cells() < tallies.cells());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tally(&self, measures: &[Measure], dimensions: &[&str]) -> Result<Tallies, Error> {
        self.tally_with(measures, dimensions, &TallyOptions::default())
    }

    /// Returns the same tallies, with a say in how the work is done.
    ///
    /// # Errors
    /// As [`Cohort::tally`], and `call.interrupted`.
    pub fn tally_with(
        &self,
        measures: &[Measure],
        dimensions: &[&str],
        options: &TallyOptions<'_>,
    ) -> Result<Tallies, Error> {
        let plan = plan::Plan::new(self, measures, dimensions)?;
        plan.run(options)
    }
}
