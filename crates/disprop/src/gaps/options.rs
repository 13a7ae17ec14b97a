//! The choices behind a gap; each is named in the result.

use std::sync::Arc;

use disprop_stats::Level;

use super::{Cluster, GroupChoice};
use crate::tallies::Tallies;

/// What a group is compared with.
#[derive(Debug, Clone, Default)]
pub enum Baseline {
    /// Every classified pupil who is not in the group.
    #[default]
    AllOthers,
    /// One named group, by code, label or own name; pupils in both are a typed reason.
    Group(String),
    /// The main group with the most favourable value among those of at least the minimum size.
    ///
    /// Chosen because it came out best, it flatters itself: gaps to it are too wide on average.
    BestPlaced,
    /// Everyone, the group among them; intervals allow for the part in the whole.
    Overall,
    /// A fixed value in the unit of the measure: 95 for 95 %.
    Fixed(f64),
    /// The same group elsewhere, in other tallies: England, or the region.
    Elsewhere {
        /// The other tallies.
        tallies: Arc<Tallies>,
        /// Name of the other place in print.
        label: String,
    },
}

impl Baseline {
    /// Returns its name in print.
    pub fn label(&self) -> String {
        match self {
            Baseline::AllOthers => "all other groups".into(),
            Baseline::Group(name) => name.clone(),
            Baseline::BestPlaced => "best-placed group".into(),
            Baseline::Overall => "all pupils".into(),
            Baseline::Fixed(value) => format!("the value {}", crate::number::plain(*value)),
            Baseline::Elsewhere { label, .. } => format!("the same group in {label}"),
        }
    }

    /// Returns the sentence that says what the comparison means.
    pub(crate) fn note(&self) -> String {
        match self {
            Baseline::AllOthers => "\"All other groups\" are all pupils of the same cohort, place \
                and period whose recorded ethnic group is not the one in the row: not White \
                British pupils, and not the average, which holds the group itself."
                .into(),
            Baseline::Group(name) => format!("Each group is compared with {name}."),
            Baseline::BestPlaced => "Each group is compared with the one whose value is best; \
                having been chosen for it, that group's value is likely to be flattered."
                .into(),
            Baseline::Overall => {
                "Each group is compared with all pupils, itself among them, which \
                makes gaps smaller than those to all other groups."
                    .into()
            }
            Baseline::Fixed(_) => format!("Each group is compared with {}.", self.label()),
            Baseline::Elsewhere { label, .. } => {
                format!("Each group is compared with the same group in {label}.")
            }
        }
    }
}

/// Where pupils without a known ethnic group stand (DOMAIN 0.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unclassified {
    /// On neither side.
    #[default]
    Exclude,
    /// Among the others.
    Include,
    /// On neither side, with the range of the gap if they stood among the others.
    Bounds,
}

impl Unclassified {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Unclassified::Exclude => "exclude",
            Unclassified::Include => "include",
            Unclassified::Bounds => "bounds",
        }
    }
}

/// Variance over mean of events per pupil: how many times wider than Poisson's a variance is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dispersion {
    /// Stated, for published events; it comes from other data, such as an authority's own rows.
    Given(f64),
    /// Estimated from pupil rows, the group and its baseline together; published sums have none.
    Estimated,
}

/// The choices behind gaps.
///
/// # Example: three groups against all others, at the 99 % level
/// ```
/// use disprop::gaps::{GapOptions, GroupChoice};
/// use disprop_stats::Level;
/// let options = GapOptions {
///     groups: vec![
///         GroupChoice::Code("BCRB".into()),
///         GroupChoice::named("Black Caribbean heritage", &["BCRB", "MWBC"]),
///         GroupChoice::Code("Somali".into()),
///     ],
///     level: Level::new(0.99)?,
///     ..GapOptions::default()
/// };
/// # let _ = options;
/// # Ok::<(), disprop_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GapOptions {
    /// The groups, in the order of the results.
    pub groups: Vec<GroupChoice>,
    /// What they are compared with.
    pub baseline: Baseline,
    /// Where unclassified pupils stand.
    pub unclassified: Unclassified,
    /// Level of every interval.
    pub level: Level,
    /// Ids of interval methods to use in place of the defaults, each on its own scale and family.
    pub methods: Vec<String>,
    /// Fewest pupils on either side for a finding other than "too few to tell" (DOMAIN 11.3).
    pub minimum: i64,
    /// Smallest difference that matters, in the unit of the measure; 0 where any does.
    pub matters: f64,
    /// Dimensions to keep; all where nothing is said (but the cluster's).
    pub by: Option<Vec<String>>,
    /// Allowance for pupils of one school being alike; pupils count as independent without it.
    pub cluster: Option<Cluster>,
    /// Quasi-Poisson intervals for events that repeat. Without it published events are Poisson,
    /// and events from rows have the spread between pupils, each side its own.
    pub dispersion: Option<Dispersion>,
}

impl Default for GapOptions {
    fn default() -> Self {
        GapOptions {
            groups: vec![GroupChoice::Main],
            baseline: Baseline::default(),
            unclassified: Unclassified::default(),
            level: Level::default(),
            methods: Vec::new(),
            minimum: 10,
            matters: 0.0,
            by: None,
            cluster: None,
            dispersion: None,
        }
    }
}
