//! One body, every engine: whatever makes tallies makes the same ones, to the last bit.
//!
//! An engine is a function from rows to [`Tallies`]; a new one is one line in [`ENGINES`].

use std::num::NonZeroUsize;

use disprop::cohort::{CohortOptions, Rows};
use disprop::engine::TallyBuilder;
use disprop::synth::{self, Plan};
use disprop::{Cohort, Columns, Measure, Tallies, TallyOptions, measure};
use disprop_tests::{CODES, Row, column, frame, measures};
use polars::prelude::*;

/// What is to be tallied: rows, measures, dimensions.
struct Job {
    name: &'static str,
    frame: DataFrame,
    measures: Vec<Measure>,
    dimensions: Vec<&'static str>,
}

type Engine = fn(&Job) -> Tallies;

/// Every way there is to make tallies of a job.
const ENGINES: [(&str, Engine); 20] = [
    ("one thread", |job| threads(job, 1)),
    ("two threads", |job| threads(job, 2)),
    ("seven threads", |job| threads(job, 7)),
    ("rows reversed", |job| on(job, job.frame.reverse())),
    ("rows shuffled", |job| on(job, shuffled(&job.frame))),
    ("two partitions", |job| merged(job, 2)),
    ("seven partitions", |job| merged(job, 7)),
    ("partitions of shuffled rows", |job| {
        merged(
            &Job {
                frame: shuffled(&job.frame),
                measures: job.measures.clone(),
                dimensions: job.dimensions.clone(),
                ..*job
            },
            3,
        )
    }),
    ("many chunks", |job| on(job, chunked(&job.frame))),
    ("text", |job| {
        on(job, recast(&job.frame, &|_| Some(DataType::String)))
    }),
    ("categories of the data", |job| {
        on(job, recast(&job.frame, &categorical))
    }),
    ("a fixed list of categories", |job| {
        on(job, recast(&job.frame, &|s| Some(listed(s))))
    }),
    ("columns in another order", |job| {
        let mut columns = job.frame.columns().to_vec();
        columns.reverse();
        on(job, DataFrame::new(job.frame.height(), columns).unwrap())
    }),
    ("cells by hash, then rolled up", |job| {
        wider(job, &[997, 499, 251])
    }),
    ("cells by region, then rolled up", |job| {
        wider(job, &[97, 53])
    }),
    ("a crossing of a cube", |job| {
        let names: Vec<&str> = [&["wide_a"], &job.dimensions[..]].concat();
        let fine = widened(job, &[11]);
        let cohort = cohort(&fine, fine.frame.clone());
        let cube = cohort.cube(&job.measures, &names, None).unwrap();
        // Asked for in this order, the second is made from the first.
        cube.crossing(&names[..names.len() - 1]).unwrap();
        Tallies::clone(&cube.crossing(&job.dimensions).unwrap())
    }),
    ("streamed, 97 rows a batch", |job| streamed(job, 97)),
    ("streamed, one row a batch", |job| {
        streamed(job, job.frame.height().div_ceil(400))
    }),
    ("streams elsewhere, brought together", by_states),
    ("kept and read back", |job| {
        let kept = on(job, job.frame.clone()).to_checkpoint().unwrap();
        Tallies::from_checkpoint(&kept).unwrap()
    }),
];

fn builder(job: &Job) -> TallyBuilder {
    TallyBuilder::new(&job.measures, &job.dimensions, Columns::npd())
}

fn streamed(job: &Job, rows: usize) -> Tallies {
    let mut builder = builder(job);
    for from in (0..job.frame.height()).step_by(rows.max(1)) {
        builder
            .add(job.frame.slice(from as i64, rows.max(1)))
            .unwrap_or_else(|e| panic!("{}: {e}", job.name));
    }
    builder
        .tallies()
        .unwrap_or_else(|e| panic!("{}: {e}", job.name))
}

/// Two builders that each saw every other batch of a reversed table, and a third for their states.
fn by_states(job: &Job) -> Tallies {
    let frame = job.frame.reverse();
    let mut parts = [builder(job), builder(job)];
    for (turn, from) in (0..frame.height()).step_by(61).enumerate() {
        parts[turn % 2].add(frame.slice(from as i64, 61)).unwrap();
    }
    let mut whole = builder(job);
    for mut part in parts {
        whole.add_state(&part.state().unwrap()).unwrap();
    }
    whole.tallies().unwrap()
}

