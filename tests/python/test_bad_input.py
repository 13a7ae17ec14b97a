"""Every bad input of the issue: what is said, and where there is advice, the advice."""

import re

import disprop as dp
import pytest

pl = pytest.importorskip("polars")


def refusal(call, kind=dp.DataError):
    """Returns the error that a call ends with."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return caught.value


def finding(error, kind):
    """Returns the one finding of a kind."""
    assert error.code == "data.refused"
    (found,) = (f for f in error.findings if f.kind == kind)
    assert found.severity == "refused"
    assert found.message in str(error)
    return found


@pytest.fixture
def write(tmp_path):
    def write(content, name="pupils.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# Files


def test_an_empty_file(write):
    for name in ("a.csv", "a.parquet", "a.xlsx", "a.arrow"):
        error = refusal(lambda name=name: dp.read(write("", name)))
        assert error.code == "file.empty"
        assert f"`{name}` is an empty file" in str(error)
        assert "header" in error.hint


def test_a_header_only(write):
    for content in ("ethnicity,suspensions", "ethnicity,suspensions\n", "ethnicity,x\r\n\r\n"):
        error = refusal(lambda content=content: dp.read(write(content)))
        assert error.code == "file.header_only"
        assert "a header and no rows" in str(error)
    path = write("", "none.parquet")
    pl.DataFrame(schema={"ethnicity": pl.String}).write_parquet(path)
    assert refusal(lambda: dp.read(path)).code == "file.header_only"


@pytest.mark.parametrize(("mark", "shown"), [(";", "`;`"), ("\t", "tabs"), ("|", "`|`")])
def test_the_wrong_delimiter(write, mark, shown):
    path = write(f"ethnicity{mark}suspensions\nBCRB{mark}1\nWBRI{mark}0\n")
    error = refusal(lambda: dp.read(path))
    assert error.code == "file.delimiter"
    assert f"one column that holds {shown}" in str(error)
    assert "--delimiter" in error.hint and repr(mark) in error.hint
    assert dp.read(path, delimiter=mark).rows == 2


def test_a_delimiter_is_one_character(write):
    path = write("ethnicity,suspensions\nBCRB,1\n")
    for mark in (",,", "é"):
        error = refusal(lambda mark=mark: dp.read(path, delimiter=mark), dp.OptionError)
        assert error.code == "option.bad"


def test_what_is_not_utf8(write):
    head = "ethnicity,suspensions\n" + "BCRB,1\n" * 5000
    error = refusal(lambda: dp.read(write(head.encode() + "Séamus,0\n".encode("cp1252"))))
    assert error.code == "file.encoding"
    assert "line 5002 of `pupils.csv` is not UTF-8" in str(error)
    assert "CSV UTF-8" in error.hint
    error = refusal(lambda: dp.read(write("école,x\n1,2\n".encode("cp1252"))))
    assert "line 1 of" in str(error)
    error = refusal(lambda: dp.read(write("ethnicity,x\nBCRB,1\n".encode("utf-16"))))
    assert "is UTF-16" in str(error)


def test_a_byte_order_mark_is_no_part_of_the_first_name(write):
    path = write(b"\xef\xbb\xbfethnicity,suspensions\r\nBCRB,1\r\n")
    assert dp.read(path).roles["ethnicity"] == "ethnicity"


def test_a_line_without_end(write):
    path = write(b"ethnicity," + b"x" * 50_000_000)
    error = refusal(lambda: dp.read(path))
    assert error.code == "file.line_too_long"
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("start", "line"),
    [(b"ethnicity,", "the first line"), (b"ethnicity,suspensions\nBCRB,1\nWBRI,", "line 3")],
    ids=["header", "row"],
)
@pytest.mark.parametrize("filling", ["letters", "nothing"])
def test_a_line_of_a_billion_characters(tmp_path, start, line, filling):
    """The rest of the file takes no room on disk, and no time: it is not read."""
    path = tmp_path / "pupils.csv"
    with path.open("wb") as file:
        file.write(start)
        if filling == "letters":
            file.write(b"x" * 3_000_000)
        file.truncate(1_000_000_000)
    error = refusal(lambda: dp.read(path))
    assert "`pupils.csv`" in str(error) and len(str(error)) < 400
    if filling == "letters" or line == "the first line":
        assert error.code == "file.line_too_long"
        assert f"{line} of `pupils.csv` goes on for more than 1 MiB" in str(error)
    else:
        assert "is not text, so it is no CSV" in str(error)


def test_a_value_of_a_hundred_million_characters_in_a_table():
    """No file stands before it: the value is refused, not taken to pieces and not quoted."""
    long = "x y" * 30_000_000
    error = refusal(lambda: dp.Cohort({"ethnicity": [long, "WBRI"], "suspensions": [1, 2]}))
    assert "1 value is no ethnicity code or label" in str(error) and len(str(error)) < 400
    error = refusal(lambda: dp.Cohort({"ethnicity": ["BCRB", "WBRI"], "suspensions": [long, "2"]}))
    assert "text where a number is expected (1 row: 1)" in str(error) and len(str(error)) < 400


def test_a_long_file_of_short_lines_is_read(write):
    rows = 150_000
    assert dp.read(write("ethnicity,suspensions\n" + "WBRI,1\n" * rows)).rows == rows


def test_a_row_without_end(write):
    path = write(b"ethnicity,suspensions\nBCRB,1\n" + b"1," * 25_000_000)
    error = refusal(lambda: dp.read(path))
    assert error.code in ("file.line_too_long", "file.ragged")
    assert len(str(error)) < 400


def test_more_fields_than_the_header(write):
    error = refusal(lambda: dp.read(write("ethnicity,suspensions\nBCRB,1\nWBRI,0,7\n")))
    assert error.code == "file.ragged"
    assert "line 3 of `pupils.csv` has 3 fields; the header has 2" in str(error)


def test_two_columns_of_one_name(write):
    error = refusal(lambda: dp.read(write("ethnicity,suspensions,suspensions\nBCRB,1,2\n")))
    assert error.code == "file.duplicate_column"
    assert "`suspensions`" in str(error)


def test_a_file_that_is_not_what_its_name_says(write):
    for name in ("a.parquet", "a.xlsx", "a.arrow"):
        error = refusal(lambda name=name: dp.read(write("ethnicity,x\nBCRB,1\n", name)))
        assert error.code == "file.unreadable"
    assert refusal(lambda: dp.read(write(b"PK\x03\x04\x00\x00\x00"))).code == "file.unreadable"
    error = refusal(lambda: dp.read(write("x", "a.doc")), dp.OptionError)
    assert error.code == "file.extension" and ".parquet" in error.hint
    with pytest.raises(FileNotFoundError):
        dp.read("nowhere.csv")


def test_without_polars_the_error_says_what_to_install(write, monkeypatch):
    import sys

    path = write("ethnicity,suspensions\nBCRB,1\n")
    monkeypatch.setitem(sys.modules, "polars", None)
    error = refusal(lambda: dp.read(path), dp.DispropError)
    assert error.code == "file.needs_polars"
    assert error.hint == 'pip install "disprop[cli]"'


def test_every_kind_of_file_is_read(tmp_path, columns):
    frame = pl.DataFrame(columns).with_columns(laestab=pl.lit("0161234"))
    frame.write_csv(tmp_path / "a.csv")
    frame.write_csv(tmp_path / "a.tsv", separator="\t")
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.arrow")
    frame.write_ipc_stream(tmp_path / "b.arrow")
    names = ["a.csv", "a.tsv", "a.parquet", "a.arrow", "b.arrow"]
    try:
        import fastexcel  # noqa: F401

        frame.write_excel(tmp_path / "a.xlsx")
        names.append("a.xlsx")
    except ImportError:
        pass
    wanted = dp.Cohort(frame).tally("suspensions", ["year", "laestab"])
    for name in names:
        found = dp.read(tmp_path / name).tally("suspensions", ["year", "laestab"])
        assert found == wanted, name


def test_a_sheet_is_chosen_by_name(tmp_path, columns):
    pytest.importorskip("fastexcel")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        pl.DataFrame({"read": ["me"]}).write_excel(book, "Notes")
        pl.DataFrame(columns).write_excel(book, "Pupils")
    assert dp.read(path, sheet="Pupils").rows == 400
    error = refusal(lambda: dp.read(path, sheet="Pupil"), dp.OptionError)
    assert error.code == "file.sheet" and "`Pupils`" in error.hint


# Columns and values


def test_a_misspelt_column():
    error = refusal(lambda: dp.Cohort({"ethnicty": ["BCRB"], "suspensions": [1]}))
    assert "did you mean `ethnicty`" in error.hint
    error = refusal(lambda: dp.Cohort({"ethnicity": ["BCRB"], "yaer": [1]}, year="year"))
    assert "year" in str(error) and "yaer" in str(error)


def test_no_rows():
    error = refusal(lambda: dp.Cohort({"ethnicity": [], "suspensions": []}))
    assert finding(error, "no_rows").hint


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("suspensions", ["one", "0", "2"], "not_a_number"),
        ("suspensions", [-1, 0, 2], "negative"),
        ("ks4_attainment8", [float("inf"), 0.0, 2.0], "not_finite"),
        ("ks4_attainment8", [float("-inf"), 0.0, 2.0], "not_finite"),
        ("ks4_attainment8", [2e9, 0.0, 2.0], "out_of_range"),
    ],
)
def test_values_that_cannot_be(column, values, kind):
    error = refusal(lambda: dp.Cohort({"ethnicity": ["BCRB"] * 3, column: values}))
    found = finding(error, kind)
    assert (found.column, found.rows, found.first_rows) == (column, 1, [1])


def test_an_unknown_code():
    table = {"ethnicity": ["QQQQ"] * 12 + ["BCRB"] * 5, "suspensions": [0] * 17}
    error = refusal(lambda: dp.Cohort(table))
    found = finding(error, "unknown_code")
    assert "`QQQQ`" in found.message
    assert (found.rows, found.first_rows) == (12, [1, 2, 3, 4, 5])
    for way in ("unclassified", "own"):
        assert way in found.hint
    assert dp.Cohort(table, unknown_codes="unclassified").findings
    assert dp.Cohort(table, codes="own").rows == 17
    assert dp.Cohort(table, extra_codes={"QQQQ": ("Black Quay", "BOTH")}).rows == 17


def test_pupils_twice():
    table = {"ethnicity": ["BCRB"] * 2, "upn": ["A", "A"], "suspensions": [1, 2]}
    found = finding(refusal(lambda: dp.Cohort(table)), "duplicate_pupil")
    assert (found.column, found.rows, found.first_rows) == ("upn", 1, [2])
    assert 'rows="pupil"' in found.hint
    assert dp.Cohort(table, rows="pupil").units == 1


def test_more_sessions_missed_than_possible():
    table = {"ethnicity": ["BCRB"] * 2, "sessions_possible": [9, 9], "sessions_absent": [10, 9]}
    found = finding(refusal(lambda: dp.Cohort(table)), "absent_over_possible")
    assert (found.column, found.rows, found.first_rows) == ("sessions_absent", 1, [1])


def test_all_problems_are_told_at_once():
    table = {"ethnicity": ["BCRB", "?!"], "suspensions": [-1, 0], "ks4_attainment8": ["x", "1"]}
    error = refusal(lambda: dp.Cohort(table))
    assert {f.kind for f in error.findings} >= {"unknown_code", "negative", "not_a_number"}


# Groups and options


def test_a_group_of_nobody(cohort):
    row = cohort.gaps("suspensions", groups="MWBC").to_dict()
    assert (row["finding"], row["reason"]) == (["not calculable"], ["no_group"])
    assert row["difference"] == [None]


def test_a_group_of_everyone(cohort):
    row = cohort.gaps("suspensions", groups={"all": ["BCRB", "WBRI"]}).to_dict()
    assert (row["finding"], row["reason"]) == (["not calculable"], ["no_baseline"])
    assert row["group_value"] == [17.5]


def test_an_unknown_measure(cohort):
    error = refusal(lambda: cohort.gaps("persistant_absence"), dp.MeasureError)
    assert error.code == "measure.unknown"
    assert error.hint == "did you mean `persistent_absence`?"


@pytest.mark.parametrize("level", [95, 1, 0, -0.5, float("nan"), float("inf")])
def test_a_level_outside_0_to_1(cohort, level):
    error = refusal(lambda: cohort.gaps("suspensions", level=level), dp.OptionError)
    assert error.code == "stats.level"
    assert level != 95 or "0.95" in error.hint


@pytest.mark.parametrize(
    "option",
    [
        {"unclassified": "drop"},
        {"minimum": -1},
        {"matters": -1.0},
        {"matters": float("nan")},
        {"methods": "newcomb"},
        {"baseline": float("nan")},
    ],
)
def test_options_outside_their_lists(cohort, option):
    error = refusal(lambda: cohort.gaps("suspensions", **option), dp.OptionError)
    assert error.code in ("option.bad", "stats.unknown_method")


def test_words_outside_their_lists(columns):
    for option in ("rows", "codes", "chinese", "unknown_codes", "absent_goals", "ks2_denominator"):
        error = refusal(lambda option=option: dp.Cohort(columns, **{option: "?"}), dp.OptionError)
        assert error.context["message"].startswith(f"option `{option}` is `?`; it takes ")
    error = refusal(lambda: dp.Cohort(columns).tally(threads=0), dp.OptionError)
    assert "`threads`" in str(error)


# Published counts

COUNTS = {"g": ["Black Caribbean", "White British", "Total"], "x": [3, 5, 9], "n": [10, 50, 70]}
SAID = {"measure": "suspended_once", "ethnicity": "g", "numerator": "x"}


def test_rates_without_counts():
    error = refusal(lambda: dp.Tallies.from_counts(COUNTS, **SAID))
    assert "number of pupils" in finding(error, "rates_without_counts").hint


def test_everyone_is_never_inferred():
    error = refusal(lambda: dp.Tallies.from_counts(COUNTS, **SAID, denominator="n"))
    assert "exhaustive" in finding(error, "whole_not_stated").hint
    with pytest.raises(dp.OptionError):
        dp.Tallies.from_counts(COUNTS, **SAID, denominator="n", total="Total", exhaustive=True)


@pytest.mark.parametrize(
    ("change", "said", "kind", "words"),
    [
        ({}, {"total": "All"}, "no_total_row", "`All`"),
        ({"g": ["Black Caribean't", "White British", "Total"]}, {}, "unknown_label", "Black Car"),
        ({"x": [3, "three", 9]}, {}, "not_a_number", "symbol"),
        ({"g": ["Black Caribbean"] * 2 + ["Total"]}, {}, "cell_twice", "same group"),
        ({}, {"where": {"n": "11"}}, "no_such_value", "`11`"),
        ({}, {"by": "year"}, "missing_column", "`by`"),
    ],
)
def test_published_tables_that_do_not_say_enough(change, said, kind, words):
    table = {**COUNTS, **change}
    said = {**SAID, "denominator": "n", "total": "Total", **said}
    error = refusal(lambda: dp.Tallies.from_counts(table, **said))
    if kind != "missing_column":
        assert words in finding(error, kind).message
    else:
        assert finding(error, kind).column == "year"


def test_an_unknown_dimension_is_answered_with_dimensions_alone():
    """Value columns and identifiers are none; what was meant stands first."""
    columns = dp.synth(2000, years=1, seed=7).to_dict()
    columns["cohort_name"] = ["a"] * len(columns["year"])
    cohort = dp.Cohort(columns)
    with pytest.raises(dp.DispropError) as caught:
        cohort.tally("suspensions", "schol")
    message = str(caught.value)
    named = re.findall(r"`([^`]+)`", message.partition("there are")[2])
    assert named[0] == "school" and "did you mean `school`" in message
    assert set(named[1:-1]) == {
        "year", "la", "phase", "year_group", "sex", "fsm", "sen", "eal", "cohort_name"
    }  # fmt: skip
