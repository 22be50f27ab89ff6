"""Fails loudly when an SDK's version is not one that the hosts were tested with, or its private API has moved."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.environments import sdk_python

ROOT = Path(__file__).resolve().parent.parent.parent
PROBE = """
import json, sys
from importlib import import_module
sdk = import_module("determinism_lint.replay.hosts." + sys.argv[1])
names = {
    f"{owner}.{name}": hasattr(value, name) for owner, (value, names) in sdk.PRIVATE_API.items() for name in names
}
print(json.dumps([sdk.version(), sdk.TESTED_VERSIONS, names]))
"""


@pytest.mark.parametrize(
    ("sdk", "module"),
    [
        ("durable-task-python", "durabletask_sdk"),
        ("durable-functions-python", "functions_v1_sdk"),
        ("durable-functions-python@2", "functions_v2_sdk"),
        ("durable-functions-python@2", "durabletask_sdk"),
    ],
)
def test_sdk_is_the_one_that_the_host_knows(sdk, module):
    command = [str(sdk_python(sdk)), "-c", PROBE, module]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    version, tested, names = json.loads(printed)
    assert version in tested, f"{module} was tested with {tested}: run tests/replay with {version}, then add it there"
    assert all(names.values()), [name for name, exists in names.items() if not exists]
