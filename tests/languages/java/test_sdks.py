"""The tables of the linter against the API that was recorded from the published packages."""

from __future__ import annotations

import re
from pathlib import Path

from determinism_lint.languages.java.sdks import DURABLE_TASK_JAVA

RECORD = Path(__file__).parents[2] / "java" / "durabletask-1.9.0.api"
LATER = {"createProxy", "createReplaySafeLogger", "getParentInstance"}
"""In the repository, in no release yet."""


def test_the_context_has_the_members_of_the_published_package() -> None:
    _, _, rest = RECORD.read_text(encoding="utf-8").partition("/TaskOrchestrationContext.java\n")
    declared = re.findall(r"^  [^(]*?(\w+)\(", rest.partition("//// ")[0], re.MULTILINE)
    assert len(declared) > 50
    assert set(declared) | LATER == set(DURABLE_TASK_JAVA.members)
