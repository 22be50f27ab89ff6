"""A fix writes only what the release of the SDK that the project requires has."""

from __future__ import annotations

import pytest

from tests.projects import analyzed

JAVA = """\
import com.microsoft.durabletask.*;
import java.util.UUID;

class Flow implements TaskOrchestration {
    public void run(TaskOrchestrationContext ctx) {
        UUID id = UUID.randomUUID();
    }
}
"""
DAPR = """\
import io.dapr.workflows.Workflow;
import io.dapr.workflows.WorkflowStub;
import java.util.UUID;

class Flow implements Workflow {
    public WorkflowStub create() {
        return ctx -> { UUID id = UUID.randomUUID(); };
    }
}
"""
FUNCTIONS = """\
const df = require("durable-functions");
const crypto = require("crypto");

df.app.orchestration("flow", function* (context) {
  return crypto.randomUUID();
});
"""
TASK = """\
import { OrchestrationContext, TaskHubGrpcWorker } from "@microsoft/durabletask-js";
import { randomUUID } from "crypto";

const flow = async function* (ctx: OrchestrationContext): any {
  return randomUUID();
};
new TaskHubGrpcWorker().addOrchestrator(flow);
"""
POM = "<dependency><artifactId>{}</artifactId>\n  <version>{}</version></dependency>"
OWN = "<properties><durable.version>1.4.0</durable.version></properties>" + POM.format(
    "durabletask-client", "${durable.version}"
)
NPM = '{{"dependencies": {{"{}": "{}"}}}}'

PROJECTS = {
    # The code, the manifest and what it says -> the release that is needed, or "" where the fix is offered.
    (JAVA, "pom.xml", POM.format("durabletask-client", "1.1.0")): "1.5.0",
    (JAVA, "pom.xml", POM.format("durabletask-client", "1.5.0")): "",
    (JAVA, "pom.xml", POM.format("durabletask-client", "${from.the.parent}")): "",
    (JAVA, "pom.xml", POM.format("another", "1.1.0")): "",
    (JAVA, "pom.xml", OWN): "1.5.0",
    (JAVA, "build.gradle", "implementation 'com.microsoft:durabletask-client:1.4.0'"): "1.5.0",
    (JAVA, "build.gradle.kts", 'implementation("com.microsoft:durabletask-client:1.9.0")'): "",
    (JAVA, "build.gradle", 'def v = "1.0.0"\nimplementation "com.microsoft:durabletask-client:$v"'): "1.5.0",
    (JAVA, "build.gradle", "implementation 'com.microsoft:durabletask-client:1.+'"): "",
    (DAPR, "pom.xml", POM.format("dapr-sdk-workflows", "0.10.0")): "0.11.0",
    (DAPR, "pom.xml", POM.format("dapr-sdk-workflows", "1.16.0")): "",
    (FUNCTIONS, "package.json", NPM.format("durable-functions", "1.1.5")): "1.2.0",
    (FUNCTIONS, "package.json", NPM.format("durable-functions", "~1.1.5")): "1.2.0",
    (FUNCTIONS, "package.json", NPM.format("durable-functions", "^1.1.5")): "",
    (FUNCTIONS, "package.json", NPM.format("durable-functions", "3.1.0")): "",
    (FUNCTIONS, "package.json", NPM.format("durable-functions", "latest")): "",
    (FUNCTIONS, "package.json", "not JSON"): "",
    (TASK, "package.json", NPM.format("@microsoft/durabletask-js", "0.1.0-alpha.2")): "0.1.0-beta.1",
    (TASK, "package.json", NPM.format("@microsoft/durabletask-js", "^0.1.0-alpha.2")): "",
    (TASK, "package.json", NPM.format("@microsoft/durabletask-js", "0.1.0")): "",
}
NAMES = {
    JAVA: "src/main/java/Flow.java",
    DAPR: "src/main/java/Flow.java",
    FUNCTIONS: "src/flow.js",
    TASK: "src/flow.ts",
}


@pytest.mark.parametrize(("code", "manifest", "text"), PROJECTS)
def test_a_fix_writes_only_what_the_required_release_has(code: str, manifest: str, text: str) -> None:
    needed = PROJECTS[code, manifest, text]
    findings = analyzed({NAMES[code]: code, manifest: text}).findings
    (finding,) = [finding for finding in findings if finding.rule == "random-id"]
    assert (finding.fix is None) is bool(needed)
    assert not needed or f"needs release {needed} of the SDK" in (finding.help or "")


def test_the_nearest_manifest_that_names_the_sdk_decides() -> None:
    older, newer = (POM.format("durabletask-client", version) for version in ("1.4.0", "1.6.0"))
    files = {"app/src/Flow.java": JAVA, "pom.xml": older}
    for nearer, is_fixed in (("", False), ("<project/>", False), (newer, True)):
        (finding,) = analyzed({**files, "app/pom.xml": nearer}).findings
        assert (finding.fix is not None) is is_fixed
