//! Labels as published: every spelling in the shared files stands for one group, or is reported as what it is.
//!
//! The files are read in place, from `$DISPROP_SHARED/data` or beside the project; a machine without them skips these
//! tests and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use disprop::codes::attendance::{Date, read};
use disprop::codes::{Ethnicity, GroupLevel, Major, Recognised, WhiteMinorities};
use proptest::prelude::*;

#[path = "labels/tables.rs"]
mod tables;
#[path = "labels/walk.rs"]
mod walk;

use tables::{DIFFERENCES, STANDARDS};
use walk::Walk;

const DICTIONARIES: &str = "code-sets-and-dictionaries";

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

fn data() -> Option<PathBuf> {
    let krate = std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo");
    let beside = Path::new(&krate).join("../../shared");
    let shared = std::env::var_os("DISPROP_SHARED").map_or(beside, PathBuf::from);
    let data = shared.join("data");
    if data.is_dir() {
        return Some(data);
    }
    // Straight to the stream: what a passing test prints is captured, and a skip has to be seen.
    let skipped = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED {skipped} of labels: no {} (set DISPROP_SHARED)",
        data.display()
    );
    None
}

fn files(data: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(data)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
    {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
        {
            if file.extension().is_some_and(|e| e == "csv") {
                found.push(
                    file.strip_prefix(data)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    found
}

/// Header and rows; a byte that is not UTF-8 becomes U+FFFD, as it would in a careless reader.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let bytes = std::fs::read(path).unwrap();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut rows = reader.byte_records().map(|row| {
        row.unwrap()
            .iter()
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .collect::<Vec<_>>()
    });
    (rows.next().unwrap_or_default(), rows.collect())
}

#[test]
fn every_published_label_means_one_group_or_is_reported() {
    let Some(data) = data() else { return };
    let mut walk = Walk::default();
    for file in files(&data) {
        let (header, rows) = table(&data.join(&file));
        walk.file(&file, &header, &rows);
    }
    walk.stale();
    println!(
        "{} columns, {} distinct labels",
        walk.columns.len(),
        walk.labels.len()
    );
    assert!(walk.problems.is_empty(), "{}", walk.problems.join("\n"));
}

/// Leaf codes of whatever a label means; `None` where it means no group, or not one.
fn leaves(set: &Ethnicity, meaning: &Recognised) -> Option<BTreeSet<String>> {
    let own = |code: &str| match set.leaves_of_main(code) {
        leaves if leaves.is_empty() => vec![code.to_owned()],
        leaves => leaves.into_iter().map(str::to_owned).collect(),
    };
    let classified = || set.codes().filter(|c| set.is_classified(c.code));
    let codes = match meaning {
        Recognised::Leaf(code) | Recognised::Main(code) | Recognised::Extended(code) => own(code),
        Recognised::Major(group) => set
            .leaves_of_major(*group)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        Recognised::Combined(mains) => mains.iter().flat_map(|main| own(main)).collect(),
        Recognised::MinorityEthnic(WhiteMinorities::Included) => classified()
            .filter(|c| c.main != "WBRI")
            .map(|c| c.code.to_owned())
            .collect(),
        Recognised::MinorityEthnic(WhiteMinorities::Excluded) => {
            let white = set.leaves_of_major(Major::White);
            classified()
                .filter(|c| !white.contains(&c.code))
                .map(|c| c.code.to_owned())
                .collect()
        }
        Recognised::MinorityEthnic(WhiteMinorities::NotStated) => {
            vec!["minority ethnic".to_owned()]
        }
        Recognised::Total => vec!["everyone".to_owned()],
        Recognised::Unclassified(_) => vec!["no group".to_owned()],
        _ => return None,
    };
    Some(codes.into_iter().collect())
}

#[test]
fn labels_agree_with_the_lookups_of_ethnicity_facts_and_figures() {
    let Some(data) = data() else { return };
    let set = Ethnicity::default();
    let at = Some(GroupLevel::Main);
    let mut differences = BTreeSet::new();
    let mut agreed = 0;
    for file in [
        "eff_classification_lookup.csv",
        "eff_ethnicity_lookup_2018.csv",
    ] {
        let (header, rows) = table(&data.join(DICTIONARIES).join(file));
        let column = |name: &str| header.iter().position(|h| h == name).unwrap();
        let (raw, standard) = (column("Ethnicity"), column("Standard Ethnicity"));
        for row in &rows {
            let ours = leaves(&set, &set.recognise(&row[raw], at));
            let words = STANDARDS
                .iter()
                .find(|(theirs, _)| *theirs == row[standard])
                .map_or(&*row[standard], |s| s.1);
            if ours.is_some() && ours == leaves(&set, &set.recognise(words, at)) {
                agreed += 1;
            } else {
                differences.insert((row[raw].clone(), row[standard].clone()));
            }
        }
    }
    let reasons = DIFFERENCES
        .iter()
        .flat_map(|(standard, _, labels)| labels.iter().map(move |raw| (*raw, *standard)));
    let expected: BTreeSet<(String, String)> = reasons
        .map(|(raw, standard)| (raw.to_owned(), standard.to_owned()))
        .collect();
    println!(
        "{agreed} labels agree, {} differ for a reason",
        expected.len()
    );
    let new: Vec<_> = differences
        .difference(&expected)
        .map(|(r, s)| format!("{r} <= {s}: ours {:?}", set.recognise(r, at)))
        .collect();
    let stale: Vec<_> = expected.difference(&differences).collect();
    assert!(
        new.is_empty() && stale.is_empty(),
        "new: {}\nstale: {stale:#?}",
        new.join("\n")
    );
}

#[test]
fn the_code_list_of_the_domain_reference_is_ours() {
    let Some(data) = data() else { return };
    let set = Ethnicity::default();
    let (_, rows) = table(&data.join("../ethnicity_codes.csv"));
    assert_eq!(rows.len(), set.codes().count());
    for (row, fact) in rows.iter().zip(set.codes()) {
        let [code, label, main, main_label, major, classified] = row.as_slice() else {
            panic!("{row:?}")
        };
        assert_eq!(
            (code.as_str(), label.as_str(), main.as_str()),
            (fact.code, fact.label, fact.main)
        );
        assert_eq!(set.label(main), Some(main_label.as_str()));
        assert_eq!(
            set.major_of(code).map_or("Unknown", Major::label),
            major,
            "{code}"
        );
        assert_eq!(set.is_classified(code).to_string(), *classified, "{code}");
    }
    assert_eq!(
        (set.main_codes().len(), set.extended_codes().len()),
        (20, 83)
    );
}

#[test]
fn the_reference_data_of_review_school_college_agrees() {
    let Some(data) = data() else { return };
    let set = Ethnicity::default();
    let (_, rows) = table(&data.join(DICTIONARIES).join("dfe_rscd_ethnicity_codes.csv"));
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let meaning = set.classify(&row[0]);
        let by_label = set.recognise(&row[1], Some(GroupLevel::Extended));
        match &meaning {
            Recognised::Leaf(code) => {
                assert_eq!(by_label.code(), Some(*code), "{row:?}");
                parents
                    .entry(row[2].clone())
                    .or_default()
                    .insert(set.main_of(code).unwrap().to_owned());
            }
            Recognised::Unclassified(_) => {
                assert!(matches!(by_label, Recognised::Unclassified(_)), "{row:?}")
            }
            other => panic!("{row:?} is {other:?}"),
        }
    }
    assert!(
        parents.values().all(|mains| mains.len() == 1),
        "{parents:?}"
    );
    assert_eq!(parents.len(), 18);
}

