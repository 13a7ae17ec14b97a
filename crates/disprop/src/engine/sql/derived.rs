//! Flags made from raw fields where the source does not have them: GLD, and RWM at key stage 2.
//!
//! A pupil's fields are written side by side, a letter each; the flag is read off that profile.
//! What letters mean is as in `cohort::derive`.

use super::Dialect;
use super::statement::{Statement, flag_where};
use super::value::{Faults, Value};
use crate::cohort::{ALL_GOALS, AbsentGoals, GLD_GOALS, Ks2Denominator, raw_fields};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::Measure;

/// Outcomes of key stage 2 tests that count and did not meet the standard.
const TESTS_COUNTED: &str = "'NS', 'N', 'A', 'B', 'T', 'U', 'H', 'Q', 'J', 'CA', 'CN'";
/// Outcomes that count in figures of schools and authorities and not in national ones.
const TESTS_LOCAL: &str = "'M', 'P', 'S'";
const TESTS_LEFT_OUT: &str = "'L', 'F', 'X', 'HNM'";
const WRITING_COUNTED: &str = "'WTS', 'HNM', 'EM', 'PK1', 'PK2', 'PK3', 'PK4', 'PK5', 'PK6', \
     'PKG', 'PKF', 'PKE', 'BLW', 'A', 'D'";
const WRITING_LOCAL: &str = "'M', 'P'";
const WRITING_LEFT_OUT: &str = "'L', 'F'";

