"""The same tallies as one SQL statement in DuckDB; rows stay where they are.

The statement adds up whole numbers only, in 128 bits, so its tallies are equal to those of
`Cohort.tally` to the last bit. What SQL cannot do exactly is refused with a reason.
"""

from __future__ import annotations

import os
import re
from typing import Any

from disprop._disprop import OptionError, SqlPlan, Tallies
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
    con : duckdb.DuckDBPyConnection or None
        The connection; one of its own, in memory, where None.
    source : str, path, tuple or DuckDB relation
        A table or view, ``("schema", "table")`` or ``("database", "schema", "table")`` of an
        attached one; a file or pattern ending in ``.parquet`` or ``.csv``; or a relation of the
        connection.
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
    TallyError
        ``engine.unsupported`` for what SQL cannot do exactly; ``stats.overflow``.
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
    con = _connection(con)
    plan = _plan(con, source, measures, by, pupils, roles)
    if plan.quick is not None:
        tallies = plan.quick_tallies(con.sql(plan.quick).to_arrow_table())
        if tallies is not None:
            return tallies
    return plan.tallies(con.sql(plan.sql).to_arrow_table())


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
    return _plan(_connection(con), source, measures, by, pupils, roles).sql


def _connection(con: Any) -> Any:
    if con is not None:
        return con
    import duckdb

    return duckdb.connect()


def _plan(
    con: Any, source: Any, measures: Any, by: Any, pupils: bool, roles: dict[str, Any]
) -> SqlPlan:
    relation = _relation(source)
    columns = con.sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    schema = [(name, _kind(str(dtype))) for name, dtype, *_ in columns]
    return SqlPlan("duckdb", relation, schema, measures, by, pupils=pupils, **roles)


def _relation(source: Any) -> str:
    """Return a source as SQL; every name is quoted."""
    if isinstance(source, os.PathLike) or (
        isinstance(source, str) and source.lower().endswith(_FILES)
    ):
        path = os.fspath(source)
        reader = "read_parquet" if str(path).lower().endswith(".parquet") else "read_csv"
        return f"{reader}({SqlPlan.literal('duckdb', str(path))})"
    if isinstance(source, str):
        return SqlPlan.identifier("duckdb", source)
    if isinstance(source, tuple) and source and all(isinstance(part, str) for part in source):
        return ".".join(SqlPlan.identifier("duckdb", part) for part in source)
    if hasattr(source, "sql_query"):
        return f"({source.sql_query()})"
    message = f"`{type(source).__name__}` is no table, view, file or relation of DuckDB"
    raise failure(OptionError, "option.bad", message)


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
