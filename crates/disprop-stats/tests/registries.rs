//! Every method of every list over tallies that methods trip on: ends that are finite, ordered and
//! hold the estimate, or a typed reason; wider at a higher level.

mod awkward;

use std::collections::BTreeSet;
use std::fmt::Debug;

use awkward::{levels, means, proportions, rates, ratios, sound, widens};
use disprop_stats::contrast::{self, ContrastMethod, Scale};
use disprop_stats::interval::{self, IntervalMethod};
use disprop_stats::significance::{self, TestMethod};
use disprop_stats::{Calculated, Interval, Level, Mean, Proportion, Rate, Ratio, Tally};

fn walk_intervals<T: Tally + Debug>(methods: &'static [IntervalMethod<T>], tallies: &[T]) {
    for method in methods {
        assert_eq!(
            interval::find(methods, method.id).unwrap().label,
            method.label
        );
        let mut answered = 0;
        for tally in tallies {
            let name = format!("{} {tally:?}", method.id);
            let all: Vec<_> = levels()
                .iter()
                .map(|level| (method.function)(tally, *level))
                .collect();
            for got in &all {
                sound(&name, *got, tally.value());
                answered += usize::from(got.is_ok());
            }
            widens(&name, &all);
        }
        assert!(answered > 0, "{} answers nothing", method.id);
    }
}

fn estimate<T: contrast::Exact>(scale: Scale, group: &T, rest: &T) -> Calculated<f64> {
    match scale {
        Scale::Difference => contrast::difference(group, rest),
        Scale::Ratio => contrast::ratio(group, rest),
        Scale::OddsRatio => unreachable!("odds are compared for proportions only"),
    }
}

fn walk_contrasts<T: Tally + Debug>(
    methods: &'static [ContrastMethod<T>],
    tallies: &[T],
    estimate: impl Fn(Scale, &T, &T) -> Calculated<f64>,
) {
    for method in methods {
        assert_eq!(
            contrast::find(methods, method.id).unwrap().label,
            method.label
        );
        let mut answered = 0;
        for group in tallies {
            for rest in tallies {
                let name = format!("{} {group:?} {rest:?}", method.id);
                let of = |level: &Level| (method.function)(group, rest, *level);
                let all: Vec<_> = levels().iter().map(of).collect();
                for got in &all {
                    sound(&name, *got, estimate(method.scale, group, rest));
                    answered += usize::from(got.is_ok());
                }
                widens(&name, &all);
            }
        }
        assert!(answered > 0, "{} answers nothing", method.id);
    }
}

fn walk_tests<T: Tally + Debug>(methods: &'static [TestMethod<T>], tallies: &[T]) {
    for method in methods {
        assert_eq!(
            significance::find(methods, method.id).unwrap().label,
            method.label
        );
        let mut answered = 0;
        for group in tallies {
            for rest in tallies {
                let Ok(test) = (method.function)(group, rest) else {
                    continue;
                };
                answered += 1;
                let fine = (0.0..=1.0).contains(&test.p_value)
                    && test.statistic.is_none_or(f64::is_finite);
                assert!(fine, "{} {group:?} {rest:?}: {test:?}", method.id);
            }
        }
        assert!(answered > 0, "{} answers nothing", method.id);
    }
}

#[test]
fn intervals_of_one_group() {
    walk_intervals(interval::PROPORTION, &proportions());
    walk_intervals(interval::RATE, &rates());
    walk_intervals(interval::MEAN, &means());
    walk_intervals(interval::RATIO, &ratios());
}

#[test]
fn contrasts_of_proportions() {
    walk_contrasts(
        contrast::PROPORTION,
        &proportions(),
        |scale, group, rest| match scale {
            Scale::OddsRatio => contrast::odds_ratio(group, rest),
            scale => estimate(scale, group, rest),
        },
    );
}

#[test]
fn contrasts_of_rates_means_and_ratios() {
    walk_contrasts(contrast::RATE, &rates(), estimate);
    walk_contrasts(contrast::MEAN, &means(), estimate);
    walk_contrasts(contrast::RATIO, &ratios(), estimate);
}

#[test]
fn tests_of_no_difference() {
    walk_tests(significance::PROPORTION, &proportions());
    walk_tests(significance::MEAN, &means());
    walk_tests(significance::RATE, &rates());
}

