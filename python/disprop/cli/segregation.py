"""``disprop segregation``: how unevenly groups are spread over schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.analysis import add_analysis, tallied, write
from disprop.cli.progress import working

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up, measure and write."""
    tallies, arguments = tallied(given, [given.over])
    with working("measuring"):
        table = tallies.segregation(given.over, **arguments)
    return write(given, table)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_analysis(parser, level=False)
    parser.add_argument(
        "--over",
        default="school",
        metavar="DIMENSION",
        help="the dimension of schools (default: %(default)s)",
    )
