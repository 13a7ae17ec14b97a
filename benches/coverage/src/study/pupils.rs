//! Pupils with sessions, suspensions and scores: intervals from pupil rows beside those that take
//! every session or every event as a pupil of its own.

use std::sync::Arc;

use disprop_stats::contrast::{self, Scale, quasi_poisson};
use disprop_stats::{Calculated, Level, Mean, Proportion, Rate, Ratio, interval};

use super::{Extent, Job};
use crate::chance::Draw;
use crate::population::{Population, Sums};
use crate::score::{Case, Row, Score, estimate, of_one, of_proportions, of_two, truth};

/// Group n.
pub const GROUPS: [i64; 8] = [5, 10, 20, 50, 100, 200, 500, 2_000];
/// Baseline n.
pub const BASELINES: [i64; 2] = [500, 10_000];
/// The group's level over that of the baseline.
const TIMES: [f64; 3] = [0.6, 1.0, 1.8];
const SEED: u64 = 7;

/// A pair of draws, the group first.
type Pairs = [(Sums, Sums)];

/// Returns one job for each kind of measure, size of group and of baseline, and level.
pub fn jobs(extent: Extent) -> Vec<Job> {
    type Study = (
        &'static str,
        fn(f64) -> Population,
        fn(&Case, &Pairs) -> Vec<Row>,
    );
    let studies: [Study; 3] = [
        ("sessions", Population::sessions, sessions),
        ("events", Population::suspensions, events),
        (
            "scores",
            |times| Population::points(46.0 * times.sqrt()),
            scores,
        ),
    ];
    let draws = if extent == Extent::Quick { 300 } else { 2_000 };
    let mut jobs: Vec<Job> = Vec::new();
    for (at, (study, population, rows)) in studies.into_iter().enumerate() {
        let rest = Arc::new(population(1.0));
        for (level, times) in extent.thin(&TIMES, 3).into_iter().enumerate() {
            let group = Arc::new(population(times));
            for n in extent.thin(&GROUPS, 4) {
                for m in extent.thin(&BASELINES, 2) {
                    let (group, rest) = (Arc::clone(&group), Arc::clone(&rest));
                    let stream =
                        (at as u64) << 48 | (level as u64) << 40 | (n as u64) << 20 | m as u64;
                    jobs.push(Box::new(move || {
                        let mut draw = Draw::new(SEED, stream);
                        let pairs: Vec<(Sums, Sums)> = (0..draws)
                            .map(|_| (group.draw(n, &mut draw), rest.draw(m, &mut draw)))
                            .collect();
                        let case = Case {
                            study,
                            n,
                            m,
                            value: group.truth(),
                            baseline: rest.truth(),
                            icc: 0.0,
                            schools: 0,
                            how: "drawn".into(),
                        };
                        rows(&case, &pairs)
                    }));
                }
            }
        }
    }
    jobs
}

/// The rows of a method family under another name, so that a reader sees what its input was.
fn named(rows: Vec<Row>, family: &'static str, prefix: &str) -> impl Iterator<Item = Row> {
    let prefix = prefix.to_owned();
    rows.into_iter().map(move |row| Row {
        family,
        method: format!("{prefix}{}", row.method),
        ..row
    })
}

