"""``disprop gaps``: gaps from a file of pupil rows."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.arguments import add_gaps, add_out, add_tallying
from disprop.cli.output import NOT_FOR_PUBLICATION, writable, write_table
from disprop.cli.refusal import DONE
from disprop.cli.request import compare, read_tallies, with_dimension
from disprop.cli.speech import complain, say

if TYPE_CHECKING:
    import argparse

    import disprop as dp
    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up, compare and write."""
    writable(given.out)
    if given.cluster:
        _, given.by = with_dimension(given.by, given.cluster)
    tallies, known = read_tallies(given)
    return write_gaps(given, tallies, known)


def write_gaps(given: argparse.Namespace, tallies: dp.Tallies, known: list[dp.Finding]) -> int:
    """Compare groups as asked, and print or write the result."""
    gaps = compare(given, tallies, known)
    if given.out is None:
        say(gaps.to_text())
        return DONE
    write_table(given.out, gaps, name="gaps", note=gaps.note)
    complain(f"{len(gaps):,} gaps in {given.out}\n{NOT_FOR_PUBLICATION}\n")
    complain(textwrap.fill(gaps.note, 96))
    return DONE


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_tallying(parser)
    add_gaps(parser)
    add_out(parser)
