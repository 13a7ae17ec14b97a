//! What fuzzing feeds: bodies that take any bytes and must end in an answer or a typed refusal.
//!
//! `fuzz/` runs them under a fuzzer that looks for new paths; `tests/fuzz_like.rs` runs them on random
//! bytes with every other test. Bytes are read as choices, so that a few of them make a whole table.

use disprop::codes::{CodeSet, Ethnicity, GroupLevel, attendance};
use disprop::tallies::{Counts, Whole};
use disprop::{Cohort, Columns, GapOptions, Measure, Tallies, measure};
use disprop_stats::{Mean, Proportion, Rate, Ratio};
use polars::prelude::*;

use crate::{column, frame, tally};

/// Words that labels, codes and cells are made of.
const WORDS: [&str; 40] = [
    "Black",
    "Caribbean",
    "White",
    "British",
    " - ",
    "/",
    "Total",
    "Mixed",
    "BCRB",
    "WBRI",
    "BSOM",
    "Ethnicity Minor",
    "&",
    "and",
    "Other",
    "any other",
    "boys",
    "FSM",
    "\u{feff}",
    "İ",
    "ß",
    "\u{0}",
    "(",
    "’",
    "UNCL",
    "Refused",
    "REFU",
    "",
    " ",
    "z",
    "c",
    "low",
    "..",
    "1,234",
    "-5",
    "1e308",
    "NaN",
    "inf",
    "2022/23",
    "170141183460469231731687303715884105727",
];

/// Bytes read as choices; where they end every choice is the first.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    fn take(&mut self, most: usize) -> &[u8] {
        let (own, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        own
    }

    fn text(&mut self) -> String {
        match self.below(4) {
            0 => WORDS[self.below(WORDS.len())].into(),
            1 => {
                let words = 1 + self.below(5);
                (0..words)
                    .map(|_| WORDS[self.below(WORDS.len())])
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            2 => {
                let size = self.below(24);
                String::from_utf8_lossy(self.take(size)).into_owned()
            }
            _ => self.number().to_string(),
        }
    }

    fn cell(&mut self) -> Option<String> {
        (self.below(8) > 0).then(|| self.text())
    }

    fn number(&mut self) -> f64 {
        match self.below(4) {
            0 => f64::from(self.byte()),
            1 => f64::from(self.byte()) / 4.0 - 20.0,
            2 => 1e9 - f64::from(self.byte()) * 1e-6,
            _ => f64::from_bits(self.word()),
        }
    }
}

/// What may come of any tallies: numbers that are numbers, or typed reasons, and a table of them.
///
/// # Panics
/// Where a number is not finite, or no table can be made.
pub fn sound(tallies: &Tallies) {
    let Ok(gaps) = tallies.gaps(&GapOptions::default()) else {
        return;
    };
    for gap in &gaps.rows {
        for value in [
            gap.group.value,
            gap.difference.value,
            gap.ratio.value,
            gap.odds_ratio.value,
            gap.excess.value,
        ] {
            assert!(value.map_or(true, f64::is_finite), "{gap:?}");
        }
        for interval in [gap.difference.interval, gap.ratio.interval] {
            let ordered = interval.map_or(true, |ends| ends.lower <= ends.upper);
            assert!(ordered, "{gap:?}");
        }
    }
    gaps.to_frame().expect("a table of gaps");
}

/// Labels and codes, however they are spelt.
///
/// # Panics
/// As [`label`].
pub fn labels(data: &[u8]) {
    let mut bytes = Bytes(data);
    let raw = bytes.text();
    label(&raw);
    let _ = Ethnicity::default().with_addition(&raw, &bytes.text(), &bytes.text());
    let _ = Measure::from_toml(&raw);
    let _ = Measure::from_json(&raw);
}

/// One label or code, by every reader of them.
///
/// # Panics
/// Where a leaf is another when it comes round again.
pub fn label(raw: &str) {
    let set = Ethnicity::default();
    let _ = set.classify(raw);
    for level in [GroupLevel::Main, GroupLevel::Major] {
        let _ = set.recognise(raw, Some(level));
    }
    let _ = set.cross(raw);
    let _ = set.find(raw);
    let _ = set.main_of(raw);
    let _ = attendance::read(raw, None);
    let _ = attendance::split(raw);
    let leaf = CodeSet::default().leaf(Some(raw));
    if let Some((code, kind)) = leaf {
        assert_eq!(CodeSet::default().leaf(Some(&code)), Some((code, kind)));
    }
}

