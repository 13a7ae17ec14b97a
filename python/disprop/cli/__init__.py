"""The command line: ``disprop COMMAND``; ``disprop --help`` lists the commands.

Nothing is computed here: each command reads a file, makes one call of the package, and writes.
Results go to the standard output or to ``--out``; warnings, errors and progress to the standard
error. Exit codes: 0 done, 1 data refused, 2 usage, 130 interrupted.

One file holds one command: ``add`` gives it its options and ``run`` does it; ``commands`` lists
them. What commands share has a file of its own: options in ``arguments``, their reading in
``request``, files and listings in ``output``, printed words in ``speech``, findings and errors in
``refusal``.

Examples
--------
>>> main(["groups", "--main"])  # doctest: +ELLIPSIS
code  label                         main  major
WBRI  White - British               WBRI  White
...
0
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import disprop as dp
from disprop.cli.commands import parser
from disprop.cli.refusal import DONE, INTERRUPTED, REFUSED, USAGE, UsageError, refusal
from disprop.cli.speech import complain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the program's name; those of the process by default.

    Returns
    -------
    int
        0 done, 1 data refused (every finding is printed), 2 usage, 130 interrupted.

    Raises
    ------
    SystemExit
        After ``--help`` and ``--version``, and for words that argparse does not know.

    Examples
    --------
    >>> main(["methods", "--family", "proportion", "--scale", "ratio"])  # doctest: +ELLIPSIS
    family      scale  method...
    0
    """
    try:
        given = parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = given.run
        code = run(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        complain("interrupted; nothing was kept")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has had enough. Python flushes once more when it ends.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except dp.DispropError as error:
        return refusal(error)
    except UsageError as error:
        complain(f"error: {error}")
        return USAGE
    except OSError as error:
        what = error.strerror or type(error).__name__
        where = f": {error.filename}" if error.filename else ""
        complain(f"error: {what}{where}")
        return USAGE
    except MemoryError:
        complain("error: the data do not fit into memory")
        return REFUSED
