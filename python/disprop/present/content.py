"""What a report says, in order: from released tables to a document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from disprop.present import chart, closing, prose, table
from disprop.present.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Heading,
    Paragraph,
    Section,
)
from disprop.present.names import characteristic, heading
from disprop.present.table import Cell, Column, Grid, Shown
from disprop.present.view import (
    Facts,
    View,
    gone,
    level_of,
    ordered,
    period,
    titled,
    views,
    withheld,
)

#: Places of one measure that get charts of their own; tables have every place.
MOST_CHARTS = 4
#: Measures whose summaries stand in full at the top; of more, a table alone does.
MOST_SAID = 5
#: Findings as the columns of the first table have them.
COLUMNS = {
    "Less favourable": ("worse",),
    "No clear difference": ("no clear difference",),
    "More favourable": ("better",),
    "Higher or lower": ("higher", "lower"),
    "Cannot be told": ("too few to tell", "not calculable"),
    "Withheld": ("withheld",),
}


def content(
    released: Any, *, title: str | None = None, area: str | None = None, about: str | None = None
) -> Document:
    """Return all of a report on what was released."""
    seen = views(released)
    main = [one for one in seen if one.kind == "gaps" and "school" not in one.dimensions]
    changes = [one for one in seen if one.kind == "changes"]
    rest = [one for one in seen if one not in main and one not in changes]
    rest = [one for one in rest if "school" not in one.dimensions or one.kind == "funnel"]
    figures = _Figures()
    sections: list[Section] = []
    for one in main:
        for measure in one.ids():
            alone = sum(measure in other.ids() for other in main) == 1
            name = titled(one.measures[measure].short, one.name, alone)
            targets = chart.targets_of(seen, measure)
            blocks = _measure(one, measure, changes, targets, figures)
            sections.append(Section(f"m{len(sections) + 1}", name, blocks, fresh=True))
    lines = list(sections)
    for one in rest:
        name = _called(one)
        sections.append(Section(f"m{len(sections) + 1}", name, _other(one, figures), fresh=True))
    sections += closing.closing(seen, figures.figure)
    brief = Section("brief", "In brief", _brief(main, [one.key for one in lines]))
    return Document(
        title or _title(seen, area),
        _lead(seen, area, about),
        _stamp(seen),
        brief,
        sections,
        [one for one in sections if one not in lines],
    )


def _called(seen: View) -> str:
    """Name a table of another kind, its dimensions in words."""
    name = seen.title.partition(":")[0] or seen.name
    for column in ("over", "adjusted_for"):
        for over in {str(row[column]) for row in seen.rows if row.get(column)}:
            said = " and ".join(characteristic(one) for one in over.split(", "))
            name = name.replace(over, said)
    return name


class _Figures:
    """Figures of one document: the first of a kind is told in full how to read it."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def figure(self, picture: chart.Picture | None, seen: View) -> list[Block]:
        if picture is None:
            return [Paragraph("There is nothing to draw: every figure is withheld or missing.")]
        first = picture.kind not in self.told
        self.told.add(picture.kind)
        marks = picture.fill["directions"] if picture.kind == "dots" else None
        how = prose.how_to_read(picture.kind, level_of(seen.rows), marks)
        return [Figure(picture, how, first)]


def _title(seen: list[View], area: str | None) -> str:
    years = sorted({year for one in seen for year in one.years})
    when = ""
    if years:
        first, last = period(years[0]), period(years[-1])
        when = f", {last}" if first == last else f", {first} to {last}"
    return f"How far ethnic groups stand apart: {area or 'all pupils in the data'}{when}"


def _lead(seen: list[View], area: str | None, about: str | None) -> str:
    against = next(
        (row["baseline"] for one in seen for row in one.rows if row.get("baseline")),
        "all other groups",
    )
    where = f" in {area}" if area else ""
    said = (
        f"Each ethnic group{where} is compared with pupils in all other groups together: not with "
        "the average, and not with one group chosen as the norm."
        if against == "all other groups"
        else f"Each ethnic group{where} is compared with {against}."
    )
    return f"{said} {about}" if about else said


