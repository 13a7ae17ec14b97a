//! A gap's figures with schools as clusters, by formula or drawn.

use disprop_stats::bootstrap::{self, Drawing, Replicates};
use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::{Estimate, Scale};
use disprop_stats::{Calculated, Interval, Level, Rate};

use super::{Cluster, ClusterMethod, Sides};

/// The clustered figures of one gap.
pub(super) struct Found {
    pub(super) group: End,
    pub(super) baseline: End,
    pub(super) difference: End,
    pub(super) ratio: End,
}

/// An estimate and how its interval is read.
pub(super) struct End {
    pub(super) estimate: Calculated<Estimate>,
    interval: Read,
}

enum Read {
    Wald,
    Drawn(Box<Calculated<Replicates>>, bool),
}

impl End {
    fn wald(estimate: Calculated<Estimate>) -> Self {
        End {
            estimate,
            interval: Read::Wald,
        }
    }

    fn drawn(replicates: Calculated<Replicates>, bca: bool) -> Self {
        let estimate = replicates
            .as_ref()
            .map_err(|r| *r)
            .map(|r| Estimate::linear(r.estimate, r.standard_error * r.standard_error));
        End {
            estimate,
            interval: Read::Drawn(Box::new(replicates), bca),
        }
    }

    pub(super) fn interval(&self, level: Level) -> Calculated<Interval> {
        match &self.interval {
            Read::Wald => self.estimate?.interval(level),
            Read::Drawn(drawn, bca) => {
                let drawn = drawn.as_ref().as_ref().map_err(|r| *r)?;
                let ends = if *bca {
                    drawn.bca(level)
                } else {
                    drawn.percentile(level)
                }?;
                // Skewed replicates may leave the estimate outside a narrow interval.
                let value = drawn.estimate;
                Ok(Interval::new(ends.lower.min(value), ends.upper.max(value)))
            }
        }
    }
}

pub(super) fn linearised(sides: &Sides, correction: Correction, cluster: &Cluster) -> Found {
    let clustering = Clustering {
        correction,
        minimum_clusters: cluster.minimum,
    };
    let strata = sides.strata();
    let side = |pick: fn(&Stratum<Rate>) -> Rate| {
        let schools: Vec<Rate> = strata.iter().map(pick).collect();
        End::wald(cluster::value(&schools, clustering))
    };
    Found {
        group: side(|s| s.group),
        baseline: side(|s| s.baseline),
        difference: End::wald(cluster::difference(&strata, clustering)),
        ratio: End::wald(cluster::ratio(&strata, clustering)),
    }
}

/// All gaps of a place share the schools drawn, so one call draws them all.
pub(super) fn drawn(
    sides: &[Calculated<Sides>],
    schools: usize,
    cluster: &Cluster,
) -> Vec<Calculated<Found>> {
    let ClusterMethod::Bootstrap {
        seed,
        replicates,
        bca,
    } = cluster.method
    else {
        return Vec::new();
    };
    // Every column lists every school of the place, so that the same ones are drawn for all.
    let full: Vec<Vec<Stratum<Rate>>> = sides
        .iter()
        .map(|sides| {
            let mut all = vec![Stratum::default(); schools];
            for (number, stratum) in sides.iter().flat_map(|s| &s.layers) {
                if let Some(slot) = all.get_mut(*number) {
                    *slot = *stratum;
                }
            }
            all
        })
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let draw = |scale: Scale, columns: Vec<bootstrap::Column>| {
        let drawing = Drawing {
            scale,
            replicates,
            threads,
            minimum_clusters: cluster.minimum,
            ..Drawing::new(seed)
        };
        bootstrap::replicates(&columns, drawing)
    };
    let one = |pick: fn(&Stratum<Rate>) -> Rate| -> Vec<bootstrap::Column> {
        let column = |all: &Vec<Stratum<Rate>>| {
            bootstrap::Column::value(&all.iter().map(pick).collect::<Vec<Rate>>())
        };
        full.iter().map(column).collect()
    };
    let both = || full.iter().map(|all| bootstrap::Column::new(all)).collect();
    let difference = draw(Scale::Linear, both());
    let ratio = draw(Scale::Log, both());
    let group = draw(Scale::Linear, one(|s| s.group));
    let baseline = draw(Scale::Linear, one(|s| s.baseline));
    let ends = difference
        .into_iter()
        .zip(ratio)
        .zip(group.into_iter().zip(baseline));
    sides
        .iter()
        .zip(ends)
        .map(|(sides, ((difference, ratio), (group, baseline)))| {
            sides.as_ref().map_err(|reason| *reason)?;
            Ok(Found {
                group: End::drawn(group, bca),
                baseline: End::drawn(baseline, bca),
                difference: End::drawn(difference, bca),
                ratio: End::drawn(ratio, bca),
            })
        })
        .collect()
}
