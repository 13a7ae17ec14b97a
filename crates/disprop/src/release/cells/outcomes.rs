//! Outcomes among pupils whose numbers by atom are settled: whole numbers that add up to every table
//! of the measure.
//!
//! Where one table of the measure holds all others, a count of it is shared out over its atoms. Where
//! two cross, rows and columns are filled as near to proportional as whole numbers are, and what is
//! left over finds its way along others that make room (augmenting paths).

use std::collections::{BTreeMap, VecDeque};

use super::ground::{Base, Ground};
use super::sheet::{Sheet, Sums};
use super::{Layer, Place};

/// Room without an end.
const ENDLESS: i64 = i64::MAX / 4;

/// Atoms of a region that no table of the measure tells apart: its row and column, pupils, outcomes.
struct Cell {
    row: usize,
    column: usize,
    atoms: Vec<usize>,
    room: i64,
    filled: i64,
}

/// Returns the outcomes of every atom, no more than its pupils where they are `capped`; nothing where
/// none were found.
pub(super) fn spread(
    ground: &Ground<'_, '_>,
    own: &[Option<&Sums>],
    n: &Layer,
    capped: bool,
) -> Option<Layer> {
    let mut made = vec![0_i64; ground.atoms];
    for (number, base) in ground.bases.iter().enumerate() {
        let tables = widest(ground, own, number);
        let (rows, columns) = match tables.as_slice() {
            [] => continue,
            [one] => (Side::new(base, one.0, one.1), None),
            [one, other] => (
                Side::new(base, one.0, one.1),
                Some(Side::new(base, other.0, other.1)),
            ),
            _ => return None,
        };
        for region in 0..base.grid.regions {
            let cells = cells(base, &rows, columns.as_ref(), region, n, capped)?;
            for cell in fill(
                cells,
                &rows.sums(region),
                columns.as_ref().map(|c| c.sums(region)),
            )? {
                for (atom, count) in share(&cell, n, capped) {
                    *made.get_mut(atom)? = count;
                }
            }
        }
    }
    Some(Layer(made))
}

