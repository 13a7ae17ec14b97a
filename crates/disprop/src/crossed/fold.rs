//! Tallies in which some dimensions have become part of the leaf, so that groups can be crossed.

use crate::codes::{CodeSet, LeafKind};
use crate::error::Error;
use crate::tallies::{Leaf, Parts, Tallies};

/// Values of the crossed dimensions, and the code that each leaf has with them.
pub(super) type Combination = (Vec<Option<String>>, Vec<Option<String>>);

/// Makes the dimensions after the first few part of the leaf.
pub(super) fn fold(tallies: &Tallies, outer: usize) -> Result<(Tallies, Vec<Combination>), Error> {
    let dimensions = tallies.dimensions();
    let mut combinations: Vec<(Vec<u32>, Vec<Option<usize>>)> = Vec::new();
    let mut leaves: Vec<Leaf> = Vec::new();
    let mut keys = Vec::new();
    for cell in 0..tallies.cells() {
        let key = tallies.key(cell);
        let (place, crossed) = key.split_at(outer.min(key.len()));
        let Some((leaf, crossed)) = crossed.split_last() else {
            continue;
        };
        let known = combinations
            .iter()
            .position(|(numbers, _)| numbers == crossed);
        let number = known.unwrap_or_else(|| {
            combinations.push((crossed.to_vec(), vec![None; tallies.leaves().len()]));
            combinations.len() - 1
        });
        let slot = combinations
            .get_mut(number)
            .and_then(|(_, l)| l.get_mut(*leaf as usize));
        let Some((slot, old)) = slot.zip(tallies.leaves().get(*leaf as usize)) else {
            continue;
        };
        let new = *slot.get_or_insert_with(|| {
            leaves.push(Leaf {
                code: format!("{number} {}", old.code),
                kind: old.kind,
            });
            leaves.len() - 1
        });
        keys.extend_from_slice(place);
        keys.push(new as u32);
    }
    combinations.sort();
    let named = combinations.iter().map(|(numbers, of)| {
        let values = numbers.iter().zip(dimensions.iter().skip(outer));
        let values = values.map(|(n, d)| d.values.get(*n as usize).cloned().flatten());
        let codes = of.iter().map(|place| {
            let leaf = leaves.get((*place)?)?;
            (leaf.kind == LeafKind::Classified).then(|| leaf.code.clone())
        });
        (values.collect(), codes.collect())
    });
    let named = named.collect();
    let folded = Tallies::canonical(Parts {
        dimensions: dimensions.iter().take(outer).cloned().collect(),
        leaves,
        keys,
        measures: tallies.measures().to_vec(),
        codes: CodeSet::Own,
        unit: tallies.unit().to_owned(),
        findings: tallies.findings().to_vec(),
        kept: tallies.kept().to_vec(),
    })?;
    Ok((folded, named))
}
