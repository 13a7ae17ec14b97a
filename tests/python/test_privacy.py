"""A pupil identifier goes in and never comes out: not in errors, tables, files or on screen."""

import json

import disprop as dp
import pytest

pl = pytest.importorskip("polars")

MARK = "ZQXPUPIL"


@pytest.fixture(scope="module")
def marked():
    """60 pupils whose identifiers are marked, in good order."""
    return {
        "upn": [f"{MARK}{i:04}" for i in range(60)],
        "ethnicity": ["BCRB"] * 20 + ["WBRI"] * 40,
        "suspensions": [1] * 10 + [0] * 50,
        "sessions_possible": [300] * 60,
        "sessions_absent": [30] * 60,
    }


def broken(marked):
    """Yields tables that are refused, each in another way."""
    twice = {name: values + values[:5] for name, values in marked.items()}
    yield "pupils twice", twice
    names = ["ethnicity", "suspensions", "sessions_absent"]
    yield from ((f"identifiers as {name}", {**marked, name: marked["upn"]}) for name in names)
    yield "negative", {**marked, "suspensions": [-1] * 60}
    yield "absent over possible", {**marked, "sessions_absent": [301] * 60}
    yield "no ethnicity", {name: v for name, v in marked.items() if name != "ethnicity"}
    yield "no rows", {name: [] for name in marked}


def test_no_error_holds_an_identifier(marked):
    for name, table in broken(marked):
        with pytest.raises(dp.DispropError) as caught:
            dp.Cohort(table)
        error = caught.value
        said = [str(error), repr(error), str(error.hint), str(error.context)]
        for f in error.findings:
            said += [str(f), repr(f), f.message, str(f.hint), str(f.column)]
        assert MARK not in " ".join(said), name


def test_no_error_of_published_counts_holds_a_rare_value(marked):
    for column in ("numerator", "denominator"):
        said = {"numerator": "suspensions", "denominator": "sessions_possible", column: "upn"}
        with pytest.raises(dp.DispropError) as caught:
            dp.Tallies.from_counts(
                marked, measure="suspensions", ethnicity="ethnicity", exhaustive=True, **said
            )
        assert MARK not in str(caught.value), column


def test_no_result_holds_an_identifier(marked):
    cohort = dp.Cohort(marked)
    tallies = cohort.tally(by="suspensions")
    gaps = tallies.gaps(groups="main")
    shown = [repr(cohort), str(cohort.roles), repr(tallies), repr(gaps), gaps._repr_html_()]
    shown += [gaps.to_html(), gaps.to_text(), gaps.note, str(gaps.to_dict())]
    shown += [str(tallies.to_dict()), str(tallies.dimensions), str(cohort.findings)]
    assert MARK not in " ".join(shown)


def test_the_pupil_column_is_no_dimension(marked):
    cohort = dp.Cohort(marked)
    with pytest.raises(dp.DispropError):
        cohort.tally("suspensions", "upn")


def test_no_file_holds_an_identifier(marked, tmp_path, run):
    source = tmp_path / "pupils.csv"
    pl.DataFrame(marked).write_csv(source)
    for name in ("gaps.csv", "gaps.json", "gaps.parquet"):
        code, out, err = run("gaps", source, "--out", tmp_path / name)
        assert code == 0, err
        assert MARK not in out + err
        assert MARK.encode() not in (tmp_path / name).read_bytes()
    assert MARK not in str(pl.read_parquet(tmp_path / "gaps.parquet").to_dicts())
    assert MARK not in json.dumps(json.loads((tmp_path / "gaps.json").read_text("utf-8")))
    code, out, err = run("gaps", source)
    assert code == 0 and MARK not in out + err
    code, out, err = run("check", source)
    assert code == 0 and MARK not in out + err


def test_no_refusal_on_the_command_line_holds_an_identifier(marked, tmp_path, run):
    for number, (name, table) in enumerate(broken(marked)):
        source = tmp_path / f"{number}.csv"
        pl.DataFrame(table).write_csv(source)
        code, out, err = run("gaps", source)
        assert code == 1, name
        assert MARK not in out + err, name


@pytest.mark.parametrize(
    "row", [f"{MARK},BCRB,1,2,3", f'"{MARK},BCRB', f"{MARK}\udce9,BCRB,1", f'{MARK},"a"b"c,1']
)
def test_a_broken_line_is_not_quoted(tmp_path, run, row):
    source = tmp_path / "pupils.csv"
    text = f"upn,ethnicity,suspensions\n{row}\n{MARK}1,BCRB,1\n"
    source.write_bytes(text.encode("utf-8", "surrogateescape"))
    code, out, err = run("check", source)
    assert code in (0, 1)
    assert MARK not in out + err
