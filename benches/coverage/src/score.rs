//! What is counted of one method in one cell of the grid.

use disprop_stats::contrast::{self, ContrastMethod, Exact, Scale};
use disprop_stats::interval::IntervalMethod;
use disprop_stats::{Calculated, Interval, Level, NotCalculable, Proportion};

/// How often an interval was there, held the truth, missed it on either side, and how wide it was.
#[derive(Debug, Clone, Default)]
pub struct Score {
    asked: f64,
    exists: f64,
    answered: f64,
    above: f64,
    below: f64,
    contradicts: f64,
    widths: Vec<(f64, f64)>,
}

impl Score {
    /// Counts one interval of an estimate that comes about with this chance.
    pub fn add(&mut self, chance: f64, got: Calculated<Interval>, truth: f64) {
        self.asked += chance;
        self.exists += chance;
        let Ok(ends) = got else { return };
        self.answered += chance;
        if ends.lower > truth {
            self.above += chance;
        } else if ends.upper < truth {
            self.below += chance;
        }
        self.widths.push((ends.upper - ends.lower, chance));
    }

    /// Counts a case in which there is nothing to have an interval of.
    pub fn no_estimate(&mut self, chance: f64) {
        self.asked += chance;
    }

    fn median_width(&mut self) -> Option<f64> {
        self.widths.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut sum = 0.0;
        for &(width, chance) in &self.widths {
            sum += chance;
            if sum >= 0.5 * self.answered {
                return Some(width);
            }
        }
        None
    }
}

/// The circumstances of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Which study: `binomial`, `poisson`, `scores`, `sessions`, `events`, `clusters`.
    pub study: &'static str,
    /// Pupils in the group and in the baseline; 0 where there is none.
    pub n: i64,
    pub m: i64,
    /// True values.
    pub value: f64,
    pub baseline: f64,
    /// Correlation of pupils within a school, and number of schools; 0 without schools.
    pub icc: f64,
    pub schools: usize,
    /// How the chances were found: `exact`, `layers`, `drawn`; with words for a variant.
    pub how: String,
}

/// One line of the full grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub case: Case,
    pub family: &'static str,
    /// `value`, `difference`, `ratio` or `odds_ratio`.
    pub scale: &'static str,
    pub method: String,
    /// Chance that the estimate itself exists; there is no ratio to nobody.
    pub exists: f64,
    /// Chance that the method gives an interval, where the estimate exists.
    pub answered: f64,
    /// Chance that it holds the truth, where it is given.
    pub coverage: f64,
    /// Chance that it lies wholly below, or above, the truth.
    pub below: f64,
    pub above: f64,
    /// Chance that it says there is a gap where the default interval of the difference does not, or
    /// the other way round.
    pub contradicts: f64,
    /// Median width.
    pub width: f64,
}

impl Row {
    pub const HEADER: &'static str = "study,family,scale,method,n,m,value,baseline_value,icc,schools,how,exists,answered,coverage,below,above,contradicts,width";

    /// Returns the row, or none where the method never answered.
    pub fn new(
        case: &Case,
        (family, scale, method): (&'static str, &'static str, &str),
        mut score: Score,
    ) -> Self {
        let width = score.median_width().unwrap_or(f64::NAN);
        let (below, above) = (score.below / score.answered, score.above / score.answered);
        Row {
            case: case.clone(),
            family,
            scale,
            method: method.into(),
            exists: score.exists / score.asked,
            answered: score.answered / score.exists,
            coverage: 1.0 - below - above,
            below,
            above,
            contradicts: score.contradicts / score.answered,
            width,
        }
    }

    pub fn to_csv(&self) -> String {
        let c = &self.case;
        let number = |x: f64| {
            if x.is_finite() {
                format!("{x:.5}")
            } else {
                String::new()
            }
        };
        format!(
            "{},{},{},{},{},{},{:.6},{:.6},{},{},{},{},{},{},{},{},{},{}",
            c.study,
            self.family,
            self.scale,
            self.method,
            c.n,
            c.m,
            c.value,
            c.baseline,
            c.icc,
            c.schools,
            c.how,
            number(self.exists),
            number(self.answered),
            number(self.coverage),
            number(self.below),
            number(self.above),
            number(self.contradicts),
            if self.width.is_finite() {
                format!("{:.6e}", self.width)
            } else {
                String::new()
            },
        )
    }
}

pub fn scale_name(scale: Scale) -> &'static str {
    match scale {
        Scale::Difference => "difference",
        Scale::Ratio => "ratio",
        Scale::OddsRatio => "odds_ratio",
    }
}

/// Returns what was asked of on this scale for these true values.
pub fn truth(scale: Scale, value: f64, baseline: f64) -> f64 {
    match scale {
        Scale::Difference => value - baseline,
        Scale::Ratio => value / baseline,
        Scale::OddsRatio => (value / (1.0 - value)) / (baseline / (1.0 - baseline)),
    }
}

/// Scores every interval of one value over tallies with their chances.
pub fn of_one<T>(
    case: &Case,
    family: &'static str,
    methods: &[IntervalMethod<T>],
    tallies: impl Iterator<Item = (f64, T)>,
) -> Vec<Row> {
    let mut scores = vec![Score::default(); methods.len()];
    for (chance, tally) in tallies {
        for (method, score) in methods.iter().zip(&mut scores) {
            score.add(chance, (method.function)(&tally, Level::P95), case.value);
        }
    }
    let named = methods.iter().zip(scores);
    named
        .map(|(method, score)| Row::new(case, (family, "value", method.id), score))
        .collect()
}

/// Scores every interval of a contrast over pairs of tallies with their chances.
pub fn of_two<T>(
    case: &Case,
    family: &'static str,
    methods: &[ContrastMethod<T>],
    estimate: impl Fn(Scale, &T, &T) -> Calculated<f64>,
    pairs: impl Iterator<Item = (f64, T, T)>,
) -> Vec<Row> {
    let mut scores = vec![Score::default(); methods.len()];
    for (chance, group, baseline) in pairs {
        let mut gap = None;
        for (method, score) in methods.iter().zip(&mut scores) {
            if estimate(method.scale, &group, &baseline).is_err() {
                score.no_estimate(chance);
                continue;
            }
            let got = (method.function)(&group, &baseline, Level::P95);
            score.add(chance, got, truth(method.scale, case.value, case.baseline));
            if let Ok(ends) = got {
                // The first method is the default of the difference.
                let says = !ends.contains(if method.scale == Scale::Difference {
                    0.0
                } else {
                    1.0
                });
                if *gap.get_or_insert(says) != says {
                    score.contradicts += chance;
                }
            }
        }
    }
    let named = methods.iter().zip(scores);
    named
        .map(|(method, score)| Row::new(case, (family, scale_name(method.scale), method.id), score))
        .collect()
}

/// Returns the estimate of a family without odds.
pub fn estimate<T: Exact>(scale: Scale, group: &T, baseline: &T) -> Calculated<f64> {
    match scale {
        Scale::Difference => contrast::difference(group, baseline),
        Scale::Ratio => contrast::ratio(group, baseline),
        Scale::OddsRatio => Err(NotCalculable::NotAProportion),
    }
}

/// Returns the estimate for two proportions.
pub fn of_proportions(scale: Scale, group: &Proportion, baseline: &Proportion) -> Calculated<f64> {
    match scale {
        Scale::OddsRatio => contrast::odds_ratio(group, baseline),
        scale => estimate(scale, group, baseline),
    }
}
