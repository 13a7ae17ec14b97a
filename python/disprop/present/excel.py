"""A workbook to the government's guidance on accessible spreadsheets."""

from __future__ import annotations

import os
import re
from typing import Any

from disprop.present import numbers, prose
from disprop.present.names import FINDINGS
from disprop.present.table import Shown, columns
from disprop.present.view import Facts, View, clean, period, titled, views

#: A cell that begins with one of these could be run as a formula by another program.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TITLE, _HEADING, _TEXT = (
    {"bold": True, "font_size": 16, "text_wrap": True, "valign": "top"},
    {"bold": True, "font_size": 13, "text_wrap": True, "valign": "top"},
    {"font_size": 12, "text_wrap": True, "valign": "top"},
)


def excel(
    released: Any,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    area: str | None = None,
    about: str | None = None,
    trail: dict[str, Any] | None = None,
) -> str:
    """Write a workbook of what was released, and an audit trail beside it.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    path : str or path
        The ``.xlsx`` file to write.
    title, area, about : str, optional
        What it is called, whose pupils they are, one sentence on the data.
    trail : dict, optional
        Facts for the audit trail that the caller knows.

    Returns
    -------
    str
        The path.

    Notes
    -----
    A cover, a list of sheets, notes, then one marked table a sheet, beginning in A1's column with
    the title above it; no merged, blank or frozen cells, no colour that means something. Numbers
    are numbers; ``[c]``, ``[x]`` and ``[z]`` stand where there is none. No text is a formula or a
    link.

    References
    ----------
    Government Analysis Function, Releasing statistics in spreadsheets.
    """
    import io

    import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

    from disprop.present.trail import write_trail

    place = os.fspath(path)
    written = io.BytesIO()
    seen = views(released)
    heading = title or f"Ethnic-group gaps in school outcomes: {area or 'all pupils in the data'}"
    book = xlsxwriter.Workbook(
        written,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "constant_memory": False,
        },
    )
    book.set_properties(
        {
            "title": heading,
            "subject": "Gaps of ethnic groups to all other groups",
            "comments": about or "",
        }
    )
    sheets = _Sheets(book)
    plan = [
        (one, measure, facts)
        for one in seen
        for measure in (one.ids() or [""])
        for facts in [one.measures.get(measure)]
    ]
    shared = [measure for _, measure, _ in plan]
    named = sheets.names(
        [
            titled(measure, one.name, shared.count(measure) == 1) if measure else one.name
            for one, measure, _ in plan
        ]
    )
    sheets.words("Cover", _cover(heading, seen, area, about))
    sheets.contents(
        heading,
        [(name, _titled(one, facts)) for name, (one, _, facts) in zip(named, plan, strict=True)],
    )
    sheets.words("Notes", _notes(seen))
    for name, (one, measure, facts) in zip(named, plan, strict=True):
        rows = one.of(measure) if measure else one.rows
        sheets.table(name, _titled(one, facts), one, rows, facts)
    book.close()
    _save(written, place)
    write_trail(released, place, trail)
    return place


def _save(written: Any, place: str) -> None:
    """Put the language among the properties of the document, for which the writer has no word."""
    import zipfile

    with zipfile.ZipFile(written) as made, zipfile.ZipFile(place, "w") as saved:
        for part in made.infolist():
            content = made.read(part)
            if part.filename == "docProps/core.xml":
                end = b"</cp:coreProperties>"
                content = content.replace(end, b"<dc:language>en-GB</dc:language>" + end)
            saved.writestr(part, content)


def inert(value: str) -> str:
    """Put an apostrophe before text that a spreadsheet could run."""
    value = clean(value)
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _titled(one: View, facts: Facts | None) -> str:
    what = facts.label if facts else one.title
    kinds = {
        "gaps": "gap of each group to its baseline",
        "changes": "changes of gaps between years",
    }
    unit = f", {facts.difference_unit}" if facts and facts.difference_unit else ""
    return f"{what}: {kinds.get(one.kind, one.kind.replace('_', ' '))}{unit}"


def _cover(
    heading: str, seen: list[View], area: str | None, about: str | None
) -> list[tuple[str, Any]]:
    import disprop as dp

    policy = seen[0].policy if seen else {}
    years = sorted({year for one in seen for year in one.years})
    lines: list[tuple[str, Any]] = [(heading, _TITLE)]
    if area:
        lines.append((f"Area: {area}", _TEXT))
    if years:
        lines.append((f"Period: {period(years[0])} to {period(years[-1])}", _TEXT))
    if about:
        lines.append((about, _TEXT))
    lines += [
        ("Disclosure control", _HEADING),
        (str(policy.get("description", "")), _TEXT),
        (f"Policy {policy.get('name', '')}, {policy.get('hash', '')}", _TEXT),
        ("What these figures can say", _HEADING),
        *((line[0].upper() + line[1:] + ".", _TEXT) for line in prose.CAN_SAY),
        ("What these figures cannot say", _HEADING),
        *((line[0].upper() + line[1:] + ".", _TEXT) for line in prose.CANNOT_SAY),
        (f"Made with disprop {dp.__version__}.", _TEXT),
    ]
    return lines


