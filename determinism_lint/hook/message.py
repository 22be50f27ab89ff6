"""What the model reads, and the form in which its agent passes it on."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from determinism_lint.output.concise import line
from determinism_lint.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from determinism_lint.hook.event import Event
    from determinism_lint.hook.judge import Verdict
    from determinism_lint.model import Finding

MOST_FINDINGS = 20
MOST_CHARACTERS = 4000
_LONGEST_LINE = 600


def after_edit(event: Event, verdict: Verdict) -> str:
    """The answer to an edit. Each agent shows its model exactly one form, and takes the others amiss."""
    head = f"determinism-lint found {_counts(verdict.findings)} that this edit made."
    text = _text(head, verdict.findings, "Fix the errors before you go on.")
    if event.is_copilot:
        return json.dumps({"additionalContext": text})
    return json.dumps({"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": text}})


def at_end(event: Event, verdict: Verdict) -> str:
    """The answer that keeps an agent from ending its turn."""
    head = f"Before you finish: determinism-lint still finds {_counts(verdict.blocking)} in what was changed."
    text = _text(head, verdict.blocking, "Fix them, or say which of them you leave and why.")
    answer: dict[str, object] = {"decision": "block", "reason": text}
    if event.is_vscode:
        answer["hookSpecificOutput"] = {"hookEventName": "Stop", **answer}
    return json.dumps(answer)


def _counts(findings: Sequence[Finding]) -> str:
    numbers = [(severity, sum(each.severity == severity for each in findings)) for severity in ("error", "warning")]
    parts = [counted(number, f"replay-safety {severity}") for severity, number in numbers if number]
    return " and ".join(parts) or counted(len(findings), "replay-safety finding")


def _text(head: str, findings: Sequence[Finding], demand: str) -> str:
    program = os.environ.get("DETERMINISM_LINT_COMMAND") or "determinism-lint"
    rules = list(dict.fromkeys(finding.rule for finding in findings))
    paths = list(dict.fromkeys(finding.path for finding in findings))
    tail = [f"{demand} `{program} explain {rules[0]}` shows why and what to write" + (
        "; so it does for the other rules." if len(rules) > 1 else "."
    )]  # fmt: skip
    if any(finding.fix and finding.fix.safety == "safe" for finding in findings):
        tail.append(f"`{program} check --fix {_shell(paths[0])}` applies the safe fixes.")
    tail.append("Do not add ignore comments unless the user agrees.")
    left = MOST_CHARACTERS - len(head) - sum(len(part) + 1 for part in tail) - 100
    lines = []
    for finding in findings[:MOST_FINDINGS]:
        shown = line(finding, color=False)
        if len(shown) > _LONGEST_LINE:
            shown = shown[: _LONGEST_LINE - 1] + "…"
        if len(shown) + 1 > left:
            break
        lines.append(shown)
        left -= len(shown) + 1
    if len(lines) < len(findings):
        lines.append(f"… and {len(findings) - len(lines)} more: `{program} check --output-format concise` lists all.")
    return "\n".join([head, *lines, " ".join(tail)])


def _shell(path: str) -> str:
    from shlex import quote

    return quote(path if path.isprintable() and len(path) < 200 else ".")
