"""What to write instead: the edits that a fix consists of.

A rewrite that is not sure that the result means the same and still runs gives a refusal, which says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.events import Called, Dropped, Event, Finished, Iterated, Problem, Site
from determinism_lint.analysis.values import Coroutine, External, Generator, Task
from determinism_lint.languages.python.comparable import are_comparable
from determinism_lint.languages.python.reads import only_reads
from determinism_lint.languages.python.releases import records_of
from determinism_lint.languages.python.sdks import DURABLE_FUNCTIONS_PYTHON
from determinism_lint.model import Edit, Fix, Refusal

VERSION = "(version it: instances in flight replay the old history)"
"""What the title of an unsafe fix ends with."""


def substitution(template: str, event: Called) -> Fix | Refusal:
    """Replace a call by its durable equivalent from the rule's table."""
    context = event.site.context
    if "{ctx}" in template and context is None:
        return _without_context(event.site)
    text = template.replace("{ctx}", context or "")
    if text.endswith(".current_utc_datetime"):
        return _clock(event, text)
    if event.arguments:
        return Refusal("the call has arguments")
    if text.endswith((".new_uuid()", ".new_guid()")):
        return _id(event, text)
    return _replaced(event, text)


def _without_context(site: Site) -> Refusal:
    return Refusal(f"`{site.function.name}` does not have the context")


def _replaced(event: Called, text: str, *more: Edit) -> Fix:
    edit = replacement(event.site.module, event.node.start, event.node.end, text)
    return Fix("safe", f"replace with `{text}`", (edit, *more))


def _clock(event: Called, text: str) -> Fix | Refusal:
    """The durable clock, aware of its time zone where the other one is, and only there."""
    if event.arguments:
        zone = _zone(event)
        if zone is None:
            return Refusal("the durable clock is in UTC")
        if not _is_compatible(event.site):
            text += f".replace(tzinfo={zone})"
    elif _is_compatible(event.site) and not _is_due_time(event):
        text += ".replace(tzinfo=None)"
    fix = _replaced(event, text)
    is_local = (
        not event.arguments and isinstance(event.node.function, s.Attribute) and event.node.function.attr != "utcnow"
    )
    return replace(fix, title=f"{fix.title}, which is UTC, not local time") if is_local else fix


def _id(event: Called, text: str) -> Fix | Refusal:
    """A durable id of the type that the other one has, which is a `UUID`; durable ids are strings."""
    runtime, member = event.site.runtime, text.removesuffix("()").rpartition(".")[2]
    records = records_of(runtime)
    if runtime.release and records and not any(member in record for record in records):
        release = ".".join(map(str, runtime.release))
        return Refusal(f"the release that this project requires, {release}, has no `{member}`")
    if _becomes_text(event):
        return _replaced(event, text)
    function, module = event.node.function, event.site.module
    if not any(isinstance(value, External) and value.name.startswith("uuid.") for value in event.callee):
        return Refusal("the durable id is a string")
    if isinstance(function, s.Attribute) and (owner := s.dotted(function.value)) is not None:
        return _replaced(event, f"{owner}.UUID({text})")
    name, imported = _named("uuid", "UUID", module)
    return _replaced(event, f"{name}({text})", *imported)


def _becomes_text(event: Called) -> bool:
    """Whether all that is done with a value is to write it: `str(value)`, `f"{value}"`."""
    around = [node for node in event.site.ancestors if not isinstance(node, s.Argument)]
    match around[-1:]:
        case [s.Call(function=s.Name(id="str"), arguments=(s.Argument(unpack="", keyword=None),))]:
            return True
        case [s.Template(conversions=conversions)]:
            return not any(conversions)
    return False


def _is_compatible(site: Site) -> bool:
    """Whether the context is that of azure-functions-durable 1.x, whose clock is aware; durabletask's is naive."""
    return site.runtime.sdk is DURABLE_FUNCTIONS_PYTHON and not site.runtime.native


def _is_due_time(event: Called) -> bool:
    """Whether the time is part of what a timer is created with, which may be aware or naive."""
    around = (node for node in event.site.ancestors if isinstance(node, s.Call) and node is not event.node)
    return any(isinstance(node.function, s.Attribute) and node.function.attr == "create_timer" for node in around)


