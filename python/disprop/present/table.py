"""Tables in HTML, of any released result, without any other package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from disprop.present import numbers
from disprop.present.names import FINDINGS, KICKER, NOT_JUDGED, heading, part_name
from disprop.present.page import text
from disprop.present.view import Facts, View, period, view, views

_NEVER = {
    "measure",
    "group",
    "method",
    "level",
    "unit",
    "counted",
    "unclassified",
    "reason",
    "odds_ratio",
    "share_ratio",
    "baseline",
    "coverage",
}


@dataclass(frozen=True)
class Shown:
    """One column in print."""

    heading: str
    column: str
    number: bool = False
    #: Decimal places; the measure's where not given.
    decimals: int | None = None
    sign: bool = False
    #: Whether the unit stands behind every number.
    unit: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell in print."""

    text: str
    tone: str = ""
    #: A place on the same page that it leads to.
    link: str = ""


@dataclass(frozen=True)
class Column:
    """A heading, and whether numbers stand under it."""

    heading: str
    number: bool = False


@dataclass(frozen=True)
class Grid:
    """A table in print: what HTML and Word files are made of alike."""

    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    #: The column that names a row.
    label: int = 0
    #: What each symbol in it means, and other notes under it.
    notes: tuple[str, ...] = ()


#: Columns of tables that say one thing in many.
_KNOWN: dict[str, list[Shown]] = {
    "funnel": [
        Shown("Number", "group_n", number=True, decimals=0),
        Shown("Others", "baseline_n", number=True, decimals=0),
        Shown("Figure", "value", number=True, sign=True),
        Shown("All schools", "target", number=True, sign=True),
        Shown("95% from", "limit_95_lower", number=True, sign=True),
        Shown("95% to", "limit_95_upper", number=True, sign=True),
        Shown("99.8% from", "limit_998_lower", number=True, sign=True),
        Shown("99.8% to", "limit_998_upper", number=True, sign=True),
        Shown("Against the 95% limits", "position_95"),
    ],
    "decomposition": [
        Shown("Over", "over"),
        Shown("Part", "part"),
        Shown("Size (interval)", "value", number=True, sign=True),
        Shown("Share of the gap", "share", number=True, decimals=2),
        Shown("Method", "method"),
    ],
    "adjusted": [
        Shown("Number", "group_n", number=True, decimals=0),
        Shown("Adjusted for", "adjusted_for"),
        Shown("Gap (interval)", "raw_difference", number=True, sign=True),
        Shown("Adjusted gap (interval)", "adjusted_difference", number=True, sign=True),
        Shown("Remaining share", "remaining", number=True, decimals=2),
        Shown("Finding", "finding"),
        Shown("Method", "method"),
    ],
}
_SAME = ("over", "adjusted_for", "method")
_WITH_INTERVAL = ("difference", "ratio", "change", "value", "raw_difference", "adjusted_difference")


def columns(seen: View, facts: Facts | None, skip: frozenset[str] = frozenset()) -> list[Shown]:
    """Choose the columns that a reader needs, in their order."""
    places = [Shown(heading(name), name) for name in seen.dimensions if name not in skip]
    group = [Shown("Ethnic group", "group_label")] if "group_label" in seen.columns else []
    if seen.kind == "gaps":
        # Of units only the sign of per cent is short enough to stand behind every number.
        unit = "%" if facts and facts.unit == "%" else ""
        against = {row["baseline"] for row in seen.rows if row.get("baseline")}
        other = "All others' figure" if against <= {"all other groups"} else "Compared with"
        more = f"More or fewer {facts.counted}" if facts else "More or fewer"
        return [
            *places,
            *group,
            Shown("Number", "group_n", number=True, decimals=0),
            Shown("Gap (interval)", "difference", number=True, sign=True),
            Shown("Finding", "finding"),
            Shown("Group's figure", "group_value", number=True, unit=unit),
            Shown(other, "baseline_value", number=True, unit=unit),
            Shown("Ratio (interval)", "ratio", number=True, decimals=2),
            Shown(more, "excess", number=True, decimals=0, sign=True),
        ]
    if seen.kind == "changes":
        return [
            *places,
            *group,
            Shown("From", "from"),
            Shown("To", "to"),
            Shown("Earlier gap", "earlier_gap", number=True, sign=True),
            Shown("Later gap", "later_gap", number=True, sign=True),
            Shown("Change (interval)", "change", number=True, sign=True),
            Shown("Finding", "finding"),
            Shown("Group's figure", "group_moved"),
            Shown("All others' figure", "baseline_moved"),
        ]
    if seen.kind in _KNOWN:
        taken = {one.column for one in (*places, *group)} | skip
        known = [one for one in _KNOWN[seen.kind] if one.column in seen.columns]
        return [*places, *group, *(one for one in known if one.column not in taken)]
    made = [*places, *group]
    taken = {one.column for one in made} | _NEVER | {"group_label", *skip}
    rest = [name for name in seen.columns if name not in taken and not _is_end(name, seen.columns)]
    for name in rest:
        values = [row[name] for row in seen.rows if row[name] is not None]
        number = bool(values) and all(isinstance(value, int | float) for value in values)
        whole = number and all(isinstance(value, int) for value in values)
        made.append(Shown(heading(name), name, number=number, decimals=0 if whole else None))
    return made


