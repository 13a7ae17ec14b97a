"""Each group's gap as it is and among pupils alike, side by side."""

from __future__ import annotations

from typing import Any

from disprop.present import numbers
from disprop.present.chart.picture import Picture
from disprop.present.names import characteristic
from disprop.present.view import View, level_of


def adjusted(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return each group's gap as it is and among pupils alike, side by side."""
    facts = seen.measures[measure]
    rows = seen.of(measure, **where)
    shown = [row for row in rows if row.get("adjusted_difference") is not None]
    if not shown:
        return None
    methods = list(dict.fromkeys(row["method"] for row in shown))
    shown = [row for row in shown if row["method"] == methods[0]]
    shown.sort(key=lambda row: (-(row["raw_difference"] or 0.0), row["group_label"]))
    data = [
        {
            "group": row["group_label"],
            "which": which,
            "gap": row[f"{column}_difference"],
            "lower": row.get(f"{column}_difference_lower"),
            "upper": row.get(f"{column}_difference_upper"),
        }
        for row in shown
        for which, column in (("gap as it is", "raw"), ("gap among pupils alike", "adjusted"))
        if row.get(f"{column}_difference") is not None
    ]
    alike = " and ".join(characteristic(name) for name in str(shown[0]["adjusted_for"]).split(", "))
    clear = ("worse", "better", "higher", "lower")
    before = [row for row in shown if row.get("raw_finding") in clear]
    after = [row for row in before if row["finding"] == row["raw_finding"]]
    still = (
        f"{len(after)} of {len(before)} clear gaps {'is' if len(after) == 1 else 'are'} still clear"
        if before
        else "no gap is clear to begin with"
    )
    title = f"{facts.short}: {still} among pupils alike in {alike}"
    unit = facts.difference_unit
    ends = "; ".join(
        f"{row['group_label']} {numbers.plain(row['raw_difference'], facts.decimals, True)}, "
        f"among pupils alike {numbers.plain(row['adjusted_difference'], facts.decimals, True)}"
        for row in sorted(before, key=lambda row: -abs(row["raw_difference"]))[:3]
    )
    against = shown[0].get("baseline") or "all other groups"
    when = seen.when(shown[0])
    left = [
        f"{row['group_label']} ({row['finding']})"
        for row in rows
        if row.get("adjusted_difference") is None
    ]
    return Picture(
        "adjusted",
        title,
        f"Gap to {against}{f', {unit}' if unit else ''}{when}, with {level_of(rows)} intervals",
        f"Dot chart of {len(shown)} ethnic groups, each with two gaps{when}. {title}. "
        f"{f'Widest: {ends}. ' if ends else ''}The figures are in the table that follows.",
        {"rows": data},
        {"order": [row["group_label"] for row in shown], "axis": unit or "gap"},
        list(dict.fromkeys(left)),
    )
