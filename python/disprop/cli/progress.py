"""What is shown while work lasts."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from disprop.cli.speech import complain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


@contextlib.contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many of a known number are done, once it takes longer than a moment.

    Yields
    ------
    callable
        To be called with the number done and the number of all.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    except ImportError:
        complain(f"{what} …")
        yield lambda done, total: None
        return
    started = time.monotonic()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what)
    begun = False

    def show(done: int, total: int) -> None:
        nonlocal begun
        if not begun and time.monotonic() - started > PATIENCE_SECONDS:
            bar.start()
            begun = True
        bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        bar.stop()
