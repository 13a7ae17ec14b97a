//! Two proportions against the tables made with Python, by the reference values where there are any.

mod oracle;

use disprop_stats::{Level, NotCalculable, Proportion, Tally, contrast, significance};
use oracle::{CLOSED, Report, Tolerance, account_for_keys, json, json_ends, json_number};

/// The references come from 40-digit bisection; ours from a bracketed root in 64 bits.
const ROOT: Tolerance = Tolerance {
    relative: 1e-9,
    absolute: 1e-12,
};

fn sides(case: &serde_json::Value) -> (Proportion, Proportion) {
    let count = |key: &str| case[key].as_i64().unwrap();
    (
        Proportion::new(count("x1"), count("n1")),
        Proportion::new(count("x2"), count("n2")),
    )
}

#[test]
fn differences() {
    let answers = [
        ("newcomb", "newcombe", 0.95),
        ("newcomb_alpha_0.01", "newcombe", 0.99),
        ("agresti-caffo", "agresti_caffo", 0.95),
        ("wald", "wald", 0.95),
        ("ref_score_miettinen_nurminen", "miettinen_nurminen", 0.95),
        ("ref_score_mee", "mee", 0.95),
    ];
    let Some(cases) = json("python/prop_diff.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["x1", "n1", "x2", "n2", "nasty"],
        &[
            "diff",
            "wald",
            "agresti-caffo",
            "newcomb",
            "newcomb_alpha_0.01",
            "ref_score_miettinen_nurminen",
            "ref_score_mee",
            "group_v_overall",
            "tests",
        ],
        &[(
            &[
                "statsmodels_score_SUSPECT",
                "statsmodels_score_nocorr_SUSPECT",
            ],
            "wrong in statsmodels 0.15.0 (issue 10269); the ref_ values stand beside them",
        )],
    );
    let mut report = Report::default();
    for case in &cases {
        let (group, rest) = sides(case);
        let name = |what: &str| {
            format!(
                "{}/{} {}/{} {what}",
                group.events, group.trials, rest.events, rest.trials
            )
        };
        for (theirs, ours, level) in answers {
            let method = contrast::find(contrast::PROPORTION, ours).unwrap();
            let got = (method.function)(&group, &rest, Level::new(level).unwrap());
            // statsmodels lets Wald and Agresti-Caffo run past −1 and 1.
            let want = json_ends(&case[theirs]).map(|end| end.map(|v| v.clamp(-1.0, 1.0)));
            report.ends(&name(theirs), got, want, ROOT);
        }
        let whole = group.merge(&rest).unwrap();
        let got = contrast::part_whole::interval(&group, &whole, Level::P95);
        let want = json_ends(&case["group_v_overall"]["newcombe_scaled"]);
        report.ends(&name("group_v_overall"), got, want, CLOSED);
        let estimate = json_number(&case["group_v_overall"]["diff"]);
        report.value(
            &name("group - whole"),
            contrast::difference(&group, &whole),
            estimate,
            CLOSED,
        );
        report.value(
            &name("diff"),
            contrast::difference(&group, &rest),
            json_number(&case["diff"]),
            CLOSED,
        );
        let pooled = significance::pearson::test(&group, &rest).map(|test| test.p_value);
        report.value(
            &name("pooled z"),
            pooled,
            json_number(&case["tests"]["pooled_z"][1]),
            CLOSED,
        );
    }
    report.settle(
        "python/prop_diff.json",
        "differences of proportions",
        1200,
        "statsmodels' own score intervals, which stop short (`ref_*` are used)",
    );
}

#[test]
fn ratios() {
    let answers = [
        ("log", "katz"),
        ("ref_koopman", "koopman"),
        ("ref_score_miettinen_nurminen", "miettinen_nurminen_ratio"),
    ];
    let Some(cases) = json("python/prop_ratio.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["x1", "n1", "x2", "n2", "nasty"],
        &[
            "ratio",
            "log",
            "scipy_katz_log",
            "ref_koopman",
            "ref_score_miettinen_nurminen",
        ],
        &[
            (
                &["score", "score_nocorr"],
                "wrong at 100 % and zero cells; the ref_ values stand beside",
            ),
            (
                &["log-adjusted"],
                "a half added to every cell answers another question",
            ),
        ],
    );
    let mut report = Report::default();
    for case in &cases {
        let (group, rest) = sides(case);
        let name = |what: &str| {
            format!(
                "{}/{} {}/{} {what}",
                group.events, group.trials, rest.events, rest.trials
            )
        };
        for (theirs, ours) in answers {
            let method = contrast::find(contrast::PROPORTION, ours).unwrap();
            let got = (method.function)(&group, &rest, Level::P95);
            report.ends(&name(theirs), got, json_ends(&case[theirs]), ROOT);
        }
        let ratio = json_number(&case["ratio"]);
        report.value(
            &name("ratio"),
            contrast::ratio(&group, &rest),
            ratio,
            CLOSED,
        );
        let scipy = &case["scipy_katz_log"];
        let want = [json_number(&scipy[1]), json_number(&scipy[2])];
        let katz = contrast::katz::interval(&group, &rest, Level::P95);
        report.ends(&name("scipy katz"), katz, want, CLOSED);
        if rest.events == 0 {
            // No upper end; the lower one is a bound at 1 − alpha / 2.
            let one_sided = Level::new(0.975).unwrap();
            let got = contrast::koopman::lower_bound(&group, &rest, one_sided);
            match json_number(&case["ref_koopman"][0]) {
                Some(0.0) => report.refused(&name("bound"), got, NotCalculable::ZeroGroup),
                want => report.value(&name("bound"), got, want, ROOT),
            }
        }
    }
    report.settle(
        "python/prop_ratio.json",
        "ratios of proportions",
        625,
        "statsmodels' own score intervals (`ref_*` are used) and its adjusted logarithm",
    );
}

