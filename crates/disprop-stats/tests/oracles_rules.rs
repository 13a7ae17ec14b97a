//! Formal rules against 34 CFR 300.647 worked by hand.

mod oracle;

use disprop_stats::formal_rules::{self, Comparison, Minimums};
use disprop_stats::{NotCalculable, Proportion};
use oracle::{close, csv, finite, record};

fn proportion(row: &oracle::Row, x: &str, n: &str) -> Proportion {
    Proportion::new(row[x].parse().unwrap(), row[n].parse().unwrap())
}

#[test]
fn risk_ratios_are_those_of_the_definition() {
    let Some(rows) = csv("r/idea_risk_ratio.csv") else {
        return;
    };
    let mut compared = 0;
    for row in &rows {
        let case = row["case"].as_str();
        let group = proportion(row, "x_focal", "n_focal");
        let others = proportion(row, "x_other", "n_other");
        let state = proportion(row, "x_state_other", "n_state_other");
        let minimums = Minimums {
            cell: row["min_cell"].parse().unwrap(),
            n: row["min_n"].parse().unwrap(),
        };
        let got = formal_rules::risk_ratio(&group, &others, Some(&state), minimums);
        match row["kind"].as_str() {
            "not calculated" => assert_eq!(got, Err(NotCalculable::BelowMinimum), "{case}"),
            kind => {
                let got = got.unwrap();
                let local = kind == "risk ratio";
                assert_eq!(got.comparison == Comparison::Local, local, "{case}");
                close(got.ratio, finite(&row["value"]).unwrap(), case);
            }
        }
        let relative = formal_rules::relative_rate(&group, &others);
        match finite(&row["relative_rate_index"]) {
            Some(want) => close(relative.unwrap(), want, case),
            None => assert!(
                matches!(
                    relative,
                    Err(NotCalculable::ZeroBaseline | NotCalculable::NoBaseline)
                ),
                "{case}"
            ),
        }
        compared += 1;
    }
    assert_eq!(compared, 6);
    let reasons = rows
        .iter()
        .filter(|row| row["kind"] == "not calculated")
        .count();
    record(
        "r/idea_risk_ratio.csv",
        "risk ratios of the rule",
        compared,
        reasons,
        "none",
    );
}

#[test]
fn the_published_worked_examples() {
    let path = "data/oracle-us-risk-ratio-worked-examples/worked_examples.csv";
    let Some(rows) = csv(path) else { return };
    let (mut compared, mut left_out) = (0, 0);
    for row in &rows {
        let case = row["case"].as_str();
        let group = proportion(row, "group_num", "group_den");
        let others = proportion(row, "others_num", "others_den");
        let got = formal_rules::relative_rate(&group, &others);
        match case {
            // Names of groups are the domain's concern: two rows of one group merge before this.
            "duplicate_group" => {
                assert_eq!(row["expected_ratio"], "3.863636363636");
                left_out += 1;
            }
            "zero_comparison" => assert_eq!(got, Err(NotCalculable::ZeroBaseline)),
            "incident_counts" => assert_eq!(got, Err(NotCalculable::EventsExceedTrials)),
            "small_group" => assert!((got.unwrap() - 40.0 / 9.0).abs() < 1e-12),
            _ => {
                // The table prints twelve decimals.
                let want = finite(&row["expected_ratio"]).unwrap();
                assert!((got.unwrap() - want).abs() < 1e-12, "{case}");
            }
        }
        compared += 1;
    }
    // The duplicate's own ratio stands on its merged row, 30/150 against 44/850.
    assert_eq!((compared, left_out), (10, 1));
    record(
        path,
        "risk ratios of the rule",
        compared - left_out,
        2,
        "1 table in which a group stands twice: refused or merged before this, where rows are read",
    );
}
