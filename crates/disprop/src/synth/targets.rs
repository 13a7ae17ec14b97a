//! From published rates to thresholds: what each group needs on each hidden scale so that its rates come out.
//!
//! Every outcome hangs on a hidden scale: an effect of free school meals, special needs and sex, plus a standard normal
//! made of the pupil's own lasting traits, the school and chance. For each group the threshold (or level) is solved by
//! bisection over the twelve kinds of pupil, so adding an effect changes who has an outcome, not how many.

use super::calibration::{GROUPS, Published};
use super::draw::{below_normal, density, exp, falling_root, probit};

/// Kinds of pupil: free school meals (2) × special needs (none, support, plan) × sex (female, male).
pub(crate) const KINDS: usize = 12;

/// Effects on the hidden scales, in standard deviations; assumed, not taken from a source, by free
/// school meals, special needs and sex.
const FSM: [f64; 3] = [-0.45, 0.50, 0.40];
const SUPPORT: [f64; 3] = [-0.80, 0.25, 0.50];
const PLAN: [f64; 3] = [-1.60, 0.40, 0.55];
const MALE: [f64; 3] = [-0.12, 0.0, 0.32];

/// Absence in 2022/23 against 2016/17 for all pupils, % (section 1.5, same source for both years), and the authority's
/// beside England's in 2022/23 (sections 1.5 and 2).
const ABSENCE_LEVEL: [f64; 2] = [4.65, 7.4];
const PERSISTENT_LEVEL: [f64; 2] = [10.8, 21.2];
const ABSENCE_PLACE: [f64; 2] = [7.37, 6.83];
const PERSISTENT_PLACE: [f64; 2] = [21.22, 20.19];

/// Suspensions, pupils suspended and permanent exclusions: 2022/23 over 2016/17 (section 3.4 over 14.1), and the
/// authority's over England's in 2022/23 (section 3.4).
const SUSPENSION_LEVEL: [f64; 3] = [9.33 / 4.7584, 3.61 / 2.2863, 0.111 / 0.0962];
const SUSPENSION_PLACE: [f64; 3] = [4.25 / 9.33, 2.60 / 3.61, 0.097 / 0.111];

/// Rates of primary, secondary and sixth-form pupils over the rate of all, for absence (0 after 16: not collected) and
/// for suspensions. Assumed; weighted by pupils they average 1.
const ABSENCE_PHASE: [f64; 2] = [0.86, 1.196];
const SUSPENSION_PHASE: [f64; 3] = [0.28, 2.152, 0.20];

/// Expected and higher standard in reading, writing and maths, all pupils of England and of the authority, 2025
/// (section 5), and the share eligible for free school meals, England 2018/19.
const RWM_EVERYONE: [[f64; 2]; 2] = [[0.63, 0.08], [0.69, 0.13]];
const FSM_EVERYONE: f64 = 0.154;

/// Spread of Attainment 8 around its level for a pupil of no effect; assumed.
pub(crate) const ATTAINMENT8_SPREAD: f64 = 18.0;
/// Chance part of each early learning goal, and of each Key Stage 2 subject, in standard deviations; assumed.
pub(crate) const GOAL_NOISE: f64 = 0.45;
pub(crate) const SUBJECT_NOISE: f64 = 0.50;
/// Pupils without a test result at Key Stage 2 in any one subject; assumed.
pub(crate) const NO_RESULT: f64 = 0.004;
/// Share of Year 11 who stay in the school's sixth form; assumed, the rest being in colleges, training or work.
pub(crate) const STAYS: f64 = 0.45;

/// Share of a group that is of one kind, and that kind's effects on attainment, absence and suspension.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub weight: f64,
    pub effects: [f64; 3],
}

/// What one group needs on each scale. Thresholds are in standard deviations; an event is a draw above its threshold.
pub(crate) struct Group {
    pub kinds: [Kind; KINDS],
    /// Mean effect on attainment.
    pub centre: f64,
    pub fsm: f64,
    pub eal: f64,
    /// By phase: threshold of persistent absence and the spread of the logarithm of a pupil's absence rate.
    pub absence: [[f64; 2]; 2],
    pub unauthorised: f64,
    /// By phase, sixth form last.
    pub suspended: [f64; 3],
    /// Mean suspensions beyond the first of those who have one.
    pub again: f64,
    /// Permanent exclusions per pupil suspended.
    pub excluded: f64,
    pub goals: f64,
    pub expected: f64,
    pub attainment8: f64,
    pub em: [f64; 2],
    /// EBacc points per point of Attainment 8.
    pub ebacc: f64,
    pub progress8: f64,
    /// Mean points of an A level entry.
    pub points: f64,
    /// Entry to higher education, and to a high-tariff provider.
    pub entry: [f64; 2],
}

