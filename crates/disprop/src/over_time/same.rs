//! What two years have in common: pupils by their identifiers, or whole schools.

use std::collections::BTreeMap;

use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::stratum::Stratum;
use disprop_stats::{Rate, did};

use super::{Allowance, SharedPupils, period, trend};
use super::{
    Baseline, Calculated, Change, Error, Estimate, Gap, Gaps, Movement, NotCalculable, Verdict,
};
use crate::codes::LeafKind;
use crate::engine::{Products, SharedKey};
use crate::gaps::layers::{Half, Layers, Sides};
use crate::gaps::{Place, Unclassified};

/// How the years of some gaps hang together.
pub(super) struct Same<'a> {
    gaps: &'a Gaps,
    layers: Option<Layers>,
    places: BTreeMap<Place, usize>,
    shared: Option<Shared<'a>>,
    year: usize,
}

/// Pupils in both years, over the dimensions of the gaps.
struct Shared<'a> {
    pupils: &'a SharedPupils,
    /// Place of each of their dimensions among those of the gaps.
    dimensions: Vec<usize>,
}

impl<'a> Same<'a> {
    pub(super) fn new(
        gaps: &'a Gaps,
        year: &str,
        pupils: Option<&'a SharedPupils>,
    ) -> Result<Self, Error> {
        let others: Vec<&String> = gaps.dimensions.iter().filter(|d| *d != year).collect();
        let shared = match pupils {
            None => None,
            Some(pupils) => {
                let mut names: Vec<&String> = pupils.dimensions.iter().collect();
                let place = |name: &String| gaps.dimensions.iter().position(|d| d == name);
                let dimensions: Vec<usize> = pupils.dimensions.iter().filter_map(place).collect();
                names.sort();
                let mut wanted = others;
                wanted.sort();
                if names != wanted {
                    return Err(Error::Option {
                        option: "same_pupils",
                        found: crate::error::bare(&pupils.dimensions),
                        expected: "pupils counted over the dimensions of the gaps".into(),
                    });
                }
                Some(Shared { pupils, dimensions })
            }
        };
        let cluster = gaps.options.cluster.as_ref();
        let along: Vec<&str> = cluster.map(|c| c.dimension.as_str()).into_iter().collect();
        let pairs = matches!(
            gaps.options.baseline,
            Baseline::AllOthers | Baseline::Group(_)
        );
        let needed = pairs && (shared.is_some() || cluster.is_some());
        let layers = match needed {
            true => Some(Layers::new(
                &gaps.source,
                &gaps.by(),
                &along,
                &gaps.choices(),
            )?),
            false => None,
        };
        let spots = layers.iter().flat_map(|l| &l.spots).enumerate();
        Ok(Same {
            places: spots.map(|(i, spot)| (spot.place.clone(), i)).collect(),
            layers,
            gaps,
            shared,
            year: gaps.year_place(year)?,
        })
    }

    pub(super) fn allowance(&self) -> Allowance {
        match (&self.layers, &self.gaps.options.cluster, &self.shared) {
            (Some(_), Some(_), _) => Allowance::Schools,
            (Some(_), None, Some(_)) => Allowance::SamePupils,
            _ => Allowance::DifferentPupils,
        }
    }

    /// Returns how a gap changed, with whatever the years have in common.
    pub(super) fn change(&self, earlier: &Gap, later: &Gap) -> Calculated<Change> {
        let level = self.gaps.options.level;
        if self.allowance() == Allowance::Schools {
            return self.over_schools(earlier, later);
        }
        let (before, after) = (period(earlier)?, period(later)?);
        let overlap = self.overlap(earlier, later).unwrap_or_default();
        trend::change(&before, &after, overlap, level)
    }

    fn sides(&self, gap: &Gap) -> Calculated<(Sides, &Layers, usize)> {
        let layers = self.layers.as_ref().ok_or(NotCalculable::NoMethod)?;
        let place = *self
            .places
            .get(&gap.place)
            .ok_or(NotCalculable::NoCounterpart)?;
        let spot = layers
            .spots
            .get(place)
            .ok_or(NotCalculable::NoCounterpart)?;
        let measure = layers.tallies.measures().get(gap.measure);
        let group = layers.groups.get(gap.of);
        let (measure, group) = measure.zip(group).ok_or(NotCalculable::NoCounterpart)?;
        Ok((layers.sides(spot, measure, group)?, layers, place))
    }

