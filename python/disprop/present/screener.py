"""Checks of open-data files: the rules of the Department's screener that can be held offline.

The lists that it compares with (harmonised ethnic groups, local authorities, symbols, the data
dictionary) are the caller's to give; without them those rules are not run, and the result says so.
"""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass, field

#: Columns of place and time: in no metadata row.
PLACES = {
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
    "school_laestab",
    "school_urn",
    "school_name",
}
LEVELS = {"National", "Regional", "Local authority", "School"}
IDENTIFIERS = {"Academic year", "Calendar year", "Financial year", "Reporting year"}
UNITS = {"", "%", "pp", "£", "£m", "numberstring"}
NULLS = {"", "NULL", "NA", "null", "na", "NaN", "nan", "None"}
OBSOLETE = {":", "~", "..", ".", "-", "N/A", "*"}
#: Longest name of a filter or indicator that the Department's API takes.
MOST_LETTERS = 50
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


@dataclass
class Lists:
    """Lists that some rules compare with; an empty one is not used."""

    symbols: set[str] = field(default_factory=set)
    ethnicity: set[tuple[str, str]] = field(default_factory=set)
    authorities: set[tuple[str, str, str]] = field(default_factory=set)
    #: Items that the data dictionary has for a filter, by its column.
    filters: dict[str, set[str]] = field(default_factory=dict)


def lists(folder: str) -> Lists:
    """Read the screener's lists where a copy of them lies.

    Parameters
    ----------
    folder : str
        With ``eesyscreener_gss_symbols.csv`` and its like.
    """

    def rows(name: str) -> list[list[str]]:
        with open(os.path.join(folder, f"eesyscreener_{name}.csv"), encoding="utf-8") as file:
            return list(csv.reader(file))[1:]

    filters: dict[str, set[str]] = {}
    for row in rows("data_dictionary"):
        if row[1] == "Filter":
            filters.setdefault(row[0], set()).add(row[2])
    return Lists(
        {row[0] for row in rows("gss_symbols")},
        {(row[0], row[1]) for row in rows("acceptable_ethnicity_values")},
        {(row[0], row[1], row[2]) for row in rows("acceptable_las")},
        filters,
    )


def screen(path: str, known: Lists | None = None) -> list[str]:
    """Return every rule that a data file and its metadata break; none where both pass.

    Parameters
    ----------
    path : str
        The data CSV; its ``.meta.csv`` stands beside it.
    known : Lists, optional
        Lists to compare with.
    """
    known = known or Lists()
    broken: list[str] = []
    name = os.path.basename(path)
    if not re.fullmatch(r"[a-z0-9_-]+\.csv", name):
        broken.append(f"file name `{name}` is not lower case without special characters")
    meta_path = f"{path.removesuffix('.csv')}.meta.csv"
    if not os.path.exists(meta_path):
        return [*broken, "there is no .meta.csv beside it"]
    head, data = _read(path, broken)
    meta_head, meta = _read(meta_path, broken)
    if tuple(meta_head) != META:
        return [*broken, f"metadata columns are {', '.join(meta_head)}"]
    rows = [dict(zip(head, row, strict=True)) for row in data]
    broken += _names(head, meta)
    broken += _meta(head, meta, rows)
    broken += _time_and_place(head, rows, known)
    broken += _values(meta, rows, known)
    broken += _ethnicity(head, rows, known)
    filters = [row[0] for row in meta if row[1] == "Filter"]
    for name in filters:
        # The ethnic groups have a list of their own, of pairs.
        if name in known.filters and name in head and name not in ("ethnicity_minor", "breakdown"):
            strange = sorted({row[name] for row in rows} - known.filters[name])
            broken += [f"item `{one}` of `{name}` is not in the dictionary" for one in strange]
    groupings = [row[7] for row in meta if row[7]]
    keys = [c for c in head if c in PLACES or c in filters or c in groupings]
    if len({tuple(row[key] for key in keys) for row in rows}) != len(rows):
        broken.append("rows repeat the same period, place and filters")
    return broken


def _read(path: str, broken: list[str]) -> tuple[list[str], list[list[str]]]:
    with open(path, "rb") as file:
        raw = file.read()
    if raw.startswith(b"\xef\xbb\xbf"):
        broken.append(f"{os.path.basename(path)} begins with a byte order mark")
    lines = list(csv.reader(raw.decode("utf-8").splitlines()))
    head, rows = lines[0], lines[1:]
    if any(len(row) != len(head) for row in rows):
        broken.append(f"{os.path.basename(path)} has rows of another length than its header")
    return head, [row for row in rows if len(row) == len(head)]


def _names(head: list[str], meta: list[list[str]]) -> list[str]:
    broken = [
        f"column `{c}` is not snake_case" for c in head if not re.fullmatch(r"[a-z][a-z0-9_]*", c)
    ]
    if len(set(head)) != len(head):
        broken.append("two columns have one name")
    if any(c in PLACES for c in (row[0] for row in meta)):
        broken.append("a column of time or place is in the metadata")
    needed = {"time_period", "time_identifier", "geographic_level", "country_code", "country_name"}
    broken += [f"there is no column `{c}`" for c in sorted(needed - set(head))]
    return broken