def _stamp(seen: list[View]) -> list[Paragraph]:
    policy = seen[0].policy if seen else {}
    hidden = sum(withheld(one) for one in seen)
    total = sum(len(one.rows) for one in seen)
    verb = "is" if hidden == 1 else "are"
    # A policy of none withholds nothing; what is gone all the same was gone where it was published.
    before = sum(gone(row) for one in seen for row in one.rows) - hidden
    told = f"{before:,} rest on counts withheld before they came here. " if before else ""
    result = f"{hidden:,} of {total:,} results {verb} withheld and marked [c]."
    return [
        Paragraph(
            str(policy.get("description") or policy.get("name", "not stated")),
            "Disclosure control:",
        ),
        Paragraph(
            f"{result if hidden else 'No result is withheld here.'} {told}"
            f"Policy {policy.get('name', '')}, {policy.get('hash', '')}."
        ),
    ]


def _brief(main: list[View], keys: list[str]) -> list[Block]:
    """Return what each measure comes to: sentences where they are few, always a table."""
    said: list[Paragraph] = []
    lines: list[tuple[str, str, list[dict[str, Any]]]] = []
    for one in main:
        for measure in one.ids():
            latest = one.latest(measure)
            where = one.places(measure)[0]
            rows = one.of(measure, **where, **latest)
            inside = ", ".join(period(v) for v in (*latest.values(), *where.values()) if v)
            alone = sum(measure in other.ids() for other in main) == 1
            lines.append((titled(one.measures[measure].short, one.name, alone), inside, rows))
            summary = one.summary(measure, **where, **latest)
            said.append(Paragraph(summary["text"], f"{summary['title']}."))
    if not lines:
        return [Paragraph("No gap can be shown: every figure is withheld or missing.")]
    shown = [
        name
        for name, findings in COLUMNS.items()
        if any(row["finding"] in findings for _, _, rows in lines for row in rows)
    ]
    insides = {inside for _, inside, _ in lines}
    # A column of one value goes into the caption: the table has to fit a telephone.
    several = len(insides) > 1
    of = "" if several else "".join(f", {inside}" for inside in insides if inside)
    rows_made = [
        [
            Cell(name, link=key),
            *([Cell(inside)] if several else []),
            Cell(_widest(rows)),
            *(
                Cell(str(sum(row["finding"] in COLUMNS[column] for row in rows)))
                for column in shown
            ),
        ]
        for key, (name, inside, rows) in zip(keys, lines, strict=True)
    ]
    glance = Grid(
        f"Number of ethnic groups by what their gap to all other groups comes to{of}",
        [
            Column("Measure"),
            *([Column("Period")] if several else []),
            Column("Widest clear unfavourable gap"),
            *(Column(name, number=True) for name in shown),
        ],
        rows_made,
    )
    if len(said) > MOST_SAID:
        return [glance]
    return [Bullets(tuple(said)), glance]


def _widest(rows: list[dict[str, Any]]) -> str:
    clear = [row for row in rows if row["finding"] == "worse" and row["difference"] is not None]
    if not clear:
        return "none"
    return str(max(clear, key=lambda row: abs(row["difference"]))["group_label"])


def _inside(where: dict[str, Any]) -> str:
    return ", ".join(
        f"{heading(name)}: {'not recorded' if value is None else period(value)}"
        for name, value in where.items()
    )


def _measure(
    seen: View,
    measure: str,
    changes: list[View],
    targets: chart.Targets,
    figures: _Figures,
) -> list[Block]:
    """Return one measure: for each place its gaps, and their course over the years."""
    facts = seen.measures[measure]
    places = seen.places(measure)
    latest = seen.latest(measure)
    blocks: list[Block] = [Paragraph(_about(facts))]
    for number, where in enumerate(places):
        inside = _inside(where)
        drawn = number < MOST_CHARTS
        if inside:
            blocks.append(Heading(inside))
        if drawn:
            summary = seen.summary(measure, **where, **latest)
            blocks.append(Paragraph(summary["text"]))
            picture = chart.dots(seen, measure, {**where, **latest})
            blocks += figures.figure(picture, seen)
        blocks.append(_by_group(seen, facts, where, latest, inside))
        years = {row[seen.year] for row in seen.of(measure, **where)} if seen.year else set()
        if len(years) > 1:
            if drawn:
                blocks += _said_over_years(measure, where, changes)
                blocks += figures.figure(chart.trend(seen, measure, where, targets), seen)
            blocks.append(_by_year(seen, facts, where, inside))
    if len(places) > MOST_CHARTS:
        blocks.append(
            Paragraph(
                f"Charts are drawn for the first {MOST_CHARTS} of {len(places)} places; the tables "
                "have all of them."
            )
        )
    return blocks


def _about(facts: Facts) -> str:
    unit = {"%": "Figures are per cent.", "points": "Figures are points."}.get(
        facts.unit, f"Figures are {facts.unit} pupils." if facts.unit else ""
    )
    # A label that explains itself in brackets is told in full; another is the heading already.
    label = f"{facts.label}." if facts.label != facts.short else ""
    return " ".join(one for one in (label, facts.better, unit) if one)


