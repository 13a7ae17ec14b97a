"""What columns, parts of a gap and findings are called in print."""

from __future__ import annotations

#: Findings in print: a gap is less or more favourable, a group is not better or worse.
FINDINGS = {"worse": "less favourable", "better": "more favourable"}
#: A gap that is there and has no interval.
NOT_JUDGED = "not judged"
KICKER = "Ethnic-group gaps in school outcomes"


def heading(column: str) -> str:
    """Turn a column's name into a heading."""
    known = {"la": "Local authority", "fsm": "Free school meals", "sen": "SEN", "eal": "EAL"}
    return known.get(column, column.replace("_", " ").capitalize())


PARTS = {
    "gap": "The whole gap",
    "composition": "Mix of pupils",
    "rate": "Among pupils alike",
    "explained": "Mix of pupils",
    "unexplained": "Among pupils alike",
    "within": "Within schools",
    "between": "Between schools",
    "endowments": "Mix of pupils",
    "coefficients": "Among pupils alike",
    "interaction": "Both together",
    "outside_group": "Group without counterpart",
    "outside_baseline": "Others without counterpart",
}


def part_name(part: str) -> str:
    """Return the part of a gap in words."""
    before, colon, after = part.partition(": ")
    if colon:
        return f"{part_name(before)}: {characteristic(after)}"
    return PARTS.get(part, part.replace("_", " ").capitalize())


def characteristic(name: str) -> str:
    """Return a column of pupils' characteristics in the middle of a sentence."""
    known = {"fsm": "FSM", "sen": "SEN", "eal": "EAL", "la": "local authority"}
    return known.get(name, name.replace("_", " "))
