"""From the words of a command line to the arguments of a call."""

from __future__ import annotations

import csv
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import disprop as dp
from disprop import io
from disprop.cli.arguments import ROLES
from disprop.cli.progress import working
from disprop.cli.refusal import UsageError, warn

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence


def cohort_words(given: argparse.Namespace) -> dict[str, Any]:
    """Columns, codes and what is counted, as a cohort takes them."""
    columns = dict(pair(one, "--column") for one in given.column)
    roles = {role: getattr(given, role) for role in ROLES if getattr(given, role) is not None}
    return {
        **roles,
        "columns": columns or None,
        "rows": given.rows,
        "codes": given.codes,
        "chinese": given.chinese,
        "extra_codes": extra_codes(given),
        "unknown_codes": given.unknown_codes,
        "absent_goals": given.absent_goals,
        "ks2_denominator": given.ks2_denominator,
    }


def read_cohort(given: argparse.Namespace, measures: list[dp.Measure]) -> dp.Cohort:
    """Read the file as a cohort, with the columns and codes given."""
    return io.read(
        given.file,
        delimiter=given.delimiter,
        sheet=given.sheet,
        **cohort_words(given),
        measures=measures or None,
    )


def stream_tallies(given: argparse.Namespace, measures: list[dp.Measure]) -> dp.Tallies:
    """Add up a Parquet file batch by batch, and say on a terminal how far it is."""
    if not given.file.lower().endswith(".parquet"):
        raise UsageError("--stream reads Parquet files")
    if not measures:
        raise UsageError("--stream needs --measure: what the columns allow is not known beforehand")
    shown = sys.stderr.isatty()

    def show(progress: dp.Progress) -> None:
        left = "" if progress.left is None else f", about {progress.left:,.0f} s left"
        print(f"\r{progress.rows:,} rows{left}   ", end="", file=sys.stderr, flush=True)

    try:
        return dp.tally_stream(
            given.file,
            measures,
            split(given.by),
            pupils="sorted" if given.rows == "pupil" else "batch",
            progress=show if shown else None,
            **cohort_words(given),
        )
    finally:
        if shown:
            print(file=sys.stderr)


def is_allowed(cohort: dp.Cohort, measure: dp.Measure) -> bool:
    """Say whether the cohort has what the measure needs."""
    try:
        cohort.tally(measure)
    except dp.MeasureError:
        return False
    return True


def counted(given: argparse.Namespace) -> str:
    """Name what a row is counted as."""
    return "pupils" if given.rows == "pupil" else "enrolments"


def own_measures(given: argparse.Namespace) -> list[dp.Measure]:
    """Measures that the caller declares in TOML or JSON files."""
    made: list[dp.Measure] = []
    for place in given.measure_file:
        with open(place, encoding="utf-8-sig") as file:
            try:
                text = file.read()
            except UnicodeDecodeError:
                raise UsageError(f"`{place}` is not UTF-8") from None
        if text.lstrip().startswith("["):
            try:
                listed = json.loads(text)
            except ValueError:
                listed = None
            if isinstance(listed, list):
                made.extend(dp.Measure(one) for one in listed)
                continue
        if not text.strip():
            raise UsageError(f"`{place}` is empty; it should declare a measure in TOML or JSON")
        made.append(dp.Measure(text))
    return made


def find_measure(name: str, own: list[dp.Measure]) -> dp.Measure:
    """Find a measure among the caller's own, then in the catalogue."""
    return next((measure for measure in own if measure.id == name), None) or dp.Measure(name)


def extra_codes(given: argparse.Namespace) -> dict[str, tuple[str, str]] | None:
    """Read ``--extra-code``."""
    extra: dict[str, tuple[str, str]] = {}
    for one in given.extra_code:
        parts = [part.strip() for part in one.split("=")]
        if len(parts) != 3 or not all(parts):
            raise UsageError(f"--extra-code takes CODE=LABEL=MAIN, not `{one}`")
        extra[parts[0]] = (parts[1], parts[2])
    return extra or None