def _zone(event: Called) -> str | None:
    """The argument of `datetime.now(timezone.utc)`, as written, when it is UTC."""
    if len(event.arguments) != 1:
        return None
    argument, values = event.arguments[0]
    utc = (External("datetime.timezone.utc"),), (External("datetime.UTC"),)
    return event.site.module.text[argument.value.start : argument.value.end] if values in utc else None


def wait_for(site: Site, call: s.Call, keyword: str) -> Fix | Refusal:
    """Put `yield` or `yield from` before a call that is a statement of its own or the value of an assignment."""
    if not site.driven or not site.function.is_generator:
        return Refusal(f"`{site.function.name}` is not a generator")
    statement = next((node for node in reversed(site.ancestors) if isinstance(node, (s.Evaluate, s.Assign))), None)
    if statement is None or statement.value is not call:
        return Refusal("it is not a statement of its own")
    edit = insertion(site.module, call.start, f"{keyword} ")
    return Fix("unsafe", f"put `{keyword}` before the call {VERSION}", (edit,))


def sort(site: Site, node: s.Node) -> Fix | Refusal:
    """Wrap an iterable in `sorted(…)`."""
    if isinstance(node, s.Argument):
        if node.unpack or node.keyword is not None:
            return _NOT_ITERATED
        node = node.value
    statement = site.ancestors[-1] if site.ancestors else None
    if isinstance(statement, s.Assign) and statement.value is not None and node in statement.targets:
        node = statement.value  # `first, second = names()`, `result += names()`
    elif not _is_read(site, node):
        return _NOT_ITERATED
    if not isinstance(node, (s.Name, s.Attribute, s.Call, s.Collection, s.Comprehension, s.Subscript)) or _is_pop(node):
        return _NOT_ITERATED
    if not are_comparable(node, site):
        return Refusal("nothing says that its items can be compared, as `set[str]` would")
    start, end = node.start, node.end
    edits = (insertion(site.module, start, "sorted("), insertion(site.module, end, ")"))
    return Fix("unsafe", f"sort it {VERSION}", edits)


_NOT_ITERATED = Refusal("it is not a set of its own that is gone through here")


def _is_read(site: Site, node: s.Node) -> bool:
    """Whether it is an expression that is evaluated, not one that is assigned to."""
    targets: list[s.Expression] = []
    for around in site.ancestors:
        match around:
            case s.Assign():
                targets.extend(around.targets)
            case s.Loop(target=target) if target is not None:
                targets.append(target)
            case s.With():
                targets.extend(entered for _, entered in around.items if entered is not None)
            case s.Comprehension():
                targets.extend(clause.target for clause in around.clauses)
    return not any(target.start <= node.start < target.end for target in targets)


def _is_pop(node: s.Node) -> bool:
    """`ids.pop()` takes one item: sorting that would be something else."""
    return isinstance(node, s.Call) and isinstance(node.function, s.Attribute) and node.function.attr == "pop"


def guard_logging(event: Called) -> Fix | Refusal:
    """`if not context.is_replaying:` before a log call that stands on lines of its own."""
    site, module, context = event.site, event.site.module, event.site.context
    if context is None:
        return _without_context(site)
    statement = site.ancestors[-1] if site.ancestors else None
    indent = own_line(module, statement) if isinstance(statement, s.Evaluate) else None
    if not isinstance(statement, s.Evaluate) or statement.value is not event.node or indent is None:
        return Refusal("it is not a statement on lines of its own")
    is_caught = any(isinstance(node, (s.Try, s.With)) for node in site.ancestors) or not site.is_orchestrator
    if not only_reads(event.node.arguments, may_raise=not is_caught and "defaultdict" not in module.text):
        return Refusal("its arguments may do more than read, and then the guard would change what happens")
    step = "\t" if indent.endswith("\t") else "    "
    edit = insertion(module, statement.start, f"if not {context}.is_replaying:{newline(module)}{indent}{step}")
    return Fix("safe", f"guard it with `if not {context}.is_replaying:`", (edit,))


