"""``disprop decompose``: gaps with the parts they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.analysis import add_analysis, tallied, write
from disprop.cli.progress import working
from disprop.cli.request import split

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser

METHODS = ("kitagawa", "oaxaca_blinder", "three_fold", "within_between")


def run(given: argparse.Namespace) -> int:
    """Read, add up, take apart and write."""
    over = split(given.over)
    beside = [name for name in [given.cluster] if name and name not in over]
    tallies, arguments = tallied(given, [*over, *beside])
    with working("taking apart"):
        table = tallies.decompose(
            over, **arguments, method=given.method, cluster=given.cluster, level=given.level
        )
    return write(given, table)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_analysis(parser)
    parts = parser.add_argument_group("parts")
    parts.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="DIMENSION",
        help="what gaps are taken apart over, such as fsm,sen; the school for within_between",
    )
    parts.add_argument(
        "--method",
        choices=METHODS,
        default="kitagawa",
        help="composition and rate; explained and unexplained; in three; within and between "
        "schools (default: %(default)s)",
    )
    parts.add_argument(
        "--cluster",
        metavar="DIMENSION",
        help="schools, where intervals are to allow for pupils of one school being alike",
    )
