//! Crossed gaps judged together: pulled towards their crossing, corrected for their number.

use std::sync::Arc;

use disprop_stats::multiplicity;
use disprop_stats::shrink::{self, Between};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable};

use super::{CrossedGap, CrossedOptions};
use crate::gaps::Gap;

/// Whether a row is large enough on both sides to be judged.
fn large(gap: &Gap, minimum: i64) -> bool {
    let reaches = |n: Option<i64>| n.is_none_or(|n| n >= minimum);
    reaches(gap.group.n) && reaches(gap.baseline.n)
}

/// Shrinks the rows of one subset, measure by measure and place by place.
pub(super) fn shrink_rows(rows: &mut [CrossedGap], minimum: i64) {
    let mut families: Vec<(usize, Arc<[Option<String>]>)> = rows
        .iter()
        .map(|r| (r.key.measure, r.key.place.clone()))
        .collect();
    families.sort();
    families.dedup();
    for family in families {
        let members: Vec<(usize, Estimate)> = rows
            .iter()
            .enumerate()
            .filter(|(_, r)| r.key.measure == family.0 && r.key.place == family.1)
            .filter(|(_, r)| large(&r.gap, minimum))
            .filter_map(|(i, r)| Some((i, estimate(&r.gap).ok()?)))
            .collect();
        let estimates: Vec<Estimate> = members.iter().map(|(_, e)| *e).collect();
        let shrunken = shrink::schools(&estimates, Between::default());
        for (place, (row, _)) in members.iter().enumerate() {
            let Some(row) = rows.get_mut(*row) else {
                continue;
            };
            row.shrunken = shrunken.as_ref().map_err(|reason| *reason).and_then(|all| {
                all.schools
                    .get(place)
                    .copied()
                    .ok_or(NotCalculable::TooFewClusters)
            });
        }
    }
}

/// The difference with a variance that is not zero where nobody, or everybody, has the outcome.
fn estimate(gap: &Gap) -> Calculated<Estimate> {
    let difference = gap.difference.value?;
    if let Some(clustered) = &gap.clustering {
        return clustered.difference;
    }
    let (own, other) = (gap.group.variance?, gap.baseline.variance?);
    let own = match (own, gap.group.n, gap.baseline.n) {
        (0.0, Some(n), Some(m)) if n > 0 => other * m as f64 / n as f64,
        _ => own,
    };
    Ok(Estimate::linear(difference, own + other))
}

pub(super) fn adjust(rows: &mut [CrossedGap], options: &CrossedOptions) {
    let mut families: Vec<(usize, Arc<[Option<String>]>)> = rows
        .iter()
        .map(|r| (r.key.measure, r.key.place.clone()))
        .collect();
    families.sort();
    families.dedup();
    for family in families {
        let members: Vec<usize> = rows
            .iter()
            .enumerate()
            .filter(|(_, r)| r.key.measure == family.0 && r.key.place == family.1)
            .filter(|(_, r)| large(&r.gap, options.gaps.minimum))
            .map(|(i, _)| i)
            .collect();
        let p: Vec<Option<f64>> = members
            .iter()
            .map(|i| rows.get(*i).and_then(|r| r.p_value.ok()))
            .collect();
        for (i, adjusted) in members
            .iter()
            .zip(multiplicity::adjust(&p, options.adjustment))
        {
            if let Some(row) = rows.get_mut(*i) {
                row.p_adjusted = match (row.p_value, adjusted) {
                    (Ok(_), Some(p)) => Ok(p),
                    (Err(reason), _) => Err(reason),
                    (Ok(_), None) => Err(NotCalculable::NoConvergence),
                };
            }
        }
    }
}
