"""What a call passes to an activity and expects of it, compared with what the activity takes and returns."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.events import Called, Problem
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.scopes import bound_names
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import text
from determinism_lint.languages.csharp.sdks import DTFX_DOTNET

_NUMBERS = frozenset({"byte", "decimal", "double", "float", "int", "long", "short", "uint", "ulong"})
_PLAIN = _NUMBERS | {"bool", "string"}
_NOTHING = "none"
_TASKS = frozenset({"Task", "ValueTask"})
_BINDINGS = frozenset({"CancellationToken", "FunctionContext", "IDurableActivityContext", "TaskActivityContext"})
"""Parameters of activities that no input is bound to."""


def project(facts: ProjectFacts) -> Iterator[Located]:
    activities: dict[str, list[Declared]] = {}
    for declared in facts.survey.declared:
        if declared.kind is Kind.ACTIVITY and declared.name is not None and declared.sdk is not DTFX_DOTNET:
            activities.setdefault(declared.name, []).append(declared)
    for called in facts.operations:
        named = called.argument(0, "name")
        name = None if named is None or called.member is None or not called.member.name else text(named[1])
        functions = {id(each.function): each for each in activities.get(name or "", ()) if each.function is not None}
        if called.member is None or called.member.kind is not Kind.ACTIVITY or len(functions) != 1:
            continue
        (activity,) = functions.values()
        for message in _differences(called, name or "", activity):
            problem = Problem(called.node, message)
            yield Located(called.site.module, called.member.runtime, problem, called.site.function)


def _differences(called: Called, name: str, activity: Declared) -> Iterator[str]:
    assert activity.function is not None
    passed, taken = _passed(called), _taken(activity)
    if passed is not None and taken is not None and not _fits(passed, taken):
        yield f"`{name}` takes {_shown(taken)}, and is passed {_shown(passed)}"
    wanted, returned = _wanted(called), _returned(activity.function.node)
    if wanted is not None and returned is not None and not _fits(returned, wanted):
        yield f"`{name}` returns {_shown(returned)}, which is asked for as {_shown(wanted)}"


def _name(node: s.Expression | None) -> str | None:
    """How a type is called, without its namespace and what it is made of; None where it is not known."""
    match node:
        case s.Subscript(value=s.Name(id="%array" | "%tuple" as kind)):
            return kind
        case s.Subscript(value=value):
            return _name(value)
        case s.Name(id="%object"):
            return None
    written = s.dotted(node)
    return None if written is None else written.lstrip("%").rsplit(".", 1)[-1]


def _inner(node: s.Expression | None) -> s.Expression | None:
    """The type of what a task yields; of others, the type itself."""
    if isinstance(node, s.Subscript) and (_name(node.value) or "").partition("`")[0] in _TASKS:
        return node.index[0] if node.index else None
    return node


def _wanted(called: Called) -> str | None:
    given = next((each.value for each, _ in called.arguments if each.keyword == "%0"), None)
    return None if given is None else _name(given)


def _returned(node: s.Function) -> str | None:
    if node.returns is None:
        return _of_lambda(node)
    inner = _inner(node.returns)
    return _NOTHING if _name(inner) in (*_TASKS, "void") else _name(inner)


def _of_lambda(node: s.Function) -> str | None:
    """What a function returns whose type is not written."""
    returned = [each.value for each in s.walk(node.body) if isinstance(each, s.Return)]
    if not node.body:
        return _NOTHING
    kinds = {_type_of(each, node) for each in returned}
    return kinds.pop() if len(kinds) == 1 else None


def _taken(activity: Declared) -> str | None:
    """The type of an activity's input."""
    assert activity.function is not None
    node = activity.function.node
    triggers = [each for each in node.decorators if isinstance(each, s.Call)]
    triggers = [each for each in triggers if s.dotted(each.function) == "@ActivityTrigger"]
    parameters = [each for each in node.parameters if each.name != "this"]
    if triggers:
        named = triggers[0].arguments[-1].value
        parameters = [each for each in parameters if isinstance(named, s.Constant) and each.name == named.value]
    elif isinstance(activity.node, s.Class):
        parameters = parameters[1:2]
    else:
        return _of_registration(activity.node, len(parameters))
    if len(parameters) != 1 or parameters[0].annotation is None or parameters[0].default is not None:
        return None
    annotation = parameters[0].annotation
    is_nullable = activity.function.scope.module.text[annotation.end : annotation.end + 1] == "?"
    found = _name(annotation)
    return None if is_nullable or found in _BINDINGS else found


def _of_registration(node: s.Node, parameters: int) -> str | None:
    """`AddActivityFunc<string>("name", (context, city) => …)`."""
    types = [each.value for each in node.arguments if each.keyword in ("%0", "%1")] if isinstance(node, s.Call) else []
    if parameters < 2:
        return _NOTHING
    return _name(types[0]) if types else None


def _passed(called: Called) -> str | None:
    """The type of the input that a call passes."""
    given = called.argument(1, "input")
    if given is None:
        return _NOTHING if all(each.keyword in (None, "%0") for each, _ in called.arguments) else None
    if any(argument.unpack for argument, _ in called.arguments):
        return None
    return _type_of(given[0], called.site.function)


def _type_of(node: s.Expression | None, function: s.Function) -> str | None:
    """The type of an expression, as far as its form tells."""
    match node:
        case s.Constant(value=bool()):
            return "bool"
        case s.Constant(value=int()):
            return "int"
        case s.Constant(value=str()) | s.Template():
            return "string"
        case s.Name(id=name):
            return _declared(name, function)
    return None


def _declared(name: str, function: s.Function) -> str | None:
    for parameter in function.parameters:
        if parameter.name == name:
            return None if parameter.annotation is None else _name(parameter.annotation)
    if name not in bound_names(function):
        return None
    kinds = {
        _name(node.annotation)
        for node in s.walk(function.body)
        if isinstance(node, s.Assign) and any(isinstance(each, s.Name) and each.id == name for each in node.targets)
    }
    return kinds.pop() if len(kinds) == 1 else None


def _fits(given: str, wanted: str) -> bool:
    """Whether the converter can make one of the other, as far as the names tell."""
    if given == wanted or (given in _NUMBERS and wanted in _NUMBERS):
        return True
    return not (given in _PLAIN or given == _NOTHING) or not (wanted in _PLAIN or wanted == _NOTHING)


def _shown(name: str) -> str:
    return {_NOTHING: "nothing", "%array": "an array", "%tuple": "a tuple"}.get(name, f"`{name}`")
