//! Reading the oracle tables in place, and holding results against them.
//!
//! The tables are looked for under `$DISPROP_SHARED/oracles`, else in a folder `shared` beside any
//! parent of this crate. They are never copied into the repository.
// Tests read the shared files in place.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]
// Each test file is a crate of its own and uses its own part of this module.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use disprop_stats::{Calculated, Interval, Level, NotCalculable};

/// One line of a table, by column.
pub type Row = BTreeMap<String, String>;

/// How close is close enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    pub relative: f64,
    pub absolute: f64,
}

/// The agreement asked of a closed form.
pub const CLOSED: Tolerance = Tolerance {
    relative: 1e-9,
    absolute: 1e-12,
};

impl Tolerance {
    /// Widened by what the oracle's own rounding to `places` decimals hides.
    pub const fn rounded(self, places: i32) -> Self {
        let mut half = 0.5 + 1e-4;
        let mut place = 0;
        while place < places {
            half /= 10.0;
            place += 1;
        }
        Tolerance {
            relative: self.relative,
            absolute: self.absolute + half,
        }
    }

    pub fn met(self, got: f64, want: f64) -> bool {
        (got - want).abs() <= self.absolute + self.relative * want.abs()
    }
}

/// The folder of this crate, read when run: one built in would be that of whichever clone built it last.
fn krate() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo"))
}

fn folder() -> Option<PathBuf> {
    if let Some(shared) = std::env::var_os("DISPROP_SHARED") {
        return Some(PathBuf::from(shared).join("oracles")).filter(|path| path.is_dir());
    }
    krate()
        .ancestors()
        .map(|up| up.join("shared/oracles"))
        .find(|path| path.is_dir())
}

/// The path of a table, or a visible line on standard error that it was skipped.
fn found(name: &str) -> Option<PathBuf> {
    // Published worked examples lie beside the oracles, under `data/`.
    let within = if name.starts_with("data/") { ".." } else { "." };
    let path = folder()
        .map(|folder| folder.join(within).join(name))
        .filter(|path| path.is_file());
    if path.is_none() {
        // Past the capture of test output, so that a run without oracles cannot look like one with.
        let line = format!("\nSKIPPED 1 oracle table: shared data not found ({name})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    path
}

/// The path of `docs/oracles.md`.
fn page() -> PathBuf {
    krate().join("../../docs/oracles.md")
}

/// Holds the line of a comparison in `docs/oracles.md` to what was just compared.
///
/// With `ORACLES=write` in the environment the line is written instead.
pub fn record(table: &str, what: &str, compared: usize, reasons: usize, left_out: &str) {
    let mut key = String::new();
    write!(key, "| `{table}` | {what} |").unwrap();
    let mut line = key.clone();
    write!(line, " {compared} | {reasons} | {left_out} |").unwrap();
    let text = std::fs::read_to_string(page()).unwrap_or_default();
    if text.lines().any(|found| found == line) {
        return;
    }
    assert!(
        std::env::var_os("ORACLES").is_some_and(|mode| mode == "write"),
        "docs/oracles.md does not hold this line; run this test with ORACLES=write:\n{line}"
    );
    // Tests of one binary run side by side.
    static WRITING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _held = WRITING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let text = std::fs::read_to_string(page()).unwrap();
    let (head, rest) = text.split_once("<!-- comparisons -->\n").unwrap();
    let (old, tail) = rest.split_once("<!-- end -->").unwrap();
    let (heading, old) = old.split_at(old.match_indices('\n').nth(1).unwrap().0 + 1);
    let mut lines: Vec<&str> = old.lines().filter(|old| !old.starts_with(&key)).collect();
    lines.push(&line);
    lines.sort_unstable();
    let body = lines.join("\n");
    let text = format!("{head}<!-- comparisons -->\n{heading}{body}\n<!-- end -->{tail}");
    std::fs::write(page(), text).unwrap();
}

/// The names of all tables there are, as `r/one_rate.csv`; none where the folder is not found.
pub fn all_tables() -> Option<Vec<String>> {
    let folder = folder()?;
    let mut names = Vec::new();
    for part in ["python", "r"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".csv") || name.ends_with(".json") {
                names.push(format!("{part}/{name}"));
            }
        }
    }
    names.sort_unstable();
    Some(names)
}

/// The text of `docs/oracles.md`.
pub fn page_text() -> String {
    std::fs::read_to_string(page()).unwrap()
}

