//! Disclosure control: from results that only the owner may see to figures that may leave.
//!
//! A [`Released`] is made by applying a [`Policy`] and in no other way; tables, charts, files and
//! reports take nothing else. What is published together is withheld together: a [`Draft`] gathers
//! it, so that one table does not give away what another withholds.
//!
//! # Example: a small group is withheld, and so is what would give it away
//! ```
//! use disprop::release::Policy;
//! use disprop::{GapOptions, Tallies, measure};
//! use disprop::tallies::{Counts, Whole};
//! use polars::prelude::df;
//!
//! let frame = df!(
//!     "group" => ["WBRI", "BCRB", "AIND", "APKN"],
//!     "absent" => [60, 3, 12, 9],
//!     "pupils" => [300, 30, 60, 45],
//! )?;
//! let counts = Counts::new(measure("persistent_absence")?, "group", "absent", "pupils")
//!     .whole(Whole::Exhaustive);
//! let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
//! let released = gaps.release(&Policy::preset("lt5")?)?;
//! // Black Caribbean for its own sake, Pakistani because everyone less the others would tell.
//! assert_eq!(released.withheld(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audit;
mod cells;
mod check;
mod exchange;
mod log;
mod policy;
mod primary;
mod printed;
mod rests;
mod secondary;

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use rayon::prelude::*;

pub use policy::{Audience, PRESETS, Policy};
pub use primary::Rule;

use crate::error::Error;
use crate::gaps::Gaps;
use crate::measure::Measure;
use crate::over_time::Changes;
use secondary::Pattern;

/// A table of results other than gaps: tidy, with the columns `measure`, `group` and dimensions.
#[derive(Debug, Clone)]
pub struct Derived {
    /// Kind of result, such as `changes` or `adjusted`.
    pub kind: String,
    /// Title in print.
    pub title: String,
    /// Note in print.
    pub note: String,
    /// The rows.
    pub frame: DataFrame,
}

enum Item<'a> {
    Gaps(&'a Gaps),
    Derived(Derived),
}

/// What is to be published together, each part under a name.
#[derive(Default)]
pub struct Draft<'a> {
    items: Vec<(String, Item<'a>)>,
}

impl<'a> Draft<'a> {
    /// Returns a draft with nothing in it.
    pub fn new() -> Self {
        Draft::default()
    }

    /// Adds gaps.
    #[must_use]
    pub fn gaps(mut self, name: &str, gaps: &'a Gaps) -> Self {
        self.items.push((name.into(), Item::Gaps(gaps)));
        self
    }

    /// Adds changes between years; the yearly gaps they rest on belong in the same draft.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn changes(self, name: &str, changes: &Changes) -> Result<Self, Error> {
        let frame = changes.to_frame()?;
        Ok(self.derived(
            name,
            Derived {
                kind: "changes".into(),
                title: "Change of gaps between years".into(),
                note: String::new(),
                frame,
            },
        ))
    }

    /// Adds any other table; the gaps its rows rest on belong in the same draft.
    #[must_use]
    pub fn derived(mut self, name: &str, derived: Derived) -> Self {
        self.items.push((name.into(), Item::Derived(derived)));
        self
    }

    /// Returns everything in it with what the policy withholds gone.
    ///
    /// # Errors
    /// `policy.bad`; `release.refused` for an empty draft, a name given twice, and for figures
    /// that stay open to a reader's arithmetic; `frame.polars`.
    pub fn release(&self, policy: &Policy) -> Result<Publication, Error> {
        let policy = policy.clone().checked()?;
        let refuse = |problem: &str| Error::Release {
            problem: problem.into(),
            advice: None,
        };
        if self.items.is_empty() {
            return Err(refuse("there is nothing to release"));
        }
        for (place, (name, _)) in self.items.iter().enumerate() {
            if self
                .items
                .iter()
                .take(place)
                .any(|(other, _)| other == name)
            {
                return Err(refuse("two tables have the same name"));
            }
        }
        let tables: Vec<&Gaps> = self
            .items
            .iter()
            .filter_map(|(_, item)| match item {
                Item::Gaps(gaps) => Some(*gaps),
                Item::Derived(_) => None,
            })
            .collect();
        let classes = cells::classes(&tables, policy.withholds())?;
        let knowledge = check::knowledge(&tables, &classes, &policy);
        let of = |class: &Vec<cells::System>| {
            let gate = check::Gate {
                tables: &tables,
                systems: class.iter().collect(),
                knowledge: &knowledge,
                policy: &policy,
            };
            gate.patterns()
        };
        let settled: Vec<Result<Option<Vec<Pattern>>, Error>> =
            classes.par_iter().map(of).collect();
        let mut patterns: Vec<Pattern> = Vec::new();
        for settled in settled {
            patterns.extend(settled?.ok_or_else(|| Error::Release {
                problem: "a withheld count can still be worked out".into(),
                advice: Some("publish fewer tables together, or fewer groups or dimensions".into()),
            })?);
        }
        let systems: Vec<&cells::System> = classes.iter().flatten().collect();
        let withheld = Withheld::new(&tables, &systems, &patterns);
        let released = self.print(&tables, &withheld, &policy)?;
        Ok(Publication { policy, released })
    }

    fn print(
        &self,
        tables: &[&Gaps],
        withheld: &Withheld,
        policy: &Policy,
    ) -> Result<Vec<Released>, Error> {
        let mut number = 0;
        let of = |(name, item): &(String, Item<'_>)| match item {
            Item::Gaps(gaps) => {
                number += 1;
                printed::gaps(name, gaps, withheld, number - 1, policy)
            }
            Item::Derived(derived) => printed::derived(name, derived, tables, withheld, policy),
        };
        self.items.iter().map(of).collect()
    }
}