/// Published tables of text, with any options.
///
/// # Panics
/// As [`sound`].
pub fn from_counts(data: &[u8]) {
    let mut bytes = Bytes(data);
    let id = [
        "suspensions",
        "he",
        "ks4_progress8",
        "absence",
        "ks4_attainment8",
    ][bytes.below(5)];
    let whole = match bytes.below(3) {
        0 => Some(Whole::Exhaustive),
        1 => Some(Whole::Row("Total".into())),
        _ => None,
    };
    let rounded = [0, 5, 10, u32::MAX][bytes.below(4)];
    let own = bytes.flag();
    let rows = bytes.below(10);
    let mut cells = || (0..rows).map(|_| bytes.cell()).collect::<Vec<_>>();
    let frame = DataFrame::new(
        rows,
        vec![
            column("group", cells()),
            column("x", cells()),
            column("d", cells()),
            column("place", cells()),
        ],
    )
    .expect("columns of one length");
    let mut counts = Counts::new(measure(id).expect("in the catalogue"), "group", "x", "d")
        .by("place", "place")
        .rounded_to(rounded)
        .symbol("c", 1, 2);
    if let Some(whole) = whole {
        counts = counts.whole(whole);
    }
    if own {
        counts = counts.codes(CodeSet::Own);
    }
    if let Ok(tallies) = Tallies::from_counts(&frame, &counts) {
        sound(&tallies);
        if let Ok(rolled) = tallies.roll_up(&[]) {
            sound(&rolled);
        }
        if let Ok(twice) = tallies.merge(&tallies) {
            sound(&twice);
        }
    }
}

/// A column of any type that a frame has, in chunks, perhaps a slice of a longer one.
fn any_column(bytes: &mut Bytes<'_>, name: &str, rows: usize) -> Column {
    let kind = bytes.below(14);
    let slice = bytes.below(3);
    let length = rows + 2 * slice;
    let floats = |bytes: &mut Bytes<'_>| -> Vec<Option<f64>> {
        (0..length)
            .map(|_| (bytes.below(8) > 0).then(|| bytes.number()))
            .collect()
    };
    let small = |bytes: &mut Bytes<'_>| -> Vec<Option<i64>> {
        (0..length)
            .map(|_| (bytes.below(8) > 0).then(|| i64::from(bytes.byte() as i8)))
            .collect()
    };
    let texts = |bytes: &mut Bytes<'_>| -> Vec<Option<String>> {
        (0..length).map(|_| bytes.cell()).collect()
    };
    let cast = |series: Series, dtype: DataType| {
        series
            .cast(&dtype)
            .unwrap_or_else(|_| Series::full_null(name.into(), length, &dtype))
    };
    let of = |values: Vec<Option<i64>>| Series::new(name.into(), values);
    let series = match kind {
        0 => Series::new(name.into(), texts(bytes)),
        1 => cast(
            Series::new(name.into(), texts(bytes)),
            DataType::from_categories(Categories::global()),
        ),
        2 => Series::new(name.into(), floats(bytes)),
        3 => cast(Series::new(name.into(), floats(bytes)), DataType::Float32),
        4 => of((0..length).map(|_| Some(bytes.word() as i64)).collect()),
        5 => cast(of(small(bytes)), DataType::Int8),
        6 => cast(of(small(bytes)), DataType::UInt16),
        7 => cast(of(small(bytes)), DataType::UInt64),
        8 => cast(of(small(bytes)), DataType::Int128),
        9 => cast(of(small(bytes)), DataType::Decimal(20, 3)),
        10 => cast(of(small(bytes)), DataType::Boolean),
        11 => Series::full_null(name.into(), length, &DataType::Null),
        12 => of(small(bytes)),
        _ => cast(
            Series::new(name.into(), floats(bytes)),
            DataType::Decimal(38, 6),
        ),
    };
    series.slice(slice as i64, rows).into_column()
}

