"""Java as a neutral tree, and input that is none of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.java.parse import parse
from determinism_lint.rules.catalogue import load_catalogue
from tests.projects import analyzed


def body(text: str) -> s.Block:
    """The lowered statements of a method."""
    module = parse(
        "A.java", f"class A extends B {{ int n; static int m; void f(int p) {{ {text} }} void g() {{}} }}".encode()
    )
    kind = next(node for node in module.body if isinstance(node, s.Class))
    return next(node.body for node in kind.body if isinstance(node, s.Function) and node.name == "f")


def written(node: s.Node) -> str:
    """A statement by its kind and the names in it."""
    names = [
        s.dotted(part) or "" for part in s.walk(node, into_functions=True) if isinstance(part, (s.Name, s.Attribute))
    ]
    longest = [name for name in names if not any(name != other and other.startswith(name + ".") for other in names)]
    return " ".join([type(node).__name__, *longest])


LOWERED = {
    "n++;": ["Assign this.n"],
    "m = p;": ["Assign A.m p"],
    "g();": ["Evaluate this.g"],
    "inherited();": ["Evaluate this.inherited"],
    "int n = 1; n = 2;": ["Assign n %int", "Assign n"],
    "for (;;) break;": ["Loop"],
    "for (String x : p) g();": ["Loop x p x x String this.g"],
    "do g(); while (p);": ["Loop p this.g"],
    "synchronized (this) { g(); }": ["Evaluate this.g"],
    "switch (p) { case 1: g(); break; default: m = 1; }": ["Match p this.g A.m"],
    "a: while (p) continue a;": ["Loop p"],
    "assert p > 1;": ["Evaluate p"],
    ";": [],
}


@pytest.mark.parametrize("text", LOWERED)
def test_lowering(text: str) -> None:
    assert [written(node) for node in body(text)] == LOWERED[text]


def test_await_without_arguments_suspends() -> None:
    first, second = body("p.await(); p.await(1);")
    assert isinstance(first, s.Evaluate)
    assert isinstance(first.value, s.Suspend)
    assert isinstance(second, s.Evaluate)
    assert isinstance(second.value, s.Call)


def test_wide_characters_do_not_move_what_follows() -> None:
    text = 'class É { String a = "ü😀"; long b = System.nanoTime(); }'
    module = parse("A.java", text.encode())
    calls = [node for node in s.walk(module.body, into_functions=True) if isinstance(node, s.Call)]
    assert [text[node.start : node.end] for node in calls] == ["System.nanoTime()"]


BROKEN = {
    "unbalanced": b"class A { void f( }",
    "no Java": b"def f(): pass",
    "encoding": b'class A { String a = "\xff"; }',
    "null": b"class A {\0}",
    "nesting": b"class A { int a = " + b"(" * 5000 + b"1" + b")" * 5000 + b"; }",
    "huge": b"class A {" + b"int a; " * 200_000 + b"}",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_said(name: str) -> None:
    with pytest.raises(ParseError):
        parse("A.java", BROKEN[name])


@pytest.mark.parametrize("operator", ["+", "&&"])
def test_long_chains_are_read_or_refused(operator: str) -> None:
    text = f"class A {{ Object a = {f' {operator} '.join(['x'] * 3000)}; }}"
    try:
        parse("A.java", text.encode())
    except ParseError as error:
        assert "nested" in str(error)


SOURCES = [
    text
    for rule in load_catalogue().values()
    for example in rule.examples
    if example.language == "java"
    for text in example.files.values()
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_code_never_crashes(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SOURCES))
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 40)))
    other = data.draw(
        st.sampled_from(["", "{", "}", ";", "(", ")", "->", "\n", "var x = ", "record R(int a) {}", "@", "é"])
    )
    analyzed({"A.java": (source[:start] + other + source[end:]).encode()})
