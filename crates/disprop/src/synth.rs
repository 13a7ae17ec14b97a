//! Seeded synthetic cohorts: an authority or a country of pupils who do not exist.
//!
//! For documentation, tests, benches and rehearsals of a report. Rates of the main ethnic groups are steered to
//! published figures, schools differ in size and mix, and outcomes of one pupil hang together; nothing else about the
//! pupils is real, and no gap found in a synthetic cohort says anything about England. Every identifier begins
//! `SYN`, every authority is called `Authority 001` and so on.
//!
//! The same [`Plan`] gives the same bytes, whatever the number of threads and whether made whole ([`cohort`]) or
//! in parts ([`batches`]). Nothing is read: no file, clock or environment.
//!
//! # One row
//!
//! An enrolment: a pupil at a school in a year. A pupil who moves has two rows in that year, at different schools, with
//! the same `pupil_id`, consecutive in the frame; sessions and suspensions are divided between them, assessments stand
//! on the second (the school where the year ended) and are null on the first. Rows are ordered by year, authority, home
//! school, year group. Text columns are enumerations (polars `Enum`, one to four bytes a row) unless
//! [`Plan::plain_text`] asks for strings.
//!
//! | column | type | values |
//! |---|---|---|
//! | `pupil_id` | text | `SYN` and nine digits; the same pupil keeps it over the years |
//! | `year` | text | `2022/23` |
//! | `la`, `school` | text | `Authority 001`, `S0001` |
//! | `phase` | text | `Primary` (R–6), `Secondary` (7–11), `16-18` (12–13, in a secondary school) |
//! | `sex` | text | `F`, `M` |
//! | `fsm` | text | eligible for free school meals: `Y`, `N` |
//! | `sen` | text | `N` none, `K` support, `E` education, health and care plan |
//! | `eal` | text | first language `ENG` English, `OTH` other than English |
//! | `year_group` | text | `R`, `1` … `13` |
//! | `ethnicity` | text, null | main or extended code, `REFU`, `NOBT`; null where nothing was recorded |
//! | `sessions_possible`, `sessions_absent`, `sessions_authorised`, `sessions_unauthorised` | u16 | authorised + unauthorised = absent ≤ possible; all 0 after Year 11, where absence is not collected |
//! | `suspensions`, `suspension_sessions`, `permanent_exclusions` | u8 | events in the year |
//! | `elg_e01` … `elg_e17` | text, null | Reception: `1` emerging, `2` expected, `A` no result |
//! | `gld` | u8, null | Reception with a result: 0, 1 |
//! | `ks2_reading`, `ks2_maths` | text, null | Year 6: scaled score `80` … `120`, `A` absent, `B` below the test |
//! | `ks2_writing` | text, null | Year 6: `GDS`, `EXS`, `WTS`, `PK6` … `PK1`, `A` |
//! | `ks2_rwm_expected`, `ks2_rwm_higher` | u8, null | Year 6: 0, 1, as the three results imply |
//! | `ks4_attainment8` | f64, null | Year 11: 0–90, two decimals |
//! | `ks4_em_95`, `ks4_em_94` | u8, null | Year 11: 0, 1 |
//! | `ks4_ebacc_aps` | f64, null | Year 11: 0–9, two decimals |
//! | `ks4_progress8` | f64, null | Year 11 inside the measure: two decimals |
//! | `ks4_in_progress8` | u8, null | Year 11: 0, 1 |
//! | `ks5_points_academic`, `ks5_entries_academic`, `ks5_points_alevel`, `ks5_entries_alevel` | f64, null | Year 13 with academic entries: points, and size in A levels |
//! | `he`, `he_high_tariff` | u8, null | Year 11: whether the pupil went on to higher education, to a high-tariff provider, by 19: 0, 1 |
//!
//! # What is steered and what is assumed
//!
//! The published figures and their sources stand in `synth/calibration.rs`: absence, suspensions, good level of
//! development, Key Stages 2 and 4, Progress 8, higher education, free school meals, group shares. Rates are brought to
//! about 2022/23; where a minor group has no figure it keeps its earlier distance from its major group. Assumed, for
//! want of a figure: effects of free school meals, special needs and sex, shares of special needs and of English as an
//! additional language, shares of extended codes, spreads, correlations, Key Stage 5 points by group. An extended code
//! has the rates of its main group, so a synthetic gap of, say, `BSOM` is that of Black African pupils.
//!
//! Suspension rates are steered per pupil; per enrolment they are lower by the share of movers. Severe absence is not
//! steered: it comes out at about half of England's 2 %, a log-normal tail being too short.

mod calibration;
mod draw;
mod extended;
mod frame;
mod outcomes;
mod pupils;
mod schools;
mod staff;
mod targets;
mod world;

use std::num::NonZeroUsize;

use polars::prelude::{DataFrame, PolarsError};