#[test]
fn names_are_unique_and_every_entry_is_filled_in() {
    fn check<'a>(entries: impl Iterator<Item = (&'a str, [&'a str; 5])>) {
        let mut ids = BTreeSet::new();
        for (id, texts) in entries {
            assert!(ids.insert(id), "`{id}` stands twice in a list");
            assert!(
                texts.iter().all(|text| text.len() > 2),
                "`{id}` has an empty text"
            );
        }
    }
    fn one<T>(methods: &[IntervalMethod<T>]) {
        check(methods.iter().map(|m| {
            (
                m.id,
                [m.label, m.formula, m.source, m.when_to_use, m.when_not],
            )
        }));
    }
    fn two<T>(methods: &[ContrastMethod<T>]) {
        check(methods.iter().map(|m| {
            (
                m.id,
                [m.label, m.formula, m.source, m.when_to_use, m.when_not],
            )
        }));
    }
    fn three<T>(methods: &[TestMethod<T>]) {
        check(methods.iter().map(|m| {
            (
                m.id,
                [m.label, m.formula, m.source, m.when_to_use, m.when_not],
            )
        }));
    }
    one(interval::PROPORTION);
    one(interval::RATE);
    one(interval::MEAN);
    one(interval::RATIO);
    two(contrast::PROPORTION);
    two(contrast::RATE);
    two(contrast::MEAN);
    two(contrast::RATIO);
    three(significance::PROPORTION);
    three(significance::MEAN);
    three(significance::RATE);
}

#[test]
fn a_solver_never_hands_its_start_on() {
    // With something on every side both ends lie off the estimate, by far more than rounding.
    let tallies = [
        (1, 2),
        (3, 5),
        (504, 583),
        (123_456, 1_000_000),
        (999_999, 1_000_000),
    ];
    for method in contrast::PROPORTION {
        for (a, n) in tallies {
            for (c, m) in tallies {
                let (group, rest) = (Proportion::new(a, n), Proportion::new(c, m));
                let ends = (method.function)(&group, &rest, Level::P95).unwrap();
                let value = match method.scale {
                    Scale::OddsRatio => contrast::odds_ratio(&group, &rest),
                    scale => estimate(scale, &group, &rest),
                }
                .unwrap();
                let apart = 1e-7 * value.abs().max(1e-3);
                assert!(
                    value - ends.lower > apart && ends.upper - value > apart,
                    "{} {group:?} {rest:?}: {ends:?} round {value}",
                    method.id
                );
            }
        }
    }
}

#[test]
fn counts_beyond_any_school_system_neither_panic_nor_hang() {
    let huge = [
        Proportion::new(1 << 61, 1 << 62),
        Proportion::new(i64::MAX, i64::MAX),
        Proportion::new(3, i64::MAX),
    ];
    let rates = [
        Rate {
            n: 1,
            events: i128::from(i64::MAX) * 1_000_000,
            exposure: 1_000_000,
        },
        Rate {
            n: 1,
            events: 1_000_000,
            exposure: i128::MAX,
        },
    ];
    let finite = |got: Calculated<Interval>| {
        assert!(
            got.is_err() || got.is_ok_and(|ends| ends.lower.is_finite() && ends.upper.is_finite())
        );
    };
    for group in &huge {
        interval::PROPORTION
            .iter()
            .for_each(|method| finite((method.function)(group, Level::P95)));
        for rest in &huge {
            contrast::PROPORTION
                .iter()
                .for_each(|m| finite((m.function)(group, rest, Level::P95)));
            for test in significance::PROPORTION {
                let got = (test.function)(group, rest);
                assert!(got.is_err() || got.is_ok_and(|t| (0.0..=1.0).contains(&t.p_value)));
            }
        }
    }
    for group in &rates {
        interval::RATE
            .iter()
            .for_each(|method| finite((method.function)(group, Level::P95)));
        for rest in &rates {
            contrast::RATE
                .iter()
                .for_each(|m| finite((m.function)(group, rest, Level::P95)));
            for test in significance::RATE {
                let got = (test.function)(group, rest);
                assert!(got.is_err() || got.is_ok_and(|t| (0.0..=1.0).contains(&t.p_value)));
            }
        }
    }
    let mean = Mean {
        n: i64::MAX,
        sum: i128::MAX / 4,
        squares: i128::MAX / 2,
    };
    contrast::MEAN
        .iter()
        .for_each(|m| finite((m.function)(&mean, &mean, Level::P95)));
    let ratio = Ratio {
        n: 9,
        x: i128::MAX / 2,
        d: i128::MAX,
        xx: i128::MAX,
        xd: i128::MAX,
        dd: i128::MAX,
    };
    contrast::RATIO
        .iter()
        .for_each(|m| finite((m.function)(&ratio, &ratio, Level::P95)));
}
