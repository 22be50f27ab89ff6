"""What built-ins and libraries return, as far as replay safety depends on it."""

from __future__ import annotations

import builtins

from determinism_lint.analysis.derived import ambient, copied, items_of, pair, with_role
from determinism_lint.analysis.frontend import Library, Special
from determinism_lint.analysis.values import SAFE_LOGGER, UNKNOWN, Container, External, Instance, Values, join
from determinism_lint.languages.python.makers import MAKERS
from determinism_lint.languages.python.models import MODELS

BUILTINS = frozenset(dir(builtins))

_SEQUENCES = {"list", "tuple", "reversed", "iter", "filter", "itertools.chain", "collections.deque"}
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

LEAVES_ALONE = BUILTINS - ORDER_SENSITIVE - (ORDERLESS - {"len"}) - {"bytearray", "bytes", "dict"}
"""Built-ins that do not iterate over their arguments."""

CALLBACKS: dict[str, tuple[int | str, ...]] = {
    "contextlib.AsyncExitStack.callback": (0,),
    "contextlib.ExitStack.callback": (0,),
    "filter": (0,),
    "functools.cmp_to_key": (0,),
    "functools.reduce": (0,),
    "heapq.merge": ("key",),
    "heapq.nlargest": (2, "key"),
    "heapq.nsmallest": (2, "key"),
    "itertools.accumulate": (1, "func"),
    "itertools.dropwhile": (0,),
    "itertools.filterfalse": (0,),
    "itertools.groupby": (1, "key"),
    "itertools.starmap": (0,),
    "itertools.takewhile": (0,),
    "json.dump": ("default", "cls"),
    "json.dumps": ("default", "cls"),
    "json.load": ("object_hook", "object_pairs_hook", "parse_float", "parse_int", "cls"),
    "json.loads": ("object_hook", "object_pairs_hook", "parse_float", "parse_int", "cls"),
    "map": (0,),
    "max": ("key",),
    "min": ("key",),
    "re.Pattern.sub": (0, "repl"),
    "re.Pattern.subn": (0, "repl"),
    "re.sub": (1, "repl"),
    "re.subn": (1, "repl"),
    "sorted": ("key",),
}
"""Functions that call what is passed to them at these places, there and then."""

CALLED_WITH_ITEMS = frozenset({"filter", "itertools.dropwhile", "itertools.takewhile", "map", "sorted"})
"""Those that call it with an item of each other argument."""

RETURNS_RESULTS = frozenset({"itertools.starmap", "map"})
"""Those that return what these calls return, one after the other."""

HOOKS = {"json.dump": ("default",), "json.dumps": ("default",)}
"""Methods that a function calls on objects of the classes that are passed to it."""

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

CONSUMERS = frozenset(
    {
        "difference",
        "extend",
        "extendleft",
        "intersection",
        "issubset",
        "issuperset",
        "join",
        "symmetric_difference",
        "union",
        "update",
    }
)
"""Methods of built-in collections and strings that iterate over their arguments."""

RANDOM_SOURCES = frozenset({"random.Random", "random.SystemRandom", "secrets.SystemRandom", "numpy.random.default_rng"})
"""Sources of random numbers, whose every method is as random as they are."""

TRUTH = ("__bool__", "__len__")
"""Methods that tell whether an object counts as true: the first that there is."""

DESCRIBES = frozenset(
    {
        "__annotations__",
        "__class__",
        "__dict__",
        "__doc__",
        "__file__",
        "__module__",
        "__name__",
        "__qualname__",
        "__version__",
    }
)
"""What every class or module has, and what is data: it does not do what the class or module does."""

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

ROLES = frozenset({"classmethod", "functools.cached_property", "property", "staticmethod"})
"""Functions that say what a class makes of a function."""

DISPATCHERS = frozenset({"singledispatch", "singledispatchmethod"})
"""Decorators with which a function chooses among others by the type of its argument."""

_WRAPPERS = {
    "contextlib.contextmanager",
    "functools.cache",
    "functools.lru_cache",
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
    "re.compile": "re.Pattern",
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


def result_of(name: str, arguments: tuple[Values, ...], items: tuple[Values, ...] | None = None) -> Values:
    """What calling the external `name` returns. `items` is what iterating over each argument yields."""
    first = arguments[0] if arguments else UNKNOWN
    items = tuple(map(items_of, arguments)) if items is None else items
    each = items[0] if items else UNKNOWN
    if name in ("copy.copy", "copy.deepcopy"):
        return copied(first, deeply=name == "copy.deepcopy")
    if name in ROLES:
        return with_role(name, first) or (External(name),)
    if name in _WRAPPERS:
        return first or (External(name),)
    if name in _SETS:
        return (Container("set", each, empty=True if not arguments else None),)
    if name == "sorted":
        return (Container("list", each),)
    if name == "enumerate":
        return (Container("list", (pair(UNKNOWN, each),)),)
    if name == "zip":
        return (Container("list", (pair(*items),)),)
    if name in _SEQUENCES:
        return (Container("list", join(*items)),)
    if name in ("next", "min", "max"):
        return (*each, *ambient(*arguments))
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


LIBRARY = Library(
    builtins=BUILTINS,
    data=DATA,
    describes=DESCRIBES,
    random_sources=RANDOM_SOURCES,
    importers=IMPORTERS,
    order_sensitive=ORDER_SENSITIVE,
    keeps_order=KEEPS_ORDER,
    orderless=ORDERLESS,
    leaves_alone=LEAVES_ALONE,
    callbacks=CALLBACKS,
    called_with_items=CALLED_WITH_ITEMS,
    returns_results=RETURNS_RESULTS,
    hooks=HOOKS,
    mutators=MUTATORS,
    consumers=CONSUMERS,
    roles=ROLES,
    dispatchers=DISPATCHERS,
    never_true=frozenset({"TYPE_CHECKING"}),
    ranges=frozenset({"range"}),
    truthy=frozenset({"datetime.datetime", "datetime.date", "random.Random", "str", "uuid.UUID"}),
    plain=frozenset({"datetime.datetime", "datetime.date", "datetime.timedelta"}),
    operators={("/", "pathlib.Path"): "pathlib.Path"},
    makers={**MAKERS, **MODELS},
    result_of=result_of,
)

SPECIAL = Special(
    constructors=("__new__", "__init__"),
    after_construction=("__post_init__", "__attrs_post_init__", "model_post_init"),
    subclass=("__init_subclass__",),
    name="__name__",
    call="__call__",
    enter="__enter__",
    leave="__exit__",
    enter_async="__aenter__",
    leave_async="__aexit__",
    iterate=("__iter__",),
    advance=("__next__",),
    missing=("__getattr__",),
    read=("__getitem__", "__missing__"),
    write=("__setitem__",),
    delete=("__delitem__",),
    truth=TRUTH,
)
