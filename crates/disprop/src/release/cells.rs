//! The counts behind a publication: atoms, which rows rest on them, and what is known of sums.
//!
//! A *region* is a set of leaf codes that no published group tells apart; an *atom* is a region in
//! one place of the finest table there is, or of several that are fine in different ways. Every
//! count in every table of the publication is a sum of atoms, so that tables at school and at authority level, of all years and of one, of nested
//! groups and of their parents are one system. Measures of the same pupils are systems over the same
//! atoms, whichever tables each of them is in, since a number of pupils shown for one is known for
//! all.

mod class;
mod grid;
mod ground;
mod margins;
mod outcomes;
mod sheet;
mod sums;

use std::collections::BTreeSet;

use crate::error::Error;
use crate::gaps::Gaps;
use sheet::{Sheet, regions};

pub(crate) type Place = Vec<Option<String>>;

/// One additive quantity over atoms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layer(pub(crate) Vec<i64>);

impl Layer {
    pub(crate) fn sum(&self, atoms: &[u32]) -> i64 {
        let value = |atom: &u32| self.0.get(*atom as usize).copied().unwrap_or(0);
        atoms.iter().map(value).fold(0, i64::saturating_add)
    }

    /// Atom by atom the least of this and others.
    pub(crate) fn least(&self, others: &[&Layer]) -> Layer {
        let mut least = self.clone();
        for other in others {
            for (value, theirs) in least.0.iter_mut().zip(&other.0) {
                *value = (*value).min(*theirs);
            }
        }
        least
    }
}

/// A row of a table whose numbers can be withheld.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    /// Which table of the publication.
    pub(crate) table: usize,
    /// Which row of its gaps.
    pub(crate) row: usize,
    /// Whether this is a row of another measure of the same pupils, in a table this one is not in.
    pub(crate) absent: bool,
    /// Atoms of the group, in each base table that holds them.
    pub(crate) group: Vec<Vec<u32>>,
    /// Atoms of the baseline, where it is of the same place.
    pub(crate) baseline: Vec<Vec<u32>>,
    /// Whether its baseline is a group of its own, and so not known from the total.
    pub(crate) against_group: bool,
    /// Whether a figure it needs was withheld where it was published.
    pub(crate) open: bool,
    /// The place of its table, where its baseline was chosen for being the best-placed.
    pub(crate) chosen: Option<usize>,
    /// Most that one pupil can account for of the group's or the baseline's sum, as a share of it;
    /// nothing where the sums do not tell.
    pub(crate) largest: Option<f64>,
}

/// A figure of a place: the share with a known group, from which the others can be counted.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    pub(crate) table: usize,
    pub(crate) place: Place,
    pub(crate) atoms: Vec<Vec<u32>>,
    /// Whether ranges beside the gaps tell how those without a group did.
    pub(crate) ranges: bool,
    /// Whether it stands in a table this measure is not in.
    pub(crate) absent: bool,
}

/// All counts of one measure in a publication.
#[derive(Debug, Clone)]
pub(crate) struct System {
    /// Its id.
    pub(crate) measure: String,
    /// Pairs of tables that are of different pupils, or too large together to be compared.
    pub(crate) apart: BTreeSet<(usize, usize)>,
    /// Where tables add up to the same and could not be made one: what they have in common, which
    /// another table that a reader cannot rule out leaves as it is in each of them.
    pub(crate) ties: Vec<Vec<u32>>,
    /// A dimension of which one table holds one value, and another everybody.
    pub(crate) part: Option<String>,
    /// Whether tables of which neither holds the other add up to the same.
    pub(crate) crossed: bool,
    /// Pupils; nothing where a publication does not tell.
    pub(crate) n: Option<Layer>,
    /// Pupils with the outcome, or events, where they are counted.
    pub(crate) events: Option<Layer>,
    /// Pupils without the outcome, for proportions.
    pub(crate) rest: Option<Layer>,
    /// Rows whose numbers can be withheld.
    pub(crate) slots: Vec<Slot>,
    /// Shares with a known group, one a place and table.
    pub(crate) coverage: Vec<Coverage>,
    /// Sums over whole places, which a reader knows from elsewhere or from any row.
    pub(crate) totals: Vec<Vec<u32>>,
    /// Whether a total holds somebody whom no row lists.
    pub(crate) unlisted: bool,
    /// Number of atoms.
    pub(crate) atoms: usize,
}

impl System {
    /// Pupils of a row, or events where no pupils are known.
    pub(crate) fn size(&self, slot: &Slot) -> i64 {
        let layer = self.n.as_ref().or(self.events.as_ref());
        let sum = layer.zip(slot.group.first());
        sum.map_or(0, |(layer, atoms)| layer.sum(atoms))
    }
}

/// Returns the systems of all measures, those of the same pupils together: their slots and atoms are
/// the same. Where nothing is to be withheld, each by itself.
///
/// # Errors
/// `release.refused` where measures of the same pupils stand in different tables that could not be
/// brought together, and where one value of a dimension stands beside everybody.
pub(crate) fn classes(tables: &[&Gaps], withholds: bool) -> Result<Vec<Vec<System>>, Error> {
    let regions = regions(tables);
    let sheets: Vec<Sheet<'_>> = tables
        .iter()
        .enumerate()
        .map(|(number, gaps)| Sheet::new(number, gaps, &regions))
        .collect();
    let mut ids: Vec<&str> = Vec::new();
    for measure in tables.iter().flat_map(|gaps| &gaps.measures) {
        if !ids.contains(&measure.id.as_str()) {
            ids.push(&measure.id);
        }
    }
    if !withholds {
        let systems = ids.iter().map(|id| vec![class::alone(id, &sheets)]);
        return Ok(systems.collect());
    }
    let classes = class::same_pupils(&ids, &sheets).into_iter();
    classes.map(|ids| class::systems(&ids, &sheets)).collect()
}
