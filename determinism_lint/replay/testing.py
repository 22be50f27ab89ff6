"""For test suites: `assert_replay_safe(process_order, input={"id": 1}, activities={"charge": "paid"})`.

The first test of a suite starts interpreters and imports the SDK; from then on a test forks them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from determinism_lint.replay.load import code_of
from determinism_lint.replay.model import WORDS, Event, Json, Outcome, RunResult, Verdict
from determinism_lint.replay.oracle import MISSING, judge

__all__ = ["Event", "assert_replay_safe"]


def assert_replay_safe(
    orchestrator: object,
    *,
    input: Json = MISSING,
    activities: Mapping[str, Json] | None = None,
    events: Sequence[Event] = (),
    entities: Mapping[str, Json] | None = None,
    timeout: float = 60,
) -> RunResult:
    """Runs an orchestrator in virtual time, replays it under other clocks, seeds and environments, and compares.

    `orchestrator` is the function, or what the decorator of a Functions app made of it. `activities` are results by
    name; values of their annotated types stand in for the others, none is run. `entities` are states by "name@key".
    Without `input` a stand-in takes its place; without `events` every event that is waited for arrives in one run and
    none in another. Returns the first run, with its output. Raises AssertionError where a replay decides something
    else, where the orchestrator has effects, hangs, fails, or takes more than `timeout` seconds, and TypeError where
    `orchestrator` is no function.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    code = code_of(_function(orchestrator))
    if code is None:
        raise TypeError(f"{orchestrator!r} is no orchestrator function")
    verdict = judge(
        code.co_filename,
        code.co_name,
        input=input,
        events=events,
        entities=entities,
        results=activities,
        stand_ins=True,
        python=sys.executable,
        timeout=timeout,
    )
    if verdict.outcome is not Outcome.DETERMINISTIC:
        raise AssertionError("\n".join(_told(verdict, f"{_shown(code.co_filename)}:{code.co_firstlineno}")))
    return verdict.scenarios[0].result


def _function(orchestrator: Any) -> Any:
    """What the decorators of azure-functions-durable hold."""
    if hasattr(orchestrator, "build"):
        orchestrator = orchestrator.build().get_user_function()
    return getattr(orchestrator, "orchestrator_function", orchestrator)


def _told(verdict: Verdict, place: str) -> Iterator[str]:
    """What went wrong, where the two runs part, and the lines that caused it."""
    yield f"{place}: {verdict.orchestrator} is not safe to replay: {WORDS[verdict.outcome]}"
    if verdict.differences:
        first = verdict.differences[0]
        yield f"  first it asked for {first.before}"
        yield f"  replayed, it asked for {first.after}"
        yield f"  {first.circumstances}; {first.scenario}, execution {first.episode}"
    elif verdict.outcome is not Outcome.IMPURE:
        yield f"  {verdict.reason}"
    effects = {(effect.path, effect.line, effect.kind): effect for effect in verdict.effects}  # one call, several names
    for effect in effects.values():
        yield f"  {_shown(effect.path)}:{effect.line}: replay runs {effect.call} again ({effect.kind})"


def _shown(path: str) -> str:
    relative = os.path.relpath(path) if os.path.splitdrive(path)[0] == os.path.splitdrive(os.getcwd())[0] else path
    return path if relative.startswith(os.pardir) else relative
