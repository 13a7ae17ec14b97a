"""How far each ethnic group's school outcomes stand from those of all other groups."""

from disprop._disprop import (
    Cohort, DataError, DimensionError, DispropError, Finding, Gaps, GroupError, Measure,
    MeasureError, OptionError, Table, Tallies, TallyError, __version__, groups, measures, methods,
    synth,
)
