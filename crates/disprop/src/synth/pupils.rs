//! Pupils: who they are for good, and which school they are at in a year.

use super::calibration::{GROUPS, UNCLASSIFIED};
use super::draw::{Draw, Purpose};
use super::extended::EXTENDED;
use super::schools::{School, VACANT};
use super::targets::{BOYS, STAYS, kind, needs};
use super::{Plan, World};

/// What a pupil carries through school.
pub(crate) struct Pupil {
    pub number: u64,
    /// Position in the calibration table, whose rates the pupil has.
    pub group: usize,
    /// Position in [`Codes::labels`]; `None` where nothing was recorded.
    pub code: Option<u8>,
    pub male: bool,
    pub fsm: bool,
    pub need: usize,
    pub eal: bool,
    /// Lasting traits, standard normal: for learning, and for being in school.
    pub learning: f64,
    pub presence: f64,
    pub stays: bool,
}

impl Pupil {
    pub(crate) fn kind(&self) -> usize {
        kind(self.fsm, self.need, self.male)
    }
}

/// The ethnicity codes in use, and where each group's extended codes stand among them.
pub(crate) struct Codes {
    pub labels: Vec<&'static str>,
    /// For each main group, its extended codes and their cumulative shares.
    extended: Vec<(Vec<u8>, Vec<f64>)>,
    refused: u8,
    not_obtained: u8,
}

impl Codes {
    pub(crate) fn new() -> Self {
        let classified = GROUPS.iter().take(UNCLASSIFIED);
        let mut labels: Vec<&'static str> = classified.clone().map(|g| g.code).collect();
        let mut extended = Vec::new();
        for group in classified {
            let (mut codes, mut shares, mut sum) = (Vec::new(), Vec::new(), 0.0);
            for (_, code, share) in EXTENDED.iter().filter(|(main, _, _)| *main == group.code) {
                codes.push(labels.len() as u8);
                labels.push(code);
                sum += share;
                shares.push(sum);
            }
            extended.push((codes, shares));
        }
        let refused = labels.len() as u8;
        labels.extend(["REFU", "NOBT"]);
        Codes {
            labels,
            extended,
            refused,
            not_obtained: refused + 1,
        }
    }

    fn leaf(&self, group: usize, adopted: bool, draw: &mut Draw) -> u8 {
        match self.extended.get(group) {
            Some((codes, shares)) if adopted && !codes.is_empty() => {
                codes.get(draw.pick(shares)).copied().unwrap_or(group as u8)
            }
            _ => group as u8,
        }
    }
}

impl World {
    /// The pupil in a seat of an authority who began Reception `cohort − 13` years into the plan, if the seat is held.
    pub(crate) fn pupil(&self, home: &School, cohort: u32, seat: u32) -> Option<Pupil> {
        let plan = &self.plan;
        let authority = self.map.authorities.get(home.authority)?;
        let number = authority.first_pupil
            + u64::from(cohort) * u64::from(authority.seats)
            + u64::from(seat);
        let mut draw = Draw::new(plan.seed, Purpose::Pupil, [number, 0]);
        if draw.chance(VACANT) {
            return None;
        }
        let (group, code) = self.ethnicity(plan, home, seat, &mut draw)?;
        let target = self.targets.groups.get(group)?;
        let male = draw.chance(BOYS);
        let fsm = draw.chance(target.fsm);
        let [none, support, _] = needs(fsm, male);
        let need = draw.pick(&[none, none + support, 1.0]);
        let eal = draw.chance(target.eal);
        let (learning, presence) = (draw.normal(), draw.normal());
        // −Φ⁻¹(0.45) = 0.1257; half of staying on is the pupil's learning.
        let stays = 0.5 * learning + 0.866 * draw.normal() > STAYING;
        Some(Pupil {
            number,
            group,
            code,
            male,
            fsm,
            need,
            eal,
            learning,
            presence,
            stays,
        })
    }

    fn ethnicity(
        &self,
        plan: &Plan,
        home: &School,
        seat: u32,
        draw: &mut Draw,
    ) -> Option<(usize, Option<u8>)> {
        let refused = plan.refused;
        let not_obtained = refused + plan.not_obtained;
        let u = draw.uniform();
        if u < refused {
            return Some((UNCLASSIFIED, Some(self.codes.refused)));
        } else if u < not_obtained {
            return Some((UNCLASSIFIED, Some(self.codes.not_obtained)));
        } else if u < not_obtained + plan.missing {
            return Some((UNCLASSIFIED, None));
        }
        // The mix belongs to the primary school of the seat, also for pupils now in a secondary school.
        let first = if home.secondary {
            let authority = self.map.authorities.get(home.authority)?;
            let primaries = self.map.schools.get(authority.primaries.clone())?;
            primaries.get(primaries.partition_point(|school| school.seats.end <= seat))?
        } else {
            home
        };
        let group = draw.pick(&first.mix);
        Some((group, Some(self.codes.leaf(group, first.extended, draw))))
    }

    /// The schools a pupil begins and ends a year in: moves of earlier years in the phase last, and the two differ in a
    /// year with a move. `since` is the plan year in which the phase began.
    pub(crate) fn schools_in(
        &self,
        pupil: u64,
        home: usize,
        since: u32,
        year: u32,
    ) -> (usize, usize) {
        let range = match self.map.schools.get(home) {
            Some(school) => match self.map.authorities.get(school.authority) {
                Some(a) if school.secondary => a.secondaries.clone(),
                Some(a) => a.primaries.clone(),
                None => return (home, home),
            },
            None => return (home, home),
        };
        if range.len() < 2 {
            return (home, home);
        }
        let (mut start, mut end) = (home, home);
        for past in since..=year {
            start = end;
            let mut draw = Draw::new(self.plan.seed, Purpose::Move, [pupil, u64::from(past)]);
            if draw.chance(self.plan.movers) {
                let step = 1 + draw.below(range.len() as u32 - 1) as usize;
                end = range.start + (start - range.start + step) % range.len();
            }
        }
        (start, end)
    }
}

/// Threshold of staying on: Φ⁻¹(1 − 0.45).
const STAYING: f64 = 0.125_661;
/// Mean learning of those who stay on: 0.5 · φ(0.1257) / 0.45.
pub(crate) const LEARNING_OF_STAYERS: f64 = 0.5 * 0.395_805 / STAYS;
