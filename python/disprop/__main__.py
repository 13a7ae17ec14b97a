"""Runs the command line: ``python -m disprop``."""

import sys

from disprop.cli import main

sys.exit(main())
