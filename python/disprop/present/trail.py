"""The audit trail: a JSON beside every output."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any


def write_trail(released: Any, output: str, more: dict[str, Any] | None = None) -> str:
    """Write what an output was made of to ``OUTPUT.audit.json``.

    Parameters
    ----------
    released : Released or Publication
        What was put into the output.
    output : str
        The file it stands beside.
    more : dict, optional
        Facts that the caller knows: hashes of inputs, timings.

    Returns
    -------
    str
        The path written.
    """
    import disprop as dp

    tables = dict(released.items()) if hasattr(released, "items") else {"": released}
    trail: dict[str, Any] = {
        "disprop": dp.__version__,
        "output": {"file": os.path.basename(output), "sha256": digest(output)},
        **(more or {}),
        "tables": {
            name or one.kind: {
                "kind": one.kind,
                "title": one.title,
                "policy": dict(one.policy),
                "measures": [measure.to_dict() for measure in one.measures],
                "dimensions": list(one.dimensions),
                "rows": len(one),
                "release": dict(one.audit),
            }
            for name, one in tables.items()
        },
    }
    place = f"{os.path.splitext(output)[0]}.audit.json"
    with open(place, "w", encoding="utf-8") as file:
        json.dump(trail, file, ensure_ascii=False, indent=1, allow_nan=False, default=str)
        file.write("\n")
    return place


def digest(path: str) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        made = hashlib.sha256()
        while block := file.read(1 << 20):
            made.update(block)
        return made.hexdigest()
