"""I/O in an orchestrator's own body moves into a new activity.

The new function stands before the orchestrator. It is named for what it does and the variable that gets the result
(`get_order`, `read_price`, `run_version`), or else the orchestrator (`post_for_process`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from determinism_lint import syntax as s
from determinism_lint.extraction.place import Place, may_yield
from determinism_lint.extraction.region import Input, Region, region_of
from determinism_lint.extraction.registration import (
    NOTHING,
    TITLE,
    activity_context,
    added_to_worker,
    app_of,
    in_place,
    is_binding_name,
    is_functions,
    is_task,
    scheduled,
    trigger,
)
from determinism_lint.model import Edit, Fix
from determinism_lint.rewrites import insertion, newline, own_line, replacement


def to_new_activity(place: Place, calls: Mapping[s.Node, s.Function], is_free: Callable[[str], bool]) -> Fix | None:
    """Move the call at `place`, and what belongs to it, into an activity.

    Args:
        calls: the calls that run functions of the project, and those functions.
        is_free: whether a new function may have a name, as far as the rest of the project goes.
    """
    module, orchestrator = place.module, place.orchestrator
    if not isinstance(place.node, s.Call) or not _is_plain(orchestrator, module) or not may_yield(orchestrator):
        return None
    start, region = _start_of(orchestrator, module), region_of(place, calls)
    if start is None or region is None:
        return None
    piece, step, nl = _Piece(region, module), _step(orchestrator, module), newline(module)
    code = piece.code(step)
    if code is None:
        return None
    name = _name(place, region, is_free)
    declared = _declared(name, place, piece)
    if declared is None:
        return None
    head, unpacking, registration = declared
    inner = dict.fromkeys([*piece.imports(), *unpacking])
    lines = [*head, *(step + line for line in inner), code]
    gap = nl * (2 - _blank_lines(module.text[:start]))
    edits = (
        insertion(module, start, gap + nl.join(lines) + nl * 3),
        piece.replaced_by(scheduled(name, piece.payload(), place)),
        *registration,
    )
    return Fix("unsafe", TITLE.format(f"move it into an activity, `{name}`"), edits)


def _is_plain(orchestrator: s.Function, module: s.Module) -> bool:
    """Whether it is a function of the module whose variables are what they seem."""
    context = orchestrator.parameters[0].name if orchestrator.parameters else None
    for node in s.walk(orchestrator.body):
        match node:
            case s.Outer() | s.Class():
                return False
            case s.Name(id="locals" | "vars" | "eval" | "exec"):
                return False
            case s.Assign(targets=targets, value=value):
                parts = s.walk(value) if value is not None else ()
                if any(isinstance(part, s.Attribute) and part.attr == "is_replaying" for part in parts):
                    return False
                if any(isinstance(target, s.Name) and target.id == context for target in targets):
                    return False
    return orchestrator in module.body


def _start_of(function: s.Function, module: s.Module) -> int | None:
    """Where the lines of a function of the module begin, with its decorators and the comment above it."""
    first, begins = (function.decorators[0], "@") if function.decorators else (function, "def ")
    start = module.text.rfind("\n", 0, first.start) + 1
    if not module.text.startswith(begins, start):
        return None
    while start:
        above = module.text.rfind("\n", 0, start - 1) + 1
        if not module.text.startswith("#", above):
            break
        start = above
    return start


def _blank_lines(text: str) -> int:
    """How many blank lines, two at most, a text ends in; at the start of a file none are missing."""
    rest = text.rstrip()
    return min(2, text.count("\n", len(rest)) - 1) if rest else 2


def _step(function: s.Function, module: s.Module) -> str:
    """The indentation of a function's body."""
    start = function.body[0].start
    line = module.text[module.text.rfind("\n", 0, start) + 1 : start]
    return line if line.isspace() else "    "


def _indentation(module: s.Module, offset: int) -> str:
    line = module.text[module.text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())]


