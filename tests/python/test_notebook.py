"""The example notebook runs from its first cell to its last and shows what it says."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import disprop as dp
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_notebook_runs_and_shows_tables_charts_and_a_report(monkeypatch):
    for module in ("nbclient", "nbformat", "ipykernel", "polars", "altair", "vl_convert"):
        pytest.importorskip(module, reason=f"1 notebook SKIPPED: {module} is not there")
    import nbclient
    import nbformat

    # The kernel starts in another folder; it finds the package that the test found.
    monkeypatch.setenv("PYTHONPATH", str(Path(dp.__file__).resolve().parents[1]))
    notebook = nbformat.read(ROOT / "examples" / "first_look.ipynb", as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(ROOT / "examples")}}
    )
    client.execute()
    shown = {}
    for cell in notebook.cells:
        for made in cell.get("outputs", ()):
            assert made.output_type != "error"
            shown[cell.id] = made.get("data", {})
    assert "<caption>" in shown["release-code"]["text/html"]
    assert "target +2.0" in shown["chart-code"]["text/html"]
    assert int(shown["report-code"]["text/plain"]) > 10_000


@pytest.fixture(scope="module")
def shown():
    """Everything that shows itself in a notebook, by what it is."""
    for module in ("polars", "altair", "vl_convert"):
        pytest.importorskip(module, reason=f"1 fixture SKIPPED: {module} is not there")
    cohort = dp.Cohort(dp.synth(6_000, years=2, seed=7))
    gaps = cohort.gaps(["persistent_absence", "suspensions"], by="year", groups=["BCRB", "WBRI"])
    out = dp.release({"gaps": gaps, "changes": gaps.over_time()}, dp.Policy.preset("lt5"))
    return {
        "gaps": gaps,
        "changes": gaps.over_time(),
        "publication": out,
        "released": out["gaps"],
        "table": out.table(),
        "chart": out.chart("dots"),
        "trend": out.chart("trend"),
    }


class Tags(HTMLParser):
    """The tags of a fragment, each closed by its own end."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_everything_that_shows_itself_is_whole_and_inert(shown):
    for name, one in shown.items():
        html = one._repr_html_()
        tags = Tags(html)
        assert tags.open == [], name
        assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe"}, name
        assert not any(key.startswith("on") for _, given in tags.seen for key in given), name
        assert "nan" not in re.sub(r"<[^>]*>", " ", html).lower().split(), name


def test_rules_for_looks_stay_inside_what_is_shown(shown):
    """They touch no other table of the notebook, and outweigh the notebook's own."""
    for name, inside in (("gaps", ".disprop.disprop"), ("table", ".disprop-out.disprop-out")):
        html = shown[name]._repr_html_()
        (rules,) = re.findall(r"<style>(.*?)</style>", html, re.S)
        selectors = [
            s for rule in rules.split("}") if "{" in rule for s in rule.split("{")[0].split(",")
        ]
        assert len(selectors) > 5
        assert all(selector.startswith(inside) for selector in selectors), name


def test_raw_results_say_so_and_released_ones_name_their_policy(shown):
    for name in ("gaps", "changes"):
        assert "Not for publication" in shown[name]._repr_html_()
    for name in ("publication", "released", "table"):
        html = shown[name]._repr_html_()
        assert "Not for publication" not in html
        # Once a table, whether in the note or under it.
        assert html.count("Disclosure control:") == html.count("Zeros are shown") > 0


def test_charts_show_as_pictures_and_as_altair(shown):
    for name in ("chart", "trend"):
        picture = shown[name]
        ((_, svg),) = [t for t in Tags(picture._repr_html_()).seen if t[0] == "svg"]
        assert svg["role"] == "img" and svg["aria-label"] == picture.alt
        bundle = picture.altair()._repr_mimebundle_()
        kinds = bundle[0] if isinstance(bundle, tuple) else bundle
        assert any("vegalite" in kind or kind == "text/html" for kind in kinds)


APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    import disprop as dp

    gaps = dp.Cohort(dp.synth(6_000, years=2, seed=7)).gaps("gld", by="year", groups=["BCRB"])
    gaps
    return dp, gaps


@app.cell
def _(dp, gaps):
    out = dp.release({"gaps": gaps, "changes": gaps.over_time()}, dp.Policy.preset("lt5"))
    out
    return (out,)


@app.cell
def _(out):
    out.chart("dots")
    return


@app.cell
def _(out):
    out.chart("trend").altair()
    return
"""


def test_a_marimo_app_shows_gaps_releases_and_charts(tmp_path):
    pytest.importorskip("marimo", reason="1 marimo app SKIPPED: marimo is not there")
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    package = str(Path(dp.__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "marimo", "export", "html", "app.py", "-o", "app.html"],
        cwd=tmp_path,
        capture_output=True,
        timeout=240,
        env={**os.environ, "PYTHONPATH": package},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    page = (tmp_path / "app.html").read_text(encoding="utf-8")
    for said in ("Not for publication", "disprop-out", "Dot chart of the gaps", "vegalite"):
        assert said in page, said
    assert "Traceback" not in page
