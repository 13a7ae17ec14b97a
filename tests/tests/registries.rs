//! Every list, walked: each measure tallied and compared, each method usable, each slug unique.

use std::collections::BTreeSet;

use disprop::codes::Recognised;
use disprop::gaps::{Dispersion, Verdict};
use disprop::many::TestRow;
use disprop::measure::{Polarity, Quantity, Unit};
use disprop::present::methods_frame;
use disprop::synth::{self, Plan};
use disprop::{
    Baseline, Cohort, Columns, Error, Gap, GapOptions, Measure, Tallies, catalogue, measure,
};
use disprop_stats::{Calculated, Interval, NotCalculable};
use disprop_tests::column;
use polars::prelude::{DataFrame, df};

/// Measures whose columns no synthetic pupil or teacher has.
const ELSEWHERE: &[(&str, &str)] = &[(
    "commitment_met",
    "its rows are schools, which an authority lists itself",
)];

fn pupils() -> Cohort {
    let plan = Plan {
        pupils: 4_000,
        years: 2,
        seed: 3,
        ..Plan::default()
    };
    Cohort::new(synth::cohort(&plan).unwrap(), Columns::npd()).unwrap()
}

fn staff() -> Cohort {
    let plan = Plan {
        pupils: 4_000,
        years: 2,
        seed: 3,
        ..Plan::default()
    };
    Cohort::new(synth::staff(&plan).unwrap(), Columns::npd()).unwrap()
}

fn schools() -> Cohort {
    let frame = DataFrame::new(
        6,
        vec![
            column(
                "ethnicity",
                vec!["BCRB", "BCRB", "WBRI", "WBRI", "AIND", "AIND"],
            ),
            column("commitment_met", vec![1_i64, 0, 1, 1, 0, 0]),
        ],
    );
    Cohort::new(frame.unwrap(), Columns::npd()).unwrap()
}

fn finite(value: Calculated<f64>) -> bool {
    value.map_or(true, f64::is_finite)
}

fn ordered(interval: Calculated<Interval>) -> bool {
    interval.map_or(true, |i| {
        i.lower.is_finite() && i.upper.is_finite() && i.lower <= i.upper
    })
}

fn sound(gap: &Gap) -> bool {
    let sides = [&gap.group, &gap.baseline]
        .into_iter()
        .all(|s| finite(s.value) && ordered(s.interval));
    let contrasts = [&gap.difference, &gap.ratio, &gap.odds_ratio, &gap.excess]
        .into_iter()
        .all(|c| {
            let holds = match (c.value, c.interval) {
                (Ok(v), Ok(i)) => i.lower <= v && v <= i.upper,
                _ => true,
            };
            finite(c.value) && ordered(c.interval) && holds
        });
    sides && contrasts && finite(gap.share_ratio) && finite(gap.coverage)
}

fn tallied(measure: &Measure) -> Tallies {
    let cohorts = [pupils, staff, schools];
    let cohort = cohorts
        .into_iter()
        .map(|make| make())
        .find(|cohort| cohort.measures().iter().any(|m| m.id == measure.id))
        .unwrap_or_else(|| panic!("no cohort has {}", measure.id));
    cohort.tally(std::slice::from_ref(measure), &[]).unwrap()
}

#[test]
fn every_measure_is_tallied_and_compared() {
    let (pupils, staff) = (pupils(), staff());
    let mut done = BTreeSet::new();
    for cohort in [&pupils, &staff, &schools()] {
        let known: Vec<Measure> = cohort.measures().into_iter().cloned().collect();
        let dimensions: &[&str] = if cohort.roles().any(|(role, _)| role == "year") {
            &["year"]
        } else {
            &[]
        };
        let tallies = cohort.tally(&known, dimensions).unwrap();
        for baseline in [Baseline::AllOthers, Baseline::Overall, Baseline::BestPlaced] {
            let options = GapOptions {
                baseline,
                ..GapOptions::default()
            };
            let gaps = tallies.gaps(&options).unwrap();
            for (number, measure) in known.iter().enumerate() {
                let mine: Vec<&Gap> = gaps.rows.iter().filter(|g| g.measure == number).collect();
                assert!(!mine.is_empty(), "{}", measure.id);
                assert!(mine.iter().any(|g| g.group.value.is_ok()), "{}", measure.id);
                for gap in mine {
                    assert!(sound(gap), "{}: {gap:?}", measure.id);
                    let typed = gap.difference.value.is_ok() || !gap.reasons().is_empty();
                    assert!(
                        typed,
                        "{}: a number is missing without a reason",
                        measure.id
                    );
                    if measure.polarity == Polarity::Neither {
                        assert!(!matches!(gap.verdict, Verdict::Better | Verdict::Worse));
                    }
                }
                done.insert(measure.id.clone());
            }
            assert_eq!(gaps.to_frame().unwrap().height(), gaps.rows.len());
        }
    }
    for measure in catalogue() {
        assert!(
            done.contains(&measure.id),
            "{} was never tallied",
            measure.id
        );
    }
    for (id, reason) in ELSEWHERE {
        let synthetic = [&pupils, &staff]
            .iter()
            .any(|c| c.measures().iter().any(|m| m.id == *id));
        assert!(!synthetic, "stale exemption: {id} ({reason})");
    }
}

