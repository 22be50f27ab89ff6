"""Python source becomes the neutral tree: every kind of node, with its place, whatever Python runs the linter."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.python import lowering, newer
from determinism_lint.languages.python.parse import MAX_BYTES, decode, encoding_of, parse

ROOT = Path(__file__).parents[3]


def text_of(node: object) -> str:
    """A tree in one short line: `Call(f, x, k=y)`."""
    match node:
        case s.Name():
            return node.id
        case s.Constant():
            return repr(node.value)
        case s.Attribute():
            return f"{text_of(node.value)}.{node.attr}"
        case s.Argument():
            name = "" if node.keyword is None else f"{node.keyword}="
            return f"{name}{node.unpack}{text_of(node.value)}"
        case s.Call():
            return f"{text_of(node.function)}({', '.join(map(text_of, node.arguments))})"
        case s.Parameter():
            annotation = "" if node.annotation is None else f": {text_of(node.annotation)}"
            default = "" if node.default is None else f" = {text_of(node.default)}"
            return f"{'' if node.kind == 'positional' else node.kind + ' '}{node.name}{annotation}{default}"
        case s.Function():
            kinds = ("async " if node.is_async else "") + ("generator " if node.is_generator else "")
            decorators = "".join(f"@{text_of(decorator)} " for decorator in node.decorators)
            returns = "" if node.returns is None else f" -> {text_of(node.returns)}"
            parameters = ", ".join(map(text_of, node.parameters))
            return f"{decorators}{kinds}{node.name}({parameters}){returns} {block(node.body)}"
        case s.Class():
            decorators = "".join(f"@{text_of(decorator)} " for decorator in node.decorators)
            return f"{decorators}class {node.name}({', '.join(map(text_of, node.bases))}) {block(node.body)}"
        case s.Lambda():
            return f"({text_of(node.function)})"
        case s.Operation():
            return f"{node.operator}({', '.join(map(text_of, node.operands))})"
        case s.Collection():
            keys = "" if not node.keys else f"{', '.join(map(text_of, node.keys))}: "
            return f"{node.kind}[{keys}{', '.join(map(text_of, node.items))}]"
        case s.Clause():
            conditions = "".join(f" if {text_of(condition)}" for condition in node.conditions)
            return f"for {text_of(node.target)} in {text_of(node.iterable)}{conditions}"
        case s.Comprehension():
            return f"{node.kind}[{', '.join(map(text_of, node.elements))} {' '.join(map(text_of, node.clauses))}]"
        case s.Assign():
            annotation = "" if node.annotation is None else f": {text_of(node.annotation)}"
            value = "" if node.value is None else f" {node.operator}= {text_of(node.value)}"
            return f"{' = '.join(map(text_of, node.targets))}{annotation}{value}"
        case s.Handler():
            return f"except {'' if node.types is None else text_of(node.types)} {node.name or ''} {block(node.body)}"
        case s.Try():
            handlers = " ".join(map(text_of, node.handlers))
            return f"try {block(node.body)} {handlers} else {block(node.orelse)} finally {block(node.final)}"
        case s.Case():
            guard = "" if node.guard is None else f" if {text_of(node.guard)}"
            return f"case {','.join(map(text_of, node.captures))}{guard} {block(node.body)}"
        case s.With():
            items = ", ".join(
                text_of(value) + ("" if target is None else f" as {text_of(target)}") for value, target in node.items
            )
            return f"with {items} {block(node.body)}"
        case s.Import():
            local = "*" if node.local is None else node.local
            return f"import {'.' * node.level}{node.module}:{node.attribute or ''} as {local}"
        case s.If():
            return f"if {text_of(node.test)} {block(node.body)} else {block(node.orelse)}"
        case s.Loop():
            target = "while" if node.target is None else f"for {text_of(node.target)} in"
            return f"{target} {text_of(node.subject)} {block(node.body)} else {block(node.orelse)}"
        case s.Match():
            return f"match {text_of(node.subject)} {' '.join(map(text_of, node.cases))}"
        case s.Outer():
            return f"{node.keyword} {', '.join(node.names)}"
        case s.Delete():
            return f"del {', '.join(map(text_of, node.targets))}"
        case s.Conditional():
            return f"({text_of(node.body)} if {text_of(node.test)} else {text_of(node.orelse)})"
        case s.Subscript():
            return f"{text_of(node.value)}[{', '.join(map(text_of, node.index))}]"
        case s.Suspend():
            return f"{node.keyword}({'' if node.value is None else text_of(node.value)})"
        case s.Return() | s.Raise():
            return " ".join((type(node).__name__.lower(), *map(text_of, s.children(node))))
        case s.Evaluate():
            return text_of(node.value)
        case s.Delegate():
            return f"yield from({text_of(node.value)})"
        case s.Starred():
            return f"*{text_of(node.value)}"
        case s.Template():
            marks = node.conversions or [""] * len(node.values)
            parts = (text_of(value) + (mark and f"!{mark}") for value, mark in zip(node.values, marks, strict=True))
            return f"template({', '.join(parts)})"
        case s.Bind():
            return f"({text_of(node.target)} := {text_of(node.value)})"
        case s.Break() | s.Continue():
            return type(node).__name__.lower()
    raise AssertionError(node)


def block(statements: s.Block) -> str:
    return "{" + "; ".join(map(text_of, statements)) + "}"


def lowered(source: str) -> str:
    return "; ".join(map(text_of, parse("a.py", source.encode()).body))


EXPRESSIONS = {
    # source: the tree, in the notation above
    "a.b.c": "a.b.c",
    "f(x, *y, k=z, **w)": "f(x, *y, k=z, **w)",
    "(f)(x)": "f(x)",
    "None": "None",
    "True is not False": "is not(True, False)",
    "1_000": "1000",
    "1.5": "1.5",
    "2j": "2j",
    "...": "Ellipsis",
    "'a' \"b\"": "'ab'",
    "b'a'": "b'a'",
    "f'{a!r:>{b}} text {c=}'": "template(a!r, b, c!r)",
    "f'{{}} {a != b} {c[d]:{e}}' '{f}'  f'{ {g: h}[g] !s}'": "template(!=(a, b), c[d], e, dict[g: h][g]!s)",
    "'a' f'{b}'": "template(b)",
    "not a": "not(a)",
    "-a": "-(a)",
    "~a": "-(a)",
    "a + b - c": "-(+(a, b), c)",
    "a @ b": "@(a, b)",
    "a // b % c ** d": "%(//(a, b), **(c, d))",
    "a and b or c": "or(and(a, b), c)",
    "a == b": "==(a, b)",
    "a != b": "!=(a, b)",
    "a in b": "in(a, b)",
    "a not in b": "not in(a, b)",
    "a >= b": ">(a, b)",
    "a < b == c": "<(a, b, c)",
    "a if b else c": "(a if b else c)",
    "(a := b)": "(a := b)",
    "[a, *b]": "list[a, *b]",
    "(a, b)": "tuple[a, b]",
    "{a, b}": "set[a, b]",
    "{a: b, **c}": "dict[a, None: b, *c]",
    "[a for a in b if c if d for e in f]": "list[a for a in b if c if d for e in f]",
    "{a for a in b}": "set[a for a in b]",
    "{a: b for a, b in c}": "dict[a, b for tuple[a, b] in c]",
    "f(a for a in b)": "f(generator[a for a in b])",
    "[a async for a in b]": "list[a for a in await(b)]",
    "a[b]": "a[b]",
    "a[b, c]": "a[b, c]",
    "a[b:c:d]": "a[slice[b, c, d]]",
    "a[:]": "a[slice[]]",
    "lambda a, *b, c=d, **e: a": "(<lambda>(a, * b, keyword c = d, ** e) {return a})",
    "lambda: (yield a)": "(generator <lambda>() {return yield(a)})",
    "*a": "*a",
}


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_expression(source: str) -> None:
    assert lowered(source) == EXPRESSIONS[source]


STATEMENTS = {
    "a = b = c": "a = b = c",
    "a: b": "a: b",
    "a: b = c": "a: b = c",
    "a += b": "a += b",
    "del a": "del a",
    "del (a, b)": "del a, b",
    "assert a, b": "assert(a, b)",
    "pass": "",
    "a; b": "a; b",
    "raise": "raise",
    "raise a from b": "raise a b",
    "global a, b": "global a, b",
    "nonlocal a": "nonlocal a",
    "import a": "import a: as a",
    "import a.b": "import a.b: as a",
    "import a.b as c, d": "import a.b: as c; import d: as d",
    "from a import b, c as d": "import a:b as b; import a:c as d",
    "from a import *": "import a: as *",
    "from . import a": "import .:a as a",
    "from ..a.b import (c,)": "import ..a.b:c as c",
    "if a: b\nelif c: d\nelse: e": "if a {b} else {if c {d} else {e}}",
    "while a:\n  break\nelse:\n  b": "while a {break} else {b}",
    "for a in b:\n  continue": "for a in b {continue} else {}",
    "try:\n  a\nexcept:\n  b": "try {a} except   {b} else {} finally {}",
    "try:\n  a\nexcept b as c:\n  d\nelse:\n  e\nfinally:\n  f": "try {a} except b c {d} else {e} finally {f}",
    "try:\n  a\nexcept (b, c) :\n  d": "try {a} except tuple[b, c]  {d} else {} finally {}",
    "try:\n  a\nfinally:\n  b": "try {a}  else {} finally {b}",
    "with a as b, c: d": "with a as b, c {d}",
    "with (a as b, c): d": "with a as b, c {d}",
    "def f(a, /, b: c = d, *, e) -> g: return": ("f(a, b: c = d, keyword e) -> g {return}"),
    "def f(*a: b, **c): yield": "generator f(* a: b, ** c) {yield()}",
    "@a\n@b(c)\ndef f(): yield from d": "@a @b(c) generator f() {yield from(d)}",
    "def f():\n  def g(): yield\n  return g": "f() {generator g() {yield()}; return g}",
    "async def f():\n  await a": "async f() {await(a)}",
    "async def f():\n  async with a as b: pass": "async f() {with await(a) as b {}}",
    "async def f():\n  async for a in b: pass": "async f() {for a in await(b) {} else {}}",
    "@a\nclass B(C, d=e): x = 1": "@a class B(C) {x = 1}",
    "match a:\n  case [b, *c]: d\n  case {'e': f, **g} if h: i\n  case J(k=l) as m: pass\n  case _: pass": (
        "match a case b,c {d} case g,f if h {i} case m,l {} case  {}"
    ),
}


@pytest.mark.parametrize("source", STATEMENTS)
def test_statement(source: str) -> None:
    assert lowered(source) == STATEMENTS[source]


NEWER = {
    # newer than the oldest Python that the linter runs on
    "type A = b": "A = b",
    "type A[T] = b[T]": "A = b[T]",
    "def f[T: a](b: T): pass": "f(b: T) {}",
    "class A[T](B): pass": "class A(B) {}",
    "try:\n  a\nexcept* b as c:\n  d": "try {a} except b c {d} else {} finally {}",
    'f"{a["b"]}"': "template(a['b'])",
    "a[*b]": "a[b]",
    "def f(*a: *b): pass": "f(* a: *b) {}",
}
NEWEST = {
    # newer than the oldest LibCST as well
    "try:\n  a\nexcept b, c:\n  d": "try {a} except tuple[b, c]  {d} else {} finally {}",
    "t'{a} {b}'": "template(a, b)",
    "[*a for a in b]": "list[*a for a in b]",
    "{**a for a in b}": "dict[a for a in b]",
    "lazy import a.b": "import a.b: as a",
    "lazy from a import b": "import a:b as b",
}


@pytest.mark.parametrize("source", NEWER)
def test_newer_syntax(source: str) -> None:
    assert lowered(source) == NEWER[source]


@pytest.mark.skipif(not hasattr(cst, "LazyImport"), reason="needs LibCST 1.9")
@pytest.mark.parametrize("source", NEWEST)
def test_newest_syntax(source: str) -> None:
    assert lowered(source) == NEWEST[source]


def _concrete(base: type) -> Iterator[type]:
    kinds: list[type] = base.__subclasses__()
    for kind in kinds:
        if not kind.__subclasses__() and not kind.__name__.startswith("Base"):
            yield kind
        yield from _concrete(kind)


@pytest.mark.parametrize("base", [cst.BaseExpression, cst.BaseSmallStatement, cst.BaseCompoundStatement])
def test_every_kind_of_newer_node_is_lowered(base: type[cst.CSTNode]) -> None:
    inside_others = {"From", "FormattedStringText", "FormattedStringExpression", "Annotation"}
    kinds = {kind.__name__ for kind in _concrete(base)} - inside_others
    assert {kind for kind in kinds if not hasattr(newer._Lowering, f"_{kind}")} == set()


@pytest.mark.parametrize("base", [ast.expr, ast.stmt])
def test_every_kind_of_node_is_lowered(base: type[ast.AST]) -> None:
    older = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"}
    inside_others = {"FormattedValue", "Interpolation", "Slice"}
    kinds = {kind.__name__ for kind in _concrete(base) if kind.__module__ == "ast"} - inside_others - older
    assert {kind for kind in kinds if not hasattr(lowering._Lowering, f"_{kind}")} == set()


@pytest.mark.parametrize("source", [*EXPRESSIONS, *STATEMENTS])
def test_both_parsers_make_the_same_tree(source: str) -> None:
    known = {"'a' f'{b}'", "f'{a!r:>{b}} text {c=}'"} | {each for each in EXPRESSIONS if "{{}}" in each}
    if source not in known:  # LibCST nests what Python joins
        assert "; ".join(map(text_of, newer.parse(source))) == lowered(source)


# --- places -----------------------------------------------------------------------------------------------------


def _spans(source: str, kind: type[ast.expr]) -> set[tuple[int, int]]:
    """Where CPython sees nodes of a kind, as character offsets."""
    starts = s.line_starts(source)
    lines = source.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    apart = (ast.JoinedStr, ast.pattern, ast.keyword)  # their places differ, or they are not lowered
    left_out = {id(part) for node in ast.walk(tree) if isinstance(node, apart) for part in ast.walk(node)}
    left_out |= {id(node.cause) for node in ast.walk(tree) if isinstance(node, ast.Raise)}
    return {
        (offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0))
        for node in ast.walk(tree)
        if isinstance(node, kind) and id(node) not in left_out
    }


SOURCES = sorted(
    [*(ROOT / "determinism_lint").rglob("*.py"), *(ROOT / "skills_src" / "patterns").rglob("*.py")],
    key=lambda path: path.as_posix(),
)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_places_are_those_that_cpython_sees(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    module = parse(str(path), source.encode())
    seen: dict[type[s.Node], set[tuple[int, int]]] = {s.Call: set(), s.Name: set(), s.Attribute: set()}
    for node in s.walk(module.body, into_functions=True):
        if type(node) in seen:
            seen[type(node)].add((node.start, node.end))
    for kind, theirs in ((s.Call, ast.Call), (s.Attribute, ast.Attribute), (s.Name, ast.Name)):
        assert _spans(source, theirs) <= seen[kind], kind


def test_places_count_characters_across_lines_and_encodings() -> None:
    source = "# coding: latin-1\r\né = 'ü'\r\nf(é,\r\n  g)\r\n"
    module = parse("a.py", source.encode("latin-1"))
    call = next(node for node in s.walk(module.body) if isinstance(node, s.Call))
    assert module.span(call).line == 3
    assert (module.span(call).column, module.span(call).end_line, module.span(call).end_column) == (1, 4, 5)
    assert module.excerpt(module.span(call)).lines == ("é = 'ü'", "f(é,", "  g)", "")


def test_functions_and_classes_sit_at_their_names() -> None:
    module = parse("a.py", b"@x\nasync def  f(): pass\nclass  C: pass\n")
    function, class_ = module.body
    assert module.text[function.start : function.end] == "f"
    assert module.text[class_.start : class_.end] == "C"


# --- bad input --------------------------------------------------------------------------------------------------


def _error(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as raised:
        parse("a.py", data)
    return raised.value


def test_a_syntax_error_is_told_in_the_words_of_python() -> None:
    error = _error(b"x = 1\ny = (\n")
    assert (error.message, error.line) == ("'(' was never closed", 2)


def test_what_both_parsers_refuse_is_told_by_python() -> None:
    error = _error(b"x = 1\ny = = 2\n")
    assert (error.message, error.line, error.column) == ("invalid syntax", 2, 5)


@pytest.mark.parametrize("kind", [RecursionError, MemoryError])
def test_when_python_itself_gives_up(monkeypatch: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    def give_up(text: str) -> None:
        raise kind

    monkeypatch.setattr(ast, "parse", give_up)
    assert "nested too deeply" in _error(b"x\n").message


@pytest.mark.parametrize(
    "more", ["1+" * 20_000, "a" + "[0]" * 3_000, "a" + "()" * 3_000, "not " * 20_000, "-" * 20_000]
)
@pytest.mark.parametrize("newer_syntax", ["", "type A[T] = [*b for b in T]\n"])
def test_chains_end_in_an_answer(more: str, newer_syntax: str) -> None:
    """However long they are, and whichever parser sees them."""
    try:
        parse("a.py", f"{newer_syntax}x = {more}1\n".encode())
    except ParseError as error:
        assert error.message


def test_places_in_formatted_strings() -> None:
    source = 'def f():\n    return f\'{ä} {b.c()!r:>{d}}\' f"""\n  {\n  e}"""\n'.replace("ä", "ä")
    module = parse("a.py", source.encode())
    names = [node for node in s.walk(module.body, into_functions=True) if isinstance(node, (s.Name, s.Call))]
    assert [source[node.start : node.end] for node in names] == ["ä", "b.c()", "b", "d", "e"]


def test_size_has_a_limit() -> None:
    assert "larger than" in _error(b"#" * (MAX_BYTES + 1)).message


def test_encodings() -> None:
    assert encoding_of(b"# -*- coding: cp1252 -*-\n") == "cp1252"
    assert decode(b"\xef\xbb\xbfx") == "x"
    assert "cannot be decoded" in _error(b"# coding: nonsense\n").message
    assert "cannot be decoded" in _error(b"x = '\xff'\n").message
    nul = _error(b"x = 1\n\0")
    assert (nul.message, nul.line) == ("contains a NUL byte", 2)
