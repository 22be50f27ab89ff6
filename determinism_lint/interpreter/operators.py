"""Operators and conditions: what they yield, and which branch is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint import syntax as s
from determinism_lint.events import Misused
from determinism_lint.interpreter import expressions, library
from determinism_lint.values import (
    Ambient,
    ClassValue,
    Container,
    Coroutine,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    ObjectValue,
    Partial,
    Replaying,
    Task,
    Value,
    Values,
    is_present,
    join,
    literal,
)

if TYPE_CHECKING:
    from determinism_lint.interpreter.statements import Activation


def operation(run: Activation, node: s.Operation) -> Values:
    operator = node.operator
    if operator in ("and", "or"):
        return _boolean(run, node)
    with run.inside(node):
        operands = [expressions.evaluate(run, operand) for operand in node.operands]
    for operand, values in zip(node.operands, operands, strict=True):
        if operator not in ("is", "is not", "in", "not in", "==", "!=", "not", "assert"):
            used(run, operand, values)
    for method in library.OPERATOR_METHODS.get(operator, ()):
        run.call_method(node, operands[-1 if method == "__contains__" else 0], method)
    if operator == "not":
        surely = is_truthy_parameter(run, node.operands[0], operands[0])
        return (Literal(False),) if surely else _negated(operands[0])
    if operator in ("is", "==", "is not", "!=") and len(operands) == 2:
        if literal_none(operands[1]) and is_settled(run, node.operands[0], operands[0]):
            return (Literal(operator in ("is not", "!=")),)
        return _compared(operator, operands)
    if operator in ("|", "&", "-", "^") and len(operands) == 2:
        sets = library.set_operation(operator, *operands)
        if sets:
            return sets
    if operator == "/" and any(value == Instance("pathlib.Path") for values in operands for value in values):
        return (Instance("pathlib.Path"),)
    if operator == "+":
        lists = tuple(value for values in operands for value in values if isinstance(value, Container))
        if lists:
            empty = False if any(value.empty is False for value in lists) else None
            return (Container(lists[0].kind, join(*(value.items for value in lists)), empty),)
    return library.ambient(*operands)


def literal_none(values: Values) -> bool:
    return values == (Literal(None),)


def is_settled(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter certainly is not None: it was passed such a value, and nothing unknown replaced it since."""
    if not isinstance(node, s.Name) or node.id in run.vague or not values:
        return False
    parameters = run.function.parameters
    return any(parameter.name == node.id for parameter in parameters) and all(map(is_present, values))


def is_settled_comparison(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a condition `parameter is not None` certainly holds."""
    if not isinstance(node, s.Operation) or node.operator not in ("is not", "!=") or literal(values) is not True:
        return False
    return is_settled(run, node.operands[0], expressions.reference(run, node.operands[0]))


def is_truthy_parameter(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter certainly counts as true: `now or datetime.now()` where `now` is passed."""
    return is_settled(run, node, values) and all(_is_truthy(run, value) for value in values)


def _is_truthy(run: Activation, value: Value) -> bool:
    match value:
        case Literal():
            return bool(value.value)
        case Instance():
            return value.name in _TRUTHY
        case ObjectValue():
            hooks = (run.machine.class_attribute(value.of, name) for name in ("__bool__", "__len__"))
            return not any(hooks) and not run.machine.external_bases(value.of)
        case FunctionValue() | ClassValue() | Partial():
            return True
    return False


_TRUTHY = frozenset({"datetime.datetime", "datetime.date", "random.Random", "str", "uuid.UUID"})
"""Classes whose instances count as true; of strings those that are made from other values or by the context."""


def _negated(values: Values) -> Values:
    results: list[Value] = []
    for value in values:
        match value:
            case Replaying():
                results.append(Replaying(value.when_false, value.when_true))
            case Literal():
                results.append(Literal(not value.value))
            case Ambient():
                results.append(value)
    return tuple(results)


def _compared(operator: str, operands: list[Values]) -> Values:
    """`flag is False` and the like keep their meaning."""
    for flag, other in (operands, operands[::-1]):
        constant = literal(other)
        if isinstance(constant, bool):
            positive = constant == (operator in ("is", "=="))
            return flag if positive else _negated(flag)
    return library.ambient(*operands)


def _boolean(run: Activation, node: s.Operation) -> Values:
    """`and`, `or`: the right side runs only under what the left side says."""
    left = expressions.evaluate(run, node.operands[0])
    if node.operator == "or" and is_truthy_parameter(run, node.operands[0], left):
        return left
    flag = next((value for value in left if isinstance(value, Replaying)), None)
    fact = None if flag is None else flag.when_true if node.operator == "and" else flag.when_false
    before = run.guarded, run.on_replay_flag
    if fact is not None:
        run.on_replay_flag, run.guarded = True, run.guarded or not fact
    right = expressions.evaluate(run, node.operands[1])
    run.guarded, run.on_replay_flag = before
    other = next((value for value in right if isinstance(value, Replaying)), None)
    if flag is None and other is None:
        return join(left, right)
    facts = [value for value in (flag, other) if value is not None]
    if node.operator == "and":
        known = next((value.when_true for value in facts if value.when_true is not None), None)
        return (Replaying(known, facts[0].when_false if len(facts) == 2 and facts[0] == facts[1] else None),)
    known = next((value.when_false for value in facts if value.when_false is not None), None)
    return (Replaying(facts[0].when_true if len(facts) == 2 and facts[0] == facts[1] else None, known),)


def conditional(run: Activation, node: s.Conditional) -> Values:
    with run.inside(node):
        test = expressions.evaluate(run, node.test)
        flag = next((value for value in test if isinstance(value, Replaying)), None)
        truth = True if is_truthy_parameter(run, node.test, test) else literal(test)
        before = run.guarded, run.on_replay_flag
        results = []
        for branch, fact, excluded in (
            (node.body, flag and flag.when_true, truth is False),
            (node.orelse, flag and flag.when_false, truth is True),
        ):
            if excluded:
                continue
            if flag is not None and fact is not None:
                run.on_replay_flag, run.guarded = True, before[0] or not fact
            results.append(expressions.evaluate(run, branch))
            run.guarded, run.on_replay_flag = before
    return join(*results)


def used(run: Activation, node: s.Expression, values: Values) -> None:
    """A value is used as plain data: report tasks and generators that have not run."""
    misused = tuple(value for value in values if isinstance(value, (Task, Generator, Coroutine)))
    if misused and len(misused) == len(values):
        run.emit(lambda site: Misused(node, misused, site))
