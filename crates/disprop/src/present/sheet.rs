//! A table of any analysis: a tidy frame with its title, its notes and a readable form.

use std::fmt::Write as _;

use polars::prelude::{Column, DataFrame, DataType};

use crate::error::Error;
use crate::present::text::{BANNER, STYLE, aligned, escaped, printed, thousands, wrapped};

/// A tidy frame with what a reader needs beside it.
///
/// The frame holds full precision; [`to_text`](Sheet::to_text) and [`to_html`](Sheet::to_html)
/// round, join a number with its `_lower` and `_upper`, and leave out codes that have labels.
///
/// # Example: a value with its interval in one cell
/// ```
/// use disprop::present::Sheet;
/// let frame = polars::prelude::df!(
///     "group" => ["BCRB"], "group_label" => ["Black Caribbean"], "gap" => [1.234],
///     "gap_lower" => [0.5], "gap_upper" => [2.0], "reason" => [None::<&str>],
/// )?;
/// let sheet = Sheet::new("adjusted", "Adjusted gaps", frame).note("Raw and adjusted together.");
/// let text = sheet.to_text(None)?;
/// assert!(text.contains("1.23 (0.50 to 2.00)") && !text.contains("BCRB"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What the rows are, in snake case: `changes`, `adjusted`, `funnel`.
    pub kind: String,
    /// One line over the table.
    pub title: String,
    /// What must be said under it.
    pub notes: Vec<String>,
    /// The rows at full precision.
    pub frame: DataFrame,
    /// Columns of the readable form, in its order; all where empty.
    pub shown: Vec<String>,
    /// Whether the rows describe pupils, so that the banner stands over them.
    pub restricted: bool,
}

/// One column of the readable form.
struct Shown {
    heading: String,
    number: bool,
    cells: Vec<String>,
}

impl Shown {
    fn cell(&self, row: usize) -> &str {
        self.cells.get(row).map_or("", String::as_str)
    }
}

impl Sheet {
    /// Returns a table of results, which stands under the "not for publication" banner.
    pub fn new(kind: &str, title: &str, frame: DataFrame) -> Self {
        Sheet {
            kind: kind.into(),
            title: title.into(),
            notes: Vec::new(),
            frame,
            shown: Vec::new(),
            restricted: true,
        }
    }

    /// Returns a table that says nothing of any pupil: codes, methods, synthetic rows.
    pub fn open(kind: &str, title: &str, frame: DataFrame) -> Self {
        Sheet {
            restricted: false,
            ..Sheet::new(kind, title, frame)
        }
    }

