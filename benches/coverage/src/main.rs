//! `cargo run --release -p disprop-coverage -- [--quick] [--threads N] [--out FOLDER]`

use std::io::Write;

use disprop_coverage::study::{Extent, run};
use disprop_coverage::{Row, summary};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).cloned()
    };
    let extent = if arguments.iter().any(|a| a == "--quick") {
        Extent::Quick
    } else {
        Extent::Full
    };
    let threads = after("--threads").and_then(|n| n.parse().ok()).unwrap_or(1);
    let folder = after("--out").unwrap_or_else(|| "out/coverage".into());
    let rows = run(extent, threads);
    std::fs::create_dir_all(&folder)?;
    let mut grid = std::io::BufWriter::new(std::fs::File::create(format!("{folder}/grid.csv"))?);
    writeln!(grid, "{}", Row::HEADER)?;
    for row in &rows {
        writeln!(grid, "{}", row.to_csv())?;
    }
    let mut table =
        std::io::BufWriter::new(std::fs::File::create(format!("{folder}/summary.csv"))?);
    writeln!(table, "{}", summary::Line::HEADER)?;
    for line in summary::lines(&rows, |row| row.case.study.into()) {
        writeln!(table, "{}", line.to_csv())?;
        println!(
            "{:9} {:10} {:38} answers {:5.1} %, holds {:5.1} %, least {:5.1} %, width {:5.2}",
            line.study,
            line.scale,
            line.method,
            100.0 * line.answered,
            100.0 * line.mean,
            100.0 * line.least,
            line.width
        );
    }
    Ok(())
}
