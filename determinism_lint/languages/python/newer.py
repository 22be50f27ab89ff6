"""Python newer than the one that runs the linter, parsed by LibCST and lowered to the neutral tree in one walk.

LibCST's metadata providers cost several times the parse itself, so positions come from one pass of its own code
generation that only counts characters, and names are resolved later, by the analysis.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from determinism_lint.analysis import syntax as s

MAX_NESTING = 150
"""LibCST's parser needs quadratic time, and native stack, for nested brackets."""
MAX_CHAIN = 600
"""LibCST's parser needs quadratic time for operators, calls or subscripts in a row, up to a comma or line end."""


def parse(text: str) -> s.Block:
    """The neutral tree of a module. Raises `ValueError` and what LibCST raises for whatever cannot be parsed."""
    _refuse_extremes(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes such as "\\d", which Python still accepts
        tree = cst.parse_module(text)
        return _Lowering(_spans(tree, text)).block(tree.body)


_TOKEN = re.compile(r"\w+|\n|[^\w\s]")


def _refuse_extremes(text: str) -> None:
    """Refuse what would take the parser minutes or its stack. What strings hold counts, to be on the safe side."""
    lengths = [0]
    for match in _TOKEN.finditer(text):
        token = match[0]
        lengths[-1] += 1
        if token in "([{":
            lengths.append(0)
        elif token in ")]}":
            del lengths[max(1, len(lengths) - 1) :]
        elif token in ",:;" or (token == "\n" and len(lengths) == 1):
            lengths[-1] = 0
        if len(lengths) > MAX_NESTING or lengths[-1] > MAX_CHAIN:
            raise ValueError("is nested too deeply to be parsed")


# --- positions --------------------------------------------------------------------------------------------------

_Spans = dict[int, tuple[int, int]]


class _Recorder:
    """Notes where one node's code begins and ends."""

    __slots__ = ("node", "start", "state")

    def __init__(self, state: _OffsetState, node: cst.CSTNode) -> None:
        self.state = state
        self.node = node
        self.start = 0

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(self, *_: object) -> None:
        self.state.spans[id(self.node)] = (self.start, self.state.offset)


class _OffsetState(CodegenState):
    """Code generation that knows at which offset it is."""

    def __init__(self, tree: cst.Module) -> None:
        super().__init__(default_indent=tree.default_indent, default_newline=tree.default_newline)
        self.offset = 0
        self.spans: _Spans = {}

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def record_syntactic_position(self, node: cst.CSTNode, **_: object) -> Any:
        return _Recorder(self, node)


def _spans(tree: cst.Module, text: str) -> _Spans:
    state = _OffsetState(tree)
    tree._codegen(state)
    generated = "".join(state.tokens)
    if generated == text:
        return state.spans
    offsets, last = _align(generated, text), len(generated)
    return {node: (offsets[min(start, last)], offsets[min(end, last)]) for node, (start, end) in state.spans.items()}


def _align(generated: str, text: str) -> list[int]:
    """Offsets in `text` for those in `generated`.

    LibCST does not always reproduce its input to the letter: it drops the space in `except (A, B) :`, for instance.
    """
    offsets, position, last = [], 0, len(text)
    for character in generated:
        while position < last and text[position] != character and text[position].isspace():
            position += 1
        offsets.append(min(position, last))
        if position < last and text[position] == character:
            position += 1
    offsets.append(position)
    return offsets


# --- lowering ---------------------------------------------------------------------------------------------------

_T = TypeVar("_T")


class _Lowering:
    """Turns LibCST nodes into neutral ones. A method per node type, found by its name."""

    def __init__(self, spans: _Spans) -> None:
        self._spans = spans
        self._methods: dict[type[cst.CSTNode], Callable[[Any], Any]] = {}
        self._yields: list[bool] = []

    # statements

    def block(self, statements: Any) -> s.Block:
        lowered: list[s.Statement] = []
        for statement in statements:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    lowered.extend(self._statement(small))
            else:
                lowered.extend(self._statement(statement))
        return tuple(lowered)

    def _suite(self, body: Any) -> s.Block:
        if isinstance(body, cst.SimpleStatementSuite):
            return tuple(lowered for small in body.body for lowered in self._statement(small))
        return self.block(body.body)

    def _statement(self, node: cst.CSTNode) -> tuple[s.Statement, ...]:
        result = self._lower(node)
        return result if isinstance(result, tuple) else (result,)

    def _expr(self, node: cst.CSTNode) -> s.Expression:
        lowered: s.Expression = self._lower(node)
        return lowered

    def _optional(self, node: cst.CSTNode | None) -> s.Expression | None:
        return None if node is None else self._expr(node)

    def _lower(self, node: cst.CSTNode) -> Any:
        kind = type(node)
        method = self._methods.get(kind)
        if method is None:
            method = getattr(self, f"_{kind.__name__}", None)
            if method is None:
                raise ValueError(f"syntax that this version does not know: {kind.__name__}")
            self._methods[kind] = method
        return method(node)

    def _at(self, node: cst.CSTNode) -> tuple[int, int]:
        return self._spans[id(node)]

    def _Expr(self, node: cst.Expr) -> s.Evaluate:
        return s.Evaluate(*self._at(node), self._expr(node.value))

    def _Assign(self, node: cst.Assign) -> s.Assign:
        targets = tuple(self._expr(target.target) for target in node.targets)
        return s.Assign(*self._at(node), targets, self._expr(node.value))

    def _AnnAssign(self, node: cst.AnnAssign) -> s.Assign:
        annotation = self._expr(node.annotation.annotation)
        return s.Assign(*self._at(node), (self._expr(node.target),), self._optional(node.value), annotation)

    def _AugAssign(self, node: cst.AugAssign) -> s.Assign:
        operator = _OPERATORS.get(type(node.operator).__name__.removesuffix("Assign"), "?")
        target, value = self._expr(node.target), self._expr(node.value)
        return s.Assign(*self._at(node), (target,), value, augmented=True, operator=operator)

    def _Del(self, node: cst.Del) -> s.Delete:
        target = self._expr(node.target)
        return s.Delete(*self._at(node), target.items if isinstance(target, s.Collection) else (target,))

    def _If(self, node: cst.If) -> s.If:
        orelse: s.Block = ()
        if isinstance(node.orelse, cst.If):
            orelse = (self._If(node.orelse),)
        elif node.orelse is not None:
            orelse = self._suite(node.orelse.body)
        return s.If(*self._at(node), self._expr(node.test), self._suite(node.body), orelse)

    def _While(self, node: cst.While) -> s.Loop:
        return s.Loop(*self._at(node), None, self._expr(node.test), self._suite(node.body), self._else(node.orelse))

    def _For(self, node: cst.For) -> s.Loop:
        subject = self._expr(node.iter)
        if node.asynchronous is not None:
            subject = s.Suspend(subject.start, subject.end, subject, "await")
        target = self._expr(node.target)
        return s.Loop(*self._at(node), target, subject, self._suite(node.body), self._else(node.orelse))

    def _else(self, node: cst.Else | None) -> s.Block:
        return () if node is None else self._suite(node.body)

    def _Try(self, node: cst.Try | cst.TryStar) -> s.Try:
        handlers = tuple(self._handler(handler) for handler in node.handlers)
        final = () if node.finalbody is None else self._suite(node.finalbody.body)
        return s.Try(*self._at(node), self._suite(node.body), handlers, self._else(node.orelse), final)

    _TryStar = _Try

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> s.Handler:
        name = node.name.name.value if node.name is not None and isinstance(node.name.name, cst.Name) else None
        return s.Handler(*self._at(node), self._optional(node.type), name, self._suite(node.body))

    def _With(self, node: cst.With) -> s.With:
        items = []
        for item in node.items:
            value = self._expr(item.item)
            if node.asynchronous is not None:
                value = s.Suspend(value.start, value.end, value, "await")
            items.append((value, None if item.asname is None else self._expr(item.asname.name)))
        return s.With(*self._at(node), tuple(items), self._suite(node.body))

    def _Match(self, node: cst.Match) -> s.Match:
        cases = []
        for case in node.cases:
            names: list[s.Name] = []
            _collect_captures(self, case.pattern, names)
            body = self._suite(case.body)
            start, end = self._at(case) if id(case) in self._spans else self._at(node)
            cases.append(s.Case(start, end, tuple(names), self._optional(case.guard), body))
        return s.Match(*self._at(node), self._expr(node.subject), tuple(cases))

    def _Return(self, node: cst.Return) -> s.Return:
        return s.Return(*self._at(node), self._optional(node.value))

    def _Raise(self, node: cst.Raise) -> s.Raise:
        cause = None if node.cause is None else self._expr(node.cause.item)
        return s.Raise(*self._at(node), self._optional(node.exc), cause)

    def _Break(self, node: cst.Break) -> s.Break:
        return s.Break(*self._at(node))

    def _Continue(self, node: cst.Continue) -> s.Continue:
        return s.Continue(*self._at(node))

    def _Pass(self, node: cst.Pass) -> tuple[s.Statement, ...]:
        return ()

    def _Assert(self, node: cst.Assert) -> s.Evaluate:
        operands = tuple(self._expr(part) for part in (node.test, node.msg) if part is not None)
        return s.Evaluate(*self._at(node), s.Operation(*self._at(node), "assert", operands))

    def _Import(self, node: cst.Import) -> tuple[s.Statement, ...]:
        start, end = self._at(node)
        imports = []
        for alias in node.names:
            module = _dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                imports.append(s.Import(start, end, module, None, alias.asname.name.value))
            else:  # `import a.b` binds `a`
                imports.append(s.Import(start, end, module, None, module.split(".")[0]))
        return tuple(imports)

    _LazyImport = _Import

    def _ImportFrom(self, node: cst.ImportFrom) -> tuple[s.Statement, ...]:
        start, end = self._at(node)
        module = "" if node.module is None else _dotted(node.module)
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            return (s.Import(start, end, module, None, None, level),)
        imports = []
        for alias in node.names:
            name = _dotted(alias.name)
            local = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
            imports.append(s.Import(start, end, module, name, local, level))
        return tuple(imports)

    _LazyImportFrom = _ImportFrom

    def _Global(self, node: cst.Global) -> s.Outer:
        return s.Outer(*self._at(node), "global", tuple(item.name.value for item in node.names))

    def _Nonlocal(self, node: cst.Nonlocal) -> s.Outer:
        return s.Outer(*self._at(node), "nonlocal", tuple(item.name.value for item in node.names))

    def _TypeAlias(self, node: cst.TypeAlias) -> s.Assign:
        return s.Assign(*self._at(node), (self._expr(node.name),), self._expr(node.value))

    def _FunctionDef(self, node: cst.FunctionDef) -> s.Function:
        decorators = tuple(self._expr(decorator.decorator) for decorator in node.decorators)
        returns = None if node.returns is None else self._expr(node.returns.annotation)
        parameters = self._parameters(node.params)
        self._yields.append(False)
        body = self._suite(node.body)
        is_generator = self._yields.pop()
        start, end = self._at(node.name)
        is_async = node.asynchronous is not None
        return s.Function(start, end, node.name.value, parameters, body, decorators, returns, is_async, is_generator)

    def _ClassDef(self, node: cst.ClassDef) -> s.Class:
        bases = tuple(self._expr(base.value) for base in node.bases)
        decorators = tuple(self._expr(decorator.decorator) for decorator in node.decorators)
        return s.Class(*self._at(node.name), node.name.value, bases, self._suite(node.body), decorators)

    def _parameters(self, node: cst.Parameters) -> tuple[s.Parameter, ...]:
        found = [self._parameter(p, "positional") for p in (*node.posonly_params, *node.params)]
        if isinstance(node.star_arg, cst.Param):
            found.append(self._parameter(node.star_arg, "*"))
        found.extend(self._parameter(p, "keyword") for p in node.kwonly_params)
        if node.star_kwarg is not None:
            found.append(self._parameter(node.star_kwarg, "**"))
        return tuple(found)

    def _parameter(self, node: cst.Param, kind: Any) -> s.Parameter:
        annotation = None if node.annotation is None else self._expr(node.annotation.annotation)
        return s.Parameter(*self._at(node.name), node.name.value, annotation, self._optional(node.default), kind)

    # expressions

    def _Name(self, node: cst.Name) -> s.Expression:
        start, end = self._at(node)
        if node.value in _CONSTANTS:
            return s.Constant(start, end, _CONSTANTS[node.value])
        return s.Name(start, end, node.value)

    def _Attribute(self, node: cst.Attribute) -> s.Attribute:
        return s.Attribute(*self._at(node), self._expr(node.value), node.attr.value)

    def _number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> s.Constant:
        return s.Constant(*self._at(node), node.evaluated_value)

    _Integer = _Float = _Imaginary = _number

    def _string(self, node: cst.SimpleString) -> s.Constant:
        return s.Constant(*self._at(node), node.evaluated_value)

    _SimpleString = _string

    def _ConcatenatedString(self, node: cst.ConcatenatedString) -> s.Expression:
        value = node.evaluated_value
        if value is not None:
            return s.Constant(*self._at(node), value)
        return s.Template(*self._at(node), (self._expr(node.left), self._expr(node.right)))

    def _FormattedString(self, node: cst.FormattedString) -> s.Template:
        return self._template(node)

    def _TemplatedString(self, node: Any) -> s.Template:
        return self._template(node)

    def _template(self, node: Any) -> s.Template:
        found = self._interpolations(node.parts)
        conversions = tuple(conversion for _, conversion in found)
        values = tuple(value for value, _ in found)
        return s.Template(*self._at(node), values, conversions if any(conversions) else ())

    def _interpolations(self, parts: Any) -> list[tuple[s.Expression, str]]:
        found: list[tuple[s.Expression, str]] = []
        for part in parts:
            if isinstance(part, (cst.FormattedStringText, cst.SimpleString)) or not hasattr(part, "expression"):
                continue
            found.append((self._expr(part.expression), part.conversion or ""))
            if part.format_spec is not None:
                found.extend(self._interpolations(part.format_spec))
        return found

    def _Ellipsis(self, node: cst.Ellipsis) -> s.Constant:
        return s.Constant(*self._at(node), ...)

    def _Call(self, node: cst.Call) -> s.Call:
        arguments = tuple(self._argument(argument) for argument in node.args)
        return s.Call(*self._at(node), self._expr(node.func), arguments)

    def _argument(self, node: cst.Arg) -> s.Argument:
        value = self._expr(node.value)
        keyword = None if node.keyword is None else node.keyword.value
        unpack: Any = node.star
        return s.Argument(value.start, value.end, value, keyword, unpack)

    def _Await(self, node: cst.Await) -> s.Suspend:
        return s.Suspend(*self._at(node), self._expr(node.expression), "await")

    def _Yield(self, node: cst.Yield) -> s.Expression:
        if self._yields:
            self._yields[-1] = True
        if isinstance(node.value, cst.From):
            return s.Delegate(*self._at(node), self._expr(node.value.item))
        return s.Suspend(*self._at(node), self._optional(node.value), "yield")

    def _Lambda(self, node: cst.Lambda) -> s.Lambda:
        start, end = self._at(node)
        parameters = self._parameters(node.params)
        self._yields.append(False)
        body = self._expr(node.body)
        is_generator = self._yields.pop()
        result = s.Return(body.start, body.end, body)
        return s.Lambda(
            start, end, s.Function(start, end, "<lambda>", parameters, (result,), is_generator=is_generator)
        )

    def _List(self, node: cst.List) -> s.Collection:
        return s.Collection(*self._at(node), "list", self._elements(node))

    def _Set(self, node: cst.Set) -> s.Collection:
        return s.Collection(*self._at(node), "set", self._elements(node))

    def _Tuple(self, node: cst.Tuple) -> s.Collection:
        return s.Collection(*self._at(node), "tuple", self._elements(node))

    def _elements(self, node: cst.List | cst.Set | cst.Tuple) -> tuple[s.Expression, ...]:
        return tuple(self._element(element) for element in node.elements)

    def _element(self, node: cst.BaseElement) -> s.Expression:
        value = self._expr(node.value)
        return s.Starred(value.start, value.end, value) if isinstance(node, cst.StarredElement) else value

    _StarredElement = _element

    def _Dict(self, node: cst.Dict) -> s.Collection:
        items, keys = [], []
        for element in node.elements:
            value = self._expr(element.value)
            if isinstance(element, cst.DictElement):
                keys.append(self._expr(element.key))
                items.append(value)
            else:
                keys.append(s.Constant(value.start, value.start, None))
                items.append(s.Starred(value.start, value.end, value))
        return s.Collection(*self._at(node), "dict", tuple(items), tuple(keys))

    def _comprehension(self, node: Any, kind: Any, *elements: cst.BaseExpression) -> s.Comprehension:
        clauses = []
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            iterable = self._expr(clause.iter)
            if clause.asynchronous is not None:
                iterable = s.Suspend(iterable.start, iterable.end, iterable, "await")
            target = self._expr(clause.target)
            conditions = tuple(self._expr(condition.test) for condition in clause.ifs)
            clauses.append(s.Clause(target.start, iterable.end, target, iterable, conditions))
            clause = clause.inner_for_in
        lowered = tuple(self._expr(element) for element in elements)
        return s.Comprehension(*self._at(node), kind, lowered, tuple(clauses))

    def _ListComp(self, node: cst.ListComp) -> s.Comprehension:
        return self._comprehension(node, "list", node.elt)

    def _SetComp(self, node: cst.SetComp) -> s.Comprehension:
        return self._comprehension(node, "set", node.elt)

    def _GeneratorExp(self, node: cst.GeneratorExp) -> s.Comprehension:
        return self._comprehension(node, "generator", node.elt)

    def _DictComp(self, node: cst.DictComp) -> s.Comprehension:
        return self._comprehension(node, "dict", node.key, node.value)

    def _StarredDictComp(self, node: Any) -> s.Comprehension:
        return self._comprehension(node, "dict", node.value)

    def _BinaryOperation(self, node: cst.BinaryOperation) -> s.Operation:
        operator = _OPERATORS.get(type(node.operator).__name__, "?")
        return s.Operation(*self._at(node), operator, (self._expr(node.left), self._expr(node.right)))

    def _BooleanOperation(self, node: cst.BooleanOperation) -> s.Operation:
        operator = "and" if isinstance(node.operator, cst.And) else "or"
        return s.Operation(*self._at(node), operator, (self._expr(node.left), self._expr(node.right)))

    def _UnaryOperation(self, node: cst.UnaryOperation) -> s.Operation:
        operator = "not" if isinstance(node.operator, cst.Not) else "-"
        return s.Operation(*self._at(node), operator, (self._expr(node.expression),))

    def _Comparison(self, node: cst.Comparison) -> s.Operation:
        operands = [self._expr(node.left)]
        operands.extend(self._expr(target.comparator) for target in node.comparisons)
        kinds = {type(target.operator).__name__ for target in node.comparisons}
        operator = _OPERATORS.get(kinds.pop(), "<") if len(kinds) == 1 else "<"
        return s.Operation(*self._at(node), operator, tuple(operands))

    def _IfExp(self, node: cst.IfExp) -> s.Conditional:
        test, body, orelse = self._expr(node.test), self._expr(node.body), self._expr(node.orelse)
        return s.Conditional(*self._at(node), test, body, orelse)

    def _Subscript(self, node: cst.Subscript) -> s.Subscript:
        index: list[s.Expression] = []
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                index.append(self._expr(element.slice.value))
            else:
                bounds = [self._expr(part) for part in element.slice.children if isinstance(part, cst.BaseExpression)]
                index.append(s.Collection(*self._at(node), "slice", tuple(bounds)))
        return s.Subscript(*self._at(node), self._expr(node.value), tuple(index))

    def _NamedExpr(self, node: cst.NamedExpr) -> s.Bind:
        return s.Bind(*self._at(node), self._expr(node.target), self._expr(node.value))


def _collect_captures(lowering: _Lowering, pattern: cst.CSTNode, found: list[s.Name]) -> None:
    """The names that a `case` pattern binds."""
    if isinstance(pattern, (cst.MatchAs, cst.MatchStar)) and pattern.name is not None:
        found.append(s.Name(*lowering._at(pattern.name), pattern.name.value))
    elif isinstance(pattern, cst.MatchMapping) and pattern.rest is not None:
        found.append(s.Name(*lowering._at(pattern.rest), pattern.rest.value))
    for child in pattern.children:
        _collect_captures(lowering, child, found)


def _dotted(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


_CONSTANTS = {"True": True, "False": False, "None": None}

_OPERATORS = {
    "Add": "+",
    "Subtract": "-",
    "Multiply": "*",
    "Divide": "/",
    "FloorDivide": "//",
    "Modulo": "%",
    "Power": "**",
    "MatrixMultiply": "@",
    "LeftShift": "<<",
    "RightShift": ">>",
    "BitOr": "|",
    "BitAnd": "&",
    "BitXor": "^",
    "Equal": "==",
    "NotEqual": "!=",
    "Is": "is",
    "IsNot": "is not",
    "In": "in",
    "NotIn": "not in",
    "LessThan": "<",
    "LessThanEqual": "<",
    "GreaterThan": ">",
    "GreaterThanEqual": ">",
}
