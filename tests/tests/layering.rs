//! The house rules that no compiler checks: who may import whom, and what library code may not do.
//!
//! Sources are read as text, without their unit tests. An exemption names its reason and fails
//! when nothing needs it any more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Modules of `disprop` by layer (DESIGN.md, "The tree"); `synth` stands apart from all of them.
const DISPROP: &[(&str, u8)] = &[
    ("number", 0),
    ("order", 0),
    ("finding", 0),
    ("error", 0),
    ("codes", 1),
    ("measure", 1),
    ("cohort", 2),
    ("tallies", 3),
    ("engine", 4),
    ("gaps", 5),
    ("over_time", 6),
    ("release", 7),
    ("strata", 6),
    ("segregation", 7),
    ("adjust", 7),
    ("decompose", 7),
    ("evaluate", 7),
    ("many", 6),
    ("formal", 6),
    ("summary", 6),
    ("pupils", 6),
    ("repeated", 6),
    ("effects", 7),
    ("schools", 6),
    ("crossed", 7),
    ("present", 8),
    ("synth", 0),
];

/// Modules of `disprop-stats` by layer.
const STATS: &[(&str, u8)] = &[
    ("error", 0),
    ("distribution", 0),
    ("facts", 0),
    ("wide", 0),
    ("estimate", 1),
    ("tally", 2),
    ("root", 2),
    ("matrix", 2),
    ("tail", 2),
    ("wald", 3),
    ("multiplicity", 2),
    ("segregation", 2),
    ("fraction", 3),
    ("moments", 3),
    ("stratum", 3),
    ("interval", 4),
    ("cluster", 4),
    ("formal_rules", 4),
    ("funnel", 4),
    ("permutation", 5),
    ("shrink", 4),
    ("standardise", 4),
    ("trend", 4),
    ("contrast", 5),
    ("bootstrap", 5),
    ("cell_regression", 5),
    ("did", 5),
    ("decompose", 6),
    ("inequality", 6),
    ("mantel_haenszel", 6),
    ("remaining", 6),
    ("significance", 6),
];

/// Imports that the layers forbid: crate, importing module, imported module, reason.
const IMPORTS: &[(&str, &str, &str, &str)] = &[
    (
        "disprop",
        "error",
        "finding",
        "a refusal carries its findings; the two are one vocabulary in one layer",
    ),
    (
        "disprop",
        "tallies",
        "cohort",
        "published tables encode their label columns as cohorts do; the encoder could move down",
    ),
];

/// Files of over 400 lines, with the reason that keeps them whole.
const LONG: &[(&str, &str)] = &[
    (
        "disprop-py/src/arrow.rs",
        "all that crosses the boundary, with what is unsafe of it, in one place to read",
    ),
    (
        "disprop-stats/src/tally.rs",
        "four families side by side, so that their likeness shows",
    ),
    (
        "disprop/src/cohort.rs",
        "one type and its whole public face; checks and encoders are apart",
    ),
    (
        "disprop/src/measure.rs",
        "a measure and the small enumerations it is made of",
    ),
    (
        "disprop/src/tallies/checkpoint.rs",
        "writer and reader of one form, side by side so that they cannot part",
    ),
];

/// Code that would end in a panic: crate and file, text, reason.
const PANICS: &[(&str, &str, &str)] = &[];

struct Source {
    /// Path below `crates/`.
    path: String,
    /// Modules from the crate's root.
    module: Vec<String>,
    lines: usize,
    /// Without comments, and without the unit tests at its end.
    code: String,
}

fn root() -> PathBuf {
    // Read when run: a path built in would be that of whichever clone built the shared target folder last.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo")).join("..")
}

fn sources(krate: &str) -> Vec<Source> {
    let base = root().join("crates");
    let mut open = vec![base.join(krate).join("src")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            // Files of unit tests alone are tests.
            if stem == "tests" {
                continue;
            }
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let inside = path
                .strip_prefix(base.join(krate).join("src"))
                .unwrap()
                .with_extension("");
            found.push(Source {
                path: path
                    .strip_prefix(&base)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
                module: inside
                    .iter()
                    .map(|s| s.to_str().unwrap().to_owned())
                    .collect(),
                lines: text.lines().count(),
                code: code_of(&text),
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 5, "{krate} has been moved");
    found
}

fn code_of(text: &str) -> String {
    let body = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    let code = body
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<&str>>().join("\n")
}

/// First segments of every `crate::…` path, those of a braced list among them.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        match after.strip_prefix('{') {
            // A list's members are its commas at the first depth; enough for one-line lists.
            Some(list) => found.extend(list.split('}').next().unwrap().split(',').map(word)),
            None => {
                found.insert(word(after));
            }
        }
    }
    found.remove("");
    found
}

