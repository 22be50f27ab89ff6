"""Whether a function goes on to use a variable. In doubt, and wherever its name stands, it does."""

from __future__ import annotations

import re

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.moves import Place


def is_used_after(name: str, moved: s.Block, rest: s.Block, is_repeated: bool, place: Place) -> bool:
    """Whether a variable may be read once the moved statements have run, which `rest` follows in their block."""
    function, text = place.orchestrator, place.module.text
    before, after = text[function.end : moved[0].start], text[moved[-1].end : function.body[-1].end]
    lazy = (s.Function, s.Lambda)
    if any(isinstance(node, lazy) or getattr(node, "kind", "") == "generator" for node in s.walk(function.body)):
        return mentions(before + after, name)
    for statement in rest:
        match statement:
            case s.Assign(targets=(s.Name(id=target),), value=value, augmented=False) if value and target == name:
                if not mentions(text[value.start : value.end], name):
                    return False  # it gets another value
        jumps = any(isinstance(node, (s.Break, s.Continue)) for node in s.walk(statement))
        if jumps or mentions(text[statement.start : statement.end], name):
            break
    return mentions(before + after if is_repeated else after, name)


def mentions(text: str, name: str) -> bool:
    """Whether a text may use a variable: its name stands there, other than as an attribute or a whole string."""
    return re.search(rf"""(?<![\w.'"]){name}(?!\w)|(?<=['"]){name}(?![\w'"])""", text) is not None
