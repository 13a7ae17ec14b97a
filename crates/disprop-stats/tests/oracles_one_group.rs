//! One proportion, one rate and one mean against the tables made with R and Python.

mod oracle;

use disprop_stats::{Level, Mean, NotCalculable, Proportion, Rate, interval};
use oracle::{
    CLOSED, Report, Row, Tolerance, account_for, account_for_keys, csv, json, json_ends, level,
    number,
};

/// `ratesci` rounds ends for one group at 8 places.
const EIGHT: Tolerance = CLOSED.rounded(8);
/// And its iterated methods are good to 10⁻⁶ relative (README of the tables).
const ITERATED: Tolerance = Tolerance {
    relative: 1e-6,
    absolute: 1e-12,
}
.rounded(8);

/// statsmodels' own search for the ends of mid-p.
const SEARCHED: Tolerance = Tolerance {
    relative: 3e-6,
    absolute: 0.0,
};

const SKEW: &str = "adds a skewness correction; not in our lists";
const CONTINUITY: &str = "continuity corrections are not offered";
const AVERAGE: &str = "a mean of two quantiles, which is mid-p at the edges only";
const BLAKER: &str = "not in our lists: its ends are not monotone in the level";

fn method(row: &Row) -> String {
    match (row["method"].as_str(), row["continuity"].as_str()) {
        ("prop.test (Wilson)", "true") => "prop.test, corrected".into(),
        (name, _) => name.into(),
    }
}

#[test]
fn one_proportion_r() {
    let answers = [
        ("Wilson", "wilson", EIGHT),
        ("phe_proportion (Wilson)", "wilson", CLOSED),
        ("prop.test (Wilson)", "wilson", CLOSED),
        ("Clopper-Pearson", "clopper_pearson", ITERATED),
        ("Clopper-Pearson(beta)", "clopper_pearson", EIGHT),
        ("binom.test (Clopper-Pearson)", "clopper_pearson", CLOSED),
        ("Jeffreys", "jeffreys", EIGHT),
        ("midp", "mid_p", ITERATED),
        ("Agresti-Coull", "agresti_coull", EIGHT),
        ("Wald", "wald", EIGHT),
    ];
    let exempt = [
        ("SCAS", SKEW),
        ("SCAS_cc", CONTINUITY),
        ("Jeffreys_cc", CONTINUITY),
        ("Wald_cc", CONTINUITY),
        ("Wilson_cc", CONTINUITY),
        ("prop.test, corrected", CONTINUITY),
        ("Blaker", BLAKER),
        ("midp(beta)", AVERAGE),
    ];
    let Some(rows) = csv("r/one_proportion.csv") else {
        return;
    };
    account_for(&rows, method, &answers.map(|(theirs, ..)| theirs), &exempt);
    let mut report = Report::default();
    for row in &rows {
        let Some((theirs, ours, by)) = answers.iter().find(|(theirs, ..)| *theirs == method(row))
        else {
            continue;
        };
        let count = |column: &str| row[column].parse::<f64>().unwrap() as i64;
        let tally = Proportion::new(count("x"), count("n"));
        let ours = interval::find(interval::PROPORTION, ours).unwrap();
        let got = (ours.function)(&tally, level(&row["level"]));
        let name = format!("{} {theirs} {}", row["case"], row["level"]);
        // Agresti-Coull and Wald are printed beyond 0 and 1; ours are cut there.
        let want = ["lower", "upper"].map(|end| number(&row[end]).map(|v| v.clamp(0.0, 1.0)));
        report.ends(&name, got, want, *by);
    }
    report.settle(
        "r/one_proportion.csv",
        "intervals of a proportion",
        220,
        "skewness- and continuity-corrected methods, Blaker's and averaged limits: not offered",
    );
}

#[test]
fn one_rate_r() {
    let answers = [
        ("Byar raw (internal helpers)", "byar", CLOSED),
        ("phe_rate (Byar, x>=10)", "byar", CLOSED),
        ("phe_rate (exact, x<10)", "garwood", CLOSED),
        ("poisson.test (Garwood exact)", "garwood", CLOSED),
        ("Garwood", "garwood", ITERATED),
        ("Garwood(gamma)", "garwood", EIGHT),
        ("midp", "mid_p", ITERATED),
        ("Wilson", "score", EIGHT),
        ("Jeffreys", "jeffreys", EIGHT),
        ("Wald", "wald", EIGHT),
    ];
    let exempt = [
        ("SCAS", SKEW),
        ("SCAS_cc", CONTINUITY),
        ("Jeffreys_cc", CONTINUITY),
        ("Wald_cc", CONTINUITY),
        ("Wilson_cc", CONTINUITY),
        ("Blaker", BLAKER),
        ("midp(gamma)", AVERAGE),
    ];
    let Some(rows) = csv("r/one_rate.csv") else {
        return;
    };
    account_for(&rows, method, &answers.map(|(theirs, ..)| theirs), &exempt);
    let mut report = Report::default();
    for row in &rows {
        let Some((theirs, ours, by)) = answers.iter().find(|(theirs, ..)| *theirs == method(row))
        else {
            continue;
        };
        let count = |column: &str| row[column].parse::<f64>().unwrap() as i64;
        let ours = interval::find(interval::RATE, ours).unwrap();
        let got = (ours.function)(&Rate::new(count("x"), count("n")), level(&row["level"]));
        let name = format!("{} {theirs} {}", row["case"], row["level"]);
        let want = ["lower", "upper"].map(|end| number(&row[end]).map(|v| v.max(0.0)));
        report.ends(&name, got, want, *by);
    }
    report.settle(
        "r/one_rate.csv",
        "intervals of a rate",
        68,
        "skewness- and continuity-corrected methods, Blaker's and averaged limits: not offered",
    );
}

