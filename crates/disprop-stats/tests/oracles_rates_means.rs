//! Two rates, two means and two ratios of sums against the tables made with R and Python.

mod oracle;

use disprop_stats::{
    Calculated, Interval, Level, Mean, NotCalculable, Rate, Ratio, Tally, contrast, significance,
};
use oracle::{
    CLOSED, Report, Row, Tolerance, account_for, account_for_keys, csv, json, json_ends,
    json_number, level, number,
};

/// `ratesci` rounds at 10 places; its iterated methods are good to 10⁻⁸ relative.
const TEN: Tolerance = CLOSED.rounded(10);
const ITERATED: Tolerance = Tolerance {
    relative: 1e-8,
    absolute: 1e-12,
}
.rounded(10);
/// Roots by R's `uniroot` at its default, fourth root of the machine epsilon, in the group's share
/// of all events.
const UNIROOT: Tolerance = Tolerance {
    relative: 0.0,
    absolute: 1.23e-4,
};

/// statsmodels inverts its score tests to eight decimals.
const SEARCHED: Tolerance = Tolerance {
    relative: 0.0,
    absolute: 1e-8,
};

const SKEW: &str = "adds a skewness correction; not in our lists";
const CONTINUITY: &str = "continuity corrections are not offered";

fn rate(events: &str, exposure: &str) -> Rate {
    let exposure: f64 = exposure.parse().unwrap();
    let mut tally = Rate::new(events.parse::<f64>().unwrap() as i64, 0);
    tally.exposure = (exposure * 1e6).round() as i128;
    tally
}

#[test]
fn two_rates_r() {
    let answers = [
        ("RD Miettinen-Nurminen", "score", ITERATED),
        ("RD MOVER-W", "mover_score", TEN),
        ("RD MOVER-J", "mover_jeffreys", TEN),
        ("RD Approximate Normal", "wald", TEN),
        ("RR Miettinen-Nurminen", "score_ratio", ITERATED),
        ("RR MOVER-W", "mover_score_ratio", TEN),
        ("RR MOVER-J", "mover_jeffreys_ratio", TEN),
        ("RR Approximate Lognormal", "log", TEN),
        ("RR rateratio.wald", "log", CLOSED),
        (
            "RR poisson.test (conditional exact)",
            "conditional_exact",
            CLOSED,
        ),
        ("RR rateratio.midp", "mid_p", UNIROOT),
    ];
    let exempt = [
        ("RD SCAS", SKEW),
        ("RR SCAS", SKEW),
        ("RD SCAS_cc", CONTINUITY),
        ("RR SCAS_cc", CONTINUITY),
        ("RD Approximate Normal_cc", CONTINUITY),
        ("RD MOVER-J_cc", CONTINUITY),
        ("RR MOVER-J_cc", CONTINUITY),
        ("RD MOVER-W_cc", CONTINUITY),
        ("RR MOVER-W_cc", CONTINUITY),
        ("RD Miettinen-Nurminen_cc", CONTINUITY),
        ("RR Miettinen-Nurminen_cc", CONTINUITY),
        (
            "RD score test (MN Poisson)",
            "a p-value; the tests are for proportions and means",
        ),
    ];
    let Some(rows) = csv("r/two_rates.csv") else {
        return;
    };
    let method = |row: &Row| format!("{} {}", row["measure"], row["method"]);
    account_for(&rows, method, &answers.map(|(theirs, ..)| theirs), &exempt);
    let mut report = Report::default();
    for row in &rows {
        let Some((theirs, ours, by)) = answers.iter().find(|(theirs, ..)| *theirs == method(row))
        else {
            continue;
        };
        let (group, baseline) = (rate(&row["x1"], &row["n1"]), rate(&row["x2"], &row["n2"]));
        let ours = contrast::find(contrast::RATE, ours).unwrap();
        let got = (ours.function)(&group, &baseline, level(&row["level"]));
        let name = format!("{} {theirs} {}", row["case"], row["level"]);
        let want = ["lower", "upper"].map(|end| number(&row[end]));
        if *by == UNIROOT {
            let (e, f) = (group.exposure as f64, baseline.exposure as f64);
            let share = |psi: f64| {
                if psi.is_finite() {
                    psi * e / (psi * e + f)
                } else {
                    psi
                }
            };
            let got = got.map(|ends| Interval::new(share(ends.lower), share(ends.upper)));
            report.ends(&name, got, want.map(|end| end.map(share)), *by);
        } else {
            report.ends(&name, got, want, *by);
        }
    }
    report.settle(
        "r/two_rates.csv",
        "differences and ratios of rates",
        76,
        "skewness- and continuity-corrected methods: not offered",
    );
}

