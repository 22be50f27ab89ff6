"""From source files to findings: the language-neutral core. See `analyze`."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.callgraph import CallGraph
from determinism_lint.analysis.events import Called, Decided, Event, Loaded, Problem, Site
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.interpreter.machine import Machine, runtime_flags
from determinism_lint.analysis.interpreter.statements import suspends
from determinism_lint.analysis.sdk import Kind
from determinism_lint.analysis.values import (
    Ambient,
    Arguments,
    Context,
    Coroutine,
    External,
    Generator,
    Instance,
    literal,
    text,
)
from determinism_lint.checks import checks
from determinism_lint.checks._shared import is_test, leaves
from determinism_lint.errors import ParseError
from determinism_lint.fixes.extraction import IO_RULES
from determinism_lint.fixes.extraction.helper import is_mentioned, to_activity
from determinism_lint.fixes.extraction.inline import to_new_activity
from determinism_lint.fixes.extraction.place import Place
from determinism_lint.fixes.rewrites import RULE_FIXES, substitution
from determinism_lint.languages.python.discovery import Binding, Declared, Survey, bindings, survey, unregistered
from determinism_lint.languages.python.generations import runtime_of
from determinism_lint.languages.python.library import DATA, GENERATORS, IMPORTERS
from determinism_lint.languages.python.parse import parse
from determinism_lint.languages.python.sdks import sdk_of
from determinism_lint.model import Excerpt, Finding, Fix, Orchestrator, Severity, Span
from determinism_lint.rules.catalogue import Catalogue, Match


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the core found. Paths are absolute, with `/`."""

    findings: tuple[Finding, ...]
    orchestrators: tuple[Orchestrator, ...]
    parsed: frozenset[str]
    """Files that were parsed: candidates and the helper modules that replay reaches."""


def analyze(
    candidates: Iterable[str],
    files: frozenset[str],
    read: Callable[[str], bytes],
    catalogue: Catalogue,
    parse: Callable[[str, bytes], s.Module] = parse,
) -> Analysis:
    """Judge every orchestrator declared in `candidates`, following calls into the other `files` of the project."""
    paths = sorted(candidates)
    return _with_deep_stack(lambda: _Analyzer(files, read, parse, catalogue).run(paths))


_T = TypeVar("_T")
_STACK_BYTES = 256 * 1024 * 1024
_RECURSION_LIMIT = 40_000


def _with_deep_stack(work: Callable[[], _T]) -> _T:
    """Run in a thread with room for deeply nested code: LibCST's native parser would overflow the default stack."""
    outcome: list[_T | BaseException] = []

    def target() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            outcome.append(error)

    limit = sys.getrecursionlimit()
    previous = threading.stack_size()
    try:
        threading.stack_size(_STACK_BYTES)
        thread = threading.Thread(target=target, daemon=True)
        sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
        thread.start()
    finally:
        threading.stack_size(previous)
    try:
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result


@dataclass(slots=True)
class _Raw:
    """A finding before its trace is known."""

    rule: str
    severity: Severity
    module: s.Module
    span: Span
    node: s.Node
    message: str
    help: str | None
    fix: Fix | None
    function: s.Function | None


