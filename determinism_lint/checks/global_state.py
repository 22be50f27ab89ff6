"""State that outlives one run of the orchestrator: written here, or written elsewhere and read here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from functools import lru_cache

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Loaded, Problem, Stored
from determinism_lint.analysis.scopes import bound_names


def stored(event: Stored) -> Iterator[Problem]:
    if not _is_lazy(event.name, event.site.ancestors):
        yield Problem(event.node, f"`{event.name}` outlives the call, and replay changes it again")


def loaded(event: Loaded) -> Iterator[Problem]:
    if event.origin is not None:
        module, name, by_name = event.origin
    elif isinstance(event.node, s.Name) and event.node.id not in bound_names(event.site.function):
        module, name, by_name = event.site.module, event.node.id, False
    else:
        return
    if not _is_changed(module, name, event, in_place=by_name):
        return
    if not _is_initialization(name, event) and not _is_written(event):
        yield Problem(event.node, f"`{name}` is changed while the program runs, so replay may see another value")


def _is_written(event: Loaded) -> bool:
    """Whether the name is read only to be changed, which is reported as such."""
    return any(
        isinstance(node, s.Assign) and node.augmented and event.node in node.targets for node in event.site.ancestors
    )


def _is_lazy(name: str, ancestors: tuple[s.Node, ...]) -> bool:
    """Whether this happens under a condition on the very name: `if _client is None: _client = …`."""
    return any(_asks_for(node, name) for node in ancestors)


def _asks_for(node: s.Node, name: str) -> bool:
    return isinstance(node, s.If) and any(_is_named(part, name) for part in s.walk(node.test))


def _is_initialization(name: str, event: Loaded) -> bool:
    """Whether this belongs to a condition on the very name that looks whether it has a value, or gives it one."""
    for node in event.site.ancestors:
        if not isinstance(node, s.If) or not _asks_for(node, name):
            continue
        asks = isinstance(node.test, s.Operation) and node.test.operator in ("is", "is not", "not", "==", "!=")
        if asks or _is_named(node.test, name):
            return True
        if any(name in _changed(part, {name}, event.mutators) for part in s.walk(node.body)):
            return True
    return False


def _is_named(node: s.Node, name: str) -> bool:
    return (isinstance(node, s.Name) and node.id == name) or (isinstance(node, s.Attribute) and node.attr == name)


def _is_changed(module: s.Module, name: str, event: Loaded, *, in_place: bool) -> bool:
    """Whether functions change the name of the module while the program runs, not only while it is imported.

    What was imported by its name stays the same object, which can only change `in_place`.
    """
    changing = _writers(module, event.mutators, in_place).get(name, ())
    return any(
        id(function) not in event.registrars or function.name in _called_by_functions(module) for function in changing
    )


@lru_cache(maxsize=256)
def _called_by_functions(module: s.Module) -> frozenset[str]:
    """The names that functions of a module call, so that more than its import runs what they stand for."""
    functions = (node for node in s.walk(module.body, into_functions=True) if isinstance(node, s.Function))
    return frozenset(
        node.function.id
        for function in functions
        for node in s.walk(function.body)
        if isinstance(node, s.Call) and isinstance(node.function, s.Name)
    )


@lru_cache(maxsize=256)
def _writers(module: s.Module, mutators: Set[str], in_place: bool) -> Mapping[str, tuple[s.Function, ...]]:
    """Names of a module with the functions that change them, other than by lazy initialization."""
    top = {
        target.id
        for node in module.body
        if isinstance(node, s.Assign)
        for target in node.targets
        if isinstance(target, s.Name)
    }
    written: dict[str, tuple[s.Function, ...]] = {}
    for function in s.walk(module.body, into_functions=True) if top else ():
        if not isinstance(function, s.Function):
            continue
        nodes = list(s.walk(function.body))
        declared = {
            name for node in nodes if isinstance(node, s.Outer) and node.keyword == "global" for name in node.names
        }
        rebound: set[str] = set() if in_place else declared
        changed = {name for node in nodes for name in _changed(node, rebound, mutators)} & top
        if changed:
            for name in changed - bound_names(function) - _asked_for(nodes):
                written[name] = (*written.get(name, ()), function)
    return written


def _asked_for(nodes: list[s.Node]) -> set[str]:
    """The names in conditions, by which a lazy initialization is known."""
    conditions = (node.test for node in nodes if isinstance(node, s.If))
    return {part.id for condition in conditions for part in s.walk(condition) if isinstance(part, s.Name)}


def _changed(node: s.Node, declared: set[str], mutators: Set[str]) -> Iterator[str]:
    match node:
        case s.Assign():
            for target in node.targets:
                if isinstance(target, s.Name) and target.id in declared:
                    yield target.id
                elif isinstance(target, s.Subscript) and isinstance(target.value, s.Name):
                    yield target.value.id
        case s.Call(function=s.Attribute(value=s.Name(id=name), attr=attr)) if attr in mutators:
            yield name
