//! Flags made from raw fields where the data do not have them: GLD, and RWM at key stage 2.

use crate::cohort::encode::Categories;
use crate::cohort::numbers::Numbers;
use crate::finding::{Finding, RowNumbers};

/// What becomes of a child with a goal that has no result (`A`).
///
/// DfE publishes figures of children with a valid result; its own sentence on `A` was not seen
/// (DOMAIN 4, 16), hence a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AbsentGoals {
    /// The child is not in the denominator.
    #[default]
    Exclude,
    /// The child is in the denominator and has not achieved.
    NotAchieved,
}

/// Which pupils are in the denominator of key stage 2 figures made from raw fields.
///
/// The lists are those of the NPD dictionary of October 2018; later handling of `M`, `P` and `S`
/// is not verified (DOMAIN 5.2, 16). Where the data have the NPD's own flag it is used instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ks2Denominator {
    /// The flag `ks2_in_denominator` (NPD: `KS2_NPDDEN_LA`), else as `Eligible`.
    #[default]
    NpdDenLa,
    /// Codes of the school and authority figures.
    Eligible,
    /// Codes of the national figures: eligible less missing, past and suppressed.
    Valid,
}

/// Number of goals that make a good level of development (E01 to E12).
pub(crate) const GLD_GOALS: usize = 12;
/// Number of goals of the profile since 2021/22.
pub(crate) const ALL_GOALS: usize = 17;

/// Returns 1 where every goal is at the expected level, 0 where not, nothing where it is not known.
pub(crate) fn good_level(
    goals: &[Categories],
    absent: AbsentGoals,
    findings: &mut Vec<Finding>,
) -> Numbers {
    let mut partly = RowNumbers::default();
    let rows = goals.first().map_or(0, |g| g.codes.len());
    let levels: Vec<Vec<Goal>> = goals.iter().map(|g| read_goals(g, findings)).collect();
    let flags = (0..rows)
        .map(|row| {
            let results = goals.iter().zip(&levels).map(|(goal, levels)| {
                levels
                    .get(goal.codes.get(row) as usize)
                    .copied()
                    .unwrap_or(Goal::Missing)
            });
            let results: Vec<Goal> = results.collect();
            let absences = results.iter().filter(|r| **r == Goal::Absent).count();
            if absences > 0 && absences < results.len() {
                partly.note(row);
            }
            let first: &[Goal] = results.get(..GLD_GOALS).unwrap_or(&results);
            if first.contains(&Goal::Missing) {
                return None;
            }
            match (absences, absent) {
                (0, _) => Some(i64::from(first.iter().all(|r| *r == Goal::Expected))),
                (_, AbsentGoals::Exclude) => None,
                (_, AbsentGoals::NotAchieved) => Some(0),
            }
        })
        .collect();
    if !partly.is_empty() {
        findings.push(
            Finding::warning(
                "goals_partly_absent",
                "some goals are `A` and others are not",
            )
            .rows(&partly)
            .hint("guidance to schools is that one `A` makes all seventeen `A`"),
        );
    }
    Numbers::from_values(flags, 0)
}

/// Returns how many of the seventeen goals are at the expected level; nothing where one is `A`.
pub(crate) fn goals_expected(goals: &[Categories]) -> Numbers {
    let rows = goals.first().map_or(0, |g| g.codes.len());
    let levels: Vec<Vec<Goal>> = goals
        .iter()
        .map(|g| read_goals(g, &mut Vec::new()))
        .collect();
    let counts = (0..rows)
        .map(|row| {
            goals
                .iter()
                .zip(&levels)
                .try_fold(0, |count, (goal, levels)| {
                    match levels.get(goal.codes.get(row) as usize)? {
                        Goal::Expected => Some(count + 1),
                        Goal::Emerging => Some(count),
                        Goal::Absent | Goal::Missing => None,
                    }
                })
        })
        .collect();
    Numbers::from_values(counts, 0)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Emerging,
    Expected,
    Absent,
    Missing,
}

