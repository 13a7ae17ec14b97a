"""Names of groups, schools and places that try to be markup, formulas and other names."""

import disprop as dp

HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.org","x")',
    "\u202eHeritage\u2066 reversed",
    "A" * 300,
]


def hostile():
    """Groups, schools and places whose names try to be markup, formulas and other names."""
    rows = [(name, school) for name in HOSTILE for school in HOSTILE for _ in range(30)]
    cohort = dp.Cohort(
        {
            "ethnicity": [name for name, _ in rows],
            "school": [school for _, school in rows],
            "year": ["2023/24"] * len(rows),
            "suspensions": [i % 2 for i in range(len(rows))],
        },
        codes="own",
    )
    tallies = cohort.tally("suspensions", ["year", "school"])
    parts = {"gaps": tallies.gaps(by=["year"]), "by school": tallies.gaps(by=["year", "school"])}
    return dp.release(parts, dp.Policy.preset("lt5"))
