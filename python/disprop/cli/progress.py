"""What is shown while work lasts."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any

from disprop.cli.speech import complain

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Work shorter than this shows no progress.
PATIENCE_SECONDS = 1.0


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal what is being done, once it takes longer than a moment."""
    if not sys.stderr.isatty():
        yield
        return
    shown: list[Any] = []

    def show() -> None:
        try:
            from rich.console import Console
        except ImportError:
            complain(f"{what} …")
            return
        status = Console(stderr=True).status(f"{what} …", spinner="line")
        shown.append(status)
        status.start()

    timer = threading.Timer(PATIENCE_SECONDS, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()
