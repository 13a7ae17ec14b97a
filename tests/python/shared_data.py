"""Where the published data are, and how numbers read from them are compared.

The data stand in `$DISPROP_SHARED/data`, else in `shared/data` beside the project. Where they are
absent every test that reads them skips with the reason, which `pytest -ra` prints and counts.
"""

import math
import os
import re
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared"
SHARED = Path(os.environ.get("DISPROP_SHARED") or _BESIDE)

#: Labels of the expected files, typed here so that the library's own recognition is under test.
CODES = {
    "white british": "WBRI",
    "irish": "WIRI",
    "white irish": "WIRI",
    "traveller of irish heritage": "WIRT",
    "gypsy roma": "WROM",
    "gypsy/roma": "WROM",
    "gypsy romany": "WROM",
    "any other white background": "WOTH",
    "any other white": "WOTH",
    "white and black caribbean": "MWBC",
    "white and black carribean": "MWBC",
    "white and black african": "MWBA",
    "white and asian": "MWAS",
    "any other mixed background": "MOTH",
    "indian": "AIND",
    "pakistani": "APKN",
    "bangladeshi": "ABAN",
    "bangaladeshi": "ABAN",
    "any other asian background": "AOTH",
    "black caribbean": "BCRB",
    "caribbean": "BCRB",
    "black african": "BAFR",
    "african": "BAFR",
    "any other black background": "BOTH",
    "chinese": "CHNE",
    "any other ethnic group": "OOTH",
}
MAIN = sorted(set(CODES.values()))

MAJOR = {
    "white": "White",
    "mixed": "Mixed / Multiple ethnic groups",
    "asian": "Asian / Asian British",
    "black": "Black / African / Caribbean / Black British",
    "chinese": "Chinese",
    "other": "Other ethnic group",
}


def code(label):
    """Return the main code of a label in an expected file."""
    return CODES[label.replace("_", " ").lower()]


def table(path):
    """Return a published table with every column as text, or skip the test."""
    file = SHARED / "data" / path
    if not file.is_file():
        pytest.skip(f"published data absent: {file} (set DISPROP_SHARED)")
    return pl.read_csv(file, infer_schema_length=0)


def rows(path):
    """Return the rows of an expected file."""
    return table(path).to_dicts()


def keyed(gaps, *by):
    """Return the rows of gaps by dimensions and group; no two share a key."""
    frame = gaps.to_polars()
    found = {tuple(row[name] for name in (*by, "group")): row for row in frame.to_dicts()}
    assert len(found) == frame.height, "two rows for one group and place"
    return found


def near(got, want, rtol=1e-9, atol=1e-12):
    """Return whether two numbers agree at the tolerance of CONVENTIONS (Tests)."""
    return got is not None and abs(got - float(want)) <= atol + rtol * abs(float(want))


def printed(got, text, decimals):
    """Return whether a number agrees with one printed to so many decimals: half a last unit."""
    if got is None or text in (None, ""):
        return got is None and text in (None, "")
    return math.isfinite(got) and abs(got - float(text)) <= 0.5 * 10.0**-decimals * (1 + 1e-6)


def share(numerator, denominator, factor=100):
    """Return the exact value of a published count over another."""
    return factor * Fraction(numerator) / Fraction(denominator)


def agree(row, group, others, factor=100):
    """Assert one row against exact counts of the group and of the others; the ratio may be empty.

    `group` and `others` are (numerator, denominator) as the file prints them.
    """
    mine, theirs = share(*group, factor), share(*others, factor)
    assert near(row["group_value"], mine), row
    assert near(row["baseline_value"], theirs), row
    # A difference of near equals keeps the absolute error of its terms.
    assert near(row["difference"], mine - theirs, atol=1e-12 * max(1.0, float(mine))), row
    expected = float((mine - theirs) / factor * Fraction(group[1]))
    assert near(row["excess"], expected, atol=1e-9 * max(1.0, float(Fraction(group[0])))), row
    if theirs == 0:
        assert row["ratio"] is None and "zero_baseline" in row["reason"], row
    else:
        assert near(row["ratio"], mine / theirs), row


def kinds(findings):
    """Return the kinds of some findings."""
    return {finding.kind for finding in findings}


def aside(tallies):
    """Return how many labels a finding says were set aside: those it quotes and those it counts."""
    message = " ".join(f.message for f in tallies.findings if f.kind == "set_aside")
    _, _, listed = message.partition(": ")
    # "3 more", and values that are not quoted because an identifier could look like them.
    counted = re.findall(r"(\d+) (?:more|values with digits in them)", listed)
    return listed.count("`") // 2 + sum(map(int, counted))
