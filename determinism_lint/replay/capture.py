"""Runs an orchestrator under several assumptions about the world and keeps everything that it decides."""

from __future__ import annotations

import dataclasses

from determinism_lint.replay.hosts.base import Host
from determinism_lint.replay.jobs import Job
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import Capture, Coverage, Event, RunRequest, RunResult, Scenario
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.programs import Program
from determinism_lint.replay.stand_in import StandIn

GIVEN = "as given"
WITH_EVENTS = "every awaited event arrives"
NO_EVENTS = "no event arrives"
FAILING = "the first activity fails"

_ROUNDS = 3  # of finding out which events a program waits for next


def run_once(job: Job, program: Program) -> RunResult:
    """Runs the job's orchestrator as the job says."""
    host = program.host()
    return host.run(_request(job, host))


def capture(job: Job, program: Program, observer: Observer) -> Capture:
    """Runs the job's orchestrator as the job says, with other luck with events, and with a failing activity."""
    host = program.host()
    request = _request(job, host)
    given = host.run(request)
    scenarios = [Scenario(GIVEN, given)]
    if request.events:
        silent = dataclasses.replace(request, events=())
        scenarios.append(Scenario(NO_EVENTS, program.host().run(silent)))
    elif awaited := _awaited(given):
        scenarios.append(Scenario(WITH_EVENTS, _run_with_events(program, request, awaited)))
    if given.calls:
        failing = dataclasses.replace(request, fail_first=True)
        scenarios.append(Scenario(FAILING, program.host().run(failing)))
    code = host.code(request.orchestrator)
    return Capture(
        request.orchestrator,
        program.sdk,
        tuple(scenarios),
        observer.effects,
        observer.coverage(code) if code is not None else Coverage(job.path, (), ()),
        tuple(observer.environment),
        job.has_input,
        observer.refusals,
    )


def _request(job: Job, host: Host) -> RunRequest:
    return RunRequest(
        choose(job, host),
        job.input if job.has_input else StandIn("input").to_json(),
        job.events,
        job.entities,
        job.failures,
        results=job.results,
        stand_ins=job.stand_ins,
        instance_id=job.instance_id,
        version=job.version,
        max_episodes=job.max_episodes,
    )


def choose(job: Job, host: Host) -> str:
    """The name under which the orchestrator is registered. Raises ProgramError where it is not or is ambiguous."""
    known = host.orchestrators()
    if not known:
        raise ProgramError(f"{job.path} holds no orchestrator")
    if job.orchestrator is None:
        if len(known) > 1:
            raise ProgramError(f"{job.path} holds several orchestrators, name one: {', '.join(known)}")
        return known[0]
    if job.orchestrator in known:
        return job.orchestrator
    for name in known:
        code = host.code(name)
        if code is not None and code.co_name == job.orchestrator:
            return name
    raise ProgramError(f"{job.path} holds no orchestrator {job.orchestrator!r}, only {', '.join(known)}")


def _run_with_events(program: Program, request: RunRequest, awaited: tuple[str, ...]) -> RunResult:
    """Sends each event that the program turns out to wait for, with a stand-in for its data."""
    for _ in range(_ROUNDS):
        events = tuple(Event(name, StandIn(name).to_json(), after) for after, name in enumerate(awaited, 1))
        result = program.host().run(dataclasses.replace(request, events=events))
        more = tuple(name for name in _awaited(result) if name not in awaited)
        if not more:
            break
        awaited += more
    return result


def _awaited(result: RunResult) -> tuple[str, ...]:
    names = (
        action.name
        for episode in result.episodes
        for action in episode.trace.actions
        if action.kind == "wait for event"
    )
    return tuple(dict.fromkeys(names))
