"""Open-data files for Explore Education Statistics: a data CSV and its ``.meta.csv``.

The standard, and the labels and symbols that its screener takes, are those of the Department for
Education's *Analysts' guide* and its package ``eesyscreener``.
"""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from typing import Any

from disprop.present import numbers
from disprop.present.harmonised import HARMONISED, items
from disprop.present.view import Facts, View, clean, period, titled, views

#: Indicators of a gap: column of the release, name in the file, label, unit or "" or "difference".
INDICATORS: tuple[tuple[str, str, str, str], ...] = (
    ("group_n", "pupil_count", "Number of pupils in the group", "count"),
    ("group_value", "group_value", "Figure of the group", "value"),
    ("group_lower", "group_value_lower_ci", "Figure of the group, lower end of interval", "value"),
    ("group_upper", "group_value_upper_ci", "Figure of the group, upper end of interval", "value"),
    ("baseline_n", "other_pupil_count", "Number of pupils in all other groups", "count"),
    ("baseline_value", "other_value", "Figure of all other groups", "value"),
    ("difference", "gap", "Gap: group minus all other groups", "difference"),
    ("difference_lower", "gap_lower_ci", "Gap, lower end of interval", "difference"),
    ("difference_upper", "gap_upper_ci", "Gap, upper end of interval", "difference"),
    ("ratio", "ratio", "Ratio: group divided by all other groups", "ratio"),
    ("ratio_lower", "ratio_lower_ci", "Ratio, lower end of interval", "ratio"),
    ("ratio_upper", "ratio_upper_ci", "Ratio, upper end of interval", "ratio"),
)

META = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
)


@dataclass(frozen=True)
class Area:
    """Where the pupils are.

    Parameters
    ----------
    level : str
        "National" or "Local authority".
    old_la_code, new_la_code, la_name : str
        Three-digit code, nine-character code and name of the authority.
    region_code, region_name : str
        Of the authority; ``x`` where not known.
    """

    level: str = "National"
    old_la_code: str = ""
    new_la_code: str = ""
    la_name: str = ""
    region_code: str = ""
    region_name: str = ""


ENGLAND = Area()


def read_area(given: object) -> Area:
    """Read an area: ``"England"``, ``"307=E09000009=Ealing"`` or an :class:`Area`."""
    if isinstance(given, Area):
        return given
    text = str(given)
    parts = [part.strip() for part in text.split("=")]
    if text.lower() == "england":
        return ENGLAND
    if len(parts) == 3 and all(parts):
        return Area("Local authority", parts[0], parts[1], clean(parts[2]), "x", "x")
    if given is None or not text.strip():
        raise ValueError(
            'say whose pupils they are: `area="England"`, or the codes and name of an authority, '
            '`area="307=E09000009=Ealing"`'
        )
    raise ValueError(
        f'open-data files need the codes of `{text}`: `area="307=E09000009=Ealing"`, or '
        '`area="England"`'
    )


def ees(
    released: Any,
    folder: str | os.PathLike[str],
    *,
    area: object = None,
    trail: dict[str, Any] | None = None,
) -> list[str]:
    """Write a data file and its metadata for every measure of the gaps that were released.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    folder : str or path
        Folder to write to; it is made where it is not there.
    area : str or Area
        Whose pupils they are: ``"England"`` or ``"307=E09000009=Ealing"``. There is no default:
        a file about the wrong place would say so in every row.
    trail : dict, optional
        Facts for the audit trail that the caller knows.

    Returns
    -------
    list of str
        The data files; each has its ``.meta.csv`` beside it.

    Raises
    ------
    ValueError
        Where `area` is not given or has no codes; where no gaps have a dimension of academic
        years, which the standard needs. Gaps that stand beside some that have one, and have none
        themselves, are left out.

    Notes
    -----
    ``c`` is withheld, ``x`` not available, ``z`` not applicable and ``low`` a figure that rounds
    to zero but is not. ``u`` (unreliable) is not among the symbols that the screener takes: such
    figures stay, and their wide intervals tell. Groups that have a harmonised name are in
    ``ethnicity_major`` and ``ethnicity_minor``; a table with a group of the caller's own has them
    in ``breakdown`` instead.
    """
    from disprop.present.trail import write_trail

    place = os.fspath(folder)
    where = read_area(area)
    written: list[str] = []
    gaps = [seen for seen in views(released) if seen.kind == "gaps"]
    if not any(seen.year for seen in gaps):
        raise ValueError("the open-data standard needs a period: tally by a dimension of years")
    os.makedirs(place, exist_ok=True)
    for seen in (one for one in gaps if one.year):
        for measure in seen.ids():
            name = _file_name(titled(measure, seen.name))
            data, meta = _tables(seen, measure, where)
            path = os.path.join(place, f"{name}.csv")
            _write(path, data)
            _write(os.path.join(place, f"{name}.meta.csv"), meta)
            write_trail(released, path, trail)
            written.append(path)
    return written


