"""How far each ethnic group's school outcomes stand from those of all other groups.

A cohort of pupil rows, or a table of published counts, becomes exact sums (tallies); every gap is
a function of those. Any table with an Arrow stream goes in and comes out: polars, pandas, pyarrow,
DuckDB. Nothing but this package is needed for that; :func:`read` and the command line use polars.

Examples
--------
A synthetic authority, the same for the same seed; a mover has two rows:

>>> import disprop as dp
>>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
>>> cohort.rows
6292

Gaps of two groups and of a set of codes, each against all other groups:

>>> gaps = cohort.gaps(
...     "persistent_absence",
...     groups=["BCRB", "MWBC", {"Black Caribbean heritage": ["BCRB", "MWBC"]}],
... )
>>> gaps.groups
['BCRB', 'MWBC', 'Black Caribbean heritage']
>>> len(gaps)
3
>>> rows = gaps.to_dict()
>>> rows["baseline"][0], rows["method"][0] is not None
('all other groups', True)

Published counts, with the row that holds everyone:

>>> table = {
...     "characteristic": ["Black Caribbean", "Total"],
...     "fixed_excl": [9445, 381865],
...     "headcount": [92595, 8025075],
... }
>>> published = dp.Tallies.from_counts(
...     table, measure="suspensions", ethnicity="characteristic",
...     numerator="fixed_excl", denominator="headcount", total="Total",
... )
>>> found = published.gaps(groups="BCRB").to_dict()
>>> [round(found[name][0], 2) for name in ("group_value", "baseline_value", "ratio")]
[10.2, 4.69, 2.17]

Data that cannot be used are refused with everything that was found, not the first problem only:

>>> try:
...     dp.Cohort({"ethnicity": ["BCRB", "WBRI"], "suspensions": [-1, 0]})
... except dp.DataError as error:
...     error.code, [finding.kind for finding in error.findings]
('data.refused', ['negative'])
"""

from disprop._disprop import (
    Cohort,
    Cube,
    CubeGaps,
    DataError,
    DimensionError,
    DispropError,
    Finding,
    Gaps,
    GroupError,
    Measure,
    MeasureError,
    OptionError,
    Policy,
    Publication,
    Released,
    ReleaseError,
    Table,
    Tallies,
    TallyBuilder,
    TallyError,
    __version__,
    audit,
    groups,
    measures,
    methods,
    release,
    sentences,
    summaries,
    synth,
)

TYPE_CHECKING = False  # not `typing`'s: to import that costs as much as all the rest
if TYPE_CHECKING:
    from disprop.engines import duckdb, spark
    from disprop.engines.stream import Progress, tally_stream
    from disprop.io import read

__all__ = [
    "Cohort",
    "Cube",
    "CubeGaps",
    "DataError",
    "DimensionError",
    "DispropError",
    "Finding",
    "Gaps",
    "GroupError",
    "Measure",
    "MeasureError",
    "OptionError",
    "Policy",
    "Progress",
    "Publication",
    "ReleaseError",
    "Released",
    "Table",
    "Tallies",
    "TallyBuilder",
    "TallyError",
    "__version__",
    "audit",
    "duckdb",
    "groups",
    "measures",
    "methods",
    "read",
    "release",
    "sentences",
    "spark",
    "summaries",
    "synth",
    "tally_stream",
]

#: What is imported when it is first asked for, and where from.
_LATER = {
    "Progress": "engines.stream",
    "duckdb": "engines",
    "read": "io",
    "spark": "engines",
    "tally_stream": "engines.stream",
}


if not TYPE_CHECKING:  # checkers of types would take every name for known

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module `disprop` has no attribute `{name}`")
        from importlib import import_module

        if _LATER[name] == "engines":
            found = import_module(f"disprop.engines.{name}")
        else:
            found = getattr(import_module(f"disprop.{_LATER[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
