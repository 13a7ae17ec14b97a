//! Indicators of every level of the strata's dimensions, as covariates of a regression.

/// Most columns that a fit on cells is asked to carry.
const MOST: usize = 300;

/// A column whose part not explained by earlier columns is below this share of it is dependent.
const DEPENDENT: f64 = 1e-9;

/// Returns the indicators of each stratum (a row each), one column a level but the first of its
/// dimension, with the dimension of each column; columns that follow from earlier ones are left out,
/// as where one dimension nests in another. Strata of weight 0 do not count.
///
/// Nothing where there are more columns than a fit can carry.
pub(crate) fn design(
    keys: &[Vec<u32>],
    weights: &[f64],
    dimensions: usize,
) -> Option<(Vec<Vec<f64>>, Vec<usize>)> {
    let mut columns: Vec<(usize, u32)> = Vec::new();
    for dimension in 0..dimensions {
        let held = keys.iter().zip(weights).filter(|(_, w)| **w > 0.0);
        let mut levels: Vec<u32> = held
            .filter_map(|(key, _)| key.get(dimension).copied())
            .collect();
        levels.sort_unstable();
        levels.dedup();
        columns.extend(levels.into_iter().skip(1).map(|level| (dimension, level)));
    }
    if columns.len() > MOST {
        return None;
    }
    let roots: Vec<f64> = weights.iter().map(|w| w.max(0.0).sqrt()).collect();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    add_independent(&mut basis, &roots);
    let indicator = |(dimension, level): &(usize, u32)| -> Vec<f64> {
        let held = |key: &Vec<u32>| key.get(*dimension) == Some(level);
        keys.iter()
            .map(|key| f64::from(u8::from(held(key))))
            .collect()
    };
    columns.retain(|column| {
        let weighted: Vec<f64> = indicator(column)
            .iter()
            .zip(&roots)
            .map(|(v, w)| v * w)
            .collect();
        add_independent(&mut basis, &weighted)
    });
    let indicators: Vec<Vec<f64>> = columns.iter().map(indicator).collect();
    let row = |stratum: usize| {
        let of = indicators.iter();
        of.map(|column| column.get(stratum).copied().unwrap_or(0.0))
            .collect()
    };
    let rows = (0..keys.len()).map(row).collect();
    Some((
        rows,
        columns
            .into_iter()
            .map(|(dimension, _)| dimension)
            .collect(),
    ))
}

/// Adds what of the column no member of an orthonormal basis explains; false where that is nothing.
fn add_independent(basis: &mut Vec<Vec<f64>>, column: &[f64]) -> bool {
    let size = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let all = size(column);
    let mut rest = column.to_vec();
    // Twice, so that rounding of the first pass does not pass for independence.
    for _ in 0..2 {
        for member in basis.iter() {
            let along: f64 = member.iter().zip(&rest).map(|(a, b)| a * b).sum();
            for (slot, value) in rest.iter_mut().zip(member) {
                *slot -= along * value;
            }
        }
    }
    let left = size(&rest);
    if all <= 0.0 || left <= DEPENDENT * all {
        return false;
    }
    for value in &mut rest {
        *value /= left;
    }
    basis.push(rest);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_that_nests_in_another_adds_nothing() {
        // Year groups 0 and 1 in phase 0, year group 2 in phase 1.
        let keys = [vec![0, 0], vec![0, 1], vec![1, 2]];
        let (rows, of) = design(&keys, &[5.0, 6.0, 7.0], 2).unwrap();
        assert_eq!(of, [0, 1]);
        assert_eq!(rows, [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]);
    }

    #[test]
    fn an_empty_stratum_makes_no_column_and_too_many_are_refused() {
        let keys: Vec<Vec<u32>> = (0..400).map(|level| vec![level]).collect();
        assert!(design(&keys, &[1.0; 400], 1).is_none());
        let (rows, of) = design(&keys[..2], &[1.0, 0.0], 1).unwrap();
        assert!(of.is_empty() && rows.len() == 2 && rows.iter().all(Vec::is_empty));
    }
}