@dataclass(slots=True)
class _Analyzer:
    files: frozenset[str]
    read: Callable[[str], bytes]
    parse: Callable[[str, bytes], s.Module]
    catalogue: Catalogue
    parsed: dict[str, s.Module | ParseError] = field(default_factory=dict)
    raw: dict[tuple[str, str, int], _Raw] = field(default_factory=dict)
    operations: list[Called] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)
    """Names of what the project declares and of the activities that fixes make, and what has them."""

    def run(self, candidates: Sequence[str]) -> Analysis:
        machine = Machine(self.files, self._parse, self._is_hazard, self._judge)
        sources = [path for path in candidates if path.endswith(".py")]
        functions = bindings(sorted(self.files), self.read)
        scripts = {binding.script for binding in functions if "orchestrationTrigger" in binding.types}
        sources.extend(sorted((scripts & self.files) - set(sources)))
        found = survey(machine, sources)
        for each in found.declared:
            names = (each.name, each.function.node.name if each.function is not None else None)
            self.names.update((name, each) for name in names if name is not None)
        called = {id(edge.callee) for edge in machine.edges if not is_test(edge.module.path)}
        called |= {function for function, callers in machine.made.items() if not all(map(is_test, callers))}
        machine.edges.clear()
        machine.forget()
        graph = CallGraph()
        judged: list[tuple[Declared, Orchestrator]] = []
        for declared in _roots(machine, found, functions, sources, called):
            runtime = runtime_of(declared, self.read)
            orchestrator = self._orchestrator(declared, runtime)
            judged.append((declared, orchestrator))
            self._walk(machine, declared, runtime)
        graph.add(machine.edges)
        for declared, orchestrator in judged:
            assert declared.function is not None
            graph.root(declared.function.node, orchestrator)
        facts = ProjectFacts(found, tuple(d for d, _ in judged), tuple(functions), tuple(self.operations), self.files)
        for rule, check in checks()["project"]:
            for located in check(facts):
                self._locate(rule, located)
        orchestrators = tuple(dict.fromkeys(sorted(orchestrator for _, orchestrator in judged)))
        for path in machine.too_deep:
            self.parsed[path] = ParseError("is nested too deeply to be analyzed to the end")
        findings = [*self._finish(graph), *self._syntax_errors()]
        findings.sort(key=lambda finding: finding.sort_key)
        return Analysis(tuple(findings), orchestrators, frozenset(self.parsed))

    # --- inputs

    def _parse(self, path: str) -> s.Module:
        if path not in self.parsed:
            try:
                self.parsed[path] = self.parse(path, self.read(path))
            except ParseError as error:
                self.parsed[path] = error
        result = self.parsed[path]
        if isinstance(result, ParseError):
            raise result
        return result

    def _is_hazard(self, name: str, has_arguments: bool) -> bool:
        match = self.catalogue.match("python", name, has_arguments)
        return match is not None and match.rule in _AMBIENT_RULES

    # --- judging

    def _orchestrator(self, declared: Declared, runtime: str) -> Orchestrator:
        function = declared.function
        assert function is not None
        module = function.scope.module
        return Orchestrator(
            module.path, module.line(function.node), declared.name or function.node.name, module.language, runtime
        )

    def _walk(self, machine: Machine, declared: Declared, runtime: str) -> None:
        function = declared.function
        assert function is not None
        flags = runtime_flags(runtime)
        context = (Context(sdk_of(runtime), runtime),)
        arguments = Arguments((context,), unpacked=True)
        outcome = machine.outcome(function, arguments, flags, None, function.node, is_orchestrator=True)
        for value in outcome.returned:
            if isinstance(value, (Generator, Coroutine)):
                caller = machine.caller(function, flags)
                machine.outcome(value.function, value.arguments, flags, caller, value.call, is_orchestrator=True)

    def _judge(self, event: Event) -> None:
        name = type(event).__name__.lower()
        if isinstance(event, Called):
            self._called(event)
            self._ambient_payload(event)
        elif isinstance(event, Loaded):
            self._loaded(event)
        elif isinstance(event, Decided):
            self._ambient_decision(event)
        for rule, check in checks()[name]:
            for problem in check(event):
                self._report(rule, problem, event.site)

    def _called(self, event: Called) -> None:
        if event.member is not None:
            self.operations.append(event)
        for value in event.callee:
            name = value.name.removesuffix(".__init__") if isinstance(value, External) else None
            if isinstance(value, Instance):
                name = f"{value.name}.__call__"
            if name is not None:
                match = self.catalogue.match(event.site.module.language, name, bool(event.arguments))
                if match is not None and not _is_harmless(match.rule, event):
                    self._flag(match, event, name)
        for value in event.base:
            if isinstance(value, Ambient) and value.name in GENERATORS:
                match = self.catalogue.match(event.site.module.language, value.name, False)
                if match is not None:
                    self._flag(match, event, value.name)

    def _loaded(self, event: Loaded) -> None:
        for value in event.values:
            if isinstance(value, External):
                match = self.catalogue.match(event.site.module.language, value.name, True)
                if match is not None and value.name in DATA:
                    self._report(
                        match.rule,
                        Problem(
                            event.node, f"{_quoted(event.node, value.name, event.site)} {self._summary(match.rule)}"
                        ),
                        event.site,
                    )

    def _ambient_payload(self, event: Called) -> None:
        """Module-level values that were read from what differs between processes reach a durable call."""
        if event.member is None or not event.member.kind.is_durable:
            return
        for argument, values in event.arguments:
            for value in leaves(values):
                if isinstance(value, Ambient):
                    self._flag_ambient(value, argument, event.site)
                    break

    def _ambient_decision(self, event: Decided) -> None:
        ambient = next((value for value in event.values if isinstance(value, Ambient)), None)
        if ambient is not None and event.site.driven and suspends(event.body):
            node = event.node.test if isinstance(event.node, s.If) else event.node.subject
            self._flag_ambient(ambient, node, event.site)

    def _flag_ambient(self, value: Ambient, node: s.Node, site: Site) -> None:
        match = self.catalogue.match(site.module.language, value.name, False)
        if match is not None:
            written = site.module.text[node.start : node.end]
            written = f"`{written}`" if len(written) <= 60 and "\n" not in written else "this value"
            message = f"{written} comes from `{value.name}`, read once per process, and decides what is scheduled"
            self._report(match.rule, Problem(node, message), site)

    def _flag(self, match: Match, event: Called, name: str) -> None:
        message = f"{_quoted(event.node.function, name, event.site)} {self._summary(match.rule)}"
        fix = substitution(match, event) or RULE_FIXES.get(match.rule, _no_fix)(event)
        self._report(match.rule, Problem(event.node, message, fix=fix), event.site)

    def _summary(self, rule: str) -> str:
        return self.catalogue[rule].summary

    def _report(self, rule: str, problem: Problem, site: Site) -> None:
        advice = problem.help or self._advice(rule, site.module, site.runtime, site.context)
        self._add(rule, self.catalogue[rule].severity_for(site.runtime), site.module, problem, advice, site.function)

    def _advice(self, rule: str, module: s.Module, runtime: str, context: str | None) -> str | None:
        """The rule's own advice, with the context under the name that it has in this function."""
        advice = self.catalogue[rule].instead_for(module.language, runtime)
        return advice if advice is None or context is None else _CONTEXT.sub(context, advice)

    def _locate(self, rule: str, located: Located) -> None:
        severity = located.severity or self.catalogue[rule].severity_for(located.runtime)
        advice = located.problem.help or self._advice(rule, located.module, located.runtime, None)
        self._add(rule, cast(Severity, severity), located.module, located.problem, advice, located.function)

    def _add(
        self,
        rule: str,
        severity: Severity,
        module: s.Module,
        problem: Problem,
        advice: str | None,
        function: s.Function | None,
    ) -> None:
        span = module.span(problem.node)
        key = (module.path, rule, problem.node.start)
        known = self.raw.get(key)
        if known is not None and (known.span.end_line, known.span.end_column) >= (span.end_line, span.end_column):
            return
        self.raw[key] = _Raw(rule, severity, module, span, problem.node, problem.message, advice, problem.fix, function)

    # --- results

    def _finish(self, graph: CallGraph) -> Iterator[Finding]:
        for raw in self.raw.values():
            orchestrators, trace = graph.trace(raw.function) if raw.function is not None else ((), ())
            yield Finding(
                rule=raw.rule,
                severity=raw.severity,
                message=raw.message,
                path=raw.module.path,
                span=raw.span,
                excerpt=raw.module.excerpt(raw.span),
                help=raw.help,
                orchestrators=orchestrators,
                trace=trace,
                fix=raw.fix or self._as_activity(raw, graph),
            )

    def _as_activity(self, raw: _Raw, graph: CallGraph) -> Fix | None:
        """The fix for I/O: in the orchestrator itself, or in a helper that no other file of the project uses."""
        if raw.rule not in IO_RULES or raw.function is None:
            return None
        orchestrator = graph.orchestrator(raw.function)
        if orchestrator is not None:
            place = Place(raw.function, orchestrator.runtime, raw.module, raw.node)
            return to_new_activity(place, graph.calls, self._may_have)
        name, path, call = raw.function.name, raw.module.path, graph.only_call(raw.function)
        fix = to_activity(raw.function, call) if call is not None and call.module is raw.module else None
        if fix is None or not self._may_have(name, raw.function):
            return None
        others = (other for other in self.files if other != path and other.endswith(".py"))
        return fix if not any(self._mentions(other, name, path) for other in others) else None

    def _may_have(self, name: str, code: object) -> bool:
        """Whether an activity that is made of `code` may have a name. From then on no other one may."""
        return self.names.setdefault(name, code) == code

    def _mentions(self, path: str, name: str, module: str) -> bool:
        try:
            return is_mentioned(name, module, self.read(path))
        except OSError:
            return False

    def _syntax_errors(self) -> Iterator[Finding]:
        for path, result in self.parsed.items():
            if isinstance(result, ParseError):
                span = Span(result.line, result.column, result.line, result.column)
                excerpt = self._raw_excerpt(path, result.line)
                severity = self.catalogue["syntax-error"].severity
                yield Finding("syntax-error", severity, result.message, path, span, excerpt)

    def _raw_excerpt(self, path: str, line: int) -> Excerpt:
        try:
            lines = self.read(path).decode("utf-8", "replace").splitlines()
        except OSError:
            return Excerpt(line, ())
        first = max(1, line - 1)
        return Excerpt(first, tuple(text[:400] for text in lines[first - 1 : line + 1]))


