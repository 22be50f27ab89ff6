"""What built-ins and libraries return, as far as replay safety depends on it."""

from __future__ import annotations

import builtins
from dataclasses import replace

from determinism_lint.values import (
    UNKNOWN,
    Ambient,
    Container,
    External,
    Instance,
    Values,
    join,
)

BUILTINS = frozenset(dir(builtins))

SAFE_LOGGER = Instance("durabletask.ReplaySafeLogger")
"""A logger that is silent while the runtime is replaying."""

_SEQUENCES = {"list", "tuple", "reversed", "iter", "filter", "map", "itertools.chain"}
_SETS = {"set", "frozenset"}

ORDER_SENSITIVE = frozenset(
    {
        "list",
        "tuple",
        "iter",
        "enumerate",
        "zip",
        "reversed",
        "map",
        "filter",
        "next",
        "dict.fromkeys",
        "itertools.chain",
        "itertools.chain.from_iterable",
        "itertools.islice",
        "itertools.product",
        "itertools.combinations",
        "itertools.permutations",
        "functools.reduce",
        "collections.deque",
        "collections.OrderedDict",
        "json.dumps",
    }
)
"""Functions whose result depends on the order of the items of their arguments."""

KEEPS_ORDER = frozenset({"list", "tuple", "iter", "map", "filter", "reversed"})
"""Those of them that pass the items on, so that a function for which order does not matter may come after."""

ORDERLESS = frozenset({"sorted", "len", "min", "max", "sum", "any", "all", "set", "frozenset"})
"""Built-ins for which the order of the items does not matter."""

RUNS_CALLBACK = frozenset(
    {
        "map",
        "filter",
        "sorted",
        "min",
        "max",
        "sum",
        "any",
        "all",
        "list",
        "tuple",
        "functools.reduce",
        "itertools.groupby",
        "itertools.takewhile",
        "itertools.dropwhile",
        "itertools.accumulate",
        "itertools.starmap",
        "collections.defaultdict",
    }
)
"""Functions that call the functions passed to them, there and then."""

MUTATORS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "discard",
        "clear",
        "sort",
        "reverse",
        "appendleft",
        "popleft",
        "extendleft",
    }
)
"""Methods of built-in collections that change them."""

GENERATORS = frozenset({"random.Random", "random.SystemRandom", "secrets.SystemRandom", "numpy.random.default_rng"})
"""Sources of random numbers, whose every method is as random as they are."""

SPECIAL_CALLS = {
    "abs": "__abs__",
    "bool": "__bool__",
    "float": "__float__",
    "format": "__format__",
    "hash": "__hash__",
    "int": "__int__",
    "len": "__len__",
    "next": "__next__",
    "print": "__str__",
    "repr": "__repr__",
    "round": "__round__",
    "str": "__str__",
}
"""Built-ins that call a method of their first argument."""

OPERATOR_METHODS = {
    "+": ("__add__",),
    "-": ("__sub__", "__neg__"),
    "*": ("__mul__",),
    "/": ("__truediv__",),
    "//": ("__floordiv__",),
    "%": ("__mod__",),
    "**": ("__pow__",),
    "|": ("__or__",),
    "&": ("__and__",),
    "^": ("__xor__",),
    "==": ("__eq__",),
    "!=": ("__ne__", "__eq__"),
    "<": ("__lt__", "__le__"),
    ">": ("__gt__", "__ge__"),
    "in": ("__contains__",),
    "not in": ("__contains__",),
    "not": ("__bool__",),
}
"""Methods that an operator may call, on its left side or, for `in`, on its right."""

DATA = frozenset(
    {
        "calendar.day_abbr",
        "calendar.day_name",
        "calendar.month_abbr",
        "calendar.month_name",
        "os.environ",
        "os.environb",
        "os.name",
        "sys.argv",
        "sys.executable",
        "sys.orig_argv",
        "sys.version",
        "sys.version_info",
        "sys.path",
        "sys.platform",
        "time.altzone",
        "time.daylight",
        "time.timezone",
        "time.tzname",
    }
)
"""Names in the rules' tables that are data: a hazard when they are read. All others are functions and classes."""

IMPORTERS = frozenset({"importlib.import_module", "__import__"})
"""Functions that return the module of a name."""

_WRAPPERS = {
    "classmethod",
    "contextlib.contextmanager",
    "functools.cache",
    "functools.lru_cache",
    "staticmethod",
}
"""Functions that return what does the same as their argument; without one, a function that does."""

_PASSES_THROUGH = {
    "abs",
    "bool",
    "bytes",
    "float",
    "int",
    "json.dumps",
    "json.loads",
    "len",
    "max",
    "min",
    "range",
    "round",
    "str",
    "sum",
}

_PATHS = {f"pathlib.Path.{name}" for name in ("joinpath", "relative_to", "with_name", "with_stem", "with_suffix")}

_DATETIMES = {"datetime.datetime"} | {
    f"datetime.datetime.{name}" for name in ("combine", "fromisoformat", "fromtimestamp", "strptime")
}

