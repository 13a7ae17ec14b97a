//! Measures of the same pupils, and one system over the same atoms for each of them.
//!
//! A number of pupils shown for one measure is known for all that have the same pupils below the
//! line, in whichever tables each of them stands. So the atoms are those of all their tables, and
//! numbers of pupils by atom are the same for all; of a measure's outcomes, which only its own tables
//! tell, any whole numbers serve that add up to these.

use std::collections::BTreeSet;

use super::grid::Grid;
use super::ground::{Ground, Table};
use super::sheet::Sheet;
use super::sums::Sums;
use super::{System, outcomes};
use crate::error::Error;

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
        // Tables of the same places need no margins.
        let mine = self.by_sheet.iter().zip(sheets);
        let mut equal = mine.flat_map(|(mine, sheet)| {
            let theirs = other.by_sheet.iter().zip(sheets);
            theirs.filter_map(move |(theirs, another)| {
                let same_places =
                    sheet.dimensions == another.dimensions && sheet.places == another.places;
                let both = mine.as_ref().zip(theirs.as_ref());
                both.filter(|_| same_places).map(|(a, b)| a == b)
            })
        });
        if let Some(first) = equal.next() {
            return (true, first || equal.any(|equal| equal));
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

/// Returns the systems of measures of the same pupils; where no outcomes by atom were found that fit
/// the same numbers of pupils, each by itself, if all are in the same tables.
pub(super) fn systems(ids: &[&str], sheets: &[Sheet<'_>]) -> Result<Vec<System>, Error> {
    let refused = |problem: String, advice: String| {
        Err(Error::Release {
            problem,
            advice: Some(advice),
        })
    };
    let each = || ids.iter().map(|id| alone(id, sheets)).collect();
    let systems: Vec<System> = united(ids, sheets).unwrap_or_else(each);
    // The others would follow by subtraction, and are in no row that could be withheld.
    if let Some(dimension) = systems.iter().find_map(|system| system.part.as_ref()) {
        return refused(
            format!("a table of one value of `{dimension}` stands beside one of all"),
            format!("publish the table by `{dimension}`, whose rows protect each other"),
        );
    }
    let mut others = systems.iter().skip(1).zip(&systems);
    if others.all(|(system, first)| alike(first, system)) {
        return Ok(systems);
    }
    refused(
        format!(
            "{} have the same pupils and stand in different tables, whose counts could not be \
             brought together",
            ids.join(", ")
        ),
        "publish these measures by the same dimensions, or fewer tables".into(),
    )
}

/// The system of a measure in its own tables.
pub(super) fn alone(id: &str, sheets: &[Sheet<'_>]) -> System {
    let having = sheets.iter().filter_map(|sheet| {
        Some(Table {
            sheet,
            sums: sheet.sums(id)?,
            numbers: vec![sheet.number],
        })
    });
    let ground = Ground::new(having.collect());
    let first = ground.having.first();
    let proportion = first.is_some_and(|table| table.sums.proportion);
    let (n, events) = (
        ground.layer(|g| g.n.clone()),
        ground.layer(|g| g.events.clone()),
    );
    let mut system = ground.system(id, n, events, proportion);
    for (number, table) in ground.having.iter().enumerate() {
        ground.fill(&mut system, number, table.sheet, id, &table.sums);
    }
    system
}

/// Tables with the same rows and the same pupils: one for each measure, where it has one.
struct Rows<'s, 'a> {
    /// The first of them, and its measure.
    first: (&'s Sheet<'a>, &'s str),
    pupils: Sums,
    by_measure: Vec<Option<&'s Sheet<'a>>>,
}

impl<'s, 'a> Rows<'s, 'a> {
    /// All tables of these measures.
    fn all(ids: &[&'s str], sheets: &'s [Sheet<'a>]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for sheet in sheets {
            for (number, id) in ids.iter().enumerate() {
                let Some(pupils) = sheet.sums(id).and_then(Sums::of_pupils) else {
                    continue;
                };
                let free = |rows: &&mut Self| matches!(rows.by_measure.get(number), Some(None));
                let same = |rows: &&mut Self| {
                    rows.pupils.n == pupils.n && rows.first.0.has_rows_of(rows.first.1, sheet, id)
                };
                let mut found = all.iter_mut().filter(free);
                let rows = match found.find(same) {
                    Some(rows) => rows,
                    None => {
                        all.push(Rows {
                            first: (sheet, *id),
                            pupils,
                            by_measure: vec![None; ids.len()],
                        });
                        let Some(rows) = all.last_mut() else {
                            continue;
                        };
                        rows
                    }
                };
                if let Some(slot) = rows.by_measure.get_mut(number) {
                    *slot = Some(sheet);
                }
            }
        }
        all
    }

    /// Numbers of the tables.
    fn tables(&self) -> Vec<usize> {
        let all = self.by_measure.iter().flatten();
        let numbers: BTreeSet<usize> = all.map(|sheet| sheet.number).collect();
        numbers.into_iter().collect()
    }
}

/// The systems of several measures over the tables any of them is in.
fn united(ids: &[&str], sheets: &[Sheet<'_>]) -> Option<Vec<System>> {
    if ids.len() < 2 {
        return None;
    }
    let all = Rows::all(ids, sheets);
    let having = all.iter().map(|rows| Table {
        sheet: rows.first.0,
        sums: rows.pupils.clone(),
        numbers: rows.tables(),
    });
    let ground = Ground::new(having.collect());
    let n = ground.layer(|grid| grid.n.clone())?;
    let mut made: Vec<System> = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let own = all.iter().map(|rows| {
            let sheet = (*rows.by_measure.get(number)?)?;
            Some((sheet, sheet.sums(id)?))
        });
        let own: Vec<Option<(&Sheet<'_>, Sums)>> = own.collect();
        let (_, first) = own.iter().flatten().next()?;
        let (proportion, counted) = (first.proportion, first.events.is_some());
        let sums: Vec<Option<&Sums>> = own.iter().map(|own| Some(&own.as_ref()?.1)).collect();
        let events = match counted {
            true => Some(outcomes::spread(&ground, &sums, &n, proportion)?),
            false => None,
        };
        let mut system = ground.system(id, Some(n.clone()), events, proportion);
        for (table, (own, rows)) in own.iter().zip(&all).enumerate() {
            match own {
                Some((sheet, sums)) => ground.fill(&mut system, table, sheet, id, sums),
                None => {
                    let (sheet, lender) = rows.first;
                    ground.fill(&mut system, table, sheet, lender, &rows.pupils);
                }
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
    let mut slots = a.slots.iter().zip(&b.slots);
    let same_rows = a.slots.len() == b.slots.len() && slots.all(|(a, b)| a.group == b.group);
    a.n.is_some() && a.totals == b.totals && same_rows
}
