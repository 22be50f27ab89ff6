"""Random orchestrators do the same after their I/O has moved into activities."""

from __future__ import annotations

import builtins
import contextlib
import json
from textwrap import indent
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages.python.extraction import IO_RULES
from tests.projects import analyzed

HEAD = """\
import requests
import azure.durable_functions as df
from contextlib import suppress

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def process(context):
    order = context.get_input()
    x = "x"
    y = []
    items = []
    total = 1
    data = {}
    later = str
    r, q = requests.get("first"), requests.get("second")
"""
TAIL = """\
    return [order, x, y, items, total, data]


def url_of(what):
    return "url/" + str(what)


def spoil(what):
    what["spoilt"] = 1
    return "spoilt"
"""

SIMPLE = (
    "r = requests.get('a')",
    "r = requests.get(x)",
    "r = requests.get(order['sku'])",
    "r = requests.get(url_of(order['sku']))",
    "r = requests.get(spoil(order))",
    "r = requests.get(x)\nr.raise_for_status()\ndata = r.json()",
    "r = requests.get(x)\ny = order['urls']\nr.raise_for_status()",
    "r = requests.get(x)\ny = order.get('urls')\nr.raise_for_status()",
    "with requests.Session() as s:\n    data = s.get(x).json()",
    "with requests.Session() as s:\n    r = s.get('s')\n    y = [r.text, items]",
    "with requests.Session() as s:\n    r = s.get('s')\nr.raise_for_status()\nx = r.text",
    "with suppress(KeyError):\n    x = requests.get('k').json()['missing']",
    "if total > 400:\n    return requests.get('end').json()",
    "if total > 400:\n    r = requests.get('end')\n    return [r.text, x]",
    "if total > 400:\n    with requests.Session() as s:\n        return s.get(x).json()",
    "data = r.json()",
    "data = {'was': data, 'now': r.json()}",
    "x = r.text",
    "x = x + requests.get(x).text",
    "x, y = requests.get('pair').text, y",
    "y = [requests.get(u).text for u in order['urls']]",
    "y = [[u, requests.get(u[0]).text] for u in [items, y] if u]",
    "y = data",
    "y = order['urls']",
    "y = [requests.get(x).json(), x]",
    "total += r.status_code",
    "total = requests.get('t', params={'total': total}).status_code + total",
    "items.append(r.text)",
    "items.append(requests.get('i').json())",
    "items = items + [x]",
    "items += [requests.get(x).text]",
    "y = items",
    "y = items or order['urls']",
    "y.append(r.text)",
    "y.append('y')",
    "items.append('i')",
    "order['price'] = requests.get('p').json()['n']",
    "data['x'] = x",
    "data['r'] = requests.get('d').text",
    "r.raise_for_status()",
    "requests.post('s', json=order)",
    "requests.post('s', json={'items': items, 'x': x})",
    "x = f'{x} {requests.get(x).text}'",
    "x = requests.get('g').text if total > 300 else x",
    "x = (x or requests.get('or').text) and requests.get('and').text",
    "yield context.call_activity('store', x)",
    "x = yield context.call_activity('store', requests.get(x).text)",
    "assert r.ok, r.text",
    "pass",
)
FEW = (
    "q = requests.get('q')",
    "q = requests.get(spoil(order))",
    "q = requests.get(x)\ndata = q.json()",
    "q = requests.get(x)\ny = order['urls']\nq.raise_for_status()",
    "with requests.Session() as q:\n    data = q.get(x).json()",
    "q = r",
    "q.raise_for_status()",
    "data = q.json()",
    "x = q.text",
    "y = order['urls']",
    "y.append('y')",
    "items.append(q.text)",
    "total += 200",
    "if total > 400: break",
    "if total > 200: continue",
)
"""With so few, what follows the moved code often uses its variables, and often does not."""
CLOSURES = (
    "later = lambda: q.text",
    "later = (q.text for _ in [1]).__next__",
    "q = requests.get(x)\ndata = q.json()\nx = later()",
)
COMPOUND = (
    "if r.ok:",
    "if x in requests.get('if').text:",
    "if len(items) > 2:",
    "for x in list(order['urls']):",
    "for n in range(2):",
    "for x in requests.get('for').json()['list']:",
    "with requests.Session() as r:",
    "while total < 500 and requests.get('while').ok:\n    total += 200",
    "try:",
)


