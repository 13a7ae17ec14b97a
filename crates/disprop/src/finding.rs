//! What checks find in data: gathered, counted, and reported all at once.

use std::fmt;

use serde::Serialize;

/// How many row numbers a finding keeps.
pub const ROWS_SHOWN: usize = 5;

/// Whether a finding stops the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The data cannot be used until this is settled.
    Refused,
    /// The data can be used; the reader should know.
    Warning,
}

/// One kind of problem in one column, with how many rows have it.
///
/// A finding never holds a pupil identifier, nor a value that so few rows share that it could be
/// one; row numbers let the owner of the data find the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable slug, such as `absent_over_possible`.
    pub kind: &'static str,
    /// Whether the work stops.
    pub severity: Severity,
    /// The column as the caller's data name it, where one column is at fault.
    pub column: Option<String>,
    /// Number of rows with the problem; 0 for problems of the whole table.
    pub rows: u64,
    /// The first row numbers, counted from 1 without the header.
    pub first_rows: Vec<u64>,
    /// What was found and what was expected.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// Returns a finding that stops the work.
    pub fn refused(kind: &'static str, message: impl Into<String>) -> Self {
        Finding {
            kind,
            severity: Severity::Refused,
            column: None,
            rows: 0,
            first_rows: Vec::new(),
            message: message.into(),
            hint: None,
        }
    }

    /// Returns a finding that the reader should know of.
    pub fn warning(kind: &'static str, message: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Warning,
            ..Finding::refused(kind, message)
        }
    }

    /// Returns the finding with the column it is about.
    #[must_use]
    pub fn column(mut self, column: &str) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Returns the finding with the rows it was found in.
    #[must_use]
    pub fn rows(mut self, rows: &RowNumbers) -> Self {
        self.rows = rows.count;
        self.first_rows = rows.first.clone();
        self
    }

    /// Returns the finding with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns whether the finding stops the work.
    pub fn is_refusal(&self) -> bool {
        self.severity == Severity::Refused
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column `{column}`: ")?;
        }
        write!(f, "{}", self.message)?;
        let plural = if self.rows == 1 { "row" } else { "rows" };
        if self.rows > 0 && self.first_rows.is_empty() {
            // A database has no order of rows to number them by.
            write!(f, " ({} {plural})", self.rows)?;
        } else if self.rows > 0 {
            let rows: Vec<String> = self.first_rows.iter().map(ToString::to_string).collect();
            let more = if self.rows as usize > self.first_rows.len() {
                ", …"
            } else {
                ""
            };
            write!(f, " ({} {plural}: {}{more})", self.rows, rows.join(", "))?;
        }
        Ok(())
    }
}

/// Counts rows with a problem and keeps the first few numbers, in row order.
#[derive(Debug, Clone, Default)]
pub struct RowNumbers {
    /// How many.
    pub count: u64,
    /// The first few, counted from 1.
    pub first: Vec<u64>,
}

impl RowNumbers {
    /// Notes that the row at this position, counted from 0, has the problem.
    pub fn note(&mut self, position: usize) {
        self.count += 1;
        if self.first.len() < ROWS_SHOWN {
            self.first.push(position as u64 + 1);
        }
    }

    /// Returns these rows with more that come after them.
    pub(crate) fn then(mut self, later: RowNumbers) -> Self {
        self.count += later.count;
        let room = ROWS_SHOWN.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
        self
    }

    /// Returns whether no row has the problem.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Returns the known name nearest to `found`, where one is near enough to be meant.
///
/// Nearness is the edit distance over lower-case letters and digits; at most a third of the
/// letters may differ, or one name must contain the other.
pub fn nearest<'a, S: AsRef<str>>(found: &str, known: &'a [S]) -> Option<&'a str> {
    let plain = |s: &str| -> Vec<char> {
        s.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .take(64)
            .collect()
    };
    let wanted = plain(found);
    if wanted.is_empty() {
        return None;
    }
    known
        .iter()
        .map(AsRef::as_ref)
        .filter_map(|name| {
            let candidate = plain(name);
            let distance = edit_distance(&wanted, &candidate);
            let within =
                |a: &[char], b: &[char]| a.len() >= 4 && b.windows(a.len()).any(|w| w == a);
            let near = distance * 3 <= wanted.len().max(candidate.len())
                || within(&wanted, &candidate)
                || within(&candidate, &wanted);
            near.then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in previous.iter_mut().skip(1).zip(b) {
            let best = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = previous.first_mut() {
            *first = i + 1;
        }
    }
    previous.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keys_finds_its_column() {
        let known = ["ethnicity", "sessions_possible", "year"];
        assert_eq!(nearest("ethnicty", &known), Some("ethnicity"));
        assert_eq!(
            nearest("SessionsPossible_ab24", &known),
            Some("sessions_possible")
        );
        assert_eq!(nearest("postcode", &known), None);
        assert_eq!(nearest("", &known), None);
    }

    #[test]
    fn row_numbers_count_from_one_and_stop_at_five() {
        let mut rows = RowNumbers::default();
        (10..100).for_each(|i| rows.note(i));
        let finding = Finding::refused("negative", "negative value")
            .column("x")
            .rows(&rows);
        assert_eq!(
            finding.to_string(),
            "column `x`: negative value (90 rows: 11, 12, 13, 14, 15, …)"
        );
    }
}