def _file_name(text: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", text.lower()).strip("_")


def _write(path: str, table: list[list[str]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)


def _tables(seen: View, measure: str, where: Area) -> tuple[list[list[str]], list[list[str]]]:
    facts = seen.measures[measure]
    rows = [row for row in seen.of(measure) if row[str(seen.year)] is not None]
    filters = {
        name: items(name, {row[name] for row in rows})
        for name in seen.others
        if name not in ("la", "school") and len({row[name] for row in rows}) > 1
    }

    def levels(row: dict[str, Any]) -> list[str]:
        return [_plain(of[row[name]]) for name, (_, _, of) in filters.items()]

    harmonised = all(row["group"] in HARMONISED for row in rows)
    ethnic = (
        ("ethnicity_major", "ethnicity_minor") if harmonised else ("breakdown_topic", "breakdown")
    )
    places, geography = _geography(seen, where)
    head = [
        "time_period",
        "time_identifier",
        "geographic_level",
        *geography,
        *ethnic,
        *(column for column, _, _ in filters.values()),
        *(name for _, name, _, _ in INDICATORS),
    ]
    data = [head]
    for row in rows:
        names = (
            HARMONISED[row["group"]] if harmonised else ("Ethnic group", _plain(row["group_label"]))
        )
        data.append(
            [
                *_when(row[str(seen.year)]),
                *places(row),
                *names,
                *levels(row),
                *(_number(row, column, kind, facts) for column, _, _, kind in INDICATORS),
            ]
        )
    data.extend(_totals(rows, seen, places, levels, harmonised))
    meta = [list(META)]
    grouping = ethnic[0]
    meta.append(
        [ethnic[1], "Filter", "Ethnic group", "", "", "", "Filter by ethnic group", grouping]
    )
    for column, label, _ in filters.values():
        meta.append([column, "Filter", _plain(label), "", "", "", "", ""])
    for _, name, label, kind in INDICATORS:
        unit, decimals = _unit(kind, facts)
        meta.append(
            [name, "Indicator", f"{label} ({facts.short})", "", unit, str(decimals), "", ""]
        )
    return data, meta


def _when(year: object) -> tuple[str, str]:
    digits = re.sub(r"\D", "", period(year))
    if len(digits) == 8:
        digits = digits[:4] + digits[6:]
    if len(digits) == 6:
        return digits, "Academic year"
    if len(digits) == 4:
        return digits, "Calendar year"
    raise ValueError("a period is an academic year such as 2023/24, or a calendar year")


def _geography(seen: View, where: Area) -> tuple[Any, list[str]]:
    schools = "school" in seen.dimensions
    levels = ["country_code", "country_name"]
    if where.level != "National" or schools or "la" in seen.dimensions:
        levels += ["region_code", "region_name", "old_la_code", "new_la_code", "la_name"]
    if schools:
        levels += ["school_laestab", "school_urn", "school_name"]

    def places(row: dict[str, Any]) -> list[str]:
        if len(levels) == 2:
            return ["National", "E92000001", "England"]
        la = [where.old_la_code or "x", where.new_la_code or "x", where.la_name or "x"]
        if "la" in row and row["la"] not in la:
            la = _elsewhere(row["la"])
        made = ["E92000001", "England", where.region_code or "x", where.region_name or "x", *la]
        if schools:
            school = row.get("school")
            made += ["x", "x" if school is None else _plain(school), _plain(school)]
        return ["School" if schools else "Local authority", *made]

    return places, levels


def _elsewhere(place: str | None) -> list[str]:
    """Return what is known of an authority other than the one that was named."""
    if place is None:
        return ["x", "x", "x"]
    if re.fullmatch(r"\d{3}", place):
        return [place, "x", "x"]
    if re.fullmatch(r"E\d{8}", place):
        return ["x", place, "x"]
    return ["x", "x", _plain(place)]


def _totals(
    rows: list[dict[str, Any]], seen: View, places: Any, levels: Any, harmonised: bool
) -> list[list[str]]:
    """Rows of all groups together: they have a number of pupils and no gap to others."""
    made: list[list[str]] = []
    done: set[tuple[str, ...]] = set()
    for row in rows:
        start = [
            *_when(row[str(seen.year)]),
            *places(row),
            "Total" if harmonised else "Ethnic group",
            "Total",
            *levels(row),
        ]
        if tuple(start) in done:
            continue
        done.add(tuple(start))
        made.append([*start, *("z" for _ in INDICATORS)])
    return made


def _unit(kind: str, facts: Facts) -> tuple[str, int]:
    if kind == "count":
        return "", 0
    if kind == "ratio":
        return "", 2
    percent = "%" if kind == "value" else "pp"
    return (percent if facts.unit == "%" else ""), facts.decimals


def _number(row: dict[str, Any], column: str, kind: str, facts: Facts) -> str:
    value = row.get(column)
    _, decimals = _unit(kind, facts)
    if value is None:
        return numbers.symbol(row, re.sub(r"_(lower|upper)$", "", column))
    made = numbers.rounded(value, decimals)
    if (
        not made
        and kind == "value"
        and (row.get(f"{column.removesuffix('_value')}_lower") or 0) > 0
    ):
        return "low"
    return f"{made:.{decimals}f}"


def _plain(value: object) -> str:
    """Return text that no spreadsheet runs; the files are opened with one."""
    text = clean(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
