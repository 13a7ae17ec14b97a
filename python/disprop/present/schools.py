"""One page a school, for governors: every measure and group of its latest year."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from disprop.present import numbers, prose, table
from disprop.present.chart.dots import DIRECTIONS
from disprop.present.names import FINDINGS
from disprop.present.page import page, text
from disprop.present.view import Facts, View, level_of, period, views

_COLOURS = {"worse": "#801650", "better": "#12436D"}


def schools(
    released: Any,
    folder: str | os.PathLike[str],
    *,
    names: dict[str, str] | None = None,
    about: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Write a page for every school of what was released, and a list of them.

    Parameters
    ----------
    released : Released or Publication
        With gaps by ``school``.
    folder : str or path
        Folder to write to; it is made where it is not there.
    names : dict, optional
        Names of schools by their value in the data.
    about : str, optional
        One sentence on the data.
    progress : callable, optional
        Called with the number of pages written and of all pages.

    Returns
    -------
    list of str
        The pages.

    Raises
    ------
    ValueError
        Where nothing that was released has a dimension ``school``.
    """
    place = os.fspath(folder)
    parts = [v for v in views(released) if v.kind == "gaps" and "school" in v.dimensions]
    if not parts:
        raise ValueError('there are no gaps by school: tally with `by=[..., "school"]`')
    os.makedirs(place, exist_ok=True)
    by_school: dict[str, list[tuple[View, dict[str, Any]]]] = {}
    for seen in parts:
        latest = seen.years[-1] if seen.years else None
        for row in seen.rows:
            if row["school"] is not None and (seen.year is None or row[seen.year] == latest):
                by_school.setdefault(str(row["school"]), []).append((seen, row))
    written: list[str] = []
    links: list[str] = []
    used: set[str] = set()
    for number, (school, rows) in enumerate(by_school.items(), start=1):
        name = (names or {}).get(school, school)
        stem = re.sub(r"[^a-z0-9]+", "-", school.lower()).strip("-")[:60] or "school"
        file = f"{stem}.html" if stem not in used else f"{stem}-{number}.html"
        used.add(file.removesuffix(".html"))
        path = os.path.join(place, file)
        with open(path, "w", encoding="utf-8") as out:
            out.write(_page(name, rows, about))
        written.append(path)
        links.append(f'<li><a href="{file}">{text(name)}</a></li>')
        if progress is not None:
            progress(number, len(by_school))
    with open(os.path.join(place, "index.html"), "w", encoding="utf-8") as out:
        out.write(
            page(
                "School summaries",
                '<header><h1>School summaries</h1></header><main id="main">'
                f"<ul>{''.join(links)}</ul></main>",
            )
        )
    return written


def _page(name: str, rows: list[tuple[View, dict[str, Any]]], about: str | None) -> str:
    seen = rows[0][0]
    year = period(seen.years[-1]) if seen.years else ""
    shown = [row for row in rows if row[1].get("difference") is not None]
    hidden = sum(row["finding"] == "withheld" for _, row in rows)
    clear = [(v, row) for v, row in shown if row["finding"] in ("worse", "better")]
    parted = [
        f"{len(clear)} with a clear gap",
        f"{len(shown) - len(clear)} without or too few to tell",
    ]
    parted += [f"{hidden} withheld"] if hidden else []
    nobody = len(rows) - len(shown) - hidden
    parted += [f"{nobody} that cannot be made"] if nobody else []
    brief = f"Comparisons at this school: {', '.join(parted)}."
    parts = [
        f'<header><p class="kicker">School summary{f", {text(year)}" if year else ""}</p>'
        f"<h1>{text(name)}</h1>"
        f'<p class="lead">{text(brief)} {text(about or "")}</p></header><main id="main">',
    ]
    by_measure: dict[str, list[dict[str, Any]]] = {}
    for _, row in rows:
        by_measure.setdefault(row["measure"], []).append(row)
    for measure, of in by_measure.items():
        parts.append(_table(seen.measures.get(measure), of, measure))
    marks = {DIRECTIONS.get(row["finding"], "not judged"): 0 for _, row in shown}
    level = prose.how_to_read("dots", level_of(seen.rows), list(marks))
    parts.append(
        f'<p class="how"><strong>How to read this.</strong> Each group is compared with all other '
        f"pupils of this school. {text(level)}</p>"
        f"<p>Disclosure control: {text(seen.policy.get('description', ''))}</p>"
        "<p>A gap describes outcomes, not pupils, and says nothing of its cause. In one school "
        "most groups are small, so most gaps are uncertain.</p></main>"
    )
    return page(name, "".join(parts))


