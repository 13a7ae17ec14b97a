"""The command line: ``disprop measures | groups | methods | check | gaps | published | synth``.

Nothing is computed here: each command reads a file, makes one call of the package, and writes.
Results go to the standard output or to ``--out``; warnings, errors and progress to the standard
error. Exit codes: 0 done, 1 data refused, 2 usage, 130 interrupted.

Examples
--------
>>> main(["groups", "--main"])  # doctest: +ELLIPSIS
code  label                         main  major
WBRI  White - British               WBRI  White
...
0
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import re
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import disprop as dp
from disprop import io

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WRITABLE = (".csv", ".parquet", ".json")
DONE, REFUSED, USAGE, INTERRUPTED = 0, 1, 2, 130
ROLES = (
    "ethnicity",
    "year",
    "la",
    "school",
    "pupil",
    "sex",
    "fsm",
    "sen",
    "eal",
    "year_group",
    "phase",
)
NOT_FOR_PUBLICATION = "Not for publication: no disclosure control has been applied."
#: A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: Work shorter than this shows no progress.
PATIENCE_SECONDS = 1.0


class UsageError(Exception):
    """What was asked for cannot be done as asked; the message says what to write instead."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the program's name; those of the process by default.

    Returns
    -------
    int
        0 done, 1 data refused (every finding is printed), 2 usage, 130 interrupted.

    Raises
    ------
    SystemExit
        After ``--help`` and ``--version``, and for words that argparse does not know.

    Examples
    --------
    >>> main(["methods", "--family", "proportion", "--scale", "ratio"])  # doctest: +ELLIPSIS
    family      scale  method...
    0
    """
    try:
        given = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = given.run
        code = run(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        _complain("interrupted; nothing was kept")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has had enough. Python flushes once more when it ends.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except dp.DispropError as error:
        return _refusal(error)
    except UsageError as error:
        _complain(f"error: {error}")
        return USAGE
    except OSError as error:
        what = error.strerror or type(error).__name__
        where = f": {error.filename}" if error.filename else ""
        _complain(f"error: {what}{where}")
        return USAGE
    except MemoryError:
        _complain("error: the data do not fit into memory")
        return REFUSED


# Commands


def _measures(given: argparse.Namespace) -> int:
    rows = [
        {
            "measure": measure.id,
            "label": measure.label,
            "phase": measure.phase,
            "unit": measure.unit,
            "better": {"higher_is_better": "higher", "lower_is_better": "lower"}.get(
                measure.polarity, "neither"
            ),
            "columns": ", ".join(measure.columns),
            "source": measure.source,
        }
        for measure in dp.measures()
    ]
    shown = ("measure", "label", "phase", "unit", "better")
    return _listing(given, rows, shown)


def _groups(given: argparse.Namespace) -> int:
    rows = _rows(dp.groups(chinese=given.chinese).to_dict())
    if given.main:
        rows = [row for row in rows if row["code"] == row["main"]]
    return _listing(given, rows, ("code", "label", "main", "major"))


def _methods(given: argparse.Namespace) -> int:
    rows = [
        row
        for row in _rows(dp.methods().to_dict())
        if given.family in (None, row["family"]) and given.scale in (None, row["scale"])
    ]
    return _listing(given, rows, ("family", "scale", "method", "label", "when_to_use"))


def _check(given: argparse.Namespace) -> int:
    own = _own_measures(given)
    with _working(f"checking {given.file}"):
        cohort = _cohort(given, own)
    _print(f"{cohort.rows:,} rows, {cohort.units:,} counted as {_counted(given)}")
    _print("\nColumns")
    _print_rows(
        [{"role": role, "column": column} for role, column in cohort.roles.items()],
        ("role", "column"),
    )
    _print("\nMeasures that the columns allow")
    allowed = [measure for measure in own if _is_allowed(cohort, measure)]
    allowed += [m for m in dp.measures() if m.id in cohort.measures and m not in allowed]
    _print_rows(
        [{"measure": measure.id, "label": measure.label} for measure in allowed],
        ("measure", "label"),
    )
    _print("")
    _warn(cohort.findings)
    _print("no problem found" if not cohort.findings else "usable, with the warnings given")
    return DONE


def _gaps(given: argparse.Namespace) -> int:
    _writable(given.out)
    own = _own_measures(given)
    named = [_measure(name, own) for name in _split(given.measure)]
    with _working(f"reading {given.file}"):
        cohort = _cohort(given, own + [m for m in named if m not in own] if own else [])
    _warn(cohort.findings)
    by = _split(given.by)
    if {"pupil", cohort.roles.get("pupil")} & set(by):
        raise UsageError("pupil identifiers are never a dimension: they would be written out")
    chosen: list[dp.Measure] | None = named or own or None
    if chosen is None and not cohort.measures:
        raise UsageError("the columns allow no measure; `disprop measures` says what each needs")
    with _working("adding up"):
        tallies = cohort.tally(chosen, by, threads=given.threads)
    return _write_gaps(given, tallies, known=cohort.findings)


def _published(given: argparse.Namespace) -> int:
    _writable(given.out)
    measure = _measure(given.measure, _own_measures(given)) if given.measure else None
    if measure is None:
        own = _own_measures(given)
        if len(own) != 1:
            raise UsageError("say which measure the counts are of, with --measure")
        measure = own[0]
    renamed = [_pair(one, "--by") if "=" in one else (one, one) for one in _split(given.by)]
    plain = all(name == column for name, column in renamed)
    where: dict[str, list[str]] = {}
    for one in given.where:
        column, values = _pair(one, "--where")
        where.setdefault(column, []).extend(_fields(values))
    symbols = dict(_symbol(one) for one in given.symbol)
    with _working(f"reading {given.file}"):
        table = io.frame(given.file, delimiter=given.delimiter, sheet=given.sheet)
        tallies = dp.Tallies.from_counts(
            table,
            measure=measure,
            ethnicity=given.ethnicity,
            numerator=given.numerator,
            denominator=given.denominator,
            pupils=given.pupils,
            by=[name for name, _ in renamed] if plain else dict(renamed),
            where=where,
            total=given.total,
            exhaustive=given.exhaustive,
            group_level=given.group_level,
            codes=given.codes,
            chinese=given.chinese,
            extra_codes=_extra_codes(given),
            rounded_to=given.rounded_to,
            symbols=symbols,
        )
    _warn(tallies.findings)
    return _write_gaps(given, tallies, known=tallies.findings)


def _synth(given: argparse.Namespace) -> int:
    extension = _writable(given.out)
    with _working("making pupils"):
        table = dp.synth(
            given.pupils,
            given.years,
            seed=given.seed,
            first_year=given.first_year,
            authorities=given.authorities,
            movers=given.movers,
            plain_text=given.plain_text,
            staff=given.staff,
        )
    with _working(f"writing {given.out}"), _replacing(given.out) as place:
        if extension == ".parquet":
            io.needs_polars().DataFrame(table).write_parquet(place)
        elif extension == ".json":
            _json(place, {"synthetic": True, "rows": _rows(table.to_dict())})
        else:
            _csv(place, table.to_dict())
    rows, columns = table.shape
    _complain(f"{rows:,} synthetic rows of {columns} columns in {given.out}")
    return DONE


# From words to arguments


def _cohort(given: argparse.Namespace, measures: list[dp.Measure]) -> dp.Cohort:
    columns = dict(_pair(one, "--column") for one in given.column)
    roles = {role: getattr(given, role) for role in ROLES if getattr(given, role) is not None}
    return io.read(
        given.file,
        delimiter=given.delimiter,
        sheet=given.sheet,
        **roles,
        columns=columns or None,
        rows=given.rows,
        codes=given.codes,
        chinese=given.chinese,
        extra_codes=_extra_codes(given),
        unknown_codes=given.unknown_codes,
        absent_goals=given.absent_goals,
        ks2_denominator=given.ks2_denominator,
        measures=measures or None,
    )


def _is_allowed(cohort: dp.Cohort, measure: dp.Measure) -> bool:
    try:
        cohort.tally(measure)
    except dp.MeasureError:
        return False
    return True


def _counted(given: argparse.Namespace) -> str:
    return "pupils" if given.rows == "pupil" else "enrolments"


def _own_measures(given: argparse.Namespace) -> list[dp.Measure]:
    """Measures that the caller declares in TOML or JSON files."""
    made: list[dp.Measure] = []
    for place in given.measure_file:
        with open(place, encoding="utf-8-sig") as file:
            try:
                text = file.read()
            except UnicodeDecodeError:
                raise UsageError(f"`{place}` is not UTF-8") from None
        if text.lstrip().startswith("["):
            try:
                listed = json.loads(text)
            except ValueError:
                listed = None
            if isinstance(listed, list):
                made.extend(dp.Measure(one) for one in listed)
                continue
        if not text.strip():
            raise UsageError(f"`{place}` is empty; it should declare a measure in TOML or JSON")
        made.append(dp.Measure(text))
    return made


def _measure(name: str, own: list[dp.Measure]) -> dp.Measure:
    return next((measure for measure in own if measure.id == name), None) or dp.Measure(name)


def _extra_codes(given: argparse.Namespace) -> dict[str, tuple[str, str]] | None:
    extra: dict[str, tuple[str, str]] = {}
    for one in given.extra_code:
        parts = [part.strip() for part in one.split("=")]
        if len(parts) != 3 or not all(parts):
            raise UsageError(f"--extra-code takes CODE=LABEL=MAIN, not `{one}`")
        extra[parts[0]] = (parts[1], parts[2])
    return extra or None


def _chosen_groups(given: argparse.Namespace) -> list[str | dict[str, list[str]]]:
    chosen: list[str | dict[str, list[str]]] = []
    for one in given.group:
        name, equals, codes = one.partition("=")
        chosen.append({name.strip(): _fields(codes)} if equals else one.strip())
    return chosen or ["main"]


def _baseline(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _symbol(one: str) -> tuple[str, tuple[int, int]]:
    symbol, counts = _pair(one, "--symbol")
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", counts)
    if not found:
        raise UsageError(f"--symbol takes a symbol and counts, such as x=1-2, not `{one}`")
    return symbol, (int(found[1]), int(found[2] or found[1]))


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or not equals or not value:
        raise UsageError(f"{option} takes NAME=VALUE, not `{text}`")
    return name, value


def _fields(text: str) -> list[str]:
    """Values between commas; one that holds a comma stands in double quotes."""
    row = next(csv.reader([text], skipinitialspace=True), [])
    return [field.strip() for field in row if field.strip()]


def _split(given: Iterable[str] | None) -> list[str]:
    return [name for one in given or [] for name in _fields(one)]


# Out


def _write_gaps(given: argparse.Namespace, tallies: dp.Tallies, known: list[dp.Finding]) -> int:
    with _working("comparing"):
        gaps = tallies.gaps(
            groups=_chosen_groups(given),
            baseline=_baseline(given.baseline),
            unclassified=given.unclassified,
            level=given.level,
            methods=_split(given.method) or None,
            minimum=given.minimum,
            matters=given.matters,
        )
    seen = {str(finding) for finding in known}
    _warn([finding for finding in gaps.findings if str(finding) not in seen])
    if given.out is None:
        _print(gaps.to_text())
        return DONE
    extension = _writable(given.out)
    with _replacing(given.out) as place:
        if extension == ".csv":
            _csv(place, gaps.to_dict())
        elif extension == ".json":
            _json(place, {"note": gaps.note, "gaps": _rows(gaps.to_dict())})
        else:
            io.needs_polars().DataFrame(gaps).write_parquet(place)
    _complain(f"{len(gaps):,} gaps in {given.out}\n{NOT_FOR_PUBLICATION}\n")
    _complain(textwrap.fill(gaps.note, 96))
    return DONE


def _writable(out: str | None) -> str:
    """Return the extension, before any work is done for a file that cannot be written."""
    if out is None:
        return ""
    extension = os.path.splitext(out)[1].lower()
    if extension not in WRITABLE:
        raise UsageError(
            f"`{out}` should end in one of {', '.join(WRITABLE)}: that says what is written"
        )
    folder = os.path.dirname(out) or "."
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder `{folder}` to write to")
    if os.path.isdir(out):
        raise UsageError(f"`{out}` is a folder")
    if extension == ".parquet":
        io.needs_polars()
    return extension


@contextlib.contextmanager
def _replacing(out: str) -> Iterator[str]:
    """Give a place beside the file, which takes its name only when all is written."""
    if os.path.exists(out) and not os.path.isfile(out):
        yield out
        return
    folder, name = os.path.split(out)
    place = os.path.join(folder, f".{name}.{os.getpid()}.part")
    try:
        yield place
        os.replace(place, out)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(place)


def _csv(place: str, columns: dict[str, list[Any]]) -> None:
    with open(place, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_inert(name) for name in columns])
        writer.writerows([_inert(v) for v in row] for row in zip(*columns.values(), strict=True))


def _inert(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _json(place: str, content: object) -> None:
    with open(place, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, allow_nan=False, indent=1)
        file.write("\n")


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _listing(given: argparse.Namespace, rows: list[dict[str, Any]], shown: Sequence[str]) -> int:
    if given.out is None:
        _print_rows(rows, shown)
        return DONE
    extension = _writable(given.out)
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else shown)}
    with _replacing(given.out) as place:
        if extension == ".csv":
            _csv(place, columns)
        elif extension == ".json":
            _json(place, rows)
        else:
            io.needs_polars().DataFrame(columns).write_parquet(place)
    return DONE


def _print_rows(rows: list[dict[str, Any]], shown: Sequence[str]) -> None:
    table = [list(shown), *([str(row[name] or "") for name in shown] for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(shown))]
    for row in table:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        _print("  ".join(cells).rstrip())


def _print(text: str) -> None:
    _say(sys.stdout, text)


def _complain(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        _say(sys.stderr, text)


def _say(stream: TextIO, text: str) -> None:
    """Print with no control character of the data's, in what the stream can hold."""
    text = "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    except LookupError:
        text = text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")
    print(text, file=stream)