#[test]
fn two_rates_python() {
    let answers = [
        ("ref_ci_ratio_exact_conditional", "conditional_exact"),
        ("ci_ratio_score", "score_ratio"),
        ("ci_ratio_wald-log", "log"),
        ("ci_ratio_mover", "mover_score_ratio"),
        ("ci_diff_wald", "wald"),
        ("ci_diff_score", "score"),
        ("ci_diff_mover", "mover_score"),
    ];
    let Some(cases) = json("python/poisson_two.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["count1", "exposure1", "count2", "exposure2"],
        &[
            &answers.map(|(theirs, _)| theirs)[..],
            &[
                "test_ratio_score",
                "test_diff_score",
                "test_ratio_exact-cond",
            ],
        ]
        .concat(),
        &[
            (
                &[
                    "ci_ratio_waldcc",
                    "ci_ratio_sqrtcc",
                    "ci_diff_waldccv",
                    "test_diff_waldccv",
                ],
                CONTINUITY,
            ),
            (
                &["ci_ratio_score-log"],
                "score on the log scale: not in our list",
            ),
            (
                &[
                    "test_ratio_wald",
                    "test_ratio_score-log",
                    "test_ratio_wald-log",
                    "test_ratio_sqrt",
                    "test_diff_wald",
                ],
                "Wald's and variance-stabilised tests: not offered",
            ),
            (
                &[
                    "test_ratio_etest-score",
                    "test_ratio_etest-wald",
                    "test_diff_etest-score",
                    "test_diff_etest-wald",
                    "scipy_poisson_means_test",
                ],
                "unconditional tests: not offered",
            ),
            (
                &["test_ratio_cond-midp"],
                "numbers no likelier, less half of the observed one: ours is twice the smaller tail",
            ),
        ],
    );
    let mut report = Report::default();
    for case in &cases {
        let side = |i: u8| {
            rate(
                &case[format!("count{i}")].to_string(),
                &case[format!("exposure{i}")].to_string(),
            )
        };
        let (group, baseline) = (side(1), side(2));
        for (theirs, ours) in [
            ("test_ratio_score", "score"),
            ("test_diff_score", "score"),
            ("test_ratio_exact-cond", "conditional_exact"),
        ] {
            let ours = significance::find(significance::RATE, ours).unwrap();
            let name = format!("{group:?} {baseline:?} {theirs}");
            let got = (ours.function)(&group, &baseline);
            let [z, p] = json_ends(&case[theirs]);
            // With no events at all there is nothing to test; statsmodels says NaN, or 1.
            let p = p.filter(|_| group.events + baseline.events > 0);
            report.value(&name, got.map(|test| test.p_value), p, CLOSED);
            if let (Ok(statistic), Some(z)) = (got.map(|test| test.statistic), z)
                && let Some(statistic) = statistic
            {
                report.value(&name, Ok(statistic.sqrt()), Some(z.abs()), CLOSED);
            }
        }
        for (theirs, ours) in answers {
            let ours = contrast::find(contrast::RATE, ours).unwrap();
            let score = theirs.ends_with("score");
            let got = (ours.function)(&group, &baseline, Level::P95);
            let name = format!("{group:?} {baseline:?} {theirs}");
            let mut want = json_ends(&case[theirs]);
            if theirs == "ci_ratio_score" && (group.events == 0 || baseline.events == 0) {
                // statsmodels finds one end twice where the other is 0 or does not exist.
                want[0] = want[0].filter(|_| group.events > 0).or(Some(0.0));
                want[1] = want[1].filter(|_| baseline.events > 0);
            }
            if let (true, Ok(ends)) = (score && ours.scale == contrast::Scale::Difference, got) {
                // Its search has no bound below the rate of the baseline and ends at values whose
                // statistic is far beyond z, so ours is held against the definition.
                for end in [ends.lower, ends.upper] {
                    let z = score_statistic(&group, &baseline, end);
                    report.value(
                        &name,
                        Ok(z),
                        Some(Level::P95.z()),
                        Tolerance {
                            relative: 1e-7,
                            absolute: 0.0,
                        },
                    );
                }
                let theirs = want[0].into_iter().chain(want[1]);
                let close = theirs
                    .zip([ends.lower, ends.upper])
                    .filter(|(a, b)| (a - b).abs() < 1e-8);
                report.value(
                    &name,
                    Ok((close.count() as f64).min(1.0)),
                    Some(1.0),
                    CLOSED,
                );
                continue;
            }
            let by = if score { SEARCHED } else { CLOSED };
            report.ends(&name, got, want, by);
        }
    }
    report.settle(
        "python/poisson_two.json",
        "differences, ratios and tests of rates",
        180,
        "variance-stabilised, corrected and unconditional tests, and another mid-p test: not offered",
    );
}

