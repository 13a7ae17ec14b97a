//! Reads the oracle tables where they lie; they are not part of this repository.
// Tests read the shared files in place.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]
#![allow(dead_code, reason = "each test binary uses its own part of the shelf")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use disprop_stats::Calculated;

pub type Row = BTreeMap<String, String>;

/// The shared folder: `$DISPROP_SHARED`, else beside the project's root.
fn shared() -> Option<PathBuf> {
    let path = match std::env::var_os("DISPROP_SHARED") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    path.join("oracles").is_dir().then_some(path)
}

fn text(path: &str) -> Option<String> {
    match shared() {
        Some(root) => Some(std::fs::read_to_string(root.join(path)).expect(path)),
        None => {
            // Straight to the stream: the test harness would keep the output of a passing test.
            let line = format!("\nSKIPPED 1 oracle table: shared data not found ({path})\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
            None
        }
    }
}

/// The rows of a CSV table below the shared folder, or `None` (and a line saying so).
pub fn table(path: &str) -> Option<Vec<Row>> {
    let text = text(path)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    Some(reader.deserialize().map(|row| row.expect(path)).collect())
}

/// The cases of a JSON oracle below the shared folder, or `None` (and a line saying so).
pub fn cases(path: &str) -> Option<Vec<serde_json::Value>> {
    let json: serde_json::Value = serde_json::from_str(&text(path)?).expect(path);
    Some(json["cases"].as_array().expect("cases").clone())
}

/// R writes numbers that do not exist as words.
pub fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|v| v.is_finite())
}

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
    let bound = 1e-12 + relative * want.abs();
    assert!(
        (got - want).abs() <= bound,
        "{what}: got {got}, want {want}"
    );
}

#[track_caller]
pub fn close_to<T>(got: Calculated<T>, value: impl Fn(&T) -> f64, want: f64, what: &str) {
    match got {
        Ok(got) => close(value(&got), want, what),
        Err(reason) => panic!("{what}: {reason}, want {want}"),
    }
}
