"""From source files to findings: the language-neutral core. See `analyze`.

The interpreter runs twice. First, in the *survey*, every candidate module and each function in it is run without being
judged, to find what the project declares: registrations may stand in any file, hidden in helpers, and what a global or
an attribute holds is known only once all code that assigns to it has been seen. Then, in the *judging*, each
orchestrator is run with a context, and what happens is put before the rules. Nothing that functions returned is kept
from the first to the second run, since the first knows less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, cast

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.callgraph import CallGraph
from determinism_lint.analysis.declarations import Binding, Declared, Survey, bindings, functions_of
from determinism_lint.analysis.events import Called, Decided, Event, Loaded, Problem, Site
from determinism_lint.analysis.facts import Located, ProjectFacts
from determinism_lint.analysis.frontend import Frontend
from determinism_lint.analysis.interpreter.machine import Machine, runtime_flags
from determinism_lint.analysis.interpreter.statements import Flags, suspends
from determinism_lint.analysis.plans import read_plans
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.stack import with_deep_stack
from determinism_lint.analysis.values import Ambient, Arguments, Context, Coroutine, External, Generator, Instance
from determinism_lint.checks import checks
from determinism_lint.checks._shared import is_test, leaves
from determinism_lint.errors import ParseError
from determinism_lint.model import Excerpt, Finding, Fix, Orchestrator, Refusal, Severity, Span
from determinism_lint.plan import Plan
from determinism_lint.rules.catalogue import Catalogue, Match


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the core found. Paths are absolute, with `/`."""

    findings: tuple[Finding, ...]
    orchestrators: tuple[Orchestrator, ...]
    parsed: frozenset[str]
    """Files that were parsed: candidates and the helper modules that replay reaches."""
    coarse: frozenset[str] = frozenset()
    """Files whose code reaches so much that the budget was spent."""
    steps: int = 0
    """How much was evaluated: see `Machine.steps`."""
    plans: tuple[tuple[Orchestrator, Plan], ...] = ()
    """What each orchestrator does."""


def analyze(
    candidates: Iterable[str],
    files: frozenset[str],
    read: Callable[[str], bytes],
    catalogue: Catalogue,
    language: Frontend,
    parse: Callable[[str, bytes], s.Module] | None = None,
    plans: bool = False,
) -> Analysis:
    """Judge every orchestrator of one language declared in `candidates`, following calls into the other `files`.

    `parse` stands for the language's own parser, and may remember what it parsed. With `plans`, the result tells
    what each orchestrator does.
    """
    paths = sorted(candidates)
    own = frozenset(path for path in files if path.endswith(language.language.suffixes))
    functions = bindings(sorted(files - own), read)
    analyzer = _Analyzer(language, own, functions, read, parse or language.parse, catalogue, with_plans=plans)
    return with_deep_stack(lambda: analyzer.run(paths))


