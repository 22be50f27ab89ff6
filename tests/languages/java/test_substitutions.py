"""Fixes of Java: what is written instead, and where nothing is."""

from __future__ import annotations

import pytest

from determinism_lint.fixes.edits import fix_file
from determinism_lint.languages.java.parse import parse
from tests.projects import analyzed


def fixed(body: str, *, unsafe: bool = False) -> str:
    """The body after its fixes."""
    source = f"""\
import com.microsoft.durabletask.*;
import java.time.*;
import java.util.*;

class Flow implements TaskOrchestration {{
    public void run(TaskOrchestrationContext flow) {{
        {body}
    }}
}}
"""
    findings = analyzed({"Flow.java": source}).findings
    assert findings
    result = fix_file(source.encode(), findings, unsafe=unsafe).content.decode()
    parse("Flow.java", result.encode())
    return "\n".join(result.split("\n")[6:-3]).strip()


CHANGED = {
    "Instant a = Instant.now();": "Instant a = flow.getCurrentInstant();",
    'String é = "😀"; Instant a = Instant.now();': 'String é = "😀"; Instant a = flow.getCurrentInstant();',
    "long a = System.currentTimeMillis();": "long a = flow.getCurrentInstant().toEpochMilli();",
    "Date a = new Date();": "Date a = java.util.Date.from(flow.getCurrentInstant());",
    "UUID a = UUID.randomUUID();": "UUID a = flow.newUUID();",
    "System.out.println(1);": "if (!flow.getIsReplaying()) System.out.println(1);",
}
UNCHANGED = (
    "Instant a = Instant.now(Clock.systemUTC());",
    "if (flow.getInput(Boolean.class)) System.out.println(1); else flow.complete(1);",
    "System.out.println(flow.getInput(String.class).trim());",
)


@pytest.mark.parametrize("body", CHANGED)
def test_safe_fixes(body: str) -> None:
    assert fixed(body) == CHANGED[body]


@pytest.mark.parametrize("body", UNCHANGED)
def test_refused(body: str) -> None:
    assert fixed(body, unsafe=True) == body


def test_waiting_is_unsafe() -> None:
    body = 'flow.callActivity("A");'
    assert fixed(body) == body
    assert fixed(body, unsafe=True) == 'flow.callActivity("A").await();'