#[test]
fn every_measure_is_found_by_every_name() {
    let mut names = BTreeSet::new();
    for entry in catalogue() {
        for name in std::iter::once(&entry.id).chain(&entry.aliases) {
            assert_eq!(&measure(name).unwrap(), entry);
            assert_eq!(
                &measure(&format!(" {} ", name.to_uppercase())).unwrap(),
                entry
            );
            assert!(names.insert(name.clone()), "{name} stands twice");
        }
        let hint = measure(&format!("{}x", entry.id))
            .unwrap_err()
            .hint()
            .unwrap();
        assert!(hint.starts_with("did you mean `"), "{}: {hint}", entry.id);
    }
}

#[test]
fn units_decimals_and_directions_are_sensible() {
    let mut labels = BTreeSet::new();
    for m in catalogue() {
        assert!(
            labels.insert(m.label.clone()),
            "{}: label stands twice",
            m.id
        );
        assert!(m.decimals <= 3, "{}", m.id);
        let fits = match &m.quantity {
            Quantity::Flag { .. } | Quantity::Threshold { .. } | Quantity::CountAtLeast { .. } => {
                m.unit == Unit::Percent
            }
            Quantity::Count { .. } => matches!(m.unit, Unit::Per(100 | 10_000)),
            Quantity::Score { .. } => matches!(m.unit, Unit::Points | Unit::Number),
            Quantity::Share { .. } => matches!(m.unit, Unit::Percent | Unit::Points),
        };
        assert!(fits, "{}: {:?} in {:?}", m.id, m.quantity, m.unit);
        let expected = match m.id.as_str() {
            "leaders" => Polarity::Neither,
            id if id.contains("absence") || id.contains("suspen") || id.contains("exclusion") => {
                Polarity::LowerIsBetter
            }
            _ => Polarity::HigherIsBetter,
        };
        assert_eq!(m.polarity, expected, "{}", m.id);
        assert_eq!(m.ratio_scale, m.id != "ks4_progress8", "{}", m.id);
        assert!(
            m.breaks
                .iter()
                .all(|b| b.until.is_none_or(|u| u >= b.from) && !b.note.is_empty())
        );
    }
}

#[test]
fn every_method_is_usable_by_its_id() {
    let methods = methods_frame().unwrap();
    let texts = |name: &str| -> Vec<String> {
        methods
            .column(name)
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .flatten()
            .map(Into::into)
            .collect()
    };
    let (families, scales, ids) = (texts("family"), texts("scale"), texts("method"));
    assert!(ids.len() > 30 && ids.len() == families.len());
    for name in ["label", "formula", "source", "when_to_use", "when_not"] {
        assert!(texts(name).iter().all(|t| !t.is_empty()), "{name}");
    }
    let of_family = |family: &str| match family {
        "proportion" => tallied(&measure("persistent_absence").unwrap()),
        "mean" => tallied(&measure("suspensions").unwrap()),
        "ratio" => tallied(&measure("absence").unwrap()),
        _ => rates(),
    };
    for family in ["proportion", "mean", "ratio", "rate"] {
        let tallies = of_family(family);
        let mut unique = BTreeSet::new();
        for ((_, scale), id) in families
            .iter()
            .zip(&scales)
            .zip(&ids)
            .filter(|((f, _), _)| *f == family)
        {
            assert!(
                unique.insert((scale, id)),
                "{family} {scale} {id} stands twice"
            );
            match scale.as_str() {
                "test" => {
                    let found = tallies.gaps(&GapOptions::default()).unwrap();
                    let tests = found.tests(Some(id)).unwrap();
                    let named = |row: &TestRow| row.test.is_ok_and(|(name, _)| name == id);
                    assert!(
                        tests.rows.iter().any(named),
                        "{family} {id} answers nothing"
                    );
                    continue;
                }
                "effect_size" => {
                    let found = tallies.gaps(&GapOptions::default()).unwrap();
                    let effects = found.effect_sizes().unwrap();
                    assert!(
                        effects
                            .rows
                            .iter()
                            .all(|row| row.effect == Some(id.as_str()))
                    );
                    continue;
                }
                "dispersion" => {
                    let options = GapOptions {
                        dispersion: Some(Dispersion::Given(2.0)),
                        ..GapOptions::default()
                    };
                    let gaps = tallies.gaps(&options).unwrap();
                    assert!(gaps.rows.iter().all(|g| g.difference.method == id));
                    continue;
                }
                _ => {}
            }
            let options = GapOptions {
                methods: vec![id.clone()],
                ..GapOptions::default()
            };
            let gaps = tallies.gaps(&options).unwrap();
            assert!(gaps.rows.iter().all(sound), "{family} {scale} {id}");
            let says = |gap: &Gap| match scale.as_str() {
                "difference" => gap.difference.method == id,
                "ratio" => gap.ratio.method == id,
                "odds_ratio" => gap.odds_ratio.method == id,
                _ => true,
            };
            assert!(
                gaps.rows.iter().all(says),
                "{family} {scale} {id} is not named in its results"
            );
        }
    }
    let unknown = GapOptions {
        methods: vec!["wilsn".into()],
        ..GapOptions::default()
    };
    let error = of_family("mean").gaps(&unknown).unwrap_err();
    assert_eq!(error.code(), "stats.unknown_method");
}

