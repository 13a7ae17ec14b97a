//! Tallies kept and read back: the wire form with a first row that says what the rest is.
//!
//! The first row holds nothing but JSON in the column `checkpoint`: format, version, definitions of
//! the measures, names of the dimensions, meaning of the codes, unit, findings, and a checksum of
//! all that. It travels with the rows through any writer of frames; nothing depends on metadata
//! that a file format may drop.

use std::collections::BTreeSet;
use std::sync::Mutex;

use disprop_stats::{Mean, Proportion, Rate, Ratio};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::{Column as Sums, Dimension, Leaf, MeasureTallies, Open, Parts, Tallies};
use crate::codes::{ChineseRule, CodeSet, Ethnicity, LeafKind};
use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::measure::{Family, Measure};
use crate::order::natural;

const FORMAT: &str = "disprop.tallies";
/// Version of the form; a reader refuses later ones.
const VERSION: u32 = 1;
/// Name of the column that holds the first row's description.
const COLUMN: &str = "checkpoint";
const MICRO: i128 = disprop_stats::tally::MICRO as i128;
/// Columns of what a publication left open, kept only where something is.
const OPEN: [&str; 5] = ["symbol", "x_min", "x_max", "d_min", "d_max"];

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    #[serde(default)]
    written_by: String,
    cells: usize,
    dimensions: Vec<String>,
    measures: Vec<Kept>,
    codes: Codes,
    unit: String,
    findings: Vec<Found>,
    /// Dimensions of which one value was kept, and that value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept: Vec<(String, String)>,
    /// What an unfinished stream keeps beside its sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(default)]
    checksum: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    definition: Measure,
    family: Family,
    open: bool,
}

#[derive(Serialize, Deserialize)]
struct Codes {
    set: String,
    #[serde(default)]
    chinese: String,
    #[serde(default)]
    extra: Vec<[String; 3]>,
}

#[derive(Serialize, Deserialize)]
struct Found {
    kind: String,
    refused: bool,
    column: Option<String>,
    rows: u64,
    first_rows: Vec<u64>,
    message: String,
    hint: Option<String>,
}