    /// Terms of a school in both years enter as one.
    fn over_schools(&self, earlier: &Gap, later: &Gap) -> Calculated<Change> {
        let (before, after) = (self.sides(earlier)?, self.sides(later)?);
        let mut schools: BTreeMap<Option<String>, did::School<Rate>> = BTreeMap::new();
        for (is_after, (sides, layers, place)) in [(false, &before), (true, &after)] {
            for (layer, stratum) in &sides.layers {
                let name = layers.spots.get(*place).and_then(|s| s.layer_name(*layer));
                let none = Stratum::<Rate>::default();
                let school = schools.entry(name).or_insert(did::School {
                    programme: false,
                    before: none,
                    after: none,
                });
                if is_after {
                    school.after = *stratum;
                } else {
                    school.before = *stratum;
                }
            }
        }
        let minimum_clusters = self.gaps.options.cluster.as_ref().map_or(2, |c| c.minimum);
        let clustering = Clustering {
            correction: Correction::Cr1,
            minimum_clusters,
        };
        let schools: Vec<did::School<Rate>> = schools.into_values().collect();
        let side = |pick: fn(&Stratum<Rate>) -> Rate| {
            let strata: Vec<Stratum<Rate>> = schools
                .iter()
                .map(|s| Stratum::new(pick(&s.after), pick(&s.before)))
                .collect();
            cluster::difference(&strata, clustering)
        };
        let change = did::gap_change(&schools, clustering)?;
        let (group, baseline) = (side(|s| s.group)?, side(|s| s.baseline)?);
        let (was, is) = (earlier.difference.value?, later.difference.value?);
        let moved = |estimate: &Estimate| {
            let ends = estimate.interval(self.gaps.options.level)?;
            Ok(match (ends.lower > 0.0, ends.upper < 0.0) {
                (true, _) => Movement::Rose,
                (_, true) => Movement::Fell,
                _ => Movement::Held,
            })
        };
        Ok(Change {
            verdict: match moved(&change)? {
                Movement::Held => Verdict::NoClearChange,
                _ if is.abs() < was.abs() => Verdict::Narrowing,
                _ => Verdict::Widening,
            },
            group_moved: moved(&group)?,
            baseline_moved: moved(&baseline)?,
            crossed_zero: was * is < 0.0,
            change,
            group,
            baseline,
        })
    }

    /// Covariances of each side's two values over the pupils who are in both years.
    fn overlap(&self, earlier: &Gap, later: &Gap) -> Calculated<trend::Overlap> {
        let (before, after) = (self.sides(earlier)?.0, self.sides(later)?.0);
        let (group, baseline) = self.products(earlier, later)?;
        Ok(trend::Overlap {
            group: covariance(&group, &before.group, &after.group)?,
            baseline: covariance(&baseline, &before.baseline, &after.baseline)?,
        })
    }

    /// Returns how many pupils of the group are in both years.
    pub(super) fn pupils(&self, earlier: &Gap, later: &Gap) -> Option<i64> {
        self.shared.as_ref()?;
        self.products(earlier, later).ok().map(|(group, _)| group.n)
    }

    /// Products over the pupils of the group, and of the baseline, who are on that side in both years.
    fn products(&self, earlier: &Gap, later: &Gap) -> Calculated<(Products, Products)> {
        let none = NotCalculable::NoCounterpart;
        let shared = self.shared.as_ref().ok_or(none)?;
        let id = self.gaps.measures.get(earlier.measure).map(|m| &m.id);
        let measure = shared.pupils.measures.iter().position(|m| Some(m) == id);
        let year = |gap: &Gap| {
            gap.place
                .get(self.year)
                .cloned()
                .flatten()
                .unwrap_or_default()
        };
        let of = |i: &usize| earlier.place.get(*i).cloned().flatten();
        let (from, to) = (year(earlier), year(later));
        let place: Vec<Option<String>> = shared.dimensions.iter().map(of).collect();
        let start = SharedKey {
            measure: measure.ok_or(none)?,
            from: from.clone(),
            to: to.clone(),
            place: place.clone(),
            leaves: (String::new(), String::new()),
        };
        let here = |key: &SharedKey| {
            key.measure == start.measure && key.from == from && key.to == to && key.place == place
        };
        let group = self.gaps.groups.get(earlier.of).ok_or(none)?;
        let leaves = self.gaps.source.leaves();
        let reference = self.layers.as_ref().and_then(|l| l.reference.as_ref());
        let side = |code: &str| {
            let (place, leaf) = leaves.iter().enumerate().find(|(_, l)| l.code == code)?;
            if group.leaves.contains(&place) {
                return Some(true);
            }
            let others = match reference {
                Some(reference) => reference.leaves.contains(&place),
                None => {
                    leaf.kind == LeafKind::Classified
                        || self.gaps.options.unclassified == Unclassified::Include
                }
            };
            others.then_some(false)
        };
        let (mut own, mut other) = (Products::default(), Products::default());
        let cells = shared
            .pupils
            .cells
            .range(start.clone()..)
            .take_while(|(key, _)| here(key));
        for (key, products) in cells {
            match (side(&key.leaves.0), side(&key.leaves.1)) {
                (Some(true), Some(true)) => own = plus(&own, products)?,
                (Some(false), Some(false)) => other = plus(&other, products)?,
                // Whoever changes sides is on neither in both years.
                _ => {}
            }
        }
        Ok((own, other))
    }
}

fn plus(a: &Products, b: &Products) -> Calculated<Products> {
    let sum = |a: i128, b: i128| a.checked_add(b).ok_or(NotCalculable::Overflow);
    Ok(Products {
        n: a.n + b.n,
        xx: sum(a.xx, b.xx)?,
        xd: sum(a.xd, b.xd)?,
        dx: sum(a.dx, b.dx)?,
        dd: sum(a.dd, b.dd)?,
    })
}

fn covariance(products: &Products, before: &Half, after: &Half) -> Calculated<f64> {
    /// Micro-units squared in a unit squared.
    const UNIT2: f64 = 1e12;
    if products.n == 0 {
        return Ok(0.0);
    }
    let ((x1, d1), (x2, d2)) = (before.sums.checked()?, after.sums.checked()?);
    let (r1, r2) = (x1 / d1, x2 / d2);
    let sum = |v: i128| v as f64 / UNIT2;
    let residuals = sum(products.xx) - r2 * sum(products.xd) - r1 * sum(products.dx)
        + r1 * r2 * sum(products.dd);
    // No more than what both variances allow, whatever rounding left over.
    let most = (before.variance? * after.variance?).sqrt();
    Ok((residuals / (d1 * d2)).clamp(-most, most))
}
