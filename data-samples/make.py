"""Makes `synthetic_cohort.csv` again, byte for byte.

Run from anywhere with the module installed: ``python data-samples/make.py``. With ``--check``
nothing is written; the exit code says whether the file is what the seed gives. Needs no package
beside `disprop`.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import disprop as dp

TARGET = Path(__file__).with_name("synthetic_cohort.csv")
# Two school years of about 2,000 pupils in one authority. Another seed is another place.
PLAN = {"pupils": 2_000, "years": 2, "seed": 7, "plain_text": True}


def text() -> str:
    """Return the cohort as CSV: a header, line feeds, empty for nothing recorded."""
    columns = dp.synth(**PLAN).to_dict()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue()


def main() -> int:
    """Write the file, or with ``--check`` compare it."""
    made = text().encode()
    if "--check" in sys.argv[1:]:
        same = TARGET.is_file() and TARGET.read_bytes() == made
        print(f"{TARGET.name}: {'as the seed gives it' if same else 'differs from the seed'}")
        return 0 if same else 1
    TARGET.write_bytes(made)
    print(f"{TARGET.name}: {len(made):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
