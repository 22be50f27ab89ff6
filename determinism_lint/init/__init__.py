"""`determinism-lint init`: wires the linter and its skills into somebody's repository, and takes it all back."""

from __future__ import annotations
