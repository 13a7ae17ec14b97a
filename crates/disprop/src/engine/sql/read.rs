//! Cells as a database returns them: raw labels get their meaning, text its numbers.

use std::collections::{BTreeMap, BTreeSet};

use disprop_stats::{Mean, Proportion, Ratio};
use polars::prelude::{DataFrame, DataType};

use super::SqlPlan;
use crate::codes::{LeafKind, UNCLASSIFIED};
use crate::cohort::Rows;
use crate::cohort::ethnicity::{alike, mixed_findings, unknown_finding};
use crate::error::Error;
use crate::finding::{Finding, RowNumbers};
use crate::measure::{Family, Quantity};
use crate::order::natural;
use crate::tallies::{Column, Dimension, Leaf, MeasureTallies, Parts, Tallies};

type Text = Vec<Option<String>>;

impl SqlPlan {
    /// Returns the tallies that the statement's result holds.
    ///
    /// # Errors
    /// `data.refused` with everything that the statement counted as wrong, without row numbers,
    /// which a database does not have; `stats.overflow`; `tallies.checkpoint` for a result that is
    /// not this statement's.
    pub fn tallies(&self, result: &DataFrame) -> Result<Tallies, Error> {
        // Where a mover's rows are added, codes stand in rows of their own.
        let folds = self.options.rows == Rows::Pupil;
        let level = |name: &str| -> Result<DataFrame, Error> {
            let levels = self.texts(result, "level")?;
            let mask = levels.iter().map(|l| l.as_deref() == Some(name)).collect();
            Ok(result.filter(&mask)?)
        };
        let (units, rows) = match folds {
            true => (level("unit")?, level("row")?),
            false => (result.clone(), result.clone()),
        };
        let mut findings = self.faults(&units)?;
        findings.extend(self.codes(&rows)?);
        findings.sort_by_key(|finding| finding.severity);
        let decimals = |place: usize| self.decimals.get(place).copied().unwrap_or(0);
        self.put_together(&units, findings, |place, family| {
            let sums = |number: usize| self.numbers(&units, &format!("s{place}_{number}"));
            column(family, decimals(place), units.height(), &sums)
        })
    }

    /// Returns the tallies that the quick statement's result holds; none where they are not proven,
    /// or where there is more to tell of the rows than they do: the full statement will.
    ///
    /// # Errors
    /// `data.refused` for codes; `stats.overflow`; `tallies.checkpoint` for a result that is not
    /// this statement's.
    pub fn quick_tallies(&self, result: &DataFrame) -> Result<Option<Tallies>, Error> {
        let Some(quick) = self.quick.as_ref().filter(|_| result.height() > 0) else {
            return Ok(None);
        };
        let words = self.numbers(result, "g")?;
        let rows = self.counts(result, "n")?;
        let mut proven = rows.iter().zip(words).all(|(n, word)| proves(*n, word));
        if quick.pupils {
            proven &= self.counts(result, "f")?.iter().all(|count| *count == 0);
        }
        if !proven {
            return Ok(None);
        }
        let mut findings = self.codes(result)?;
        findings.sort_by_key(|finding| finding.severity);
        let tallies = self.put_together(result, findings, |place, family| {
            let none = || wrong(self.dialect.name(), "measures");
            let of = quick.measures.get(place).ok_or_else(none)?;
            let measure = self.measures.get(place).ok_or_else(none)?;
            let counted = |number: usize| {
                let pair = self.numbers(result, &format!("c{}", number / 2))?;
                let low = number.is_multiple_of(2);
                let half = |both: i128| if low { both & 0xffff_ffff } else { both >> 32 };
                Ok::<Vec<Option<i128>>, Error>(
                    pair.into_iter().map(|both| both.map(half)).collect(),
                )
            };
            let mut all: Vec<Vec<Option<i128>>> = Vec::new();
            for place in &of.counts {
                all.push(counted(*place)?);
            }
            for place in &of.sums {
                all.push(self.numbers(result, &format!("s{place}"))?);
            }
            if matches!(
                measure.quantity,
                Quantity::Share {
                    complement: true,
                    ..
                }
            ) {
                mirror(&mut all);
            }
            let sums = |number: usize| all.get(number).cloned().ok_or_else(none);
            column(family, of.decimals, result.height(), &sums)
        })?;
        Ok(Some(tallies))
    }

