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
    for line in summary::lines(&rows, |row| row.case.study.into()) {
        println!(
            "{:10} {:10} {:10} {:26} {:4} cells, answered {:.3}, mean {:.3}, 5% {:.3}, least {:.3}, short {:.2}, below {:.3}, above {:.3}, width {:.3}, contradicts {:.4}",
            line.study,
            line.family,
            line.scale,
            line.method,
            line.cells,
            line.answered,
            line.mean,
            line.low,
            line.least,
            line.short,
            line.below,
            line.above,
            line.width,
            line.contradicts
        );
    }
    Ok(())
}
