"""``disprop report``: report, workbook and open-data files, disclosure control applied."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

import disprop as dp
from disprop.cli.arguments import add_gaps, add_tallying
from disprop.cli.progress import counting, working
from disprop.cli.refusal import DONE, UsageError
from disprop.cli.request import compare, read_tallies
from disprop.cli.speech import complain, say

if TYPE_CHECKING:
    import argparse

    from disprop.cli.arguments import Parser


def run(given: argparse.Namespace) -> int:
    """Read, add up, compare, withhold, and write everything."""
    policy = _policy(given)
    started = time.monotonic()
    if os.path.exists(given.out) and not os.path.isdir(given.out):
        raise UsageError(f"`{given.out}` is a file; the report goes into a folder")
    more = ("school",) if given.schools else ()
    tallies, known = read_tallies(given, usual=("year",), more=more)
    if given.schools and "school" not in tallies.dimensions:
        raise UsageError("--schools needs a column of schools; name it with --school")
    read = time.monotonic()
    by = [name for name in tallies.dimensions if name not in more]
    parts: dict[str, Any] = {"gaps": compare(given, tallies, known, by=by)}
    if "year" in by and given.baseline != "overall":
        parts["changes"] = parts["gaps"].over_time()
    if given.schools:
        latest, dimensions = tallies, ["school"]
        if "year" in by:
            years = [year for year in parts["gaps"].to_dict()["year"] if year is not None]
            latest = tallies.only("year", max(years))
        parts["schools"] = compare(given, latest, known, by=dimensions)
    with working("withholding what could tell of a pupil"):
        out = dp.release(parts, policy)
    os.makedirs(given.out, exist_ok=True)
    compared = time.monotonic()
    written = _write(given, out, _trail(given, started, read, compared))
    for path in written:
        say(path)
    withheld = sum(part.withheld for _, part in out.items())
    complain(f"policy {policy.name}: {withheld:,} results are withheld")
    return DONE


def _policy(given: argparse.Namespace) -> dp.Policy:
    """Read ``--policy``: a preset, or a file that describes one."""
    if not given.policy.endswith(".toml"):
        return dp.Policy.preset(given.policy)
    with open(given.policy, encoding="utf-8-sig") as file:
        return dp.Policy.from_toml(file.read())


def _trail(
    given: argparse.Namespace, started: float, read: float, compared: float
) -> dict[str, Any]:
    from disprop.present.trail import digest

    asked = {
        name: value
        for name, value in sorted(vars(given).items())
        if name not in ("run", "file", "out") and value not in (None, [], False)
    }
    return {
        "inputs": [{"file": os.path.basename(given.file), "sha256": digest(given.file)}],
        "options": asked,
        "seconds": {
            "reading and adding up": round(read - started, 3),
            "comparing and withholding": round(compared - read, 3),
        },
    }


def _write(given: argparse.Namespace, out: Any, trail: dict[str, Any]) -> list[str]:
    from disprop.present.ees import ees
    from disprop.present.excel import excel
    from disprop.present.report import report

    words = {"title": given.title, "area": _name(given.area), "about": given.about, "trail": trail}
    where = given.out
    written: list[str] = []
    with working("writing the report"):
        written.append(report(out, os.path.join(where, "report.html"), **words))
    with working("writing the workbook"):
        written.append(excel(out, os.path.join(where, "gaps.xlsx"), **words))
    if given.docx:
        from disprop.present.docx import docx

        with working("writing the Word document"):
            written.append(docx(out, os.path.join(where, "report.docx"), **words))
    missing = _lacks_for_open_data(given.area, out)
    if missing:
        complain(f"no open-data files: {missing}")
    else:
        with working("writing open-data files"):
            written += ees(out, os.path.join(where, "ees"), area=given.area, trail=trail)
    if given.schools:
        from disprop.present.schools import schools

        with counting("writing a page for every school") as progress:
            folder = os.path.join(where, "schools")
            pages = schools(out, folder, about=given.about, progress=progress)
        written.append(os.path.join(where, "schools", "index.html"))
        complain(f"{len(pages):,} schools in {os.path.join(where, 'schools')}")
    return written


def _lacks_for_open_data(area: str | None, out: Any) -> str:
    """Say what the standard of open data needs and was not given; nothing where all is there."""
    if not any("year" in part.dimensions for part in out.values()):
        return "they need a column of years"
    if area is None:
        return "say whose pupils they are with --area OLD_CODE=NEW_CODE=NAME, or --area England"
    if "=" not in area and area.lower() != "england":
        return f"they need the codes of the authority, as in --area 307=E09000009={area}"
    return ""


def _name(area: str | None) -> str | None:
    """Take the name from ``307=E09000009=Ealing``; a name alone is one."""
    return (area or "").rpartition("=")[2].strip() or None


def _area(text: str) -> str:
    parts = [part.strip() for part in text.split("=")]
    if len(parts) == 1 and parts[0]:
        return parts[0]
    if len(parts) == 3 and re.fullmatch(r"\d{3}", parts[0]) and all(parts):
        return text
    raise ValueError


_area.__name__ = "area (a name, or OLD_CODE=NEW_CODE=NAME)"


def add(parser: Parser) -> None:
    """Give the command its options."""
    add_tallying(parser)
    add_gaps(parser)
    out = parser.add_argument_group("what is written")
    out.add_argument("--out", metavar="FOLDER", required=True, help="folder to write to")
    out.add_argument(
        "--policy",
        metavar="NAME",
        required=True,
        help="disclosure control: lt5, lt6, lt10, dfe_legacy, or a .toml file",
    )
    out.add_argument(
        "--area",
        type=_area,
        metavar="AREA",
        help="whose pupils they are: England, a name such as Ealing, or its codes with it, "
        "307=E09000009=Ealing, which open-data files need",
    )
    out.add_argument("--title", metavar="TEXT", help="heading of the report")
    out.add_argument("--about", metavar="TEXT", help="one sentence on the data")
    out.add_argument("--schools", action="store_true", help="also a page for every school")
    out.add_argument("--docx", action="store_true", help="also a Word document")
