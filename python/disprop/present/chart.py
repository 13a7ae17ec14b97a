"""Charts of released results: Vega-Lite specifications kept as data, drawn without a browser."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from disprop.present import numbers
from disprop.present.page import text
from disprop.present.view import Facts, View, period, views

#: Charts that show a kind of result; the first is the default.
KINDS = ("dots", "trend", "funnel", "decomposition", "coverage")
DIRECTIONS = {
    "worse": "less favourable",
    "better": "more favourable",
    "higher": "higher",
    "lower": "lower",
    "no clear difference": "no clear difference",
    "too few to tell": "too few to tell",
}
#: Most panels of a trend; the table has every group.
PANELS = 6


@dataclass
class Picture:
    """A chart, what it shows, and what a reader who cannot see it is told."""

    kind: str
    title: str
    subtitle: str
    alt: str
    datasets: dict[str, list[dict[str, Any]]]
    fill: dict[str, Any]
    left_out: list[str] = field(default_factory=list)

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification with its data."""
        place = Path(__file__).with_name("specs") / f"{self.kind}.vl.json"
        wanted = {**self.fill, **SIZES[self.kind], "alt": self.alt}
        spec: dict[str, Any] = _filled(json.loads(place.read_text(encoding="utf-8")), wanted)
        spec["datasets"] = self.datasets
        return spec

    def altair(self) -> Any:
        """Return an Altair chart, to look at or go on with."""
        import altair

        return altair.Chart.from_dict(self.spec())

    def svg(self) -> str:
        """Return the drawing as SVG that runs nothing and reads as one picture."""
        import vl_convert

        drawn = vl_convert.vegalite_to_svg(self.spec(), vl_version="5.21")
        return _quiet(drawn, self.alt)

    def png(self, scale: float = 2.0) -> bytes:
        """Return the drawing as PNG."""
        import vl_convert

        made: bytes = vl_convert.vegalite_to_png(self.spec(), vl_version="5.21", scale=scale)
        return made

    def save(self, path: str) -> None:
        """Write ``.svg``, ``.png`` or ``.json`` (the specification).

        Parameters
        ----------
        path : str
            File to write; its extension says what.
        """
        if path.endswith(".png"):
            Path(path).write_bytes(self.png())
        elif path.endswith(".json"):
            spec = json.dumps(self.spec(), ensure_ascii=False, indent=1, allow_nan=False)
            Path(path).write_text(spec, encoding="utf-8")
        elif path.endswith(".svg"):
            Path(path).write_text(self.svg(), encoding="utf-8")
        else:
            raise ValueError(f"`{path}` should end in .svg, .png or .json")

    def _repr_html_(self) -> str:
        return f"<figure>{self.svg()}<figcaption>{text(self.title)}</figcaption></figure>"

    def __repr__(self) -> str:
        """Say what it shows."""
        return f"<disprop chart `{self.kind}`: {self.alt}>"


#: Sizes in pixels that still read when a telephone shrinks them to three quarters.
SIZES: dict[str, dict[str, Any]] = {
    "dots": {"width": 290, "label_width": 195, "ticks": 5},
    "trend": {"width": 205, "columns": 2},
    "funnel": {"width": 420},
    "decomposition": {"width": 290, "label_width": 195, "ticks": 5},
    "coverage": {"width": 290, "label_width": 195, "ticks": 5},
}


def _filled(part: Any, wanted: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, wanted) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, wanted) for value in part]
    if isinstance(part, str) and part.startswith("$") and part[1:] in wanted:
        return wanted[part[1:]]
    return part


def _quiet(svg: str, alt: str) -> str:
    """Make one picture of a drawing: its parts say nothing, its name says what it shows."""
    root, rest = re.match(r"<svg[^>]*>", svg), svg
    if root is None:
        raise ValueError("the drawing is no SVG")
    box = re.search(r'viewBox="[^"]*"', root[0])
    rest = svg[root.end() :]
    rest = re.sub(r'\s(?:role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", rest)
    # Clips are numbered anew in every drawing, and several stand on one page.
    stamp = f"{abs(hash_of(rest)) % 10**10:x}"
    rest = re.sub(r'id="([^"]+)"', rf'id="d{stamp}-\1"', rest)
    rest = re.sub(r"url\(#([^)]+)\)", rf"url(#d{stamp}-\1)", rest)
    rest = re.sub(r'\sstyle="[^"]*"', "", rest)
    named = f'role="img" aria-label="{text(alt)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box[0] if box else ""} {named}>{rest}'


def hash_of(what: str) -> int:
    """Return the same number for the same text in every run."""
    import zlib

    return zlib.crc32(what.encode())


# From rows to pictures


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
            "direction": DIRECTIONS.get(row["finding"], "too few to tell"),
        }
        for row in shown
    ]
    there = {one["direction"] for one in data}
    summary = seen.summary(measure, **where)
    level = _level(rows)
    unit = facts.difference_unit
    against = next((row["baseline"] for row in rows if row.get("baseline")), "all other groups")
    subtitle = f"Gap to {against}{f', {unit}' if unit else ''}, with {level} intervals"
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