def _is_end(name: str, among: list[str]) -> bool:
    stem = name.removesuffix("_lower").removesuffix("_upper")
    return stem != name and stem in among


def cell(row: dict[str, Any], shown: Shown, facts: Facts | None) -> str:
    """Print one cell; ``[c]``, ``[x]`` or ``[z]`` where a number is not there."""
    value = row.get(shown.column)
    if not shown.number:
        if value is None and shown.column.startswith("position_"):
            return "withheld" if numbers.symbol(row) == "c" else "too few to judge"
        if value is None:
            return "not recorded" if shown.column not in ("finding", "series_note") else ""
        if shown.column == "part":
            return part_name(str(value))
        said = (
            FINDINGS.get(str(value), period(value)) if shown.column == "finding" else period(value)
        )
        if said == "not calculable" and row.get("difference") is not None:
            said = NOT_JUDGED
        if shown.column == "finding" and row.get("series_note"):
            return f"{said} [b]"
        return said
    decimals = shown.decimals
    if decimals is None:
        decimals = facts.decimals if facts else 2
    if value is None:
        low, high = row.get(f"{shown.column}_min"), row.get(f"{shown.column}_max")
        if low is not None and high is not None:
            ends = (numbers.plain(end, decimals, shown.sign) for end in (low, high))
            return " to ".join(ends)
        return f"[{numbers.symbol(row, shown.column)}]"
    printed = numbers.with_unit(numbers.plain(value, decimals, shown.sign), shown.unit)
    low, high = row.get(f"{shown.column}_lower"), row.get(f"{shown.column}_upper")
    if shown.column in _WITH_INTERVAL and None not in (low, high):
        ends = (numbers.plain(end, decimals, shown.sign) for end in (low, high))
        printed += f" ({' to '.join(ends)})"
    return printed


def grid(
    caption: str, rows: list[dict[str, Any]], chosen: list[Shown], facts: Facts | None
) -> Grid:
    """Print rows: a cell for each column chosen, and what the symbols in them mean."""
    names = [one.column for one in chosen]
    return Grid(
        caption,
        [Column(one.heading, one.number) for one in chosen],
        [
            [
                Cell(cell(row, one, facts), _tone(row) if one.column == "finding" else "")
                for one in chosen
            ]
            for row in rows
        ],
        names.index("group_label") if "group_label" in names else 0,
        tuple(_legend(rows, chosen, facts)),
    )


def markup(made: Grid) -> str:
    """Return one table: a caption, scopes, numbers to the right, and its notes under it."""
    head = "".join(
        f'<th scope="col"{_number(one)}>{text(one.heading)}</th>' for one in made.columns
    )
    body: list[str] = []
    for row in made.rows:
        cells = []
        for place, (one, column) in enumerate(zip(row, made.columns, strict=True)):
            said = text(one.text)
            if one.link:
                said = f'<a href="#{text(one.link)}">{said}</a>'
            if place == made.label:
                cells.append(f'<th scope="row">{said}</th>')
            elif one.tone:
                cells.append(f'<td class="{one.tone}">{said}</td>')
            else:
                cells.append(f"<td{_number(column)}>{said}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    notes = "".join(f'<p class="legend">{text(line)}</p>' for line in made.notes)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{text(made.caption)}">'
        f"<table><caption><span>{text(made.caption)}</span></caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>{notes}"
    )


def _number(one: Column) -> str:
    return ' class="number"' if one.number else ""


def _tone(row: dict[str, Any]) -> str:
    tones = {"worse": "less", "better": "more", "withheld": "hidden"}
    return tones.get(str(row.get("finding")), "finding")


