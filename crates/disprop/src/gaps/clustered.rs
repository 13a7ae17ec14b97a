//! Intervals of gaps that allow for pupils of one school being alike.

mod found;

use disprop_stats::cluster::{Clustering, Correction};
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Interval, NotCalculable, Rate, Tally};

use found::{End, Found, drawn, linearised};

use super::layers::{Layers, Sides};
use super::{Baseline, Contrast, Gap, GapOptions, Gaps, Side, Verdict};
use crate::error::Error;
use crate::tallies::Tallies;

/// How pupils of one school being alike is allowed for.
///
/// The default is the linearised variance with the CR2 correction and Satterthwaite's degrees of
/// freedom. An ethnic group often sits in few schools, most of it in two or three of them; there
/// CR0 and CR1 are too narrow, whereas CR2 is unbiased under its working model and the degrees of
/// freedom fall with the *effective* number of schools (Pustejovsky and Tipton 2018). The bootstrap needs some
/// thirty schools on a side to hold its level.
///
/// # Example: schools as clusters
/// ```
/// use disprop::gaps::{Cluster, GapOptions};
/// let options = GapOptions { cluster: Some(Cluster::by("school")), ..GapOptions::default() };
/// assert_eq!(options.cluster.map(|c| c.method.id()), Some("cluster_cr2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Dimension of the tallies that names the school.
    pub dimension: String,
    /// Which interval.
    pub method: ClusterMethod,
    /// Fewest schools that each side must sit in, never less than 2.
    pub minimum: usize,
    /// Seed of a permutation test over schools, where they are too many to count every split.
    pub seed: u64,
}

/// Which clustered interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterMethod {
    /// A formula: CR0 to CR3 or the jackknife, with t on Satterthwaite's degrees of freedom.
    Linearised(Correction),
    /// Schools drawn with replacement.
    Bootstrap {
        /// Seed: the same seed gives the same intervals on any number of threads.
        seed: u64,
        /// Number of replicates.
        replicates: usize,
        /// Whether ends are bias-corrected and accelerated rather than plain percentiles.
        bca: bool,
    },
}

impl Cluster {
    /// Returns the default clustering over a dimension.
    pub fn by(dimension: &str) -> Self {
        Cluster {
            dimension: dimension.into(),
            method: ClusterMethod::Linearised(Correction::Cr2),
            minimum: Clustering::MINIMUM,
            seed: 1,
        }
    }

    /// What the note of a table says of it.
    pub(crate) fn note(&self) -> String {
        let how = match self.method {
            ClusterMethod::Linearised(_) => String::new(),
            ClusterMethod::Bootstrap {
                seed, replicates, ..
            } => format!(" ({replicates} bootstrap replicates, seed {seed})"),
        };
        format!(
            "; they allow for pupils of one {} being alike{how}, and are withheld where either side \
             sits in fewer than {}",
            self.dimension,
            self.minimum.max(2),
        )
    }
}

impl ClusterMethod {
    /// Returns its id, as it stands in `method`.
    pub fn id(self) -> &'static str {
        match self {
            ClusterMethod::Linearised(correction) => match correction {
                Correction::Cr0 => "cluster_cr0",
                Correction::Cr1 => "cluster_cr1",
                Correction::Cr1Stata => "cluster_cr1_stata",
                Correction::Cr3 => "cluster_cr3",
                Correction::Jackknife => "cluster_jackknife",
                _ => "cluster_cr2",
            },
            ClusterMethod::Bootstrap { bca: true, .. } => "cluster_bootstrap_bca",
            ClusterMethod::Bootstrap { bca: false, .. } => "cluster_bootstrap_percentile",
        }
    }
}

/// What clustering found out about one gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clustered {
    /// Schools in which the group has anybody.
    pub group_clusters: usize,
    /// Schools in which the baseline has anybody.
    pub baseline_clusters: usize,
    /// The difference with its clustered error; of the bootstrap, the spread of its replicates.
    pub difference: Calculated<Estimate>,
    /// Clustered variance of the difference ÷ that of independent pupils: 1 where schools are alike.
    pub design_effect: Calculated<f64>,
}

