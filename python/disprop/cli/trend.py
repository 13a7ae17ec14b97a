"""``disprop trend``: how gaps change over the years, and whether they reach a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.arguments import add_gaps, add_out, add_tallying
from disprop.cli.output import writable, write_analysis
from disprop.cli.progress import working
from disprop.cli.refusal import UsageError
from disprop.cli.request import compare, pair, read_tallies, with_dimension

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up by year, compare, follow over the years and write."""
    writable(given.out)
    if bool(given.target) != bool(given.due):
        raise UsageError("--target and --due belong together: what a gap is to be, and by when")
    _, given.by = with_dimension(given.by, given.year_dimension)
    if given.cluster:
        _, given.by = with_dimension(given.by, given.cluster)
    tallies, known = read_tallies(given)
    gaps = compare(given, tallies, known)
    with working("following gaps over the years"):
        if given.target:
            table = gaps.progress(
                read_targets(given.target),
                given.due,
                year=given.year_dimension,
                out_of_line=given.out_of_line,
            )
        elif given.show == "slope":
            table = gaps.slope(given.year_dimension, out_of_line=given.out_of_line)
        else:
            table = gaps.over_time(given.year_dimension)
    return write_analysis(given.out, table)


def read_targets(given: list[str]) -> float | dict[str, float]:
    """Read ``--target``: one size for all, or ``GROUP=SIZE``."""

    def size(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise UsageError(f"--target takes SIZE or GROUP=SIZE, not `{text}`") from None

    if len(given) == 1 and "=" not in given[0]:
        return size(given[0])
    parts = (pair(one, "--target") for one in given)
    return {name: size(text) for name, text in parts}


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_tallying(parser)
    trend = parser.add_argument_group("years")
    trend.add_argument(
        "--show",
        choices=("changes", "slope"),
        default="changes",
        help="changes between years, or the yearly change of a line (default: %(default)s)",
    )
    trend.add_argument(
        "--year-dimension", metavar="DIMENSION", default="year", help="default: %(default)s"
    )
    trend.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="[GROUP=]SIZE",
        help="size of the gap aimed at, in the measure's unit; a measure, group or all; repeatable",
    )
    trend.add_argument("--due", metavar="YEAR", help="when a target is due, such as 2026/27")
    trend.add_argument(
        "--out-of-line",
        choices=("flag", "leave_out"),
        default="flag",
        help="years such as 2019/20: used and flagged, or left out (default: %(default)s)",
    )
    add_gaps(parser)
    add_out(parser)