impl Tallies {
    /// Returns the tallies as a frame that [`Tallies::from_checkpoint`] takes back, whatever file
    /// it was kept in meanwhile.
    ///
    /// The rows are those of [`Tallies::to_frame`], after a first row whose column `checkpoint`
    /// says what they are: version, measures, dimensions, meaning of the codes, unit, findings and
    /// a checksum.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    ///
    /// # Example: kept and read back
    /// ```
    /// use disprop::{Cohort, Columns, Tallies, measure, synth};
    /// let plan = synth::Plan { pupils: 500, years: 1, ..Default::default() };
    /// let cohort = Cohort::new(synth::cohort(&plan)?, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("absence")?], &["sex"])?;
    /// let kept = tallies.to_checkpoint()?;
    /// assert_eq!(Tallies::from_checkpoint(&kept)?, tallies);
    /// // A frame from elsewhere is refused with a reason.
    /// assert_eq!(Tallies::from_checkpoint(&tallies.to_frame()?).unwrap_err().code(), "tallies.checkpoint");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_checkpoint(&self) -> Result<DataFrame, Error> {
        self.checkpoint_with(None)
    }

    pub(crate) fn checkpoint_with(&self, state: Option<String>) -> Result<DataFrame, Error> {
        let mut header = self.header(state)?;
        header.checksum = self.checksum(&header)?;
        let mut rows = self.to_frame()?;
        if self.measures.iter().any(|m| m.open.is_some()) {
            for column in self.open_columns()? {
                rows.with_column(column)?;
            }
        }
        let text = StringChunked::full_null(COLUMN.into(), rows.height());
        rows.with_column(text.into_column())?;
        let first = rows.columns().iter().map(|column| {
            if column.name() == COLUMN {
                let text = json(&header)?;
                Ok(StringChunked::from_slice(COLUMN.into(), &[text.as_str()]).into_column())
            } else {
                Ok(Column::full_null(column.name().clone(), 1, column.dtype()))
            }
        });
        let mut first = DataFrame::new(1, first.collect::<Result<Vec<_>, Error>>()?)?;
        first.vstack_mut(&rows)?;
        Ok(first)
    }

    /// Returns the tallies that a checkpoint holds, in full or not at all.
    ///
    /// # Errors
    /// `tallies.checkpoint` with the reason: no checkpoint, one of a later version, a missing row
    /// or column, or contents that are not what was written.
    pub fn from_checkpoint(frame: &DataFrame) -> Result<Self, Error> {
        Ok(Tallies::with_state(frame)?.0)
    }

    pub(crate) fn with_state(frame: &DataFrame) -> Result<(Self, Option<String>), Error> {
        let header = Header::read(frame)?;
        let expected = (header.cells.checked_mul(header.measures.len()))
            .and_then(|rows| rows.checked_add(1))
            .ok_or_else(|| bad("its number of cells is absurd"))?;
        if frame.height() != expected {
            return Err(bad(&format!(
                "it has {} rows where {expected} were written",
                frame.height()
            )));
        }
        let rows = frame.slice(1, frame.height());
        let tallies = header.tallies(&rows)?;
        if tallies.checksum(&header)? != header.checksum {
            return Err(bad("its contents are not those that were written"));
        }
        Ok((tallies, header.state))
    }

    fn header(&self, state: Option<String>) -> Result<Header, Error> {
        let kept = self.measures.iter().map(|m| Kept {
            definition: m.measure.clone(),
            family: m.column.family(),
            open: m.open.is_some(),
        });
        let found = self.findings.iter().map(|f| Found {
            kind: f.kind.into(),
            refused: f.is_refusal(),
            column: f.column.clone(),
            rows: f.rows,
            first_rows: f.first_rows.clone(),
            message: f.message.clone(),
            hint: f.hint.clone(),
        });
        Ok(Header {
            format: FORMAT.into(),
            version: VERSION,
            written_by: env!("CARGO_PKG_VERSION").into(),
            cells: self.cells(),
            dimensions: self.dimensions.iter().map(|d| d.name.clone()).collect(),
            measures: kept.collect(),
            codes: Codes::of(&self.codes),
            unit: self.unit.clone(),
            findings: found.collect(),
            kept: self.kept.clone(),
            state,
            checksum: String::new(),
        })
    }

    /// A number of everything that was kept; no two contents that differ by a slip share it.
    fn checksum(&self, header: &Header) -> Result<String, Error> {
        let mut hash = Xxh3::new();
        let described = Header {
            checksum: String::new(),
            written_by: header.written_by.clone(),
            ..self.header(header.state.clone())?
        };
        hash.update(json(&described)?.as_bytes());
        let text = |hash: &mut Xxh3, text: Option<&str>| {
            // Lengths keep neighbours apart; nothing is told from empty by its own mark.
            hash.update(&text.map_or(u64::MAX, |t| t.len() as u64).to_le_bytes());
            hash.update(text.unwrap_or_default().as_bytes());
        };
        for cell in 0..self.cells() {
            let key = self.key(cell);
            for (dimension, number) in self.dimensions.iter().zip(key) {
                let value = dimension.values.get(*number as usize);
                text(&mut hash, value.and_then(Option::as_deref));
            }
            let leaf = key.last().and_then(|l| self.leaves.get(*l as usize));
            text(&mut hash, leaf.map(|l| l.code.as_str()));
            hash.update(&[leaf.map_or(9, |l| l.kind as u8)]);
            for measure in &self.measures {
                for sum in measure.column.sums(cell).into_iter().flatten() {
                    hash.update(&sum.to_le_bytes());
                }
                if let Some(open) = measure.open.as_ref().and_then(|o| o.get(cell)) {
                    text(&mut hash, open.symbol.as_deref());
                    let ((a, b), (c, d)) = (open.numerator, open.denominator);
                    for end in [a, b, c, d] {
                        hash.update(&end.to_le_bytes());
                    }
                }
            }
        }
        Ok(format!("{:032x}", hash.digest128()))
    }

    fn open_columns(&self) -> Result<Vec<Column>, Error> {
        let exact = |measure: &MeasureTallies, cell: usize| match &measure.open {
            Some(open) => open.get(cell).cloned().unwrap_or_default(),
            None => measure.column.exact(cell),
        };
        let cells = || (0..self.cells()).flat_map(|c| self.measures.iter().map(move |m| (m, c)));
        let symbols: Vec<Option<String>> = cells().map(|(m, c)| exact(m, c).symbol).collect();
        let mut columns = vec![Series::new(OPEN[0].into(), symbols).into_column()];
        type End = fn(&Open) -> i128;
        let ends: [End; 4] = [
            |o| o.numerator.0,
            |o| o.numerator.1,
            |o| o.denominator.0,
            |o| o.denominator.1,
        ];
        for (name, end) in OPEN.iter().skip(1).zip(ends) {
            // Ends reach beyond 38 digits where a count was withheld, so they are kept as text.
            let values: Vec<String> = cells()
                .map(|(m, c)| end(&exact(m, c)).to_string())
                .collect();
            columns.push(Series::new((*name).into(), values).into_column());
        }
        Ok(columns)
    }
}

