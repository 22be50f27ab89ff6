"""Does a job inside the child process."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import logging
import os
import platform
import random
import socket
import tempfile
from collections.abc import Iterable, Mapping

from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.compare import compare
from determinism_lint.replay.hosts.base import Host
from determinism_lint.replay.jobs import Answer, Job
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import (
    Action,
    Capture,
    Coverage,
    Difference,
    Episode,
    Event,
    History,
    RunRequest,
    RunResult,
    Scenario,
    Trace,
)
from determinism_lint.replay.observe import Observer
from determinism_lint.replay.perturb import Circumstances
from determinism_lint.replay.programs import Program, open_program
from determinism_lint.replay.project import Project
from determinism_lint.replay.stand_in import StandIn

_MOST_EPISODES = 60  # of a scenario that are replayed
_MOST_DIFFERENCES = 20
_ROUNDS = 3  # of finding out which events a program waits for next

GIVEN, WITH_EVENTS, NO_EVENTS, FAILING = (
    "as given",
    "every awaited event arrives",
    "no event arrives",
    "the first activity fails",
)


def perform(job: Job) -> Answer:
    """Never raises for what a program does: that is an Answer with `error`."""
    clock = VirtualClock()
    project = Project.of(job.path, os.getcwd())
    observer = Observer(project, clock)
    clock.install()
    logging.getLogger().setLevel(logging.DEBUG)  # a silent logger would hide that replay repeats its calls
    logging.getLogger().addHandler(logging.NullHandler())
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            answer = _do(job, open_program(project, clock, observer), observer, clock)
    except ProgramError as error:
        return Answer(error=str(error))
    return _with_output(answer, output.getvalue())


def _do(job: Job, program: Program, observer: Observer, clock: VirtualClock) -> Answer:
    if job.kind == "list":
        return Answer(orchestrators=program.host().orchestrators(), sdk=program.sdk)
    if job.kind == "run":
        host = program.host()
        return Answer(result=host.run(_request(job, _choose(host, job))))
    if job.kind == "program":
        return Answer(program=program.run_as_main())
    if job.kind == "capture":
        return Answer(capture=_capture(job, program, observer))
    if job.kind == "replay" and job.circumstances is not None:
        return _replay(job.circumstances, job.scenarios, program, clock)
    raise ValueError(f"no such job: {job.kind}")


def _with_output(answer: Answer, output: str) -> Answer:
    if answer.result is not None:
        return dataclasses.replace(answer, result=dataclasses.replace(answer.result, stdout=output))
    if answer.program is not None:
        return dataclasses.replace(answer, program=dataclasses.replace(answer.program, stdout=output))
    return answer


def _choose(host: Host, job: Job) -> str:
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


def _request(job: Job, orchestrator: str) -> RunRequest:
    return RunRequest(
        orchestrator,
        job.input if job.has_input else StandIn("input").to_json(),
        job.events or (),
        job.entities,
        job.failures,
        instance_id=job.instance_id,
        version=job.version,
        max_episodes=job.max_episodes,
    )


# Capture


def _capture(job: Job, program: Program, observer: Observer) -> Capture:
    host = program.host()
    orchestrator = _choose(host, job)
    request = _request(job, orchestrator)
    scenarios = [Scenario(GIVEN, host.run(request))]
    if request.events:
        silent = dataclasses.replace(request, events=())
        scenarios.append(Scenario(NO_EVENTS, program.host().run(silent)))
    elif awaited := _awaited(scenarios[0].result):
        scenarios.append(Scenario(WITH_EVENTS, _run_with_events(program, request, awaited)))
    if scenarios[0].result.calls:
        failing = dataclasses.replace(request, fail_first=True)
        scenarios.append(Scenario(FAILING, program.host().run(failing)))
    code = host.code(orchestrator)
    return Capture(
        orchestrator,
        program.sdk,
        tuple(scenarios),
        observer.effects,
        observer.coverage(code) if code is not None else Coverage(job.path, (), ()),
        tuple(observer.environment),
        job.has_input,
    )


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


# Replay


def _replay(here: Circumstances, scenarios: Iterable[Scenario], program: Program, clock: VirtualClock) -> Answer:
    host = _host_under(here, program)
    work = [
        (scenario, number, episode) for scenario in scenarios for number, episode in _sample(scenario.result.episodes)
    ]
    differences: dict[tuple[str, int], Difference] = {}
    for repetition, moved in enumerate(here.clocks):
        for scenario, number, episode in _shuffled(work, repetition):
            clock.restart(moved.start, moved.tick)
            history = scenario.result.histories[episode.history]
            found = _replay_once(host, history, episode, scenario.name, number, here.describe(moved))
            if found is not None:
                key = scenario.name, number
                if key not in differences or found.severity > differences[key].severity:
                    differences[key] = found
    worst_first = sorted(differences.values(), key=lambda difference: -difference.severity)
    return Answer(differences=tuple(worst_first[:_MOST_DIFFERENCES]), replays=len(work) * len(here.clocks))


def _replay_once(
    host: Host, history: History, episode: Episode, scenario: str, number: int, circumstances: str
) -> Difference | None:
    try:
        trace = host.replay(history, episode)
    except Exception as error:
        trace = Trace((Action("error", 0, f"{type(error).__name__}: {error}"),))
    divergence = compare(episode.trace, trace)
    if divergence is None:
        return None
    return Difference(
        divergence.severity, scenario, history.instance, number, divergence.before, divergence.after, circumstances
    )


def _host_under(here: Circumstances, program: Program) -> Host:
    """Loads the program on another machine, so to speak; with the real settings if it cannot live with others."""
    socket.gethostname = lambda: here.host_name
    platform.node = lambda: here.host_name
    settings, folder = {name: os.environ.get(name) for name in here.environment}, os.getcwd()
    os.environ.update(here.environment)
    if here.move:
        os.chdir(tempfile.gettempdir())
    try:
        return program.host()
    except ProgramError:
        _restore(settings)
        os.chdir(folder)
        return program.host()


def _restore(settings: Mapping[str, str | None]) -> None:
    for name, value in settings.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _sample(episodes: tuple[Episode, ...]) -> list[tuple[int, Episode]]:
    """All episodes with their numbers from 1, or a third from the start and the rest evenly."""
    numbered = list(enumerate(episodes, 1))
    if len(numbered) <= _MOST_EPISODES:
        return numbered
    first = _MOST_EPISODES // 3
    rest = _MOST_EPISODES - first
    return numbered[:first] + [numbered[first + index * (len(numbered) - first) // rest] for index in range(rest)]


def _shuffled(work: list[tuple[Scenario, int, Episode]], repetition: int) -> list[tuple[Scenario, int, Episode]]:
    """Another order each time, so that what one execution leaves behind meets another one."""
    if repetition < 2:
        return work[:: 1 if repetition == 0 else -1]
    return random.Random(repetition).sample(work, len(work))
