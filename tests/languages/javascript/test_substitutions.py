"""Fixes of JavaScript: what is written instead, and where nothing is."""

from __future__ import annotations

import pytest

from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages.javascript.parse import parse
from tests.projects import ROOT, analyzed


def program(body: str) -> str:
    return f"""\
const df = require("durable-functions");

df.app.orchestration("o", function* (context) {{
  {body}
  yield context.df.callActivity("a");
}});
"""


def fixed(body: str, *, unsafe: bool = False) -> str:
    """The body after its fixes, or why there is none."""
    source = program(body)
    findings = analyzed({"a.js": source}).findings
    assert findings
    result = fix_file(source.encode(), findings, unsafe=unsafe).content.decode()
    parse(ROOT + "a.js", result.encode())
    lines = result.split("\n")
    return "\n".join(lines[3:-3]).strip()


CHANGED = {
    "const a = Date.now();": "const a = context.df.currentUtcDateTime.getTime();",
    "const é = '😀', a = Date.now();": "const é = '😀', a = context.df.currentUtcDateTime.getTime();",
    "const a = new Date();": "const a = new Date(context.df.currentUtcDateTime);",
    "const a = crypto.randomUUID();": "const a = context.df.newGuid(context.df.instanceId);",
    "console.log(1);": "if (!context.df.isReplaying) console.log(1);",
    "if (a) { console.log(1) } else b();": "if (a) { if (!context.df.isReplaying) console.log(1) } else b();",
}


@pytest.mark.parametrize("body", CHANGED)
def test_what_is_written_instead(body: str) -> None:
    assert fixed(body) == CHANGED[body]


REFUSED = (
    "const a = Date();",
    "if (a) console.log(1); else b();",
    "const a = b && console.log(1);",
)


@pytest.mark.parametrize("body", REFUSED)
def test_where_nothing_is_written(body: str) -> None:
    assert fixed(body, unsafe=True) == body
    (finding,) = analyzed({"a.js": program(body)}).findings
    assert "not fixed: " in (finding.help or "")


def test_a_wait_is_added_only_when_asked_for() -> None:
    body = "context.df.callActivity('b');"
    assert fixed(body) == body
    assert fixed(body, unsafe=True) == f"yield {body}"


def test_events_are_kept() -> None:
    source = """\
import { TaskHubGrpcWorker } from "@microsoft/durabletask-js";
new TaskHubGrpcWorker().addOrchestrator(async function* o(ctx) {
  yield ctx.waitForExternalEvent("e");
  ctx.continueAsNew(1, false);
});
"""
    (finding,) = analyzed({"a.mjs": source}).findings
    assert b"ctx.continueAsNew(1, true);" in fix_file(source.encode(), [finding]).content
