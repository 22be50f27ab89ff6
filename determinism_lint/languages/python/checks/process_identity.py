"""`hash` and `id`, whose results differ between processes."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.events import Called
from determinism_lint.analysis.values import External, literal

_NUMBERS = ("bool", "float", "int")
_KEEPS = ("add", "discard", "remove")


def harmless(event: Called) -> bool:
    """Whether nothing comes of the difference: a number is hashed, or an id is only looked for among others."""
    argument = event.argument(0)
    if argument is None:
        return False
    if External("hash") in event.callee:
        return isinstance(literal(argument[1]), (int, float)) or _is_number(event.site.function, argument[0])
    return External("id") in event.callee and _is_only_looked_for(event)


def _is_number(function: s.Function, node: s.Expression) -> bool:
    return isinstance(node, s.Name) and any(
        parameter.name == node.id and parameter.annotation is not None and s.dotted(parameter.annotation) in _NUMBERS
        for parameter in function.parameters
    )


def _is_only_looked_for(event: Called) -> bool:
    """`id(error) in seen`, `seen.add(id(error))`, where `seen` is used for nothing else."""
    body = event.site.function.body
    memories = list(_memories(body))
    for name, sought in memories:
        if sought is event.node:
            known = [other for other, _ in memories if other == name]
            return _uses(body, name) == len(known) + _makes(body, name)
    return False


def _memories(body: s.Block) -> Iterator[tuple[str, s.Expression]]:
    """The names of sets with what is looked for in them, or is added to them or taken away."""
    for node in s.walk(body):
        match node:
            case s.Operation(operator="in" | "not in", operands=(sought, s.Name(id=name))):
                yield name, sought
            case s.Call(function=s.Attribute(value=s.Name(id=name), attr=attr), arguments=(argument,)) if (
                attr in _KEEPS
            ):
                yield name, argument.value


def _uses(body: s.Block, name: str) -> int:
    return sum(isinstance(node, s.Name) and node.id == name for node in s.walk(body, into_functions=True))


def _makes(body: s.Block, name: str) -> int:
    """How often a name is assigned a set of its own."""
    return sum(
        isinstance(node, s.Assign)
        and [s.dotted(target) for target in node.targets] == [name]
        and (isinstance(node.value, s.Collection) or (isinstance(node.value, s.Call) and not node.value.arguments))
        for node in s.walk(body)
    )
