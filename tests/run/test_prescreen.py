"""No known form of an orchestrator or a registration escapes the byte search."""

from __future__ import annotations

import pytest

from determinism_lint.languages import languages
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.prescreen import CANDIDATE, COMMENTED, NOTHING, classify, may_matter, scripts_of

DECLARATIONS = """\
main = df.Orchestrator.create(flow)
main = Orchestrator.create(main)
main = df . Orchestrator . create(flow)
from azure.durable_functions import Orchestrator
from azure.durable_functions import Orchestrator as O
O = df.Orchestrator
@app.orchestration_trigger(context_name="context")
@bp.orchestration_trigger(context_name="context", orchestration=NAME)
@app . orchestration_trigger(context_name="context")
@df.orchestration_trigger(context_name="context")
@app.durable_orchestration_trigger(context_name="context")
@app.generic_trigger(arg_name="context", type="orchestrationTrigger")
@app.generic_trigger(arg_name="context", type="durableOrchestrationTrigger")
trigger = app.orchestration_trigger
worker.add_orchestrator(flow)
@worker.add_orchestrator
worker.add_named_orchestrator("n", flow)
self._worker.add_versioned_orchestrator("n", "1", flow)
@worker.orchestrator
@worker.orchestrator()
register = worker.add_orchestrator
getattr(worker, "add_orchestrator")(flow)
def flow(ctx: task.OrchestrationContext, _):
def flow(context: df.DurableOrchestrationContext):
def flow(context: "DurableOrchestrationContext"):
def flow(ctx: OrchestrationContext) -> Generator[Task[Any], Any, str]:
def flow(ctx: DaprWorkflowContext, order):
def flow(ctx: 'wf.DaprWorkflowContext', order):
@wfr.workflow
@wfr.workflow(name="n")
@runtime.wfr . workflow
@wfr.versioned_workflow(name="n", version_name="v1", is_latest=True)
wfr.register_workflow(flow)
wfr.register_versioned_workflow(flow, name="n", version_name="v1", is_latest=True)
wfr.workflow(flow)
"""

DURABLE_CALLS = """\
x = yield context.call_activity("a")
x = yield context.call_activity_with_retry("a", options)
x = yield context.call_sub_orchestrator("a")
x = yield context.call_sub_orchestrator_with_retry("a", options)
x = yield ctx.call_child_workflow(child)
x = yield ctx.call_entity(entity, "get")
yield ctx.create_timer(due)
yield context.create_timer (due)
event = yield context.wait_for_external_event("approval")
yield context.df.callActivity("a")
yield context.df.callSubOrchestrator("a")
"""

REGISTRATIONS = """\
worker.add_activity(charge)
worker.add_named_activity("n", charge)
worker.add_entity(counter)
worker.add_named_entity("n", counter)
@app.activity_trigger(input_name="order")
@app.activity_trigger(input_name="order", activity="n")
@app.entity_trigger(context_name="context")
@wfr.activity
@wfr.activity(name="n")
wfr.activity(charge)
wfr.register_activity(charge)
"""

FORMS = [line for text in (DECLARATIONS, DURABLE_CALLS, REGISTRATIONS) for line in text.splitlines()]


@pytest.mark.parametrize("line", FORMS)
@pytest.mark.parametrize("wrapping", ["{}", "\tif True:\r\n\t\t{}\r\n", "\ufeff# été\n    {}\n" + "x = 1\n" * 500])
def test_no_form_escapes(line: str, wrapping: str) -> None:
    content = wrapping.format(line).encode()
    assert may_matter("/p/a.py", content)
    assert classify("/p/a.py", content) == CANDIDATE


JUDGED = {language.id for language in languages()}

EXAMPLES = [
    pytest.param(example.files, id=f"{rule.name}:{example.line}")
    for rule in load_catalogue().values()
    for example in rule.examples
    if example.language in JUDGED and example.kind == "wrong" and rule.name not in ("syntax-error",)
]


@pytest.mark.parametrize("files", EXAMPLES)
def test_no_example_escapes(files: dict[str, str]) -> None:
    assert any(classify("/p/" + name, text.encode()) for name, text in files.items())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import requests\nrequests.get('x')\n",
        "class AgentOrchestrator:\n    '''orchestrates'''\n",
        "orchestrator = build()\norchestrator.run()\n",
        "def log_activity(user): ...\nactivity = 1\n",
        "workflow = load('workflow.yml')\nself.workflow_id\n",
        "identity = entity_of(x)\n",
        "timer = create_timer(5)\n",
    ],
)
def test_everyday_words_are_no_candidates(text: str) -> None:
    assert classify("/p/a.py", text.encode()) == NOTHING


def test_comments_for_the_linter() -> None:
    comment = b"x = 1  # determinism-lint: ignore[wall-clock]\n"
    assert classify("/p/a.py", comment) == COMMENTED
    assert classify("/p/a.py", comment + b"worker.add_orchestrator(f)\n") == COMMENTED | CANDIDATE


def test_function_json() -> None:
    orchestrator = b'{"bindings": [{"type": "orchestrationTrigger", "name": "context"}]}'
    assert classify("/p/f/function.json", orchestrator) == CANDIDATE
    assert (
        classify("/p/f/function.json", orchestrator.replace(b"orchestrationT", b"durableOrchestrationT")) == CANDIDATE
    )
    assert classify("/p/f/function.json", b'{"bindings": [{"type": "httpTrigger", "name": "req"}]}') == NOTHING
    assert classify("/p/f/function.json", b'{"bindings": [{"type": "activityTrigger"}]}') == NOTHING


@pytest.mark.parametrize(
    ("content", "script"),
    [
        (b'{"scriptFile": "flow.py"}', "/p/f/flow.py"),
        (b'{"scriptFile": "../shared/flow.py"}', "/p/shared/flow.py"),
        (b'{"scriptFile": "..\\\\shared\\\\flow.py"}', "/p/shared/flow.py"),
        (b"{}", "/p/f/__init__.py"),
        (b'{"scriptFile": 1}', "/p/f/__init__.py"),
        (b"[]", "/p/f/__init__.py"),
        (b"{", "/p/f/__init__.py"),
        (b"\xff", "/p/f/__init__.py"),
        (b"[" * 100_000, "/p/f/__init__.py"),
    ],
)
def test_the_scripts_of_a_function(content: bytes, script: str) -> None:
    assert script in scripts_of("/p/f/function.json", content)