fn sessions(case: &Case, pairs: &Pairs) -> Vec<Row> {
    let ratio = |sums: &Sums| sums.ratio();
    let naive = |sums: &Sums| {
        let (x, d) = sums.counts();
        Proportion::new(x, d)
    };
    let one = |p: &(Sums, Sums)| (1.0, ratio(&p.0));
    let two = |p: &(Sums, Sums)| (1.0, ratio(&p.0), ratio(&p.1));
    let mut rows = of_one(case, "ratio", interval::RATIO, pairs.iter().map(one));
    rows.extend(of_two(
        case,
        "ratio",
        contrast::RATIO,
        estimate::<Ratio>,
        pairs.iter().map(two),
    ));
    let default = |scale: Scale| {
        contrast::PROPORTION
            .iter()
            .find(move |m| m.scale == scale)
            .copied()
    };
    let methods: Vec<_> = [Scale::Difference, Scale::Ratio]
        .into_iter()
        .filter_map(default)
        .collect();
    let one = of_one(
        case,
        "proportion",
        &interval::PROPORTION[..1],
        pairs.iter().map(|p| (1.0, naive(&p.0))),
    );
    let two = of_two(
        case,
        "proportion",
        &methods,
        of_proportions,
        pairs.iter().map(|p| (1.0, naive(&p.0), naive(&p.1))),
    );
    rows.extend(named(one, "ratio", "sessions_as_pupils_"));
    rows.extend(named(two, "ratio", "sessions_as_pupils_"));
    rows
}

fn events(case: &Case, pairs: &Pairs) -> Vec<Row> {
    let rate = |sums: &Sums| {
        let (x, n) = sums.counts();
        Rate::new(x, n)
    };
    let mean = |sums: &Sums| sums.mean();
    let one = of_one(
        case,
        "rate",
        interval::RATE,
        pairs.iter().map(|p| (1.0, rate(&p.0))),
    );
    let two = of_two(
        case,
        "rate",
        contrast::RATE,
        estimate::<Rate>,
        pairs.iter().map(|p| (1.0, rate(&p.0), rate(&p.1))),
    );
    let mut rows: Vec<Row> = one.into_iter().chain(two).collect();
    let one = of_one(
        case,
        "mean",
        interval::MEAN,
        pairs.iter().map(|p| (1.0, mean(&p.0))),
    );
    let two = of_two(
        case,
        "mean",
        contrast::MEAN,
        estimate::<Mean>,
        pairs.iter().map(|p| (1.0, mean(&p.0), mean(&p.1))),
    );
    rows.extend(named(one, "rate", "pupils_"));
    rows.extend(named(two, "rate", "pupils_"));
    rows.extend(quasi(case, pairs, rate, mean));
    rows
}

/// Quasi-Poisson, with the dispersion estimated from the pupils of both sides.
fn quasi(
    case: &Case,
    pairs: &Pairs,
    rate: impl Fn(&Sums) -> Rate,
    mean: impl Fn(&Sums) -> Mean,
) -> Vec<Row> {
    let mut scores = [Score::default(), Score::default()];
    for (group, rest) in pairs {
        let (a, c) = (rate(group), rate(rest));
        let phi = quasi_poisson::dispersion(&mean(group), &mean(rest));
        let difference = phi.and_then(|phi| quasi_poisson::interval(&a, &c, phi, Level::P95));
        let ratio = phi.and_then(|phi| quasi_poisson::ratio_interval(&a, &c, phi, Level::P95));
        for ((score, scale), got) in scores
            .iter_mut()
            .zip([Scale::Difference, Scale::Ratio])
            .zip([difference, ratio])
        {
            let exists: Calculated<f64> = estimate(scale, &a, &c);
            match exists {
                Ok(_) => score.add(1.0, got, truth(scale, case.value, case.baseline)),
                Err(_) => score.no_estimate(1.0),
            }
        }
    }
    let [difference, ratio] = scores;
    vec![
        Row::new(case, ("rate", "difference", "quasi_poisson"), difference),
        Row::new(case, ("rate", "ratio", "quasi_poisson"), ratio),
    ]
}

fn scores(case: &Case, pairs: &Pairs) -> Vec<Row> {
    let mut rows = of_one(
        case,
        "mean",
        interval::MEAN,
        pairs.iter().map(|p| (1.0, p.0.mean())),
    );
    rows.extend(of_two(
        case,
        "mean",
        contrast::MEAN,
        estimate::<Mean>,
        pairs.iter().map(|p| (1.0, p.0.mean(), p.1.mean())),
    ));
    rows
}
