"""Every form in which public code declares orchestrators is found, and nothing else is taken for one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.projects import analyzed

SECTION = re.compile(r"^## (.+?)\n(.+?)^Found: (.+?)$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOUND = re.compile(r"`(\w+)` \((\S+)\)")
FORMS = SECTION.findall((Path(__file__).parent / "discovery.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("body", "expected"), [pytest.param(*form[1:], id=form[0]) for form in FORMS])
def test_form(body: str, expected: str) -> None:
    files = dict(FENCE.findall(body))
    assert files, "the section has no file"
    found = {(orchestrator.name, orchestrator.runtime) for orchestrator in analyzed(files).orchestrators}
    assert found == set(FOUND.findall(expected))


ATTEMPTS = {
    "@df.orchestration_trigger(context_name='context')": "belongs to an app or blueprint",
    "@app.durable_orchestration_trigger(context_name='context')": "does not exist",
    "@worker.orchestrator": "does not exist",
}


@pytest.mark.parametrize("decorator", ATTEMPTS)
def test_tells_who_writes_what_cannot_run(decorator: str) -> None:
    source = f"""\
import azure.durable_functions as df
from durabletask.worker import TaskHubGrpcWorker

app = df.DFApp()
worker = TaskHubGrpcWorker()


{decorator}
def orch(context):
    yield context.call_activity('a')
"""
    findings = analyzed({"function_app.py": source}).findings
    assert any(ATTEMPTS[decorator] in finding.message for finding in findings), findings
