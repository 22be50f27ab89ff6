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
    assert fix_file(source.encode(), [finding]).content == source.encode(), "only when asked for"
    assert b"ctx.continueAsNew(1, true);" in fix_file(source.encode(), [finding], unsafe=True).content


def in_orchestrator(body: str, *lines: str) -> str:
    head = (
        'import { TaskHubGrpcWorker } from "@microsoft/durabletask-js";',
        "const worker = new TaskHubGrpcWorker({});",
    )
    indented = "".join(f"  {line}\n" for line in body.splitlines())
    return "\n".join((*head, *lines, "worker.addOrchestrator(async function* flow(ctx, x) {")) + f"\n{indented}}});\n"


def fixed_file(source: str, *, unsafe: bool = False) -> str:
    content = source.encode()
    findings = analyzed({"a.mjs": content}).findings
    return fix_file(content, findings, unsafe=unsafe).content.decode()


SAFE = {
    "a clock": ("const t = new Date();\nreturn t;", ("new Date()", "new Date(ctx.currentUtcDateTime)")),
    "an id": ("const t = crypto.randomUUID();\nreturn t;", ("crypto.randomUUID()", "ctx.newGuid()")),
    "a log line": (
        "console.log(`at ${x.n}`, x, (x.a.b) + 1, !x || x.n >= 2, JSON.stringify(x));",
        ("console.log(", "if (!ctx.isReplaying) console.log("),
    ),
    "a log line in a block": (
        "if (x) {\n  console.log(1);\n} else {\n  yield ctx.createTimer(1);\n}",
        ("console.log(", "if (!ctx.isReplaying) console.log("),
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_safe_fix(name: str) -> None:
    body, (before, after) = SAFE[name]
    source = in_orchestrator(body)
    assert fixed_file(source) == source.replace(before, after)


UNSAFE = {
    "a dropped task": ("ctx.callActivity('a');", "yield ctx.callActivity('a');"),
    "a dropped generator": ("h(ctx);", "yield* h(ctx);"),
    "lost events": (
        "yield ctx.waitForExternalEvent('e');\n  ctx.continueAsNew(x, false);",
        "yield ctx.waitForExternalEvent('e');\n  ctx.continueAsNew(x, true);",
    ),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_fix(name: str) -> None:
    before, after = UNSAFE[name]
    helper = "async function* h(ctx) {\n  yield ctx.callActivity('a');\n}"
    source = in_orchestrator(before.replace("\n  ", "\n"), helper)
    assert fixed_file(source) == source
    assert fixed_file(source, unsafe=True) == source[::-1].replace(before[::-1], after[::-1], 1)[::-1]


REFUSED_IN_FILE = {
    "a log line that waits": "console.log(yield ctx.callActivity('a'));",
    "a log line that takes from an array": "console.log(x.pop());",
    "a log line that counts": "console.log(x.n++);",
    "a log line that adds": "console.log(x.n += 2);",
    "a log line that sets": "console.log(x.n = 2);",
    "a log line that deletes": "console.log(delete x.n);",
    "a log line that assigns": "let n = 0;\nconsole.log(n = 2);\nreturn n;",
    "a log line that calls a function": "console.log(h());\nfunction h() {\n  x.pop();\n}",
    "a log line that calls one for nothing": "console.log(void x.pop());",
    "a log line that goes through an iterator": "console.log(...x);",
    "a log line before an else": "if (x)\n  console.log(1);\nelse\n  yield ctx.createTimer(1);",
    "a log line beside an else": "if (x) console.log(1); else yield ctx.createTimer(1);",
    "a log line whose error is caught": "try {\n  console.log(x.a.b);\n} catch {\n  return 1;\n}",
    "a date that is text": "return Date();",
}


@pytest.mark.parametrize("name", REFUSED_IN_FILE)
def test_a_refusal_is_told(name: str) -> None:
    source = in_orchestrator(REFUSED_IN_FILE[name])
    findings = analyzed({"a.mjs": source}).findings
    assert [finding for finding in findings if "not fixed: " in (finding.help or "")]
    assert fixed_file(source, unsafe=True) == source