impl Header {
    fn read(frame: &DataFrame) -> Result<Self, Error> {
        let foreign = || bad("there is no column `checkpoint` with a description in its first row");
        let text = frame
            .column(COLUMN)
            .ok()
            .filter(|c| !c.is_empty())
            .and_then(|c| c.cast(&DataType::String).ok())
            .and_then(|c| c.str().ok().and_then(|c| c.get(0).map(str::to_owned)))
            .ok_or_else(foreign)?;
        let value: serde_json::Value = serde_json::from_str(&text).map_err(|_| foreign())?;
        if value.get("format").and_then(|f| f.as_str()) != Some(FORMAT) {
            return Err(foreign());
        }
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        match version {
            Some(v) if v == u64::from(VERSION) => {}
            Some(v) if v > u64::from(VERSION) => {
                return Err(bad(&format!(
                    "they are of version {v}, and this is a disprop that reads version {VERSION}; \
                     a later disprop wrote them"
                )));
            }
            _ => return Err(bad("their version cannot be read")),
        }
        serde_json::from_value(value).map_err(|_| bad("their description is damaged"))
    }

    fn tallies(&self, rows: &DataFrame) -> Result<Tallies, Error> {
        let stride = self.measures.len().max(1);
        let cells = self.cells;
        let mut labels: Vec<(Vec<Option<String>>, Vec<u32>)> = Vec::new();
        for name in &self.dimensions {
            labels.push(numbered(texts(rows, name)?, cells, stride));
        }
        let codes = texts(rows, "ethnicity")?;
        let kinds = texts(rows, "kind")?;
        let mut leaves: Vec<Leaf> = Vec::new();
        let mut leaf_numbers = Vec::with_capacity(cells);
        for cell in 0..cells {
            let at = cell * stride;
            let kind = match kinds.get(at).and_then(Option::as_deref) {
                Some("classified") => LeafKind::Classified,
                Some("unclassified") => LeafKind::Unclassified,
                Some("total") => LeafKind::Total,
                _ => return Err(bad("a cell is of no kind")),
            };
            let code = codes.get(at).cloned().flatten().unwrap_or_default();
            let leaf = Leaf { code, kind };
            let number = leaves.iter().position(|l| *l == leaf).unwrap_or_else(|| {
                leaves.push(leaf);
                leaves.len() - 1
            });
            leaf_numbers.push(number as u32);
        }
        let mut keys = Vec::with_capacity(cells * (labels.len() + 1));
        for cell in 0..cells {
            let dimensions = labels.iter().map(|(_, numbers)| numbers);
            let numbers = dimensions.chain([&leaf_numbers]);
            keys.extend(numbers.filter_map(|n| n.get(cell)));
        }
        let sums = Read::of(rows)?;
        let ids = texts(rows, "measure")?;
        let measures = self.measures.iter().enumerate().map(|(place, kept)| {
            let at = |cell: usize| cell * stride + place;
            let id = Some(kept.definition.id.as_str());
            if (0..cells).any(|c| ids.get(at(c)).and_then(Option::as_deref) != id) {
                return Err(bad("a row is of another measure than its place says"));
            }
            Ok(MeasureTallies {
                measure: kept
                    .definition
                    .clone()
                    .checked()
                    .map_err(|_| bad("a measure does not hold together"))?,
                column: sums.column(kept.family, cells, at)?,
                open: if kept.open {
                    Some(read_open(rows, cells, at)?)
                } else {
                    None
                },
            })
        });
        let dimensions = self.dimensions.iter().zip(labels);
        Tallies::canonical(Parts {
            measures: measures.collect::<Result<_, Error>>()?,
            dimensions: dimensions
                .map(|(name, (values, _))| Dimension {
                    name: name.clone(),
                    values,
                })
                .collect(),
            leaves,
            keys,
            codes: self.codes.set()?,
            unit: self.unit.clone(),
            kept: self.kept.clone(),
            findings: self
                .findings
                .iter()
                .map(Found::finding)
                .collect::<Result<_, Error>>()?,
        })
    }
}

