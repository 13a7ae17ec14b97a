//! Where a gap comes from, arithmetically: mix against rates, within schools against between them.
//!
//! The parts of a gap sum to it. They describe; they do not say that changing the mix would change
//! the gap, and a part that goes with the mix is not the harmless part.

mod options;
mod scene;

use std::collections::BTreeMap;

use disprop_stats::{Calculated, Interval};

pub use disprop_stats::decompose::Weighting;
pub use options::{DecomposeOptions, Split};

use scene::Scene;

use crate::error::Error;
use crate::gaps::{Gap, GapOptions, Group};
use crate::measure::{Family, Measure};
use crate::strata::{Figures, Place, Strata, Support};
use crate::tallies::{Column, Tallies};

/// One part of one gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which measure: an index into [`Decomposed::measures`].
    pub measure: usize,
    /// Which group: an index into [`Decomposed::groups`].
    pub of: usize,
    /// The place.
    pub place: Place,
    /// Pupils of the group and of the baseline in the raw gap.
    pub n: (Option<i64>, Option<i64>),
    /// Name of the baseline in print.
    pub baseline: std::sync::Arc<str>,
    /// The raw gap.
    pub gap: Calculated<f64>,
    /// Name of the part: `gap` for the whole.
    pub part: String,
    /// The part that this one is a part of; parts of `gap` sum to it.
    pub within: Option<&'static str>,
    /// Its size, group − baseline.
    pub value: Calculated<f64>,
    /// Its interval.
    pub interval: Calculated<Interval>,
    /// Its share of the gap, where the raw gap is clearly not nothing.
    pub share: Calculated<f64>,
    /// What the comparison rests on.
    pub support: Support,
}

/// Gaps with their parts.
#[derive(Debug, Clone)]
pub struct Decomposed {
    /// One row a part: for each measure, place and group first the gap, then its parts.
    pub rows: Vec<Part>,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions that name a place.
    pub dimensions: Vec<String>,
    /// The choices that made them.
    pub options: DecomposeOptions,
}

