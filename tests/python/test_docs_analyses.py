"""Pages of `docs/analyses`: their snippets run, and print what the page says."""

import contextlib
import io
import os
import re
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "analyses").glob("*.md"))
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def run(page):
    """Run the snippets of a page in order; return pairs of what was printed and what is written."""
    known, printed, pairs = {}, None, []
    for kind, text in BLOCK.findall(page.read_text("utf-8")):
        if kind == "text":
            pairs.append((printed, text))
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(text, str(page), "exec"), known)  # noqa: S102
        printed = out.getvalue()
    return pairs


def test_there_are_pages():
    assert PAGES


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_snippets_print_what_the_page_says(page):
    pytest.importorskip("polars")
    pairs = run(page)
    if os.environ.get("DISPROP_WRITE_DOCS"):
        text = page.read_text("utf-8")
        for printed, written in pairs:
            text = text.replace(f"```text\n{written}```", f"```text\n{printed}```", 1)
        page.write_text(text, "utf-8")
        return
    for printed, written in pairs:
        assert printed == written
