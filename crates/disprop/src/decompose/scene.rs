//! The parts of one group's gap in one measure and place.

use disprop_stats::cluster::{self, Clustering};
use disprop_stats::decompose::{self, Covariates, Weighting};
use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::{Stratum, total};
use disprop_stats::wald::{Estimate, Scale};
use disprop_stats::{Calculated, Interval, NotCalculable};

use super::{DecomposeOptions, Part, Split};
use crate::gaps::Gap;
use crate::strata::{Layered, Support, design, jackknife};

/// Name, what it is part of, value, interval's estimate.
struct Piece {
    name: String,
    within: &'static str,
    value: f64,
    estimate: Calculated<Estimate>,
}

impl Piece {
    fn new(name: &str, part: decompose::Part) -> Self {
        Piece {
            name: name.into(),
            within: "gap",
            value: part.value,
            estimate: part.estimate,
        }
    }
}

/// One group, measure and place.
pub(super) struct Scene<'a> {
    pub(super) raw: &'a Gap,
    pub(super) keys: &'a [Vec<u32>],
    pub(super) options: &'a DecomposeOptions,
    /// Whether the last number of each key is a school, and schools are clusters.
    pub(super) by_school: bool,
    /// Whether the sums have a spread: published sums that are no events have none.
    pub(super) events: bool,
}

