"""The release of an SDK that a build file requires."""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import dirname

from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.java.sdks import DAPR_WORKFLOW_JAVA, DURABLE_FUNCTIONS_JAVA
from determinism_lint.languages.releases import nearest
from determinism_lint.languages.releases import runtime_of as with_release

MANIFESTS = ("pom.xml", "build.gradle", "build.gradle.kts")
_VARIABLE = re.compile(r"\$\{?([\w.-]+)\}?")


def runtime_of(declared: Declared, read: Callable[[str], bytes]) -> Runtime:
    """What runs a declaration, with the release that the nearest build file that names the SDK requires."""
    sdk = declared.sdk
    artifacts = (
        "dapr-sdk-workflows" if sdk is DAPR_WORKFLOW_JAVA
        else "durabletask-azure-functions|durabletask-client" if sdk is DURABLE_FUNCTIONS_JAVA
        else "durabletask-client|durabletask-azuremanaged"
    )  # fmt: skip
    required = re.compile(
        rf"<artifactId>\s*(?:{artifacts})\s*</artifactId>\s*<version>\s*([^<\s]+)"  # Maven
        rf"|[\w.]:(?:{artifacts}):([^\"'@\s]+)"  # Gradle
    )
    for text in nearest(dirname(declared.module.path), MANIFESTS, read):
        match = required.search(text)
        if match is not None:
            return with_release(sdk, _resolved(match[1] or match[2], text))
    return Runtime(sdk)


def _resolved(written: str, text: str) -> str | None:
    """A version, where it is a property or a variable what the same file sets it to."""
    variable = _VARIABLE.fullmatch(written)
    if variable is None:
        return written
    name = re.escape(variable[1])
    value = re.search(rf"<{name}>\s*([^<\s]+)|\b{name}\s*=\s*[\"']([^\"']+)", text)
    return None if value is None else value[1] or value[2]
