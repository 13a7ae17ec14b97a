//! One pupil's year: attendance, suspensions, and the assessment of the year group.

use super::draw::{Draw, Purpose};
use super::pupils::{LEARNING_OF_STAYERS, Pupil};
use super::schools::School;
use super::targets::{
    ATTAINMENT8_SPREAD, GOAL_NOISE, Group, Kind, NO_RESULT, SUBJECT_NOISE, absence_rate,
};
use super::{Plan, World};

/// Change a year, in standard deviations, on attainment, absence and suspension; assumed, and slow.
const DRIFT: [f64; 3] = [0.010, -0.020, 0.010];
/// Children in Reception without a result in any goal, and Year 11 pupils outside Progress 8; assumed.
const GOALS_MISSING: f64 = 0.010;
const OUTSIDE_PROGRESS8: f64 = 0.06;
/// Sixth-formers who take no academic qualification; assumed.
const VOCATIONAL: f64 = 0.25;
/// Most suspensions a year that DfE's own files hold (section 3.2), and most sessions: 45 days (section 3.1).
const MOST_SUSPENSIONS: u32 = 40;
const MOST_SESSIONS: u32 = 90;

/// Positions in the labels of scores and writing codes.
pub(crate) const SCORE_ABSENT: u8 = 41;
pub(crate) const SCORE_BELOW: u8 = 42;
pub(crate) const WRITING_ABSENT: u8 = 9;
pub(crate) const GOAL_MISSING: u8 = 2;

/// Sessions and suspensions of a year, or of a part of it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Conduct {
    pub possible: u32,
    pub absent: u32,
    pub unauthorised: u32,
    pub suspensions: u32,
    pub suspension_sessions: u32,
    pub exclusions: u32,
}

/// What a year group is assessed in.
#[derive(Clone, Copy)]
pub(crate) enum Assessment {
    None,
    Reception { goals: [u8; 17] },
    KeyStage2 { reading: u8, maths: u8, writing: u8 },
    KeyStage4(KeyStage4),
    KeyStage5 { points: [f64; 2], entries: [f64; 2] },
}

#[derive(Clone, Copy)]
pub(crate) struct KeyStage4 {
    pub attainment8: f64,
    pub em95: bool,
    pub em94: bool,
    pub ebacc: f64,
    pub progress8: Option<f64>,
    pub entry: bool,
    pub high_tariff: bool,
}

/// A pupil in a year, on the three hidden scales: effects of the kind of pupil apart from the standard normal.
pub(crate) struct Year<'a> {
    world: &'a World,
    group: &'a Group,
    kind: Kind,
    year_group: u8,
    /// On attainment, absence and suspension.
    normals: [f64; 3],
    draw: Draw,
}

