"""JavaScript and TypeScript as neutral trees, and input that is none of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.javascript.parse import parse
from determinism_lint.rules.catalogue import load_catalogue
from tests.projects import analyzed


def written(text: str, name: str = "a.js") -> list[str]:
    """The statements of a module, each by its kind and by the names that it assigns to."""
    found = []
    for node in parse(name, text.encode()).body:
        names = [s.dotted(target) or "?" for target in node.targets] if isinstance(node, s.Assign) else []
        if isinstance(node, s.Import):
            names = [f"{node.local}={node.module}/{node.attribute}"]
        found.append(" ".join([type(node).__name__, *names]))
    return found


LOWERED = {
    "const { a, b: { c = 1 }, ...d } = e": ["Assign a", "Assign %1", "Assign c", "Assign d"],
    "const [a, , b = 1] = c": ["Assign a", "Assign b"],
    "({ a: b.c } = d)": ["Assign b.c"],
    "import a, { b as c, d } from 'm'; import * as e from 'n'": [
        "Import a=m/default", "Import c=m/b", "Import d=m/d", "Import e=n/None",
    ],
    "import 'm'": ["Import %1=m/None"],
    "export { a as b } from 'm'; export * from 'n'; export * as c from 'o'": [
        "Import %export:b=m/a", "Import None=n/None", "Import %export:c=o/None",
    ],
    "export const a = 1, { b } = c": ["Assign a", "Assign b", "Assign %export:a", "Assign %export:b"],
    "export default class {}": ["Assign %export:default"],
    "export default function f() {}": ["Function", "Assign %export:default"],
    "module.exports = { a }; exports.b = 1; module.exports.c = 2": [
        "Assign %exports", "Assign %export:b", "Assign %export:c",
    ],
    "f(); function f() {}": ["Function", "Evaluate"],
    "a ||= 1; b += 2; c++": ["Assign a", "Assign b", "Assign c"],
    "for (let i = 0; i < 3; i++) f(i)": ["Assign i", "Loop"],
    "for (const { a } of b) f(a)": ["Loop"],
    "do f(); while (a)": ["Loop"],
    "switch (a) { case 1: f(); break; default: g() }": ["Match"],
    "switch (a) { case 1: if (b) break; f() }": ["Loop"],
    "a: for (;;) break a": ["Loop"],
    ";": [],
}  # fmt: skip


@pytest.mark.parametrize("text", LOWERED)
def test_lowering(text: str) -> None:
    assert written(text) == LOWERED[text]


TYPED = {
    "interface A {} type B = A; declare const c: B": [],
    "enum A { B, C = 'c' }": ["Assign A"],
    "namespace A { export const b = 1 }": ["Assign b", "Assign %export:b"],
    "import type { A } from 'm'; import a = require('n')": ["Import a=n/None"],
    "const a = b as unknown as string, c = <any>d, e = f!": ["Assign a", "Assign c", "Assign e"],
    "export = { a: 1 }": ["Assign %exports"],
    "abstract class A<T> { abstract b(): void; private c?: T }": ["Class"],
}


@pytest.mark.parametrize("text", TYPED)
def test_lowering_of_typescript(text: str) -> None:
    assert written(text, "a.ts") == TYPED[text]


def test_fields_belong_to_the_constructor() -> None:
    text = (
        "class A extends B { static a = 1; b = 2; #c; get d() {} set d(v) {} static e() {} constructor(public x) {} }"
    )
    (made,) = parse("a.ts", text.encode()).body
    assert isinstance(made, s.Class)
    functions = {(node.name, node.role) for node in made.body if isinstance(node, s.Function)}
    assert functions == {("constructor", ""), ("d", "property"), ("d", "setter"), ("e", "classmethod")}
    constructor = next(node for node in made.body if isinstance(node, s.Function) and node.name == "constructor")
    assert [parameter.name for parameter in constructor.parameters] == ["this", "x"]
    targets = [s.dotted(node.targets[0]) for node in constructor.body if isinstance(node, s.Assign)]
    assert targets == ["this.b", "this.x"]


def test_a_constructor_is_made_for_fields() -> None:
    (made,) = parse("a.js", b"class A extends B { a = 1 }").body
    assert isinstance(made, s.Class)
    (constructor,) = made.body
    assert isinstance(constructor, s.Function)
    assert [type(node) for node in constructor.body] == [s.Evaluate, s.Assign]


def test_functions_say_which_outer_variables_they_assign_to() -> None:
    text = b"let a = 0; function f() { let b = 0; const g = () => { a = 1; b = 2; c = 3; let d = 4 } }"
    outer = [node for node in s.walk(parse("a.js", text).body, into_functions=True) if isinstance(node, s.Outer)]
    assert {(node.keyword, node.names) for node in outer} == {("nonlocal", ("b",)), ("global", ("a",))}


def test_positions_count_characters() -> None:
    module = parse("a.js", "const a = '😀é'; f(b)".encode())
    call = next(node for node in s.walk(module.body) if isinstance(node, s.Call))
    assert module.text[call.start : call.end] == "f(b)"


def test_the_body_of_a_function_is_lowered_once_it_is_needed() -> None:
    (made,) = parse("a.js", b"function f(a) { let b = a; return () => { b = 1 } }").body
    assert isinstance(made, s.Function)
    assert callable(made.written)
    body = made.body
    assert [type(node) for node in body] == [s.Assign, s.Return]
    assert made.body is body


def test_kinds_of_functions() -> None:
    text = b"(async function* a() {}); (function* () {}); (async () => 1); ({ async *b() {}, c() {} })"
    functions = [node for node in s.walk(parse("a.js", text).body, into_functions=True) if isinstance(node, s.Function)]
    assert [(node.is_async, node.is_generator) for node in functions] == [
        (True, True), (False, True), (True, False), (True, True), (False, False),
    ]  # fmt: skip


GOOD = """\
const df = require("durable-functions");
df.app.orchestration("good", function* () {
  return Date.now();
});
"""
EXTREMES: dict[str, tuple[bytes, str | None]] = {
    # name: content, and what the syntax error says of it (None: it is analyzed)
    "nested parentheses": (b"x = " + b"(\n" * 5000 + b"1" + b")\n" * 5000, "nested too deeply"),
    "nested calls": (b"x = " + b"f(" * 390 + b"1" + b")" * 390, None),
    "nested functions": (b"(() => { " * 180 + b"}) " * 180, None),
    "a chain of calls": (b"x = a" + b".b()\n" * 3000, None),
    "a sum of twenty thousand": (b"x = " + b"1+\n" * 20_000 + b"1", "nested too deeply"),
    "such a sum in a function": (b"function f() { return " + b"1+\n" * 20_000 + b"1 }", "nested too deeply"),
    "many ternaries": (b"x = " + b"a ? b :\n" * 2000 + b"c", None),
    "many else ifs": (b"if (a) {}\n" + b"else if (b) {}\n" * 2000, None),
    "not closed": (b"function f( {", "cannot be parsed"),
    "a missing name": (b"class A { get }\nvar", "cannot be parsed"),
    "updates of updates": (b"x[" * 60 + b"i" + b"++]" * 60, None),
    "nested assignments": (b"x[" * 60 + b"i" + b" ||= 1]" * 60, None),
    "cases in cases": (b"switch (a) { case 1: case 2: case 3:\n" * 60 + b"}" * 60, None),
    "not UTF-8": (b"x = '\xe9'", "cannot be decoded"),
    "UTF-16": ("x = 'é'".encode("utf-16"), None),
    "a byte order mark": (b"\xef\xbb\xbfx = 1", None),
    "a NUL character": (b"x = '\0'", "NUL"),
    "nothing": (b"", None),
    "a hash bang": (b"#!/usr/bin/env node\nx = 1", None),
    "a minified file": (b"var a=1;" * 2000 + b"(((", None),
    "a bundle": (b"var __webpack_require__ = {};\n(((\n", None),
    "a large file": (b"x = 1;\n" * 200_000, "larger than"),
    "an import of itself": (b"const a = require('./bad'); a.b; module.exports = a; a()", None),
    "recursion": (b"function f(a) { return f([a]) }\nf(1)", None),
    "a class that extends itself": (b"class A extends A { b = 1 }\nnew A().c", None),
    "JSX": (b"const a = <div b={c()}>{d}</div>", None),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_file(name: str) -> None:
    content, expected = EXTREMES[name]
    result = analyzed({"bad.js": content + b"\n" if b"\0" not in content[:4] else content, "good.js": GOOD})
    assert [orchestrator.name for orchestrator in result.orchestrators] == ["good"]
    by_rule = {finding.rule: finding for finding in result.findings}
    assert "wall-clock" in by_rule, "the other file is still judged"
    if expected is None:
        assert "syntax-error" not in by_rule, by_rule["syntax-error"].message
    else:
        assert expected in by_rule["syntax-error"].message


SOURCES = sorted(
    text
    for rule in load_catalogue().values()
    for example in rule.examples
    if example.language == "javascript"
    for text in example.files.values()
)
PIECES = (
    *("yield ", "await ", "async ", "function* ", "class A { b = 1 }", "...", "?.", "=>", "`${", "}", "{", "(", ")"),
    *("[", "]", ";", "super", "this", "new ", "export ", "import(", "static ", "get ", "#a", "😀", "case 1:", "/*"),
    *("*/", "\n", "<T>", ": string", "??=", "of ", "label: ", "\\", "'"),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A rule's example in which some places are cut, doubled, or filled with other pieces."""
    text = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        other = draw(st.sampled_from([*PIECES, "", text[start:end] * 2, draw(st.sampled_from(SOURCES))[:80]]))
        text = text[:start] + other + text[end:]
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(), st.sampled_from(["a.js", "a.ts", "a.tsx"]))
def test_mutated_code_never_crashes(text: str, name: str) -> None:
    for finding in analyzed({name: text}).findings:
        assert 1 <= finding.span.line <= text.count("\n") + 2


@given(st.text(alphabet="(){}[]=>;,.`'\"*?:/\\\n abcf1", max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_is_a_tree_or_a_parse_error(text: str) -> None:
    try:
        s.walk(parse("a.ts", text.encode()).body, into_functions=True)
    except ParseError as error:
        assert error.line >= 1
