"""What a new activity is called: after what it does, and the variable that gets the result or else the orchestrator."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.moves import Place
from determinism_lint.languages.python.extraction.moved import last_of
from determinism_lint.languages.python.extraction.region import Region


def name_of(region: Region, place: Place, is_free: Callable[[str], bool]) -> str:
    """`get_order`, `read_price`, `post_for_process`: a name that nothing in the module mentions."""
    result = region.result or ""
    if isinstance(region.parent, s.Assign) and isinstance(region.parent.targets[0], s.Name):
        result = region.parent.targets[0].id
    target = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", result).lower().strip("_") or f"for_{place.orchestrator.name}"
    base = f"{_verb(place, region)}_{target}"
    names = (base if number == 1 else f"{base}_{number}" for number in count(1))
    return next(name for name in names if not re.search(rf"\b{name}\b", place.module.text) and is_free(name))


_VERB = re.compile(
    r"(?:^|\.)(create|delete|download|get|list|load|patch|post|put|read|remove|run|save|send|upload|write)(?:_\w+)?\("
)


def _verb(place: Place, region: Region) -> str:
    """What a call does: the first word of the function's name, where that is a verb."""
    text = place.module.text[place.node.start : place.node.end]
    returns = region.result is not None or not isinstance(last_of(region.nodes), (s.Assign, s.Evaluate))
    if re.match(r"(\w+\.)?open\(", text):
        return "read" if returns else "write"
    return found[1] if (found := _VERB.search(text)) else "get" if returns else "call"
