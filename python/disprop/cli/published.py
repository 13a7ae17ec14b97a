"""``disprop published``: gaps from published counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import disprop as dp
from disprop import io
from disprop.cli.arguments import add_codes, add_file, add_gaps, add_out, positive
from disprop.cli.gaps import write_gaps
from disprop.cli.output import writable
from disprop.cli.progress import working
from disprop.cli.refusal import UsageError, warn
from disprop.cli.request import (
    extra_codes,
    fields,
    find_measure,
    own_measures,
    pair,
    read_symbol,
    split,
)

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read counts, compare and write."""
    writable(given.out)
    measure = find_measure(given.measure, own_measures(given)) if given.measure else None
    if measure is None:
        own = own_measures(given)
        if len(own) != 1:
            raise UsageError("say which measure the counts are of, with --measure")
        measure = own[0]
    renamed = [pair(one, "--by") if "=" in one else (one, one) for one in split(given.by)]
    plain = all(name == column for name, column in renamed)
    where: dict[str, list[str]] = {}
    for one in given.where:
        column, values = pair(one, "--where")
        where.setdefault(column, []).extend(fields(values))
    symbols = dict(read_symbol(one) for one in given.symbol)
    with working(f"reading {given.file}"):
        table = io.frame(given.file, delimiter=given.delimiter, sheet=given.sheet)
        tallies = dp.Tallies.from_counts(
            table,
            measure=measure,
            ethnicity=given.ethnicity,
            numerator=given.numerator,
            denominator=given.denominator,
            pupils=given.pupils,
            by=[name for name, _ in renamed] if plain else dict(renamed),
            where=where,
            total=given.total,
            exhaustive=given.exhaustive,
            group_level=given.group_level,
            codes=given.codes,
            chinese=given.chinese,
            extra_codes=extra_codes(given),
            rounded_to=given.rounded_to,
            symbols=symbols,
        )
    warn(tallies.findings)
    return write_gaps(given, tallies, known=tallies.findings)


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_file(parser)
    parser.add_argument("--measure", metavar="ID", help="what the numbers are of")
    for name, text in (
        ("ethnicity", "column of the groups' labels or codes"),
        ("numerator", "column of events, or of the sum of points"),
    ):
        parser.add_argument(f"--{name}", metavar="COLUMN", required=True, help=text)
    parser.add_argument(
        "--denominator", metavar="COLUMN", help="column of pupils, sessions or entries"
    )
    parser.add_argument(
        "--pupils", metavar="COLUMN", help="column of pupils, where the denominator is not that"
    )
    parser.add_argument(
        "--by",
        action="append",
        metavar="COLUMN",
        help="a dimension, or NAME=COLUMN; repeatable, or between commas",
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="COLUMN=VALUE,VALUE",
        help="rows to keep, whatever the case of the letters; repeatable; a value that holds a "
        "comma stands in double quotes",
    )
    whole = parser.add_mutually_exclusive_group()
    whole.add_argument("--total", metavar="LABEL", help="label of the row that holds everyone")
    whole.add_argument(
        "--exhaustive", action="store_true", help="the groups listed are all there are"
    )
    parser.add_argument(
        "--rounded-to", type=positive, metavar="N", help="counts were rounded to multiples of N"
    )
    parser.add_argument(
        "--symbol",
        action="append",
        default=[],
        metavar="SYMBOL=FROM-TO",
        help="counts that a symbol stands for, such as x=1-2; repeatable",
    )
    parser.add_argument(
        "--group-level",
        choices=("auto", "main", "major", "extended"),
        default="auto",
        help="which groups the labels are, where a table has several levels",
    )
    add_codes(parser)
    add_gaps(parser)
    add_out(parser)
