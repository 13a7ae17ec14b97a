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
//! follow each other: pupils without the outcome come first, and become pupils with it. A pupil who
//! moves has an outcome in every other measure too, and takes it along: of each measure the one
//! that more pupils have, so that its sums stay what they are.

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
    /// What is averaged, of a mean or a share of sessions.
    pub(super) points: Option<i64>,
}

/// A measure of which counts are moved.
struct Mover<'a> {
    system: &'a System,
    policy: &'a Policy,
}

impl<'a> Mover<'a> {
    /// A search in which each atom can give up what it holds, or, below a ceiling that may be
    /// lifted, take on what the ceiling holds. Shown sums stay, and wholes of which one of the
    /// quantities `told` is not too small to be known.
    fn search<'b>(
        &self,
        known: &Pattern,
        told: &[&Layer],
        holds: &'b Layer,
        ceiling: Option<(&'b Layer, bool)>,
        slots: &[usize],
    ) -> Search<'b>
    where
        'a: 'b,
    {
        let (sums, residuals) = secondary::sums(self.system, known, told, self.policy);
        let field = Field {
            system: self.system,
            truth: holds,
            ceiling: ceiling.map(|(layer, _)| layer),
            lifted: ceiling.is_some_and(|(_, lifted)| lifted),
            sums,
            residuals,
            width: self.policy.width(),
        };
        Search::new(field, slots)
    }
}

/// Of the outcomes of a measure, the one that more pupils have.
fn common(system: &System) -> Option<&Layer> {
    let all = |layer: &&Layer| layer.0.iter().copied().fold(0, i64::saturating_add);
    let outcomes = system.events.iter().zip(&system.rest);
    outcomes.flat_map(|(a, b)| [a, b]).max_by_key(all)
}

/// Returns what could be proved of these withheld slots of a measure; `sisters` are the others
/// with the same pupils, `shared` is what none of all these shows.
pub(super) fn rooms(
    system: &System,
    sisters: &[&System],
    pattern: &Pattern,
    shared: &Pattern,
    policy: &Policy,
    slots: &[usize],
) -> BTreeMap<usize, Room> {
    let width = policy.width();
    let (events, rest) = (system.events.as_ref(), system.rest.as_ref());
    let unseen = |slot: &usize| shared.keeps(*slot);
    let (moving, staying): (Vec<usize>, Vec<usize>) = slots.iter().copied().partition(unseen);
    // Who moves takes an outcome of every other measure along: the one that more pupils have.
    let carried: Vec<&Layer> = sisters.iter().filter_map(|s| common(s)).collect();
    let carry = |layer: &Layer| layer.least(&carried);
    let pupils_carry = system.n.as_ref().map(carry);
    let (events_carry, rest_carry) = (events.map(carry), rest.map(carry));
    // A pupil with the outcome is a pupil: his sum may be too small to be known where theirs is.
    let told = |layer| -> Vec<&Layer> { system.n.iter().chain(layer).collect() };
    let mover = Mover { system, policy };
    let moved = |told: &[&Layer], holds: Option<&Layer>| -> BTreeMap<usize, i64> {
        let holds = holds.filter(|_| !moving.is_empty());
        let found = holds.map(|holds| mover.search(shared, told, holds, None, &moving).run(&[]));
        let rooms = found.into_iter().flatten();
        moving.iter().copied().zip(rooms).collect()
    };
    let keep = |found: &mut BTreeMap<usize, i64>, of: &[usize], rooms: Vec<i64>| {
        for (slot, room) in of.iter().zip(rooms) {
            let known = found.entry(*slot).or_default();
            *known = (*known).max(room);
        }
    };
    let at = |found: &BTreeMap<usize, i64>, slot: usize| found.get(&slot).copied().unwrap_or(0);
    let (mut with, mut without, n);
    let mut points: BTreeMap<usize, i64> = BTreeMap::new();
    if let (Some(events), Some(rest)) = (events, rest) {
        let (told_events, told_rest) = (told(Some(events)), told(Some(rest)));
        with = moved(&told_events, events_carry.as_ref());
        without = moved(&told_rest, rest_carry.as_ref());
        // Events and the rest move apart from each other, so pupils have the room of both.
        let both = |slot: &usize| (*slot, at(&with, *slot) + at(&without, *slot));
        n = moving.iter().map(both).collect();
        if !staying.is_empty() {
            let ceiling = Some((rest, false));
            let rooms = mover
                .search(pattern, &[events], events, ceiling, &staying)
                .run(&[]);
            keep(&mut with, &staying, rooms.clone());
            keep(&mut without, &staying, rooms);
        }
        // Pupils of one outcome are brought in first, and then exchanged for those of the other.
        let ends = [
            (&mut with, events, &told_rest, rest, rest_carry.as_ref()),
            (
                &mut without,
                rest,
                &told_events,
                events,
                events_carry.as_ref(),
            ),
        ];
        for (found, truth, told, against, carry) in ends {
            let narrow = |slot: &&usize| found.get(slot).is_none_or(|room| *room < width);
            let narrow: Vec<usize> = moving.iter().filter(narrow).copied().collect();
            if let Some(carry) = carry.filter(|_| !narrow.is_empty()) {
                let lifts = mover.search(shared, told, carry, None, &narrow).lifts();
                let ceiling = Some((against, true));
                let rooms = mover
                    .search(pattern, &[truth], truth, ceiling, &narrow)
                    .run(&lifts);
                keep(found, &narrow, rooms);
            }
        }
    } else {
        // Events of a rate come and go without pupils.
        n = moved(&told(None), pupils_carry.as_ref());
        let own: Vec<&Layer> = events.into_iter().collect();
        with = moved(&own, events);
        without = BTreeMap::new();
        // Points of a mean go from pupil to pupil: anywhere that pupils could.
        if let Some(layer) = events.or(system.n.as_ref())
            && !staying.is_empty()
        {
            let search = mover.search(pattern, &[layer], layer, None, &staying);
            let found = if events.is_some() {
                &mut with
            } else {
                &mut points
            };
            keep(found, &staying, search.run(&[]));
        }
    }
    let room = |slot: usize| Room {
        n: system.n.as_ref().map(|_| at(&n, slot)),
        events: events.map(|_| at(&with, slot)),
        rest: rest.map(|_| at(&without, slot)),
        points: points.get(&slot).copied(),
    };
    slots.iter().map(|slot| (*slot, room(*slot))).collect()
}
