//! Regression on cells against statsmodels and pyfixest on the pupil rows behind them.

mod oracle;

use std::collections::BTreeMap;

use disprop_stats::cell_regression::{Cell, Family, Fit, Over, Robustness, fit};
use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::Stratum;
use disprop_stats::{Mean, Proportion, Ratio, Tally, standardise};
use oracle::{close, record, within};

type Value = serde_json::Value;

/// Cells of school × group (× fsm × sex) from the pupils, covariates `group` first.
fn cells<T: Fraction>(rows: &[Value], adjusted: bool, tally: impl Fn(&[f64]) -> T) -> Vec<Cell> {
    let mut tallies: BTreeMap<(i64, i64, i64, i64), T> = BTreeMap::new();
    for row in rows {
        let v: Vec<f64> = row
            .as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_f64().unwrap())
            .collect();
        let key = if adjusted {
            (v[0] as i64, v[1] as i64, v[2] as i64, v[3] as i64)
        } else {
            (v[0] as i64, v[1] as i64, 0, 0)
        };
        let cell = tallies.entry(key).or_default();
        *cell = cell.merge(&tally(&v)).unwrap();
    }
    tallies
        .iter()
        .map(|((school, group, fsm, sex), tally)| {
            let all = [*group as f64, *fsm as f64, *sex as f64];
            let width = if adjusted { 3 } else { 1 };
            Cell::new(all[..width].to_vec(), tally, *school as usize)
        })
        .collect()
}

fn same(model: &Fit, robustness: Robustness, want: &Value, precision: f64, what: &str) {
    let got = model.coefficient(1, robustness).unwrap();
    within(
        got.estimate,
        want["coef"].as_f64().unwrap(),
        precision,
        what,
    );
    within(
        got.standard_error,
        want["se"].as_f64().unwrap(),
        precision,
        what,
    );
}

#[test]
fn regressions_on_cells_are_those_on_pupils() {
    let Some(cases) = oracle::json("python/cluster.json") else {
        return;
    };
    let rows = cases[0]["rows"].as_array().unwrap();
    let (mut compared, mut left_out) = (0, 0);
    for (suffix, adjusted) in [("unadjusted", false), ("adjusted", true)] {
        let proportion = |i: usize| move |v: &[f64]| Proportion::new(v[i] as i64, 1);
        let mean = |i: usize| move |v: &[f64]| Mean::of(&[v[i]]).unwrap();
        let models: [(&str, Vec<Cell>, Family); 5] = [
            ("att8 OLS", cells(rows, adjusted, mean(5)), Family::Linear),
            (
                "persistent absence linear probability",
                cells(rows, adjusted, proportion(4)),
                Family::Linear,
            ),
            (
                "persistent absence logit",
                cells(rows, adjusted, proportion(4)),
                Family::Logistic,
            ),
            (
                "suspensions Poisson",
                cells(rows, adjusted, mean(6)),
                Family::Poisson,
            ),
            (
                "sessions absent Poisson with log(possible) offset",
                cells(rows, adjusted, |v| Ratio::of(&[(v[9], v[7])]).unwrap()),
                Family::Poisson,
            ),
        ];
        let weighted = cells(rows, adjusted, |v| {
            Ratio::of(&[(v[8] * v[5], v[8])]).unwrap()
        });
        let weighted = fit(&weighted, Family::Linear).unwrap();
        for (name, cells, family) in models {
            let model = fit(&cells, family).unwrap();
            let title = format!("{name} {suffix}");
            let case = cases.iter().find(|c| c["name"] == title.as_str()).unwrap();
            for (key, want) in case.as_object().unwrap() {
                let what = format!("{title} {key}");
                let (model, robustness) = match key.as_str() {
                    "name" => continue,
                    "nonrobust" | "nonrobust_TOO_NARROW" => (&model, Robustness::Model),
                    "quasi_X2_scale" => (&model, Robustness::Quasi),
                    "HC0" => (&model, Robustness::Hc0),
                    "HC1" => (&model, Robustness::Hc1),
                    "HC2" => (&model, Robustness::Hc2),
                    "HC3" => (&model, Robustness::Hc3),
                    "cluster_CR0" => (&model, Robustness::Cr0),
                    "cluster" | "cluster_CR1" | "cluster_CR1_t_df" | "pyfixest_CRV1" => {
                        (&model, Robustness::Cr1)
                    }
                    "weighted_cluster_CR1" => (&weighted, Robustness::Cr1),
                    "weighted_HC1" => (&weighted, Robustness::Hc1),
                    "g_computation_mean_p_group1_group0_diff_ratio" => {
                        let got = model.standardised_gap(0, Over::Everyone, Robustness::Cr1);
                        let got = got.unwrap();
                        let want = |i: usize| want[i].as_f64().unwrap();
                        within(got.group, want(0), 1e-9, &what);
                        within(got.baseline, want(1), 1e-9, &what);
                        within(got.gap.estimate, want(2), 1e-9, &what);
                        within(got.ratio.unwrap().estimate, want(3), 1e-9, &what);
                        compared += 1;
                        continue;
                    }
                    // pyfixest puts the factor of CR1 on top (see `oracles_cluster.rs`).
                    "pyfixest_CRV3" => {
                        let got = model.coefficient(1, Robustness::Cr3).unwrap();
                        let (m, n) = (model.clusters as f64, model.n);
                        let k = model.coefficients.len() as f64;
                        let twice = (m / (m - 1.0) * (n - 1.0) / (n - k)).sqrt();
                        close(
                            got.standard_error * twice,
                            want["se"].as_f64().unwrap(),
                            &what,
                        );
                        compared += 1;
                        continue;
                    }
                    // The log and identity binomial fits leave 0–1; a negative binomial has a
                    // second parameter.
                    "log_binomial" | "identity_binomial" | "negative_binomial_2" => {
                        left_out += 1;
                        continue;
                    }
                    other => panic!("no row {other}"),
                };
                // statsmodels' GLM keeps the weights of its last but one iteration, which costs it
                // digits in the errors (see `the_poisson_error_has_a_closed_form`).
                let precision = if family == Family::Poisson {
                    1e-6
                } else {
                    1e-9
                };
                same(model, robustness, want, precision, &what);
                if key == "cluster_CR1_t_df" || key == "pyfixest_CRV1" {
                    let got = model.coefficient(1, robustness).unwrap();
                    close(got.p_value().unwrap(), want["p"].as_f64().unwrap(), &what);
                }
                compared += 1;
            }
        }
    }
    assert_eq!((compared, left_out), (50, 6));
    record(
        "python/cluster.json",
        "regressions",
        compared,
        0,
        "6 values the definitions rule out, named in the test",
    );
}