fn tallied(cohort: &Cohort, job: &Job, options: &TallyOptions<'_>) -> Tallies {
    cohort
        .tally_with(&job.measures, &job.dimensions, options)
        .unwrap_or_else(|e| panic!("{}: {e}", job.name))
}

fn cohort(job: &Job, frame: DataFrame) -> Cohort {
    Cohort::new(frame, Columns::npd()).unwrap_or_else(|e| panic!("{}: {e}", job.name))
}

fn on(job: &Job, frame: DataFrame) -> Tallies {
    tallied(&cohort(job, frame), job, &TallyOptions::default())
}

fn threads(job: &Job, threads: usize) -> Tallies {
    let options = TallyOptions {
        threads: NonZeroUsize::new(threads),
        ..TallyOptions::default()
    };
    tallied(&cohort(job, job.frame.clone()), job, &options)
}

/// Cohorts of some rows each, tallied apart.
fn merged(job: &Job, parts: usize) -> Tallies {
    let height = job.frame.height();
    let share = height.div_ceil(parts).max(1);
    let parts = (0..height).step_by(share).map(|from| {
        let part = job.frame.slice(from as i64, share);
        on(job, part)
    });
    parts
        .reduce(|sum, part| {
            sum.merge(&part)
                .unwrap_or_else(|e| panic!("{}: {e}", job.name))
        })
        .unwrap()
}

/// The same rows in another order: a step that has no divisor in common with their number.
fn shuffled(frame: &DataFrame) -> DataFrame {
    let height = frame.height();
    let coprime = |step: &usize| {
        let (mut a, mut b) = (*step, height);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a == 1
    };
    let step = (height * 5 / 8 + 1..).find(coprime).unwrap();
    let order: Vec<IdxSize> = (0..height)
        .map(|i| (i * step % height) as IdxSize)
        .collect();
    frame.take(&IdxCa::from_vec("order".into(), order)).unwrap()
}

fn chunked(frame: &DataFrame) -> DataFrame {
    let share = frame.height().div_ceil(5).max(1);
    let mut parts = (0..frame.height())
        .step_by(share)
        .map(|from| frame.slice(from as i64, share));
    let mut whole = parts.next().unwrap();
    for part in parts {
        whole.vstack_mut(&part).unwrap();
    }
    assert!(frame.height() < 5 || whole.first_col_n_chunks() > 1);
    whole
}

/// Columns that hold categories, in another form; `None` leaves one as it is.
fn recast(frame: &DataFrame, to: &dyn Fn(&Series) -> Option<DataType>) -> DataFrame {
    let columns = frame.columns().iter().map(|column| {
        let series = column.as_materialized_series();
        let dtype = series.dtype();
        if !(dtype.is_string() || dtype.is_categorical() || dtype.is_enum()) {
            return column.clone();
        }
        let text = series.cast(&DataType::String).unwrap();
        match to(&text) {
            Some(dtype) => text.strict_cast(&dtype).unwrap().into_column(),
            None => column.clone(),
        }
    });
    DataFrame::new(frame.height(), columns.collect()).unwrap()
}

fn categorical(_: &Series) -> Option<DataType> {
    Some(DataType::from_categories(Categories::global()))
}

