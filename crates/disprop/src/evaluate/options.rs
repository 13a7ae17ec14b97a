//! Which schools, years and groups are evaluated, and the names of what comes out.

use disprop_stats::cluster::Clustering;

use crate::gaps::GapOptions;

/// Which schools took the programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Programme {
    /// These schools, by their value in the dimension of schools.
    Schools(Vec<String>),
    /// Schools with any pupil whose value in a dimension is one of these.
    Flag {
        /// Name of the dimension.
        dimension: String,
        /// Values that mean yes.
        values: Vec<String>,
    },
}

/// The choices behind an evaluation.
#[derive(Debug, Clone)]
pub struct EvaluateOptions {
    /// Groups, baseline (all others, or one group), level and the rest.
    pub gaps: GapOptions,
    /// Which schools took it.
    pub programme: Programme,
    /// Dimension of schools.
    pub school: String,
    /// Dimension of years.
    pub year: String,
    /// Years before the programme, pooled.
    pub before: Vec<String>,
    /// Years after it began, pooled.
    pub after: Vec<String>,
    /// Fewest schools of an arm that either side must sit in; never less than two.
    pub minimum_schools: usize,
}

impl EvaluateOptions {
    /// Returns the options of an evaluation over `school` and `year`.
    pub fn new(programme: Programme, before: &[&str], after: &[&str]) -> Self {
        let list = |years: &[&str]| years.iter().map(ToString::to_string).collect();
        EvaluateOptions {
            gaps: GapOptions::default(),
            programme,
            school: "school".into(),
            year: "year".into(),
            before: list(before),
            after: list(after),
            minimum_schools: Clustering::MINIMUM,
        }
    }
}

/// What a row of an evaluation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Statistic {
    /// Change of the gap in programme schools less its change elsewhere.
    Effect,
    /// The same of the group's own value.
    EffectOnGroup,
    /// The same of the baseline's value.
    EffectOnBaseline,
    /// Yearly change of the gap before the programme, in programme schools less elsewhere.
    PreTrend,
    /// Change of the gap in one arm.
    Change,
    /// The gap of one year in one arm.
    Gap,
}

impl Statistic {
    /// Returns its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Statistic::Effect => "effect",
            Statistic::EffectOnGroup => "effect_on_group",
            Statistic::EffectOnBaseline => "effect_on_baseline",
            Statistic::PreTrend => "pre_trend",
            Statistic::Change => "change",
            Statistic::Gap => "gap",
        }
    }
}

/// One arm, or the difference of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// Schools that took the programme.
    Programme,
    /// Schools that did not.
    Elsewhere,
    /// The first less the second.
    Difference,
}

impl Arm {
    /// Returns its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Arm::Programme => "programme",
            Arm::Elsewhere => "elsewhere",
            Arm::Difference => "difference",
        }
    }
}
