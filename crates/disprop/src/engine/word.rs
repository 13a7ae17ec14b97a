//! Integers that sums are kept in.

use std::ops::AddAssign;

/// An integer that sums are kept in.
pub(crate) trait Word: Copy + Default + AddAssign + Send + Sync + Into<i128> {
    fn from_word(value: i64) -> Self;
    fn product(a: i64, b: i64) -> Self;
    /// Returns what is known to fit in 32 bits.
    fn narrow(self) -> i32;
}

impl Word for i64 {
    fn from_word(value: i64) -> Self {
        value
    }
    fn product(a: i64, b: i64) -> Self {
        a * b
    }
    fn narrow(self) -> i32 {
        self as i32
    }
}

impl Word for i128 {
    fn from_word(value: i64) -> Self {
        value.into()
    }
    fn product(a: i64, b: i64) -> Self {
        i128::from(a) * i128::from(b)
    }
    fn narrow(self) -> i32 {
        self as i32
    }
}
