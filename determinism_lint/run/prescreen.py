"""Which files can hold anything of interest, told from their bytes.

Three cheap steps, each on what the previous one left: a few substrings, then one regular expression. What passes may
hold an orchestrator or register one, an activity or an entity. A test proves for every known form that it passes.
"""

from __future__ import annotations

from determinism_lint.languages import language_of, languages

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

NOTHING = 0
CANDIDATE = 1
"""Declares or registers something durable."""
COMMENTED = 2
"""Holds a comment that is addressed to the linter."""

COMMENT_TOKEN = b"determinism-lint:"

_BINDINGS = (b"rchestrationTrigger",)

_patterns: dict[str, re.Pattern[bytes]] = {}


def may_matter(path: str, content: bytes) -> bool:
    """The first step: whether `classify` has to look more closely."""
    language = language_of(path)
    for token in _BINDINGS if language is None else language.tokens:
        if token in content:
            return True
    return COMMENT_TOKEN in content


def classify(path: str, content: bytes) -> int:
    """`CANDIDATE`, `COMMENTED`, both or `NOTHING`."""
    if not may_matter(path, content):
        return NOTHING
    flags = COMMENTED if COMMENT_TOKEN in content else NOTHING
    if path.endswith(".json"):
        return flags | (CANDIDATE if b"rchestrationTrigger" in content else NOTHING)
    language = language_of(path)
    if language is None:
        return flags
    pattern = _patterns.get(language.id)
    if pattern is None:
        import re

        pattern = _patterns[language.id] = re.compile(language.declares, re.VERBOSE)
    return flags | (CANDIDATE if pattern.search(content) is not None else NOTHING)


def scripts_of(bindings_path: str, content: bytes) -> list[str]:
    """The source files that a function.json may mean: the one that it names, or those that runtimes take by default."""
    import json
    import os

    try:
        bindings = json.loads(content)
    except (ValueError, RecursionError):
        bindings = None
    script = bindings.get("scriptFile") if isinstance(bindings, dict) else None
    names = [script] if isinstance(script, str) else [each.script for each in languages() if each.script]
    folder = os.path.dirname(bindings_path)
    return [os.path.normpath(os.path.join(folder, name.replace("\\", "/"))).replace("\\", "/") for name in names]
