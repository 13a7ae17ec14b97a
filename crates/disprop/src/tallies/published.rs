//! Published counts as tallies: labels recognised, symbols typed, the whole stated, never inferred.

use std::collections::{BTreeMap, BTreeSet};

use disprop_stats::tally::{MICRO, micro};
use disprop_stats::{Proportion, Rate};
use polars::prelude::*;

use super::{Column, Dimension, Leaf, MeasureTallies, Open, Parts, Tallies};
use crate::codes::{CodeSet, GroupLevel, LeafKind, Major, Recognised, TOTAL, UNCLASSIFIED};
use crate::cohort::encode::{Categories, unreadable};
use crate::cohort::ethnicity::alike;
use crate::error::{Error, quoted};
use crate::finding::{Finding, RowNumbers, nearest};
use crate::measure::{Family, Measure, Quantity};

/// Symbols that stand for a number in published tables: GSS, older DfE, and nothing at all.
const SYMBOLS: [&str; 14] = [
    "z", "x", "c", "u", "b", "low", "k", ":", "~", "..", ".", "-", "*", "n/a",
];
/// Farther than any count; the upper end of a withheld one.
const UNBOUNDED: i128 = i128::MAX / 2;

/// What "everyone" is: a row that says so, or the caller's word that the groups are all there are.
///
/// It is never inferred: files list some groups only (DOMAIN 0.3, 14.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// The row with this label in the ethnicity column holds everyone.
    Row(String),
    /// The listed groups, with those unclassified, are everyone.
    Exhaustive,
}

/// How to read a table of published counts.
#[derive(Debug, Clone)]
pub struct Counts {
    measure: Measure,
    ethnicity: String,
    numerator: String,
    denominator: Option<String>,
    n: Option<String>,
    by: Vec<(String, String)>,
    filters: Vec<(String, Vec<String>)>,
    whole: Option<Whole>,
    level: Option<GroupLevel>,
    codes: CodeSet,
    rounded_to: Option<u32>,
    symbols: BTreeMap<String, (u32, u32)>,
    unreadable: BTreeMap<String, String>,
}

impl Counts {
    /// Returns the plan of a table with these columns.
    ///
    /// The numerator is what the measure counts in pupil rows: for attendance, sessions *missed*.
    pub fn new(measure: Measure, ethnicity: &str, numerator: &str, denominator: &str) -> Self {
        Counts {
            denominator: Some(denominator.into()),
            ..Counts::rates(measure, ethnicity, numerator)
        }
    }

    /// Returns the plan of a table of rates without counts, which is refused with advice.
    pub fn rates(measure: Measure, ethnicity: &str, rate: &str) -> Self {
        Counts {
            measure,
            ethnicity: ethnicity.into(),
            numerator: rate.into(),
            denominator: None,
            n: None,
            by: Vec::new(),
            filters: Vec::new(),
            whole: None,
            level: None,
            codes: CodeSet::default(),
            rounded_to: None,
            symbols: BTreeMap::new(),
            unreadable: BTreeMap::new(),
        }
    }

    /// Says of a column that the caller's table has and the frame lacks what type it is, such as
    /// `list`; asking for it is then refused in these words.
    #[must_use]
    pub fn unreadable(mut self, column: &str, found: &str) -> Self {
        self.unreadable.insert(column.into(), found.into());
        self
    }

    /// Says what everyone is.
    #[must_use]
    pub fn whole(mut self, whole: Whole) -> Self {
        self.whole = Some(whole);
        self
    }

    /// Adds a dimension: a name, and the column that holds it.
    #[must_use]
    pub fn by(mut self, name: &str, column: &str) -> Self {
        self.by.push((name.into(), column.into()));
        self
    }

    /// Keeps the rows where a column has one of these values.
    #[must_use]
    pub fn only(mut self, column: &str, values: &[&str]) -> Self {
        self.filters.push((
            column.into(),
            values.iter().map(ToString::to_string).collect(),
        ));
        self
    }

