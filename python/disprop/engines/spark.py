"""The same tallies in Spark: by Arrow batches in Python workers, or as one SQL statement.

pyspark is imported by whoever made the frame; nothing here imports it at the top.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from disprop._disprop import DataError, DispropError, SqlPlan, Tallies, TallyBuilder, TallyError
from disprop.engines.checkpoint import failure

__all__ = ["sql", "tally", "tally_sql"]


def tally(
    df: Any,
    measures: Any,
    by: Any = None,
    *,
    pupils: bool = True,
    **roles: Any,
) -> Tallies:
    """Return the tallies of a Spark frame: partial ones of each partition, merged on the driver.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        Pupil rows, in any number of partitions. The workers need disprop and pyarrow.
    measures, by
        As for `Cohort.tally`.
    pupils : bool, default True
        Whether a pupil who stands twice is looked for, where there is a column of pupils: Spark
        counts them, in a job of its own.
    **roles
        As for `Cohort`, but for ``rows="pupil"``, for which a mover's rows would have to meet.

    Returns
    -------
    Tallies
        Equal, to the last bit, to those of the same rows in a cohort. A partition
        counts once, however often Spark has to take it.

    Raises
    ------
    DataError
        ``data.refused``, with everything found in all partitions, without row numbers.
    TallyError
        ``engine.unsupported``; ``stream.broken`` where Spark gives up, with nothing handed out.
    MeasureError, DimensionError
        As for `Cohort.tally`.
    """
    if roles.get("rows", "enrolment") != "enrolment":
        raise _unsupported("a mover's rows lie in several partitions; fold them first")
    names = list(df.columns)
    whole = TallyBuilder(measures, by, pupils="never", **roles)
    wanted = whole.columns_read(names) or names
    pupil_free = {role: column for role, column in roles.items() if role != "pupil"}
    definitions = _definitions(measures)
    dimensions = [by] if isinstance(by, str) else list(by or [])
    repeated = _repeated(df, measures, by, roles) if pupils else 0

    def partial(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow

        from disprop._disprop import TallyBuilder

        builder = TallyBuilder(definitions, dimensions, pupils="never", **pupil_free)
        for batch in batches:
            builder.add(batch)
        buffer = io.BytesIO()
        state = pyarrow.table(builder.state())
        with pyarrow.ipc.new_stream(buffer, state.schema) as writer:
            writer.write_table(state)
        yield pyarrow.RecordBatch.from_pydict(
            {"state": pyarrow.array([buffer.getvalue()], pyarrow.binary())}
        )

    quoted = [SqlPlan.identifier("spark", name) for name in wanted]
    partials = df.selectExpr(*quoted).mapInArrow(partial, "state binary")
    import pyarrow

    try:
        for row in partials.toLocalIterator(prefetchPartitions=True):
            with pyarrow.ipc.open_stream(row.state) as reader:
                whole.add_state(reader.read_all())
    except DispropError:
        raise
    except Exception as problem:
        raise _translated(problem) from None
    if repeated:
        raise _twice(repeated)
    return whole.tallies()


def tally_sql(
    df: Any,
    measures: Any,
    by: Any = None,
    *,
    pupils: bool = True,
    **roles: Any,
) -> Tallies:
    """Return the same tallies by one SQL statement, where no Python worker may run.

    Parameters
    ----------
    df, measures, by, pupils, **roles
        As for :func:`tally`.

    Returns
    -------
    Tallies
        Equal, to the last bit, to those of :func:`tally`.

    Raises
    ------
    DataError, TallyError, MeasureError, DimensionError
        As for :func:`tally`; columns that a measure is derived from are ``engine.unsupported``.
    """
    view = f"disprop_{id(df):x}"
    df.createOrReplaceTempView(view)
    try:
        plan = _plan(df, SqlPlan.identifier("spark", view), measures, by, pupils, roles)
        try:
            rows = df.sparkSession.sql(plan.sql).collect()
        except Exception as problem:
            raise _translated(problem) from None
    finally:
        df.sparkSession.catalog.dropTempView(view)
    names = list(rows[0].asDict()) if rows else []
    if not rows:
        raise failure(DataError, "data.refused", "the source has no rows")
    import pyarrow

    columns = {name: [row[name] for row in rows] for name in names}
    typed = {name: pyarrow.array(column, pyarrow.string()) for name, column in columns.items()}
    return plan.tallies(pyarrow.table(typed))


def sql(
    df: Any,
    source: str | tuple[str, ...],
    measures: Any,
    by: Any = None,
    *,
    pupils: bool = True,
    **roles: Any,
) -> str:
    """Return the statement over a table or view, for a session of one's own.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        A frame with the columns of the source; only its schema is looked at.
    source : str or tuple of str
        The table or view, ``("catalog", "schema", "table")`` where it is in one.
    measures, by, pupils, **roles
        As for :func:`tally`.

    Returns
    -------
    str
        Spark SQL.
    """
    parts = (source,) if isinstance(source, str) else source
    quoted = ".".join(SqlPlan.identifier("spark", part) for part in parts)
    return _plan(df, quoted, measures, by, pupils, roles).sql


def _plan(
    df: Any, relation: str, measures: Any, by: Any, pupils: bool, roles: dict[str, Any]
) -> SqlPlan:
    schema = [(field.name, _kind(field.dataType.simpleString())) for field in df.schema.fields]
    return SqlPlan("spark", relation, schema, measures, by, pupils=pupils, **roles)


def _kind(dtype: str) -> str:
    if dtype in ("tinyint", "smallint", "int", "bigint"):
        return "whole"
    if dtype in ("float", "double"):
        return "fraction"
    if dtype.startswith("decimal("):
        return f"decimal {dtype[:-1].split(',')[1]}"
    return {"boolean": "truth", "string": "text", "void": "text"}.get(dtype, "other")


def _definitions(measures: Any) -> list[Any]:
    """Return measures as plain values that travel to a worker."""
    from disprop._disprop import Measure

    one = isinstance(measures, (str, dict, Measure))
    return [m.to_dict() if isinstance(m, Measure) else m for m in ([measures] if one else measures)]


def _repeated(df: Any, measures: Any, by: Any, roles: dict[str, Any]) -> int:
    """Return how many rows repeat a pupil, year and school; Spark counts."""
    from pyspark.sql import functions as f

    builder = TallyBuilder(measures, by, **roles)
    found = builder.roles_of(list(df.columns))
    pupil = found.get("pupil")
    if pupil is None:
        return 0

    def text(name: str) -> Any:
        return f.expr(SqlPlan.identifier("spark", name)).cast("string")

    keys = [text(pupil).alias("pupil")]
    keys += [f.trim(text(found[role])).alias(role) for role in ("year", "school") if role in found]
    known = df.select(*keys).where(f.trim(f.col("pupil")) != "")
    counts = known.groupBy(*known.columns).count().where(f.col("count") > 1)
    total = counts.agg(f.sum(f.col("count") - 1)).collect()[0][0]
    return int(total or 0)


def _twice(rows: int) -> DispropError:
    message = f"a pupil stands twice in one year and school ({rows} rows)"
    hint = "remove the repeated rows; name the year and school columns, if there are any"
    return failure(DataError, "data.refused", message, hint)


def _unsupported(problem: str) -> DispropError:
    message = f"this cannot be done exactly in Spark: {problem}"
    hint = "stream the same rows, sorted by pupil: `disprop.tally_stream`"
    return failure(TallyError, "engine.unsupported", message, hint)


def _translated(problem: Exception) -> DispropError:
    # Spark's own words may quote rows, so only the kind of failure is passed on.
    message = f"Spark gave up ({type(problem).__name__}); nothing of the job is used"
    return failure(TallyError, "stream.broken", message, "Spark's own log says where and why")
