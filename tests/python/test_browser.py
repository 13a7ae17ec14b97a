"""What a reader sees, in a real browser without a network: `make test-browser` sets it up.

Where chromium, playwright or axe-core is not there, tests are skipped and say how many pages
nobody looked at.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import disprop as dp
import pytest

for module in ("polars", "altair", "vl_convert", "xlsxwriter"):
    pytest.importorskip(module)

from hostile_names import HOSTILE, hostile  # noqa: E402

BROWSE = Path(__file__).with_name("browse.py")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Every kind of page: all charts, several places, schools, a table alone, hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    tallies = dp.Cohort(dp.synth(20_000, years=3, seed=7)).tally(
        ["persistent_absence", "suspensions"], by=["year", "school", "fsm", "sen"]
    )
    gaps = tallies.gaps(by=["year"])
    parts = {
        "gaps": gaps,
        "changes": gaps.over_time(),
        "by school": tallies.gaps(by=["year", "school"], groups=["BCRB", "WBRI"]),
        "funnel": tallies.funnel(by=["year"], groups="WBRI"),
        "parts": tallies.decompose(["fsm", "sen"], by=["year"], groups="BCRB"),
        "alike": tallies.adjusted(["fsm", "sen"], by=["year"]),
        "progress": gaps.progress(2.0, due="2027/28"),
    }
    out = dp.release(parts, dp.Policy.preset("lt5"))
    out.report(folder / "report.html", area="Testshire", about="The pupils are synthetic.")
    schools = out.schools(folder / "schools")
    by_sex = dp.Cohort(dp.synth(6000, years=1, seed=7)).gaps(by=["year", "sex"])
    by_sex.release(dp.Policy.preset("lt10")).report(folder / "by_sex.html")
    bad = hostile()
    bad.report(folder / "hostile.html", title=HOSTILE[0], area=HOSTILE[2] * 20, about=HOSTILE[3])
    worst = bad.schools(folder / "hostile")
    bad.table().save(str(folder / "table.html"))
    return [
        folder / "report.html",
        folder / "by_sex.html",
        folder / "hostile.html",
        folder / "table.html",
        folder / "schools" / "index.html",
        *map(Path, schools[:2]),
        folder / "hostile" / "index.html",
        *map(Path, worst),
    ]


@pytest.fixture(scope="module")
def seen(pages):
    """What the browser saw of each page."""
    if not CHROMIUM or importlib.util.find_spec("playwright") is None:
        pytest.skip(f"{len(pages)} pages in a browser SKIPPED: no chromium or no playwright")
    done = subprocess.run(  # noqa: S603
        [
            sys.executable,
            str(BROWSE),
            CHROMIUM,
            os.environ.get("DISPROP_AXE", ""),
            *map(str, pages),
        ],
        capture_output=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert len(found) == len(pages) > 8
    return found


def test_pages_load_run_and_say_nothing(seen):
    for path, one in seen.items():
        assert one["requests"] == [], path
        assert one["console"] == [], path


def test_nothing_is_wider_than_a_telephone_a_tablet_or_a_desk(seen):
    for path, one in seen.items():
        assert one["overflow"] == [], path


def test_every_chart_is_drawn_without_a_network(seen):
    for path, one in seen.items():
        assert one["undrawn"] == [], path
    first = next(iter(seen.values()))
    assert first["charts"] >= 9


def test_the_keyboard_reaches_everything(seen):
    for path, one in seen.items():
        assert one["unreached"] == [], path


def test_pages_print(seen):
    for path, one in seen.items():
        assert one["pdf"] > 5_000, path


def test_accessibility_rules_find_nothing(seen):
    if not os.environ.get("DISPROP_AXE"):
        pytest.skip(f"{len(seen)} pages by axe-core SKIPPED: $DISPROP_AXE names no axe.min.js")
    for path, one in seen.items():
        assert one["violations"] == [], (path, one["violations"])