    /// Names the column of pupils, where the denominator counts something else, such as sessions.
    #[must_use]
    pub fn pupils(mut self, column: &str) -> Self {
        self.n = Some(column.into());
        self
    }

    /// Says which groups the labels are, main or major, where the table has both.
    #[must_use]
    pub fn level(mut self, level: GroupLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Says what the labels mean, where they are not ethnic groups in England.
    #[must_use]
    pub fn codes(mut self, codes: CodeSet) -> Self {
        self.codes = codes;
        self
    }

    /// Says that counts were rounded to the nearest multiple, which leaves a range.
    #[must_use]
    pub fn rounded_to(mut self, base: u32) -> Self {
        self.rounded_to = Some(base).filter(|base| *base > 1);
        self
    }

    /// Says which counts a symbol stands for: `x` for 1 to 2.
    #[must_use]
    pub fn symbol(mut self, symbol: &str, from: u32, to: u32) -> Self {
        self.symbols
            .insert(symbol.to_lowercase(), (from.min(to), to.max(from)));
        self
    }

    fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        let by = self
            .by
            .iter()
            .map(|(name, column)| (name.as_str(), column.as_str()));
        let filters = self
            .filters
            .iter()
            .map(|(column, _)| ("where", column.as_str()));
        [
            ("ethnicity", self.ethnicity.as_str()),
            ("numerator", self.numerator.as_str()),
        ]
        .into_iter()
        .chain(self.denominator.iter().map(|c| ("denominator", c.as_str())))
        .chain(self.n.iter().map(|c| ("pupils", c.as_str())))
        .chain(by)
        .chain(filters)
    }
}

impl Tallies {
    /// Returns the tallies of a table of published counts.
    ///
    /// Sums without squares become a `Rate`; numbers of pupils with an outcome a `Proportion`.
    ///
    /// # Errors
    /// `data.refused` with every finding: a column that is not there, a label that is no group,
    /// text that is neither number nor symbol, two rows for one cell, rates without counts, or no
    /// word on what everyone is.
    pub fn from_counts(frame: &DataFrame, counts: &Counts) -> Result<Self, Error> {
        let mut findings = Vec::new();
        stated(counts, &mut findings);
        look(frame, counts, &mut findings);
        refuse(&mut findings)?;
        let rows = kept_rows(frame, counts, &mut findings);
        refuse(&mut findings)?;
        let table = Table::read(frame, counts, &rows, &mut findings);
        refuse(&mut findings)?;
        table.tallies(counts, findings)
    }
}

/// Labels in a message; one with a digit in it could be somebody's identifier and is not quoted.
fn listed(labels: &[String]) -> String {
    let plain: Vec<String> = labels
        .iter()
        .filter(|l| !l.bytes().any(|b| b.is_ascii_digit()))
        .cloned()
        .collect();
    match (plain.len(), labels.len() - plain.len()) {
        (_, 0) => quoted(&plain),
        (0, others) => format!("{others} values with digits in them"),
        (_, others) => format!("{}, {others} values with digits in them", quoted(&plain)),
    }
}

fn refuse(findings: &mut Vec<Finding>) -> Result<(), Error> {
    if findings.iter().any(Finding::is_refusal) {
        return Err(Error::Refused {
            findings: std::mem::take(findings),
        });
    }
    Ok(())
}

/// What the caller must have said.
fn stated(counts: &Counts, findings: &mut Vec<Finding>) {
    if counts.denominator.is_none() {
        findings.push(
            Finding::refused(
                "rates_without_counts",
                "rates alone do not give the rate of all other groups",
            )
            .column(&counts.numerator)
            .hint(
                "ask the publisher for the number of pupils and the number with the outcome (or \
                 the sum of points) of each group, and of all pupils",
            ),
        );
    } else if counts.whole.is_none() {
        findings.push(
            Finding::refused("whole_not_stated", "nothing says who \"everyone\" is").hint(
                "name the total row with total=…, or say exhaustive=True if the listed groups \
                 are all there are",
            ),
        );
    }
}