def durable_timer(event: Called) -> Fix | Refusal:
    """`time.sleep(x)` as a statement becomes a durable timer."""
    site, module = event.site, event.site.module
    statement = site.ancestors[-1] if site.ancestors else None
    if site.context is None:
        return _without_context(site)
    if not site.driven or not site.function.is_generator:
        return Refusal(f"`{site.function.name}` is not a generator that the runtime drives")
    if not isinstance(statement, s.Evaluate) or statement.value is not event.node:
        return Refusal("it is not a statement of its own")
    if len(event.arguments) != 1 or event.arguments[0][0].unpack:
        return Refusal("it does not have one argument")
    timedelta, imported = _named("datetime", "timedelta", module)
    seconds = module.text[event.arguments[0][0].value.start : event.arguments[0][0].value.end]
    delay = f"{timedelta}(seconds={seconds})"
    due = f"{site.context}.current_utc_datetime + {delay}" if _is_compatible(site) else delay
    edits = [replacement(module, event.node.start, event.node.end, f"yield {site.context}.create_timer({due})")]
    return Fix("unsafe", f"wait with a durable timer {VERSION}", (*edits, *imported))


def keep_events(event: Called) -> Fix | Refusal:
    """Add `save_events=True` to continue_as_new."""
    if any(argument.unpack or argument.keyword == "save_events" for argument, _ in event.arguments):
        return Refusal("the call already says what is kept")
    if not event.arguments:
        return Refusal("the call passes no input")
    edit = insertion(event.site.module, event.arguments[-1][0].end, ", save_events=True")
    return Fix("unsafe", f"keep the events {VERSION}", (edit,))


def own_line(module: s.Module, statement: s.Node) -> str | None:
    """The indentation of a statement that shares its lines with nothing else."""
    begin = module.text.rfind("\n", 0, statement.start) + 1
    indent = module.text[begin : statement.start]
    stop = module.text.find("\n", statement.end)
    rest = module.text[statement.end : stop if stop >= 0 else None].strip()
    return indent if not indent.strip() and (not rest or rest.startswith("#")) else None


def newline(module: s.Module) -> str:
    return "\r\n" if "\r\n" in module.text else "\n"


def _named(library: str, name: str, module: s.Module) -> tuple[str, tuple[Edit, ...]]:
    """How a module writes a name of a library, and the import that it needs for that, if any."""
    for node in module.body:
        if isinstance(node, s.Import) and node.module == library and node.local is not None:
            if node.attribute == name:
                return node.local, ()
            if node.attribute is None:
                return f"{node.local}.{name}", ()
    line = f"from {library} import {name}{newline(module)}"
    return name, (insertion(module, _import_offset(module), line),)


def _import_offset(module: s.Module) -> int:
    """The start of the line after the module's first block of imports, or where such a block would be."""
    head: list[s.Statement] = [
        node for node in module.body[:1] if isinstance(node, s.Evaluate) and isinstance(node.value, s.Constant)
    ]
    head.extend(takewhile(lambda node: isinstance(node, s.Import), module.body[len(head) :]))
    if head:
        return module.text.find("\n", head[-1].end) + 1
    offset = 0
    while module.text.startswith("#", offset):
        offset = module.text.find("\n", offset) + 1
    return offset


def _wait(event: Event, problem: Problem) -> Fix | Refusal | None:
    """For what is dropped in the function that made it."""
    if not isinstance(event, Dropped):
        return Refusal("what is made of its value has to be decided first")
    for value in event.values:
        if isinstance(value, (Task, Generator, Coroutine)) and value.call is problem.node:
            keyword = {Task: "yield", Generator: "yield from", Coroutine: "await"}[type(value)]
            return wait_for(event.site, value.call, keyword)
    return None


def _keep(event: Event, problem: Problem) -> Fix | Refusal | None:
    called = event.calls.get(problem.node) if isinstance(event, Finished) and isinstance(problem.node, s.Call) else None
    return None if called is None else keep_events(called)


FIXES: Mapping[str, Callable[[Any, Problem], Fix | Refusal | None]] = {
    "unguarded-logging": lambda event, problem: guard_logging(event),
    "blocking-sleep": lambda event, problem: durable_timer(event),
    "lost-events": _keep,
    "unawaited-task": _wait,
    "unordered-iteration": lambda event, problem: (
        sort(event.site, problem.node) if isinstance(event, Iterated) else None
    ),
}
"""What mends the problems of a rule, beyond the replacements in its table."""
