"""Draws `docs/coverage/coverage.svg` and fills the tables of `docs/coverage.md` from a full grid.

``python benches/coverage/picture.py out/coverage/grid.csv out/coverage/summary.csv`` after the
binary has written both; `make coverage` does all of it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import altair as alt
import polars as pl

DOCS = Path(__file__).parents[2] / "docs"
COLOURS = ["#12436d", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1"]


def panel(frame: pl.DataFrame, title: str, x: alt.X, names: dict[str, str]) -> alt.LayerChart:
    """Return a panel of mean coverage by x, one line a method, with the worst cells beneath."""
    field = x.to_dict()["field"]
    shown = (
        frame.filter(pl.col("method").is_in(list(names)))
        .with_columns(pl.col("method").replace_strict(names, default=None).alias("name"))
        .group_by("name", field)
        .agg(
            pl.col("coverage").mean().alias("mean"),
            pl.col("coverage").quantile(0.1).alias("low"),
            pl.col("coverage").quantile(0.9).alias("high"),
        )
        .sort("name", field)
    )
    colour = (
        alt.Color("name:N", title=None, sort=list(names.values()))
        .scale(domain=list(names.values()), range=COLOURS[: len(names)])
        .legend(orient="bottom", columns=2, labelLimit=260, symbolOpacity=1)
    )
    base = alt.Chart(shown, title=title, width=360, height=240).encode(x=x, color=colour)
    y = alt.Y("mean:Q", title="truth held, mean over cells").scale(domain=[0, 1]).axis(format="%")
    band = base.mark_area(opacity=0.12).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(point=True).encode(y=y)
    wanted = (
        alt.Chart(pl.DataFrame({"level": [0.95]})).mark_rule(strokeDash=[4, 3]).encode(y="level:Q")
    )
    return band + line + wanted


def picture(grid: pl.DataFrame) -> alt.VConcatChart:
    """Return the four panels."""
    pupils = (
        alt.X("n:Q", title="pupils in the group")
        .scale(type="log", domain=[5, 2000])
        .axis(values=[5, 10, 20, 50, 100, 200, 500, 2000])
    )
    ratio = grid.filter(study="binomial", scale="ratio").filter(pl.col("exists") > 0.95)
    sessions = grid.filter(study="sessions", scale="difference")
    events = grid.filter(study="events", scale="ratio")
    schools = grid.filter(study="clusters", scale="difference")
    top = panel(
        ratio,
        "Ratio of two percentages, pupils independent",
        pupils,
        {"mover_wilson_ratio": "Wilson limits (default)", "koopman": "Koopman", "katz": "Katz"},
    ) | panel(
        sessions,
        "Absence: difference of ratios of sums",
        pupils,
        {
            "linearised": "linearised over pupils (default)",
            "sessions_as_pupils_newcombe": "every session a pupil of its own",
        },
    )
    bottom = panel(
        events,
        "Suspensions: ratio of rates, repeats",
        pupils,
        {
            "conditional_exact": "exact, published totals (default)",
            "pupils_log_means": "log ratio over pupils (default, rows)",
            "quasi_poisson": "quasi-Poisson, estimated dispersion",
        },
    ) | panel(
        schools,
        "Pupils in schools: difference of two percentages",
        alt.X("icc:Q", title="correlation of pupils within a school"),
        {
            "newcombe": "Newcombe, schools ignored",
            "cr0": "CR0",
            "cr2": "CR2 (default)",
            "cr3": "CR3",
            "bootstrap_percentile": "bootstrap, percentile",
            "bootstrap_bca": "bootstrap, BCa",
        },
    )
    return (
        top.resolve_scale(color="independent") & bottom.resolve_scale(color="independent")
    ).resolve_scale(color="independent")


def tables(summary: pl.DataFrame, text: str) -> str:
    """Return the page with each table between its markers written anew."""

    def table(match: re.Match[str]) -> str:
        study, scale = match[2], match[3]
        lines = [
            "| method | cells | answers | mean | 5 % of cells below | least | under 93 % | wholly below | wholly above | width | other verdict |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for row in summary.filter(study=study, scale=scale).to_dicts():
            percent = [
                row[k] for k in ("answered", "mean", "low", "least", "short", "below", "above")
            ]
            cells = [f"{100 * value:.1f}" for value in percent]
            other = "" if scale == "value" else f"{100 * row['contradicts']:.1f}"
            lines.append(
                f"| `{row['method']}` | {row['cells']} | "
                + " | ".join(cells)
                + f" | {row['width']:.2f} | {other} |"
            )
        return match[1] + "\n" + "\n".join(lines) + "\n" + match[4]

    return re.sub(r"(<!-- table (\w+) (\w+) -->)\n.*?(<!-- end -->)", table, text, flags=re.S)


def main() -> None:
    """Read the grid and the summary, write picture, tables and the summary that is kept."""
    grid, summary = (pl.read_csv(path, infer_schema_length=None) for path in sys.argv[1:3])
    picture(grid).save(DOCS / "coverage" / "coverage.svg")
    page = DOCS / "coverage.md"
    page.write_text(tables(summary, page.read_text()))
    (DOCS / "coverage" / "summary.csv").write_text(Path(sys.argv[2]).read_text())


if __name__ == "__main__":
    main()
