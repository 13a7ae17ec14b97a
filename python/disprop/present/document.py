"""A report as data: headings, paragraphs, figures and tables, whatever they are printed as.

``content`` makes a :class:`Document` of what was released; ``report`` prints it as HTML and
``docx`` as a Word file, so that neither has a chart or a sentence that the other lacks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from disprop.present.chart import Picture
from disprop.present.table import Grid


@dataclass(frozen=True)
class Paragraph:
    """Plain text; ``strong`` stands before it in bold."""

    text: str
    strong: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of paragraphs."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Terms:
    """Words and what they mean."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """A chart with its reading; ``first`` of its kind in the document."""

    picture: Picture
    how: str
    first: bool = True


Block: TypeAlias = Paragraph | Heading | Bullets | Terms | Figure | Grid


@dataclass(frozen=True)
class Section:
    """A part with a heading that the contents lead to."""

    key: str
    name: str
    blocks: list[Block]
    #: Whether it begins on a new page in print.
    fresh: bool = False


@dataclass(frozen=True)
class Document:
    """All of a report, in order."""

    title: str
    lead: str
    stamp: list[Paragraph]
    brief: Section
    sections: list[Section] = field(default_factory=list)
    #: Sections that the table of the first one does not lead to already.
    listed: list[Section] = field(default_factory=list)
