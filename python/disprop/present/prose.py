"""What every reader is told: definitions, how to read a chart, what figures can and cannot say."""

from __future__ import annotations

HOW_TO_READ = {
    "dots": (
        "Each row is one ethnic group. The mark is the gap: the group's figure minus that of all "
        "other groups. The upright line at zero is no gap. The bar through the mark is the {level} "
        "interval: where it crosses zero, chance alone could have made the gap. The shape says the "
        "same as the colour: a diamond is a clear gap in the less favourable direction, a filled "
        "circle a clear gap in the more favourable direction, an open square no clear difference, "
        "a cross too few pupils to tell."
    ),
    "trend": (
        "Each panel is one ethnic group, each mark one year. Height is the gap, and zero is no "
        "gap: a line that comes nearer to zero is a gap that narrows. The bars are {level} "
        "intervals; where bars of two years overlap widely, chance could explain the change. Each "
        "panel has a scale of its own, so compare numbers between panels, not heights. A "
        "broken line means that the years cannot be compared or a figure is not there."
    ),
    "funnel": (
        "Each mark is one school, small ones to the left. Inside the curves a school's figure is "
        "what chance would give at the average; the narrower curves hold 95% and the wider 99.8% "
        "of schools that differ by chance alone. Few pupils mean wide curves: a mark outside them "
        "is a question to ask, not an answer."
    ),
    "decomposition": (
        "The bars are parts of one gap and add up to it. To the right of zero a part widens the "
        "gap upwards, to the left it pulls it down. Parts are arithmetic, not causes."
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