impl Sums {
    /// The integers of a cell, in the order they are hashed.
    fn sums(&self, cell: usize) -> [Option<i128>; 6] {
        let four = |[a, b, c, d, e, f]: [i128; 6]| [a, b, c, d, e, f].map(Some);
        let some = match self {
            Sums::Proportion(c) => c
                .get(cell)
                .map(|t| [t.events.into(), t.trials.into(), 0, 0, 0, 0]),
            Sums::Mean(c) => c.get(cell).map(|t| [t.n.into(), t.sum, t.squares, 0, 0, 0]),
            Sums::Ratio(c) => c
                .get(cell)
                .map(|t| [t.n.into(), t.x, t.d, t.xx, t.xd, t.dd]),
            Sums::Rate(c) => c
                .get(cell)
                .map(|t| [t.n.into(), t.events, t.exposure, 0, 0, 0]),
        };
        some.map_or([None; 6], four)
    }
}

/// The columns of sums, as whole numbers in the units of the tallies.
struct Read {
    n: Vec<Option<i128>>,
    sums: Vec<Vec<Option<i128>>>,
}

impl Read {
    fn of(rows: &DataFrame) -> Result<Self, Error> {
        let scales = [("x", 6), ("d", 6), ("xx", 12), ("xd", 12), ("dd", 12)];
        Ok(Read {
            n: decimals(rows, "n", 0)?,
            sums: scales
                .iter()
                .map(|(name, scale)| decimals(rows, name, *scale))
                .collect::<Result<_, Error>>()?,
        })
    }

