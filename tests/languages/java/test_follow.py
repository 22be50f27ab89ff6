"""What is followed from an orchestrator to a hazard, and what is known to be none."""

from __future__ import annotations

import pytest

from tests.projects import analyzed

HEAD = """\
package app;

import com.microsoft.durabletask.*;
import java.time.*;
import java.util.*;

public class Flow implements TaskOrchestration {
"""


def found(members: str, **files: str) -> list[tuple[str, str]]:
    """The rules that members of an orchestrator's class break, with the code at fault."""
    sources = {"app/Flow.java": HEAD + members + "\n}\n", **{f"app/{name}.java": text for name, text in files.items()}}
    return [
        (each.rule, sources[each.path.removeprefix("/project/")].split("\n")[each.span.line - 1].strip())
        for each in analyzed(sources).findings
    ]


RUN = "public void run(TaskOrchestrationContext ctx) {{ {} }}"
FOLLOWED = {
    "private method": RUN.format("ctx.complete(now());") + "\nlong now() { return System.nanoTime(); }",
    "overload": RUN.format("now(1);") + "\nlong now(int a) { return System.nanoTime(); }\nlong now() { return 1; }",
    "field initialiser": RUN.format("new A();") + "\nstatic class A {\nlong now = System.nanoTime();\n}",
    "constructor": RUN.format("new A(1);") + "\nstatic class A { A(int n) {\nlong now = System.nanoTime();\n} }",
    "record": RUN.format("new A(1).now();") + "\nrecord A(int n) {\nlong now() { return System.nanoTime(); }\n}",
    "accessor": RUN.format('ctx.callActivity("A", new A().now()).await();')
    + "\nstatic class A {\nfinal long now = System.nanoTime();\nlong now() { return now; } }",
    "enum": RUN.format("A.ONE.now();") + "\nenum A { ONE;\nlong now() { return System.nanoTime(); }\n}",
    "lambda in a stream": RUN.format("List.of(1).stream().map(n ->\nSystem.nanoTime()\n).toList();"),
    "method reference": RUN.format("List.of(1).forEach(this::now);") + "\nvoid now(int n) { System.nanoTime(); }",
    "supplier": RUN.format("java.util.function.Supplier<Long> a = () ->\nSystem.nanoTime(); a.get();"),
    "interface with one implementation": RUN.format("clock.now();")
    + "\nClock clock;\ninterface Clock { long now(); }\nstatic class Real implements Clock {\n"
    "public long now() { return System.nanoTime(); }\n}",
    "inherited": RUN.format("new B().now();")
    + "\nstatic class B extends A {}\nstatic class A {\nlong now() { return System.nanoTime(); }\n}",
    "anonymous class": RUN.format("new Object() { long now() {\nreturn System.nanoTime();\n} }.now();"),
    "switch expression": RUN.format("long a = switch (1) { case 1 ->\nSystem.nanoTime();\ndefault -> 1L; };"),
    "qualified name": RUN.format("\njava.lang.System.nanoTime();\n"),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_followed(name: str) -> None:
    ((rule, line),) = found(FOLLOWED[name])
    assert (rule, "System.nanoTime()" in line) == ("wall-clock", True)


def test_a_class_of_the_same_package_needs_no_import() -> None:
    helper = "package app;\n\nclass Clocks {\n    static long now() { return System.nanoTime(); }\n}\n"
    assert [rule for rule, _ in found(RUN.format("Clocks.now();"), Clocks=helper)] == ["wall-clock"]


def test_an_implementation_that_a_file_imports_is_one() -> None:
    ticker = "package app;\n\ninterface Ticker {\n    long now();\n}\n"
    real = "package app;\n\nclass Real implements Ticker {\n    public long now() { return System.nanoTime(); }\n}\n"
    members = RUN.format("new Real(); ticker.now();") + "\nTicker ticker;"
    assert [rule for rule, _ in found(members, Ticker=ticker, Real=real)] == ["wall-clock"]


SILENT = {
    "unknown": "Elsewhere.now(); unknown().now();",
    "a seed": "new Random(ctx.getInput(Long.class)).nextInt();",
    "the durable clock": "ctx.getCurrentInstant().plus(Duration.ofDays(1)).toString();",
    "after a restart": 'if (ctx.getInput(Boolean.class)) { ctx.continueAsNew(1); } ctx.callActivity("A").await();',
    "a hash set of strings": 'for (String name : new HashSet<>(List.of("a"))) { ctx.callActivity(name).await(); }',
    "a tree map": 'for (var each : new TreeMap<>(Map.of(1, 2)).entrySet()) { ctx.callActivity("A", each).await(); }',
    "a bounded loop": 'while (true) { ctx.callActivity("A").await(); if (ctx.getInput(Boolean.class)) break; }',
    "a guard": "if (!ctx.getIsReplaying()) { System.out.println(1); }",
    "an accessor of a record": 'record A(String name) {} ctx.callActivity("A", new A("a").name()).await();',
    "own field": 'List<String> done = undo; done.add("a"); count++;',
    "all of none": "ctx.allOf(new ArrayList<Task<String>>()).await();",
    "what throws again": 'try { ctx.callActivity("A").await(); } catch (RuntimeException e) { throw e; }',
    "keeping an interruption": "Thread.currentThread().interrupt();",
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    members = RUN.format(SILENT[name]) + "\nint count; final List<String> undo = new ArrayList<>();"
    assert found(members) == []


REPORTED = {
    "a latch": ("blocking-wait", "new java.util.concurrent.CountDownLatch(1).await();"),
    "a map in no order": (
        "unordered-iteration",
        'for (var each : Map.of(1, 2).entrySet()) { ctx.callActivity("A").await(); }',
    ),
    "a close": ("broad-catch", 'try { ctx.callActivity("A").await(); } catch (Exception e) { ctx.complete(1); }'),
    "options as input": (
        "sdk-signature",
        'ctx.callActivity("A", new TaskOptions(new RetryPolicy(1, Duration.ZERO))).await();',
    ),
    "a task as input": ("unawaited-task", 'ctx.callActivity("A", ctx.callActivity("B")).await();'),
    "a unit": ("blocking-sleep", "java.util.concurrent.TimeUnit.SECONDS.sleep(1);"),
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    rule, code = REPORTED[name]
    assert [each for each, _ in found(RUN.format(code))] == [rule]


def test_files_may_import_each_other() -> None:
    base = "package app;\n\nclass Base {\nFlow made() { return null; }\nlong now() { return System.nanoTime(); }\n}\n"
    members = "static class Child extends Base { }\n" + RUN.format("new Child().now();")
    assert [rule for rule, _ in found(members, Base=base)] == ["wall-clock"]
