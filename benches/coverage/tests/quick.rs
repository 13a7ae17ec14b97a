//! The quick grid, with what it must show for the defaults to stand.

use std::sync::OnceLock;

use disprop_coverage::study::{Extent, run};
use disprop_coverage::summary::{Line, lines};
use disprop_coverage::{Row, Score};
use disprop_stats::contrast::{self, Scale};
use disprop_stats::{Interval, NotCalculable, interval};

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| run(Extent::Quick, 2))
}

fn line(study: &str, scale: &str, method: &str) -> Line {
    let all = lines(rows(), |row| row.case.study.into());
    let found = all
        .into_iter()
        .find(|line| line.study == study && line.scale == scale && line.method == method);
    found.unwrap_or_else(|| panic!("{study} {scale} {method} is not in the grid"))
}

#[test]
fn default_intervals_of_independent_pupils_hold_the_truth_as_often_as_they_say() {
    let of = |scale| contrast::default(contrast::PROPORTION, scale).unwrap().id;
    for (scale, method) in [
        ("value", interval::PROPORTION[0].id),
        ("difference", of(Scale::Difference)),
        ("ratio", of(Scale::Ratio)),
        ("odds_ratio", of(Scale::OddsRatio)),
    ] {
        let line = line("binomial", scale, method);
        assert!((0.94..0.97).contains(&line.mean), "{line:?}");
        assert_eq!(line.answered, 1.0, "{line:?}");
        assert!(line.below < 0.035 && line.above < 0.035, "{line:?}");
    }
}

#[test]
fn what_most_tools_print_does_not() {
    for (scale, method) in [
        ("difference", "wald"),
        ("ratio", "katz"),
        ("odds_ratio", "woolf"),
    ] {
        let line = line("binomial", scale, method);
        assert!(line.least < 0.75 && line.mean < 0.94, "{line:?}");
    }
}

#[test]
fn the_default_ratio_never_contradicts_the_default_difference() {
    assert_eq!(
        line("binomial", "ratio", "mover_wilson_ratio").contradicts,
        0.0
    );
    assert!(line("binomial", "ratio", "katz").contradicts > 0.02);
}

#[test]
fn sessions_taken_as_pupils_hold_the_truth_a_quarter_of_the_time() {
    let naive = line("sessions", "difference", "sessions_as_pupils_newcombe");
    let ours = line("sessions", "difference", "linearised");
    assert!(naive.mean < 0.4 && naive.width < 0.3, "{naive:?}");
    assert!(ours.mean > 0.88, "{ours:?}");
}

#[test]
fn totals_of_suspensions_know_less_than_they_say() {
    let totals = line("events", "ratio", "conditional_exact");
    let rows = line("events", "ratio", "quasi_poisson");
    assert!(totals.mean < 0.85 && rows.mean > 0.9, "{totals:?} {rows:?}");
}

#[test]
fn schools_ignored_are_paid_for() {
    let ignored = line("clusters", "difference", "newcombe");
    let clustered = line("clusters", "difference", "cr2");
    assert!(
        ignored.least < clustered.least - 0.03,
        "{ignored:?} {clustered:?}"
    );
    assert!(clustered.width > 1.1, "{clustered:?}");
}

#[test]
fn exact_methods_never_fall_short() {
    let exact = [
        "clopper_pearson",
        "garwood",
        "exact_conditional",
        "conditional_exact",
    ];
    let certain = |row: &&Row| {
        let counts = ["binomial", "poisson"].contains(&row.case.study);
        counts && exact.contains(&row.method.as_str()) && row.exists > 0.95
    };
    let mut seen = 0;
    for row in rows().iter().filter(certain) {
        // Layers of a large baseline are good to about a thousandth.
        assert!(row.coverage > 0.949, "{row:?}");
        seen += 1;
    }
    assert!(seen > 50);
}

#[test]
fn threads_change_nothing() {
    let one = run(Extent::Quick, 1);
    assert_eq!(one.len(), rows().len());
    for (one, two) in one.iter().zip(rows()) {
        assert_eq!(one.to_csv(), two.to_csv());
    }
}

#[test]
fn a_score_counts_misses_by_side_and_refusals_apart() {
    let mut score = Score::default();
    score.add(0.5, Ok(Interval::new(0.0, 2.0)), 1.0);
    score.add(0.2, Ok(Interval::new(2.0, 3.0)), 1.0);
    score.add(0.1, Ok(Interval::new(0.0, 0.5)), 1.0);
    score.add(0.2, Err(NotCalculable::ZeroGroup), 1.0);
    let case = rows()[0].case.clone();
    let row = Row::new(&case, ("proportion", "value", "x"), score);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(near(row.answered, 0.8) && near(row.coverage, 0.625));
    assert!(near(row.above, 0.25) && near(row.below, 0.125) && near(row.width, 2.0));
}
