//! Pupil rows to tallies: preparing a cohort and tallying it, in groups of their own, in rows a second.

use std::hint::black_box;
use std::num::NonZeroUsize;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use disprop::synth::{Plan, Scope, cohort};
use disprop::{Cohort, CohortOptions, Columns, GapOptions, Measure, TallyOptions, measure};

/// Shapes: pupils of one year of a country of 152 authorities, seeded; two sizes show the growth.
const PUPILS: [u32; 2] = [100_000, 1_000_000];
const AUTHORITIES: u32 = 152;
const SEED: u64 = 7;
/// The four measures and the finest cross of the side-by-side comparison (`peers/compare.py`).
const MEASURES: [&str; 4] = [
    "absence",
    "persistent_absence",
    "suspensions",
    "ks4_attainment8",
];
const FINE: [&str; 3] = ["sex", "fsm", "la"];

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn plan(pupils: u32, plain_text: bool) -> Plan {
    Plan {
        pupils,
        years: 1,
        seed: SEED,
        scope: Scope::Country {
            authorities: AUTHORITIES,
        },
        plain_text,
        ..Plan::default()
    }
}

fn options() -> Result<CohortOptions, disprop::Error> {
    let measures = MEASURES
        .into_iter()
        .map(measure)
        .collect::<Result<Vec<Measure>, _>>()?;
    Ok(CohortOptions {
        measures,
        ..CohortOptions::default()
    })
}

fn try_prepare(criterion: &mut Criterion) -> Outcome {
    let mut group = criterion.benchmark_group("prepare");
    group.sample_size(10);
    for pupils in PUPILS {
        for (name, plain_text) in [("enumerations", false), ("text", true)] {
            let frame = cohort(&plan(pupils, plain_text))?;
            let options = options()?;
            group.throughput(Throughput::Elements(frame.height() as u64));
            group.bench_function(BenchmarkId::new(name, pupils), |bench| {
                bench.iter(|| Cohort::with(frame.clone(), Columns::npd(), options.clone()));
            });
        }
    }
    group.finish();
    Ok(())
}

fn try_tally(criterion: &mut Criterion) -> Outcome {
    let mut group = criterion.benchmark_group("tally");
    group.sample_size(10);
    for pupils in PUPILS {
        let options = options()?;
        let measures = options.measures.clone();
        let rows = Cohort::with(cohort(&plan(pupils, false))?, Columns::npd(), options)?;
        group.throughput(Throughput::Elements(rows.rows() as u64));
        for threads in [1, 2] {
            let how = TallyOptions {
                threads: NonZeroUsize::new(threads),
                stop: None,
            };
            let name = format!("{threads} thread(s)");
            group.bench_function(BenchmarkId::new(name, pupils), |bench| {
                bench.iter(|| rows.tally_with(black_box(&measures), &FINE, &how));
            });
        }
        let tallies = rows.tally(&measures, &FINE)?;
        group.bench_function(BenchmarkId::new("roll up to la", pupils), |bench| {
            bench.iter(|| tallies.roll_up(black_box(&["la"])));
        });
        let by_la = tallies.roll_up(&["la"])?;
        group.bench_function(BenchmarkId::new("gaps by la", pupils), |bench| {
            bench.iter(|| by_la.gaps(black_box(&GapOptions::default())));
        });
    }
    group.finish();
    Ok(())
}

fn prepare(criterion: &mut Criterion) {
    assert!(try_prepare(criterion).is_ok(), "the cohort is refused");
}

fn tally(criterion: &mut Criterion) {
    assert!(try_tally(criterion).is_ok(), "the tally is refused");
}

criterion_group!(benches, prepare, tally);
criterion_main!(benches);