def _table(facts: Facts | None, rows: list[dict[str, Any]], measure: str) -> str:
    label = facts.label if facts else measure
    decimals = facts.decimals if facts else 1
    unit = facts.unit if facts else ""
    shown = [row for row in rows if row.get("difference") is not None]
    hidden = [row for row in rows if row.get("difference") is None]
    ends = [
        abs(row[key])
        for row in shown
        for key in ("difference", "difference_lower", "difference_upper")
        if row.get(key) is not None
    ]
    reach = max(ends, default=1.0) or 1.0
    body: list[str] = []
    for row in sorted(shown, key=lambda one: -one["difference"]):
        gap = table.cell(row, table.Shown("Gap (interval)", "difference", True, None, True), facts)
        body.append(
            f'<tr><th scope="row">{text(row["group_label"])}</th>'
            f'<td class="number">{numbers.count(row.get("group_n"))}</td>'
            f'<td class="number">{_side(row, "group_value", decimals, unit)}</td>'
            f'<td class="number">{_side(row, "baseline_value", decimals, unit)}</td>'
            f'<td class="dots">{_dot(row, reach)}</td>'
            f'<td class="number">{text(gap)}</td>'
            f"<td>{text(FINDINGS.get(row['finding'], row['finding']))}</td></tr>"
        )
    if not body:
        return (
            f'<h2 class="keep">{text(label)}</h2><p>No group\'s figure can be shown: '
            f"{len(hidden)} are withheld or have nobody in them.</p>"
        )
    heads = "".join(
        f'<th scope="col"{kind}>{name}</th>'
        for name, kind in (
            ("Ethnic group", ""),
            ("Number", ' class="number"'),
            ("Group", ' class="number"'),
            ("All others", ' class="number"'),
            ("Gap drawn", ""),
            ("Gap (interval)", ' class="number"'),
            ("Finding", ""),
        )
    )
    names = ", ".join(f"{row['group_label']}" for row in hidden if row["finding"] == "withheld")
    left = f'<p class="legend">Withheld: {text(names)}.</p>' if names else ""
    return (
        f'<h2 class="keep">{text(label)}</h2><div class="wide" tabindex="0" role="region" '
        f'aria-label="{text(label)}"><table><caption>{text(label)}: gap to all other groups'
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>{left}"
    )


def _side(row: dict[str, Any], column: str, decimals: int, unit: str) -> str:
    value = row.get(column)
    if value is None:
        return f"[{numbers.symbol(row, column)}]"
    return text(numbers.with_unit(numbers.plain(value, decimals), unit))


def _dot(row: dict[str, Any], reach: float) -> str:
    """Draw one gap with its interval on the scale of its table; the numbers stand beside it."""

    def place(value: float) -> float:
        return round(72 + 66 * value / reach, 1)

    low = row.get("difference_lower")
    high = row.get("difference_upper")
    colour = _COLOURS.get(row["finding"], "#3D3D3D")
    bar = ""
    if low is not None and high is not None:
        bar = f'<path d="M{place(low)} 10H{place(high)}" stroke="{colour}" stroke-width="3"/>'
    x = place(row["difference"])
    mark = _mark(DIRECTIONS.get(row["finding"], "not judged"), x, colour)
    return (
        '<svg viewBox="0 0 144 20" aria-hidden="true" focusable="false">'
        f'<path d="M72 0V20" stroke="#0b0c0c"/>{bar}{mark}</svg>'
    )


def _mark(direction: str, x: float, colour: str) -> str:
    """Return the mark of a direction, the shapes being those of the charts."""
    filled, open_ = f'fill="{colour}"', f'fill="#fff" stroke="{colour}" stroke-width="2"'
    marks = {
        "less favourable": f'<path d="M{x} 4.5L{x + 5.5} 10L{x} 15.5L{x - 5.5} 10Z" {filled}/>',
        "more favourable": f'<circle cx="{x}" cy="10" r="4.5" {filled}/>',
        "higher": f'<path d="M{x} 4.5L{x + 5.5} 14.5L{x - 5.5} 14.5Z" {filled}/>',
        "lower": f'<path d="M{x} 15.5L{x + 5.5} 5.5L{x - 5.5} 5.5Z" {filled}/>',
        "no clear difference": f'<rect x="{x - 4}" y="6" width="8" height="8" {open_}/>',
        "too few to tell": (
            f'<path d="M{x - 4} 6L{x + 4} 14M{x - 4} 14L{x + 4} 6" stroke="{colour}" '
            'stroke-width="2"/>'
        ),
    }
    return marks.get(direction, f'<circle cx="{x}" cy="10" r="4" {open_}/>')
