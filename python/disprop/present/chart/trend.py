"""Gaps over years: a panel a group, with its target."""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeAlias

from disprop.present import numbers
from disprop.present.chart.picture import Picture
from disprop.present.view import Facts, View, level_of, period

#: The size of the gap aimed at: one for all, or by group.
Targets: TypeAlias = float | dict[str, float] | None


#: Most panels of a trend; the table has every group.
PANELS = 6


def trend(
    seen: View, measure: str, where: dict[str, Any], targets: Targets = None
) -> Picture | None:
    """Return the gaps of one measure over years, a panel a group, with the target of each."""
    year = seen.year or ""
    facts = seen.measures[measure]
    rows = [row for row in seen.of(measure, **where) if year and row[year] is not None]
    years = sorted({row[year] for row in rows}) if year else []
    if len(years) < 2:
        return None
    # Targets for a few groups say who is looked at; those for all leave the widest gaps first.
    few = targets if isinstance(targets, dict) and len(targets) <= PANELS else {}
    labels = _panels(rows, str(year), years[-1], few)
    data: list[dict[str, Any]] = []
    for label in labels:
        of = {row[year]: row for row in rows if row["group_label"] == label}
        run = 0
        for one in years:
            row = of.get(one)
            if row is None or row.get("difference") is None:
                run += 1
                continue
            if row.get("series_note") and "new series" in row["series_note"].lower():
                run += 1
            data.append(
                {
                    "group": label,
                    "year": period(one),
                    "gap": row["difference"],
                    "lower": row.get("difference_lower"),
                    "upper": row.get("difference_upper"),
                    "run": run,
                }
            )
    if not data:
        return None
    aimed = _aim(data, targets, facts, rows)
    groups = len({row["group_label"] for row in rows})
    which = (
        f"{len(labels)} of {groups} groups, those with a target first"
        if len(labels) < groups and few
        else f"The {len(labels)} of {groups} groups with the widest clear gaps"
        if len(labels) < groups
        else "All groups"
    )
    unit = facts.difference_unit
    ends = []
    for label in labels:
        of_label = [one for one in data if one["group"] == label]
        if len(of_label) > 1:
            first, last = of_label[0], of_label[-1]
            ends.append(
                f"{label} {numbers.plain(first['gap'], facts.decimals, True)} in {first['year']}, "
                f"{numbers.plain(last['gap'], facts.decimals, True)} in {last['year']}"
                + (f" ({last['target_said']})" if "target_said" in last else "")
            )
    title = f"{facts.short}: gaps from {period(years[0])} to {period(years[-1])}"
    return Picture(
        "trend",
        title,
        f"{which}; gap{f' in {unit}' if unit else ''}, with {level_of(rows)} intervals"
        + ("; a dashed line is the target" if aimed else ""),
        f"Line charts of gaps by year, one a group. {title}. {'; '.join(ends)}.",
        {"rows": data},
        {"order": labels, "axis": "gap", "years": [period(one) for one in years]},
    )


def _aim(
    data: list[dict[str, Any]], targets: Targets, facts: Facts, rows: list[dict[str, Any]]
) -> bool:
    """Give each panel its target, on its last year; ``False`` where none has any."""
    if targets is None:
        return False
    ids = {row["group_label"]: str(row["group"]) for row in rows}
    latest = {one["group"]: one for one in data}
    for label, one in latest.items():
        size = targets.get(ids[label], targets.get(label)) if isinstance(targets, dict) else targets
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, int | float) or not isfinite(size):
            raise ValueError(f"the target of `{label}` is a number, not `{size}`")
        # The size of a gap, as in `gaps.progress`: it lies on the side where the gap is.
        aim = abs(size) if one["gap"] >= 0 else -abs(size)
        one["target"] = aim
        one["target_said"] = f"target {numbers.plain(aim, facts.decimals, True)}"
    return any("target" in one for one in latest.values())


def _panels(
    rows: list[dict[str, Any]], year: str, latest: Any, targets: dict[str, float]
) -> list[str]:
    """Choose groups: those with a target, then those with the widest clear gaps."""
    last = [row for row in rows if row[year] == latest and row.get("difference") is not None]
    clear = [row for row in last if row["finding"] in ("worse", "higher", "lower", "better")]
    order = {"worse": 0, "higher": 1, "lower": 1, "better": 2}
    clear.sort(key=lambda row: (order[row["finding"]], -abs(row["difference"])))
    rest = sorted((r for r in last if r not in clear), key=lambda r: -abs(r["difference"]))
    sorts = [*clear, *rest]
    sorts.sort(key=lambda row: not {row["group"], row["group_label"]} & set(targets))
    chosen = [row["group_label"] for row in sorts]
    return list(dict.fromkeys(chosen))[:PANELS]


def targets_of(all_seen: list[View], measure: str) -> Targets:
    """Return the targets of a measure by group, from a table of progress, where there is one."""
    found: dict[str, float] = {}
    for one in all_seen:
        for row in one.of(measure) if one.kind == "progress" else []:
            if row.get("target") is not None:
                found[str(row["group"])] = row["target"]
    return found or None
