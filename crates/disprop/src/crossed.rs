//! Crossed groups: ethnicity with sex, FSM and the like, all subsets of the dimensions in one call.
//!
//! Crossing makes small groups at once, and many of them: each row therefore carries its numbers, a
//! gap pulled towards those of its crossing, and a p-value corrected over all rows.

mod fold;
mod judged;

use disprop_stats::multiplicity::Adjustment;
use disprop_stats::shrink::SchoolGap;
use disprop_stats::{Calculated, NotCalculable};

use crate::error::Error;
use crate::gaps::{Baseline, Gap, GapOptions, Gaps, GroupChoice, Index, Key, kept, resolved};
use crate::many::p_value;
use crate::tallies::Tallies;
use fold::fold;
use judged::{adjust, shrink_rows};

/// What a crossed group is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ComparedWith {
    /// Everyone who is not in the crossed group: all other groups, and the same ethnic group where
    /// sex, FSM and so on differ.
    #[default]
    Everyone,
    /// Other ethnic groups of the same sex, FSM and so on.
    Alike,
}

/// How groups are crossed.
#[derive(Debug, Clone)]
pub struct CrossedOptions {
    /// Dimensions to cross ethnicity with; every subset of them is made, up to six.
    pub dimensions: Vec<String>,
    /// What a crossed group is compared with.
    pub compared_with: ComparedWith,
    /// How p-values are corrected over all rows of a measure and place.
    pub adjustment: Adjustment,
    /// The gaps themselves; their minimum is the fewest pupils for a row to be judged.
    pub gaps: GapOptions,
}

impl CrossedOptions {
    /// Returns the defaults for some dimensions: against everyone, Holm's correction.
    pub fn new(dimensions: &[&str]) -> Self {
        CrossedOptions {
            dimensions: dimensions.iter().map(ToString::to_string).collect(),
            compared_with: ComparedWith::default(),
            adjustment: Adjustment::Holm,
            gaps: GapOptions::default(),
        }
    }
}

/// One crossed group's gap.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossedGap {
    /// Which measure and group, and where.
    pub key: Key,
    /// For each dimension nothing where it is not crossed, else its value.
    pub values: Vec<Option<Option<String>>>,
    /// The gap.
    pub gap: Gap,
    /// The difference pulled towards the mean of its crossing.
    pub shrunken: Calculated<SchoolGap>,
    /// Test of no difference.
    pub p_value: Calculated<f64>,
    /// The same, corrected over all rows of its measure and place that are large enough.
    pub p_adjusted: Calculated<f64>,
}

/// Gaps of all crossings.
#[derive(Debug, Clone)]
pub struct Crossed {
    /// One row a measure, place, crossing and group.
    pub rows: Vec<CrossedGap>,
    /// What the rows index.
    pub index: Index,
    /// The crossed dimensions.
    pub crossed: Vec<String>,
    /// The choices behind them.
    pub options: CrossedOptions,
    /// The note of the gaps.
    pub note: String,
}

/// Most dimensions of one call: 2⁶ subsets.
const MOST: usize = 6;

