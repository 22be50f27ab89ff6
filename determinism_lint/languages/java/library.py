"""What Java's classes do, as far as replay safety depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import ambient, items_of
from determinism_lint.analysis.frontend import Library, Special
from determinism_lint.analysis.interpreter import calls
from determinism_lint.analysis.values import UNKNOWN, Arguments, Container, Instance, Values, join
from determinism_lint.languages.java.parse import CONSTRUCTOR

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation

STREAM_METHODS = frozenset(
    {
        "allMatch",
        "anyMatch",
        "computeIfAbsent",
        "computeIfPresent",
        "filter",
        "flatMap",
        "forEach",
        "forEachOrdered",
        "ifPresent",
        "ifPresentOrElse",
        "map",
        "mapToDouble",
        "mapToInt",
        "mapToLong",
        "mapToObj",
        "noneMatch",
        "orElseGet",
        "peek",
        "reduce",
        "removeIf",
        "replaceAll",
        "takeWhile",
        "thenAccept",
        "thenApply",
    }
)
"""Methods that call what they are passed, there and then, or when somebody asks for what they return."""

MUTATORS = frozenset(
    {
        "add",
        "addAll",
        "addFirst",
        "addLast",
        "clear",
        "offer",
        "poll",
        "pop",
        "push",
        "put",
        "putAll",
        "putIfAbsent",
        "remove",
        "removeAll",
        "removeFirst",
        "removeIf",
        "removeLast",
        "retainAll",
        "sort",
    }
)

_LISTS = frozenset(
    {
        "java.util.ArrayDeque",
        "java.util.ArrayList",
        "java.util.LinkedHashSet",
        "java.util.LinkedList",
        "java.util.Stack",
        "java.util.TreeSet",
        "java.util.Vector",
        "java.util.concurrent.CopyOnWriteArrayList",
    }
)
_HASHED = frozenset({"java.util.HashSet"})
_OF = frozenset({"java.util.Arrays.asList", "java.util.List.of", "java.util.stream.Stream.of"})
_COPIES = frozenset({"java.util.List.copyOf", "java.util.Arrays.stream", "java.util.Collections.unmodifiableList"})
_MAPS = frozenset({"java.util.Map.of", "java.util.Map.ofEntries", "java.util.Map.copyOf"})
IMMUTABLE_MAP = "java.util.ImmutableCollections.MapN"
"""The class of what `Map.of` returns."""
_VIEWS = (IMMUTABLE_MAP, "java.util.HashMap.", "java.util.LinkedHashMap.", "java.util.Map.", "java.util.TreeMap.")
UNORDERED = "Set.of"
"""The kind of a collection whose order differs between processes by design."""
HASHED = "HashSet"
"""The kind of one whose order follows the hashes of its items."""
_FACTORIES = {
    "org.slf4j.LoggerFactory.getLogger": "org.slf4j.Logger",
    "org.apache.logging.log4j.LogManager.getLogger": "org.apache.logging.log4j.Logger",
    "org.apache.commons.logging.LogFactory.getLog": "org.apache.commons.logging.Log",
    "com.microsoft.azure.functions.ExecutionContext.getLogger": "java.util.logging.Logger",
    "java.lang.Thread.currentThread": "java.lang.Thread",
    "java.lang.Runtime.getRuntime": "java.lang.Runtime",
    "java.lang.ProcessBuilder.start": "java.lang.Process",
    "java.lang.Runtime.exec": "java.lang.Process",
    "java.util.concurrent.ExecutorService.submit": "java.util.concurrent.Future",
    "java.util.concurrent.CompletableFuture.supplyAsync": "java.util.concurrent.CompletableFuture",
    "java.util.concurrent.CompletableFuture.runAsync": "java.util.concurrent.CompletableFuture",
    "java.util.concurrent.ThreadLocalRandom.current": "java.util.concurrent.ThreadLocalRandom",
    "java.nio.file.Path.of": "java.nio.file.Path",
    "java.nio.file.Paths.get": "java.nio.file.Path",
    "java.net.URL.openConnection": "java.net.URLConnection",
    "java.sql.DriverManager.getConnection": "java.sql.Connection",
    "javax.sql.DataSource.getConnection": "java.sql.Connection",
    "java.util.logging.Logger.getLogger": "java.util.logging.Logger",
    "com.microsoft.durabletask.azurefunctions.DurableClientContext.getClient": (
        "com.microsoft.durabletask.DurableTaskClient"
    ),
    "com.microsoft.durabletask.DurableTaskGrpcClientBuilder.build": "com.microsoft.durabletask.DurableTaskClient",
}
_IMPLEMENTS = {
    "java.util.concurrent.ArrayBlockingQueue": "java.util.concurrent.BlockingQueue",
    "java.util.concurrent.LinkedBlockingQueue": "java.util.concurrent.BlockingQueue",
    "java.util.concurrent.LinkedBlockingDeque": "java.util.concurrent.BlockingQueue",
    "java.util.concurrent.PriorityBlockingQueue": "java.util.concurrent.BlockingQueue",
    "java.util.concurrent.SynchronousQueue": "java.util.concurrent.BlockingQueue",
    "java.lang.Exception": "java.lang.Throwable",
    "java.lang.RuntimeException": "java.lang.Throwable",
}
"""Classes, and what the rules' tables name their methods after."""


