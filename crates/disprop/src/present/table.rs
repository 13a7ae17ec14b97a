//! A readable table for terminal and notebook, under a "not for publication" banner.

use std::fmt::Write as _;

use disprop_stats::{Calculated, Interval};

use crate::gaps::{Contrast, Gap, Gaps};
use crate::measure::Measure;
use crate::present::text::{self, BANNER, STYLE, escaped, printed, thousands, wrapped};

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
    /// Returns the gaps as a table for a terminal, at most so many rows a measure.
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
        let most = rows.unwrap_or(usize::MAX);
        for (number, measure) in self.measures.iter().enumerate() {
            let all: Vec<&Gap> = self
                .rows
                .iter()
                .filter(|gap| gap.measure == number)
                .collect();
            let shown: Vec<Row> = all
                .iter()
                .take(most)
                .map(|gap| self.row(measure, gap))
                .collect();
            let _ = writeln!(
                text,
                "\n{}",
                heading(measure, &self.options.baseline.label())
            );
            text.push_str(&aligned(
                &self.headings(),
                &shown,
                !self.dimensions.is_empty(),
            ));
            if shown.len() < all.len() {
                let _ = writeln!(text, "… and {} more rows", all.len() - shown.len());
            }
        }
        let _ = writeln!(text, "\n{}", wrapped(&self.note(), 96));
        text
    }

    /// Returns the gaps as an HTML table for a notebook, at most so many rows a measure.
    ///
    /// Every text is escaped: a value from a file cannot become markup.
    pub fn to_html(&self, rows: Option<usize>) -> String {
        let mut html = format!("<div class=\"disprop\">{STYLE}<p><strong>{BANNER}</strong></p>");
        let most = rows.unwrap_or(usize::MAX);
        for (number, measure) in self.measures.iter().enumerate() {
            let all: Vec<&Gap> = self
                .rows
                .iter()
                .filter(|gap| gap.measure == number)
                .collect();
            let shown: Vec<Row> = all
                .iter()
                .take(most)
                .map(|gap| self.row(measure, gap))
                .collect();
            let caption = escaped(&heading(measure, &self.options.baseline.label()));
            let _ = write!(html, "<table><caption>{caption}</caption><thead><tr>");
            for (name, heading) in self.headings() {
                let heading = escaped(&heading);
                let class = class(name);
                let _ = write!(html, "<th scope=\"col\"{class}>{heading}</th>");
            }
            html.push_str("</tr></thead><tbody>");
            for row in &shown {
                html.push_str("<tr>");
                for (name, cell) in columns(row, !self.dimensions.is_empty()) {
                    let cell = escaped(cell);
                    let _ = match name {
                        "Group" => write!(html, "<th scope=\"row\">{cell}</th>"),
                        _ => write!(html, "<td{}>{cell}</td>", class(name)),
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

    /// Names of the columns with their headings; places go by the names of the dimensions.
    fn headings(&self) -> Vec<(&'static str, String)> {
        let heading = |name: &'static str| match name {
            "Place" => (name, self.dimensions.join(" · ")),
            _ => (name, name.to_owned()),
        };
        HEADINGS
            .into_iter()
            .skip(usize::from(self.dimensions.is_empty()))
            .map(heading)
            .collect()
    }

    fn row(&self, measure: &Measure, gap: &Gap) -> Row {
        let factor = measure.unit.factor();
        let decimals = usize::from(measure.decimals);
        let place: Vec<&str> = gap
            .place
            .iter()
            .map(|value| value.as_deref().unwrap_or("(missing)"))
            .collect();
        let ends = |contrast: &Contrast, by: f64, dp: usize, sign| {
            let pair = |i: Interval| {
                format!(
                    "{} to {}",
                    printed(i.lower, dp, sign),
                    printed(i.upper, dp, sign)
                )
            };
            let Ok(value) = contrast.value else {
                let range = contrast.range.map(|range| range.scale(by));
                return range.map_or("–".to_owned(), |range| format!("from {}", pair(range)));
            };
            let value = printed(value * by, dp, sign);
            match contrast.interval.map(|i| i.scale(by)) {
                Ok(i) => format!("{value} ({})", pair(i)),
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
            gap: ends(&gap.difference, factor, decimals, true),
            ratio: ends(&gap.ratio, 1.0, 2, false),
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

fn class(name: &str) -> &'static str {
    if is_number(name) {
        " class=\"number\""
    } else {
        ""
    }
}

fn is_number(name: &str) -> bool {
    !matches!(name, "Place" | "Group" | "Finding")
}

fn columns(row: &Row, places: bool) -> impl Iterator<Item = (&'static str, &str)> {
    HEADINGS
        .into_iter()
        .zip(row.cells())
        .skip(usize::from(!places))
}

fn aligned(headings: &[(&'static str, String)], rows: &[Row], places: bool) -> String {
    let headings: Vec<(String, bool)> = headings
        .iter()
        .map(|(name, heading)| (heading.clone(), is_number(name)))
        .collect();
    let rows: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| columns(row, places).map(|(_, cell)| cell).collect())
        .collect();
    text::aligned(&headings, &rows)
}
