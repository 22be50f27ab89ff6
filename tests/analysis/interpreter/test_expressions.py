"""Single expressions and statements: what running them reports, line by line.

In each source, a comment names the rules that are expected on its line. The sources are short and odd on purpose: what
real code does is in `tests/cases`.
"""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.projects import analyzed

SOURCES = {
    "a built-in by its module": """
import builtins
from builtins import print as say
---
builtins.print(x)  # unguarded-logging
say(x)  # unguarded-logging
""",
    "an attribute of a task that has not run": """
---
name = ctx.call_activity("a").name  # unawaited-task
yield name
""",
    "attributes that a task has": """
---
task_ = ctx.call_activity("a")
if task_.is_complete:
    return task_.get_result()
yield task_
""",
    "a property that can be set is read": """
import time
class A:
    @property
    def at(self):
        return time.time()  # wall-clock
    @at.setter
    def at(self, value):
        pass
    @at.deleter
    def at(self):
        pass
---
return A().at
""",
    "a method that is called on its class": """
import time
class A:
    def read(self):
        return self.now()
    def now(self):
        return time.time()  # wall-clock
---
return A.read(A())
""",
    "arguments after unpacked ones": """
import time
def f(a, b, c=time.time()):
    return c
---
return f(*x, time.monotonic())  # wall-clock
""",
    "a partial of a library function": """
import functools, time
---
functools.partial(time.sleep, 5)()  # blocking-sleep
return functools.partial(time.gmtime, 5)().tm_year
""",
    "a client that is entered or awaited": """
import asyncio, asyncpg, httpx
async def fetch(url):
    async with httpx.AsyncClient() as client:
        response = await client.get(url)  # network-io
    connection = await asyncpg.connect("dsn")  # network-io
    return await connection.fetch("select 1")  # network-io
---
return asyncio.run(fetch(x))  # thread-or-task
""",
    "a manager of the project that is entered by `async with`": """
import asyncio, time
class Timed:
    async def __aenter__(self):
        return time.time()  # wall-clock
    async def __aexit__(self, *error):
        time.sleep(1)  # blocking-sleep
async def measure():
    async with Timed() as started:
        return started
---
return asyncio.run(measure())  # thread-or-task
""",
    "a library function as a callback": """
import time
---
list(map(time.sleep, x))  # blocking-sleep
return list(map(time.gmtime, x))
""",
    "super() of a class that extends one of a library": """
import httpx
class Api(httpx.Client):
    def get(self, path):
        return super().get(path)  # network-io
    @classmethod
    def make(cls):
        return cls()
---
return Api.make().get("x")
""",
    "super() outside a class": """
def f():
    return super().x
---
return f()
""",
    "copies, keys and items of collections": """
---
names = {"a", x}
for name in names.copy():  # unordered-iteration
    yield ctx.call_activity(name)
table = {"a": ctx.call_activity("b")}
for key in table.keys():
    yield table[key]
for key, value in table.copy().items():
    yield value
yield table.pop("a")
yield table.get("a")
""",
    "a name that may be a collection or something else": """
def unknown(): ...
SHARED = 1
---
found = [] if x else None
found.append(x)
SHARED.x = 1
return found
""",
    "field defaults that are no factories": """
import dataclasses, time
def stamp():
    return time.time()  # wall-clock
@dataclasses.dataclass
class A:
    a: float = stamp()
    b: float = dataclasses.field(default=1, repr=False)
    c: float = dataclasses.field(default_factory=stamp)
    d: float = 5
---
return A(c=1).b
""",
    "a generator expression that is kept": """
---
names = {x, "a"}
kept = (name for name in names)  # unordered-iteration
total = sum(len(name) for name in (other for other in names))
return [list(kept), total]
""",
    "an item of configuration": """
import json, os
CONFIG = json.loads(os.environ["A"])
---
yield ctx.call_activity("a", input=CONFIG["b"])  # environment-read
""",
    "a base class whose constructor is a hazard": """
import threading
class Job(threading.Thread):
    pass
---
Job().start()  # thread-or-task
""",
    "names of outer scopes": """
import time
def make():
    clock = len
    class Holder:
        clock = 5
        def set(self):
            nonlocal clock
            clock = time.time
            nonlocal_ = missing
    Holder().set()
    return clock()  # wall-clock
---
return make()
""",
    "deleting from what is shared": """
TABLE = {"a": 1}
---
del TABLE["a"]  # global-state
local = {"a": 1}
del local["a"], local
""",
    "callable objects, callable strings": """
import time
class A:
    def __call__(self):
        return time.time()  # wall-clock
---
"a"()
[1]()
None()
return A()()
""",
    "an attribute that a class computes": """
import time
class A:
    def __getattr__(self, name):
        return time.time()  # wall-clock
---
return A().anything
""",
    "getattr with a name, without one, with a default": """
import time
---
a = getattr(time, "time")()  # wall-clock
b = getattr(time, x)()
c = getattr(ctx, "body", None)
d = getattr(ctx, "instance_id")
return [a, b, c, d]
""",
    "modules by name": """
import importlib
---
a = importlib.import_module("time").time()  # wall-clock
b = importlib.import_module(x)  # dynamic-code
c = importlib.import_module(name="json")
return [a, b, c]
""",
    "iterators written by hand": """
import time
class Numbers:
    def __iter__(self):
        return self
    def __next__(self):
        return time.time()  # wall-clock
class Others:
    def __iter__(self):
        return iter([time.monotonic()])  # wall-clock
---
for number in Numbers():
    return number
return [*Others()]
""",
    "a coroutine that a library runs": """
import asyncio, time
async def later():
    return time.time()  # wall-clock
---
return asyncio.run(later())  # thread-or-task
""",
    "conditions on constants": """
import time
DEBUG = False
---
if DEBUG:
    time.sleep(1)
if True:
    y = 1
else:
    time.sleep(2)
while False:
    pass
return y
""",
    "cleanup after every way out": """
import time
---
for i in range(3):
    try:
        if x:
            continue
        break
    except ValueError as error:
        raise RuntimeError from error
    else:
        time.sleep(1)
    finally:
        time.sleep(2)  # blocking-sleep
else:
    time.sleep(3)  # blocking-sleep
""",
    "deep nesting of loops": """
import time
---
for a in x:
    for b in a:
        for c in b:
            for d in c:
                while d:
                    d = time.time()  # wall-clock
""",
}


@pytest.mark.parametrize("name", SOURCES)
def test_source(name: str) -> None:
    head, body = SOURCES[name].strip("\n").split("---\n")
    source = f"from durabletask import task\n{head}\ndef orchestrator(ctx: task.OrchestrationContext, x):\n"
    source += indent(body, "    ")
    expected = {
        (number, rule)
        for number, line in enumerate(source.splitlines(), 1)
        for rule in line.partition("  # ")[2].split(", ")
        if rule
    }
    assert {(finding.span.line, finding.rule) for finding in analyzed({"a.py": source}).findings} == expected