def trend(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return the gaps of one measure over years, a panel a group."""
    year = seen.year or ""
    facts = seen.measures[measure]
    rows = [row for row in seen.of(measure, **where) if year and row[year] is not None]
    years = sorted({row[year] for row in rows}) if year else []
    if len(years) < 2:
        return None
    labels = _panels(rows, str(year), years[-1])
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
                    "target": row.get("target"),
                    "run": run,
                }
            )
    if not data:
        return None
    groups = len({row["group_label"] for row in rows})
    which = (
        f"The {len(labels)} of {groups} groups with the widest clear gaps"
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
            )
    title = f"{facts.short}: gaps from {period(years[0])} to {period(years[-1])}"
    return Picture(
        "trend",
        title,
        f"{which}; gap{f' in {unit}' if unit else ''}, with {_level(rows)} intervals",
        f"Line charts of gaps by year, one a group. {title}. {'; '.join(ends)}.",
        {"rows": data},
        {"order": labels, "axis": "gap", "years": [period(one) for one in years]},
    )


def _panels(rows: list[dict[str, Any]], year: str, latest: Any) -> list[str]:
    last = [row for row in rows if row[year] == latest and row.get("difference") is not None]
    clear = [row for row in last if row["finding"] in ("worse", "higher", "lower", "better")]
    order = {"worse": 0, "higher": 1, "lower": 1, "better": 2}
    clear.sort(key=lambda row: (order[row["finding"]], -abs(row["difference"])))
    rest = sorted((r for r in last if r not in clear), key=lambda r: -abs(r["difference"]))
    chosen = [row["group_label"] for row in [*clear, *rest]]
    return list(dict.fromkeys(chosen))[:PANELS]


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


def _level(rows: list[dict[str, Any]]) -> str:
    level = next((row["level"] for row in rows if row.get("level")), 0.95)
    return f"{numbers.plain(100 * level, 1).removesuffix('.0')}%"


MAKERS = {"dots": dots, "trend": trend, "coverage": coverage}


def chart(
    released: Any, kind: str | None = None, *, measure: str | None = None, **where: object
) -> Picture:
    """Return a chart of a released result.

    Parameters
    ----------
    released : Released
        What a policy was applied to.
    kind : {"dots", "trend", "coverage"}, optional
        Gaps of all groups (default), their course over years, or how many pupils' groups are
        known.
    measure : str, optional
        Which measure; the first by default.
    **where
        Values of dimensions, such as ``year="2023/24"``; the latest year by default.

    Returns
    -------
    Picture
        Shown by notebooks; ``.altair()``, ``.svg()``, ``.png()``, ``.save(path)``, ``.alt``.
    """
    seen = views(released)[0]
    asked = kind or "dots"
    if asked not in MAKERS:
        raise ValueError(f"`kind` is one of {', '.join(MAKERS)}, not `{asked}`")
    ids = seen.ids()
    one = measure or (ids[0] if ids else "")
    if one not in seen.measures:
        raise ValueError(f"`measure` is one of {', '.join(ids)}, not `{one}`")
    if asked == "dots" and seen.year and seen.year not in where and seen.years:
        where[seen.year] = seen.years[-1]
    if asked == "dots":
        first = next(iter(seen.of(one, **where)), None)
        for name in seen.others:
            if first is not None:
                where.setdefault(name, first[name])
    picture = MAKERS[asked](seen, one, where)
    if picture is None:
        raise ValueError(f"nothing is left to draw of `{one}`: all of it is withheld or missing")
    return picture


def label(facts: Facts) -> str:
    """Return the name of a measure with its unit."""
    return f"{facts.label}, {facts.unit}" if facts.unit else facts.label