#[test]
fn odds_ratios_and_exact_tests() {
    let answers = [
        ("logit", "woolf"),
        ("ref_score_nocorr", "cornfield"),
        ("ref_score_miettinen_nurminen", "score_odds"),
    ];
    // scipy's conditional limits come from brentq at its default of 2 × 10⁻¹² absolute, in ψ or
    // 1 / ψ, on a distribution function that is good to about ten digits.
    let scipy = Tolerance {
        relative: 1e-8,
        absolute: 1e-11,
    };
    let Some(cases) = json("python/prop_odds.json") else {
        return;
    };
    account_for_keys(
        &cases,
        &["x1", "n1", "x2", "n2", "nasty"],
        &[
            "odds_ratio",
            "logit",
            "ref_score_nocorr",
            "ref_score_miettinen_nurminen",
            "scipy_conditional_exact",
            "fisher_exact_two_sided_p",
            "chi2_yates",
            "chi2_plain",
        ],
        &[
            (
                &["logit-adjusted", "logit-smoothed"],
                "added counts answer another question",
            ),
            (
                &["score", "score_nocorr"],
                "good to 10⁻⁴; the ref_ values stand beside them",
            ),
            (
                &["scipy_sample"],
                "the logit interval again, with 0 and infinity for its gaps",
            ),
            (
                &["fisher_exact_less_p", "fisher_exact_greater_p"],
                "one-sided tests are not offered",
            ),
            (
                &["barnard_pooled", "barnard_unpooled", "boschloo"],
                "unconditional: not in our list",
            ),
        ],
    );
    let mut report = Report::default();
    for case in &cases {
        let (group, rest) = sides(case);
        let name = |what: &str| {
            format!(
                "{}/{} {}/{} {what}",
                group.events, group.trials, rest.events, rest.trials
            )
        };
        for (theirs, ours) in answers {
            let method = contrast::find(contrast::PROPORTION, ours).unwrap();
            let got = (method.function)(&group, &rest, Level::P95);
            report.ends(&name(theirs), got, json_ends(&case[theirs]), ROOT);
        }
        let odds = json_number(&case["odds_ratio"]);
        report.value(
            &name("odds ratio"),
            contrast::odds_ratio(&group, &rest),
            odds,
            CLOSED,
        );
        let exact = contrast::exact_conditional::interval(&group, &rest, Level::P95);
        let theirs = &case["scipy_conditional_exact"];
        // Left out by the generator where scipy would take minutes.
        if !theirs.is_null() {
            let want = [json_number(&theirs[1]), json_number(&theirs[2])];
            report.ends(&name("exact"), exact, want, scipy);
        }
        let fisher = significance::fisher::test(&group, &rest).map(|test| test.p_value);
        report.value(
            &name("fisher"),
            fisher,
            json_number(&case["fisher_exact_two_sided_p"]),
            CLOSED,
        );
        for (theirs, ours) in [("chi2_plain", "pearson"), ("chi2_yates", "yates")] {
            let test = significance::find(significance::PROPORTION, ours).unwrap();
            let got = (test.function)(&group, &rest);
            report.value(
                &name(theirs),
                got.map(|t| t.statistic.unwrap()),
                json_number(&case[theirs][0]),
                CLOSED,
            );
            report.value(
                &name(theirs),
                got.map(|t| t.p_value),
                json_number(&case[theirs][1]),
                CLOSED,
            );
        }
    }
    report.settle(
        "python/prop_odds.json",
        "odds ratios and exact tests",
        1168,
        "smoothed logits, sample odds ratio, one-sided and unconditional tests: not offered",
    );
}
