"""C# as a neutral tree, and input that is none of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.csharp.parse import parse
from determinism_lint.rules.catalogue import load_catalogue
from tests.projects import analyzed

MEMBERS = "int n; static int m; void g() {} static void h() {} int P { get; set; }"


def body(text: str) -> s.Block:
    """The lowered statements of a method."""
    module = parse("A.cs", f"class A : B {{ {MEMBERS} async Task f(int p) {{ {text} }} }}".encode())
    return function(module, "f").body


def function(module: s.Module, name: str) -> s.Function:
    nodes = s.walk(module.body, into_functions=True)
    return next(node for node in nodes if isinstance(node, s.Function) and node.name == name)


def written(node: s.Node) -> str:
    """A statement by its kind and the names in it."""
    names = [
        s.dotted(part) or "" for part in s.walk(node, into_functions=True) if isinstance(part, (s.Name, s.Attribute))
    ]
    longest = [name for name in names if not any(name != other and other.startswith(name + ".") for other in names)]
    return " ".join([type(node).__name__, *longest])


LOWERED = {
    "n++;": ["Assign this.n"],
    "--n;": ["Assign this.n"],
    "m = p;": ["Assign A.m p"],
    "P += p;": ["Assign this.P p"],
    "g();": ["Evaluate this.g"],
    "h();": ["Evaluate A.h"],
    "inherited();": ["Evaluate this.inherited"],
    "inherited = p;": ["Assign this.inherited p"],
    "int n = 1; n = 2;": ["Assign n %int", "Assign n"],
    "var n = 1;": ["Assign n"],
    "int q;": ["Assign q %int"],
    "var (q, r) = p; q = r;": ["Assign q r p", "Assign q r"],
    "(int q, n) = p;": ["Assign q this.n p"],
    "p ??= n;": ["Assign p p this.n"],
    "_ = p;": ["Assign p"],
    "for (;;) break;": ["Loop"],
    "for (int i = 0; i < p; i++) g();": ["Assign i %int", "Loop i p this.g i"],
    "foreach (var q in p) g();": ["Loop q p this.g"],
    "foreach (string q in p) g();": ["Loop q p q q %string this.g"],
    "foreach (var (q, r) in p) { }": ["Loop q r p"],
    "await foreach (var q in p) { }": ["Loop q p"],
    "do g(); while (p);": ["Loop p this.g"],
    "lock (this) { g(); }": ["Evaluate this", "Evaluate this.g"],
    "using (p) { g(); }": ["With p this.g"],
    "using var q = p; g();": ["With p q this.g"],
    "await using var q = p; g();": ["Assign q p", "Try this.g q.DisposeAsync"],
    "switch (p) { case 1: g(); break; default: m = 1; break; }": ["Match p p this.g A.m"],
    "try { g(); } catch (E e) when (p) { } finally { h(); }": ["Try this.g E p A.h"],
    "a: while (p) goto a;": ["Loop p"],
    "checked { g(); }": ["Evaluate this.g"],
    "throw;": ["Raise"],
    "return p switch { 1 => n, _ => m };": ["Return p this.n A.m"],
    "p?.Q?.R(n);": ["Evaluate p.Q.R this.n"],
    "p!.Q();": ["Evaluate p.Q"],
    "var q = new A { P = p };": ["Assign q %with A.%new p"],
    "A q = new(p);": ["Assign q A.%new p"],
    "var q = new List<int> { p };": ["Assign q %filled List`1.%new p"],
    "var q = p with { P = n };": ["Assign q %with p this.n"],
    "var q = (A)p;": ["Assign q %cast p A"],
    "var q = p as A;": ["Assign q %cast p A"],
    "if (p is A q) g();": ["If q %cast p A A this.g"],
    "if (p is { Q: 1 } q) g();": ["If q p.Q this.g"],
    "if (p is not null) g();": ["If p this.g"],
    "p.Q<int>(n);": ["Evaluate p.Q this.n %int"],
    "Task.Run(out var q);": ["Evaluate Task.Run q"],
    "global::System.GC.Collect();": ["Evaluate %global:System.GC.Collect"],
    "int.Parse(p);": ["Evaluate %System.Int32.Parse p"],
    "int[] q = { p };": ["Assign q p %array %int"],
    "var q = new int[p];": ["Assign q %array p"],
    "var q = p[^1]; q = p[1..2];": ["Assign q p", "Assign q p"],
    "var q = from r in p where r > n select r.X;": ["Assign q r.X p this.n"],
    "var q = new { p.X, Y = n };": ["Assign q p.X this.n"],
    'var q = $"{p} {n:F2}" + @"a" + """b""";': ["Assign q p this.n"],
    "void l() => g(); l();": ["Function this.g %void", "Evaluate l"],
    ";": [],
}


@pytest.mark.parametrize("text", LOWERED)
def test_lowering(text: str) -> None:
    assert [written(node) for node in body(text)] == LOWERED[text]


CONSTANTS = {
    "nameof(A.P)": "P",
    "nameof(List<int>)": "List",
    '"a\\n\\"b"': 'a\n"b',
    '@"a""b"': 'a"b',
    '"""a"b"""': 'a"b',
    '$"a"': "a",
    "1_000L": 1000,
    "true": True,
    "null": None,
    "default": None,
}


@pytest.mark.parametrize("text", CONSTANTS)
def test_constants(text: str) -> None:
    (statement,) = body(f"p = {text};")
    assert isinstance(statement, s.Assign)
    assert isinstance(statement.value, s.Constant)
    assert statement.value.value == CONSTANTS[text]


