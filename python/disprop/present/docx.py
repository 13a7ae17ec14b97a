"""The report as a Word document."""

from __future__ import annotations

import io
import os
from typing import Any

from disprop.present import chart, prose
from disprop.present.report import _latest, _ordered, _places, _where
from disprop.present.table import cell, columns
from disprop.present.view import period, views


def docx(
    released: Any,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    area: str | None = None,
    about: str | None = None,
    trail: dict[str, Any] | None = None,
) -> str:
    """Write a Word document of what was released, and an audit trail beside it.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    path : str or path
        The ``.docx`` file to write.
    title, area, about : str, optional
        What it is called, whose pupils they are, one sentence on the data.
    trail : dict, optional
        Facts for the audit trail that the caller knows.

    Returns
    -------
    str
        The path.
    """
    import docx as word
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import Cm

    from disprop.present.trail import write_trail

    place = os.fspath(path)
    seen = views(released)
    paper = word.Document()
    heading = title or f"Ethnic-group gaps in school outcomes: {area or 'all pupils in the data'}"
    paper.core_properties.title = heading
    paper.core_properties.language = "en-GB"
    paper.add_heading(heading, 0)
    for line in (about, seen[0].policy.get("description") if seen else None):
        if line:
            paper.add_paragraph(str(line))
    for one in (one for one in seen if one.kind == "gaps" and "school" not in one.dimensions):
        for measure in one.ids():
            facts = one.measures[measure]
            paper.add_heading(facts.short, 1)
            latest = _latest(one, measure)
            for where in _places(one, measure)[:4]:
                if where:
                    paper.add_heading(_where(where), 2)
                summary = one.summary(measure, **where, **latest)
                paper.add_paragraph(f"{summary['title']}. {summary['text']}")
                picture = chart.dots(one, measure, {**where, **latest})
                if picture is not None:
                    paper.add_picture(io.BytesIO(picture.png()), width=Cm(14))
                    drawn = paper.inline_shapes[-1]._inline.docPr
                    drawn.set("descr", picture.alt)
                    drawn.set("title", picture.title)
                rows = _ordered(one.of(measure, **where, **latest))
                chosen = columns(one, facts, frozenset(one.dimensions))
                when = "".join(f", {period(value)}" for value in latest.values())
                paper.add_paragraph(f"{facts.short}{when}: each group's gap", style="Caption")
                table = paper.add_table(rows=1, cols=len(chosen), style="Light List Accent 1")
                for number, shown in enumerate(chosen):
                    table.rows[0].cells[number].text = shown.heading
                marked = OxmlElement("w:tblHeader")
                marked.set(qn("w:val"), "true")
                table.rows[0]._tr.get_or_add_trPr().append(marked)
                for row in rows:
                    cells = table.add_row().cells
                    for number, shown in enumerate(chosen):
                        cells[number].text = cell(row, shown, facts)
    paper.add_heading("What the words mean", 1)
    for term, meaning in prose.DEFINITIONS:
        paper.add_paragraph(f"{term}: {meaning}")
    paper.add_heading("What these figures can and cannot say", 1)
    for line in prose.CAN_SAY:
        paper.add_paragraph(f"They can say {line}.", style="List Bullet")
    for line in prose.CANNOT_SAY:
        paper.add_paragraph(f"They cannot say {line}.", style="List Bullet")
    paper.save(place)
    write_trail(released, place, trail)
    return place
