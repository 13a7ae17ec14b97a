//! Proof that a withheld count stays open where a publication is too large for the attacker's
//! linear programme: whole tables that agree with everything shown and differ in that count.
//!
//! Starting from the true table, one pupil is moved between withheld atoms until every known sum
//! is what it was: an *exchange*. Each exchange is another table a reader cannot rule out, so the
//! values a withheld count takes in the tables found are values it may have. The reader is the one
//! of the second rule, who knows every shown count exactly; every table is checked against all his
//! sums in whole numbers before it counts. What is not found proves nothing, and is not published.
//!
//! Where the number of pupils is withheld in every measure of a class, pupils move. Where another
//! measure shows it, pupils stay and only their outcomes are exchanged, so that a reader who holds
//! both tables is no wiser; such an exchange is valid whatever the other measures show. Both may
//! follow each other: pupils without the outcome come first, and become pupils with it.

mod field;
mod general;
mod lists;
mod search;

use std::collections::BTreeMap;

use super::cells::{Layer, System};
use super::policy::Policy;
use super::secondary::{self, Pattern};
use field::Field;
use search::Search;

/// How far apart the values of a withheld row were found to lie, by quantity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) n: Option<i64>,
    pub(super) events: Option<i64>,
    pub(super) rest: Option<i64>,
}

/// Returns what could be proved of these withheld slots; `shared` is what no measure with the same
/// pupils shows.
pub(super) fn rooms<'a>(
    system: &'a System,
    pattern: &Pattern,
    shared: &Pattern,
    policy: &Policy,
    slots: &[usize],
) -> BTreeMap<usize, Room> {
    let width = policy.width();
    let (events, rest) = (system.events.as_ref(), system.rest.as_ref());
    let search =
        |truth: &'a Layer, against: Option<&'a Layer>, known: &Pattern, of: &[usize], lifted| {
            // Who gives up a pupil with the outcome gives up a pupil: the whole of a place may be
            // too few to know of the one, and known of the other.
            let pupils = system
                .n
                .as_ref()
                .filter(|_| against.is_none() && rest.is_some());
            let layers: Vec<&Layer> = pupils.into_iter().chain([truth]).collect();
            let (sums, residuals) = secondary::sums(system, known, &layers, policy);
            let field = Field {
                system,
                truth,
                ceiling: against,
                lifted,
                sums,
                residuals,
                width,
            };
            Search::new(field, of)
        };
    let unseen = |slot: &usize| shared.withholds(*slot);
    let (moving, staying): (Vec<usize>, Vec<usize>) = slots.iter().copied().partition(unseen);
    let moved = |layer: Option<&'a Layer>| -> BTreeMap<usize, i64> {
        let found = layer.filter(|_| !moving.is_empty());
        let found = found.map(|layer| search(layer, None, shared, &moving, false).run(&[]));
        moving
            .iter()
            .copied()
            .zip(found.into_iter().flatten())
            .collect()
    };
    let at = |found: &BTreeMap<usize, i64>, slot: usize| found.get(&slot).copied().unwrap_or(0);
    let mut with = moved(events);
    let mut without = moved(rest);
    // Events and the rest move apart from each other, so pupils have the room of both.
    let n: BTreeMap<usize, i64> = match rest {
        None => moved(system.n.as_ref()),
        Some(_) => {
            let both = |slot: &usize| (*slot, at(&with, *slot) + at(&without, *slot));
            moving.iter().map(both).collect()
        }
    };
    let keep = |found: &mut BTreeMap<usize, i64>, of: &[usize], rooms: Vec<i64>| {
        for (slot, room) in of.iter().zip(rooms) {
            let known = found.entry(*slot).or_default();
            *known = (*known).max(room);
        }
    };
    if let (Some(events), Some(rest)) = (events, rest) {
        if !staying.is_empty() {
            let rooms = search(events, Some(rest), pattern, &staying, false).run(&[]);
            keep(&mut with, &staying, rooms.clone());
            keep(&mut without, &staying, rooms);
        }
        // Pupils of one outcome are brought in first, and then exchanged for those of the other.
        for (found, truth, against) in [(&mut with, events, rest), (&mut without, rest, events)] {
            let narrow = |slot: &&usize| found.get(slot).is_none_or(|room| *room < width);
            let narrow: Vec<usize> = moving.iter().filter(narrow).copied().collect();
            if !narrow.is_empty() {
                let lifts = search(against, None, shared, &narrow, false).lifts();
                let rooms = search(truth, Some(against), pattern, &narrow, true).run(&lifts);
                keep(found, &narrow, rooms);
            }
        }
    } else if let (Some(events), false) = (events, staying.is_empty()) {
        let rooms = search(events, None, pattern, &staying, false).run(&[]);
        keep(&mut with, &staying, rooms);
    }
    let room = |slot: usize| Room {
        n: system.n.as_ref().map(|_| at(&n, slot)),
        events: events.map(|_| at(&with, slot)),
        rest: rest.map(|_| at(&without, slot)),
    };
    slots.iter().map(|slot| (*slot, room(*slot))).collect()
}