def test_await_suspends_and_an_iterator_makes_a_list() -> None:
    (statement,) = body("await p;")
    assert isinstance(statement, s.Evaluate)
    assert isinstance(statement.value, s.Suspend)
    module = parse("A.cs", b"class A { IEnumerable<int> f() { yield return 1; yield break; } }")
    assert [written(node) for node in function(module, "f").body] == [
        "Assign %items",
        "Evaluate %items.Add",
        "Return %items",
        "Return %items",
    ]


def test_assigning_to_a_variable_of_an_outer_function_says_so() -> None:
    found = list(s.walk(body("int q = 0; void l() { q++; }"), into_functions=True))
    assert [node.names for node in found if isinstance(node, s.Outer)] == [("q",)]


def test_attributes_that_declare_are_decorators_and_the_context_comes_first() -> None:
    text = """\
class A
{
    [Function(nameof(Run))] [Other]
    static Task Run(ILogger log, [OrchestrationTrigger] TaskOrchestrationContext ctx, int n = 1, params int[] a) => ctx;
}
"""
    made = function(parse("A.cs", text.encode()), "Run")
    assert [s.dotted(each.function) for each in made.decorators if isinstance(each, s.Call)] == [
        "@Function",
        "@OrchestrationTrigger",
    ]
    assert [(each.name, each.kind) for each in made.parameters] == [
        ("ctx", "positional"),
        ("log", "positional"),
        ("n", "positional"),
        ("a", "*"),
    ]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("NET8_0_OR_GREATER", "a"),
        ("!NET8_0_OR_GREATER", "b"),
        ("DEBUG", "b"),
        ("DEBUG || NET8_0", "a"),
        ("DEBUG && NET8_0", "b"),
        ("X", "a"),
    ],
)
def test_of_directives_one_branch_is_read(condition: str, kept: str) -> None:
    text = f"#define X\n#if {condition}\nusing A;\n#else\nusing B;\n#endif\nclass C {{ D d; }}"
    (found,) = [node for node in parse("A.cs", text.encode()).body if isinstance(node, s.Import)]
    assert found.module.partition(";")[2][:1].lower() == kept


ODD = {
    "an argument": "void f(int a\n#if X\n, int b = 1\n#endif\n) { }",
    "a condition": "void f() { if (a)\n#if X\n{ g(); }\n#else\n{ h(); }\n#endif\n}",
    "a statement": "int f() { return 1\n#pragma warning disable\n+ 2; }",
    "two heads": "void f(\n#if X\nint a) {\n#endif\n#if !X\nint b) {\n#endif\n}",
    "a raw string": 'string a = """\n#if X\n""";',
    "assigning to what may be null": "void f() { a?.b = 1; a?.b.c = 2; if (a?.b == 1) { } }",
    "a trigger on a method": "[OrchestrationTrigger] void f(int a) { }",
    "a lambda that gives back": "void f() { g((out int a) => { a = 1; }); g((ref int a) => 1); }",
    "the rest of a list": "void f() { if (a is [1, .. var b] or [.., var c]) { } }",
    "quotes around what is filled in": 'string f() => g($@"""{a}""");',
    "names that are words": "void f(bool async) { if (!async) { } if (async) { } }",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_code_is_read(name: str) -> None:
    parse("A.cs", f"class A {{ {ODD[name]} }}".encode())


def test_wide_characters_do_not_move_what_follows() -> None:
    text = 'class É { string a = "ü😀";\n#if ü\n#endif\nlong b = System.GC.Count(); }'
    module = parse("A.cs", text.encode())
    calls = [node for node in s.walk(module.body, into_functions=True) if isinstance(node, s.Call)]
    assert [text[node.start : node.end] for node in calls] == ["System.GC.Count()"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    assert parse("A.cs", "class A { /* é */ }".encode(encoding)).text == "class A { /* é */ }"


BROKEN = {
    "unbalanced": b"class A { void f( }",
    "no C#": b"def f(): pass",
    "null": b"class A {\0}",
    "nesting": b"class A { int a = " + b"(" * 5000 + b"1" + b")" * 5000 + b"; }",
    "huge": b"class A {" + b"int a; " * 200_000 + b"}",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_said(name: str) -> None:
    with pytest.raises(ParseError):
        parse("A.cs", BROKEN[name])


@pytest.mark.parametrize("operator", ["+", "&&", "??", "."])
def test_long_chains_are_read_or_refused(operator: str) -> None:
    text = f"class A {{ object a = {f' {operator} '.join(['x'] * 3000)}; }}"
    try:
        parse("A.cs", text.encode())
    except ParseError as error:
        assert "nested" in str(error)


SOURCES = [
    text
    for rule in load_catalogue().values()
    for example in rule.examples
    if example.language == "csharp"
    for text in example.files.values()
]
PIECES = [
    "",
    "{",
    "}",
    ";",
    "(",
    ")",
    "=>",
    "\n",
    "var x = ",
    "record R(int A);",
    "[",
    "#if X\n",
    "é",
    "this",
    "<",
    '"',
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_code_never_crashes(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SOURCES))
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 40)))
    analyzed({"A.cs": (source[:start] + data.draw(st.sampled_from(PIECES)) + source[end:]).encode()})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_still_parses_without_a_line_never_crashes(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(SOURCES)).split("\n")
    dropped = data.draw(st.integers(0, len(lines) - 1))
    moved = [re.sub(r"\bTask\b", "ValueTask", line) for index, line in enumerate(lines) if index != dropped]
    analyzed({"A.cs": "\n".join(moved).encode()})
