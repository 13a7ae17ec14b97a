"""For how many pupils the ethnic group is known."""

from __future__ import annotations

from typing import Any

from disprop.present import numbers
from disprop.present.chart.picture import Picture
from disprop.present.view import View, period


def coverage(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return the share of pupils whose group is known, by year or place."""
    rows = [row for row in seen.of(measure, **where) if row.get("coverage") is not None]
    shares: dict[str, float] = {}
    for row in rows:
        place = ", ".join(period(row[name]) for name in seen.dimensions if row[name] is not None)
        shares[place or "all pupils"] = 100.0 * row["coverage"]
    if not shares:
        return None
    data = [
        {"place": place, "share": share, "said": f"{numbers.plain(share, 1)}%"}
        for place, share in shares.items()
    ]
    least = min(data, key=lambda one: float(str(one["share"])))
    facts = seen.measures[measure]
    alt = (
        f"Bar chart of the share of pupils with a known ethnic group, {facts.short}. "
        f"It is lowest in {least['place']}, at {least['said']}."
    )
    return Picture(
        "coverage",
        f"{facts.short}: pupils with a known ethnic group",
        "Per cent of pupils",
        alt,
        {"rows": data},
        {"order": list(shares), "axis": "per cent"},
    )
