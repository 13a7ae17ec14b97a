//! One group against one baseline, on every scale.

use disprop_stats::{Calculated, Interval, Level, NotCalculable, contrast};

use super::{Cohort, Scene};
use crate::gaps::family::{Comparable, Methods};
use crate::gaps::sums::Sum;
use crate::gaps::{Contrast, Side, Unclassified};

/// What a group's sum is held against.
pub(super) enum Against<T> {
    Other(Sum<T>),
    Whole(Sum<T>),
    Fixed(f64),
    Nobody(NotCalculable),
}

/// One group against one baseline, on every scale.
pub(super) struct Trial<'a, T: 'static> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) methods: &'a Methods<T>,
    pub(super) group: &'a Sum<T>,
    pub(super) against: &'a Against<T>,
    pub(super) level: Level,
    /// Both tallies, where the baseline is a tally and neither side is empty.
    pub(super) tallies: Calculated<(T, T)>,
}

pub(super) fn pair<T: Comparable>(group: &Sum<T>, against: &Against<T>) -> Calculated<(T, T)> {
    let baseline = match against {
        Against::Other(sum) | Against::Whole(sum) => sum.tally,
        Against::Fixed(_) => Err(NotCalculable::NoMethod),
        Against::Nobody(reason) => Err(*reason),
    };
    let (group, baseline) = (group.tally?, baseline?);
    group.value()?;
    baseline.value().map_err(|reason| match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        other => other,
    })?;
    Ok((group, baseline))
}

impl<T: Comparable> Trial<'_, T> {
    fn is_whole(&self) -> bool {
        matches!(self.against, Against::Whole(_))
    }

    pub(super) fn difference(&self, own: &Side, baseline: &Side) -> Contrast {
        let method = self.methods.difference;
        let range = both(own, baseline, |a, b| {
            Some(Interval::new(a.lower - b.upper, a.upper - b.lower))
        });
        if let Against::Fixed(fixed) = self.against {
            return Contrast {
                value: own.value.map(|v| v - fixed),
                interval: own
                    .interval
                    .map(|i| Interval::new(i.lower - fixed, i.upper - fixed)),
                range,
                method: self.methods.own.map_or("", |m| m.id),
            };
        }
        let value = self.tallies.and_then(|(g, b)| contrast::difference(&g, &b));
        let interval = self.tallies.and_then(|(g, b)| {
            self.scene.has_spread()?;
            if self.is_whole() {
                return g.part_whole(&b, self.level);
            }
            (method.ok_or(NotCalculable::NoMethod)?.function)(&g, &b, self.level)
        });
        let id = if self.is_whole() {
            "part_whole"
        } else {
            method.map_or("", |m| m.id)
        };
        Contrast {
            value,
            interval,
            range,
            method: id,
        }
    }

    pub(super) fn ratio(&self, own: &Side, baseline: &Side) -> Contrast {
        let method = self.methods.ratio;
        let none = |reason| Contrast {
            value: Err(reason),
            interval: Err(reason),
            range: None,
            method: "",
        };
        if !self.scene.measure.ratio_scale {
            return none(NotCalculable::NotARatioScale);
        }
        let range = both(own, baseline, |a, b| {
            (b.lower > 0.0).then(|| Interval::new(a.lower / b.upper, a.upper / b.lower))
        });
        if let Against::Fixed(fixed) = self.against {
            if *fixed <= 0.0 {
                return none(NotCalculable::ZeroBaseline);
            }
            return Contrast {
                value: own.value.map(|v| v / fixed),
                interval: own.interval.map(|i| i.scale(1.0 / fixed)),
                range,
                method: self.methods.own.map_or("", |m| m.id),
            };
        }
        let value = self.tallies.and_then(|(g, b)| contrast::ratio(&g, &b));
        let interval = self.tallies.and_then(|(g, b)| {
            self.scene.has_spread()?;
            if self.is_whole() {
                return g.index(&b, self.level);
            }
            (method.ok_or(NotCalculable::NoMethod)?.function)(&g, &b, self.level)
        });
        let id = if self.is_whole() {
            "part_whole"
        } else {
            method.map_or("", |m| m.id)
        };
        Contrast {
            value,
            interval,
            range,
            method: id,
        }
    }

    pub(super) fn odds_ratio(&self) -> Contrast {
        let Some(method) = self.methods.odds else {
            let none = self.tallies.err().unwrap_or(NotCalculable::NotAProportion);
            return Contrast {
                value: Err(none),
                interval: Err(none),
                range: None,
                method: "",
            };
        };
        let tallies = self.tallies;
        let interval = tallies.and_then(|(g, b)| {
            if self.is_whole() {
                return Err(NotCalculable::NoMethod);
            }
            (method.function)(&g, &b, self.level)
        });
        let id = if interval.is_ok() { method.id } else { "" };
        Contrast {
            value: tallies.and_then(|(g, b)| g.odds_ratio(&b)),
            interval,
            range: None,
            method: id,
        }
    }

    /// The group's value over everyone's: its share of the outcome over its share of the cohort.
    pub(super) fn share_ratio(&self, cohort: &Cohort<T>) -> Calculated<f64> {
        if !self.scene.measure.ratio_scale {
            return Err(NotCalculable::NotARatioScale);
        }
        let whole = match self.scene.options.unclassified {
            Unclassified::Include => &cohort.everyone,
            _ => &cohort.classified,
        };
        contrast::ratio(&self.group.tally?, &whole.tally?)
    }

    /// The difference over every member of the group.
    pub(super) fn excess(&self, difference: &Contrast) -> Contrast {
        let size = self.group.size();
        let value = match self.against {
            Against::Fixed(_) => size.and_then(|size| Ok(difference.value? * size)),
            _ => self.tallies.and_then(|(g, b)| contrast::excess(&g, &b)),
        };
        let interval = size.and_then(|size| Ok(difference.interval?.scale(size)));
        let range = size
            .ok()
            .and_then(|size| difference.range.map(|r| r.scale(size)));
        Contrast {
            value,
            interval,
            range,
            method: difference.method,
        }
    }
}

fn both(
    own: &Side,
    baseline: &Side,
    join: impl Fn(Interval, Interval) -> Option<Interval>,
) -> Option<Interval> {
    let ends = |side: &Side| {
        side.range
            .or_else(|| side.value.ok().map(|value| Interval::new(value, value)))
    };
    if own.range.is_none() && baseline.range.is_none() {
        return None;
    }
    join(ends(own)?, ends(baseline)?)
}
