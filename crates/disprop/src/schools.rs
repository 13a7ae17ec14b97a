//! Schools without league tables: which stand out, how far each is sure, what each adds to the gap.
//!
//! All of it works on tallies in which the school is a dimension. A school enters with two sums a
//! side; the spread between its pupils is taken from all pupils of the place, because a school's
//! own spread from five pupils may be next to nothing and would make its figure look certain.

mod contributions;
mod funnel;
mod shrunken;

pub use contributions::{Contribution, Contributions};
pub use funnel::{Funnel, FunnelOf, FunnelPoint, Limits};
pub use shrunken::{SchoolGapRow, SchoolGaps, SchoolRanks, ShrinkOptions};

use disprop_stats::stratum::Stratum;
use disprop_stats::{Calculated, Rate, Tally};

use crate::error::Error;
use crate::gaps::layers::{Layers, Sides};
use crate::gaps::{Baseline, Cluster, GapOptions, Index, kept};
use crate::tallies::Tallies;

/// One school's place among the layers with its two sides.
struct School {
    layer: usize,
    sums: Stratum<Rate>,
    /// Group − baseline, where both are there.
    gap: Calculated<f64>,
    /// Variance of the gap if the school's pupils were drawn from all of the place.
    variance: Calculated<f64>,
}

/// Every school of one gap.
fn schools(sides: &Sides) -> Vec<School> {
    let schools = sides.layers.iter().map(|(layer, sums)| {
        let gap = sums.group.value().and_then(|own| {
            let other = disprop_stats::Tally::value(&sums.baseline);
            Ok(own - other.map_err(of_baseline)?)
        });
        let variance = spread(&sides.group, &sums.group).and_then(|own| {
            Ok(own + spread(&sides.baseline, &sums.baseline).map_err(of_baseline)?)
        });
        School {
            layer: *layer,
            sums: *sums,
            gap,
            variance,
        }
    });
    schools.collect()
}

fn of_baseline(reason: disprop_stats::NotCalculable) -> disprop_stats::NotCalculable {
    match reason {
        disprop_stats::NotCalculable::NoGroup => disprop_stats::NotCalculable::NoBaseline,
        other => other,
    }
}

/// Variance of a school's value at the spread of all pupils of the side: V · D / d.
fn spread(all: &crate::gaps::layers::Half, school: &Rate) -> Calculated<f64> {
    let (_, total) = all.sums.checked()?;
    let (_, own) = school.checked()?;
    let variance = all.variance? * total / own;
    if variance > 0.0 {
        Ok(variance)
    } else {
        Err(disprop_stats::NotCalculable::NoVariation)
    }
}

/// The layers of every place over schools, with what their rows index.
fn layers(tallies: &Tallies, school: &str, options: &GapOptions) -> Result<(Layers, Index), Error> {
    if !matches!(options.baseline, Baseline::AllOthers | Baseline::Group(_)) {
        return Err(Error::Option {
            option: "baseline",
            found: options.baseline.label(),
            expected: "all_others or a named group, which every school has of its own".into(),
        });
    }
    let options = GapOptions {
        cluster: Some(Cluster::by(school)),
        ..options.clone()
    };
    let by = kept(tallies, &options)?;
    let layers = Layers::new(tallies, &by, &[school], &options)?;
    let index = layers.index(by.len(), options.level);
    Ok((layers, index))
}