/// All rows of a CSV table.
pub fn csv(name: &str) -> Option<Vec<Row>> {
    let mut reader = csv::Reader::from_path(found(name)?).unwrap();
    Some(reader.deserialize().map(|row| row.unwrap()).collect())
}

/// All cases of a JSON table.
pub fn json(name: &str) -> Option<Vec<serde_json::Value>> {
    let text = std::fs::read_to_string(found(name)?).unwrap();
    let table: serde_json::Value = serde_json::from_str(&text).unwrap();
    Some(table["cases"].as_array().unwrap().clone())
}

/// A number as R or JSON writes it; none for `NA`, and for an error in its place.
pub fn number(text: &str) -> Option<f64> {
    match text {
        "NA" | "" => None,
        "Inf" | "inf" => Some(f64::INFINITY),
        "-Inf" | "-inf" => Some(f64::NEG_INFINITY),
        "NaN" | "nan" => Some(f64::NAN),
        other => Some(other.parse().unwrap()),
    }
}

/// A number as R writes it; none for words, also where they mean infinity.
pub fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|v| v.is_finite())
}

/// Whole numbers between semicolons.
pub fn numbers(text: &str) -> Vec<i64> {
    text.split(';')
        .filter(|s| !s.is_empty())
        .map(|s| s.parse().expect(s))
        .collect()
}

/// 1e-9 relative and 1e-12 absolute, as CONVENTIONS asks of closed forms.
#[track_caller]
pub fn close(got: f64, want: f64, what: &str) {
    within(got, want, 1e-9, what);
}

/// A stated relative precision: that of an iterated or printed oracle.
#[track_caller]
pub fn within(got: f64, want: f64, relative: f64, what: &str) {
    let by = Tolerance {
        relative,
        absolute: CLOSED.absolute,
    };
    assert!(by.met(got, want), "{what}: got {got}, want {want}");
}

#[track_caller]
pub fn close_to<T>(got: Calculated<T>, value: impl Fn(&T) -> f64, want: f64, what: &str) {
    match got {
        Ok(got) => close(value(&got), want, what),
        Err(reason) => panic!("{what}: {reason}, want {want}"),
    }
}

/// A JSON number, or one of the words that stand for what JSON cannot write.
pub fn json_number(value: &serde_json::Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str().and_then(number))
}

/// Both ends of a JSON interval; none where the call failed.
pub fn json_ends(value: &serde_json::Value) -> [Option<f64>; 2] {
    [json_number(&value[0]), json_number(&value[1])]
}

pub fn level(text: &str) -> Level {
    Level::new(text.parse().unwrap()).unwrap()
}

/// One stratum, or the only one: events and pupils of the group, events and pupils of the baseline.
pub type Counts = [f64; 4];

/// The score statistic of no difference over strata with Mantel–Haenszel weights, from the formula.
///
/// `shared` gives the proportions of both sides under the hypothesis from the one they share, and
/// `shrink` asks for N / (N − 1). With [`ratesci_difference`] and [`ratesci_ratio`] it is what
/// `ratesci` computes, to thirteen digits, although that is off the exact one in the ninth or tenth.
pub fn score_statistic(strata: &[Counts], shrink: bool, shared: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut score, mut variance) = (0.0, 0.0);
    for [a, n, c, m] in strata.iter().filter(|s| s[1] > 0.0 && s[3] > 0.0) {
        let all = n + m;
        let (p, q) = shared((a + c) / all);
        let spread = p * (1.0 - p) / n + q * (1.0 - q) / m;
        let weight = n * m / all;
        score += weight * (a / n - c / m);
        variance += weight * weight * spread * if shrink { all / (all - 1.0) } else { 1.0 };
    }
    score * score / variance
}

/// The exact proportions.
pub fn exactly(shared: f64) -> (f64, f64) {
    (shared, shared)
}

/// `scoretheta` in `R/scoreci.R` of ratesci rounds the baseline's proportion at ten places and
/// takes the group's from it.
pub fn ratesci_difference(shared: f64) -> (f64, f64) {
    exactly((shared * 1e10).round() / 1e10)
}

/// For ratios it then lifts the baseline's to 10⁻⁸, so that a stratum without events has a variance.
pub fn ratesci_ratio(shared: f64) -> (f64, f64) {
    let (p, q) = ratesci_difference(shared);
    (p, q.max(1e-8))
}

