//! The order in which categories are listed.

use std::cmp::Ordering;

/// Orders text as people do: "2" before "10", "R" after the digits.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let number = |s: &str| s.parse::<u64>().ok();
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_first_and_in_their_own_order() {
        let mut values = ["R", "10", "2", "02", "1"];
        values.sort_by(|a, b| natural(a, b));
        assert_eq!(values, ["1", "02", "2", "10", "R"]);
    }
}