/// Pupil rows whose columns are of any type: what crosses the Arrow boundary, once it is read.
///
/// # Panics
/// As [`sound`], and where a cohort that was accepted cannot be tallied.
pub fn pupil_rows(data: &[u8]) {
    let mut bytes = Bytes(data);
    let rows = bytes.below(9);
    let names = [
        "ethnicity",
        "year",
        "school",
        "pupil_id",
        "sex",
        "fsm",
        "sessions_absent",
        "sessions_possible",
        "suspensions",
        "ks4_attainment8",
        "ks4_progress8",
        "gld",
    ];
    let chosen: Vec<&str> = names.into_iter().filter(|_| bytes.below(4) > 0).collect();
    let columns = chosen
        .iter()
        .map(|name| any_column(&mut bytes, name, rows))
        .collect();
    let frame = DataFrame::new(rows, columns).expect("columns of one length");
    let Ok(cohort) = Cohort::new(frame, Columns::npd()) else {
        return;
    };
    let measures: Vec<Measure> = cohort.measures().into_iter().cloned().collect();
    for by in [&[][..], &["year"], &["school", "sex"]] {
        if by.iter().all(|name| chosen.contains(name))
            && let Ok(tallies) = cohort.tally(&measures, by)
        {
            sound(&tallies);
        }
    }
}

/// A checkpoint that something was done to.
///
/// # Panics
/// As [`sound`], and where contents that were changed are taken for what was written.
pub fn checkpoint(data: &[u8]) {
    let mut bytes = Bytes(data);
    let rows = crate::Row {
        code: 1,
        possible: Some(380),
        absent: Some(9),
        ..crate::Row::default()
    };
    let kept = tally(frame(&[rows, crate::Row { code: 0, ..rows }]), &["year"]);
    let written = kept.to_checkpoint().expect("a checkpoint");
    let mut changed = written.clone();
    for _ in 0..=bytes.below(3) {
        let place = bytes.below(changed.width());
        let Some(series) = changed
            .columns()
            .get(place)
            .map(|c| c.as_materialized_series().clone())
        else {
            return;
        };
        let name = series.name().to_string();
        match bytes.below(6) {
            0 => drop(changed.drop_in_place(&name)),
            1 => changed = changed.slice(bytes.below(3) as i64, bytes.below(30)),
            2 => drop(changed.rename(&name, bytes.text().as_str().into())),
            3 => {
                let column = any_column(&mut bytes, &name, changed.height());
                drop(changed.with_column(column));
            }
            4 => {
                // One character of the description, or the whole of it.
                let Ok(texts) = series.str() else { continue };
                let first = texts.iter().next().flatten();
                let mut text = first.unwrap_or_default().to_owned();
                let at = bytes.word() as usize % (text.len() + 1);
                if text.is_char_boundary(at) {
                    text.insert_str(at, &bytes.text());
                }
                let mut all: Vec<Option<String>> =
                    texts.iter().map(|t| t.map(str::to_owned)).collect();
                if let Some(first) = all.first_mut() {
                    *first = Some(text);
                }
                drop(changed.with_column(column(&name, all)));
            }
            _ => changed = changed.clone().vstack(&changed).unwrap_or(changed),
        }
    }
    if let Ok(tallies) = Tallies::from_checkpoint(&changed) {
        sound(&tallies);
        // Columns that are not of the form may come and go; what is read is what was written.
        assert!(tallies == kept, "a changed checkpoint was read as another");
    }
}

/// Exact sums of any values: merged, split and rolled up without a wrapped number.
///
/// # Panics
/// Where taking away what was added does not give back the same bits, or a value is not finite.
pub fn sums(data: &[u8]) {
    use disprop_stats::Tally;
    fn holds<T: Tally + std::fmt::Debug>(a: T, b: T) {
        if let Ok(both) = a.merge(&b) {
            assert_eq!(both.subtract(&b).ok(), Some(a), "{a:?} {b:?}");
        }
        for tally in [a, b] {
            assert!(tally.value().map_or(true, f64::is_finite), "{tally:?}");
        }
    }
    let mut bytes = Bytes(data);
    let mut values = || {
        let size = bytes.below(6);
        (0..size)
            .map(|_| (bytes.number(), bytes.number()))
            .collect::<Vec<_>>()
    };
    let (a, b) = (values(), values());
    let firsts = |of: &[(f64, f64)]| of.iter().map(|(x, _)| *x).collect::<Vec<_>>();
    if let (Ok(a), Ok(b)) = (Mean::of(&firsts(&a)), Mean::of(&firsts(&b))) {
        holds(a, b);
    }
    if let (Ok(a), Ok(b)) = (Ratio::of(&a), Ratio::of(&b)) {
        holds(a, b);
    }
    let mut count = || bytes.word() as i64;
    holds(
        Proportion::new(count(), count()),
        Proportion::new(count(), count()),
    );
    holds(Rate::new(count(), count()), Rate::new(count(), count()));
}
