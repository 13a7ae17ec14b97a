//! What is looked at in sessions, in either statement.

use super::quick::{Levels, number, told_where};
use super::statement::{Statement, flag_where};
use super::value::{Faults, Value};
use crate::cohort::MANY_SESSIONS;
use crate::error::Error;
use crate::finding::Finding;

impl Statement<'_> {
    /// Sessions missed are at most those possible, where the source has both.
    pub(super) fn sessions(&mut self) -> Result<(), Error> {
        let parts = [
            "sessions_absent",
            "sessions_authorised",
            "sessions_unauthorised",
        ];
        let used: Vec<(String, Value)> = self
            .values
            .iter()
            .filter(|(role, _)| parts.contains(&role.as_str()))
            .cloned()
            .collect();
        let Some(column) = (self.roles)("sessions_possible").filter(|_| !used.is_empty()) else {
            return Ok(());
        };
        let possible = self.value_of("sessions_possible", &column, Faults::Amount)?;
        for (role, part) in used {
            let common = part.decimals.max(possible.decimals);
            let raise = |v: &Value| {
                self.product(
                    &(v.name.clone(), v.largest()),
                    10_u64.pow(common - v.decimals),
                )
            };
            let condition = flag_where(&format!("{} > {}", raise(&part), raise(&possible)));
            let column = (self.roles)(&role).unwrap_or(role);
            self.fault(
                condition,
                Finding::refused("absent_over_possible", "more sessions missed than possible")
                    .column(&column)
                    .hint("check that both columns cover the same terms"),
            );
        }
        self.odd_sessions(&possible);
        Ok(())
    }

    /// What seems odd of sessions and need not be wrong.
    fn odd_sessions(&mut self, possible: &Value) {
        let many = i128::from(MANY_SESSIONS) * i128::from(possible.one());
        self.fault(
            flag_where(&format!("{} > {many}", possible.name)),
            Finding::warning(
                "many_sessions",
                format!("more than {MANY_SESSIONS} possible sessions in a year"),
            ),
        );
        let part = |role: &str| self.values.iter().find(|(r, _)| r == role).map(|(_, v)| v);
        if let (Some(a), Some(u), Some(all)) = (
            part("sessions_authorised"),
            part("sessions_unauthorised"),
            part("sessions_absent"),
        ) && (self.roles)("sessions_absent").is_some()
        {
            let common = a.decimals.max(u.decimals).max(all.decimals);
            let [a, u, all] = [a, u, all].map(|v| {
                let by = 10_u64.pow(common - v.decimals);
                self.product(&(v.name.clone(), v.largest()), by)
            });
            self.fault(
                flag_where(&format!("{a} + {u} <> {all}")),
                Finding::warning(
                    "absence_parts",
                    "authorised and unauthorised absence do not add up to overall absence",
                ),
            );
        }
    }

    /// Sessions that cannot be, or seem odd.
    pub(super) fn quick_sessions(&self, levels: &mut Levels) {
        let of = |role: &str| {
            let found = self.values.iter().find(|(r, _)| r == role);
            found.map(|(_, value)| number(value))
        };
        let raised = |(name, digits): &(String, u32), common: u32| {
            format!("{name} * {}", 10_i64.pow(common - digits))
        };
        let parts = [
            "sessions_absent",
            "sessions_authorised",
            "sessions_unauthorised",
        ];
        let parts = parts.map(of);
        if let Some(possible) = of("sessions_possible")
            && parts.iter().any(Option::is_some)
        {
            let many = MANY_SESSIONS * 10_i64.pow(possible.1);
            let mut wrong = vec![format!("{} > {many}", possible.0)];
            for part in parts.iter().flatten() {
                let common = part.1.max(possible.1);
                wrong.push(format!(
                    "{} > {}",
                    raised(part, common),
                    raised(&possible, common)
                ));
            }
            if let [Some(all), Some(a), Some(u)] = &parts {
                let common = all.1.max(a.1).max(u.1);
                let [all, a, u] = [all, a, u].map(|part| raised(part, common));
                wrong.push(format!("{a} + {u} <> {all}"));
            }
            levels.words.push(told_where(&wrong.join(" OR ")));
        }
    }
}
