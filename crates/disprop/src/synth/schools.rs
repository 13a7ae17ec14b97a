//! Authorities and schools: sizes, mixes and the effects that make pupils of one school alike.
//!
//! An authority has a number of *seats* in each year group. Primary schools take consecutive runs of seats, and so do
//! secondary schools; a secondary school's intake is therefore that of the few primary schools beside it, and a pupil
//! keeps one seat, and one identity, from Reception to Year 13.

use super::calibration::{GROUPS, UNCLASSIFIED};
use super::draw::{Draw, Purpose};
use super::{Plan, Scope};

/// Seats that no pupil holds.
pub(crate) const VACANT: f64 = 0.04;
/// Pupils' years at school, with those after 16 counted by the share who stay.
const YEAR_GROUPS: f64 = 12.0 + 2.0 * super::targets::STAYS;
/// Concentration of the mix of authorities around the country's, and of schools around their authority's; assumed.
const AUTHORITY_CONCENTRATION: f64 = 10.0;
const SCHOOL_CONCENTRATION: f64 = 14.0;
/// Draws from the urn that stand for one Dirichlet draw.
const URN: usize = 80;

pub(crate) type Mix = [f64; UNCLASSIFIED];

pub(crate) struct Authority {
    pub seats: u32,
    /// Number of this authority's first pupil.
    pub first_pupil: u64,
    /// Positions in [`Map::schools`].
    pub primaries: std::ops::Range<usize>,
    pub secondaries: std::ops::Range<usize>,
}

pub(crate) struct School {
    pub authority: usize,
    pub secondary: bool,
    pub seats: std::ops::Range<u32>,
    /// On attainment, absence and suspension; standard normal, scaled where used.
    pub effects: [f64; 3],
    /// Whether ethnicity is recorded in extended codes.
    pub extended: bool,
    /// Cumulative shares of the main groups among its intake (primary schools).
    pub mix: Mix,
}

pub(crate) struct Map {
    pub authorities: Vec<Authority>,
    pub schools: Vec<School>,
    pub pupils: u64,
}

fn cumulative(mix: &Mix) -> Mix {
    let total: f64 = mix.iter().sum();
    let mut sum = 0.0;
    mix.map(|share| {
        sum += share / total;
        sum
    })
}

/// A mix around `base`, drawn from Pólya's urn: each draw is either fresh from `base` or a copy of an earlier one, so
/// the counts are Dirichlet-multinomial. No logarithm is needed, and the mean is `base`.
fn urn(draw: &mut Draw, base: &Mix, concentration: f64) -> Mix {
    let edges = cumulative(base);
    let mut drawn = [0_usize; URN];
    let mut mix = base.map(|share| share * concentration);
    for i in 0..URN {
        let fresh = draw.uniform() * (concentration + i as f64) < concentration;
        let group = if fresh {
            draw.pick(&edges)
        } else {
            drawn[draw.below(i as u32) as usize]
        };
        drawn[i] = group;
        mix[group] += 1.0;
    }
    mix.map(|weight| weight / (concentration + URN as f64))
}

/// Sizes of schools that together hold `seats`: multiples of 30, a remainder too small to stand alone joining the last.
fn sizes(draw: &mut Draw, seats: u32, forms: &[f64], smallest: u32) -> Vec<u32> {
    let mut sizes: Vec<u32> = Vec::new();
    let mut left = seats;
    while left > 0 {
        let size = 30 * (smallest / 30 + draw.pick(forms) as u32);
        let size = if left < size + smallest / 2 {
            left
        } else {
            size
        };
        sizes.push(size);
        left -= size;
    }
    sizes
}

impl Map {
    pub(crate) fn new(plan: &Plan) -> Self {
        let (count, place) = match plan.scope {
            Scope::Authority => (1, 1),
            Scope::Country { authorities } => (authorities, 0),
        };
        let seats = f64::from(plan.pupils) / (YEAR_GROUPS * (1.0 - VACANT));
        let mut base = [0.0; UNCLASSIFIED];
        for (slot, group) in base.iter_mut().zip(&GROUPS) {
            *slot = group.share[place];
        }
        let total: f64 = base.iter().sum();
        let base = base.map(|share| share / total);

        let mut draws: Vec<Draw> = (0..u64::from(count))
            .map(|a| Draw::new(plan.seed, Purpose::Authority, [a, 0]))
            .collect();
        let weights: Vec<f64> = draws
            .iter_mut()
            .map(|draw| {
                let u = draw.uniform();
                0.4 + u + u * u
            })
            .collect();
        let sum: f64 = weights.iter().sum();

        let mut map = Map {
            authorities: Vec::new(),
            schools: Vec::new(),
            pupils: 0,
        };
        for (draw, weight) in draws.iter_mut().zip(&weights) {
            let seats = ((seats * weight / sum).round() as u32).max(8);
            let mix = match plan.scope {
                Scope::Authority => base,
                Scope::Country { .. } => urn(draw, &base, AUTHORITY_CONCENTRATION),
            };
            map.add(plan, draw, seats, &mix);
        }
        map.centre();
        map
    }

