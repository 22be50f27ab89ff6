"""Whether a value is JSON, and so can go into an activity or come out of one, as far as the code's form tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from determinism_lint import syntax as s

_TYPES = frozenset({"str", "int", "float", "bool", "dict", "list", "Dict", "List", "Optional", "Any"})


def may_be_json(annotation: s.Expression | None) -> bool:
    """Whether a parameter or result so annotated may be JSON."""
    match annotation:
        case None:
            return True
        case s.Name(id=name) | s.Attribute(attr=name):
            return name in _TYPES
        case s.Constant(value=None):
            return True
        case s.Subscript(value=value, index=index):
            return all(map(may_be_json, (value, *index)))
        case s.Operation(operator="|", operands=operands):
            return all(map(may_be_json, operands))
    return False


def json_parameters(orchestrator: s.Function) -> set[str]:
    """The parameters after the context that may be JSON."""
    return {each.name for each in orchestrator.parameters[1:] if may_be_json(each.annotation)}


def json_constants(module: s.Module) -> set[str]:
    """Module-level names that hold JSON and are assigned once."""
    whole = s.Function(0, 0, "", (), module.body)
    values = Json(whole, set())
    names = [
        target.id
        for node in module.body
        if isinstance(node, s.Assign)
        for target in node.targets
        if isinstance(target, s.Name)
    ]
    return {name for name in names if names.count(name) == 1 and values.holds(s.Name(0, 0, name))}


_FUNCTIONS = frozenset(
    {
        "str",
        "int",
        "float",
        "bool",
        "len",
        "round",
        "json",
        "json.dumps",
        "json.load",
        "json.loads",
        "glob.glob",
        "os.environ.get",
        "os.getenv",
        "os.listdir",
        "os.path.basename",
        "os.path.dirname",
        "os.path.exists",
        "os.path.getsize",
        "os.path.isdir",
        "os.path.isfile",
        "os.path.join",
        "os.system",
        "shutil.which",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.getoutput",
    }
)
_OF_JSON_FUNCTIONS = frozenset({"dict", "list", "max", "min", "sorted", "sum"})
_TESTS = frozenset({"not", "is", "is not", "in", "not in"})
_PAIRS = frozenset({"enumerate", "zip"})
_METHODS = frozenset({"json", "get_input", "decode", "isoformat", "read_text", "exists", "is_file", "is_dir"})
_OF_JSON_METHODS = frozenset(
    {
        "copy",
        "count",
        "endswith",
        "find",
        "format",
        "get",
        "join",
        "lower",
        "lstrip",
        "replace",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "title",
        "upper",
    }
)
_READS = frozenset({"read", "readline", "readlines"})
_ATTRIBUTES = frozenset({"text", "status_code", "returncode", "instance_id", "st_size", "st_mtime"})
_OUTPUT = frozenset({"stdout", "stderr"})
_TEXT_OPTIONS = frozenset({"text", "universal_newlines", "encoding"})


@dataclass(frozen=True, slots=True)
class Json:
    """Tells whether expressions of a function are JSON, as far as their form says."""

    function: s.Function
    known: set[str]
    """Names that hold JSON: parameters, and others once they are looked up."""

    def holds(self, node: s.Expression | None) -> bool:
        match node:
            case s.Constant(value=value):
                return value is None or isinstance(value, (str, int, float))
            case s.Template():
                return True
            case s.Name(id=name):
                return name in self.known or self._is_bound_to_json(name)
            case s.Subscript(value=value):
                return s.dotted(value) == "os.environ" or self.holds(value)
            case s.Attribute(value=value, attr=attr):
                return attr in _ATTRIBUTES or (attr in _OUTPUT and self._is(value, _is_text_process))
            case s.Collection(kind="list" | "dict", items=items, keys=keys):
                return self.all_hold((*items, *keys)) and all(map(_may_be_key, keys))
            case s.Starred(value=value):
                return self.holds(value)
            case s.Comprehension(kind="list" | "dict", elements=elements, clauses=clauses):
                return self._among(clauses).all_hold(elements)
            case s.Operation(operator=operator, operands=operands):
                return operator in _TESTS or self.all_hold(operands)
            case s.Conditional(body=body, orelse=orelse):
                return self.holds(body) and self.holds(orelse)
            case s.Call():
                return self._is_made_by(node)
            case s.Suspend():
                return _is_result(node)
        return False

    def all_hold(self, nodes: Iterable[s.Expression | None]) -> bool:
        return all(map(self.holds, nodes))

    def _is_made_by(self, call: s.Call) -> bool:
        name = s.dotted(call.function)
        if name in _FUNCTIONS:
            return True
        if name == "subprocess.check_output":
            return _is_text_process(call)
        if name in _OF_JSON_FUNCTIONS:
            passed = (each.value for each in call.arguments if each.keyword is None or name == "dict")
            return self.all_hold(passed)
        match call.function:
            case s.Attribute(value=value, attr=attr):
                return (
                    attr in _METHODS
                    or (attr in _OF_JSON_METHODS and self.holds(value))
                    or (attr in _READS and self._is(value, _is_text_file))
                )
        return False

    def _is_bound_to_json(self, name: str) -> bool:
        """Whether all that the function assigns to a name is JSON; what an activity returned is."""
        bindings = list(self._bindings(name))
        self.known.add(name)
        if bindings and self.all_hold(bindings):
            return True
        self.known.discard(name)
        return False

    def _is(self, node: s.Expression, kind: Callable[[s.Call], bool]) -> bool:
        """Whether it is a call of a kind, or a name that is only bound to such calls."""
        bindings = self._bindings(node.id) if isinstance(node, s.Name) else iter([node])
        made = [isinstance(value, s.Call) and kind(value) for value in bindings]
        return bool(made) and all(made)

    def _bindings(self, name: str) -> Iterator[s.Expression | None]:
        for node in s.walk(self.function.body):
            match node:
                case s.Assign(targets=targets, value=value):
                    for target in targets:
                        if isinstance(target, s.Name) and target.id == name:
                            yield value
                        elif any(isinstance(part, s.Name) and part.id == name for part in s.walk(target)):
                            yield value if isinstance(target, (s.Subscript, s.Attribute)) else None
                case s.Loop(target=target, subject=subject) if target is not None and _names(target, name):
                    yield self._item(target, subject)
                case s.With(items=items):
                    entered = [value for value, target in items if target is not None and _names(target, name)]
                    yield from (value if isinstance(value, s.Call) else None for value in entered)
                case s.Bind(target=target, value=value) if _names(target, name):
                    yield value
                case s.Handler(name=bound) if bound == name:
                    yield None

    def _among(self, clauses: tuple[s.Clause, ...]) -> Json:
        """The same inside a comprehension, whose targets are JSON where what it iterates over is."""
        inner = Json(self.function, set(self.known))
        for clause in clauses:
            targets = {part.id for part in s.walk(clause.target) if isinstance(part, s.Name)}
            inner.known.difference_update(targets)
            item = inner._item(clause.target, clause.iterable)
            if inner.holds(item) or inner._is(clause.iterable, _is_text_file):
                inner.known.update(targets)
        return inner

    def _item(self, target: s.Expression, subject: s.Expression) -> s.Expression | None:
        """What is JSON if the items of `subject` are."""
        match subject:
            case s.Call(function=s.Name(id=name), arguments=arguments) if name in _PAIRS:
                items = tuple(argument.value for argument in arguments)
                return s.Collection(subject.start, subject.end, "list", items)
            case s.Call(function=s.Attribute(value=value, attr="items" | "keys" | "values"), arguments=()):
                return value
            case s.Call(function=s.Name(id="range")):
                return s.Constant(subject.start, subject.end, 0)
        return subject if isinstance(target, s.Name) else None


def _names(target: s.Expression, name: str) -> bool:
    return any(isinstance(part, s.Name) and part.id == name for part in s.walk(target))


def _may_be_key(key: s.Expression) -> bool:
    """JSON makes strings of other keys; what `**` unpacks has none."""
    return not isinstance(key, s.Constant) or isinstance(key.value, str) or key.start == key.end


def _is_text_file(call: s.Call) -> bool:
    """`open(…)` in a text mode."""
    if s.dotted(call.function) not in ("open", "io.open", "codecs.open"):
        return False
    positional = [argument.value for argument in call.arguments if argument.keyword is None]
    modes = [argument.value for argument in call.arguments if argument.keyword == "mode"] + positional[1:2]
    return all(isinstance(mode, s.Constant) and "b" not in str(mode.value) for mode in modes) and not any(
        argument.unpack for argument in call.arguments
    )


def _is_text_process(call: s.Call) -> bool:
    """`subprocess.run(…, text=True)` and the like."""
    return s.dotted(call.function) in ("subprocess.run", "subprocess.check_output") and any(
        argument.keyword in _TEXT_OPTIONS and isinstance(argument.value, s.Constant) and bool(argument.value.value)
        for argument in call.arguments
    )


def _is_result(node: s.Suspend) -> bool:
    """Whether it is what the orchestration waited for: JSON from the history, and no task."""
    match node.value:
        case s.Call(function=s.Attribute(attr=attr)):
            return attr.startswith(("call_", "wait_for_external_event")) or attr in ("task_all", "when_all")
    return False
