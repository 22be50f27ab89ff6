"""`python -m skills_src`: writes the generated files. `--check`: prints how they differ instead, and exits 1."""

from __future__ import annotations

import sys

from skills_src.command import main

sys.exit(main())
