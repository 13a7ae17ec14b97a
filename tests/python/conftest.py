"""Sample rows that all tests share, and the command line as a process of its own."""

import os
import pathlib
import signal
import subprocess
import sys

import disprop as dp
import pytest

# Scripts that run beside the tests, with playwright and PySpark where they are installed.
collect_ignore = ["browse.py", "spark_cluster.py"]

# A shell starts what it runs in the background with Ctrl-C ignored, down to its children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("DISPROP_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def columns():
    """400 pupils: 30 of 100 Black Caribbean and 40 of 300 White British are suspended once."""
    return {
        "ethnicity": ["BCRB"] * 100 + ["WBRI"] * 300,
        "year": (["2020/21"] * 50 + ["2021/22"] * 50) + ["2020/21"] * 150 + ["2021/22"] * 150,
        "suspensions": [1] * 30 + [0] * 70 + [1] * 40 + [0] * 260,
    }


@pytest.fixture(scope="session")
def cohort(columns):
    return dp.Cohort(columns)


@pytest.fixture(scope="session")
def tallies(cohort):
    return cohort.tally("suspensions", "year")


@pytest.fixture(scope="session")
def pupils(tmp_path_factory):
    """A synthetic authority as CSV."""
    pytest.importorskip("polars")
    path = tmp_path_factory.mktemp("pupils") / "pupils.csv"
    dp.synth(3000, 2, seed=7).to_polars().write_csv(path)
    return path


@pytest.fixture(scope="session")
def run():
    """Runs the command line; gives code, standard output and standard error."""

    def run(*words, env=None, **options):
        options.setdefault("timeout", 120)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "disprop", *map(str, words)],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})},
            check=False,
            **options,
        )
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert "Traceback" not in err
        assert "panicked" not in err
        return done.returncode, out, err

    return run


@pytest.fixture(scope="session")
def shared():
    if not SHARED.is_dir():
        pytest.skip(f"the shared data are not at {SHARED}; set DISPROP_SHARED")
    return SHARED
