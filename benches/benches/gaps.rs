//! Tallies to gaps: 100,000 of them with intervals, and schools ranked by draws.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use disprop::codes::CodeSet;
use disprop::schools::ShrinkOptions;
use disprop::tallies::{Counts, Whole};
use disprop::{GapOptions, Tallies, measure};
use polars::prelude::df;

/// Shapes: places × groups make 100,000 gaps; of 100 schools, 20 groups each are ranked by 4,000 draws.
const PLACES: u32 = 5_000;
const SCHOOLS: u32 = 100;
const GROUPS: u32 = 20;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Published counts of every place and group, spread as groups are: a few large, most small.
fn tallies(dimension: &str, places: u32) -> Result<Tallies, Box<dyn std::error::Error>> {
    let (mut place, mut group, mut events, mut pupils) = (vec![], vec![], vec![], vec![]);
    for p in 0..places {
        for g in 0..GROUPS {
            let n = 5 + (p * 7 + g * g * 13) % (20 + 60 * g);
            place.push(format!("P{p:05}"));
            group.push(format!("Group {g:02}"));
            pupils.push(n);
            events.push(n * (10 + (p + g) % 30) / 100);
        }
    }
    let frame = df!("place" => place, "group" => group, "events" => events, "pupils" => pupils)?;
    let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
        .codes(CodeSet::Own)
        .by(dimension, "place")
        .whole(Whole::Exhaustive);
    Ok(Tallies::from_counts(&frame, &counts)?)
}

fn try_gaps(criterion: &mut Criterion) -> Outcome {
    let mut group = criterion.benchmark_group("tallies");
    group.sample_size(10);
    let (many, options) = (tallies("place", PLACES)?, GapOptions::default());
    let gaps = many.gaps(&options)?;
    assert_eq!(gaps.rows.len(), (PLACES * GROUPS) as usize);
    assert!(gaps.rows.iter().all(|gap| gap.difference.interval.is_ok()));
    group.throughput(Throughput::Elements(gaps.rows.len() as u64));
    group.bench_function("100,000 gaps", |bench| {
        bench.iter(|| black_box(&many).gaps(&options));
    });
    group.bench_function("100,000 tests", |bench| {
        bench.iter(|| black_box(&gaps).tests(None));
    });
    let schools = tallies("school", SCHOOLS)?;
    group.throughput(Throughput::Elements(u64::from(SCHOOLS * GROUPS)));
    group.bench_function("school gaps with ranks", |bench| {
        bench
            .iter(|| black_box(&schools).school_gaps("school", ShrinkOptions::default(), &options));
    });
    group.finish();
    Ok(())
}

fn gaps(criterion: &mut Criterion) {
    assert!(try_gaps(criterion).is_ok(), "the counts are refused");
}

criterion_group!(benches, gaps);
criterion_main!(benches);
