"""JavaScript and TypeScript, parsed by tree-sitter and lowered to the neutral tree.

What the neutral tree does not have is written with what it has:

- `this` is the first parameter of a method; what a class body gives to fields stands at the start of its constructor.
- Destructuring goes through names that no program can have, such as `%1`.
- What a module exports under a name is its global `%export:name`; `%exports` is what `module.exports` was set to.
- Function declarations and imports come first in their block, since they hold all over it.
- A variable of an outer function or of the module is declared `nonlocal` or `global` where a function assigns to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import tree_sitter
import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.errors import ParseError
from determinism_lint.languages.treesitter import (
    Lowering,
    decode,
    field_of,
    refuse_nesting,
    refuse_size,
    syntax_error,
)

_LONG_LINE = 5000
"""No person writes a line of so many characters: such files are minified, bundled or data."""

DEFAULT = "default"
EXPORT = "%export:"
EXPORTS = "%exports"


def parse(path: str, data: bytes) -> s.Module:
    """Parse one file. Raises `ParseError` for whatever cannot be analyzed, and nothing else.

    What was made by a bundler or minifier is no source and counts as empty.
    """
    text = decode(data)
    if is_generated(text):
        return s.Module(path, "javascript", text, ())
    refuse_size(data)
    refuse_nesting(text)
    source = text.encode("utf-8", "surrogatepass")
    tree = _parser(_dialect(path, text)).parse(source)
    if tree.root_node.has_error:
        raise syntax_error(tree.root_node, source)
    lowering = _Lowering(source)
    try:
        body = lowering.module(tree.root_node)
    except RecursionError:
        raise ParseError("is nested too deeply to be analyzed") from None
    return s.Module(path, "javascript", text, body, lowering.too_deep)


_MARKS = "__webpack_require__", "__commonJS", "parcelRequire"
_BUNDLE = re.compile(r"\b__webpack_require__\b|\b__commonJS\w*\(|\bparcelRequire\b")


def is_generated(text: str) -> bool:
    """Whether a bundler or minifier made a text."""
    if any(mark in text for mark in _MARKS) and _BUNDLE.search(text, 0, 200_000) is not None:
        return True
    return len(text) > _LONG_LINE and max(map(len, text.split("\n"))) > _LONG_LINE


def _dialect(path: str, text: str) -> str:
    suffix = path.rsplit(".", 1)[-1]
    if suffix in ("ts", "mts", "cts"):
        return "typescript"
    return "tsx" if suffix == "tsx" else "javascript"


@cache
def _parser(dialect: str) -> tree_sitter.Parser:
    made = {
        "typescript": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
        "javascript": tree_sitter_javascript.language,
    }[dialect]()
    return tree_sitter.Parser(tree_sitter.Language(made))


# --- lowering ---------------------------------------------------------------------------------------------------

_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "function",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_IGNORED = frozenset(
    {
        "empty_statement",
        "debugger_statement",
        "interface_declaration",
        "type_alias_declaration",
        "ambient_declaration",
        "function_signature",
        "comment",
        "html_comment",
        "hash_bang_line",
        "import_alias",
    }
)
_OPERATORS = {
    "&&": "and",
    "||": "or",
    "??": "or",
    "===": "==",
    "!==": "!=",
    "<=": "<",
    ">=": ">",
    "instanceof": "is",
    "!": "not",
    ">>>": ">>",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


class _Lowering(Lowering):
    """Turns the parser's nodes into neutral ones. A method per node type, found by its name."""

    def __init__(self, source: bytes) -> None:
        super().__init__(source)
        self._methods: dict[str, Callable[[Node], Any]] = {}
        self._declared: list[frozenset[str]] = []
        """Names of the functions around, innermost last; the module's first."""
        self._exports: list[s.Statement] = []
        self.too_deep: list[s.Function] = []

    # blocks

    def module(self, root: Node) -> s.Block:
        self._declared.append(_scan(root, self._text)[0])
        body = self._block(root.named_children)
        return (*body, *self._exports)

    def _block(self, nodes: Iterable[Node]) -> s.Block:
        """The statements of a block, what holds all over it first."""
        first: list[s.Statement] = []
        second: list[s.Statement] = []
        others: list[s.Statement] = []
        for node in nodes:
            lowered = self._statement(node)
            for each in lowered:
                place = first if isinstance(each, s.Import) else second if isinstance(each, s.Function) else others
                place.append(each)
        return (*first, *second, *others)

    def _suite(self, node: Node | None) -> s.Block:
        if node is None:
            return ()
        return self._block(node.named_children if node.type == "statement_block" else [node])

    def _statement(self, node: Node) -> tuple[s.Statement, ...]:
        if node.type in _IGNORED:
            return ()
        result = self._lower(node)
        if isinstance(result, tuple):
            return result
        if type(result) in s.EXPRESSIONS:
            return (s.Evaluate(*self._at(node), result),)
        return (result,)

    def _expr(self, node: Node | None) -> s.Expression:
        assert node is not None
        kind = node.type
        if kind in _FUNCTIONS:
            return s.Lambda(*self._at(node), self._function(node))
        method = self._methods.get(kind)
        result: s.Expression = self._lower(node) if method is None else method(node)
        return result if type(result) in s.EXPRESSIONS else s.Constant(*self._at(node), ...)

    def _lower(self, node: Node) -> Any:
        method = self._methods.get(node.type)
        if method is None:
            method = self._methods[node.type] = getattr(self, f"_{node.type}", self._unknown)
        return method(node)

    def _unknown(self, node: Node) -> s.Expression:
        """Something that this version does not know: its parts are evaluated, its value is not known."""
        parts = tuple(self._expr(child) for child in node.named_children if child.type not in _IGNORED)
        return s.Template(*self._at(node), parts) if parts else s.Constant(*self._at(node), ...)

    # statements

    def _expression_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._effect(node, node.named_children[0])

    def _effect(self, whole: Node, node: Node) -> tuple[s.Statement, ...]:
        """An expression whose value is dropped."""
        while node.type == "parenthesized_expression":
            node = node.named_children[0]
        if node.type == "internal_module":
            return self._internal_module(node)
        if node.type == "assignment_expression":
            return self._assigned(whole, field_of(node, "left"), self._expr(node.child_by_field_name("right")))
        if node.type == "augmented_assignment_expression":
            return (self._augmented(whole, node),)
        if node.type == "update_expression":
            target = self._target(field_of(node, "argument"))
            return (s.Assign(*self._at(whole), (target,), s.Constant(*self._at(node), 1), None, True, "+"),)
        if node.type == "sequence_expression":
            return tuple(each for child in node.named_children for each in self._effect(child, child))
        return (s.Evaluate(*self._at(whole), self._expr(node)),)

    def _augmented(self, whole: Node, node: Node) -> s.Assign:
        operator = self._text(field_of(node, "operator"))[:-1]
        left, value = field_of(node, "left"), self._expr(node.child_by_field_name("right"))
        target = self._target(left)
        if operator in ("&&", "||", "??"):
            either = s.Operation(*self._at(node), _OPERATORS[operator], (target, value))
            return s.Assign(*self._at(whole), (target,), either)
        return s.Assign(*self._at(whole), (target,), value, None, True, operator)

    def _variable_declaration(self, node: Node) -> tuple[s.Statement, ...]:
        made: list[s.Statement] = []
        for declarator in node.named_children:
            if declarator.type != "variable_declarator":
                continue
            value, name = declarator.child_by_field_name("value"), field_of(declarator, "name")
            if value is None:
                if name.type == "identifier" and node.type != "lexical_declaration":
                    continue
                made.append(s.Assign(*self._at(declarator), (self._target(name),), s.Constant(*self._at(name), None)))
                continue
            annotation = self._type(declarator.child_by_field_name("type"))
            made.extend(self._assigned(declarator, name, self._named_value(value, self._text(name)), annotation))
        return tuple(made)

    _lexical_declaration = _variable_declaration

    def _named_value(self, node: Node, name: str) -> s.Expression:
        """A value that is assigned to a name, which a function or class without one of its own takes."""
        if node.type in _FUNCTIONS:
            return s.Lambda(*self._at(node), self._function(node, name))
        return self._expr(node)

    def _assigned(
        self, whole: Node, target: Node, value: s.Expression, annotation: s.Expression | None = None
    ) -> tuple[s.Statement, ...]:
        while target.type in ("parenthesized_expression", "non_null_expression", "as_expression"):
            target = target.named_children[0]
        at = self._at(whole)
        if target.type in ("object_pattern", "array_pattern", "assignment_pattern"):
            if isinstance(value, s.Name):
                return tuple(self._unpacked(target, value.id))
            name = self._new_name()
            made = s.Assign(*at, (s.Name(*self._at(target), name),), value, annotation)
            return (made, *self._unpacked(target, name))
        lowered = self._target(target)
        if isinstance(value, s.Lambda) and value.function.name == ANONYMOUS:
            value.function.name = (s.dotted(lowered) or ANONYMOUS).removeprefix(EXPORT).rsplit(".", 1)[-1]
        return (s.Assign(*at, (lowered,), value, annotation),)

    def _unpacked(self, pattern: Node, name: str) -> list[s.Statement]:
        """Takes the value `name` apart."""
        at = self._at(pattern)
        whole = s.Name(*at, name)
        made: list[s.Statement] = []
        match pattern.type:
            case "assignment_pattern":
                left, default = field_of(pattern, "left"), self._expr(pattern.child_by_field_name("right"))
                either = s.Operation(*at, "or", (whole, default))
                if left.type in ("object_pattern", "array_pattern"):
                    inner = self._new_name()
                    made.append(s.Assign(*at, (s.Name(*at, inner),), either))
                    made.extend(self._unpacked(left, inner))
                else:
                    made.append(s.Assign(*at, (self._target(left),), either))
            case "object_pattern":
                for part in pattern.named_children:
                    made.extend(self._property(part, whole))
            case "array_pattern":
                for position, element in enumerate(_elements(pattern)):
                    if element is None:
                        continue
                    part, spot = element, self._at(element)
                    if part.type == "rest_pattern":
                        made.extend(self._assigned(part, part.named_children[0], s.Constant(*spot, ...)))
                        continue
                    value = s.Subscript(*spot, whole, (s.Constant(*spot, position),))
                    made.extend(self._taken(part, value))
        return made

    def _property(self, part: Node, whole: s.Expression) -> Iterable[s.Statement]:
        spot = self._at(part)
        match part.type:
            case "shorthand_property_identifier_pattern":
                name = self._text(part)
                return [s.Assign(*spot, (s.Name(*spot, name),), s.Attribute(*spot, whole, name))]
            case "object_assignment_pattern":
                left = field_of(part, "left")
                name, default = self._text(left), self._expr(part.child_by_field_name("right"))
                value = s.Operation(*spot, "or", (s.Attribute(*self._at(left), whole, name), default))
                return [s.Assign(*spot, (s.Name(*self._at(left), name),), value)]
            case "pair_pattern":
                key, value_pattern = field_of(part, "key"), field_of(part, "value")
                if key.type == "computed_property_name":
                    taken: s.Expression = s.Subscript(*spot, whole, (self._expr(key.named_children[0]),))
                else:
                    taken = s.Attribute(*self._at(key), whole, self._key(key))
                return self._taken(value_pattern, taken)
            case "rest_pattern":
                return self._assigned(part, part.named_children[0], whole)
        return []

    def _taken(self, pattern: Node, value: s.Expression) -> Iterable[s.Statement]:
        if pattern.type == "assignment_pattern":
            default = self._expr(pattern.child_by_field_name("right"))
            either = s.Operation(*self._at(pattern), "or", (value, default))
            return self._assigned(pattern, field_of(pattern, "left"), either)
        return self._assigned(pattern, pattern, value)

    def _target(self, node: Node) -> s.Expression:
        match node.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                return s.Name(*self._at(node), self._text(node))
            case "member_expression" | "subscript_expression":
                return self._expr(node)
            case "non_null_expression" | "parenthesized_expression" | "as_expression":
                return self._target(node.named_children[0])
        return s.Name(*self._at(node), self._new_name())

    def _if_statement(self, node: Node) -> s.If:
        other = node.child_by_field_name("alternative")
        orelse = self._suite(_first(other))
        return s.If(*self._at(node), self._test(node), self._suite(node.child_by_field_name("consequence")), orelse)

    def _test(self, node: Node) -> s.Expression:
        return self._expr(node.child_by_field_name("condition"))

    def _while_statement(self, node: Node) -> s.Loop:
        return s.Loop(*self._at(node), None, self._test(node), self._suite(node.child_by_field_name("body")), ())

    _do_statement = _while_statement

    def _for_statement(self, node: Node) -> tuple[s.Statement, ...]:
        begin, condition = node.child_by_field_name("initializer"), node.child_by_field_name("condition")
        step = node.child_by_field_name("increment")
        first = () if begin is None else self._statement(begin)
        if condition is not None and condition.type == "expression_statement":
            condition = condition.named_children[0]
        endless = condition is None or condition.type == "empty_statement"
        test = s.Constant(*self._at(node), True) if endless else self._expr(condition)
        body = self._suite(node.child_by_field_name("body"))
        after = () if step is None else self._effect(step, step)
        return (*first, s.Loop(*self._at(node), None, test, (*body, *after), ()))

    def _for_in_statement(self, node: Node) -> s.Loop:
        left, right = field_of(node, "left"), self._expr(node.child_by_field_name("right"))
        body = self._suite(node.child_by_field_name("body"))
        at = self._at(left)
        operator = node.child_by_field_name("operator")
        if operator is not None and self._text(operator) == "in":
            keys = s.Attribute(right.start, right.end, s.Name(right.start, right.end, "Object"), "keys")
            right = s.Call(right.start, right.end, keys, (s.Argument(right.start, right.end, right),))
        elif any(child.type == "await" for child in node.children):
            right = s.Suspend(right.start, right.end, right, "await")
        if left.type in ("object_pattern", "array_pattern"):
            name = self._new_name()
            body = (*self._unpacked(left, name), *body)
            return s.Loop(*self._at(node), s.Name(*at, name), right, body, ())
        return s.Loop(*self._at(node), self._target(left), right, body, ())

    def _try_statement(self, node: Node) -> s.Try:
        handlers = []
        handler = node.child_by_field_name("handler")
        if handler is not None:
            parameter, name = handler.child_by_field_name("parameter"), None
            body = self._suite(handler.child_by_field_name("body"))
            if parameter is not None and parameter.type == "identifier":
                name = self._text(parameter)
            elif parameter is not None:
                name = self._new_name()
                body = (*self._unpacked(parameter, name), *body)
            handlers.append(s.Handler(*self._at(handler), None, name, body))
        finalizer = node.child_by_field_name("finalizer")
        final = () if finalizer is None else self._suite(finalizer.child_by_field_name("body"))
        return s.Try(*self._at(node), self._suite(node.child_by_field_name("body")), tuple(handlers), (), final)

    def _switch_statement(self, node: Node) -> s.Statement:
        at = self._at(node)
        cases: list[s.Case] = []
        breaks_inside = False
        for case in reversed(field_of(node, "body").named_children):
            if case.type not in ("switch_case", "switch_default"):
                continue
            value = case.child_by_field_name("value")
            nodes = [child for child in case.named_children if value is None or child.id != value.id]
            if len(nodes) == 1 and nodes[0].type == "statement_block":
                nodes = nodes[0].named_children
            body = self._block(nodes)
            if body and isinstance(body[-1], s.Break):
                body = body[:-1]
            breaks_inside = breaks_inside or _leaves(body)
            cases.append(s.Case(*self._at(case), (), None if value is None else self._expr(value), body))
        subject = self._expr(node.child_by_field_name("value"))
        made = s.Match(*at, subject, tuple(reversed(cases)))
        # a `break` deeper in a case leaves the switch, as it would a loop that runs once
        return s.Loop(*at, None, s.Constant(*at, True), (made, s.Break(*at)), ()) if breaks_inside else made

    def _return_statement(self, node: Node) -> s.Return:
        value = _first(node)
        return s.Return(*self._at(node), None if value is None else self._expr(value))

    def _throw_statement(self, node: Node) -> s.Raise:
        return s.Raise(*self._at(node), self._expr(_first(node)))

    def _break_statement(self, node: Node) -> s.Break:
        return s.Break(*self._at(node))

    def _continue_statement(self, node: Node) -> s.Continue:
        return s.Continue(*self._at(node))

    def _labeled_statement(self, node: Node) -> tuple[s.Statement, ...]:
        return self._statement(field_of(node, "body"))

    def _statement_block(self, node: Node) -> s.Block:
        return self._block(node.named_children)

    def _with_statement(self, node: Node) -> s.Block:
        return self._suite(node.child_by_field_name("body"))

    # modules

    def _import_statement(self, node: Node) -> tuple[s.Statement, ...]:
        at = self._at(node)
        source = node.child_by_field_name("source")
        clause = next((child for child in node.named_children if child.type == "import_clause"), None)
        required = next((child for child in node.named_children if child.type == "import_require_clause"), None)
        if required is not None:
            name, module = _first(required), required.child_by_field_name("source")
            if name is not None and module is not None:
                return (s.Import(*at, self._string_value(module), None, self._text(name)),)
        if source is None or any(child.type == "type" for child in node.children):
            return ()
        module_name = self._string_value(source)
        if clause is None:
            return (s.Import(*at, module_name, None, self._new_name()),)
        made: list[s.Statement] = []
        for part in clause.named_children:
            match part.type:
                case "identifier":
                    made.append(s.Import(*at, module_name, DEFAULT, self._text(part)))
                case "namespace_import":
                    made.append(s.Import(*at, module_name, None, self._text(part.named_children[0])))
                case "named_imports":
                    for each in part.named_children:
                        if each.type != "import_specifier":
                            continue
                        name = field_of(each, "name")
                        alias = each.child_by_field_name("alias")
                        made.append(s.Import(*at, module_name, self._key(name), self._text(alias or name)))
        return tuple(made)

    def _export_statement(self, node: Node) -> tuple[s.Statement, ...]:
        at = self._at(node)
        declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        source = node.child_by_field_name("source")
        is_default = any(child.type == "default" for child in node.children)
        if any(child.type == "=" for child in node.children) and declaration is None:  # `export = value`
            whole = next((child for child in node.named_children if child.type != "comment"), None)
            return () if whole is None else (s.Assign(*at, (s.Name(*at, EXPORTS),), self._expr(whole)),)
        if declaration is not None:
            if is_default:
                return self._default_export(node, declaration)
            made = self._statement(declaration)
            names = dict.fromkeys(name for each in made for name in _names_of(each))
            self._exports.extend(self._export(at, name, s.Name(*at, name)) for name in names)
            return made
        if is_default and value is not None:
            return (self._export(at, DEFAULT, self._named_value(value, DEFAULT)),)
        clause = next((child for child in node.named_children if child.type == "export_clause"), None)
        module = None if source is None else self._string_value(source)
        if clause is None:
            if module is None:
                return ()
            inner = next((child for child in node.named_children if child.type == "namespace_export"), None)
            local = None if inner is None else EXPORT + self._key(inner.named_children[0])
            return (s.Import(*at, module, None, local),)
        found: list[s.Statement] = []
        for each in clause.named_children:
            if each.type != "export_specifier":
                continue
            name = field_of(each, "name")
            exported = self._key(each.child_by_field_name("alias") or name)
            if module is not None:
                found.append(s.Import(*at, module, self._key(name), EXPORT + exported))
            else:
                self._exports.append(self._export(at, exported, s.Name(*self._at(name), self._text(name))))
        return tuple(found)

    def _default_export(self, node: Node, declaration: Node) -> tuple[s.Statement, ...]:
        at = self._at(node)
        made = self._statement(declaration)
        named = [each for each in made if isinstance(each, (s.Function, s.Class))]
        if not named:
            return made
        self._exports.append(self._export(at, DEFAULT, s.Name(*at, named[0].name)))
        return made

    def _export(self, at: tuple[int, int], name: str, value: s.Expression) -> s.Assign:
        return s.Assign(*at, (s.Name(*at, EXPORT + name),), value)

    def _internal_module(self, node: Node) -> s.Block:
        return self._suite(node.child_by_field_name("body"))

    _module = _internal_module

    def _enum_declaration(self, node: Node) -> s.Assign:
        keys: list[s.Expression] = []
        items: list[s.Expression] = []
        for number, part in enumerate(field_of(node, "body").named_children):
            name = part.child_by_field_name("name") if part.type == "enum_assignment" else part
            if name is None or part.type == "comment":
                continue
            value = part.child_by_field_name("value") if part.type == "enum_assignment" else None
            keys.append(s.Constant(*self._at(name), self._key(name)))
            items.append(s.Constant(*self._at(part), number) if value is None else self._expr(value))
        at, name = self._at(node), field_of(node, "name")
        made = s.Collection(*at, "dict", tuple(items), tuple(keys))
        return s.Assign(*at, (s.Name(*self._at(name), self._text(name)),), made)

    # functions and classes

    def _function_declaration(self, node: Node) -> s.Function:
        return self._function(node)

    _generator_function_declaration = _function_declaration

    def _function(
        self,
        node: Node,
        name: str | None = None,
        this: bool = False,
        role: str = "",
        first: Sequence[s.Statement] = (),
    ) -> s.Function:
        """A function; its body, which begins with the statements `first`, is lowered when somebody asks for it."""
        named = node.child_by_field_name("name")
        if named is not None and node.type != "method_definition":
            name = self._text(named)
        body, parameters = node.child_by_field_name("body"), node.child_by_field_name("parameters")
        single = node.child_by_field_name("parameter")
        lowered: list[s.Parameter] = [s.Parameter(*self._at(node), "this", None, None)] if this else []
        prologue: list[s.Statement] = []
        if single is not None:
            lowered.append(s.Parameter(*self._at(single), self._text(single), None, None))
        given = parameters.named_children if parameters is not None else []
        around = tuple(self._declared)
        self._declared.append(frozenset(each for part in given for each in _pattern_names(part, self._text)))
        for parameter in given:
            self._parameter(parameter, lowered, prologue)
        self._declared.pop()
        words = {child.type for child in node.children}
        if named is not None:
            at = self._at(named)
        else:
            start = parameters or single or body
            end = node.end_byte if start is None else start.start_byte
            end = body.start_byte if node.type == "arrow_function" and body is not None else end
            span = self._source[node.start_byte : end].rstrip()
            if span.endswith(b"=>"):
                span = span[:-2].rstrip()
            at = self._between(node.start_byte, node.start_byte + max(1, len(span)))
        made = s.Function(
            *at,
            name or ANONYMOUS,
            tuple(lowered),
            (),
            is_async="async" in words,
            is_generator="*" in words or "generator" in node.type,
            role=role,
        )
        made.written = lambda: (*first, *self._body(made, node, body, prologue, around))
        return made

    def _body(
        self,
        made: s.Function,
        node: Node,
        body: Node | None,
        prologue: list[s.Statement],
        around: tuple[frozenset[str], ...],
    ) -> s.Block:
        """The statements of a function, given the names of those around it."""
        declared, changed = _scan(node, self._text)
        before, self._declared = self._declared, [*around, declared]
        try:
            if body is None:
                statements: s.Block = ()
            elif body.type == "statement_block":
                statements = self._block(body.named_children)
            else:
                statements = (s.Return(*self._at(body), self._expr(body)),)
            self._declared.pop()
            return (*self._outer(node, changed - declared), *prologue, *statements)
        except RecursionError:
            self.too_deep.append(made)
            return ()
        finally:
            self._declared = before

    def _outer(self, node: Node, changed: frozenset[str]) -> list[s.Statement]:
        """Declares the variables of functions around, or of the module, that a function assigns to."""
        at = self._at(node)
        inner: list[str] = []
        module: list[str] = []
        for name in sorted(changed):
            if any(name in names for names in self._declared[1:]):
                inner.append(name)
            elif self._declared and name in self._declared[0]:
                module.append(name)
        made: list[s.Statement] = []
        if inner:
            made.append(s.Outer(*at, "nonlocal", tuple(inner)))
        if module:
            made.append(s.Outer(*at, "global", tuple(module)))
        return made

    def _parameter(self, node: Node, found: list[s.Parameter], prologue: list[s.Statement]) -> None:
        pattern, default, annotation = node, None, None
        if node.type in ("required_parameter", "optional_parameter"):
            value = node.child_by_field_name("value")
            default = None if value is None else self._expr(value)
            annotation = self._type(node.child_by_field_name("type"))
            pattern = node.child_by_field_name("pattern") or node.named_children[0]
        if pattern.type == "assignment_pattern":
            default = self._expr(pattern.child_by_field_name("right"))
            pattern = field_of(pattern, "left")
        if pattern.type == "this":
            return
        kind: Any = "positional"
        if pattern.type == "rest_pattern":
            kind, pattern = "*", pattern.named_children[0]
        at = self._at(pattern)
        if pattern.type == "identifier":
            name = self._text(pattern)
            if any(child.type == "accessibility_modifier" or child.type == "readonly" for child in node.children):
                target = s.Attribute(*at, s.Name(*at, "this"), name)
                prologue.append(s.Assign(*at, (target,), s.Name(*at, name)))
        elif pattern.type in ("object_pattern", "array_pattern"):
            name = self._new_name()
            prologue.extend(self._unpacked(pattern, name))
        else:
            return
        found.append(s.Parameter(*at, name, annotation, default, kind))

    def _class_declaration(self, node: Node) -> s.Class:
        return self._class_of(node)

    _abstract_class_declaration = _class_declaration

    def _class(self, node: Node) -> s.Expression:
        """A class that is an expression stands for what a function that defines it returns."""
        made = self._class_of(node)
        at = self._at(node)
        body = (made, s.Return(*at, s.Name(*at, made.name)))
        function = s.Function(*at, made.name, (), body)
        return s.Call(*at, s.Lambda(*at, function), ())

    def _class_of(self, node: Node) -> s.Class:
        named = node.child_by_field_name("name")
        name = ANONYMOUS if named is None else self._text(named)
        bases: list[s.Expression] = []
        heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
        if heritage is not None:
            clause = next((child for child in heritage.named_children if child.type == "extends_clause"), heritage)
            base = clause.child_by_field_name("value") or _first(clause)
            if base is not None and base.type != "implements_clause":
                bases.append(self._expr(base))
        body: list[s.Statement] = []
        fields: list[s.Statement] = []
        constructor: Node | None = None
        for member in field_of(node, "body").named_children:
            words = {child.type for child in member.children}
            is_static = "static" in words
            if member.type == "method_definition":
                key = field_of(member, "name")
                member_name = self._key(key)
                if member_name == "constructor" and not is_static:
                    constructor = member
                    continue
                role = (
                    "classmethod" if is_static else "property" if "get" in words else "setter" if "set" in words else ""
                )
                body.append(self._function(member, member_name, True, role))
            elif member.type in ("field_definition", "public_field_definition"):
                key_node = member.child_by_field_name("property") or member.child_by_field_name("name")
                value = member.child_by_field_name("value")
                if key_node is None or key_node.type == "computed_property_name":
                    continue
                key_name, at = self._key(key_node), self._at(member)
                annotation = self._type(member.child_by_field_name("type"))
                lowered = None if value is None else self._named_value(value, key_name)
                if is_static and lowered is not None:
                    body.append(s.Assign(*at, (s.Name(*self._at(key_node), key_name),), lowered))
                elif not is_static and (lowered is not None or annotation is not None):
                    target = s.Attribute(*self._at(key_node), s.Name(*at, "this"), key_name)
                    fields.append(s.Assign(*at, (target,), lowered, annotation))
            elif member.type == "class_static_block":
                body.extend(self._suite(member.child_by_field_name("body")))
        made = self._constructor(node, constructor, fields, bool(bases))
        if made is not None:
            body.append(made)
        return s.Class(*self._at(named or node), name, tuple(bases), tuple(body))

    def _constructor(
        self, node: Node, written: Node | None, fields: list[s.Statement], extends: bool
    ) -> s.Function | None:
        """The constructor, which gives the fields their values first; one is made where none is written."""
        if written is not None:
            return self._function(written, "constructor", True, first=fields)
        if not fields:
            return None
        at = self._at(node)
        parameters = [s.Parameter(*at, "this", None, None)]
        if extends:
            parameters.append(s.Parameter(*at, "%arguments", None, None, "*"))
            base = s.Attribute(*at, s.Call(*at, s.Name(*at, "super"), ()), "constructor")
            passed = s.Argument(*at, s.Name(*at, "%arguments"), None, "*")
            fields = [s.Evaluate(*at, s.Call(*at, base, (passed,))), *fields]
        return s.Function(*at, "constructor", tuple(parameters), tuple(fields))

    # types

    def _type(self, node: Node | None) -> s.Expression | None:
        """A type as an expression, as far as it can say something of a value."""
        if node is None:
            return None
        at = self._at(node)
        match node.type:
            case "type_annotation" | "parenthesized_type" | "readonly_type":
                return self._type(_first(node))
            case "type_identifier" | "identifier":
                return s.Name(*at, self._text(node))
            case "nested_type_identifier":
                module, name = node.child_by_field_name("module"), node.child_by_field_name("name")
                owner = self._type(module)
                return None if owner is None or name is None else s.Attribute(*at, owner, self._text(name))
            case "array_type":
                element = self._type(_first(node))
                index = () if element is None else (element,)
                return s.Subscript(*at, s.Name(*at, "Array"), index)
            case "generic_type":
                owner = self._type(node.child_by_field_name("name"))
                arguments = node.child_by_field_name("type_arguments")
                inner = (self._type(each) for each in arguments.named_children) if arguments is not None else ()
                known = tuple(each for each in inner if each is not None)
                return None if owner is None else s.Subscript(*at, owner, known)
            case "union_type":
                parts = tuple(part for child in node.named_children if (part := self._type(child)) is not None)
                return s.Operation(*at, "|", parts)
            case "literal_type":
                return s.Constant(*at, None) if self._text(node) in ("null", "undefined") else None
        return None

    # expressions

    def _identifier(self, node: Node) -> s.Expression:
        name = self._text(node)
        return s.Constant(*self._at(node), None) if name == "undefined" else s.Name(*self._at(node), name)

    _shorthand_property_identifier = _identifier

    def _undefined(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), None)

    _null = _undefined

    def _true(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), True)

    def _false(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), False)

    def _this(self, node: Node) -> s.Name:
        return s.Name(*self._at(node), "this")

    def _super(self, node: Node) -> s.Call:
        return s.Call(*self._at(node), s.Name(*self._at(node), "super"), ())

    def _number(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), _number_of(self._text(node)))

    def _string(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), self._string_value(node))

    def _string_value(self, node: Node) -> str:
        parts = []
        for child in node.named_children:
            text = self._text(child)
            parts.append(_ESCAPES.get(text[1:2], text[1:]) if child.type == "escape_sequence" else text)
        return "".join(parts)

    def _key(self, node: Node) -> str:
        return self._string_value(node) if node.type == "string" else self._text(node)

    def _template_string(self, node: Node) -> s.Expression:
        parts = tuple(
            self._expr(child.named_children[0])
            for child in node.named_children
            if child.type == "template_substitution" and child.named_children
        )
        if not parts:
            return s.Constant(*self._at(node), self._string_value(node))
        return s.Template(*self._at(node), parts)

    def _regex(self, node: Node) -> s.Constant:
        return s.Constant(*self._at(node), ...)

    _meta_property = _regex

    def _parenthesized_expression(self, node: Node) -> s.Expression:
        return self._expr(_first(node))

    def _as_expression(self, node: Node) -> s.Expression:
        return self._expr(_first(node))

    _satisfies_expression = _as_expression
    _non_null_expression = _as_expression
    _instantiation_expression = _as_expression

    def _type_assertion(self, node: Node) -> s.Expression:
        return self._expr(node.named_children[-1])

    def _array(self, node: Node) -> s.Collection:
        items = tuple(self._expr(child) for child in node.named_children if child.type != "comment")
        return s.Collection(*self._at(node), "list", items)

    def _spread_element(self, node: Node) -> s.Starred:
        return s.Starred(*self._at(node), self._expr(_first(node)))

    def _object(self, node: Node) -> s.Collection:
        keys: list[s.Expression] = []
        items: list[s.Expression] = []
        spread: list[s.Expression] = []
        for part in node.named_children:
            at = self._at(part)
            match part.type:
                case "pair":
                    key, value = field_of(part, "key"), field_of(part, "value")
                    computed = key.type == "computed_property_name"
                    keys.append(
                        self._expr(key.named_children[0]) if computed else s.Constant(*self._at(key), self._key(key))
                    )
                    items.append(self._expr(value) if computed else self._named_value(value, self._key(key)))
                case "shorthand_property_identifier":
                    keys.append(s.Constant(*at, self._text(part)))
                    items.append(self._expr(part))
                case "method_definition":
                    name = self._key(field_of(part, "name"))
                    accessor = any(child.type in ("get", "set") for child in part.children)
                    function = s.Lambda(*at, self._function(part, name))
                    keys.append(s.Constant(*at, name))
                    items.append(s.Constant(*at, ...) if accessor else function)
                case "spread_element":
                    spread.append(self._expr(part))
        return s.Collection(*self._at(node), "dict", (*spread, *items), tuple(keys))

    def _call_expression(self, node: Node) -> s.Expression:
        at = self._at(node)
        function, arguments = field_of(node, "function"), field_of(node, "arguments")
        if arguments.type == "template_string":
            parts = tuple(
                self._expr(child.named_children[0])
                for child in arguments.named_children
                if child.type == "template_substitution" and child.named_children
            )
            return s.Call(*at, self._expr(function), tuple(s.Argument(p.start, p.end, p) for p in parts))
        passed = self._arguments(arguments)
        if function.type == "import":
            return s.Call(*at, s.Name(*self._at(function), "require"), passed)
        if function.type == "super":
            return s.Call(*at, s.Attribute(*self._at(function), self._super(function), "constructor"), passed)
        return s.Call(*at, self._expr(function), passed)

    def _arguments(self, node: Node) -> tuple[s.Argument, ...]:
        made = []
        for child in node.named_children:
            if child.type == "comment":
                continue
            value = self._expr(child)
            if isinstance(value, s.Starred):
                made.append(s.Argument(value.start, value.end, value.value, None, "*"))
            else:
                made.append(s.Argument(value.start, value.end, value))
        return tuple(made)

    def _new_expression(self, node: Node) -> s.Call:
        arguments = node.child_by_field_name("arguments")
        passed = () if arguments is None else self._arguments(arguments)
        return s.Call(*self._at(node), self._expr(node.child_by_field_name("constructor")), passed)

    def _member_expression(self, node: Node) -> s.Expression:
        value, name = field_of(node, "object"), self._text(field_of(node, "property"))
        at = self._at(node)
        kind = value.type
        if kind == "identifier":
            owner = self._text(value)
            if owner == "module" and name == "exports" and self._is_global(owner):
                return s.Name(*at, EXPORTS)
            if owner == "exports" and self._is_global(owner):
                return s.Name(*at, EXPORT + name)
        elif kind == "member_expression" and self._text(value) == "module.exports":
            return s.Name(*at, EXPORT + name)
        return s.Attribute(*at, self._expr(value), name)

    def _is_global(self, name: str) -> bool:
        return not any(name in names for names in self._declared)

    def _subscript_expression(self, node: Node) -> s.Expression:
        value, index = self._expr(node.child_by_field_name("object")), self._expr(node.child_by_field_name("index"))
        if isinstance(index, s.Constant) and isinstance(index.value, str):
            return s.Attribute(*self._at(node), value, index.value)
        return s.Subscript(*self._at(node), value, (index,))

    def _assignment_expression(self, node: Node) -> s.Expression:
        left, value = field_of(node, "left"), self._expr(node.child_by_field_name("right"))
        return s.Bind(*self._at(node), self._target(left), value)

    def _augmented_assignment_expression(self, node: Node) -> s.Expression:
        left, value = field_of(node, "left"), self._expr(node.child_by_field_name("right"))
        operator = self._text(field_of(node, "operator"))[:-1]
        target = self._target(left)
        both = s.Operation(*self._at(node), _OPERATORS.get(operator, operator), (target, value))
        return self._changed(node, target, both)

    def _update_expression(self, node: Node) -> s.Expression:
        target = self._target(field_of(node, "argument"))
        both = s.Operation(*self._at(node), "+", (target, s.Constant(*self._at(node), 1)))
        return self._changed(node, target, both)

    def _changed(self, node: Node, target: s.Expression, value: s.Expression) -> s.Expression:
        """A change inside an expression; of what is no plain name only the value, so that its parts run once."""
        return s.Bind(*self._at(node), target, value) if isinstance(target, s.Name) else value

    def _unary_expression(self, node: Node) -> s.Expression:
        operator = self._text(field_of(node, "operator"))
        if operator == "void":
            return s.Constant(*self._at(node), None)
        value = self._expr(node.child_by_field_name("argument"))
        return s.Operation(*self._at(node), _OPERATORS.get(operator, operator), (value,))

    def _binary_expression(self, node: Node) -> s.Expression:
        operator = self._text(field_of(node, "operator"))
        left, right = self._expr(node.child_by_field_name("left")), self._expr(node.child_by_field_name("right"))
        return s.Operation(*self._at(node), _OPERATORS.get(operator, operator), (left, right))

    def _ternary_expression(self, node: Node) -> s.Conditional:
        test, body = self._test(node), self._expr(node.child_by_field_name("consequence"))
        return s.Conditional(*self._at(node), test, body, self._expr(node.child_by_field_name("alternative")))

    def _await_expression(self, node: Node) -> s.Suspend:
        return s.Suspend(*self._at(node), self._expr(_first(node)), "await")

    def _yield_expression(self, node: Node) -> s.Expression:
        value = _first(node)
        if value is not None and any(child.type == "*" for child in node.children):
            return s.Delegate(*self._at(node), self._expr(value))
        return s.Suspend(*self._at(node), None if value is None else self._expr(value), "yield")

    def _sequence_expression(self, node: Node) -> s.Expression:
        at = self._at(node)
        items = tuple(self._expr(child) for child in node.named_children if child.type != "comment")
        return s.Subscript(*at, s.Collection(*at, "tuple", items), (s.Constant(*at, -1),))


