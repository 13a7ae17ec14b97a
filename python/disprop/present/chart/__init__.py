"""Charts of released results: Vega-Lite specifications kept as data, drawn without a browser.

Each kind of chart has a file of its own, that goes from released rows to a :class:`Picture`, and a
specification in ``specs``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from disprop.present.chart.adjusted import adjusted
from disprop.present.chart.coverage import coverage
from disprop.present.chart.decomposition import decomposition
from disprop.present.chart.dots import dots
from disprop.present.chart.funnel import funnel
from disprop.present.chart.picture import Picture
from disprop.present.chart.trend import Targets, targets_of, trend
from disprop.present.view import View, views

__all__ = [
    "MADE_OF",
    "MAKERS",
    "Picture",
    "Targets",
    "adjusted",
    "chart",
    "coverage",
    "decomposition",
    "dots",
    "funnel",
    "targets_of",
    "trend",
    "usual_place",
]


MAKERS: dict[str, Callable[[View, str, dict[str, Any]], Picture | None]] = {
    "dots": dots,
    "trend": trend,
    "coverage": coverage,
    "funnel": funnel,
    "decomposition": decomposition,
    "adjusted": adjusted,
}


#: Which result a chart is made of, and how to come by it.
MADE_OF = {
    "funnel": ("funnel", "tallies.funnel(…)"),
    "decomposition": ("decomposition", "tallies.decompose(…)"),
    "adjusted": ("adjusted", "tallies.adjusted(…)"),
}


def chart(
    released: Any,
    kind: str | None = None,
    *,
    measure: str | None = None,
    target: Targets = None,
    **where: object,
) -> Picture:
    """Return a chart of a released result.

    Parameters
    ----------
    released : Released or Publication
        What a policy was applied to.
    kind : {"dots", "trend", "coverage", "funnel", "decomposition", "adjusted"}, optional
        Gaps of all groups, their course over years, how many pupils' groups are known; schools
        within limits, the parts of one gap, gaps as they are and among pupils alike. What suits
        the table by default.
    measure : str, optional
        Which measure; the first by default.
    target : float or dict, optional
        For ``"trend"``: the size of the gap aimed at, one for all or by group. Without it, the
        targets of a table of `gaps.progress` that was released with the gaps.
    **where
        Values of dimensions or a group, such as ``year="2023/24"`` or ``group="BCRB"``; the
        latest year and the first group by default.

    Returns
    -------
    Picture
        Shown by notebooks; ``.altair()``, ``.svg()``, ``.png()``, ``.save(path)``, ``.alt``.
    """
    all_seen = views(released)
    usual = all_seen[0].kind if all_seen[0].kind in MADE_OF else "dots"
    asked = kind or usual
    if asked not in MAKERS:
        raise ValueError(f"`kind` is one of {', '.join(MAKERS)}, not `{asked}`")
    of, call = MADE_OF.get(asked, ("gaps", "tallies.gaps(…)"))
    seen = next((one for one in all_seen if one.kind == of), None)
    if seen is None:
        raise ValueError(f"a chart of `{asked}` needs the table of `{call}` among what is released")
    ids = seen.ids()
    one = measure or (ids[0] if ids else "")
    if one not in seen.measures:
        raise ValueError(f"`measure` is one of {', '.join(ids)}, not `{one}`")
    if target is not None and asked != "trend":
        raise ValueError(f"`target` belongs to a chart of `trend`, not of `{asked}`")
    if asked == "trend":
        picture = trend(seen, one, where, targets_of(all_seen, one) if target is None else target)
    else:
        picture = MAKERS[asked](seen, one, usual_place(seen, asked, one, where))
    if picture is None:
        raise ValueError(f"nothing is left to draw of `{one}`: all of it is withheld or missing")
    return picture


def usual_place(seen: View, asked: str, measure: str, where: dict[str, Any]) -> dict[str, Any]:
    """Return the place to draw: what was asked for, and the latest year and first of the rest."""
    if asked == "coverage":
        return where
    place = dict(where)
    if seen.year and seen.year not in place and seen.years:
        place[seen.year] = seen.years[-1]
    names = [name for name in seen.others if asked != "funnel" or name != seen.school_column]
    names += ["group"] if asked in ("funnel", "decomposition") else []
    for name in names:
        first = next(iter(seen.of(measure, **place)), None)
        if first is not None:
            place.setdefault(name, first[name])
    return place
