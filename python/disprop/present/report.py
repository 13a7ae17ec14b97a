"""The report: one HTML file that works offline, prints, and reads aloud."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from disprop.present import chart, prose, table
from disprop.present.page import page, text
from disprop.present.table import Shown
from disprop.present.view import Facts, View, period, views

KICKER = "Ethnic-group gaps in school outcomes"
#: Places of one measure that get charts of their own; tables have every place.
MOST_CHARTS = 4
#: Measures whose summaries stand in full at the top; of more, a table alone does.
MOST_SAID = 5


def report(
    released: Any,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    area: str | None = None,
    about: str | None = None,
    trail: dict[str, Any] | None = None,
) -> str:
    """Write a report of what was released and an audit trail beside it.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    path : str or path
        The ``.html`` file to write; ``.audit.json`` is written beside it.
    title : str, optional
        Heading of the report.
    area : str, optional
        Whose pupils they are: "Ealing", "England".
    about : str, optional
        One sentence on the data, such as that they are synthetic.
    trail : dict, optional
        Facts for the audit trail that the caller knows: hashes of inputs, timings.

    Returns
    -------
    str
        The path.
    """
    from disprop.present.trail import write_trail

    place = os.fspath(path)
    made = html(released, title=title, area=area, about=about)
    with open(place, "w", encoding="utf-8") as file:
        file.write(made)
    write_trail(released, place, trail)
    return place


def html(
    released: Any, *, title: str | None = None, area: str | None = None, about: str | None = None
) -> str:
    """Return the report as text."""
    seen = views(released)
    main = [one for one in seen if one.kind == "gaps" and "school" not in one.dimensions]
    changes = [one for one in seen if one.kind == "changes"]
    rest = [one for one in seen if one not in main and one not in changes]
    rest = [one for one in rest if "school" not in one.dimensions or one.kind == "funnel"]
    sections: list[tuple[str, str, str]] = []
    for one in main:
        for measure in one.ids():
            facts = one.measures[measure]
            name = facts.short if len(main) == 1 else f"{facts.short} ({one.name})"
            body = _measure(one, measure, changes, chart.targets_of(seen, measure))
            sections.append((f"m{len(sections) + 1}", name, body))
    for one in rest:
        name = one.title.partition(":")[0] or one.name
        sections.append((f"m{len(sections) + 1}", name, _other(one)))
    heading = title or _title(seen, area)
    closing = _closing(seen)
    links = "".join(
        f'<li><a href="#{key}">{text(name)}</a></li>'
        for key, name, _ in [*sections, *[(k, n, "") for k, n, _ in closing]]
    )
    parts = [
        f'<header><p class="kicker">{KICKER}</p><h1>{text(heading)}</h1>',
        f'<p class="lead">{text(_lead(seen, area, about))}</p>{_stamp(seen)}</header>',
        '<main id="main">',
        f'<h2 id="brief" class="keep">In brief</h2>{_brief(main)}',
        f'<nav aria-label="Contents"><h3>In this report</h3><ul>{links}</ul></nav>',
    ]
    for key, name, body in sections:
        parts.append(
            f'<section aria-labelledby="{key}"><h2 id="{key}">{text(name)}</h2>{body}</section>'
        )
    for key, name, body in closing:
        parts.append(
            f'<section aria-labelledby="{key}"><h2 id="{key}" class="keep">{text(name)}</h2>'
            f"{body}</section>"
        )
    parts.append(f"</main>{_footer()}")
    return page(heading, "\n".join(parts))


def _title(seen: list[View], area: str | None) -> str:
    years = sorted({year for one in seen for year in one.years})
    when = ""
    if years:
        first, last = period(years[0]), period(years[-1])
        when = f", {last}" if first == last else f", {first} to {last}"
    return f"How far groups stand apart: {area or 'all pupils in the data'}{when}"


def _lead(seen: list[View], area: str | None, about: str | None) -> str:
    against = next(
        (row["baseline"] for one in seen for row in one.rows if row.get("baseline")),
        "all other groups",
    )
    where = f" in {area}" if area else ""
    said = (
        f"Each ethnic group{where} is compared with {against}: not with the average, and not with "
        "one group chosen as the norm."
        if against == "all other groups"
        else f"Each ethnic group{where} is compared with {against}."
    )
    return f"{said} {about}" if about else said


def _stamp(seen: list[View]) -> str:
    policy = seen[0].policy if seen else {}
    hidden = sum(row.get("finding") == "withheld" for one in seen for row in one.rows)
    total = sum(len(one.rows) for one in seen)
    return (
        '<div class="stamp"><p><strong>Disclosure control:</strong> '
        f"{text(policy.get('description') or policy.get('name', 'not stated'))}</p>"
        f"<p>{hidden:,} of {total:,} results are withheld and marked [c]. "
        f"Policy {text(policy.get('name', ''))}, {text(policy.get('hash', ''))}.</p></div>"
    )


#: Findings as the columns of the first table have them.
COLUMNS = {
    "Less favourable": ("worse",),
    "No clear difference": ("no clear difference",),
    "More favourable": ("better",),
    "Higher or lower": ("higher", "lower"),
    "Cannot be told": ("too few to tell", "not calculable", "withheld"),
}


def _brief(main: list[View]) -> str:
    """Return what each measure comes to: sentences where they are few, always a table."""
    said: list[str] = []
    lines: list[tuple[str, str, list[dict[str, Any]]]] = []
    for one in main:
        for measure in one.ids():
            latest = _latest(one, measure)
            for where in _places(one, measure)[:1]:
                rows = one.of(measure, **where, **latest)
                inside = ", ".join(period(v) for v in (*latest.values(), *where.values()) if v)
                lines.append((one.measures[measure].short, inside, rows))
                summary = one.summary(measure, **where, **latest)
                said.append(
                    f"<li><strong>{text(summary['title'])}.</strong> {text(summary['text'])}</li>"
                )
    if not lines:
        return "<p>No gap can be shown: every figure is withheld or missing.</p>"
    shown = [
        name
        for name, findings in COLUMNS.items()
        if any(row["finding"] in findings for _, _, rows in lines for row in rows)
    ]
    head = "".join(f'<th scope="col" class="number">{text(name)}</th>' for name in shown)
    body = []
    for number, (name, inside, rows) in enumerate(lines, start=1):
        cells = "".join(
            f'<td class="number">{sum(row["finding"] in COLUMNS[column] for row in rows)}</td>'
            for column in shown
        )
        body.append(
            f'<tr><th scope="row"><a href="#m{number}">{text(name)}</a></th>'
            f"<td>{text(inside)}</td>{cells}<td>{text(_widest(rows))}</td></tr>"
        )
    caption = "Number of groups by what their gap comes to, latest year"
    glance = (
        f'<div class="wide" tabindex="0" role="region" aria-label="{text(caption)}"><table>'
        f'<caption>{text(caption)}</caption><thead><tr><th scope="col">Measure</th>'
        f'<th scope="col">Period</th>{head}<th scope="col">Widest clear unfavourable gap</th>'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
    if len(said) > MOST_SAID:
        return glance
    return f'<ul class="brief">{"".join(said)}</ul>{glance}'


def _widest(rows: list[dict[str, Any]]) -> str:
    clear = [row for row in rows if row["finding"] == "worse" and row["difference"] is not None]
    if not clear:
        return "none"
    return str(max(clear, key=lambda row: abs(row["difference"]))["group_label"])


def _places(seen: View, measure: str) -> list[dict[str, Any]]:
    """Return combinations of dimensions other than the year, in the order of the rows."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in seen.of(measure):
        where = {name: row[name] for name in seen.others}
        found.setdefault(tuple(where.values()), where)
    return list(found.values())