pub use staff::staff;
use world::{PIECE, World, stack};

/// Most pupils a year.
const MOST_PUPILS: u32 = 50_000_000;
/// Pupil numbers are nine digits.
const MOST_NUMBERS: u64 = 1_000_000_000;

/// Where the pupils live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One authority with the ethnic mix and the levels of a west London one.
    Authority,
    /// A country with England's mix and levels; authorities differ in size and mix.
    Country {
        /// Number of authorities; England has 152.
        authorities: u32,
    },
}

/// What to make.
///
/// # Example: two years of a small authority
/// ```
/// use disprop::synth::{Plan, cohort};
/// let frame = cohort(&Plan { pupils: 2_000, years: 2, seed: 7, ..Plan::default() })?;
/// assert!(frame.height() > 3_800);
/// # Ok::<(), disprop::synth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Pupils a year, near enough: seats are vacant and sixth-formers stay by chance. Movers add rows, not pupils.
    pub pupils: u32,
    /// The calendar year in which the first school year begins: 2022 is `2022/23`.
    pub first_year: u16,
    /// School years, 1 to 40.
    pub years: u32,
    /// Another seed is another place.
    pub seed: u64,
    /// Authority or country.
    pub scope: Scope,
    /// Share of schools (of authorities, in a country) that record extended codes rather than main ones.
    pub extended_codes: f64,
    /// Share of pupils whose ethnicity was refused (`REFU`).
    pub refused: f64,
    /// Share of pupils whose ethnicity was not yet obtained (`NOBT`).
    pub not_obtained: f64,
    /// Share of pupils with no ethnicity recorded (null).
    pub missing: f64,
    /// Share of pupils who move to another school of the authority within a year.
    pub movers: f64,
    /// Strings rather than enumerations in the text columns: 16 bytes a row and column, so that ten million rows need
    /// 11 GB in one frame; take [`batches`] of them instead.
    pub plain_text: bool,
    /// Threads to use, all there are if `None`. The result does not depend on it.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Plan {
    /// An authority of 60,000 pupils, 2022/23 to 2024/25, nearly all schools using extended codes, 1.6 % unclassified
    /// and 4 % movers.
    fn default() -> Self {
        Plan {
            pupils: 60_000,
            first_year: 2022,
            years: 3,
            seed: 1,
            scope: Scope::Authority,
            extended_codes: 0.95,
            refused: 0.006,
            not_obtained: 0.006,
            missing: 0.004,
            movers: 0.04,
            plain_text: false,
            threads: None,
        }
    }
}

/// A plan that cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too few pupils for schools of any size, or too many to number.
    #[error("`{found}` pupils a year is not between {least} and {most}")]
    Pupils {
        /// What the plan says.
        found: u32,
        /// Fewest for this number of authorities.
        least: u32,
        /// Most for this number of years.
        most: u32,
    },
    /// No years, or more than anyone is at school thrice over.
    #[error("`{found}` years is not between 1 and 40")]
    Years {
        /// What the plan says.
        found: u32,
    },
    /// A first year that no four-digit school year begins in.
    #[error("first year `{found}` is not between 1990 and 2090")]
    FirstYear {
        /// What the plan says.
        found: u16,
    },
    /// No authorities, or more than names allow.
    #[error("`{found}` authorities is not between 1 and 999")]
    Authorities {
        /// What the plan says.
        found: u32,
    },
    /// A share that is not a proportion.
    #[error("`{name}` is `{found}`, not between 0 and 1")]
    Share {
        /// Which field of the plan; `unclassified` for the sum of its three shares.
        name: &'static str,
        /// What the plan says.
        found: f64,
    },
    /// Batches of no rows.
    #[error("batches of 0 rows were asked for, not 1 or more")]
    Batch,
    /// The frame library refused the columns.
    #[error("the frame could not be made")]
    Frame(#[from] PolarsError),
}

impl Error {
    /// Returns the stable slug of this kind of error; a slug is never reused.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Pupils { .. } => "synth.pupils",
            Error::Years { .. } => "synth.years",
            Error::FirstYear { .. } => "synth.first_year",
            Error::Authorities { .. } => "synth.authorities",
            Error::Share { .. } => "synth.share",
            Error::Batch => "synth.batch",
            Error::Frame(_) => "synth.frame",
        }
    }

    /// Returns advice on what to do about it, where there is any.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Pupils { found, least, .. } if found < least => {
                Some("ask for more pupils or fewer authorities".into())
            }
            Error::Pupils { .. } => Some("make several cohorts with different seeds".into()),
            Error::FirstYear { .. } => Some("write 2022 for 2022/23".into()),
            Error::Share { found, .. } if *found > 1.0 && *found <= 100.0 => {
                Some(format!("write {} for {found} %", found / 100.0))
            }
            _ => None,
        }
    }
}

