//! The rows of a published table that count, and the tallies they make.

use std::collections::{BTreeMap, BTreeSet};

use disprop_stats::tally::MICRO;
use disprop_stats::{Proportion, Rate};
use polars::prelude::*;

use super::{
    Categories, Cell, Column, Counts, Dimension, Error, Family, Finding, Leaf, LeafKind, Meaning,
    MeasureTallies, Parts, Quantity, RowNumbers, Tallies, categories, differing, meanings, quoted,
    read_counts,
};

/// The rows that count, read.
pub(super) struct Table {
    dimensions: Vec<(String, Categories)>,
    leaves: Vec<(String, LeafKind)>,
    /// Row of the frame, leaf, numerator, denominator, pupils.
    rows: Vec<(usize, usize, Cell, Cell, Option<Cell>)>,
}

/// What one place holds: its total row, and the other rows added up; symbols count as nothing.
#[derive(Default)]
struct Held {
    total: Option<(usize, [Option<i128>; 2])>,
    rows: i128,
    listed: [i128; 2],
}

impl Held {
    fn add(&mut self, row: usize, total: bool, cells: [&Cell; 2]) {
        let numbers = cells.map(|cell| match cell {
            Cell::Number(value) => Some(i128::from(*value)),
            Cell::Symbol(_) => None,
        });
        if total {
            self.total = Some((row, numbers));
            return;
        }
        self.rows += 1;
        for (sum, number) in self.listed.iter_mut().zip(numbers) {
            *sum += number.unwrap_or(0);
        }
    }

    /// The total row, where the others have more than it by more than their rounding.
    fn exceeded(&self, half: i128, points: bool) -> Option<usize> {
        let (row, [x, d]) = self.total?;
        let slack = half * (self.rows + 1);
        let beyond = |total: Option<i128>, listed| total.is_some_and(|all| listed > all + slack);
        let [events, pupils] = self.listed;
        (beyond(d, pupils) || (!points && beyond(x, events))).then_some(row)
    }
}

impl Table {
    pub(super) fn read(
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
        table.check_sums(counts, findings);
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

    /// No row holds more than everyone: groups within groups, or a total of other pupils, show here.
    fn check_sums(&self, counts: &Counts, findings: &mut Vec<Finding>) {
        let mut places: BTreeMap<Vec<u32>, Held> = BTreeMap::new();
        for (row, leaf, x, d, _) in &self.rows {
            let mut place = self.key(*row, *leaf);
            place.pop();
            let held = places.entry(place).or_default();
            let kind = self.leaves.get(*leaf).map(|(_, kind)| *kind);
            held.add(*row, kind == Some(LeafKind::Total), [x, d]);
        }
        // Points may be negative, so that a part may have more of them than the whole.
        let points = matches!(counts.measure.quantity, Quantity::Score { .. });
        let half = counts.half_rounding();
        let mut rows: Vec<usize> = places
            .values()
            .filter_map(|held| held.exceeded(half, points))
            .collect();
        rows.sort_unstable();
        let mut exceeded = RowNumbers::default();
        rows.into_iter().for_each(|row| exceeded.note(row));
        if exceeded.is_empty() {
            return;
        }
        let hint = match counts.rounded_to {
            None => {
                "is a group part of another in the list, or the total one of other pupils? If \
                 counts were rounded, to 5 say, give rounded_to=5"
            }
            Some(_) => "is a group part of another in the list, or the total one of other pupils?",
        };
        findings.push(
            Finding::warning(
                "groups_exceed_total",
                "the groups listed add up to more than the total row",
            )
            .rows(&exceeded)
            .hint(hint),
        );
    }

    pub(super) fn tallies(
        self,
        counts: &Counts,
        mut findings: Vec<Finding>,
    ) -> Result<Tallies, Error> {
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
            kept: Vec::new(),
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
