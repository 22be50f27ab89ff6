"""For test suites: `assert_replay_safe(process_order, input={"id": 1}, activities={"charge": "paid"})`, and
`replay_history("histories/order-7.json", orchestrator=process_order)`.

The first test of a suite starts interpreters and imports the SDK; from then on a test forks them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from determinism_lint.replay.load import code_of
from determinism_lint.replay.model import WORDS, Event, Json, Outcome, RunResult, Verdict
from determinism_lint.replay.oracle import MISSING, judge
from determinism_lint.replay.recorded.hold import hold
from determinism_lint.replay.recorded.verdict import Outcome as Replayed
from determinism_lint.replay.recorded.verdict import Verdict as HistoryVerdict
from determinism_lint.replay.recorded.verdict import parted

__all__ = ["Event", "HistoryVerdict", "assert_replay_safe", "replay_history"]


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
    code = _code(orchestrator)
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


def replay_history(
    path: str | os.PathLike[str], *, orchestrator: object, timeout: float = 60
) -> tuple[HistoryVerdict, ...]:
    """Replays a recorded history with today's code, or each history of that orchestrator in a folder.

    The files are what `determinism-lint record` writes, or any other that `determinism-lint replay --history` reads.
    `orchestrator` is the function, or what the decorator of a Functions app made of it; a single file may hold a
    history under another name that it had. Nothing is run but the orchestrator. Returns the verdicts, of which `note`
    tells where the instance stands. Raises AssertionError where the code asks for something else than the history
    holds, where a file cannot be read or lacks what the verdict would rest on, and where a folder holds no history of
    that orchestrator; TypeError where `orchestrator` is no function.
    """
    __tracebackhide__ = True
    code = _code(orchestrator)
    options: dict[str, Any] = {"python": sys.executable, "timeout": timeout}
    verdicts = tuple(hold(code.co_filename, (), code.co_name, [os.fspath(path)], **options))
    if not verdicts:
        raise AssertionError(f"{os.fspath(path)} holds no history of {code.co_name}")
    wrong = [verdict for verdict in verdicts if verdict.outcome is not Replayed.REPLAYS]
    if wrong:
        raise AssertionError("\n".join(line for verdict in wrong for line in _parted(verdict)))
    return verdicts


def _code(orchestrator: object) -> CodeType:
    code = code_of(_function(orchestrator))
    if code is None:
        raise TypeError(f"{orchestrator!r} is no orchestrator function")
    return code


def _parted(verdict: HistoryVerdict) -> Iterator[str]:
    """What went wrong with a history, and the line that did it."""
    yield f"{_shown(verdict.path)}: {verdict.orchestrator or 'it'} {verdict.outcome.value}"
    yield f"  {parted(verdict) if verdict.event else verdict.today}"
    if verdict.place is not None:
        yield f"  at {_shown(verdict.place.path)}:{verdict.place.line}"
    if verdict.note:
        yield f"  {verdict.note}"


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
