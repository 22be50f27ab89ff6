"""Which files can hold anything of interest, told from their bytes.

Three cheap steps, each on what the previous one left: a few substrings, then one regular expression. What passes may
hold an orchestrator or register one, an activity or an entity. A test proves for every known form that it passes.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

NOTHING = 0
CANDIDATE = 1
"""Declares or registers something durable."""
COMMENTED = 2
"""Holds a comment that is addressed to the linter."""

COMMENT_TOKEN = b"determinism-lint:"

_CHEAP = (b"rchestrat", b"ctivity", b"orkflow", b".create_timer", b"_external_event", b"_entit", b".entity")
_pattern: re.Pattern[bytes] | None = None


def may_matter(content: bytes) -> bool:
    """The first step: whether `classify` has to look more closely."""
    for token in _CHEAP:
        if token in content:
            return True
    return COMMENT_TOKEN in content


def classify(path: str, content: bytes) -> int:
    """`CANDIDATE`, `COMMENTED`, both or `NOTHING`."""
    if not may_matter(content):
        return NOTHING
    flags = COMMENTED if COMMENT_TOKEN in content else NOTHING
    if path.endswith(".json"):
        return flags | (CANDIDATE if b"rchestrationTrigger" in content else NOTHING)
    if _declares(content):
        flags |= CANDIDATE
    return flags


def _declares(content: bytes) -> bool:
    global _pattern
    if _pattern is None:
        import re

        _pattern = re.compile(
            rb"""  # the first line: every decorator and binding of Azure Functions, misspelled ones too
              rchestration_?[tT]rigger
            | rchestrationContext                   # annotations
            | WorkflowContext
            | \bOrchestrator\s*\.\s*create
            | \bOrchestrator\b[^\n]*\bas\b          # an alias, imported or in a with statement
            | (?:import|=)[^\n]*\bOrchestrator\b
            | add_(?:named_|versioned_)?(?:orchestrator|activity|entity)
            | register_(?:versioned_)?(?:orchestrator|activity|workflow|entity)
            | @[^\n]*\.\s*(?:orchestrator|activity|entity|workflow|(?:versioned|alternate)_\w*)\b
            | \w\s*\.\s*(?:workflow|versioned_workflow|activity)\s*\(
            | (?:activity|entity)_?[tT]rigger
            | \b(?:call|signal)_(?:activity|sub_orchestrator|child_workflow|entity)
            | \bcall(?:Activity|SubOrchestrator|Entity)
            | \bwait_for_external_event
            | \.\s*create_timer\s*\(
            """,
            re.VERBOSE,
        )
    return _pattern.search(content) is not None


def script_of(bindings_path: str, content: bytes) -> str:
    """The source file that a function.json names, or that the runtime takes when it names none."""
    import json

    try:
        bindings = json.loads(content)
    except (ValueError, RecursionError):
        bindings = None
    script = bindings.get("scriptFile") if isinstance(bindings, dict) else None
    if not isinstance(script, str):
        script = "__init__.py"
    return os.path.normpath(os.path.join(os.path.dirname(bindings_path), script.replace("\\", "/"))).replace("\\", "/")