fn hundredths(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

impl<'a> Year<'a> {
    /// A pupil's year at a school. Squared loadings on each scale sum to 1, so that the thresholds hold.
    pub(crate) fn new(
        world: &'a World,
        pupil: &Pupil,
        school: &School,
        year: u32,
        year_group: u8,
    ) -> Option<Self> {
        let plan: &Plan = &world.plan;
        let group = world.targets.groups.get(pupil.group)?;
        let kind = *group.kinds.get(pupil.kind())?;
        let mut draw = Draw::new(plan.seed, Purpose::Year, [pupil.number, u64::from(year)]);
        let [attainment, absence, suspension] = school.effects;
        let (learning, presence) = (pupil.learning, pupil.presence);
        let mut normals = [
            0.80 * learning + 0.30 * attainment + 0.519_615 * draw.normal(),
            -0.35 * learning - 0.45 * presence + 0.20 * absence + 0.796_869 * draw.normal(),
            -0.35 * learning - 0.30 * presence + 0.30 * suspension + 0.835_165 * draw.normal(),
        ];
        for (normal, drift) in normals.iter_mut().zip(DRIFT) {
            *normal += drift * f64::from(year);
        }
        Some(Year {
            world,
            group,
            kind,
            year_group,
            normals,
            draw,
        })
    }

    fn phase(&self) -> usize {
        match self.year_group {
            0..=6 => 0,
            7..=11 => 1,
            _ => 2,
        }
    }

    /// Attendance and suspensions of the whole year. Absence is not collected after Year 11, so nothing is possible.
    pub(crate) fn conduct(&mut self) -> Conduct {
        let mut conduct = Conduct::default();
        self.suspend(&mut conduct);
        let Some(&[threshold, spread]) = self.group.absence.get(self.phase()) else {
            return conduct;
        };
        let draw = &mut self.draw;
        // Year 11 sessions after the spring half of the summer term do not count (section 1.3).
        conduct.possible = if self.year_group == 11 { 318 } else { 372 } + draw.below(9);
        let rate = absence_rate(spread, self.kind.effects[1] + self.normals[1] - threshold);
        let drawn = draw.round(rate * f64::from(conduct.possible));
        conduct.absent = drawn.max(conduct.suspension_sessions).min(conduct.possible);
        let share = self.group.unauthorised;
        let width = share.min(1.0 - share);
        let share = share + width * (2.0 * draw.uniform() - 1.0);
        // A suspension is an authorised absence (code E, section 1.2).
        conduct.unauthorised = draw
            .round(share * f64::from(conduct.absent))
            .min(conduct.absent - conduct.suspension_sessions.min(conduct.absent));
        conduct
    }

    fn suspend(&mut self, conduct: &mut Conduct) {
        let threshold = self.group.suspended[self.phase()];
        if self.kind.effects[2] + self.normals[2] < threshold {
            return;
        }
        let draw = &mut self.draw;
        // Four in five pupils have few further suspensions and one in five many: 0.8 · 0.35 + 0.2 · 3.6 = 1.
        let mean = self.group.again * if draw.chance(0.8) { 0.35 } else { 3.6 };
        conduct.suspensions = 1;
        while conduct.suspensions < MOST_SUSPENSIONS && draw.chance(mean / (1.0 + mean)) {
            conduct.suspensions += 1;
        }
        for _ in 0..conduct.suspensions {
            conduct.suspension_sessions += 2 + draw.below(5);
        }
        conduct.suspension_sessions = conduct.suspension_sessions.min(MOST_SESSIONS);
        conduct.exclusions = u32::from(draw.chance(self.group.excluded));
    }

    pub(crate) fn assessment(&mut self) -> Assessment {
        match self.year_group {
            0 => self.reception(),
            6 => self.key_stage_2(),
            11 => Assessment::KeyStage4(self.key_stage_4()),
            13 => self.key_stage_5(),
            _ => Assessment::None,
        }
    }

    /// Effects and normal together on attainment.
    fn attainment(&self) -> f64 {
        self.kind.effects[0] + self.normals[0]
    }

    fn reception(&mut self) -> Assessment {
        let mut goals = [GOAL_MISSING; 17];
        if !self.draw.chance(GOALS_MISSING) {
            let above = self.attainment() - self.group.goals;
            for goal in &mut goals {
                *goal = u8::from(above + GOAL_NOISE * self.draw.normal() >= 0.0);
            }
        }
        Assessment::Reception { goals }
    }

    /// Scaled points past the expected standard; `None` for no result.
    fn subject(&mut self) -> Option<i32> {
        let above = self.attainment() + SUBJECT_NOISE * self.draw.normal() - self.group.expected;
        let tested = !self.draw.chance(NO_RESULT);
        tested.then(|| (above * 10.0 / self.world.targets.higher).floor() as i32)
    }

    fn key_stage_2(&mut self) -> Assessment {
        let score = |points: Option<i32>| match points {
            None => SCORE_ABSENT,
            Some(points) if points < -24 => SCORE_BELOW,
            Some(points) => (points.clamp(-20, 20) + 20) as u8,
        };
        let (reading, maths) = (score(self.subject()), score(self.subject()));
        let writing = match self.subject() {
            None => WRITING_ABSENT,
            Some(10..) => 0,
            Some(0..) => 1,
            Some(-14..) => 2,
            Some(points) => 3 + ((-15 - points) / 3).clamp(0, 5) as u8,
        };
        Assessment::KeyStage2 {
            reading,
            maths,
            writing,
        }
    }

    fn key_stage_4(&mut self) -> KeyStage4 {
        let group = self.group;
        let attainment = self.attainment();
        let score = (group.attainment8 + ATTAINMENT8_SPREAD * attainment).clamp(0.0, 90.0);
        let [effect, ..] = self.kind.effects;
        let draw = &mut self.draw;
        let basics = effect + 0.93 * self.normals[0] + 0.367_560 * draw.normal();
        let ebacc = score * group.ebacc * (1.0 + 0.08 * draw.normal());
        let progress =
            group.progress8 + 1.25 * (0.6 * (attainment - group.centre) + 0.8 * draw.normal());
        let later = effect + 0.75 * self.normals[0] + 0.661_438 * draw.normal();
        let [entry, high_tariff] = group.entry.map(|threshold| later >= threshold);
        let [em95, em94] = group.em.map(|threshold| basics >= threshold);
        KeyStage4 {
            attainment8: hundredths(score),
            em95,
            em94,
            ebacc: hundredths(ebacc.clamp(0.0, 9.0)),
            progress8: (!draw.chance(OUTSIDE_PROGRESS8)).then(|| hundredths(progress)),
            entry,
            high_tariff,
        }
    }

    /// Points and size of entries, academic then A level; no entries for those on other courses.
    fn key_stage_5(&mut self) -> Assessment {
        let middle = self.group.centre + 0.80 * LEARNING_OF_STAYERS;
        let level = self.group.points + 8.0 * (self.attainment() - middle);
        let draw = &mut self.draw;
        if draw.chance(VOCATIONAL) {
            return Assessment::None;
        }
        let entries = 2 + draw.pick(&[0.12, 0.92, 1.0]);
        let mut grade = || {
            ((level + 7.0 * draw.normal()) / 10.0)
                .round()
                .clamp(0.0, 6.0)
                * 10.0
        };
        let points: f64 = (0..entries).map(|_| grade()).sum();
        let extended_project = grade() / 2.0;
        let size = entries as f64;
        let extra = if draw.chance(0.3) { 1.0 } else { 0.0 };
        Assessment::KeyStage5 {
            points: [points + extra * extended_project, points],
            entries: [size + extra * 0.5, size],
        }
    }
}

impl Conduct {
    /// Divides a year between the schools before and after a move. Both parts keep absent ≤ possible: the floors of a
    /// share of `possible` and of `absent` can never lie further apart than the two numbers do. A permanent exclusion
    /// stays with the first school.
    pub(crate) fn split(self, cut: f64, draw: &mut Draw) -> (Conduct, Conduct) {
        let part = |n: u32| (f64::from(n) * cut) as u32;
        let mut first = Conduct {
            possible: part(self.possible),
            absent: part(self.absent),
            unauthorised: part(self.unauthorised),
            exclusions: self.exclusions,
            ..Conduct::default()
        };
        first.suspensions = (0..self.suspensions).filter(|_| draw.chance(cut)).count() as u32;
        first.suspension_sessions = (self.suspension_sessions * first.suspensions)
            .checked_div(self.suspensions)
            .unwrap_or(0);
        let second = Conduct {
            possible: self.possible - first.possible,
            absent: self.absent - first.absent,
            unauthorised: self.unauthorised - first.unauthorised,
            suspensions: self.suspensions - first.suspensions,
            suspension_sessions: self.suspension_sessions - first.suspension_sessions,
            exclusions: 0,
        };
        (first, second)
    }
}

impl Assessment {
    /// Whether the twelve goals of the good level of development are met, for a child with a valid result.
    pub(crate) fn good_level(&self) -> Option<bool> {
        match self {
            Assessment::Reception { goals } if goals.iter().all(|&goal| goal != GOAL_MISSING) => {
                Some(goals.iter().take(12).all(|&goal| goal == 1))
            }
            _ => None,
        }
    }

    /// Whether reading, writing and maths are all at the expected, and all at the higher, standard.
    pub(crate) fn combined(&self) -> Option<[bool; 2]> {
        let Assessment::KeyStage2 {
            reading,
            maths,
            writing,
        } = *self
        else {
            return None;
        };
        let at = |least: u8, worst_writing: u8| {
            [reading, maths]
                .iter()
                .all(|&s| s >= least && s < SCORE_ABSENT)
                && writing <= worst_writing
        };
        Some([at(20, 1), at(30, 0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_year_adds_up_and_stays_possible() {
        let mut draw = Draw::new(9, Purpose::Move, [0, 0]);
        for absent in [0, 1, 2, 189, 377, 378] {
            for unauthorised in [0, absent / 2, absent] {
                let whole = Conduct {
                    possible: 378,
                    absent,
                    unauthorised,
                    suspensions: 3,
                    suspension_sessions: 11,
                    exclusions: 1,
                };
                for cut in [0.1, 0.25, 0.501, 0.9] {
                    let (a, b) = whole.split(cut, &mut draw);
                    for part in [a, b] {
                        assert!(part.unauthorised <= part.absent && part.absent <= part.possible);
                    }
                    assert_eq!(a.possible + b.possible, 378);
                    assert_eq!(a.absent + b.absent, absent);
                    assert_eq!(a.suspensions + b.suspensions, 3);
                    assert_eq!(a.suspension_sessions + b.suspension_sessions, 11);
                }
            }
        }
    }

    #[test]
    fn combined_standards_follow_the_scores() {
        let of = |reading, maths, writing| {
            Assessment::KeyStage2 {
                reading,
                maths,
                writing,
            }
            .combined()
        };
        assert_eq!(of(20, 29, 0), Some([true, false]));
        assert_eq!(of(30, 30, 1), Some([true, false]));
        assert_eq!(of(30, 30, 0), Some([true, true]));
        assert_eq!(of(19, 40, 0), Some([false, false]));
        assert_eq!(of(SCORE_ABSENT, 40, 0), Some([false, false]));
        assert_eq!(Assessment::None.combined(), None);
    }

    #[test]
    fn only_the_first_twelve_goals_make_a_good_level() {
        let mut goals = [1; 17];
        goals[12] = 0;
        assert_eq!(Assessment::Reception { goals }.good_level(), Some(true));
        goals[11] = 0;
        assert_eq!(Assessment::Reception { goals }.good_level(), Some(false));
        goals[0] = GOAL_MISSING;
        assert_eq!(Assessment::Reception { goals }.good_level(), None);
    }
}
