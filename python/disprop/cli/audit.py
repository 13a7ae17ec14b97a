"""``disprop audit``: how closely a reader can come to what published tables withhold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import disprop as dp
from disprop.cli.arguments import add_out
from disprop.cli.output import listing, records
from disprop.cli.refusal import DONE, REFUSED
from disprop.cli.speech import complain
from disprop.io import frame, needs_polars

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser

NUMBERS = ("group_n", "group_value", "baseline_n", "baseline_value")
#: How publications write a number that is not there (DOMAIN 12).
SYMBOLS = ("c", "x", "z", "k", "low", "u", "~", ":", "..", ".", "-", "*", "withheld", "[c]", "")


def run(given: argparse.Namespace) -> int:
    """Read what was published, attack it, and say what comes of it."""
    named = dict(word.split("=", 1) for word in given.column)
    policy = dp.Policy(threshold=given.threshold, show_zeros=not given.hide_zeros)
    tables = {path: shown(frame(path), named, given.symbol or SYMBOLS) for path in given.files}
    found = dp.audit(
        tables,
        policy=policy,
        dimensions=[name for name in (given.by or "").split(",") if name],
        decimals=given.decimals,
        complete=not given.partial,
        together=[words.split(",") for words in given.same_pupils],
        show_ranges=given.show_ranges,
    )
    rows = records(found.to_dict())
    leaks = sum(row["range"] in ("worked out", "too narrow") for row in rows)
    listing(given, rows, tuple(found.columns))
    complain(f"{len(rows)} rows are withheld; {leaks} of them can be narrowed below the policy")
    return REFUSED if leaks else DONE


def shown(table: Any, named: dict[str, str], symbols: tuple[str, ...]) -> Any:
    """Return the table with our column names, and numbers where there are numbers."""
    pl = needs_polars()
    table = table.rename(
        {theirs: ours for ours, theirs in named.items() if theirs in table.columns}
    )
    if "measure" not in table.columns:
        table = table.with_columns(measure=pl.lit("measure"))
    for name in (name for name in NUMBERS if name in table.columns):
        text = pl.col(name).cast(pl.String).str.strip_chars()
        text = text.str.replace_all(",", "").str.strip_suffix("%")
        number = pl.when(text.is_in(list(symbols))).then(None).otherwise(text)
        table = table.with_columns(number.cast(pl.Float64, strict=False).alias(name))
    if "finding" not in table.columns:
        gone = pl.col("group_n").is_null()
        if "group_value" in table.columns:
            gone = gone | pl.col("group_value").is_null()
        word = pl.when(gone).then(pl.lit("withheld")).otherwise(pl.lit("shown"))
        table = table.with_columns(word.alias("finding"))
    return table


def add(parser: Parser) -> None:
    """Give the command its options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="published tables, taken together")
    parser.add_argument(
        "--threshold", type=int, required=True, help="counts from 1 to one less are small"
    )
    parser.add_argument("--by", help="columns that are dimensions: year,school")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="name of a column: group_n=headcount; ours are measure, group, " + ", ".join(NUMBERS),
    )
    parser.add_argument("--symbol", action="append", help="a mark of a withheld number, such as c")
    parser.add_argument("--decimals", type=int, default=1, help="printed decimals of values")
    parser.add_argument("--partial", action="store_true", help="the groups are not everybody")
    parser.add_argument(
        "--same-pupils",
        action="append",
        default=[],
        metavar="MEASURES",
        help="measures of the same pupils, with commas: numbers of pupils of one are known for all",
    )
    parser.add_argument("--hide-zeros", action="store_true", help="zeros may not be known either")
    parser.add_argument(
        "--show-ranges", action="store_true", help="print the bounds; for the owner of the data"
    )
    add_out(parser)