@dataclass(frozen=True, slots=True)
class _Piece:
    """The text of what moves, and what stands for it."""

    region: Region
    module: s.Module

    @property
    def start(self) -> int:
        return (self.region.expression or self.region.statements[0]).start

    @property
    def end(self) -> int:
        """Without the line breaks and the comments after it that belong to a block."""
        end = (self.region.expression or self.region.statements[-1]).end
        return self.start + len(self.module.text[self.start : end].rstrip())

    def words(self) -> set[str]:
        """All words in it, which new names must differ from."""
        inside = re.findall(r"\w+", self.module.text[self.start : self.end])
        return {*inside, *(each.name for each in self.region.inputs)}

    def code(self, step: str) -> str | None:
        """The activity's statements, indented by `step`; None where that cannot be done without changing them."""
        indent = _indentation(self.module, self.start)
        text, nl = self._text(), newline(self.module)
        if self.region.expression is not None:
            text, meant = f"return {text}", f"return ({text})"
            if _tree(indent + text) is None:  # lines that were in brackets
                inner = text.removeprefix("return ").replace(nl + indent, nl + indent + step)
                text = f"return ({nl}{indent}{step}{inner}{nl}{indent})"
        elif own_line(self.module, s.Node(self.start, self.end)) is not None:
            meant = text
        else:
            return None
        first, *others = text.split("\n")
        lines = (step + each.removeprefix(indent) if each.startswith(indent) else each for each in others)
        code = "\n".join([step + first, *lines])
        if _tree(code) is None or _tree(code) != _tree(indent + meant):
            return None
        if self.region.statements and self.region.result is not None and self._assignment() is None:
            code += f"{newline(self.module)}{step}return {self.region.result}"
        return code

    def _text(self) -> str:
        """What moves, as it is in the activity but for the indentation."""
        changes = [(node.start, node.end, each.name) for each in self.region.inputs for node in each.nodes]
        assignment = self._assignment()
        if assignment is not None:
            changes.append((assignment.start, self._after_equals(assignment), "return "))
        text, offset = self.module.text[self.start : self.end], self.start
        for start, end, new in sorted(changes, reverse=True):
            text = text[: start - offset] + new + text[end - offset :]
        return text

    def _assignment(self) -> s.Assign | None:
        """The assignment of the result, where it is the last thing that happens."""
        last = self.region.statements[-1] if self.region.statements else None
        while isinstance(last, s.With):
            last = last.body[-1] if last.body else None
        match last:
            case s.Assign(targets=(s.Name(id=name),), augmented=False, value=value) if value is not None:
                return last if name == self.region.result else None
        return None

    def _after_equals(self, assignment: s.Assign) -> int:
        offset = (assignment.annotation or assignment.targets[-1]).end
        rest = self.module.text[offset : assignment.end]
        return assignment.end - len(rest.partition("=")[2].lstrip())

    def replaced_by(self, call: str) -> Edit:
        region, text = self.region, self.module.text
        if region.parent is not None:
            call = in_place(call, region.parent)
        elif isinstance(region.statements[-1], s.Return):
            call = f"return ({call})"
        elif region.result is not None:
            assignment = self._assignment()
            annotation = assignment.annotation if assignment is not None else None
            typed = f": {text[annotation.start : annotation.end]}" if annotation is not None else ""
            call = f"{region.result}{typed} = {call}"
        return replacement(self.module, self.start, self.end, call)

    def imports(self) -> list[str]:
        """The imports of the orchestrator's body that the activity needs as well."""
        return [self.module.text[node.start : node.end] for node in self.region.imports]

    def payload(self) -> str:
        """What the orchestrator passes."""
        values = {each.name: self._value(each) for each in self.region.inputs}
        if len(values) < 2:
            return "".join(values.values())
        return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"

    def _value(self, each: Input) -> str:
        return self.module.text[each.nodes[0].start : each.nodes[0].end] if each.nodes else each.name


