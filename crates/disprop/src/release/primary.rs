//! Which rows a policy withholds for their own sake.

use super::cells::{Slot, System};
use super::policy::Policy;

/// The kind of rule that withholds a row; it is never said which count it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A figure it needs was withheld where it was published.
    AlreadyWithheld,
    /// Few pupils on one of its sides.
    FewPupils,
    /// Few pupils with the outcome, or few events, on one of its sides.
    FewWith,
    /// Few pupils without the outcome on one of its sides.
    FewWithout,
    /// One pupil may account for too much of a sum of points, sessions or events.
    Dominated,
    /// It would let another withheld figure be worked out.
    Protects,
    /// A figure it rests on is withheld.
    RestsOnWithheld,
    /// No released figure stands behind it, so it could not be checked.
    Unchecked,
}

impl Rule {
    /// Returns its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Rule::AlreadyWithheld => "already_withheld",
            Rule::FewPupils => "few_pupils",
            Rule::FewWith => "few_with_outcome",
            Rule::FewWithout => "few_without_outcome",
            Rule::Dominated => "one_may_dominate",
            Rule::Protects => "protects_another",
            Rule::RestsOnWithheld => "rests_on_withheld",
            Rule::Unchecked => "unchecked",
        }
    }

    /// Returns what it means, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Rule::AlreadyWithheld => "A figure it needs was withheld where it was published.",
            Rule::FewPupils => "The group or its baseline has too few pupils.",
            Rule::FewWith => "Too few pupils with the outcome, or too few events, on one side.",
            Rule::FewWithout => "Too few pupils without the outcome on one side.",
            Rule::Dominated => "One pupil may account for too much of the sum on one side.",
            Rule::Protects => "With it, a withheld figure could be worked out from the others.",
            Rule::RestsOnWithheld => "A figure it rests on is withheld.",
            Rule::Unchecked => "No released gap stands behind it, so it could not be checked.",
        }
    }
}

/// Returns the rule that withholds a row for its own sake, if any does.
pub(crate) fn rule(system: &System, slot: &Slot, policy: &Policy) -> Option<Rule> {
    if slot.open {
        return Some(Rule::AlreadyWithheld);
    }
    if !policy.withholds() {
        return None;
    }
    let sides = [slot.group.first(), slot.baseline.first()];
    let mean = system.rest.is_none();
    for atoms in sides.into_iter().flatten() {
        if let Some(n) = &system.n {
            let n = n.sum(atoms);
            if policy.is_small(n) || mean && n > 0 && n < policy.minimum() {
                return Some(Rule::FewPupils);
            }
        }
        if system
            .events
            .as_ref()
            .is_some_and(|e| policy.is_small(e.sum(atoms)))
        {
            return Some(Rule::FewWith);
        }
        let without = system.rest.as_ref().filter(|_| policy.complement);
        if without.is_some_and(|r| policy.is_small(r.sum(atoms))) {
            return Some(Rule::FewWithout);
        }
    }
    let most = slot.largest.zip(policy.dominance);
    if most.is_some_and(|(largest, allowed)| largest > allowed) {
        return Some(Rule::Dominated);
    }
    None
}
