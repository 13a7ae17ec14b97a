//! A readable table for terminal and notebook, under a "not for publication" banner.

use std::fmt::Write as _;

use disprop_stats::{Calculated, Interval};

use crate::gaps::{Gap, Gaps};
use crate::measure::Measure;

const BANNER: &str = "Not for publication: no disclosure control has been applied.";

/// The cells of one printed row.
struct Row {
    place: String,
    group: String,
    n: String,
    value: String,
    baseline: String,
    gap: String,
    ratio: String,
    finding: String,
}

const HEADINGS: [&str; 8] = [
    "Place",
    "Group",
    "Number",
    "Value",
    "Baseline",
    "Gap (interval)",
    "Ratio",
    "Finding",
];

impl Row {
    fn cells(&self) -> [&str; 8] {
        [
            &self.place,
            &self.group,
            &self.n,
            &self.value,
            &self.baseline,
            &self.gap,
            &self.ratio,
            &self.finding,
        ]
    }
}

impl Gaps {
    /// Returns the gaps as a table for a terminal, at most so many rows of it.
    ///
    /// # Example: a banner comes first, the note last
    /// ```
    /// # use disprop::{Cohort, Columns, GapOptions, measure};
    /// # let frame = polars::prelude::df!("ethnicity" => ["BCRB", "WBRI"], "suspensions" => [1, 0])?;
    /// # let cohort = Cohort::new(frame, Columns::npd())?;
    /// let gaps = cohort.tally(&[measure("suspensions")?], &[])?.gaps(&GapOptions::default())?;
    /// assert!(gaps.to_text(None).starts_with("Not for publication"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_text(&self, rows: Option<usize>) -> String {
        let mut text = format!("{BANNER}\n");
        let mut left = rows.unwrap_or(usize::MAX);
        for (number, measure) in self.measures.iter().enumerate() {
            let all: Vec<&Gap> = self
                .rows
                .iter()
                .filter(|gap| gap.measure == number)
                .collect();
            let shown: Vec<Row> = all
                .iter()
                .take(left)
                .map(|gap| self.row(measure, gap))
                .collect();
            left = left.saturating_sub(shown.len());
            let _ = writeln!(
                text,
                "\n{}",
                heading(measure, &self.options.baseline.label())
            );
            text.push_str(&aligned(&shown, !self.dimensions.is_empty()));
            if shown.len() < all.len() {
                let _ = writeln!(text, "… and {} more rows", all.len() - shown.len());
            }
        }
        let _ = writeln!(text, "\n{}", wrapped(&self.note(), 96));
        text
    }

    /// Returns the gaps as an HTML table for a notebook, at most so many rows of it.
    ///
    /// Every text is escaped: a value from a file cannot become markup.
    pub fn to_html(&self, rows: Option<usize>) -> String {
        let mut html = format!("<div class=\"disprop\"><p><strong>{BANNER}</strong></p>");
        let mut left = rows.unwrap_or(usize::MAX);
        for (number, measure) in self.measures.iter().enumerate() {
            let all: Vec<&Gap> = self
                .rows
                .iter()
                .filter(|gap| gap.measure == number)
                .collect();
            let shown: Vec<Row> = all
                .iter()
                .take(left)
                .map(|gap| self.row(measure, gap))
                .collect();
            left = left.saturating_sub(shown.len());
            let caption = escaped(&heading(measure, &self.options.baseline.label()));
            let _ = write!(html, "<table><caption>{caption}</caption><thead><tr>");
            for name in headings(!self.dimensions.is_empty()) {
                let _ = write!(html, "<th scope=\"col\">{name}</th>");
            }
            html.push_str("</tr></thead><tbody>");
            for row in &shown {
                html.push_str("<tr>");
                for (name, cell) in columns(row, !self.dimensions.is_empty()) {
                    let cell = escaped(cell);
                    let _ = match name {
                        "Group" => write!(html, "<th scope=\"row\">{cell}</th>"),
                        _ => write!(html, "<td>{cell}</td>"),
                    };
                }
                html.push_str("</tr>");
            }
            html.push_str("</tbody></table>");
            if shown.len() < all.len() {
                let _ = write!(html, "<p>… and {} more rows</p>", all.len() - shown.len());
            }
        }
        let _ = write!(html, "<p>{}</p></div>", escaped(&self.note()));
        html
    }

    fn row(&self, measure: &Measure, gap: &Gap) -> Row {
        let factor = measure.unit.factor();
        let decimals = usize::from(measure.decimals);
        let place: Vec<&str> = gap
            .place
            .iter()
            .map(|value| value.as_deref().unwrap_or("(missing)"))
            .collect();
        let ends =
            |value: Calculated<f64>, ends: Calculated<Interval>, by: f64, dp: usize, sign| {
                let Ok(value) = value else {
                    return "–".to_owned();
                };
                let value = printed(value * by, dp, sign);
                match ends.map(|i| i.scale(by)) {
                    Ok(i) => format!(
                        "{value} ({} to {})",
                        printed(i.lower, dp, sign),
                        printed(i.upper, dp, sign)
                    ),
                    Err(_) => value,
                }
            };
        let value =
            |v: Calculated<f64>| v.map_or("–".into(), |v| printed(v * factor, decimals, false));
        let mut finding = gap.verdict.to_string();
        if gap.difference.value.is_err() || gap.difference.interval.is_err() {
            let _ = write!(finding, " [{}]", gap.reasons());
        }
        if let Some(note) = &gap.series {
            let _ = write!(finding, " [b: {note}]");
        }
        Row {
            place: place.join(" · "),
            group: self
                .groups
                .get(gap.of)
                .map_or_else(String::new, |g| g.label.clone()),
            n: gap.group.n.map_or("–".into(), thousands),
            value: value(gap.group.value),
            baseline: value(gap.baseline.value),
            gap: ends(
                gap.difference.value,
                gap.difference.interval,
                factor,
                decimals,
                true,
            ),
            ratio: ends(gap.ratio.value, gap.ratio.interval, 1.0, 2, false),
            finding,
        }
    }
}

fn heading(measure: &Measure, baseline: &str) -> String {
    let unit = measure.unit.label();
    let unit = if unit.is_empty() {
        unit
    } else {
        format!(", {unit}")
    };
    format!("{}{unit}: each group against {baseline}", measure.label)
}

fn headings(places: bool) -> impl Iterator<Item = &'static str> {
    HEADINGS.into_iter().skip(usize::from(!places))
}

fn columns(row: &Row, places: bool) -> impl Iterator<Item = (&'static str, &str)> {
    HEADINGS
        .into_iter()
        .zip(row.cells())
        .skip(usize::from(!places))
}

fn aligned(rows: &[Row], places: bool) -> String {
    let mut widths: Vec<usize> = headings(places).map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, (_, cell)) in widths.iter_mut().zip(columns(row, places)) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let line = |cells: Vec<(&str, &str)>, text: &mut String| {
        for ((name, cell), width) in cells.iter().zip(&widths) {
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            let _ = match *name {
                "Place" | "Group" | "Finding" => write!(text, "{cell}{pad}  "),
                _ => write!(text, "{pad}{cell}  "),
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    };
    line(headings(places).map(|h| (h, h)).collect(), &mut text);
    for row in rows {
        line(columns(row, places).collect(), &mut text);
    }
    text
}

/// Rounds half away from zero, as DfE does; a difference carries its sign (DOMAIN 12).
fn printed(value: f64, decimals: usize, sign: bool) -> String {
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

fn thousands(n: i64) -> String {
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

fn escaped(text: &str) -> String {
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

fn wrapped(text: &str, width: usize) -> String {
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
