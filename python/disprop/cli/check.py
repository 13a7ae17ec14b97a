"""``disprop check``: what a file of pupil rows allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.arguments import add_cohort
from disprop.cli.output import say_rows
from disprop.cli.progress import working
from disprop.cli.refusal import DONE, warn
from disprop.cli.request import counted, is_allowed, own_measures, read_cohort
from disprop.cli.speech import say

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Check, and say what was found."""
    own = own_measures(given)
    with working(f"checking {given.file}"):
        cohort = read_cohort(given, own)
    say(f"{cohort.rows:,} rows, {cohort.units:,} counted as {counted(given)}")
    say("\nColumns")
    say_rows(
        [{"role": role, "column": column} for role, column in cohort.roles.items()],
        ("role", "column"),
    )
    say("\nMeasures that the columns allow")
    allowed = [measure for measure in own if is_allowed(cohort, measure)]
    allowed += [m for m in dp.measures() if m.id in cohort.measures and m not in allowed]
    say_rows(
        [{"measure": measure.id, "label": measure.label} for measure in allowed],
        ("measure", "label"),
    )
    say("")
    warn(cohort.findings)
    say("no problem found" if not cohort.findings else "usable, with the warnings given")
    return DONE


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_cohort(parser)