fn read_goals(goal: &Categories, findings: &mut Vec<Finding>) -> Vec<Goal> {
    let read = |label: &Option<String>| match label.as_deref() {
        None => Some(Goal::Missing),
        Some("1") => Some(Goal::Emerging),
        Some("2") => Some(Goal::Expected),
        Some("A" | "a") => Some(Goal::Absent),
        Some(_) => None,
    };
    let levels: Vec<Option<Goal>> = goal.labels.iter().map(read).collect();
    let unknown = goal.rows_where(|code| levels.get(code).is_some_and(Option::is_none));
    if !unknown.is_empty() {
        findings.push(
            Finding::refused("unknown_goal", "a goal other than 1, 2 and A")
                .rows(&unknown)
                .hint("profiles before 2021/22 have three levels and are another series"),
        );
    }
    levels
        .into_iter()
        .map(|level| level.unwrap_or(Goal::Missing))
        .collect()
}

/// The three assessments that make "reading, writing and maths".
pub(crate) struct KeyStage2<'a> {
    pub(crate) reading: &'a Categories,
    pub(crate) maths: &'a Categories,
    pub(crate) writing: &'a Categories,
    /// The NPD's flag, where the data have it and it is to be used.
    pub(crate) in_denominator: Option<&'a Numbers>,
    pub(crate) denominator: Ks2Denominator,
}

/// What one assessment contributes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Outcome {
    expected: bool,
    higher: bool,
    counts: bool,
}

impl KeyStage2<'_> {
    /// Returns the flags of the expected and of the higher standard.
    pub(crate) fn flags(&self, findings: &mut Vec<Finding>) -> (Numbers, Numbers) {
        let reading = self.outcomes(self.reading, "reading", findings, test_outcome);
        let maths = self.outcomes(self.maths, "maths", findings, test_outcome);
        let writing = self.outcomes(self.writing, "writing", findings, writing_outcome);
        let rows = self.reading.codes.len();
        let pick = |of: &[Option<Outcome>], from: &Categories, row: usize| {
            of.get(from.codes.get(row) as usize).copied().flatten()
        };
        let mut expected = Vec::with_capacity(rows);
        let mut higher = Vec::with_capacity(rows);
        for row in 0..rows {
            let all = [
                pick(&reading, self.reading, row),
                pick(&maths, self.maths, row),
                pick(&writing, self.writing, row),
            ];
            let counts = match self.in_denominator {
                Some(flag) => flag.get(row) == Some(1),
                None => all.iter().all(|o| o.is_some_and(|o| o.counts)),
            };
            let met = |standard: fn(&Outcome) -> bool| {
                counts.then(|| i64::from(all.iter().all(|o| o.as_ref().is_some_and(standard))))
            };
            expected.push(met(|o| o.expected));
            higher.push(met(|o| o.higher));
        }
        (
            Numbers::from_values(expected, 0),
            Numbers::from_values(higher, 0),
        )
    }

    fn outcomes(
        &self,
        assessment: &Categories,
        subject: &str,
        findings: &mut Vec<Finding>,
        read: fn(&str, bool) -> Option<Outcome>,
    ) -> Vec<Option<Outcome>> {
        let national = self.denominator == Ks2Denominator::Valid;
        let outcomes: Vec<Option<Option<Outcome>>> = assessment
            .labels
            .iter()
            .map(|label| match label {
                Some(code) => read(&code.to_ascii_uppercase(), national).map(Some),
                None => Some(None),
            })
            .collect();
        let unknown = assessment.rows_where(|code| outcomes.get(code).is_some_and(Option::is_none));
        if !unknown.is_empty() {
            findings.push(
                Finding::refused(
                    "unknown_outcome",
                    format!("a {subject} outcome that is neither a score nor a known code"),
                )
                .rows(&unknown)
                .hint("tests: 80 to 120 or a code such as A, B, N; writing: GDS, EXS, WTS, PK1 …"),
            );
        }
        outcomes.into_iter().map(Option::flatten).collect()
    }
}

