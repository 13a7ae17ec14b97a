"""HTML pages and parts of them: escaped, without scripts, self-contained."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path

from disprop.present.view import clean


def text(value: object) -> str:
    """Return text that cannot become markup, nor turn the direction of what follows."""
    return html.escape(clean(value), quote=True)


def style() -> str:
    """Return the one style sheet."""
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def page(title: str, body: str, language: str = "en-GB") -> str:
    """Return a whole page that may load nothing and run nothing.

    Notes
    -----
    The content security policy allows the style sheet in the page, by its hash, and nothing else:
    no script, no font, no picture from elsewhere, no form.
    """
    sheet = style()
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n<style>{sheet}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">Skip to main content</a>\n{body}\n</body>\n</html>\n'
    )