impl Plan {
    fn check(&self) -> Result<(), Error> {
        if !(1..=40).contains(&self.years) {
            return Err(Error::Years { found: self.years });
        }
        if !(1990..=2090).contains(&self.first_year) {
            return Err(Error::FirstYear {
                found: self.first_year,
            });
        }
        let authorities = match self.scope {
            Scope::Authority => 1,
            Scope::Country { authorities } => authorities,
        };
        if !(1..=999).contains(&authorities) {
            return Err(Error::Authorities { found: authorities });
        }
        // A year group is about a twelfth of the pupils; numbers are used up by every intake of the years and of the
        // thirteen before.
        let numbers = MOST_NUMBERS * 11 / u64::from(self.years + 13);
        let most = u32::try_from(numbers).unwrap_or(u32::MAX).min(MOST_PUPILS);
        let least = 200 * authorities;
        if !(least..=most).contains(&self.pupils) {
            return Err(Error::Pupils {
                found: self.pupils,
                least,
                most,
            });
        }
        let unclassified = self.refused + self.not_obtained + self.missing;
        for (name, found) in [
            ("extended_codes", self.extended_codes),
            ("refused", self.refused),
            ("not_obtained", self.not_obtained),
            ("missing", self.missing),
            ("movers", self.movers),
            ("unclassified", unclassified),
        ] {
            if !(0.0..=1.0).contains(&found) {
                return Err(Error::Share { name, found });
            }
        }
        Ok(())
    }
}

/// Returns all rows of a plan in one frame, each column in one chunk; about 120 bytes a row.
///
/// # Errors
/// `synth.pupils`, `synth.years`, `synth.first_year`, `synth.authorities`, `synth.share` where the plan makes no sense;
/// `synth.frame` where polars refuses the columns.
///
/// # Example: an authority
/// ```
/// use disprop::synth::{Plan, cohort};
/// let frame = cohort(&Plan { pupils: 3_000, years: 1, ..Plan::default() })?;
/// assert_eq!(frame.column("ethnicity")?.len(), frame.height());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Example: a share written as a percentage
/// ```
/// use disprop::synth::{Plan, cohort};
/// let error = cohort(&Plan { movers: 4.0, ..Plan::default() }).unwrap_err();
/// assert_eq!(error.code(), "synth.share");
/// assert_eq!(error.hint().as_deref(), Some("write 0.04 for 4 %"));
/// ```
pub fn cohort(plan: &Plan) -> Result<DataFrame, Error> {
    let world = World::new(plan)?;
    let mut whole = stack(world.frames(0..world.pieces())?)?;
    whole.rechunk_mut();
    Ok(whole)
}

/// Returns the rows of a plan in frames of `rows` rows, the last shorter: the same rows in the same order as [`cohort`],
/// with no more held in memory than a frame and a few pieces of it for each thread.
///
/// # Errors
/// As [`cohort`], and `synth.batch` for 0 rows. An item is an error only where polars refuses the columns.
///
/// # Example: count rows without holding them
/// ```
/// use disprop::synth::{Plan, batches};
/// let plan = Plan { pupils: 3_000, years: 2, ..Plan::default() };
/// let mut rows = 0;
/// for frame in batches(&plan, 1_000)? {
///     rows += frame?.height();
/// }
/// assert!(rows > 5_500);
/// # Ok::<(), disprop::synth::Error>(())
/// ```
pub fn batches(plan: &Plan, rows: usize) -> Result<Batches, Error> {
    if rows == 0 {
        return Err(Error::Batch);
    }
    Ok(Batches {
        world: World::new(plan)?,
        next: 0,
        rows,
        held: DataFrame::default(),
    })
}

/// Frames of a plan, one after another; made by [`batches`].
pub struct Batches {
    world: World,
    next: usize,
    rows: usize,
    held: DataFrame,
}

impl Batches {
    fn fill(&mut self) -> Result<(), Error> {
        let pieces = self.world.pieces();
        while self.held.height() < self.rows && self.next < pieces {
            let wanted = (self.rows - self.held.height())
                .div_ceil(PIECE)
                .max(self.world.threads());
            let end = self.next.saturating_add(wanted).min(pieces);
            let mut frames = self.world.frames(self.next..end)?;
            self.next = end;
            if self.held.height() > 0 {
                frames.insert(0, std::mem::take(&mut self.held));
            }
            self.held = stack(frames)?;
        }
        Ok(())
    }
}

impl Iterator for Batches {
    type Item = Result<DataFrame, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(error) = self.fill() {
            self.next = self.world.pieces();
            self.held = DataFrame::default();
            return Some(Err(error));
        }
        if self.held.height() == 0 {
            return None;
        }
        let cut = self.rows.min(self.held.height());
        let (mut batch, rest) = self.held.split_at(cut as i64);
        self.held = rest;
        batch.rechunk_mut();
        Some(Ok(batch))
    }
}

#[cfg(test)]
mod tests;
