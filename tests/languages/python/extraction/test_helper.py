"""I/O in a helper becomes an activity, and the result runs and replays."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from determinism_lint.analysis.analyzer import analyze
from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages.python.extraction.helper import is_mentioned
from determinism_lint.languages.python.frontend import FRONTEND
from determinism_lint.model import Finding
from determinism_lint.replay import Outcome, Status, judge, run
from determinism_lint.rules.catalogue import load_catalogue
from tests.environments import sdk_python
from tests.projects import ROOT, analyzed

TASK = dedent('''\
    import subprocess

    import requests
    from durabletask import task


    def process(ctx: task.OrchestrationContext, order: dict):
        price = read_price(order["sku"])
        yield ctx.call_activity(store, input=price)
        return price


    def read_price(sku: str) -> str:
        """The price of the day."""
        try:
            with open("/prices/" + sku, encoding="utf-8") as file:
                return file.read()
        except OSError:
            return "free"


    def store(ctx: task.ActivityContext, price: str) -> None:
        print(price)


    def register(worker):
        worker.add_activity(store)
        worker.add_orchestrator(process)
        worker.start()
    ''')

FUNCTIONS = dedent("""\
    import azure.durable_functions as df

    app = df.DFApp()


    @app.orchestration_trigger(context_name="context")
    def process(context: df.DurableOrchestrationContext):
        order = context.get_input()
        price = read_price(order["sku"])
        yield context.call_activity("store", price)
        return price


    def read_price(sku: str) -> str:
        try:
            with open("/prices/" + sku, encoding="utf-8") as file:
                return file.read()
        except OSError:
            return "free"


    @app.activity_trigger(input_name="price")
    def store(price: str) -> str:
        return price
    """)

IO = {"network-io", "file-io", "subprocess"}


def fixed(source: str, **others: str) -> str:
    files = {"a.py": source, **{f"{name}.py": text for name, text in others.items()}}
    findings = [finding for finding in analyzed(files).findings if finding.path == ROOT + "a.py"]
    assert {finding.rule for finding in findings} & IO
    for finding in findings:
        assert finding.fix is None or finding.rule not in IO or finding.fix.safety == "unsafe"
    return fix_file(source.encode(), [each for each in findings if each.rule in IO], unsafe=True).content.decode()


def left(source: str) -> list[Finding]:
    return list(analyzed({"a.py": source}).findings)


def test_durable_task() -> None:
    result = fixed(TASK)
    assert result == (
        TASK.replace('read_price(order["sku"])', 'yield ctx.call_activity(read_price, input=order["sku"])')
        .replace("read_price(sku: str)", "read_price(ctx: task.ActivityContext, sku: str)")
        .replace("(process)\n", "(process)\n    worker.add_activity(read_price)\n")
    )
    assert left(result) == []


def test_durable_functions() -> None:
    result = fixed(FUNCTIONS)
    assert result == (
        FUNCTIONS.replace('= read_price(order["sku"])', '= yield context.call_activity("read_price", order["sku"])')
        .replace("def read_price", '@app.activity_trigger(input_name="sku")\ndef read_price')
    )  # fmt: skip
    assert left(result) == []


def test_the_result_runs_and_replays(tmp_path: Path) -> None:
    for sdk, source in (("durable-task-python", TASK), ("durable-functions-python", FUNCTIONS)):
        python = sdk_python(sdk)
        path = tmp_path / f"{sdk}.py"
        path.write_text(source.replace("import requests\n", ""), encoding="utf-8")
        before = judge(str(path), "process", input={"sku": "a"}, python=python)
        assert before.outcome is Outcome.IMPURE
        path.write_text(fixed(source).replace("import requests\n", ""), encoding="utf-8")
        done = run(str(path), "process", input={"sku": "a"}, python=python)
        assert (done.status, done.output) == (Status.COMPLETED, "free"), done.error
        assert done.activities == ("read_price", "store")
        verdict = judge(str(path), "process", input={"sku": "a"}, python=python)
        assert verdict.outcome is Outcome.DETERMINISTIC, verdict.reason


CALL = 'read_price(order["sku"])'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("price = @", None),
        ("price = 1\n    @", None),
        ("price: str = @", None),
        ("price = ''\n    price += @", None),
        ("price = [@, 1]", "price = [(@), 1]"),
        ("if @:\n        price = 1", "if (@):\n        price = 1"),
        ("if order:\n        price = @", None),
        ("for price in @:\n        pass", "for price in (@):\n        pass"),
        ("with memoryview(b''):\n        price = @", None),
        ("return @", "return (@)"),
    ],
)
def test_where_it_is_called(before: str, after: str | None) -> None:
    source = TASK.replace("price = " + CALL, before.replace("@", CALL))
    result = fixed(source)
    assert (after or before).replace("@", 'yield ctx.call_activity(read_price, input=order["sku"])') in result
    compile(result, "a.py", "exec")


@pytest.mark.parametrize(
    "place",
    [
        "price = [@ for _ in order]",
        "price = f'{@}'",
        "price = (lambda: @)()",
        "try:\n        price = @\n    except OSError:\n        price = 1",
        "with memoryview(@):\n        price = 1",
        "price = yield @",
        "price = yield from @",
        "if not ctx.is_replaying:\n        @\n    price = 1",
        "price = 1 if ctx.is_replaying else @",
        "price = ctx.is_replaying or @",
        "while not ctx.is_replaying:\n        price = @",
        "def inner():\n        return @\n    price = inner()",
        "@str(@)\n    def inner(x):\n        pass\n    price = 1",
        "def inner(x=@):\n        return x\n    price = inner()",
        "price = @ + @",
        "price = read_price(ctx)",
        "price = read_price(sku=order)",
        "price = read_price(*order)",
        "price = read_price(unknown)",
        "price = read_price({order})",
        "price = read_price((order, 1))",
        "price = read_price(b'x')",
        "price = read_price(order.sku)",
        "price = read_price(open)",
        "price = read_price(str)",
        "t = ctx.call_activity('a')\n    price = read_price(t)\n    yield t",
        "t = yield task.when_any([ctx.call_activity('a')])\n    price = read_price(t)",
        "with order as o:\n        price = read_price(o)",
        "a, b = order\n    price = read_price(a)",
    ],
)
def test_not_where_it_would_change_more(place: str) -> None:
    source = TASK.replace("price = " + CALL, re.sub("@(?!str)", CALL, place))
    assert fixed(source) == source


@pytest.mark.parametrize(
    "argument",
    [
        "order", "'a'", "f'{order}'", "order['a']['b']", "[order, 1, None]", "{'a': order}", "order or 'a'",
        "'a' if order else 'b'", "str(order)", "order['a'].strip()", "a", "b", "c",
        "ctx.current_utc_datetime.isoformat()",
    ],
)  # fmt: skip
def test_what_may_be_passed(argument: str) -> None:
    names = "a = order['x']\n    b = yield ctx.call_activity('b')\n    c = {}\n    c['a'] = a\n"
    names += "    for c in order:\n        pass"
    source = TASK.replace("price = " + CALL, f"{names}\n    price = read_price({argument})")
    assert f"price = yield ctx.call_activity(read_price, input={argument})\n" in fixed(source)


HELPER = TASK.partition("def read_price")[2].partition("\n\n\n")[0]


@pytest.mark.parametrize(
    ("signature", "body", "registers"),
    [
        ("(sku)", "return requests.get(sku).json()", True),
        ("(sku: dict[str, Any] | None) -> Optional[list[int]]", "return requests.get(sku)", True),
        ("(sku)", "x = requests.get(sku)\n    y = x.json()['a']\n    return {'price': y, 'of': sku}", True),
        ("(sku)", "subprocess.run([sku])", True),
        ("(sku)", "return subprocess.run([sku]).returncode", True),
        ("(sku)", "x = requests.get(sku)\n    return None if sku else len(x.text) + int(x.status_code)", True),
        ("(sku)", "return requests.get(sku)", False),
        ("(sku)", "x = requests.get(sku)\n    return x", False),
        ("(sku)", "x = x = requests.get(x)\n    return x", False),
        ("(sku) -> requests.Response", "return requests.get(sku)", False),
        ("(sku: Order)", "return requests.get(sku.url).json()", False),
        ("(sku) -> 'str'", "return requests.get(sku).json()", False),
        ("(*sku)", "return requests.get(sku).json()", False),
        ("(sku, other=1)", "return requests.get(sku).json()", False),
        ("(sku)", "yield requests.get(sku).json()", False),
        ("(sku)", "global last\n    last = 1\n    return requests.get(sku).json()", False),
        ("(sku)", "ctx = requests.get(sku)\n    return ctx.json()", False),
        ("(sku)", "return [requests.get(sku).json(), read_price]", False),
    ],
)
def test_which_helpers(signature: str, body: str, registers: bool) -> None:
    source = TASK.replace(HELPER, f"{signature}:\n    {body}")
    call = "list(read_price(" if "yield requests" in body else "read_price("
    source = source.replace("= read_price(", f"= {call}").replace(
        '["sku"])\n', '["sku"])' + ")" * (call[0] == "l") + "\n"
    )
    assert ("worker.add_activity(read_price)" in fixed(source)) is registers


@pytest.mark.parametrize(
    ("rest", "becomes"),
    [
        ("return price", True),
        ("return [price, ctx.instance_id]", True),
        ("return ctx.call_activity(store, input=price)", False),
        ("return store(ctx, price)", False),
    ],
)
def test_an_orchestrator_that_becomes_a_generator(rest: str, becomes: bool) -> None:
    source = TASK.replace("    yield ctx.call_activity(store, input=price)\n    return price\n", f"    {rest}\n")
    assert "yield" not in source
    assert ("yield ctx.call_activity(read_price" in fixed(source)) is becomes


def test_nothing_is_passed() -> None:
    source = TASK.replace(CALL, "read_price()").replace("(sku: str)", "()").replace(" + sku", "")
    result = fixed(source)
    assert "price = yield ctx.call_activity(read_price)\n" in result
    assert "def read_price(ctx: task.ActivityContext, _) -> str:" in result
    source = FUNCTIONS.replace(CALL, "read_price()").replace("(sku: str)", "()").replace(" + sku", "")
    result = fixed(source)
    assert 'price = yield context.call_activity("read_price")\n' in result
    assert '@app.activity_trigger(input_name="nothing")\ndef read_price(nothing) -> str:' in result


def test_two_helpers_take_two_rounds() -> None:
    source = TASK.replace("return price\n", "read_log(price)\n    return price\n").replace(
        "def register", "def read_log(text):\n    open(text).close()\n\n\ndef register"
    )
    once = fixed(source)
    twice = fixed(once)
    assert "    worker.add_activity(read_log)\n    worker.add_activity(read_price)\n" in twice
    assert {finding.rule for finding in left(twice)} & IO == set()


REGISTERED = "worker.add_orchestrator(process)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (REGISTERED, f"{REGISTERED}; worker.name = 1"),
        (REGISTERED, f"{REGISTERED}\n    {REGISTERED}"),
        (REGISTERED, "worker.add_named_orchestrator('x', process)"),
        ("def process", "async def process"),
        ("def process", "@decorated\ndef process"),
        ("def read_price", "def decorate(f):\n    return f\n\n\n@decorate\ndef read_price"),
    ],
)
def test_only_where_the_registration_is_certain(before: str, after: str) -> None:
    source = TASK.replace(before, after)
    if "@decorated" in after:
        source = source.replace(REGISTERED, "pass")
    assert fixed(source) == source


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("app = df.DFApp()", "from apps import app"),
        ("sku: str", "sku_id: str"),
        ("sku: str", "käse: str"),
        ('@app.orchestration_trigger(context_name="context")\n', "@app.function_name('p')\n@app.other\n"),
        ("def read_price", "if True:\n  def read_price"),
    ],
)
def test_only_where_the_app_is_certain(before: str, after: str) -> None:
    source = FUNCTIONS.replace(before, after).replace(" + sku", " + str(1)")
    if "function_name" in after:
        source += "\n\nmain = df.Orchestrator.create(process)\n"
    assert fixed(source) == source


def test_other_sdks_and_other_files() -> None:
    dapr = TASK.replace("from durabletask import task", "import dapr.ext.workflow as task").replace(
        "task.OrchestrationContext", "task.DaprWorkflowContext"
    ).replace("add_orchestrator", "register_workflow")  # fmt: skip
    assert fixed(dapr) == dapr
    assert fixed(TASK, b="x = 'a', read_price") == TASK
    assert fixed(TASK, b="read_price = 1") != TASK
    split = TASK.replace(HELPER, "(sku): pass").replace("def read_price(sku): pass\n", "from b import read_price\n")
    helper = "def read_price" + HELPER
    assert {finding.rule for finding in analyzed({"a.py": split, "b.py": helper}).findings} & IO
    assert not [f for f in analyzed({"a.py": split, "b.py": helper}).findings if f.rule in IO and f.fix is not None]


def test_a_file_that_vanished_mentions_nothing() -> None:
    def read(path: str) -> bytes:
        if path != "/a.py":
            raise FileNotFoundError(path)
        return TASK.encode()

    (finding,) = analyze(["/a.py"], frozenset({"/a.py", "/b.py"}), read, load_catalogue(), FRONTEND).findings
    assert finding.fix is not None
    assert finding.fix.title.startswith("make `read_price` an activity (version it: ")


def test_is_mentioned() -> None:
    assert is_mentioned("read", "/p/prices.py", b"from prices import read")
    assert is_mentioned("read", "/p/prices/__init__.py", b"from prices import read")
    assert not is_mentioned("read", "/p/prices.py", b"from prices import reader")
    assert not is_mentioned("read", "/p/prices.py", b"read()")
