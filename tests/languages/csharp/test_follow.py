"""What is followed from an orchestrator to a hazard, and what is known to be none."""

from __future__ import annotations

import pytest

from tests.projects import analyzed

HEAD = """\
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace App;

public partial class Flow : TaskOrchestrator<Order, string>
{
"""
ORDER = """
public class Order { public string Id { get; set; } = ""; public List<string> Items { get; set; } = new(); }
"""


def found(members: str, **files: str) -> list[tuple[str, str]]:
    """The rules that members of an orchestrator's class break, with the code at fault."""
    sources = {"app/Flow.cs": HEAD + members + "\n}\n" + ORDER, **{f"app/{n}.cs": text for n, text in files.items()}}
    return [
        (each.rule, sources[each.path.removeprefix("/project/")].split("\n")[each.span.line - 1].strip())
        for each in analyzed(sources).findings
    ]


def run(body: str) -> str:
    """An orchestrator's method."""
    return f"public override async Task<string> RunAsync(TaskOrchestrationContext ctx, Order order) {{ {body} }}\n"


FOLLOWED = {
    "private method": run("Now();") + "long Now() {\nreturn DateTime.UtcNow.Ticks; }",
    "method below this": run("this.Now();") + "long Now() {\nreturn DateTime.UtcNow.Ticks; }",
    "static method": run("Now();") + "static long Now() =>\nDateTime.UtcNow.Ticks;",
    "static method of a class": run("Clock.Now();") + "static class Clock { public static long Now() =>\n"
    "DateTime.UtcNow.Ticks; }",
    "asynchronous method": run("await Now();") + "async Task<long> Now() {\nreturn DateTime.UtcNow.Ticks; }",
    "overload": run("Now(1);") + "long Now(int a) {\nreturn DateTime.UtcNow.Ticks; }\nlong Now() { return 1; }",
    "overload with an optional parameter": run("Now(1);")
    + "long Now(string a, int b, int c) => 1;\nlong Now(int a, int b = 2) {\nreturn DateTime.UtcNow.Ticks; }",
    "expression-bodied property": run("var a = Now;") + "DateTime Now =>\nDateTime.UtcNow;",
    "property with a getter": run("var a = Now;") + "DateTime Now { get {\nreturn DateTime.UtcNow; } set { } }",
    "setter": run("Now = 1;") + "long Now { get { return 1; } set {\nvar a = DateTime.UtcNow; } }",
    "static property": run("var a = Clock.Now;") + "static class Clock { public static DateTime Now =>\n"
    "DateTime.UtcNow; }",
    "field initialiser": run("new A();") + "class A {\nDateTime now = DateTime.UtcNow;\n}",
    "property initialiser": run("new A();") + "class A {\npublic DateTime Now { get; init; } = DateTime.UtcNow;\n}",
    "constructor": run("new A(1);") + "class A { public A(int n) {\nvar now = DateTime.UtcNow; } }",
    "constructor by its arguments": run("new A();")
    + "class A { public A() {\nvar now = DateTime.UtcNow; } public A(int n) { } }",
    "constructor of this": run("new A();")
    + "class A { public A() : this(1) { } public A(int n) {\nvar now = DateTime.UtcNow; } }",
    "argument of a constructor": run("new A();")
    + "class A { public A() : this(\nDateTime.UtcNow) { } public A(DateTime n) { } }",
    "constructor of the base": run("new B();")
    + "class B : A { public B() : base(1) { } } class A { public A(int n) {\nvar now = DateTime.UtcNow; } }",
    "constructor of the base, not written": run("new B();")
    + "class B : A { public B() { } } class A { public A() {\nvar now = DateTime.UtcNow; } }",
    "fields of the base": run("new B();") + "class B : A { int b = 1; } class A {\nDateTime now = DateTime.UtcNow; }",
    "new of a declared type": run("A a = new();") + "class A { public A() {\nvar now = DateTime.UtcNow; } }",
    "primary constructor": run("new A(1).Now();") + "class A(int n) { int m = n;\npublic long Now() {\n"
    "return DateTime.UtcNow.Ticks + n; } }",
    "record": run("new A(1).Now();") + "record A(int N) { public long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "with": run("(new A(1) with { N = 2 }).Now();") + "record A(int N) { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "struct": run("new A().Now();") + "struct A { public long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "object initialiser": run("new A { B = 1 }.Now();") + "class A { public int B { get; set; } public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "value of an object initialiser": run("new A { B =\nDateTime.UtcNow };")
    + "class A { public DateTime B { get; set; } }",
    "nested class": run("new A.B().Now();") + "class A { public class B { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } } }",
    "local function": run("Now(); long Now() {\nreturn DateTime.UtcNow.Ticks; }"),
    "lambda": run("Func<long> now = () =>\nDateTime.UtcNow.Ticks; now();"),
    "invoked lambda": run("Func<long> now = () =>\nDateTime.UtcNow.Ticks; now.Invoke();"),
    "asynchronous lambda": run("var now = async () => {\nreturn DateTime.UtcNow; }; await now();"),
    "anonymous method": run("Func<long> now = delegate {\nreturn DateTime.UtcNow.Ticks; }; now();"),
    "method group": run("Func<long> now = Now; now();") + "long Now() {\nreturn DateTime.UtcNow.Ticks; }",
    "lambda in a field": run("now();") + "readonly Func<long> now = () =>\nDateTime.UtcNow.Ticks;",
    "static lambda in a field": run("Now();") + "static readonly Func<long> Now = () =>\nDateTime.UtcNow.Ticks;",
    "LINQ": run("new List<int> { 1 }.Select(n =>\nDateTime.UtcNow.Ticks).ToList();"),
    "LINQ over the unknown": run("order.Items.Where(n => DateTime.Parse(n) <\nDateTime.UtcNow).ToList();"),
    "LINQ with a method group": run("new List<int> { 1 }.ForEach(Now);") + "void Now(int n) {\n"
    "var now = DateTime.UtcNow; }",
    "query": run("var a = from n in order.Items where n != null select\nDateTime.UtcNow;"),
    "condition of a query": run("var a = from n in order.Items where\nDateTime.UtcNow.Ticks > 1 select n;"),
    "extension method": run("ctx.Now();") + "} static class Extensions { public static long Now(this "
    "TaskOrchestrationContext c) {\nreturn DateTime.UtcNow.Ticks; }",
    "overloaded extension method": run("ctx.Now(1);")
    + "} static class Extensions { public static long Now(this TaskOrchestrationContext c, int n) {\n"
    "return DateTime.UtcNow.Ticks; } public static long Now(this TaskOrchestrationContext c) => 1;",
    "extension method of a collection": run("order.Items.Now(); new List<int>().Now();")
    + "} static class Extensions { public static long Now<T>(this IEnumerable<T> all) {\n"
    "return DateTime.UtcNow.Ticks; }",
    "extension method of a class": run("new A().Now();")
    + "class A { } } static class Extensions { internal static long "
    "Now(this Flow.A a) {\nreturn DateTime.UtcNow.Ticks; }",
    "interface with one implementation": run("clock.Now();")
    + "IClock clock; interface IClock { long Now(); } class Real : IClock { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "property of an interface": run("var a = clock.Now;")
    + "IClock clock; interface IClock { DateTime Now { get; } } class Real : IClock { public DateTime Now =>\n"
    "DateTime.UtcNow; }",
    "injected by the constructor": "private readonly IClock clock; public Flow(IClock clock) { this.clock = clock; }\n"
    + run("clock.Now();")
    + "public interface IClock { long Now(); } class Real : IClock { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "abstract class": run("clock.Now();")
    + "Clock clock; abstract class Clock { public abstract long Now(); } class Real : Clock { public override "
    "long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "inherited": run("new B().Now();") + "class B : A { } class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "bare name of a base": run("new B().Go();")
    + "class B : A { public void Go() { Now(); } } class A { protected long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "base": run("new B().Now();")
    + "class B : A { public override long Now() => base.Now(); } class A { public virtual "
    "long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "generic class": run("new Box<int>().Now();") + "class Box<T> { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "generic method": run("Now<int>(1);") + "long Now<T>(T n) {\nreturn DateTime.UtcNow.Ticks; }",
    "type that a generic method is passed": run("Make<A>();") + "void Make<T>() where T : new() { new T(); } class A { "
    "public A() {\nvar now = DateTime.UtcNow; } }",
    "type that is passed on": run("Make<A>();") + "void Make<T>() => Other<T>(1); void Other<U>(int n) { U a = Get(); "
    "a.Now(); } class A { public long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "parameter of a type": run("Use(null);") + "void Use(A a) { a.Now(); } class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "cast": run("((A)Get()).Now();") + "object Get() => null; class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "as": run("(Get() as A)?.Now();") + "object Get() => null; class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "is": run("if (Get() is A a) a.Now();") + "object Get() => null; class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "case": run("switch (Get()) { case A a when a != null: a.Now(); break; }")
    + "object Get() => null; class A { public "
    "long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "switch expression": run('var a = order.Id switch { "a" =>\nDateTime.UtcNow, _ => default };'),
    "condition of a switch expression": run(
        'var a = order switch { { Id: "a" } when\nDateTime.UtcNow.Ticks > 1 => 1 };'
    ),
    "property pattern": run('if (order is { Id: "a", Items.Count: > 1 } &&\nDateTime.UtcNow.Ticks > 1) { }'),
    "result of an activity": run('var a = await ctx.CallActivityAsync<A>("A"); a.Now();') + "class A { public long "
    "Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "out": run("Get(out A a); a.Now();") + "void Get(out A a) => a = null; class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "foreach": run("foreach (A a in Get()) a.Now();") + "IEnumerable<A> Get() => null; class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "iterator": run("foreach (var a in Get()) { }") + "IEnumerable<long> Get() {\n"
    "yield return DateTime.UtcNow.Ticks; }",
    "what an iterator yields": run("foreach (var a in Get()) a.Now();")
    + "IEnumerable<A> Get() { yield return new A(); "
    "} class A { public long Now() {\nreturn DateTime.UtcNow.Ticks; } }",
    "asynchronous iterator": run("await foreach (var a in Get()) { }") + "async IAsyncEnumerable<long> Get() {\n"
    "yield return DateTime.UtcNow.Ticks; }",
    "disposed": run("using var a = new A();") + "class A : IDisposable { public void Dispose() {\n"
    "var a = DateTime.UtcNow; } }",
    "disposed of a block": run("using (new A()) { }") + "class A : IDisposable { public void Dispose() {\n"
    "var a = DateTime.UtcNow; } }",
    "disposed asynchronously": run("await using var a = new A();") + "class A : IAsyncDisposable { public async "
    "ValueTask DisposeAsync() {\nvar a = DateTime.UtcNow; } }",
    "lock": run("lock (this) {\nvar a = DateTime.UtcNow; }"),
    "catch": run("try { } catch (Exception e) when (e.Message !=\nDateTime.UtcNow.ToString()) { throw; }"),
    "finally": run("try { } finally {\nvar a = DateTime.UtcNow; }"),
    "interpolation": run('var a = $"{order.Id} {\nDateTime.UtcNow:o}";'),
    "coalescing": run("var a = order.Id ??\nDateTime.UtcNow.ToString();"),
    "coalescing assignment": run("string a = null; a ??=\nDateTime.UtcNow.ToString();"),
    "null-conditional": run("Clock()?.Now();") + "A Clock() => new A(); class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "tuple": run("var (a, b) = (new A(), 1); a.Now();") + "class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "element of a tuple": run("var t = (new A(), 1); t.Item1.Now();") + "class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "anonymous object": run("var t = new { A = new A() }; t.A.Now();") + "class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "collection expression": run("A[] all = [new A()]; all[0].Now();") + "class A { public long Now() {\n"
    "return DateTime.UtcNow.Ticks; } }",
    "indexer": run("var a = new A()[1];")
    + "class A { public long this[int n] {\nget { return DateTime.UtcNow.Ticks; } } "
    "}",
    "qualified name": run("\nSystem.DateTime.UtcNow.ToString();\n"),
    "global name": run("\nglobal::System.DateTime.UtcNow.ToString();\n"),
    "directive": run("\n#if NET8_0_OR_GREATER\nvar a = DateTime.UtcNow;\n#else\nvar a = DateTime.Now;\n#endif\n"),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_followed(name: str) -> None:
    ((rule, line),) = found(FOLLOWED[name])
    assert (rule, "DateTime.UtcNow" in line) == ("wall-clock", True)


CLOCK = "namespace {}; public {} class Clock {{ public static long Now() => System.DateTime.UtcNow.Ticks; }}"
ELSEWHERE = {
    "the same namespace": ("", "Clock.Now();", CLOCK.format("App", "static")),
    "a namespace around": ("", "Clock.Now();", CLOCK.format("App", "static").replace("App;", "App;")),
    "using": ("using App.Tools;", "Clock.Now();", CLOCK.format("App.Tools", "static")),
    "using static": ("using static App.Tools.Clock;", "Now();", CLOCK.format("App.Tools", "static")),
    "alias": ("using Watch = App.Tools.Clock;", "Watch.Now();", CLOCK.format("App.Tools", "static")),
    "qualified": ("", "App.Tools.Clock.Now();", CLOCK.format("App.Tools", "static")),
    "a block": ("using App.Tools;", "Clock.Now();", CLOCK.format("App.Tools", "static").replace(";", " {", 1) + " }"),
    "nested blocks": (
        "using App.Tools;",
        "Clock.Now();",
        "namespace App { namespace Tools { class Clock { public static long Now() => DateTime.UtcNow.Ticks; } } }",
    ),
    "no namespace": ("", "Clock.Now();", "static class Clock { public static long Now() => DateTime.UtcNow.Ticks; }"),
    "partial": ("", "Now();", "namespace App; partial class Flow { long Now() => DateTime.UtcNow.Ticks; }"),
    "partial and static": (
        "",
        "Now();",
        "namespace App; partial class Flow { static long Now() => DateTime.UtcNow.Ticks; }",
    ),
    "partial field": (
        "",
        "this.now();",
        "namespace App; partial class Flow { Func<long> now = () => DateTime.UtcNow.Ticks; }",
    ),
    "a file with another type of that name": (
        "using App.Tools;",
        "Clock.Now();",
        "namespace App.Other { class Clock<T> { } } "
        + CLOCK.format("App.Tools", "static").replace(";", " {", 1)
        + " }",
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_followed_into_another_file(name: str) -> None:
    using, call, other = ELSEWHERE[name]
    sources = {"app/Flow.cs": f"{using}\n{HEAD}{run(call)}\n}}\n", "app/lib/Other.cs": other}
    ((rule, path),) = [(each.rule, each.path) for each in analyzed(sources).findings]
    assert (rule, path) == ("wall-clock", "/project/app/lib/Other.cs")


def test_a_global_using_holds_in_all_files_of_its_project() -> None:
    sources = {
        "app/Flow.cs": f"{HEAD}{run('Clock.Now();')}\n}}\n",
        "app/GlobalUsings.cs": "global using App.Tools;\n",
        "app/Clock.cs": CLOCK.format("App.Tools", "static"),
        "other/Clock.cs": CLOCK.format("Other.Tools", "static"),
    }
    assert [(each.rule, each.path) for each in analyzed(sources).findings] == [("wall-clock", "/project/app/Clock.cs")]


def test_of_types_that_share_a_name_the_nearest_is_taken() -> None:
    sources = {
        "one/Flow.cs": f"{HEAD}{run('Clock.Now();')}\n}}\n",
        "one/Clock.cs": "namespace App; static class Clock { public static long Now() => 1; }",
        "two/Clock.cs": CLOCK.format("App", "static"),
    }
    assert analyzed(sources).findings == ()


def test_files_may_use_each_other() -> None:
    base = "namespace App; class Base { Flow Made() => null; protected long Now() => DateTime.UtcNow.Ticks; }"
    members = "class Child : Base { public void Go() { Made(); Now(); } }\n" + run("new Child().Go();")
    assert [rule for rule, _ in found(members, Base=base)] == ["wall-clock"]


def test_top_level_statements_register_lambdas() -> None:
    source = """\
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddDurableTaskWorker(b => b.AddTasks(r =>
{
    r.AddOrchestratorFunc("Flow", async ctx => { Later(); return await Task.FromResult(1); });
}));
void Later() { var now = DateTime.UtcNow; }
builder.Build().Run();
"""
    assert [(each.rule, each.span.line) for each in analyzed({"Program.cs": source}).findings] == [("wall-clock", 9)]


SILENT = {
    "unknown": "Elsewhere.Now(); Unknown(); order.Items.Unknown(); Some.Thing.Now();",
    "a seed": "new Random(order.Id.Length).Next();",
    "the durable clock": "ctx.CurrentUtcDateTime.AddDays(1).ToString();",
    "a durable id": "ctx.NewGuid().ToString();",
    "a type named like a hazard": "Guid.Parse(order.Id); DateTime.Parse(order.Id); TimeSpan.FromDays(1);",
    "a bounded loop": 'while (true) { await ctx.CallActivityAsync("A"); if (order.Id == "a") break; }',
    "a guard": "if (!ctx.IsReplaying) { Console.WriteLine(1); }",
    "a safe logger": "ILogger log = ctx.CreateReplaySafeLogger<Flow>(); log.LogInformation(order.Id);",
    "own field": 'count++; undo.Add("a");',
    "an awaited task": 'var t = ctx.CallActivityAsync<int>("A"); int n = await t;',
    "a fan-out": 'var ts = order.Items.Select(i => ctx.CallActivityAsync<int>("A", i)); await Task.WhenAll(ts);',
    "what throws again": 'try { await ctx.CallActivityAsync("A"); } catch (TaskFailedException) { throw; }',
    "a name": "var a = nameof(DateTime.UtcNow); var b = typeof(DateTime);",
    "a lock of entities": 'await using (await ctx.Entities.LockEntitiesAsync(new EntityInstanceId("A", "a"))) { }',
    "a field that holds something else": "made.Now();",
    "a discard": "_ = order.Id; (_, var b) = (1, 2);",
    "a branch that is not compiled": "\n#if NETFRAMEWORK\nvar a = DateTime.UtcNow;\n#else\n#endif\n",
    "a constructor that is not called": "new Two(1);",
    "a method that is not called": "new Two(1).Id();",
    "assignment to a variable of the method": "int n = 0; order.Items.ForEach(i => n++); void Inc() { n++; } Inc();",
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    members = (
        run(SILENT[name])
        + "IMade made; public Flow() { made = Unknown.Make(); } "
        + "interface IMade { long Now(); } class Made : IMade { public long Now() => DateTime.UtcNow.Ticks; } "
        + "int count; readonly List<string> undo = new(); class Two { public Two() { var a = Guid.NewGuid(); } "
        + "public Two(int n) { } public int Id() => 1; public DateTime Now() => DateTime.UtcNow; }"
    )
    assert found(members) == []


FLOW = f"{HEAD}{run('new A().Go(); IFoo f = Get(); f.Go(); A.Make();')}\n}}\n"
CIRCLES = {
    "a class": ("class A : A { public void Go() {} }",),
    "two classes": ("class A : B { }", "class B : A { }"),
    "partial classes": (
        "partial class A : B { }",
        "partial class A { } partial class B { }",
        "partial class B : A { }",
    ),
    "interfaces": ("interface IFoo : IBar { void Go(); }", "interface IBar : IFoo { }", "class X : IBar { }"),
    "fields": ("class A { B b = new(); public static A Make() => new(); }", "class B { A a = new(); }"),
    "static fields": (
        "class A { static B b = B.Made; public static object Make() => b; }",
        "class B { static A Made = A.b; }",
    ),
    "a property": (
        "class A { public A Self => Self.Self; public void Go() { _ = Self.Self; } static A Make() => Make(); }",
    ),
    "an extension": ("static class E { public static void Go(this A a) => a.Go(); }", "class A { }"),
    "names": ("class A { class A { class A { } } public void Go() { new A.A(); } }", "class A { }"),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_what_refers_to_itself_comes_to_an_end(name: str) -> None:
    others = {f"app/{index}.cs": f"namespace App; {text}" for index, text in enumerate(CIRCLES[name])}
    assert [each.name for each in analyzed({"app/Flow.cs": FLOW, **others}).orchestrators] == ["Flow"]


def test_several_implementations_are_silent() -> None:
    members = (
        run("clock.Now();")
        + "IClock clock; interface IClock { long Now(); }\n"
        + "class A : IClock { public long Now() => DateTime.UtcNow.Ticks; }\n"
        + "class B : IClock { public long Now() => 1; }"
    )
    assert found(members) == []


def test_state_of_an_outer_function_is_no_global_state_but_a_static_field_is() -> None:
    members = run("int n = 0; Action a = () => n++; a(); Count++;") + "static int Count;"
    assert [rule for rule, _ in found(members)] == ["global-state"]
