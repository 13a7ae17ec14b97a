//! A small service's whole process: pupils from a CSV file, each group's share with an outcome and
//! its gap, as a program that links the crate.
//!
//! It reads the file, has it checked, adds it up by ethnicity, sex and free school meals, and writes
//! a line a group, each figure with its interval. `benches/peers/compare.py --fairness` holds the
//! shares equal to those of packages of fairness metrics and times process beside process.
//!
//! `cargo run --release --workspace --bin group_metrics -- pupils.csv`, with columns `ethnicity`,
//! `sex`, `fsm` and `outcome` (0 or 1) in any order.

use std::error::Error;
use std::io;

use disprop::codes::CodeSet;
use disprop::{Cohort, CohortOptions, Columns, GapOptions, Gaps, Measure};
use polars::chunked_array::builder::CategoricalChunkedBuilder;
use polars::prelude::{
    Categorical32Type, CategoricalPhysical, Categories, DataFrame, DataType, IntoColumn, PlSmallStr,
};

/// Large pages: the fewer pages a short process touches for the first time, the shorter it is.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Done<T> = Result<T, Box<dyn Error>>;
type Builder = CategoricalChunkedBuilder<Categorical32Type>;

const OUTCOME: &str = r#"{
    "id": "persistent",
    "label": "Outcome",
    "polarity": "lower_is_better",
    "quantity": {"flag": {"column": "outcome"}}
}"#;

fn main() -> Done<()> {
    let path = std::env::args().nth(1);
    let pupils = read(&path.ok_or("which file? group_metrics pupils.csv")?)?;
    let outcome = Measure::from_json(OUTCOME)?;
    let options = CohortOptions {
        codes: CodeSet::Own, // every ethnicity in the file is a group of its own
        measures: vec![outcome.clone()],
        ..CohortOptions::default()
    };
    let cohort = Cohort::with(pupils, Columns::npd(), options)?;
    let tallies = cohort.tally(&[outcome], &["sex", "fsm"])?;
    write(&tallies.gaps(&GapOptions::default())?)
}

/// Reads every column as categories: the cohort looks into what they say, and refuses what it must.
fn read(path: &str) -> Done<DataFrame> {
    let mut file = csv::Reader::from_path(path)?;
    let column = |name: &str| {
        let categories = Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32);
        Builder::new(name.into(), DataType::from_categories(categories))
    };
    let mut columns: Vec<Builder> = file.headers()?.iter().map(column).collect();
    let mut row = csv::StringRecord::new();
    while file.read_record(&mut row)? {
        for (column, value) in columns.iter_mut().zip(&row) {
            column.append_str(value)?;
        }
    }
    let columns = columns.into_iter().map(|c| c.finish().into_column());
    Ok(DataFrame::new_infer_height(columns.collect())?)
}

/// Writes shares and gaps in per cent; a figure that is not there is an empty field.
fn write(gaps: &Gaps) -> Done<()> {
    let mut to = csv::Writer::from_writer(io::stdout().lock());
    to.write_field("group")?;
    for name in &gaps.dimensions {
        to.write_field(name)?;
    }
    for figure in ["share", "gap", "ratio"] {
        to.write_field(figure)?;
        to.write_field(format!("{figure}_lower"))?;
        to.write_field(format!("{figure}_upper"))?;
    }
    to.write_record(None::<&str>)?;
    for gap in &gaps.rows {
        let group = gaps.groups.get(gap.of).ok_or("a gap of no group")?;
        to.write_field(&group.name)?;
        for name in gap.place.iter() {
            to.write_field(name.as_deref().unwrap_or_default())?;
        }
        for (value, interval, unit) in [
            (gap.group.value, gap.group.interval, 100.0),
            (gap.difference.value, gap.difference.interval, 100.0),
            (gap.ratio.value, gap.ratio.interval, 1.0),
        ] {
            for number in [value, interval.map(|i| i.lower), interval.map(|i| i.upper)] {
                let text = number.map(|number| (unit * number).to_string());
                to.write_field(text.unwrap_or_default())?;
            }
        }
        to.write_record(None::<&str>)?;
    }
    Ok(to.flush()?)
}