fn look(frame: &DataFrame, counts: &Counts, findings: &mut Vec<Finding>) {
    let names: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(|n| n.to_string())
        .collect();
    if frame.height() == 0 {
        findings.push(Finding::refused("no_rows", "the table has no rows"));
    }
    for (role, column) in counts.columns() {
        if names.iter().any(|name| name == column) {
            continue;
        }
        if let Some(found) = counts.unreadable.get(column) {
            findings.push(unreadable(column, found));
            continue;
        }
        let finding = Finding::refused(
            "missing_column",
            format!("there is no such column for `{role}`"),
        )
        .column(column);
        findings.push(match nearest(column, &names) {
            Some(name) => finding.hint(format!("did you mean `{name}`?")),
            None => finding.hint(format!("the columns are {}", quoted(&names))),
        });
    }
}

fn categories(frame: &DataFrame, column: &str, findings: &mut Vec<Finding>) -> Option<Categories> {
    let series = frame.column(column).ok()?.as_materialized_series();
    Categories::encode(series)
        .map_err(|finding| findings.push(finding.column(column)))
        .ok()
}

/// Rows that pass every filter, counted from 0.
fn kept_rows(frame: &DataFrame, counts: &Counts, findings: &mut Vec<Finding>) -> Vec<usize> {
    let mut keep = vec![true; frame.height()];
    for (column, wanted) in &counts.filters {
        let Some(found) = categories(frame, column, findings) else {
            continue;
        };
        let fits = |value: &str| wanted.iter().any(|w| w.trim().eq_ignore_ascii_case(value));
        let fits: Vec<bool> = found
            .labels
            .iter()
            .map(|label| fits(label.as_deref().unwrap_or("")))
            .collect();
        if !fits.contains(&true) {
            let values: Vec<String> = found.labels.iter().flatten().cloned().collect();
            findings.push(
                Finding::refused("no_such_value", format!("no row has {}", quoted(wanted)))
                    .column(column)
                    .hint(if values.len() * 2 <= frame.height() {
                        format!("it holds {}", quoted(&values))
                    } else {
                        format!("it holds {}", listed(&values))
                    }),
            );
        }
        for (row, keep) in keep.iter_mut().enumerate() {
            *keep &= fits
                .get(found.codes.get(row) as usize)
                .copied()
                .unwrap_or(false);
        }
    }
    let rows: Vec<usize> = keep
        .iter()
        .enumerate()
        .filter(|(_, keep)| **keep)
        .map(|(row, _)| row)
        .collect();
    if rows.is_empty() && frame.height() > 0 && !findings.iter().any(Finding::is_refusal) {
        findings.push(Finding::refused("no_rows", "no row passes every filter"));
    }
    rows
}

/// One cell of a count column.
#[derive(Debug, Clone)]
enum Cell {
    /// In micro-units.
    Number(i64),
    /// In place of a number, lower case.
    Symbol(String),
}

/// The rows that count, read.
struct Table {
    dimensions: Vec<(String, Categories)>,
    leaves: Vec<(String, LeafKind)>,
    /// Row of the frame, leaf, numerator, denominator, pupils.
    rows: Vec<(usize, usize, Cell, Cell, Option<Cell>)>,
}

