//! Gaps on scales without a unit: Hedges' g of means and Cohen's h of proportions.

use disprop_stats::contrast::{cohen_h, hedges_g};
use disprop_stats::{Calculated, Interval, NotCalculable};

use crate::error::Error;
use crate::gaps::layers::Layers;
use crate::gaps::{Baseline, Gap, GapOptions, Gaps, Index, Key};
use crate::many::events;
use crate::measure::Family;

/// Ids of the two scales, as they stand in `effect`.
const HEDGES: &str = "hedges_g";
const COHEN: &str = "cohen_h";

/// One gap without its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRow {
    /// Which gap.
    pub key: Key,
    /// Pupils of the group.
    pub group_n: Option<i64>,
    /// Pupils of the baseline.
    pub baseline_n: Option<i64>,
    /// Group − baseline, in the inner unit.
    pub difference: Calculated<f64>,
    /// `hedges_g`, `cohen_h`, or nothing where the measure has neither.
    pub effect: Option<&'static str>,
    /// The effect size.
    pub value: Calculated<f64>,
    /// Its interval in large samples, pupils taken as independent.
    pub interval: Calculated<Interval>,
}

/// Effect sizes of every gap.
#[derive(Debug, Clone)]
pub struct Effects {
    /// One row a gap, in their order.
    pub rows: Vec<EffectRow>,
    /// What the rows index.
    pub index: Index,
    /// What each group is compared with.
    pub baseline: String,
}

impl Gaps {
    /// Returns every gap without its unit, for comparison across measures: Hedges' g of means,
    /// Cohen's h of proportions.
    ///
    /// # Formula
    /// [`hedges_g::value`] and [`cohen_h::value`], group − baseline.
    ///
    /// # Units and shapes
    /// g in standard deviations of pupils; h in radians, −π to π. The two are not on one scale.
    ///
    /// # Returns None when
    /// `no_method` for ratios of sums, published events, a fixed value and, for means, the
    /// best-placed group or the same group elsewhere; `overlaps_baseline` against everyone. Where the
    /// difference does not exist, its reason.
    ///
    /// # Errors
    /// `stats.overflow`, `group.unknown`.
    ///
    /// # Source
    /// Hedges (1981); Cohen (1988), section 6.2.
    ///
    /// # Example: three of four against one of four
    /// ```
    /// use disprop::{GapOptions, Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "White British"],
    ///     "events" => [3, 1], "pupils" => [4, 4])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let groups = vec![disprop::gaps::GroupChoice::Code("BCRB".into())];
    /// let gaps = Tallies::from_counts(&frame, &counts)?
    ///     .gaps(&GapOptions { groups, ..GapOptions::default() })?;
    /// let effect = &gaps.effect_sizes()?.rows[0];
    /// assert_eq!(effect.effect, Some("cohen_h"));
    /// assert!((effect.value? - std::f64::consts::FRAC_PI_3).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn effect_sizes(&self) -> Result<Effects, Error> {
        // Pupils, not schools, are what spreads.
        let options = GapOptions {
            cluster: None,
            ..self.options.clone()
        };
        let layers = Layers::new(&self.tallies, &self.by(), &[], &options)?;
        let mut found = self.rows.iter();
        let mut rows = Vec::with_capacity(self.rows.len());
        let level = options.level;
        layers.each(|spot, measure, group, key| {
            let Some(gap) = found.next() else { return };
            let family = measure.column.family();
            let of_means = || {
                apart(&options.baseline, family)?;
                let (own, other) = layers.means(spot, measure, group)?;
                let interval = hedges_g::interval(&own, &other, level);
                Ok::<_, NotCalculable>((hedges_g::value(&own, &other)?, interval))
            };
            let of_proportions = || {
                apart(&options.baseline, family)?;
                let (own, other) = (events(&gap.group)?, events(&gap.baseline)?);
                let interval = cohen_h::interval(&own, &other, level);
                Ok::<_, NotCalculable>((cohen_h::value(&own, &other)?, interval))
            };
            let (effect, both) = match family {
                Family::Mean => (Some(HEDGES), of_means()),
                Family::Proportion => (Some(COHEN), of_proportions()),
                Family::Ratio | Family::Rate => (None, Err(NotCalculable::NoMethod)),
            };
            rows.push(row(gap, key, effect, both));
        });
        Ok(Effects {
            rows,
            index: self.index(),
            baseline: options.baseline.label(),
        })
    }
}

/// Whether group and baseline are two sets of pupils whose sums are at hand.
fn apart(baseline: &Baseline, family: Family) -> Calculated<()> {
    match baseline {
        Baseline::AllOthers | Baseline::Group(_) => Ok(()),
        Baseline::Overall => Err(NotCalculable::OverlapsBaseline),
        Baseline::Fixed(_) => Err(NotCalculable::NoMethod),
        Baseline::BestPlaced | Baseline::Elsewhere { .. } => match family {
            Family::Proportion => Ok(()),
            _ => Err(NotCalculable::NoMethod),
        },
    }
}

fn row(
    gap: &Gap,
    key: Key,
    effect: Option<&'static str>,
    both: Calculated<(f64, Calculated<Interval>)>,
) -> EffectRow {
    // A gap that does not exist says why itself.
    let both = gap.difference.value.and(both);
    EffectRow {
        key,
        group_n: gap.group.n,
        baseline_n: gap.baseline.n,
        difference: gap.difference.value,
        effect,
        value: both.map(|(value, _)| value),
        interval: both.and_then(|(_, interval)| interval),
    }
}