impl Tallies {
    /// Returns the gaps of ethnic groups crossed with every subset of some dimensions.
    ///
    /// # Formula
    /// Gaps as [`Tallies::gaps`]. Shrinkage within a measure, place and subset over its rows of at
    /// least the minimum ([`disprop_stats::shrink::schools`], each row taking the place of a school). p-values by
    /// the test of the family, corrected over all rows of a measure and place.
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for no dimension or more than six, one
    /// named twice or kept as well, or a baseline other than all others.
    ///
    /// # Source
    /// Holm, *Scand. J. Statist.* 6 (1979); for shrinking crossed groups Jones, Johnston and Manley,
    /// *Political Geography* 53 (2016); Evans et al., *Soc. Sci. Med.* 203 (2018).
    ///
    /// # Example: four subsets of sex and FSM
    /// ```
    /// use disprop::{Cohort, Columns, crossed::CrossedOptions, measure};
    /// let plan = disprop::synth::Plan { pupils: 2_000, years: 1, ..Default::default() };
    /// let cohort = Cohort::new(disprop::synth::cohort(&plan)?, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("persistent_absence")?], &["sex", "fsm"])?;
    /// let crossed = tallies.crossed(&CrossedOptions::new(&["sex", "fsm"]))?;
    /// let plain = crossed.rows.iter().filter(|row| row.values == [None, None]).count();
    /// assert!(0 < plain && plain < crossed.rows.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn crossed(&self, options: &CrossedOptions) -> Result<Crossed, Error> {
        let by = checked(self, options)?;
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let mut rows: Vec<CrossedGap> = Vec::new();
        let mut found: Option<(Index, String)> = None;
        let dimensions = options.dimensions.len();
        for subset in subsets(dimensions) {
            let chosen: Vec<&str> = subset
                .iter()
                .filter_map(|d| options.dimensions.get(*d))
                .map(String::as_str)
                .collect();
            let start = rows.len();
            let index = match options.compared_with {
                ComparedWith::Everyone => {
                    everyone(self, &by, &chosen, &subset, options, &mut rows)?
                }
                ComparedWith::Alike => alike(self, &by, &chosen, &subset, options, &mut rows)?,
            };
            shrink_rows(
                rows.get_mut(start..).unwrap_or_default(),
                options.gaps.minimum,
            );
            found.get_or_insert(index);
        }
        adjust(&mut rows, options);
        rows.sort_by(|a, b| {
            let order = |row: &CrossedGap| (row.key.measure, row.values.iter().flatten().count());
            a.key.place.cmp(&b.key.place).then(order(a).cmp(&order(b)))
        });
        let (index, note) = found.unwrap_or_else(|| (empty(self, options), String::new()));
        Ok(Crossed {
            rows,
            index,
            crossed: options.dimensions.clone(),
            options: options.clone(),
            note,
        })
    }
}

impl Crossed {
    /// Returns how many rows were judged: those with a p-value and at least the minimum.
    pub fn judged(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| row.p_adjusted.is_ok())
            .count()
    }
}

fn empty(tallies: &Tallies, options: &CrossedOptions) -> Index {
    Index {
        measures: tallies
            .measures()
            .iter()
            .map(|m| m.measure.clone())
            .collect(),
        groups: Vec::new(),
        dimensions: Vec::new(),
        level: options.gaps.level,
    }
}

/// The dimensions that stay, or why the call cannot go on.
fn checked(tallies: &Tallies, options: &CrossedOptions) -> Result<Vec<String>, Error> {
    let bad = |found: &str, expected: &str| Error::Option {
        option: "dims",
        found: found.into(),
        expected: expected.into(),
    };
    let dimensions = &options.dimensions;
    if dimensions.is_empty() || dimensions.len() > MOST {
        let found = dimensions.len().to_string();
        return Err(bad(&found, "one to six dimensions"));
    }
    let twice = |name: &&String| dimensions.iter().filter(|d| d == name).count() > 1;
    if let Some(name) = dimensions.iter().find(twice) {
        return Err(bad(name, "each dimension once"));
    }
    if !matches!(options.gaps.baseline, Baseline::AllOthers) {
        return Err(Error::Option {
            option: "baseline",
            found: options.gaps.baseline.label(),
            expected: "all_others; `compared_with` says who the others are".into(),
        });
    }
    let kept = kept(tallies, &options.gaps)?;
    if let Some(by) = &options.gaps.by
        && let Some(name) = by.iter().find(|name| dimensions.contains(name))
    {
        return Err(bad(name, "a dimension that is not in `by` as well"));
    }
    let kept = kept.into_iter().map(String::from);
    Ok(kept.filter(|name| !dimensions.contains(name)).collect())
}

/// All subsets by size, then in the order of the dimensions.
fn subsets(dimensions: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..1_usize << dimensions)
        .map(|bits| (0..dimensions).filter(|d| bits >> d & 1 == 1).collect())
        .collect();
    all.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    all
}

