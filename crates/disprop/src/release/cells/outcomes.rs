//! Outcomes among pupils whose numbers by atom are settled: whole numbers that add up to every table
//! of the measure.

use std::collections::BTreeMap;

use super::ground::{Base, Ground};
use super::margins::{ENDLESS, Margins};
use super::sheet::Sheet;
use super::sums::Sums;
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
        for part in parts(&sides, base.grid.places.len()) {
            for region in 0..base.grid.regions {
                let atom = |place: &usize| base.first as usize + place * base.grid.regions + region;
                let pupils = part
                    .places
                    .iter()
                    .map(|place| n.0.get(atom(place)).copied());
                let pupils: Vec<i64> = pupils.collect::<Option<_>>()?;
                let room = pupils.iter().map(|n| if capped { *n } else { ENDLESS });
                let weights: Vec<f64> = match pupils.iter().any(|n| *n > 0) {
                    true => pupils.iter().map(|n| *n as f64).collect(),
                    false => vec![1.0; pupils.len()],
                };
                let sum =
                    |(side, place): &(usize, usize)| Some(sides.get(*side)?.sum(*place, region));
                let sums: Vec<i64> = part.margins.iter().map(sum).collect::<Option<_>>()?;
                let margins = Margins {
                    of: &part.of,
                    sums: &sums,
                    room: &room.collect::<Vec<i64>>(),
                };
                for (place, count) in part.places.iter().zip(margins.fill(&weights)?) {
                    *made.get_mut(atom(place))? = count;
                }
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

    fn sum(&self, place: usize, region: usize) -> i64 {
        let events = self.sums.events.as_deref().unwrap_or_default();
        let sum = events.get(place * self.regions + region).copied();
        sum.unwrap_or(0)
    }
}

/// Places of a base that share margins with each other and with none besides.
#[derive(Default)]
struct Part {
    places: Vec<usize>,
    /// By place, its margins.
    of: Vec<Vec<usize>>,
    /// By margin, the table and its place.
    margins: Vec<(usize, usize)>,
}

/// Parts that can be filled one by one; places that no table of the measure holds are in none.
fn parts(sides: &[Side<'_>], places: usize) -> Vec<Part> {
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); places];
    let mut margins: Vec<(usize, usize)> = Vec::new();
    let mut part_of: Vec<usize> = Vec::new();
    for (number, side) in sides.iter().enumerate() {
        for (place, held) in side.of.iter().enumerate() {
            if let (Some(margin), Some(of)) = (held, of.get_mut(place)) {
                of.push(margins.len() + margin);
            }
        }
        part_of.extend(margins.len()..margins.len() + side.places);
        margins.extend((0..side.places).map(|place| (number, place)));
    }
    // Every margin points at one of its part; the one that points at itself is the part.
    fn root(part_of: &[usize], mut margin: usize) -> usize {
        while let Some(next) = part_of.get(margin).filter(|next| **next != margin) {
            margin = *next;
        }
        margin
    }
    for own in &of {
        for pair in own.windows(2) {
            if let [a, b] = pair {
                let (a, b) = (root(&part_of, *a), root(&part_of, *b));
                if let Some(slot) = part_of.get_mut(a.max(b)) {
                    *slot = a.min(b);
                }
            }
        }
    }
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    let mut numbers: Vec<usize> = Vec::new();
    for (margin, at) in margins.iter().enumerate() {
        let part = parts.entry(root(&part_of, margin)).or_default();
        numbers.push(part.margins.len());
        part.margins.push(*at);
    }
    for (place, own) in of.iter().enumerate() {
        if let Some(part) = own.first().and_then(|m| parts.get_mut(&root(&part_of, *m))) {
            let own = own.iter().filter_map(|margin| numbers.get(*margin));
            part.of.push(own.copied().collect());
            part.places.push(place);
        }
    }
    parts.into_values().collect()
}
