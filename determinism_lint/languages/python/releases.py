"""What the SDK has in the releases that a project may be using."""

from __future__ import annotations

from collections.abc import Sequence

from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.python.api import Members, held
from determinism_lint.languages.python.sdks import DAPR_WORKFLOW_PYTHON, DURABLE_FUNCTIONS_PYTHON


def records_of(runtime: Runtime) -> Sequence[Members]:
    """What the members of a runtime's context may be; nothing where that is not known."""
    if runtime.sdk is DAPR_WORKFLOW_PYTHON:
        packages = ("durabletask-dapr", "dapr-ext-workflow", "dapr")
        records = [record for package in packages for record in held(package) or ()]
        return [{name: each for record in records for name, each in record.items()}]
    package = "azure-functions-durable" if runtime.sdk is DURABLE_FUNCTIONS_PYTHON else "durabletask"
    if runtime.native:
        return held("durabletask") or ()
    return held(package, runtime.operator, runtime.release) or ()
