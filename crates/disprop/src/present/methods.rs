//! The methods there are, as a table.

use disprop_stats::contrast::{self, ContrastMethod, Scale, cohen_h, hedges_g, quasi_poisson};
use disprop_stats::facts::Facts;
use disprop_stats::interval::{self, IntervalMethod};
use disprop_stats::significance::{self, TestMethod};
use disprop_stats::{bootstrap, cluster};
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

use crate::error::Error;

/// Returns every interval method, test and effect size: family, scale, id, label, formula, source,
/// when to use it and when not. The first of a family and scale is its default.
///
/// Scales are `value`, `difference`, `ratio` and `odds_ratio` of intervals, chosen with `methods`;
/// `dispersion`, an interval of both differences and ratios; `clustered`, of every family (`all`), chosen
/// with the cluster; `test`; and `effect_size`.
///
/// # Errors
/// `frame.polars`, where polars cannot make the frame.
pub fn methods_frame() -> Result<DataFrame, Error> {
    let mut rows: Vec<[&'static str; 8]> = Vec::new();
    own("proportion", interval::PROPORTION, &mut rows);
    own("mean", interval::MEAN, &mut rows);
    own("ratio", interval::RATIO, &mut rows);
    own("rate", interval::RATE, &mut rows);
    contrasts("proportion", contrast::PROPORTION, &mut rows);
    contrasts("mean", contrast::MEAN, &mut rows);
    contrasts("ratio", contrast::RATIO, &mut rows);
    contrasts("rate", contrast::RATE, &mut rows);
    described("rate", "dispersion", &[quasi_poisson::FACTS], &mut rows);
    tests("proportion", significance::PROPORTION, &mut rows);
    tests("mean", significance::MEAN, &mut rows);
    tests("ratio", significance::MEAN, &mut rows);
    tests("rate", significance::RATE, &mut rows);
    described("proportion", "effect_size", &[cohen_h::FACTS], &mut rows);
    described("mean", "effect_size", &[hedges_g::FACTS], &mut rows);
    described("all", "clustered", cluster::METHODS, &mut rows);
    described("all", "clustered", bootstrap::METHODS, &mut rows);
    let names = [
        "family",
        "scale",
        "method",
        "label",
        "formula",
        "source",
        "when_to_use",
        "when_not",
    ];
    let columns: Vec<Column> = names
        .into_iter()
        .enumerate()
        .map(|(place, name)| {
            let values: Vec<&str> = rows
                .iter()
                .filter_map(|row| row.get(place).copied())
                .collect();
            Column::from(Series::new(name.into(), values))
        })
        .collect();
    Ok(DataFrame::new(rows.len(), columns)?)
}

fn own<T>(family: &'static str, list: &[IntervalMethod<T>], rows: &mut Vec<[&'static str; 8]>) {
    rows.extend(list.iter().map(|m| {
        [
            family,
            "value",
            m.id,
            m.label,
            m.formula,
            m.source,
            m.when_to_use,
            m.when_not,
        ]
    }));
}

fn contrasts<T>(
    family: &'static str,
    list: &[ContrastMethod<T>],
    rows: &mut Vec<[&'static str; 8]>,
) {
    rows.extend(list.iter().map(|m| {
        let scale = match m.scale {
            Scale::Difference => "difference",
            Scale::Ratio => "ratio",
            Scale::OddsRatio => "odds_ratio",
        };
        [
            family,
            scale,
            m.id,
            m.label,
            m.formula,
            m.source,
            m.when_to_use,
            m.when_not,
        ]
    }));
}

fn tests<T>(family: &'static str, list: &[TestMethod<T>], rows: &mut Vec<[&'static str; 8]>) {
    rows.extend(list.iter().map(|m| {
        [
            family,
            "test",
            m.id,
            m.label,
            m.formula,
            m.source,
            m.when_to_use,
            m.when_not,
        ]
    }));
}

fn described(
    family: &'static str,
    scale: &'static str,
    list: &[Facts],
    rows: &mut Vec<[&'static str; 8]>,
) {
    rows.extend(list.iter().map(|m| {
        [
            family,
            scale,
            m.id,
            m.label,
            m.formula,
            m.source,
            m.when_to_use,
            m.when_not,
        ]
    }));
}
