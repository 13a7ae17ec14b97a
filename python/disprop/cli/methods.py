"""``disprop methods``: interval methods, tests and effect sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.arguments import add_out
from disprop.cli.output import listing, records

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """List."""
    rows = [
        row
        for row in records(dp.methods().to_dict())
        if given.family in (None, row["family"]) and given.scale in (None, row["scale"])
    ]
    return listing(given, rows, ("family", "scale", "method", "label", "when_to_use"))


def add(parser: Parser) -> None:
    """Give the command its options."""
    parser.add_argument("--family", choices=("proportion", "mean", "ratio", "rate", "all"))
    parser.add_argument("--scale", help="value, difference, ratio, test, clustered, …")
    add_out(parser)
