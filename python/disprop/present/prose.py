"""What every reader is told: definitions, how to read a chart, what figures can and cannot say."""

from __future__ import annotations

#: What each mark of the chart of gaps says.
MARKS = {
    "less favourable": "a diamond is a clear gap in the less favourable direction",
    "more favourable": "a filled circle is a clear gap in the more favourable direction",
    "higher": "a triangle that points up is a clear gap to a lower figure",
    "lower": "a triangle that points down is a clear gap to a higher figure",
    "no clear difference": "an open square is no clear difference",
    "too few to tell": "a cross is too few pupils to tell",
    "not judged": "an open circle is a gap of which the data do not say how sure it is",
}
HOW_TO_READ = {
    "dots": (
        "Each row is one ethnic group. The mark is the gap: the group's figure minus that of "
        "whom it is compared with. The upright line at zero is no gap. The bar through the mark is "
        "the {level} interval: where it crosses zero, chance alone could have made the gap. The "
        "shape says the same as the colour: {marks}."
    ),
    "trend": (
        "Each panel is one ethnic group, each mark one year. Height is the gap, and zero is no "
        "gap: a line that comes nearer to zero is a gap that narrows. The bars are {level} "
        "intervals; where bars of two years overlap widely, chance could explain the change. Each "
        "panel has a scale of its own, so compare numbers between panels, not heights. Marks that "
        "no line joins are years that cannot be compared or have one without a figure between "
        "them. A dashed line across a panel, where there is one, is the target."
    ),
    "funnel": (
        "Each mark is one school, those with few pupils of the group to the left. The level line "
        "is the figure of all schools together. Inside the dashed lines a school differs by no "
        "more than schools ordinarily do; of schools that differ no more than that, about one in "
        "twenty lies outside the 95% limits and one in five hundred outside the 99.8% limits. Few "
        "pupils mean wide limits, and those of a school also depend on how many other pupils it "
        "has, so the lines are not quite even. A circle is inside; a triangle points up above the "
        "limits and down below them, and is filled outside the 99.8% limits. A mark outside is a "
        "question to ask, not an answer, and no ranking of schools."
    ),
    "decomposition": (
        "The first bar is the whole gap; the bars of its parts add up to it (parts of a part, "
        "where there are any, add up to that part). To the right of zero a part makes the group's "
        "figure higher than that of all other groups, to the left lower. The thin lines are "
        '{level} intervals. "Mix of pupils" goes with pupils of the group being more or less '
        "often among those for whom everybody's figure is high. Parts are arithmetic, not causes: "
        "they do not say what would happen if a part were changed."
    ),
    "adjusted": (
        "Each group has two marks. The open circle is the gap as it is; the filled diamond is the "
        "gap among pupils who are alike in what the title names. The bars are {level} intervals: "
        "where one crosses zero, chance alone could have made that gap. The diamond is not the "
        "true gap, and not the part that has to do with ethnicity: it answers another question."
    ),
    "coverage": (
        "Each bar is the share of pupils whose ethnic group is known. The less is known, the more "
        "a gap depends on who is missing."
    ),
}

DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "All other groups",
        "All pupils of the same cohort, place and period whose recorded ethnic group is another "
        "one. It is not White British pupils, and not the average, which holds the group itself.",
    ),
    (
        "Gap",
        "The group's figure minus that of all other groups. It is positive where the group's "
        "figure is higher, whether that is favourable or not.",
    ),
    (
        "Ratio",
        "The group's figure divided by that of all other groups. 2 means twice as high, 1 equal.",
    ),
    (
        "Interval",
        "A range of gaps that agree with the data. These are all pupils, not a sample, so it "
        "speaks of chance from year to year: had the same conditions met other pupils, figures "
        "would have differed by about so much.",
    ),
    (
        "Clear gap",
        "The whole interval lies on one side of zero (or of the smallest difference that was said "
        "to matter). Of twenty groups without any gap, about one is expected to look clear.",
    ),
    (
        "More or fewer",
        "How many more (+) or fewer (\N{MINUS SIGN}) pupils, events or points there were than at "
        "the figure of all other groups.",
    ),
)

CAN_SAY = (
    "how far a group's recorded outcomes stand from those of all other groups",
    "how sure that distance is, given the number of pupils",
    "whether it changed between years that can be compared",
)

CANNOT_SAY = (
    "why there is a gap: none of these figures shows a cause",
    "anything about a single pupil, or that pupils of a group are alike",
    "how groups would compare if pupils were alike in other ways, unless a table says that it "
    "allows for them",
    "that a gap which is not clear is no gap: with few pupils even a wide one is uncertain",
)


def how_to_read(kind: str, level: str, marks: list[str] | None = None) -> str:
    """Return how a chart is read; only the marks that are in it are told."""
    told = [MARKS[one] for one in (marks or MARKS)]
    return HOW_TO_READ[kind].format(level=level, marks=", ".join(told))
