"""Every form in which public code declares orchestrators is found, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.projects import analyzed

TASK, FUNCTIONS, DAPR = "durable-task-python", "durable-functions-python", "dapr-workflow-python"

BODY = "    yield context.call_activity('a')\n"
V1 = "import azure.durable_functions as df\n\n\ndef orchestrator_function(context):\n" + BODY
TRIGGER: dict[str, object] = {
    "scriptFile": "__init__.py",
    "bindings": [{"name": "context", "type": "orchestrationTrigger", "direction": "in"}],
}
V2 = "import azure.functions as func\nimport azure.durable_functions as df\n"
WORKER = "from durabletask import task, worker\n\n\ndef orch(ctx, _):\n    yield ctx.call_activity('a')\n\n\n"

FORMS: dict[str, tuple[Mapping[str, str | dict[str, object] | bytes], set[tuple[str, str]]]] = {
    "Orchestrator.create and function.json": (
        {"Orders/__init__.py": V1 + "main = df.Orchestrator.create(orchestrator_function)\n", "Orders/function.json": TRIGGER},
        {("Orders", FUNCTIONS)},
    ),
    "Orchestrator.create imported by name, main rebound": (
        {"Orders/__init__.py": V1.replace("import azure.durable_functions as df", "from azure.durable_functions import Orchestrator")
         .replace("orchestrator_function", "main") + "main = Orchestrator.create(main)\n"},
        {("Orders", FUNCTIONS)},
    ),
    "the function imported from another file": (
        {"Orders/__init__.py": "import azure.durable_functions as df\nfrom shared.flow import run\nmain = df.Orchestrator.create(run)\n",
         "shared/flow.py": "def run(context):\n" + BODY},
        {("Orders", FUNCTIONS)},
    ),
    "scriptFile in function.json names another file": (
        {"Orders/function.json": {**TRIGGER, "scriptFile": "../lib/flow.py"},
         "lib/flow.py": V1 + "main = df.Orchestrator.create(orchestrator_function)\n"},
        {("Orders", FUNCTIONS)},
    ),
    "a decorator on a DFApp": (
        {"function_app.py": V2 + "app = df.DFApp()\n@app.orchestration_trigger(context_name='context')\ndef orch(context):\n" + BODY},
        {("orch", FUNCTIONS)},
    ),
    "a decorator on a blueprint, with a name in a constant": (
        {"bp.py": V2 + "NAME = 'Orders'\nbp = df.Blueprint()\n@bp.orchestration_trigger(context_name='context', orchestration=NAME)\n"
         "def orch(context):\n" + BODY},
        {("Orders", FUNCTIONS)},
    ),
    "a decorator with function_name, on an app from elsewhere": (
        {"app.py": V2 + "app = df.DFApp()\n",
         "flow.py": "from app import app\n@app.function_name('Orders')\n@app.orchestration_trigger(context_name='context')\ndef orch(context):\n" + BODY},
        {("Orders", FUNCTIONS)},
    ),
    "two parameters: the native context of 2.x": (
        {"function_app.py": V2 + "app = df.DFApp()\n@app.orchestration_trigger(context_name='ctx')\ndef orch(ctx, order):\n"
         "    yield ctx.call_activity('a', input=order)\n"},
        {("orch", FUNCTIONS + "@2-native")},
    ),
    "a generation pinned in requirements.txt": (
        {"function_app.py": V2 + "app = df.DFApp()\n@app.orchestration_trigger(context_name='context')\ndef orch(context):\n" + BODY,
         "requirements.txt": "azure-functions\nazure-functions-durable==2.0.0rc3\n"},
        {("orch", FUNCTIONS + "@2")},
    ),
    "add_orchestrator": ({"w.py": WORKER + "w = worker.TaskHubGrpcWorker()\nw.add_orchestrator(orch)\n"}, {("orch", TASK)}),
    "add_orchestrator of an imported function, in main()": (
        {"flows.py": "def orch(ctx, _):\n    yield ctx.call_activity('a')\n",
         "main.py": "from durabletask import worker\nfrom flows import orch\n\n\ndef main():\n"
         "    with worker.TaskHubGrpcWorker() as w:\n        w.add_orchestrator(orch)\n"},
        {("orch", TASK)},
    ),
    "add_orchestrator as a decorator": (
        {"w.py": "from durabletask import worker\nw = worker.TaskHubGrpcWorker()\n\n\n@w.add_orchestrator\ndef orch(ctx, _):\n    return 1\n"},
        {("orch", TASK)},
    ),
    "a bound method": (
        {"w.py": "from durabletask import worker\n\n\nclass Flow:\n    def run(self, ctx, _):\n        yield ctx.call_activity('a')\n\n\n"
         "w = worker.TaskHubGrpcWorker()\nw.add_orchestrator(Flow().run)\n"},
        {("run", TASK)},
    ),
    "a nested function": (
        {"w.py": "from durabletask import worker\n\n\ndef start():\n    def orch(ctx, _):\n        yield ctx.call_activity('a')\n\n"
         "    w = worker.TaskHubGrpcWorker()\n    w.add_orchestrator(orch)\n"},
        {("orch", TASK)},
    ),
    "a wrapper of the project around add_orchestrator": (
        {"w.py": WORKER + "def register(w, functions):\n    for function in functions:\n        w.add_orchestrator(function)\n\n\n"
         "register(worker.TaskHubGrpcWorker(), [orch])\n"},
        {("orch", TASK)},
    ),
    "add_named_orchestrator": (
        {"w.py": WORKER + "w = worker.TaskHubGrpcWorker()\nw._registry.add_named_orchestrator('Orders', orch)\n"}, {("Orders", TASK)}
    ),
    "an annotation only": (
        {"flow.py": "from durabletask import task\n\n\ndef orch(ctx: task.OrchestrationContext, _):\n    return 1\n"}, {("orch", TASK)}
    ),
    "a string annotation under TYPE_CHECKING": (
        {"flow.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from durabletask.task import OrchestrationContext\n\n\n"
         "def orch(ctx: 'OrchestrationContext', _):\n    yield ctx.call_activity('a')\n"},
        {("orch", TASK)},
    ),
    "a generator that only tests drive": (
        {"flow.py": "import azure.durable_functions as df\n\n\ndef orch(context):\n" + BODY,
         "tests/test_flow.py": "from flow import orch\n\n\ndef test():\n    next(orch(None))\n"},
        {("orch", FUNCTIONS)},
    ),
    "a sub-orchestrator passed as a function": (
        {"flow.py": "from durabletask import task\n\n\ndef child(ctx, _):\n    return 1\n\n\ndef parent(ctx: task.OrchestrationContext, _):\n"
         "    yield ctx.call_sub_orchestrator(child)\n"},
        {("parent", TASK), ("child", TASK)},
    ),
    "Dapr": (
        {"wf.py": "from dapr.ext.workflow import WorkflowRuntime, DaprWorkflowContext\nwfr = WorkflowRuntime()\n\n\n@wfr.workflow(name='Orders')\n"
         "def flow(ctx: DaprWorkflowContext, order):\n    yield ctx.call_activity(act)\n\n\n@wfr.activity\ndef act(ctx, x):\n    return x\n\n\n"
         "def other(ctx, _):\n    yield ctx.create_timer(1)\n\n\nwfr.register_workflow(other)\n"},
        {("Orders", DAPR), ("other", DAPR)},
    ),
    "async, which cannot run": (
        {"function_app.py": V2 + "app = df.DFApp()\n@app.orchestration_trigger(context_name='context')\nasync def orch(context):\n"
         "    await context.call_activity('a')\n"},
        {("orch", FUNCTIONS)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_finds(form: str) -> None:
    files, expected = FORMS[form]
    found = {(orchestrator.name, orchestrator.runtime) for orchestrator in analyzed(files).orchestrators}
    assert found == expected


NOT_ORCHESTRATORS: dict[str, str] = {
    "a helper generator": "from durabletask import task\n\n\ndef helper(ctx: task.OrchestrationContext, x):\n    yield ctx.call_activity('a')\n\n\n"
    "def ORCH(ctx: task.OrchestrationContext, x):\n    yield from helper(ctx, x)\n",
    "a helper that the orchestrator returns": "from durabletask import task\n\n\ndef helper(ctx, x):\n    yield ctx.call_activity('a')\n\n\n"
    "def ORCH(ctx: task.OrchestrationContext, x):\n    return helper(ctx, x)\n",
    "an activity": "from durabletask import task\n\n\ndef act(ctx: task.ActivityContext, x):\n    return x\n\n\n"
    "def ORCH(ctx: task.OrchestrationContext, x):\n    yield ctx.call_activity(act)\n",
    "an entity function and class": "from durabletask import entities, task\n\n\nclass Counter(entities.DurableEntity):\n    def add(self, x):\n"
    "        self.set_state(x)\n\n\ndef counter(ctx: entities.EntityContext, x):\n    ctx.set_state(x)\n\n\n"
    "def ORCH(ctx: task.OrchestrationContext, x):\n    yield ctx.create_timer(x)\n",
    "a helper with more parameters": "from durabletask import task\n\n\ndef helper(ctx: task.OrchestrationContext, a, b, c):\n    return a\n\n\n"
    "def ORCH(ctx: task.OrchestrationContext, x):\n    return helper(ctx, 1, 2, 3)\n",
    "a generator of something else": "from durabletask import task\n\n\ndef numbers(n):\n    yield n.value()\n\n\n"
    "def ORCH(ctx: task.OrchestrationContext, x):\n    return 1\n",
}


@pytest.mark.parametrize("case", NOT_ORCHESTRATORS)
def test_is_not_fooled(case: str) -> None:
    assert {orchestrator.name for orchestrator in analyzed({"flow.py": NOT_ORCHESTRATORS[case]}).orchestrators} == {
        "ORCH"
    }


ATTEMPTS = {
    "@df.orchestration_trigger(context_name='context')": "belongs to an app or blueprint",
    "@app.durable_orchestration_trigger(context_name='context')": "does not exist",
    "@worker.orchestrator": "does not exist",
}


@pytest.mark.parametrize("decorator", ATTEMPTS)
def test_tells_who_writes_what_cannot_run(decorator: str) -> None:
    source = (
        V2 + "from durabletask.worker import TaskHubGrpcWorker\napp = df.DFApp()\nworker = TaskHubGrpcWorker()\n\n\n"
    )
    findings = analyzed({"function_app.py": f"{source}{decorator}\ndef orch(context):\n{BODY}"}).findings
    assert any(ATTEMPTS[decorator] in finding.message for finding in findings), findings