/// A list of categories in an order of its own, with one that no row has.
fn listed(text: &Series) -> DataType {
    let mut names: Vec<String> = text
        .str()
        .unwrap()
        .iter()
        .flatten()
        .map(ToOwned::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names.reverse();
    names.push("nobody has this".into());
    DataType::from_frozen_categories(
        FrozenCategories::new(names.iter().map(String::as_str)).unwrap(),
    )
}

/// More dimensions in front, of so many values each.
fn widened(job: &Job, spreads: &[usize]) -> Job {
    let height = job.frame.height();
    let mut frame = job.frame.clone();
    let mut dimensions = job.dimensions.clone();
    let names = ["wide_a", "wide_b", "wide_c"].into_iter();
    for (place, (name, spread)) in names.zip(spreads).enumerate() {
        let values: Vec<u32> = (0..height)
            .map(|row| (row * 7919 % spread) as u32)
            .collect();
        frame.with_column(column(name, values)).unwrap();
        dimensions.insert(place, name);
    }
    Job {
        frame,
        measures: job.measures.clone(),
        dimensions,
        ..*job
    }
}

/// So many possible cells that no table of them fits, and then a margin.
fn wider(job: &Job, spreads: &[usize]) -> Tallies {
    let fine = widened(job, spreads);
    let tallies = on(&fine, fine.frame.clone());
    let one = threads(&fine, 1);
    assert_eq!(one, tallies, "{}: one thread", job.name);
    tallies.roll_up(&job.dimensions).unwrap()
}

fn agree(job: &Job) {
    let expected = on(job, job.frame.clone());
    for (name, engine) in ENGINES {
        let found = engine(job);
        assert_eq!(found, expected, "{}: {name}", job.name);
        for number in 0..=job.dimensions.len() {
            let margin = &job.dimensions[..number];
            assert_eq!(
                found.roll_up(margin).unwrap(),
                expected.roll_up(margin).unwrap(),
                "{}: {name}, by {margin:?}",
                job.name
            );
        }
    }
}

/// Rows that differ in everything; the multipliers have no factor in common with the sizes.
fn rows(number: usize) -> Vec<Row> {
    let some = |i: usize, every: usize| !i.is_multiple_of(every);
    (0..number)
        .map(|i| Row {
            code: i * 7 % (CODES.len() + 1),
            year: i * 5 % 3,
            school: i * 11 % 5,
            sex: some(i, 6).then_some(i % 4 < 2),
            possible: some(i, 13).then_some((i * 37 % 381) as u16),
            absent: some(i, 9).then_some((i * 53 % 200) as u16),
            suspensions: some(i, 10).then_some((i * 3 % 5) as u8),
            attainment: some(i, 7).then_some((i * 271 % 9_001) as i32),
            progress: some(i, 8).then_some((i * 97 % 801) as i32 - 400),
            he: some(i, 5).then_some(i % 3 == 0),
        })
        .collect()
}

fn job(name: &'static str, rows: &[Row]) -> Job {
    Job {
        name,
        frame: frame(rows),
        measures: measures(),
        dimensions: vec!["year", "school", "sex"],
    }
}

#[test]
fn nulls_and_empty_groups() {
    agree(&job("nulls", &rows(400)));
    let of_two = rows(400).into_iter().map(|r| Row {
        code: r.code % 2,
        ..r
    });
    agree(&job("two groups", &of_two.collect::<Vec<Row>>()));
    let bare = rows(60).into_iter().map(|r| Row {
        code: r.code,
        year: r.year,
        ..Row::default()
    });
    agree(&job("no values", &bare.collect::<Vec<Row>>()));
}

#[test]
fn one_row_and_a_few() {
    for number in [1, 2, 3, 7, 8] {
        agree(&job("few", &rows(number)));
    }
}

#[test]
fn all_in_one_school() {
    let same = rows(300).into_iter().map(|r| Row {
        school: 2,
        year: 0,
        ..r
    });
    agree(&job("one school", &same.collect::<Vec<Row>>()));
}

#[test]
fn nobody_is_classified() {
    let none = rows(100).into_iter().map(|r| Row {
        code: 12 + r.code % 3,
        ..r
    });
    let job = job("unclassified", &none.collect::<Vec<Row>>());
    agree(&job);
    let gaps = on(&job, job.frame.clone())
        .gaps(&disprop::GapOptions::default())
        .unwrap();
    assert!(gaps.rows.is_empty());
}

#[test]
fn extreme_values_need_128_bits() {
    let number = 600;
    let values = (0..number).map(|i| {
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        (i % 11 != 0).then_some(sign * (1e9 - 0.000_001 * (i % 7) as f64))
    });
    let mut frame = frame(&rows(number));
    let score = column("ks4_progress8", values.collect::<Vec<Option<f64>>>());
    frame.with_column(score).unwrap();
    let points = (0..number).map(|i| 999_999_999.999_999 - i as f64);
    frame
        .with_column(column("ks5_points_alevel", points.collect::<Vec<f64>>()))
        .unwrap();
    agree(&Job {
        name: "extremes",
        frame,
        measures: measures(),
        dimensions: vec!["school", "year"],
    });
}

#[test]
fn a_synthetic_cohort_large_enough_for_threads() {
    let plan = Plan {
        pupils: 60_000,
        years: 2,
        seed: 11,
        ..Plan::default()
    };
    let frame = synth::cohort(&plan).unwrap();
    assert!(frame.height() > 100_000);
    let ids = [
        "attendance",
        "persistent_absence",
        "suspensions",
        "ks4_attainment8",
        "gld",
        "ks5_aps_academic",
    ];
    let job = Job {
        name: "synthetic",
        frame,
        measures: ids.iter().map(|id| measure(id).unwrap()).collect(),
        dimensions: vec!["sex", "fsm", "sen"],
    };
    // Parts of a pupil's rows in one school and year never meet a check of the whole.
    agree(&job);
}

#[test]
fn a_movers_rows_fold_to_one_pupil_in_any_order() {
    let rows = rows(240);
    // Up to three rows a pupil and year, many with equal sessions and gaps in the scores.
    let known: Vec<Row> = rows
        .iter()
        .enumerate()
        .map(|(i, r)| Row {
            year: 0,
            school: i / 80,
            possible: (i % 5 != 0).then_some(100 * (1 + i as u16 % 2)),
            absent: Some(3),
            ..*r
        })
        .collect();
    let ids: Vec<String> = (0..rows.len()).map(|i| format!("P{}", i % 80)).collect();
    for with_school in [true, false] {
        let mut frame = frame(&known);
        frame.with_column(column("pupil_id", ids.clone())).unwrap();
        if !with_school {
            frame.drop_in_place("school").unwrap();
        }
        let tally = |frame: DataFrame| {
            let options = CohortOptions {
                rows: Rows::Pupil,
                ..CohortOptions::default()
            };
            let cohort = Cohort::with(frame, Columns::npd(), options).unwrap();
            assert_eq!(cohort.units(), 80);
            cohort.tally(&measures(), &["sex"]).unwrap()
        };
        let expected = tally(frame.clone());
        assert_eq!(
            tally(frame.reverse()),
            expected,
            "reversed, school {with_school}"
        );
        assert_eq!(
            tally(shuffled(&frame)),
            expected,
            "shuffled, school {with_school}"
        );
    }
}

#[test]
fn whole_numbers_and_fractions_hold_the_same_categories() {
    let frame = frame(&rows(200));
    let groups: Vec<Option<i64>> = (0..200).map(|i| (i % 9 != 0).then_some(i % 12)).collect();
    let with = |dtype: &DataType| {
        let mut frame = frame.clone();
        let column = column("year_group", groups.clone()).cast(dtype).unwrap();
        frame.with_column(column).unwrap();
        let job = Job {
            name: "coded",
            frame: frame.clone(),
            measures: measures(),
            dimensions: vec!["year_group", "sex"],
        };
        on(&job, frame)
    };
    let expected = with(&DataType::String);
    for dtype in [
        DataType::Int8,
        DataType::UInt8,
        DataType::Int16,
        DataType::UInt32,
        DataType::Int64,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
    ] {
        assert_eq!(with(&dtype), expected, "{dtype}");
    }
}

#[test]
fn numbers_are_the_same_in_every_type_that_holds_them() {
    let rows = rows(300);
    let frame = frame(&rows);
    let measures: Vec<Measure> = ["absence", "persistent_absence", "suspensions"]
        .map(|id| measure(id).unwrap())
        .into();
    let with = |dtype: &DataType| {
        let mut frame = frame.clone();
        for name in ["sessions_possible", "sessions_absent", "suspensions"] {
            let column = frame.column(name).unwrap().cast(dtype).unwrap();
            frame.with_column(column).unwrap();
        }
        let job = Job {
            name: "numbers",
            frame: frame.clone(),
            measures: measures.clone(),
            dimensions: vec!["year"],
        };
        on(&job, frame)
    };
    let expected = with(&DataType::UInt32);
    for dtype in [
        DataType::UInt16,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::String,
        DataType::Decimal(20, 3),
    ] {
        assert_eq!(with(&dtype), expected, "{dtype}");
    }
}
