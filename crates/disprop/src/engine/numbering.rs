//! The number of a row's cell, from its codes; narrow integers go through more at a time.

use std::ops::Range;

use crate::cohort::encode::Codes;

/// Cell number so far × size of the column + code of the row. The caller picks a width that holds
/// every cell, so that nothing wraps but the size of a column with all of them, times zero.
macro_rules! numbering {
    ($name:ident, $int:ty) => {
        pub(crate) fn $name(cells: &mut [$int], codes: &Codes, block: &Range<usize>, size: $int) {
            macro_rules! fold {
                ($codes:expr) => {
                    for (cell, code) in cells.iter_mut().zip($codes) {
                        *cell = cell.wrapping_mul(size).wrapping_add(*code as $int);
                    }
                };
            }
            match codes {
                Codes::U8(v) => fold!(v.get(block.clone()).unwrap_or_default()),
                Codes::U16(v) => fold!(v.get(block.clone()).unwrap_or_default()),
                Codes::U32(v) => fold!(v.get(block.clone()).unwrap_or_default()),
            }
        }
    };
}
numbering!(number_narrow, u16);
numbering!(number_plain, u32);
numbering!(number_wide, u64);
