"""Exit codes, and how findings and errors are told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.speech import complain

if TYPE_CHECKING:
    from collections.abc import Sequence


DONE, REFUSED, USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """What was asked for cannot be done as asked; the message says what to write instead."""


def warn(findings: Sequence[dp.Finding]) -> None:
    """Print findings, and advice that several in a row share only once."""
    following = [*findings[1:], None]
    for finding, after in zip(findings, following, strict=False):
        complain(f"{finding.severity}: {finding}")
        if finding.hint and (after is None or after.hint != finding.hint):
            complain(f"  hint: {in_options(finding.hint)}")


def refusal(error: dp.DispropError) -> int:
    """Print all that is known of an error; returns the exit code it means."""
    if error.findings:
        warn(error.findings)
        refused = sum(finding.severity == "refused" for finding in error.findings)
        plural = "problem" if refused == 1 else "problems"
        complain(f"error: the data cannot be used: {refused} {plural}")
    else:
        message = str((error.context or {}).get("message") or error).partition("\nhint: ")[0]
        complain(f"error: {message}")
        if error.hint:
            complain(f"  hint: {in_options(error.hint)}")
    of_data = isinstance(error, dp.DataError | dp.TallyError)
    return REFUSED if of_data or error.code in ("measure.columns", "stats.overflow") else USAGE


_AS_OPTIONS: tuple[tuple[str, str], ...] = (
    (r"exhaustive=True", "--exhaustive"),
    (r"total=…", "--total LABEL"),
    (r"pupil=…", "--pupil COLUMN"),
    (r"extra_codes=\{[^}]*\}", "--extra-code CODE=LABEL=MAIN"),
    (r'columns=\{"([^"]*)": "([^"]*)"\}', r"--column \1=\2"),
    (r'columns=\{"([^"]*)": …\}', r"--column \1=COLUMN"),
)


def in_options(hint: str) -> str:
    """Turn the arguments that a hint names into options of the command line."""
    for pattern, option in _AS_OPTIONS:
        hint = re.sub(pattern, option, hint)

    def option_of(found: re.Match[str]) -> str:
        value = f'"{found[2]}"' if " " in found[2] else found[2]
        return f"--{found[1].replace('_', '-')} {value}"

    return re.sub(r'\b([a-z_0-9]+)="([^"]*)"', option_of, hint)