def _meta(head: list[str], meta: list[list[str]], rows: list[dict[str, str]]) -> list[str]:
    broken: list[str] = []
    listed = [row[0] for row in meta]
    groupings = {row[7] for row in meta if row[7]}
    for row in meta:
        name, kind, label, grouping, unit, decimals, hint, column = row
        if name not in head:
            broken.append(f"`{name}` is in the metadata and not in the data")
        if kind not in ("Filter", "Indicator"):
            broken.append(f"`{name}` is of type `{kind}`")
        if not label:
            broken.append(f"`{name}` has no label")
        if kind == "Filter" and (unit or decimals or grouping):
            broken.append(f"filter `{name}` has what belongs to indicators")
        if kind == "Indicator" and (hint or column):
            broken.append(f"indicator `{name}` has what belongs to filters")
        if unit not in UNITS:
            broken.append(f"`{name}` has the unit `{unit}`")
        if kind == "Indicator" and not decimals:
            broken.append(f"indicator `{name}` has no decimal places")
        if len(name) > MOST_LETTERS:
            broken.append(f"`{name}` is longer than {MOST_LETTERS} letters")
        if decimals and not decimals.isdigit():
            broken.append(f"`{name}` has the decimal places `{decimals}`")
        if column and column not in head:
            broken.append(f"`{name}` is grouped by `{column}`, which is not in the data")
        if kind == "Filter" and name in head:
            levels = {one[name] for one in rows}
            if len(levels) < 2:
                broken.append(f"filter `{name}` has one level")
            if "Total" not in levels and name in ("ethnicity_minor", "breakdown"):
                broken.append(f"filter `{name}` has no level `Total`")
            if any(level.strip() != level or level in NULLS for level in levels):
                broken.append(f"filter `{name}` has blank or padded levels")
    for column in head:
        if column not in PLACES and column not in listed and column not in groupings:
            broken.append(f"`{column}` is in the data and not in the metadata")
    if groupings & set(listed):
        broken.append("a grouping column has a metadata row of its own")
    labels = [row[2] for row in meta]
    if len(set(labels)) != len(labels):
        broken.append("two columns have one label")
    return broken


def _time_and_place(head: list[str], rows: list[dict[str, str]], known: Lists) -> list[str]:
    broken: list[str] = []
    lengths = set()
    for row in rows:
        period = row.get("time_period", "")
        lengths.add(len(period))
        if not re.fullmatch(r"\d{4}(\d{2})?", period):
            broken.append(f"time_period `{period}`")
        elif len(period) == 6 and int(period[4:]) != (int(period[:4]) + 1) % 100:
            broken.append(f"time_period `{period}` is not two consecutive years")
        if row.get("time_identifier") not in IDENTIFIERS:
            broken.append(f"time_identifier `{row.get('time_identifier')}`")
        if row.get("geographic_level") not in LEVELS:
            broken.append(f"geographic_level `{row.get('geographic_level')}`")
        if (row.get("country_code"), row.get("country_name")) != ("E92000001", "England"):
            broken.append("country is not England")
        if known.authorities and "la_name" in row and row["old_la_code"] not in ("x", "z", ""):
            place = (row["old_la_code"], row["new_la_code"], row["la_name"])
            if place not in known.authorities and place[1:] != ("x", "x"):
                broken.append(f"local authority `{', '.join(place)}` is not on the list")
    if len(lengths) > 1:
        broken.append("kinds of years are mixed")
    return list(dict.fromkeys(broken))


def _values(meta: list[list[str]], rows: list[dict[str, str]], known: Lists) -> list[str]:
    broken: list[str] = []
    symbols = known.symbols or {"z", "x", "c", "low"}
    for row in meta:
        if row[1] != "Indicator":
            continue
        places = int(row[5]) if row[5] else None
        for one in rows:
            value = one.get(row[0], "")
            if value in NULLS:
                broken.append(f"`{row[0]}` has null-like text or a blank")
            elif value in OBSOLETE:
                broken.append(f"`{row[0]}` has the obsolete symbol `{value}`")
            elif value not in symbols:
                if not re.fullmatch(r"-?\d+(\.\d+)?", value):
                    broken.append(f"`{row[0]}` has a value that is no number and no symbol")
                elif places is not None and len(value.partition(".")[2]) != places:
                    broken.append(f"`{row[0]}` has other than {places} decimal places")
    return list(dict.fromkeys(broken))


def _ethnicity(head: list[str], rows: list[dict[str, str]], known: Lists) -> list[str]:
    if not known.ethnicity or "ethnicity_minor" not in head:
        return []
    pairs = {(row["ethnicity_major"], row["ethnicity_minor"]) for row in rows}
    wrong = sorted(pairs - known.ethnicity)
    return [f"ethnic group `{major}`, `{minor}` is not on the list" for major, minor in wrong]
