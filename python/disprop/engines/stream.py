"""Tallies of tables that do not fit the memory, batch by batch."""

from __future__ import annotations

import contextlib
import glob
import os
import queue
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from disprop._disprop import DataError, DispropError, Tallies, TallyBuilder
from disprop.engines.checkpoint import failure

#: Rows of a batch where the source lets us choose; enough to keep both cores at work.
BATCH_ROWS = 1 << 18
#: Batches read ahead while one is tallied.
AHEAD = 2


@dataclass(frozen=True)
class Progress:
    """How far a stream has come.

    Attributes
    ----------
    rows : int
        Rows taken in.
    total : int or None
        Rows there are, where the source says so.
    cells : int
        Cells so far.
    seconds : float
        Time since the first batch was asked for.
    left : float or None
        Seconds left at the pace of the last batches, where the total is known and at least two
        batches are in; None before that, and where the total is not known.
    """

    rows: int
    total: int | None
    cells: int
    seconds: float
    left: float | None


def tally_stream(
    source: Any,
    measures: Any,
    by: Any = None,
    *,
    batch_rows: int = BATCH_ROWS,
    total: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    pupils: Literal["batch", "sorted", "remember", "never"] = "batch",
    max_cells: int | None = None,
    memory_limit: int | None = None,
    **roles: Any,
) -> Tallies:
    """Return the tallies of a table of any length; memory holds cells and a few batches.

    Parameters
    ----------
    source : path, list of paths, stream, relation, cursor or iterable of tables
        A Parquet file, several, or a pattern such as ``"years/*.parquet"``; an object with
        ``__arrow_c_stream__`` (a pyarrow reader, a polars frame); a polars ``LazyFrame``; a DuckDB
        relation; a database cursor (ADBC, or any with ``fetchmany``);
        or an iterable of tables, one a batch.
    measures : measure or list
        As for `Cohort.tally`.
    by : str or list of str, optional
        Dimensions besides ethnicity.
    batch_rows : int, default 262144
        Rows of a batch, where the source lets us choose.
    total : int, optional
        Number of rows, for the estimate of the time left; read from Parquet files.
    progress : callable, optional
        Called with a `Progress` after each batch. What it raises ends the work.
    pupils : {"batch", "sorted", "remember", "never"}, default "batch"
        How far a pupil who stands twice is looked for: within each batch, and a finding says so; in
        a stream sorted by pupil, exactly; by a fingerprint of every row, exactly, at some 20 bytes
        a row; or not at all, without reading the column. ``rows="pupil"`` needs ``"sorted"``.
    max_cells : int, optional
        Most cells.
    memory_limit : int, optional
        Most bytes that the sums may take.
    **roles
        Roles of the columns and choices of a cohort, as for `Cohort`.

    Returns
    -------
    Tallies
        The same, to the last bit, as of the whole table in memory.

    Raises
    ------
    DataError
        ``data.refused`` with what was found in all batches, row numbers counted through;
        ``file.empty`` where a pattern names no file.
    TallyError
        ``stream.broken`` where the source fails before its end, ``stream.changed``,
        ``stream.memory``, ``tallies.too_many_cells``. Nothing of the rows before is handed out.
    KeyboardInterrupt
        On Ctrl-C, with nothing kept.

    Examples
    --------
    >>> import disprop as dp
    >>> pupils = dp.synth(3000, years=1, seed=7).to_polars()
    >>> batches = (pupils[start : start + 500] for start in range(0, pupils.height, 500))
    >>> streamed = dp.tally_stream(batches, "persistent_absence", by="sex")
    >>> streamed == dp.Cohort(pupils).tally("persistent_absence", by="sex")
    True
    """
    builder = TallyBuilder(
        measures, by, pupils=pupils, max_cells=max_cells, memory_limit=memory_limit, **roles
    )
    batches, known = _open(source, builder, batch_rows)
    total = known if total is None else total
    start = time.monotonic()
    pace = _Pace(start)
    # A cursor may belong to the thread that made it, as SQLite's do.
    read = _in_turn if _is_cursor(source) else _ahead
    with contextlib.closing(read(batches)) as ahead:
        for batch in ahead:
            rows = builder.add(batch)
            if progress is not None:
                now = time.monotonic()
                left = pace.left(rows, total, now)
                progress(Progress(rows, total, builder.cells, now - start, left))
    return builder.tallies()


class _Pace:
    """The time left, at the pace of the last batches rather than of the first one."""

    KEPT = 16

    def __init__(self, start: float) -> None:
        self.marks: list[tuple[int, float]] = [(0, start)]

    def left(self, rows: int, total: int | None, now: float) -> float | None:
        self.marks = [*self.marks[-self.KEPT :], (rows, now)]
        first_rows, first = self.marks[0]
        done = rows - first_rows
        if total is None or len(self.marks) < 3 or done <= 0 or rows > total:
            return None
        return (total - rows) * (now - first) / done