impl Table {
    fn read(
        frame: &DataFrame,
        counts: &Counts,
        rows: &[usize],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let by = counts.by.iter();
        let dimensions: Vec<(String, Categories)> = by
            .filter_map(|(name, column)| Some((name.clone(), categories(frame, column, findings)?)))
            .collect();
        let mut leaves: Vec<(String, LeafKind)> = Vec::new();
        let mut kept = Vec::new();
        let Some(labels) = categories(frame, &counts.ethnicity, findings) else {
            return Table {
                dimensions,
                leaves,
                rows: kept,
            };
        };
        let meanings = meanings(&labels, rows, counts, findings);
        let mut wanted: Vec<(usize, usize)> = Vec::new();
        for row in rows {
            let meaning = meanings.get(labels.codes.get(*row) as usize);
            let Some(Meaning::Leaf(code, kind)) = meaning else {
                continue;
            };
            let leaf = (code.clone(), *kind);
            let place = leaves.iter().position(|l| *l == leaf).unwrap_or_else(|| {
                leaves.push(leaf);
                leaves.len() - 1
            });
            wanted.push((*row, place));
        }
        let only: Vec<usize> = wanted.iter().map(|(row, _)| *row).collect();
        let numerators = read_counts(frame, &counts.numerator, &only, findings);
        let denominators = counts
            .denominator
            .as_ref()
            .map_or_else(Vec::new, |c| read_counts(frame, c, &only, findings));
        let mut pupils = counts
            .n
            .as_ref()
            .map_or_else(Vec::new, |c| read_counts(frame, c, &only, findings))
            .into_iter();
        for (((row, leaf), x), d) in wanted.into_iter().zip(numerators).zip(denominators) {
            kept.push((row, leaf, x, d, pupils.next()));
        }
        let table = Table {
            dimensions,
            leaves,
            rows: kept,
        };
        table.check_cells(frame, counts, findings);
        table
    }

    fn key(&self, row: usize, leaf: usize) -> Vec<u32> {
        let numbers = self.dimensions.iter().map(|(_, c)| c.codes.get(row));
        numbers.chain(std::iter::once(leaf as u32)).collect()
    }

    /// Every cell has one row; a filter that was forgotten shows here.
    fn check_cells(&self, frame: &DataFrame, counts: &Counts, findings: &mut Vec<Finding>) {
        let mut seen: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let mut twice = RowNumbers::default();
        let mut differ: BTreeSet<String> = BTreeSet::new();
        let named: BTreeSet<&str> = counts.columns().map(|(_, column)| column).collect();
        for (row, leaf, ..) in &self.rows {
            match seen.get(&self.key(*row, *leaf)) {
                None => {
                    seen.insert(self.key(*row, *leaf), *row);
                }
                Some(first) => {
                    if twice.is_empty() {
                        differ = differing(frame, *first, *row, &named);
                    }
                    twice.note(*row);
                }
            }
        }
        if twice.is_empty() {
            return;
        }
        let differ: Vec<String> = differ.into_iter().collect();
        let hint = if differ.is_empty() {
            "the rows are the same in every other column: remove one".into()
        } else {
            format!(
                "they differ in {}: filter on it, or make it a dimension",
                quoted(&differ)
            )
        };
        findings.push(
            Finding::refused("cell_twice", "another row is of the same group and place")
                .rows(&twice)
                .hint(hint),
        );
    }

    fn tallies(self, counts: &Counts, mut findings: Vec<Finding>) -> Result<Tallies, Error> {
        let family = counts.measure.quantity.published_family();
        let mut opens = Vec::with_capacity(self.rows.len());
        let mut keys = Vec::new();
        let mut proportions = Vec::new();
        let mut rates = Vec::new();
        let mut fractional = RowNumbers::default();
        for (row, leaf, x, d, pupils) in &self.rows {
            keys.extend(self.key(*row, *leaf));
            let open = counts.open(x, d);
            let (num, den) = match (x, d) {
                (Cell::Number(x), Cell::Number(d)) => (counts.numerator_of(*x, *d), *d),
                _ => (0, 0),
            };
            if family == Family::Proportion && (num % MICRO != 0 || den % MICRO != 0) {
                fractional.note(*row);
            }
            proportions.push(Proportion::new(num / MICRO, den / MICRO));
            let n = match pupils {
                Some(Cell::Number(n)) => n / MICRO,
                Some(Cell::Symbol(_)) => 0,
                None if matches!(counts.measure.quantity.family(), Family::Ratio) => 0,
                None => den / MICRO,
            };
            rates.push(Rate {
                n,
                events: num.into(),
                exposure: den.into(),
            });
            opens.push(open);
        }
        let column = if family == Family::Proportion && fractional.is_empty() {
            Column::Proportion(proportions.into())
        } else {
            Column::Rate(rates.into())
        };
        if !fractional.is_empty() {
            findings.push(
                Finding::warning(
                    "fractional_counts",
                    "counts are not whole numbers, so values have no intervals",
                )
                .rows(&fractional),
            );
        }
        let uncertain = opens.iter().any(|o| o.symbol.is_some() || o.is_range());
        let measure = counts.measure.clone();
        let measures = vec![MeasureTallies {
            measure,
            column,
            open: uncertain.then_some(opens),
        }];
        let leaves = self.leaves.iter();
        Tallies::canonical(Parts {
            dimensions: self
                .dimensions
                .iter()
                .map(|(name, c)| Dimension {
                    name: name.clone(),
                    values: c.labels.clone(),
                })
                .collect(),
            leaves: leaves
                .map(|(code, kind)| Leaf {
                    code: code.clone(),
                    kind: *kind,
                })
                .collect(),
            keys,
            measures,
            codes: counts.codes.clone(),
            unit: "published count".into(),
            findings,
        })
    }
}

