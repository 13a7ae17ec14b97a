"""Schools by size, each against its own limits."""

from __future__ import annotations

from typing import Any

from disprop.present.chart.picture import Picture
from disprop.present.view import View, gone, period

INSIDE = "inside the limits"


POSITIONS = (
    INSIDE,
    "above the 95% limits",
    "above the 99.8% limits",
    "below the 95% limits",
    "below the 99.8% limits",
)


def funnel(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return schools by size, with the limits that each is held against."""
    facts = seen.measures[measure]
    rows = seen.of(measure, **where)
    drawn = [row for row in rows if row.get("position_95") is not None]
    if not drawn:
        return None
    drawn.sort(key=lambda row: (row["group_n"], str(row[seen.school_column])))
    gap = "gap" in seen.title
    target = float(drawn[0]["target"])
    centre = "all schools together"
    data = [
        {
            "school": period(row[seen.school_column]),
            "n": row["group_n"],
            "value": row["value"],
            "direction": _beyond(row),
            "beyond": row["position_998"] in ("low", "high"),
        }
        for row in drawn
    ]
    limits: list[dict[str, Any]] = []
    for row in drawn:
        for width, said in (("95", "95% limits"), ("998", "99.8% limits")):
            for side in ("lower", "upper"):
                end = row[f"limit_{width}_{side}"]
                if end is not None:
                    line = {"n": row["group_n"], "limit": end, "width": said}
                    limits.append({**line, "line": f"{width}{side}"})
    ends = [drawn[0]["group_n"], drawn[-1]["group_n"]]
    limits += [{"n": n, "limit": target, "width": centre, "line": "target"} for n in ends]
    group = str(drawn[0]["group_label"])
    outer = [one for one in data if one["beyond"]]
    out = [one for one in data if one["direction"] != INSIDE]
    title = f"{facts.short}, {group}: {_outside(len(out), len(outer), len(data))}"
    unit = (facts.difference_unit if gap else facts.unit) or ""
    what = "Gap to all other pupils of the school" if gap else "The group's figure in each school"
    when = seen.when(drawn[0])
    named = ", ".join(f"{one['school']} {one['direction'].split()[0]}" for one in outer)
    alt = (
        f"Funnel chart of {len(data)} schools by number of {group} pupils{when}. {title}. "
        f"{f'Beyond the 99.8% limits: {named}. ' if named else ''}"
        "The figures are in the table that follows."
    )
    few = sum(row.get("position_95") is None and not gone(row) for row in rows)
    hidden = sum(gone(row) for row in rows)
    left = [f"{_schools(few)} with too few pupils to judge"] if few else []
    left += [f"{_schools(hidden)} whose figure is withheld"] if hidden else []
    plain = "format(datum.value, ',~f')"
    signed = "datum.value == 0 ? '0' : format(datum.value, '+,~f')"
    there = {one["direction"] for one in data}
    return Picture(
        "funnel",
        title,
        f"{what}{f', {unit}' if unit else ''}{when}",
        alt,
        {"rows": data, "limits": limits},
        {
            "axis": unit or "gap",
            "axis_x": f"Number of {group} pupils in the school",
            "tick": signed if gap else plain,
            "target": centre,
            "directions": [one for one in POSITIONS if one in there],
        },
        left,
    )


def _beyond(row: dict[str, Any]) -> str:
    side = {"high": "above", "low": "below"}
    if row["position_998"] in side:
        return f"{side[row['position_998']]} the 99.8% limits"
    if row["position_95"] in side:
        return f"{side[row['position_95']]} the 95% limits"
    return INSIDE


def _outside(out: int, outer: int, judged: int) -> str:
    schools = f"{_schools(judged)} that can be judged"
    if not out:
        return f"no school lies outside the limits, of {schools}"
    lie = "lies" if out == 1 else "lie"
    beyond = f"{outer} of them outside the 99.8% limits" if outer else "none outside the 99.8% ones"
    return f"{out} of {schools} {lie} outside the 95% limits, {beyond}"


def _schools(number: int) -> str:
    return f"{number:,} school{'' if number == 1 else 's'}"
