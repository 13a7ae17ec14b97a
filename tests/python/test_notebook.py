"""The example notebook runs from its first cell to its last and shows what it says."""

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