#[test]
fn one_mean_r() {
    let Some(rows) = csv("r/one_mean.csv") else {
        return;
    };
    let mut report = Report::default();
    for row in &rows {
        // A missing value is no value: PHE's NA for the whole mean is a policy, not a number.
        let values: Vec<f64> = row["values"].split(';').filter_map(number).collect();
        let tally = Mean::of(&values).unwrap();
        let got = interval::student_t::interval(&tally, level(&row["level"]));
        let name = format!("{} {}", row["case"], row["level"]);
        match row["case"].as_str() {
            "single" => report.refused(&name, got, NotCalculable::TooFewForVariance),
            // PHE prints 45 to 45, which claims what three equal values cannot show.
            "identical" => report.refused(&name, got, NotCalculable::NoVariation),
            "with_na" => report.value(
                &name,
                got.map(|ends| ends.lower + ends.upper),
                Some(40.0),
                CLOSED,
            ),
            _ => report.ends(
                &name,
                got,
                ["lower", "upper"].map(|end| number(&row[end])),
                CLOSED,
            ),
        }
    }
    report.settle("r/one_mean.csv", "Student t", 14, "none");
}

#[test]
fn one_proportion_python() {
    let answers = [
        ("wilson", "wilson"),
        ("scipy_wilson", "wilson"),
        ("beta", "clopper_pearson"),
        ("scipy_exact", "clopper_pearson"),
        ("jeffreys", "jeffreys"),
        ("agresti_coull", "agresti_coull"),
        ("normal", "wald"),
    ];
    let Some(cases) = json("python/prop_one.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["x", "n", "alpha"],
        &answers.map(|(theirs, _)| theirs),
        &[
            (
                &["binom_test"],
                "inverts the two-sided binomial test: not in our list",
            ),
            (&["scipy_wilsoncc"], CONTINUITY),
        ],
    );
    let mut report = Report::default();
    for case in &cases {
        let tally = Proportion::new(case["x"].as_i64().unwrap(), case["n"].as_i64().unwrap());
        let level = Level::new(1.0 - case["alpha"].as_f64().unwrap()).unwrap();
        for (theirs, ours) in answers {
            let ours = interval::find(interval::PROPORTION, ours).unwrap();
            let mut want = json_ends(&case[theirs]);
            if theirs == "jeffreys" {
                // statsmodels keeps the quantile for none and all, where the usual definition
                // (Brown, Cai and DasGupta) puts the end on the edge.
                want[0] = want[0].filter(|_| tally.events > 0).or(Some(0.0));
                want[1] = want[1]
                    .filter(|_| tally.events < tally.trials)
                    .or(Some(1.0));
            }
            let name = format!("{tally:?} {theirs} {}", level.value());
            report.ends(&name, (ours.function)(&tally, level), want, CLOSED);
        }
    }
    report.settle(
        "python/prop_one.json",
        "intervals of a proportion",
        294,
        "`binom_test`, which statsmodels does not solve; continuity corrections",
    );
}

#[test]
fn one_rate_python() {
    let answers = [
        ("exact-c", "garwood"),
        ("score", "score"),
        ("jeff", "jeffreys"),
        ("wald", "wald"),
        ("midp-c", "mid_p"),
    ];
    let Some(cases) = json("python/poisson_one.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["count", "exposure"],
        &answers.map(|(theirs, _)| theirs),
        &[
            (&["waldccv", "sqrt-centcc", "test_waldccv"], CONTINUITY),
            (
                &["sqrt-a", "sqrt-v", "sqrt", "sqrt-cent"],
                "square-root scale: not in our list",
            ),
            (
                &[
                    "test_wald",
                    "test_score",
                    "test_exact-c",
                    "test_midp-c",
                    "test_sqrt-a",
                    "test_sqrt-v",
                    "test_sqrt",
                ],
                "tests of one rate against a given one are not offered",
            ),
        ],
    );
    let mut report = Report::default();
    for case in &cases {
        let exposure = case["exposure"].as_f64().unwrap();
        let mut tally = Rate::new(case["count"].as_i64().unwrap(), 0);
        tally.exposure = (exposure * 1e6).round() as i128;
        for (theirs, ours) in answers {
            let ours = interval::find(interval::RATE, ours).unwrap();
            let got = (ours.function)(&tally, Level::P95);
            let name = format!("{tally:?} {theirs}");
            let mut want = json_ends(&case[theirs]).map(|end| end.map(|v| v.max(0.0)));
            if tally.events == 0 && ["jeff", "midp-c"].contains(&theirs) {
                // For no events statsmodels keeps Jeffreys' quantile, where the usual definition
                // has 0, and looks for mid-p's lower end among means that are all too large.
                want[0] = Some(0.0);
            }
            // Its mid-p search stops after about six digits; ratesci's rows ask for the same.
            let by = if theirs == "midp-c" { SEARCHED } else { CLOSED };
            report.ends(&name, got, want, by);
        }
    }
    report.settle(
        "python/poisson_one.json",
        "intervals and tests of a rate",
        45,
        "continuity corrections and square-root transforms: not offered",
    );
}
