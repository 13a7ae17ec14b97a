"""The report: one HTML file that works offline, prints, and reads aloud."""

from __future__ import annotations

import os
from typing import Any

from disprop.present import document, table
from disprop.present.content import content
from disprop.present.names import KICKER
from disprop.present.page import page, text


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
    made = content(released, title=title, area=area, about=about)
    links = "".join(f'<li><a href="#{one.key}">{text(one.name)}</a></li>' for one in made.listed)
    parts = [
        f'<header><p class="kicker">{KICKER}</p><h1>{text(made.title)}</h1>',
        f'<p class="lead">{text(made.lead)}</p>',
        f'<div class="stamp">{"".join(_block(one) for one in made.stamp)}</div></header>',
        '<main id="main">',
        _section(made.brief),
        f'<nav aria-label="Contents"><h3>Also in this report</h3><ul>{links}</ul></nav>',
        *(_section(one) for one in made.sections),
        "</main><footer><p>A gap describes outcomes, not pupils, and says nothing of its cause. "
        "This page loads nothing, runs nothing and sends nothing.</p></footer>",
    ]
    return page(made.title, "\n".join(parts))


def _section(one: document.Section) -> str:
    kept = "" if one.fresh else ' class="keep"'
    blocks = "".join(_block(block) for block in one.blocks)
    return (
        f'<section aria-labelledby="{one.key}"><h2 id="{one.key}"{kept}>{text(one.name)}</h2>'
        f"{blocks}</section>"
    )


def _block(block: document.Block) -> str:
    """Print one block, whatever it is."""
    if isinstance(block, document.Paragraph):
        return f"<p>{_words(block)}</p>"
    if isinstance(block, document.Heading):
        return f"<h3>{text(block.text)}</h3>"
    if isinstance(block, document.Bullets):
        items = "".join(f"<li>{_words(one)}</li>" for one in block.items)
        return f"<ul>{items}</ul>"
    if isinstance(block, document.Terms):
        pairs = "".join(f"<dt>{text(a)}</dt><dd>{text(b)}</dd>" for a, b in block.pairs)
        return f"<dl>{pairs}</dl>"
    if isinstance(block, document.Figure):
        return _figure(block)
    return table.markup(block)


def _words(one: document.Paragraph) -> str:
    strong = f"<strong>{text(one.strong)}</strong> " if one.strong else ""
    return strong + text(one.text)


def _figure(one: document.Figure) -> str:
    picture = one.picture
    left = ""
    if picture.left_out:
        left = f'<p class="legend">Not in the chart: {text("; ".join(picture.left_out))}.</p>'
    return (
        f"<figure><figcaption><strong>{text(picture.title)}</strong>"
        f"<span>{text(picture.subtitle)}</span></figcaption>"
        f"{picture.svg()}</figure>{left}"
        f'<details class="how"{" open" if one.first else ""}><summary>How to read this chart'
        f"</summary><p>{text(one.how)}</p></details>"
    )
