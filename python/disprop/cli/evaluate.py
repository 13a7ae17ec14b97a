"""``disprop evaluate``: whether a gap changed more in the schools that took a programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.analysis import add_analysis, tallied, write
from disprop.cli.arguments import natural
from disprop.cli.progress import working
from disprop.cli.refusal import UsageError
from disprop.cli.request import fields, pair, split

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser

SCHOOL, YEAR = "school", "year"


def run(given: argparse.Namespace) -> int:
    """Read, add up, evaluate and write."""
    if (given.programme is None) == (given.flag is None):
        raise UsageError("name the schools with --programme, or a column with --flag COLUMN=VALUE")
    programme: list[str] | dict[str, list[str]]
    if given.flag is None:
        programme = schools(given.programme)
        more = []
    else:
        column, values = pair(given.flag, "--flag")
        programme = {column: fields(values)}
        more = [column]
    tallies, arguments = tallied(given, [YEAR, SCHOOL, *more])
    with working("evaluating"):
        table = tallies.evaluate(
            programme,
            before=split(given.before),
            after=split(given.after),
            **arguments,
            level=given.level,
            minimum_schools=given.minimum_schools,
        )
    return write(given, table)


def schools(words: list[str]) -> list[str]:
    """Read schools: their numbers, or a text file after @ with one a line."""
    named: list[str] = []
    for word in words:
        if word.startswith("@"):
            with open(word[1:], encoding="utf-8-sig") as file:
                named += [line.strip() for line in file if line.strip()]
        else:
            named += fields(word)
    return named


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_analysis(parser)
    programme = parser.add_argument_group("programme")
    programme.add_argument(
        "--programme",
        action="append",
        metavar="SCHOOL",
        help="schools that took it, as in the data; repeatable, between commas, or @FILE with "
        "one a line",
    )
    programme.add_argument(
        "--flag",
        metavar="COLUMN=VALUE",
        help="or a column, and its values for schools that took it",
    )
    programme.add_argument(
        "--before",
        action="append",
        required=True,
        metavar="YEAR",
        help="years before it, pooled; repeatable, or between commas",
    )
    programme.add_argument(
        "--after",
        action="append",
        required=True,
        metavar="YEAR",
        help="years after it began, pooled; repeatable, or between commas",
    )
    programme.add_argument(
        "--minimum-schools",
        type=natural,
        default=5,
        metavar="N",
        help="fewest schools of an arm that a group must be in (default: %(default)s)",
    )