/// Counts what was compared and keeps what disagreed.
#[derive(Debug, Default)]
pub struct Report {
    pub compared: usize,
    /// How many of them have a typed reason where the oracle has no answer.
    pub reasons: usize,
    pub failures: Vec<String>,
}

impl Report {
    /// Holds an interval against an oracle's ends.
    ///
    /// Where the oracle failed, gave no number, an infinite end or an interval without width, what
    /// is asked for is a typed reason.
    pub fn ends(
        &mut self,
        name: &str,
        got: Calculated<Interval>,
        want: [Option<f64>; 2],
        by: Tolerance,
    ) {
        self.compared += 1;
        self.reasons += usize::from(got.is_err());
        let ok = match (want, got) {
            ([Some(lower), Some(upper)], Ok(got))
                if lower.is_finite() && upper.is_finite() && lower < upper =>
            {
                by.met(got.lower, lower) && by.met(got.upper, upper)
            }
            ([Some(lower), Some(upper)], _)
                if lower.is_finite() && upper.is_finite() && lower < upper =>
            {
                false
            }
            (_, got) => got.is_err(),
        };
        if !ok {
            self.failures
                .push(format!("{name}: got {got:?}, want {want:?}"));
        }
    }

    /// Holds one number against an oracle's.
    pub fn value(&mut self, name: &str, got: Calculated<f64>, want: Option<f64>, by: Tolerance) {
        self.compared += 1;
        self.reasons += usize::from(got.is_err());
        let ok = match (want.filter(|want| want.is_finite()), got) {
            (Some(want), Ok(got)) => by.met(got, want),
            (Some(_), Err(_)) => false,
            (None, got) => got.is_err(),
        };
        if !ok {
            self.failures
                .push(format!("{name}: got {got:?}, want {want:?}"));
        }
    }

    /// Holds a refusal against the reason it should have.
    pub fn refused<T: std::fmt::Debug>(
        &mut self,
        name: &str,
        got: Calculated<T>,
        want: NotCalculable,
    ) {
        self.compared += 1;
        self.reasons += usize::from(got.is_err());
        match got {
            Err(reason) if reason == want => {}
            got => self
                .failures
                .push(format!("{name}: got {got:?}, want {want:?}")),
        }
    }

    /// Passes where exactly `expected` values were compared, none disagreed and `docs/oracles.md`
    /// says so, with what was left out and why.
    pub fn settle(self, table: &str, what: &str, expected: usize, left_out: &str) {
        assert!(
            self.failures.is_empty(),
            "{} of {} disagree:\n{}",
            self.failures.len(),
            self.compared,
            self.failures.join("\n")
        );
        assert_eq!(self.compared, expected, "number of values compared");
        record(table, what, self.compared, self.reasons, left_out);
    }
}

/// Fails where a method of the table is neither answered nor exempt, or an exemption is stale.
pub fn account_for(
    rows: &[Row],
    key: impl Fn(&Row) -> String,
    answered: &[&str],
    exempt: &[(&str, &str)],
) {
    let present: std::collections::BTreeSet<String> = rows.iter().map(key).collect();
    for method in &present {
        let known = answered.contains(&method.as_str());
        let excused = exempt.iter().any(|(name, _)| name == method);
        assert!(
            known ^ excused,
            "`{method}` must be either answered or exempt"
        );
    }
    for (name, reason) in exempt {
        assert!(
            present.contains(*name),
            "the exemption of `{name}` is stale ({reason})"
        );
    }
    for name in answered {
        assert!(present.contains(*name), "no row of `{name}` to compare");
    }
}

/// The same for the keys of JSON cases: each is answered, exempt for a reason, or part of the input.
pub fn account_for_keys(
    cases: &[serde_json::Value],
    input: &[&str],
    answered: &[&str],
    exempt: &[(&[&str], &str)],
) {
    let objects = cases.iter().filter_map(|case| case.as_object());
    let present: std::collections::BTreeSet<&str> = objects
        .flat_map(|case| case.keys().map(String::as_str))
        .collect();
    let excused: Vec<&str> = exempt
        .iter()
        .flat_map(|(keys, _)| keys.iter().copied())
        .collect();
    let lists = [input, answered, excused.as_slice()];
    for key in &present {
        let times = lists.iter().filter(|list| list.contains(key)).count();
        assert!(
            times == 1,
            "`{key}` must be in one of input, answered and exempt"
        );
    }
    for key in lists.iter().flat_map(|list| list.iter()) {
        assert!(
            present.contains(key),
            "no case holds `{key}`: the entry is stale"
        );
    }
}
