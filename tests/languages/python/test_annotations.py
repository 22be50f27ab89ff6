"""What annotations say of values, in every spelling."""

from __future__ import annotations

import pytest

from tests.projects import analyzed

MODULE = """\
import time
from typing import Annotated, Dict, List, Optional, Sequence, Union

from durabletask import task


class Clock:
    def read(self):
        return time.time()


def orchestrator(ctx: task.OrchestrationContext, _):
    return use()


def use(value: {annotation} = None):
    return {use}
"""

SEEN = {
    # annotation: how an instance is got from the value
    "Clock": "value.read()",
    "'Clock'": "value.read()",
    "Optional[Clock]": "value.read()",
    "'Optional[Clock]'": "value.read()",
    "Clock | None": "value.read()",
    "'Clock | None'": "value.read()",
    "Union[int, Clock]": "value.read()",
    "Annotated[Clock, 'x']": "value.read()",
    "list[Clock]": "value[0].read()",
    "'list[Clock]'": "[each.read() for each in value]",
    "List['Clock']": "[each.read() for each in value]",
    "Sequence[Clock]": "[each.read() for each in value]",
    "tuple[Clock, ...]": "value[0].read()",
    "dict[str, Clock]": "value['x'].read()",
    "Dict[str, List[Clock]]": "value['x'][0].read()",
    "'dict[str, list[Clock]]'": "value['x'][0].read()",
}


@pytest.mark.parametrize("annotation", SEEN)
def test_annotation_is_understood(annotation: str) -> None:
    source = MODULE.format(annotation=annotation, use=SEEN[annotation])
    assert [finding.rule for finding in analyzed({"a.py": source}).findings] == ["wall-clock"]


@pytest.mark.parametrize(
    "annotation", ["int", "'not an annotation'", "'a('", "''", "5", "unknown.Clock", "'f()'", "lambda: 1"]
)
def test_annotation_that_says_nothing(annotation: str) -> None:
    source = MODULE.format(annotation=annotation, use="value.read()")
    assert analyzed({"a.py": source}).findings == ()


CONTEXTS = {
    # annotation of the first parameter, with its import: the SDK
    ("from durabletask import task", "task.OrchestrationContext"): "durable-task-python",
    ("from durabletask.task import OrchestrationContext as Context", "Context"): "durable-task-python",
    ("import durabletask.task", "durabletask.task.OrchestrationContext"): "durable-task-python",
    ("from durabletask import task", "'task.OrchestrationContext'"): "durable-task-python",
    ("import azure.durable_functions as df", "df.DurableOrchestrationContext"): "durable-functions-python@2-native",
    ("import dapr.ext.workflow as wf", "wf.DaprWorkflowContext"): "dapr-workflow-python",
    ("from dapr.ext.workflow import DaprWorkflowContext", "DaprWorkflowContext"): "dapr-workflow-python",
    ("", "OrchestrationContext"): "durable-task-python",
    ("", "DaprWorkflowContext"): "dapr-workflow-python",
    ("", "task.OrchestrationContext"): "durable-task-python",
}


@pytest.mark.parametrize(("imports", "annotation"), CONTEXTS)
def test_context(imports: str, annotation: str) -> None:
    source = f"{imports}\n\ndef flow(ctx: {annotation}, x):\n    yield ctx.call_activity('a')\n"
    runtimes = [orchestrator.runtime for orchestrator in analyzed({"a.py": source}).orchestrators]
    assert runtimes == [CONTEXTS[imports, annotation]]


@pytest.mark.parametrize(
    "annotation", ["task.ActivityContext", "other.OrchestrationContext", "EntityContext", "azure.functions.Context"]
)
def test_other_contexts_are_none(annotation: str) -> None:
    source = f"from durabletask import task\nimport other\n\ndef f(ctx: {annotation}, x):\n    return 1\n"
    assert analyzed({"a.py": source}).orchestrators == ()
