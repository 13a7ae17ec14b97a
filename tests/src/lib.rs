//! Small random cohorts for the tests of this crate, as frames any reader can make by hand.

pub mod fuzz;

use disprop::{Cohort, Columns, Measure, Tallies, measure};
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

/// Raw values of the ethnicity column: main and extended codes, refusals, labels and nothing.
pub const CODES: [&str; 16] = [
    "WBRI",
    "BCRB",
    "MWBC",
    "BAFR",
    "BSOM",
    "BNGN",
    "AIND",
    "CHNE",
    "AKPA",
    "WENG",
    "OOTH",
    "Black Caribbean",
    "REFU",
    "NOBT",
    "",
    "  bcrb ",
];

/// Measures whose columns [`frame`] has: every family that rows can have, both signs, a mirror.
pub const MEASURES: [&str; 9] = [
    "attendance",
    "absence",
    "persistent_absence",
    "suspensions",
    "suspended_twice",
    "ks4_attainment8",
    "ks4_progress8",
    "he",
    "ks5_aps_alevel",
];

/// One enrolment; scores are in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Row {
    /// Place in [`CODES`]; beyond it, null.
    pub code: usize,
    pub year: usize,
    /// Null beyond 3.
    pub school: usize,
    pub sex: Option<bool>,
    pub possible: Option<u16>,
    pub absent: Option<u16>,
    pub suspensions: Option<u8>,
    pub attainment: Option<i32>,
    pub progress: Option<i32>,
    pub he: Option<bool>,
}

/// Returns a column of these values.
pub fn column<T, A: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, A>,
{
    Series::new(name.into(), values).into()
}

/// Returns the frame of these rows, one row each, in their order.
pub fn frame(rows: &[Row]) -> DataFrame {
    let code = |r: &Row| CODES.get(r.code).copied();
    let year = |r: &Row| Some(["2021/22", "2022/23", "2023/24"][r.year % 3]);
    let school = |r: &Row| ["100", "20", "S3", "s4"].get(r.school).copied();
    let sex = |r: &Row| r.sex.map(|s| if s { "F" } else { "M" });
    // Nobody misses more than is possible; a number without its counterpart may be any.
    let absent = |r: &Row| match (r.absent, r.possible) {
        (Some(a), Some(p)) => Some(u32::from(a.min(p))),
        (a, _) => a.map(u32::from),
    };
    let hundredths = |v: Option<i32>| v.map(|v| f64::from(v) / 100.0);
    macro_rules! all {
        ($name:literal, $of:expr) => {
            column($name, rows.iter().map($of).collect::<Vec<_>>())
        };
    }
    DataFrame::new(
        rows.len(),
        vec![
            all!("ethnicity", code),
            all!("year", year),
            all!("school", school),
            all!("sex", sex),
            all!("sessions_possible", |r| r.possible.map(u32::from)),
            all!("sessions_absent", absent),
            all!("suspensions", |r| r.suspensions.map(u32::from)),
            all!("ks4_attainment8", |r| hundredths(r.attainment)),
            all!("ks4_progress8", |r| hundredths(r.progress)),
            all!("he", |r| r.he),
            all!("ks5_points_alevel", |r| r
                .attainment
                .map(|v| f64::from(v.max(0)) / 4.0)),
            all!("ks5_entries_alevel", |r| r
                .suspensions
                .map(|v| f64::from(v) / 2.0)),
        ],
    )
    .expect("columns of one length")
}

/// Returns the measures of [`MEASURES`].
pub fn measures() -> Vec<Measure> {
    MEASURES
        .iter()
        .map(|id| measure(id).expect("in the catalogue"))
        .collect()
}

/// Returns the cohort of a frame that is known to be in order.
pub fn cohort(frame: DataFrame) -> Cohort {
    Cohort::new(frame, Columns::npd()).expect("a cohort in order")
}

/// Returns the tallies of [`MEASURES`] over these dimensions.
pub fn tally(frame: DataFrame, dimensions: &[&str]) -> Tallies {
    cohort(frame)
        .tally(&measures(), dimensions)
        .expect("a tally that fits")
}
