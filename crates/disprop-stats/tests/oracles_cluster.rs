//! Clustered gaps against survey, sandwich, clubSandwich, statsmodels, pyfixest and samplics.

mod oracle;

use std::collections::BTreeMap;

use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::stratum::Stratum;
use disprop_stats::{Level, Mean, NotCalculable, Ratio, Tally, contrast, distribution};
use oracle::{close, csv, finite, record, within};

/// One pupil: unit (a school, or the pupil alone), in the group or not, and two values.
type Pupil = (usize, bool, f64, f64);

fn ratios(pupils: &[Pupil]) -> Vec<Stratum<Ratio>> {
    gather(pupils, |p| Ratio::of(&[(p.2, p.3)]).unwrap())
}

fn means(pupils: &[Pupil]) -> Vec<Stratum<Mean>> {
    gather(pupils, |p| Mean::of(&[p.2]).unwrap())
}

fn gather<T: Tally>(pupils: &[Pupil], tally: impl Fn(&Pupil) -> T) -> Vec<Stratum<T>> {
    let mut units: BTreeMap<usize, Stratum<T>> = BTreeMap::new();
    for pupil in pupils {
        let unit = units.entry(pupil.0).or_default();
        let side = if pupil.1 {
            &mut unit.group
        } else {
            &mut unit.baseline
        };
        *side = side.merge(&tally(pupil)).unwrap();
    }
    units.into_values().collect()
}

fn lax(correction: Correction) -> Clustering {
    Clustering {
        correction,
        minimum_clusters: 2,
    }
}

#[test]
fn clustered_gaps_are_those_of_r() {
    let Some(rows) = csv("r/cluster_ratio.csv") else {
        return;
    };
    let data = csv("r/cluster_ratio_data.csv").unwrap();
    let (mut compared, mut refused, mut pooled) = (0, 0, 0);
    for row in &rows {
        let what = format!(
            "{} {} {} {}",
            row["dataset"], row["quantity"], row["design"], row["method"]
        );
        let by_school = row["design"] == "clustered by school";
        let outcome = match row["quantity"].as_str() {
            "mean difference of flag" => "flag",
            "mean difference of score" => "score",
            _ => "num",
        };
        let pupils: Vec<Pupil> = data
            .iter()
            .filter(|d| d["dataset"] == row["dataset"])
            .map(|d| {
                let unit = if by_school { &d["school"] } else { &d["pupil"] };
                let value = |k: &str| d[k].parse::<f64>().unwrap();
                (
                    unit.parse().unwrap(),
                    d["focal"] == "1",
                    value(outcome),
                    value("den"),
                )
            })
            .collect();
        if by_school && row["dataset"] == "focal_in_one_school" {
            // The oracle for a refusal: the variance collapses, so no number is right.
            let clustering = lax(Correction::Cr1);
            let gap = cluster::difference(&ratios(&pupils), clustering);
            assert_eq!(gap, Err(NotCalculable::TooFewClusters), "{what}");
            if row["quantity"] != "ratio_of_sums focal=0" {
                refused += 1;
                continue;
            }
        }
        if row["method"] == "OLS" {
            one_spread(row, &pupils, &what);
            pooled += 1;
            continue;
        }
        compare(row, &pupils, &what);
        compared += 1;
    }
    assert_eq!((compared, refused, pooled), (104, 16, 8));
    record(
        "r/cluster_ratio.csv",
        "schools as clusters",
        compared + pooled + refused,
        refused,
        "none",
    );
}