_PLAIN = str.maketrans({"−": "-", "–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "’": "'"})


def _warn(findings: Sequence[dp.Finding]) -> None:
    """Print findings, and advice that several in a row share only once."""
    following = [*findings[1:], None]
    for finding, after in zip(findings, following, strict=False):
        _complain(f"{finding.severity}: {finding}")
        if finding.hint and (after is None or after.hint != finding.hint):
            _complain(f"  hint: {_in_options(finding.hint)}")


def _refusal(error: dp.DispropError) -> int:
    """Print all that is known of an error; returns the exit code it means."""
    if error.findings:
        _warn(error.findings)
        refused = sum(finding.severity == "refused" for finding in error.findings)
        plural = "problem" if refused == 1 else "problems"
        _complain(f"error: the data cannot be used: {refused} {plural}")
    else:
        message = str((error.context or {}).get("message") or error).partition("\nhint: ")[0]
        _complain(f"error: {message}")
        if error.hint:
            _complain(f"  hint: {_in_options(error.hint)}")
    of_data = isinstance(error, dp.DataError | dp.TallyError)
    return REFUSED if of_data or error.code in ("measure.columns", "stats.overflow") else USAGE


_AS_OPTIONS: tuple[tuple[str, str], ...] = (
    (r"exhaustive=True", "--exhaustive"),
    (r"total=…", "--total LABEL"),
    (r"pupil=…", "--pupil COLUMN"),
    (r"extra_codes=\{[^}]*\}", "--extra-code CODE=LABEL=MAIN"),
    (r'columns=\{"([^"]*)": "([^"]*)"\}', r"--column \1=\2"),
    (r'columns=\{"([^"]*)": …\}', r"--column \1=COLUMN"),
)


def _in_options(hint: str) -> str:
    """Turn the arguments that a hint names into options of the command line."""
    for pattern, option in _AS_OPTIONS:
        hint = re.sub(pattern, option, hint)

    def option_of(found: re.Match[str]) -> str:
        value = f'"{found[2]}"' if " " in found[2] else found[2]
        return f"--{found[1].replace('_', '-')} {value}"

    return re.sub(r'\b([a-z_0-9]+)="([^"]*)"', option_of, hint)


@contextlib.contextmanager
def _working(what: str) -> Iterator[None]:
    """Show on a terminal what is being done, once it takes longer than a moment."""
    if not sys.stderr.isatty():
        yield
        return
    shown: list[Any] = []

    def show() -> None:
        try:
            from rich.console import Console
        except ImportError:
            _complain(f"{what} …")
            return
        status = Console(stderr=True).status(f"{what} …", spinner="line")
        shown.append(status)
        status.start()

    timer = threading.Timer(PATIENCE_SECONDS, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()


# Words


class _Parser(argparse.ArgumentParser):
    """A parser whose help shows line breaks as written, and whose options are never guessed."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        _complain(f"{self.format_usage()}error: {message}\n  hint: {self.prog} --help")
        raise SystemExit(USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="disprop",
        description="How far each ethnic group's school outcomes stand from those of all other "
        "groups.",
        epilog="""Examples
  disprop synth --pupils 20000 --out pupils.parquet
  disprop check pupils.parquet
  disprop gaps pupils.parquet --measure persistent_absence --by year
  disprop gaps pupils.csv --group main --group "Black Caribbean heritage=BCRB,MWBC" --out gaps.csv
  disprop published exclusions.csv --measure suspensions --ethnicity characteristic \\
      --numerator fixed_excl --denominator headcount --by time_period \\
      --where geographic_level=National --total Total --out gaps.csv

Exit codes: 0 done, 1 data refused (every finding is printed), 2 usage, 130 interrupted.""",
    )
    parser.add_argument("--version", action="version", version=f"disprop {dp.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> _Parser:
        made: _Parser = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    measures = command("measures", _measures, "List the measures of the catalogue.")
    groups = command("groups", _groups, "List ethnicity codes, labels and what they belong to.")
    groups.add_argument("--main", action="store_true", help="main codes only")
    _add_chinese(groups)
    methods = command("methods", _methods, "List interval methods and when to use each.")
    methods.add_argument("--family", choices=("proportion", "mean", "ratio", "rate"))
    methods.add_argument("--scale", help="value, difference, ratio, …")
    for listing in (measures, groups, methods):
        listing.add_argument("--out", metavar="FILE", help=_OUT)

    check = command("check", _check, "Check a file of pupil rows and say what it allows.")
    _add_cohort(check)

    gaps = command("gaps", _gaps, "Gaps of ethnic groups, from a file of pupil rows.")
    _add_cohort(gaps)
    gaps.add_argument(
        "--measure",
        action="append",
        metavar="ID",
        help="a measure, or several between commas; repeatable (default: all that the columns "
        "allow; `disprop measures` lists them)",
    )
    gaps.add_argument(
        "--by",
        action="append",
        metavar="DIMENSION",
        help="year, la, school, sex, fsm, sen, eal, year_group, phase or any column of "
        "categories; repeatable, or between commas",
    )
    gaps.add_argument("--threads", type=_positive, metavar="N", help="default: all cores")
    _add_gaps(gaps)

    published = command("published", _published, "Gaps of ethnic groups, from published counts.")
    _add_file(published)
    published.add_argument("--measure", metavar="ID", help="what the numbers are of")
    for name, text in (
        ("ethnicity", "column of the groups' labels or codes"),
        ("numerator", "column of events, or of the sum of points"),
    ):
        published.add_argument(f"--{name}", metavar="COLUMN", required=True, help=text)
    published.add_argument(
        "--denominator", metavar="COLUMN", help="column of pupils, sessions or entries"
    )
    published.add_argument(
        "--pupils", metavar="COLUMN", help="column of pupils, where the denominator is not that"
    )
    published.add_argument(
        "--by",
        action="append",
        metavar="COLUMN",
        help="a dimension, or NAME=COLUMN; repeatable, or between commas",
    )
    published.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="COLUMN=VALUE,VALUE",
        help="rows to keep, whatever the case of the letters; repeatable; a value that holds a "
        "comma stands in double quotes",
    )
    whole = published.add_mutually_exclusive_group()
    whole.add_argument("--total", metavar="LABEL", help="label of the row that holds everyone")
    whole.add_argument(
        "--exhaustive", action="store_true", help="the groups listed are all there are"
    )
    published.add_argument(
        "--rounded-to", type=_positive, metavar="N", help="counts were rounded to multiples of N"
    )
    published.add_argument(
        "--symbol",
        action="append",
        default=[],
        metavar="SYMBOL=FROM-TO",
        help="counts that a symbol stands for, such as x=1-2; repeatable",
    )
    published.add_argument(
        "--group-level",
        choices=("auto", "main", "major", "extended"),
        default="auto",
        help="which groups the labels are, where a table has several levels",
    )
    _add_codes(published)
    _add_gaps(published)

    synth = command("synth", _synth, "Make a synthetic cohort; the same seed gives the same rows.")
    synth.add_argument("--pupils", type=_positive, default=60_000, metavar="N", help=_DEFAULT)
    synth.add_argument("--years", type=_positive, default=3, metavar="N", help=_DEFAULT)
    synth.add_argument("--seed", type=_natural, default=1, metavar="N", help=_DEFAULT)
    synth.add_argument("--first-year", type=_positive, metavar="YEAR", help="2022 for 2022/23")
    synth.add_argument(
        "--authorities", type=_positive, metavar="N", help="several authorities instead of one"
    )
    synth.add_argument("--movers", type=float, metavar="SHARE", help="share who change school")
    synth.add_argument(
        "--plain-text", action="store_true", help="text columns as text, not as categories"
    )
    synth.add_argument("--staff", action="store_true", help="staff instead of pupils")
    synth.add_argument("--out", metavar="FILE", required=True, help=_OUT)
    return parser


_OUT = f"file to write, {', '.join(WRITABLE)}; one that is there is replaced"
_DEFAULT = "default: %(default)s"


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=f"one of {' '.join(io.READABLE)}")
    parser.add_argument("--delimiter", metavar="CHARACTER", help="of a CSV; default: a comma")
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook; default: the first")
    parser.add_argument(
        "--measure-file",
        action="append",
        default=[],
        metavar="FILE",
        help="a measure of your own, in TOML or JSON; repeatable",
    )


def _add_chinese(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--chinese",
        choices=("asian", "own"),
        default="asian",
        help="the major group that Chinese pupils are in (default: %(default)s)",
    )


def _add_codes(parser: argparse.ArgumentParser) -> None:
    coding = parser.add_argument_group("what ethnicity values mean")
    coding.add_argument(
        "--codes",
        choices=("england", "own"),
        default="england",
        help="codes and labels used in England, or every value a group of its own",
    )
    coding.add_argument(
        "--extra-code",
        action="append",
        default=[],
        metavar="CODE=LABEL=MAIN",
        help="a code that the list does not have; repeatable",
    )
    _add_chinese(parser)


def _add_cohort(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    columns = parser.add_argument_group(
        "columns", "Found by their usual names (census, NPD, EES) where not given."
    )
    for role in ROLES:
        columns.add_argument(f"--{role.replace('_', '-')}", dest=role, metavar="COLUMN")
    columns.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=COLUMN",
        help="the column of any other role, such as sessions_absent=Missed; repeatable",
    )
    counting = parser.add_argument_group("counting")
    counting.add_argument(
        "--rows",
        choices=("enrolment", "pupil"),
        default="enrolment",
        help="what is counted: rows as they are, or pupils, a mover's rows being added first",
    )
    counting.add_argument(
        "--unknown-codes",
        choices=("refuse", "unclassified"),
        default="refuse",
        help="what becomes of an ethnicity value that is no code and no label",
    )
    counting.add_argument(
        "--absent-goals",
        choices=("exclude", "not_achieved"),
        default="exclude",
        help="a Reception goal marked A",
    )
    counting.add_argument(
        "--ks2-denominator",
        choices=("npd", "eligible", "valid"),
        default="npd",
        help="which pupils Key Stage 2 is out of",
    )
    _add_codes(parser)


def _add_gaps(parser: argparse.ArgumentParser) -> None:
    gaps = parser.add_argument_group("gaps")
    gaps.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="GROUP",
        help="a code, a label, `main`, `major`, `leaves` or NAME=CODE,CODE; repeatable "
        "(default: main)",
    )
    gaps.add_argument(
        "--baseline",
        default="all_others",
        metavar="WHAT",
        help="all_others, overall, best, a code or label, or a number (default: %(default)s)",
    )
    gaps.add_argument(
        "--unclassified",
        choices=("exclude", "include", "bounds"),
        default="exclude",
        help="pupils whose ethnicity is refused, not obtained or missing",
    )
    gaps.add_argument("--level", type=float, default=0.95, help=_DEFAULT)
    gaps.add_argument(
        "--method",
        action="append",
        metavar="ID",
        help="an interval method in place of a default; repeatable (`disprop methods`)",
    )
    gaps.add_argument(
        "--minimum",
        type=_natural,
        default=10,
        metavar="N",
        help="fewer pupils than this are too few to tell (default: %(default)s)",
    )
    gaps.add_argument(
        "--matters",
        type=float,
        default=0.0,
        metavar="X",
        help="smallest difference that matters, in the measure's unit (default: any)",
    )
    gaps.add_argument("--out", metavar="FILE", help=_OUT)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not one or more")
    return number


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"`{text}` is negative")
    return number


_positive.__name__ = _natural.__name__ = "whole number"
