//! Rows in batches: what is found across them, and that nothing partial passes for the whole.

use disprop::cohort::{CohortOptions, Rows, UnknownCodes};
use disprop::engine::{PupilChecks, StreamOptions, TallyBuilder};
use disprop::{Cohort, Columns, Error, Finding, Measure, TallyOptions, measure};
use polars::prelude::*;

fn suspensions() -> Vec<Measure> {
    vec![measure("suspensions").unwrap()]
}

fn builder(limits: StreamOptions, options: CohortOptions) -> TallyBuilder {
    TallyBuilder::with(&suspensions(), &["sex"], Columns::npd(), options, limits)
}

fn batch(codes: &[&str], pupils: &[&str], suspensions: &[i64]) -> DataFrame {
    let sex: Vec<&str> = codes.iter().map(|_| "F").collect();
    df!("ethnicity" => codes, "pupil_id" => pupils, "sex" => sex, "suspensions" => suspensions)
        .unwrap()
}

fn kinds(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.kind).collect()
}

#[test]
fn everything_wrong_in_all_batches_is_said_once_with_rows_counted_through() {
    let mut builder = builder(StreamOptions::default(), CohortOptions::default());
    builder
        .add(batch(&["BCRB", "XX1?"], &["a", "b"], &[0, -1]))
        .unwrap();
    builder.add(batch(&["WBRI"], &["c"], &[0])).unwrap();
    builder
        .add(batch(
            &["XX2?", "XX1?", "WBRI"],
            &["d", "e", "f"],
            &[1, 1, -3],
        ))
        .unwrap();
    let error = builder.tallies().unwrap_err();
    assert_eq!(error.code(), "data.refused");
    let findings = error.findings();
    let of = |kind: &str| findings.iter().find(|f| f.kind == kind).unwrap();
    assert_eq!(
        (of("negative").rows, &of("negative").first_rows[..]),
        (2, &[2, 6][..])
    );
    let unknown = of("unknown_code");
    assert_eq!((unknown.rows, &unknown.first_rows[..]), (3, &[2, 4, 5][..]));
    assert!(
        unknown.message.starts_with("2 values are"),
        "{}",
        unknown.message
    );
    assert!(
        !unknown.message.contains("XX1"),
        "a value of two rows is not quoted"
    );
}

#[test]
fn unknown_codes_may_be_unclassified_as_in_one_table() {
    let options = || CohortOptions {
        unknown_codes: UnknownCodes::Unclassified,
        ..CohortOptions::default()
    };
    let frame = batch(
        &["BCRB", "XX1?", "WBRI", "zz"],
        &["a", "b", "c", "d"],
        &[0, 1, 2, 3],
    );
    let mut builder = builder(StreamOptions::default(), options());
    builder.add(frame.slice(0, 3)).unwrap();
    builder.add(frame.slice(3, 1)).unwrap();
    let whole = Cohort::with(frame, Columns::npd(), options()).unwrap();
    let expected = whole.tally(&suspensions(), &["sex"]).unwrap();
    let tallies = builder.tallies().unwrap();
    assert_eq!(tallies, expected);
    assert_eq!(tallies.findings()[0], expected.findings()[0]);
}

#[test]
fn a_pupil_in_two_batches_is_found_where_one_looks_and_said_where_one_does_not() {
    let parts = || {
        [
            batch(&["BCRB"], &["a"], &[1]),
            batch(&["BCRB"], &["a"], &[1]),
        ]
    };
    let run = |pupils| {
        let limits = StreamOptions {
            pupils,
            ..StreamOptions::default()
        };
        let mut builder = builder(limits, CohortOptions::default());
        for part in parts() {
            builder.add(part).unwrap();
        }
        builder.tallies()
    };
    for pupils in [PupilChecks::Sorted, PupilChecks::Remember] {
        let error = run(pupils).unwrap_err();
        assert_eq!(kinds(error.findings()), ["duplicate_pupil"], "{pupils:?}");
        assert_eq!(error.findings()[0].first_rows, [2]);
    }
    let tallies = run(PupilChecks::Batch).unwrap();
    assert_eq!(kinds(tallies.findings()), ["pupils_within_batches"]);
    assert!(run(PupilChecks::Never).unwrap().findings().is_empty());
}

