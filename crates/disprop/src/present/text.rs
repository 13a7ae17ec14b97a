//! Texts of readable tables: rounding, thousands, escaping, alignment, the banner.

/// Numbers to the right in figures of one width, texts to the left; inside the notebook's colours.
///
/// The class stands twice so that the rules outweigh those that a notebook has for every table.
pub(super) const STYLE: &str = "<style>.disprop.disprop{overflow-x:auto}\
.disprop.disprop table{border-collapse:collapse;table-layout:auto;margin:.5em 0 1em}\
.disprop.disprop caption{text-align:left;font-weight:bold;padding:.3em 0;caption-side:top}\
.disprop.disprop th,.disprop.disprop td{padding:.2em .7em;text-align:left;vertical-align:top;\
border-bottom:1px solid #ccc}\
.disprop.disprop th[scope=row]{font-weight:normal}\
.disprop.disprop .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
</style>";
pub(super) const BANNER: &str = "Not for publication: no disclosure control has been applied.";

/// Rounds half away from zero, as DfE does; a difference carries its sign (DOMAIN 12).
pub(super) fn printed(value: f64, decimals: usize, sign: bool) -> String {
    let scale = 10_f64.powi(decimals as i32);
    let rounded = (value * scale * (1.0 + 4.0 * f64::EPSILON)).round() / scale;
    // Minus zero is zero.
    let rounded = if rounded == 0.0 { 0.0 } else { rounded };
    let text = format!("{rounded:.decimals$}");
    if sign && rounded > 0.0 {
        format!("+{text}")
    } else {
        text.replace('-', "−")
    }
}

pub(super) fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0 { format!("−{text}") } else { text }
}

pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|line| {
            !line.is_empty() && line.chars().count() + word.chars().count() >= width
        });
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// Sets rows under headings, numbers to the right; each heading says whether its column is numbers.
pub(super) fn aligned(headings: &[(String, bool)], rows: &[Vec<&str>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|(h, _)| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        for ((cell, (_, number)), width) in cells.zip(headings).zip(&widths) {
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) = if *number {
                (pad.as_str(), "")
            } else {
                ("", pad.as_str())
            };
            text.extend([before, cell, after, "  "]);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    };
    line(&mut headings.iter().map(|(heading, _)| heading.as_str()));
    for row in rows {
        line(&mut row.iter().copied());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero_and_markup_is_inert() {
        assert_eq!(printed(0.25, 1, false), "0.3");
        assert_eq!(printed(-2.675, 2, true), "−2.68");
        assert_eq!(printed(1.0, 1, true), "+1.0");
        assert_eq!(printed(-0.001, 1, true), "0.0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(escaped("<script>'x'"), "&lt;script&gt;&#39;x&#39;");
    }
}
