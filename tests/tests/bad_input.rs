//! Data and calls that cannot be used: what is said of them, and what never is.

use disprop::cohort::{CohortOptions, Rows};
use disprop::gaps::{GroupChoice, Verdict};
use disprop::tallies::{Counts, Whole};
use disprop::{Cohort, Columns, Error, Finding, GapOptions, Tallies, measure};
use disprop_stats::{Level, NotCalculable};
use disprop_tests::column;
use polars::prelude::*;

/// Identifiers of the pupils below; no message may hold one.
const PUPILS: [&str; 4] = [
    "A820432117001",
    "B820432117002",
    "C820432117003",
    "D820432117004",
];

/// Four pupils of two groups, in order.
fn frame() -> DataFrame {
    df!(
        "pupil_id" => PUPILS,
        "ethnicity" => ["BCRB", "BCRB", "WBRI", "WBRI"],
        "year" => ["2022/23"; 4],
        "school" => ["S1", "S1", "S2", "S2"],
        "sessions_possible" => [380_u32; 4],
        "sessions_absent" => [38_u32, 10, 37, 0],
        "suspensions" => [0_u32, 1, 2, 0],
        "ks4_attainment8" => [40.5, 41.25, 50.0, 61.75],
    )
    .unwrap()
}

fn with(column: Column) -> DataFrame {
    let mut frame = frame();
    frame.with_column(column).unwrap();
    frame
}

/// What is refused, checked for identifiers and manners on the way.
fn refused(frame: DataFrame) -> Vec<Finding> {
    refusal(Cohort::new(frame, Columns::npd()))
}

fn refusal(result: Result<Cohort, Error>) -> Vec<Finding> {
    let error = result.expect_err("a refusal");
    assert_eq!(error.code(), "data.refused");
    discreet(&error);
    assert!(error.findings().iter().any(Finding::is_refusal));
    error.findings().to_vec()
}

fn discreet(error: &Error) {
    let said = format!(
        "{error} {error:?} {:?} {:?}",
        error.hint(),
        error.findings()
    );
    for id in PUPILS {
        assert!(!said.contains(id) && !said.contains(&id[..8]), "{said}");
    }
}

fn one<'a>(findings: &'a [Finding], kind: &str) -> &'a Finding {
    let of_kind: Vec<&Finding> = findings.iter().filter(|f| f.kind == kind).collect();
    assert_eq!(of_kind.len(), 1, "{findings:?}");
    of_kind[0]
}

fn hint(finding: &Finding) -> &str {
    finding.hint.as_deref().expect("advice")
}

#[test]
fn a_table_without_rows() {
    let findings = refused(frame().head(Some(0)));
    assert!(hint(one(&findings, "no_rows")).contains("complete"));
    let findings = refused(DataFrame::empty());
    one(&findings, "no_rows");
    one(&findings, "missing_column");
}

#[test]
fn one_column_where_several_are_expected() {
    // What a reader makes of a file with another delimiter.
    let frame = df!("ethnicity;sessions_absent;sessions_possible" => ["BCRB;3;380"]).unwrap();
    let findings = refused(frame);
    let missing = one(&findings, "missing_column");
    assert!(
        hint(missing).contains("ethnicity;sessions_absent"),
        "{missing:?}"
    );
}

