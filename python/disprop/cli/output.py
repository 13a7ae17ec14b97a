"""Files and listings that a command writes."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import textwrap
from typing import TYPE_CHECKING, Any

from disprop import io
from disprop.cli.refusal import DONE, UsageError
from disprop.cli.speech import complain, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    import disprop as dp


WRITABLE = (".csv", ".parquet", ".json")
NOT_FOR_PUBLICATION = "Not for publication: no disclosure control has been applied."
#: A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def writable(out: str | None) -> str:
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
def replacing(out: str) -> Iterator[str]:
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


def write_csv(place: str, columns: dict[str, list[Any]]) -> None:
    """Write columns as a CSV in which no text is a formula."""
    with open(place, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([inert(name) for name in columns])
        writer.writerows([inert(v) for v in row] for row in zip(*columns.values(), strict=True))


def inert(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def write_json(place: str, content: object) -> None:
    """Write JSON that any reader takes."""
    with open(place, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, allow_nan=False, indent=1)
        file.write("\n")


def records(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Turn columns into rows."""
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def listing(given: argparse.Namespace, rows: list[dict[str, Any]], shown: Sequence[str]) -> int:
    """Print a list, or write it where ``--out`` says."""
    if given.out is None:
        say_rows(rows, shown)
        return DONE
    if os.path.splitext(given.out)[1].lower() == ".json":
        writable(given.out)
        with replacing(given.out) as place:
            write_json(place, rows)
    else:
        names = rows[0] if rows else shown
        write_table(given.out, {name: [row[name] for row in rows] for name in names})
    return DONE


def write_table(out: str, table: Any, *, name: str = "rows", **around: object) -> None:
    """Write a table (columns, or anything with ``to_dict``) as the extension says.

    JSON holds the rows as ``name``, after what is to stand ``around`` them.
    """
    extension = writable(out)
    columns = table if isinstance(table, dict) else table.to_dict()
    with replacing(out) as place:
        if extension == ".csv":
            write_csv(place, columns)
        elif extension == ".json":
            write_json(place, {**around, name: records(columns)})
        else:
            io.needs_polars().DataFrame(table).write_parquet(place)


def write_analysis(out: str | None, table: dp.Table) -> int:
    """Print the table of an analysis, or write it where ``--out`` says."""
    if out is None:
        say(table.to_text())
        return DONE
    write_table(out, table, note=table.note)
    complain(f"{len(table):,} rows in {out}\n{NOT_FOR_PUBLICATION}\n")
    complain(textwrap.fill(table.note, 96))
    return DONE


def say_rows(rows: list[dict[str, Any]], shown: Sequence[str]) -> None:
    """Print rows under their headings."""
    table = [list(shown), *([str(row[name] or "") for name in shown] for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(shown))]
    for row in table:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())
