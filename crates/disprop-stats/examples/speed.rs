//! Prints how long each method takes, for a small, a middling and a national comparison.
//!
//! `cargo run --release -p disprop-stats --example speed`
// An example that measures looks at the clock.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::hint::black_box;
use std::time::Instant;

use disprop_stats::contrast::{self, ContrastMethod};
use disprop_stats::interval::{self, IntervalMethod};
use disprop_stats::{Level, Mean, Proportion, Rate, Ratio};

const LEVEL: Level = Level::P95;

/// Nanoseconds a call, over enough calls to take about 20 ms.
fn time(call: impl Fn()) -> f64 {
    let mut calls = 1_u32;
    loop {
        let start = Instant::now();
        for _ in 0..calls {
            call();
        }
        let took = start.elapsed().as_secs_f64();
        if took > 0.02 {
            return took * 1e9 / f64::from(calls);
        }
        calls = calls.saturating_mul(4);
    }
}

fn line(family: &str, id: &str, nanoseconds: impl Iterator<Item = f64>) {
    let columns: Vec<String> = nanoseconds.map(|ns| format!("{ns:>12.0}")).collect();
    println!("{family:<11} {id:<26} {} ns", columns.join(" "));
}

fn one<T>(family: &str, methods: &'static [IntervalMethod<T>], tallies: &[T]) {
    for method in methods {
        let run = |t| time(|| _ = black_box((method.function)(black_box(t), LEVEL)));
        line(family, method.id, tallies.iter().map(run));
    }
}

fn two<T>(family: &str, methods: &'static [ContrastMethod<T>], pairs: &[(T, T)]) {
    for method in methods {
        let run = |(group, rest): &(T, T)| {
            time(|| _ = black_box((method.function)(black_box(group), black_box(rest), LEVEL)))
        };
        line(family, method.id, pairs.iter().map(run));
    }
}

fn main() {
    let proportion = Proportion::new;
    let pairs = [
        (proportion(7, 34), proportion(300, 990)),
        (proportion(1_868, 6_933), proportion(224_785, 516_693)),
        (
            proportion(250_000, 1_000_000),
            proportion(2_500_000, 9_000_000),
        ),
    ];
    one(
        "proportion",
        interval::PROPORTION,
        &pairs.map(|pair| pair.0),
    );
    two("proportion", contrast::PROPORTION, &pairs);
    let rates = pairs.map(|(a, b)| (Rate::new(a.events, a.trials), Rate::new(b.events, b.trials)));
    one("rate", interval::RATE, &rates.map(|pair| pair.0));
    two("rate", contrast::RATE, &rates);
    let mean = |n: i32| {
        Mean::of(
            &(0..n)
                .map(|i| f64::from(i * 37 % 900) / 10.0)
                .collect::<Vec<_>>(),
        )
        .unwrap_or_default()
    };
    let means = [
        (mean(12), mean(90)),
        (mean(150), mean(3_000)),
        (mean(9_000), mean(90_000)),
    ];
    one("mean", interval::MEAN, &means.map(|pair| pair.0));
    two("mean", contrast::MEAN, &means);
    let ratio = |n: i32| {
        let pair = |i: i32| (f64::from(i * 37 % 90), f64::from(300 + i % 80));
        Ratio::of(&(0..n).map(pair).collect::<Vec<_>>()).unwrap_or_default()
    };
    let ratios = [
        (ratio(12), ratio(90)),
        (ratio(150), ratio(3_000)),
        (ratio(9_000), ratio(90_000)),
    ];
    one("ratio", interval::RATIO, &ratios.map(|pair| pair.0));
    two("ratio", contrast::RATIO, &ratios);
}