/// Everything outcomes are drawn from.
pub(crate) struct Targets {
    pub groups: Vec<Group>,
    /// Distance from the expected to the higher standard at Key Stage 2, the same for every group.
    pub higher: f64,
}

/// Shares of no special needs, support and plan; England's 13 % and 4.3 % [assumed level], higher with free school meals
/// and for boys. Assumed alike in every group.
pub(crate) fn needs(fsm: bool, male: bool) -> [f64; 3] {
    let factor = if fsm { 1.7 } else { 0.87 } * if male { 1.28 } else { 0.72 };
    let (support, plan) = (0.130 * factor, 0.043 * factor);
    [1.0 - support - plan, support, plan]
}

pub(crate) fn kind(fsm: bool, needs: usize, male: bool) -> usize {
    usize::from(fsm) * 6 + needs.min(2) * 2 + usize::from(male)
}

/// Share of pupils who are male.
pub(crate) const BOYS: f64 = 0.51;

fn kinds(fsm_share: f64) -> [Kind; KINDS] {
    let mut kinds = [Kind {
        weight: 0.0,
        effects: [0.0; 3],
    }; KINDS];
    for (index, slot) in kinds.iter_mut().enumerate() {
        let (fsm, need, male) = (index >= 6, index / 2 % 3, index % 2 == 1);
        let share = |yes: bool, p: f64| if yes { p } else { 1.0 - p };
        let with_need = needs(fsm, male).get(need).copied().unwrap_or(0.0);
        slot.weight = share(fsm, fsm_share) * share(male, BOYS) * with_need;
        for (scale, effect) in slot.effects.iter_mut().enumerate() {
            let at = |table: &[f64; 3], on: bool| if on { table[scale] } else { 0.0 };
            *effect =
                at(&FSM, fsm) + at(&SUPPORT, need == 1) + at(&PLAN, need == 2) + at(&MALE, male);
        }
    }
    kinds
}

/// Nodes and weights for an average over a standard normal.
fn nodes() -> impl Iterator<Item = (f64, f64)> {
    (-24..=24).map(|i| {
        let x = f64::from(i) * 0.2;
        (x, 0.2 * density(x))
    })
}

/// Mean over the kinds of a function of their effect on one scale.
fn over(kinds: &[Kind; KINDS], scale: usize, f: impl Fn(f64) -> f64) -> f64 {
    kinds.iter().map(|k| k.weight * f(k.effects[scale])).sum()
}

/// The threshold that a share of the group lies above.
fn threshold(kinds: &[Kind; KINDS], scale: usize, share: f64) -> f64 {
    falling_root(|t| over(kinds, scale, |e| below_normal(e - t)) - share)
}

/// Share of the group above a threshold on all of `count` scales that have a normal in common.
fn all_above(kinds: &[Kind; KINDS], count: i32, noise: f64, t: f64) -> f64 {
    over(kinds, 0, |e| {
        nodes()
            .map(|(x, w)| w * below_normal((e + x - t) / noise).powi(count))
            .sum()
    })
}

/// Moves a share (%) by the distance between two other shares (%) on the probit scale.
fn shifted(share: f64, from: f64, to: f64) -> f64 {
    100.0 * below_normal(probit(share / 100.0) + probit(to / 100.0) - probit(from / 100.0))
}

/// The spread of log absence that, with persistent absence already fixed by its threshold, gives the mean rate.
fn absence_spread(kinds: &[Kind; KINDS], threshold: f64, mean: f64) -> f64 {
    let rate = |spread: f64| {
        over(kinds, 1, |e| {
            nodes()
                .map(|(x, w)| w * absence_rate(spread, e + x - threshold))
                .sum()
        })
    };
    // The mean falls, then rises, with the spread; the wider solution has the long tail that severe absence needs.
    let mut best = (f64::INFINITY, 1.0);
    for step in (0..=100).rev() {
        let spread = 0.4 + 0.01 * f64::from(step);
        let miss = (rate(spread) - mean).abs();
        if miss < best.0 {
            best = (miss, spread);
        }
    }
    best.1
}

