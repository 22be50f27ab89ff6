"""What to write instead: the edits that a fix consists of.

A rewrite gives up (returns None) whenever it is not sure that the result means the same and still runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.edits import insertion, replacement
from determinism_lint.analysis.events import Called, Dropped, Event, Finished, Iterated, Problem, Site
from determinism_lint.analysis.values import Coroutine, External, Generator, Task
from determinism_lint.languages.python.sdks import DURABLE_FUNCTIONS_PYTHON
from determinism_lint.model import Edit, Fix


def substitution(template: str, event: Called) -> Fix | None:
    """Replace a call by its durable equivalent from the rule's table."""
    context = event.site.context
    if "{ctx}" in template and context is None:
        return None
    text = template.replace("{ctx}", context or "")
    if event.arguments:
        zone = _zone(event)
        if zone is None or not text.endswith(".current_utc_datetime"):
            return None
        if not _is_compatible(event.site):
            text += f".replace(tzinfo={zone})"
    elif text.endswith(".new_uuid()") and _is_followed_by_attribute(event):
        text = _as_uuid(event, text)
    elif text.endswith(".current_utc_datetime") and _is_compatible(event.site) and not _is_due_time(event):
        text += ".replace(tzinfo=None)"
    if not text:
        return None
    edit = replacement(event.site.module, event.node.start, event.node.end, text)
    return Fix("safe", f"replace with `{text}`", (edit,))


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


def _is_followed_by_attribute(event: Called) -> bool:
    return event.site.module.text[event.node.end :].lstrip().startswith(".")


def _as_uuid(event: Called, text: str) -> str:
    """The durable id as a `UUID` object, for code that goes on with `.hex` or the like."""
    if _is_compatible(event.site):
        return text.replace(".new_uuid()", ".new_guid()")
    function = event.node.function
    owner = s.dotted(function.value) if isinstance(function, s.Attribute) else None
    return f"{owner}.UUID({text})" if owner is not None else ""


def wait_for(site: Site, call: s.Call, keyword: str) -> Fix | None:
    """Put `yield` or `yield from` before a call that is a statement of its own or the value of an assignment."""
    if not site.driven or not site.function.is_generator:
        return None
    statement = next((node for node in reversed(site.ancestors) if isinstance(node, (s.Evaluate, s.Assign))), None)
    if statement is None or statement.value is not call:
        return None
    edit = insertion(site.module, call.start, f"{keyword} ")
    return Fix("safe", f"put `{keyword}` before the call", (edit,))


def sort(site: Site, node: s.Node) -> Fix | None:
    """Wrap an iterable in `sorted(…)`."""
    if isinstance(node, s.Argument):
        if node.unpack or node.keyword is not None:
            return None
        node = node.value
    statement = site.ancestors[-1] if site.ancestors else None
    if isinstance(statement, s.Assign) and statement.value is not None and node in statement.targets:
        node = statement.value  # `first, second = names()`, `result += names()`
    elif not _is_read(site, node):
        return None
    if not isinstance(node, (s.Name, s.Attribute, s.Call, s.Collection, s.Subscript)) or _is_pop(node):
        return None
    start, end = node.start, node.end
    edits = (insertion(site.module, start, "sorted("), insertion(site.module, end, ")"))
    return Fix("safe", "sort it", edits)


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


def guard_logging(event: Called) -> Fix | None:
    """`if not context.is_replaying:` before a log call that stands on lines of its own."""
    module, context = event.site.module, event.site.context
    statement = event.site.ancestors[-1] if event.site.ancestors else None
    if context is None or not isinstance(statement, s.Evaluate) or statement.value is not event.node:
        return None
    indent = own_line(module, statement)
    if indent is None:
        return None
    step = "\t" if indent.endswith("\t") else "    "
    edit = insertion(module, statement.start, f"if not {context}.is_replaying:{newline(module)}{indent}{step}")
    return Fix("safe", f"guard it with `if not {context}.is_replaying:`", (edit,))