_RETURNS = {
    "asyncio.get_event_loop": "asyncio.AbstractEventLoop",
    "asyncio.get_running_loop": "asyncio.AbstractEventLoop",
    "asyncio.new_event_loop": "asyncio.AbstractEventLoop",
    "logging.getLogger": "logging.Logger",
    "logging.Logger.getChild": "logging.Logger",
}
"""What some functions return an instance of."""

_CLIENT_PREFIXES = ("from_", "create_", "connect", "open_", "new_", "build", "as_")
_CLIENT_SUFFIXES = (
    "_client",
    "_collection",
    "_connection",
    "_database",
    "_logger",
    "_meter",
    "_receiver",
    "_sender",
    "_session",
    "_tracer",
)
_CLIENT_NAMES = frozenset(
    {
        "bind",
        "labels",
        "opt",
        "client",
        "resource",
        "cursor",
        "session",
        "table",
        "bucket",
        "blob",
        "collection",
        "database",
        "pipeline",
        "pubsub",
        "connection",
        "with_options",
        "begin",
        "accessor",
        "sessionmaker",
        "scoped_session",
    }
)


def result_of(name: str, arguments: tuple[Values, ...]) -> Values:
    """What calling the external `name` returns."""
    first = arguments[0] if arguments else UNKNOWN
    if name in ("copy.copy", "copy.deepcopy"):
        return copied(first, deeply=name == "copy.deepcopy")
    if name in _WRAPPERS:
        return first or (External(name),)
    if name in _SETS:
        return (Container("set", items_of(first), empty=True if not arguments else None),)
    if name == "sorted":
        return (Container("list", items_of(first)),)
    if name == "enumerate":
        return (Container("list", (pair(UNKNOWN, items_of(first)),)),)
    if name == "zip":
        return (Container("list", (pair(*map(items_of, arguments)),)),)
    if name in _SEQUENCES:
        return (Container("list", join(*(items_of(argument) for argument in arguments))),)
    if name == "dict":
        return (Container("dict", empty=True if not arguments else None),)
    if name in ("next", "min", "max"):
        return (*items_of(first), *ambient(*arguments))
    if name in ("datetime.timedelta", "datetime.date"):
        return (*ambient(*arguments), Instance(name))
    if name in _DATETIMES:
        return (*ambient(*arguments), Instance("datetime.datetime"))
    if name in _PATHS:
        return (Instance("pathlib.Path"),)
    if name == "logging.LoggerAdapter" and SAFE_LOGGER in first:
        return (SAFE_LOGGER,)
    if name in _RETURNS:
        return (Instance(_RETURNS[name]),)
    if name in _PASSES_THROUGH:
        return ambient(*arguments)
    if makes_object(name):
        return (Instance(name),)
    return UNKNOWN


def makes_object(name: str) -> bool:
    """Whether a call of `name` returns an object whose methods are judged by the name of what made it.

    Classes do, and functions and methods that are named like factories (`boto3.client`, `get_blob_client`). Whatever
    else a call returns is plain data: a response, a row, a number.
    """
    last = name.rsplit(".", 1)[-1]
    if last[:1].isupper():
        return True
    if last in _CLIENT_NAMES:
        return True
    if last.startswith("get_"):
        return last.endswith(_CLIENT_SUFFIXES)
    return last.startswith(_CLIENT_PREFIXES) and not last.startswith("create_task")


def items_of(values: Values) -> Values:
    """What iterating over a value yields; the keys of a dict are not followed."""
    return join(*(value.items for value in values if isinstance(value, Container) and value.kind != "dict"))


def pair(*elements: Values) -> Container:
    """A tuple of known length."""
    return Container("tuple", join(*elements), False, elements)


def ambient(*arguments: Values) -> Values:
    """The ambient part of some values, which derived values inherit."""
    return tuple(dict.fromkeys(value for values in arguments for value in values if isinstance(value, Ambient)))


def shared(values: Values) -> Values:
    """The same values, whose collections outlive every call."""
    return tuple(
        replace(
            value,
            items=shared(value.items),
            elements=tuple(shared(element) for element in value.elements),
            shared=True,
        )
        if isinstance(value, Container)
        else value
        for value in values
    )


def copied(values: Values, *, deeply: bool) -> Values:
    """Copies, which no longer belong to what they were taken from."""
    return tuple(
        replace(
            value,
            items=copied(value.items, deeply=True) if deeply else value.items,
            elements=tuple(copied(element, deeply=True) if deeply else element for element in value.elements),
            shared=False,
        )
        if isinstance(value, Container)
        else value
        for value in values
    )


def set_operation(operator: str, left: Values, right: Values) -> Values:
    """`a | b` and the like: a set when either side is one."""
    sets = [value for value in (*left, *right) if isinstance(value, Container) and value.kind == "set"]
    if not sets:
        return UNKNOWN
    sides = (left,) if operator == "-" else (left, right)
    known = all(items_of(side) for side in sides)
    return (Container("set", join(*map(items_of, sides)) if known else UNKNOWN),)