impl Tallies {
    /// Returns every chosen group's gap with the parts it is made of.
    ///
    /// Pupils in strata without a counterpart have a part of their own: `outside_group` is how far
    /// the group's value moves by its pupils whom nobody of the baseline is like,
    /// `outside_baseline` the same of the baseline. So the parts always sum to the raw gap.
    ///
    /// # Formula
    /// gap = (r₁ − r₁*) + (r₀* − r₀) + (r₁* − r₀*), r* the values over strata that compare; the last
    /// is taken apart by [`decompose`](disprop_stats::decompose). Within and between schools need
    /// no counterpart.
    ///
    /// Intervals of parts are linearised over independent pupils, mix and values both estimated; with
    /// schools as clusters from leaving out one school at a time, t on their number less one, and the
    /// gap's is CR2.
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for nothing to take apart over, more than
    /// one dimension of schools, or a baseline that is neither all others nor a group.
    ///
    /// # Source
    /// Kitagawa, *JASA* 50 (1955); Oaxaca (1973); Blinder (1973); Ñopo, *REStat* 90 (2008), eq. 5 for
    /// the parts outside.
    ///
    /// # Example: two parts and the gap
    /// ```
    /// use disprop::decompose::DecomposeOptions;
    /// use disprop::{Cohort, Columns, GapOptions, gaps::GroupChoice, measure};
    /// # let (mut code, mut fsm, mut gld) = (vec![], vec![], vec![]);
    /// # for i in 0..400 {
    /// #     code.push(if i % 5 == 0 { "BCRB" } else { "WBRI" });
    /// #     fsm.push(i32::from(i % 7 < 3)); gld.push(i32::from(i % 3 > 0));
    /// # }
    /// # let frame = polars::prelude::df!("ethnicity" => code, "fsm" => fsm, "gld" => gld)?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("gld")?], &["fsm"])?;
    /// let parts = tallies.decompose(&DecomposeOptions {
    ///     gaps: GapOptions { groups: vec![GroupChoice::Code("BCRB".into())], ..Default::default() },
    ///     over: vec!["fsm".into()],
    ///     ..DecomposeOptions::default()
    /// })?;
    /// let names: Vec<&str> = parts.rows.iter().map(|row| row.part.as_str()).collect();
    /// assert_eq!(names, ["gap", "composition", "rate"]);
    /// let sum = parts.rows[1].value? + parts.rows[2].value?;
    /// assert!((sum - parts.rows[0].value?).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decompose(&self, options: &DecomposeOptions) -> Result<Decomposed, Error> {
        let schools = options.split == Split::WithinBetween;
        if options.over.is_empty() || (schools && options.over.len() > 1) {
            return Err(Error::Option {
                option: "over",
                found: match options.over.as_slice() {
                    [] => "nothing".into(),
                    several => several.join(", "),
                },
                expected: match schools {
                    true => "the one dimension of schools".into(),
                    false => "one dimension or more".into(),
                },
            });
        }
        let cluster = options.cluster.as_ref().filter(|_| !schools);
        let names: Vec<&str> = options
            .over
            .iter()
            .chain(cluster)
            .map(String::as_str)
            .collect();
        let strata = Strata::new(self, &names, &[], &options.gaps)?;
        let raw = strata.tallies.gaps(&GapOptions {
            by: Some(strata.by.clone()),
            ..options.gaps.clone()
        })?;
        let known: BTreeMap<(&Place, usize, usize), &Gap> = raw
            .rows
            .iter()
            .map(|gap| ((&gap.place, gap.measure, gap.of), gap))
            .collect();
        let mut rows = Vec::new();
        for place in &strata.places {
            for (number, measure) in strata.tallies.measures().iter().enumerate() {
                let events = measure.column.family() != Family::Rate
                    || measure.measure.quantity.counts_events();
                for (of, group) in strata.groups.iter().enumerate() {
                    let Some(raw) = known.get(&(&place.place, number, of)) else {
                        continue;
                    };
                    let scene = Scene {
                        raw,
                        keys: &place.keys,
                        options,
                        by_school: cluster.is_some(),
                        events,
                    };
                    match &measure.column {
                        Column::Proportion(c) => {
                            let cells = strata.of(place, Figures::new(c, measure), group);
                            scene.rows(cells, &mut rows);
                        }
                        Column::Mean(c) => {
                            let cells = strata.of(place, Figures::new(c, measure), group);
                            scene.rows(cells, &mut rows);
                        }
                        Column::Ratio(c) => {
                            let cells = strata.of(place, Figures::new(c, measure), group);
                            scene.rows(cells, &mut rows);
                        }
                        Column::Rate(c) => {
                            let cells = strata.of(place, Figures::new(c, measure), group);
                            scene.rows(cells, &mut rows);
                        }
                    }
                }
            }
        }
        Ok(Decomposed {
            rows,
            measures: raw.measures,
            groups: raw.groups,
            dimensions: raw.dimensions,
            options: DecomposeOptions {
                gaps: raw.options,
                ..options.clone()
            },
        })
    }
}

impl Decomposed {
    /// Returns one line over the table.
    pub fn title(&self) -> String {
        let over = self.options.over.join(", ");
        match self.options.split {
            Split::WithinBetween => format!("Parts of each gap within and between {over}"),
            _ => format!("Parts of each gap over {over}"),
        }
    }

    /// Returns what must be said of the rows.
    pub fn note(&self) -> String {
        let parts = match self.options.split {
            Split::Kitagawa => {
                "Composition is the part that goes with a different mix, rate the part that goes \
                 with different values among pupils alike."
            }
            Split::OaxacaBlinder(_) => {
                "Explained is the part that goes with different characteristics at the yardstick's \
                 coefficients, unexplained the rest; neither says what causes the gap."
            }
            Split::ThreeFold => {
                "Endowments are a different mix at the baseline's values, coefficients different \
                 values at the baseline's mix, interaction both at once."
            }
            Split::WithinBetween => {
                "Within is the part that arises inside schools, where the group differs from others \
                 in the same school; between is the part that arises because the group attends \
                 schools where everyone's value differs. A large part between schools is no excuse \
                 for them. Intervals take schools as clusters."
            }
        };
        let clusters = match (&self.options.cluster, self.options.split) {
            (Some(_), split) if split != Split::WithinBetween => {
                " Intervals allow for pupils of one school being alike."
            }
            _ => "",
        };
        format!(
            "The parts sum to the raw gap. {parts} They describe and do not say that changing one \
             would change the gap. {} A share of the gap is given only where the raw gap is \
             clear.{clusters}",
            match self.options.split {
                Split::WithinBetween => String::new(),
                _ => crate::strata::pathway(&self.options.over),
            },
        )
    }
}