/// |d − δ| over its standard error at the likeliest rates under δ, by bisection of the likelihood.
fn score_statistic(group: &Rate, baseline: &Rate, delta: f64) -> f64 {
    let ((a, e), (c, f)) = (group.checked().unwrap(), baseline.checked().unwrap());
    let slope = |r2: f64| a / (r2 + delta) + c / r2 - e - f;
    let (mut low, mut high) = (f64::max(0.0, -delta), 1e6);
    for _ in 0..400 {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 {
            low = middle
        } else {
            high = middle
        }
    }
    let (r1, r2) = (low + delta, low);
    (a / e - c / f - delta).abs() / (r1 / e + r2 / f).sqrt()
}

fn values(text: &str) -> Mean {
    Mean::of(&text.split(';').filter_map(number).collect::<Vec<_>>()).unwrap()
}

#[test]
fn mean_differences_r() {
    let Some(rows) = csv("r/mean_difference.csv") else {
        return;
    };
    account_for(
        &rows,
        |row| row["method"].clone(),
        &["Welch", "Student pooled"],
        &[],
    );
    let mut report = Report::default();
    for row in &rows {
        let (group, baseline) = (values(&row["values1"]), values(&row["values2"]));
        let ours = if row["method"] == "Welch" {
            "welch"
        } else {
            "pooled"
        };
        let method = contrast::find(contrast::MEAN, ours).unwrap();
        let got = (method.function)(&group, &baseline, level(&row["level"]));
        let name = format!("{} {ours} {}", row["case"], row["level"]);
        let want = ["lower", "upper"].map(|end| number(&row[end]));
        report.ends(&name, got, want, CLOSED);
        if ours == "welch" {
            let test = significance::welch::test(&group, &baseline);
            report.value(
                &name,
                test.map(|test| test.p_value),
                number(&row["p_two_sided"]),
                CLOSED,
            );
        }
    }
    report.settle("r/mean_difference.csv", "Welch and pooled", 24, "none");
}

#[test]
fn mean_differences_python() {
    let Some(cases) = json("python/mean_diff.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["name", "a", "b"],
        &[
            "mean1",
            "mean2",
            "diff",
            "var1",
            "var2",
            "welch",
            "pooled",
            "hedges_g_exact_J",
        ],
        &[
            (&["statsmodels_welch_ci95"], "the interval of `welch` again"),
            (
                &["cohen_d"],
                "Hedges' g without its correction; only g is offered",
            ),
            (
                &[
                    "mann_whitney_asymptotic",
                    "brunner_munzel",
                    "ks_asymptotic",
                    "wasserstein",
                ],
                "ranks and shapes need pupils' rows, which a tally no longer holds",
            ),
            (&["fweights_mean_var"], "weights are not offered"),
        ],
    );
    let mut report = Report::default();
    for case in &cases {
        let side = |key: &str| {
            let list = case[key].as_array().unwrap();
            Mean::of(&list.iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>()).unwrap()
        };
        let (group, baseline) = (side("a"), side("b"));
        let name = |what: &str| format!("{} {what}", case["name"]);
        // These values are finer than 10⁻⁶, and doubles near 10⁹ are coarser: each is rounded to
        // micro-units on its way in, and scipy's own variance carries the rounding of a double.
        let far = case["name"] == "far scale";
        let by = if far {
            Tolerance {
                relative: 0.0,
                absolute: 1e-6,
            }
        } else {
            CLOSED
        };
        let points = [
            ("mean1", group.value()),
            ("mean2", baseline.value()),
            ("diff", contrast::difference(&group, &baseline)),
            ("var1", group.variance()),
            ("var2", baseline.variance()),
        ];
        for (key, got) in points {
            report.value(&name(key), got, json_number(&case[key]), by);
        }
        for ours in ["welch", "pooled"] {
            let method = contrast::find(contrast::MEAN, ours).unwrap();
            for (level, key) in [(0.95, "ci95"), (0.99, "ci99")] {
                let got = (method.function)(&group, &baseline, Level::new(level).unwrap());
                report.ends(&name(ours), got, json_ends(&case[ours][key]), by);
            }
        }
        let test = significance::welch::test(&group, &baseline);
        if case["name"] == "zero variance both" {
            // scipy divides by zero and calls it t = infinity, p = 0.
            report.refused(&name("t"), test, NotCalculable::NoVariation);
        } else {
            let t = test.map(|t| t.statistic.unwrap());
            report.value(&name("t"), t, json_number(&case["welch"]["t"]), by);
            let p = test.map(|t| t.p_value);
            report.value(&name("p"), p, json_number(&case["welch"]["p"]), by);
        }
        let g = contrast::hedges_g::value(&group, &baseline);
        // numpy's variance of one value is NaN; the pooled spread does not need it.
        if case["name"] != "n1=1" {
            report.value(&name("g"), g, json_number(&case["hedges_g_exact_J"]), by);
        }
    }
    report.settle(
        "python/mean_diff.json",
        "means, Welch, pooled",
        106,
        "weights and an uncorrected d: not offered",
    );
}