    /// Returns the table with one more note; an empty one is left out.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self.notes.retain(|note| !note.is_empty());
        self
    }

    /// Returns the table with only these columns in its readable form.
    #[must_use]
    pub fn showing(mut self, columns: &[&str]) -> Self {
        self.shown = columns.iter().map(ToString::to_string).collect();
        self
    }

    /// Returns the notes as one text.
    pub fn notes_text(&self) -> String {
        self.notes.join(" ")
    }

    /// Returns the table for a terminal, with at most so many rows.
    ///
    /// # Errors
    /// `frame.polars`, where a column cannot be read.
    pub fn to_text(&self, rows: Option<usize>) -> Result<String, Error> {
        let shown = self.readable(rows)?;
        let height = self.height(rows);
        let mut text = String::new();
        if self.restricted {
            let _ = writeln!(text, "{BANNER}\n");
        }
        if !self.title.is_empty() {
            let _ = writeln!(text, "{}", wrapped(&self.title, 96));
        }
        let headings: Vec<(String, bool)> = shown
            .iter()
            .map(|column| (column.heading.clone(), column.number))
            .collect();
        let lines: Vec<Vec<&str>> = (0..height)
            .map(|row| shown.iter().map(|column| column.cell(row)).collect())
            .collect();
        text.push_str(&aligned(&headings, &lines));
        if height < self.frame.height() {
            let _ = writeln!(text, "… and {} more rows", self.frame.height() - height);
        }
        for note in &self.notes {
            let _ = write!(text, "\n{}\n", wrapped(note, 96));
        }
        Ok(text)
    }

    /// Returns the table as HTML for a notebook, with at most so many rows and every text escaped.
    ///
    /// # Errors
    /// `frame.polars`, where a column cannot be read.
    pub fn to_html(&self, rows: Option<usize>) -> Result<String, Error> {
        let shown = self.readable(rows)?;
        let height = self.height(rows);
        let mut html = format!("<div class=\"disprop\">{STYLE}");
        if self.restricted {
            let _ = write!(html, "<p><strong>{BANNER}</strong></p>");
        }
        html.push_str("<table>");
        if !self.title.is_empty() {
            let _ = write!(html, "<caption>{}</caption>", escaped(&self.title));
        }
        html.push_str("<thead><tr>");
        for column in &shown {
            let _ = write!(
                html,
                "<th scope=\"col\"{}>{}</th>",
                class(column.number),
                escaped(&column.heading)
            );
        }
        html.push_str("</tr></thead><tbody>");
        // The row is named by its group where it has one, else by its first column.
        let head = shown.iter().position(|column| column.heading == "Group");
        for row in 0..height {
            html.push_str("<tr>");
            for (place, column) in shown.iter().enumerate() {
                let cell = escaped(column.cell(row));
                let _ = if place == head.unwrap_or(0) {
                    write!(html, "<th scope=\"row\">{cell}</th>")
                } else {
                    write!(html, "<td{}>{cell}</td>", class(column.number))
                };
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
        if height < self.frame.height() {
            let more = self.frame.height() - height;
            let _ = write!(html, "<p>… and {more} more rows</p>");
        }
        for note in &self.notes {
            let _ = write!(html, "<p>{}</p>", escaped(note));
        }
        html.push_str("</div>");
        Ok(html)
    }

    fn height(&self, rows: Option<usize>) -> usize {
        rows.map_or(self.frame.height(), |most| most.min(self.frame.height()))
    }

    /// The columns in print: chosen, joined with their intervals, rounded.
    fn readable(&self, rows: Option<usize>) -> Result<Vec<Shown>, Error> {
        let head = self.frame.head(Some(self.height(rows)));
        let all: Vec<&str> = head.get_column_names().iter().map(|n| n.as_str()).collect();
        let wanted: Vec<&str> = if self.shown.is_empty() {
            let joined = |name: &str| {
                let of = |end: &str| {
                    name.strip_suffix(end)
                        .is_some_and(|value| all.contains(&value))
                };
                of("_lower") || of("_upper") || all.contains(&format!("{name}_label").as_str())
            };
            all.iter().copied().filter(|name| !joined(name)).collect()
        } else {
            let chosen = self.shown.iter().map(String::as_str);
            chosen.filter(|name| all.contains(name)).collect()
        };
        let mut shown = Vec::with_capacity(wanted.len());
        for name in wanted {
            let column = head.column(name)?;
            let end = |end: &str| head.column(&format!("{name}{end}")).ok();
            shown.push(match (end("_lower"), end("_upper")) {
                (Some(lower), Some(upper)) => with_ends(name, [column, lower, upper])?,
                _ => alone(name, column)?,
            });
        }
        Ok(shown)
    }
}

fn class(number: bool) -> &'static str {
    if number { " class=\"number\"" } else { "" }
}

/// `group_label` → "Group", `baseline_n` → "Baseline n".
fn heading(name: &str) -> String {
    let words = name
        .strip_suffix("_label")
        .unwrap_or(name)
        .replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

fn floats(column: &Column) -> Result<Vec<Option<f64>>, Error> {
    let series = column.as_materialized_series().cast(&DataType::Float64)?;
    Ok(series.f64()?.iter().collect())
}

/// Decimals that keep about three figures of the larger values of a column.
fn decimals<'a>(values: impl Iterator<Item = &'a Option<f64>>) -> usize {
    let (mut largest, mut whole) = (0.0_f64, true);
    for value in values.flatten() {
        largest = largest.max(value.abs());
        whole &= value.fract() == 0.0;
    }
    match largest {
        _ if whole => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        _ => 3,
    }
}

