"""The same tallies as one SQL statement in DuckDB; rows stay where they are.

The statement adds up whole numbers only, in 128 bits, so its tallies are equal to those of
`Cohort.tally` to the last bit. What SQL cannot do exactly is refused with a reason.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from disprop._disprop import DataError, DispropError, OptionError, SqlPlan, Tallies, TallyError
from disprop.engines.checkpoint import failure

__all__ = ["sql", "tally"]

_WHOLE = re.compile(r"^(U?(TINY|SMALL|HUGE|BIG)?INT(EGER)?)$")
_FILES = (".parquet", ".csv", ".csv.gz", ".tsv")


def tally(
    con: Any,
    source: Any,
    measures: Any,
    by: Any = None,
    *,
    pupils: bool = True,
    **roles: Any,
) -> Tallies:
    """Return the tallies of a table, view or file, by one statement that DuckDB runs.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection, path or None
        The connection; a database file, which is only read; or None, for files and relations.
    source : str, path, list of paths, tuple or DuckDB relation
        A table or view, ``("schema", "table")`` or ``("database", "schema", "table")`` of an
        attached one; a file or pattern ending in ``.parquet`` or ``.csv``, or a list of those; or a
        relation, such as ``con.sql("SELECT …")``.
    measures, by
        As for `Cohort.tally`.
    pupils : bool, default True
        Whether a pupil who stands twice is looked for, where there is a column of pupils.
    **roles
        As for `Cohort`; ``rows="pupil"`` needs a column of schools.

    Returns
    -------
    Tallies
        Equal, to the last bit, to those of the same rows in a cohort.

    Raises
    ------
    DataError
        ``data.refused``: everything that the statement counted as wrong, without row numbers.
        ``engine.source`` where there is no such table or file.
    TallyError
        ``engine.unsupported`` for what SQL cannot do exactly; ``stats.overflow``;
        ``stream.broken`` where DuckDB gives up, with nothing handed out.
    MeasureError, DimensionError
        As for `Cohort.tally`.

    Examples
    --------
    >>> import duckdb, disprop as dp
    >>> con = duckdb.connect()
    >>> pupils = dp.synth(2000, years=1, seed=7).to_polars()
    >>> _ = con.register("pupils", pupils.to_arrow())
    >>> there = dp.duckdb.tally(con, "pupils", "persistent_absence", by="sex")
    >>> there == dp.Cohort(pupils).tally("persistent_absence", by="sex")
    True
    """
    plan, run = _plan(con, source, measures, by, pupils, roles)
    if plan.quick is not None:
        tallies = plan.quick_tallies(_run(run, plan.quick))
        if tallies is not None:
            return tallies
    return plan.tallies(_run(run, plan.sql))


def sql(
    con: Any,
    source: Any,
    measures: Any,
    by: Any = None,
    *,
    pupils: bool = True,
    **roles: Any,
) -> str:
    """Return the full statement of :func:`tally`, which counts whatever is wrong.

    Where types allow, `tally` first tries a quick one that adds up machine words and proves that
    they held; it runs this one where they did not, or where there is anything to tell of the rows.

    Parameters
    ----------
    con, source, measures, by, pupils, **roles
        As for :func:`tally`; the columns of the source are looked up, no row is read.

    Returns
    -------
    str
        SQL of DuckDB.

    Examples
    --------
    >>> import duckdb, disprop as dp
    >>> con = duckdb.connect()
    >>> _ = con.sql("CREATE TABLE p (ethnicity VARCHAR, suspensions INTEGER)")
    >>> dp.duckdb.sql(con, "p", "suspensions").startswith("SELECT")
    True
    """
    return _plan(con, source, measures, by, pupils, roles)[0].sql


def _plan(
    con: Any, source: Any, measures: Any, by: Any, pupils: bool, roles: dict[str, Any]
) -> tuple[SqlPlan, Callable[[str], Any]]:
    """Return the statements over a source, and what runs them where the source is."""
    if hasattr(source, "sql_query"):
        # A relation knows its connection, and sees frames there that another does not; it goes by
        # a name that nothing else has.
        name = f"disprop_rows_{id(source):x}"
        relation = SqlPlan.identifier("duckdb", name)

        def run(statement: str) -> Any:
            return source.query(name, statement)
    else:
        relation, run = _relation(source), _connection(con).sql
    try:
        columns = run(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    except Exception as problem:
        raise _missing(problem) from None
    schema = [(name, _kind(str(dtype))) for name, dtype, *_ in columns]
    return SqlPlan("duckdb", relation, schema, measures, by, pupils=pupils, **roles), run


def _connection(con: Any) -> Any:
    if con is not None and not isinstance(con, (str, os.PathLike)):
        return con
    import duckdb

    try:
        return duckdb.connect() if con is None else duckdb.connect(os.fspath(con), read_only=True)
    except Exception as problem:
        raise _missing(problem) from None


def _run(run: Callable[[str], Any], statement: str) -> Any:
    try:
        return run(statement).to_arrow_table()
    except Exception as problem:
        kind = type(problem).__name__
        if kind == "InterruptException" or "interrupted" in str(problem).lower():
            raise KeyboardInterrupt from None
        # DuckDB's own words may quote a value, so only the kind of failure is passed on.
        message = f"DuckDB gave up ({kind}); nothing of the statement is used"
        hint = "run the statement of `disprop.duckdb.sql` by hand to see why"
        raise failure(TallyError, "stream.broken", message, hint) from None


def _missing(problem: Exception) -> DispropError:
    # Nothing has been read yet but names: the first line says which.
    words = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    message = f"DuckDB cannot read the source: {words}"
    hint = (
        'a table of a schema is named ("schema", "table"), one of an attached database '
        '("database", "schema", "table"), and a query goes in as con.sql("SELECT …")'
    )
    return failure(DataError, "engine.source", message, hint)


def _relation(source: Any) -> str:
    """Return a source as SQL; every name is quoted."""
    if _is_file(source):
        return _reader([source])
    if isinstance(source, list) and source and all(_is_file(one) for one in source):
        return _reader(source)
    if isinstance(source, str):
        return SqlPlan.identifier("duckdb", source)
    if isinstance(source, tuple) and source and all(isinstance(part, str) for part in source):
        return ".".join(SqlPlan.identifier("duckdb", part) for part in source)
    message = f"`{type(source).__name__}` is no table, view, file or relation of DuckDB"
    hint = "rows in memory go into disprop.Cohort, or are registered with the connection first"
    raise failure(OptionError, "option.bad", message, hint)


def _is_file(source: Any) -> bool:
    return isinstance(source, os.PathLike) or (
        isinstance(source, str) and source.lower().endswith(_FILES)
    )


def _reader(paths: list[Any]) -> str:
    names = [os.fspath(path) for path in paths]
    kinds = {str(name).lower().endswith(".parquet") for name in names}
    if len(kinds) > 1:
        message = "Parquet and CSV files are read by different readers; name those of one kind"
        raise failure(OptionError, "option.bad", message)
    reader = "read_parquet" if kinds.pop() else "read_csv"
    quoted = ", ".join(SqlPlan.literal("duckdb", str(name)) for name in names)
    return f"{reader}([{quoted}])"


def _kind(dtype: str) -> str:
    dtype = dtype.upper()
    if _WHOLE.match(dtype):
        return "whole"
    if dtype == "BOOLEAN":
        return "truth"
    if dtype in ("DOUBLE", "FLOAT"):
        return "fraction"
    if decimal := re.match(r"^DECIMAL\(\d+,(\d+)\)$", dtype):
        return f"decimal {decimal[1]}"
    # A column of nothing but missing values has a type of its own.
    known = dtype in ("VARCHAR", "NULL", '"NULL"') or dtype.startswith("ENUM")
    return "text" if known else "other"
