"""The helper function that does the I/O becomes an activity.

An orchestrator's own statement calls a plain function of the module, and nothing else does.
"""

from __future__ import annotations

import re

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.moves import Place
from determinism_lint.languages.python.extraction import registration as sdk
from determinism_lint.languages.python.extraction.json import Json, json_in, may_be_json
from determinism_lint.languages.python.extraction.place import allows_yield, may_yield, path_to
from determinism_lint.languages.python.substitutions import newline
from determinism_lint.model import Edit, Fix


def to_activity(helper: s.Function, call: Place) -> Fix | None:
    """Schedule the helper as an activity where it is called, and register it."""
    module, node = call.module, call.node
    if not isinstance(node, s.Call) or not _is_plain(helper, module) or not _fits(helper, node, call):
        return None
    around = path_to(call.orchestrator.body, node)
    if around is None or not allows_yield(around, node) or not may_yield(call):
        return None
    if sdk.is_task(call.runtime):
        registration = _for_worker(helper, call)
    else:
        registration = _for_app(helper, call) if sdk.is_functions(call.runtime) else None
    if registration is None:
        return None
    payload = "".join(module.text[each.value.start : each.value.end] for each in node.arguments)
    text = sdk.in_place(sdk.scheduled(helper.name, payload, call), around[-1])
    edits = (replacement(module, node.start, node.end, text), *registration)
    return Fix("unsafe", sdk.TITLE.format(f"make `{helper.name}` an activity"), edits)


def is_mentioned(name: str, module: str, content: bytes) -> bool:
    """Whether a file may use the function `name` of the file at the path `module`."""
    *_, folder, file = ("", *module.split("/"))
    stem = folder if file == "__init__.py" else file.removesuffix(".py")
    return all(re.search(rb"\b%s\b" % re.escape(word.encode()), content) for word in (name, stem))


def _is_plain(helper: s.Function, module: s.Module) -> bool:
    """Whether it is a function of the module that is named only where it is defined and called."""
    return (
        helper in module.body
        and not (helper.is_async or helper.is_generator or helper.decorators)
        and not any(isinstance(node, s.Outer) for node in s.walk(helper.body))
        and len(re.findall(rf"\b{helper.name}\b", module.text)) == 2
    )


def _fits(helper: s.Function, call: s.Call, place: Place) -> bool:
    """Whether at most one value goes in, and JSON goes in and comes out."""
    if len(call.arguments) != len(helper.parameters) or len(call.arguments) > 1:
        return False
    inside = Json(helper, place.module, frozenset(parameter.name for parameter in helper.parameters))
    outside = json_in(place.orchestrator, place.module)
    for parameter, argument in zip(helper.parameters, call.arguments, strict=True):
        if parameter.kind != "positional" or argument.unpack or argument.keyword is not None:
            return False
        if not may_be_json(parameter.annotation) or not outside.holds(argument.value):
            return False
    if helper.returns is not None:
        return may_be_json(helper.returns)
    returned = [node.value for node in s.walk(helper.body) if isinstance(node, s.Return)]
    return all(value is None or inside.holds(value) for value in returned)


def _for_app(helper: s.Function, call: Place) -> tuple[Edit, ...] | None:
    """`@app.activity_trigger(…)` above the helper, with the app or blueprint of the orchestrator."""
    module, app = call.module, sdk.app_of(call.orchestrator)
    start = module.text.rfind("\n", 0, helper.start) + 1
    if app is None or not module.text.startswith("def ", start):
        return None
    made = (node for node in module.body if isinstance(node, s.Assign) and node.end <= start)
    if not any(isinstance(target, s.Name) and target.id == app for node in made for target in node.targets):
        return None
    name = helper.parameters[0].name if helper.parameters else sdk.NOTHING
    if not sdk.is_binding_name(name):
        return None
    edits = [insertion(module, start, sdk.trigger(app, name) + newline(module))]
    if not helper.parameters:
        edits.append(insertion(module, helper.end + 1, name))
    return tuple(edits)


def _for_worker(helper: s.Function, call: Place) -> tuple[Edit, ...] | None:
    """`worker.add_activity(…)` after the orchestrator's registration; the helper gets an activity's parameters."""
    module, added = call.module, sdk.added_to_worker(helper.name, call)
    text = module.text[helper.start : helper.body[-1].end]
    if added is None or re.search(r"\bctx\b", text) or module.text[helper.end] != "(":
        return None
    context = sdk.activity_context("ctx", module)
    return insertion(module, helper.end + 1, f"{context}, " + ("" if helper.parameters else "_")), added