#[test]
fn the_values_the_ees_screener_accepts_agree_with_their_major_group() {
    let Some(data) = data() else { return };
    let set = Ethnicity::default();
    let (_, rows) = table(
        &data
            .join(DICTIONARIES)
            .join("eesyscreener_acceptable_ethnicity_values.csv"),
    );
    let mut pairs: Vec<[String; 2]> = rows
        .iter()
        .map(|row| [row[0].clone(), row[1].clone()])
        .collect();
    let (_, rows) = table(
        &data
            .join(DICTIONARIES)
            .join("eesyscreener_data_dictionary.csv"),
    );
    // Columns: col_name, col_type, filter_item, col_name_parent, filter_item_parent.
    pairs.extend(
        rows.iter()
            .filter(|r| r[0] == "ethnicity_minor")
            .map(|r| [r[4].clone(), r[2].clone()]),
    );
    assert!(pairs.len() > 75, "{}", pairs.len());
    for [major, minor] in &pairs {
        let whole = leaves(&set, &set.recognise(major, Some(GroupLevel::Major))).unwrap();
        match set.recognise(minor, Some(GroupLevel::Main)) {
            Recognised::Total | Recognised::Unclassified(_) => {}
            // That lookups give this label another meaning too is why the level of main groups does not decide it.
            Recognised::Ambiguous { .. } => assert_eq!(minor, "All other ethnic groups"),
            meaning => {
                let part = leaves(&set, &meaning).unwrap_or_else(|| panic!("{minor}: {meaning:?}"));
                assert!(part.is_subset(&whole), "{minor} is no part of {major}");
            }
        }
    }
}