/// What is withheld of every table of gaps, by row, and which places lose their coverage.
pub(crate) struct Withheld {
    pub(crate) rows: Vec<Vec<Option<Rule>>>,
    pub(crate) coverage: Vec<Vec<bool>>,
}

impl Withheld {
    fn new(tables: &[&Gaps], systems: &[&cells::System], patterns: &[Pattern]) -> Self {
        let mut rows: Vec<Vec<Option<Rule>>> =
            tables.iter().map(|g| vec![None; g.rows.len()]).collect();
        let mut bare: BTreeMap<(usize, &str, &[Option<String>]), bool> = BTreeMap::new();
        for (system, pattern) in systems.iter().zip(patterns) {
            let slots = system.slots.iter().zip(&pattern.slots);
            for (slot, rule) in slots.filter(|(slot, _)| !slot.absent) {
                let row = rows.get_mut(slot.table).and_then(|t| t.get_mut(slot.row));
                if let Some(row) = row {
                    *row = *rule;
                }
            }
            let coverage = system.coverage.iter().zip(&pattern.coverage);
            for (coverage, hidden) in coverage.filter(|(coverage, _)| !coverage.absent) {
                bare.insert((coverage.table, &system.measure, &coverage.place), *hidden);
            }
        }
        let hidden = |table: usize, gaps: &&Gaps| -> Vec<bool> {
            let of = |gap: &crate::gaps::Gap| {
                let id = gaps.measures.get(gap.measure).map_or("", |m| m.id.as_str());
                bare.get(&(table, id, &gap.place[..]))
                    .copied()
                    .unwrap_or(false)
            };
            gaps.rows.iter().map(of).collect()
        };
        let coverage = tables
            .iter()
            .enumerate()
            .map(|(n, g)| hidden(n, g))
            .collect();
        Withheld { rows, coverage }
    }
}

impl Gaps {
    /// Returns what may leave of these gaps, published alone.
    ///
    /// Gaps that are published beside others belong in one [`Draft`].
    ///
    /// # Errors
    /// As [`Draft::release`].
    pub fn release(&self, policy: &Policy) -> Result<Released, Error> {
        let publication = Draft::new().gaps("gaps", self).release(policy)?;
        publication
            .released
            .into_iter()
            .next()
            .ok_or_else(|| Error::Release {
                problem: "there is nothing to release".into(),
                advice: None,
            })
    }
}

/// Figures published together, by name.
#[derive(Debug, Clone)]
pub struct Publication {
    policy: Policy,
    released: Vec<Released>,
}

impl Publication {
    /// Returns the released tables, in the order of the draft.
    pub fn tables(&self) -> &[Released] {
        &self.released
    }

    /// Returns the table of this name.
    pub fn get(&self, name: &str) -> Option<&Released> {
        self.released.iter().find(|r| r.name == name)
    }

    /// Returns the policy that was applied.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// A table that may leave: numbers at their printed digits, nothing where they are withheld.
///
/// It cannot be made but by applying a policy.
#[derive(Debug, Clone)]
pub struct Released {
    name: String,
    kind: String,
    title: String,
    note: String,
    policy: Policy,
    frame: DataFrame,
    log: DataFrame,
    measures: Vec<Measure>,
    dimensions: Vec<String>,
    withheld: usize,
}

impl Released {
    /// Returns its name in the publication.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Returns the kind of result: `gaps`, `changes`, …
    pub fn kind(&self) -> &str {
        &self.kind
    }
    /// Returns its title in print.
    pub fn title(&self) -> &str {
        &self.title
    }
    /// Returns the note that belongs under it, with what the policy does.
    pub fn note(&self) -> &str {
        &self.note
    }
    /// Returns the policy that was applied.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
    /// Returns the rows: the tidy frame of the result, `finding` and `reason` "withheld" where
    /// numbers are gone.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }
    /// Returns what was withheld and why, without a number; by row for the owner alone.
    pub fn log(&self) -> &DataFrame {
        &self.log
    }
    /// Returns the measures.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }
    /// Returns the names of the dimensions.
    pub fn dimensions(&self) -> &[String] {
        &self.dimensions
    }
    /// Returns the number of rows that are withheld.
    pub fn withheld(&self) -> usize {
        self.withheld
    }

    /// Returns the audit of the release as JSON: policy, and how many rows were withheld by rule.
    pub fn audit_json(&self) -> String {
        serde_json::json!({
            "table": self.name,
            "kind": self.kind,
            "rows": self.frame.height(),
            "withheld": self.withheld,
            "policy": {
                "name": self.policy.name,
                "hash": self.policy.hash(),
                "threshold": self.policy.threshold,
                "protection": self.policy.width(),
                "audience": self.policy.audience.name(),
                "description": self.policy.describe(),
            },
            "measures": self.measures.iter().map(|m| &m.id).collect::<Vec<_>>(),
            "dimensions": self.dimensions,
            "version": env!("CARGO_PKG_VERSION"),
        })
        .to_string()
    }
}