/// Pupils of one data set as pairs, for the focal group and the others.
fn pupils(rows: &[Row], dataset: &str) -> (Ratio, Ratio) {
    let of = |focal: &str| {
        let pairs: Vec<(f64, f64)> = rows
            .iter()
            .filter(|row| row["dataset"] == dataset && row["focal"] == focal)
            .map(|row| (row["num"].parse().unwrap(), row["den"].parse().unwrap()))
            .collect();
        Ratio::of(&pairs).unwrap()
    };
    (of("1"), of("0"))
}

#[test]
fn linearised_ratios_r() {
    let Some(pupil_rows) = csv("r/cluster_ratio_data.csv") else {
        return;
    };
    let Some(rows) = csv("r/cluster_ratio.csv") else {
        return;
    };
    let mut report = Report::default();
    for row in rows
        .iter()
        .filter(|row| row["design"] == "pupils independent")
    {
        let (group, rest) = pupils(&pupil_rows, &row["dataset"]);
        // survey's variance of a group is over the whole file with zeros outside the group, so its
        // factor is N / (N − 1) of the file where ours is n / (n − 1) of the group.
        let total = (group.n + rest.n) as f64;
        let theirs = |t: &Ratio| -> Calculated<f64> {
            Ok(t.variance()? * total / (total - 1.0) * (t.n as f64 - 1.0) / t.n as f64)
        };
        let relative = |t: &Ratio| -> Calculated<f64> { Ok(theirs(t)? / t.value()?.powi(2)) };
        let (estimate, variance) = match row["quantity"].as_str() {
            "ratio_of_sums focal=1" => (group.value(), theirs(&group)),
            "ratio_of_sums focal=0" => (rest.value(), theirs(&rest)),
            "difference focal - others" => (
                contrast::difference(&group, &rest),
                theirs(&group).and_then(|v| Ok(v + theirs(&rest)?)),
            ),
            "log ratio focal / others" => (
                contrast::ratio(&group, &rest).map(f64::ln),
                relative(&group).and_then(|v| Ok(v + relative(&rest)?)),
            ),
            // Regressions, and the covariance of groups that share no pupil (printed as 10⁻³⁸).
            _ => continue,
        };
        let name = format!("{} {}", row["dataset"], row["quantity"]);
        report.value(&name, estimate, number(&row["estimate"]), CLOSED);
        let se = variance.map(f64::sqrt);
        report.value(&format!("{name}, se"), se, number(&row["se"]), CLOSED);
    }
    report.settle(
        "r/cluster_ratio.csv",
        "linearised over pupils",
        32,
        "clustered rows: see the line for schools",
    );
}

#[test]
fn the_reach_of_an_interval_is_its_t_times_its_standard_error() {
    // What the linearised tables cannot show, as survey prints no interval: with two pupils a side
    // and equal variances the degrees of freedom are 2, and t is 4.302 652 729 749 464.
    let group = Ratio::of(&[(10.0, 100.0), (30.0, 100.0)]).unwrap();
    let rest = Ratio::of(&[(0.0, 100.0), (20.0, 100.0)]).unwrap();
    let Interval { lower, upper } =
        contrast::linearised::interval(&group, &rest, Level::P95).unwrap();
    let reach = 4.302_652_729_749_464 * (0.01_f64 + 0.01).sqrt();
    assert!((lower - (0.1 - reach)).abs() < 1e-12 && (upper - (0.1 + reach)).abs() < 1e-12);
    assert_eq!(
        contrast::linearised::interval(&group, &Ratio::default(), Level::P95),
        Err(NotCalculable::NoBaseline)
    );
}
