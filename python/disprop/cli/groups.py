"""``disprop groups``: ethnicity codes and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.arguments import add_chinese, add_out
from disprop.cli.output import listing, records

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """List."""
    rows = records(dp.groups(chinese=given.chinese).to_dict())
    if given.main:
        rows = [row for row in rows if row["code"] == row["main"]]
    return listing(given, rows, ("code", "label", "main", "major"))


def add(parser: Parser) -> None:
    """Give the command its options."""
    parser.add_argument("--main", action="store_true", help="main codes only")
    add_chinese(parser)
    add_out(parser)
