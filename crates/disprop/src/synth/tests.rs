//! Tests of whole cohorts.

use std::collections::{HashMap, HashSet};

use polars::prelude::*;

use super::calibration::GROUPS;
use super::*;

mod rates;

fn small() -> Plan {
    Plan {
        pupils: 4_000,
        years: 2,
        seed: 11,
        ..Plan::default()
    }
}

fn threads(n: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(n)
}

fn numbers(frame: &DataFrame, name: &str) -> Vec<Option<f64>> {
    let column = frame
        .column(name)
        .unwrap()
        .cast(&DataType::Float64)
        .unwrap();
    column.f64().unwrap().iter().collect()
}

fn texts(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    let column = frame.column(name).unwrap().cast(&DataType::String).unwrap();
    column
        .str()
        .unwrap()
        .iter()
        .map(|text| text.map(str::to_owned))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_rows_on_any_number_of_threads() {
    let plan = Plan {
        pupils: 30_000,
        ..small()
    };
    let one = cohort(&Plan {
        threads: threads(1),
        ..plan.clone()
    })
    .unwrap();
    for n in [2, 7] {
        let many = cohort(&Plan {
            threads: threads(n),
            ..plan.clone()
        })
        .unwrap();
        assert!(one.equals_missing(&many));
    }
    assert!(!one.equals_missing(&cohort(&Plan { seed: 12, ..plan }).unwrap()));
}

#[test]
fn batches_laid_end_to_end_are_the_cohort() {
    let plan = Plan {
        pupils: 20_000,
        ..small()
    };
    let whole = cohort(&plan).unwrap();
    for rows in [1_000, 17_001, 1_000_000] {
        let parts: Vec<DataFrame> = batches(&plan, rows)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let (last, full) = parts.split_last().unwrap();
        assert!(full.iter().all(|part| part.height() == rows));
        assert!(last.height() <= rows);
        assert!(stack(parts).unwrap().equals_missing(&whole));
    }
}

#[test]
fn a_plan_that_makes_no_sense_is_refused_by_name() {
    let code = |plan: Plan| {
        cohort(&plan)
            .map(|_| "made")
            .unwrap_or_else(|error| error.code())
    };
    assert_eq!(
        code(Plan {
            pupils: 0,
            ..small()
        }),
        "synth.pupils"
    );
    assert_eq!(
        code(Plan {
            pupils: u32::MAX,
            ..small()
        }),
        "synth.pupils"
    );
    assert_eq!(
        code(Plan {
            scope: Scope::Country { authorities: 152 },
            ..small()
        }),
        "synth.pupils"
    );
    assert_eq!(
        code(Plan {
            scope: Scope::Country { authorities: 0 },
            ..small()
        }),
        "synth.authorities"
    );
    assert_eq!(
        code(Plan {
            years: 0,
            ..small()
        }),
        "synth.years"
    );
    assert_eq!(
        code(Plan {
            first_year: 22,
            ..small()
        }),
        "synth.first_year"
    );
    assert_eq!(
        code(Plan {
            refused: f64::NAN,
            ..small()
        }),
        "synth.share"
    );
    assert_eq!(
        code(Plan {
            refused: 0.6,
            missing: 0.6,
            ..small()
        }),
        "synth.share"
    );
    assert_eq!(
        code(Plan {
            movers: -0.1,
            ..small()
        }),
        "synth.share"
    );
    assert_eq!(
        batches(&small(), 0).map(|_| ()).unwrap_err().code(),
        "synth.batch"
    );
    let hint = Error::Pupils {
        found: 1,
        least: 200,
        most: 300,
    }
    .hint();
    assert_eq!(
        hint.as_deref(),
        Some("ask for more pupils or fewer authorities")
    );
}

#[test]
fn extreme_plans_are_made() {
    for plan in [
        Plan {
            pupils: 200,
            years: 1,
            ..small()
        },
        Plan {
            pupils: 250,
            years: 40,
            movers: 1.0,
            ..small()
        },
        Plan {
            refused: 1.0,
            not_obtained: 0.0,
            missing: 0.0,
            years: 1,
            ..small()
        },
        Plan {
            missing: 1.0,
            refused: 0.0,
            not_obtained: 0.0,
            years: 1,
            ..small()
        },
        Plan {
            scope: Scope::Country { authorities: 20 },
            seed: u64::MAX,
            ..small()
        },
    ] {
        assert!(cohort(&plan).unwrap().height() > 0);
    }
    let none = Plan {
        extended_codes: 0.0,
        ..small()
    };
    let codes = texts(&cohort(&none).unwrap(), "ethnicity");
    assert!(codes.iter().flatten().all(|code| {
        GROUPS.iter().any(|group| group.code == code) || code == "REFU" || code == "NOBT"
    }));
}

#[test]
fn plain_text_says_the_same_in_strings() {
    let coded = cohort(&small()).unwrap();
    let plain = cohort(&Plan {
        plain_text: true,
        ..small()
    })
    .unwrap();
    assert_eq!(coded.get_column_names(), plain.get_column_names());
    for column in plain.columns() {
        assert!(!matches!(column.dtype(), DataType::Enum(..)));
        let same = coded
            .column(column.name())
            .unwrap()
            .cast(column.dtype())
            .unwrap();
        assert!(same.equals_missing(column), "{}", column.name());
    }
}

#[test]
fn sessions_add_up_and_are_possible() {
    let frame = cohort(&Plan {
        pupils: 20_000,
        ..small()
    })
    .unwrap();
    let columns = ["possible", "absent", "authorised", "unauthorised"]
        .map(|part| numbers(&frame, &format!("sessions_{part}")));
    let phases = texts(&frame, "phase");
    for (row, phase) in phases.iter().enumerate() {
        let [possible, absent, authorised, unauthorised] =
            [0, 1, 2, 3].map(|i: usize| columns[i][row].unwrap());
        assert_eq!(authorised + unauthorised, absent);
        assert!(absent <= possible);
        assert_eq!(possible == 0.0, phase.as_deref() == Some("16-18"));
    }
    let suspensions = numbers(&frame, "suspensions");
    let lost = numbers(&frame, "suspension_sessions");
    for (count, sessions) in suspensions.iter().zip(&lost) {
        assert!(sessions.unwrap() <= 90.0);
        assert!(count.unwrap() > 0.0 || sessions.unwrap() == 0.0);
    }
}

#[test]
fn only_ethnicity_and_assessments_may_be_null() {
    let frame = cohort(&small()).unwrap();
    for column in frame.columns() {
        let name = column.name().as_str();
        let optional = ["elg_", "gld", "ks", "he", "ethnicity"];
        if !optional.iter().any(|start| name.starts_with(start)) {
            assert_eq!(column.null_count(), 0, "{name}");
        }
    }
    assert!(frame.column("ethnicity").unwrap().null_count() > 0);
}

#[test]
fn assessments_stand_in_their_year_group_on_the_last_school_only() {
    let frame = cohort(&Plan {
        movers: 0.2,
        ..small()
    })
    .unwrap();
    let (ids, years) = (texts(&frame, "pupil_id"), texts(&frame, "year"));
    let groups = texts(&frame, "year_group");
    let schools = texts(&frame, "school");
    for (name, year_group) in [("elg_e01", "R"), ("ks2_reading", "6"), ("he", "11")] {
        let values = texts(&frame, name);
        for row in 0..frame.height() {
            let left = ids.get(row + 1) == ids.get(row) && years.get(row + 1) == years.get(row);
            if left {
                assert_ne!(schools[row], schools[row + 1]);
            }
            let expected = groups[row].as_deref() == Some(year_group) && !left;
            assert_eq!(values[row].is_some(), expected, "{name} in row {row}");
        }
    }
}

#[test]
fn a_pupil_grows_older_and_stays_the_same_person() {
    let frame = cohort(&Plan {
        years: 3,
        ..small()
    })
    .unwrap();
    let lasting = ["sex", "ethnicity", "eal", "fsm", "sen", "la"].map(|name| texts(&frame, name));
    let (ids, groups) = (texts(&frame, "pupil_id"), texts(&frame, "year_group"));
    let years = texts(&frame, "year");
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut again = 0;
    for row in 0..frame.height() {
        let id = ids[row].as_deref().unwrap();
        let born = |row: usize| {
            let age = groups[row].as_deref().unwrap().parse::<i32>().unwrap_or(0);
            years[row].as_deref().unwrap()[..4].parse::<i32>().unwrap() - age
        };
        if let Some(&before) = seen.get(id) {
            again += 1;
            assert_eq!(born(before), born(row));
            assert!(lasting.iter().all(|column| column[before] == column[row]));
        }
        seen.insert(id, row);
    }
    assert!(again > frame.height() / 2);
}

#[test]
fn staff_have_one_head_a_school_and_leaders_are_the_first_three_roles() {
    let plan = small();
    let table = staff(&plan).unwrap();
    let (roles, leads) = (texts(&table, "role"), numbers(&table, "is_leader"));
    let places: HashSet<_> = texts(&table, "school")
        .into_iter()
        .zip(texts(&table, "year"))
        .collect();
    let heads = roles
        .iter()
        .flatten()
        .filter(|role| *role == "Head teacher")
        .count();
    assert_eq!(heads, places.len());
    for (role, leads) in roles.iter().flatten().zip(leads) {
        assert_eq!(
            leads,
            Some(f64::from(u8::from(role != "Classroom teacher")))
        );
    }
    assert!(table.equals_missing(&staff(&plan).unwrap()));
}
