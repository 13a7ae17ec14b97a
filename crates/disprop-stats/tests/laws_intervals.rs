//! Laws of every interval of every list, for any data.

use std::fmt::Debug;

use disprop_stats::contrast::{self, ContrastMethod, Exact, Scale};
use disprop_stats::interval::{self, IntervalMethod};
use disprop_stats::{
    Calculated, Interval, Level, Mean, NotCalculable, Proportion, Rate, Ratio, Tally,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Sizes from one pupil to a country, small ones as often as large ones.
fn size() -> impl Strategy<Value = i64> {
    prop_oneof![1..12_i64, 1..400_i64, 1..10_000_000_i64]
}

/// Any share of a size, none and all as often as anything else.
fn proportion() -> impl Strategy<Value = Proportion> {
    size().prop_flat_map(|n| {
        prop_oneof![Just(0), Just(n), 0..=n, 0..=n.min(5)].prop_map(move |x| Proportion::new(x, n))
    })
}

fn rate() -> impl Strategy<Value = Rate> {
    (prop_oneof![0..8_i64, 0..5_000_i64], size()).prop_map(|(events, n)| Rate::new(events, n))
}

fn mean() -> impl Strategy<Value = Mean> {
    let value = prop_oneof![Just(0.0), -3.0..3.0_f64, 0.0..90.0_f64];
    prop::collection::vec(value, 1..30).prop_map(|values| Mean::of(&values).unwrap())
}

fn ratio() -> impl Strategy<Value = Ratio> {
    let pupil = (1..400_i32)
        .prop_flat_map(|d| (prop_oneof![Just(0), 0..=d], Just(d)))
        .prop_map(|(x, d)| (f64::from(x), f64::from(d)));
    prop::collection::vec(pupil, 1..30).prop_map(|pairs| Ratio::of(&pairs).unwrap())
}

fn two_levels() -> impl Strategy<Value = [Level; 2]> {
    (0.5..0.999_f64, 0.5..0.999_f64)
        .prop_map(|(a, b)| [a.min(b), a.max(b)].map(|level| Level::new(level).unwrap()))
}

/// Ends hold the estimate, are in order and apart, and lie outside those of the lower level.
fn lawful(
    name: &str,
    estimate: Calculated<f64>,
    [narrow, wide]: [Calculated<Interval>; 2],
) -> TestCaseResult {
    for ends in [narrow, wide].into_iter().flatten() {
        let estimate =
            estimate.map_err(|reason| TestCaseError::fail(format!("{name}: {reason}")))?;
        prop_assert!(ends.lower < ends.upper, "{name}: {ends:?} has no width");
        prop_assert!(
            ends.contains(estimate),
            "{name}: {ends:?} without {estimate}"
        );
    }
    for got in [narrow, wide] {
        prop_assert!(
            got != Err(NotCalculable::NoConvergence),
            "{name} did not settle"
        );
    }
    if let (Ok(narrow), Ok(wide)) = (narrow, wide) {
        let slack = 1e-9 * (narrow.upper - narrow.lower);
        let wider = wide.lower <= narrow.lower + slack && wide.upper >= narrow.upper - slack;
        prop_assert!(wider, "{name} narrows from {narrow:?} to {wide:?}");
    }
    Ok(())
}

fn one<T: Tally + Debug>(
    methods: &[IntervalMethod<T>],
    tally: &T,
    levels: [Level; 2],
) -> TestCaseResult {
    for method in methods {
        let name = format!("{} of {tally:?}", method.id);
        lawful(
            &name,
            tally.value(),
            levels.map(|level| (method.function)(tally, level)),
        )?;
    }
    Ok(())
}

fn two<T: Exact + Debug>(
    methods: &[ContrastMethod<T>],
    (group, rest): (&T, &T),
    levels: [Level; 2],
    odds: Calculated<f64>,
) -> TestCaseResult {
    for method in methods {
        let name = format!("{} of {group:?} against {rest:?}", method.id);
        let estimate = match method.scale {
            Scale::Difference => contrast::difference(group, rest),
            Scale::Ratio => contrast::ratio(group, rest),
            Scale::OddsRatio => odds,
        };
        lawful(
            &name,
            estimate,
            levels.map(|level| (method.function)(group, rest, level)),
        )?;
    }
    Ok(())
}

/// Some with and some without, of any size.
fn inner() -> impl Strategy<Value = Proportion> {
    size()
        .prop_flat_map(|n| (1..n + 1, Just(n + 1)))
        .prop_map(|(x, n)| Proportion::new(x, n))
}

fn apart(id: &str, estimate: Calculated<f64>, got: Calculated<Interval>) -> TestCaseResult {
    // Nor is there an end at the estimate where there is none: one event at a high level.
    if got == Err(NotCalculable::Unbounded) {
        return Ok(());
    }
    let (estimate, ends) = (estimate.unwrap(), got.unwrap());
    // At the lowest of the levels an end is no nearer than a tenth of the width, or, where nothing
    // can be below zero, of the estimate: the ratio of 1 event to 1 may be anything up to 10⁵.
    let width = ends.upper - ends.lower;
    let room = 1e-3
        * if ends.lower < 0.0 {
            width
        } else {
            width.min(estimate)
        };
    prop_assert!(
        estimate - ends.lower > room && ends.upper - estimate > room,
        "{id}: {ends:?} round {estimate}"
    );
    Ok(())
}

const NO_ODDS: Calculated<f64> = Err(NotCalculable::NotAProportion);

proptest! {
    #[test]
    fn proportions(a in proportion(), c in proportion(), levels in two_levels()) {
        one(interval::PROPORTION, &a, levels)?;
        two(contrast::PROPORTION, (&a, &c), levels, contrast::odds_ratio(&a, &c))?;
    }

    #[test]
    fn rates(a in rate(), c in rate(), levels in two_levels()) {
        one(interval::RATE, &a, levels)?;
        two(contrast::RATE, (&a, &c), levels, NO_ODDS)?;
    }

    #[test]
    fn means(a in mean(), c in mean(), levels in two_levels()) {
        one(interval::MEAN, &a, levels)?;
        two(contrast::MEAN, (&a, &c), levels, NO_ODDS)?;
    }

    #[test]
    fn ratios_of_sums(a in ratio(), c in ratio(), levels in two_levels()) {
        one(interval::RATIO, &a, levels)?;
        two(contrast::RATIO, (&a, &c), levels, NO_ODDS)?;
    }

    /// What a reader would call a contradiction: a difference that may be nothing beside a ratio
    /// that may not be one.
    #[test]
    fn the_default_ratio_and_difference_agree_on_whether_there_is_a_gap(
        a in proportion(), c in proportion(), levels in two_levels(),
    ) {
        let ends = |scale| {
            let method = contrast::default(contrast::PROPORTION, scale).unwrap();
            (method.function)(&a, &c, levels[0])
        };
        if let (Ok(difference), Ok(ratio)) = (ends(Scale::Difference), ends(Scale::Ratio)) {
            // Ends that touch the point of no gap to the last bits may round to either side.
            let touches = |x: f64, none: f64| (x - none).abs() < 1e-12;
            let close = touches(difference.lower, 0.0) || touches(difference.upper, 0.0);
            prop_assert!(close || difference.contains(0.0) == ratio.contains(1.0));
        }
    }

    /// Where the ratio exists its default interval does, whatever the counts.
    #[test]
    fn a_ratio_that_exists_has_its_default_interval(a in proportion(), c in proportion()) {
        for (scale, estimate) in [
            (Scale::Difference, contrast::difference(&a, &c)),
            (Scale::Ratio, contrast::ratio(&a, &c)),
            (Scale::OddsRatio, contrast::odds_ratio(&a, &c)),
        ] {
            let method = contrast::default(contrast::PROPORTION, scale).unwrap();
            let got = (method.function)(&a, &c, Level::P95);
            prop_assert_eq!(got.err(), estimate.err(), "{:?}", scale);
        }
    }

    /// With events and non-events on both sides the estimate lies inside: a search that stops at
    /// its start, or at the estimate, would hand on an end that is the estimate.
    #[test]
    fn no_search_ends_at_the_estimate(a in inner(), c in inner(), levels in two_levels()) {
        for method in interval::PROPORTION {
            // Its middle is drawn towards a half, so that an end may be moved out to the estimate.
            if method.id != "agresti_coull" {
                apart(method.id, a.value(), (method.function)(&a, levels[0]))?;
            }
        }
        for method in contrast::PROPORTION {
            let estimate = match method.scale {
                Scale::Difference => contrast::difference(&a, &c),
                Scale::Ratio => contrast::ratio(&a, &c),
                Scale::OddsRatio => contrast::odds_ratio(&a, &c),
            };
            // The same, towards no difference.
            if method.id != "agresti_caffo" {
                apart(method.id, estimate, (method.function)(&a, &c, levels[0]))?;
            }
        }
        let (x, y) = (Rate::new(a.events, a.trials), Rate::new(c.events, c.trials));
        for method in interval::RATE {
            apart(method.id, x.value(), (method.function)(&x, levels[0]))?;
        }
        for method in contrast::RATE {
            let estimate = match method.scale {
                Scale::Difference => contrast::difference(&x, &y),
                _ => contrast::ratio(&x, &y),
            };
            apart(method.id, estimate, (method.function)(&x, &y, levels[0]))?;
        }
    }
}
