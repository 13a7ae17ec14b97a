"""Numbers in print: rounding half away from zero, signs, units, symbols."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MINUS = "\N{MINUS SIGN}"
#: Shorthand of government spreadsheets for a number that is not there.
SYMBOLS = {
    "c": "withheld, so that no figure tells of a single pupil",
    "x": "not available: it cannot be worked out from these data",
    "z": "not applicable",
    "low": "rounds to zero but is not zero",
}
_NOT_APPLICABLE = {
    "no_group",
    "no_baseline",
    "is_baseline",
    "overlaps_baseline",
    "not_a_ratio_scale",
    "not_a_proportion",
    "zero_baseline",
    "no_complement",
    "zero_group",
    "no_method",
}


def rounded(value: float, decimals: int) -> Decimal:
    """Round half away from zero, from the shortest decimal that is the number."""
    step = Decimal(1).scaleb(-decimals)
    made = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    return made if made else abs(made)


def plain(value: float | None, decimals: int, sign: bool = False) -> str:
    """Print a number with thousands between commas and a real minus sign; nothing for nothing."""
    if value is None:
        return ""
    number = rounded(value, decimals)
    text = f"{abs(number):,.{decimals}f}"
    if number < 0:
        return MINUS + text
    return f"+{text}" if sign and number > 0 else text


def with_unit(text: str, unit: str) -> str:
    """Put a unit behind a number: ``21.3%``, ``10.2 per 100``."""
    if not text or not unit:
        return text
    return f"{text}%" if unit == "%" else f"{text} {unit}"


def count(value: float | None) -> str:
    """Print a whole number."""
    return "" if value is None else f"{round(value):,}".replace("-", MINUS)


def symbol(row: dict[str, Any], column: str = "") -> str:
    """Say why a number of a row is not there: ``c``, ``x`` or ``z``."""
    reason = str(row.get("reason") or "")
    if "withheld" in reason or (
        row.get("finding") == "withheld" and "suppressed_input" not in reason
    ):
        return "c"
    for part in reason.split("; "):
        code, _, of = part.partition(" (")
        names = of.rstrip(")").split(", ") if of else []
        if not names or column in names or any(column.startswith(name) for name in names):
            return "z" if code in _NOT_APPLICABLE else "x"
    return "x"
