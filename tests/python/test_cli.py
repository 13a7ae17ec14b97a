"""The command line as a process: what it writes, what it says, and its exit codes."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import disprop as dp
import pytest
from disprop import cli
from disprop.cli import output

pl = pytest.importorskip("polars")

TIDY = [
    "group",
    "group_label",
    "group_n",
    "group_value",
    "group_lower",
    "group_upper",
    "baseline",
    "baseline_n",
    "baseline_value",
    "baseline_lower",
    "baseline_upper",
    "difference",
    "difference_lower",
    "difference_upper",
    "ratio",
    "ratio_lower",
    "ratio_upper",
    "odds_ratio",
]


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Lists


def test_lists(run, tmp_path):
    for words, expected in (
        (["measures"], "persistent_absence"),
        (["groups"], "BSOM"),
        (["groups", "--main"], "Black Caribbean"),
        (["methods", "--family", "proportion"], "newcombe"),
    ):
        code, out, err = run(*words)
        assert (code, err) == (0, "")
        assert expected in out
    code, _, _ = run("measures", "--out", tmp_path / "m.csv")
    assert code == 0
    assert len(rows(tmp_path / "m.csv")) == len(dp.measures())


def test_help_and_version(run):
    code, out, _ = run("--version")
    assert (code, out.strip()) == (0, f"disprop {dp.__version__}")
    for command in ("measures", "groups", "methods", "check", "gaps", "published", "synth"):
        code, out, _ = run(command, "--help")
        assert code == 0 and out.startswith(f"usage: disprop {command}")


# Pupil rows


def test_check(run, pupils):
    code, out, err = run("check", pupils)
    assert code == 0
    assert "persistent_absence" in out and "sessions_possible" in out
    assert "warning" in err


def test_gaps_to_the_terminal(run, pupils):
    code, out, err = run("gaps", pupils, "--measure", "persistent_absence,gld", "--by", "year")
    assert code == 0
    assert out.startswith("Not for publication")
    assert "Persistent absence" in out and "Good level" in out and '"All other groups"' in out
    assert "warning" in err


def test_gaps_to_files_hold_what_the_package_gives(run, pupils, tmp_path):
    words = ["gaps", pupils, "--measure", "suspensions", "--measure", "absence", "--by", "sex,year"]
    words += ["--group", "BCRB", "--group", "Heritage=BCRB,MWBC", "--group", "Indian"]
    for name in ("g.csv", "g.json", "g.parquet"):
        code, out, err = run(*words, "--out", tmp_path / name)
        assert (code, out) == (0, "")
        assert "not for publication" in err.lower()
    cohort = dp.read(pupils)
    chosen = ["BCRB", {"Heritage": ["BCRB", "MWBC"]}, "Indian"]
    wanted = cohort.gaps(["suspensions", "absence"], ["sex", "year"], groups=chosen)
    assert pl.read_parquet(tmp_path / "g.parquet").equals(wanted.to_polars())
    made = json.loads((tmp_path / "g.json").read_text("utf-8"))
    assert made["note"] == wanted.note
    assert made["gaps"] == wanted.to_polars().to_dicts()
    table = rows(tmp_path / "g.csv")
    assert list(table[0])[: 3 + len(TIDY)] == ["measure", "sex", "year", *TIDY]
    for row, expected in zip(table, wanted.to_polars().to_dicts(), strict=True):
        for name, value in expected.items():
            if isinstance(value, float):
                assert float(row[name]) == value, "full precision"
            elif value is None:
                assert row[name] == ""
    assert not list(tmp_path.glob(".*")), "nothing is left beside the files"


def test_options_reach_the_call(run, pupils, tmp_path):
    out = tmp_path / "g.json"
    words = ["gaps", pupils, "--measure", "suspended_once", "--group", "BCRB", "--out", out]
    options = {
        ("--baseline", "WBRI"): {"baseline": "WBRI"},
        ("--baseline", "12.5"): {"baseline": 12.5},
        ("--baseline", "overall"): {"baseline": "overall"},
        ("--unclassified", "bounds"): {"unclassified": "bounds"},
        ("--level", "0.9"): {"level": 0.9},
        ("--method", "miettinen_nurminen"): {"methods": "miettinen_nurminen"},
        ("--minimum", "1000000"): {"minimum": 1000000},
        ("--matters", "50"): {"matters": 50.0},
    }
    cohort = dp.read(pupils)
    for given, expected in options.items():
        code, _, err = run(*words, *given)
        assert code == 0, err
        wanted = cohort.gaps("suspended_once", groups="BCRB", **expected).to_polars().to_dicts()
        assert json.loads(out.read_text("utf-8"))["gaps"] == wanted, given


def test_columns_and_measures_of_ones_own(run, tmp_path):
    source = tmp_path / "own.csv"
    lines = ["Group;When;Late;Susp"] + ["BCRB;2020;1;0", "WBRI;2020;0;1"] * 15
    source.write_text("\n".join(lines), "utf-8")
    measure = tmp_path / "late.toml"
    measure.write_text(
        'id = "late"\nlabel = "Late"\npolarity = "lower_is_better"\n'
        '[quantity.flag]\ncolumn = "Late"\n',
        "utf-8",
    )
    words = ["gaps", source, "--delimiter", ";", "--ethnicity", "Group", "--year", "When"]
    code, out, err = run(*words, "--measure-file", measure, "--by", "year")
    assert code == 0, err
    assert "Late, %" in out and "100.0" in out
    both = [*words, "--measure-file", measure, "--column", "suspensions=Susp"]
    code, out, err = run(*both, "--measure", "late,suspensions")
    assert code == 0, err
    assert "Late, %" in out and "Suspensions" in out
    listed = tmp_path / "late.json"
    listed.write_text(json.dumps([dp.Measure(measure.read_text("utf-8")).to_dict()]), "utf-8")
    code, again, err = run(*words, "--measure-file", listed, "--by", "year")
    assert code == 0, err
    assert "Late, %" in again


def test_pupils_are_no_dimension(run, pupils, tmp_path):
    for name in ("pupil", "pupil_id"):
        code, out, err = run("gaps", pupils, "--by", name, "--out", tmp_path / "g.csv")
        assert (code, out) == (2, "")
        assert "pupil identifiers" in err
    assert not list(tmp_path.iterdir())


def test_check_lists_measures_of_ones_own(run, tmp_path):
    source, measure = tmp_path / "own.csv", tmp_path / "late.json"
    source.write_text("ethnicity,late\nBCRB,1\nWBRI,0\n", "utf-8")
    late = {"id": "late", "label": "Late marks", "polarity": "lower_is_better"}
    measure.write_text(json.dumps({**late, "quantity": {"flag": {"column": "late"}}}), "utf-8")
    code, out, _ = run("check", source, "--measure-file", measure)
    assert code == 0 and "Late marks" in out
    measure.write_text(json.dumps({**late, "quantity": {"flag": {"column": "soon"}}}), "utf-8")
    code, out, _ = run("check", source, "--measure-file", measure)
    assert code == 0 and "Late marks" not in out


# Published counts

EXCLUSIONS = "data/dfe-exclusions-by-ethnicity/exclusions_national_201112_to_201617.csv"
SAID = [
    "--measure",
    "suspensions",
    "--ethnicity",
    "characteristic",
    "--numerator",
    "fixed_excl",
    "--denominator",
    "headcount",
    "--by",
    "time_period",
]


def test_the_published_national_file(run, shared, tmp_path):
    out = tmp_path / "g.csv"
    words = ["published", shared / EXCLUSIONS, *SAID, "--total", "Total", "--out", out]
    words += ["--where", "geographic_level=National"]
    code, _, err = run(*words)
    assert code == 1, "sexes and school types are rows too"
    assert "refused: " in err and "`school_type`: filter on it" in err
    assert not out.exists()
    words += ["--where", "school_type=Total", "--where", "characteristic_group=Ethnicity,Total"]
    code, _, err = run(*words)
    assert code == 0, err
    (row,) = (r for r in rows(out) if (r["time_period"], r["group"]) == ("201617", "BCRB"))
    assert float(row["group_value"]) == pytest.approx(10.2003, abs=1e-4)
    assert len(rows(out)) == 6 * 18


@pytest.fixture
def counts(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(
        "year,group,level,events,pupils\n"
        "2019,Black Caribbean,National,3,10\n2019,White British,NATIONAL,5,50\n"
        '2019,Total,National,9,70\n2019,Total,"Regional, all",9,70\n',
        "utf-8",
    )
    return path


def test_filters_forgive_case_and_hold_commas(run, counts):
    words = ["published", counts, "--measure", "suspended_once", "--ethnicity", "group"]
    words += ["--numerator", "events", "--denominator", "pupils", "--by", "Year=year"]
    code, out, err = run(*words, "--total", "total", "--where", "level=national")
    assert code == 0, err
    assert "Black Caribbean" in out and "2019" in out
    code, _, err = run(*words, "--exhaustive", "--where", 'level="Regional, all"')
    assert "`Regional, all`" not in err
    code, _, err = run(*words, "--where", "level=national")
    assert code == 1
    assert "--total LABEL" in err and "--exhaustive" in err, "advice is in words of the shell"
    code, _, err = run(*words[:-4], "--exhaustive")
    assert (code, "ask the publisher" in err) == (1, True)
    assert run(*words, "--total", "Total", "--exhaustive")[0] == 2


def test_symbols_and_rounding(run, tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("group,x,n\nBlack Caribbean,x,10\nWhite British,5,50\nTotal,10,70\n", "utf-8")
    words = ["published", path, "--measure", "suspended_once", "--ethnicity", "group"]
    words += ["--numerator", "x", "--denominator", "n", "--total", "Total"]
    code, out, err = run(*words, "--symbol", "x=1-2", "--rounded-to", "5")
    assert code == 0, err
    assert "withheld" in out, "what is between bounds is not passed off as a number"
    assert run(*words, "--symbol", "x=some")[0] == 2


def test_bounds_of_withheld_and_rounded_counts_are_written(run, tmp_path):
    path, out = tmp_path / "counts.csv", tmp_path / "g.csv"
    path.write_text("group,x,n\nBlack Caribbean,x,10\nWhite British,5,50\nTotal,10,70\n", "utf-8")
    words = ["published", path, "--measure", "suspended_once", "--ethnicity", "group"]
    words += ["--numerator", "x", "--denominator", "n", "--total", "Total", "--group", "BCRB"]
    code, _, err = run(*words, "--symbol", "x=1-2", "--out", out)
    assert code == 0, err
    (row,) = rows(out)
    assert (row["finding"], row["reason"], row["difference"]) == (
        "withheld",
        "suppressed_input",
        "",
    )
    bounds = float(row["group_value_min"]), float(row["group_value_max"])
    assert bounds == pytest.approx((10, 20))


# Synthetic


def test_synth(run, tmp_path):
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (one, two):
        code, out, err = run("synth", "--pupils", 600, "--years", 1, "--seed", 4, "--out", path)
        assert (code, out) == (0, "")
        assert "synthetic rows" in err
    assert one.read_bytes() == two.read_bytes()
    parquet = tmp_path / "c.parquet"
    run("synth", "--pupils", 600, "--years", 1, "--seed", 4, "--out", parquet)
    assert dp.read(parquet).tally("absence") == dp.read(one).tally("absence")
    assert run("synth", "--pupils", 1, "--out", one)[0] == 2


# Refusals and usage


def test_refused_data(run, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("ethnicity,suspensions,ks4_attainment8\n?!,-1,x\nBCRB,0,1\n", "utf-8")
    for command in ("check", "gaps"):
        code, out, err = run(command, path)
        assert (code, out) == (1, "")
        assert err.count("refused: ") == 3, "all findings"
        assert "hint: " in err and "--unknown-codes unclassified" in err
        assert "3 problems" in err
    path.write_text("", "utf-8")
    assert run("gaps", path)[0] == 1
    path.write_text("ethnicity;x\nBCRB;1\n", "utf-8")
    code, _, err = run("gaps", path)
    assert code == 1 and "--delimiter ';'" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--measure", "suspension_"], "did you mean"),
        (["--by", "yeer"], "did you mean `year`"),
        (["--group", "Martian"], "no group `Martian`"),
        (["--baseline", "Martian"], "no group `Martian`"),
        (["--level", "95"], "0.95"),
        (["--level", "high"], "usage:"),
        (["--method", "newcomb"], "newcombe"),
        (["--unclassified", "drop"], "usage:"),
        (["--out", "g.doc"], ".csv, .parquet, .json"),
        (["--out", "nowhere/g.csv"], "no folder `nowhere`"),
        (["--column", "suspensions"], "--column takes NAME=VALUE"),
        (["--measure-file", "nowhere.toml"], "nowhere.toml"),
        (["--extra-code", "A=B"], "CODE=LABEL=MAIN"),
        (["--threads", "0"], "usage:"),
        (["--nonsense"], "usage:"),
    ],
)
def test_usage(run, pupils, words, said):
    code, out, err = run("gaps", pupils, *words)
    assert (code, out) == (2, "")
    assert said in err


def test_no_such_file_or_command(run, tmp_path):
    code, _, err = run("gaps", "nowhere.csv")
    assert (code, "nowhere.csv" in err) == (2, True)
    assert run("gaps", tmp_path)[0] == 2
    assert run("dance")[0] == 2
    assert run()[0] == 2


def test_a_measure_without_its_columns_is_the_datas_fault(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("ethnicity,suspensions\nBCRB,1\n", "utf-8")
    code, _, err = run("gaps", path, "--measure", "ks4_attainment8")
    assert code == 1 and "--column ks4_attainment8=COLUMN" in err


# Spreadsheets, terminals, signals


def test_no_cell_of_a_csv_is_a_formula(run, tmp_path):
    path = tmp_path / "own.csv"
    starts = ["=1+1", "+1", "-1", "@x"]
    lines = ["ethnicity,place,suspensions"]
    lines += [f"{start}{i % 2},{start},1" for start in starts for i in range(20)]
    path.write_text("\n".join(lines), "utf-8")
    out = tmp_path / "g.csv"
    words = ["--codes", "own", "--group", "leaves", "--by", "place", "--measure", "suspensions"]
    code, _, err = run("gaps", path, *words, "--out", out)
    assert code == 0, err
    texts = ("measure", "place", "group", "group_label", "baseline", "finding", "reason", "method")
    cells = [row[name] for row in rows(out) for name in texts]
    assert any(cell.startswith("'=1+1") for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert output.inert(-1.5) == -1.5 and output.inert("\tx") == "'\tx"


def test_control_characters_of_the_data_do_not_reach_the_terminal(run, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("ethnicity,suspensions\n" + "\x1b[31mred,1\nblue,0\n" * 20, "utf-8")
    words = ["--codes", "own", "--group", "leaves", "--measure", "suspensions"]
    code, out, err = run("gaps", path, *words)
    assert code == 0, err
    assert "\x1b" not in out + err


# Analyses


def test_adjust_prints_raw_and_adjusted_side_by_side(run, pupils, tmp_path):
    words = ["--measure", "persistent_absence", "--strata", "fsm,sen", "--group", "BCRB"]
    code, out, err = run("adjust", pupils, *words)
    assert code == 0, err
    assert "Raw difference (interval)" in out and "mantel_haenszel" in out
    assert "Not for publication" in out and "free school meals" in " ".join(out.split())
    place = tmp_path / "adjusted.csv"
    code, out, err = run(
        "adjust", pupils, *words, "--by", "year", "--method", "all", "--out", place
    )
    assert code == 0 and not out, err
    found = rows(place)
    assert {row["method"] for row in found} >= {"mantel_haenszel", "logistic"}
    assert all(row["raw_difference"] and row["year"] for row in found)
    assert run("adjust", pupils)[0] == 2


def test_decompose_and_segregation_write_their_tables(run, pupils, tmp_path):
    place = tmp_path / "parts.json"
    words = ["--measure", "persistent_absence", "--over", "fsm", "--group", "WBRI"]
    code, _, err = run("decompose", pupils, *words, "--out", place)
    assert code == 0, err
    kept = json.loads(place.read_text("utf-8"))
    assert [row["part"] for row in kept["rows"]] == ["gap", "composition", "rate"]
    assert "sum to the raw gap" in kept["note"]
    code, out, err = run("segregation", pupils, "--measure", "persistent_absence")
    assert code == 0 and "Dissimilarity by chance" in out, err
    code, out, err = run("decompose", pupils, *words, "--method", "magic")
    assert code == 2 and "magic" in err


def test_evaluate_takes_schools_from_words_or_a_file(run, pupils, tmp_path):
    cohort = dp.read(str(pupils))
    tallies = cohort.tally("persistent_absence", by=["school", "year"]).to_dict()
    schools, years = sorted(set(tallies["school"])), sorted(set(tallies["year"]))
    assert len(years) > 1
    listed = tmp_path / "schools.txt"
    listed.write_text("\n".join(schools[::2]), "utf-8")
    words = ["--measure", "persistent_absence", "--group", "WBRI"]
    words += ["--before", years[0], "--after", years[-1]]
    code, out, err = run("evaluate", pupils, *words, "--programme", f"@{listed}")
    assert code == 0 and "pre_trend" in out, err
    same = run("evaluate", pupils, *words, "--programme", ",".join(schools[::2]))
    assert same[1] == out
    code, _, err = run("evaluate", pupils, *words)
    assert code == 2 and "--programme" in err
    code, _, err = run("evaluate", pupils, *words, "--programme", "no such school")
    assert code == 2 and "programme" in err


def test_a_terminal_that_knows_ascii_only(run, pupils):
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    code, out, _ = run("gaps", pupils, "--measure", "suspensions", env=env)
    assert code == 0 and out.isascii() and "Black Caribbean" in out


@pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
def test_a_reader_that_has_had_enough(pupils):
    words = [sys.executable, "-m", "disprop", "groups"]
    process = subprocess.Popen(  # noqa: S603
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert err == b""


@pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path):
    out = tmp_path / "big.csv"
    words = [sys.executable, "-m", "disprop", "synth", "--pupils", "2000000", "--out", str(out)]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:  # noqa: S603
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"interrupted" in err and b"Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_in_this_process_too(capsys, pupils):
    assert cli.main(["groups", "--main"]) == 0
    assert "BCRB" in capsys.readouterr().out
    assert cli.main(["gaps", str(pupils), "--group", "Martian"]) == 2
    assert "hint" in capsys.readouterr().err