def chosen_groups(given: argparse.Namespace) -> list[str | dict[str, list[str]]]:
    """Read ``--group``."""
    chosen: list[str | dict[str, list[str]]] = []
    for one in given.group:
        name, equals, codes = one.partition("=")
        chosen.append({name.strip(): fields(codes)} if equals else one.strip())
    return chosen or ["main"]


def read_baseline(text: str) -> str | float:
    """Read ``--baseline``: a number or a name."""
    try:
        return float(text)
    except ValueError:
        return text


def read_symbol(one: str) -> tuple[str, tuple[int, int]]:
    """Read one ``--symbol``: what it is, and the counts it stands for."""
    symbol, counts = pair(one, "--symbol")
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", counts)
    if not found:
        raise UsageError(f"--symbol takes a symbol and counts, such as x=1-2, not `{one}`")
    return symbol, (int(found[1]), int(found[2] or found[1]))


def pair(text: str, option: str) -> tuple[str, str]:
    """Part ``NAME=VALUE``."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or not equals or not value:
        raise UsageError(f"{option} takes NAME=VALUE, not `{text}`")
    return name, value


def fields(text: str) -> list[str]:
    """Values between commas; one that holds a comma stands in double quotes."""
    row = next(csv.reader([text], skipinitialspace=True), [])
    return [field.strip() for field in row if field.strip()]


def split(given: Iterable[str] | None) -> list[str]:
    """Split what a repeatable option was given, commas and all."""
    return [name for one in given or [] for name in fields(one)]


def with_dimension(by: list[str] | None, dimension: str) -> tuple[list[str], list[str]]:
    """Give the dimensions asked for without one, and those to be tallied with it."""
    others = [name for name in split(by) if name != dimension]
    return others, [*others, dimension]


def read_tallies(
    given: argparse.Namespace, *, usual: Sequence[str] = (), more: Sequence[str] = ()
) -> tuple[dp.Tallies, list[dp.Finding]]:
    """Read a file of pupil rows and add up what is asked for; warnings are printed.

    Parameters
    ----------
    given : Namespace
        The words of the command line.
    usual : sequence of str
        Dimensions taken where ``--by`` names none and the file has them.
    more : sequence of str
        Dimensions taken beside those, where the file has them.

    Returns
    -------
    tuple
        The tallies, and the findings that have been told already.
    """
    own = own_measures(given)
    named = [find_measure(name, own) for name in split(given.measure)]
    if given.stream:
        tallies = stream_tallies(given, named or own)
        warn(tallies.findings)
        return tallies, tallies.findings
    with working(f"reading {given.file}"):
        cohort = read_cohort(given, own + [m for m in named if m not in own] if own else [])
    warn(cohort.findings)
    by = split(given.by) or [name for name in usual if name in cohort.roles]
    by += [name for name in more if name in cohort.roles and name not in by]
    if {"pupil", cohort.roles.get("pupil")} & set(by):
        raise UsageError("pupil identifiers are never a dimension: they would be written out")
    chosen: list[dp.Measure] | None = named or own or None
    if chosen is None and not cohort.measures:
        raise UsageError("the columns allow no measure; `disprop measures` says what each needs")
    with working("adding up"):
        return cohort.tally(chosen, by, threads=given.threads), cohort.findings


def compare(
    given: argparse.Namespace,
    tallies: dp.Tallies,
    known: list[dp.Finding],
    by: Sequence[str] | None = None,
) -> dp.Gaps:
    """Compare groups as asked; warnings that are not ``known`` yet are printed."""
    with working("comparing"):
        gaps = tallies.gaps(
            by=by,
            groups=chosen_groups(given),
            baseline=read_baseline(given.baseline),
            unclassified=given.unclassified,
            level=given.level,
            methods=split(given.method) or None,
            minimum=given.minimum,
            matters=given.matters,
            cluster=given.cluster,
            cluster_method=given.cluster_method,
            seed=given.cluster_seed,
        )
    seen = {str(finding) for finding in known}
    warn([finding for finding in gaps.findings if str(finding) not in seen])
    return gaps
