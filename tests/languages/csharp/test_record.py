"""How the API of the .NET SDKs is read from their sources."""

from __future__ import annotations

from determinism_lint.languages.csharp.api.record import public_types, written

OPTIONS = b"""
namespace Shop.Tasks;

/// <summary>How a step is retried.</summary>
public record Options(int Attempts, TimeSpan? Delay = null)
{
    public enum Mode { Slow, Fast }

    internal string Hidden { get; set; }
    public Mode Speed { get; private set; }
    public static Options None { get; } = new(1);
    [Obsolete("no more")] public bool Old => true;
    public const int Most = 3, Least = 1;
    public static implicit operator Options(int attempts) => new(attempts);
    string IFormattable.ToString(string format) => format;
}
"""
CONTEXT = b"""
namespace Shop
{
    namespace Tasks
    {
        public abstract partial class Context<T> : IContext, IDisposable where T : class
        {
            public abstract Task<TResult> Call<TResult>(string name, object? input = null, params object[] more);
            protected virtual void Send(in Options.Mode mode, ref int count) { }
        }
        internal class Inner { public int Value; }
        public interface IContext { bool IsReplaying { get; } P.Message Raw(); }
        public delegate Task Handler(IContext context);
        public sealed class Made { private Made() { } }
        public static class Extensions
        {
            public static Task Wait(this IContext context, TimeSpan time) => throw new NotImplementedException();
        }
    }
}
"""
MORE = b"""
namespace Shop.Tasks;
partial class Context<T> { protected Context(T value) { } public T Value { get; init; } }
"""


def test_what_is_public_is_recorded() -> None:
    found = public_types(("Shop.Tasks", text) for text in (OPTIONS, CONTEXT, MORE))
    assert found == {
        "Shop.Tasks.Options": {
            "package": "Shop.Tasks",
            "kind": "record",
            "constructors": ["(Attempts: int, Delay?: TimeSpan?)"],
            "members": [
                "Attempts -> int {get; init}",
                "Delay -> TimeSpan? {get; init}",
                "Speed -> Mode {get}",
                "implicit(attempts: int) -> Options",
                "obsolete Old -> bool {get}",
                "static Least -> int {get}",
                "static Most -> int {get}",
                "static None -> Options {get}",
            ],
        },
        "Shop.Tasks.Options.Mode": {"package": "Shop.Tasks", "kind": "enum", "members": ["Slow", "Fast"]},
        "Shop.Tasks.Context`1": {
            "package": "Shop.Tasks",
            "kind": "abstract class",
            "type parameters": ["T"],
            "bases": ["IContext", "IDisposable"],
            "constructors": ["(value: T) protected"],
            "members": [
                "Value -> T {get; init}",
                "abstract Call<TResult>(name: string, input?: object?, params more: object[]) -> Task<TResult>",
                "protected virtual Send(in mode: Options.Mode, ref count: int) -> void",
            ],
        },
        "Shop.Tasks.IContext": {"package": "Shop.Tasks", "kind": "interface", "members": ["IsReplaying -> bool {get}"]},
        "Shop.Tasks.Handler": {
            "package": "Shop.Tasks",
            "kind": "delegate",
            "members": ["Invoke(context: IContext) -> Task"],
        },
        "Shop.Tasks.Made": {"package": "Shop.Tasks", "kind": "sealed class", "members": []},
        "Shop.Tasks.Extensions": {
            "package": "Shop.Tasks",
            "kind": "static class",
            "members": ["static Wait(this context: IContext, time: TimeSpan) -> Task"],
        },
    }


def test_a_record_has_a_line_for_each_member() -> None:
    types = {"Shop.Mode": {"package": "Shop", "kind": "enum", "members": ["Slow", "Fast"]}}
    assert (
        written({"about": "a shop"}, types)
        == """\
{
 "about": "a shop",
 "types": {
  "Shop.Mode": {"package": "Shop", "kind": "enum", "members": [
   "Slow",
   "Fast"
  ]}
 }
}
"""
    )