impl Scene<'_> {
    pub(super) fn rows<T: Fraction>(
        &self,
        cells: Calculated<Vec<Stratum<T>>>,
        rows: &mut Vec<Part>,
    ) {
        let over = self.options.over.len();
        let layered = cells.and_then(|cells| Layered::new(self.keys, cells, over, self.by_school));
        let support = layered
            .as_ref()
            .map_or_else(|_| Support::of::<T>(&[]), |l| Support::of(&l.strata));
        let gap = &self.raw.difference;
        let interval = match (self.by_school, &layered) {
            (true, Ok(layered)) => gap.value.and_then(|_| {
                let clustered = cluster::difference(&layered.schools, Clustering::default());
                clustered?.interval(self.options.gaps.level)
            }),
            _ => gap.interval,
        };
        let clear = interval.is_ok_and(|ends| !ends.contains(0.0));
        let mut add = |name: &str, within, value, interval| {
            rows.push(self.part(name, within, value, interval, clear, support));
        };
        add("gap", None, gap.value, interval);
        let pieces = layered.and_then(|layered| {
            gap.value?;
            self.pieces(&layered)
        });
        match pieces {
            Ok(pieces) => {
                for piece in pieces {
                    let interval = match self.events {
                        true => piece.estimate.and_then(|e| match e.standard_error > 0.0 {
                            true => e.interval(self.options.gaps.level),
                            // One stratum has no mix; what is nothing whoever the pupils are has no ends.
                            false => Err(NotCalculable::NoVariation),
                        }),
                        false => Err(NotCalculable::NoSecondMoment),
                    };
                    add(&piece.name, Some(piece.within), Ok(piece.value), interval);
                }
            }
            Err(reason) => {
                for name in names(self.options.split) {
                    add(name, Some("gap"), Err(reason), Err(reason));
                }
            }
        }
    }

    fn part(
        &self,
        name: &str,
        within: Option<&'static str>,
        value: Calculated<f64>,
        interval: Calculated<Interval>,
        clear: bool,
        support: Support,
    ) -> Part {
        let raw = self.raw;
        Part {
            measure: raw.measure,
            of: raw.of,
            place: raw.place.clone(),
            n: (raw.group.n, raw.baseline.n),
            baseline: raw.baseline_label.clone(),
            gap: raw.difference.value,
            part: name.into(),
            within,
            value,
            interval,
            share: match (value, raw.difference.value) {
                (Ok(part), Ok(gap)) if clear => Ok(part / gap),
                (Err(reason), _) | (_, Err(reason)) => Err(reason),
                _ => Err(NotCalculable::Unbounded),
            },
            support,
        }
    }

    fn pieces<T: Fraction>(&self, layered: &Layered<T>) -> Calculated<Vec<Piece>> {
        if self.options.split == Split::WithinBetween {
            let parts = decompose::within_between(&layered.strata, Clustering::default())?;
            let piece =
                |name: &str, value, estimate| Piece::new(name, decompose::Part { value, estimate });
            return Ok(vec![
                piece("within", parts.within, parts.within_estimate),
                piece("between", parts.between, parts.between_estimate),
            ]);
        }
        let mut pieces = self.taken_apart(&layered.strata, &layered.keys)?;
        if !self.by_school {
            return Ok(pieces);
        }
        let without = layered.leave_one_out(|strata| self.taken_apart(strata, &layered.keys));
        let without = without.and_then(|all| all.into_iter().collect::<Calculated<Vec<_>>>());
        for piece in &mut pieces {
            // Without some school nobody may be outside: that part is then nothing.
            let of = |other: &Vec<Piece>| {
                let mut same = other.iter().filter(|p| p.name == piece.name);
                same.next().map_or(0.0, |p| p.value)
            };
            piece.estimate = without.as_ref().map_err(|reason| *reason).and_then(|all| {
                jackknife(
                    piece.value,
                    &all.iter().map(of).collect::<Vec<_>>(),
                    Scale::Linear,
                )
            });
        }
        Ok(pieces)
    }

    /// The parts inside the strata that compare, and those outside them.
    fn taken_apart<T: Fraction>(
        &self,
        strata: &[Stratum<T>],
        keys: &[Vec<u32>],
    ) -> Calculated<Vec<Piece>> {
        let compared = || strata.iter().zip(keys).filter(|(s, _)| s.compares());
        let kept: Vec<Stratum<T>> = compared().map(|(s, _)| *s).collect();
        if kept.is_empty() {
            return Err(NotCalculable::NoCounterpart);
        }
        let mut pieces = match self.options.split {
            Split::Kitagawa => {
                let parts = decompose::kitagawa(&kept)?;
                vec![
                    Piece::new("composition", parts.composition),
                    Piece::new("rate", parts.rate),
                ]
            }
            Split::ThreeFold => {
                let parts = decompose::three_fold(&kept)?;
                vec![
                    Piece::new("endowments", parts.endowments),
                    Piece::new("coefficients", parts.coefficients),
                    Piece::new("interaction", parts.interaction),
                ]
            }
            Split::OaxacaBlinder(weighting) => {
                let keys = compared().map(|(_, key)| key.clone()).collect::<Vec<_>>();
                self.blinder(&keys, &kept, weighting)?
            }
            Split::WithinBetween => Vec::new(),
        };
        let overflow = |_| NotCalculable::Overflow;
        let everyone = total(strata).map_err(overflow)?;
        let inside = total(&kept).map_err(overflow)?;
        let outside = decompose::outside(strata)?;
        if everyone.group.n() > inside.group.n() {
            pieces.push(Piece::new("outside_group", outside.group));
        }
        if everyone.baseline.n() > inside.baseline.n() {
            pieces.push(Piece::new("outside_baseline", outside.baseline));
        }
        Ok(pieces)
    }

    fn blinder<T: Fraction>(
        &self,
        keys: &[Vec<u32>],
        kept: &[Stratum<T>],
        weighting: Weighting,
    ) -> Calculated<Vec<Piece>> {
        let over = &self.options.over;
        let weights: Vec<f64> = kept
            .iter()
            .map(|s| s.group.denominator() + s.baseline.denominator())
            .collect();
        let (covariates, of) =
            design(keys, &weights, over.len()).ok_or(NotCalculable::NoConvergence)?;
        let cells: Vec<Covariates<T>> = covariates
            .into_iter()
            .zip(kept)
            .map(|(values, pupils)| Covariates {
                values,
                pupils: *pupils,
            })
            .collect();
        let parts = decompose::oaxaca_blinder_over(&cells, weighting, &of)?;
        let mut pieces = vec![Piece::new("explained", parts.explained)];
        let nothing = decompose::Part {
            value: 0.0,
            estimate: Err(NotCalculable::NoVariation),
        };
        for (number, name) in over.iter().enumerate() {
            // A dimension that follows from the others has no covariate, and explains nothing more.
            let part = parts.by_covariate.get(number).copied().unwrap_or(nothing);
            pieces.push(Piece {
                within: "explained",
                ..Piece::new(&format!("explained: {name}"), part)
            });
        }
        pieces.push(Piece::new("unexplained", parts.unexplained));
        Ok(pieces)
    }
}

fn names(split: Split) -> &'static [&'static str] {
    match split {
        Split::Kitagawa => &["composition", "rate"],
        Split::OaxacaBlinder(_) => &["explained", "unexplained"],
        Split::ThreeFold => &["endowments", "coefficients", "interaction"],
        Split::WithinBetween => &["within", "between"],
    }
}
