//! The linearised errors against pupils put in one at a time.
//!
//! The variance of a smooth function of tallies over independent pupils is the sum of the squares of
//! what each pupil moves it. Here that movement is not a formula: a pupil is merged into the tallies
//! of many copies of the cohort, and the function is computed again.

use disprop_stats::cell_regression::Family;
use disprop_stats::decompose::{self, Covariates, Part, Weighting};
use disprop_stats::fraction::Fraction;
use disprop_stats::remaining::{self, Remaining};
use disprop_stats::stratum::Stratum;
use disprop_stats::{Calculated, Ratio, Tally};

/// Copies of the cohort: 2¹⁶. The movement of one pupil is then right to about 1e-4.
const DOUBLINGS: u32 = 16;

/// A stratum (or cell), whether in the group, sessions missed, sessions possible.
type Pupil = (usize, bool, f64, f64);

fn pupils() -> Vec<Pupil> {
    (0..90_u32)
        .map(|i| {
            let possible = 120.0 + f64::from(i * 37 % 260);
            let missed = (possible * f64::from(i * 13 % 17) / 60.0).round();
            (((i * i + i / 4) % 4) as usize, i % 3 == 0, missed, possible)
        })
        .collect()
}

fn many(pupils: &[Pupil]) -> Vec<Stratum<Ratio>> {
    let mut strata = vec![Stratum::<Ratio>::default(); 4];
    for pupil in pupils {
        add(&mut strata, pupil);
    }
    for _ in 0..DOUBLINGS {
        for s in &mut strata {
            s.group = s.group.merge(&s.group).unwrap();
            s.baseline = s.baseline.merge(&s.baseline).unwrap();
        }
    }
    strata
}

fn add(strata: &mut [Stratum<Ratio>], (place, group, x, d): &Pupil) {
    let one = Ratio::of(&[(*x, *d)]).unwrap();
    let stratum = &mut strata[*place];
    let side = if *group {
        &mut stratum.group
    } else {
        &mut stratum.baseline
    };
    *side = side.merge(&one).unwrap();
}

fn by_pupil(function: impl Fn(&[Stratum<Ratio>]) -> Calculated<f64>) -> f64 {
    let pupils = pupils();
    let cohort = many(&pupils);
    let copies = f64::from(2_u32.pow(DOUBLINGS));
    let before = function(&cohort).unwrap();
    let squares = pupils.iter().map(|pupil| {
        let mut with = cohort.clone();
        add(&mut with, pupil);
        ((function(&with).unwrap() - before) * copies).powi(2)
    });
    squares.sum()
}

fn one_cohort() -> Vec<Stratum<Ratio>> {
    let mut strata = vec![Stratum::default(); 4];
    for pupil in &pupils() {
        add(&mut strata, pupil);
    }
    strata
}

#[track_caller]
fn near(got: f64, want: f64, what: &str) {
    assert!(
        (got / want - 1.0).abs() < 2e-3,
        "{what}: got {got}, want {want}"
    );
}

/// Variance of a part, and what each pupil moves the part by, squared.
#[track_caller]
fn holds<T>(
    split: impl Fn(&[Stratum<Ratio>]) -> Calculated<T>,
    part: impl Fn(&T) -> Part,
    what: &str,
) {
    let found = part(&split(&one_cohort()).unwrap()).estimate.unwrap();
    let want = by_pupil(|s| split(s).map(|parts| part(&parts).value));
    near(found.variance(), want, what);
}

#[test]
fn kitagawa() {
    let split = |s: &[Stratum<Ratio>]| decompose::kitagawa(s);
    holds(split, |k| k.composition, "composition");
    holds(split, |k| k.rate, "rate");
}

#[test]
fn three_fold() {
    let split = |s: &[Stratum<Ratio>]| decompose::three_fold(s);
    holds(split, |t| t.endowments, "endowments");
    holds(split, |t| t.coefficients, "coefficients");
    holds(split, |t| t.interaction, "interaction");
}

/// The first stratum without its baseline, the last without its group.
fn one_sided(strata: &[Stratum<Ratio>]) -> Vec<Stratum<Ratio>> {
    let mut strata = strata.to_vec();
    strata[0].baseline = Ratio::default();
    strata[3].group = Ratio::default();
    strata
}

