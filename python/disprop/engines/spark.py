"""The same tallies in Spark: as SQL statements, or by Arrow batches in Python workers.

pyspark is imported by whoever made the frame; nothing here imports it at the top.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Literal

from disprop._disprop import (
    DataError,
    DispropError,
    OptionError,
    SqlPlan,
    Tallies,
    TallyBuilder,
    TallyError,
)
from disprop.engines.checkpoint import failure

__all__ = ["sql", "tally", "tally_sql"]


def tally(
    df: Any,
    measures: Any,
    by: Any = None,
    *,
    engine: Literal["auto", "sql", "arrow"] = "auto",
    pupils: bool = True,
    **roles: Any,
) -> Tallies:
    """Return the tallies of a Spark frame.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        Pupil rows, in any number of partitions.
    measures, by
        As for `Cohort.tally`.
    engine : {"auto", "sql", "arrow"}, default "auto"
        ``sql``: statements that Spark runs itself; the workers need nothing. ``arrow``: the
        library's own engine on each partition by ``mapInArrow``, merged on the driver; the workers
        need disprop and pyarrow. ``auto``: ``sql``, which is faster, and ``arrow`` for what SQL
        cannot do.
    pupils : bool, default True
        Whether a pupil who stands twice is looked for, where there is a column of pupils: Spark
        has to bring each pupil's rows together for it, which may cost more than the sums.
    **roles
        As for `Cohort`.

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
        ``engine.unsupported`` where SQL was asked for and cannot do it exactly; ``stream.broken``
        where Spark gives up, with nothing handed out.
    MeasureError, DimensionError, OptionError
        As for `Cohort.tally`.

    Notes
    -----
    In SQL, a first statement adds up machine words and brings with each cell what proves that they
    held: the number of rows and the bits of the largest value. Where that is not so, or where
    there is anything to tell of the rows, a second one does all in decimals and counts what is
    wrong. It reads the source once more; cache a source that is costly to make.
    """
    if engine not in ("auto", "sql", "arrow"):
        message = f"`engine` is `{engine}`; it takes `auto`, `sql` or `arrow`"
        raise failure(OptionError, "option.bad", message)
    if engine != "arrow":
        try:
            return tally_sql(df, measures, by, pupils=pupils, **roles)
        except TallyError as problem:
            if engine == "sql" or problem.code != "engine.unsupported":
                raise
    return _tally_arrow(df, measures, by, pupils, roles)


def _tally_arrow(df: Any, measures: Any, by: Any, pupils: bool, roles: dict[str, Any]) -> Tallies:
    folds = roles.get("rows", "enrolment") != "enrolment"
    names = list(df.columns)
    looks: Literal["sorted", "never"] = "sorted" if folds else "never"
    whole = TallyBuilder(measures, by, pupils=looks, **roles)
    wanted = whole.columns_read(names) or names
    known = {role: column for role, column in roles.items() if folds or role != "pupil"}
    definitions = _definitions(measures)
    dimensions = [by] if isinstance(by, str) else list(by or [])
    repeated = _repeated(df, measures, by, roles) if pupils and not folds else 0

    def partial(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow

        from disprop._disprop import TallyBuilder

        builder = TallyBuilder(definitions, dimensions, pupils=looks, **known)
        for batch in batches:
            builder.add(batch)
        buffer = io.BytesIO()
        state = pyarrow.table(builder.state())
        with pyarrow.ipc.new_stream(buffer, state.schema) as writer:
            writer.write_table(state)
        yield pyarrow.RecordBatch.from_pydict(
            {"state": pyarrow.array([buffer.getvalue()], pyarrow.binary())}
        )

    import pyarrow
    from pyspark.sql import functions as f

    quoted = [SqlPlan.identifier("spark", name) for name in wanted]
    rows = df.selectExpr(*quoted)
    pupil = whole.roles_of(names).get("pupil") if folds else None
    if pupil is not None:
        # A pupil's rows meet in one partition, next to each other.
        place = SqlPlan.identifier("spark", pupil)
        rows = rows.repartition(f.expr(place)).sortWithinPartitions(f.expr(place))
    partials = rows.mapInArrow(partial, "state binary")
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
    """Return the same tallies by SQL alone, where no Python worker may run.

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
        As for :func:`tally`; ``engine.unsupported`` for decimals with more than six places, and for
        ``rows="pupil"`` without a column of schools.
    """
    view = f"disprop_{id(df):x}"
    df.createOrReplaceTempView(view)
    try:
        plan = _plan(df, SqlPlan.identifier("spark", view), measures, by, pupils, roles)
        if plan.quick is not None:
            quick = _run(df, plan.quick, overflows=True)
            tallies = None if quick is None else plan.quick_tallies(quick)
            if tallies is not None:
                return tallies
        full = _run(df, plan.sql)
    finally:
        df.sparkSession.catalog.dropTempView(view)
    return plan.tallies(full)


def _run(df: Any, statement: str, *, overflows: bool = False) -> Any:
    """Return what a statement finds; None where a machine word did not hold a sum."""
    import pyarrow

    try:
        found = df.sparkSession.sql(statement)
        rows = found.collect()
    except Exception as problem:
        if overflows and "ARITHMETIC_OVERFLOW" in str(problem):
            return None
        raise _translated(problem) from None

    def typed(values: Any) -> Any:
        # Sums in machine words are whole numbers; all else is text.
        whole = any(type(value) is int for value in values)
        return pyarrow.array(values, pyarrow.int64() if whole else pyarrow.string())

    columns = zip(*rows, strict=True) if rows else [()] * len(found.columns)
    named = zip(found.columns, columns, strict=True)
    return pyarrow.table({name: typed(values) for name, values in named})


def sql(
    df: Any,
    source: str | tuple[str, ...],
    measures: Any,
    by: Any = None,
    *,
    pupils: bool = True,
    **roles: Any,
) -> str:
    """Return the full statement over a table or view, which counts whatever is wrong.

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


def _translated(problem: Exception) -> DispropError:
    # Spark's own words may quote rows, so only the kind of failure is passed on.
    message = f"Spark gave up ({type(problem).__name__}); nothing of the job is used"
    return failure(TallyError, "stream.broken", message, "Spark's own log says where and why")
