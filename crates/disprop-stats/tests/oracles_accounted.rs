//! Every oracle table has a line in `docs/oracles.md`, and every line a table.

mod oracle;

#[test]
fn every_table_is_accounted_for() {
    let Some(tables) = oracle::all_tables() else {
        oracle::csv("any");
        return;
    };
    let page = oracle::page_text();
    let named = |table: &str| page.contains(&format!("| `{table}` |"));
    let missing: Vec<&String> = tables.iter().filter(|table| !named(table)).collect();
    assert!(
        missing.is_empty(),
        "no line in docs/oracles.md for {missing:?}"
    );
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let name = line.split('`').nth(1).unwrap();
        let known = tables.iter().any(|table| table == name);
        assert!(
            known || name.starts_with("data/"),
            "docs/oracles.md names {name}, which there is not"
        );
    }
}
