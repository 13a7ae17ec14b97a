"""Frames that every engine must tally alike: as awkward as pupil data get, and a little more."""

from __future__ import annotations

import disprop as dp
import polars as pl

MEASURES = [
    "attendance",
    "absence",
    "persistent_absence",
    "suspensions",
    "suspended_twice",
    "ks4_attainment8",
    "ks4_progress8",
    "he",
    "ks5_aps_alevel",
]
BY = ["year", "school", "sex"]

_CODES = [
    "WBRI", "BCRB", "MWBC", "BSOM", "BAFR", "AIND", "wbri", " bcrb ", "Black Caribbean", "REFU",
    "NOBT", "", None, "WENG", "CHNE", "OOTH",
]  # fmt: skip


def rows(number: int) -> pl.DataFrame:
    """Return rows without a pattern that any engine could lean on, the same every time."""
    place = pl.Series("place", range(number), dtype=pl.Int64)
    mix = [(i * 2654435761 + 97) % 1000003 for i in range(number)]

    def pick(values: list, step: int) -> list:
        return [values[(m // step) % len(values)] for m in mix]

    possible = pick([380, 378, 200, 0, None, 1, 190], 7)
    absent = [
        None if m % 13 == 0 else (min(m % 60, p) if p is not None else m % 60)
        for m, p in zip(mix, possible, strict=True)
    ]
    return pl.DataFrame(
        {
            "ethnicity": pick(_CODES, 1),
            "year": pick(["2021/22", "2022/23", None, " 2021/22"], 3),
            "school": pick([100001, 20, 3, None], 11),
            "sex": pick([True, False, None], 17),
            "sessions_possible": possible,
            "sessions_absent": [None if a is None else float(a) for a in absent],
            "suspensions": pick([0, 0, 0, 1, 2, 7, None], 19),
            "ks4_attainment8": pick([46.51, 0.0, 90.0, None, 33.333333, float("nan"), 0.07], 23),
            "ks4_progress8": pick([-1.25, 0.0000005, -0.0000015, 2.5000005, None, -0.01], 29),
            "he": pick(["Y", "n", "1", "0", "", None, "true"], 31),
            "ks5_points_alevel": pick([120.0, 0.25, 37.123456, None, 0.0], 37),
            "ks5_entries_alevel": pick([3.0, 0.5, 0.0, None], 41),
        },
        schema_overrides={"suspensions": pl.Int16, "sessions_possible": pl.UInt16},
    ).with_columns(place=place)


def zoo() -> dict[str, pl.DataFrame]:
    """Return the frames by name."""
    plain = rows(1200)
    many = rows(300)
    extreme = [(-1) ** i * (1e9 - 0.000001 * (i % 7)) for i in range(300)]
    return {
        "plain": plain,
        "one row": rows(1),
        "a few": rows(7),
        "one school": plain.with_columns(school=pl.lit(7), year=pl.lit("2021/22")),
        "nobody is classified": plain.with_columns(ethnicity=pl.lit("REFU")),
        "no value at all": plain.with_columns(
            suspensions=pl.lit(None, pl.Int16), sessions_absent=pl.lit(None, pl.Float64)
        ),
        "extended codes only": plain.with_columns(ethnicity=pl.lit("BSOM")),
        "extreme values": many.with_columns(
            ks4_progress8=pl.Series(extreme),
            ks5_points_alevel=pl.Series([999_999_999.999999 - i for i in range(300)]),
        ),
        "everything is text": plain.with_columns(
            pl.col("ks4_attainment8").fill_nan(None)
        ).with_columns(pl.exclude("sex").cast(pl.String)),
        "everything is a float": plain.with_columns(
            pl.col("sessions_possible", "suspensions", "school").cast(pl.Float64)
        ),
        "decimals": plain.with_columns(
            pl.col("ks4_attainment8").fill_nan(None).round(2).cast(pl.Decimal(12, 2)),
            pl.col("sessions_absent").cast(pl.Decimal(20, 3)),
        ),
        "names that need quotes": plain.rename(
            {"sex": 'se"x y', "ethnicity": "Ethnic 'group\"; --"}
        ),
    }


def roles(name: str) -> dict:
    """Return what a cohort of a frame has to be told."""
    if name == "names that need quotes":
        return {"ethnicity": "Ethnic 'group\"; --", "sex": 'se"x y'}
    return {}


def expected(name: str, frame: pl.DataFrame, **options) -> dp.Tallies:
    """Return the tallies of the kernel."""
    return dp.Cohort(frame, measures=MEASURES, **roles(name), **options).tally(MEASURES, BY)
