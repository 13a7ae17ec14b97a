"""Gaps of all groups in one year: sorted marks with intervals."""

from __future__ import annotations

from typing import Any

from disprop.present.chart.picture import Picture
from disprop.present.view import View, level_of

DIRECTIONS = {
    "worse": "less favourable",
    "better": "more favourable",
    "higher": "higher",
    "lower": "lower",
    "no clear difference": "no clear difference",
    "too few to tell": "too few to tell",
    # There is a gap and no interval, so nobody can say whether it is clear.
    "not calculable": "not judged",
}


def dots(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return the gaps of one measure and place, sorted, with intervals."""
    facts = seen.measures[measure]
    rows = seen.of(measure, **where)
    shown = [row for row in rows if row.get("difference") is not None]
    if not shown:
        return None
    shown.sort(key=lambda row: (-row["difference"], row["group_label"]))
    data = [
        {
            "group": row["group_label"],
            "gap": row["difference"],
            "lower": row.get("difference_lower"),
            "upper": row.get("difference_upper"),
            "direction": DIRECTIONS.get(row["finding"], "not judged"),
        }
        for row in shown
    ]
    there = {one["direction"] for one in data}
    summary = seen.summary(measure, **where)
    unit = facts.difference_unit
    against = next((row["baseline"] for row in rows if row.get("baseline")), "all other groups")
    lines = any(one["lower"] is not None for one in data)
    interval = f", with {level_of(rows)} intervals" if lines else ", without intervals"
    subtitle = f"Gap to {against}{f', {unit}' if unit else ''}{interval}"
    alt = (
        f"Dot chart of the gaps of {len(shown)} ethnic groups. {summary['title']}. "
        f"{summary['text']} The figures are in the table that follows."
    )
    left = [f"{row['group_label']} ({row['finding']})" for row in rows if row not in shown]
    return Picture(
        "dots",
        summary["title"],
        subtitle,
        alt,
        {"rows": data},
        {
            "order": [one["group"] for one in data],
            "axis": unit or "gap",
            "directions": [one for one in DIRECTIONS.values() if one in there],
        },
        left,
    )
