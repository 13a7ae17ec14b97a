"""Options that several commands share."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from disprop import io
from disprop.cli.output import WRITABLE
from disprop.cli.refusal import USAGE
from disprop.cli.speech import complain

ROLES = (
    "ethnicity",
    "year",
    "la",
    "school",
    "pupil",
    "sex",
    "fsm",
    "sen",
    "eal",
    "year_group",
    "phase",
)

OUT = f"file to write, {', '.join(WRITABLE)}; one that is there is replaced"
DEFAULT = "default: %(default)s"


class Parser(argparse.ArgumentParser):
    """A parser whose help shows line breaks as written, and whose options are never guessed."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is, and end."""
        complain(f"{self.format_usage()}error: {message}\n  hint: {self.prog} --help")
        raise SystemExit(USAGE)


def add_file(parser: Parser) -> None:
    """Take a table to read, and measures of the caller's own."""
    parser.add_argument("file", metavar="FILE", help=f"one of {' '.join(io.READABLE)}")
    parser.add_argument("--delimiter", metavar="CHARACTER", help="of a CSV; default: a comma")
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook; default: the first")
    parser.add_argument(
        "--measure-file",
        action="append",
        default=[],
        metavar="FILE",
        help="a measure of your own, in TOML or JSON; repeatable",
    )


def add_chinese(parser: Parser) -> None:
    """Which major group Chinese pupils are in."""
    parser.add_argument(
        "--chinese",
        choices=("asian", "own"),
        default="asian",
        help="the major group that Chinese pupils are in (default: %(default)s)",
    )


def add_codes(parser: Parser) -> None:
    """Take what ethnicity values mean."""
    coding = parser.add_argument_group("what ethnicity values mean")
    coding.add_argument(
        "--codes",
        choices=("england", "own"),
        default="england",
        help="codes and labels used in England, or every value a group of its own",
    )
    coding.add_argument(
        "--extra-code",
        action="append",
        default=[],
        metavar="CODE=LABEL=MAIN",
        help="a code that the list does not have; repeatable",
    )
    add_chinese(parser)


def add_cohort(parser: Parser) -> None:
    """Take a file of pupil rows, its columns and what is counted."""
    add_file(parser)
    columns = parser.add_argument_group(
        "columns", "Found by their usual names (census, NPD, EES) where not given."
    )
    for role in ROLES:
        columns.add_argument(f"--{role.replace('_', '-')}", dest=role, metavar="COLUMN")
    columns.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=COLUMN",
        help="the column of any other role, such as sessions_absent=Missed; repeatable",
    )
    counting = parser.add_argument_group("counting")
    counting.add_argument(
        "--rows",
        choices=("enrolment", "pupil"),
        default="enrolment",
        help="what is counted: rows as they are, or pupils, a mover's rows being added first",
    )
    counting.add_argument(
        "--unknown-codes",
        choices=("refuse", "unclassified"),
        default="refuse",
        help="what becomes of an ethnicity value that is no code and no label",
    )
    counting.add_argument(
        "--absent-goals",
        choices=("exclude", "not_achieved"),
        default="exclude",
        help="a Reception goal marked A",
    )
    counting.add_argument(
        "--ks2-denominator",
        choices=("npd", "eligible", "valid"),
        default="npd",
        help="which pupils Key Stage 2 is out of",
    )
    add_codes(parser)


def add_gaps(parser: Parser) -> None:
    """Which groups are compared with what, and how."""
    gaps = parser.add_argument_group("gaps")
    gaps.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="GROUP",
        help="a code, a label, `main`, `major`, `leaves` or NAME=CODE,CODE; repeatable "
        "(default: main)",
    )
    gaps.add_argument(
        "--baseline",
        default="all_others",
        metavar="WHAT",
        help="all_others, overall, best, a code or label, or a number (default: %(default)s)",
    )
    gaps.add_argument(
        "--unclassified",
        choices=("exclude", "include", "bounds"),
        default="exclude",
        help="pupils whose ethnicity is refused, not obtained or missing",
    )
    gaps.add_argument("--level", type=float, default=0.95, help=DEFAULT)
    gaps.add_argument(
        "--method",
        action="append",
        metavar="ID",
        help="an interval method in place of a default; repeatable (`disprop methods`)",
    )
    gaps.add_argument(
        "--minimum",
        type=natural,
        default=10,
        metavar="N",
        help="fewer pupils than this are too few to tell (default: %(default)s)",
    )
    gaps.add_argument(
        "--matters",
        type=float,
        default=0.0,
        metavar="X",
        help="smallest difference that matters, in the measure's unit (default: any)",
    )
    gaps.add_argument(
        "--cluster",
        metavar="DIMENSION",
        help="school: intervals allow for pupils of one school being alike",
    )
    gaps.add_argument(
        "--cluster-method",
        choices=(
            "cr2",
            "cr0",
            "cr1",
            "cr1_stata",
            "cr3",
            "jackknife",
            "bootstrap_bca",
            "bootstrap_percentile",
        ),
        default="cr2",
        help="(default: %(default)s)",
    )
    gaps.add_argument(
        "--cluster-seed", type=natural, default=1, metavar="N", help="of a bootstrap; " + DEFAULT
    )


def positive(text: str) -> int:
    """Read a whole number of one or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not one or more")
    return number


def natural(text: str) -> int:
    """Read a whole number, zero included."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"`{text}` is negative")
    return number


def add_tallying(parser: Parser) -> None:
    """Pupil rows, and what of them is added up."""
    add_cohort(parser)
    parser.add_argument(
        "--measure",
        action="append",
        metavar="ID",
        help="a measure, or several between commas; repeatable (default: all that the columns "
        "allow; `disprop measures` lists them)",
    )
    parser.add_argument(
        "--by",
        action="append",
        metavar="DIMENSION",
        help="year, la, school, sex, fsm, sen, eal, year_group, phase or any column of "
        "categories; repeatable, or between commas",
    )
    parser.add_argument("--threads", type=positive, metavar="N", help="default: all cores")
    parser.add_argument(
        "--stream",
        action="store_true",
        help="a Parquet file larger than the memory: read it batch by batch (needs --measure)",
    )


def add_out(parser: Parser) -> None:
    """Where results go."""
    parser.add_argument("--out", metavar="FILE", help=OUT)


positive.__name__ = natural.__name__ = "whole number"