fn row(
    gap: Gap,
    of: usize,
    place: Vec<Option<String>>,
    values: Vec<Option<Option<String>>>,
    gaps: &Gaps,
) -> CrossedGap {
    let none = NotCalculable::BelowMinimum;
    CrossedGap {
        key: Key {
            measure: gap.measure,
            of,
            place: place.into(),
        },
        values,
        p_value: p_value(gaps, &gap),
        gap,
        shrunken: Err(none),
        p_adjusted: Err(none),
    }
}

/// Gaps to other ethnic groups of the same values: plain gaps over more dimensions.
fn alike(
    tallies: &Tallies,
    by: &[&str],
    chosen: &[&str],
    subset: &[usize],
    options: &CrossedOptions,
    rows: &mut Vec<CrossedGap>,
) -> Result<(Index, String), Error> {
    let keep = by.iter().chain(chosen).map(ToString::to_string);
    let gaps = tallies.gaps(&GapOptions {
        by: Some(keep.collect()),
        ..options.gaps.clone()
    })?;
    for gap in &gaps.rows {
        let (place, crossed) = gap.place.split_at(by.len().min(gap.place.len()));
        let mut values = vec![None; options.dimensions.len()];
        for (dimension, value) in subset.iter().zip(crossed) {
            if let Some(slot) = values.get_mut(*dimension) {
                *slot = Some(value.clone());
            }
        }
        rows.push(row(gap.clone(), gap.of, place.to_vec(), values, &gaps));
    }
    let mut index = gaps.index();
    index.dimensions.truncate(by.len());
    Ok((index, gaps.note()))
}

/// Gaps to everyone else: the crossed dimensions become part of the group.
fn everyone(
    tallies: &Tallies,
    by: &[&str],
    chosen: &[&str],
    subset: &[usize],
    options: &CrossedOptions,
    rows: &mut Vec<CrossedGap>,
) -> Result<(Index, String), Error> {
    let cluster = options.gaps.cluster.as_ref().map(|c| c.dimension.as_str());
    let outer: Vec<&str> = by.iter().copied().chain(cluster).collect();
    let keep: Vec<&str> = outer.iter().chain(chosen).copied().collect();
    let rolled = tallies.roll_up(&keep)?;
    let groups = resolved(&rolled, &options.gaps.groups)?;
    let (folded, combinations) = fold(&rolled, outer.len())?;
    let mut choices = Vec::new();
    let mut of: Vec<(usize, usize)> = Vec::new();
    for (number, (_, leaves)) in combinations.iter().enumerate() {
        for (place, group) in groups.iter().enumerate() {
            let codes: Vec<String> = group
                .leaves
                .iter()
                .filter_map(|leaf| leaves.get(*leaf).cloned().flatten())
                .collect();
            if codes.is_empty() {
                continue;
            }
            choices.push(GroupChoice::Named {
                name: format!("{number} {}", group.name),
                codes,
            });
            of.push((place, number));
        }
    }
    if choices.is_empty() {
        return Ok((empty(tallies, options), String::new()));
    }
    let gaps = folded.gaps(&GapOptions {
        groups: choices,
        by: Some(by.iter().map(ToString::to_string).collect()),
        ..options.gaps.clone()
    })?;
    for gap in &gaps.rows {
        let Some((group, number)) = of.get(gap.of) else {
            continue;
        };
        // A combination that is nowhere in this place is not there to be compared.
        if gap.group.value == Err(NotCalculable::NoGroup) && !subset.is_empty() {
            continue;
        }
        let mut values = vec![None; options.dimensions.len()];
        let crossed = combinations
            .get(*number)
            .map_or(&[][..], |(values, _)| values);
        for (dimension, value) in subset.iter().zip(crossed) {
            if let Some(slot) = values.get_mut(*dimension) {
                *slot = Some(value.clone());
            }
        }
        rows.push(row(gap.clone(), *group, gap.place.to_vec(), values, &gaps));
    }
    let index = Index {
        groups,
        ..gaps.index()
    };
    Ok((index, gaps.note()))
}
