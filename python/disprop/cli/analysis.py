"""What the commands of analyses share: groups, dimensions, and the writing of a table."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from disprop.cli.arguments import DEFAULT, add_out, add_tallying
from disprop.cli.output import NOT_FOR_PUBLICATION, writable, write_table
from disprop.cli.refusal import DONE
from disprop.cli.request import chosen_groups, read_tallies, split
from disprop.cli.speech import complain, say

if TYPE_CHECKING:
    import argparse

    import disprop as dp
    from disprop.cli.arguments import Parser


def add_analysis(parser: Parser, *, level: bool = True) -> None:
    """Take pupil rows, groups and where the table goes."""
    add_tallying(parser)
    groups = parser.add_argument_group("groups")
    groups.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="GROUP",
        help="a code, a label, `main`, `major`, `leaves` or NAME=CODE,CODE; repeatable "
        "(default: main)",
    )
    groups.add_argument(
        "--baseline",
        default="all_others",
        metavar="WHAT",
        help="all_others, or a code or label (default: %(default)s)",
    )
    groups.add_argument(
        "--unclassified",
        choices=("exclude", "include"),
        default="exclude",
        help="pupils whose ethnicity is refused, not obtained or missing",
    )
    if level:
        groups.add_argument("--level", type=float, default=0.95, help=DEFAULT)
    add_out(parser)


def tallied(given: argparse.Namespace, more: list[str]) -> tuple[dp.Tallies, dict[str, Any]]:
    """Add up over the places and what the analysis needs besides.

    Returns
    -------
    tuple
        The tallies, and the arguments that every analysis takes.
    """
    writable(given.out)
    by = split(given.by)
    given.by = [*by, *(name for name in more if name not in by)]
    tallies, _ = read_tallies(given)
    return tallies, {
        "by": [name for name in by if name not in more],
        "groups": chosen_groups(given),
        "baseline": given.baseline,
        "unclassified": given.unclassified,
    }


def write(given: argparse.Namespace, table: dp.Table) -> int:
    """Print the table, or write it where ``--out`` says."""
    if given.out is None:
        say(table.to_text())
        return DONE
    write_table(given.out, table, title=table.title, note=table.note)
    complain(f"{len(table):,} rows in {given.out}\n{NOT_FOR_PUBLICATION}\n")
    complain(textwrap.fill(table.note, 96))
    return DONE
