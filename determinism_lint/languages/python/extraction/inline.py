"""I/O in an orchestrator's own body moves into a new activity, which stands before the orchestrator."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.moves import Place
from determinism_lint.languages.python.extraction import registration as sdk
from determinism_lint.languages.python.extraction.moved import last_of
from determinism_lint.languages.python.extraction.naming import name_of
from determinism_lint.languages.python.extraction.place import may_yield
from determinism_lint.languages.python.extraction.region import Region, region_of
from determinism_lint.languages.python.substitutions import newline, own_line
from determinism_lint.model import Edit, Fix


def to_new_activity(place: Place, calls: Collection[s.Node], may_have: Callable[[str, object], bool]) -> Fix | None:
    """Move the call at `place`, and what belongs to it, into an activity.

    Args:
        calls: the calls that run functions of the project.
        may_have: whether an activity may have a name, as far as others go; the same code may have it again.
    """
    module, orchestrator = place.module, place.orchestrator
    if not isinstance(place.node, s.Call) or not _is_plain(orchestrator, module) or not may_yield(place):
        return None
    before, region = _start_of(orchestrator, module), region_of(place, calls)
    step, nl = _indentation(module, orchestrator.body[0].start) or "    ", newline(module)
    code = _code(region, module, step) if region is not None else None
    if before is None or region is None or code is None:
        return None
    start, end = _range(region, module)
    name = name_of(region, place, lambda name: may_have(name, (module.path, start, end)))
    inputs, parameter, words = region.inputs, _parameter(region.inputs, place), re.findall(r"\w+", "\n".join(code))
    if "ctx" in words or (parameter in words and inputs != (parameter,)):
        return None
    payload, unpacking = "".join(inputs), list[str]()
    if inputs and inputs != (parameter,):
        payload = "{" + ", ".join(f'"{each}": {each}' for each in inputs) + "}"
        unpacking = [f'{step}{each} = {parameter}["{each}"]' for each in inputs]
    declared = _declared(name, parameter, place)
    if declared is None:
        return None
    head, registration = declared
    edits = (
        insertion(module, before, nl.join([*head, *unpacking, *code]) + nl * 3),
        replacement(module, start, end, _instead(region, sdk.scheduled(name, payload, place))),
        *registration,
    )
    return Fix("unsafe", sdk.TITLE.format(f"move it into an activity, `{name}`"), edits)


def _is_plain(orchestrator: s.Function, module: s.Module) -> bool:
    """Whether it is a function of the module whose variables are what they seem, as far as its text tells."""
    text = module.text[orchestrator.end : orchestrator.body[-1].end]
    context = orchestrator.parameters[0].name if orchestrator.parameters else ""
    odd = rf"(^|[:;])\s*(global|nonlocal|class)\s|\b(locals|vars|eval|exec)\(|=.*\bis_replaying\b|\b{context}\s*=[^=]"
    return orchestrator in module.body and re.search(odd, text, re.MULTILINE) is None


def _start_of(function: s.Function, module: s.Module) -> int | None:
    """Where the lines of a function of the module begin, with its decorators and the comment above it."""
    start = module.text.rfind("\n", 0, (*function.decorators, function)[0].start) + 1
    if not module.text.startswith("@" if function.decorators else "def ", start):
        return None
    return len(re.sub(r"(^#.*\n)+\Z", "", module.text[:start], flags=re.MULTILINE))


def _indentation(module: s.Module, offset: int) -> str:
    line = module.text[module.text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())]


def _range(region: Region, module: s.Module) -> tuple[int, int]:
    """From where to where the moved text is, without the line breaks that belong to a block."""
    start = region.nodes[0].start
    return start, start + len(module.text[start : region.nodes[-1].end].rstrip())


_FIXED = re.compile(r"""'{3}|"{3}|\\\r?\n""")
"""What may be a string of several lines, which another indentation would change."""


def _code(region: Region, module: s.Module, step: str) -> list[str] | None:
    """The lines of the activity that do the work; None where they cannot be indented in another way."""
    start, end = _range(region, module)
    text = module.text[start:end]
    if _FIXED.search(text):
        return None
    if region.parent is not None:
        text = f"return ({text})" if "\n" in text else f"return {text}"
    elif own_line(module, s.Node(start, end)) is None:
        return None
    indent = _indentation(module, start)
    lines = [f"return {region.result}"] if region.result is not None else []
    lines = [*re.split(r"\r?\n", indent + text), *(indent + line for line in lines)]
    return [step + line.removeprefix(indent) if line.startswith(indent) else line for line in lines]


def _parameter(inputs: tuple[str, ...], place: Place) -> str:
    """What the activity calls that which it is passed."""
    if not inputs:
        return "_" if sdk.is_task(place.runtime) else sdk.NOTHING
    is_legal = sdk.is_task(place.runtime) or sdk.is_binding_name(inputs[0])
    return inputs[0] if len(inputs) == 1 and is_legal else "inputs"


def _declared(name: str, parameter: str, place: Place) -> tuple[list[str], list[Edit]] | None:
    """The new function's first lines, and the edits that register it."""
    if sdk.is_task(place.runtime):
        added = sdk.added_to_worker(name, place)
        head = f"def {name}({sdk.activity_context('ctx', place.module)}, {parameter}):"
        return ([head], [added]) if added is not None else None
    app = sdk.app_of(place.orchestrator) if sdk.is_functions(place.runtime) else None
    return ([sdk.trigger(app, parameter), f"def {name}({parameter}):"], []) if app and name.isascii() else None


def _instead(region: Region, call: str) -> str:
    """What the orchestrator does instead of what moved."""
    if region.parent is not None:
        return sdk.in_place(call, region.parent)
    if isinstance(last_of(region.nodes), s.Return):
        return f"return ({call})"
    return call if region.result is None else f"{region.result} = {call}"