def _legend(rows: list[dict[str, Any]], chosen: list[Shown], facts: Facts | None) -> list[str]:
    """Return what each symbol in a table means, for those that are in it."""
    shown = {cell(row, one, facts) for row in rows for one in chosen if one.number}
    said = [f"[{mark}] {meaning}" for mark, meaning in numbers.SYMBOLS.items()]
    said = [line for line in said if line.partition(" ")[0] in shown]
    if any(cell(row, one, facts).startswith(NOT_JUDGED) for row in rows for one in chosen):
        said.append(f"{NOT_JUDGED}: the data do not say how sure the gap is")
    if any(row.get("series_note") for row in rows):
        notes = dict.fromkeys(str(row["series_note"]) for row in rows if row.get("series_note"))
        said.append(f"[b] note on the series: {'; '.join(notes)}")
    return said


def grids(seen: View, skip: frozenset[str] = frozenset()) -> list[Grid]:
    """Return all tables of a released result, one a measure."""
    made: list[Grid] = []
    for one in seen.ids() or [""]:
        facts = seen.measures.get(one)
        rows = seen.of(one) if one else seen.rows
        chosen = [
            one
            for one in columns(seen, facts, skip)
            # What is the same in every row stands in the title and under "Method and sources".
            if one.column not in _SAME or len({row[one.column] for row in rows}) > 1
        ]
        label = facts.label if facts else seen.title
        unit = f", {facts.difference_unit}" if facts and facts.difference_unit else ""
        by = [heading(name).lower() for name in seen.dimensions if name not in skip]
        places = f" by {' and '.join(by)}" if by else ""
        caption = f"{label}: {seen.kind.replace('_', ' ')}{places}{unit}"
        made.append(grid(caption, rows, chosen, facts))
    return made


class Table:
    """HTML tables: ``str(table)`` is the markup, a notebook shows it."""

    def __init__(self, title: str, body: str) -> None:
        self._title, self._body = title, body

    def __str__(self) -> str:
        """Return markup that brings the rules for its looks along."""
        from disprop.present.page import style

        looks = _scoped(style())
        return f'<div class="disprop-out"><style>{looks}</style>{self._body}</div>'

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<disprop HTML table, {len(str(self)):,} characters; str() gives them>"

    def _repr_html_(self) -> str:
        return str(self)

    def save(self, path: str) -> None:
        """Write a whole page that holds the table.

        Parameters
        ----------
        path : str
            File to write.
        """
        from disprop.present.page import page

        head = f"<header><h1>{text(self._title)}</h1></header>"
        with open(path, "w", encoding="utf-8") as file:
            file.write(page(self._title, f'{head}<main id="main">{self._body}</main>'))


def table(released: Any, style: str = "html") -> Any:
    """Return a released result as a table for a page or a notebook.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    style : {"html", "great_tables"}, default "html"
        Plain accessible HTML, or a ``great_tables.GT`` of the same cells to go on with.

    Returns
    -------
    Table or great_tables.GT
        With a caption, scopes, symbols explained and the note.
    """
    if style == "great_tables":
        return _great(view(released))
    if style != "html":
        raise ValueError(f"`style` is `html` or `great_tables`, not `{style}`")
    parts: list[str] = []
    all_seen = views(released)
    for seen in all_seen:
        parts.extend(markup(one) for one in grids(seen))
        parts.append(f"<p>{text(seen.note)}</p>")
        parts.append(f"<p>Disclosure control: {text(seen.policy.get('description', ''))}</p>")
    title = all_seen[0].title if len(all_seen) == 1 else KICKER
    return Table(title, "".join(parts))


def _scoped(sheet: str) -> str:
    """Keep the rules for tables, inside a notebook's own page.

    The class stands twice, so that they outweigh the rules that a notebook has for every table.
    """
    start, end = sheet.index("/* tables */"), sheet.index("/* end of tables */")
    scoped = []
    for line in sheet[start:end].splitlines():
        selectors, brace, rest = line.partition("{")
        if brace:
            inside = ",".join(f".disprop-out.disprop-out {one}" for one in selectors.split(","))
            scoped.append(inside + brace + rest)
    return "".join(scoped)


def _great(seen: View) -> Any:
    import polars
    from great_tables import GT

    facts = seen.measures.get(seen.ids()[0]) if len(seen.ids()) == 1 else None
    chosen = columns(seen, facts)
    several = [Shown("Measure", "measure")] if facts is None and seen.ids() else []
    cells: dict[str, list[str]] = {}
    for one in [*several, *chosen]:
        of = [seen.measures.get(row.get("measure", "")) for row in seen.rows]
        cells[one.heading] = [cell(row, one, f) for row, f in zip(seen.rows, of, strict=True)]
    made = GT(polars.DataFrame(cells)).tab_header(title=seen.title).tab_source_note(seen.note)
    return made.cols_align("right", [one.heading for one in chosen if one.number])