/// The error of least squares takes all pupils to be equally spread: Student's pooled interval.
fn one_spread(row: &oracle::Row, pupils: &[Pupil], what: &str) {
    let side = |group: bool| {
        let values = pupils.iter().filter(|p| p.1 == group).map(|p| p.2);
        Mean::of(&values.collect::<Vec<_>>()).unwrap()
    };
    let (group, baseline) = (side(true), side(false));
    let ends = contrast::pooled::interval(&group, &baseline, Level::P95).unwrap();
    let degrees = finite(&row["df_or_note"]).unwrap();
    assert_eq!(degrees, (group.n + baseline.n - 2) as f64, "{what}");
    let t = distribution::student_t_quantile(0.05, degrees).unwrap();
    let want = |key: &str| finite(&row[key]).unwrap();
    close((ends.lower + ends.upper) / 2.0, want("estimate"), what);
    close((ends.upper - ends.lower) / 2.0 / t, want("se"), what);
}

fn compare(row: &oracle::Row, pupils: &[Pupil], what: &str) {
    let want = finite(&row["estimate"]).unwrap();
    let se = finite(&row["se"]);
    let correction = match row["method"].as_str() {
        "HC0" | "CR0" => Correction::Cr0,
        "HC1" | "CR1S" | "vcovCL HC1 (Stata-like)" => Correction::Cr1Stata,
        "HC2" | "CR2" => Correction::Cr2,
        "HC3" | "CR3" => Correction::Cr3,
        _ => Correction::Cr1,
    };
    let got = match row["quantity"].as_str() {
        "covariance of the two ratios" => {
            let got = cluster::covariance(&ratios(pupils), lax(correction)).unwrap();
            // Independent pupils have none; the oracle's is rounding noise of 1e-36.
            return close(got, want, what);
        }
        quantity @ ("ratio_of_sums focal=0" | "ratio_of_sums focal=1") => {
            let group = quantity.ends_with('1');
            let side = |s: Stratum<Ratio>| if group { s.group } else { s.baseline };
            let schools: Vec<Ratio> = ratios(pupils).into_iter().map(side).collect();
            cluster::value(&schools, lax(correction))
        }
        "difference focal - others" => cluster::difference(&ratios(pupils), lax(correction)),
        "log ratio focal / others" => cluster::ratio(&ratios(pupils), lax(correction)).map(|r| {
            disprop_stats::wald::Estimate {
                estimate: r.estimate.ln(),
                ..r
            }
        }),
        _ => cluster::difference(&means(pupils), lax(correction)),
    };
    let got = got.unwrap_or_else(|reason| panic!("{what}: {reason}"));
    close(got.estimate, want, what);
    close(got.standard_error, se.unwrap(), what);
    let is_sandwich = matches!(
        row["method"].as_str(),
        "CR0" | "CR1" | "CR1S" | "CR2" | "CR3"
    );
    if is_sandwich && row["design"] == "clustered by school" {
        close(
            got.degrees.unwrap(),
            finite(&row["df_or_note"]).unwrap(),
            what,
        );
    }
}

#[test]
fn the_default_refuses_a_group_in_three_schools() {
    let Some(data) = csv("r/cluster_ratio_data.csv") else {
        return;
    };
    let pupils: Vec<Pupil> = data
        .iter()
        .filter(|d| d["dataset"] == "tiny_focal")
        .map(|d| {
            (
                d["school"].parse().unwrap(),
                d["focal"] == "1",
                d["flag"].parse().unwrap(),
                1.0,
            )
        })
        .collect();
    let gap = cluster::difference(&means(&pupils), Clustering::default());
    assert_eq!(gap, Err(NotCalculable::TooFewClusters));
}

