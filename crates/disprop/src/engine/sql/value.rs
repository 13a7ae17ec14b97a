//! A column as whole numbers: 10⁻⁶ of a unit, half to even, or plain where it holds whole ones.

use super::statement::Statement;
use super::{Dialect, SqlType};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::Measure;

/// Values beyond this many units are refused, as the kernel does.
pub(super) const LARGEST: u128 = 1_000_000_000;
/// Machine words of SQL hold sums of two numbers below this.
const WORD: u128 = 1 << 62;
/// Text that a number may be written as; anything else is no number.
const NUMBER: &str = "^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)? *$";

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Faults {
    /// 0 or 1.
    Flag,
    /// Zero or more.
    Amount,
    /// Any finite number.
    Score,
}

/// A column of whole numbers in the statement.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) decimals: u32,
    /// The column of the source and its type; none where it is made from others.
    pub(super) dtype: Option<(String, SqlType)>,
    pub(super) faults: Faults,
}

impl Value {
    /// What stands for 1.
    pub(super) fn one(&self) -> i64 {
        10_i64.pow(self.decimals)
    }

    pub(super) fn largest(&self) -> u128 {
        LARGEST * 10_u128.pow(self.decimals)
    }
}

impl Statement<'_> {
    /// Returns a measure's column, found by its role or made from others.
    pub(super) fn value(
        &mut self,
        role: &str,
        faults: Faults,
        measure: &Measure,
    ) -> Result<Value, Error> {
        if let Some(column) = (self.roles)(role) {
            return self.value_of(role, &column, faults);
        }
        let parts = ["sessions_authorised", "sessions_unauthorised"];
        let columns: Vec<String> = parts.iter().filter_map(|p| (self.roles)(p)).collect();
        if let ("sessions_absent", [a, u]) = (role, columns.as_slice()) {
            if let Some((_, known)) = self.values.iter().find(|(r, _)| r == role) {
                return Ok(known.clone());
            }
            let a = self.value_of(parts[0], a, Faults::Amount)?;
            let u = self.value_of(parts[1], u, Faults::Amount)?;
            let decimals = a.decimals.max(u.decimals);
            let raised = |v: &Value| format!("{} * {}", v.name, 10_u64.pow(decimals - v.decimals));
            let name = format!("v{}", self.values.len());
            self.made
                .push(format!("{} + {} AS {name}", raised(&a), raised(&u)));
            let value = Value {
                name,
                decimals,
                dtype: None,
                faults,
            };
            self.values.push((role.into(), value.clone()));
            return Ok(value);
        }
        if let Some(value) = self.derived(role, faults, measure)? {
            return Ok(value);
        }
        let all: Vec<String> = self.schema.iter().map(|(name, _)| name.clone()).collect();
        Err(Error::MeasureColumns {
            measure: measure.id.clone(),
            columns: vec![role.into()],
            suggestion: crate::finding::nearest(role, &all).map(Into::into),
        })
    }

    /// Returns a column as whole numbers; what cannot be one is counted as a fault.
    pub(super) fn value_of(
        &mut self,
        role: &str,
        column: &str,
        faults: Faults,
    ) -> Result<Value, Error> {
        let key = format!("{role}/{faults:?}");
        if let Some((_, known)) = self
            .values
            .iter()
            .find(|(r, _)| *r == key || (r == role && faults == Faults::Amount))
        {
            return Ok(known.clone());
        }
        let name = format!("v{}", self.values.len());
        let quoted = self.dialect.identifier(column);
        let dtype = self.type_of(column);
        let decimals = match dtype {
            SqlType::Whole => {
                let fits = format!("{quoted} BETWEEN -{LARGEST} AND {LARGEST}");
                self.inner.push(format!(
                    "CASE WHEN {fits} THEN TRY_CAST({quoted} AS BIGINT) END AS {name}"
                ));
                self.inner.push(format!(
                    "CASE WHEN {quoted} IS NOT NULL AND NOT ({fits}) THEN 1 ELSE 0 END AS {name}_large"
                ));
                self.middle.push(name.clone());
                self.middle.push(format!("{name}_large"));
                0
            }
            SqlType::Truth => {
                self.inner.push(format!(
                    "CASE WHEN {quoted} THEN CAST(1 AS BIGINT) WHEN NOT {quoted} THEN CAST(0 AS BIGINT) END AS {name}"
                ));
                self.middle.push(name.clone());
                0
            }
            SqlType::Decimal(scale) if scale > 6 => {
                return Err(Error::Engine {
                    engine: self.dialect.name(),
                    problem: format!(
                        "column `{column}` has {scale} decimals and six are kept; round it first"
                    ),
                });
            }
            SqlType::Fraction | SqlType::Decimal(_) => {
                self.inner
                    .push(format!("CAST({quoted} AS DOUBLE) AS {name}_raw"));
                self.fraction(&name);
                6
            }
            SqlType::Text => {
                self.text(&name, &quoted, faults);
                self.fraction(&name);
                6
            }
            SqlType::Other => {
                return Err(Error::Refused {
                    findings: vec![
                        Finding::refused("wrong_type", "holds no numbers; expected numbers")
                            .column(column),
                    ],
                });
            }
        };
        let value = Value {
            name: name.clone(),
            decimals,
            dtype: Some((column.to_owned(), dtype)),
            faults,
        };
        self.faults_of(&value, column, dtype, faults);
        let known = if faults == Faults::Amount {
            role.to_owned()
        } else {
            key
        };
        self.values.push((known, value.clone()));
        Ok(value)
    }

    /// Text that spells a number, read as one.
    fn text(&mut self, name: &str, quoted: &str, faults: Faults) {
        let number = match self.dialect {
            Dialect::DuckDb => format!("regexp_matches({quoted}, '{NUMBER}')"),
            Dialect::Spark => format!("{quoted} RLIKE '{NUMBER}'"),
        };
        let spelt = match faults {
            Faults::Flag => format!(
                "WHEN lower(trim({quoted})) IN ('y', 'yes', 'true', 't') THEN CAST(1 AS DOUBLE) \
                 WHEN lower(trim({quoted})) IN ('n', 'no', 'false', 'f') THEN CAST(0 AS DOUBLE) "
            ),
            _ => String::new(),
        };
        let read = format!("CASE {spelt}WHEN {number} THEN TRY_CAST(trim({quoted}) AS DOUBLE) END");
        self.inner.push(format!("{read} AS {name}_raw"));
        self.inner.push(format!(
            "CASE WHEN trim({quoted}) <> '' AND ({read}) IS NULL THEN 1 ELSE 0 END AS {name}_text"
        ));
        self.middle.push(format!("{name}_text"));
    }

    /// Millionths, half to even: the product is the same double as the kernel's, and its rounding
    /// is exact below 2⁵³.
    ///
    /// DuckDB may work out a branch that is not taken, so its cast must not raise.
    fn fraction(&mut self, name: &str) {
        let micro = format!("({name}_raw * 1e6)");
        let rounded = match self.dialect {
            Dialect::Spark => format!("rint{micro}"),
            Dialect::DuckDb => {
                let (floor, rest) = (format!("floor{micro}"), format!("({micro} - floor{micro})"));
                format!(
                    "CASE WHEN {rest} > 0.5 OR ({rest} = 0.5 AND {floor} % 2 <> 0) THEN {floor} + 1 \
                     ELSE {floor} END"
                )
            }
        };
        self.middle.push(format!(
            "CASE WHEN abs({name}_raw) <= {LARGEST} THEN TRY_CAST({rounded} AS BIGINT) END AS {name}"
        ));
        let infinite = "(CAST('Infinity' AS DOUBLE), CAST('-Infinity' AS DOUBLE))";
        self.middle.push(format!(
            "CASE WHEN {name}_raw IN {infinite} THEN 1 ELSE 0 END AS {name}_infinite"
        ));
        self.middle.push(format!(
            "CASE WHEN NOT isnan({name}_raw) AND {name}_raw NOT IN {infinite} \
             AND abs({name}_raw) > {LARGEST} THEN 1 ELSE 0 END AS {name}_large"
        ));
    }

    fn faults_of(&mut self, value: &Value, column: &str, dtype: SqlType, faults: Faults) {
        let name = &value.name;
        let empty = "leave the cell empty where there is no value";
        if dtype == SqlType::Text {
            let finding = Finding::refused("not_a_number", "text where a number is expected");
            self.fault(format!("{name}_text"), finding.column(column).hint(empty));
        }
        if !matches!(dtype, SqlType::Whole | SqlType::Truth) {
            let finding = Finding::refused("not_finite", "a value that is not finite");
            self.fault(
                format!("{name}_infinite"),
                finding.column(column).hint(empty),
            );
        }
        if dtype != SqlType::Truth {
            let finding = Finding::refused("out_of_range", "a value beyond ±1,000,000,000");
            let hint = "check the unit of the column";
            self.fault(format!("{name}_large"), finding.column(column).hint(hint));
        }
        match faults {
            Faults::Amount => self.fault(
                format!("CASE WHEN {name} < 0 THEN 1 ELSE 0 END"),
                Finding::refused("negative", "a negative value where none can be")
                    .column(column)
                    .hint("check how the column was made"),
            ),
            Faults::Flag => self.fault(
                format!(
                    "CASE WHEN {name} NOT IN (0, {}) THEN 1 ELSE 0 END",
                    value.one()
                ),
                Finding::refused("not_a_flag", "a value other than 0 and 1 in a flag")
                    .column(column)
                    .hint("write 1 for yes, 0 for no and nothing for not applicable"),
            ),
            Faults::Score => {}
        }
    }

    fn wide(&self, expression: &str) -> String {
        match self.dialect {
            Dialect::DuckDb => format!("CAST({expression} AS HUGEINT)"),
            // Nineteen digits hold any machine word, and two of them make 38.
            Dialect::Spark => format!("CAST({expression} AS DECIMAL(18,0))"),
        }
    }

    /// A value times a factor, in integers wide enough.
    pub(super) fn product(&self, (value, largest): &(String, u128), by: u64) -> String {
        if by == 1 {
            return value.clone();
        }
        if largest.saturating_mul(u128::from(by)) < WORD {
            return format!("({value} * {by})");
        }
        format!("({} * {})", self.wide(value), self.wide(&by.to_string()))
    }

    /// The sum of a machine word, in integers that hold any number of rows.
    pub(super) fn sum(&self, (value, _): &(String, u128)) -> String {
        match self.dialect {
            // DuckDB adds machine words into 128 bits.
            Dialect::DuckDb => format!("sum({value})"),
            // Spark would wrap; halves of a word cannot, in any number of rows there is.
            Dialect::Spark => format!(
                "CAST(sum(shiftright({value}, 31)) AS DECIMAL(20,0)) * 2147483648 \
                 + CAST(sum({value} & 2147483647) AS DECIMAL(20,0))"
            ),
        }
    }

    pub(super) fn sum_of_products(&self, a: &(String, u128), b: &(String, u128)) -> String {
        let (x, y) = (&a.0, &b.0);
        if a.1.saturating_mul(b.1) < WORD * 2 - 1 {
            return self.sum(&(format!("({x} * {y})"), WORD));
        }
        format!("sum({} * {})", self.wide(x), self.wide(y))
    }
}
