"""I/O in an orchestrator's own body becomes a new activity, and the result runs and replays."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from textwrap import dedent, indent

import pytest

from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages.python.extraction import IO_RULES
from determinism_lint.replay import Outcome, Status, judge, run
from tests.environments import sdk_python
from tests.projects import ROOT, analyzed

FUNCTIONS = dedent('''\
    import json
    import os
    import subprocess
    import sys
    import urllib.request
    from pathlib import Path

    import requests
    import azure.durable_functions as df

    app = df.DFApp()
    URL = "https://prices"


    # The whole order.
    @app.orchestration_trigger(context_name="context")
    def process(context):
        """What it does."""
        order = context.get_input()
    @
        yield context.call_activity("store", order)


    @app.activity_trigger(input_name="order")
    def store(order):
        return order
    ''')

NATIVE = FUNCTIONS.replace("process(context):", "process(context, order):").replace(
    "    order = context.get_input()\n", ""
)

TASK = dedent("""\
    import json
    import os
    import subprocess
    import sys
    import urllib.request
    from pathlib import Path

    import requests
    from durabletask import task

    URL = "https://prices"


    def process(ctx: task.OrchestrationContext, order: dict):
    @
        yield ctx.call_activity(store, input=order)


    def store(ctx: task.ActivityContext, order: dict) -> dict:
        return order


    def register(worker):
        worker.add_activity(store)
        worker.add_orchestrator(process)
    """)

FUNCTIONS_START = '# The whole order.\n@app.orchestration_trigger(context_name="context")\n'


def program(template: str, body: str) -> str:
    return template.replace("@\n", indent(dedent(body).strip("\n"), "    ") + "\n")


def once(files: dict[str, str], path: str = "a.py") -> str:
    """After one round of fixes."""
    findings = [each for each in analyzed(files).findings if each.rule in IO_RULES and each.path == ROOT + path]
    assert all(each.fix is None or each.fix.safety == "unsafe" for each in findings)
    return fix_file(files[path].encode(), findings, unsafe=True).content.decode()


def fixed(source: str) -> str:
    """After as many rounds as it takes."""
    for _ in range(30):
        result = once({"a.py": source})
        if result == source:
            compile(result, "a.py", "exec")
            return result
        source = result
    raise AssertionError("the fixes come to no end")


def in_functions(body: str, activity: str, after: str) -> None:
    """The fix makes of `body` the activity and the code `after`."""
    source = program(FUNCTIONS, body)
    activity = dedent(activity).strip("\n") + "\n\n\n"
    expected = program(FUNCTIONS, after).replace(FUNCTIONS_START, activity + FUNCTIONS_START)
    assert fixed(source) == expected


@pytest.mark.parametrize(
    ("body", "activity", "after"),
    [
        # one expression
        (
            'price = requests.get(URL, params=order).json()["price"]',
            """
            @app.activity_trigger(input_name="order")
            def get_price(order):
                return requests.get(URL, params=order).json()["price"]
            """,
            'price = yield context.call_activity("get_price", order)',
        ),
        (
            "if requests.get(URL).status_code == 200:\n    order = 1",
            """
            @app.activity_trigger(input_name="nothing")
            def get_for_process(nothing):
                return requests.get(URL).status_code
            """,
            'if (yield context.call_activity("get_for_process")) == 200:\n    order = 1',
        ),
        (
            "price = json.loads(urllib.request.urlopen(URL).read())",
            """
            @app.activity_trigger(input_name="nothing")
            def get_price(nothing):
                return json.loads(urllib.request.urlopen(URL).read())
            """,
            'price = yield context.call_activity("get_price")',
        ),
        (
            "price: str = f'{open(order).read()}'  # as text",
            """
            @app.activity_trigger(input_name="order")
            def read_price(order):
                return f'{open(order).read()}'
            """,
            'price: str = yield context.call_activity("read_price", order)  # as text',
        ),
        (
            "lines = [line.strip() for line in open('/prices')]",
            """
            @app.activity_trigger(input_name="nothing")
            def read_lines(nothing):
                return [line.strip() for line in open('/prices')]
            """,
            'lines = yield context.call_activity("read_lines")',
        ),
        (
            "for sku in order:\n    order[sku] = len(Path(sku).read_text())",
            """
            @app.activity_trigger(input_name="sku")
            def read_for_process(sku):
                return len(Path(sku).read_text())
            """,
            'for sku in order:\n    order[sku] = yield context.call_activity("read_for_process", sku)',
        ),
        (
            "price = (\n    requests.get(\n        URL)\n    .json()\n)",
            """
            @app.activity_trigger(input_name="nothing")
            def get_price(nothing):
                return (requests.get(
                    URL)
                .json())
            """,
            'price = (\n    yield context.call_activity("get_price")\n)',
        ),
        (
            'yield context.call_activity("store", requests.get(URL).text)',
            """
            @app.activity_trigger(input_name="nothing")
            def get_for_process(nothing):
                return requests.get(URL).text
            """,
            'yield context.call_activity("store", (yield context.call_activity("get_for_process")))',
        ),
        (
            "found = subprocess.run(['which', 'a'], capture_output=True, text=True).stdout",
            """
            @app.activity_trigger(input_name="nothing")
            def run_found(nothing):
                return subprocess.run(['which', 'a'], capture_output=True, text=True).stdout
            """,
            'found = yield context.call_activity("run_found")',
        ),
        # one statement
        (
            "requests.post(URL, json=order).raise_for_status()  # pay",
            """
            @app.activity_trigger(input_name="order")
            def post_for_process(order):
                requests.post(URL, json=order).raise_for_status()
            """,
            'yield context.call_activity("post_for_process", order)  # pay',
        ),
        (
            'with open("/prices/" + order["sku"]) as file: price = file.read()\norder["price"] = price',
            """
            @app.activity_trigger(input_name="order")
            def read_price(order):
                with open("/prices/" + order["sku"]) as file: price = file.read()
                return price
            """,
            'price = yield context.call_activity("read_price", order)\norder["price"] = price',
        ),
        (
            'if order:\n    with open("/log", "a") as file:\n        # keep it\n\n        json.dump(order, file)\n',
            """
            @app.activity_trigger(input_name="order")
            def write_for_process(order):
                with open("/log", "a") as file:
                    # keep it

                    json.dump(order, file)
            """,
            'if order:\n    yield context.call_activity("write_for_process", order)',
        ),
        (
            """
            if order:
                with requests.Session() as session:
                    response = session.get(URL)
                    prices = response.json()  # all of them
                order["prices"] = prices
            """,
            """
            @app.activity_trigger(input_name="nothing")
            def get_prices(nothing):
                with requests.Session() as session:
                    response = session.get(URL)
                    prices = response.json()  # all of them
                return prices
            """,
            'if order:\n    prices = yield context.call_activity("get_prices")\n    order["prices"] = prices',
        ),
        (
            'with open("/prices") as file:\n    return json.load(file)',
            """
            @app.activity_trigger(input_name="nothing")
            def read_for_process(nothing):
                with open("/prices") as file:
                    return json.load(file)
            """,
            'return (yield context.call_activity("read_for_process"))',
        ),
        # several statements
        (
            """
            url = URL + "/" + order["sku"]
            response = requests.get(url, headers=order)
            # It may be out of stock.
            response.raise_for_status()
            price: dict = response.json()
            order["price"] = price
            """,
            """
            @app.activity_trigger(input_name="inputs")
            def get_price(inputs):
                url = inputs["url"]
                order = inputs["order"]
                response = requests.get(url, headers=order)
                # It may be out of stock.
                response.raise_for_status()
                price: dict = response.json()
                return price
            """,
            """
            url = URL + "/" + order["sku"]
            price = yield context.call_activity("get_price", {"url": url, "order": order})
            order["price"] = price
            """,
        ),
        (
            """
            sku_id = order["sku"]
            response = requests.get(sku_id)
            price = response.json()
            response = requests.get(URL)
            order["all"] = price + response.json()
            """,
            """
            @app.activity_trigger(input_name="inputs")
            def get_price(inputs):
                sku_id = inputs["sku_id"]
                response = requests.get(sku_id)
                price = response.json()
                return price
            """,
            """
            sku_id = order["sku"]
            price = yield context.call_activity("get_price", {"sku_id": sku_id})
            response = requests.get(URL)
            order["all"] = price + response.json()
            """,
        ),
        (
            "response = requests.post(URL, json=order)\nreturn response.json()",
            """
            @app.activity_trigger(input_name="order")
            def post_for_process(order):
                response = requests.post(URL, json=order)
                return response.json()
            """,
            'return (yield context.call_activity("post_for_process", order))',
        ),
    ],
)  # fmt: skip
def test_durable_functions(body: str, activity: str, after: str) -> None:
    in_functions(body, activity, after)


def test_the_native_form() -> None:
    result = fixed(program(NATIVE, "requests.post(URL, json=order)\nurl = URL\nprice = requests.get(url).json()"))
    assert '    yield context.call_activity("post_for_process", input=order)\n' in result
    assert '    price = yield context.call_activity("get_price", input=url)\n' in result
    assert '@app.activity_trigger(input_name="url")\ndef get_price(url):\n    return requests.get(url).json()' in result


def test_durable_task() -> None:
    body = 'url = URL\nprice = requests.get(url, params=order).json()\norder["price"] = price'
    result = fixed(program(TASK, body))
    after = 'url = URL\nprice = yield ctx.call_activity(get_price, input={"url": url, "order": order})\n'
    expected = program(TASK, after + 'order["price"] = price').replace(
        "def process",
        "def get_price(ctx: task.ActivityContext, inputs):\n"
        '    url = inputs["url"]\n'
        '    order = inputs["order"]\n'
        "    return requests.get(url, params=order).json()\n\n\n"
        "def process",
    ).replace("(process)\n", "(process)\n    worker.add_activity(get_price)\n")  # fmt: skip
    assert result == expected
    assert analyzed({"a.py": result}).findings == ()


def test_durable_task_with_little_to_pass() -> None:
    result = fixed(program(TASK, "ctx_id = order['id']\nopen(ctx_id, 'w').write('a')\nos.remove('/prices')"))
    assert "def write_for_process(ctx: task.ActivityContext, ctx_id):\n    open(ctx_id, 'w').write('a')\n" in result
    assert "def remove_for_process(ctx: task.ActivityContext, _):\n    os.remove('/prices')\n" in result
    assert "    yield ctx.call_activity(remove_for_process)\n" in result
    assert "    worker.add_activity(remove_for_process)\n    worker.add_activity(write_for_process)\n" in result
    source = program(TASK, "ctx2 = [requests.get(each).text for each in order]").replace("(ctx: task.Or", "(c: task.Or")
    imported = source.replace("from durabletask import task", "import durabletask.task as task")
    result = fixed(imported.replace("yield ctx.", "yield c."))
    assert "def get_ctx2(ctx, order):\n" in result
    assert "    ctx2 = yield c.call_activity(get_ctx2, input=order)\n" in result


@pytest.mark.parametrize("name", ["ctx", "_", "inputs"])
def test_names_that_the_activity_needs_itself(name: str) -> None:
    source = program(TASK, "URL_ID = order['x']\nprice = requests.get(HERE, [URL_ID, order] * len(HERE)).json()")
    source = source.replace(", [URL_ID, order] * len(HERE)", "") if name == "_" else source
    source = source.replace("process(ctx:", "process(c:").replace("yield ctx.", "yield c.")
    assert fixed(source) != source
    source = source.replace("HERE", name)
    assert fixed(source) == source


def test_line_ends_and_indentation_stay() -> None:
    source = program(FUNCTIONS, "if order:\n    price = requests.get(URL).json()\n    order['p'] = price")
    source = source.replace("    ", "\t").replace("\n", "\r\n")
    result = fixed(source)
    assert "\n" not in result.replace("\r\n", "")
    assert '"https://prices"\r\n\r\n\r\n@app.activity_trigger(input_name="nothing")\r\n' in result
    assert "def get_price(nothing):\r\n\treturn requests.get(URL).json()\r\n\r\n\r\n# The whole order.\r\n" in result
    assert '\tif order:\r\n\t\tprice = yield context.call_activity("get_price")\r\n' in result


def test_an_orchestrator_that_becomes_a_generator() -> None:
    source = program(FUNCTIONS, "return requests.get(URL).text").replace(
        '    yield context.call_activity("store", order)\n', ""
    )
    assert "yield" not in source
    assert '    return (yield context.call_activity("get_for_process"))\n' in fixed(source)
    source = source.replace("return requests.get(URL).text", "requests.get(URL)\n    return context.call_activity('a')")
    assert fixed(source) == source


@pytest.mark.parametrize(
    "body",
    [
        # what comes out is no JSON, or too much
        "response = requests.get(URL)\norder['r'] = response",
        "content = requests.get(URL).content\norder['n'] = content",
        "response = requests.get(URL)\na = response.text\nb = response.json()\norder['ab'] = a + b",
        "with open('/p', 'rb') as file:\n    order['p'] = file.read()",
        "with open('/p', 'rb') as file:\n    data = file.read()\norder['p'] = data",
        "mode = 'r'\ndata = open('/p', mode).read()\norder['p'] = data",
        "out = subprocess.run(['a']).stdout\norder['out'] = out",
        "data = {1: requests.get(URL).content}\norder['p'] = data",
        "return requests.get(URL)",
        # what goes in
        "response = order.send()\nrequests.post(URL, data=response)",
        "task = context.call_activity('a')\nrequests.post(URL, json=task)\nyield task",
        "path = Path('/p')\nprice = path.read_text()",
        "requests.post(URL, json=context)",
        "requests.post(URL, json=context.new_uuid())",
        "requests.post(URL, json=context.instance_id)",
        "import ftplib\nftplib.FTP('host').quit()",
        "def later():\n    return 1\nrequests.post(URL, json=later)",
        "for _ in range(2):\n    if order:\n        requests.post(URL, json=late)\n    late = 1",
        "requests.get(URL, [x for x in order])\nx = 1",
        # control flow
        "response = requests.get(URL)\nif response.status_code != 200:\n    raise ValueError\nprice = response.json()",
        "response = requests.get(URL)\nfor each in response.json():\n    order[each] = 1",
        "try:\n    price = requests.get(URL).json()\nexcept requests.RequestException:\n    price = None",
        "with open('/p') as file:\n    if order:\n        price = file.read()",
        "with open('/p') as file:\n    with open('/q') as other:\n        return 1\n    price = file.read()",
        "with open('/p', 'w'):\n    pass",
        "with contextlib.suppress(OSError):\n    price = open('/p').read()",
        "a, b = requests.get(URL), 1\norder['a'] = b",
        "total = 0\ntotal += requests.get(URL).content",
        "for url in order:\n    order[url] = late\n    response = requests.get(url)\n    late = response",
        "response = None\nlater = lambda: response\nresponse = requests.get(URL)",
        "response = None\nlater = (response for _ in order)\nresponse = requests.get(URL)",
        "response = requests.get(URL)\nresponse = [response]\norder['r'] = response",
        "for url in order:\n    r = requests.get(url)\n    if url:\n        continue\n    r = 1\norder['r'] = r",
        "response = requests.get(URL)\nif response.ok:\n    return response.text\norder['a'] = response.json()",
        "for url in order:\n    r = requests.get(url)\n    if r.ok:\n        break\n    order[url] = r.json()",
        "r = requests.get(URL)\nx = yield context.call_activity('store', r.text)\norder['x'] = r.json()",
        "with requests.Session() as session:\n    yield context.call_activity('store', session.get(URL).text)",
        "try:\n    text = yield context.call_activity('store', requests.get(URL).text)\nexcept OSError:\n    pass",
        "try:\n    price = requests.get(URL).text\nexcept OSError:\n    return None",
        "if not context.is_replaying:\n    requests.post(URL, json=order)",
        "replaying = context.is_replaying\nif not replaying:\n    requests.post(URL, json=order)",
        "price = context.is_replaying or requests.get(URL).json()",
        "if order and (response := requests.get(URL)):\n    order['r'] = response.text",
        "price = sorted(order, key=lambda each: requests.get(each).text)",
        "def inner():\n    return requests.get(URL).text\ninner()",
        "response = requests.get(URL)\nprice = (lambda: response.json())()",
        "global price\nprice = requests.get(URL).json()",
        "price = requests.get(URL).json()\norder['all'] = locals()",
        "class Inner:\n    pass\nprice = requests.get(URL).json()",
        "match order:\n    case {'a': 1}:\n        response = requests.get(URL)\nresponse.close()",
        "sys.exit(1)",
        "os.execv('/bin/true', [])",
        "order['name'] = input()",
        "async_result = requests.get(URL).content; order['n'] = len(async_result)",
        "if order: response = requests.get(URL); order['t'] = 1",
        # what it changes or hands out is not its own
        "response = requests.get(URL)\nurls = order['urls']\nresponse.close()\nurls.append('a')",
        "response = requests.get(URL)\nurls = list(order.get('urls'))\nresponse.close()\nurls.append('a')",
        "order['all'] = [[each, requests.get(each[0]).text] for each in order['urls']]",
        "requests.get(spoil(order, URL))",
        "response = requests.get(URL)\norder['price'] = response.json()",
        "response = requests.get(URL)\nalias = order['prices']\nalias.append(response.json())",
        "response = requests.get(URL)\nfor each in order['prices']:\n    each['p'] = response.text",
        "response = requests.get(URL)\norder.update(response.json())",
        "response = requests.get(URL)\nalias = order if URL else {}\nalias.update(response.json())",
        "prices = []\norder['all'] = prices\nresponse = requests.get(URL)\nprices += [response.text]",
        "response = requests.get(URL)\nCACHE.append(response.text)",
        "response = requests.get(URL)\nCACHE[0] = response.text",
        "response = requests.get(URL)\nspoil(order, response)",
        "response = requests.get(URL)\nspoil({'a': order}, response)",
        "response = requests.get(URL)\n(order['a'], b) = response.json()",
        "with open('/p') as order['file']:\n    pass",
        # text that would change with its indentation
        "if order:\n    with open('/p', 'w') as file:\n        file.write('''a\n    b''')",
    ],
)  # fmt: skip
def test_refusals(body: str) -> None:
    source = (
        program(FUNCTIONS, body) + "\n\nCACHE = []\n\n\ndef spoil(order, response):\n    order['a'] = response.text\n"
    )
    findings = [finding for finding in analyzed({"a.py": source}).findings if finding.rule in IO_RULES]
    assert findings
    assert [finding.fix for finding in findings if finding.fix is not None] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def process(context):", "async def process(context):"),
        ('@app.orchestration_trigger(context_name="context")', "@app.function_name('p')"),
        ("def process(context):", "def process():"),
        ("order = context.get_input()", "context = context.again()\n    order = context.get_input()"),
        ("# The whole order.\n@app.orch", "if True:\n  # The whole order.\n  @app.orch"),
    ],
)
def test_only_orchestrators_that_are_certain(before: str, after: str) -> None:
    source = program(FUNCTIONS, "price = requests.get(URL).json()")
    assert fixed(source) != source
    source = source.replace(before, after)
    if "if True" in after:
        source = source.replace("\ndef process", "\n  def process")
    if "function_name" in after:
        source += "\n\nmain = df.Orchestrator.create(process)\n"
    assert fixed(source) == source


def test_only_where_the_registration_is_certain() -> None:
    source = program(TASK, "price = requests.get(URL).json()")
    assert fixed(source) != source
    for change in ("worker.add_named_orchestrator('p', process)", "worker.add_orchestrator(process); worker.x = 1"):
        changed = source.replace("worker.add_orchestrator(process)", change)
        assert fixed(changed) == changed
    dapr = source.replace("from durabletask import task", "import dapr.ext.workflow as task").replace(
        "task.OrchestrationContext", "task.DaprWorkflowContext"
    ).replace("add_orchestrator", "register_workflow")  # fmt: skip
    assert fixed(dapr) == dapr


def test_an_orchestrator_that_another_runs_stays() -> None:
    other = """

        @app.orchestration_trigger(context_name="context")
        def outer(context):
            return process(context)
        """
    source = program(FUNCTIONS, "return requests.get(URL).text").replace(
        '    yield context.call_activity("store", order)\n', ""
    )
    assert fixed(source + dedent(other)) == source + dedent(other)


def test_names_are_unique() -> None:
    body = "price = requests.get(URL).json()\norder['price'] = price"
    source = program(FUNCTIONS, body)
    second = source.partition(FUNCTIONS_START)[2].partition("@app.activity")[0].replace("process", "second")
    both = source + "\n\n" + FUNCTIONS_START + second
    result = once({"a.py": both})
    assert "def get_price(nothing):" in result and "def get_price_2(nothing):" in result
    assert result.index('context.call_activity("get_price")') < result.index('context.call_activity("get_price_2")')
    other = FUNCTIONS.partition("import requests\n")[2].partition("# The whole order.")[0]
    for declared in (
        "@app.activity_trigger(input_name='x')\ndef get_price(x): pass\n",
        "@app.activity_trigger(input_name='x', activity='get_price')\ndef price(x): pass\n",
        "@app.orchestration_trigger(context_name='context')\ndef get_price(context): pass\n",
    ):
        assert "def get_price_2(" in once({"a.py": source, "b.py": other + declared})
    assert "def get_price(" in once({"a.py": source, "b.py": "def get_price():\n    pass\n"})
    twice = fixed(program(FUNCTIONS, "price = requests.get(URL).json()\nprice = requests.get(URL).text"))
    assert "def get_price(nothing):" in twice and "def get_price_2(nothing):" in twice
    assert "def get_for_process(" in fixed(program(FUNCTIONS, "_ = requests.get(URL).json()"))
    assert "def get_unit_price(" in fixed(program(FUNCTIONS, "unitPrice = requests.get(URL).json()"))


def test_one_round_applies_all_fixes() -> None:
    body = "a = requests.get(URL).text + requests.get(URL).text\nb = open('/b').read()\norder['c'] = os.listdir(b)"
    result = once({"a.py": program(TASK, body)})
    assert not [finding for finding in analyzed({"a.py": result}).findings if finding.rule in IO_RULES]
    names = ["get_for_process", "get_for_process_2", "read_b", "get_for_process_3"]
    for name in names:
        assert result.count(f"\n\n\ndef {name}(") == 1
    added = "".join(f"    worker.add_activity({name})\n" for name in sorted(names))
    assert result.endswith(f"    worker.add_orchestrator(process)\n{added}")
    a, b = ("(yield ctx.call_activity(get_for_process))", "(yield ctx.call_activity(get_for_process_2))")
    assert f"    a = {a} + {b}\n" in result or f"    a = {b} + {a}\n" in result
    compile(result, "a.py", "exec")


def test_findings_in_the_same_code_share_an_activity() -> None:
    body = "with open('/a') as a, open('/b') as b:\n    text = a.read() + b.read()\norder['t'] = text"
    source = program(FUNCTIONS, body)
    fixes = [each.fix for each in analyzed({"a.py": source}).findings if each.rule in IO_RULES]
    assert len(fixes) == 2 and len(set(fixes)) == 1
    assert "def read_text(nothing):" in once({"a.py": source})


def test_no_other_file_is_read_for_a_name() -> None:
    from determinism_lint.analysis.analyzer import analyze
    from determinism_lint.languages.python.frontend import FRONTEND
    from determinism_lint.rules.catalogue import load_catalogue

    def read(path: str) -> bytes:
        assert path != "/b.py"
        if path != "/a.py":
            raise FileNotFoundError(path)
        return program(FUNCTIONS, "price = requests.get(URL).json()").encode()

    (finding,) = analyze(["/a.py"], frozenset({"/a.py", "/b.py"}), read, load_catalogue(), FRONTEND).findings
    assert finding.fix is not None
    assert finding.fix.title.startswith("move it into an activity, `get_price` (version it: ")


# --- the result runs --------------------------------------------------------------------------------------------


class _Prices(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"price": 3}')

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def prices() -> Iterator[str]:
    """The address of a server that knows a price."""
    with HTTPServer(("127.0.0.1", 0), _Prices) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


RUN = """
    with open(order["path"], encoding="utf-8") as file:
        lines = file.read().split()
    order["lines"] = lines
    command = [order["python"], "-c", "print(1 + 1)"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=order["folder"])
    done.check_returncode()
    two = int(done.stdout)
    order["two"] = two
    order["price"] = json.loads(urllib.request.urlopen(order["url"]).read())["price"]
    Path(order["folder"], "out").write_text(str(two))
    for name in os.listdir(order["folder"]):
        if os.path.exists(name):
            order["here"] = True
    """


@pytest.mark.parametrize(
    ("sdk", "template"),
    [
        ("durable-task-python", TASK),
        ("durable-functions-python", FUNCTIONS),
        ("durable-functions-python@2", NATIVE),
    ],
)
def test_the_result_runs_and_replays(sdk: str, template: str, tmp_path: Path) -> None:
    python = sdk_python(sdk)
    source = program(template, RUN).replace("import requests\n", "")
    source = source.replace('yield context.call_activity("store", order)', "return order")
    source = source.replace("yield ctx.call_activity(store, input=order)", "return order")
    result = fixed(source)
    assert not [each for each in analyzed({"a.py": result}).findings if each.rule in IO_RULES]
    (tmp_path / "in").write_text("a b")
    path = tmp_path / "program.py"
    with prices() as url:
        order = {"path": str(tmp_path / "in"), "folder": str(tmp_path), "python": sys.executable, "url": url}
        path.write_text(source, encoding="utf-8")
        assert judge(str(path), "process", input=order, python=python).outcome is Outcome.IMPURE
        path.write_text(result, encoding="utf-8")
        done = run(str(path), "process", input=order, python=python)
        assert done.status is Status.COMPLETED, done.error
        assert done.output == {**order, "lines": ["a", "b"], "two": 2, "price": 3}
        assert (tmp_path / "out").read_text() == "2"
        verdict = judge(str(path), "process", input=order, python=python)
        assert verdict.outcome is Outcome.DETERMINISTIC, verdict.reason
    assert done.activities[:4] == ("read_lines", "run_two", "get_for_process", "write_for_process")
