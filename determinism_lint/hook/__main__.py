"""`python -m determinism_lint.hook`."""

from __future__ import annotations

import sys

from determinism_lint.hook import run

sys.exit(run())