def _latest(seen: View, measure: str) -> dict[str, Any]:
    if seen.year is None:
        return {}
    years = [row[seen.year] for row in seen.of(measure) if row[seen.year] is not None]
    return {seen.year: max(years)} if years else {}


def _where(where: dict[str, Any]) -> str:
    return ", ".join(
        f"{table.heading(name)}: {'not recorded' if value is None else period(value)}"
        for name, value in where.items()
    )


def _measure(seen: View, measure: str, changes: list[View], targets: chart.Targets = None) -> str:
    facts = seen.measures[measure]
    places = _places(seen, measure)
    latest = _latest(seen, measure)
    parts = [f"<p>{text(_about(facts))}</p>"]
    for number, where in enumerate(places):
        inside = _where(where)
        if inside:
            parts.append(f"<h3>{text(inside)}</h3>")
        if number < MOST_CHARTS:
            parts.append(_figure(chart.dots(seen, measure, {**where, **latest}), seen))
        rows = seen.of(measure, **where, **latest)
        skip = frozenset(seen.dimensions)
        chosen = table.columns(seen, facts, skip)
        when = "".join(f", {period(year)}" for year in latest.values())
        caption = f"{facts.short}{when}{f' ({inside})' if inside else ''}: each group's gap"
        unit = f", {facts.difference_unit}" if facts.difference_unit else ""
        parts.append(table.markup(caption + unit, _ordered(rows), chosen, facts))
        parts.extend(
            f'<p class="legend">{text(line)}</p>' for line in table.legend(rows, chosen, facts)
        )
        if len({row[seen.year] for row in seen.of(measure, **where)} if seen.year else ()) > 1:
            if number < MOST_CHARTS:
                parts.append(_over_years(seen, measure, where, changes, targets))
            parts.append(_by_year(seen, measure, where, facts, inside))
    if len(places) > MOST_CHARTS:
        parts.append(
            f"<p>Charts are drawn for the first {MOST_CHARTS} of {len(places)} places; the tables "
            "have all of them.</p>"
        )
    return "".join(parts)


