"""What the makers of tables, charts and files read of a released table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from disprop.present import numbers

#: Control characters, and marks that turn the direction of text round and could make a name read
#: as another.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BLANK = re.compile(r"[\t\r\n]")


def clean(value: object) -> str:
    """Return text of the data without control characters and marks that turn its direction."""
    text = str(value)
    if _UNSEEN.search(text):
        text = _UNSEEN.sub("", _BLANK.sub(" ", text))
    return " ".join(text.split())


@dataclass(frozen=True)
class Facts:
    """What print needs of a measure."""

    id: str
    label: str
    unit: str
    decimals: int
    polarity: str
    source: str
    phase: str
    #: What an excess is a number of: pupils, sessions, suspensions.
    counted: str = "pupils"

    @property
    def difference_unit(self) -> str:
        """Unit of a difference of two values."""
        return "percentage points" if self.unit == "%" else self.unit

    @property
    def short(self) -> str:
        """Label without what stands in brackets."""
        return self.label.partition(" (")[0]

    @property
    def better(self) -> str:
        """Which direction is favourable, in words."""
        return {
            "higher_is_better": "Higher is more favourable.",
            "lower_is_better": "Lower is more favourable.",
        }.get(self.polarity, "Neither direction is favourable by itself.")


def facts(measure: Any) -> Facts:
    """Read a ``Measure``."""
    told = measure.to_dict()
    return Facts(
        id=measure.id,
        label=clean(measure.label).replace(" %", "%"),
        unit=measure.unit,
        decimals=measure.decimals,
        polarity=measure.polarity,
        # Places in the project's own notes on the domain are no use to a reader.
        source=re.sub(r"; DOMAIN [\d.]+$", "", clean(measure.source)),
        phase=measure.phase,
        counted=_counted(told["quantity"], measure),
    )


def _counted(quantity: dict[str, dict[str, Any]], measure: Any) -> str:
    """Say what the excess of a measure is a number of."""
    ((kind, of),) = quantity.items()
    if measure.unit == "points":
        return "points"
    if kind == "share":
        return "sessions" if str(of["denominator"]).startswith("sessions") else "in all"
    if kind == "count":
        named = {"suspension_sessions": "sessions", "permanent_exclusions": "exclusions"}
        return named.get(of["column"], clean(of["column"]).replace("_", " "))
    if kind == "score":
        return "in all"
    return "staff" if measure.phase == "workforce" else "pupils"


@dataclass
class View:
    """A released table as rows, with the measures it speaks of."""

    name: str
    kind: str
    title: str
    note: str
    rows: list[dict[str, Any]]
    columns: list[str]
    dimensions: list[str]
    measures: dict[str, Facts]
    policy: dict[str, Any]
    log: list[dict[str, Any]]
    summaries: list[dict[str, Any]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    @property
    def year(self) -> str | None:
        """The dimension of years."""
        named = [name for name in self.dimensions if "year" in name or "period" in name]
        return next((name for name in named if "group" not in name), None)

    @property
    def years(self) -> list[str]:
        """Years, earliest first."""
        if self.year is None:
            return []
        return sorted({row[self.year] for row in self.rows if row[self.year] is not None})

    @property
    def others(self) -> list[str]:
        """Dimensions other than the year."""
        return [name for name in self.dimensions if name != self.year]

    @property
    def school_column(self) -> str:
        """The column of schools in a table with a row a school: it follows the group."""
        return self.columns[self.columns.index("group_label") + 1]

    def places(self, measure: str) -> list[dict[str, Any]]:
        """Return combinations of the dimensions other than the year, in the order of the rows."""
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in self.of(measure):
            where = {name: row[name] for name in self.others}
            found.setdefault(tuple(where.values()), where)
        return list(found.values())

    def latest(self, measure: str) -> dict[str, Any]:
        """Return the latest year of a measure, as a place; empty where there are no years."""
        if self.year is None:
            return {}
        years = [row[self.year] for row in self.of(measure) if row[self.year] is not None]
        return {self.year: max(years)} if years else {}

    def when(self, row: dict[str, Any]) -> str:
        """Return the dimensions of a row for a subtitle, but for its school: ``, 2023/24``."""
        named = [period(row[name]) for name in self.dimensions if name != "school"]
        return f", {', '.join(named)}" if named else ""

    def of(self, measure: str, **where: object) -> list[dict[str, Any]]:
        """Rows of a measure where dimensions have these values."""
        return [
            row
            for row in self.rows
            if row.get("measure") == measure and all(row.get(k) == v for k, v in where.items())
        ]

    def ids(self) -> list[str]:
        """Measures that have rows, in the order of the rows."""
        return list(dict.fromkeys(row["measure"] for row in self.rows if row.get("measure")))

    def summary(self, measure: str, **where: object) -> dict[str, Any]:
        """Title and text of what all groups come to; empty where there is none."""
        for one in self.summaries:
            if one["measure"] == measure and all(one.get(k) == v for k, v in where.items()):
                return one
        return {"title": "", "text": ""}


def gone(row: dict[str, Any]) -> bool:
    """Return whether a row is withheld."""
    return "withheld" in str(row.get("finding") or row.get("reason") or "")


def withheld(seen: View) -> int:
    """Return how many rows disclosure control withheld, and not those who published the counts."""
    if seen.policy.get("threshold"):
        return sum(gone(row) for row in seen.rows)
    return 0


def level_of(rows: list[dict[str, Any]]) -> str:
    """Return the level of the intervals in print: ``95%``."""
    level = next((row["level"] for row in rows if row.get("level")), 0.95)
    return f"{numbers.plain(100 * level, 1).removesuffix('.0')}%"


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return gaps from highest to lowest, as in the chart; those without one last."""
    there = [row for row in rows if row.get("difference") is not None]
    there.sort(key=lambda row: (-row["difference"], row["group_label"]))
    return there + [row for row in rows if row.get("difference") is None]