def _notes(seen: list[View]) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = [("Notes", _TITLE), ("Symbols", _HEADING)]
    lines += [(f"[{mark}] {meaning}", _TEXT) for mark, meaning in numbers.SYMBOLS.items()]
    lines.append(("Words", _HEADING))
    lines += [(f"{term}: {meaning}", _TEXT) for term, meaning in prose.DEFINITIONS]
    lines.append(("Notes on the comparison", _HEADING))
    lines += [(note, _TEXT) for note in dict.fromkeys(one.note for one in seen)]
    lines.append(("Sources of definitions", _HEADING))
    measures = {facts.id: facts for one in seen for facts in one.measures.values()}
    lines += [
        (f"{facts.label}: {facts.source or 'defined by the caller'}", _TEXT)
        for facts in measures.values()
    ]
    series = dict.fromkeys(
        str(row["series_note"]) for one in seen for row in one.rows if row.get("series_note")
    )
    if series:
        lines.append(("Notes on series", _HEADING))
        lines += [(note, _TEXT) for note in series]
    return lines


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.formats: dict[str, Any] = {}
        self.tables = 0

    def format(self, wanted: dict[str, Any]) -> Any:
        key = repr(sorted(wanted.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(wanted)
        return self.formats[key]

    def names(self, wanted: list[str]) -> list[str]:
        """Names of sheets: at most 31 characters, none twice, none that Excel forbids."""
        used = {"cover", "contents", "notes"}
        names: list[str] = []
        for one in wanted:
            base = re.sub(r"[^\w .-]", "_", one).strip("' ")[:31] or "Table"
            name, number = base, 2
            while name.lower() in used:
                name = f"{base[: 31 - len(str(number)) - 1]}_{number}"
                number += 1
            used.add(name.lower())
            names.append(name)
        return names

    def words(self, name: str, lines: list[tuple[str, Any]]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 100)
        for row, (said, wanted) in enumerate(lines):
            sheet.write_string(row, 0, inert(said), self.format(wanted))

    def contents(self, heading: str, listed: list[tuple[str, str]]) -> None:
        sheet = self.book.add_worksheet("Contents")
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 1, 100)
        sheet.write_string(0, 0, "Contents", self.format({**_TITLE, "text_wrap": False}))
        sheet.write_string(1, 0, "This sheet has one table.", self.format({"font_size": 12}))
        rows = [("Cover", heading), ("Notes", "Symbols, words and sources"), *listed]
        self.tables += 1
        wrap = self.format(_TEXT)
        sheet.add_table(
            2,
            0,
            2 + len(rows),
            1,
            {
                "name": "contents",
                "style": None,
                "autofilter": False,
                "columns": [
                    {"header": "Sheet", "header_format": self.format({**_TEXT, "bold": True})},
                    {"header": "Title", "header_format": self.format({**_TEXT, "bold": True})},
                ],
            },
        )
        blue = self.format({"font_size": 12, "font_color": "#1A5A96", "underline": 1})
        for number, (name, said) in enumerate(rows, start=3):
            sheet.write_url(number, 0, f"internal:'{name}'!A1", blue, name)
            sheet.write_string(number, 1, inert(said), wrap)

    def table(
        self, name: str, title: str, seen: View, rows: list[dict[str, Any]], facts: Facts | None
    ) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, inert(title), self.format({**_TITLE, "text_wrap": False}))
        chosen = _flat(columns(seen, facts), seen)
        used = sorted({_value(row, one)[1] for row in rows for one in chosen} - {""})
        marks = "; ".join(f"[{mark}] {numbers.SYMBOLS[mark]}" for mark in used)
        if "x" in used and chosen[-1].column == "reason":
            marks += "; the last column says why"
        said = f"This sheet has one table. {f'Symbols: {marks}.' if marks else ''}".strip()
        sheet.write_string(1, 0, said, self.format({"font_size": 12}))
        self.tables += 1
        head = self.format({"bold": True, "font_size": 12, "text_wrap": True, "valign": "top"})
        sheet.add_table(
            2,
            0,
            2 + max(len(rows), 1),
            len(chosen) - 1,
            {
                "name": f"table_{self.tables}",
                "style": None,
                "autofilter": False,
                "columns": [{"header": one.heading, "header_format": head} for one in chosen],
            },
        )
        for column, one in enumerate(chosen):
            decimals = (
                one.decimals if one.decimals is not None else (facts.decimals if facts else 2)
            )
            places = f".{'0' * decimals}" if decimals else ""
            wanted = {"font_size": 12, "valign": "top"}
            number = self.format({**wanted, "num_format": f"#,##0{places}", "align": "right"})
            right = self.format({**wanted, "align": "right"})
            plain = self.format({**wanted, "text_wrap": True})
            sheet.set_column(column, column, 14 if one.number else 30)
            for line, row in enumerate(rows, start=3):
                value, mark = _value(row, one)
                if mark:
                    sheet.write_string(line, column, f"[{mark}]", right)
                elif isinstance(value, int | float):
                    sheet.write_number(
                        line, column, float(numbers.rounded(value, decimals)), number
                    )
                else:
                    sheet.write_string(line, column, inert(str(value)), plain)


def _flat(chosen: list[Shown], seen: View) -> list[Shown]:
    """One number a column: the ends of an interval stand beside it."""
    flat: list[Shown] = []
    for one in chosen:
        name = one.heading.removesuffix(" (interval)")
        flat.append(Shown(name, one.column, one.number, one.decimals, one.sign))
        for end in ("lower", "upper") if one.number else ():
            if f"{one.column}_{end}" in seen.columns:
                heading = f"{name}, {end} end of interval"
                flat.append(Shown(heading, f"{one.column}_{end}", True, one.decimals, one.sign))
    return [*flat, Shown("Reason", "reason")] if "reason" in seen.columns else flat


def _value(row: dict[str, Any], one: Shown) -> tuple[Any, str]:
    """Return the value of a cell, or the symbol that stands for it."""
    value = row.get(one.column)
    if one.number:
        if value is None:
            return None, numbers.symbol(row, re.sub(r"_(lower|upper)$", "", one.column))
        return value, ""
    if one.column == "reason":
        return (str(value).replace("_", " ") if value else "none"), ""
    if value is None:
        return "not recorded", ""
    return FINDINGS.get(str(value), period(value)) if one.column == "finding" else period(value), ""
