"""The generation of azure-functions-durable: from the arity of the orchestrator and from the project's manifest."""

from __future__ import annotations

import pytest

from tests.projects import analyzed

COMPATIBLE = """\
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    yield context.call_activity("a")
"""
NATIVE = COMPATIBLE.replace("(context: df.DurableOrchestrationContext)", "(context, order)")

PINS = {
    # file, content: generation
    ("requirements.txt", "azure-functions-durable==1.7.0\n"): "@1",
    ("requirements.txt", "azure_functions_durable >= 2.0.0rc3\n"): "@2",
    ("requirements.txt", "azure-functions-durable[x]~=1.2\n"): "@1",
    ("requirements.txt", "azure-functions-durable\n"): "",
    ("requirements.txt", "azure-functions\n"): "",
    ("pyproject.toml", '[project]\ndependencies = ["azure-functions-durable>=2"]\n'): "@2",
}


@pytest.mark.parametrize(("name", "content"), PINS)
@pytest.mark.parametrize("folder", ["", "app/", "app/blueprints/"])
def test_pin(name: str, content: str, folder: str) -> None:
    result = analyzed({f"{folder}function_app.py": COMPATIBLE, name: content})
    assert [orchestrator.runtime for orchestrator in result.orchestrators] == [
        "durable-functions-python" + PINS[name, content]
    ]


def test_a_manifest_far_above_is_another_project() -> None:
    files = {"a/b/c/d/function_app.py": COMPATIBLE, "requirements.txt": "azure-functions-durable==1.7.0\n"}
    assert [orchestrator.runtime for orchestrator in analyzed(files).orchestrators] == ["durable-functions-python"]


def test_two_parameters_mean_the_native_context() -> None:
    files = {"function_app.py": NATIVE, "requirements.txt": "azure-functions-durable==1.7.0\n"}
    assert [orchestrator.runtime for orchestrator in analyzed(files).orchestrators] == [
        "durable-functions-python@2-native"
    ]


DIFFERENT = """\
from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    options = df.RetryOptions(timedelta(seconds=5), 3)
    yield context.create_timer(timedelta(seconds=5))
    yield context.call_activity_with_retry("a", options)
    results = yield context.task_all([context.call_activity("a", item) for item in context.get_input()])
    return results
"""


@pytest.mark.parametrize("generation", [1, 2])
def test_what_is_wrong_depends_on_the_generation(generation: int) -> None:
    pin = f"azure-functions-durable=={generation}.0.0\n"
    findings = analyzed({"function_app.py": DIFFERENT, "requirements.txt": pin}).findings
    lines = {(finding.rule, finding.span.line) for finding in findings}
    empty = next(finding.message for finding in findings if finding.rule == "empty-fan-out")
    if generation == 1:
        assert lines == {("sdk-signature", 10), ("sdk-signature", 11), ("empty-fan-out", 13)}
        assert "the result is None" in empty
    else:
        assert lines == {("empty-fan-out", 13)}
        assert "waits for ever" in empty
