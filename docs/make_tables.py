"""Writes `measures.md` and `methods.md` from the catalogue and the lists of methods in the code.

Run with the module installed: ``python docs/make_tables.py``. With ``--check`` nothing is written;
the exit code says whether both files are what the code gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import disprop as dp

HERE = Path(__file__).parent
MADE = "<!-- Made by docs/make_tables.py from the code: change the code, then run it again. -->"
DIRECTIONS = {
    "higher_is_better": "higher",
    "lower_is_better": "lower",
    "neither": "neither",
}
QUANTITIES = {
    "share": "sum of `{numerator}` ÷ sum of `{denominator}`",
    "threshold": "rows where `{numerator}` ≥ {at_least} of `{denominator}`, ÷ rows with any",
    "count": "sum of `{column}` ÷ rows that have it",
    "count_at_least": "rows where `{column}` ≥ {at_least}, ÷ rows that have it",
    "flag": "rows where `{column}` is 1, ÷ rows where it is 0 or 1",
    "score": "sum of `{column}` ÷ rows that have it",
}


def cell(text: str) -> str:
    """Return text that a Markdown table cell can hold."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(headings: list[str], rows: Iterable[list[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return [*lines, ""]


def codes(names: Iterable[str]) -> str:
    """Return names in code type, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def arithmetic(quantity: dict) -> str:
    """Return a quantity of the catalogue in words."""
    ((kind, facts),) = quantity.items()
    facts = dict(facts)
    if kind == "threshold":
        above, below = facts["at_least"]
        facts["at_least"] = f"{above}/{below}"
    words = QUANTITIES[kind].format(**facts)
    return f"1 − {words}" if facts.get("complement") else words


def years(note: dict) -> str:
    """Return the academic years that a note on a series is about."""
    first = f"{note['from']}/{(note['from'] + 1) % 100:02}"
    if note["until"] is None:
        return f"from {first}"
    last = f"{note['until']}/{(note['until'] + 1) % 100:02}"
    return first if first == last else f"{first} to {last}"


def measures() -> str:
    """Return `measures.md`."""
    catalogue = [(measure, measure.to_dict()) for measure in dp.measures()]
    lines = [
        "# Measures",
        "",
        MADE,
        "",
        f"The catalogue holds {len(catalogue)} measures. An *alias* may stand in place of the id. "
        "*Better* is the favourable direction; it sets the finding, never the sign of a gap. "
        "A measure with a column *counts only where* leaves out rows where that flag is not 1, "
        "if the data have it. Columns are roles: see `Cohort.roles` for the column of your file "
        "that plays each, and `columns={…}` to name it yourself.",
        "",
        "## What each measure is",
        "",
    ]
    lines += table(
        ["id", "label", "phase", "unit", "decimals", "better", "aliases"],
        (
            [
                f"`{m.id}`",
                m.label,
                m.phase,
                m.unit or "number",
                str(m.decimals),
                DIRECTIONS[m.polarity],
                codes(facts["aliases"]),
            ]
            for m, facts in catalogue
        ),
    )
    lines += ["## How each is computed from pupil rows", ""]
    lines += table(
        ["id", "family", "value", "counts only where", "ratio"],
        (
            [
                f"`{m.id}`",
                m.family,
                arithmetic(facts["quantity"]),
                f"`{facts['eligible']}` is 1" if facts["eligible"] else "",
                "yes" if facts["ratio_scale"] else "no: zero does not mean none",
            ]
            for m, facts in catalogue
        ),
    )
    lines += [
        "## Where each comes from",
        "",
        "`DOMAIN` is the project's reference on the meaning of English school data.",
        "",
    ]
    lines += table(["id", "source"], ([f"`{m.id}`", m.source] for m, _ in catalogue))
    lines += [
        "## Years that stand out",
        "",
        "Where there is a dimension called `year`, the note stands in `series_note` of the rows "
        'concerned. "From" marks a new series, which cannot be compared with earlier years: its '
        "note stands in its first year. The other years are out of line.",
        "",
    ]
    lines += table(
        ["id", "years", "note"],
        (
            [f"`{m.id}`", years(note), note["note"]]
            for m, facts in catalogue
            for note in sorted(facts["breaks"], key=lambda note: note["from"])
        ),
    )
    return "\n".join(lines)


SCALES = {
    "value": "One value",
    "difference": "Difference: group − baseline",
    "ratio": "Ratio: group ÷ baseline",
    "odds_ratio": "Odds ratio",
    "dispersion": "With a dispersion: `gaps(dispersion=…)`",
    "test": "Test of no difference: `gaps.tests(…)`",
    "effect_size": "Without a unit: `gaps.effect_sizes()`",
    "clustered": "Intervals: `gaps(cluster=…, cluster_method=…)`",
}
FAMILIES = {
    "proportion": "Proportions: pupils with an outcome among pupils",
    "mean": "Means: points or events per pupil, from pupil rows",
    "ratio": "Ratios of two sums: sessions, points per entry, from pupil rows",
    "rate": "Rates: published sums without squares",
    "all": "Every family, with schools as clusters",
}


def methods() -> str:
    """Return `methods.md`."""
    columns = dp.methods().to_dict()
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    intervals = sum(row["scale"] in ("value", "difference", "ratio", "odds_ratio") for row in rows)
    lines = [
        "# Methods: intervals, tests, effect sizes",
        "",
        MADE,
        "",
        f"There are {intervals} intervals of values, differences, ratios and odds ratios. The "
        "first of each list is the default of its family and scale; name others with `methods=[…]` "
        "(Python) or `GapOptions::methods` (Rust), each on its own family and scale. The ids that "
        "made a row stand in its `method` column. Tests, effect sizes, and intervals that allow "
        "for a dispersion or for schools have calls of their own, which their headings name.",
        "",
        "A source is cited with its equation, method or section where that could be verified from "
        "what the project was given; else by its pages. What was computed is in the column "
        "`formula`, and [what it was held against](oracles.md) does not rest on a citation.",
        "",
    ]
    for family, heading in FAMILIES.items():
        lines += [f"## {heading}", ""]
        for scale, title in SCALES.items():
            own = [row for row in rows if (row["family"], row["scale"]) == (family, scale)]
            if not own:
                continue
            lines += [f"### {title}", ""]
            lines += table(
                ["id", "name", "use it", "not", "formula", "source"],
                (
                    [
                        f"`{row['method']}`" + (" (default)" if place == 0 else ""),
                        row["label"],
                        row["when_to_use"],
                        row["when_not"],
                        f"`{row['formula']}`",
                        row["source"],
                    ]
                    for place, row in enumerate(own)
                ),
            )
    return "\n".join(lines)


def main() -> int:
    """Write both files, or with ``--check`` compare them."""
    differ = False
    for name, made in {"measures.md": measures(), "methods.md": methods()}.items():
        path = HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(made, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != made:
            print(f"docs/{name} is not what the code gives: run docs/make_tables.py")
            differ = True
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