/// Reading and maths: a scaled score, or a code of DOMAIN 5.2.
fn test_outcome(code: &str, national: bool) -> Option<Outcome> {
    if let Ok(score) = code.trim_end_matches(".0").parse::<u16>() {
        return (80..=120).contains(&score).then_some(Outcome {
            expected: score >= 100,
            higher: score >= 110,
            counts: true,
        });
    }
    let counts = match code {
        "AS" | "NS" | "N" | "A" | "B" | "T" | "U" | "H" | "Q" | "J" | "CA" | "CN" => true,
        "M" | "P" | "S" => !national,
        "L" | "F" | "X" | "HNM" => false,
        _ => return None,
    };
    Some(Outcome {
        expected: code == "AS",
        higher: false,
        counts,
    })
}

/// Writing: a teacher assessment code of DOMAIN 5.2.
fn writing_outcome(code: &str, national: bool) -> Option<Outcome> {
    let counts = match code {
        "GDS" | "EXS" | "WTS" | "HNM" | "EM" | "PK1" | "PK2" | "PK3" | "PK4" | "PK5" | "PK6"
        | "PKG" | "PKF" | "PKE" | "BLW" | "A" | "D" => true,
        "M" | "P" => !national,
        "L" | "F" => false,
        _ => return None,
    };
    Some(Outcome {
        expected: matches!(code, "GDS" | "EXS"),
        higher: code == "GDS",
        counts,
    })
}

#[cfg(test)]
mod tests {
    use polars::prelude::{NamedFrom, Series};

    use super::*;

    fn categories(values: &[Option<&str>]) -> Categories {
        Categories::encode(&Series::new("x".into(), values)).unwrap()
    }

    fn read(numbers: &Numbers) -> Vec<Option<i64>> {
        (0..numbers.len()).map(|row| numbers.get(row)).collect()
    }

    #[test]
    fn thirteenth_goal_does_not_count_and_an_absence_leaves_the_denominator() {
        // Rows: all met but E13; E01 emerging; all A; E01 alone A; not in Reception.
        let column = |goal: usize| {
            let first = goal == 0;
            categories(&[
                Some(if goal == 12 { "1" } else { "2" }),
                Some(if first { "1" } else { "2" }),
                Some("A"),
                Some(if first { "A" } else { "2" }),
                None,
            ])
        };
        let goals: Vec<Categories> = (0..ALL_GOALS).map(column).collect();
        let mut findings = Vec::new();
        let flags = good_level(&goals, AbsentGoals::Exclude, &mut findings);
        assert_eq!(read(&flags), [Some(1), Some(0), None, None, None]);
        assert_eq!(findings.len(), 1, "the row with some A is reported");
        let flags = good_level(&goals, AbsentGoals::NotAchieved, &mut findings);
        assert_eq!(read(&flags), [Some(1), Some(0), Some(0), Some(0), None]);
        assert_eq!(
            read(&goals_expected(&goals)),
            [Some(16), Some(16), None, None, None]
        );
    }

    #[test]
    fn key_stage_2_standards_need_all_three() {
        let mut findings = Vec::new();
        let ks2 = |denominator| KeyStage2 {
            reading: Box::leak(Box::new(categories(&[
                Some("100"),
                Some("110"),
                Some("110"),
                Some("M"),
                None,
                Some("A"),
            ]))),
            maths: Box::leak(Box::new(categories(&[
                Some("109"),
                Some("110"),
                Some("115"),
                Some("105"),
                None,
                Some("100"),
            ]))),
            writing: Box::leak(Box::new(categories(&[
                Some("GDS"),
                Some("EXS"),
                Some("GDS"),
                Some("EXS"),
                None,
                Some("EXS"),
            ]))),
            in_denominator: None,
            denominator,
        };
        let (expected, higher) = ks2(Ks2Denominator::Eligible).flags(&mut findings);
        assert_eq!(
            read(&expected),
            [Some(1), Some(1), Some(1), Some(0), None, Some(0)]
        );
        assert_eq!(
            read(&higher),
            [Some(0), Some(0), Some(1), Some(0), None, Some(0)]
        );
        let (expected, _) = ks2(Ks2Denominator::Valid).flags(&mut findings);
        assert_eq!(read(&expected)[3], None, "missing is not valid nationally");
        assert!(findings.is_empty());
    }
}
