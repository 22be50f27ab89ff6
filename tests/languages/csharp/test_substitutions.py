"""Fixes of C#: what is written instead, and where nothing is."""

from __future__ import annotations

import pytest

from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages.csharp.parse import parse
from tests.projects import analyzed

ISOLATED = """\
using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.DurableTask;

class Flow : TaskOrchestrator<int, int>
{{
    public override async Task<int> RunAsync(TaskOrchestrationContext flow, int input)
    {{
        {body}
    }}
}}
"""
IN_PROCESS = """\
using System;
using System.Threading.Tasks;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;

static class Flow
{{
    [FunctionName("Flow")] public static async Task Run([OrchestrationTrigger] IDurableOrchestrationContext flow)
    {{

        {body}
    }}
}}
"""


def fixed(body: str, template: str = ISOLATED, *, unsafe: bool = False) -> str:
    """The body after its fixes."""
    source = template.format(body=body)
    findings = analyzed({"Flow.cs": source}).findings
    assert findings
    result = fix_file(source.encode(), findings, unsafe=unsafe).content.decode()
    parse("Flow.cs", result.encode())
    return "\n".join(result.split("\n")[9:-3]).strip()


CHANGED = {
    "var a = DateTime.UtcNow;": "var a = flow.CurrentUtcDateTime;",
    'var é = "😀"; var a = DateTime.Now;': 'var é = "😀"; var a = flow.CurrentUtcDateTime;',
    "var a = System.DateTime.Today.AddDays(1);": "var a = flow.CurrentUtcDateTime.Date.AddDays(1);",
    "var a = DateTimeOffset.UtcNow;": "var a = new DateTimeOffset(flow.CurrentUtcDateTime);",
    "var a = System.DateTimeOffset.Now.Year;": "var a = new System.DateTimeOffset(flow.CurrentUtcDateTime).Year;",
    "var a = TimeProvider.System.GetUtcNow();": "var a = new DateTimeOffset(flow.CurrentUtcDateTime);",
    "var a = Guid.NewGuid();": "var a = flow.NewGuid();",
    "Console.WriteLine(1);": "if (!flow.IsReplaying) Console.WriteLine(1);",
}
UNCHANGED = (
    "var a = TimeProvider.System.GetTimestamp();",
    "if (input > 1) Console.WriteLine(1); else return 1;",
    "Console.WriteLine(flow.GetInput<string>().Trim());",
)
UNSAFE = {
    'flow.CallActivityAsync("A");': 'await flow.CallActivityAsync("A");',
    "await Task.Delay(1000);": "await flow.CreateTimer(TimeSpan.FromMilliseconds(1000), CancellationToken.None);",
    "Thread.Sleep(TimeSpan.FromHours(1));": "await flow.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);",
}


@pytest.mark.parametrize("body", CHANGED)
def test_safe_fixes(body: str) -> None:
    assert fixed(body) == CHANGED[body]


@pytest.mark.parametrize("body", UNCHANGED)
def test_refused(body: str) -> None:
    assert fixed(body, unsafe=True) == body


@pytest.mark.parametrize("body", UNSAFE)
def test_what_changes_the_history_is_unsafe(body: str) -> None:
    assert fixed(body) == body
    assert fixed(body, unsafe=True) == UNSAFE[body]


def test_names_of_the_context_in_the_process_of_the_host() -> None:
    body = "var a = (DateTime.UtcNow, Guid.NewGuid());"
    assert fixed(body, IN_PROCESS) == "var a = (flow.CurrentUtcDateTime, flow.NewGuid());"