/// Tables of the measure over a base that are no margins of its others.
fn widest<'g, 'a>(
    ground: &'g Ground<'_, 'a>,
    own: &[Option<&'g Sums>],
    base: usize,
) -> Vec<(&'g Sheet<'a>, &'g Sums)> {
    let over = own.iter().enumerate().filter_map(|(number, sums)| {
        let held = ground.over.get(number)?.contains(&base);
        let sheet = ground.having.get(number)?.sheet;
        Some((sheet, (*sums)?)).filter(|_| held)
    });
    let mut over: Vec<(&Sheet<'_>, &Sums)> = over.collect();
    over.sort_by_key(|(sheet, _)| (sheet.dimensions.len(), sheet.places.len()));
    let mut widest: Vec<(&Sheet<'_>, &Sums)> = Vec::new();
    while let Some((sheet, sums)) = over.pop() {
        let holds = |(wide, theirs): &(&Sheet<'_>, &Sums)| {
            sheet.dimensions.iter().all(|d| wide.dimensions.contains(d))
                && wide.margin(theirs, sheet) == sheet.margin(sums, sheet)
        };
        if !widest.iter().any(holds) {
            widest.push((sheet, sums));
        }
    }
    widest
}

/// One table over a base: its place of each place of the base, and its outcomes.
struct Side<'g> {
    of: Vec<Option<usize>>,
    sums: &'g Sums,
    places: usize,
    regions: usize,
}

impl<'g> Side<'g> {
    fn new(base: &Base<'_>, sheet: &Sheet<'_>, sums: &'g Sums) -> Self {
        let numbers: BTreeMap<&Place, usize> = sheet.places.iter().zip(0..).collect();
        let of = |place: &Place| numbers.get(&base.grid.project(place, sheet)?).copied();
        Side {
            of: base.grid.places.iter().map(of).collect(),
            sums,
            places: sheet.places.len(),
            regions: sheet.regions,
        }
    }

    fn sums(&self, region: usize) -> Vec<i64> {
        let events = self.sums.events.as_deref().unwrap_or_default();
        let of = |place| events.get(place * self.regions + region).copied();
        (0..self.places)
            .map(|place| of(place).unwrap_or(0))
            .collect()
    }
}

/// Cells of a region; nothing where a place of one table is in none of the other.
fn cells(
    base: &Base<'_>,
    rows: &Side<'_>,
    columns: Option<&Side<'_>>,
    region: usize,
    n: &Layer,
    capped: bool,
) -> Option<Vec<Cell>> {
    let mut cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.of.iter().enumerate() {
        let column = match columns {
            None => Some(0),
            Some(columns) => columns.of.get(place).copied().flatten(),
        };
        match (*row, column) {
            (Some(row), Some(column)) => {
                let atom = base.first as usize + place * base.grid.regions + region;
                cells.entry((row, column)).or_default().push(atom);
            }
            (None, Some(_)) if columns.is_none() => {}
            (None, None) => {}
            _ => return None,
        }
    }
    let cell = |((row, column), atoms): ((usize, usize), Vec<usize>)| {
        let pupils = atoms.iter().filter_map(|atom| n.0.get(*atom));
        let pupils = pupils.fold(0, |sum: i64, n| sum.saturating_add(*n));
        Cell {
            row,
            column,
            atoms,
            room: if capped { pupils } else { ENDLESS },
            filled: 0,
        }
    };
    Some(cells.into_iter().map(cell).collect())
}

/// Fills cells so that rows, and columns where there are any, have these sums.
fn fill(mut cells: Vec<Cell>, rows: &[i64], columns: Option<Vec<i64>>) -> Option<Vec<Cell>> {
    let all: i128 = rows.iter().map(|sum| i128::from(*sum)).sum();
    let columns = match columns {
        Some(columns) => columns,
        None => {
            for cell in &mut cells {
                cell.filled = *rows.get(cell.row)?;
            }
            let fits = cells
                .iter()
                .all(|cell| (0..=cell.room).contains(&cell.filled));
            return fits.then_some(cells);
        }
    };
    let even = columns.iter().map(|sum| i128::from(*sum)).sum::<i128>() == all;
    if !even || rows.iter().chain(&columns).any(|sum| *sum < 0) {
        return None;
    }
    let (mut rows_left, mut columns_left) = (rows.to_vec(), columns.clone());
    for cell in &mut cells {
        let (row, column) = (rows.get(cell.row)?, columns.get(cell.column)?);
        let wanted = i128::from(*row) * i128::from(*column) / all.max(1);
        cell.filled = cell.room.min(i64::try_from(wanted).ok()?);
        *rows_left.get_mut(cell.row)? -= cell.filled;
        *columns_left.get_mut(cell.column)? -= cell.filled;
    }
    while rows_left.iter().any(|left| *left > 0) {
        let (path, by) = augmenting(&cells, &rows_left, &columns_left)?;
        for (at, (cell, sign)) in path.iter().enumerate() {
            let cell = cells.get_mut(*cell)?;
            cell.filled += sign * by;
            if at == 0 {
                *columns_left.get_mut(cell.column)? -= by;
            }
            if at + 1 == path.len() {
                *rows_left.get_mut(cell.row)? -= by;
            }
        }
    }
    Some(cells)
}

/// A way from a row that lacks outcomes to a column that does, backwards: cells that take on and give
/// up by turns, and by how many.
fn augmenting(cells: &[Cell], rows: &[i64], columns: &[i64]) -> Option<(Vec<(usize, i64)>, i64)> {
    // Rows come first, then columns; of each the cell it was reached by.
    let mut from: Vec<Option<usize>> = vec![None; rows.len() + columns.len()];
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); from.len()];
    for (number, cell) in cells.iter().enumerate() {
        of.get_mut(cell.row)?.push(number);
        of.get_mut(rows.len() + cell.column)?.push(number);
    }
    let starts = rows.iter().enumerate().filter(|(_, left)| **left > 0);
    let mut queue: VecDeque<usize> = starts.map(|(row, _)| row).collect();
    let mut seen: Vec<bool> = vec![false; from.len()];
    for start in &queue {
        *seen.get_mut(*start)? = true;
    }
    while let Some(node) = queue.pop_front() {
        let is_row = node < rows.len();
        let lacking = node.checked_sub(rows.len()).and_then(|c| columns.get(c));
        if let Some(lacking) = lacking.filter(|left| **left > 0) {
            let mut path = Vec::new();
            let (mut at, mut by) = (node, *lacking);
            while let Some(number) = from.get(at).copied().flatten() {
                let cell = cells.get(number)?;
                let gives = at < rows.len();
                by = by.min(if gives {
                    cell.filled
                } else {
                    cell.room - cell.filled
                });
                path.push((number, if gives { -1 } else { 1 }));
                at = if gives {
                    rows.len() + cell.column
                } else {
                    cell.row
                };
            }
            return Some((path, by.min(*rows.get(at)?)));
        }
        for number in of.get(node)? {
            let cell = cells.get(*number)?;
            let (next, open) = match is_row {
                true => (rows.len() + cell.column, cell.filled < cell.room),
                false => (cell.row, cell.filled > 0),
            };
            let seen = seen.get_mut(next)?;
            if open && !*seen {
                *seen = true;
                *from.get_mut(next)? = Some(*number);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The outcomes of a cell by atom: in proportion to pupils, the rest where there is room first.
fn share(cell: &Cell, n: &Layer, capped: bool) -> Vec<(usize, i64)> {
    let pupils = |atom: &usize| n.0.get(*atom).copied().unwrap_or(0);
    let all: i128 = cell.atoms.iter().map(|atom| i128::from(pupils(atom))).sum();
    let mut left = cell.filled;
    let mut shares: Vec<(usize, i64)> = Vec::with_capacity(cell.atoms.len());
    for atom in &cell.atoms {
        let wanted = i128::from(cell.filled) * i128::from(pupils(atom)) / all.max(1);
        let count = i64::try_from(wanted).unwrap_or(0);
        left -= count;
        shares.push((*atom, count));
    }
    for (atom, count) in &mut shares {
        let room = if capped { pupils(atom) - *count } else { left };
        let more = left.min(room);
        (*count, left) = (*count + more, left - more);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: usize, column: usize, room: i64) -> Cell {
        Cell {
            row,
            column,
            atoms: Vec::new(),
            room,
            filled: 0,
        }
    }

    #[test]
    fn outcomes_find_their_way_where_proportion_has_no_room() {
        let cells = vec![cell(0, 0, 5), cell(0, 1, 1), cell(1, 0, 2), cell(1, 1, 9)];
        let made = fill(cells, &[6, 4], Some(vec![5, 5])).unwrap();
        let filled: Vec<i64> = made.iter().map(|cell| cell.filled).collect();
        assert_eq!(filled, [5, 1, 0, 4]);
    }

    #[test]
    fn without_room_there_is_no_answer() {
        let cells = || vec![cell(0, 0, 1), cell(0, 1, 1), cell(1, 0, 9), cell(1, 1, 9)];
        assert!(fill(cells(), &[3, 0], Some(vec![3, 0])).is_none());
        assert!(fill(cells(), &[1, 2], Some(vec![1, 1])).is_none());
        assert!(fill(cells(), &[3, 0], None).is_none());
    }

    #[test]
    fn shares_are_no_more_than_the_pupils() {
        let n = Layer(vec![1, 0, 4, 2]);
        let cell = Cell {
            atoms: vec![0, 1, 2, 3],
            filled: 6,
            ..cell(0, 0, 7)
        };
        let shares = share(&cell, &n, true);
        assert_eq!(shares.iter().map(|(_, count)| count).sum::<i64>(), 6);
        assert!(
            shares
                .iter()
                .all(|(atom, count)| (0..=n.0[*atom]).contains(count))
        );
    }
}