#[test]
fn outside() {
    let found = decompose::outside(&one_sided(&one_cohort())).unwrap();
    // Pupils of the sides left out move nothing.
    let of = |part: fn(&decompose::Outside) -> Part| {
        by_pupil(|s| decompose::outside(&one_sided(s)).map(|o| part(&o).value))
    };
    near(
        found.group.estimate.unwrap().variance(),
        of(|o| o.group),
        "group",
    );
    near(
        found.baseline.estimate.unwrap().variance(),
        of(|o| o.baseline),
        "baseline",
    );
}

fn cells(strata: &[Stratum<Ratio>]) -> Vec<Covariates<Ratio>> {
    strata
        .iter()
        .enumerate()
        .map(|(i, pupils)| Covariates {
            values: vec![(i % 2) as f64, i as f64 * 0.7],
            pupils: *pupils,
        })
        .collect()
}

#[test]
fn oaxaca_blinder() {
    for weighting in [
        Weighting::Group,
        Weighting::Baseline,
        Weighting::Half,
        Weighting::Pooled,
        Weighting::PooledWithGroup,
    ] {
        let split =
            |s: &[Stratum<Ratio>]| decompose::oaxaca_blinder_over(&cells(s), weighting, &[0, 1]);
        let name = format!("{weighting:?}");
        holds(split, |p| p.explained, &name);
        holds(split, |p| p.unexplained, &name);
        holds(split, |p| p.by_covariate[0], &name);
        holds(split, |p| p.by_covariate[1], &name);
        holds(split, |p| p.endowments, &name);
        holds(split, |p| p.coefficients, &name);
        holds(split, |p| p.interaction, &name);
        // Both covariates as the levels of one dimension are what is explained.
        let split =
            |s: &[Stratum<Ratio>]| decompose::oaxaca_blinder_over(&cells(s), weighting, &[0, 0]);
        holds(split, |p| p.by_covariate[0], &name);
    }
}

/// Sums of products of what each pupil moves two functions, each side about its mean.
fn together(a: impl Fn(&[Stratum<Ratio>]) -> f64, b: impl Fn(&[Stratum<Ratio>]) -> f64) -> f64 {
    let pupils = pupils();
    let cohort = many(&pupils);
    let copies = f64::from(2_u32.pow(DOUBLINGS));
    let before = (a(&cohort), b(&cohort));
    let moves: Vec<(bool, f64, f64)> = pupils
        .iter()
        .map(|pupil| {
            let mut with = cohort.clone();
            add(&mut with, pupil);
            (
                pupil.1,
                (a(&with) - before.0) * copies,
                (b(&with) - before.1) * copies,
            )
        })
        .collect();
    let side = |group: bool| {
        let own: Vec<_> = moves.iter().filter(|m| m.0 == group).collect();
        let n = own.len() as f64;
        let (x, y) = own
            .iter()
            .fold((0.0, 0.0), |s, m| (s.0 + m.1 / n, s.1 + m.2 / n));
        own.iter().map(|m| (m.1 - x) * (m.2 - y)).sum::<f64>()
    };
    side(true) + side(false)
}

#[test]
fn remaining_of_every_method() {
    let characteristics: Vec<Vec<f64>> = (0..4).map(|i| vec![f64::from(i % 2)]).collect();
    let by = |family: Family| {
        let rows = characteristics.clone();
        move |s: &[Stratum<Ratio>]| remaining::regression(s, &rows, family)
    };
    type Method = Box<dyn Fn(&[Stratum<Ratio>]) -> Calculated<Remaining>>;
    let methods: [(&str, Method); 5] = [
        ("mantel_haenszel", Box::new(remaining::mantel_haenszel)),
        ("standardised", Box::new(remaining::standardised)),
        ("least squares", Box::new(by(Family::Linear))),
        ("logistic", Box::new(by(Family::Logistic))),
        ("poisson", Box::new(by(Family::Poisson))),
    ];
    for (name, method) in methods {
        let found = method(&one_cohort()).unwrap();
        let adjusted = |s: &[Stratum<Ratio>]| method(s).unwrap().adjusted;
        let raw = |s: &[Stratum<Ratio>]| method(s).unwrap().raw;
        near(found.adjusted_variance, together(adjusted, adjusted), name);
        near(found.raw_variance, together(raw, raw), name);
        near(found.covariance, together(adjusted, raw), name);
    }
}

#[test]
fn the_value_itself() {
    let total = disprop_stats::stratum::total(&one_cohort()).unwrap().group;
    let want = by_pupil(|s| disprop_stats::stratum::total(s).unwrap().group.value());
    let n = total.n() as f64;
    near(
        total.value_variance().unwrap() * (n - 1.0) / n,
        want,
        "ratio",
    );
}
