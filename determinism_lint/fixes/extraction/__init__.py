"""The unsafe fix for I/O: it moves into an activity, and the orchestrator schedules that.

Only where everything is in one file, and what goes in and comes out is JSON as far as one can tell. `helper` makes an
activity of a function that does the I/O; `inline` makes one of an expression or statements of the orchestrator.
"""

from __future__ import annotations

IO_RULES = frozenset({"network-io", "file-io", "subprocess"})
