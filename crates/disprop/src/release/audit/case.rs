//! The measures of one class: unknowns, what is known of their sums, and the bounds of each row.

use std::collections::{BTreeMap, BTreeSet};

use super::bases::Bases;
use super::open::Open;
use super::printed::Printed;
use super::read::{Against, Counts, Row};
use super::{Feasible, Knowledge, Place, Shown};
use crate::error::Error;

/// A sum over unknowns, each once with a sign, and its bounds.
pub(super) type Sum = (Vec<(u32, i8)>, f64, f64);

/// Which rows somebody asks about.
pub(super) type Wanted<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// A row of the class: table, row, which measure.
struct Line<'a> {
    table: usize,
    number: usize,
    measure: usize,
    row: &'a Row,
    /// Atoms of its group, in each base table.
    atoms: Vec<Vec<u32>>,
    /// Whether its number of pupils is printed for another measure, or the sum of such numbers.
    printed: bool,
}

/// Measures with the same pupils below the line. Unknowns of atom `a` are, for measure `m` of `M`,
/// events `2 (a M + m)` and the rest of the pupils one more.
pub(super) struct Case<'a> {
    shown: Vec<Shown>,
    lines: Vec<Line<'a>>,
    known: Vec<Sum>,
    unknowns: usize,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        ids: &[&str],
        dimensions: &[Vec<String>],
        all: &'a [Vec<Row>],
        knowledge: &Knowledge,
    ) -> Self {
        let which = |row: &Row| ids.iter().position(|id| *id == row.measure);
        let rows_of = |table: usize| {
            let rows = all.get(table).into_iter().flatten().enumerate();
            rows.filter_map(|(number, row)| Some((number, which(row)?, row)))
        };
        let having: Vec<usize> = (0..all.len())
            .filter(|t| rows_of(*t).next().is_some())
            .collect();
        let mut places: BTreeMap<usize, BTreeSet<&Place>> = BTreeMap::new();
        for table in &having {
            places.insert(
                *table,
                rows_of(*table).map(|(_, _, row)| &row.place).collect(),
            );
        }
        let parts_of = |group: &str| -> Vec<String> {
            let parts = knowledge.parts.get(group).cloned();
            parts.unwrap_or_else(|| vec![group.into()])
        };
        let mut parts: BTreeSet<String> = BTreeSet::new();
        let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for table in &having {
            for (_, _, row) in rows_of(*table) {
                groups.entry(&row.group).or_default();
            }
        }
        for group in groups.keys() {
            parts.extend(parts_of(group));
        }
        let listed = parts.len() as u32;
        if !knowledge.complete {
            // After all others, whatever their names.
            parts.insert("\u{10ffff}".into());
        }
        let regions = parts.len() as u32;
        let numbers: BTreeMap<&str, u32> = parts.iter().map(String::as_str).zip(0..).collect();
        for (group, own) in &mut groups {
            let parts = parts_of(group);
            own.extend(
                parts
                    .iter()
                    .filter_map(|p| numbers.get(p.as_str()).copied()),
            );
        }
        let bases = Bases::new(dimensions, places, regions);
        let atoms = bases.atoms();
        let mut case = Case {
            shown: ids.iter().map(|id| knowledge.shown(id)).collect(),
            lines: Vec::new(),
            known: Vec::new(),
            unknowns: 2 * atoms as usize * ids.len(),
        };
        // Bases of which neither holds the other add up to the same over what they have in common.
        let apart = |a: usize, b: usize| {
            let mut pairs = ids.iter().filter_map(|id| knowledge.apart.get(*id));
            pairs.any(|pairs| pairs.contains(&(a, b)))
        };
        for [mine, theirs] in bases.in_common(apart) {
            case.tie(&mine, &theirs, regions);
        }
        let everyone: Vec<u32> = (0..regions).collect();
        for table in &having {
            let lookup = bases.over(*table);
            for (number, measure, row) in rows_of(*table) {
                let mine = groups
                    .get(row.group.as_str())
                    .map_or(&[][..], Vec::as_slice);
                let over = |regions: &[u32]| -> Vec<Vec<u32>> {
                    let sets = lookup.iter().filter_map(|held| held.get(&row.place));
                    sets.map(|firsts| {
                        let all = firsts
                            .iter()
                            .flat_map(|f| regions.iter().map(move |r| f + r));
                        all.collect()
                    })
                    .collect()
                };
                let sets = over(mine);
                if let Some(group) = row.sides[0] {
                    for set in &sets {
                        case.learn(measure, set, group);
                    }
                }
                let theirs = match (&row.against, row.sides) {
                    (Against::Others, [Some(group), Some(baseline)]) => {
                        if !group.is_exact() || !baseline.is_exact() {
                            let theirs = everyone.iter().filter(|n| !mine.contains(n));
                            let theirs: Vec<u32> = theirs.copied().collect();
                            for set in over(&theirs) {
                                case.learn(measure, &set, baseline);
                            }
                        }
                        Some((over(&everyone), group.plus(baseline)))
                    }
                    (Against::Everyone, [_, Some(baseline)]) => Some((over(&everyone), baseline)),
                    (Against::Group(name), [_, Some(baseline)]) => groups
                        .get(name.as_str())
                        .map(|regions| (over(regions), baseline)),
                    _ => None,
                };
                for set in theirs.iter().flat_map(|(sets, _)| sets) {
                    if let Some((_, counts)) = theirs.as_ref() {
                        case.learn(measure, set, *counts);
                    }
                }
                if let Some((low, high)) = row.listed {
                    for set in over(
                        &everyone
                            .iter()
                            .copied()
                            .take(listed as usize)
                            .collect::<Vec<_>>(),
                    ) {
                        let pupils = case.pupils(measure, &set);
                        case.known.push((pupils, low, high));
                    }
                }
                case.lines.push(Line {
                    table: *table,
                    number,
                    measure,
                    row,
                    atoms: sets,
                    printed: false,
                });
            }
        }
        case.link(atoms);
        case.known.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then(a.1.total_cmp(&b.1))
                .then(a.2.total_cmp(&b.2))
        });
        case.known.dedup();
        case
    }

    /// The pupils of an atom are the same for every measure, and what one prints all know.
    fn link(&mut self, atoms: u32) {
        let measures = self.shown.len();
        let shown = self.lines.iter().filter(|l| l.row.sides[0].is_some());
        let printed = Printed::new(shown.flat_map(|line| &line.atoms));
        for line in &mut self.lines {
            line.printed =
                line.row.withheld && line.atoms.iter().any(|set| printed.adds_up_to(set));
        }
        for atom in 0..atoms {
            for measure in 1..measures {
                let mut terms = self.pupils(0, &[atom]);
                let theirs = self.pupils(measure, &[atom]);
                terms.extend(theirs.into_iter().map(|(unknown, _)| (unknown, -1)));
                self.known.push((terms, 0.0, 0.0));
            }
        }
    }

    /// Region by region, these places hold as many as those.
    fn tie(&mut self, places: &[u32], others: &[u32], regions: u32) {
        for region in 0..regions {
            for measure in 0..self.shown.len() {
                for rest in [0, 1] {
                    let sides = [(places, 1_i8), (others, -1)];
                    let terms = sides.iter().flat_map(|(firsts, sign)| {
                        let of = |first: &u32| self.unknown(measure, first + region, rest);
                        firsts.iter().map(move |first| (of(first), *sign))
                    });
                    let terms: Vec<(u32, i8)> = terms.collect();
                    self.known.push((terms, 0.0, 0.0));
                }
            }
        }
    }

    fn unknown(&self, measure: usize, atom: u32, rest: u32) -> u32 {
        2 * (atom * self.shown.len() as u32 + measure as u32) + rest
    }

    fn pupils(&self, measure: usize, atoms: &[u32]) -> Vec<(u32, i8)> {
        let proportion = self.shown.get(measure).is_some_and(|s| s.proportion);
        let mut terms = Vec::with_capacity(2 * atoms.len());
        for atom in atoms {
            if proportion {
                terms.push((self.unknown(measure, *atom, 0), 1));
            }
            terms.push((self.unknown(measure, *atom, 1), 1));
        }
        terms
    }

    fn learn(&mut self, measure: usize, atoms: &[u32], counts: Counts) {
        let pupils = self.pupils(measure, atoms);
        self.known.push((pupils, counts.pupils.0, counts.pupils.1));
        if let Some((low, high)) = counts.events {
            let events = atoms.iter().map(|a| (self.unknown(measure, *a, 0), 1));
            self.known.push((events.collect(), low, high));
        }
    }

    pub(super) fn solve(&self, wanted: Wanted<'_>, strict: bool) -> Result<Vec<Feasible>, Error> {
        let asked: Vec<&Line<'_>> = self
            .lines
            .iter()
            .filter(|line| line.row.withheld && wanted(line.table, line.number))
            .collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let open = Open::new(&self.known, self.unknowns, strict);
        let mut components = BTreeMap::new();
        let mut found = Vec::new();
        for line in asked {
            // Every base that holds the row bounds it; the reader takes the closest.
            let mut best: Option<Feasible> = None;
            for atoms in &line.atoms {
                let shown = self.shown.get(line.measure).copied();
                let pick = |rest: u32| -> Vec<u32> {
                    let of = |a: &u32| self.unknown(line.measure, *a, rest);
                    atoms.iter().map(of).collect()
                };
                let pupils = self.pupils(line.measure, atoms);
                let pupils: Vec<u32> = pupils.into_iter().map(|(u, _)| u).collect();
                let (pupils, a) = open.range(&pupils, &mut components)?;
                let ask = |wanted: bool, rest: u32, components: &mut BTreeMap<_, _>| {
                    let asked = wanted.then(|| open.range(&pick(rest), components));
                    asked.transpose()
                };
                let with = ask(shown.is_some_and(|s| s.events), 0, &mut components)?;
                let without = ask(shown.is_some_and(|s| s.proportion), 1, &mut components)?;
                let exact = a && with.is_none_or(|w| w.1) && without.is_none_or(|w| w.1);
                let here = Feasible {
                    table: line.table,
                    row: line.number,
                    pupils,
                    printed: line.printed,
                    with: with.map(|w| w.0),
                    without: without.map(|w| w.0),
                    exact,
                };
                best = Some(match best {
                    None => here,
                    Some(known) => known.and(here),
                });
            }
            found.extend(best);
        }
        Ok(found)
    }
}