/// Published suspensions: sums without squares.
fn rates() -> Tallies {
    use disprop::tallies::{Counts, Whole};
    let frame = DataFrame::new(
        4,
        vec![
            column(
                "group",
                vec!["Black Caribbean", "Indian", "White British", "Total"],
            ),
            column("suspensions", vec![945_i64, 120, 26_000, 38_186]),
            column("headcount", vec![9_259_i64, 20_100, 540_000, 802_507]),
        ],
    )
    .unwrap();
    let counts = Counts::new(
        measure("suspensions").unwrap(),
        "group",
        "suspensions",
        "headcount",
    )
    .whole(Whole::Row("Total".into()));
    Tallies::from_counts(&frame, &counts).unwrap()
}

#[test]
fn reasons_have_slugs_of_their_own() {
    use NotCalculable::*;
    let all = [
        NoGroup,
        NoBaseline,
        ZeroBaseline,
        ZeroGroup,
        NoComplement,
        TooFewForVariance,
        NoVariation,
        NoSecondMoment,
        EventsExceedTrials,
        GroupExceedsTotal,
        NotARatioScale,
        BelowMinimum,
        SuppressedInput,
        RatesWithoutCounts,
        TooFewClusters,
        SeriesBreak,
        IsBaseline,
        OverlapsBaseline,
        NoMethod,
        NotAProportion,
        NotStated,
        NoCounterpart,
        NoConvergence,
        Overflow,
        Unbounded,
    ];
    // As many as the source lists: one left out here would not be walked.
    let source = std::fs::read_to_string(
        std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo"))
            .join("../crates/disprop-stats/src/estimate.rs"),
    )
    .unwrap();
    let listed = source.lines().filter(|l| {
        let l = l.trim();
        l.starts_with("NotCalculable::")
            && l.contains("=> \"")
            && slug(
                l.split("=> \"")
                    .nth(1)
                    .unwrap_or(" ")
                    .trim_end_matches("\","),
            )
    });
    assert_eq!(listed.count(), all.len());
    let codes: BTreeSet<&str> = all.iter().map(|r| r.code()).collect();
    let words: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!((codes.len(), words.len()), (all.len(), all.len()));
    for reason in all {
        assert!(slug(reason.code()), "{}", reason.code());
        assert!(lower(&reason.to_string()), "{reason}");
    }
}

fn slug(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.')
}

/// Lower case, without a full stop.
fn lower(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !c.is_uppercase()) && !text.ends_with('.')
}

