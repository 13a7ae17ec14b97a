"""``disprop schools``: funnels, school gaps and contributions, from a file of pupil rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disprop.cli.arguments import DEFAULT, add_gaps, add_out, add_tallying, natural, positive
from disprop.cli.output import writable, write_analysis
from disprop.cli.progress import working
from disprop.cli.request import chosen_groups, read_tallies, with_dimension

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up by school, analyse and write."""
    writable(given.out)
    by, given.by = with_dimension(given.by, given.over)
    tallies, _ = read_tallies(given)
    common = {
        "by": by,
        "groups": chosen_groups(given),
        "baseline": given.baseline,
        "unclassified": given.unclassified,
    }
    with working("comparing schools"):
        if given.show == "funnel":
            table = tallies.funnel(
                given.over, of=given.of, level=given.level, minimum=given.minimum, **common
            )
        elif given.show == "gaps":
            table = tallies.school_gaps(
                given.over, level=given.level, among=given.among, seed=given.seed, **common
            )
        else:
            table = tallies.contributions(given.over, **common)
    return write_analysis(given.out, table)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_tallying(parser)
    schools = parser.add_argument_group("schools")
    schools.add_argument(
        "--show",
        choices=("funnel", "gaps", "contributions"),
        default="funnel",
        help="which schools stand out, how sure each school's gap is, or what each adds to the "
        "gap of all (default: %(default)s)",
    )
    schools.add_argument("--over", metavar="DIMENSION", default="school", help=DEFAULT)
    schools.add_argument(
        "--of",
        choices=("gap", "group"),
        default="gap",
        help="what a funnel is of: the gap inside each school, or the group's value there",
    )
    schools.add_argument(
        "--among", type=positive, default=5, metavar="N", help="how many are the worst; " + DEFAULT
    )
    schools.add_argument(
        "--seed", type=natural, default=1, metavar="N", help="of ranks; " + DEFAULT
    )
    add_gaps(parser)
    add_out(parser)
