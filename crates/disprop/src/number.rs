//! Numbers in the text of sentences and labels.

/// Returns a number without needless digits: 95, 2.5.
pub(crate) fn plain(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn six_decimals_at_most_and_no_needless_ones() {
        let texts = [95.0, 2.5, -0.1 - 0.2, 1e9].map(plain);
        assert_eq!(texts, ["95", "2.5", "-0.3", "1000000000"]);
    }
}