#[test]
fn errors_have_slugs_of_their_own() {
    let some = || Some("near".to_owned());
    let all = [
        Error::Refused {
            findings: Vec::new(),
        },
        Error::UnknownMeasure {
            found: "x".into(),
            suggestion: some(),
        },
        Error::BadMeasure {
            id: "x".into(),
            problem: "bad".into(),
        },
        Error::MeasureColumns {
            measure: "x".into(),
            columns: vec!["c".into()],
            suggestion: None,
        },
        Error::UnknownDimension {
            found: "sexx".into(),
            known: vec!["sex".into()],
        },
        Error::UnknownGroup {
            found: "x".into(),
            suggestion: None,
        },
        Error::Option {
            option: "o",
            found: "x".into(),
            expected: "y".into(),
        },
        Error::Merge {
            problem: "they differ".into(),
        },
        Error::TooManyCells { cells: 2, limit: 1 },
        Error::Checkpoint {
            problem: "a column is missing".into(),
        },
        Error::Broken {
            rows: 1,
            problem: "it raised".into(),
        },
        Error::Changed {
            rows: 1,
            problem: "a column is gone".into(),
        },
        Error::Memory {
            cells: 1,
            needed: 2,
            limit: 1,
        },
        Error::Engine {
            engine: "Spark",
            problem: "a column is a list".into(),
        },
        Error::Interrupted,
        Error::Frame(polars::error::PolarsError::NoData("none".into())),
        Error::Stats(disprop_stats::Error::Level { found: 95.0 }),
        Error::Stats(disprop_stats::Error::Overflow {
            quantity: "x",
            bits: 64,
        }),
        Error::Stats(disprop_stats::Error::FamilyMismatch {
            found: "mean",
            expected: "rate",
        }),
        Error::Stats(disprop_stats::Error::UnknownMethod {
            found: "x".into(),
            known: "y".into(),
        }),
        Error::Stats(disprop_stats::Error::Level { found: 0.0 }),
    ];
    let codes: Vec<&str> = all.iter().map(Error::code).collect();
    let unique: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(unique.len(), all.len() - 1, "{codes:?}");
    for error in &all {
        assert!(
            slug(error.code()) && error.code().contains('.'),
            "{}",
            error.code()
        );
        assert!(lower(&error.to_string()), "{error}");
    }
}

#[test]
fn every_code_is_itself_and_every_label_its_code() {
    let set = disprop::codes::Ethnicity::default();
    let mut seen = BTreeSet::new();
    for code in set.codes() {
        assert!(
            seen.insert(code.code.to_owned()),
            "{} stands twice",
            code.code
        );
        assert!(!code.label.is_empty());
        let leaf = disprop::codes::CodeSet::default().leaf(Some(code.code));
        assert!(leaf.is_some(), "{}", code.code);
        assert_ne!(
            set.classify(code.code),
            Recognised::Unknown,
            "{}",
            code.code
        );
        if set.is_classified(code.code) {
            assert!(set.main_of(code.code).is_some() && set.major_of(code.code).is_some());
        }
        // Labels that may also mean a main group, or part of one, are not guessed at.
        let open = ["WOTW", "MOTM", "AOTA", "BOTB", "OOEG"].contains(&code.code);
        let read = disprop::codes::CodeSet::default().leaf(Some(code.label));
        assert_eq!(read, leaf.filter(|_| !open), "{}", code.label);
    }
}

#[test]
fn a_group_that_is_read_is_read_again_as_itself() {
    use disprop::codes::{CodeSet, LeafKind, Major};
    let codes = CodeSet::default();
    let majors = ["WHIT", "MIXD", "ASIA", "BLAC", "CHIN", "AOEG"].map(str::to_owned);
    let labels = [Major::White, Major::Mixed, Major::Asian, Major::Black]
        .map(|major| major.label().to_owned());
    for raw in majors.into_iter().chain(labels) {
        let (code, kind) = codes.leaf(Some(&raw)).expect("a group");
        assert_eq!(kind, LeafKind::Classified, "{raw}");
        assert_eq!(codes.leaf(Some(&code)), Some((code, kind)), "{raw}");
    }
}

/// `EthnicGroupMajor` of the National Pupil Database: nobody of a known group is unclassified.
#[test]
fn pupils_coded_by_major_group_are_all_classified() {
    let frame = df!(
        "EthnicGroupMajor" => ["WHIT", "MIXD", "ASIA", "BLAC", "CHIN", "AOEG", "UNCL"],
        "suspensions" => [1, 0, 0, 1, 0, 1, 0],
    )
    .unwrap();
    let columns = Columns::npd().role("ethnicity", "EthnicGroupMajor");
    let cohort = Cohort::new(frame, columns).unwrap();
    let tallies = cohort
        .tally(&[measure("suspensions").unwrap()], &[])
        .unwrap();
    let gaps = tallies.gaps(&GapOptions::default()).unwrap();
    assert_eq!(gaps.rows.len(), 6);
    for gap in &gaps.rows {
        assert_eq!(gap.coverage, Ok(6.0 / 7.0));
        assert_eq!((gap.group.n, gap.baseline.n), (Some(1), Some(5)));
    }
}
