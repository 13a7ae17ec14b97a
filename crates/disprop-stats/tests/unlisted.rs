//! What is in no list of functions, over the same awkward tallies; and that no file of a method is
//! left out of the lists, whose entries the registries walk.

mod awkward;

use std::collections::BTreeSet;
use std::path::PathBuf;

use awkward::{levels, means, proportions, rates, ratios, sound, widens};
use disprop_stats::contrast::{self, Exact, cohen_h, hedges_g, part_whole, quasi_poisson};
use disprop_stats::{Calculated, Interval, Level, Tally, interval, significance};

/// Files that hold no method of their own, and what they are.
const PARTS: &[(&str, &str)] = &[
    ("contrast/exact.rs", "exact point values of contrasts"),
    (
        "contrast/hypergeometric.rs",
        "the distribution of a table with fixed margins",
    ),
    (
        "contrast/mover.rs",
        "combines limits, for the methods named after it",
    ),
    (
        "contrast/score.rs",
        "restricted proportions, for the score methods",
    ),
    (
        "contrast/part_whole.rs",
        "carries intervals over to everyone as the baseline; walked here",
    ),
    (
        "significance/binomial.rs",
        "the distribution of events given all of them",
    ),
];

/// Files with facts beside a function of another shape: each is walked here.
const WALKED_HERE: [&str; 3] = [
    "contrast/cohen_h.rs",
    "contrast/hedges_g.rs",
    "contrast/quasi_poisson.rs",
];

/// Names and texts of the files of methods.
// Sources are read as text.
#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
fn files(folder: &str) -> Vec<(String, String)> {
    let krate = std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo");
    let path = PathBuf::from(krate).join("src").join(folder);
    let mut found: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (
                format!("{folder}/{name}"),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn no_file_of_a_method_is_left_out_of_the_lists() {
    let listed = [
        (
            "interval",
            interval::PROPORTION.len()
                + interval::RATE.len()
                + interval::MEAN.len()
                + interval::RATIO.len(),
        ),
        (
            "contrast",
            contrast::PROPORTION.len()
                + contrast::RATE.len()
                + contrast::MEAN.len()
                + contrast::RATIO.len(),
        ),
        (
            "significance",
            significance::PROPORTION.len() + significance::RATE.len() + significance::MEAN.len(),
        ),
    ];
    let mut excused: BTreeSet<&str> = PARTS.iter().map(|(name, _)| *name).collect();
    for (folder, listed) in listed {
        let mut methods = 0;
        for (name, text) in files(folder) {
            let entries = text.matches("METHOD: ").count();
            let (method, facts) = (entries > 0, text.contains("pub const FACTS"));
            methods += entries;
            assert_eq!(
                facts,
                WALKED_HERE.contains(&name.as_str()),
                "{name}: walk it here"
            );
            let part = excused.remove(name.as_str());
            assert!(
                method ^ facts ^ part,
                "{name} is neither a method nor a part of one"
            );
        }
        assert_eq!(
            methods, listed,
            "entries in the files of {folder} and in its lists"
        );
    }
    assert!(excused.is_empty(), "stale: {excused:?}");
}

/// Walks one function over all pairs and levels.
fn walk<T: Tally + std::fmt::Debug>(
    name: &str,
    tallies: &[T],
    estimate: impl Fn(&T, &T) -> Calculated<f64>,
    function: impl Fn(&T, &T, Level) -> Calculated<Interval>,
) {
    let mut answered = 0;
    for group in tallies {
        for rest in tallies {
            let name = format!("{name} {group:?} {rest:?}");
            let got: Vec<_> = levels()
                .iter()
                .map(|level| function(group, rest, *level))
                .collect();
            for got in &got {
                sound(&name, *got, estimate(group, rest));
                answered += usize::from(got.is_ok());
            }
            widens(&name, &got);
        }
    }
    assert!(answered > 0, "{name} answers nothing");
}

#[test]
fn effect_sizes() {
    walk("cohen_h", &proportions(), cohen_h::value, cohen_h::interval);
    walk("hedges_g", &means(), hedges_g::value, hedges_g::interval);
}

#[test]
fn intervals_with_a_dispersion() {
    for dispersion in [1e-6, 0.5, 1.0, 4.0, 1e6] {
        walk(
            "quasi_poisson",
            &rates(),
            contrast::difference,
            |group, rest, level| quasi_poisson::interval(group, rest, dispersion, level),
        );
        walk(
            "quasi_poisson ratio",
            &rates(),
            contrast::ratio,
            |group, rest, level| quasi_poisson::ratio_interval(group, rest, dispersion, level),
        );
    }
    for dispersion in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for group in &rates() {
            for rest in &rates() {
                let level = Level::P95;
                assert!(quasi_poisson::interval(group, rest, dispersion, level).is_err());
                assert!(quasi_poisson::ratio_interval(group, rest, dispersion, level).is_err());
            }
        }
    }
    for group in &means() {
        for rest in &means() {
            let got = quasi_poisson::dispersion(group, rest);
            assert!(
                got.is_err() || got.is_ok_and(|phi| phi.is_finite() && phi >= 0.0),
                "{got:?}"
            );
        }
    }
}

/// A group against everyone, itself among them.
fn against_everyone<T: Exact + std::fmt::Debug>(
    tallies: &[T],
    difference: fn(&T, &T, Level) -> Calculated<Interval>,
    index: fn(&T, &T, Level) -> Calculated<Interval>,
) {
    let whole = |group: &T, rest: &T| group.merge(rest).unwrap();
    walk(
        "part_whole",
        tallies,
        |group, rest| contrast::difference(group, &whole(group, rest)),
        |group, rest, level| difference(group, &whole(group, rest), level),
    );
    walk(
        "part_whole index",
        tallies,
        |group, rest| contrast::ratio(group, &whole(group, rest)),
        |group, rest, level| index(group, &whole(group, rest), level),
    );
}

#[test]
fn everyone_as_the_baseline() {
    against_everyone(
        &proportions(),
        part_whole::interval,
        part_whole::index_interval,
    );
    against_everyone(
        &rates(),
        part_whole::rate_interval,
        part_whole::rate_index_interval,
    );
    against_everyone(
        &means(),
        part_whole::mean_interval,
        part_whole::mean_index_interval,
    );
    against_everyone(
        &ratios(),
        part_whole::ratio_interval,
        part_whole::ratio_index_interval,
    );
}