#[test]
fn the_poisson_error_has_a_closed_form() {
    let Some(cases) = oracle::json("python/cluster.json") else {
        return;
    };
    let rows = cases[0]["rows"].as_array().unwrap();
    let events = |group: f64| -> f64 {
        rows.iter()
            .filter(|r| r[1] == group)
            .map(|r| r[6].as_f64().unwrap())
            .sum()
    };
    let exact = (1.0 / events(1.0) + 1.0 / events(0.0)).sqrt();
    let cells = cells(rows, false, |v| Mean::of(&[v[6]]).unwrap());
    let model = fit(&cells, Family::Poisson).unwrap();
    close(
        model
            .coefficient(1, Robustness::Model)
            .unwrap()
            .standard_error,
        exact,
        "exact",
    );
    let peer = cases
        .iter()
        .find(|c| c["name"] == "suspensions Poisson unadjusted")
        .unwrap();
    assert!(
        (peer["nonrobust"]["se"].as_f64().unwrap() / exact - 1.0).abs() > 1e-8,
        "stale"
    );
}

#[test]
fn without_covariates_the_errors_are_those_of_the_clustered_difference() {
    let Some(cases) = oracle::json("python/cluster.json") else {
        return;
    };
    let rows = cases[0]["rows"].as_array().unwrap();
    let mut schools: BTreeMap<i64, Stratum<Mean>> = BTreeMap::new();
    for row in rows {
        let school = schools.entry(row[0].as_f64().unwrap() as i64).or_default();
        let side = if row[1] == 1.0 {
            &mut school.group
        } else {
            &mut school.baseline
        };
        *side = side
            .merge(&Mean::of(&[row[5].as_f64().unwrap()]).unwrap())
            .unwrap();
    }
    let schools: Vec<_> = schools.into_values().collect();
    let cells = cells(rows, false, |v| Mean::of(&[v[5]]).unwrap());
    let model = fit(&cells, Family::Linear).unwrap();
    for (ours, robustness) in [
        (Correction::Cr2, Robustness::Cr2),
        (Correction::Cr3, Robustness::Cr3),
    ] {
        let want = cluster::difference(&schools, Clustering::new(ours)).unwrap();
        let got = model.coefficient(1, robustness).unwrap();
        close(got.estimate, want.estimate, "estimate");
        close(got.standard_error, want.standard_error, "error");
        close(got.degrees.unwrap(), want.degrees.unwrap(), "degrees");
    }
}

#[test]
fn a_saturated_fit_is_direct_standardisation() {
    let Some(cases) = oracle::json("python/cluster.json") else {
        return;
    };
    let rows = cases[0]["rows"].as_array().unwrap();
    let mut strata = vec![Stratum::<Proportion>::default(); 4];
    for row in rows {
        let v = |i: usize| row[i].as_f64().unwrap() as i64;
        let stratum = &mut strata[(2 * v(2) + v(3)) as usize];
        let side = if v(1) == 1 {
            &mut stratum.group
        } else {
            &mut stratum.baseline
        };
        *side = side.merge(&Proportion::new(v(4), 1)).unwrap();
    }
    let direct = standardise::to_group_mix(&strata).unwrap();
    let mut cells = Vec::new();
    for (i, stratum) in strata.iter().enumerate() {
        let (fsm, sex) = ((i / 2) as f64, (i % 2) as f64);
        for (group, tally) in [(1.0, stratum.group), (0.0, stratum.baseline)] {
            // Every product but those with the group: the baseline's cells are fitted exactly, and
            // a fit to the group's cells exactly as well needs its own model.
            let z = vec![fsm, sex, fsm * sex];
            cells.push((group, Cell::new(z, &tally, i)));
        }
    }
    let side = |group: f64| -> Vec<Cell> {
        cells
            .iter()
            .filter(|c| c.0 == group)
            .map(|c| c.1.clone())
            .collect()
    };
    for family in [Family::Linear, Family::Logistic, Family::Poisson] {
        let (group, baseline) = (
            fit(&side(1.0), family).unwrap(),
            fit(&side(0.0), family).unwrap(),
        );
        let (mut own, mut others, mut pupils) = (0.0, 0.0, 0.0);
        for (i, stratum) in strata.iter().enumerate() {
            let (fsm, sex) = ((i / 2) as f64, (i % 2) as f64);
            let z = [fsm, sex, fsm * sex];
            let n = stratum.group.trials as f64;
            own += n * group.value(&z).unwrap();
            others += n * baseline.value(&z).unwrap();
            pupils += n;
        }
        close((own - others) / pupils, direct.gap.estimate, "gap");
    }
}