def _open(source: Any, builder: TallyBuilder, batch_rows: int) -> tuple[Iterator[Any], int | None]:
    """Return the batches of a source, and its number of rows where it is known."""
    if isinstance(source, (str, os.PathLike)):
        return _parquet([os.fspath(source)], builder, batch_rows)
    if isinstance(source, (list, tuple)) and all(
        isinstance(one, (str, os.PathLike)) for one in source
    ):
        return _parquet([os.fspath(one) for one in source], builder, batch_rows)
    if hasattr(source, "collect_batches") and hasattr(source, "collect_schema"):
        wanted = builder.columns_read(list(source.collect_schema().names()))
        lazy = source.select(wanted) if wanted else source
        return iter(lazy.collect_batches(chunk_size=batch_rows, maintain_order=True)), None
    for name in ("to_arrow_reader", "fetch_record_batch", "fetch_arrow_reader"):
        # DuckDB relations, ADBC cursors: an Arrow stream in batches.
        if hasattr(source, name) and not hasattr(source, "read_next_batch"):
            reader = getattr(source, name)
            with warnings.catch_warnings():
                # DuckDB would rather have a relation than a cursor; either will do here.
                warnings.simplefilter("ignore", UserWarning)
                try:
                    return _reader(reader(batch_rows)), None
                except TypeError:
                    return _reader(reader()), None
    if _is_cursor(source):
        return _cursor(source, batch_rows), None
    if hasattr(source, "read_next_batch"):
        return _reader(source), None
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "columns"):
        height = len(source) if hasattr(source, "__len__") else None
        return iter([source]), height
    if isinstance(source, Iterable):
        return iter(source), None
    name = type(source).__name__
    raise TypeError(
        f"`{name}` is no source of batches; expected a Parquet path, an Arrow stream, a DuckDB "
        "relation, a database cursor, or an iterable of tables"
    )


def _is_cursor(source: Any) -> bool:
    """Whether rows come as Python objects from a cursor with nothing better to offer."""
    arrow = ("to_arrow_reader", "fetch_record_batch", "fetch_arrow_reader", "read_next_batch")
    return (
        hasattr(source, "fetchmany")
        and hasattr(source, "description")
        and not any(hasattr(source, name) for name in arrow)
    )


def _reader(reader: Any) -> Iterator[Any]:
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        yield batch


def _cursor(cursor: Any, batch_rows: int) -> Iterator[dict[str, list[Any]]]:
    names = [column[0] for column in cursor.description]
    # Rows as Python objects are large; a tenth of a batch keeps them within the same memory.
    while rows := cursor.fetchmany(max(1, batch_rows // 10)):
        yield {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _parquet(
    patterns: list[str], builder: TallyBuilder, batch_rows: int
) -> tuple[Iterator[Any], int | None]:
    paths: list[str] = []
    for pattern in patterns:
        found = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern))
        if not found:
            message = f"there is no file `{os.path.basename(pattern)}`"
            if glob.has_magic(pattern):
                raise failure(DataError, "file.empty", message)
            raise FileNotFoundError(message)
        paths.extend(found)
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        return _parquet_polars(paths, builder, batch_rows)
    try:
        total = sum(parquet.read_metadata(path).num_rows for path in paths)
    except Exception:
        raise _damaged() from None
    return _parquet_arrow(parquet, paths, builder, batch_rows), total


def _parquet_arrow(
    parquet: Any, paths: list[str], builder: TallyBuilder, batch_rows: int
) -> Iterator[Any]:
    for path in paths:
        with parquet.ParquetFile(path, pre_buffer=False) as file:
            names = list(file.schema_arrow.names)
            wanted = builder.columns_read(names) or names
            batches = file.iter_batches(batch_size=batch_rows, columns=wanted, use_threads=True)
            while True:
                try:
                    batch = next(batches, None)
                except Exception:
                    raise _damaged() from None
                if batch is None:
                    break
                yield batch


def _parquet_polars(
    paths: list[str], builder: TallyBuilder, batch_rows: int
) -> tuple[Iterator[Any], int | None]:
    import polars

    lazy = polars.scan_parquet(paths)
    try:
        wanted = builder.columns_read(list(lazy.collect_schema().names()))
        total = int(lazy.select(polars.len()).collect().item())
    except Exception:
        raise _damaged() from None

    def batches() -> Iterator[Any]:
        for start in range(0, total, batch_rows):
            rows = lazy.select(wanted) if wanted else lazy
            try:
                yield rows.slice(start, batch_rows).collect()
            except Exception:
                raise _damaged() from None

    return batches(), total


def _damaged() -> DispropError:
    return failure(
        DataError,
        "file.unreadable",
        "the Parquet file is damaged or cut off",
        "nothing of it was used; fetch it again from where it came",
    )


def _in_turn(batches: Iterator[Any]) -> Generator[Any, None, None]:
    """Read a batch when it is wanted."""
    yield from batches


def _ahead(batches: Iterator[Any]) -> Generator[Any, None, None]:
    """Read the next batches on a thread of their own while one is tallied."""
    ready: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=AHEAD)
    stopped = threading.Event()

    def put(item: tuple[str, Any]) -> bool:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                ready.put(item, timeout=0.1)
                return True
        return False

    def read() -> None:
        try:
            for batch in batches:
                if not put(("batch", batch)):
                    return
            put(("end", None))
        except BaseException as problem:
            put(("failed", problem))

    thread = threading.Thread(target=read, name="disprop-read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                kind, item = ready.get(timeout=0.1)
            except queue.Empty:
                if thread.is_alive() or not ready.empty():
                    continue
                raise failure(
                    DispropError, "stream.broken", "the reader of the stream died"
                ) from None
            if kind == "batch":
                yield item
            elif kind == "failed":
                raise item
            else:
                return
    finally:
        stopped.set()
        thread.join(timeout=5)
