//! Reading the oracle tables in place, and holding results against them.
//!
//! The tables are looked for under `$DISPROP_SHARED/oracles`, else in a folder `shared` beside any
//! parent of this crate. They are never copied into the repository.
// Tests read the shared files in place.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]
// Each test file is a crate of its own and uses its own part of this module.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

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

fn folder() -> Option<PathBuf> {
    if let Some(shared) = std::env::var_os("DISPROP_SHARED") {
        return Some(PathBuf::from(shared).join("oracles")).filter(|path| path.is_dir());
    }
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder
        .ancestors()
        .map(|up| up.join("shared/oracles"))
        .find(|path| path.is_dir())
}

/// The path of a table, or a visible line on standard error that it was skipped.
fn found(name: &str) -> Option<PathBuf> {
    let path = folder()
        .map(|folder| folder.join(name))
        .filter(|path| path.is_file());
    if path.is_none() {
        // Past the capture of test output, so that a run without oracles cannot look like one with.
        let line = format!("\nSKIPPED 1 oracle table: shared data not found ({name})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    path
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

/// Counts what was compared and keeps what disagreed.
#[derive(Debug, Default)]
pub struct Report {
    pub compared: usize,
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
        match got {
            Err(reason) if reason == want => {}
            got => self
                .failures
                .push(format!("{name}: got {got:?}, want {want:?}")),
        }
    }

    /// Passes where exactly `expected` values were compared and none disagreed.
    pub fn settle(self, expected: usize) {
        assert!(
            self.failures.is_empty(),
            "{} of {} disagree:\n{}",
            self.failures.len(),
            self.compared,
            self.failures.join("\n")
        );
        assert_eq!(self.compared, expected, "number of values compared");
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