def period(value: object) -> str:
    """``2016/17`` for ``201617``; anything else as it is."""
    text = clean(value)
    if len(text) == 6 and text.isdigit() and int(text[4:]) == (int(text[:4]) + 1) % 100:
        return f"{text[:4]}/{text[4:]}"
    return text


def records(table: Any) -> list[dict[str, Any]]:
    """Return the rows of anything with ``to_dict``."""
    columns = table.to_dict()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def view(released: Any, name: str = "") -> View:
    """Read a released table.

    Parameters
    ----------
    released : Released
        What a policy was applied to.
    name : str, optional
        Its name among what is published together.

    Raises
    ------
    TypeError
        For results that no policy was applied to: ``.release(policy)`` comes first.
    """
    import disprop as dp

    if not hasattr(released, "policy") or not hasattr(released, "log"):
        raise TypeError(
            f"`{type(released).__name__}` is not released; apply a policy first: "
            "`out = gaps.release(dp.Policy.preset('lt5'))`"
        )
    measures = list(released.measures)
    policy = {**released.policy, "description": clean(released.policy.get("description", ""))}
    rows = records(released)
    columns = list(rows[0]) if rows else list(released.to_dict())
    for row in rows:
        for key, value in row.items():
            if isinstance(value, str):
                row[key] = clean(value)
    return View(
        name=clean(name or getattr(released, "name", "") or released.kind),
        kind=released.kind,
        title=clean(released.title),
        # The policy is told in a place of its own.
        note=clean(clean(released.note).replace(policy["description"], "")).replace(" %", "%"),
        rows=rows,
        columns=columns,
        dimensions=[one for one in released.dimensions if one in columns],
        measures={measure.id: facts(measure) for measure in measures},
        policy=policy,
        log=records(released.log),
        summaries=[
            {key: clean(value) if value is not None else None for key, value in row.items()}
            for row in records(dp.summaries(released, measures))
        ]
        if rows
        else [],
        sentences=[clean(said) for said in dp.sentences(released, measures)],
    )


def views(released: Any) -> list[View]:
    """Read a released table, or all that is published together.

    Raises
    ------
    ValueError
        For a table with a row a school, where gaps by school are not released with it: its small
        schools were then not judged by disclosure control.
    """
    if hasattr(released, "items"):
        seen = [view(one, name) for name, one in released.items()]
    else:
        seen = [view(released)]
    for one in seen:
        _judged(one)
    return seen


def titled(measure: str, name: str, alone: bool = False) -> str:
    """Return the name of one measure of a table, without saying the same twice.

    Parameters
    ----------
    measure : str
        What the measure is called.
    name : str
        What the table is called among those published together; often after its only measure.
    alone : bool, default False
        Whether no other table has the measure.
    """
    said, table = (re.sub(r"\W|_", "", one.lower()) for one in (measure, name))
    if alone or said == table:
        return measure
    return name if said in table else f"{measure} {name}"


#: Tables with a row a school.
BY_SCHOOL = ("funnel", "school_gaps", "contributions")


def _judged(seen: View) -> None:
    """Refuse rows that are finer than the gaps they were judged by."""
    if seen.kind not in BY_SCHOOL or not seen.policy.get("threshold"):
        return
    shown = [row for row in seen.rows if "withheld" not in str(row.get("reason"))]
    keys = [
        (row.get("measure"), row.get("group"), *(row[name] for name in seen.dimensions))
        for row in shown
    ]
    if len(set(keys)) < len(keys):
        by = ", ".join(f'"{name}"' for name in (*seen.dimensions, "school"))
        raise ValueError(
            f"`{seen.name}` has a row a school, but no gaps by school were released with it, so "
            f"its small schools were not judged; release `tallies.gaps(by=[{by}])` with it"
        )
