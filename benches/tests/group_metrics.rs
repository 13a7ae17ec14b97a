//! The small service: what it writes, and that it refuses what the cohort refuses.

use std::process::{Command, Output};

type Done<T> = Result<T, Box<dyn std::error::Error>>;

fn run(name: &str, rows: &str) -> Done<Output> {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, rows)?;
    let program = env!("CARGO_BIN_EXE_group_metrics");
    Ok(Command::new(program).arg(path).output()?)
}

/// Returns the row that begins with these words, cut into fields.
fn row<'a>(written: &'a str, start: &str) -> Option<Vec<&'a str>> {
    let line = written.lines().find(|line| line.starts_with(start))?;
    Some(line.split(',').collect())
}

#[test]
fn each_group_has_its_share_and_gap_in_per_cent() -> Done<()> {
    // Of four girls in group A one has the outcome, of two in group B both; boys are one place more.
    let pupils = "outcome,ethnicity,sex,fsm\n1,A,F,N\n0,A,F,N\n0,A,F,N\n0,\"A\",F,N\n1,B,F,N\n1,B,F,N\n0,B,M,N\n";
    let done = run("pupils.csv", pupils)?;
    let written = String::from_utf8(done.stdout)?;
    assert!(
        written.starts_with(
            "group,sex,fsm,share,share_lower,share_upper,gap,gap_lower,gap_upper,ratio,"
        )
    );
    let girls = row(&written, "A,F,N").ok_or("no girls of A")?;
    assert_eq!(
        (girls.get(3), girls.get(6), girls.get(9)),
        (Some(&"25"), Some(&"-75"), Some(&"0.25"))
    );
    // Wilson's limits of 1 of 4.
    let lower: f64 = girls.get(4).ok_or("no limit")?.parse()?;
    assert!((lower - 4.558_726_080_970_055).abs() < 1e-9, "{lower}");
    // No pupil of B is left to compare boys of B with.
    let boys = row(&written, "B,M,N").ok_or("no boys of B")?;
    assert_eq!((boys.get(3), boys.get(6)), (Some(&"0"), Some(&"")));
    Ok(())
}

#[test]
fn an_outcome_that_is_neither_yes_nor_no_is_refused() -> Done<()> {
    let done = run("refused.csv", "ethnicity,sex,fsm,outcome\nA,F,N,2\n")?;
    assert!(!done.status.success());
    assert!(String::from_utf8(done.stderr)?.contains("not_a_flag"));
    assert!(done.stdout.is_empty());
    Ok(())
}