def _by_group(
    seen: View, facts: Facts, where: dict[str, Any], latest: dict[str, Any], inside: str
) -> Grid:
    """Return a table of every group's gap in one place and year."""
    rows = ordered(seen.of(facts.id, **where, **latest))
    when = "".join(f", {period(year)}" for year in latest.values())
    unit = f", {facts.difference_unit}" if facts.difference_unit else ""
    caption = f"{facts.short}{when}{f' ({inside})' if inside else ''}: each group's gap{unit}"
    chosen = table.columns(seen, facts, frozenset(seen.dimensions))
    return table.grid(caption, rows, chosen, facts)


def _by_year(seen: View, facts: Facts, where: dict[str, Any], inside: str) -> Grid:
    """Return a table of the gaps of every group by year."""
    year = str(seen.year)
    rows = [row for row in seen.of(facts.id, **where) if row[year] is not None]
    years = sorted({row[year] for row in rows})
    one = Shown("Gap (interval)", "difference", number=True, sign=True)
    by_group: dict[str, dict[str, str]] = {}
    for row in rows:
        by_group.setdefault(row["group_label"], {})[row[year]] = table.cell(row, one, facts)
    unit = f", {facts.difference_unit}" if facts.difference_unit else ""
    return Grid(
        f"{facts.short}{f' ({inside})' if inside else ''}: gap and interval by year{unit}",
        [Column("Ethnic group"), *(Column(period(one), number=True) for one in years)],
        [
            [Cell(group), *(Cell(of.get(one, "[x]")) for one in years)]
            for group, of in by_group.items()
        ],
        notes=table.grid("", rows, [one], facts).notes,
    )


def _said_over_years(measure: str, where: dict[str, Any], changes: list[View]) -> list[Block]:
    """Return what the gaps of one place did from the first year to the last."""
    for one in changes:
        ends = [s for s in one.summaries if s["measure"] == measure]
        ends = [s for s in ends if all(s.get(k) == v for k, v in where.items() if k in s)]
        if ends:
            widest = max(ends, key=lambda s: (str(s["to"]), -_first(str(s["from"]))))
            return [Paragraph(widest["text"])]
    return []


def _first(year: str) -> int:
    digits = "".join(char for char in year if char.isdigit())[:4]
    return int(digits or "0")


def _other(seen: View, figures: _Figures) -> list[Block]:
    """Return a table of another kind, with its charts where there is one of its own."""
    # A title in two parts is told in full; another is the heading already.
    blocks: list[Block] = [Paragraph(f"{seen.title}.")] if ":" in seen.title else []
    tabled, skip = seen, frozenset[str]()
    if seen.kind in chart.MADE_OF:
        blocks += _drawn(seen, figures)
        if len(seen.years) > 1:
            latest = [row for row in seen.rows if row[seen.year or ""] == seen.years[-1]]
            there = [row for row in latest if seen.kind != "funnel" or not gone(row)]
            tabled, skip = replace(seen, rows=there), frozenset([seen.year or ""])
            which = " and of schools whose figure is shown" if len(there) < len(latest) else ""
            blocks.append(
                Paragraph(
                    f"The table is of {period(seen.years[-1])}{which}; the workbook has everything."
                )
            )
    return [*blocks, *table.grids(tabled, skip), Paragraph(seen.note)]


def _drawn(seen: View, figures: _Figures) -> list[Block]:
    """Draw a table that has a chart of its own, for each measure and, but for one, each group."""
    pictures: list[chart.Picture] = []
    for measure in seen.ids():
        by_group = seen.kind != "adjusted"
        groups = dict.fromkeys(row["group"] for row in seen.of(measure)) if by_group else [None]
        for group in groups:
            asked = {"group": group} if by_group else {}
            where = chart.usual_place(seen, seen.kind, measure, asked)
            picture = chart.MAKERS[seen.kind](seen, measure, where)
            if picture is not None:
                pictures.append(picture)
    if not pictures:
        return figures.figure(None, seen)
    blocks = [block for one in pictures[:MOST_CHARTS] for block in figures.figure(one, seen)]
    if len(pictures) > MOST_CHARTS:
        blocks.append(
            Paragraph(
                f"Charts are drawn for the first {MOST_CHARTS} of {len(pictures)}; the tables have "
                "all of them."
            )
        )
    return blocks
