"""Names that open data use: ethnic groups, and filters of pupils' characteristics.

They are those of the data dictionary of the Department for Education's package ``eesyscreener``.
"""

from __future__ import annotations

from disprop.present.names import heading
from disprop.present.view import clean

#: Codes of this library and the harmonised names of major and minor group.
HARMONISED: dict[str, tuple[str, str]] = {
    "WBRI": ("White", "English / Welsh / Scottish / Northern Irish / British"),
    "WIRI": ("White", "Irish"),
    "WIRT": ("White", "Gypsy or Irish Traveller"),
    "WROM": ("White", "Roma"),
    "WOTH": ("White", "Any other White background"),
    "MWBC": ("Mixed / Multiple ethnic groups", "White and Black Caribbean"),
    "MWBA": ("Mixed / Multiple ethnic groups", "White and Black African"),
    "MWAS": ("Mixed / Multiple ethnic groups", "White and Asian"),
    "MOTH": (
        "Mixed / Multiple ethnic groups",
        "Any other Mixed / Multiple ethnic background",
    ),
    "AIND": ("Asian / Asian British", "Indian"),
    "APKN": ("Asian / Asian British", "Pakistani"),
    "ABAN": ("Asian / Asian British", "Bangladeshi"),
    "CHNE": ("Asian / Asian British", "Chinese"),
    "AOTH": ("Asian / Asian British", "Any other Asian background"),
    "BAFR": ("Black / African / Caribbean / Black British", "African"),
    "BCRB": ("Black / African / Caribbean / Black British", "Caribbean"),
    "BOTH": (
        "Black / African / Caribbean / Black British",
        "Any other Black / African / Caribbean background",
    ),
    "OOTH": ("Other ethnic group", "Any other ethnic group"),
}

#: Dimensions of this library, their columns in open data, and the items that values stand for.
FILTERS: dict[str, tuple[str, dict[str, str]]] = {
    "sex": ("sex", {"f": "Female", "female": "Female", "m": "Male", "male": "Male"}),
    "fsm": (
        "fsm_eligibility",
        {
            one: f"{word} for free school meals"
            for word, ones in (
                ("Eligible", ("y", "1", "true", "yes")),
                ("Not eligible", ("n", "0", "false", "no")),
            )
            for one in ones
        },
    ),
    "sen": (
        "sen_provision",
        {
            "n": "No SEN provision",
            "k": "SEN support / SEN without an EHC plan",
            "e": "Education, health and care plan",
        },
    ),
    "eal": ("first_language", {"eng": "English", "oth": "Other than English"}),
    "phase": (
        "education_phase",
        {one.lower(): one for one in ("Nursery", "Primary", "Secondary", "All-through", "Special")},
    ),
}
#: What a filter holds where the data have no value; open data have no blanks. The dictionary has
#: none for sex, so a file with one cannot become an API data set.
UNKNOWN = "Unknown"


def items(name: str, values: set[str | None]) -> tuple[str, str, dict[str | None, str]]:
    """Return a dimension's column, label and items in open data.

    Harmonised names are used where all its values have one; else it keeps its own.
    """
    column, known = FILTERS.get(name, (name, {}))
    there = [one for one in values if one is not None]
    if there and all(one.strip().lower() in known for one in there):
        made: dict[str | None, str] = {one: known[one.strip().lower()] for one in there}
    else:
        column, made = name, {one: clean(one) for one in there}
    unknown = "Unknown SEN provision" if column == "sen_provision" else UNKNOWN
    return column, heading(column), {**made, None: unknown}
