//! Laws of tallies and of point contrasts, for any data.

use std::fmt::Debug;

use disprop_stats::{Mean, Proportion, Rate, Ratio, Tally, contrast};
use proptest::prelude::*;

const COUNT: std::ops::Range<i64> = -1_000_000_000..1_000_000_000;
const SUM: std::ops::Range<i128> = -(1 << 100)..(1 << 100);

fn proportion() -> impl Strategy<Value = Proportion> {
    (COUNT, COUNT).prop_map(|(events, trials)| Proportion { events, trials })
}

fn mean() -> impl Strategy<Value = Mean> {
    (COUNT, SUM, SUM).prop_map(|(n, sum, squares)| Mean { n, sum, squares })
}

fn ratio() -> impl Strategy<Value = Ratio> {
    (COUNT, [SUM, SUM, SUM, SUM, SUM]).prop_map(|(n, [x, d, xx, xd, dd])| Ratio {
        n,
        x,
        d,
        xx,
        xd,
        dd,
    })
}

fn rate() -> impl Strategy<Value = Rate> {
    (COUNT, SUM, SUM).prop_map(|(n, events, exposure)| Rate {
        n,
        events,
        exposure,
    })
}

fn group_laws<T: Tally + Debug>(a: T, b: T, c: T) {
    assert_eq!(a.merge(&b).unwrap(), b.merge(&a).unwrap(), "commutative");
    let left = a.merge(&b).unwrap().merge(&c).unwrap();
    let right = a.merge(&b.merge(&c).unwrap()).unwrap();
    assert_eq!(left, right, "associative");
    assert_eq!(a.merge(&T::default()).unwrap(), a, "identity");
    assert_eq!(
        a.merge(&b).unwrap().subtract(&b).unwrap(),
        a,
        "merge then subtract"
    );
    assert_eq!(
        a.subtract(&b).unwrap().merge(&b).unwrap(),
        a,
        "subtract then merge"
    );
}

/// Rows cut into parts at `cuts` and merged backwards.
fn in_parts<R, T: Tally>(rows: &[R], cuts: &[usize], of: impl Fn(&[R]) -> T) -> T {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (rows.len() + 1)).collect();
    at.extend([0, rows.len()]);
    at.sort_unstable();
    at.windows(2).rev().fold(T::default(), |sum, pair| {
        sum.merge(&of(&rows[pair[0]..pair[1]])).unwrap()
    })
}

proptest! {
    #[test]
    fn proportions_are_a_group(a in proportion(), b in proportion(), c in proportion()) {
        group_laws(a, b, c);
    }

    #[test]
    fn means_are_a_group(a in mean(), b in mean(), c in mean()) {
        group_laws(a, b, c);
    }

    #[test]
    fn ratios_are_a_group(a in ratio(), b in ratio(), c in ratio()) {
        group_laws(a, b, c);
    }

    #[test]
    fn rates_are_a_group(a in rate(), b in rate(), c in rate()) {
        group_laws(a, b, c);
    }

    #[test]
    fn any_partition_of_values_gives_the_same_bits(
        values in prop::collection::vec(-1e6..1e6_f64, 0..60),
        cuts in prop::collection::vec(0..60_usize, 0..5),
    ) {
        let whole = Mean::of(&values).unwrap();
        let parts = in_parts(&values, &cuts, |rows| Mean::of(rows).unwrap());
        prop_assert_eq!(whole, parts);
        let bits = |t: Mean| (t.value().map(f64::to_bits), t.variance().map(f64::to_bits));
        prop_assert_eq!(bits(whole), bits(parts));
    }

    #[test]
    fn any_partition_of_pairs_gives_the_same_bits(
        pairs in prop::collection::vec((0..400_i32, 1..400_i32), 0..60),
        cuts in prop::collection::vec(0..60_usize, 0..5),
    ) {
        let pairs: Vec<(f64, f64)> =
            pairs.into_iter().map(|(x, d)| (f64::from(x), f64::from(d))).collect();
        let whole = Ratio::of(&pairs).unwrap();
        let parts = in_parts(&pairs, &cuts, |rows| Ratio::of(rows).unwrap());
        prop_assert_eq!(whole, parts);
        let bits = |t: Ratio| (t.value().map(f64::to_bits), t.variance().map(f64::to_bits));
        prop_assert_eq!(bits(whole), bits(parts));
    }

    #[test]
    fn mirrored_measures_mirror_bit_for_bit(
        (n, a) in (1..1_000_000_i64).prop_flat_map(|n| (Just(n), 0..=n)),
        (m, c) in (1..1_000_000_i64).prop_flat_map(|m| (Just(m), 0..=m)),
    ) {
        let gap = contrast::difference(&Proportion::new(a, n), &Proportion::new(c, m)).unwrap();
        let mirrored =
            contrast::difference(&Proportion::new(n - a, n), &Proportion::new(m - c, m)).unwrap();
        prop_assert!(gap == -mirrored);
        let back = contrast::difference(&Proportion::new(c, m), &Proportion::new(a, n)).unwrap();
        prop_assert!(gap == -back);
    }

    #[test]
    fn absence_and_attendance_mirror_bit_for_bit(
        group in prop::collection::vec((0..=300_i32, 300..400_i32), 2..20),
        rest in prop::collection::vec((0..=300_i32, 300..400_i32), 2..20),
    ) {
        let tally = |pairs: &[(i32, i32)], present: bool| {
            let pairs: Vec<(f64, f64)> = pairs
                .iter()
                .map(|&(x, d)| (f64::from(if present { d - x } else { x }), f64::from(d)))
                .collect();
            Ratio::of(&pairs).unwrap()
        };
        let absent = contrast::difference(&tally(&group, false), &tally(&rest, false)).unwrap();
        let present = contrast::difference(&tally(&group, true), &tally(&rest, true)).unwrap();
        prop_assert!(absent == -present);
    }
}
