"""Operators and conditions: what they yield, and which branch is settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import ambient, set_operation
from determinism_lint.analysis.events import Misused
from determinism_lint.analysis.interpreter import changes, expressions
from determinism_lint.analysis.values import (
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
    from determinism_lint.analysis.interpreter.statements import Activation


def operation(run: Activation, node: s.Operation) -> Values:
    operator = node.operator
    if operator in ("and", "or"):
        return _boolean(run, node)
    with run.inside(node):
        operands = [expressions.evaluate(run, operand) for operand in node.operands]
    for operand, values in zip(node.operands, operands, strict=True):
        if operator not in ("is", "is not", "in", "not in", "==", "!=", "not", "assert"):
            used(run, operand, values)
    if operator in ("in", "not in"):
        run.consume(node, operands[-1])
    if operator == "not":
        surely = is_truthy_parameter(run, node.operands[0], operands[0])
        return (Literal(False),) if surely else _negated(operands[0])
    if operator in ("is", "==", "is not", "!=") and len(operands) == 2:
        unset = operator in ("is", "is not") and not operands[1] and _is_own_default(run, *node.operands)
        missing = literal_none(operands[1]) or unset
        if missing and is_settled(run, node.operands[0], operands[0]):
            return (Literal(operator in ("is not", "!=")),)
        return _compared(operator, operands)
    if operator in ("|", "&", "-", "^") and len(operands) == 2:
        sets = set_operation(operator, *operands)
        if sets:
            return sets
        left, right = (tuple(v for v in each if isinstance(v, Container) and v.kind == "dict") for each in operands)
        if operator == "|" and left and right:
            return join(*((changes.merged(one, other),) for one in left for other in right))
    for value in (value for values in operands for value in values if isinstance(value, Instance)):
        if (operator, value.name) in run.library.operators:
            return (Instance(run.library.operators[operator, value.name]),)
    if operator == "+":
        lists = tuple(value for values in operands for value in values if isinstance(value, Container))
        if lists:
            empty = False if any(value.empty is False for value in lists) else None
            return (Container(lists[0].kind, join(*(value.items for value in lists)), empty),)
    return ambient(*operands)


def _have(run: Activation, values: Values, methods: Iterable[str]) -> bool:
    """Whether any of the values is an object of the project that has one of the methods."""
    return any(run.has_method(value, method) for value in values for method in methods)


def is_text(value: Value) -> bool:
    return (isinstance(value, Literal) and isinstance(value.value, str)) or value == Instance("str")


def literal_none(values: Values) -> bool:
    return values == (Literal(None),)


def is_settled(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter is not None: it was passed such a value, or one that is taken as given, and kept it."""
    if isinstance(node, s.Attribute) and isinstance(node.value, s.Name):
        owners = expressions.reference(run, node.value)
        return bool(owners) and all(_is_kept(run, owner, node.attr) for owner in owners)
    if not isinstance(node, s.Name) or node.id in run.vague:
        return False
    parameter = next((each for each in run.function.parameters if each.name == node.id), None)
    if parameter is None or (node.id in run.given and parameter.default is not None):  # it can be left out
        return parameter is not None and Literal(None) not in values
    plain = run.library.plain
    return bool(values) and all(is_present(value, plain) for value in values)


def _is_own_default(run: Activation, node: s.Expression, other: s.Expression) -> bool:
    """Whether a parameter is compared with its default, which stands for "not given": `if when is _UNSET`."""
    name = s.dotted(node)
    default = next((each.default for each in run.function.parameters if each.name == name), None)
    return default is not None and s.dotted(default) is not None and s.dotted(default) == s.dotted(other)


def _is_kept(run: Activation, owner: Value, name: str) -> bool:
    """Whether the constructor was given an attribute that nothing sets to None later."""
    return isinstance(owner, ObjectValue) and name in owner.present and not run.machine.is_reset(owner.of, name)


def is_optional(run: Activation, node: s.Expression) -> bool:
    """Whether an unknown value may be None: an optional of this function's own, or `order.get("x")`."""
    match node:
        case s.Name():
            return node.id in run.optional
        case s.Call(function=s.Attribute(attr="get"), arguments=(s.Argument(keyword=None, unpack=""),)):
            return True
    return False


def taken_branch(run: Activation, node: s.If | s.Conditional) -> bool | None:
    """The truth of a condition by which a function replaces what it is not given, where it is given; else None.

    `if not x: x = …`, `if x: return f(x)`, `x if x else …`. What is no such replacement, as in `if not dry_run:
    send()`, says nothing: any value may be false.
    """
    negated = isinstance(node.test, s.Operation) and node.test.operator == "not"
    asked = node.test.operands[0] if isinstance(node.test, s.Operation) and negated else node.test
    if (name := s.dotted(asked)) is None or not is_given(run, asked, expressions.reference(run, asked)):
        return None
    if isinstance(node, s.Conditional):
        kept: s.Block | tuple[s.Node, ...] = (node.orelse if negated else node.body,)
        return not negated if _mentions(kept, name) else None
    if not negated:
        return True if _mentions(node.body, name) else None
    replaced = any(
        s.dotted(target) == name for part in s.walk(node.body) if isinstance(part, s.Assign) for target in part.targets
    )
    return False if replaced or _mentions(node.orelse, name) else None


def _mentions(nodes: tuple[s.Node, ...], name: str) -> bool:
    return any(isinstance(part, (s.Name, s.Attribute)) and s.dotted(part) == name for part in s.walk(nodes))


def is_given(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter that may be left out was passed, and not as something empty."""
    if not is_settled(run, node, values):
        return False
    if isinstance(node, s.Attribute):
        return True
    left_out = any(
        parameter.name == s.dotted(node)
        and isinstance(parameter.default, s.Constant)
        and parameter.default.value is None
        for parameter in run.function.parameters
    )
    return left_out and not any(map(_is_falsy, values))


def _is_falsy(value: Value) -> bool:
    return (isinstance(value, Literal) and not value.value) or (isinstance(value, Container) and value.empty is True)


def is_settled_comparison(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a condition `parameter is not None` certainly holds."""
    if not isinstance(node, s.Operation) or node.operator not in ("is not", "!=") or literal(values) is not True:
        return False
    return is_settled(run, node.operands[0], expressions.reference(run, node.operands[0]))


def is_truthy_parameter(run: Activation, node: s.Expression, values: Values) -> bool:
    """Whether a parameter certainly counts as true: `now or datetime.now()` where `now` is passed."""
    return bool(values) and is_settled(run, node, values) and all(_is_truthy(run, value) for value in values)


def _is_truthy(run: Activation, value: Value) -> bool:
    match value:
        case Literal():
            return bool(value.value)
        case Instance():
            return value.name in run.library.truthy
        case ObjectValue():
            return not _have(run, (value,), run.special.truth) and not run.machine.external_bases(value.of)
        case FunctionValue() | ClassValue() | Partial():
            return True
    return False


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
    return ambient(*operands)


def _boolean(run: Activation, node: s.Operation) -> Values:
    """`and`, `or`: the right side runs only under what the left side says."""
    left = expressions.evaluate(run, node.operands[0])
    first = node.operands[0]
    if node.operator == "or" and (is_truthy_parameter(run, first, left) or is_given(run, first, left)):
        return left
    if literal(left) is (node.operator == "or"):
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
        taken = taken_branch(run, node)
        truth = True if is_truthy_parameter(run, node.test, test) else literal(test) if taken is None else taken
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
