"""The abstract domain: joining alternatives, and looking into collections."""

from __future__ import annotations

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.scopes import Scope
from determinism_lint.analysis.values import (
    UNKNOWN,
    Container,
    FunctionValue,
    Literal,
    Values,
    join,
    literal,
    mixed,
    text,
)

ONE, TWO = (Literal(1),), (Literal(2),)


def test_join_keeps_each_alternative_once_and_in_order() -> None:
    assert join(ONE, TWO, ONE) == (Literal(1), Literal(2))


def test_join_bounds_data_but_keeps_everything_that_can_be_called() -> None:
    module = s.Module("a.py", "python", "", ())
    scope = Scope(module, None, None)
    functions: Values = tuple(FunctionValue(s.Function(i, i, f"f{i}", (), ()), scope) for i in range(50))
    numbers: Values = tuple(map(Literal, range(50)))
    joined = join(numbers, functions)
    assert set(functions) <= set(joined)
    assert len(joined) < 70


def test_elements_of_a_list_and_of_a_dict() -> None:
    items = Container("list", join(ONE, TWO), False, (ONE, TWO))
    assert (items.element(0), items.element(-1)) == (ONE, TWO)
    assert items.element(5) == items.element("x") == items.element(None) == join(ONE, TWO)
    table = Container("dict", join(ONE, TWO), False, (ONE, TWO), ("a", "b"))
    assert table.element("b") == TWO
    assert table.element(None) == join(ONE, TWO)
    assert table.element(0) == table.element("c") == UNKNOWN
    more = Container("tuple", UNKNOWN, None, (ONE, TWO))
    assert (more.element(1), more.element(-1)) == (TWO, UNKNOWN)


def test_plain_data_is_not_kept_where_it_may_be_any_other() -> None:
    function = FunctionValue(s.Function(0, 0, "f", (), ()), Scope(s.Module("a.py", "python", "", ()), None, None))
    assert mixed(ONE, (function,)) == (Literal(1), function)
    assert mixed(ONE, UNKNOWN, (function, Container("list", empty=True))) == (function,)


def test_constants() -> None:
    assert literal(ONE) == 1
    assert literal(join(ONE, TWO)) is None
    assert text((Literal("x"),)) == "x"
    assert text(ONE) is None
