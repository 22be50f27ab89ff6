"""The unsafe fix for I/O: the helper that does it becomes an activity, and the orchestrator schedules that.

Only where everything is in one file and certain: an orchestrator's own statement calls a plain function of the module,
nothing else does, and what goes in and comes out is JSON as far as one can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from determinism_lint import syntax as s
from determinism_lint.model import Edit, Fix
from determinism_lint.rewrites import insertion, newline, own_line, replacement

IO_RULES = frozenset({"network-io", "file-io", "subprocess"})

_TITLE = "make `{}` an activity (version it: instances in flight replay the old history)"


@dataclass(frozen=True, slots=True)
class OnlyCall:
    """The one place at which an orchestrator calls a helper."""

    orchestrator: s.Function
    runtime: str
    module: s.Module
    node: s.Node


def to_activity(helper: s.Function, call: OnlyCall) -> Fix | None:
    """Schedule the helper as an activity where it is called, and register it."""
    module, node = call.module, call.node
    if not isinstance(node, s.Call) or not _is_plain(helper, module) or not _fits(helper, node, call.orchestrator):
        return None
    around = _around(call.orchestrator.body, node)
    if around is None or not _may_yield(call.orchestrator):
        return None
    if call.runtime.startswith("durable-task-python"):
        registration, name, keyword = _for_worker(helper, call), helper.name, "input="
    elif call.runtime.startswith("durable-functions-python"):
        keyword = "input=" if call.runtime.endswith("-native") else ""
        registration, name = _for_app(helper, call), f'"{helper.name}"'
    else:
        return None
    if registration is None:
        return None
    context = call.orchestrator.parameters[0].name
    payload = "".join(f", {keyword}{module.text[each.value.start : each.value.end]}" for each in node.arguments)
    text = f"yield {context}.call_activity({name}{payload})"
    if not isinstance(around[-1], (s.Evaluate, s.Assign)):
        text = f"({text})"
    edits = (replacement(module, node.start, node.end, text), *registration)
    return Fix("unsafe", _TITLE.format(helper.name), edits)


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


def _fits(helper: s.Function, call: s.Call, orchestrator: s.Function) -> bool:
    """Whether at most one value goes in, and JSON goes in and comes out."""
    if len(call.arguments) != len(helper.parameters) or len(call.arguments) > 1:
        return False
    inside = {parameter.name for parameter in helper.parameters}
    outside = {each.name for each in orchestrator.parameters[1:] if _may_be_json(each.annotation)}
    for parameter, argument in zip(helper.parameters, call.arguments, strict=True):
        if parameter.kind != "positional" or argument.unpack or argument.keyword is not None:
            return False
        if not _may_be_json(parameter.annotation) or not _Json(orchestrator, outside).holds(argument.value):
            return False
    if helper.returns is not None:
        return _is_json_type(helper.returns)
    returned = [node.value for node in s.walk(helper.body) if isinstance(node, s.Return)]
    return all(value is None or _Json(helper, inside).holds(value) for value in returned)


def _may_yield(orchestrator: s.Function) -> bool:
    """Whether it is a generator, or can be made one: it returns no task and lets no other function do the work."""
    if orchestrator.is_async or not orchestrator.parameters:
        return False
    if orchestrator.is_generator:
        return True
    context = orchestrator.parameters[0].name
    used = [node for node in s.walk(orchestrator.body) if isinstance(node, s.Name) and node.id == context]
    read = [node.value for node in s.walk(orchestrator.body) if isinstance(node, s.Attribute)]
    returned = (node.value for node in s.walk(orchestrator.body) if isinstance(node, s.Return))
    return all(name in read for name in used) and not any(
        isinstance(value, s.Call) and isinstance(value.function, s.Attribute) and value.function.value in used
        for value in returned
    )


_JSON_TYPES = frozenset({"str", "int", "float", "bool", "dict", "list", "Dict", "List", "Optional", "Any"})


def _may_be_json(annotation: s.Expression | None) -> bool:
    return annotation is None or _is_json_type(annotation)


def _is_json_type(annotation: s.Expression) -> bool:
    match annotation:
        case s.Name(id=name) | s.Attribute(attr=name):
            return name in _JSON_TYPES
        case s.Constant(value=None):
            return True
        case s.Subscript(value=value, index=index):
            return all(map(_is_json_type, (value, *index)))
        case s.Operation(operator="|", operands=operands):
            return all(map(_is_json_type, operands))
    return False


_MAKES_JSON = frozenset({"str", "int", "float", "bool", "len", "round", "json", "json.loads"})
_METHODS = frozenset({"json", "get_input", "decode", "isoformat"})
_OF_JSON = frozenset({"get", "strip", "lower", "upper", "replace", "format", "join", "split", "splitlines"})
_ATTRIBUTES = frozenset({"text", "status_code", "returncode"})


@dataclass(frozen=True, slots=True)
class _Json:
    """Tells whether expressions of a function are JSON, as far as their form says."""

    function: s.Function
    known: set[str]
    """Names that hold JSON: parameters, and others once they are looked up."""

    def holds(self, node: s.Expression | None) -> bool:
        match node:
            case s.Constant(value=value):
                return not isinstance(value, bytes)
            case s.Template():
                return True
            case s.Name(id=name):
                return name in self.known or self._is_bound_to_json(name)
            case s.Subscript(value=value):
                return self.holds(value)
            case s.Attribute(attr=attr):
                return attr in _ATTRIBUTES
            case s.Collection(kind="list" | "dict", items=items, keys=keys):
                return all(map(self.holds, (*items, *keys)))
            case s.Operation(operands=operands):
                return all(map(self.holds, operands))
            case s.Conditional(body=body, orelse=orelse):
                return self.holds(body) and self.holds(orelse)
            case s.Call(function=s.Attribute(value=value, attr=attr)):
                return (
                    attr in _METHODS
                    or s.dotted(node.function) in _MAKES_JSON
                    or (attr in _OF_JSON and self.holds(value))
                )
            case s.Call(function=s.Name(id=name)):
                return name in _MAKES_JSON
        return False

    def _is_bound_to_json(self, name: str) -> bool:
        """Whether all that the function assigns to a name is JSON; what an activity returned is."""
        bindings = list(self._bindings(name))
        self.known.add(name)
        if bindings and all(_is_result(value) or self.holds(value) for value in bindings):
            return True
        self.known.discard(name)
        return False

    def _bindings(self, name: str) -> Iterator[s.Expression | None]:
        for node in s.walk(self.function.body):
            match node:
                case s.Assign(targets=targets, value=value):
                    for target in targets:
                        if isinstance(target, s.Name) and target.id == name:
                            yield value
                        elif any(isinstance(part, s.Name) and part.id == name for part in s.walk(target)):
                            yield value if isinstance(target, (s.Subscript, s.Attribute)) else None
                case s.Loop(target=s.Name(id=target), subject=subject) if target == name:
                    yield subject


def _is_result(node: s.Expression | None) -> bool:
    """Whether it is what the orchestration waited for: JSON from the history, and no task."""
    match node:
        case s.Suspend(value=s.Call(function=s.Attribute(attr=attr))):
            return attr.startswith(("call_", "wait_for_external_event"))
    return False


def _around(block: s.Block, call: s.Call) -> list[s.Node] | None:
    """The nodes around a call, outermost first; None where a `yield` would not do or would change more."""
    for statement in block:
        found = _path(statement, call)
        if found is not None:
            pairs = zip(found, [*found[1:], call], strict=True)
            return None if any(_forbids(node, inner) for node, inner in pairs) else found
    return None


def _path(node: s.Node, wanted: s.Node) -> list[s.Node] | None:
    if isinstance(node, (s.Function, s.Class)):
        return None
    for child in s.children(node):
        below = [] if child is wanted else _path(child, wanted)
        if below is not None:
            return [node, *below]
    return None


def _forbids(node: s.Node, inner: s.Node) -> bool:
    """Handlers would see another exception; a yield in a comprehension or f-string is no Python or hard to read."""
    match node:
        case s.With():
            return not isinstance(inner, s.Statement)
        case s.If(test=condition) | s.Conditional(test=condition) | s.Loop(subject=condition):
            return _asks_for_replay(condition)
        case s.Operation():
            return _asks_for_replay(node)
    return isinstance(node, (s.Try, s.Comprehension, s.Template, s.Lambda, s.Suspend, s.Delegate))


def _asks_for_replay(node: s.Node) -> bool:
    """Whether a condition sends replays another way, where a durable call must not be."""
    return any(isinstance(part, s.Attribute) and part.attr == "is_replaying" for part in s.walk(node))


# --- registrations ----------------------------------------------------------------------------------------------


def _for_app(helper: s.Function, call: OnlyCall) -> tuple[Edit, ...] | None:
    """`@app.activity_trigger(…)` above the helper, with the app or blueprint of the orchestrator."""
    module = call.module
    app = next((name for each in call.orchestrator.decorators for name in _app(each)), None)
    start = module.text.rfind("\n", 0, helper.start) + 1
    if app is None or not module.text.startswith("def ", start):
        return None
    made = (node for node in module.body if isinstance(node, s.Assign) and node.end <= start)
    if not any(isinstance(target, s.Name) and target.id == app for node in made for target in node.targets):
        return None
    name = helper.parameters[0].name if helper.parameters else "nothing"
    if re.fullmatch("[A-Za-z][A-Za-z0-9]*", name) is None:  # the runtime refuses a binding with another name
        return None
    edits = [insertion(module, start, f'@{app}.activity_trigger(input_name="{name}"){newline(module)}')]
    if not helper.parameters:
        edits.append(insertion(module, helper.end + 1, name))
    return tuple(edits)


def _app(decorator: s.Expression) -> Iterator[str]:
    match decorator:
        case s.Call(function=s.Attribute(attr="orchestration_trigger", value=s.Name(id=name))):
            yield name


def _for_worker(helper: s.Function, call: OnlyCall) -> tuple[Edit, ...] | None:
    """`worker.add_activity(…)` after the orchestrator's registration; the helper gets an activity's parameters."""
    module = call.module
    added = [each for node in s.walk(module.body, into_functions=True) for each in _added(node, call.orchestrator.name)]
    if len(added) != 1 or re.search(r"\bctx\b", _text_of(helper, module)) or module.text[helper.end] != "(":
        return None
    statement, worker = added[0]
    indent = own_line(module, statement)
    if indent is None:
        return None
    owner = module.text[worker.start : worker.end]
    task = next((node.local for node in module.body if isinstance(node, s.Import) and _is_task(node)), None)
    context = "ctx" if task is None else f"ctx: {task}.ActivityContext"
    return (
        insertion(module, helper.end + 1, f"{context}, " + ("" if helper.parameters else "_")),
        insertion(module, statement.end, f"{newline(module)}{indent}{owner}.add_activity({helper.name})"),
    )


def _added(node: s.Node, orchestrator: str) -> Iterator[tuple[s.Evaluate, s.Expression]]:
    match node:
        case s.Evaluate(
            value=s.Call(
                function=s.Attribute(attr="add_orchestrator", value=worker),
                arguments=(s.Argument(value=s.Name(id=name), keyword=None, unpack=""),),
            )
        ) if name == orchestrator:
            yield node, worker


def _is_task(node: s.Import) -> bool:
    return (node.module, node.attribute) == ("durabletask", "task") and node.local is not None


def _text_of(helper: s.Function, module: s.Module) -> str:
    return module.text[helper.start : helper.body[-1].end]
