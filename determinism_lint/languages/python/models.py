"""Methods that pydantic and attrs run by themselves when a model is made, checked or written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.frontend import Maker
from determinism_lint.analysis.interpreter import expressions
from determinism_lint.analysis.values import Arguments, ClassValue, FunctionValue, ObjectValue, Values, join

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.machine import Machine
    from determinism_lint.analysis.interpreter.statements import Activation

_CHECKS = frozenset({"field_validator", "model_validator", "root_validator", "validator"})
"""Decorators of pydantic: of methods of the class, but for those that run `after`, on the new object."""
_OF_FIELDS = frozenset({"default", "validator"})
"""Decorators that a field of attrs has: `@created.default`."""
_COMPUTED = frozenset({"computed_field", "field_serializer", "model_serializer"})


def hooks(machine: Machine, made: ObjectValue) -> Iterator[FunctionValue]:
    """The methods that making an object runs because of how they are decorated, bound to it or its class."""
    for owner, method, decorator in _decorated(machine, made.of):
        call = decorator if isinstance(decorator, s.Call) else None
        name = s.dotted(call.function if call is not None else decorator) or ""
        if name.rsplit(".", 1)[-1] in _CHECKS and call is not None:
            after = any(isinstance(each.value, s.Constant) and each.value.value == "after" for each in call.arguments)
            on_object = after and name.endswith("model_validator")
            yield method.bound_to(made if on_object else owner)
        elif isinstance(decorator, s.Attribute) and decorator.attr in _OF_FIELDS and _is_field(owner, decorator.value):
            yield from () if _is_passed(decorator, made) else (method.bound_to(made),)


def _is_passed(decorator: s.Attribute, made: ObjectValue) -> bool:
    """Whether the field has a value, so that its default is not made."""
    return decorator.attr == "default" and s.dotted(decorator.value) in made.present


def _decorated(machine: Machine, kind: ClassValue) -> Iterator[tuple[ClassValue, FunctionValue, s.Expression]]:
    """The methods of a class and its bases, each with its decorators."""
    for owner in machine.order(kind):
        if isinstance(owner, ClassValue):
            for node, decorator in _with_decorators(owner.node):
                yield owner, FunctionValue(node, owner.scope), decorator


@lru_cache(maxsize=4096)
def _with_decorators(kind: s.Class) -> tuple[tuple[s.Function, s.Expression], ...]:
    methods = (node for node in kind.body if isinstance(node, s.Function))
    return tuple((node, decorator) for node in methods for decorator in node.decorators)


def _is_field(owner: ClassValue, node: s.Expression) -> bool:
    return isinstance(node, s.Name) and any(
        isinstance(statement, s.Assign) and isinstance(statement.value, s.Call) and s.dotted(target) == node.id
        for statement in owner.node.body
        if isinstance(statement, s.Assign)
        for target in statement.targets
    )


def _read(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """`Model.model_validate(data)` makes a model."""
    owners = expressions.reference(run, node.function.value) if isinstance(node.function, s.Attribute) else ()
    kinds = [value for value in owners if isinstance(value, ClassValue)]
    unknown = Arguments(unpacked=True)
    return join(*(run.machine.construct(kind, unknown, run.entry_flags(), run, node) for kind in kinds))


def _written(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """`model.model_dump()` reads the fields that are computed."""
    owners = expressions.reference(run, node.function.value) if isinstance(node.function, s.Attribute) else ()
    for made in owners:
        if isinstance(made, ObjectValue):
            for _, method, decorator in _decorated(run.machine, made.of):
                name = s.dotted(decorator.function if isinstance(decorator, s.Call) else decorator) or ""
                if name.rsplit(".", 1)[-1] in _COMPUTED:
                    bound, passed = method.bound_to(made), Arguments(unpacked=True)
                    run.machine.run(bound, passed, run.entry_flags(), run, node)
    return ()


MODELS: dict[str, Maker] = {
    **{
        f"pydantic.BaseModel.{name}": _read
        for name in ("from_orm", "model_validate", "model_validate_json", "parse_obj", "parse_raw")
    },
    **{f"pydantic.BaseModel.{name}": _written for name in ("dict", "json", "model_dump", "model_dump_json")},
}
"""What calls of these methods, inherited from a model, run."""
