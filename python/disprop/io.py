"""Files in: CSV, Parquet, Excel and Arrow, read with polars and refused in plain words.

polars is imported when a file is read, not before. No message repeats what a file holds: a row
may name a pupil.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from disprop._disprop import Cohort, DataError, DispropError, OptionError

if TYPE_CHECKING:
    from polars import DataFrame

READABLE = (".csv", ".tsv", ".parquet", ".xlsx", ".xlsm", ".xls", ".ods", ".arrow", ".feather")

#: No line is this long; a file of one endless line is not read to its end to find that out.
LONGEST_LINE = 1 << 20


def read(
    path: str | os.PathLike[str],
    *,
    delimiter: str | None = None,
    sheet: str | None = None,
    **cohort: Any,
) -> Cohort:
    r"""Return the cohort that a file of pupil rows holds.

    Parameters
    ----------
    path : str or path
        A file with one of the extensions ``.csv``, ``.tsv``, ``.parquet``, ``.xlsx``, ``.xlsm``,
        ``.xls``, ``.ods``, ``.arrow``, ``.feather``. CSV is UTF-8, with or without a byte order
        mark.
    delimiter : str, optional
        The character between two fields of a CSV; a comma by default, a tab for ``.tsv``.
    sheet : str, optional
        The sheet of a workbook; the first by default.
    **cohort
        Everything :class:`Cohort` takes: column roles, ``rows``, ``codes``, ``measures`` and so on.

    Returns
    -------
    Cohort
        Checked and encoded; its ``findings`` hold the warnings.

    Raises
    ------
    DataError
        ``file.empty``, ``file.header_only``, ``file.delimiter``, ``file.encoding``,
        ``file.line_too_long``, ``file.duplicate_column``, ``file.ragged``, ``file.unreadable``, or
        ``data.refused`` with all findings.
    OptionError
        ``file.extension``, where the extension is none of those above; ``option.bad``.
    DispropError
        ``file.needs_polars``, where polars, or for workbooks fastexcel, is not installed.
    FileNotFoundError
        Where there is no such file.

    Notes
    -----
    Every field of a CSV is read as text, so that codes such as ``016`` keep their zeros and no
    number is rounded on the way: decimals become exact fixed-point numbers afterwards. Blank lines
    after the last row are left out.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "pupils.csv"
    >>> _ = path.write_text("ethnicity,suspensions\nBCRB,1\nWBRI,0\n")
    >>> read(path).rows
    2

    The wrong delimiter is refused, and the right one can be named:

    >>> _ = path.write_text("ethnicity;suspensions\nBCRB;1\nWBRI;0\n")
    >>> try:
    ...     read(path)
    ... except DataError as error:
    ...     error.code
    'file.delimiter'
    >>> read(path, delimiter=";").rows
    2
    >>> folder.cleanup()
    """
    return Cohort(frame(path, delimiter=delimiter, sheet=sheet), **cohort)


def frame(
    path: str | os.PathLike[str], *, delimiter: str | None = None, sheet: str | None = None
) -> DataFrame:
    """Return the table that a file holds, unchecked; see :func:`read` for what it takes.

    Parameters
    ----------
    path : str or path
        As for :func:`read`.
    delimiter : str, optional
        As for :func:`read`.
    sheet : str, optional
        As for :func:`read`.

    Returns
    -------
    polars.DataFrame
        The rows as they stand; the columns of a CSV are text.

    Raises
    ------
    DataError, OptionError, DispropError, FileNotFoundError
        As for :func:`read`.

    Examples
    --------
    >>> frame("pupils.doc")
    Traceback (most recent call last):
        ...
    disprop.OptionError: `.doc` is not a kind of file that can be read
    hint: the kinds are .csv .tsv .parquet .xlsx .xlsm .xls .ods .arrow .feather
    """
    place = os.fspath(path)
    extension = os.path.splitext(place)[1].lower()
    if extension not in READABLE:
        raise _error(
            OptionError,
            "file.extension",
            f"`{extension}` is not a kind of file that can be read",
            "the kinds are " + " ".join(READABLE),
        )
    with open(place, "rb") as file:
        start = file.read(LONGEST_LINE)
    if not start:
        raise _error(
            DataError,
            "file.empty",
            f"`{_name(place)}` is an empty file",
            "check that the export finished; a header and at least one row are needed",
        )
    if extension in (".csv", ".tsv"):
        table = _csv(place, start, delimiter or ("\t" if extension == ".tsv" else ","))
    elif extension == ".parquet":
        table = _parsed(place, "Parquet", lambda polars: polars.read_parquet(place))
    elif extension in (".arrow", ".feather"):
        table = _parsed(place, "Arrow", lambda polars: _arrow(polars, place, start))
    else:
        table = _parsed(place, "a workbook", lambda polars: _workbook(polars, place, sheet))
    table = _without_blank_end(table)
    if table.height == 0:
        raise _error(
            DataError,
            "file.header_only",
            f"`{_name(place)}` has a header and no rows",
            "check the filter or the query behind the export",
        )
    return _plain(table)


def needs_polars() -> Any:
    """Return the polars module.

    Returns
    -------
    module
        polars.

    Raises
    ------
    DispropError
        ``file.needs_polars``, where it is not installed.
    """
    try:
        import polars
    except ImportError:
        raise _missing("polars") from None
    return polars


def _missing(package: str) -> DispropError:
    return _error(
        DispropError,
        "file.needs_polars",
        f"files are read and written with {package}, which is not installed",
        'pip install "disprop[cli]"',
    )


def _error(kind: type[DispropError], code: str, message: str, hint: str) -> DispropError:
    error = kind(f"{message}\nhint: {hint}")
    error.code = code
    error.hint = hint
    error.context = {"message": message}
    return error


def _name(path: str) -> str:
    return os.path.basename(path)


def _plain(table: DataFrame) -> DataFrame:
    """Dates as text: a date may be the name of a year or a term."""
    polars = needs_polars()
    dates = [name for name, kind in table.schema.items() if kind.is_temporal()]
    if not dates:
        return table
    return table.with_columns(polars.col(dates).cast(polars.String))


def _without_blank_end(table: DataFrame) -> DataFrame:
    """Blank lines after the last row are no rows; those between rows keep their numbers."""
    if table.height == 0 or any(value is not None for value in table.row(-1)):
        return table
    polars = needs_polars()
    filled = table.select(polars.any_horizontal(polars.all().is_not_null())).to_series()
    last = filled.arg_true().max()
    return table.head(0 if last is None else int(str(last)) + 1)


def _parsed(path: str, kind: str, parse: Any) -> DataFrame:
    """Run a reader; whatever it says against the file becomes one plain sentence."""
    polars = needs_polars()
    try:
        table: DataFrame = parse(polars)
    except (DispropError, OSError, MemoryError):
        raise
    except ModuleNotFoundError:
        raise _missing("fastexcel") from None
    except Exception:
        raise _error(
            DataError,
            "file.unreadable",
            f"`{_name(path)}` could not be read as {kind}",
            "open it in the program that made it and save it again; a wrong extension or a file "
            "cut off in transfer does this",
        ) from None
    return table


def _arrow(polars: Any, path: str, start: bytes) -> DataFrame:
    is_file = start.startswith(b"ARROW1")
    made: DataFrame = polars.read_ipc(path) if is_file else polars.read_ipc_stream(path)
    return made


def _workbook(polars: Any, path: str, sheet: str | None) -> DataFrame:
    import fastexcel

    book = fastexcel.read_excel(path)
    names = list(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise _error(
            OptionError,
            "file.sheet",
            f"there is no sheet `{sheet}`",
            "the sheets are " + ", ".join(f"`{name}`" for name in names),
        )
    # Kinds are taken from every row: a symbol in row 5,000 of a count column is not lost.
    made: DataFrame = polars.read_excel(
        path,
        engine="calamine",
        sheet_name=sheet or names[0],
        infer_schema_length=None,
        raise_if_empty=False,
    )
    return made


def _csv(path: str, start: bytes, delimiter: str) -> DataFrame:
    if len(delimiter) != 1 or not delimiter.isascii():
        raise _error(
            OptionError,
            "option.bad",
            f"option `delimiter` is `{delimiter}`; it takes one ASCII character",
            "a tab is written \\t in Python and $'\\t' in a shell",
        )
    header = _header(path, start, delimiter)
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise _error(
            DataError,
            "file.duplicate_column",
            "columns with the same name: " + ", ".join(f"`{n}`" for n in repeated[:12]),
            "rename or remove one of each",
        )
    if _endless(path):
        raise _diagnosis(path, delimiter, len(header))
    polars = needs_polars()
    try:
        table: DataFrame = polars.read_csv(
            path, separator=delimiter, infer_schema=False, encoding="utf8"
        )
    except (OSError, MemoryError):
        raise
    except polars.exceptions.NoDataError:
        table = polars.DataFrame(schema=dict.fromkeys(header, polars.String))
    except Exception:
        # What polars says may quote a row, so the file is looked through again instead.
        raise _diagnosis(path, delimiter, len(header)) from None
    return table


def _header(path: str, start: bytes, delimiter: str) -> list[str]:
    """Return the names in the first line, which is all that is looked at here."""
    import csv

    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(
            DataError,
            "file.encoding",
            f"`{_name(path)}` is UTF-16, not UTF-8",
            "save it again as `CSV UTF-8`",
        )
    if b"\n" not in start and b"\r" not in start and len(start) >= LONGEST_LINE:
        raise _error(
            DataError,
            "file.line_too_long",
            f"the first line of `{_name(path)}` goes on for more than "
            f"{LONGEST_LINE >> 20} MiB; a header and rows were expected",
            "check that the export ends its lines, and that this is a CSV file",
        )
    if b"\0" in start[:4096]:
        raise _error(
            DataError,
            "file.unreadable",
            f"`{_name(path)}` is not text, so it is no CSV",
            "a workbook or Parquet file needs its own extension",
        )
    lines = start.splitlines()
    line = next((line for line in lines if line.strip()), b"")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _encoding(path, lines.index(line) + 1) from None
    others = [mark for mark in ",;\t|" if mark != delimiter and mark in text]
    if delimiter not in text and others:
        found = max(others, key=text.count)
        shown = {"\t": "tabs"}.get(found, f"`{found}`")
        wanted = {"\t": "tabs"}.get(delimiter, f"`{delimiter}`")
        flag = "$'\\t'" if found == "\t" else f"'{found}'"
        raise _error(
            DataError,
            "file.delimiter",
            f"the header of `{_name(path)}` is one column that holds {shown}; fields are expected "
            f"between {wanted}",
            f"say delimiter={found!r}, or on the command line --delimiter {flag}",
        )
    return next(iter(csv.reader([text], delimiter=delimiter)), [])


def _encoding(path: str, line: int) -> DispropError:
    return _error(
        DataError,
        "file.encoding",
        f"line {line} of `{_name(path)}` is not UTF-8",
        "save it again as `CSV UTF-8`; Excel's plain `CSV` is in the code page of the machine",
    )


def _endless(path: str) -> bool:
    """Whether some line goes on for so long that no row does; a few bytes of every MiB tell."""
    import mmap

    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        starts = range(0, len(whole) - LONGEST_LINE, LONGEST_LINE)
        return any(whole.find(b"\n", at, at + LONGEST_LINE) < 0 for at in starts)


def _diagnosis(path: str, delimiter: str, fields: int) -> DispropError:
    """Say in which line a CSV breaks, without quoting it."""
    import csv

    with open(path, "rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) >= LONGEST_LINE:
                return _error(
                    DataError,
                    "file.line_too_long",
                    f"line {number} of `{_name(path)}` goes on for more than "
                    f"{LONGEST_LINE >> 20} MiB",
                    "check that the export ends its lines",
                )
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return _encoding(path, number)
    with open(path, encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text, delimiter=delimiter)
        try:
            for row in rows:
                if len(row) > fields:
                    return _error(
                        DataError,
                        "file.ragged",
                        f"line {rows.line_num} of `{_name(path)}` has {len(row)} fields; "
                        f"the header has {fields}",
                        "a field that holds the delimiter must stand in double quotes",
                    )
        except csv.Error:
            pass
    return _error(
        DataError,
        "file.unreadable",
        f"`{_name(path)}` could not be read as CSV",
        "check its quotes and line ends; saving it again from a spreadsheet often settles it",
    )
