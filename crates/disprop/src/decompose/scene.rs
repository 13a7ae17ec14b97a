//! The parts of one group's gap in one measure and place.

use disprop_stats::cluster::Clustering;
use disprop_stats::decompose::{self, Covariates, Weighting};
use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::{Stratum, total};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Interval, NotCalculable};

use super::{DecomposeOptions, Part, Split};
use crate::gaps::Gap;
use crate::strata::{Support, design};

/// Name, what it is part of, value, interval's estimate.
struct Piece {
    name: String,
    within: &'static str,
    value: f64,
    estimate: Calculated<Estimate>,
}

impl Piece {
    fn new(name: &str, estimate: Estimate) -> Self {
        Piece {
            name: name.into(),
            within: "gap",
            value: estimate.estimate,
            estimate: Ok(estimate),
        }
    }
    fn point(name: &str, value: f64, reason: NotCalculable) -> Self {
        Piece {
            name: name.into(),
            within: "gap",
            value,
            estimate: Err(reason),
        }
    }
}

/// One group, measure and place.
pub(super) struct Scene<'a> {
    pub(super) raw: &'a Gap,
    pub(super) keys: &'a [Vec<u32>],
    pub(super) options: &'a DecomposeOptions,
    /// Whether the sums have a spread: published sums that are no events have none.
    pub(super) events: bool,
}

impl Scene<'_> {
    pub(super) fn rows<T: Fraction>(
        &self,
        cells: Calculated<Vec<Stratum<T>>>,
        rows: &mut Vec<Part>,
    ) {
        let support = cells
            .as_ref()
            .map_or_else(|_| Support::of::<T>(&[]), |c| Support::of(c));
        let gap = &self.raw.difference;
        rows.push(self.part("gap", None, gap.value, gap.interval, support));
        let pieces = cells.and_then(|cells| {
            gap.value?;
            self.pieces(&cells)
        });
        match pieces {
            Ok(pieces) => {
                for piece in pieces {
                    let interval = match self.events {
                        true => piece
                            .estimate
                            .and_then(|e| e.interval(self.options.gaps.level)),
                        false => Err(NotCalculable::NoSecondMoment),
                    };
                    let value = Ok(piece.value);
                    rows.push(self.part(&piece.name, Some(piece.within), value, interval, support));
                }
            }
            Err(reason) => {
                for name in names(self.options.split) {
                    rows.push(self.part(name, Some("gap"), Err(reason), Err(reason), support));
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
        support: Support,
    ) -> Part {
        let raw = self.raw;
        let clear = raw.difference.interval.is_ok_and(|i| !i.contains(0.0));
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

    fn pieces<T: Fraction>(&self, cells: &[Stratum<T>]) -> Calculated<Vec<Piece>> {
        if self.options.split == Split::WithinBetween {
            let parts = decompose::within_between(cells, Clustering::default())?;
            let piece = |name: &str, value, estimate| Piece {
                name: name.into(),
                within: "gap",
                value,
                estimate,
            };
            return Ok(vec![
                piece("within", parts.within, parts.within_estimate),
                piece("between", parts.between, parts.between_estimate),
            ]);
        }
        let compared: Vec<usize> = (0..cells.len())
            .filter(|i| cells.get(*i).is_some_and(Stratum::compares))
            .collect();
        let kept: Vec<Stratum<T>> = compared
            .iter()
            .filter_map(|i| cells.get(*i).copied())
            .collect();
        if kept.is_empty() {
            return Err(NotCalculable::NoCounterpart);
        }
        let mut pieces = match self.options.split {
            Split::Kitagawa => match decompose::kitagawa(&kept) {
                Ok(parts) => vec![
                    Piece::new("composition", parts.composition),
                    Piece::new("rate", parts.rate),
                ],
                // Sums without squares have parts, though no intervals.
                Err(NotCalculable::NoSecondMoment) => without_squares(&kept)?,
                Err(reason) => return Err(reason),
            },
            Split::ThreeFold => {
                let parts = decompose::three_fold(&kept)?;
                let piece = |name, value| Piece::point(name, value, NotCalculable::NoMethod);
                vec![
                    piece("endowments", parts.endowments),
                    piece("coefficients", parts.coefficients),
                    piece("interaction", parts.interaction),
                ]
            }
            Split::OaxacaBlinder(weighting) => self.blinder(&compared, &kept, weighting)?,
            Split::WithinBetween => Vec::new(),
        };
        let everyone = total(cells).map_err(|_| NotCalculable::Overflow)?;
        let inside = total(&kept).map_err(|_| NotCalculable::Overflow)?;
        let group = everyone.group.value()? - inside.group.value()?;
        let baseline = inside.baseline.value()? - everyone.baseline.value()?;
        let outside = [
            (
                "outside_group",
                group,
                everyone.group.n() > inside.group.n(),
            ),
            (
                "outside_baseline",
                baseline,
                everyone.baseline.n() > inside.baseline.n(),
            ),
        ];
        for (name, value, there) in outside {
            if there {
                pieces.push(Piece::point(name, value, NotCalculable::NoMethod));
            }
        }
        Ok(pieces)
    }

    fn blinder<T: Fraction>(
        &self,
        compared: &[usize],
        kept: &[Stratum<T>],
        weighting: Weighting,
    ) -> Calculated<Vec<Piece>> {
        let keys: Vec<Vec<u32>> = compared
            .iter()
            .filter_map(|i| self.keys.get(*i).cloned())
            .collect();
        let weights: Vec<f64> = kept
            .iter()
            .map(|s| s.group.denominator() + s.baseline.denominator())
            .collect();
        let (covariates, of) =
            design(&keys, &weights, self.options.over.len()).ok_or(NotCalculable::NoConvergence)?;
        let cells: Vec<Covariates<T>> = covariates
            .into_iter()
            .zip(kept)
            .map(|(values, pupils)| Covariates {
                values,
                pupils: *pupils,
            })
            .collect();
        let parts = decompose::oaxaca_blinder(&cells, weighting)?;
        let mut pieces = vec![Piece::new("explained", parts.explained)];
        for (number, name) in self.options.over.iter().enumerate() {
            let own = parts.by_covariate.iter().zip(&of);
            let value: f64 = own
                .filter(|(_, dimension)| **dimension == number)
                .map(|(value, _)| value)
                .sum();
            pieces.push(Piece {
                within: "explained",
                ..Piece::point(
                    &format!("explained: {name}"),
                    value,
                    NotCalculable::NoMethod,
                )
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

/// Kitagawa's parts of published sums: the interaction of the three-fold split, half to each.
fn without_squares<T: Fraction>(kept: &[Stratum<T>]) -> Calculated<Vec<Piece>> {
    let parts = decompose::three_fold(kept)?;
    let half = parts.interaction / 2.0;
    let point = |name, value| Piece::point(name, value, NotCalculable::NoSecondMoment);
    Ok(vec![
        point("composition", parts.endowments + half),
        point("rate", parts.coefficients + half),
    ])
}