impl Open {
    fn is_range(&self) -> bool {
        self.numerator.0 != self.numerator.1 || self.denominator.0 != self.denominator.1
    }
}

impl Counts {
    /// What counts above the line: for attendance, which is declared on sessions missed, the rest.
    fn numerator_of(&self, x: i64, d: i64) -> i64 {
        if self.mirrors() {
            d.saturating_sub(x)
        } else {
            x
        }
    }

    fn mirrors(&self) -> bool {
        matches!(
            self.measure.quantity,
            Quantity::Share {
                complement: true,
                ..
            }
        )
    }

    /// Where numerator and denominator of a cell may lie.
    fn open(&self, x: &Cell, d: &Cell) -> Open {
        let symbol = [x, d].into_iter().find_map(|cell| match cell {
            Cell::Symbol(symbol) => Some(symbol.clone()),
            Cell::Number(_) => None,
        });
        let half = self
            .rounded_to
            .map_or(0, |base| i128::from(base) * i128::from(MICRO) / 2);
        let range = |cell: &Cell| match cell {
            Cell::Number(v) => {
                let v = i128::from(*v);
                ((v - half).max(v.min(0)), v + half)
            }
            Cell::Symbol(symbol) => match self.symbols.get(symbol) {
                Some((from, to)) => (
                    i128::from(*from) * i128::from(MICRO),
                    i128::from(*to) * i128::from(MICRO),
                ),
                None => (0, UNBOUNDED),
            },
        };
        let (numerator, denominator) = (range(x), range(d));
        let numerator = if self.mirrors() {
            let (low, high) = (denominator.0 - numerator.1, denominator.1 - numerator.0);
            (low.max(0), high.max(0))
        } else {
            numerator
        };
        Open {
            symbol,
            numerator,
            denominator,
        }
    }
}

/// Columns in which two rows differ, other than those named and those of numbers.
fn differing(frame: &DataFrame, a: usize, b: usize, named: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for column in frame.columns() {
        let name = column.name().as_str();
        let text = column.dtype().is_string() || column.dtype().is_categorical();
        if named.contains(name) || !text {
            continue;
        }
        if let (Ok(x), Ok(y)) = (column.get(a), column.get(b))
            && x != y
            && x.get_str().is_none_or(|text| read_number(text).is_none())
        {
            names.insert(name.to_owned());
        }
    }
    names
}

fn read_number(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| *c != ',').collect();
    let digits = plain.bytes().any(|b| b.is_ascii_digit());
    digits.then(|| plain.parse().ok()).flatten()
}

