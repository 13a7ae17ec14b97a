//! One thread's sums: where its rows' cells are found, and what the rows add to them.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{BLOCK, Layout};
use crate::cohort::encode::Categories;
use crate::engine::lanes::unpack;
use crate::engine::numbering::{number_narrow, number_plain, number_wide};
use crate::engine::tasks::Task;
use crate::engine::word::Word;
use crate::error::Error;

/// Sums of cells that are numbered from zero.
pub(super) struct Table<'a, A> {
    layout: &'a Layout<'a>,
    /// Rows since the lanes were emptied, and the cells they are in.
    rows: usize,
    touched: Vec<u32>,
    lanes: Vec<u64>,
    pub(super) sums: Vec<A>,
    /// A bit a cell: whether it has rows. The rest of the table is never looked at, and so never
    /// becomes memory.
    seen: Vec<u64>,
}

impl<'a, A: Word> Table<'a, A> {
    pub(super) fn new(layout: &'a Layout<'a>, cells: usize) -> Self {
        Table {
            layout,
            rows: 0,
            touched: Vec::new(),
            lanes: vec![0; cells * layout.lanes.stride],
            sums: vec![A::default(); cells * layout.tasks.width],
            seen: vec![0; cells.div_ceil(64)],
        }
    }

    /// Makes room for cells that have not been there before.
    fn grow(&mut self, cells: usize) {
        self.lanes.resize(cells * self.layout.lanes.stride, 0);
        self.sums
            .resize(cells * self.layout.tasks.width, A::default());
    }

    /// Adds a block of rows to the sums of their cells.
    pub(super) fn add(&mut self, cells: &[u32], block: &Range<usize>, tasks: &[Task<'_>]) {
        let layout = self.layout;
        if self.rows + cells.len() > layout.lanes.turn {
            self.empty();
        }
        self.rows += cells.len();
        for cell in cells {
            if let Some(rows) = self.lanes.get_mut(*cell as usize * layout.lanes.stride) {
                if *rows == 0 {
                    self.touched.push(*cell);
                }
                *rows += 1;
            }
        }
        for (task, place) in tasks.iter().zip(&layout.lanes.places) {
            match place {
                Some(place) => {
                    task.add_lanes(*place, layout.lanes.stride, cells, block, &mut self.lanes);
                }
                None => task.add_wide(layout.tasks.width, cells, block, &mut self.sums),
            }
        }
    }

    /// Empties the lanes of every cell of this turn into its sums.
    pub(super) fn empty(&mut self) {
        let Layout { tasks, lanes, .. } = self.layout;
        for cell in self.touched.drain(..) {
            if let Some(seen) = self.seen.get_mut(cell as usize / 64) {
                *seen |= 1 << (cell % 64);
            }
            let (words, sums) = (cell as usize * lanes.stride, cell as usize * tasks.width);
            let Some(words) = self.lanes.get_mut(words..words + lanes.stride) else {
                continue;
            };
            let Some(sums) = self.sums.get_mut(sums..sums + tasks.width) else {
                continue;
            };
            if let Some((rows, of_turn)) = sums.first_mut().zip(words.first()) {
                *rows += A::from_word(*of_turn as i64);
            }
            for (task, place) in tasks.tasks.iter().zip(&lanes.places) {
                let Some(place) = place else {
                    continue;
                };
                let (parts, count) = unpack(words, &task.kind, *place);
                let sums = sums.iter_mut().skip(task.first).take(count);
                for (sum, part) in sums.zip(parts) {
                    *sum += A::from_word(part);
                }
            }
            words.fill(0);
        }
        self.rows = 0;
    }

    pub(super) fn has(&self, cell: usize) -> bool {
        let seen = self.seen.get(cell / 64);
        seen.is_some_and(|seen| (seen >> (cell % 64)) & 1 == 1)
    }

    /// Returns the sums of a cell.
    pub(super) fn of(&self, cell: usize) -> Option<&[A]> {
        let width = self.layout.tasks.width;
        self.sums.get(cell * width..(cell + 1) * width)
    }

    /// Forgets a cell.
    pub(super) fn clear(&mut self, cell: usize) {
        let width = self.layout.tasks.width;
        if let Some(sums) = self.sums.get_mut(cell * width..(cell + 1) * width) {
            sums.fill(A::default());
        }
        if let Some(seen) = self.seen.get_mut(cell / 64) {
            *seen &= !(1 << (cell % 64));
        }
    }
}

/// Sums of one thread's rows.
pub(super) struct Partial<'a, A> {
    layout: &'a Layout<'a>,
    /// Cells by their number in the sums, where a hash finds them; a table needs none.
    pub(super) keys: Vec<u64>,
    places: FxHashMap<u64, u32>,
    pub(super) table: Table<'a, A>,
    /// Cells of a block: as the columns number them, in as few bits as hold them, and as the sums do.
    narrow: Vec<u16>,
    wide: Vec<u64>,
    cells: Vec<u32>,
}

impl<'a, A: Word> Partial<'a, A> {
    pub(super) fn new(layout: &'a Layout<'a>) -> Self {
        Partial {
            layout,
            keys: Vec::new(),
            places: FxHashMap::default(),
            table: Table::new(layout, layout.table.unwrap_or(0)),
            narrow: Vec::new(),
            wide: Vec::new(),
            cells: Vec::new(),
        }
    }

    pub(super) fn pass(
        &mut self,
        rows: Range<usize>,
        columns: &[&Categories],
    ) -> Result<(), Error> {
        let layout = self.layout;
        for start in rows.clone().step_by(BLOCK) {
            let block = start..(start + BLOCK).min(rows.end);
            let length = block.len();
            let mut cells = std::mem::take(&mut self.cells);
            cells.resize(length, 0);
            if layout.table.is_some_and(|cells| cells <= 1 << 16) {
                self.narrow.clear();
                self.narrow.resize(length, 0);
                for (column, size) in columns.iter().zip(&layout.sizes) {
                    number_narrow(&mut self.narrow, &column.codes, &block, *size as u16);
                }
                for (cell, narrow) in cells.iter_mut().zip(&self.narrow) {
                    *cell = u32::from(*narrow);
                }
            } else if layout.table.is_none() {
                self.wide.clear();
                self.wide.resize(length, 0);
                for (column, size) in columns.iter().zip(&layout.sizes) {
                    number_wide(&mut self.wide, &column.codes, &block, *size);
                }
                self.find(&mut cells)?;
            } else {
                cells.fill(0);
                for (column, size) in columns.iter().zip(&layout.sizes) {
                    number_plain(&mut cells, &column.codes, &block, *size as u32);
                }
            }
            self.table.add(&cells, &block, &layout.tasks.tasks);
            self.cells = cells;
        }
        Ok(())
    }

    /// Gives each cell of a block its place among the sums, with room for new ones.
    fn find(&mut self, cells: &mut [u32]) -> Result<(), Error> {
        let mut last = None;
        for (key, cell) in self.wide.iter().zip(cells) {
            *cell = match last {
                Some((seen, place)) if seen == *key => place,
                _ => {
                    let next = self.keys.len() as u32;
                    *self.places.entry(*key).or_insert_with(|| {
                        self.keys.push(*key);
                        next
                    })
                }
            };
            last = Some((*key, *cell));
        }
        self.layout.within_limit(self.keys.len())?;
        self.table.grow(self.keys.len());
        Ok(())
    }
}
