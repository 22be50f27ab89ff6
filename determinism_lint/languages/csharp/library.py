"""What .NET's classes do, as far as replay safety depends on it."""

from __future__ import annotations

from determinism_lint.analysis.derived import ambient, items_of
from determinism_lint.analysis.frontend import Library, Special
from determinism_lint.analysis.values import SAFE_LOGGER, UNKNOWN, Container, Instance, Values, join
from determinism_lint.languages.csharp.containers import LINQ_METHODS, MAKERS, MUTATORS
from determinism_lint.languages.csharp.lowered import CONSTRUCTOR, CONSTRUCTORS, INDEXER
from determinism_lint.languages.csharp.names import HASHED, NEW, PROPERTIES, SAFE_FACTORY, TASK

_GENERIC = "System.Collections.Generic"
_LISTS = frozenset(
    {
        *(f"{_GENERIC}.{name}" for name in ("LinkedList", "List", "Queue", "SortedSet", "Stack")),
        "System.Collections.ArrayList",
        "System.Collections.ObjectModel.Collection",
        "System.Collections.ObjectModel.ObservableCollection",
    }
)
_HASHED = frozenset(
    {
        f"{_GENERIC}.HashSet",
        "System.Collections.Concurrent.ConcurrentBag",
        "System.Collections.Concurrent.ConcurrentDictionary",
        "System.Collections.Hashtable",
    }
)
_LISTED = frozenset({"System.Array.Empty", "System.Linq.Enumerable.Empty"})
_COUNTED = frozenset({"System.Linq.Enumerable.Range", "System.Linq.Enumerable.Repeat"})
_HASHING = frozenset(
    {
        "System.Collections.Immutable.ImmutableDictionary.Create",
        "System.Collections.Immutable.ImmutableDictionary.CreateRange",
        "System.Collections.Immutable.ImmutableDictionary.ToImmutableDictionary",
        "System.Collections.Immutable.ImmutableHashSet.Create",
        "System.Collections.Immutable.ImmutableHashSet.CreateRange",
        "System.Collections.Immutable.ImmutableHashSet.ToImmutableHashSet",
    }
)
_RETURNS = {
    "Microsoft.Azure.Functions.Worker.FunctionContext.GetLogger": "Microsoft.Extensions.Logging.ILogger",
    "Microsoft.Azure.Functions.Worker.FunctionContextLoggerExtensions.GetLogger": (
        "Microsoft.Extensions.Logging.ILogger"
    ),
    "Microsoft.Extensions.Logging.ILoggerFactory.CreateLogger": "Microsoft.Extensions.Logging.ILogger",
    "Microsoft.Extensions.Logging.LoggerFactory.Create": "Microsoft.Extensions.Logging.ILoggerFactory",
    "Microsoft.Extensions.Logging.LoggerFactory.CreateLogger": "Microsoft.Extensions.Logging.ILogger",
    "NLog.LogManager.GetCurrentClassLogger": "NLog.Logger",
    "NLog.LogManager.GetLogger": "NLog.Logger",
    "Serilog.Log.ForContext": "Serilog.ILogger",
    "log4net.LogManager.GetLogger": "log4net.ILog",
    "System.Diagnostics.Process.GetCurrentProcess": "System.Diagnostics.Process",
    "System.Diagnostics.Process.Start": "System.Diagnostics.Process",
    "System.Diagnostics.Stopwatch.StartNew": "System.Diagnostics.Stopwatch",
    "System.Guid.NewGuid": "System.Guid",
    "System.Net.Http.IHttpClientFactory.CreateClient": "System.Net.Http.HttpClient",
    "System.Net.WebRequest.Create": "System.Net.WebRequest",
    "System.Reflection.Assembly.Load": "System.Reflection.Assembly",
    "System.Runtime.CompilerServices.ConfiguredTaskAwaitable.GetAwaiter": (
        "System.Runtime.CompilerServices.ConfiguredTaskAwaitable.ConfiguredTaskAwaiter"
    ),
    "System.String.Format": "System.String",
    "System.String.Join": "System.String",
    "System.String.Concat": "System.String",
    "System.Type.GetMethod": "System.Reflection.MethodInfo",
    "System.Type.GetType": "System.Type",
    "System.Security.Cryptography.RandomNumberGenerator.Create": ("System.Security.Cryptography.RandomNumberGenerator"),
    f"{TASK}.Delay": TASK,
    f"{TASK}.GetAwaiter": "System.Runtime.CompilerServices.TaskAwaiter",
    f"{TASK}.Run": TASK,
    "System.Threading.Tasks.TaskFactory.StartNew": TASK,
}
"""Functions and what they return an instance of."""
_STAYS = frozenset(
    {
        "System.DateTime.Add",
        "System.DateTime.AddDays",
        "System.DateTime.AddHours",
        "System.DateTime.AddMilliseconds",
        "System.DateTime.AddMinutes",
        "System.DateTime.AddMonths",
        "System.DateTime.AddSeconds",
        "System.DateTime.AddTicks",
        "System.DateTime.AddYears",
        "System.DateTime.Date",
        "System.DateTime.Subtract",
        "System.DateTime.ToUniversalTime",
        "System.DateTimeOffset.ToOffset",
        "System.String.Replace",
        "System.String.Substring",
        "System.String.ToLower",
        "System.String.ToLowerInvariant",
        "System.String.ToUpper",
        "System.String.ToUpperInvariant",
        "System.String.Trim",
    }
)
"""Methods that return an object of their class."""
_IMPLEMENTS = {
    "System.Threading.Tasks.ValueTask": TASK,
    "System.Threading.AutoResetEvent": "System.Threading.WaitHandle",
    "System.Threading.EventWaitHandle": "System.Threading.WaitHandle",
    "System.Threading.ManualResetEvent": "System.Threading.WaitHandle",
    "System.Diagnostics.Debug.WriteLineIf": "System.Diagnostics.Debug.WriteLine",
}
"""Classes, and what the rules' tables name their methods after."""