/// Reads counts of some rows: numbers, numbers as text, or symbols.
fn read_counts(
    frame: &DataFrame,
    column: &str,
    rows: &[usize],
    findings: &mut Vec<Finding>,
) -> Vec<Cell> {
    let mut text = RowNumbers::default();
    let mut negative = RowNumbers::default();
    let mut cells = Vec::with_capacity(rows.len());
    let Ok(values) = frame.column(column) else {
        return cells;
    };
    let values = values.as_materialized_series();
    let as_text = values.cast(&DataType::String).ok();
    let floats = if values.dtype().is_numeric() {
        values.cast(&DataType::Float64).ok()
    } else {
        None
    };
    for row in rows {
        let number = match &floats {
            Some(floats) => floats
                .f64()
                .ok()
                .and_then(|f| f.get(*row))
                .filter(|v| !v.is_nan()),
            None => None,
        };
        let raw = as_text
            .as_ref()
            .and_then(|s| s.str().ok())
            .and_then(|s| s.get(*row));
        let raw = raw.map_or("", str::trim);
        let number = number.or_else(|| {
            if floats.is_none() {
                read_number(raw)
            } else {
                None
            }
        });
        cells.push(match number.and_then(micro) {
            Some(v) => {
                if v < 0 {
                    negative.note(*row);
                }
                Cell::Number(v)
            }
            None => {
                let symbol = if floats.is_some() {
                    String::new()
                } else {
                    raw.to_lowercase()
                };
                if !symbol.is_empty() && !SYMBOLS.contains(&symbol.as_str()) {
                    text.note(*row);
                }
                Cell::Symbol(symbol)
            }
        });
    }
    if !text.is_empty() {
        findings.push(
            Finding::refused(
                "not_a_number",
                "text that is neither a number nor a DfE symbol",
            )
            .column(column)
            .rows(&text)
            .hint(format!("symbols are {}", SYMBOLS.join(" "))),
        );
    }
    // Points such as Progress 8 may be negative; a number of pupils may not. Which it is shows in
    // the measure, so this is a warning here and a typed reason in the result.
    if !negative.is_empty() {
        findings.push(
            Finding::warning("negative", "a negative number")
                .column(column)
                .rows(&negative),
        );
    }
    cells
}

/// What one label of the ethnicity column means for the table.
enum Meaning {
    Leaf(String, LeafKind),
    SetAside,
}

fn meanings(
    labels: &Categories,
    rows: &[usize],
    counts: &Counts,
    findings: &mut Vec<Finding>,
) -> Vec<Meaning> {
    let mut used = vec![false; labels.labels.len()];
    for row in rows {
        if let Some(slot) = used.get_mut(labels.codes.get(*row) as usize) {
            *slot = true;
        }
    }
    let present = || {
        labels
            .labels
            .iter()
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(l, _)| l)
    };
    let total = match &counts.whole {
        Some(Whole::Row(label)) => Some(label.trim()),
        _ => None,
    };
    let is_total = |label: Option<&str>| {
        total.is_some_and(|total| total.eq_ignore_ascii_case(label.unwrap_or("")))
    };
    if let Some(label) = total
        && !present().any(|l| is_total(l.as_deref()))
    {
        let known: Vec<String> = present().flatten().cloned().collect();
        let finding = Finding::refused("no_total_row", format!("no row is labelled `{label}`"))
            .column(&counts.ethnicity);
        findings.push(match nearest(label, &known) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("the labels are {}", listed(&known))),
        });
    }
    let level = counts
        .level
        .unwrap_or_else(|| finest(present(), &counts.codes));
    let mut aside: Vec<String> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    let read = labels.labels.iter().zip(&used).map(|(label, used)| {
        let label = label.as_deref();
        if !used {
            return Meaning::SetAside;
        }
        if is_total(label) {
            return Meaning::Leaf(TOTAL.into(), LeafKind::Total);
        }
        let text = label.unwrap_or("(blank)").to_owned();
        match meaning(label, level, &counts.codes) {
            Some(Meaning::Leaf(code, kind)) => Meaning::Leaf(code, kind),
            Some(Meaning::SetAside) => {
                aside.push(text);
                Meaning::SetAside
            }
            None => {
                unknown.push(text);
                Meaning::SetAside
            }
        }
    });
    let meanings: Vec<Meaning> = read.collect();
    if !unknown.is_empty() {
        findings.push(
            Finding::refused("unknown_label", format!("no one group is meant by {}", listed(&unknown)))
                .column(&counts.ethnicity)
                .hint("leave such rows out with a filter, or take every label as a group of its own with codes=\"own\""),
        );
    }
    if !aside.is_empty() {
        findings.push(
            Finding::warning(
                "set_aside",
                format!(
                    "rows set aside, being of no group at this level: {}",
                    listed(&aside)
                ),
            )
            .column(&counts.ethnicity),
        );
    }
    report_one_group_twice(labels, &meanings, counts, findings);
    if let Some(finding) = alike(&counts.codes, &labels.labels) {
        findings.push(finding.column(&counts.ethnicity));
    }
    meanings
}

