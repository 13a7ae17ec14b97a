"""``disprop crossed``: ethnic groups crossed with sex, FSM and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.arguments import add_gaps, add_out, add_tallying
from disprop.cli.output import writable, write_analysis
from disprop.cli.progress import working
from disprop.cli.request import chosen_groups, read_tallies, split, with_dimension

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up, cross and write."""
    writable(given.out)
    by = split(given.by)
    dims = split(given.cross)
    for dimension in [*dims, *([given.cluster] if given.cluster else [])]:
        _, given.by = with_dimension(given.by, dimension)
    tallies, _ = read_tallies(given)
    with working("crossing groups"):
        table = tallies.crossed(
            dims,
            by=by,
            groups=chosen_groups(given),
            compared_with=given.compared_with,
            unclassified=given.unclassified,
            level=given.level,
            minimum=given.minimum,
            method=given.correction,
            cluster=given.cluster,
        )
    return write_analysis(given.out, table)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_tallying(parser)
    crossed = parser.add_argument_group("crossing")
    crossed.add_argument(
        "--cross",
        action="append",
        required=True,
        metavar="DIMENSION",
        help="a dimension to cross ethnicity with; every subset is made; repeatable, or between "
        "commas",
    )
    crossed.add_argument(
        "--compared-with",
        choices=("everyone", "alike"),
        default="everyone",
        help="everyone else, or other ethnic groups of the same sex, FSM and so on "
        "(default: %(default)s)",
    )
    crossed.add_argument(
        "--correction",
        choices=("holm", "hochberg", "hommel", "bonferroni", "bh", "by"),
        default="holm",
        help="of p-values for their number (default: %(default)s)",
    )
    add_gaps(parser)
    add_out(parser)
