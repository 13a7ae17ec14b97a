//! Distance of a gap to a stated target, the yearly change it needs, and whether it is on track.

use disprop_stats::trend::{self, Progress, Standing};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Interval, NotCalculable};

use super::line::{OutOfLine, fitted, gap_estimate, name};
use super::{Error, Gap, Gaps};
use crate::gaps::{Index, Key};
use crate::measure::academic_year;

/// What a gap is to be by when.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Code or name of the group; every group where nothing is said.
    pub group: Option<String>,
    /// Id of the measure; every measure where nothing is said.
    pub measure: Option<String>,
    /// Size of the gap aimed at, in the unit of the measure; it takes the sign of the gap as it is, so
    /// that −5 and 5 both mean five points from zero.
    pub gap: f64,
    /// The academic year by which.
    pub due: String,
}

/// Where one gap stands on its way to its target.
#[derive(Debug, Clone, PartialEq)]
pub struct GapProgress {
    /// Which gap; its place is without the year.
    pub key: Key,
    /// The last year there is.
    pub now: String,
    /// The year the target is due.
    pub due: String,
    /// The target.
    pub target: f64,
    /// Pupils of the group in the last year.
    pub group_n: Option<i64>,
    /// Years that the line rests on.
    pub years: usize,
    /// The gap in the last year.
    pub gap: Calculated<f64>,
    /// Its interval.
    pub interval: Calculated<Interval>,
    /// Target − gap in the last year: what is still to change.
    pub distance: Calculated<f64>,
    /// The same for each year until it is due; nothing where it is due or past.
    pub needed_each: Calculated<f64>,
    /// What each year has brought so far.
    pub yearly: Calculated<Estimate>,
    /// Where the line leads, and what that says.
    pub progress: Calculated<Progress>,
    /// Whether the target is met, will be, will not be, or cannot be told.
    pub standing: Calculated<Standing>,
    /// Years left out, breaks and years out of line.
    pub series: Option<String>,
}

/// Where every gap with a target stands.
#[derive(Debug, Clone)]
pub struct Progresses {
    /// One row a measure, group and place with a target.
    pub rows: Vec<GapProgress>,
    /// What the rows index; without the year.
    pub index: Index,
}

