//! Tallies cut at places, so that results of a million cells need not stand in memory at once.

use super::{Column, MeasureTallies, Parts, Tallies};
use crate::error::Error;

impl Tallies {
    /// Returns the tallies in pieces of about so many cells; no place is cut in two, so that the
    /// gaps of all pieces are the gaps of the whole.
    pub fn pieces(&self, cells: usize) -> impl Iterator<Item = Result<Tallies, Error>> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || match self.piece_from(from, cells) {
            Ok(None) => None,
            Ok(Some((piece, next))) => {
                from = next;
                Some(Ok(piece))
            }
            Err(error) => {
                from = self.cells();
                Some(Err(error))
            }
        })
    }

    /// Returns the piece that begins at a cell, with the cell where the next one does; nothing
    /// beyond the last.
    ///
    /// # Errors
    /// `stats.overflow`, which parts of sums that did not overflow cannot.
    pub fn piece_from(&self, from: usize, cells: usize) -> Result<Option<(Tallies, usize)>, Error> {
        let dimensions = self.dimensions.len();
        let place = |cell: usize| self.key(cell).get(..dimensions);
        if from >= self.cells() {
            return Ok(None);
        }
        let mut to = from.saturating_add(cells.max(1)).min(self.cells());
        while to < self.cells() && place(to) == place(to - 1) {
            to += 1;
        }
        Ok(Some((self.piece(from, to)?, to)))
    }

    fn piece(&self, from: usize, to: usize) -> Result<Tallies, Error> {
        if from == 0 && to == self.cells() {
            return Ok(self.clone());
        }
        fn part<T: Clone>(all: &[T], from: usize, to: usize) -> Vec<T> {
            all.get(from..to).unwrap_or_default().to_vec()
        }
        let stride = self.dimensions.len() + 1;
        let measures = self.measures.iter().map(|m| MeasureTallies {
            measure: m.measure.clone(),
            column: match &m.column {
                Column::Proportion(all) => Column::Proportion(all.part(from, to)),
                Column::Mean(all) => Column::Mean(all.part(from, to)),
                Column::Ratio(all) => Column::Ratio(all.part(from, to)),
                Column::Rate(all) => Column::Rate(all.part(from, to)),
            },
            open: m.open.as_ref().map(|open| part(open, from, to)),
        });
        Tallies::canonical(Parts {
            dimensions: self.dimensions.clone(),
            leaves: self.leaves.clone(),
            keys: part(&self.keys, from * stride, to * stride),
            measures: measures.collect(),
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings: self.findings.clone(),
            kept: self.kept.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Cohort, Columns, GapOptions, measure, synth};

    #[test]
    fn the_gaps_of_all_pieces_are_the_gaps_of_the_whole() {
        let plan = synth::Plan {
            pupils: 1_500,
            years: 1,
            ..Default::default()
        };
        let cohort = Cohort::new(synth::cohort(&plan).unwrap(), Columns::npd()).unwrap();
        let measures = [measure("absence").unwrap(), measure("suspensions").unwrap()];
        let whole = cohort.tally(&measures, &["school", "sex"]).unwrap();
        let gaps = |tallies: &crate::Tallies| tallies.gaps(&GapOptions::default()).unwrap().rows;
        for cells in [1, 7, 100, whole.cells() - 1, whole.cells()] {
            let mut pieced: Vec<String> = Vec::new();
            let mut sum = 0;
            for piece in whole.pieces(cells) {
                let piece = piece.unwrap();
                sum += piece.cells();
                let found = gaps(&piece);
                pieced.extend(
                    found
                        .iter()
                        .map(|g| format!("{:?} {:?}", g.place, g.difference)),
                );
            }
            assert_eq!(sum, whole.cells());
            assert!(pieced.len() >= 10);
            let mut all: Vec<String> = gaps(&whole)
                .iter()
                .map(|g| format!("{:?} {:?}", g.place, g.difference))
                .collect();
            // Rows are by measure and place in the whole, by piece and measure in pieces; a group
            // that nobody in a piece belongs to has no row there.
            all.sort();
            let known: std::collections::BTreeSet<&String> = all.iter().collect();
            assert!(pieced.iter().all(|row| known.contains(row)), "{cells}");
        }
    }
}