def result_of(name: str, arguments: tuple[Values, ...], items: tuple[Values, ...] | None = None) -> Values:
    """What calling the external `name` returns. `items` is what iterating over each argument yields."""
    first = arguments[0] if arguments else UNKNOWN
    if name in _LISTS or name in _HASHED:
        kind = HASHED if name in _HASHED else "list"
        return (Container(kind, items_of(first), None if arguments else True),)
    if name in ("java.util.Set.of", "java.util.Set.copyOf"):
        return (Container(UNORDERED, join(*(_spread(each) for each in arguments)), None if arguments else True),)
    if name in _OF:
        return (Container("list", join(*(_spread(each) for each in arguments)), _is_empty(arguments)),)
    if name in _COPIES:
        return (Container("list", items_of(first)),)
    if name in ("java.util.Collections.emptyList", "java.util.stream.Stream.empty"):
        return (Container("list", UNKNOWN, True),)
    if name in _MAPS:
        return (Instance(IMMUTABLE_MAP),)
    if name.startswith(_VIEWS) and name.endswith((".keySet", ".entrySet", ".values")):
        return (Container(UNORDERED if name.startswith(IMMUTABLE_MAP) else "list"),)
    if name in _FACTORIES:
        return (Instance(_FACTORIES[name]),)
    if name in ("java.lang.String.format", "java.lang.String.valueOf", "java.lang.String.join"):
        return (*ambient(*arguments), Instance("java.lang.String"))
    owner, _, last = name.rpartition(".")
    if last.startswith("new") and owner == "java.util.concurrent.Executors":
        return (Instance("java.util.concurrent.ExecutorService"),)
    if last == "getInstance" or (last in ("create", "newInstance") and not owner.startswith("java.lang.")):
        return (*ambient(*arguments), Instance(owner))
    if last[:1].isupper() and not name.startswith("unknown."):
        return (*ambient(*arguments), Instance(name))
    return ambient(*arguments)


def _spread(values: Values) -> Values:
    return join(*(value.items if isinstance(value, Container) else (value,) for value in values))


def _is_empty(arguments: tuple[Values, ...]) -> bool | None:
    if not arguments:
        return True
    return False if len(arguments) > 1 else None


def called(name: str) -> str:
    """The name under which the rules' tables know what is called."""
    owner, _, last = name.rpartition(".")
    return f"{_IMPLEMENTS[owner]}.{last}" if owner in _IMPLEMENTS else name


def _super(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return calls.superclass(run)


LIBRARY = Library(
    builtins=frozenset({"super"}),
    data=frozenset({"java.lang.System.in"}),
    mutators=MUTATORS,
    assumed_methods=STREAM_METHODS,
    callbacks={
        f"{IMMUTABLE_MAP}.forEach": (0,),
        "java.util.HashMap.forEach": (0,),
        "java.util.HashMap.computeIfAbsent": (1,),
        "java.util.Map.forEach": (0,),
        "java.util.Map.computeIfAbsent": (1,),
        "java.util.stream.Stream.generate": (0,),
        "java.util.stream.Stream.iterate": (1, 2),
        "java.util.Arrays.sort": (1,),
    },
    truthy=frozenset({"java.lang.String"}),
    makers={"super": _super},
    result_of=result_of,
)

SPECIAL = Special(constructors=(CONSTRUCTOR,), call="()", leave="close")
