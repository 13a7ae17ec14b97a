//! Tests of whole cohorts.

use std::collections::{HashMap, HashSet};

use polars::prelude::*;

use super::calibration::{GROUPS, UNCLASSIFIED};
use super::*;

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

/// Sum and count of a column for each main group, from a country of a million pupils. Movers' rows are added, so that
/// a rate is per pupil.
struct Rates {
    groups: Vec<Option<usize>>,
    pupils: Vec<f64>,
    frame: DataFrame,
}

impl Rates {
    fn new(pupils: u32) -> Self {
        let scope = Scope::Country { authorities: 152 };
        let plan = Plan {
            pupils,
            years: 1,
            seed: 5,
            scope,
            extended_codes: 0.0,
            ..Plan::default()
        };
        let frame = cohort(&plan).unwrap();
        let position = |code: &String| GROUPS.iter().position(|group| group.code == code);
        let groups: Vec<_> = texts(&frame, "ethnicity")
            .iter()
            .map(|code| {
                code.as_ref()
                    .map_or(Some(UNCLASSIFIED), |c| position(c).or(Some(18)))
            })
            .collect();
        let ids = texts(&frame, "pupil_id");
        let mut rates = Rates {
            groups,
            pupils: vec![0.0; 19],
            frame,
        };
        for row in 0..ids.len() {
            if row == 0 || ids[row] != ids[row - 1] {
                rates.pupils[rates.groups[row].unwrap()] += 1.0;
            }
        }
        rates
    }

    fn sums(&self, values: &[Option<f64>]) -> Vec<[f64; 2]> {
        let mut sums = vec![[0.0; 2]; 19];
        for (group, value) in self.groups.iter().zip(values) {
            if let (Some(group), Some(value)) = (group, value) {
                sums[*group][0] += value;
                sums[*group][1] += 1.0;
            }
        }
        sums
    }

    /// Prints a group's value beside its target and checks it where the group is large enough to be held to it.
    fn check(&self, name: &str, got: &[f64], want: &[f64], n: &[f64], least: f64, tolerance: f64) {
        for (i, group) in GROUPS.iter().enumerate() {
            let off = got[i] / want[i] - 1.0;
            println!(
                "{name:12} {} n {:8} got {:8.4} want {:8.4} off {:+.3}",
                group.code, n[i], got[i], want[i], off
            );
            if n[i] >= least {
                assert!(
                    off.abs() < tolerance,
                    "{name} of {}: {} for {}",
                    group.code,
                    got[i],
                    want[i]
                );
            }
        }
    }
}

fn firsts(pairs: &[[f64; 2]]) -> Vec<f64> {
    pairs.iter().map(|pair| pair[0]).collect()
}

fn over(sums: &[[f64; 2]]) -> Vec<f64> {
    sums.iter().map(|[sum, n]| sum / n).collect()
}

fn counts(sums: &[[f64; 2]]) -> Vec<f64> {
    sums.iter().map(|pair| pair[1]).collect()
}

fn published(f: impl Fn(&calibration::Published) -> f64) -> Vec<f64> {
    GROUPS.iter().map(f).collect()
}