#[test]
fn the_school_census_of_2022_allows_no_code_we_do_not_know() {
    let Some(data) = data() else { return };
    let set = Ethnicity::default();
    let day = Date::new(2022, 1, 20).unwrap();
    let (_, rows) = table(
        &data
            .join(DICTIONARIES)
            .join("school_census_2022_tables_fields_codes.csv"),
    );
    let mut codes = (0, 0);
    for row in &rows {
        for code in row[4].split(';').filter(|code| !code.is_empty()) {
            match row[1].as_str() {
                "ethnicity" => {
                    assert_eq!(
                        set.classify(code),
                        Recognised::Leaf(set.find(code).unwrap().code)
                    );
                    codes.0 += 1;
                }
                "attendancereason" => {
                    assert_eq!(read(code, Some(day)).unwrap().concern, None, "{code}");
                    codes.1 += 1;
                }
                _ => {}
            }
        }
    }
    assert!(codes.0 >= 200 && codes.1 >= 150, "{codes:?}");
}

#[test]
fn the_mark_columns_of_an_attendance_extract_are_marks() {
    let Some(data) = data() else { return };
    let (header, _) =
        table(&data.join("la-school-census-extract-layouts/attendance_original_jan22.csv"));
    let marks: Vec<&String> = header.iter().skip_while(|name| *name != "/").collect();
    assert_eq!(marks.len(), 23);
    for mark in marks {
        assert!(read(mark, None).is_ok(), "{mark}");
    }
}

/// Arbitrary text, and text made of the words labels are made of, which reaches further in.
fn text() -> impl Strategy<Value = String> {
    let words = [
        "White",
        "and",
        "Black",
        " - ",
        "/",
        "Total",
        "Ethnicity",
        "Minor",
        "other",
        "any",
        "All",
        "male",
        "é",
        "_",
    ];
    let made = proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..12)
        .prop_map(|w| w.join(" "));
    prop_oneof![any::<String>(), made]
}

fn level() -> impl Strategy<Value = Option<GroupLevel>> {
    let levels = [
        None,
        Some(GroupLevel::Major),
        Some(GroupLevel::Main),
        Some(GroupLevel::Extended),
    ];
    proptest::sample::select(levels.to_vec())
}

proptest! {
    #[test]
    fn recognition_ignores_case_and_outer_space(raw in text(), level in level()) {
        let set = Ethnicity::default();
        let plain = set.recognise(&raw, level);
        prop_assert_eq!(&set.recognise(&raw.to_ascii_uppercase(), level), &plain);
        prop_assert_eq!(&set.recognise(&raw.to_ascii_lowercase(), level), &plain);
        prop_assert_eq!(&set.recognise(&format!("\u{a0} {raw}\t"), level), &plain);
        set.cross(&raw);
    }

    #[test]
    fn reading_marks_never_panics_and_splitting_loses_nothing(raw in any::<String>()) {
        let _ = read(&raw, None);
        let whole: String = raw.split_whitespace().collect();
        prop_assert_eq!(disprop::codes::attendance::split(&raw).concat(), whole);
    }
}

#[test]
fn a_very_long_label_does_no_harm() {
    let set = Ethnicity::default();
    for word in ["total ", "white ", "all ", "male ", "- ", "ethnicity "] {
        assert_eq!(set.classify(&word.repeat(100_000)).code(), None);
    }
}
