"""Patterns: `is`, `switch`, and the names that they bind."""

from __future__ import annotations

from tree_sitter import Node

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.csharp.lowering.names import Names
from determinism_lint.languages.csharp.lowering.nodes import (
    child_of,
    code_in,
    first_in,
)
from determinism_lint.languages.treesitter import field_of


class Patterns(Names):
    """Tests of values."""

    def _matches(self, node: Node, subject: s.Expression) -> s.Expression:
        """Whether a value matches a pattern; binds the names in it."""
        at, kind = self._at(node), node.type
        match kind:
            case "constant_pattern":
                inner = first_in(node)
                if inner.type == "tuple_expression":
                    return self._parts_match(at, subject, code_in(inner))
                return s.Operation(*at, "is", (subject, self._expr(inner)))
            case "type_pattern":
                return self._is_type(at, subject, self._type(node.child_by_field_name("type")))
            case "declaration_pattern" | "var_pattern":
                annotation = self._type(node.child_by_field_name("type"))
                name = node.child_by_field_name("name")
                if name is None:
                    names = child_of(node, "parenthesized_variable_designation")
                    target = self._designated(names) if names is not None else s.Name(*at, "_")
                    return s.Bind(*at, target, subject)
                bound = s.Bind(*at, self._declared(name), self._cast(at, subject, annotation))
                return self._is_type(at, bound, annotation)
            case "recursive_pattern":
                annotation = self._type(node.child_by_field_name("type"))
                name = node.child_by_field_name("name")
                value = self._cast(at, subject, annotation)
                parts: list[s.Expression] = []
                if name is not None:
                    parts.append(s.Bind(*at, self._declared(name), value))
                for clause in code_in(node):
                    if clause.type == "property_pattern_clause":
                        parts.extend(self._property_matches(each, value) for each in code_in(clause))
                    elif clause.type == "positional_pattern_clause":
                        parts.append(self._parts_match(at, subject, code_in(clause)))
                return s.Operation(*at, "is", (subject, *parts, s.Constant(*at, ...), s.Constant(*at, ...)))
            case "relational_pattern":
                return s.Operation(*at, "<", (subject, self._expr(first_in(node))))
            case "and_pattern" | "or_pattern":
                left = self._matches(field_of(node, "left"), subject)
                right = self._matches(field_of(node, "right"), subject)
                return s.Operation(*at, kind.removesuffix("_pattern"), (left, right))
            case "negated_pattern":
                inner = first_in(node)
                if inner.type == "constant_pattern":
                    return s.Operation(*at, "is not", (subject, self._expr(first_in(inner))))
                return s.Operation(*at, "not", (self._matches(inner, subject),))
            case "parenthesized_pattern":
                return self._matches(first_in(node), subject)
            case "list_pattern":
                return self._parts_match(at, subject, code_in(node))
            case "argument" | "subpattern":
                return self._matches(code_in(node)[-1], subject)
            case "declaration_expression":
                return s.Bind(*at, self._declared(field_of(node, "name")), subject)
            case "discard":
                return s.Constant(*at, ...)
        return self._expr(node)

    def _designated(self, node: Node) -> s.Expression:
        return s.Collection(*self._at(node), "tuple", tuple(self._declared(each) for each in code_in(node)))

    def _is_type(self, at: tuple[int, int], value: s.Expression, kind: s.Expression | None) -> s.Expression:
        if kind is None:
            return value
        return s.Operation(*at, "is", (value, kind.value if isinstance(kind, s.Subscript) else kind))

    def _parts_match(self, at: tuple[int, int], subject: s.Expression, parts: list[Node]) -> s.Expression:
        tests = [
            self._matches(part, s.Subscript(*at, subject, (s.Constant(*at, index),)))
            for index, part in enumerate(parts)
        ]
        return s.Operation(*at, "is", (subject, *tests, s.Constant(*at, ...), s.Constant(*at, ...)))

    def _property_matches(self, node: Node, subject: s.Expression) -> s.Expression:
        """`{ A.B: pattern }`."""
        at, (path, pattern) = self._at(node), code_in(node)[:2]
        for name in self._joined(path).split("."):
            subject = s.Attribute(*at, subject, name)
        return self._matches(pattern, subject)

    def _cast(self, at: tuple[int, int], value: s.Expression, kind: s.Expression | None) -> s.Expression:
        """A value that is known to be of a type."""
        if kind is None or (isinstance(kind, s.Name) and kind.id.startswith("%")):
            return value
        passed = s.Argument(value.start, value.end, value), s.Argument(*at, kind)
        return s.Call(*at, s.Name(*at, "%cast"), passed)
