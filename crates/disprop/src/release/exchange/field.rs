//! One quantity of one measure: which of its counts can move, and what holds them.

use super::lists::Lists;
use crate::release::cells::{Layer, System};

/// What a search looks at.
pub(super) struct Field<'a> {
    pub(super) system: &'a System,
    /// What is moved: an atom can give up what it holds of it.
    pub(super) truth: &'a Layer,
    /// What stands against it where pupils stay where they are: an atom can gain what it holds.
    pub(super) ceiling: Option<&'a Layer>,
    /// Whether the ceiling may be another table's.
    pub(super) lifted: bool,
    /// Every set of atoms whose sum is known, and what is left of each without known parts.
    pub(super) sums: Vec<Vec<u32>>,
    pub(super) residuals: Vec<Vec<u32>>,
    pub(super) width: i64,
}

/// Residuals over what can move at all, each once, and which atoms those are.
pub(super) fn equations(field: &Field<'_>) -> (Lists, Vec<bool>) {
    let mut equations = field.residuals.clone();
    let mut free = vec![true; field.system.atoms];
    let stuck = |equation: &[u32]| {
        let empty = |layer: &Layer| layer.sum(equation) == 0;
        let full = |layer: &Layer| !field.lifted && empty(layer);
        equation.len() == 1 || empty(field.truth) || field.ceiling.is_some_and(full)
    };
    loop {
        let mut moved = false;
        for equation in &mut equations {
            equation.retain(|a| free.get(*a as usize) == Some(&true));
            // One atom left, or none of them holds anything: no table differs there.
            if !equation.is_empty() && stuck(equation) {
                for atom in equation.drain(..) {
                    if let Some(slot) = free.get_mut(atom as usize) {
                        *slot = false;
                    }
                }
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    equations.retain(|e| !e.is_empty());
    equations.sort_unstable();
    equations.dedup();
    (Lists::of(equations.iter().map(Vec::as_slice)), free)
}
