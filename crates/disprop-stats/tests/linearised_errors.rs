//! The linearised errors against pupils put in one at a time.
//!
//! The variance of a smooth function of tallies over independent pupils is the sum of the squares of
//! what each pupil moves it. Here that movement is not a formula: a pupil is merged into the tallies
//! of many copies of the cohort, and the function is computed again.

use disprop_stats::decompose::{self, Covariates, Weighting};
use disprop_stats::fraction::Fraction;
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

#[test]
fn kitagawa() {
    let parts = decompose::kitagawa(&one_cohort()).unwrap();
    let of = |part: fn(decompose::Kitagawa) -> f64| by_pupil(|s| decompose::kitagawa(s).map(part));
    near(
        parts.composition.variance(),
        of(|k| k.composition.estimate),
        "composition",
    );
    near(parts.rate.variance(), of(|k| k.rate.estimate), "rate");
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
        let split = |s: &[Stratum<Ratio>]| decompose::oaxaca_blinder(&cells(s), weighting);
        let parts = split(&one_cohort()).unwrap();
        let name = format!("{weighting:?}");
        near(
            parts.explained.variance(),
            by_pupil(|s| split(s).map(|p| p.explained.estimate)),
            &name,
        );
        near(
            parts.unexplained.variance(),
            by_pupil(|s| split(s).map(|p| p.unexplained.estimate)),
            &name,
        );
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