def called(name: str) -> str:
    """The name under which the rules' tables know what is called."""
    name = name.removesuffix(NEW).removesuffix(f".{CONSTRUCTOR}")
    owner, _, last = name.rpartition(".")
    return f"{_IMPLEMENTS[owner]}.{last}" if owner in _IMPLEMENTS else name


def result_of(name: str, arguments: tuple[Values, ...], items: tuple[Values, ...] | None = None) -> Values:
    """What calling the external `name` returns. `items` is what iterating over each argument yields."""
    first = arguments[0] if arguments else UNKNOWN
    if name.endswith(NEW):
        return _made(name.removesuffix(NEW), arguments)
    if name in _LISTED:
        return (Container("list", UNKNOWN, True),)
    if name in _COUNTED:
        return (Container("list"),)
    if name.endswith((".CreateReplaySafeLogger", f"{SAFE_FACTORY}.CreateLogger")):
        return (SAFE_LOGGER,)
    if name in _HASHING:
        return (Container(HASHED, items_of(first)),)
    if PROPERTIES.get(name):
        return (*ambient(*arguments), Instance(PROPERTIES[name]))
    if name in _RETURNS:
        return (*ambient(*arguments), Instance(_RETURNS[name]))
    if name in _STAYS:
        return (Instance(name.rpartition(".")[0]),)
    return ambient(*arguments)


def _made(name: str, arguments: tuple[Values, ...]) -> Values:
    """A new object of a class outside the project."""
    first = arguments[0] if arguments else UNKNOWN
    if name in _LISTS or name in _HASHED:
        copied = join(*(value.items for value in first if isinstance(value, Container)))
        known = any(isinstance(value, Container) for value in first)
        kind = HASHED if name in _HASHED else "list"
        return (Container(kind, copied, None if known or (arguments and not first) else True),)
    if name.startswith("unknown."):
        return ambient(*arguments)
    return (*ambient(*arguments), Instance(name))


LIBRARY = Library(
    builtins=frozenset(MAKERS),
    data=frozenset(PROPERTIES),
    indexed=frozenset(f"Microsoft.Extensions.Configuration.IConfiguration{each}" for each in ("", "Root", "Section")),
    random_sources=frozenset({"System.Random", "System.Random.Shared"}),
    order_sensitive=frozenset({"System.String.Concat", "System.String.Join"}),
    mutators=MUTATORS,
    assumed_methods=LINQ_METHODS,
    callbacks={
        "System.Array.ConvertAll": (1,),
        "System.Array.ForEach": (1,),
        "System.Array.Sort": (1,),
        "System.Lazy.%new": (0,),
        "System.Threading.Tasks.Task.ContinueWith": (0,),
        "System.Threading.Tasks.Parallel.ForEach": (1,),
    },
    truthy=frozenset({"System.String"}),
    makers=MAKERS,
    result_of=result_of,
)

SPECIAL = Special(
    constructors=CONSTRUCTORS,
    call="()",
    leave="Dispose",
    iterate=("GetEnumerator", "GetAsyncEnumerator"),
    read=(INDEXER,),
    write=(f"set:{INDEXER}",),
)