#[test]
fn movers_are_added_across_batches_of_a_sorted_stream_only() {
    let frame = batch(
        &["BCRB", "BCRB", "BCRB", "WBRI", "WBRI", "AIND"],
        &["a", "a", "a", "b", "b", "c"],
        &[1, 2, 4, 0, 8, 16],
    );
    let options = || CohortOptions {
        rows: Rows::Pupil,
        ..CohortOptions::default()
    };
    let sorted = || StreamOptions {
        pupils: PupilChecks::Sorted,
        ..StreamOptions::default()
    };
    let whole = Cohort::with(frame.clone(), Columns::npd(), options()).unwrap();
    let expected = whole.tally(&suspensions(), &["sex"]).unwrap();
    for rows in 1..=6 {
        let mut builder = builder(sorted(), options());
        for from in (0..6).step_by(rows) {
            builder.add(frame.slice(from as i64, rows)).unwrap();
        }
        assert_eq!(builder.tallies().unwrap(), expected, "{rows} rows a batch");
    }
    let mut unsorted = builder(sorted(), options());
    unsorted.add(frame.slice(3, 3)).unwrap();
    unsorted.add(frame.slice(0, 3)).unwrap();
    assert_eq!(
        kinds(unsorted.tallies().unwrap_err().findings()),
        ["not_sorted"]
    );
    let error = builder(StreamOptions::default(), options())
        .add(frame)
        .unwrap_err();
    assert_eq!(error.code(), "option.bad");
}

#[test]
fn a_builder_that_broke_off_gives_nothing_ever_after() {
    let start = || {
        let mut builder = builder(StreamOptions::default(), CohortOptions::default());
        builder.add(batch(&["BCRB"], &["a"], &[1])).unwrap();
        builder
    };
    let broken = |mut builder: TallyBuilder| {
        assert_eq!(builder.tallies().unwrap_err().code(), "stream.broken");
        assert_eq!(builder.state().unwrap_err().code(), "stream.broken");
        let more = builder.add(batch(&["BCRB"], &["b"], &[1]));
        assert_eq!(more.unwrap_err().code(), "stream.broken");
    };
    let mut given_up = start();
    given_up.break_off("the source raised");
    broken(given_up);
    let mut changed = start();
    let other = batch(&["BCRB"], &["b"], &[1]).drop("pupil_id").unwrap();
    assert_eq!(changed.add(other).unwrap_err().code(), "stream.changed");
    broken(changed);
    let mut stopped = start();
    let options = TallyOptions {
        stop: Some(&|| true),
        ..TallyOptions::default()
    };
    let added = stopped.add_with(batch(&["BCRB"], &["b"], &[1]), &options);
    assert_eq!(added.unwrap_err().code(), "call.interrupted");
    broken(stopped);
}

#[test]
fn limits_are_errors_before_the_machine_swaps() {
    let frame = batch(&["BCRB", "WBRI", "AIND"], &["a", "b", "c"], &[1, 2, 3]);
    let error = |limits| builder(limits, CohortOptions::default()).add(frame.clone());
    let cells = StreamOptions {
        max_cells: Some(2),
        ..StreamOptions::default()
    };
    assert!(matches!(
        error(cells),
        Err(Error::TooManyCells { cells: 3, limit: 2 })
    ));
    let memory = StreamOptions {
        memory_limit: Some(100),
        ..StreamOptions::default()
    };
    assert_eq!(error(memory).unwrap_err().code(), "stream.memory");
}

#[test]
fn no_row_at_all_is_refused() {
    let mut empty = builder(StreamOptions::default(), CohortOptions::default());
    empty.add(batch(&[], &[], &[])).unwrap();
    assert_eq!(kinds(empty.tallies().unwrap_err().findings()), ["no_rows"]);
}

#[test]
fn own_groups_alike_in_different_batches_are_refused() {
    let options = CohortOptions {
        codes: disprop::codes::CodeSet::Own,
        ..CohortOptions::default()
    };
    let mut builder = builder(StreamOptions::default(), options);
    builder.add(batch(&["Somali"], &["a"], &[1])).unwrap();
    builder.add(batch(&["somali"], &["b"], &[1])).unwrap();
    let error = builder.tallies().unwrap_err();
    assert_eq!(kinds(error.findings())[0], "labels_alike");
}

#[test]
fn only_the_columns_that_count_are_asked_for() {
    let builder = builder(StreamOptions::default(), CohortOptions::default());
    let names = [
        "UPN",
        "Gender",
        "Ethnic_Code",
        "Postcode",
        "TotalFixedExclusions",
        "URN",
    ];
    let names: Vec<String> = names.map(Into::into).into();
    let wanted = builder.columns_read(&names);
    assert_eq!(
        wanted,
        [
            "UPN",
            "Gender",
            "Ethnic_Code",
            "TotalFixedExclusions",
            "URN"
        ]
    );
}
