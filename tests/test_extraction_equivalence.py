"""Random orchestrators do the same after their I/O has moved into activities."""

from __future__ import annotations

import builtins
import json
from datetime import datetime
from textwrap import indent
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from determinism_lint.extraction import IO_RULES
from determinism_lint.fixes import fix_file
from tests.projects import analyzed

HEAD = """\
import requests
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def process(context):
    order, x, y, items, total, data = context.get_input(), "x", [], [], 1, {}
    r = requests.get("first")
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
    "r = requests.get(url_of(order['sku']))",
    "r = requests.get(spoil(order))",
    "data = r.json()",
    "data = {'was': data, 'now': r.json()}",
    "x = r.text",
    "x = x + requests.get(x).text",
    "x, y = requests.get('pair').text, y",
    "y = [requests.get(u).text for u in order['urls']]",
    "y = data",
    "y = order['urls']",
    "y = [requests.get(x).json(), x]",
    "total += r.status_code",
    "total = requests.get('t', params={'total': total}).status_code + total",
    "items.append(r.text)",
    "items.append(requests.get('i').json())",
    "items = items + [x]",
    "items += [requests.get(x).text]",
    "items += [r.text]",
    "y = items",
    "y = items or order['urls']",
    "y.append(r.text)",
    "data = order if total > 100 else {}",
    "order['price'] = requests.get('p').json()['n']",
    "order['price'] = r.json()['n']",
    "data['x'] = x",
    "data['r'] = requests.get('d').text",
    "r.raise_for_status()",
    "requests.post('s', json=order)",
    "requests.post('s', json={'items': items, 'x': x}, data=context.instance_id)",
    "requests.post('s', json=context.current_utc_datetime.isoformat())",
    "x = f'{x} {requests.get(x).text}'",
    "x = requests.get('g').text if total > 300 else x",
    "x = (x or requests.get('or').text) and requests.get('and').text",
    "yield context.call_activity('store', x)",
    "x = yield context.call_activity('store', requests.get(x).text)",
    "assert r.ok, r.text",
    "pass",
)
COMPOUND = (
    "if r.ok:",
    "if x in requests.get('if').text:",
    "if len(items) > 2:",
    "for x in list(order['urls']):",
    "for n in range(2):",
    "for x in requests.get('for').json()['list']:",
    "with requests.Session() as r:",
    "with requests.Session():",
    "while total < 500 and requests.get('while').ok:\n    total += 200",
    "try:",
)


def blocks(depth: int) -> st.SearchStrategy[str]:
    statement = st.sampled_from(SIMPLE)
    if depth:
        statement = st.one_of(statement, statement, compounds(depth - 1))
    return st.lists(statement, min_size=1, max_size=6).map("\n".join)


@st.composite
def compounds(draw: st.DrawFn, depth: int) -> str:
    head = draw(st.sampled_from(COMPOUND))
    text = head + "\n" + indent(draw(blocks(depth)), "    ")
    if head == "try:":
        text += "\nexcept (KeyError, TypeError, AttributeError):\n" + indent(draw(blocks(depth)), "    ")
    elif head.startswith("if") and draw(st.booleans()):
        text += "\nelse:\n" + indent(draw(blocks(depth)), "    ")
    elif head.startswith("for") and draw(st.booleans()):
        text += "\n    " + draw(st.sampled_from(("if r.ok: continue", "if len(items) > 1: break")))
        text += "\n" + indent(draw(blocks(depth)), "    ")
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
    modules = {"requests": requests, "azure.durable_functions": SimpleNamespace(DFApp=lambda: app)}
    space: dict[str, Any] = {"__builtins__": {**vars(builtins), "__import__": lambda name, *_: modules[name]}}
    source = source.replace("import azure.durable_functions as df", "df = __import__('azure.durable_functions')")
    exec(compile(source, "a.py", "exec"), space)
    context = SimpleNamespace(
        get_input=lambda: {"sku": 1, "urls": ["u", "v"]},
        instance_id="1",
        current_utc_datetime=datetime(2020, 1, 1),
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
@given(blocks(2))
def test_the_program_does_the_same(body: str) -> None:
    source = HEAD + indent(body, "    ") + "\n    yield context.call_activity('store', 1)\n" + TAIL
    try:
        expected = outcome(source)
    except Exception:
        assume(False)
    assert outcome(fixed(source)) == expected, fixed(source)
