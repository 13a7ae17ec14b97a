"""``disprop synth``: a synthetic cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import disprop as dp
from disprop import io
from disprop.cli.arguments import DEFAULT, OUT, natural, positive
from disprop.cli.output import records, replacing, writable, write_csv, write_json
from disprop.cli.progress import working
from disprop.cli.refusal import DONE
from disprop.cli.speech import complain

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Make rows and write them."""
    extension = writable(given.out)
    with working("making pupils"):
        table = dp.synth(
            given.pupils,
            given.years,
            seed=given.seed,
            first_year=given.first_year,
            authorities=given.authorities,
            movers=given.movers,
            plain_text=given.plain_text,
            staff=given.staff,
        )
    with working(f"writing {given.out}"), replacing(given.out) as place:
        if extension == ".parquet":
            io.needs_polars().DataFrame(table).write_parquet(place)
        elif extension == ".json":
            write_json(place, {"synthetic": True, "rows": records(table.to_dict())})
        else:
            write_csv(place, table.to_dict())
    rows, columns = table.shape
    complain(f"{rows:,} synthetic rows of {columns} columns in {given.out}")
    return DONE


def add(parser: Parser) -> None:
    """Give the command its options."""
    parser.add_argument("--pupils", type=positive, default=60_000, metavar="N", help=DEFAULT)
    parser.add_argument("--years", type=positive, default=3, metavar="N", help=DEFAULT)
    parser.add_argument("--seed", type=natural, default=1, metavar="N", help=DEFAULT)
    parser.add_argument("--first-year", type=positive, metavar="YEAR", help="2022 for 2022/23")
    parser.add_argument(
        "--authorities", type=positive, metavar="N", help="several authorities instead of one"
    )
    parser.add_argument("--movers", type=float, metavar="SHARE", help="share who change school")
    parser.add_argument(
        "--plain-text", action="store_true", help="text columns as text, not as categories"
    )
    parser.add_argument("--staff", action="store_true", help="staff instead of pupils")
    parser.add_argument("--out", metavar="FILE", required=True, help=OUT)
