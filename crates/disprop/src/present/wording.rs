//! Results in sentences; no other file writes any.
//!
//! A sentence is made from the columns of a tidy frame, so the same words stand for raw results and
//! for what a release has rounded and withheld: a number that is null cannot slip into one. Every
//! sentence names the comparison, the period, how many pupils are behind it and how sure it is. It
//! describes a gap, not the pupils in it, and gives no cause.

mod change;
mod gap;
mod noun;
mod rows;
mod summary;

use polars::prelude::{Column, DataFrame};

use crate::error::Error;
use crate::measure::Measure;
use rows::{Kind, Rows};

/// Returns one sentence a row of a tidy frame of gaps or of changes, in its order.
///
/// # Units and shapes
/// `frame` is what [`Gaps::to_frame`](crate::Gaps::to_frame) or
/// [`Changes::to_frame`](crate::over_time::Changes::to_frame) gives, rounded or not; `measures` are
/// those it speaks of. A frame of another kind has no sentences.
///
/// # Errors
/// `frame.polars`, where a column cannot be read.
///
/// # Example: comparison, period, pupils and uncertainty
/// ```
/// # use disprop::tallies::{Counts, Whole};
/// # use disprop::{GapOptions, Tallies, measure};
/// # let frame = polars::prelude::df!(
/// #     "year" => ["201617"; 2], "characteristic" => ["Black Caribbean", "Total"],
/// #     "pupils" => [3_600, 381_865], "headcount" => [92_595, 8_025_075],
/// # )?;
/// let counts = Counts::new(measure("suspended_once")?, "characteristic", "pupils", "headcount")
///     .whole(Whole::Row("Total".into())).by("year", "year");
/// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
/// let said = disprop::present::sentences(&gaps.to_frame()?, &gaps.measures)?;
/// assert!(said[0].contains("in 2016/17 stood at 3.89%"), "{}", said[0]);
/// assert!(said[0].contains("than for pupils in all other groups"), "{}", said[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sentences(frame: &DataFrame, measures: &[Measure]) -> Result<Vec<String>, Error> {
    let rows = Rows::of(frame, measures)?;
    let say = match rows.kind {
        Kind::Gaps => gap::sentence,
        Kind::Changes => change::sentence,
        Kind::Other => return Ok(Vec::new()),
    };
    Ok((0..rows.height).map(|row| say(&rows, row)).collect())
}

/// Returns what all groups of one measure, place and period come to: a title that states the
/// widest gap and a text that counts the findings.
///
/// # Units and shapes
/// One row for each measure and place of `frame` (of changes, for each pair of years as well), in
/// its order: `measure`, the dimensions, `title`, `text`. It has no rows for a frame of another
/// kind.
///
/// # Errors
/// `frame.polars`, where a column cannot be read.
pub fn summaries(frame: &DataFrame, measures: &[Measure]) -> Result<DataFrame, Error> {
    let rows = Rows::of(frame, measures)?;
    let found = match rows.kind {
        Kind::Gaps => summary::gaps(&rows),
        Kind::Changes => summary::changes(&rows),
        Kind::Other => Vec::new(),
    };
    let mut columns: Vec<Column> = Vec::new();
    for name in std::iter::once("measure").chain(rows.places.iter().map(String::as_str)) {
        let values: Vec<Option<&str>> =
            found.iter().map(|one| rows.text(name, one.first)).collect();
        columns.push(Column::new(name.into(), values));
    }
    let titles: Vec<&str> = found.iter().map(|one| one.title.as_str()).collect();
    let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
    columns.push(Column::new("title".into(), titles));
    columns.push(Column::new("text".into(), texts));
    Ok(DataFrame::new(found.len(), columns)?)
}

#[cfg(test)]
mod tests;