def _about(facts: Facts) -> str:
    unit = {"%": "Figures are per cent.", "points": "Figures are points."}.get(
        facts.unit, f"Figures are {facts.unit}." if facts.unit else ""
    )
    return " ".join(one for one in (f"{facts.label}.", facts.better, unit) if one)


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gaps from highest to lowest, as in the chart; those without one last."""
    there = [row for row in rows if row.get("difference") is not None]
    there.sort(key=lambda row: (-row["difference"], row["group_label"]))
    return there + [row for row in rows if row.get("difference") is None]


def _figure(picture: chart.Picture | None, seen: View, more: str = "") -> str:
    if picture is None:
        return "<p>There is nothing to draw: every figure is withheld or missing.</p>"
    how = prose.HOW_TO_READ[picture.kind].format(level=chart._level(seen.rows))
    left = ""
    if picture.left_out:
        left = f'<p class="legend">Not in the chart: {text("; ".join(picture.left_out))}.</p>'
    return (
        f"<figure><figcaption><strong>{text(picture.title)}</strong>"
        f"<span>{text(picture.subtitle)}</span></figcaption>"
        f"{picture.svg()}</figure>{left}{more}"
        f'<p class="how"><strong>How to read this.</strong> {text(how)}</p>'
    )


def _over_years(
    seen: View,
    measure: str,
    where: dict[str, Any],
    changes: list[View],
    targets: chart.Targets,
) -> str:
    said = ""
    for one in changes:
        ends = [s for s in one.summaries if s["measure"] == measure]
        ends = [s for s in ends if all(s.get(k) == v for k, v in where.items() if k in s)]
        if ends:
            widest = max(ends, key=lambda s: (str(s["to"]), -int(_first(str(s["from"])))))
            said = f"<p>{text(widest['text'])}</p>"
    return _figure(chart.trend(seen, measure, where, targets), seen, said)


def _first(year: str) -> str:
    digits = "".join(char for char in year if char.isdigit())[:4]
    return digits or "0"


def _by_year(seen: View, measure: str, where: dict[str, Any], facts: Facts, inside: str) -> str:
    """Return a table of the gaps of every group by year."""
    rows = [row for row in seen.of(measure, **where) if row[str(seen.year)] is not None]
    years = sorted({row[str(seen.year)] for row in rows})
    by_group: dict[str, dict[str, Any]] = {}
    one = Shown("Gap (interval)", "difference", number=True, sign=True)
    for row in rows:
        of = by_group.setdefault(row["group_label"], {"group_label": row["group_label"]})
        of[row[str(seen.year)]] = table.cell(row, one, facts)
    body = []
    for of in by_group.values():
        cells = "".join(f'<td class="number">{text(of.get(y, "[x]"))}</td>' for y in years)
        body.append(f'<tr><th scope="row">{text(of["group_label"])}</th>{cells}</tr>')
    head = "".join(f'<th scope="col" class="number">{text(period(y))}</th>' for y in years)
    unit = f", {facts.difference_unit}" if facts.difference_unit else ""
    caption = f"{facts.short}{f' ({inside})' if inside else ''}: gap and interval by year{unit}"
    lines = "".join(
        f'<p class="legend">{text(line)}</p>' for line in table.legend(rows, [one], facts)
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{text(caption)}"><table>'
        f'<caption>{text(caption)}</caption><thead><tr><th scope="col">Ethnic group</th>{head}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>{lines}"
    )


def _other(seen: View) -> str:
    drawn = "".join(_figures(seen)) if seen.kind in chart.MADE_OF else ""
    tabled, said = seen, ""
    if seen.kind in chart.MADE_OF and len(seen.years) > 1:
        latest = [row for row in seen.rows if row[seen.year or ""] == seen.years[-1]]
        there = [row for row in latest if seen.kind != "funnel" or not chart.gone(row)]
        tabled = replace(seen, rows=there)
        which = " and of schools whose figure is shown" if len(there) < len(latest) else ""
        said = (
            f"<p>The table is of {text(period(seen.years[-1]))}{which}; the workbook has "
            "everything.</p>"
        )
    shown = table.fragment(tabled, frozenset([seen.year or ""]) if said else frozenset())
    return f"<p>{text(seen.title)}</p>{drawn}{said}{shown}<p>{text(seen.note)}</p>"


def _figures(seen: View) -> list[str]:
    """Draw a table that has a chart of its own, for each measure and, but for one, each group."""
    made: list[str] = []
    more = 0
    for measure in seen.ids():
        by_group = seen.kind != "adjusted"
        groups = dict.fromkeys(row["group"] for row in seen.of(measure)) if by_group else [None]
        for group in groups:
            asked = {"group": group} if by_group else {}
            where = chart.usual_place(seen, seen.kind, measure, asked)
            picture = chart.MAKERS[seen.kind](seen, measure, where)
            if picture is None:
                continue
            if len(made) < MOST_CHARTS:
                made.append(_figure(picture, seen))
            else:
                more += 1
    if more:
        made.append(
            f"<p>Charts are drawn for the first {MOST_CHARTS} of {MOST_CHARTS + more}; the tables "
            "have all of them.</p>"
        )
    return made or [_figure(None, seen)]


def _closing(seen: list[View]) -> list[tuple[str, str, str]]:
    import disprop as dp

    known = _known(seen)
    definitions = "".join(
        f"<dt>{text(term)}</dt><dd>{text(meaning)}</dd>" for term, meaning in prose.DEFINITIONS
    )
    can = "".join(f"<li>{text(line)}</li>" for line in prose.CAN_SAY)
    cannot = "".join(f"<li>{text(line)}</li>" for line in prose.CANNOT_SAY)
    notes = "".join(f"<p>{text(note)}</p>" for note in dict.fromkeys(one.note for one in seen))
    sources = "".join(
        f"<dt>{text(facts.label)}</dt><dd>{text(facts.source or 'Defined by the caller.')}</dd>"
        for facts in {f.id: f for one in seen for f in one.measures.values()}.values()
    )
    methods = sorted(
        {name for one in seen for row in one.rows for name in str(row.get("method") or "").split()}
    )
    said = f"<p>Interval methods: {text(', '.join(methods))}.</p>" if methods else ""
    return [
        ("known", "Whose ethnic group is known", known),
        ("definitions", "What the words mean", f"<dl>{definitions}</dl>"),
        (
            "limits",
            "What these figures can and cannot say",
            f"<p>They can say:</p><ul>{can}</ul><p>They cannot say:</p><ul>{cannot}</ul>{notes}",
        ),
        ("withheld", "What was withheld", _withheld(seen)),
        (
            "method",
            "Method and sources",
            f"<p>Made with disprop {text(dp.__version__)}. Sums are exact whole numbers, so the "
            "same data give the same figures. Figures are rounded half away from zero. An audit "
            "trail with the hashes of the inputs, the options and the policy stands in the file "
            f"beside this one that ends in <code>.audit.json</code>.</p>{said}<dl>{sources}</dl>",
        ),
    ]


def _known(seen: list[View]) -> str:
    for one in seen:
        for measure in one.ids() if one.kind == "gaps" else []:
            places = _places(one, measure)
            if len(places) != 1:
                continue
            picture = chart.coverage(one, measure, places[0])
            if picture is None:
                continue
            rows = picture.datasets["rows"]
            unclassified = next((r.get("unclassified") for r in one.rows), None)
            stand = {
                "exclude": "Pupils whose group is refused, not obtained or missing are on neither "
                "side of a gap.",
                "include": "Pupils whose group is refused, not obtained or missing count among "
                "the others.",
            }.get(str(unclassified), "")
            if len(rows) == 1:
                return (
                    f"<p>The ethnic group is known for {text(rows[0]['said'])} of pupils "
                    f"({text(one.measures[measure].short)}). {text(stand)}</p>"
                )
            return f"<p>{text(stand)}</p>{_figure(picture, one)}"
    return "<p>The data do not say for how many pupils the ethnic group is known.</p>"


def _withheld(seen: list[View]) -> str:
    policy = seen[0].policy if seen else {}
    parts = [f"<p>{text(policy.get('description', ''))}</p>"]
    for one in seen:
        hidden = [row for row in one.rows if row.get("finding") == "withheld"]
        if not hidden:
            parts.append(f"<p>{text(one.name)}: nothing was withheld.</p>")
            continue
        reasons = "".join(
            f"<li>{text(why)}</li>"
            for why in dict.fromkeys(str(line["why"]) for line in one.log if line.get("why"))
        )
        parts.append(
            f"<p>{text(one.name)}: {len(hidden):,} of {len(one.rows):,} results are withheld, for "
            f"these reasons:</p><ul>{reasons}</ul>"
        )
    parts.append(
        "<p>Some results are withheld only because others could be worked out from them. A "
        "withheld result can be large or small: that it is withheld says nothing of the pupils.</p>"
    )
    return "".join(parts)


def _footer() -> str:
    return (
        "<footer><p>A gap describes outcomes, not pupils, and says nothing of its cause. This "
        "page loads nothing, runs nothing and sends nothing.</p></footer>"
    )
