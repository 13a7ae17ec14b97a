"""What is printed, to the standard output and the standard error."""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO


def say(text: str) -> None:
    """Print to the standard output."""
    _speak(sys.stdout, text)


def complain(text: str) -> None:
    """Print to the standard error."""
    with contextlib.suppress(BrokenPipeError):
        _speak(sys.stderr, text)


def _speak(stream: TextIO, text: str) -> None:
    """Print with no control character of the data's, in what the stream can hold."""
    text = "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    except LookupError:
        text = text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")
    print(text, file=stream)


_PLAIN = str.maketrans({"−": "-", "–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "’": "'"})
