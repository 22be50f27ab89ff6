"""Reads the verdicts that programs claim for themselves: `def name(…):  # OUTCOME [input=JSON] [timeout=SECONDS]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from determinism_lint.replay import Outcome

CORPUS = Path(__file__).parent / "corpus"
"""One hazard each."""
STORIES = Path(__file__).parent / "stories"
"""As applications are written, half of them right."""
SDK_OF_FOLDER = {
    "durabletask": "durable-task-python",
    "functions_v1": "durable-functions-python",
    "functions_v2": "durable-functions-python@2",
}
_LABEL = re.compile(
    r"^(?:async )?def (?P<name>\w+)\(.*\):  # (?P<outcome>[A-Z_]+)"
    r"(?: input=(?P<input>\S+))?(?: timeout=(?P<timeout>\d+))?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """One orchestrator of the corpus."""

    path: Path
    name: str
    outcome: Outcome
    sdk: str
    input: Any = None
    timeout: float = 60

    def __str__(self) -> str:
        return f"{self.path.parent.name}-{self.path.stem}-{self.name}"


def labels(root: Path) -> Iterator[Label]:
    """All orchestrators there that have a verdict."""
    for path in sorted(path for folder in SDK_OF_FOLDER for path in root.glob(f"{folder}/*.py")):
        for found in _LABEL.finditer(path.read_text(encoding="utf-8")):
            yield Label(
                path,
                found["name"],
                Outcome(found["outcome"]),
                SDK_OF_FOLDER[path.parent.name],
                json.loads(found["input"] or "null"),
                float(found["timeout"] or 60),
            )
