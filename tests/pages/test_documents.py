"""The documents that pages print (JSON, YAML, XML, TOML, Bicep) parse strictly and are what they claim to be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from determinism_lint.rules.compiler import StrictLoader
from tests.pages.printed import Printed, printed, select


def cases(fences: Iterable[Printed]) -> list[Any]:
    return [pytest.param(fence, id=str(fence)) for fence in fences]


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys occur once."""
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), f"a key occurs twice: {keys}"
    return dict(pairs)


@pytest.mark.parametrize("fence", cases(select(language="json")))
def test_json(fence: Printed) -> None:
    json.loads(fence.text, object_pairs_hook=once)


@pytest.mark.parametrize("fence", cases(select(language="xml")))
def test_xml(fence: Printed) -> None:
    whole = fence.text if fence.kind == "program" or "<project" in fence.text.lower() else f"<all>{fence.text}</all>"
    ElementTree.fromstring(whole)


# What the extension reads of host.json: DurableTaskOptions and its parts, azure-functions-durable-extension 3.x.
DURABLE_TASK = {
    *("hubName", "storageProvider", "tracing", "notifications", "maxConcurrentActivityFunctions"),
    *("maxConcurrentOrchestratorFunctions", "maxConcurrentEntityFunctions", "localRpcEndpointEnabled"),
    *("extendedSessionsEnabled", "extendedSessionIdleTimeoutInSeconds", "useAppLease", "useGracefulShutdown"),
    *("maxEntityOperationBatchSize", "storeInputsInOrchestrationHistory", "defaultVersion", "versionMatchStrategy"),
    *("versionFailureStrategy", "overridableExistingInstanceStates", "maxOrchestrationActions"),
    *("rollbackEntityOperationsOnExceptions", "entityMessageReorderWindowInMinutes", "maxGrpcMessageSizeInBytes"),
    *("grpcHttpClientTimeout", "httpSettings", "customLifeCycleNotificationHelperType"),
}


@pytest.mark.parametrize("fence", cases(it for it in select(language="json") if '"durableTask"' in it.text))
def test_host_json_has_keys_that_the_extension_reads(fence: Printed) -> None:
    document = json.loads(fence.text)
    section = document.get("extensions", document).get("durableTask", {})
    assert set(section) <= DURABLE_TASK
    assert not fence.file or (fence.file == "host.json" and document["version"] == "2.0")


@pytest.mark.parametrize("fence", cases(it for it in select(language="json") if it.file == "local.settings.json"))
def test_local_settings_hold_text(fence: Printed) -> None:
    values = json.loads(fence.text)["Values"]
    assert {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"} <= set(values)
    assert all(isinstance(value, str) for value in values.values())


SCHEMAS = {"compose": "vendor.compose-spec", ".github/workflows/": "vendor.github-workflows"}
"""How a file's name begins -> the published schema that comes with check-jsonschema."""


@pytest.mark.parametrize("fence", cases(select(language="yaml")))
def test_yaml(fence: Printed, tmp_path: Path) -> None:
    documents = [it for it in yaml.load_all(fence.text, yaml.BaseLoader) if it is not None]
    assert documents
    if not fence.file.startswith(".github/"):  # whose key `on` means true in YAML 1.1
        list(yaml.load_all(fence.text, StrictLoader))
    for start, schema in SCHEMAS.items():
        if fence.file.startswith(start):
            path = tmp_path / "document.yml"
            path.write_text(fence.text, encoding="utf-8")
            command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
            done = subprocess.run(command, text=True, capture_output=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    if any("apiVersion" in it for it in documents):
        _assert_kubernetes(documents)


def _assert_kubernetes(documents: list[dict[str, Any]]) -> None:
    """What the server accepts in silence: labels that select nothing, accounts that do not exist."""
    accounts = {it["metadata"]["name"] for it in documents if it["kind"] == "ServiceAccount"}
    for it in documents:
        assert {"apiVersion", "kind", "metadata"} <= set(it)
        if it["kind"] == "Deployment":
            pod = it["spec"]["template"]
            assert it["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
            assert pod["spec"].get("serviceAccountName", "default") in {*accounts, "default"}
            assert all({"name", "image"} <= set(container) for container in pod["spec"]["containers"])


@pytest.mark.parametrize("fence", cases(select(language="bicep")))
def test_bicep(fence: Printed) -> None:
    """Brackets match, and each name in a value is declared where the fence is a whole file."""
    code = re.sub(r"'(?:[^'$]|\$(?!\{)|\$\{(\w+)\})*'", lambda found: found[1] or "", fence.text)
    for opening, closing in ("{}", "[]", "()"):
        assert code.count(opening) == code.count(closing)
    for kind in re.findall(r"^resource \w+ '([^']*)'", fence.text, re.MULTILINE):
        assert re.fullmatch(r"Microsoft\.[A-Za-z]+/[A-Za-z/]+@\d{4}-\d{2}-\d{2}(-preview)?", kind), kind
    if fence.kind == "program":
        declared = set(re.findall(r"^(?:param|var|resource|module) (\w+)", fence.text, re.MULTILINE))
        used = set(re.findall(r"^\s*\w+: ([a-z]\w*)$", code, re.MULTILINE)) - {"true", "false", "null"}
        assert used <= declared


def test_every_document_has_a_language_that_is_checked() -> None:
    checked = {"json", "xml", "yaml", "bicep"}
    elsewhere = {"bash", "csharp", "java", "javascript", "typescript", "python", "groovy", "kotlin"}
    read = {"dockerfile", "ini", "kusto", "mermaid", "powershell", "properties", "text", "toml"}
    assert {fence.language for fence in printed()} <= checked | elsewhere | read