impl Gaps {
    /// Returns the distance of every gap to its target, the yearly change it needs and whether it is
    /// on track.
    ///
    /// A target is met by any gap at least as near to zero, and by one on the favourable side: for
    /// attainment one of −5 by −3, and by +7. The distance is
    /// taken from the gap as it was in the last year, the outlook from the line through its years;
    /// with one year there is a distance and no outlook.
    ///
    /// # Formula
    /// distance = target − gap; needed = distance ÷ years until due; outlook by [`trend::progress`].
    ///
    /// # Returns None when
    /// The outlook needs two comparable years (`too_few_for_variance`); the needed change does not
    /// exist once the target is due (`not_stated`).
    ///
    /// # Errors
    /// `dimension.unknown`; `group.unknown` and `measure.unknown` for targets of what the gaps do not
    /// have; `option.bad` for a target that is not finite or a due date that is no year.
    ///
    /// # Source
    /// Definition; DOMAIN 15 for "closer".
    ///
    /// # Example: from seven points towards five
    /// ```
    /// use disprop::{GapOptions, Tallies, measure, over_time::{OutOfLine, Target}};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!(
    ///     "year" => ["2022/23", "2022/23", "2023/24", "2023/24"],
    ///     "group" => ["Black Caribbean", "White British"].repeat(2),
    ///     "events" => [190, 400, 170, 400], "pupils" => [1000, 4000].repeat(2))?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .by("year", "year").whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let target = Target { group: Some("BCRB".into()), measure: None, gap: 5.0, due: "2025/26".into() };
    /// let rows = gaps.progress("year", &[target], OutOfLine::Flag)?.rows;
    /// assert!((rows[0].distance? + 0.02).abs() < 1e-9 && (rows[0].needed_each? + 0.01).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn progress(
        &self,
        year: &str,
        targets: &[Target],
        out_of_line: OutOfLine,
    ) -> Result<Progresses, Error> {
        let place = self.year_place(year)?;
        let due = self.checked(targets)?;
        let mut rows = Vec::new();
        self.stretches(place, out_of_line, |key, stretch| {
            let named = |i: &usize| {
                targets
                    .get(*i)
                    .is_some_and(|target| self.is_for(target, &key))
            };
            // A target of one group or measure comes before one of all.
            let best = (0..targets.len()).filter(named).max_by_key(|i| {
                let target = targets.get(*i);
                let said =
                    target.map_or((false, false), |t| (t.group.is_some(), t.measure.is_some()));
                (said, std::cmp::Reverse(*i))
            });
            let Some((target, due)) = best.and_then(|i| targets.get(i).zip(due.get(i))) else {
                return;
            };
            let usable: Vec<(f64, Estimate, &Gap)> = stretch
                .gaps
                .iter()
                .filter_map(|(time, gap)| Some((*time, gap_estimate(gap).ok()?, *gap)))
                .collect();
            let Some((now, last)) = stretch.gaps.last() else {
                return;
            };
            let size = target.gap.abs() / self.index().factor(&key);
            let wanted = match last.difference.value {
                Ok(gap) if gap < 0.0 => -size,
                _ => size,
            };
            let polarity = self
                .measures
                .get(key.measure)
                .map_or(0.0, |m| m.polarity.sign());
            let line = fitted(&usable);
            let progress = line
                .and_then(|line| trend::progress(&line, *now, wanted, *due, self.options.level));
            let distance = last.difference.value.map(|gap| wanted - gap);
            rows.push(GapProgress {
                now: name(last, place),
                due: target.due.clone(),
                target: wanted,
                group_n: last.group.n,
                years: usable.len(),
                gap: last.difference.value,
                interval: last.difference.interval,
                distance,
                needed_each: match *due - *now {
                    left if left > 0.0 => distance.map(|d| d / left),
                    _ => Err(NotCalculable::NotStated),
                },
                yearly: line.map(|line| line.slope),
                progress,
                standing: met(last, size, polarity, progress),
                series: Some(stretch.notes.join("; ")).filter(|n| !n.is_empty()),
                key,
            });
        })?;
        Ok(Progresses {
            rows,
            index: self.without(year),
        })
    }

    fn is_for(&self, target: &Target, key: &Key) -> bool {
        let group = self.groups.get(key.of);
        let measure = self.measures.get(key.measure);
        let same_group = |name: &String| group.is_some_and(|g| g.name == *name || g.label == *name);
        target.group.as_ref().is_none_or(same_group)
            && target
                .measure
                .as_ref()
                .is_none_or(|id| measure.is_some_and(|m| m.id == *id))
    }

    /// Returns the year each target is due.
    fn checked(&self, targets: &[Target]) -> Result<Vec<f64>, Error> {
        let due = targets.iter().map(|target| {
            if let Some(name) = &target.group
                && !self
                    .groups
                    .iter()
                    .any(|g| g.name == *name || g.label == *name)
            {
                let known: Vec<&str> = self.groups.iter().map(|g| g.name.as_str()).collect();
                return Err(Error::UnknownGroup {
                    found: name.clone(),
                    suggestion: crate::finding::nearest(name, &known).map(Into::into),
                });
            }
            if let Some(id) = &target.measure
                && !self.measures.iter().any(|m| m.id == *id)
            {
                let known: Vec<&str> = self.measures.iter().map(|m| m.id.as_str()).collect();
                return Err(Error::UnknownMeasure {
                    found: id.clone(),
                    suggestion: crate::finding::nearest(id, &known).map(Into::into),
                });
            }
            if !target.gap.is_finite() {
                return Err(Error::Option {
                    option: "targets",
                    found: target.gap.to_string(),
                    expected: "finite gaps".into(),
                });
            }
            academic_year(&target.due)
                .map(f64::from)
                .ok_or_else(|| Error::Option {
                    option: "due",
                    found: target.due.clone(),
                    expected: "an academic year such as 2026/27".into(),
                })
        });
        due.collect()
    }
}

/// The last year's gap decides whether a target is met; the line only what is to come.
fn met(
    last: &Gap,
    size: f64,
    polarity: f64,
    progress: Calculated<Progress>,
) -> Calculated<Standing> {
    let gap = last.difference.value?;
    if gap.abs() <= size || polarity * gap > 0.0 {
        return Ok(Standing::Met);
    }
    progress.map(|p| match p.standing {
        // The line is at the target though the last year was not.
        Standing::Met => Standing::OnTrack,
        other => other,
    })
}
