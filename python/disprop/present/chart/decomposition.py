"""The parts of one gap, as bars from zero."""

from __future__ import annotations

from typing import Any

from disprop.present import numbers
from disprop.present.chart.picture import Picture
from disprop.present.names import characteristic, part_name
from disprop.present.view import View, level_of


def decomposition(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return the parts of one gap, as bars from zero."""
    facts = seen.measures[measure]
    rows = [row for row in seen.of(measure, **where) if row.get("value") is not None]
    whole = next((row for row in rows if row["part"] == "gap"), None)
    if whole is None or len(rows) < 2:
        return None
    data = []
    for row in rows:
        ends = [row[k] for k in ("value_lower", "value_upper") if row.get(k) is not None]
        of = "the whole gap" if row is whole else "a part of it"
        if row is not whole and row["part_of"] != "gap":
            of = "a part of a part"
        data.append(
            {
                "part": part_name(row["part"]),
                "value": row["value"],
                "lower": row.get("value_lower"),
                "upper": row.get("value_upper"),
                "end": max([0.0, row["value"], *ends]),
                "said": numbers.plain(row["value"], facts.decimals, True),
                "sort": of,
            }
        )
    group = str(whole["group_label"])
    unit = facts.difference_unit
    over = ", ".join(characteristic(name) for name in str(whole["over"]).split(", "))
    top = [one for one in data if one["sort"] == "a part of it"]
    said = "; ".join(f"{one['part'].lower()} {one['said']}" for one in top)
    title = f"{facts.short}, {group}: a gap of {data[0]['said']} and its parts"
    when = seen.when(whole)
    lines = (
        f", with {level_of(rows)} intervals"
        if any(one["lower"] is not None for one in data)
        else ""
    )
    there = {one["sort"] for one in data}
    return Picture(
        "decomposition",
        title,
        f"Parts by {over}{f', {unit}' if unit else ''}{when}{lines}",
        f"Bar chart of the parts of one gap, by {over}{when}. {title}: {said}. "
        "The figures are in the table that follows.",
        {"rows": data},
        {
            "order": [one["part"] for one in data],
            "axis": unit or "gap",
            "sorts": [
                one for one in ("the whole gap", "a part of it", "a part of a part") if one in there
            ],
        },
    )