ANONYMOUS = "anonymous function"


def _first(node: Node | None) -> Node | None:
    """The first part of a node that is no comment."""
    children = () if node is None else node.named_children
    return next((child for child in children if child.type != "comment"), None)


def _elements(pattern: Node) -> list[Node | None]:
    """The places of an array pattern; None for a hole."""
    found: list[Node | None] = []
    current: Node | None = None
    for child in pattern.children[1:-1]:
        if child.type == ",":
            found.append(current)
            current = None
        elif child.is_named and child.type != "comment":
            current = child
    return [*found, current]


def _number_of(text: str) -> object:
    cleaned = text.replace("_", "")
    try:
        return int(cleaned, 0) if not cleaned.endswith("n") else ...
    except ValueError:
        pass
    try:
        return float(cleaned)
    except ValueError:
        return ...


def _leaves(body: s.Block) -> bool:
    """Whether a `break` or `continue` in a case is not its last statement."""
    loops: list[s.Node] = list(body)
    while loops:
        node = loops.pop()
        if isinstance(node, (s.Break, s.Continue)):
            return True
        if (isinstance(node, s.Statement) and not isinstance(node, (s.Loop, s.Function, s.Class))) or isinstance(
            node, (s.Handler, s.Case)
        ):
            loops.extend(s.children(node))
    return False