fn check_layers(krate: &str, layers: &[(&str, u8)]) -> Vec<String> {
    let layers: BTreeMap<&str, u8> = layers.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for source in sources(krate) {
        let own = source.module[0].as_str();
        if own == "lib" {
            continue;
        }
        seen.insert(own.to_owned());
        let Some(layer) = layers.get(own) else {
            wrong.push(format!("{}: `{own}` has no layer", source.path));
            continue;
        };
        if source.code.contains("super::super") {
            wrong.push(format!("{}: reaches past its parent", source.path));
        }
        for import in imports(&source.code) {
            if import == own {
                continue;
            }
            let exempt = IMPORTS
                .iter()
                .position(|(k, from, to, _)| *k == krate && *from == own && *to == import);
            if let Some(place) = exempt {
                used.insert(place);
                continue;
            }
            match layers.get(import.as_str()) {
                Some(lower) if lower < layer && own != "synth" => {}
                Some(_) => wrong.push(format!("{}: imports `{import}`", source.path)),
                None => wrong.push(format!("{}: `crate::{import}` is no module", source.path)),
            }
        }
    }
    for (place, (k, from, to, _)) in IMPORTS.iter().enumerate() {
        if *k == krate && !used.contains(&place) {
            wrong.push(format!("stale exemption: {krate} {from} imports {to}"));
        }
    }
    for module in layers.keys().filter(|m| !seen.contains(**m)) {
        wrong.push(format!("{krate} has no module `{module}`"));
    }
    wrong
}

#[test]
fn every_file_imports_lower_layers_only() {
    let mut wrong = check_layers("disprop", DISPROP);
    wrong.extend(check_layers("disprop-stats", STATS));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_statistics_know_no_frame_and_no_pupil() {
    for source in sources("disprop-stats") {
        for word in ["polars", "disprop::", "DataFrame"] {
            assert!(!source.code.contains(word), "{}: {word}", source.path);
        }
    }
}

#[test]
fn library_code_has_no_way_to_panic_by_name() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for krate in ["disprop-stats", "disprop", "disprop-py"] {
        for source in sources(krate) {
            for text in [
                ".unwrap()",
                ".expect(",
                ".unwrap_err()",
                "panic!(",
                "unreachable!(",
                "todo!(",
                "unimplemented!(",
                " assert!(",
                " assert_eq!(",
            ] {
                if !source.code.contains(text) {
                    continue;
                }
                match PANICS
                    .iter()
                    .position(|(path, t, _)| *path == source.path && *t == text)
                {
                    Some(place) => {
                        used.insert(place);
                    }
                    None => wrong.push(format!("{}: {text}", source.path)),
                }
            }
        }
    }
    for (place, (path, text, _)) in PANICS.iter().enumerate() {
        if !used.contains(&place) {
            wrong.push(format!("stale exemption: {path} {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_lives_in_one_module() {
    for krate in ["disprop-stats", "disprop", "disprop-py"] {
        for source in sources(krate) {
            if ["disprop-py/src/arrow.rs", "disprop-py/src/arrow/schema.rs"]
                .contains(&source.path.as_str())
            {
                continue;
            }
            let found = source.code.lines().find(|l| {
                l.split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|w| w == "unsafe")
            });
            assert_eq!(found, None, "{}", source.path);
        }
    }
}

#[test]
fn libraries_do_no_io_and_read_no_clock() {
    const BANNED: &[&str] = &[
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::io",
        "println!",
        "eprintln!",
        "eprint!",
        "dbg!",
        "Instant",
        "SystemTime",
        "thread_rng",
        "from_os_rng",
        "from_entropy",
        "rand::rng",
        "include_str!",
    ];
    for krate in ["disprop-stats", "disprop"] {
        for source in sources(krate) {
            for word in BANNED {
                assert!(!source.code.contains(word), "{}: {word}", source.path);
            }
        }
    }
    let clippy = std::fs::read_to_string(root().join("clippy.toml")).unwrap();
    for path in [
        "std::fs::File",
        "std::time::Instant",
        "std::time::SystemTime",
        "std::env::var",
    ] {
        assert!(
            clippy.contains(&format!("\"{path}\"")),
            "clippy.toml does not ban {path}"
        );
    }
}

#[test]
fn long_files_have_a_reason() {
    const MOST: usize = 400;
    let mut wrong = Vec::new();
    let all: Vec<Source> = ["disprop-stats", "disprop", "disprop-py"]
        .into_iter()
        .flat_map(sources)
        .collect();
    for source in &all {
        let listed = LONG.iter().any(|(path, _)| *path == source.path);
        match (source.lines > MOST, listed) {
            (true, false) => wrong.push(format!("{}: {} lines", source.path, source.lines)),
            (false, true) => wrong.push(format!("stale exemption: {}", source.path)),
            _ => {}
        }
    }
    for (path, _) in LONG {
        if !all.iter().any(|s| s.path == *path) {
            wrong.push(format!("stale exemption: {path} is gone"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_them_all() {
    let code = code_of(
        "use crate::a::b;\n// use crate::hidden;\nuse crate::{c, d::e};\nfn f() { crate::g::h() }\n\
         #[cfg(test)]\nmod tests {\n use crate::not_this;\n}",
    );
    let found: Vec<String> = imports(&code).into_iter().collect();
    assert_eq!(found, ["a", "c", "d", "g"]);
}
