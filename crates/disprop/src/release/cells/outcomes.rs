//! Outcomes among pupils whose numbers by atom are settled: whole numbers that add up to every table
//! of the measure.

use std::collections::BTreeMap;

use super::ground::{Base, Ground};
use super::margins::{ENDLESS, Margins};
use super::sheet::{Sheet, Sums};
use super::{Layer, Place};

/// Returns the outcomes of every atom, no more than its pupils where they are `capped`; nothing where
/// none were found.
pub(super) fn spread(
    ground: &Ground<'_, '_>,
    own: &[Option<&Sums>],
    n: &Layer,
    capped: bool,
) -> Option<Layer> {
    let mut made = vec![0_i64; ground.atoms];
    for (number, base) in ground.bases.iter().enumerate() {
        let tables = widest(ground, own, number);
        let sides: Vec<Side<'_>> = tables.iter().map(|(s, x)| Side::new(base, s, x)).collect();
        if sides.is_empty() {
            continue;
        }
        // Places of the base that the measure's tables hold: none of them, or all.
        let mut held: Vec<usize> = Vec::new();
        let mut of: Vec<Vec<usize>> = Vec::new();
        for place in 0..base.grid.places.len() {
            let mut first = 0;
            let margins = sides.iter().filter_map(|side| {
                let margin = first + side.of.get(place).copied().flatten()?;
                first += side.places;
                Some(margin)
            });
            let margins: Vec<usize> = margins.collect();
            match margins.len() {
                0 => continue,
                all if all == sides.len() => of.push(margins),
                _ => return None,
            }
            held.push(place);
        }
        for region in 0..base.grid.regions {
            let atom = |place: &usize| base.first as usize + place * base.grid.regions + region;
            let pupils = held.iter().map(|place| n.0.get(atom(place)).copied());
            let pupils: Vec<i64> = pupils.collect::<Option<_>>()?;
            let room = pupils.iter().map(|n| if capped { *n } else { ENDLESS });
            let weights: Vec<f64> = match pupils.iter().any(|n| *n > 0) {
                true => pupils.iter().map(|n| *n as f64).collect(),
                false => vec![1.0; pupils.len()],
            };
            let sums: Vec<i64> = sides.iter().flat_map(|side| side.sums(region)).collect();
            let margins = Margins {
                of: &of,
                sums: &sums,
                room: &room.collect::<Vec<i64>>(),
            };
            for (place, count) in held.iter().zip(margins.fill(&weights)?) {
                *made.get_mut(atom(place))? = count;
            }
        }
    }
    Some(Layer(made))
}

/// Tables of the measure over a base that are no margins of its others.
fn widest<'g, 'a>(
    ground: &'g Ground<'_, 'a>,
    own: &[Option<&'g Sums>],
    base: usize,
) -> Vec<(&'g Sheet<'a>, &'g Sums)> {
    let over = own.iter().enumerate().filter_map(|(number, sums)| {
        let held = ground.over.get(number)?.contains(&base);
        let sheet = ground.having.get(number)?.sheet;
        Some((sheet, (*sums)?)).filter(|_| held)
    });
    let mut over: Vec<(&Sheet<'_>, &Sums)> = over.collect();
    over.sort_by_key(|(sheet, _)| (sheet.dimensions.len(), sheet.places.len()));
    let mut widest: Vec<(&Sheet<'_>, &Sums)> = Vec::new();
    while let Some((sheet, sums)) = over.pop() {
        let holds = |(wide, theirs): &(&Sheet<'_>, &Sums)| {
            sheet.dimensions.iter().all(|d| wide.dimensions.contains(d))
                && wide.margin(theirs, sheet) == sheet.margin(sums, sheet)
        };
        if !widest.iter().any(holds) {
            widest.push((sheet, sums));
        }
    }
    widest
}

/// One table over a base: its place of each place of the base, and its outcomes.
struct Side<'g> {
    of: Vec<Option<usize>>,
    sums: &'g Sums,
    places: usize,
    regions: usize,
}

impl<'g> Side<'g> {
    fn new(base: &Base<'_>, sheet: &Sheet<'_>, sums: &'g Sums) -> Self {
        let numbers: BTreeMap<&Place, usize> = sheet.places.iter().zip(0..).collect();
        let of = |place: &Place| {
            let place = base.grid.project(place, sheet)?;
            numbers.get(&place).copied()
        };
        Side {
            of: base.grid.places.iter().map(of).collect(),
            sums,
            places: sheet.places.len(),
            regions: sheet.regions,
        }
    }

    fn sums(&self, region: usize) -> Vec<i64> {
        let events = self.sums.events.as_deref().unwrap_or_default();
        let of = |place| events.get(place * self.regions + region).copied();
        (0..self.places)
            .map(|place| of(place).unwrap_or(0))
            .collect()
    }
}