def blocks(depth: int, simple: tuple[str, ...] = SIMPLE) -> st.SearchStrategy[str]:
    statement = st.sampled_from(simple)
    if depth:
        statement = st.one_of(statement, statement, compounds(depth - 1, simple))
    return st.lists(statement, min_size=1, max_size=6).map("\n".join)


def repeated(block: str) -> str:
    return "for x in list(order['urls']):\n" + indent(block, "    ")


@st.composite
def compounds(draw: st.DrawFn, depth: int, simple: tuple[str, ...]) -> str:
    head = draw(st.sampled_from(COMPOUND))
    text = head + "\n" + indent(draw(blocks(depth, simple)), "    ")
    if head == "try:":
        text += "\nexcept (KeyError, TypeError, AttributeError):\n" + indent(draw(blocks(depth, simple)), "    ")
    elif head.startswith("if") and draw(st.booleans()):
        text += "\nelse:\n" + indent(draw(blocks(depth, simple)), "    ")
    elif head.startswith("for") and draw(st.booleans()):
        text += "\n    " + draw(st.sampled_from(("if r.ok: continue", "if len(items) > 1: break")))
        text += "\n" + indent(draw(blocks(depth, simple)), "    ")
    return text


class Response:
    status_code = 200
    ok = True

    def __init__(self, requests: Requests, url: str) -> None:
        self.requests, self.text = requests, f"<{url}>"

    def json(self) -> Any:
        return {"n": len(self.requests.log), "list": [self.text, "b"]}

    def raise_for_status(self) -> None:
        self.requests.log.append("raised for status")


class Requests:
    """Stands for the package, and notes what is requested."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def get(self, url: str, **options: Any) -> Response:
        self.log.append(f"{url} {json.dumps(options)}")
        return Response(self, url)

    post = get

    def Session(self) -> Requests:
        return self

    def __enter__(self) -> Requests:
        self.log.append("entered")
        return self

    def __exit__(self, *_: object) -> None:
        self.log.append("left")


def outcome(source: str) -> tuple[Any, list[str]]:
    """What the orchestrator returns, and the requests that were made. Whatever an activity is passed is copied."""
    requests = Requests()

    def store(value: Any) -> str:
        requests.log.append(f"store {value}")
        return f"stored {value}"

    activities: dict[str, Any] = {"store": store}

    def remember(*_: object, **__: object) -> Any:
        return lambda function: activities.setdefault(function.__name__, function)

    app = SimpleNamespace(orchestration_trigger=lambda **_: lambda function: function, activity_trigger=remember)
    modules = {
        "requests": requests,
        "contextlib": contextlib,
        "azure.durable_functions": SimpleNamespace(DFApp=lambda: app),
    }
    space: dict[str, Any] = {"__builtins__": {**vars(builtins), "__import__": lambda name, *_: modules[name]}}
    source = source.replace("import azure.durable_functions as df", "df = __import__('azure.durable_functions')")
    exec(compile(source, "a.py", "exec"), space)
    context = SimpleNamespace(
        get_input=lambda: {"sku": 1, "urls": ["u", "v"]},
        call_activity=lambda name, value=None: (name, json.dumps(value)),
    )
    generator = space["process"](context)
    result = None
    try:
        while True:
            name, value = generator.send(result)
            result = json.loads(json.dumps(activities[name](json.loads(value))))
    except StopIteration as stop:
        return json.loads(json.dumps(stop.value)), requests.log


def fixed(source: str) -> str:
    """After as many rounds as it takes."""
    for _ in range(30):
        findings = [finding for finding in analyzed({"a.py": source}).findings if finding.rule in IO_RULES]
        result = fix_file(source.encode(), findings, unsafe=True).content.decode()
        if result == source:
            return result
        source = result
    raise AssertionError("the fixes come to no end")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(blocks(2), blocks(1, FEW), blocks(1, FEW + CLOSURES), blocks(0, FEW).map(repeated)))
def test_the_program_does_the_same(body: str) -> None:
    source = HEAD + indent(body, "    ") + "\n    yield context.call_activity('store', 1)\n" + TAIL
    try:
        expected = outcome(source)
    except Exception:
        assume(False)
    assert outcome(fixed(source)) == expected, fixed(source)
