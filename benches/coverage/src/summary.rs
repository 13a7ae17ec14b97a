//! One line a method: its coverage over all cells of a study.

use std::collections::BTreeMap;

use crate::score::Row;

/// Cells in which the estimate exists less often are left out: intervals that there are only because
/// the one pupil in a thousand turned up are those of a different question.
const EXISTS: f64 = 0.95;

/// A method over the cells of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub study: String,
    pub family: &'static str,
    pub scale: &'static str,
    pub method: String,
    pub cells: usize,
    /// Share of cases with an interval, mean over cells.
    pub answered: f64,
    pub mean: f64,
    /// The 5th percentile over cells, and the least.
    pub low: f64,
    pub least: f64,
    /// Share of cells with coverage below 0.93.
    pub short: f64,
    pub below: f64,
    pub above: f64,
    /// Share of cases whose verdict is not that of the default difference, mean over cells.
    pub contradicts: f64,
    /// Geometric mean of width over that of the first method on the scale, in the same cells.
    pub width: f64,
}

impl Line {
    pub const HEADER: &'static str = "study,family,scale,method,cells,answered,mean,low,least,short,below,above,contradicts,width";

    pub fn to_csv(&self) -> String {
        let numbers = [
            self.answered,
            self.mean,
            self.low,
            self.least,
            self.short,
            self.below,
            self.above,
            self.contradicts,
            self.width,
        ];
        let numbers: Vec<String> = numbers.iter().map(|x| format!("{x:.4}")).collect();
        format!(
            "{},{},{},{},{},{}",
            self.study,
            self.family,
            self.scale,
            self.method,
            self.cells,
            numbers.join(",")
        )
    }
}

/// Returns the lines in the order in which methods first appear.
pub fn lines(rows: &[Row], study: impl Fn(&Row) -> String) -> Vec<Line> {
    type Key = (String, &'static str, &'static str);
    let mut groups: Vec<(Key, Vec<String>)> = Vec::new();
    let mut found: BTreeMap<(Key, String), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let key = (study(row), row.family, row.scale);
        let at = groups
            .iter()
            .position(|(other, _)| *other == key)
            .unwrap_or_else(|| {
                groups.push((key.clone(), Vec::new()));
                groups.len() - 1
            });
        if !groups[at].1.contains(&row.method) {
            groups[at].1.push(row.method.clone());
        }
        found
            .entry((key, row.method.clone()))
            .or_default()
            .push(row);
    }
    let mut lines = Vec::new();
    for (key, methods) in groups {
        let Some(first) = methods
            .first()
            .and_then(|id| found.get(&(key.clone(), id.clone())))
        else {
            continue;
        };
        for method in &methods {
            lines.extend(
                found
                    .get(&(key.clone(), method.clone()))
                    .map(|of| line(&key.0, of, first)),
            );
        }
    }
    lines
}

fn line(study: &str, rows: &[&Row], first: &[&Row]) -> Line {
    let answered: Vec<&&Row> = rows
        .iter()
        .filter(|row| row.answered > 0.01 && row.exists > EXISTS)
        .collect();
    let count = answered.len() as f64;
    let mean = |of: fn(&Row) -> f64| answered.iter().map(|row| of(row)).sum::<f64>() / count;
    let mut coverage: Vec<f64> = answered.iter().map(|row| row.coverage).collect();
    coverage.sort_unstable_by(f64::total_cmp);
    let widths: Vec<f64> = rows
        .iter()
        .filter_map(|row| {
            first
                .iter()
                .find(|other| other.case == row.case)
                .map(|other| (row.width / other.width).ln())
        })
        .filter(|ratio| ratio.is_finite())
        .collect();
    Line {
        study: study.into(),
        family: rows[0].family,
        scale: rows[0].scale,
        method: rows[0].method.clone(),
        cells: answered.len(),
        answered: mean(|row| row.answered),
        mean: mean(|row| row.coverage),
        low: coverage
            .get(coverage.len() / 20)
            .copied()
            .unwrap_or(f64::NAN),
        least: coverage.first().copied().unwrap_or(f64::NAN),
        short: coverage.iter().filter(|c| **c < 0.93).count() as f64 / count,
        below: mean(|row| row.below),
        above: mean(|row| row.above),
        contradicts: mean(|row| row.contradicts),
        width: (widths.iter().sum::<f64>() / widths.len() as f64).exp(),
    }
}