def durable_timer(event: Called) -> Fix | None:
    """`time.sleep(x)` as a statement becomes a durable timer."""
    site, module = event.site, event.site.module
    statement = site.ancestors[-1] if site.ancestors else None
    if isinstance(statement, s.Suspend):  # `await asyncio.sleep(x)` belongs to a function that cannot run as it is
        return None
    if site.context is None or not site.driven or not isinstance(statement, s.Evaluate):
        return None
    if statement.value is not event.node or len(event.arguments) != 1 or not site.function.is_generator:
        return None
    if event.arguments[0][0].unpack:
        return None
    timedelta, imported = _timedelta(module)
    seconds = module.text[event.arguments[0][0].value.start : event.arguments[0][0].value.end]
    delay = f"{timedelta}(seconds={seconds})"
    due = f"{site.context}.current_utc_datetime + {delay}" if _is_compatible(site) else delay
    edits = [replacement(module, event.node.start, event.node.end, f"yield {site.context}.create_timer({due})")]
    if imported is not None:
        edits.append(imported)
    title = "wait with a durable timer (version it: instances in flight replay the old history)"
    return Fix("unsafe", title, tuple(edits))


def keep_events(event: Called) -> Fix | None:
    """Add `save_events=True` to continue_as_new."""
    if any(argument.unpack or argument.keyword == "save_events" for argument, _ in event.arguments):
        return None
    if not event.arguments:
        return None
    edit = insertion(event.site.module, event.arguments[-1][0].end, ", save_events=True")
    return Fix("safe", "keep the events", (edit,))


def own_line(module: s.Module, statement: s.Node) -> str | None:
    """The indentation of a statement that shares its lines with nothing else."""
    begin = module.text.rfind("\n", 0, statement.start) + 1
    indent = module.text[begin : statement.start]
    stop = module.text.find("\n", statement.end)
    rest = module.text[statement.end : stop if stop >= 0 else None].strip()
    return indent if not indent.strip() and (not rest or rest.startswith("#")) else None


def newline(module: s.Module) -> str:
    return "\r\n" if "\r\n" in module.text else "\n"


def _timedelta(module: s.Module) -> tuple[str, Edit | None]:
    """How this module names `datetime.timedelta`, and the import that it needs for that."""
    for node in module.body:
        if isinstance(node, s.Import) and node.module == "datetime":
            if node.attribute == "timedelta" and node.local is not None:
                return node.local, None
            if node.attribute is None and node.local is not None:
                return f"{node.local}.timedelta", None
    line = f"from datetime import timedelta{newline(module)}"
    return "timedelta", insertion(module, _import_offset(module), line)


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


def _wait(event: Event, problem: Problem) -> Fix | None:
    """For what is dropped in the function that made it."""
    if not isinstance(event, Dropped):
        return None
    for value in event.values:
        if isinstance(value, Task) and value.call is problem.node:
            return wait_for(event.site, value.call, "yield")
        if isinstance(value, (Generator, Coroutine)) and value.call is problem.node:
            keyword = "yield from" if isinstance(value, Generator) else "await"
            return wait_for(event.site, value.call, keyword)
    return None


def _keep(event: Event, problem: Problem) -> Fix | None:
    called = event.calls.get(problem.node) if isinstance(event, Finished) and isinstance(problem.node, s.Call) else None
    kept = called is None or called.argument(99, "save_events") is not None
    return None if kept or called is None else keep_events(called)


FIXES: Mapping[str, Callable[[Any, Problem], Fix | None]] = {
    "unguarded-logging": lambda event, problem: guard_logging(event),
    "blocking-sleep": lambda event, problem: durable_timer(event),
    "lost-events": _keep,
    "unawaited-task": _wait,
    "unordered-iteration": lambda event, problem: (
        sort(event.site, problem.node) if isinstance(event, Iterated) else None
    ),
}
"""What mends the problems of a rule, beyond the replacements in its table."""
