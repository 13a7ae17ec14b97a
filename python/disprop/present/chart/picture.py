"""One chart: its specification, its drawing, and what a reader who cannot see it is told."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from disprop.present.page import text

#: Sizes in pixels that still read when a telephone shrinks them to three quarters.
SIZES: dict[str, dict[str, Any]] = {
    "dots": {"width": 255, "label_width": 205, "ticks": 5},
    "trend": {"width": 205, "label_limit": 240, "columns": 2},
    "funnel": {"width": 420},
    "decomposition": {"width": 255, "label_width": 205, "ticks": 5},
    "adjusted": {"width": 255, "label_width": 205, "ticks": 5},
    "coverage": {"width": 255, "label_width": 205, "ticks": 5},
}


@dataclass
class Picture:
    """A chart, what it shows, and what a reader who cannot see it is told."""

    kind: str
    title: str
    subtitle: str
    alt: str
    datasets: dict[str, list[dict[str, Any]]]
    fill: dict[str, Any]
    left_out: list[str] = field(default_factory=list)

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification with its data."""
        place = Path(__file__).with_name("specs") / f"{self.kind}.vl.json"
        wanted = {**self.fill, **SIZES[self.kind], "alt": self.alt}
        spec: dict[str, Any] = _filled(json.loads(place.read_text(encoding="utf-8")), wanted)
        spec["datasets"] = self.datasets
        return spec

    def altair(self) -> Any:
        """Return an Altair chart, to look at or go on with."""
        import altair

        return altair.Chart.from_dict(self.spec())

    def svg(self) -> str:
        """Return the drawing as SVG that runs nothing and reads as one picture."""
        return _quiet(_drawn(json.dumps(self.spec())), self.alt)

    def png(self, scale: float = 2.0) -> bytes:
        """Return the drawing as PNG."""
        import vl_convert

        made: bytes = vl_convert.svg_to_png(_drawn(json.dumps(self.spec())), scale=scale)
        return made

    def save(self, path: str) -> None:
        """Write ``.svg``, ``.png`` or ``.json`` (the specification).

        Parameters
        ----------
        path : str
            File to write; its extension says what.
        """
        if path.endswith(".png"):
            Path(path).write_bytes(self.png())
        elif path.endswith(".json"):
            spec = json.dumps(self.spec(), ensure_ascii=False, indent=1, allow_nan=False)
            Path(path).write_text(spec, encoding="utf-8")
        elif path.endswith(".svg"):
            Path(path).write_text(self.svg(), encoding="utf-8")
        else:
            raise ValueError(f"`{path}` should end in .svg, .png or .json")

    def _repr_html_(self) -> str:
        return (
            '<figure style="max-width:33rem;margin:.5em 0">'
            f"<figcaption><strong>{text(self.title)}</strong><br>{text(self.subtitle)}"
            f"</figcaption>{self.svg()}</figure>"
        )

    def __repr__(self) -> str:
        """Say what it shows."""
        return f"<disprop chart `{self.kind}`: {self.alt}>"


@lru_cache(maxsize=128)
def _drawn(spec: str) -> str:
    """Draw once what several outputs show: drawing is most of what a report takes."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version="5.21")
    return drawn


def _filled(part: Any, wanted: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, wanted) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, wanted) for value in part]
    if isinstance(part, str) and part.startswith("$") and part[1:] in wanted:
        return wanted[part[1:]]
    return part


def _quiet(svg: str, alt: str) -> str:
    """Make one picture of a drawing: its parts say nothing, its name says what it shows."""
    root, rest = re.match(r"<svg[^>]*>", svg), svg
    if root is None:
        raise ValueError("the drawing is no SVG")
    box = re.search(r'viewBox="[^"]*"', root[0])
    rest = svg[root.end() :]
    rest = re.sub(r'\s(?:role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", rest)
    # Clips are numbered anew in every drawing, and several stand on one page.
    stamp = f"{zlib.crc32(rest.encode()):x}"
    rest = re.sub(r'id="([^"]+)"', rf'id="d{stamp}-\1"', rest)
    rest = re.sub(r"url\(#([^)]+)\)", rf"url(#d{stamp}-\1)", rest)
    rest = re.sub(r'\sstyle="[^"]*"', "", rest)
    named = f'role="img" aria-label="{text(alt)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box[0] if box else ""} {named}>{rest}'
