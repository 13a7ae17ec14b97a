//! Arbitrary input to everything that reads text: an answer or a refusal, never a panic.

use disprop::codes::CodeSet;
use disprop::tallies::{Counts, Whole};
use disprop::{Cohort, Columns, Measure, Tallies, measure};
use disprop_tests::column;
use disprop_tests::fuzz::{self, sound};
use polars::prelude::*;
use proptest::prelude::*;

/// Text that is nearly right: words of labels and definitions between anything at all.
fn scraps() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("Black"),
        Just("Caribbean"),
        Just("White"),
        Just(" - "),
        Just("/"),
        Just("Total"),
        Just("Mixed"),
        Just("BCRB"),
        Just("Ethnicity Minor"),
        Just("&"),
        Just("and"),
        Just("Other"),
        Just("boys"),
        Just("FSM"),
        Just("\u{feff}"),
        Just("İ"),
        Just("ß"),
        Just("\u{0}"),
        Just("any other"),
        Just("("),
        Just("’"),
        Just("UNCL"),
        Just("Refused"),
    ]
    .prop_map(str::to_owned);
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(prop_oneof![3 => word, 1 => any::<String>()], 0..7)
            .prop_map(|words| words.join(" ")),
        proptest::collection::vec(any::<char>(), 0..3)
            .prop_map(|c| c.into_iter().collect::<String>().repeat(50)),
    ]
}

fn cell() -> impl Strategy<Value = Option<String>> {
    let number = prop_oneof![
        Just("z"),
        Just("x"),
        Just("c"),
        Just("1,234"),
        Just("-5"),
        Just("1e308"),
        Just("1e30"),
        Just("9999999999999"),
        Just("NaN"),
        Just("inf"),
        Just("0.1"),
        Just(".."),
        Just("low"),
        Just("170141183460469231731687303715884105727"),
        Just("7"),
        Just("12"),
        Just("0"),
        Just(""),
    ]
    .prop_map(|s| Some(s.to_owned()));
    prop_oneof![6 => number, 1 => scraps().prop_map(Some), 1 => Just(None)]
}

fn label() -> impl Strategy<Value = Option<String>> {
    let known = prop_oneof![
        Just("BCRB"),
        Just("WBRI"),
        Just("AIND"),
        Just("Total"),
        Just("Black Caribbean"),
        Just("Refused"),
        Just("White"),
        Just("REFU"),
    ]
    .prop_map(|s| Some(s.to_owned()));
    prop_oneof![5 => known, 1 => scraps().prop_map(Some), 1 => Just(None)]
}