def _tree(code: str) -> str | None:
    """The meaning of indented statements."""
    try:
        return ast.dump(ast.parse(f"if 1:\n{code}\n"))
    except SyntaxError:
        return None


# --- the new function -------------------------------------------------------------------------------------------


def _declared(name: str, place: Place, piece: _Piece) -> tuple[list[str], list[str], tuple[Edit, ...]] | None:
    """The new function's first lines, those that unpack what it is passed, and the edits that register it."""
    taken, inputs = piece.words(), piece.region.inputs
    if is_task(place.runtime):
        context = _unlike(taken, "ctx", "context", "activity")
        parameter, unpacking = _parameter(inputs, taken, "_", lambda name: True)
        added = added_to_worker(name, place)
        if context is None or parameter is None or added is None:
            return None
        return [f"def {name}({activity_context(context, place.module)}, {parameter}):"], unpacking, (added,)
    app = app_of(place.orchestrator) if is_functions(place.runtime) else None
    parameter, unpacking = _parameter(inputs, taken, NOTHING, is_binding_name)
    if app is None or parameter is None or not name.isascii():
        return None
    return [trigger(app, parameter.partition(":")[0]), f"def {name}({parameter}):"], unpacking, ()


def _parameter(
    inputs: tuple[Input, ...], taken: set[str], nothing: str, is_legal: Callable[[str], bool]
) -> tuple[str | None, list[str]]:
    """The activity's parameter, and the lines that make the inputs of it."""
    if not inputs:
        return (nothing if nothing not in taken else None), []
    if len(inputs) == 1 and is_legal(inputs[0].name):
        return inputs[0].name, []
    payload = _unlike(taken, "payload", "inputs", "passed")
    if payload is None:
        return None, []
    if len(inputs) == 1:
        return payload, [f"{inputs[0].name} = {payload}"]
    return f"{payload}: dict", [f'{each.name} = {payload}["{each.name}"]' for each in inputs]


def _unlike(taken: set[str], *names: str) -> str | None:
    return next((name for name in names if name not in taken), None)


def _name(place: Place, region: Region, is_free: Callable[[str], bool]) -> str:
    """A name for the activity that nothing in the module mentions."""
    target = _snake(region.result or "") or f"for_{place.orchestrator.name}"
    base = f"{_verb(place.node, region)}_{target}"
    names = (base if number == 1 else f"{base}_{number}" for number in count(1))
    return next(name for name in names if not re.search(rf"\b{name}\b", place.module.text) and is_free(name))


def _snake(name: str) -> str:
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


_VERBS = frozenset(
    {
        "call",
        "copy",
        "create",
        "delete",
        "download",
        "execute",
        "fetch",
        "find",
        "get",
        "head",
        "insert",
        "list",
        "load",
        "make",
        "move",
        "patch",
        "post",
        "publish",
        "put",
        "query",
        "read",
        "remove",
        "request",
        "run",
        "save",
        "search",
        "send",
        "update",
        "upload",
        "write",
    }
)


def _verb(call: s.Node, region: Region) -> str:
    """What a call does: the first word of the function's name, where that is a verb."""
    match call:
        case s.Call(function=s.Name(id=name) | s.Attribute(attr=name)):
            if name == "open":
                return "write" if _writes(call) else "read"
            if (s.dotted(call.function) or "").startswith("subprocess."):
                return "run"
            word = name.partition("_")[0]
            if word in _VERBS:
                return word
    return "get" if region.returns else "call"


def _writes(call: s.Call) -> bool:
    """Whether `open` is told to, by its mode."""
    arguments = [each.value for each in call.arguments if each.keyword == "mode"] + [
        each.value for each in call.arguments if each.keyword is None
    ][1:2]
    return any(isinstance(mode, s.Constant) and bool(set(str(mode.value)) & set("wax")) for mode in arguments)