_AMBIENT_RULES = frozenset({"environment-read", "wall-clock", "random-value", "random-id", "process-identity"})
"""Rules whose names yield a value that differs between processes, even when it is read only once."""
_CONTEXT = re.compile(r"\b(?:ctx|context)(?=\.)")
_IN_MEMORY = frozenset({"io.StringIO", "io.BytesIO"})


def _is_harmless(rule: str, event: Called) -> bool:
    """Whether what is known of the call takes the hazard away: a guarded log line, a file that is in memory."""
    if rule == "unguarded-logging":
        return event.site.guarded
    if rule == "process-identity":
        hashed = event.argument(0) if External("hash") in event.callee else None
        return hashed is not None and isinstance(literal(hashed[1]), (int, float))
    if rule == "dynamic-code":
        written = event.argument(0, "name")
        return bool(IMPORTERS & {v.name for v in event.callee if isinstance(v, External)}) and (
            written is not None and text(written[1]) is not None
        )
    if rule == "file-io":
        return any(isinstance(v, Instance) and v.name in _IN_MEMORY for _, values in event.arguments for v in values)
    return False


def _quoted(node: s.Expression, name: str, site: Site) -> str:
    """How a message names what is called: as it is written, with the qualified name where that says more."""
    written = re.sub(r"\s+", "", site.module.text[node.start : node.end])
    if len(written) > 60 or "(" in written:
        written = ".".join(name.split(".")[-2:])
    if (
        name == written
        or ("." in written and name.endswith("." + written))
        or name.count(".") > 3
        or not written.replace(".", "").isidentifier()
    ):
        return f"`{written}`"
    if written.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1] and "." in written:
        return f"`{written}`"
    return f"`{written}` (`{name}`)"


def _no_fix(_: Called) -> Fix | None:
    return None


def _roots(
    machine: Machine, found: Survey, functions: Sequence[Binding], sources: Sequence[str], called: set[int]
) -> Iterator[Declared]:
    """The orchestrators to judge: registered ones, each once, then those only recognized by what they look like."""
    names = {binding.script: binding.name for binding in functions if "orchestrationTrigger" in binding.types}
    seen: set[int] = set()
    for declared in found.declared:
        if declared.kind is not Kind.ORCHESTRATION or declared.function is None:
            continue
        if id(declared.function.node) not in seen:
            seen.add(id(declared.function.node))
            name = names.get(declared.module.path, declared.name)
            yield replace(declared, name=name)
    for function, sdk in found.scheduled:
        if id(function.node) not in seen:
            seen.add(id(function.node))
            module = function.scope.module
            yield Declared(
                Kind.ORCHESTRATION, function.node.name, function, sdk, module, function.node, registered=False
            )
    taken = {id(d.function.node) for d in found.declared if d.function is not None}
    for path in sources:
        for declared in unregistered(machine, path):
            assert declared.function is not None
            identity = id(declared.function.node)
            if identity not in seen and identity not in called and identity not in taken:
                seen.add(identity)
                yield declared
