"""``disprop measures``: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.arguments import add_out
from disprop.cli.output import listing

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """List."""
    rows = [
        {
            "measure": measure.id,
            "label": measure.label,
            "phase": measure.phase,
            "unit": measure.unit,
            "better": {"higher_is_better": "higher", "lower_is_better": "lower"}.get(
                measure.polarity, "neither"
            ),
            "columns": ", ".join(measure.columns),
            "source": measure.source,
        }
        for measure in dp.measures()
    ]
    shown = ("measure", "label", "phase", "unit", "better")
    return listing(given, rows, shown)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_out(parser)
