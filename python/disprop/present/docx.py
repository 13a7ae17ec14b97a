"""The report as a Word document."""

from __future__ import annotations

import io
import os
from typing import Any

from disprop.present import document
from disprop.present.content import content
from disprop.present.names import KICKER
from disprop.present.table import Grid
from disprop.present.view import clean

#: Width of a picture, and of the text of an A4 page between its margins.
PICTURE_CM, TEXT_CM, MARGIN_CM = 13.0, 17.0, 2.0
INK = "0B0C0C"


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

    Notes
    -----
    It holds what the HTML report holds: the same sentences, charts (with what they show in words
    for those who cannot see them), tables with marked heading rows, and notes.
    """
    from disprop.present.trail import write_trail

    place = os.fspath(path)
    made = content(released, title=title, area=area, about=about)
    paper = _Paper(made.title)
    paper.words(KICKER, "Subtitle")
    paper.words(made.title, "Title")
    paper.words(made.lead)
    for one in made.stamp:
        paper.block(one)
    for section in (made.brief, *made.sections):
        paper.section(section)
    paper.save(place)
    write_trail(released, place, trail)
    return place


class _Paper:
    """A Word document in the making."""

    def __init__(self, title: str) -> None:
        import docx as word
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt, RGBColor

        self.paper = word.Document()
        self.paper.core_properties.title = clean(title)
        self.paper.core_properties.language = "en-GB"
        self.paper.core_properties.author = ""
        page = self.paper.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(MARGIN_CM)
        page.top_margin = page.bottom_margin = Cm(MARGIN_CM)
        sizes = {"Normal": 11, "Title": 24, "Subtitle": 11, "Heading 1": 18, "Heading 2": 13}
        for name, size in {**sizes, "Caption": 10, "List Bullet": 11}.items():
            style = self.paper.styles[name]
            style.font.name, style.font.size, style.font.italic = "Arial", Pt(size), False
            style.font.color.rgb = RGBColor.from_string(INK)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{kind}"), None)
            fonts.set(qn("w:hAnsi"), "Arial")
        self.paper.styles["Caption"].font.bold = True
        self.paper.styles["Caption"].paragraph_format.keep_with_next = True
        self.paper.styles["Normal"].paragraph_format.space_after = Pt(6)

    def save(self, place: str) -> None:
        self.paper.save(place)

    def words(self, text: str, style: str | None = None) -> Any:
        return self.paper.add_paragraph(clean(text), style=style)

    def section(self, one: document.Section) -> None:
        heading = self.paper.add_heading(clean(one.name), 1)
        heading.paragraph_format.page_break_before = one.fresh
        for block in one.blocks:
            self.block(block)

    def block(self, block: document.Block) -> None:
        """Write one block, whatever it is."""
        if isinstance(block, document.Paragraph):
            self._strong(block, None)
        elif isinstance(block, document.Heading):
            self.paper.add_heading(clean(block.text), 2)
        elif isinstance(block, document.Bullets):
            for item in block.items:
                self._strong(item, "List Bullet")
        elif isinstance(block, document.Terms):
            for term, meaning in block.pairs:
                self._strong(document.Paragraph(meaning, f"{term}:"), None)
        elif isinstance(block, document.Figure):
            self._figure(block)
        else:
            self._table(block)

    def _strong(self, one: document.Paragraph, style: str | None) -> None:
        written = self.paper.add_paragraph(style=style)
        if one.strong:
            written.add_run(f"{clean(one.strong)} ").bold = True
        written.add_run(clean(one.text))

    def _figure(self, one: document.Figure) -> None:
        from docx.shared import Cm

        picture = one.picture
        self.words(picture.title, "Caption")
        self.words(picture.subtitle).paragraph_format.keep_with_next = True
        self.paper.add_picture(io.BytesIO(picture.png()), width=Cm(PICTURE_CM))
        drawn = self.paper.inline_shapes[-1]._inline.docPr
        drawn.set("descr", clean(picture.alt))
        drawn.set("title", clean(picture.title))
        if picture.left_out:
            self.words(f"Not in the chart: {'; '.join(picture.left_out)}.")
        if one.first:
            self._strong(document.Paragraph(one.how, "How to read this chart."), None)

    def _table(self, made: Grid) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Cm, Pt

        self.words(made.caption, "Caption")
        table = self.paper.add_table(rows=0, cols=len(made.columns))
        table.autofit = False
        points = 9.0 if len(made.columns) < 7 else 8.0
        widths = _widths(made, points)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        heads = [(one.heading, True) for one in made.columns]
        clear = ("less", "more")
        lines = [heads, *([(one.text, one.tone in clear) for one in row] for row in made.rows)]
        for number, line in enumerate(lines):
            cells = table.add_row().cells
            for place, (said, bold) in enumerate(line):
                cells[place].width = Cm(widths[place])
                (written,) = cells[place].paragraphs
                written.paragraph_format.space_after = Pt(1)
                written.paragraph_format.keep_with_next = number == 0
                kept = number > 0 and made.columns[place].number
                run = written.add_run(_whole(clean(said)) if kept else clean(said))
                run.font.size = Pt(points)
                run.bold = bold
                if made.columns[place].number:
                    written.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _lined(cells, heading=number == 0)
        _mark_heading(table.rows[0])
        for note in made.notes:
            self.words(note)
        self.words("").paragraph_format.space_after = Pt(2)


def _whole(text: str) -> str:
    """Keep a number and its interval on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _length(text: str, bold: bool = False) -> float:
    """Return about how wide a text in Arial is, in its letters' heights."""
    narrow = sum(char in " .,()[]'/-ijlt\N{NO-BREAK SPACE}" for char in text)
    return (0.3 * narrow + 0.58 * (len(text) - narrow)) * (1.1 if bold else 1.0)


def _widths(made: Grid, points: float) -> list[float]:
    """Share the width of the page among columns: no word is broken, the rest goes by length."""
    height, margins, most = points * 2.54 / 72, 0.44, 14.0
    least, asked = [], []
    for place, one in enumerate(made.columns):
        texts = [row[place].text for row in made.rows]
        whole = [_length(text) for text in texts]
        words = [_length(word) for text in texts for word in text.split()]
        heads = [_length(word, True) for word in one.heading.split()]
        needed = max([*heads, *(whole if one.number else words)], default=1.0)
        least.append(min(needed, most) * height + margins)
        asked.append(min(max([*heads, *whole], default=1.0), most) * height + margins)
    spare = TEXT_CM - sum(least)
    if spare <= 0:
        return [TEXT_CM * one / sum(least) for one in least]
    more = [wish - need + 0.01 for wish, need in zip(asked, least, strict=True)]
    return [need + spare * one / sum(more) for need, one in zip(least, more, strict=True)]


def _mark_heading(row: Any) -> None:
    """Mark a row as the heading of its table: it is read aloud, and stands on every page."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    marked = OxmlElement("w:tblHeader")
    marked.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(marked)


def _lined(cells: Any, heading: bool) -> None:
    """Draw a line under a row, a strong one under the heading; no row breaks over two pages."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    for one in cells:
        borders = OxmlElement("w:tcBorders")
        line = OxmlElement("w:bottom")
        for key, value in {
            "val": "single",
            "sz": "12" if heading else "4",
            "color": INK if heading else "B1B4B6",
        }.items():
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
        one._tc.get_or_add_tcPr().append(borders)
    whole = OxmlElement("w:cantSplit")
    whole.set(qn("w:val"), "true")
    cells[0]._tc.getparent().get_or_add_trPr().append(whole)