/// Gives every gap the intervals that clustering allows, and takes away those it does not.
pub(crate) fn apply(
    gaps: &mut Gaps,
    tallies: &Tallies,
    by: &[&str],
    options: &GapOptions,
    cluster: &Cluster,
) -> Result<(), Error> {
    if let Baseline::Elsewhere { .. } | Baseline::BestPlaced = options.baseline {
        return Err(Error::Option {
            option: "cluster",
            found: options.baseline.label(),
            expected: "the baseline all_others, overall, a named group or a number".into(),
        });
    }
    let layers = Layers::new(tallies, by, &[&cluster.dimension], options)?;
    gaps.source = std::sync::Arc::new(layers.tallies.clone());
    let per_place = gaps.measures.len() * gaps.groups.len();
    let measures = layers.tallies.measures();
    for (spot, rows) in layers
        .spots
        .iter()
        .zip(gaps.rows.chunks_mut(per_place.max(1)))
    {
        let sides: Vec<Calculated<Sides>> = rows
            .iter()
            .map(|gap| {
                let (measure, group) = measures
                    .get(gap.measure)
                    .zip(layers.groups.get(gap.of))
                    .ok_or(NotCalculable::NoCounterpart)?;
                layers.sides(spot, measure, group)
            })
            .collect();
        let found = match cluster.method {
            ClusterMethod::Linearised(correction) => sides
                .iter()
                .map(|sides| {
                    Ok(linearised(
                        sides.as_ref().map_err(|r| *r)?,
                        correction,
                        cluster,
                    ))
                })
                .collect(),
            ClusterMethod::Bootstrap { .. } => drawn(&sides, spot.layers.len(), cluster),
        };
        for ((gap, sides), found) in rows.iter_mut().zip(&sides).zip(found) {
            replace(gap, sides, &found, cluster, options);
        }
    }
    for gap in &mut gaps.rows {
        let Some(measure) = gaps.measures.get(gap.measure) else {
            continue;
        };
        let judged = Verdict::of(
            &gap.group,
            &gap.baseline,
            &gap.difference,
            measure.polarity,
            options.minimum,
            options.matters / measure.unit.factor(),
        );
        let undecided = gap.difference.range.is_some_and(|r| r.contains(0.0));
        gap.verdict = match judged {
            Verdict::Worse | Verdict::Better | Verdict::Higher | Verdict::Lower if undecided => {
                Verdict::NoClearDifference
            }
            other => other,
        };
    }
    Ok(())
}

fn replace(
    gap: &mut Gap,
    sides: &Calculated<Sides>,
    found: &Calculated<Found>,
    cluster: &Cluster,
    options: &GapOptions,
) {
    let level = options.level;
    let end = |pick: fn(&Found) -> &End| {
        let found = found.as_ref().map_err(|reason| *reason)?;
        let end = pick(found);
        Ok((end.interval(level), end.estimate))
    };
    let side = |side: &mut Side, pick: fn(&Found) -> &End, empty: NotCalculable| {
        let new = end(pick).and_then(|(interval, estimate)| {
            side.variance = estimate.map(|e| e.variance());
            interval
        });
        if side.value.is_ok() {
            side.interval = new.map_err(|reason| match reason {
                NotCalculable::NoGroup => empty,
                other => other,
            });
        }
    };
    side(&mut gap.group, |f| &f.group, NotCalculable::NoGroup);
    let id = cluster.method.id();
    let contrast = |contrast: &mut Contrast, interval: Calculated<Interval>| {
        // Where there is no value its reason stands.
        if contrast.value.is_ok() {
            contrast.interval = interval;
            contrast.method = if interval.is_ok() { id } else { "" };
        }
    };
    let clusters = |pick: fn(&Stratum<Rate>) -> &Rate| {
        let layers = sides.iter().flat_map(|s| &s.layers);
        layers.filter(|(_, s)| !pick(s).is_empty()).count()
    };
    let mut clustered = Clustered {
        group_clusters: clusters(|s| &s.group),
        baseline_clusters: clusters(|s| &s.baseline),
        difference: end(|f| &f.difference).and_then(|(_, estimate)| estimate),
        design_effect: Err(NotCalculable::NoVariation),
    };
    if let Baseline::Fixed(_) = options.baseline {
        let value = gap.baseline.value;
        let shifted = gap.group.interval.and_then(|i| {
            let value = value?;
            Ok(Interval::new(i.lower - value, i.upper - value))
        });
        contrast(&mut gap.difference, shifted);
        clustered.difference = end(|f| &f.group).and_then(|(_, estimate)| {
            let estimate = estimate?;
            Ok(Estimate {
                estimate: estimate.estimate - value?,
                ..estimate
            })
        });
        let times = gap.group.interval.and_then(|i| match value? {
            v if v > 0.0 => Ok(i.scale(1.0 / v)),
            _ => Err(NotCalculable::ZeroBaseline),
        });
        contrast(&mut gap.ratio, times);
    } else {
        side(
            &mut gap.baseline,
            |f| &f.baseline,
            NotCalculable::NoBaseline,
        );
        contrast(
            &mut gap.difference,
            end(|f| &f.difference).and_then(|(i, _)| i),
        );
        contrast(&mut gap.ratio, end(|f| &f.ratio).and_then(|(i, _)| i));
    }
    contrast(&mut gap.odds_ratio, Err(NotCalculable::NoMethod));
    let exposure = sides
        .as_ref()
        .map_err(|r| *r)
        .and_then(|s| Ok(s.group.sums.checked()?.1));
    let excess = exposure.and_then(|d| Ok(gap.difference.interval?.scale(d)));
    contrast(&mut gap.excess, excess);
    clustered.design_effect = clustered.difference.and_then(|estimate| {
        let sides = sides.as_ref().map_err(|reason| *reason)?;
        let baseline = match options.baseline {
            Baseline::Fixed(_) => Ok(0.0),
            // The group is part of the whole, so the two variances do not add up.
            Baseline::Overall => Err(NotCalculable::OverlapsBaseline),
            _ => sides.baseline.variance,
        };
        let independent = sides.group.variance? + baseline?;
        if independent > 0.0 {
            Ok(estimate.variance() / independent)
        } else {
            Err(NotCalculable::NoVariation)
        }
    });
    gap.clustering = Some(clustered);
}