    /// Takes the mean over seats off the effects of each phase, so that the level of the place is not left to which
    /// schools were drawn.
    fn centre(&mut self) {
        for secondary in [false, true] {
            let mut schools: Vec<&mut School> = self
                .schools
                .iter_mut()
                .filter(|school| school.secondary == secondary)
                .collect();
            let (mut sums, mut seats) = ([0.0; 3], 0.0);
            for school in &schools {
                let here = school.seats.len() as f64;
                seats += here;
                for (sum, effect) in sums.iter_mut().zip(school.effects) {
                    *sum += here * effect;
                }
            }
            for school in &mut schools {
                for (effect, sum) in school.effects.iter_mut().zip(sums) {
                    *effect -= sum / seats;
                }
            }
        }
    }

    fn add(&mut self, plan: &Plan, draw: &mut Draw, seats: u32, mix: &Mix) {
        let authority = self.authorities.len();
        let adopts = draw.chance(plan.extended_codes);
        // One, two or three forms of entry; four to ten in a secondary school.
        let primary = sizes(draw, seats, &[0.35, 0.82, 1.0], 30);
        let secondary = sizes(draw, seats, &[0.08, 0.22, 0.46, 0.68, 0.84, 0.94, 1.0], 120);
        let start = self.schools.len();
        for (sizes, is_secondary) in [(&primary, false), (&secondary, true)] {
            let mut next = 0;
            for &size in sizes {
                let number = self.schools.len() as u64;
                let mut draw = Draw::new(plan.seed, Purpose::School, [number, 0]);
                let local = urn(&mut draw, mix, SCHOOL_CONCENTRATION);
                self.schools.push(School {
                    authority,
                    secondary: is_secondary,
                    seats: next..next + size,
                    effects: [draw.normal(), draw.normal(), draw.normal()],
                    extended: match plan.scope {
                        Scope::Authority => draw.chance(plan.extended_codes),
                        Scope::Country { .. } => adopts,
                    },
                    mix: cumulative(&local),
                });
                next += size;
            }
        }
        let middle = start + primary.len();
        self.authorities.push(Authority {
            seats,
            first_pupil: self.pupils,
            primaries: start..middle,
            secondaries: middle..self.schools.len(),
        });
        self.pupils += u64::from(seats) * u64::from(plan.years + 13);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schools_of_a_phase_share_out_the_seats_of_their_authority() {
        for pupils in [300, 5_000, 60_000] {
            let map = Map::new(&Plan {
                pupils,
                ..Plan::default()
            });
            let authority = &map.authorities[0];
            for range in [authority.primaries.clone(), authority.secondaries.clone()] {
                let mut next = 0;
                for school in &map.schools[range] {
                    assert_eq!(school.seats.start, next);
                    assert!(school.seats.len() <= 360);
                    next = school.seats.end;
                }
                assert_eq!(next, authority.seats);
            }
        }
    }

    #[test]
    fn an_urn_keeps_the_mean_and_spreads_schools_apart() {
        let mut base = [0.0; UNCLASSIFIED];
        base[0] = 0.7;
        base[5] = 0.3;
        let mut draw = Draw::new(3, Purpose::School, [0, 0]);
        let shares: Vec<f64> = (0..4_000).map(|_| urn(&mut draw, &base, 14.0)[5]).collect();
        let mean = shares.iter().sum::<f64>() / 4_000.0;
        let spread = shares.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / 4_000.0;
        assert!((mean - 0.3).abs() < 0.006, "{mean}");
        // 0.3 · 0.7 · 80 / (94 · 15): the Dirichlet variance 0.3 · 0.7 / 15, less what 80 draws leave out.
        assert!((spread / 0.0119 - 1.0).abs() < 0.1, "{spread}");
    }
}
