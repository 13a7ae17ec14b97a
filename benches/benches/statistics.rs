//! Every closed-form interval and contrast, the score and exact ones, and 100,000 gaps.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use disprop_stats::bootstrap::{Column, Drawing, replicates};
use disprop_stats::contrast::{self, ContrastMethod, Scale};
use disprop_stats::interval::{self, IntervalMethod};
use disprop_stats::stratum::Stratum;
use disprop_stats::{Level, Mean, Proportion, Rate, Ratio, Tally};

/// Shapes: how many pairs of a group and all others the loop over gaps takes.
const GAPS: i64 = 100_000;

/// Sizes of a middling group in one authority against all others there.
fn proportions() -> (Proportion, Proportion) {
    (Proportion::new(187, 693), Proportion::new(22_479, 51_669))
}

fn means() -> (Mean, Mean) {
    let scores = |n: i32| -> Vec<f64> { (0..n).map(|i| f64::from(i * 37 % 900) / 10.0).collect() };
    let of = |n| Mean::of(&scores(n)).unwrap_or_default();
    (of(700), of(5_000))
}

fn ratios() -> (Ratio, Ratio) {
    let sessions =
        |n: i32| -> Vec<(f64, f64)> { (0..n).map(|i| (f64::from(i * 13 % 90), 380.0)).collect() };
    let of = |n| Ratio::of(&sessions(n)).unwrap_or_default();
    (of(700), of(5_000))
}

fn rates() -> (Rate, Rate) {
    (Rate::new(102, 1_000), Rate::new(4_690, 100_000))
}

fn time_intervals<T>(
    criterion: &mut Criterion,
    family: &str,
    list: &[IntervalMethod<T>],
    tally: &T,
) {
    let mut group = criterion.benchmark_group(format!("interval/{family}"));
    group.throughput(Throughput::Elements(1));
    for method in list {
        group.bench_function(BenchmarkId::from_parameter(method.id), |bench| {
            bench.iter(|| (method.function)(black_box(tally), Level::P95));
        });
    }
    group.finish();
}

fn time_contrasts<T>(
    criterion: &mut Criterion,
    family: &str,
    list: &[ContrastMethod<T>],
    (group_tally, baseline): &(T, T),
) {
    let mut group = criterion.benchmark_group(format!("contrast/{family}"));
    group.throughput(Throughput::Elements(1));
    for method in list {
        group.bench_function(BenchmarkId::from_parameter(method.id), |bench| {
            bench.iter(|| {
                (method.function)(black_box(group_tally), black_box(baseline), Level::P95)
            });
        });
    }
    group.finish();
}

fn intervals(criterion: &mut Criterion) {
    time_intervals(
        criterion,
        "proportion",
        interval::PROPORTION,
        &proportions().0,
    );
    time_intervals(criterion, "mean", interval::MEAN, &means().0);
    time_intervals(criterion, "ratio", interval::RATIO, &ratios().0);
    time_intervals(criterion, "rate", interval::RATE, &rates().0);
}

fn contrasts(criterion: &mut Criterion) {
    time_contrasts(
        criterion,
        "proportion",
        contrast::PROPORTION,
        &proportions(),
    );
    time_contrasts(criterion, "mean", contrast::MEAN, &means());
    time_contrasts(criterion, "ratio", contrast::RATIO, &ratios());
    time_contrasts(criterion, "rate", contrast::RATE, &rates());
}

/// The default interval on each scale, all others by subtraction.
fn gaps(criterion: &mut Criterion) {
    let total = Proportion::new(226_653, 523_626);
    let groups: Vec<Proportion> = (0..GAPS)
        .map(|i| Proportion::new(1 + i % 97, 100 + i % 1_009))
        .collect();
    let defaults = [Scale::Difference, Scale::Ratio, Scale::OddsRatio]
        .map(|scale| contrast::default(contrast::PROPORTION, scale));
    let mut group = criterion.benchmark_group("gaps");
    group.throughput(Throughput::Elements(GAPS as u64));
    group.sample_size(10);
    group.bench_function("proportion/difference+ratio+odds", |bench| {
        bench.iter(|| {
            groups
                .iter()
                .filter_map(|group| {
                    let others = total.subtract(group).ok()?;
                    Some(black_box(defaults.map(|method| {
                        method.map(|method| (method.function)(group, &others, Level::P95))
                    })))
                })
                .count()
        });
    });
    group.finish();
}

/// 10,000 replicates of 100 schools × 20 groups × 4 measures, with both kinds of interval.
fn bootstrap(criterion: &mut Criterion) {
    const SCHOOLS: i64 = 100;
    const GAPS: i64 = 20 * 4;
    let column = |gap: i64| {
        let school = |i: i64| {
            let (n, m) = (5 + (i * 7 + gap) % 11, 90 + i % 40);
            let group = Proportion::new((i * 13 + gap) % (n + 1), n);
            Stratum::new(group, Proportion::new((i * 31 + gap) % (m + 1), m))
        };
        Column::new(&(0..SCHOOLS).map(school).collect::<Vec<_>>())
    };
    let columns: Vec<Column> = (0..GAPS).map(column).collect();
    let mut group = criterion.benchmark_group("bootstrap");
    group.throughput(Throughput::Elements(GAPS as u64));
    group.sample_size(10);
    for threads in [1, 2] {
        let drawing = Drawing {
            threads,
            ..Drawing::new(1)
        };
        group.bench_function(BenchmarkId::new("10000x100x20x4", threads), |bench| {
            bench.iter(|| {
                replicates(black_box(&columns), drawing)
                    .iter()
                    .filter_map(|gap| {
                        let gap = gap.as_ref().ok()?;
                        Some((gap.percentile(Level::P95).ok()?, gap.bca(Level::P95).ok()?))
                    })
                    .count()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, intervals, contrasts, gaps, bootstrap);
criterion_main!(benches);
