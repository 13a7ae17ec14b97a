//! Intervals of events that come in clusters: five suspensions of one pupil.
//!
//! Published counts hold no second moment, so how much wider than Poisson an interval must be comes
//! from elsewhere: an authority's own pupil rows, by [`crate::repeated`]. Tallies of rows hold one,
//! and the dispersion can be estimated from both sides together.

use disprop_stats::contrast::quasi_poisson;
use disprop_stats::{Calculated, Interval, Level, Mean, NotCalculable, Rate, Tally};

use super::layers::Layers;
use super::{Baseline, Contrast, Dispersion, GapOptions, Gaps, Side, Verdict};
use crate::error::Error;
use crate::measure::Family;

/// Id of the interval, as it stands in `method`.
const ID: &str = "quasi_poisson";

/// Gives every gap of events that `dispersion` is for intervals with so many times Poisson's variance.
///
/// A stated dispersion is for published events, an estimated one for events from rows; published
/// events have none (`no_second_moment`).
///
/// # Errors
/// `option.bad` for a dispersion that is not a positive number.
pub(crate) fn apply(
    gaps: &mut Gaps,
    options: &GapOptions,
    dispersion: Dispersion,
) -> Result<(), Error> {
    if let Dispersion::Given(dispersion) = dispersion
        && !(dispersion.is_finite() && dispersion > 0.0)
    {
        return Err(Error::Option {
            option: "dispersion",
            found: dispersion.to_string(),
            expected: "a positive number: variance over mean of events per pupil".into(),
        });
    }
    let choices = GapOptions {
        cluster: None,
        ..options.clone()
    };
    let by: Vec<String> = gaps.dimensions.clone();
    let by: Vec<&str> = by.iter().map(String::as_str).collect();
    let layers = Layers::new(&gaps.source, &by, &[], &choices)?;
    let level = options.level;
    let mut rows = gaps.rows.iter_mut();
    layers.each(|spot, measure, group, _| {
        let Some(gap) = rows.next() else { return };
        let events = measure.measure.quantity.counts_events();
        let pair = matches!(options.baseline, Baseline::AllOthers | Baseline::Group(_));
        let phi = match (measure.column.family(), dispersion) {
            (Family::Rate, Dispersion::Given(stated)) if events => Ok(stated),
            (Family::Rate, Dispersion::Estimated) if events => Err(NotCalculable::NoSecondMoment),
            (Family::Mean, Dispersion::Estimated) if events => layers
                .means(spot, measure, group)
                .and_then(|(own, other)| estimated(&own, pair.then_some(&other))),
            _ => return,
        };
        let Ok(sides) = layers.sides(spot, measure, group) else {
            return;
        };
        let (own, other) = (sides.group.sums, sides.baseline.sums);
        let stated = measure.column.family() == Family::Rate;
        side(&mut gap.group, &own, phi, stated, level);
        if pair {
            side(&mut gap.baseline, &other, phi, stated, level);
            let both = |f: fn(&Rate, &Rate, f64, Level) -> Calculated<Interval>| {
                f(&own, &other, phi?, level)
            };
            replace(&mut gap.difference, both(quasi_poisson::interval));
            replace(&mut gap.ratio, both(quasi_poisson::ratio_interval));
        } else {
            let none = match (&options.baseline, gap.baseline.value) {
                (Baseline::Fixed(_), Ok(fixed)) => gap.group.interval.map(|i| {
                    let shift = Interval::new(i.lower - fixed, i.upper - fixed);
                    (shift, i.scale(1.0 / fixed))
                }),
                // No spread is known of elsewhere, and a part is not independent of its whole.
                _ => Err(NotCalculable::NoMethod),
            };
            replace(&mut gap.difference, none.map(|(shift, _)| shift));
            replace(&mut gap.ratio, none.map(|(_, times)| times));
        }
        let exposure = own.checked().map(|(_, exposure)| exposure);
        let excess = exposure.and_then(|d| Ok(gap.difference.interval?.scale(d)));
        replace(&mut gap.excess, excess);
        gap.verdict = Verdict::of(
            &gap.group,
            &gap.baseline,
            &gap.difference,
            measure.measure.polarity,
            options.minimum,
            options.matters / measure.measure.unit.factor(),
        );
    });
    Ok(())
}

fn replace(contrast: &mut Contrast, interval: Calculated<Interval>) {
    if contrast.value.is_ok() {
        contrast.interval = interval;
        contrast.method = if interval.is_ok() { ID } else { "" };
    }
}

/// A score interval with φ times the variance: the rates λ at which |r − λ| = z √(φ λ / e).
///
/// The variance of a value from rows stays that between pupils.
fn side(side: &mut Side, rate: &Rate, dispersion: Calculated<f64>, stated: bool, level: Level) {
    let interval = rate.checked().and_then(|(events, exposure)| {
        let dispersion = dispersion?;
        let (r, half) = (
            events / exposure,
            dispersion * level.z().powi(2) / (2.0 * exposure),
        );
        let reach = (half * (2.0 * r + half)).sqrt();
        Ok(Interval::new(
            (r + half - reach).max(0.0).min(r),
            r + half + reach,
        ))
    });
    side.interval = side.value.and(interval);
    if stated {
        side.variance = side.variance.and_then(|v| Ok(v * dispersion?));
    }
}

/// Of both sides together, or of the group alone where it is compared with no pupils beside it.
fn estimated(own: &Mean, other: Option<&Mean>) -> Calculated<f64> {
    let Some(other) = other else {
        let (mean, variance) = (own.value()?, own.variance()?);
        return if mean > 0.0 && variance > 0.0 {
            Ok(variance / mean)
        } else {
            Err(NotCalculable::NoVariation)
        };
    };
    quasi_poisson::dispersion(own, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispersion_of_one_is_the_score_interval_of_a_poisson_rate() {
        let rate = Rate::new(12, 400);
        let mut got = Side {
            n: Some(400),
            value: Ok(0.03),
            interval: Err(NotCalculable::NoMethod),
            variance: Ok(0.03 / 400.0),
            range: None,
        };
        side(&mut got, &rate, Ok(1.0), true, Level::P95);
        let ends = got.interval.unwrap();
        let z = |rate: f64| ((0.03 - rate) / (rate / 400.0).sqrt()).abs();
        assert!((z(ends.lower) - Level::P95.z()).abs() < 1e-9);
        assert!((z(ends.upper) - Level::P95.z()).abs() < 1e-9);
        side(&mut got, &Rate::new(0, 400), Ok(3.0), true, Level::P95);
        assert_eq!(got.interval.unwrap().lower, 0.0);
    }
}