/// Targets are met in expectation, so what is left is sampling: pupils, schools (which share an effect) and, for rates
/// of a few per cent, the half a per cent that the normal draws' short tail costs. The tolerances are about three
/// standard errors of the smallest group they apply to.
#[test]
fn rates_of_main_groups_meet_the_published_figures() {
    let rates = Rates::new(1_000_000);
    let frame = &rates.frame;
    let mean = |name: &str| rates.sums(&numbers(frame, name));

    let a8 = mean("ks4_attainment8");
    rates.check(
        "a8",
        &over(&a8),
        &published(|g| g.ks4[0]),
        &counts(&a8),
        400.0,
        0.06,
    );
    for (name, i, tolerance) in [
        ("ks4_em_95", 1, 0.12),
        ("ks4_em_94", 2, 0.08),
        ("ks4_ebacc_aps", 3, 0.06),
    ] {
        let got = mean(name);
        let scale = if i == 3 { 1.0 } else { 0.01 };
        rates.check(
            name,
            &over(&got),
            &published(|g| g.ks4[i] * scale),
            &counts(&got),
            700.0,
            tolerance,
        );
    }
    let order = |values: Vec<f64>| {
        let mut large: Vec<usize> = (0..18).filter(|&i| counts(&a8)[i] > 700.0).collect();
        large.sort_by(|&x, &y| values[x].total_cmp(&values[y]));
        large.first().copied().zip(large.last().copied())
    };
    assert_eq!(order(over(&a8)), order(published(|g| g.ks4[0])));

    let suspensions = firsts(&mean("suspensions"));
    let got: Vec<f64> = suspensions
        .iter()
        .zip(&rates.pupils)
        .map(|(s, n)| s / n)
        .collect();
    let want = published(|g| g.suspension[0] / 100.0 * 9.33 / 4.7584);
    rates.check("suspensions", &got, &want, &rates.pupils, 25_000.0, 0.20);
    let caribbean = 14;
    let (all, n): (f64, f64) = (
        suspensions.iter().take(18).sum(),
        rates.pupils.iter().take(18).sum(),
    );
    let others = (all - suspensions[caribbean]) / (n - rates.pupils[caribbean]);
    let ratio = got[caribbean] / others;
    println!("BCRB suspension ratio {ratio:.3}");
    assert!((ratio / 2.187 - 1.0).abs() < 0.15, "{ratio}");

    let (absent, possible) = (mean("sessions_absent"), mean("sessions_possible"));
    let got: Vec<f64> = absent
        .iter()
        .zip(&possible)
        .map(|(a, p)| a[0] / p[0])
        .collect();
    let want = published(|g| {
        let odds = g.absence[0] / (100.0 - g.absence[0]) * (7.4 / 92.6) / (4.65 / 95.35);
        odds / (1.0 + odds)
    });
    rates.check("absence", &got, &want, &rates.pupils, 9_000.0, 0.06);
    let persistent: Vec<Option<f64>> = numbers(frame, "sessions_absent")
        .iter()
        .zip(numbers(frame, "sessions_possible"))
        .map(|(a, p)| {
            p.filter(|p| *p > 0.0)
                .zip(*a)
                .map(|(p, a)| f64::from(u8::from(10.0 * a >= p)))
        })
        .collect();
    let persistent = rates.sums(&persistent);
    let z = |p: f64| draw::probit(p / 100.0);
    let want = published(|g| draw::below_normal(z(g.absence[1]) + z(21.2) - z(10.8)));
    rates.check(
        "persistent",
        &over(&persistent),
        &want,
        &counts(&persistent),
        9_000.0,
        0.08,
    );

    let gld = mean("gld");
    let want =
        published(|g| draw::below_normal(z(g.major.gld[0]) + z(g.gld) - z(g.major.gld_2017)));
    rates.check("gld", &over(&gld), &want, &counts(&gld), 700.0, 0.06);
    let rwm = mean("ks2_rwm_expected");
    let want = published(|g| draw::below_normal(z(g.major.ks2[0]) + z(g.ks4[1]) - z(g.major.em95)));
    rates.check("rwm", &over(&rwm), &want, &counts(&rwm), 700.0, 0.06);
    let total = |sums: &[[f64; 2]]| {
        sums.iter().map(|s| s[0]).sum::<f64>() / sums.iter().map(|s| s[1]).sum::<f64>()
    };
    for (name, want, tolerance) in [
        ("gld", 0.683, 0.02),
        ("ks2_rwm_expected", 0.63, 0.02),
        ("ks2_rwm_higher", 0.08, 0.10),
        ("ks4_attainment8", 46.5, 0.02),
        ("he", 0.443, 0.05),
        ("he_high_tariff", 0.121, 0.08),
        ("ks4_in_progress8", 0.94, 0.01),
    ] {
        let got = total(&mean(name));
        println!("{name:20} got {got:.4} want {want}");
        assert!(
            (got / want - 1.0).abs() < tolerance,
            "{name}: {got} for {want}"
        );
    }
    let points = |what: &str| mean(what).iter().map(|s| s[0]).sum::<f64>();
    let aps = points("ks5_points_alevel") / points("ks5_entries_alevel");
    println!("A level points per entry {aps:.2}");
    assert!((aps - 34.4).abs() < 1.0, "{aps}");
}
