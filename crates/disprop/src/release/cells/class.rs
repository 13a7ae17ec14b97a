//! Measures of the same pupils, and one system over the same atoms for each of them.
//!
//! A number of pupils shown for one measure is known for all that have the same pupils below the
//! line, in whichever tables each of them stands. So the atoms are those of all their tables, and
//! numbers of pupils by atom are the same for all; of a measure's outcomes, which only its own tables
//! tell, any whole numbers serve that add up to these.

use super::grid::Grid;
use super::ground::Ground;
use super::sheet::{Sheet, Sums};
use super::{System, outcomes};

/// What a measure's tables tell of its pupils, by place and region.
struct Pupils<'m> {
    id: &'m str,
    by_sheet: Vec<Option<Vec<i64>>>,
    /// Whether every table with the measure tells.
    known: bool,
}

impl<'m> Pupils<'m> {
    fn new(id: &'m str, sheets: &[Sheet<'_>]) -> Self {
        let sums: Vec<Option<Sums>> = sheets.iter().map(|sheet| sheet.sums(id)).collect();
        Pupils {
            id,
            known: sums.iter().flatten().all(|sums| sums.n.is_some()),
            by_sheet: sums.into_iter().map(|sums| sums?.n).collect(),
        }
    }

    /// Whether no table tells that these are other pupils; and whether one tells that they are the
    /// same.
    fn compared(&self, other: &Pupils<'_>, sheets: &[Sheet<'_>]) -> (bool, bool) {
        if !self.known || !other.known {
            return (false, false);
        }
        let both = self.by_sheet.iter().zip(&other.by_sheet);
        let both = both.filter_map(|(a, b)| Some((a.as_ref()?, b.as_ref()?)));
        let mut both = both.peekable();
        if both.peek().is_some() {
            let same = both.all(|(a, b)| a == b);
            return (same, same);
        }
        let same = self.grids(sheets).any(|mine| {
            let mut theirs = other.grids(sheets);
            theirs.any(|theirs| mine.meets(&theirs).agrees(&mine, &theirs))
        });
        (true, same)
    }

    fn grids<'s, 'a>(&'s self, sheets: &'s [Sheet<'a>]) -> impl Iterator<Item = Grid<'a>> + 's {
        let told = sheets.iter().zip(&self.by_sheet);
        told.filter_map(|(sheet, n)| Some(Grid::new(sheet.number, sheet, &Sums::of(n.clone()?))))
    }
}

/// Returns the ids of measures with the same pupils below the line.
pub(super) fn same_pupils<'m>(ids: &[&'m str], sheets: &[Sheet<'_>]) -> Vec<Vec<&'m str>> {
    let pupils = ids.iter().map(|id| Pupils::new(id, sheets));
    let mut classes: Vec<Vec<Pupils<'m>>> = pupils.map(|of| vec![of]).collect();
    let joins = |a: &[Pupils<'_>], b: &[Pupils<'_>]| {
        let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
        let found: Vec<(bool, bool)> = pairs.map(|(a, b)| a.compared(b, sheets)).collect();
        found.iter().all(|(may, _)| *may) && found.iter().any(|(_, same)| *same)
    };
    let mut at = 0;
    while at < classes.len() {
        let (before, after) = classes.split_at_mut(at + 1);
        let Some(class) = before.last_mut() else {
            break;
        };
        match after.iter().position(|other| joins(class, other)) {
            Some(other) => {
                let other = classes.remove(at + 1 + other);
                if let Some(class) = classes.get_mut(at) {
                    class.extend(other);
                }
            }
            None => at += 1,
        }
    }
    let ids = |class: Vec<Pupils<'m>>| class.iter().map(|of| of.id).collect();
    classes.into_iter().map(ids).collect()
}

/// Returns the systems of measures of the same pupils, as one class; as several, where no outcomes
/// by atom were found that fit the same numbers of pupils.
pub(super) fn systems(ids: &[&str], sheets: &[Sheet<'_>]) -> Vec<Vec<System>> {
    if let Some(united) = united(ids, sheets) {
        return vec![united];
    }
    let mut classes: Vec<Vec<System>> = Vec::new();
    for system in ids.iter().map(|id| alone(id, sheets)) {
        match classes
            .iter_mut()
            .find(|class| class.iter().all(|s| alike(s, &system)))
        {
            Some(class) => class.push(system),
            None => classes.push(vec![system]),
        }
    }
    classes
}

/// The system of a measure in its own tables.
fn alone(id: &str, sheets: &[Sheet<'_>]) -> System {
    let having = sheets
        .iter()
        .filter_map(|sheet| Some((sheet, sheet.sums(id)?)));
    let ground = Ground::new(having.collect());
    let proportion = ground
        .having
        .first()
        .is_some_and(|(_, sums)| sums.proportion);
    let (n, events) = (
        ground.layer(|g| g.n.clone()),
        ground.layer(|g| g.events.clone()),
    );
    let mut system = ground.system(id, n, events, proportion);
    for (number, (_, sums)) in ground.having.iter().enumerate() {
        ground.fill(&mut system, number, id, sums);
    }
    system
}

/// The systems of several measures over the tables any of them is in.
fn united(ids: &[&str], sheets: &[Sheet<'_>]) -> Option<Vec<System>> {
    if ids.len() < 2 {
        return None;
    }
    // Of every table, the first measure that it has tells the pupils.
    let lender = |sheet: &Sheet<'_>| ids.iter().find(|id| sheet.measure(id).is_some()).copied();
    let lent: Vec<(&str, &Sheet<'_>)> = sheets
        .iter()
        .filter_map(|sheet| Some((lender(sheet)?, sheet)))
        .collect();
    let having = lent.iter().filter_map(|(id, sheet)| {
        let sums = sheet.sums(id)?;
        Some((*sheet, sums.of_pupils()?))
    });
    let ground = Ground::new(having.collect());
    let n = ground.layer(|grid| grid.n.clone())?;
    let mut made: Vec<System> = Vec::new();
    for id in ids {
        let own: Vec<Option<Sums>> = lent.iter().map(|(_, sheet)| sheet.sums(id)).collect();
        let first = own.iter().flatten().next()?;
        let (proportion, counted) = (first.proportion, first.events.is_some());
        let events = match counted {
            true => Some(outcomes::spread(&ground, &own, &n, proportion)?),
            false => None,
        };
        let mut system = ground.system(id, Some(n.clone()), events, proportion);
        for (number, (own, (lender, _))) in own.iter().zip(&lent).enumerate() {
            let (_, pupils) = ground.having.get(number)?;
            match own {
                Some(sums) => ground.fill(&mut system, number, id, sums),
                None => ground.fill(&mut system, number, lender, pupils),
            }
        }
        made.push(system);
    }
    let (first, others) = made.split_first()?;
    others
        .iter()
        .all(|other| alike(first, other))
        .then_some(made)
}

/// Whether two systems have the same slots, over the same atoms.
fn alike(a: &System, b: &System) -> bool {
    let slots = a.slots.iter().zip(&b.slots);
    a.n.is_some() && a.totals == b.totals && a.slots.len() == b.slots.len() && { slots }
        .all(|(a, b)| (a.table, &a.group) == (b.table, &b.group))
}