/// A pupil's absence rate: a tenth of sessions at the threshold of persistent absence, log-normal around it.
pub(crate) fn absence_rate(spread: f64, above: f64) -> f64 {
    (0.1 * exp(spread * above)).min(0.98)
}

fn group(published: &Published, place: usize) -> Group {
    let major = published.major;
    let local = place == 1;
    let kinds = kinds(published.fsm / 100.0);

    let odds = |p: f64| p / (100.0 - p);
    let moved = |p: f64, from: f64, to: f64| {
        let o = odds(p) * odds(to) / odds(from);
        o / (1.0 + o)
    };
    let mut mean = moved(published.absence[0], ABSENCE_LEVEL[0], ABSENCE_LEVEL[1]);
    let mut persistent = shifted(
        published.absence[1],
        PERSISTENT_LEVEL[0],
        PERSISTENT_LEVEL[1],
    );
    if local {
        mean = moved(100.0 * mean, ABSENCE_PLACE[0], ABSENCE_PLACE[1]);
        persistent = shifted(persistent, PERSISTENT_PLACE[0], PERSISTENT_PLACE[1]);
    }
    let absence = ABSENCE_PHASE.map(|phase| {
        let t = threshold(&kinds, 1, (persistent / 100.0 * phase).min(0.9));
        [t, absence_spread(&kinds, t, mean * phase)]
    });

    let mut rates = [0.0; 3];
    for (i, rate) in rates.iter_mut().enumerate() {
        let here = if local { SUSPENSION_PLACE[i] } else { 1.0 };
        *rate = published.suspension[i] / 100.0 * SUSPENSION_LEVEL[i] * here;
    }
    let [suspensions, suspended, excluded] = rates;

    let goals = shifted(major.gld[place], major.gld_2017, published.gld) / 100.0;
    let rwm = shifted(major.ks2[place], major.em95, published.ks4[1]) / 100.0;
    let expected = all_three(&kinds, rwm);

    let extra = major.attainment8[place] - major.attainment8[0];
    let [a8, em95, em94, ebacc] = published.ks4;
    let attainment8 = falling_root(|x| (a8 + extra) - mean_attainment8(&kinds, 10.0 * (x + 6.0)));
    let em = [em95, em94].map(|share| {
        let here = below_normal(probit(share / 100.0) + extra / ATTAINMENT8_SPREAD);
        threshold(&kinds, 0, here)
    });
    let entry = major
        .entry
        .map(|share| threshold(&kinds, 0, shifted(share, major.em95, em95) / 100.0));

    Group {
        centre: over(&kinds, 0, |e| e),
        fsm: published.fsm / 100.0,
        eal: published.eal,
        absence,
        unauthorised: published.absence[2],
        suspended: SUSPENSION_PHASE.map(|phase| threshold(&kinds, 2, (suspended * phase).min(0.6))),
        again: (suspensions / suspended - 1.0).max(0.03),
        excluded: (excluded / suspended).min(0.5),
        goals: falling_root(|t| all_above(&kinds, 12, GOAL_NOISE, t) - goals),
        expected,
        attainment8: 10.0 * (attainment8 + 6.0),
        em,
        ebacc: ebacc / a8,
        progress8: published.progress8,
        points: 34.4 + 0.25 * (a8 + extra - 46.5),
        entry,
        kinds,
    }
}

/// The threshold that a share of the group lies above in all three Key Stage 2 subjects, counting those without a
/// result as below.
fn all_three(kinds: &[Kind; KINDS], share: f64) -> f64 {
    let tested = (1.0 - NO_RESULT).powi(3);
    falling_root(|t| all_above(kinds, 3, SUBJECT_NOISE, t) - share / tested)
}

/// Mean Attainment 8 of a group whose level is `level`, scores being kept to 0–90.
fn mean_attainment8(kinds: &[Kind; KINDS], level: f64) -> f64 {
    over(kinds, 0, |e| {
        nodes()
            .map(|(x, w)| w * (level + ATTAINMENT8_SPREAD * (e + x)).clamp(0.0, 90.0))
            .sum()
    })
}

impl Targets {
    /// Solves every group's thresholds for England (`local` false) or for the west London authority.
    pub(crate) fn new(local: bool) -> Self {
        let place = usize::from(local);
        let everyone = kinds(FSM_EVERYONE);
        let [expected, higher] = RWM_EVERYONE[place].map(|share| all_three(&everyone, share));
        Targets {
            groups: GROUPS
                .iter()
                .map(|published| group(published, place))
                .collect(),
            higher: higher - expected,
        }
    }
}
