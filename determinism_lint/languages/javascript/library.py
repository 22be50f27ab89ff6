"""What JavaScript's built-ins and libraries do, as far as replay safety depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from determinism_lint.analysis import syntax as s
from determinism_lint.analysis.derived import ambient, items_of
from determinism_lint.analysis.frontend import Library, Special
from determinism_lint.analysis.interpreter import calls
from determinism_lint.analysis.sdk import Kind, Runtime
from determinism_lint.analysis.values import UNKNOWN, Arguments, Container, Instance, Member, Values, join, text
from determinism_lint.languages.javascript.sdks import DURABLE_FUNCTIONS_JS

if TYPE_CHECKING:
    from determinism_lint.analysis.interpreter.statements import Activation

BUILTINS = frozenset(
    {
        "AbortController",
        "AbortSignal",
        "Array",
        "ArrayBuffer",
        "Atomics",
        "BigInt",
        "Blob",
        "Boolean",
        "Buffer",
        "Bun",
        "Date",
        "Deno",
        "Error",
        "EventSource",
        "EventTarget",
        "FormData",
        "Function",
        "Headers",
        "Infinity",
        "Intl",
        "Iterator",
        "JSON",
        "Map",
        "Math",
        "NaN",
        "Number",
        "Object",
        "Promise",
        "Proxy",
        "RangeError",
        "Reflect",
        "RegExp",
        "Request",
        "Response",
        "Set",
        "String",
        "Symbol",
        "SyntaxError",
        "Temporal",
        "TextDecoder",
        "TextEncoder",
        "TypeError",
        "URL",
        "URLSearchParams",
        "Uint8Array",
        "WeakMap",
        "WeakRef",
        "WeakSet",
        "WebSocket",
        "Worker",
        "XMLHttpRequest",
        "atob",
        "btoa",
        "clearImmediate",
        "clearInterval",
        "clearTimeout",
        "console",
        "crypto",
        "decodeURI",
        "decodeURIComponent",
        "encodeURI",
        "encodeURIComponent",
        "eval",
        "fetch",
        "global",
        "globalThis",
        "isFinite",
        "isNaN",
        "localStorage",
        "navigator",
        "parseFloat",
        "parseInt",
        "performance",
        "process",
        "queueMicrotask",
        "require",
        "self",
        "sessionStorage",
        "setImmediate",
        "setInterval",
        "setTimeout",
        "structuredClone",
        "super",
        "window",
    }
)

_GLOBAL_OBJECTS = frozenset({"global", "globalThis", "self", "window"})

ARRAY_METHODS = frozenset(
    {
        "every",
        "filter",
        "find",
        "findIndex",
        "findLast",
        "findLastIndex",
        "flatMap",
        "forEach",
        "map",
        "reduce",
        "reduceRight",
        "some",
        "sort",
        "toSorted",
    }
)
"""Methods that call what they are passed, there and then. Nothing but collections has methods of these names."""

PROMISE_METHODS = frozenset({"catch", "finally", "then"})

MUTATORS = frozenset(
    {
        "add",
        "clear",
        "copyWithin",
        "delete",
        "fill",
        "pop",
        "push",
        "reverse",
        "set",
        "shift",
        "sort",
        "splice",
        "unshift",
    }
)

DATA = frozenset(
    {
        "performance.timeOrigin",
        "process.arch",
        "process.argv",
        "process.argv0",
        "process.env",
        "process.execArgv",
        "process.execPath",
        "process.pid",
        "process.platform",
        "process.ppid",
        "process.stdin",
        "process.title",
        "process.version",
        "process.versions",
        "Deno.env",
        "Bun.env",
    }
)
DATA_BELOW = ("process.env.", "process.argv.", "process.versions.", "Bun.env.")

_MADE = {
    "Object.assign": "dict",
    "Array": "list",
    "Array.from": "list",
    "Array.of": "list",
    "Object.entries": "list",
    "Object.keys": "list",
    "Object.values": "list",
}

_FACTORIES = ("create", "connect", "from", "get", "new", "open")
_CLIENTS = (
    "Client",
    "Collection",
    "Connection",
    "Container",
    "Database",
    "Db",
    "Logger",
    "Pool",
    "Queue",
    "Receiver",
    "Sender",
    "Session",
    "Table",
    "Tracer",
)
_MEMBERS = frozenset(
    {
        "child",
        "client",
        "collection",
        "connection",
        "container",
        "containers",
        "createConnection",
        "createPool",
        "database",
        "databases",
        "db",
        "item",
        "items",
        "logger",
        "model",
        "pool",
        "promises",
        "table",
        "extend",
        "instance",
    }
)
_UNMADE = frozenset({"durable-functions.getClient", "Object.create", "Promise.resolve", "Symbol"})


def result_of(name: str, arguments: tuple[Values, ...], items: tuple[Values, ...] | None = None) -> Values:
    """What calling the external `name` returns. `items` is what iterating over each argument yields."""
    first = arguments[0] if arguments else UNKNOWN
    if name == "Promise.resolve":
        return first
    if name in _UNMADE:
        return UNKNOWN
    if name in _MADE:
        if name == "Object.assign":
            return first
        if name == "Object.values":
            return (Container("list", join(*(v.items for v in first if isinstance(v, Container)))),)
        kept = items_of(first) if name in ("Array.from", "Array.of") else UNKNOWN
        return (Container("list", kept, True if name == "Array" and not arguments else None),)
    if name in ("String", "JSON.stringify"):
        return (*ambient(*arguments), Instance("str"))
    if name.startswith("luxon.DateTime."):
        return (*ambient(*arguments), Instance("luxon.DateTime"))
    if makes_object(name):
        return (*ambient(*arguments), Instance(name))
    return ambient(*arguments)


def makes_object(name: str) -> bool:
    """Whether a call of `name` returns an object whose methods are judged by the name of what made it."""
    last = name.rsplit(".", 1)[-1]
    if last[:1].isupper() and not last.isupper():
        return True
    if last in _MEMBERS:
        return True
    return last.startswith(_FACTORIES) and last.endswith(_CLIENTS)


def qualified(owner: str, name: str | None) -> str:
    """The name of what a module or object has; a module itself and its default export are one."""
    owner = owner.removeprefix("node:")
    if name is None or name == "default":
        return owner
    return name if owner in _GLOBAL_OBJECTS else f"{owner}.{name}"


def _require(run: Activation, node: s.Call, arguments: Arguments) -> Values | None:
    name = text(arguments.positional[0]) if arguments.positional else None
    return None if name is None else run.machine.import_module(name, run.scope.module.path)


def _super(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return calls.superclass(run)


def _activity(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    """`const hello = df.app.activity("hello", …)` can be called instead of `context.df.callActivity("hello")`."""
    return (Member("", Kind.ACTIVITY, run.flags.runtime or Runtime(DURABLE_FUNCTIONS_JS)),)


def _orchestration(run: Activation, node: s.Call, arguments: Arguments) -> Values:
    return (Member("", Kind.ORCHESTRATION, run.flags.runtime or Runtime(DURABLE_FUNCTIONS_JS)),)


LIBRARY = Library(
    builtins=BUILTINS,
    data=DATA,
    data_below=DATA_BELOW,
    importers=frozenset({"require"}),
    mutators=MUTATORS,
    leaves_alone=BUILTINS,
    assumed_methods=ARRAY_METHODS | PROMISE_METHODS,
    callbacks={
        "Array.from": (1,),
        "Promise": (0,),
        "JSON.parse": (1,),
        "JSON.stringify": (1,),
        "lodash.map": (1,),
        "lodash.forEach": (1,),
        "lodash.filter": (1,),
        "lodash.reduce": (1,),
        "lodash.sortBy": (1,),
        "lodash.groupBy": (1,),
        "lodash.mapValues": (1,),
        "lodash.each": (1,),
        "lodash.flatMap": (1,),
        "lodash.times": (1,),
    },
    returns_results=frozenset({"lodash.map", "lodash.flatMap", "lodash.times"}),
    truthy=frozenset({"Date", "str"}),
    makers={
        "require": _require,
        "super": _super,
        "durable-functions.app.activity": _activity,
        "durable-functions.app.orchestration": _orchestration,
    },
    result_of=result_of,
)

SPECIAL = Special(constructors=("constructor",), call="()", enter="using")