    fn column(
        &self,
        family: Family,
        cells: usize,
        at: impl Fn(usize) -> usize,
    ) -> Result<Sums, Error> {
        let missing = || bad("a sum is missing");
        let n = |cell: usize| {
            let n = self.n.get(at(cell)).copied().flatten();
            n.and_then(|n| i64::try_from(n).ok()).ok_or_else(missing)
        };
        let sum = |place: usize, cell: usize| {
            let column = self.sums.get(place);
            column
                .and_then(|c| c.get(at(cell)).copied().flatten())
                .ok_or_else(missing)
        };
        let all = 0..cells;
        Ok(match family {
            Family::Proportion => Sums::Proportion(
                all.map(|cell| {
                    let events = sum(0, cell)?;
                    if events % MICRO != 0 {
                        return Err(bad("a number of events is not whole"));
                    }
                    Ok(Proportion {
                        events: i64::try_from(events / MICRO).map_err(|_| missing())?,
                        trials: n(cell)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
            ),
            Family::Mean => Sums::Mean(
                all.map(|cell| {
                    Ok(Mean {
                        n: n(cell)?,
                        sum: sum(0, cell)?,
                        squares: sum(2, cell)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
            ),
            Family::Ratio => Sums::Ratio(
                all.map(|cell| {
                    Ok(Ratio {
                        n: n(cell)?,
                        x: sum(0, cell)?,
                        d: sum(1, cell)?,
                        xx: sum(2, cell)?,
                        xd: sum(3, cell)?,
                        dd: sum(4, cell)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
            ),
            Family::Rate => Sums::Rate(
                all.map(|cell| {
                    Ok(Rate {
                        n: n(cell)?,
                        events: sum(0, cell)?,
                        exposure: sum(1, cell)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
            ),
        })
    }
}

impl Codes {
    fn of(codes: &CodeSet) -> Self {
        let CodeSet::Ethnicity(set) = codes else {
            return Codes {
                set: "own".into(),
                chinese: String::new(),
                extra: Vec::new(),
            };
        };
        let known = Ethnicity::default().codes().count();
        let extra = set.codes().skip(known);
        Codes {
            set: "england".into(),
            chinese: match set.rule() {
                ChineseRule::InAsian => "asian".into(),
                ChineseRule::OwnMajor => "own".into(),
            },
            extra: extra
                .map(|c| [c.code.into(), c.label.into(), c.main.into()])
                .collect(),
        }
    }

    fn set(&self) -> Result<CodeSet, Error> {
        let rule = match (self.set.as_str(), self.chinese.as_str()) {
            ("own", _) => return Ok(CodeSet::Own),
            ("england", "asian") => ChineseRule::InAsian,
            ("england", "own") => ChineseRule::OwnMajor,
            _ => return Err(bad("the meaning of the codes is unknown")),
        };
        let mut set = Ethnicity::default().chinese_rule(rule);
        for [code, label, main] in &self.extra {
            set = set
                .with_addition(code, label, main)
                .map_err(|_| bad("an added code is not usable"))?;
        }
        Ok(CodeSet::Ethnicity(Box::new(set)))
    }
}

impl Found {
    fn finding(&self) -> Result<Finding, Error> {
        Ok(Finding {
            kind: slug(&self.kind)?,
            severity: if self.refused {
                Severity::Refused
            } else {
                Severity::Warning
            },
            column: self.column.clone(),
            rows: self.rows,
            first_rows: self.first_rows.clone(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        })
    }
}

/// A finding's kind that lasts as long as the program: there are a few dozen in all.
pub(crate) fn slug(kind: &str) -> Result<&'static str, Error> {
    const MOST: usize = 1_000;
    static KINDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let mut kinds = KINDS.lock().map_err(|_| bad("its findings are damaged"))?;
    if let Some(known) = kinds.get(kind) {
        return Ok(known);
    }
    if kind.len() > 64 || !kind.chars().all(plain) || kinds.len() >= MOST {
        return Err(bad("its findings are damaged"));
    }
    let kind: &'static str = Box::leak(kind.to_owned().into_boxed_str());
    kinds.insert(kind);
    Ok(kind)
}

fn bad(problem: &str) -> Error {
    Error::Checkpoint {
        problem: problem.into(),
    }
}

fn json(header: &Header) -> Result<String, Error> {
    serde_json::to_string(header).map_err(|_| bad("their description cannot be written"))
}

fn column<'a>(rows: &'a DataFrame, name: &str) -> Result<&'a Column, Error> {
    rows.column(name)
        .map_err(|_| bad(&format!("the column `{name}` is missing")))
}

fn texts(rows: &DataFrame, name: &str) -> Result<Vec<Option<String>>, Error> {
    let wrong = || bad(&format!("the column `{name}` holds no text"));
    let text = column(rows, name)?
        .cast(&DataType::String)
        .map_err(|_| wrong())?;
    let text = text.str().map_err(|_| wrong())?;
    Ok(text.iter().map(|t| t.map(str::to_owned)).collect())
}

/// Labels in natural order, and each cell's number among them.
fn numbered(
    rows: Vec<Option<String>>,
    cells: usize,
    stride: usize,
) -> (Vec<Option<String>>, Vec<u32>) {
    let of_cells: Vec<Option<String>> = (0..cells)
        .map(|cell| rows.get(cell * stride).cloned().flatten())
        .collect();
    let distinct: BTreeSet<Option<String>> = of_cells.iter().cloned().collect();
    let mut labels: Vec<Option<String>> = distinct.into_iter().collect();
    labels.sort_by(|a, b| match (a, b) {
        (Some(a), Some(b)) => natural(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let place: std::collections::BTreeMap<&Option<String>, u32> = labels.iter().zip(0..).collect();
    let numbers = of_cells
        .iter()
        .map(|label| place.get(label).copied().unwrap_or(0))
        .collect();
    (labels, numbers)
}

fn decimals(rows: &DataFrame, name: &str, scale: usize) -> Result<Vec<Option<i128>>, Error> {
    let wrong = || bad(&format!("the column `{name}` holds no exact numbers"));
    let column = column(rows, name)?;
    match column.dtype() {
        DataType::Decimal(_, found) if *found == scale => {}
        dtype if dtype.is_integer() && scale == 0 => {}
        _ => return Err(wrong()),
    }
    let physical = column.to_physical_repr();
    let whole = physical.cast(&DataType::Int128).map_err(|_| wrong())?;
    let whole = whole.i128().map_err(|_| wrong())?;
    Ok(whole.iter().collect())
}

fn read_open(
    rows: &DataFrame,
    cells: usize,
    at: impl Fn(usize) -> usize,
) -> Result<Vec<Open>, Error> {
    let symbols = texts(rows, OPEN[0])?;
    let ends = OPEN
        .iter()
        .skip(1)
        .map(|name| texts(rows, name))
        .collect::<Result<Vec<_>, Error>>()?;
    let end = |place: usize, cell: usize| {
        let text = ends
            .get(place)
            .and_then(|e| e.get(at(cell)).cloned().flatten());
        text.and_then(|t| t.parse::<i128>().ok())
            .ok_or_else(|| bad("a range is missing"))
    };
    (0..cells)
        .map(|cell| {
            Ok(Open {
                symbol: symbols.get(at(cell)).cloned().flatten(),
                numerator: (end(0, cell)?, end(1, cell)?),
                denominator: (end(2, cell)?, end(3, cell)?),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tallies::{Counts, Whole};
    use crate::{Cohort, Columns, measure};

    fn tallies() -> Tallies {
        let frame = df!(
            "ethnicity" => ["BCRB", "WBRI", "REFU", "bcrb"],
            "year" => [Some("2022/23"), Some("2022/23"), None, Some("9")],
            "sessions_possible" => [380, 380, 190, 1],
            "sessions_absent" => [38.5, 10.0, 3.0, 0.0],
            "suspensions" => [Some(1), None, Some(0), Some(7)],
        )
        .unwrap();
        let measures =
            ["absence", "persistent_absence", "suspensions"].map(|m| measure(m).unwrap());
        let cohort = Cohort::new(frame, Columns::npd()).unwrap();
        cohort.tally(&measures, &["year"]).unwrap()
    }

    #[test]
    fn a_checkpoint_without_a_row_is_none() {
        let kept = tallies().to_checkpoint().unwrap();
        let error = Tallies::from_checkpoint(&kept.head(Some(0))).unwrap_err();
        assert_eq!(error.code(), "tallies.checkpoint");
        assert!(error.to_string().contains("no column `checkpoint`"));
    }

    #[test]
    fn every_family_comes_back() {
        let tallies = tallies();
        let kept = tallies.to_checkpoint().unwrap();
        let back = Tallies::from_checkpoint(&kept).unwrap();
        assert_eq!(back, tallies);
        assert_eq!(back.findings(), tallies.findings());
        assert_eq!(back.unit(), tallies.unit());
        let table = df!("g" => ["Black Caribbean", "Total"], "x" => ["c", "381865"], "n" => [92595, 8025075]);
        let counts = Counts::new(measure("suspensions").unwrap(), "g", "x", "n")
            .whole(Whole::Row("Total".into()));
        let published = Tallies::from_counts(&table.unwrap(), &counts).unwrap();
        let kept = published.to_checkpoint().unwrap();
        assert_eq!(Tallies::from_checkpoint(&kept).unwrap(), published);
    }

    #[test]
    fn a_changed_number_a_lost_row_or_a_later_version_is_refused() {
        let kept = tallies().to_checkpoint().unwrap();
        let problem = |frame: &DataFrame| {
            let error = Tallies::from_checkpoint(frame).unwrap_err();
            assert_eq!(error.code(), "tallies.checkpoint");
            error.to_string()
        };
        assert!(problem(&kept.slice(0, kept.height() - 1)).contains("rows where"));
        assert!(problem(&kept.slice(1, 5)).contains("no column"));
        let mut changed = kept.clone();
        let n = changed.column("n").unwrap().i64().unwrap();
        let n: Vec<Option<i64>> = n.iter().map(|n| n.map(|n| n + 1)).collect();
        changed
            .with_column(Series::new("n".into(), n).into_column())
            .unwrap();
        assert!(problem(&changed).contains("not those that were written"));
        let text = kept.column(COLUMN).unwrap().str().unwrap().get(0).unwrap();
        for (from, to, said) in [
            ("\"version\":1", "\"version\":2", "later disprop"),
            ("enrolment", "pupil", "not those that were written"),
            ("disprop.tallies", "else", "no column"),
        ] {
            let mut texts = vec![Some(text.replace(from, to))];
            texts.resize(kept.height(), None);
            let mut other = kept.clone();
            other
                .with_column(Series::new(COLUMN.into(), texts).into_column())
                .unwrap();
            assert!(problem(&other).contains(said), "{said}");
        }
        let mut short = kept.clone();
        short.drop_in_place("xx").unwrap();
        assert!(problem(&short).contains("`xx` is missing"));
    }
}
