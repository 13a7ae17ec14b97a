//! A mover's rows added first: one unit a pupil and year, as in `cohort::pupils`.

use super::Dialect;
use super::statement::{Statement, flag_where};
use super::value::{Faults, LARGEST};
use crate::error::Error;
use crate::finding::Finding;

/// What a row is of: a pupil in a year, or itself where it names nobody.
const UNIT: &str = "u_id, k_year, u_row";

impl Statement<'_> {
    /// Reads the identifier of the pupil, and counts where there is none.
    pub(super) fn identified(&mut self, pupil: &str) {
        let quoted = self.dialect.identifier(pupil);
        let text = self.dialect.text();
        self.inner
            .push(format!("trim(CAST({quoted} AS {text})) AS u_id"));
        self.middle.push("u_id".into());
        self.fault(
            flag_where("u_id IS NULL OR u_id = ''"),
            Finding::warning(
                "blank_pupil",
                "no identifier; each such row counts by itself",
            )
            .column(pupil),
        );
    }

    /// Reads what tells a mover's rows apart.
    pub(super) fn movers(&mut self, pupil: Option<&str>) -> Result<(), Error> {
        if pupil.is_none() {
            return Err(Error::Refused {
                findings: vec![
                    Finding::refused("missing_column", "rows=\"pupil\" needs pupil identifiers")
                        .hint("name the column with pupil=…; it is never written anywhere"),
                ],
            });
        }
        let Some(school) = (self.roles)("school") else {
            return Err(Error::Engine {
                engine: self.dialect.name(),
                problem: "rows=\"pupil\" needs a column of schools, which says where a mover is \
                          counted; name it with school=…"
                    .into(),
            });
        };
        self.label("u_school", &school)?;
        match (self.roles)("year") {
            Some(year) => self.label("u_year", &year)?,
            None => self
                .middle
                .push(format!("CAST(NULL AS {}) AS u_year", self.dialect.text())),
        }
        let number = match self.dialect {
            Dialect::DuckDb => "row_number() OVER ()",
            Dialect::Spark => "monotonically_increasing_id()",
        };
        self.inner.push(format!("{number} AS row_place"));
        self.middle
            .push("CASE WHEN u_id IS NULL OR u_id = '' THEN row_place END AS u_row".into());
        if let Some(column) = (self.roles)("sessions_possible") {
            let possible = self.value_of("sessions_possible", &column, Faults::Amount)?;
            self.added.insert(possible.name);
        }
        Ok(())
    }

    /// The units of these rows, and what may be wrong with sums over a unit.
    ///
    /// A unit's categories are those of the row with most possible sessions, then of the school
    /// that comes first; values are added, or taken once: that row's, else the largest.
    pub(super) fn units(
        &self,
        rows: &str,
        labels: &[&str],
        conditions: &[String],
    ) -> (String, Vec<(String, Finding)>) {
        let text = self.dialect.text();
        let mut told = vec![
            format!("CAST(nullif(trim(u_year), '') AS {text}) AS k_year"),
            format!("CAST(nullif(trim(u_school), '') AS {text}) AS k_school"),
        ];
        let conditions = conditions.iter().enumerate();
        told.extend(conditions.map(|(place, condition)| format!("{condition} AS f{place}")));
        let number = self.number("k_school");
        let possible = self.values.iter().find(|(r, _)| r == "sessions_possible");
        let possible = possible.map_or("0".into(), |(_, v)| format!("coalesce({}, 0)", v.name));
        let order = format!(
            "{possible} DESC, CASE WHEN k_school IS NULL THEN 1 ELSE 0 END, \
             CASE WHEN {number} IS NULL THEN 1 ELSE 0 END, {number}, k_school"
        );
        let mut units: Vec<String> = labels
            .iter()
            .map(|label| format!("max(CASE WHEN k_home = 1 THEN {label} END) AS {label}"))
            .collect();
        let mut beyond = Vec::new();
        for (_, value) in &self.values {
            let name = &value.name;
            units.push(format!(
                "coalesce(max(CASE WHEN k_home = 1 THEN {name} END), max({name})) AS {name}_once"
            ));
            if !self.added.contains(name) {
                continue;
            }
            let sum = format!("sum(CAST({name} AS DECIMAL(38,0)))");
            let most = LARGEST * 10_u128.pow(value.decimals);
            let fits = format!("abs({sum}) <= {most}");
            units.push(format!(
                "CASE WHEN {fits} THEN TRY_CAST({sum} AS BIGINT) END AS {name}"
            ));
            units.push(format!(
                "CASE WHEN {sum} IS NOT NULL AND NOT ({fits}) THEN count(*) ELSE 0 END AS {name}_beyond"
            ));
            let finding = Finding::refused(
                "out_of_range",
                "a pupil's rows add up to a value beyond ±1,000,000,000",
            );
            let finding = match &value.dtype {
                Some((column, _)) => finding.column(column),
                None => finding.column("sessions_absent"),
            };
            beyond.push((
                format!("{name}_beyond"),
                finding.hint("check the unit of the column"),
            ));
        }
        let faults = (0..told.len() - 2).map(|f| format!("sum(f{f}) AS f{f}_rows"));
        units.extend(faults);
        let sql = format!(
            "SELECT\n    {}\n  FROM (\n  SELECT *,\n    row_number() OVER (PARTITION BY {UNIT} ORDER BY {order}) AS k_home\n  \
             FROM (\n  SELECT *,\n    {}\n  FROM (\n{rows}\n  ) AS rows_read\n  ) AS told\n  ) AS placed\n  GROUP BY {UNIT}",
            units.join(",\n    "),
            told.join(",\n    "),
        );
        (sql, beyond)
    }

    /// The number that a label is, as `order::natural` sees it; nothing for other labels.
    fn number(&self, label: &str) -> String {
        let pattern = "^[+]?[0-9]+$";
        let is_number = match self.dialect {
            Dialect::DuckDb => format!("regexp_matches({label}, '{pattern}')"),
            Dialect::Spark => format!("{label} RLIKE '{pattern}'"),
        };
        let number = format!("TRY_CAST(replace({label}, '+', '') AS DECIMAL(38,0))");
        format!(
            "(CASE WHEN {is_number} AND {number} <= {} THEN {number} END)",
            u64::MAX
        )
    }
}