    /// Gives labels their meaning and puts sums in their places.
    fn put_together(
        &self,
        result: &DataFrame,
        findings: Vec<Finding>,
        column: impl Fn(usize, Family) -> Result<Column, Error>,
    ) -> Result<Tallies, Error> {
        if findings.iter().any(Finding::is_refusal) {
            return Err(Error::Refused { findings });
        }
        let raw = tidy(self.texts(result, "e")?);
        let mut dimensions = Vec::new();
        let mut numbers: Vec<Vec<u32>> = Vec::new();
        for (place, name) in self.dimensions.iter().enumerate() {
            let labels = tidy(self.texts(result, &format!("d{place}"))?);
            let distinct: BTreeSet<&Option<String>> = labels.iter().collect();
            let mut values: Vec<Option<String>> = distinct.into_iter().cloned().collect();
            values.sort_by(|a, b| match (a, b) {
                (Some(a), Some(b)) => natural(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            let places: BTreeMap<&Option<String>, u32> = values.iter().zip(0..).collect();
            let at = |label| places.get(label).copied().unwrap_or(0);
            numbers.push(labels.iter().map(at).collect());
            dimensions.push(Dimension {
                name: name.clone(),
                values,
            });
        }
        let mut leaves: Vec<Leaf> = Vec::new();
        let mut of_rows = Vec::new();
        for label in &raw {
            let leaf = self.options.codes.leaf(label.as_deref());
            let (code, kind) =
                leaf.unwrap_or_else(|| (UNCLASSIFIED.to_owned(), LeafKind::Unclassified));
            let leaf = Leaf { code, kind };
            let place = leaves.iter().position(|l| *l == leaf);
            of_rows.push(place.unwrap_or_else(|| {
                leaves.push(leaf);
                leaves.len() - 1
            }) as u32);
        }
        numbers.push(of_rows);
        let mut keys = Vec::with_capacity(result.height() * numbers.len());
        for row in 0..result.height() {
            keys.extend(numbers.iter().filter_map(|n| n.get(row)));
        }
        let measures = self.measures.iter().enumerate().map(|(place, measure)| {
            Ok(MeasureTallies {
                measure: measure.clone(),
                column: column(place, measure.quantity.family())?,
                open: None,
            })
        });
        Tallies::canonical(Parts {
            kept: Vec::new(),
            measures: measures.collect::<Result<_, Error>>()?,
            dimensions,
            leaves,
            keys,
            codes: self.options.codes.clone(),
            unit: self.options.rows.label().into(),
            findings,
        })
    }

    /// What the statement counted as wrong, or as worth a word.
    fn faults(&self, result: &DataFrame) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        if result.height() == 0 {
            findings.push(
                Finding::refused("no_rows", "the source has no rows")
                    .hint("check that the source is complete and the filter keeps something"),
            );
        }
        for (place, fault) in self.faults.iter().enumerate() {
            let counts = self.counts(result, &format!("f{place}"))?;
            // A pupil who stands twice is counted over the whole source, in every row alike.
            let count = if fault.kind == "duplicate_pupil" {
                counts.first().copied().unwrap_or(0)
            } else {
                counts.iter().sum()
            };
            if count > 0 {
                findings.push(fault.clone().rows(&RowNumbers {
                    count: count as u64,
                    first: Vec::new(),
                }));
            }
        }
        Ok(findings)
    }

    /// What is to be said of the codes of these rows.
    fn codes(&self, result: &DataFrame) -> Result<Vec<Finding>, Error> {
        let rows = self.counts(result, "n")?;
        let raw = tidy(self.texts(result, "e")?);
        let mut findings = Vec::new();
        let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
        let mut present: BTreeMap<String, u64> = BTreeMap::new();
        for (label, count) in raw.iter().zip(rows) {
            let count = count as u64;
            match self.options.codes.leaf(label.as_deref()) {
                Some((code, _)) => *present.entry(code).or_default() += count,
                None => {
                    *unknown
                        .entry(label.as_deref().unwrap_or_default())
                        .or_default() += count;
                }
            }
        }
        let column = |finding: Finding| finding.column(&self.ethnicity);
        if !unknown.is_empty() {
            let rows = RowNumbers {
                count: unknown.values().sum(),
                first: Vec::new(),
            };
            let unknown: Vec<(&str, u64)> = unknown.into_iter().collect();
            let finding = unknown_finding(&unknown, self.options.unknown_codes);
            findings.push(column(finding.rows(&rows)));
        }
        let labels: Text = present.keys().cloned().map(Some).collect();
        findings.extend(alike(&self.options.codes, &labels).map(column));
        let present: Vec<(&str, u64)> = present.iter().map(|(l, n)| (l.as_str(), *n)).collect();
        let mixed = mixed_findings(&self.options.codes, &present).into_iter();
        findings.extend(mixed.map(column));
        Ok(findings)
    }

    fn texts(&self, result: &DataFrame, name: &str) -> Result<Text, Error> {
        let wrong = || wrong(self.dialect.name(), name);
        let text = result
            .column(name)
            .map_err(|_| wrong())?
            .cast(&DataType::String);
        let text = text.map_err(|_| wrong())?;
        let text = text.str().map_err(|_| wrong())?;
        Ok(text.iter().map(|t| t.map(str::to_owned)).collect())
    }

    fn numbers(&self, result: &DataFrame, name: &str) -> Result<Vec<Option<i128>>, Error> {
        let read = |text: Option<String>| match text {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| overflow("x squared")),
        };
        self.texts(result, name)?.into_iter().map(read).collect()
    }

    fn counts(&self, result: &DataFrame, name: &str) -> Result<Vec<i128>, Error> {
        let numbers = self.numbers(result, name)?;
        Ok(numbers.into_iter().map(|n| n.unwrap_or(0)).collect())
    }
}

/// Whether sums of products over a cell's rows fit a machine word, and counts half of one.
fn proves(rows: i128, word: Option<i128>) -> bool {
    let Some(word) = word.filter(|word| (0..1 << 32).contains(word)) else {
        return false;
    };
    let beyond = 1_i128 << (128 - word.leading_zeros());
    let fits = |sum: i128| sum <= i128::from(i64::MAX);
    rows < 1 << 31 && fits(beyond * beyond * rows)
}

/// Sums of what is left of the denominator, from those of the numerator.
fn mirror(sums: &mut [Vec<Option<i128>>]) {
    let [_, x, d, xx, xd, dd] = sums else {
        return;
    };
    let rows = x.iter_mut().zip(d).zip(xx).zip(xd).zip(dd);
    for ((((x, d), xx), xd), dd) in rows {
        if let (Some(x), Some(d), Some(xx), Some(xd), Some(dd)) = (x, d, xx, xd, dd) {
            *x = *d - *x;
            *xx += *dd - 2 * *xd;
            *xd = *dd - *xd;
        }
    }
}

/// A measure's tallies from its sums, which are `10^-decimals` of a unit.
fn column(
    family: Family,
    decimals: u32,
    height: usize,
    sums: &dyn Fn(usize) -> Result<Vec<Option<i128>>, Error>,
) -> Result<Column, Error> {
    let up = 10_i128.pow(6 - decimals);
    let count = |value: Option<i128>| {
        let count = value.unwrap_or(0);
        i64::try_from(count).map_err(|_| overflow("n"))
    };
    // No sum where somebody counts means that the database could not hold it.
    let scaled = |value: Option<i128>, n: i64, by: i128| match value {
        Some(value) => value.checked_mul(by).ok_or_else(|| overflow("x squared")),
        None if n == 0 => Ok(0),
        None => Err(overflow("x squared")),
    };
    Ok(match family {
        Family::Proportion => Column::Proportion(
            sums(0)?
                .into_iter()
                .zip(sums(1)?)
                .map(|(events, trials)| {
                    Ok(Proportion {
                        events: count(events)?,
                        trials: count(trials)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
        ),
        Family::Mean | Family::Rate => {
            let (sum, squares) = (sums(1)?, sums(2)?);
            let rows = sums(0)?.into_iter().zip(sum).zip(squares);
            Column::Mean(
                rows.map(|((n, sum), squares)| {
                    let n = count(n)?;
                    Ok(Mean {
                        n,
                        sum: scaled(sum, n, up)?,
                        squares: scaled(squares, n, up * up)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
            )
        }
        Family::Ratio => {
            let all = (0..6).map(sums).collect::<Result<Vec<_>, Error>>()?;
            let at = |number: usize, row: usize| {
                all.get(number).and_then(|s| s.get(row)).copied().flatten()
            };
            Column::Ratio(
                (0..height)
                    .map(|row| {
                        let n = count(at(0, row))?;
                        Ok(Ratio {
                            n,
                            x: scaled(at(1, row), n, up)?,
                            d: scaled(at(2, row), n, up)?,
                            xx: scaled(at(3, row), n, up * up)?,
                            xd: scaled(at(4, row), n, up * up)?,
                            dd: scaled(at(5, row), n, up * up)?,
                        })
                    })
                    .collect::<Result<_, Error>>()?,
            )
        }
    })
}

/// Trims labels; blank is missing.
fn tidy(labels: Text) -> Text {
    labels
        .into_iter()
        .map(|label| label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()))
        .collect()
}

fn wrong(engine: &str, name: &str) -> Error {
    Error::Checkpoint {
        problem: format!("the result of the {engine} statement has no column `{name}`"),
    }
}

fn overflow(quantity: &'static str) -> Error {
    disprop_stats::Error::Overflow {
        quantity,
        bits: 128,
    }
    .into()
}