/// The cells of one row.
type Cells = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn labels(raw in scraps()) {
        fuzz::label(&raw);
    }

    #[test]
    fn definitions(raw in scraps(), id in "[a-z_]{0,6}", p in any::<u32>(), q in any::<u32>()) {
        let _ = Measure::from_toml(&raw);
        let _ = Measure::from_json(&raw);
        let _ = measure(&raw);
        let toml = format!(
            "id = \"{id}\"\nlabel = {raw:?}\npolarity = \"neither\"\n\
             quantity = {{ threshold = {{ numerator = \"a\", denominator = \"b\", at_least = [{p}, {q}] }} }}\n"
        );
        if let Ok(measure) = Measure::from_toml(&toml) {
            let frame = df!(
                "ethnicity" => ["BCRB", "WBRI", "WBRI"],
                "a" => [1_000_000_000.0, 0.000_001, 3.0],
                "b" => [1_000_000_000.0, 0.5, 0.0],
            ).unwrap();
            let cohort = Cohort::new(frame, Columns::npd()).unwrap();
            if let Ok(tallies) = cohort.tally(&[measure], &[]) {
                sound(&tallies);
            }
        }
    }

    #[test]
    fn published_tables(
        rows in proptest::collection::vec((label(), cell(), cell(), cell()), 0..8),
        whole in prop_oneof![Just(None), Just(Some(Whole::Exhaustive)), Just(Some(Whole::Row("Total".into())))],
        id in prop_oneof![Just("suspensions"), Just("he"), Just("ks4_progress8"), Just("absence")],
        rounded in prop_oneof![Just(0_u32), Just(5), any::<u32>()],
        own in any::<bool>(),
    ) {
        let pick = |f: fn(&Cells) -> &Option<String>| {
            rows.iter().map(|r| f(r).clone()).collect::<Vec<Option<String>>>()
        };
        let frame = DataFrame::new(rows.len(), vec![
            column("group", pick(|r| &r.0)),
            column("x", pick(|r| &r.1)),
            column("d", pick(|r| &r.2)),
            column("place", pick(|r| &r.3)),
        ]).unwrap();
        let mut counts = Counts::new(measure(id).unwrap(), "group", "x", "d")
            .by("place", "place")
            .rounded_to(rounded)
            .symbol("c", 1, 2);
        if let Some(whole) = whole {
            counts = counts.whole(whole);
        }
        if own {
            counts = counts.codes(CodeSet::Own);
        }
        if let Ok(tallies) = Tallies::from_counts(&frame, &counts) {
            sound(&tallies);
            if let Ok(rolled) = tallies.roll_up(&[]) {
                sound(&rolled);
            }
            let _ = tallies.merge(&tallies).map(|twice| sound(&twice));
        }
    }

    #[test]
    fn pupil_rows_of_text(
        rows in proptest::collection::vec((label(), cell(), cell(), cell()), 0..8),
    ) {
        let frame = DataFrame::new(rows.len(), vec![
            column("ethnicity", rows.iter().map(|r| r.0.clone()).collect::<Vec<_>>()),
            column("sessions_absent", rows.iter().map(|r| r.1.clone()).collect::<Vec<_>>()),
            column("sessions_possible", rows.iter().map(|r| r.2.clone()).collect::<Vec<_>>()),
            column("ks4_progress8", rows.iter().map(|r| r.3.clone()).collect::<Vec<_>>()),
            column("year", rows.iter().map(|r| r.3.clone()).collect::<Vec<_>>()),
        ]).unwrap();
        if let Ok(cohort) = Cohort::new(frame, Columns::npd()) {
            let known: Vec<Measure> = cohort.measures().into_iter().cloned().collect();
            sound(&cohort.tally(&known, &["year"]).unwrap());
        }
    }

    #[test]
    fn tables_of_numbers(
        rows in proptest::collection::vec((label(), any::<f64>(), any::<f64>()), 1..6),
        exhaustive in any::<bool>(),
    ) {
        let frame = DataFrame::new(rows.len(), vec![
            column("group", rows.iter().map(|r| r.0.clone()).collect::<Vec<_>>()),
            column("x", rows.iter().map(|r| r.1).collect::<Vec<_>>()),
            column("d", rows.iter().map(|r| r.2).collect::<Vec<_>>()),
        ]).unwrap();
        let whole = if exhaustive { Whole::Exhaustive } else { Whole::Row("Total".into()) };
        for id in ["suspensions", "he", "ks4_attainment8"] {
            let counts = Counts::new(measure(id).unwrap(), "group", "x", "d").whole(whole.clone());
            if let Ok(tallies) = Tallies::from_counts(&frame, &counts) {
                sound(&tallies);
            }
        }
    }
}

/// The bodies of `fuzz/`, on random bytes.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..400),
        proptest::collection::vec(0_u8..16, 0..400),
    ]
}

/// How many of them: `FUZZ_CASES=100000 cargo test …` where there is an hour for it.
fn cases() -> u32 {
    let asked = std::env::var("FUZZ_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(512)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn fuzzed_labels(data in bytes()) {
        fuzz::labels(&data);
    }

    #[test]
    fn fuzzed_published_tables(data in bytes()) {
        fuzz::from_counts(&data);
    }

    #[test]
    fn fuzzed_columns_of_any_type(data in bytes()) {
        fuzz::pupil_rows(&data);
    }

    #[test]
    fn fuzzed_checkpoints(data in bytes()) {
        fuzz::checkpoint(&data);
    }

    #[test]
    fn fuzzed_sums(data in bytes()) {
        fuzz::sums(&data);
    }
}