/// A p-value is never printed as zero.
fn number(name: &str, value: f64, decimals: usize) -> String {
    let is_p = name == "p" || name.starts_with("p_") || name.ends_with("_p");
    if is_p && (0.0..0.0005).contains(&value) {
        return "<0.001".into();
    }
    printed(value, if is_p { 3 } else { decimals }, false)
}

fn with_ends(name: &str, columns: [&Column; 3]) -> Result<Shown, Error> {
    let [values, lower, upper] = columns.map(floats);
    let (values, lower, upper) = (values?, lower?, upper?);
    let dp = decimals(values.iter().chain(&lower).chain(&upper));
    let cells = values.iter().zip(lower.iter().zip(&upper));
    let cells = cells.map(|(value, ends)| {
        let text = |value: &f64| number(name, *value, dp);
        match (value, ends) {
            (Some(value), (Some(a), Some(b))) => {
                format!("{} ({} to {})", text(value), text(a), text(b))
            }
            (Some(value), _) => text(value),
            (None, (Some(a), Some(b))) => format!("({} to {})", text(a), text(b)),
            (None, _) => "–".into(),
        }
    });
    Ok(Shown {
        heading: format!("{} (interval)", heading(name)),
        number: true,
        cells: cells.collect(),
    })
}

fn alone(name: &str, column: &Column) -> Result<Shown, Error> {
    let series = column.as_materialized_series();
    let dash = || "–".to_owned();
    let (number, cells) = match series.dtype() {
        dtype if dtype.is_integer() => {
            let whole = series.cast(&DataType::Int64)?;
            let cells = whole.i64()?.iter().map(|v| v.map_or_else(dash, thousands));
            (true, cells.collect())
        }
        dtype if dtype.is_float() => {
            let values = floats(column)?;
            let dp = decimals(values.iter());
            let text = |v: &Option<f64>| v.map_or_else(dash, |v| number(name, v, dp));
            (true, values.iter().map(text).collect())
        }
        _ => {
            let text = series.cast(&DataType::String)?;
            let cells = text.str()?.iter().map(|v| v.unwrap_or("").to_owned());
            (false, cells.collect())
        }
    };
    Ok(Shown {
        heading: heading(name),
        number,
        cells,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::df;

    fn sheet() -> Sheet {
        let frame = df!(
            "group" => ["A", "B"],
            "group_label" => ["<b>A</b>", "Bee"],
            "gap" => [Some(12.345), None],
            "gap_lower" => [Some(-1.0), None],
            "gap_upper" => [Some(20.0), None],
            "pupils" => [1_234_567_i64, 0],
            "homogeneity_p" => [1e-9, 0.5],
            "reason" => [None, Some("no_group")],
        );
        Sheet::new("adjusted", "Adjusted <gaps>", frame.unwrap()).note("Mind the & gap.")
    }

    #[test]
    fn numbers_are_rounded_joined_and_never_made_up() {
        let text = sheet().to_text(None).unwrap();
        assert!(text.starts_with("Not for publication"), "{text}");
        assert!(text.contains("12.3 (−1.0 to 20.0)"), "{text}");
        assert!(
            text.contains("1,234,567") && text.contains("<0.001"),
            "{text}"
        );
        assert!(text.contains('–') && text.contains("no_group"), "{text}");
        assert!(!text.contains("gap_lower") && !text.contains("Gap lower"));
    }

    #[test]
    fn markup_in_values_is_inert_and_headers_have_scopes() {
        let html = sheet().to_html(Some(1)).unwrap();
        assert!(!html.contains("<b>A") && html.contains("&lt;b&gt;A"));
        assert!(html.contains("<caption>Adjusted &lt;gaps&gt;</caption>"));
        assert!(html.contains("scope=\"row\"") && html.contains("scope=\"col\""));
        assert!(html.contains("1 more rows"));
        assert!(
            !Sheet::open("codes", "", sheet().frame)
                .to_html(None)
                .unwrap()
                .contains(BANNER)
        );
    }

    #[test]
    fn only_the_columns_asked_for_are_shown() {
        let text = sheet()
            .showing(&["group_label", "pupils"])
            .to_text(None)
            .unwrap();
        assert!(
            text.contains("Pupils") && !text.contains("Reason"),
            "{text}"
        );
    }
}
