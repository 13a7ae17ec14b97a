//! Tests of whole cohorts.

use polars::prelude::*;

use super::*;

fn small() -> Plan {
    Plan { pupils: 4_000, years: 2, seed: 11, ..Plan::default() }
}

fn threads(n: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(n)
}

#[test]
fn the_same_seed_gives_the_same_rows_on_any_number_of_threads() {
    let one = cohort(&Plan { threads: threads(1), pupils: 40_000, ..small() }).unwrap();
    for n in [2, 7] {
        let many = cohort(&Plan { threads: threads(n), pupils: 40_000, ..small() }).unwrap();
        assert!(one.equals_missing(&many));
    }
    let other = cohort(&Plan { seed: 12, pupils: 40_000, ..small() }).unwrap();
    assert!(!one.equals_missing(&other));
}