impl Statement<'_> {
    /// Returns a column made from raw fields, where the source has any of them.
    pub(super) fn derived(
        &mut self,
        role: &str,
        faults: Faults,
        measure: &Measure,
    ) -> Result<Option<Value>, Error> {
        let fields = raw_fields(role);
        if role == "sessions_absent" || !fields.iter().any(|f| (self.roles)(f).is_some()) {
            return Ok(None);
        }
        let key = format!("{role}/{faults:?}");
        if let Some((_, known)) = self.values.iter().find(|(r, _)| *r == key) {
            return Ok(Some(known.clone()));
        }
        for field in &fields {
            let column = (self.roles)(field).ok_or_else(|| Error::MeasureColumns {
                measure: measure.id.clone(),
                columns: vec![field.clone()],
                suggestion: None,
            })?;
            let name = format!("raw_{field}");
            if !self.middle.iter().any(|m| m.ends_with(&name)) {
                self.label(&name, &column)?;
            }
        }
        let profile = format!("p{}", self.profiles.len());
        let expression = match role {
            "gld" => self.good_level(&fields, &profile),
            "elgs_expected" => self.goals_expected(&fields, &profile),
            _ => self.key_stage_2(role, &profile)?,
        };
        let value = Value {
            name: format!("v{}", self.values.len()),
            decimals: 0,
            dtype: None,
            faults,
        };
        self.made.push(format!("{expression} AS {}", value.name));
        self.values.push((key, value.clone()));
        Ok(Some(value))
    }

    /// Writes the levels of goals side by side: `1`, `2`, `A`, and a blank where none is known.
    fn goals(&mut self, fields: &[String], profile: &str) {
        let letters: Vec<String> = fields
            .iter()
            .map(|field| {
                let level = format!("trim(raw_{field})");
                format!(
                    "CASE WHEN {level} IN ('1', '2') THEN {level} \
                     WHEN {level} IN ('A', 'a') THEN 'A' ELSE ' ' END"
                )
            })
            .collect();
        self.profiles
            .push(format!("concat({}) AS {profile}", letters.join(", ")));
    }

    fn good_level(&mut self, fields: &[String], profile: &str) -> String {
        self.goals(fields, profile);
        for field in fields {
            let level = format!("trim(raw_{field})");
            self.fault(
                flag_where(&format!(
                    "{level} <> '' AND {level} NOT IN ('1', '2', 'A', 'a')"
                )),
                Finding::refused("unknown_goal", "a goal other than 1, 2 and A")
                    .column("gld")
                    .hint("profiles before 2021/22 have three levels and are another series"),
            );
        }
        let (met, absent) = ("2".repeat(GLD_GOALS), "A".repeat(GLD_GOALS));
        self.fault(
            flag_where(&format!("{profile} LIKE '%A%' AND {profile} <> '{absent}'")),
            Finding::warning(
                "goals_partly_absent",
                "some goals are `A` and others are not",
            )
            .column("gld")
            .hint("guidance to schools is that one `A` makes all seventeen `A`"),
        );
        let with_absence = match self.options.absent_goals {
            AbsentGoals::Exclude => "CAST(NULL AS BIGINT)",
            AbsentGoals::NotAchieved => "CAST(0 AS BIGINT)",
        };
        format!(
            "CASE WHEN {profile} LIKE '% %' THEN CAST(NULL AS BIGINT) \
             WHEN {profile} LIKE '%A%' THEN {with_absence} \
             WHEN {profile} = '{met}' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END"
        )
    }

    fn goals_expected(&mut self, fields: &[String], profile: &str) -> String {
        self.goals(fields, profile);
        format!(
            "CASE WHEN {profile} NOT LIKE '% %' AND {profile} NOT LIKE '%A%' \
             THEN CAST({ALL_GOALS} - length(replace({profile}, '2', '')) AS BIGINT) END"
        )
    }

    /// Writes reading, maths and writing side by side: `H` higher standard, `E` expected, `B` counts
    /// and is below, `X` does not count, a blank where nothing is known.
    fn key_stage_2(&mut self, role: &str, profile: &str) -> Result<String, Error> {
        let national = self.options.ks2_denominator == Ks2Denominator::Valid;
        let local = if national { "X" } else { "B" };
        let mut letters = Vec::new();
        for subject in ["reading", "maths", "writing"] {
            let code = format!("upper(trim(raw_ks2_{subject}))");
            let (letter, known) = if subject == "writing" {
                (
                    format!(
                        "CASE WHEN {code} = 'GDS' THEN 'H' WHEN {code} = 'EXS' THEN 'E' \
                         WHEN {code} IN ({WRITING_COUNTED}) THEN 'B' \
                         WHEN {code} IN ({WRITING_LOCAL}) THEN '{local}' \
                         WHEN {code} IN ({WRITING_LEFT_OUT}) THEN 'X' ELSE ' ' END"
                    ),
                    format!(
                        "{code} IN ('GDS', 'EXS', {WRITING_COUNTED}, {WRITING_LOCAL}, \
                         {WRITING_LEFT_OUT})"
                    ),
                )
            } else {
                let score = self.score(&code);
                (
                    format!(
                        "CASE WHEN {score} >= 110 THEN 'H' WHEN {score} >= 100 THEN 'E' \
                         WHEN {score} IS NOT NULL THEN 'B' WHEN {code} = 'AS' THEN 'E' \
                         WHEN {code} IN ({TESTS_COUNTED}) THEN 'B' \
                         WHEN {code} IN ({TESTS_LOCAL}) THEN '{local}' \
                         WHEN {code} IN ({TESTS_LEFT_OUT}) THEN 'X' ELSE ' ' END"
                    ),
                    format!(
                        "(coalesce({score}, 0) BETWEEN 80 AND 120 \
                         OR {code} IN ('AS', {TESTS_COUNTED}, {TESTS_LOCAL}, {TESTS_LEFT_OUT}))"
                    ),
                )
            };
            self.fault(
                flag_where(&format!("{code} <> '' AND NOT {known}")),
                Finding::refused(
                    "unknown_outcome",
                    format!("a {subject} outcome that is neither a score nor a known code"),
                )
                .column(role)
                .hint("tests: 80 to 120 or a code such as A, B, N; writing: GDS, EXS, WTS, PK1 …"),
            );
            letters.push(letter);
        }
        let letters = letters.join(", ");
        self.profiles
            .push(format!("concat({letters}) AS {profile}"));
        let flag = (self.roles)("ks2_in_denominator")
            .filter(|_| self.options.ks2_denominator == Ks2Denominator::NpdDenLa);
        let counts = match flag {
            Some(column) => {
                let flag = self.value_of("ks2_in_denominator", &column, Faults::Flag)?;
                format!("{} = {}", flag.name, flag.one())
            }
            None => format!("{profile} NOT LIKE '%X%' AND {profile} NOT LIKE '% %'"),
        };
        let met = match role {
            "ks2_rwm_higher" => format!("{profile} = 'HHH'"),
            _ => format!("replace({profile}, 'H', 'E') = 'EEE'"),
        };
        Ok(format!(
            "CASE WHEN {counts} THEN CASE WHEN {met} THEN CAST(1 AS BIGINT) \
             ELSE CAST(0 AS BIGINT) END END"
        ))
    }

    /// A scaled score, where text is one; `100.0` is one as well.
    fn score(&self, code: &str) -> String {
        let pattern = "^[+]?[0-9]+([.]0)*$";
        let is_score = match self.dialect {
            Dialect::DuckDb => format!("regexp_matches({code}, '{pattern}')"),
            Dialect::Spark => format!("{code} RLIKE '{pattern}'"),
        };
        format!(
            "(CASE WHEN {is_score} THEN \
             TRY_CAST(replace(replace({code}, '.0', ''), '+', '') AS BIGINT) END)"
        )
    }
}