def _names_of(statement: s.Statement) -> Iterable[str]:
    """The names that an exported declaration binds."""
    match statement:
        case s.Function() | s.Class():
            yield statement.name
        case s.Assign():
            for target in statement.targets:
                if isinstance(target, s.Name) and not target.id.startswith("%"):
                    yield target.id


_PATTERNS = frozenset({"object_pattern", "array_pattern", "assignment_pattern", "rest_pattern", "pair_pattern"})


_UNSEEN = frozenset(
    {
        "comment",
        "interface_declaration",
        "type_alias_declaration",
        "type_annotation",
        "type_arguments",
        "type_parameters",
    }
)
"""Types name nothing that is there when the program runs."""


_TELLING = (_UNSEEN | _FUNCTIONS | _CLASSES).union(
    *(
        ("variable_declarator", "formal_parameters", "for_in_statement", "catch_clause", "import_clause"),
        ("enum_declaration", "assignment_expression", "augmented_assignment_expression", "update_expression"),
    )
)
"""What `_scan` looks at; it passes through all else."""


def _scan(root: Node, text: Callable[[Node], str]) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a function, or a module, declares, and the plain ones that it assigns to."""
    bound: set[str] = set()
    changed: set[str] = set()
    single = root.child_by_field_name("parameter")
    if single is not None:
        bound.add(text(single))
    stack = list(root.named_children)
    while stack:
        node = stack.pop()
        kind = node.type
        if kind not in _TELLING:
            stack.extend(node.named_children)
            continue
        if kind in _UNSEEN:
            continue
        if kind in _FUNCTIONS or kind in _CLASSES:
            name = node.child_by_field_name("name")
            if name is not None and kind != "method_definition":
                bound.add(text(name))
            if kind in _CLASSES:
                stack.extend(node.named_children)
            continue
        match kind:
            case "variable_declarator":
                bound.update(_pattern_names(field_of(node, "name"), text))
            case "formal_parameters":
                for child in node.named_children:
                    bound.update(_pattern_names(child, text))
            case "for_in_statement":
                place = changed if node.child_by_field_name("kind") is None else bound
                place.update(_pattern_names(field_of(node, "left"), text))
            case "catch_clause":
                parameter = node.child_by_field_name("parameter")
                if parameter is not None:
                    bound.update(_pattern_names(parameter, text))
            case "import_clause":
                bound.update(_import_names(node, text))
            case "enum_declaration":
                bound.add(text(field_of(node, "name")))
            case "assignment_expression" | "augmented_assignment_expression":
                changed.update(_pattern_names(field_of(node, "left"), text))
            case "update_expression":
                changed.update(_pattern_names(field_of(node, "argument"), text))
        stack.extend(node.named_children)
    return frozenset(bound), frozenset(changed)


def _import_names(clause: Node, text: Callable[[Node], str]) -> Iterable[str]:
    for part in clause.named_children:
        if part.type == "identifier":
            yield text(part)
        elif part.type == "namespace_import":
            yield text(part.named_children[0])
        for each in part.named_children if part.type == "named_imports" else ():
            alias = each.child_by_field_name("alias") or each.child_by_field_name("name")
            if alias is not None:
                yield text(alias)


def _pattern_names(pattern: Node, text: Callable[[Node], str]) -> Iterable[str]:
    kind = pattern.type
    if kind in ("identifier", "shorthand_property_identifier_pattern"):
        yield text(pattern)
    elif kind in ("required_parameter", "optional_parameter"):
        inner = pattern.child_by_field_name("pattern")
        if inner is not None:
            yield from _pattern_names(inner, text)
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        yield from _pattern_names(field_of(pattern, "left"), text)
    elif kind == "pair_pattern":
        yield from _pattern_names(field_of(pattern, "value"), text)
    elif kind in _PATTERNS:
        for child in pattern.named_children:
            yield from _pattern_names(child, text)
