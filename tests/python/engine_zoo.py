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
    ordinary = plain.with_columns(
        ks4_attainment8=pl.col("ks4_attainment8").round(2),
        ks4_progress8=pl.col("ks4_progress8").round(2),
        he=pl.col("he").eq("1").cast(pl.Int8),
        ks5_points_alevel=pl.col("ks5_points_alevel").round(1).cast(pl.Decimal(9, 1)),
    )
    extreme = [(-1) ** i * (1e9 - 0.000001 * (i % 7)) for i in range(300)]
    return {
        "plain": plain,
        "ordinary": ordinary,
        "ordinary, large": ordinary.with_columns(
            suspensions=pl.col("suspensions").cast(pl.Int64) * 900_000,
            ks4_progress8=pl.col("ks4_progress8") * 40_000,
        ),
        "ordinary, too large": ordinary.with_columns(
            suspensions=pl.col("suspensions").cast(pl.Int64) * 60_000_000
        ),
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


GOALS = [f"elg_e{goal:02}" for goal in range(1, 18)]


def raw_fields(number: int = 900) -> pl.DataFrame:
    """Return pupils with goals and outcomes as schools send them, and no flag made of them."""
    mix = [(i * 2654435761 + 61) % 1000003 for i in range(number)]
    tests = ["100", "110", "109", "99", "80", "120", "112.0", "AS", "NS", "a", "M", "L", "", None]
    writing = ["EXS", "GDS", "wts", "PK1", "M", "L", None, "HNM", " EXS "]
    columns: dict[str, list] = {
        "ethnicity": [_CODES[m % len(_CODES)] for m in mix],
        "sex": [["F", "M", None][m // 5 % 3] for m in mix],
    }
    for place, goal in enumerate(GOALS):
        # A few pupils have met all, so that the flag is not always nought.
        columns[goal] = [
            "2" if m % 3 else ["1", "2", "2", "A", " 2", "a", None, ""][m // (place + 2) % 8]
            for m in mix
        ]
    for row, m in enumerate(mix):
        if m % 11 == 0:
            for goal in GOALS:
                columns[goal][row] = "A"
    columns["ks2_reading"] = [tests[m // 3 % len(tests)] for m in mix]
    columns["ks2_maths"] = [tests[m // 7 % len(tests)] if m % 5 else "113" for m in mix]
    columns["ks2_writing"] = [writing[m // 17 % len(writing)] for m in mix]
    return pl.DataFrame(columns)


def movers() -> pl.DataFrame:
    """Return pupils of whom many stand in several schools, some without identifier."""
    frame = rows(1500)
    place = pl.col("place")
    return frame.with_columns(
        pupil_id=pl.when(place % 29 == 0)
        .then(pl.lit(" "))
        .otherwise(pl.format(" {}", place // 3 * 7919 % 1500)),
        # Several schools a pupil, numbers and names, of the same and of other possible sessions.
        school=pl.when(place % 3 == 0)
        .then(pl.lit("9"))
        .when(place % 3 == 1)
        .then(pl.lit("10 "))
        .when(place % 7 == 0)
        .then(None)
        .otherwise(pl.lit("North")),
        sessions_possible=pl.when(place % 4 == 0).then(190).otherwise("sessions_possible"),
        sessions_absent=pl.when(place % 4 == 0).then(7.5).otherwise("sessions_absent"),
        year=pl.when(place // 3 % 5 == 0).then(None).otherwise(pl.lit("2021/22")),
    )


FLAGS = ["gld", "average_elgs", "ks2_rwm_expected", "ks2_rwm_higher"]


def further() -> dict[str, tuple[pl.DataFrame, list[str], list[str], dict]]:
    """Return further cases: frame, measures, dimensions, roles and choices."""
    raw = raw_fields()
    flagged = raw.with_columns(ks2_in_denominator=pl.Series([i % 4 for i in range(raw.height)]) > 0)
    floats = raw.with_columns(
        *(pl.col(g).str.strip_chars().cast(pl.Float64, strict=False) for g in GOALS)
    )
    some = [m for m in MEASURES if m != "ks4_progress8"]
    parts = rows(600).with_columns(
        sessions_authorised=pl.col("sessions_absent") - 1,
        sessions_unauthorised=pl.when(pl.col("place") % 3 > 0).then(1.0),
    )
    parts = parts.filter(
        (pl.col("sessions_absent").fill_null(1) >= 1) & (pl.col("sessions_possible") > 99)
    )
    clean = zoo()["ordinary"].filter(
        (pl.col("sessions_absent") >= 1) & (pl.col("sessions_possible") > 99)
    )
    clean = clean.with_columns(
        sessions_authorised=pl.col("sessions_absent") - 1, sessions_unauthorised=pl.lit(1)
    )
    eligible = dp.Measure(
        {
            "id": "progress_of_some",
            "label": "Progress of some",
            "polarity": "higher_is_better",
            "quantity": {"score": {"column": "ks4_progress8"}},
            "eligible": "he",
        }
    )
    split = [*MEASURES, "authorised_absence", "unauthorised_absence"]
    return {
        "raw fields": (raw, FLAGS, ["sex"], {}),
        "raw fields, absent counts": (raw, FLAGS, ["sex"], {"absent_goals": "not_achieved"}),
        "raw fields, valid": (raw, FLAGS, [], {"ks2_denominator": "valid"}),
        "raw fields, eligible": (flagged, FLAGS, [], {"ks2_denominator": "eligible"}),
        "raw fields, flagged": (flagged, FLAGS, ["sex"], {}),
        "goals as floats": (floats, FLAGS, ["sex"], {}),
        "movers": (movers(), MEASURES, BY, {"rows": "pupil"}),
        "movers, no dimension": (movers(), some, [], {"rows": "pupil"}),
        "movers, raw fields": (
            movers().hstack(raw_fields(1500).drop("ethnicity", "sex")),
            [*FLAGS, *some],
            ["sex"],
            {"rows": "pupil"},
        ),
        "pupils, enrolments": (movers(), MEASURES, BY, {}),
        "parts of absence": (parts, split, BY, {}),
        "clean parts of absence": (clean, [*split, eligible], BY, {}),
        "parts only": (parts.drop("sessions_absent"), split, BY, {}),
        "movers, parts only": (
            movers().with_columns(
                sessions_authorised=pl.col("sessions_absent"), sessions_unauthorised=pl.lit(0)
            ).drop("sessions_absent"),
            MEASURES,
            BY,
            {"rows": "pupil"},
        ),
    }  # fmt: skip


def of_kernel(frame: pl.DataFrame, measures: list, by: list, choices: dict) -> dp.Tallies:
    """Return the tallies of the kernel."""
    return dp.Cohort(frame, measures=measures, **choices).tally(measures, by)


def told(tallies: dp.Tallies) -> list[tuple]:
    """Return what was found, without row numbers, which databases do not have."""
    return sorted((f.kind, f.severity, f.column or "", f.rows, f.message) for f in tallies.findings)
