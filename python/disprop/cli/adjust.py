"""``disprop adjust``: raw gaps beside gaps among pupils alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.analysis import add_analysis, tallied, write
from disprop.cli.arguments import natural
from disprop.cli.progress import working
from disprop.cli.request import split

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up, adjust and write."""
    strata = split(given.strata)
    cluster = [given.cluster] if given.cluster else []
    tallies, arguments = tallied(given, strata + cluster)
    with working("adjusting"):
        table = tallies.adjusted(
            strata,
            **arguments,
            methods=split(given.method) or None,
            cluster=given.cluster,
            level=given.level,
            minimum=given.minimum,
        )
    return write(given, table)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_analysis(parser)
    adjusting = parser.add_argument_group("adjusting")
    adjusting.add_argument(
        "--strata",
        action="append",
        required=True,
        metavar="DIMENSION",
        help="what pupils are to be alike in, such as fsm,sen; repeatable, or between commas",
    )
    adjusting.add_argument(
        "--method",
        action="append",
        metavar="ID",
        help="mantel_haenszel, standardised, least_squares, logistic, poisson or all; repeatable "
        "(default: what suits the measure)",
    )
    adjusting.add_argument(
        "--cluster",
        metavar="DIMENSION",
        help="schools, where intervals are to allow for pupils of one school being alike",
    )
    adjusting.add_argument(
        "--minimum",
        type=natural,
        default=10,
        metavar="N",
        help="fewer pupils than this are too few to tell (default: %(default)s)",
    )