#[test]
fn clustered_gaps_are_those_of_python() {
    let Some(cases) = oracle::json("python/cluster.json") else {
        return;
    };
    let rows = cases[0]["rows"].as_array().unwrap();
    let pupils = |outcome: usize, by_school: bool| -> Vec<Pupil> {
        rows.iter()
            .enumerate()
            .map(|(i, r)| {
                let value = |k: usize| r[k].as_f64().unwrap();
                let unit = if by_school { value(0) as usize } else { i };
                (unit, value(1) == 1.0, value(outcome), value(7))
            })
            .collect()
    };
    let case = |name: &str| cases.iter().find(|c| c["name"] == name).unwrap();
    let mut compared = 0;
    for (name, outcome) in [
        ("att8 OLS unadjusted", 5),
        ("persistent absence linear probability unadjusted", 4),
    ] {
        for (key, by_school, correction) in [
            ("HC0", false, Correction::Cr0),
            ("HC1", false, Correction::Cr1Stata),
            ("HC2", false, Correction::Cr2),
            ("HC3", false, Correction::Cr3),
            ("cluster_CR0", true, Correction::Cr0),
            ("cluster_CR1", true, Correction::Cr1Stata),
            ("pyfixest_CRV1", true, Correction::Cr1Stata),
            ("pyfixest_CRV3", true, Correction::Cr3),
        ] {
            let Some(want) = case(name).get(key) else {
                continue;
            };
            let schools = means(&pupils(outcome, by_school));
            let got = cluster::difference(&schools, lax(correction)).unwrap();
            close(got.estimate, want["coef"].as_f64().unwrap(), key);
            // pyfixest puts the small-sample factor of CR1 on top of the leave-one-out squares,
            // which hold their own correction; clubSandwich's CR3 (and ours) does not.
            let (m, n) = (schools.len() as f64, rows.len() as f64);
            let twice = (m / (m - 1.0) * (n - 1.0) / (n - 2.0)).sqrt();
            let factor = if key == "pyfixest_CRV3" { twice } else { 1.0 };
            close(
                got.standard_error * factor,
                want["se"].as_f64().unwrap(),
                key,
            );
            compared += 1;
        }
    }
    let linearised = case("absence rate as a ratio of sums, linearised");
    for (key, by_school) in [("ref_pupils_independent", false), ("ref_by_school", true)] {
        let want = |k: &str| linearised[key][k].as_f64().unwrap();
        let schools = ratios(&pupils(9, by_school));
        let gap = cluster::difference(&schools, lax(Correction::Cr1)).unwrap();
        close(gap.estimate, want("diff"), key);
        close(gap.standard_error, want("diff_se"), key);
        let ratio = cluster::ratio(&schools, lax(Correction::Cr1)).unwrap();
        close(ratio.estimate.ln(), want("log_ratio"), key);
        close(ratio.standard_error, want("log_ratio_se"), key);
        compared += 2;
    }
    let samplics = case("samplics ratio by domain, psu = school");
    for (key, group) in [("0", false), ("1", true)] {
        let side = |s: Stratum<Ratio>| if group { s.group } else { s.baseline };
        let schools: Vec<Ratio> = ratios(&pupils(9, true)).into_iter().map(side).collect();
        let got = cluster::value(&schools, lax(Correction::Cr1)).unwrap();
        close(
            got.estimate,
            samplics["estimate"][key].as_f64().unwrap(),
            key,
        );
        within(
            got.standard_error,
            samplics["se"][key].as_f64().unwrap(),
            1e-9,
            key,
        );
        compared += 1;
    }
    assert_eq!(compared, 8 + 4 + 4 + 2);
    record(
        "python/cluster.json",
        "schools as clusters",
        compared,
        0,
        "regressions: see their line",
    );
}

#[test]
fn the_jackknife_is_cr3_short_of_one_school() {
    // Leaving a school out moves a mean by its CR3 residual exactly, so for a difference of means
    // the two differ by (m − 1)/m alone.
    let pupils: Vec<Pupil> = (0..60)
        .map(|i| (i % 7, i % 3 == 0, f64::from((i * i % 11) as u32), 1.0))
        .collect();
    let schools = means(&pupils);
    let jackknife = cluster::difference(&schools, lax(Correction::Jackknife)).unwrap();
    let cr3 = cluster::difference(&schools, lax(Correction::Cr3)).unwrap();
    close(
        jackknife.variance(),
        cr3.variance() * 6.0 / 7.0,
        "jackknife",
    );
}
