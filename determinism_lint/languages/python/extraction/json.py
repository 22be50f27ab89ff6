"""Whether a value is JSON, and so can go into an activity or come out of one, as far as the code's form tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.scopes import bound_names

_TYPES = frozenset({"str", "int", "float", "bool", "dict", "list", "Dict", "List", "Optional", "Any"})


def may_be_json(annotation: s.Expression | None) -> bool:
    """Whether a parameter or result so annotated may be JSON."""
    match annotation:
        case None | s.Constant(value=None):
            return True
        case s.Name(id=name) | s.Attribute(attr=name):
            return name in _TYPES
        case s.Subscript(value=value, index=index):
            return all(map(may_be_json, (value, *index)))
        case s.Operation(operator="|", operands=operands):
            return all(map(may_be_json, operands))
    return False


def json_in(orchestrator: s.Function, module: s.Module) -> Json:
    """Tells it of an orchestrator's expressions. The context is no JSON."""
    names = (each.name for each in orchestrator.parameters[1:] if may_be_json(each.annotation))
    return Json(orchestrator, module, frozenset(names))


_MADE_BY = re.compile(
    r"str|int|float|bool|len|round|json\.(dumps|loads?)|os\.(getenv|listdir|environ\.get)|subprocess\.(call|check_call)"
    r"|os\.path\.(basename|dirname|exists|getsize|isdir|isfile|join)"
)
COPIES = frozenset({"dict", "list", "max", "min", "sorted", "sum"})
"""Functions whose result is JSON where what they are passed is, and holds the same objects."""
_TESTS = frozenset({"not", "is", "is not", "in", "not in"})
_METHODS = re.compile("json|get_input|decode|isoformat|read_text|exists|is_file|is_dir")
_OF_JSON = re.compile("__iter__|endswith|format|get|join|lower|replace|[lr]?strip|r?split|splitlines|startswith|upper")
_ATTRIBUTES = frozenset({"text", "ok", "status_code", "returncode", "instance_id", "st_size", "st_mtime"})


@dataclass(frozen=True, slots=True)
class Json:
    """Tells whether expressions of a function are JSON, as far as their form says."""

    function: s.Function
    module: s.Module
    parameters: frozenset[str]
    """Those that are JSON."""
    names: set[str] = field(default_factory=set)
    """Those that were found to hold JSON, or are being looked up."""

    def holds(self, node: s.Expression | None) -> bool:
        match node:
            case s.Constant(value=value):
                return value is None or isinstance(value, (str, int, float))
            case s.Template():
                return True
            case s.Name(id=name):
                return self.is_name(name)
            case s.Subscript(value=value) | s.Starred(value=value):
                return s.dotted(value) == "os.environ" or self.holds(value)
            case s.Attribute(value=value, attr=attr):
                return attr in _ATTRIBUTES or (attr in ("stdout", "stderr") and self._is_text(value))
            case s.Collection(kind="list" | "dict", items=items, keys=keys):
                written = (
                    key for key in keys if isinstance(key, s.Constant) and key.start < key.end
                )  # `**` has no key
                return self._all_hold((*items, *keys)) and all(isinstance(key.value, str) for key in written)
            case s.Comprehension(kind="list" | "dict", elements=elements):
                return self._all_hold(elements)
            case s.Operation(operator=operator, operands=operands):
                return operator in _TESTS or self._all_hold(operands)
            case s.Conditional(body=body, orelse=orelse):
                return self.holds(body) and self.holds(orelse)
            case s.Call():
                return self._is_made_by(node)
            case s.Suspend(value=s.Call(function=s.Attribute(attr=attr))):  # what the orchestration waited for
                return attr.startswith(("call_", "wait_for_external_event")) or attr in ("task_all", "when_all")
        return False

    def is_name(self, name: str) -> bool:
        """Whether all that is assigned to a name is JSON."""
        if name in self.names:
            return True
        bindings, before = list(self._bindings(name)), set(self.names)
        self.names.add(name)
        if (bindings or name in self.parameters) and self._all_hold(bindings):
            return True
        self.names.intersection_update(before)
        return False

    def _all_hold(self, nodes: Iterable[s.Expression | None]) -> bool:
        return all(map(self.holds, nodes))

    def _is_made_by(self, call: s.Call) -> bool:
        name = s.dotted(call.function) or ""
        if _MADE_BY.fullmatch(name):
            return True
        if name in COPIES:
            return self._all_hold(each.value for each in call.arguments if each.keyword is None or name == "dict")
        if name == "subprocess.check_output":
            return _yields_text(call)
        if not isinstance(call.function, s.Attribute):
            return False
        value, attr = call.function.value, call.function.attr
        return (
            _METHODS.fullmatch(attr) is not None
            or (_OF_JSON.fullmatch(attr) is not None and self.holds(value))
            or (attr in ("read", "readline", "readlines", "__iter__") and self._is_text(value))
        )

    def _is_text(self, node: s.Expression) -> bool:
        """Whether it is a file or process that yields text, or a name that is only bound to such ones."""
        bindings = list(self._bindings(node.id)) if isinstance(node, s.Name) else [node]
        return bool(bindings) and all(isinstance(value, s.Call) and _yields_text(value) for value in bindings)

    def _bindings(self, name: str) -> Iterator[s.Expression | None]:
        """What is JSON if the values of a variable are; None for what never is."""
        is_local = name in bound_names(self.function)
        for node in s.walk(self.function.body if is_local else (*self.function.body, *self.module.body)):
            match node:
                case s.Assign(targets=targets, value=value):
                    for target in targets:
                        if _names(target, name):
                            yield None if isinstance(target, s.Collection) else value
                case s.Loop(target=target, subject=iterable) | s.Clause(target=target, iterable=iterable):
                    if target is not None and _names(target, name):
                        yield from _parts(iterable)
                case s.With(items=items):
                    entered = (value for value, target in items if target is not None and _names(target, name))
                    yield from (value if isinstance(value, s.Call) else None for value in entered)
                case s.Bind(target=target, value=value) if _names(target, name):
                    yield value
                case s.Handler(name=bound) if bound == name:
                    yield None


def _names(target: s.Expression, name: str) -> bool:
    return any(isinstance(part, s.Name) and part.id == name for part in s.walk(target))


def _parts(iterable: s.Expression) -> Iterator[s.Expression]:
    """What is JSON if the items are."""
    match iterable:
        case s.Call(function=s.Name(id="enumerate" | "range" | "zip"), arguments=arguments):
            yield from (argument.value for argument in arguments)
        case s.Call(function=s.Attribute(value=value, attr="items" | "keys" | "values"), arguments=()):
            yield value
        case _:
            yield s.Call(0, 0, s.Attribute(0, 0, iterable, "__iter__"), ())


def _yields_text(call: s.Call) -> bool:
    """`open(…)` in a text mode, `subprocess.run(…, text=True)` and the like."""
    name, arguments = s.dotted(call.function), call.arguments
    if name == "open":
        modes = [each.value for each in arguments if each.keyword == "mode"]
        modes += [each.value for each in arguments if each.keyword is None][1:2]
        are_text = all(isinstance(mode, s.Constant) and "b" not in str(mode.value) for mode in modes)
        return are_text and not any(each.unpack for each in arguments)
    options = [each.value for each in arguments if each.keyword in ("text", "universal_newlines", "encoding")]
    are_set = any(isinstance(option, s.Constant) and option.value for option in options)
    return are_set and name in ("subprocess.run", "subprocess.check_output")