#[test]
fn a_misspelt_column() {
    let mut misspelt = frame();
    misspelt.rename("ethnicity", "ethnicty".into()).unwrap();
    let findings = refused(misspelt);
    assert_eq!(
        hint(one(&findings, "missing_column")),
        "did you mean `ethnicty`? Say ethnicity=\"ethnicty\""
    );

    let named = Cohort::new(frame(), Columns::npd().role("school", "scool"));
    let findings = refusal(named);
    let missing = one(&findings, "missing_column");
    assert_eq!(
        (missing.column.as_deref(), hint(missing)),
        (Some("scool"), "did you mean `school`?")
    );

    let mut misspelt = frame();
    misspelt
        .rename("sessions_absent", "sesions_absent".into())
        .unwrap();
    let cohort = Cohort::new(misspelt, Columns::npd()).unwrap();
    let error = cohort
        .tally(&[measure("absence").unwrap()], &[])
        .unwrap_err();
    assert_eq!(error.code(), "measure.columns");
    assert!(
        error
            .to_string()
            .contains("`absence` needs `sessions_absent`"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .starts_with("did you mean `sesions_absent`?")
    );
}

#[test]
fn a_misspelt_dimension() {
    let cohort = Cohort::new(frame(), Columns::npd()).unwrap();
    let error = cohort
        .tally(&[measure("absence").unwrap()], &["shcool"])
        .unwrap_err();
    assert_eq!(error.code(), "dimension.unknown");
    assert_eq!(error.hint().as_deref(), Some("did you mean `school`?"));
    let tallies = cohort
        .tally(&[measure("absence").unwrap()], &["school"])
        .unwrap();
    assert_eq!(
        tallies.roll_up(&["sex"]).unwrap_err().code(),
        "dimension.unknown"
    );
    assert_eq!(
        tallies.only("school", "S3").unwrap_err().code(),
        "option.bad"
    );
}

#[test]
fn text_in_a_column_of_numbers() {
    let findings = refused(with(column(
        "sessions_absent",
        vec!["38", PUPILS[0], "37", "nil"],
    )));
    let found = one(&findings, "not_a_number");
    assert_eq!(
        (found.column.as_deref(), found.rows),
        (Some("sessions_absent"), 2)
    );
    assert_eq!(found.first_rows, [2, 4]);
    assert!(hint(found).contains("empty"));
}

#[test]
fn an_unknown_code_is_counted_and_not_quoted() {
    let findings = refused(with(column(
        "ethnicity",
        vec!["BCRB", PUPILS[1], "WBRI", "WBRI"],
    )));
    let found = one(&findings, "unknown_code");
    assert_eq!((found.rows, &found.first_rows[..]), (1, &[2][..]));
    assert!(hint(found).contains("unknown_codes"));

    // An identifier column given as ethnicity: all values unknown, none quoted.
    let columns = Columns::npd().role("ethnicity", "pupil_id");
    one(&refusal(Cohort::new(frame(), columns)), "unknown_code");

    // A value of many rows is nobody's identifier, and is shown.
    let many = df!("ethnicity" => ["ZZZZ"; 10], "he" => [1_u8; 10]).unwrap();
    assert!(
        one(&refused(many), "unknown_code")
            .message
            .contains("`ZZZZ`")
    );
}

#[test]
fn a_pupil_twice() {
    let twice = [PUPILS[0], PUPILS[0], PUPILS[1], PUPILS[2]];
    let findings = refused(with(column("pupil_id", twice.to_vec())));
    let found = one(&findings, "duplicate_pupil");
    assert_eq!((found.rows, &found.first_rows[..]), (1, &[2][..]));
    assert_eq!(hint(found), "remove the repeated rows");

    let mut no_school = with(column("pupil_id", twice.to_vec()));
    no_school.drop_in_place("school").unwrap();
    assert!(hint(one(&refused(no_school.clone()), "duplicate_pupil")).contains("rows=\"pupil\""));
    let options = CohortOptions {
        rows: Rows::Pupil,
        ..CohortOptions::default()
    };
    let folded = Cohort::with(no_school, Columns::npd(), options.clone()).unwrap();
    assert_eq!(folded.units(), 3);

    let nameless = frame().drop("pupil_id").unwrap();
    one(
        &refusal(Cohort::with(nameless, Columns::npd(), options)),
        "missing_column",
    );
}

#[test]
fn more_absent_than_possible() {
    let findings = refused(with(column("sessions_absent", vec![38_u32, 381, 37, 0])));
    let found = one(&findings, "absent_over_possible");
    assert_eq!(
        (found.column.as_deref(), &found.first_rows[..]),
        (Some("sessions_absent"), &[2][..])
    );
    assert!(hint(found).contains("same terms"));
}

#[test]
fn scores_that_are_not_finite_or_beyond_reason() {
    let findings = refused(with(column(
        "ks4_attainment8",
        vec![1.0, f64::INFINITY, 2e9, 3.0],
    )));
    assert_eq!(one(&findings, "not_finite").first_rows, [2]);
    let large = one(&findings, "out_of_range");
    assert_eq!(large.first_rows, [3]);
    assert!(hint(large).contains("unit"));
    // Not a number is how some tools write nothing.
    let cohort = Cohort::new(
        with(column("ks4_attainment8", vec![1.0, f64::NAN, 2.0, 3.0])),
        Columns::npd(),
    );
    assert!(cohort.is_ok());
}

#[test]
fn negative_counts_and_flags_that_are_none() {
    let findings = refused(with(column("suspensions", vec![0_i64, -1, 0, 0])));
    one(&findings, "negative");
    let findings = refused(with(column("he", vec![0_i64, 1, 2, 0])));
    one(&findings, "not_a_flag");
    let findings = refused(with(column(
        "suspensions",
        vec![0_i64, 0, i64::MAX, i64::MIN],
    )));
    one(&findings, "out_of_range");
}

#[test]
fn every_finding_at_once() {
    let mut bad = with(column("ethnicity", vec!["BCRB", "?!", "WBRI", "WBRI"]));
    bad.with_column(column("sessions_absent", vec![400_u32, 0, 0, 0]))
        .unwrap();
    bad.with_column(column("suspensions", vec!["two", "", "", ""]))
        .unwrap();
    bad.with_column(column("pupil_id", vec![PUPILS[0]; 4]))
        .unwrap();
    let kinds: Vec<&str> = refused(bad).iter().map(|f| f.kind).collect();
    for kind in [
        "unknown_code",
        "absent_over_possible",
        "not_a_number",
        "duplicate_pupil",
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn columns_of_no_use_as_what_they_are_to_be() {
    let lists = Series::new("school".into(), [1.5_f64, 2.0, 3.0, 4.0]);
    one(&refused(with(lists.into())), "not_a_category");
    let mut two = frame();
    two.with_column(column("Year", vec!["2022/23"; 4])).unwrap();
    one(&refused(two), "column_twice");
}

#[test]
fn a_group_of_nobody_and_a_group_of_everyone() {
    let cohort = Cohort::new(frame(), Columns::npd()).unwrap();
    let tallies = cohort.tally(
        &[measure("he").unwrap_or_else(|_| measure("absence").unwrap())],
        &[],
    );
    assert_eq!(tallies.unwrap_err().code(), "measure.columns");
    let tallies = cohort
        .tally(&[measure("persistent_absence").unwrap()], &[])
        .unwrap();
    let gaps = tallies
        .gaps(&GapOptions {
            groups: vec![
                GroupChoice::Code("AIND".into()),
                GroupChoice::named("everyone", &["BCRB", "WBRI"]),
            ],
            ..GapOptions::default()
        })
        .unwrap();
    let nobody = gaps.find("persistent_absence", "AIND").unwrap();
    assert_eq!(nobody.group.n, Some(0));
    assert_eq!(nobody.difference.value, Err(NotCalculable::NoGroup));
    assert_eq!(nobody.verdict, Verdict::NotCalculable);
    assert!(
        nobody.reasons().starts_with("no_group"),
        "{}",
        nobody.reasons()
    );
    let everyone = gaps.find("persistent_absence", "everyone").unwrap();
    assert_eq!(everyone.difference.value, Err(NotCalculable::NoBaseline));
    assert!(
        everyone.reasons().contains("no_baseline"),
        "{}",
        everyone.reasons()
    );
    let error = tallies
        .gaps(&GapOptions {
            groups: vec![GroupChoice::Code("Black Carib".into())],
            ..GapOptions::default()
        })
        .unwrap_err();
    assert_eq!(error.code(), "group.unknown");
    assert!(
        error.hint().unwrap().contains("Black Caribbean"),
        "{:?}",
        error.hint()
    );
}

#[test]
fn pupils_of_no_recorded_group_are_no_group() {
    let cohort = Cohort::new(frame(), Columns::npd()).unwrap();
    let tallies = cohort
        .tally(&[measure("persistent_absence").unwrap()], &[])
        .unwrap();
    for wanted in ["REFU", "Refused", "Unclassified"] {
        let options = GapOptions {
            groups: vec![GroupChoice::named("unknown", &[wanted])],
            ..GapOptions::default()
        };
        let error = tallies.gaps(&options).unwrap_err();
        assert_eq!(error.code(), "option.bad");
        assert_eq!(
            error.to_string(),
            format!(
                "option `group` is `{wanted}`; it takes groups: pupils so marked belong to none, \
                 and `unclassified` says where they stand"
            )
        );
    }
}

#[test]
fn an_unknown_measure_and_a_level_of_95() {
    let error = measure("persistent_abscence").unwrap_err();
    assert_eq!(error.code(), "measure.unknown");
    assert_eq!(
        error.hint().as_deref(),
        Some("did you mean `persistent_absence`?")
    );
    let error = Error::from(Level::new(95.0).unwrap_err());
    assert_eq!(error.code(), "stats.level");
    assert_eq!(error.hint().as_deref(), Some("write 0.95 for 95 %"));
    for level in [0.0, 1.0, -0.5, f64::NAN, f64::INFINITY] {
        assert!(Level::new(level).is_err(), "{level}");
    }
}

#[test]
fn options_out_of_range() {
    let cohort = Cohort::new(frame(), Columns::npd()).unwrap();
    let tallies = cohort.tally(&[measure("absence").unwrap()], &[]).unwrap();
    for options in [
        GapOptions {
            minimum: -1,
            ..GapOptions::default()
        },
        GapOptions {
            matters: -1.0,
            ..GapOptions::default()
        },
        GapOptions {
            matters: f64::NAN,
            ..GapOptions::default()
        },
        GapOptions {
            baseline: disprop::Baseline::Fixed(f64::INFINITY),
            ..GapOptions::default()
        },
    ] {
        assert_eq!(tallies.gaps(&options).unwrap_err().code(), "option.bad");
    }
}

#[test]
fn sums_that_no_integer_holds() {
    // Squares of 10⁹ with six decimals come to 10³⁰ each; 2 · 10⁸ rows of them would not fit.
    let table = df!(
        "group" => ["BCRB", "WBRI"],
        "x" => [9e12, 9e12],
        "d" => [9e12, 9e12],
    )
    .unwrap();
    let counts =
        Counts::new(measure("suspensions").unwrap(), "group", "x", "d").whole(Whole::Exhaustive);
    let tallies = Tallies::from_counts(&table, &counts).unwrap();
    let sum = (0..64).try_fold(tallies, |sum, _| sum.merge(&sum));
    match sum {
        Ok(sum) => assert!(sum.gaps(&GapOptions::default()).is_ok()),
        Err(error) => assert_eq!(error.code(), "stats.overflow"),
    }
    let proportions =
        Counts::new(measure("he").unwrap(), "group", "x", "d").whole(Whole::Exhaustive);
    let tallies = Tallies::from_counts(&table, &proportions).unwrap();
    let error = (0..64)
        .try_fold(tallies, |sum, _| sum.merge(&sum))
        .unwrap_err();
    assert_eq!(error.code(), "stats.overflow");
    assert!(error.hint().unwrap().contains("plausible"));
}

#[test]
fn published_tables_that_cannot_be_used() {
    let table = df!(
        "characteristic" => ["Black Caribbean", "White British", "Total"],
        "suspensions" => ["10", "20", "thirty"],
        "headcount" => [100, 200, 300],
        "rate" => [10.0, 10.0, 10.0],
    )
    .unwrap();
    let kinds = |counts: Counts| {
        let error = Tallies::from_counts(&table, &counts).unwrap_err();
        assert_eq!(error.code(), "data.refused");
        assert!(error.hint().is_some(), "{error}");
        error
            .findings()
            .iter()
            .filter(|f| f.is_refusal())
            .map(|f| f.kind)
            .collect::<Vec<&str>>()
    };
    let susp = || measure("suspensions").unwrap();
    let counts = |x: &str, d: &str| Counts::new(susp(), "characteristic", x, d);
    let total = |label: &str| Whole::Row(label.into());
    assert_eq!(
        kinds(counts("suspensions", "headcount").whole(total("Total"))),
        ["not_a_number"]
    );
    assert_eq!(kinds(counts("rate", "headcount")), ["whole_not_stated"]);
    assert_eq!(
        kinds(Counts::rates(susp(), "characteristic", "rate")),
        ["rates_without_counts"]
    );
    assert_eq!(
        kinds(counts("rate", "headcount").whole(total("All pupils"))),
        ["no_total_row"]
    );
    assert_eq!(
        kinds(counts("rate", "hedcount").whole(total("Total"))),
        ["missing_column"]
    );
    let filtered = counts("rate", "headcount")
        .whole(total("Total"))
        .only("characteristic", &["Welsh"]);
    assert_eq!(kinds(filtered), ["no_such_value"]);

    let twice = table.vstack(&table).unwrap();
    let error = Tallies::from_counts(&twice, &counts("rate", "headcount").whole(total("Total")));
    assert_eq!(error.unwrap_err().findings()[0].kind, "cell_twice");
    let odd =
        df!("characteristic" => ["Black Caribean people", "Total"], "x" => [1, 2], "d" => [3, 4])
            .unwrap();
    let error = Tallies::from_counts(
        &odd,
        &Counts::new(susp(), "characteristic", "x", "d").whole(total("Total")),
    );
    assert_eq!(error.unwrap_err().findings()[0].kind, "unknown_label");
    let empty = odd.head(Some(0));
    let error = Tallies::from_counts(
        &empty,
        &Counts::new(susp(), "characteristic", "x", "d").whole(total("Total")),
    );
    assert_eq!(error.unwrap_err().findings()[0].kind, "no_rows");
}

#[test]
fn groups_of_more_than_everyone_are_warned_of() {
    let found = |pupils: [i64; 3], rounded| {
        let frame = df!(
            "group" => ["Black African", "Black - Somali", "Total"],
            "x" => [4, 2, 30], "d" => pupils,
        )
        .unwrap();
        let counts = Counts::new(measure("suspensions").unwrap(), "group", "x", "d")
            .whole(Whole::Row("Total".into()))
            .rounded_to(rounded);
        let tallies = Tallies::from_counts(&frame, &counts).unwrap();
        let kinds = tallies.findings().iter().map(|f| f.kind);
        kinds.filter(|kind| *kind == "groups_exceed_total").count()
    };
    assert_eq!(found([60, 45, 100], 1), 1);
    assert_eq!(found([60, 40, 100], 1), 0);
    // Each of three counts is up to 2.5 off.
    assert_eq!(found([60, 45, 100], 5), 0);
    assert_eq!(found([60, 50, 100], 5), 1);
}

#[test]
fn unsigned_numbers_beyond_the_signed_are_not_missing() {
    let huge = column("suspensions", vec![0_u64, u64::MAX, 1, 2]);
    assert_eq!(one(&refused(with(huge)), "out_of_range").first_rows, [2]);
}

#[test]
fn measures_that_do_not_hold_together() {
    for text in [
        "",
        "id = 3",
        "id = \"Upper\"\nlabel = \"x\"\npolarity = \"neither\"\nquantity = { flag = { column = \"c\" } }",
        "id = \"x\"\nlabel = \"x\"\npolarity = \"neither\"\nquantity = { flag = { column = \"\" } }",
        "id = \"x\"\nlabel = \"x\"\npolarity = \"neither\"\ndecimals = 7\nquantity = { flag = { column = \"c\" } }",
    ] {
        assert_eq!(
            disprop::Measure::from_toml(text).unwrap_err().code(),
            "measure.bad",
            "{text}"
        );
    }
}