def _once(read: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Reads each file once, and asks once for those that are not there."""
    known: dict[str, bytes | OSError] = {}

    def again(path: str) -> bytes:
        if path not in known:
            try:
                known[path] = read(path)
            except OSError as error:
                known[path] = error
        found = known[path]
        if isinstance(found, OSError):
            raise found
        return found

    return again


Judges: TypeAlias = Mapping[str, tuple[tuple[str, Callable[[Any], Any]], ...]]


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
    runs: set[int]
    """The runs of the function in which it was found; 0 for any."""


@dataclass(slots=True)
class _Analyzer:
    language: Frontend
    files: frozenset[str]
    """Source files of the language."""
    bindings: Sequence[Binding]
    read: Callable[[str], bytes]
    parse: Callable[[str, bytes], s.Module]
    catalogue: Catalogue
    parsed: dict[str, s.Module | ParseError] = field(default_factory=dict)
    raw: dict[tuple[str, str, int], _Raw] = field(default_factory=dict)
    operations: list[Called] = field(default_factory=list)
    judges: Judges = field(default_factory=dict)
    with_plans: bool = False

    def run(self, candidates: Sequence[str]) -> Analysis:
        importer = self.language.importer(self.files, self.read)
        machine = Machine(self.language, self.files, self._parse, self._is_hazard, self._judge, importer)
        self.judges = checks("determinism_lint.checks", *self.language.checks)
        scripts = {
            script: binding.name
            for binding in self.bindings
            if "orchestrationTrigger" in binding.types and (script := self._script_of(binding)) is not None
        }
        sources = [*candidates, *sorted(scripts.keys() - set(candidates))]
        found = self._survey(machine, sources)
        called = _called_in(machine)
        called |= {function for function, callers in machine.made.items() if not all(map(is_test, callers))}
        machine.edges.clear()
        machine.forget()
        graph = CallGraph()
        judged: list[tuple[Declared, Orchestrator]] = []
        manifest = _once(self.read)
        for declared in self._roots(machine, found, scripts, sources, called):
            runtime = self.language.runtime_of(declared, manifest)
            orchestrator = self._orchestrator(declared, runtime)
            judged.append((declared, orchestrator))
            assert declared.function is not None
            machine.begin(orchestrator.path)
            for run in self._walk(machine, declared, runtime):
                graph.root(run, declared.function.node, orchestrator)
        machine.begin("")
        graph.add(machine.edges.values())
        orchestrated = tuple(declared for declared, _ in judged)
        facts = ProjectFacts(
            found, orchestrated, tuple(self.bindings), tuple(self.operations), self.files, self._script_of
        )
        for rule, check in self.judges["project"]:
            for located in check(facts):
                self._locate(rule, located)
        orchestrators = tuple(dict.fromkeys(sorted(orchestrator for _, orchestrator in judged)))
        deep = [path for path, module in self.parsed.items() if isinstance(module, s.Module) and module.too_deep]
        for path in (*machine.too_deep, *deep):
            self.parsed[path] = ParseError("is nested too deeply to be analyzed to the end")
        findings = [*self._finish(graph), *self._syntax_errors()]
        findings.sort(key=lambda finding: finding.sort_key)
        coarse = frozenset(machine.coarse)
        plans = self._plans(machine, found, judged)
        return Analysis(tuple(findings), orchestrators, frozenset(self.parsed), coarse, machine.total, plans)

    def _plans(
        self, machine: Machine, found: Survey, judged: Sequence[tuple[Declared, Orchestrator]]
    ) -> tuple[tuple[Orchestrator, Plan], ...]:
        if not self.with_plans:
            return ()
        names = {
            id(declared.function.node): declared.name
            for declared in found.declared
            if declared.function is not None and declared.name is not None
        }
        functions = [declared.function for declared, _ in judged if declared.function is not None]
        roots = [(function.scope.module, function.node) for function in functions]
        plans = read_plans(roots, self.operations, machine.edges.values(), names)
        return tuple((orchestrator, plan) for (_, orchestrator), plan in zip(judged, plans, strict=True))

    def _script_of(self, binding: Binding) -> str | None:
        return self.language.script_of(binding, self.files)

    def _survey(self, machine: Machine, candidates: Iterable[str]) -> Survey:
        """Run every candidate module and, once each, the functions in it, and collect what they declare."""
        found = Survey(renamed=machine.renamed, machine=machine)
        machine.surveyed = lambda called: self.language.declare(found, called)
        for path in candidates:
            machine.begin(path)
            loaded = machine.module(path)
            if loaded is None:
                continue
            self.language.declare_module(found, loaded, self.bindings)
            for function in filter(self.language.surveys, functions_of(loaded.scope)):
                machine.run(function, Arguments(unpacked=True), Flags(judged=False), None, function.node)
        return found

    def _roots(
        self, machine: Machine, found: Survey, names: Mapping[str, str], sources: Sequence[str], called: set[int]
    ) -> Iterator[Declared]:
        """The orchestrators to judge: registered ones, each once, then those only recognized by what they look like."""
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
        called = called | _called_in(machine)  # also what those call that were judged meanwhile
        for path in sources:
            for declared in self.language.unregistered(machine, path):
                assert declared.function is not None
                identity = id(declared.function.node)
                if identity not in seen and identity not in called and identity not in taken:
                    seen.add(identity)
                    yield declared

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
        match = self.catalogue.match(self.language.language.id, name, has_arguments)
        return match is not None and self.catalogue[match.rule].is_ambient

    # --- judging

    def _orchestrator(self, declared: Declared, runtime: Runtime) -> Orchestrator:
        function = declared.function
        assert function is not None
        module = function.scope.module
        return Orchestrator(
            module.path, module.line(function.node), declared.name or function.node.name, module.language, runtime.id
        )

    def _walk(self, machine: Machine, declared: Declared, runtime: Runtime) -> frozenset[int]:
        """Run an orchestrator; returns the number of the run."""
        function = declared.function
        assert function is not None
        flags = runtime_flags(runtime)
        context = (Context(runtime),)
        arguments = Arguments((context,), unpacked=True)
        outcome = machine.outcome(function, arguments, flags, None, function.node, is_orchestrator=True)
        for value in outcome.returned:
            if isinstance(value, (Generator, Coroutine)):
                for run in outcome.runs:
                    caller = machine.caller(function, flags, run)
                    machine.outcome(value.function, value.arguments, flags, caller, value.call, is_orchestrator=True)
        return outcome.runs

    def _judge(self, event: Event) -> None:
        name = type(event).__name__.lower()
        if isinstance(event, Called):
            self._called(event)
            self._ambient_payload(event)
        elif isinstance(event, Loaded):
            self._loaded(event)
        elif isinstance(event, Decided):
            self._ambient_decision(event)
        for rule, check in self.judges[name]:
            for problem in check(event):
                mend = None if problem.fix is not None else self.language.fixes.get(rule)
                fix = problem.fix if mend is None else mend(event, problem)
                self._report(rule, problem if fix is None else replace(problem, fix=fix), event.site)

    def _called(self, event: Called) -> None:
        if event.member is not None:
            self.operations.append(event)
        for value in event.callee:
            name = self.language.called(value.name) if isinstance(value, External) else None
            if isinstance(value, Instance):
                name = f"{value.name}.{self.language.special.call}"
            if name is not None:
                match = self.catalogue.match(event.site.module.language, name, bool(event.arguments))
                if match is not None and not self._is_harmless(match.rule, event):
                    self._flag(match, event, name)
        for value in event.base:
            if isinstance(value, Ambient) and value.name in self.language.library.random_sources:
                match = self.catalogue.match(event.site.module.language, value.name, False)
                if match is not None:
                    self._flag(match, event, value.name)

    def _loaded(self, event: Loaded) -> None:
        for value in event.values:
            if isinstance(value, External):
                match = self.catalogue.match(event.site.module.language, value.name, True)
                if match is not None and self.language.library.is_data(value.name):
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
        problem = Problem(event.node, message)
        template, mend = match.replacement_for(event.site.runtime.id), self.language.fixes.get(match.rule)
        if template is not None:
            problem.fix = self.language.substitution(template, event)
        elif mend is not None:
            problem.fix = mend(event, problem)
        self._report(match.rule, problem, event.site)

    def _is_harmless(self, rule: str, event: Called) -> bool:
        """Whether what is known of the call takes the hazard away: a guarded log line, a file that is in memory."""
        return any(judged == rule and check(event) for judged, check in self.judges["harmless"])

    def _summary(self, rule: str) -> str:
        return self.catalogue[rule].summary

    def _report(self, rule: str, problem: Problem, site: Site) -> None:
        advice = problem.help or self._advice(rule, site.module, site.runtime, site.context)
        severity = self.catalogue[rule].severity_for(site.runtime.id)
        self._add(rule, severity, site.module, problem, advice, site.function, site.run)

    def _advice(self, rule: str, module: s.Module, runtime: Runtime, context: str | None) -> str | None:
        """The rule's own advice, with the context under the name that it has in this function."""
        advice = self.catalogue[rule].instead_for(module.language, runtime.id)
        return advice if advice is None or context is None else _CONTEXT.sub(context, advice)

    def _locate(self, rule: str, located: Located) -> None:
        severity = located.severity or self.catalogue[rule].severity_for(located.runtime.id)
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
        run: int = 0,
    ) -> None:
        span = module.span(problem.node)
        key = (module.path, rule, problem.node.start)
        known = self.raw.get(key)
        runs = known.runs if known is not None else set()
        runs.add(run)
        if known is not None and (known.span.end_line, known.span.end_column) >= (span.end_line, span.end_column):
            return
        fix = problem.fix
        if isinstance(fix, Refusal):
            advice, fix = f"{f'{advice}; ' if advice else ''}not fixed: {fix.reason}", None
        self.raw[key] = _Raw(rule, severity, module, span, problem.node, problem.message, advice, fix, function, runs)

    # --- results

    def _finish(self, graph: CallGraph) -> Iterator[Finding]:
        for raw in self.raw.values():
            orchestrators, trace = graph.trace(raw.function, raw.runs) if raw.function is not None else ((), ())
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
                fix=raw.fix,
            )

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


def _called_in(machine: Machine) -> set[int]:
    """The functions that others call, but for those of tests, by identity of their node."""
    return {id(edge.callee) for edge in machine.edges.values() if not is_test(edge.module.path)}


_CONTEXT = re.compile(r"\b(?:ctx|context)(?=\.)")


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
