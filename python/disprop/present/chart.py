"""Charts of released results: Vega-Lite specifications kept as data, drawn without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, TypeAlias

from disprop.present import numbers
from disprop.present.page import text
from disprop.present.view import Facts, View, period, views

#: Charts that show a kind of result; the first is the default.
KINDS = ("dots", "trend", "coverage", "funnel", "decomposition", "adjusted")
DIRECTIONS = {
    "worse": "less favourable",
    "better": "more favourable",
    "higher": "higher",
    "lower": "lower",
    "no clear difference": "no clear difference",
    "too few to tell": "too few to tell",
}
#: The size of the gap aimed at: one for all, or by group.
Targets: TypeAlias = float | dict[str, float] | None
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
    "adjusted": {"width": 290, "label_width": 195, "ticks": 5},
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
        f"{which}; gap{f' in {unit}' if unit else ''}, with {_level(rows)} intervals"
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


def funnel(seen: View, measure: str, where: dict[str, Any]) -> Picture | None:
    """Return schools by size, with the limits that each is held against."""
    facts = seen.measures[measure]
    rows = seen.of(measure, **where)
    drawn = [row for row in rows if row.get("position_95") is not None]
    if not drawn:
        return None
    drawn.sort(key=lambda row: (row["group_n"], str(row[_school(seen)])))
    gap = "gap" in seen.title
    target = float(drawn[0]["target"])
    centre = "all schools together"
    data = [
        {
            "school": period(row[_school(seen)]),
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
    when = _when(seen, drawn[0])
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


INSIDE = "inside the limits"
POSITIONS = (
    INSIDE,
    "above the 95% limits",
    "above the 99.8% limits",
    "below the 95% limits",
    "below the 99.8% limits",
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


def _school(seen: View) -> str:
    """Return the column of schools: it follows the group."""
    return seen.columns[seen.columns.index("group_label") + 1]


def gone(row: dict[str, Any]) -> bool:
    """Return whether a row is withheld."""
    return "withheld" in str(row.get("finding") or row.get("reason") or "")


def _when(seen: View, row: dict[str, Any]) -> str:
    named = [period(row[name]) for name in seen.dimensions if name != "school"]
    return f", {', '.join(named)}" if named else ""


PARTS = {
    "gap": "The whole gap",
    "composition": "Mix of pupils",
    "rate": "Among pupils alike",
    "explained": "Mix of pupils",
    "unexplained": "Among pupils alike",
    "within": "Within schools",
    "between": "Between schools",
    "endowments": "Mix of pupils",
    "coefficients": "Among pupils alike",
    "interaction": "Both together",
    "outside_group": "Group without counterpart",
    "outside_baseline": "Others without counterpart",
}


def part_name(part: str) -> str:
    """Return the part of a gap in words."""
    before, colon, after = part.partition(": ")
    if colon:
        return f"{part_name(before)}: {_characteristic(after)}"
    return PARTS.get(part, part.replace("_", " ").capitalize())


def _characteristic(name: str) -> str:
    known = {"fsm": "FSM", "sen": "SEN", "eal": "EAL", "la": "local authority"}
    return known.get(name, name.replace("_", " "))


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
    over = ", ".join(_characteristic(name) for name in str(whole["over"]).split(", "))
    top = [one for one in data if one["sort"] == "a part of it"]
    said = "; ".join(f"{one['part'].lower()} {one['said']}" for one in top)
    title = f"{facts.short}, {group}: a gap of {data[0]['said']} and its parts"
    when = _when(seen, whole)
    lines = (
        f", with {_level(rows)} intervals" if any(one["lower"] is not None for one in data) else ""
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
    alike = " and ".join(
        _characteristic(name) for name in str(shown[0]["adjusted_for"]).split(", ")
    )
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
    when = _when(seen, shown[0])
    left = [
        f"{row['group_label']} ({row['finding']})"
        for row in rows
        if row.get("adjusted_difference") is None
    ]
    return Picture(
        "adjusted",
        title,
        f"Gap to {against}{f', {unit}' if unit else ''}{when}, with {_level(rows)} intervals",
        f"Dot chart of {len(shown)} ethnic groups, each with two gaps{when}. {title}. "
        f"{f'Widest: {ends}. ' if ends else ''}The figures are in the table that follows.",
        {"rows": data},
        {"order": [row["group_label"] for row in shown], "axis": unit or "gap"},
        list(dict.fromkeys(left)),
    )


def _level(rows: list[dict[str, Any]]) -> str:
    level = next((row["level"] for row in rows if row.get("level")), 0.95)
    return f"{numbers.plain(100 * level, 1).removesuffix('.0')}%"


MAKERS: dict[str, Callable[[View, str, dict[str, Any]], Picture | None]] = {
    "dots": dots,
    "trend": trend,
    "coverage": coverage,
    "funnel": funnel,
    "decomposition": decomposition,
    "adjusted": adjusted,
}
#: Which result a chart is made of, and how to come by it.
MADE_OF = {
    "funnel": ("funnel", "tallies.funnel(…)"),
    "decomposition": ("decomposition", "tallies.decompose(…)"),
    "adjusted": ("adjusted", "tallies.adjusted(…)"),
}


def chart(
    released: Any,
    kind: str | None = None,
    *,
    measure: str | None = None,
    target: Targets = None,
    **where: object,
) -> Picture:
    """Return a chart of a released result.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    kind : {"dots", "trend", "coverage", "funnel", "decomposition", "adjusted"}, optional
        Gaps of all groups, their course over years, how many pupils' groups are known; schools
        within limits, the parts of one gap, gaps as they are and among pupils alike. What suits
        the table by default.
    measure : str, optional
        Which measure; the first by default.
    target : float or dict, optional
        For ``"trend"``: the size of the gap aimed at, one for all or by group. Without it, the
        targets of a table of `gaps.progress` that was released with the gaps.
    **where
        Values of dimensions or a group, such as ``year="2023/24"`` or ``group="BCRB"``; the
        latest year and the first group by default.

    Returns
    -------
    Picture
        Shown by notebooks; ``.altair()``, ``.svg()``, ``.png()``, ``.save(path)``, ``.alt``.
    """
    all_seen = views(released)
    usual = all_seen[0].kind if all_seen[0].kind in MADE_OF else "dots"
    asked = kind or usual
    if asked not in MAKERS:
        raise ValueError(f"`kind` is one of {', '.join(MAKERS)}, not `{asked}`")
    of, call = MADE_OF.get(asked, ("gaps", "tallies.gaps(…)"))
    seen = next((one for one in all_seen if one.kind == of), None)
    if seen is None:
        raise ValueError(f"a chart of `{asked}` needs the table of `{call}` among what is released")
    ids = seen.ids()
    one = measure or (ids[0] if ids else "")
    if one not in seen.measures:
        raise ValueError(f"`measure` is one of {', '.join(ids)}, not `{one}`")
    if target is not None and asked != "trend":
        raise ValueError(f"`target` belongs to a chart of `trend`, not of `{asked}`")
    if asked == "trend":
        picture = trend(seen, one, where, targets_of(all_seen, one) if target is None else target)
    else:
        picture = MAKERS[asked](seen, one, usual_place(seen, asked, one, where))
    if picture is None:
        raise ValueError(f"nothing is left to draw of `{one}`: all of it is withheld or missing")
    return picture


def usual_place(seen: View, asked: str, measure: str, where: dict[str, Any]) -> dict[str, Any]:
    """Return the place to draw: what was asked for, and the latest year and first of the rest."""
    if asked == "coverage":
        return where
    place = dict(where)
    if seen.year and seen.year not in place and seen.years:
        place[seen.year] = seen.years[-1]
    names = [name for name in seen.others if asked != "funnel" or name != _school(seen)]
    names += ["group"] if asked in ("funnel", "decomposition") else []
    for name in names:
        first = next(iter(seen.of(measure, **place)), None)
        if first is not None:
            place.setdefault(name, first[name])
    return place


def targets_of(all_seen: list[View], measure: str) -> Targets:
    """Return the targets of a measure by group, from a table of progress, where there is one."""
    found: dict[str, float] = {}
    for one in all_seen:
        for row in one.of(measure) if one.kind == "progress" else []:
            if row.get("target") is not None:
                found[str(row["group"])] = row["target"]
    return found or None


def label(facts: Facts) -> str:
    """Return the name of a measure with its unit."""
    return f"{facts.label}, {facts.unit}" if facts.unit else facts.label
