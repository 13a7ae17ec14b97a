"""How a report ends: whose group is known, words, limits, what was withheld, methods."""

from __future__ import annotations

from collections.abc import Callable

from disprop.present import chart, prose
from disprop.present.document import Block, Bullets, Heading, Paragraph, Section, Terms
from disprop.present.view import View, gone, records, withheld

#: Makes a figure of a chart.
Draw = Callable[[chart.Picture | None, View], list[Block]]

STAND = {
    "exclude": "Pupils whose group is refused, not obtained or missing are on neither side of a "
    "gap.",
    "include": "Pupils whose group is refused, not obtained or missing count among the others.",
}


def closing(seen: list[View], draw: Draw) -> list[Section]:
    """Return the sections that stand at the end of every report."""
    return [
        Section("known", "Whose ethnic group is known", _known(seen, draw)),
        Section("definitions", "What the words mean", [Terms(prose.DEFINITIONS)]),
        Section("limits", "What these figures can and cannot say", _limits(seen)),
        Section("withheld", "What was withheld", _withheld(seen)),
        Section("method", "Method and sources", _method(seen)),
    ]


def _known(seen: list[View], draw: Draw) -> list[Block]:
    for one in seen:
        for measure in one.ids() if one.kind == "gaps" else []:
            places = one.places(measure)
            if len(places) != 1:
                continue
            picture = chart.coverage(one, measure, places[0])
            if picture is None:
                continue
            shares = picture.datasets["rows"]
            unclassified = next((row.get("unclassified") for row in one.rows), None)
            stand = STAND.get(str(unclassified), "")
            if len(shares) == 1:
                return [
                    Paragraph(
                        f"The ethnic group is known for {shares[0]['said']} of pupils "
                        f"({one.measures[measure].short}). {stand}"
                    )
                ]
            return [*([Paragraph(stand)] if stand else []), *draw(picture, one)]
    return [Paragraph("The data do not say for how many pupils the ethnic group is known.")]


def _limits(seen: list[View]) -> list[Block]:
    return [
        Paragraph("They can say:"),
        Bullets(tuple(Paragraph(line) for line in prose.CAN_SAY)),
        Paragraph("They cannot say:"),
        Bullets(tuple(Paragraph(line) for line in prose.CANNOT_SAY)),
        *(Paragraph(note) for note in dict.fromkeys(one.note for one in seen)),
    ]


def _withheld(seen: list[View]) -> list[Block]:
    policy = seen[0].policy if seen else {}
    blocks: list[Block] = [Paragraph(str(policy.get("description", "")))]
    whole = []
    for one in seen:
        name = _named(one)
        gone_in = sum(gone(row) for row in one.rows)
        if not gone_in:
            whole.append(name)
            continue
        verb = "is" if gone_in == 1 else "are"
        blocks.append(
            Paragraph(
                f"{name}: {gone_in:,} of {len(one.rows):,} results {verb} withheld, for these "
                "reasons:"
            )
        )
        why = dict.fromkeys(str(line["why"]) for line in one.log if line.get("why"))
        blocks.append(Bullets(tuple(Paragraph(reason) for reason in why)))
    if whole:
        blocks.append(Paragraph(f"Every result is shown of: {', '.join(whole)}."))
    if any(withheld(one) for one in seen):
        blocks.append(
            Paragraph(
                "Some results are withheld only because others could be worked out from them. A "
                "withheld result can be large or small: that it is withheld says nothing of the "
                "pupils."
            )
        )
    return blocks


def _named(one: View) -> str:
    """Name a table for a reader: by its only measure where it was named by it."""
    ids = one.ids()
    if ids == [one.name]:
        return one.measures[ids[0]].short
    return _capital(one.name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _method(seen: list[View]) -> list[Block]:
    import disprop as dp

    used = {
        name for one in seen for row in one.rows for name in str(row.get("method") or "").split()
    }
    known = {one["method"]: one for one in records(dp.methods())}
    methods = tuple(
        (_capital(known[name]["label"]), f"{known[name]['source']}.")
        if name in known
        else (name, "")
        for name in sorted(used)
    )
    measures = {facts.id: facts for one in seen for facts in one.measures.values()}
    blocks: list[Block] = [
        Paragraph(
            f"Made with disprop {dp.__version__}. Sums are exact whole numbers, so the same data "
            "give the same figures. Figures are rounded half away from zero. An audit trail with "
            "the hashes of the inputs, the options and the policy stands in the file beside this "
            "one that ends in .audit.json."
        ),
    ]
    if methods:
        blocks += [Heading("Methods"), Terms(methods)]
    return [
        *blocks,
        Heading("Measures"),
        Terms(
            tuple(
                (facts.label, facts.source or "Defined by the caller.")
                for facts in measures.values()
            )
        ),
    ]
