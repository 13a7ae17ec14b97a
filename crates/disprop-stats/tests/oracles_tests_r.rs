//! Tests of two proportions, and the list of known wrong outputs, against the tables made with R.

mod oracle;

use disprop_stats::{Level, NotCalculable, Proportion, contrast, distribution, significance};
use oracle::{CLOSED, Report, Tolerance, account_for, csv, number};

#[test]
fn two_by_two_tests() {
    let answers = [
        ("Pearson chi-square, no correction", "pearson"),
        ("Pearson chi-square, Yates", "yates"),
        ("MN score (N-1) no skew", "score"),
        ("Mee score (no N-1)", "pearson"),
        ("Fisher exact two-sided", "fisher"),
        ("mid-p exact (2x2)", "mid_p"),
    ];
    let Some(rows) = csv("r/twobytwo_tests.csv") else {
        return;
    };
    let names: Vec<&str> = answers.iter().map(|(theirs, _)| *theirs).collect();
    account_for(&rows, |row| row["method"].clone(), &names, &[]);
    let mut report = Report::default();
    for row in &rows {
        let Some((theirs, ours)) = answers.iter().find(|(theirs, _)| *theirs == row["method"])
        else {
            continue;
        };
        let count = |column: &str| row[column].parse::<f64>().unwrap() as i64;
        let group = Proportion::new(count("x1"), count("n1"));
        let baseline = Proportion::new(count("x2"), count("n2"));
        let test = significance::find(significance::PROPORTION, ours).unwrap();
        let got = (test.function)(&group, &baseline);
        let name = format!("{} {theirs}", row["case"]);
        let (statistic, p) = (number(&row["statistic"]), number(&row["p_two_sided"]));
        if baseline.trials == 0 {
            report.refused(&name, got, NotCalculable::NoBaseline);
            continue;
        }
        let nobody_or_all = group.events + baseline.events == 0
            || group.events + baseline.events == group.trials + baseline.trials;
        if nobody_or_all && !["fisher", "mid_p"].contains(ours) {
            // R prints NaN, ratesci a statistic of 0: there is no variance to test with.
            report.refused(&name, got, NotCalculable::NoVariation);
            continue;
        }
        let (statistic, p) = if theirs.contains("score") {
            without_rounding(row, statistic.unwrap(), p.unwrap())
        } else {
            (statistic, p)
        };
        if let Some(statistic) = statistic {
            let got = got.map(|test| test.statistic.unwrap());
            report.value(&format!("{name}, statistic"), got, Some(statistic), CLOSED);
        }
        if p.is_some() {
            let got = got.map(|test| test.p_value);
            report.value(&format!("{name}, p"), got, p, CLOSED);
        }
    }
    report.settle(
        "r/twobytwo_tests.csv",
        "tests of two proportions",
        147,
        "none",
    );
}

/// The statistic and chance that ratesci would print if it rounded nothing; it keeps nine digits or
/// so, five in `rare`. That its rounding is all of it is asserted first.
fn without_rounding(row: &oracle::Row, statistic: f64, p: f64) -> (Option<f64>, Option<f64>) {
    let counts = ["x1", "n1", "x2", "n2"].map(|key| row[key].parse().unwrap());
    let shrink = row["method"].contains("(N-1)");
    let take = |shared: fn(f64) -> (f64, f64)| oracle::score_statistic(&[counts], shrink, shared);
    let (rounded, exact) = (take(oracle::ratesci_difference), take(oracle::exactly));
    let chance = |statistic: f64| distribution::normal_two_sided(statistic.sqrt());
    let what = format!("{} {}", row["case"], row["method"]);
    oracle::within(statistic, rounded, 1e-13, &what);
    oracle::within(p, chance(rounded), 1e-12, &what);
    (Some(exact), Some(chance(exact)))
}

#[test]
fn known_wrong_outputs_are_not_ours() {
    let Some(rows) = csv("r/known_wrong.csv") else {
        return;
    };
    let exempt = [
        (
            "epi.2by2 printed M-H attributable risk (per 100), three years",
            "stratified",
        ),
        (
            "paf() estimate and interval, percent",
            "a summary over groups",
        ),
        ("mdbu() without standard errors", "a summary over groups"),
        (
            "calculate_funnel_limits proportion, multiplier 1: upper 99.8 % limit at the smallest population",
            "funnel limits",
        ),
        (
            "proportion limits and outlier flag for 0 events of 14, centre about 0.137",
            "funnel limits",
        ),
        (
            "di_80_index on a group of one pupil",
            "a rule without an interval",
        ),
    ];
    let answered = [
        "orci() 'Woolf logit' odds-ratio interval",
        "orci() 'Miettinen-Nurminen' odds-ratio interval",
        "rdci() Miettinen-Nurminen with an empty comparison group",
        "rdci() SCAS with an empty comparison group",
        "rdci() MOVER-J with an empty comparison group",
        "rdci() Agresti-Caffo with an empty comparison group",
        "riskscoreci() with R integer counts",
        "orscoreci() at national scale",
        "orscoreci() comparison group with no events",
        "di_ppg when events exceed pupils (suspensions)",
    ];
    account_for(&rows, |row| row["quantity"].clone(), &answered, &exempt);
    // The defensible values are printed to eight digits.
    let printed = Tolerance {
        relative: 1e-7,
        absolute: 0.0,
    };
    let mut report = Report::default();
    for row in rows
        .iter()
        .filter(|row| answered.contains(&row["quantity"].as_str()))
    {
        let quantity = row["quantity"].as_str();
        let id = match quantity {
            q if q.contains("Woolf") => "woolf",
            q if q.starts_with("orci") || q.starts_with("orscoreci") => "score_odds",
            q if q.starts_with("riskscoreci") => "koopman",
            q if q.contains("MOVER-J") => "mover_jeffreys",
            q if q.contains("Agresti-Caffo") => "agresti_caffo",
            _ => "miettinen_nurminen",
        };
        let method = contrast::find(contrast::PROPORTION, id).unwrap();
        if quantity.starts_with("di_ppg") {
            // 65 suspensions of 44 pupils are no proportion; DisImpact says "no disproportion".
            let (group, rest) = (Proportion::new(65, 44), Proportion::new(400, 2_000));
            let got = (method.function)(&group, &rest, Level::P95);
            report.refused(quantity, got, NotCalculable::EventsExceedTrials);
            continue;
        }
        let counts: Vec<i64> = row["input"]
            .split(',')
            .map(|n| n.trim_end_matches('L').parse().unwrap())
            .collect();
        let (group, rest) = (
            Proportion::new(counts[0], counts[1]),
            Proportion::new(counts[2], counts[3]),
        );
        let got = (method.function)(&group, &rest, Level::P95);
        // "undefined (or -1 to 1)" is no number.
        let ends: Vec<Option<f64>> = row["defensible_value"]
            .split(" to ")
            .map(|end| end.trim().parse().ok())
            .collect();
        match counts[3] {
            0 => report.refused(quantity, got, NotCalculable::NoBaseline),
            _ if counts[2] == 0 => report.refused(quantity, got, NotCalculable::ZeroBaseline),
            // The value printed for orscoreci and orci is Miettinen and Nurminen's.
            _ => report.ends(quantity, got, [ends[0], ends[1]], printed),
        }
    }
    report.settle(
        "r/known_wrong.csv",
        "faults of others are not ours",
        14,
        "faults in what has no counterpart here",
    );
}
