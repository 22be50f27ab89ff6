"""How values reach a piece of a function and leave it: what it reads, what it assigns, what is read after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from determinism_lint import syntax as s
from determinism_lint.scopes import bound_names


def assigned_in(block: Iterable[s.Statement]) -> frozenset[str]:
    return bound_names(s.Function(0, 0, "", (), tuple(block)))


def targets_of(target: s.Expression) -> Iterator[str]:
    """The names that an assignment to `target` binds."""
    match target:
        case s.Name(id=name):
            yield name
        case s.Collection(items=items):
            for item in items:
                yield from targets_of(item)
        case s.Starred(value=value):
            yield from targets_of(value)


@dataclass(slots=True)
class Reading:
    """Walks code in the order in which it runs, and notes the names that it reads before it certainly assigned them."""

    module: s.Module
    read: dict[str, None] = field(default_factory=dict)
    """In the order of their first use; names of the module and built-in ones too."""
    assigned: set[str] = field(default_factory=set)
    skipped: frozenset[s.Node] = frozenset()
    """Expressions whose names do not count."""

    def block(self, block: Iterable[s.Statement]) -> None:
        for statement in block:
            self._statement(statement)

    def _statement(self, node: s.Statement) -> None:
        match node:
            case s.Assign():
                if node.value is not None:
                    self.expression(node.value)
                for target in node.targets:
                    if node.augmented:
                        self.expression(target)
                    self._bind(target)
            case s.With():
                for value, entered in node.items:
                    self.expression(value)
                    if entered is not None:
                        self._bind(entered)
                swallows = any("suppress" in _words(value, self.module) for value, _ in node.items)
                self._branches([node.body, *([()] if swallows else [])])
            case s.If():
                self.expression(node.test)
                self._branches([node.body, node.orelse])
            case s.Loop():
                self.expression(node.subject)
                before = set(self.assigned)
                if node.target is not None:
                    self._bind(node.target)
                self.block(node.body)
                self.assigned = before
                self._branches([node.orelse, ()])
            case s.Try():
                before = set(self.assigned)
                self.block((*node.body, *node.orelse))
                ends = [self.assigned]
                for handler in node.handlers:
                    self.assigned = set(before)
                    if handler.types is not None:
                        self.expression(handler.types)
                    if handler.name is not None:
                        self.assigned.add(handler.name)
                    self.block(handler.body)
                    if not _always_raises(handler.body):
                        ends.append(self.assigned)
                self.assigned = set(before)
                self.block(node.final)
                self.assigned |= set.intersection(*ends)
            case s.Raise():
                self.expression(node)
            case s.Import(local=str(local)):
                self.assigned.add(local)
            case s.Evaluate() | s.Return():
                if node.value is not None:
                    self.expression(node.value)

    def _branches(self, branches: Sequence[s.Block]) -> None:
        """Exactly one of these runs."""
        before, ends = set(self.assigned), []
        for branch in branches:
            self.assigned = set(before)
            self.block(branch)
            if not _always_raises(branch):
                ends.append(self.assigned)
        self.assigned = set.intersection(*ends) if ends else before

    def expression(self, node: s.Node) -> None:
        if node in self.skipped:
            return
        match node:
            case s.Name(id=name):
                if name not in self.assigned:
                    self.read[name] = None
            case s.Comprehension():
                outside = set(self.assigned)
                for clause in node.clauses:
                    self.expression(clause.iterable)
                    self._bind(clause.target)
                    for condition in clause.conditions:
                        self.expression(condition)
                for element in node.elements:
                    self.expression(element)
                self.assigned = outside
            case _ if _is_partly_known(node):
                self._words(node)
            case _:
                for child in s.children(node):
                    self.expression(child)

    def _bind(self, target: s.Expression) -> None:
        names = set(targets_of(target))
        if not names:
            self.expression(target)
        for part in target.items if isinstance(target, s.Collection) else ():
            self._bind(part)
        self.assigned |= names

    def _words(self, node: s.Node) -> None:
        """Any word of its text may be a name."""
        self.read.update(dict.fromkeys(_words(node, self.module) - self.assigned))


def _always_raises(block: s.Block) -> bool:
    return bool(block) and isinstance(block[-1], s.Raise)


def _words(node: s.Node, module: s.Module) -> set[str]:
    return set(re.findall(r"\w+", module.text[node.start : node.end]))


# --- what comes after -------------------------------------------------------------------------------------------


class _Use(Enum):
    READ = auto()
    REPLACED = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Liveness:
    """Tells which names are still read after a statement of an orchestrator. In doubt they are."""

    function: s.Function
    module: s.Module
    around: tuple[s.Statement, ...]
    """The statements around it, outermost first."""

    def after(self, names: Iterable[str], statement: s.Statement) -> list[str]:
        """The names that are read once the statement has run."""
        return sorted(name for name in names if self._lives(name, statement))

    def _lives(self, name: str, statement: s.Statement) -> bool:
        inner = (node for node in s.walk(self.function.body) if isinstance(node, (s.Function, s.Lambda)))
        if any(self._mentions(node, name) for node in inner):
            return True
        for outer in (*reversed(self.around), None):
            block = block_of(statement, outer, self.function)
            use = self._first(block[block.index(statement) + 1 :], name)
            if use is not _Use.NONE:
                return use is _Use.READ
            if isinstance(outer, s.Loop) and self._is_read_again(outer, name):
                return True
            statement = outer or statement
        return False

    def _is_read_again(self, loop: s.Loop, name: str) -> bool:
        again = loop.target is None and self._mentions(loop.subject, name)
        return again or any(self._first(block, name) is _Use.READ for block in blocks_of(loop))

    def _first(self, block: Iterable[s.Statement], name: str) -> _Use:
        """What the block does with a name first."""
        for statement in block:
            use = self._use(statement, name)
            if use is _Use.READ or (use is _Use.REPLACED and not self._jumps()):
                return use
        return _Use.NONE

    def _jumps(self) -> bool:
        """Whether statements may be skipped, so that what replaces a name further on may not run."""
        return any(isinstance(node, (s.Break, s.Continue)) for node in s.walk(self.function.body))

    def _use(self, node: s.Statement, name: str) -> _Use:
        match node:
            case s.Assign(targets=targets, augmented=False, value=value) if any(
                name in targets_of(target) for target in targets
            ):
                return _Use.READ if value is not None and self._mentions(value, name) else _Use.REPLACED
            case s.With(items=items, body=body) if not any(self._mentions(value, name) for value, _ in items):
                if any(entered is not None and name in targets_of(entered) for _, entered in items):
                    return _Use.REPLACED
                return self._first(body, name)
            case s.If(test=test, body=body, orelse=orelse) if not self._mentions(test, name):
                uses = {self._first(body, name), self._first(orelse, name)}
                return _Use.READ if _Use.READ in uses else uses.pop() if len(uses) == 1 else _Use.NONE
            case s.Loop(target=target, subject=subject, body=body, orelse=orelse) if not self._mentions(subject, name):
                bound = target is not None and name in targets_of(target)
                uses = {self._first(orelse, name), _Use.NONE if bound else self._first(body, name)}
                return _Use.READ if _Use.READ in uses else _Use.NONE
            case s.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                rest = (self._first(block, name) for block in (*(each.body for each in handlers), orelse, final))
                used = self._first(body, name) is _Use.READ or _Use.READ in rest
                return _Use.READ if used or any(self._mentions(each.types, name) for each in handlers) else _Use.NONE
            case s.Return() | s.Raise():
                return _Use.READ if self._mentions(node, name) else _Use.REPLACED
        return _Use.READ if self._mentions(node, name) else _Use.NONE

    def _mentions(self, node: s.Node | None, name: str) -> bool:
        if node is None:
            return False
        for part in s.walk(node, into_functions=True):
            if isinstance(part, s.Name) and part.id == name:
                return True
            if _is_partly_known(part) and name in _words(part, self.module):
                return True
        return False


def _is_partly_known(node: s.Node) -> bool:
    """Whether the tree drops names: what `from` follows, the message of an assertion, values in patterns."""
    return isinstance(node, (s.Raise, s.Match)) or (isinstance(node, s.Operation) and node.operator == "assert")


def block_of(statement: s.Statement, outer: s.Statement | None, function: s.Function) -> s.Block:
    """The block of `outer`, or else of the function, that a statement belongs to."""
    blocks = [function.body] if outer is None else blocks_of(outer)
    return next(block for block in blocks if statement in block)


def blocks_of(node: s.Statement) -> list[s.Block]:
    """The blocks of statements that a compound statement consists of."""
    match node:
        case s.If(body=body, orelse=orelse) | s.Loop(body=body, orelse=orelse):
            return [body, orelse]
        case s.With(body=body):
            return [body]
        case s.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return [body, *(handler.body for handler in handlers), orelse, final]
        case s.Match(cases=cases):
            return [case.body for case in cases]
    return []
