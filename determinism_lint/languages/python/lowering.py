"""Python's own syntax tree, lowered to the neutral one."""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.python.fstrings import interpolations

_PLACES_IN_TEMPLATES = sys.version_info >= (3, 12)
"""Older versions do not say where in a formatted string an expression is."""
_NAME = re.compile(r"(?:\s|\\)*(\w+)")


def lowered(tree: ast.Module, text: str) -> s.Block:
    """The neutral tree of a parsed module."""
    return _Lowering(text).block(tree.body)


class _Lowering:
    """A method per node type, found by its name."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = s.line_starts(text)
        self._first = 1, 0
        """The line and the column, in bytes, at which begins what is being lowered."""
        self._columns: dict[int, list[int]] | None = None if text.isascii() else {}
        self._yields: list[bool] = []
        self._methods: dict[type[ast.AST], Callable[[Any], Any]] = {}

    # places

    def _offset(self, line: int, column: int) -> int:
        if line == 1:
            column += self._first[1]
        line += self._first[0] - 1
        start = self._starts[line - 1]
        if self._columns is None:
            return start + column
        columns = self._columns.get(line)
        if columns is None:
            end = self._starts[line] if line < len(self._starts) else len(self._text)
            columns = [0]
            for position, character in enumerate(self._text[start:end]):
                columns += [position + 1] * len(character.encode("utf-8", "surrogatepass"))
            self._columns[line] = columns
        return start + columns[min(column, len(columns) - 1)]

    def _at(self, node: Any) -> tuple[int, int]:
        if self._columns is None and self._first == (1, 0):  # as nearly always
            starts = self._starts
            return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _named(self, node: Any, keyword: str) -> tuple[int, int]:
        """Where the name of a function or class is, behind its keyword."""
        start = self._text.index(keyword, self._offset(node.lineno, node.col_offset)) + len(keyword)
        found = _NAME.match(self._text, start)
        return found.span(1) if found is not None else self._at(node)

    # statements

    def block(self, statements: Iterable[ast.stmt]) -> s.Block:
        found: list[s.Statement] = []
        for statement in statements:
            made = self._lower(statement)
            if type(made) is tuple:
                found.extend(made)
            else:
                found.append(made)
        return tuple(found)

    def _lower(self, node: ast.AST) -> Any:
        method = self._methods.get(type(node))
        if method is None:
            name = type(node).__name__
            method = getattr(self, f"_{name}", None)
            if method is None:
                raise ValueError(f"syntax that this version does not know: {name}")
            self._methods[type(node)] = method
        return method(node)

    def _optional(self, node: ast.AST | None) -> Any:
        return None if node is None else self._lower(node)

    def _all(self, nodes: Iterable[ast.AST]) -> tuple[Any, ...]:
        return tuple([self._lower(node) for node in nodes])

    def _Expr(self, node: ast.Expr) -> s.Evaluate:
        return s.Evaluate(*self._at(node), self._lower(node.value))

    def _Assign(self, node: ast.Assign) -> s.Assign:
        return s.Assign(*self._at(node), self._all(node.targets), self._lower(node.value))

    def _AnnAssign(self, node: ast.AnnAssign) -> s.Assign:
        annotation = self._lower(node.annotation)
        return s.Assign(*self._at(node), (self._lower(node.target),), self._optional(node.value), annotation)

    def _AugAssign(self, node: ast.AugAssign) -> s.Assign:
        operator, target = _OPERATORS[type(node.op).__name__], self._lower(node.target)
        return s.Assign(*self._at(node), (target,), self._lower(node.value), augmented=True, operator=operator)

    def _TypeAlias(self, node: Any) -> s.Assign:
        return s.Assign(*self._at(node), (self._lower(node.name),), self._lower(node.value))

    def _Delete(self, node: ast.Delete) -> s.Delete:
        targets = self._all(node.targets)
        if len(targets) == 1 and isinstance(targets[0], s.Collection):
            targets = targets[0].items
        return s.Delete(*self._at(node), targets)

    def _If(self, node: ast.If) -> s.If:
        return s.If(*self._at(node), self._lower(node.test), self.block(node.body), self.block(node.orelse))

    def _While(self, node: ast.While) -> s.Loop:
        return s.Loop(*self._at(node), None, self._lower(node.test), self.block(node.body), self.block(node.orelse))

    def _For(self, node: ast.For | ast.AsyncFor) -> s.Loop:
        subject = self._lower(node.iter)
        if isinstance(node, ast.AsyncFor):
            subject = s.Suspend(subject.start, subject.end, subject, "await")
        target = self._lower(node.target)
        return s.Loop(*self._at(node), target, subject, self.block(node.body), self.block(node.orelse))

    _AsyncFor = _For

    def _Try(self, node: Any) -> s.Try:
        handlers = self._all(node.handlers)
        body, orelse, final = self.block(node.body), self.block(node.orelse), self.block(node.finalbody)
        return s.Try(*self._at(node), body, handlers, orelse, final)

    _TryStar = _Try

    def _ExceptHandler(self, node: ast.ExceptHandler) -> s.Handler:
        return s.Handler(*self._at(node), self._optional(node.type), node.name, self.block(node.body))

    def _With(self, node: ast.With | ast.AsyncWith) -> s.With:
        items = []
        for item in node.items:
            value = self._lower(item.context_expr)
            if isinstance(node, ast.AsyncWith):
                value = s.Suspend(value.start, value.end, value, "await")
            items.append((value, self._optional(item.optional_vars)))
        return s.With(*self._at(node), tuple(items), self.block(node.body))

    _AsyncWith = _With

    def _Match(self, node: ast.Match) -> s.Match:
        cases = []
        for case in node.cases:
            captures = tuple(s.Name(*self._at(each), name) for each, name in _captures(case.pattern))
            body = self.block(case.body)
            start = self._at(case.pattern)[0]
            end = self._at(case.body[-1])[1]
            cases.append(s.Case(start, end, captures, self._optional(case.guard), body))
        return s.Match(*self._at(node), self._lower(node.subject), tuple(cases))

    def _Return(self, node: ast.Return) -> s.Return:
        return s.Return(*self._at(node), self._optional(node.value))

    def _Raise(self, node: ast.Raise) -> s.Raise:
        return s.Raise(*self._at(node), self._optional(node.exc), self._optional(node.cause))

    def _Break(self, node: ast.Break) -> s.Break:
        return s.Break(*self._at(node))

    def _Continue(self, node: ast.Continue) -> s.Continue:
        return s.Continue(*self._at(node))

    def _Pass(self, node: ast.Pass) -> tuple[s.Statement, ...]:
        return ()

    def _Assert(self, node: ast.Assert) -> s.Evaluate:
        operands = self._all(part for part in (node.test, node.msg) if part is not None)
        return s.Evaluate(*self._at(node), s.Operation(*self._at(node), "assert", operands))

    def _Import(self, node: ast.Import) -> tuple[s.Statement, ...]:
        at = self._at(node)
        # `import a.b` binds `a`
        return tuple(s.Import(*at, alias.name, None, alias.asname or alias.name.split(".")[0]) for alias in node.names)

    def _ImportFrom(self, node: ast.ImportFrom) -> tuple[s.Statement, ...]:
        at, module, level = self._at(node), node.module or "", node.level
        if node.names[0].name == "*":
            return (s.Import(*at, module, None, None, level),)
        return tuple(s.Import(*at, module, alias.name, alias.asname or alias.name, level) for alias in node.names)

    def _Global(self, node: ast.Global) -> s.Outer:
        return s.Outer(*self._at(node), "global", tuple(node.names))

    def _Nonlocal(self, node: ast.Nonlocal) -> s.Outer:
        return s.Outer(*self._at(node), "nonlocal", tuple(node.names))

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> s.Function:
        decorators, returns = self._all(node.decorator_list), self._optional(node.returns)
        parameters = self._parameters(node.args)
        self._yields.append(False)
        body = self.block(node.body)
        is_generator = self._yields.pop()
        is_async = isinstance(node, ast.AsyncFunctionDef)
        at = self._named(node, "def")
        return s.Function(*at, node.name, parameters, body, decorators, returns, is_async, is_generator)

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: ast.ClassDef) -> s.Class:
        bases, decorators = self._all(node.bases), self._all(node.decorator_list)
        return s.Class(*self._named(node, "class"), node.name, bases, self.block(node.body), decorators)

    def _parameters(self, node: ast.arguments) -> tuple[s.Parameter, ...]:
        positional = [*node.posonlyargs, *node.args]
        defaults = [*[None] * (len(positional) - len(node.defaults)), *node.defaults]
        found = [self._parameter(*each, "positional") for each in zip(positional, defaults, strict=True)]
        if node.vararg is not None:
            found.append(self._parameter(node.vararg, None, "*"))
        found += [self._parameter(*each, "keyword") for each in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        if node.kwarg is not None:
            found.append(self._parameter(node.kwarg, None, "**"))
        return tuple(found)

    def _parameter(self, node: ast.arg, default: ast.expr | None, kind: Any) -> s.Parameter:
        start = self._offset(node.lineno, node.col_offset)
        found = _NAME.match(self._text, start)
        end = found.end() if found is not None else start
        return s.Parameter(start, end, node.arg, self._optional(node.annotation), self._optional(default), kind)

    # expressions

    def _Name(self, node: ast.Name) -> s.Name:
        return s.Name(*self._at(node), node.id)

    def _Attribute(self, node: ast.Attribute) -> s.Attribute:
        return s.Attribute(*self._at(node), self._lower(node.value), node.attr)

    def _Constant(self, node: ast.Constant) -> s.Constant:
        return s.Constant(*self._at(node), node.value)

    def _JoinedStr(self, node: Any) -> s.Template:
        start, end = self._at(node)
        found = list(self._interpolations(node) if _PLACES_IN_TEMPLATES else self._found(start, end))
        conversions = tuple(conversion for _, conversion in found)
        return s.Template(start, end, tuple(value for value, _ in found), conversions if any(conversions) else ())

    _TemplateStr = _JoinedStr

    def _interpolations(self, node: Any) -> Iterable[tuple[s.Expression, str]]:
        for part in node.values:
            if hasattr(part, "conversion"):
                yield self._lower(part.value), "" if part.conversion < 0 else chr(part.conversion)
                if part.format_spec is not None:
                    yield from self._interpolations(part.format_spec)

    def _found(self, start: int, end: int) -> Iterable[tuple[s.Expression, str]]:
        for offset, written, conversion in interpolations(self._text, start, end):
            line = bisect_right(self._starts, offset)
            column = len(self._text[self._starts[line - 1] : offset].encode("utf-8", "surrogatepass"))
            before, self._first = self._first, (line, column - 1)
            yield self._lower(ast.parse(f"({written})", mode="eval").body), conversion
            self._first = before

    def _Call(self, node: ast.Call) -> s.Call:
        at, function = self._at(node), self._lower(node.func)
        arguments = [self._argument(argument) for argument in node.args]
        if node.keywords:
            arguments += [self._keyword(keyword) for keyword in node.keywords]
            arguments.sort(key=_start)
        return s.Call(*at, function, tuple(arguments))

    def _argument(self, node: ast.expr) -> s.Argument:
        if isinstance(node, ast.Starred):
            value = self._lower(node.value)
            return s.Argument(value.start, value.end, value, None, "*")
        value = self._lower(node)
        return s.Argument(value.start, value.end, value)

    def _keyword(self, node: ast.keyword) -> s.Argument:
        value = self._lower(node.value)
        return s.Argument(value.start, value.end, value, node.arg, "**" if node.arg is None else "")

    def _Await(self, node: ast.Await) -> s.Suspend:
        return s.Suspend(*self._at(node), self._lower(node.value), "await")

    def _Yield(self, node: ast.Yield) -> s.Suspend:
        if self._yields:
            self._yields[-1] = True
        return s.Suspend(*self._at(node), self._optional(node.value), "yield")

    def _YieldFrom(self, node: ast.YieldFrom) -> s.Delegate:
        if self._yields:
            self._yields[-1] = True
        return s.Delegate(*self._at(node), self._lower(node.value))

    def _Lambda(self, node: ast.Lambda) -> s.Lambda:
        at, parameters = self._at(node), self._parameters(node.args)
        self._yields.append(False)
        body = self._lower(node.body)
        is_generator = self._yields.pop()
        result = s.Return(body.start, body.end, body)
        return s.Lambda(*at, s.Function(*at, "<lambda>", parameters, (result,), is_generator=is_generator))

    def _List(self, node: ast.List) -> s.Collection:
        return s.Collection(*self._at(node), "list", self._all(node.elts))

    def _Set(self, node: ast.Set) -> s.Collection:
        return s.Collection(*self._at(node), "set", self._all(node.elts))

    def _Tuple(self, node: ast.Tuple) -> s.Collection:
        return s.Collection(*self._at(node), "tuple", self._all(node.elts))

    def _Starred(self, node: ast.Starred) -> s.Starred:
        value = self._lower(node.value)
        return s.Starred(value.start, value.end, value)

    def _Dict(self, node: ast.Dict) -> s.Collection:
        items, keys = [], []
        for key, each in zip(node.keys, node.values, strict=True):
            value = self._lower(each)
            if key is not None:
                keys.append(self._lower(key))
                items.append(value)
            else:
                keys.append(s.Constant(value.start, value.start, None))
                items.append(s.Starred(value.start, value.end, value))
        return s.Collection(*self._at(node), "dict", tuple(items), tuple(keys))

    def _comprehension(self, node: Any, kind: Any, *elements: ast.expr) -> s.Comprehension:
        clauses = []
        for clause in node.generators:
            iterable = self._lower(clause.iter)
            if clause.is_async:
                iterable = s.Suspend(iterable.start, iterable.end, iterable, "await")
            target = self._lower(clause.target)
            clauses.append(s.Clause(target.start, iterable.end, target, iterable, self._all(clause.ifs)))
        (start, end), lowered = self._at(node), self._all(elements)
        if kind == "generator":  # without the brackets around it, which may be those of a call
            start, end = lowered[0].start, end - 1
            end -= len(self._text[start:end]) - len(self._text[start:end].rstrip())
        return s.Comprehension(start, end, kind, lowered, tuple(clauses))

    def _ListComp(self, node: ast.ListComp) -> s.Comprehension:
        return self._comprehension(node, "list", node.elt)

    def _SetComp(self, node: ast.SetComp) -> s.Comprehension:
        return self._comprehension(node, "set", node.elt)

    def _GeneratorExp(self, node: ast.GeneratorExp) -> s.Comprehension:
        return self._comprehension(node, "generator", node.elt)

    def _DictComp(self, node: ast.DictComp) -> s.Comprehension:
        return self._comprehension(node, "dict", *(each for each in (node.key, node.value) if each is not None))

    def _BinOp(self, node: ast.BinOp) -> s.Operation:
        return s.Operation(
            *self._at(node), _OPERATORS[type(node.op).__name__], (self._lower(node.left), self._lower(node.right))
        )

    def _BoolOp(self, node: ast.BoolOp) -> s.Operation:
        operator = "and" if isinstance(node.op, ast.And) else "or"
        start = self._offset(node.lineno, node.col_offset)
        made, *others = self._all(node.values)
        for other in others:
            made = s.Operation(start, other.end, operator, (made, other))
        made.end = self._offset(node.end_lineno or 0, node.end_col_offset or 0)
        return made  # type: ignore[no-any-return]

    def _UnaryOp(self, node: ast.UnaryOp) -> s.Operation:
        operator = "not" if isinstance(node.op, ast.Not) else "-"
        return s.Operation(*self._at(node), operator, (self._lower(node.operand),))

    def _Compare(self, node: ast.Compare) -> s.Operation:
        kinds = {_OPERATORS[type(operator).__name__] for operator in node.ops}
        operator = kinds.pop() if len(kinds) == 1 else "<"
        return s.Operation(*self._at(node), operator, (self._lower(node.left), *self._all(node.comparators)))

    def _IfExp(self, node: ast.IfExp) -> s.Conditional:
        test, body, orelse = self._lower(node.test), self._lower(node.body), self._lower(node.orelse)
        return s.Conditional(*self._at(node), test, body, orelse)

    def _Subscript(self, node: ast.Subscript) -> s.Subscript:
        at = self._at(node)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) and node.slice.elts else [node.slice]
        index = tuple(self._index(part, at) for part in parts)
        return s.Subscript(*at, self._lower(node.value), index)

    def _index(self, node: ast.expr, at: tuple[int, int]) -> s.Expression:
        if isinstance(node, ast.Slice):
            bounds = (part for part in (node.lower, node.upper, node.step) if part is not None)
            return s.Collection(*at, "slice", self._all(bounds))
        return self._lower(node.value if isinstance(node, ast.Starred) else node)  # type: ignore[no-any-return]

    def _NamedExpr(self, node: ast.NamedExpr) -> s.Bind:
        return s.Bind(*self._at(node), self._lower(node.target), self._lower(node.value))


def _start(node: s.Node) -> int:
    return node.start


def _captures(pattern: ast.pattern) -> Iterable[tuple[ast.pattern, str]]:
    """The names that a `case` pattern binds."""
    for node in ast.walk(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None:
            yield node, node.name
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            yield node, node.rest


_OPERATORS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "MatMult": "@",
    "LShift": "<<", "RShift": ">>", "BitOr": "|", "BitAnd": "&", "BitXor": "^",
    "Eq": "==", "NotEq": "!=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in",
    "Lt": "<", "LtE": "<", "Gt": ">", "GtE": ">",
}  # fmt: skip