/// Two labels for one group would be added up in silence, or one would be lost.
fn report_one_group_twice(
    labels: &Categories,
    meanings: &[Meaning],
    counts: &Counts,
    findings: &mut Vec<Finding>,
) {
    let mut by_code: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (label, meaning) in labels.labels.iter().zip(meanings) {
        if let Meaning::Leaf(code, LeafKind::Classified | LeafKind::Total) = meaning {
            by_code
                .entry(code)
                .or_default()
                .push(label.clone().unwrap_or_default());
        }
    }
    for (code, labels) in by_code.into_iter().filter(|(_, labels)| labels.len() > 1) {
        findings.push(
            Finding::warning(
                "one_group_two_labels",
                format!("{} all mean `{code}`", quoted(&labels)),
            )
            .column(&counts.ethnicity),
        );
    }
}

/// The main level where any label is a main group or finer, else the major level.
fn finest<'a>(labels: impl Iterator<Item = &'a Option<String>>, codes: &CodeSet) -> GroupLevel {
    let CodeSet::Ethnicity(set) = codes else {
        return GroupLevel::Main;
    };
    let fine = labels.flatten().any(|label| {
        matches!(
            set.classify(label),
            Recognised::Leaf(_) | Recognised::Main(_) | Recognised::Extended(_)
        )
    });
    if fine {
        GroupLevel::Main
    } else {
        GroupLevel::Major
    }
}

fn meaning(label: Option<&str>, level: GroupLevel, codes: &CodeSet) -> Option<Meaning> {
    let CodeSet::Ethnicity(set) = codes else {
        let (code, kind) = codes.leaf(label)?;
        return Some(Meaning::Leaf(code, kind));
    };
    let classified = |code: &str| Some(Meaning::Leaf(code.to_owned(), LeafKind::Classified));
    let Some(label) = label else {
        return Some(Meaning::SetAside);
    };
    // Refused and not obtained keep codes of their own: tables list them in rows of their own.
    let unclassified = || {
        let code = match codes.leaf(Some(label)) {
            Some((code, LeafKind::Unclassified)) => code,
            _ => UNCLASSIFIED.into(),
        };
        Some(Meaning::Leaf(code, LeafKind::Unclassified))
    };
    match set.recognise(label, Some(level)) {
        Recognised::Leaf(code) if !set.is_classified(code) => unclassified(),
        Recognised::Leaf(code) | Recognised::Main(code) | Recognised::Extended(code) => {
            if level == GroupLevel::Major {
                return Some(Meaning::SetAside);
            }
            classified(code)
        }
        // These two majors are one main group each, and files list them once.
        Recognised::Major(Major::Chinese) if level == GroupLevel::Main => classified("CHNE"),
        Recognised::Major(Major::Other) if level == GroupLevel::Main => classified("OOTH"),
        Recognised::Major(major) if level == GroupLevel::Major => classified(major.label()),
        Recognised::Unclassified(_) => unclassified(),
        Recognised::Major(_)
        | Recognised::MinorityEthnic(_)
        | Recognised::NotMinority
        | Recognised::Total
        | Recognised::Crossed
        | Recognised::NotEthnicity => Some(Meaning::SetAside),
        _ => None,
    }
}
