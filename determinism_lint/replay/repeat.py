"""Replays captured histories under other circumstances and reports what differs."""

from __future__ import annotations

import os
import platform
import random
import socket
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.compare import compare
from determinism_lint.replay.hosts.base import Host
from determinism_lint.replay.load import ProgramError
from determinism_lint.replay.model import Action, Difference, Episode, History, Scenario, Trace
from determinism_lint.replay.perturb import Circumstances
from determinism_lint.replay.programs import Program

_MOST_EPISODES = 60  # of a scenario that are replayed
_MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Item:
    """An execution to repeat."""

    scenario: str
    number: int  # within the scenario, from 1
    history: History
    episode: Episode


def repeat(
    scenarios: Iterable[Scenario], here: Circumstances, program: Program, clock: VirtualClock
) -> tuple[Difference, ...]:
    """The differences, at most one for each execution, the worst first."""
    host = _host_under(here, program)
    items = [item for scenario in scenarios for item in _sample(scenario)]
    found: dict[int, Difference] = {}
    for repetition, moved in enumerate(here.clocks):
        for index in _order(len(items), repetition):
            clock.restart(moved.start, moved.tick)
            difference = _repeat_once(host, items[index], here.describe(moved))
            if difference is not None:
                known = found.get(index)
                if known is None or difference.severity > known.severity:
                    found[index] = difference
    return tuple(sorted(found.values(), key=lambda difference: -difference.severity)[:_MOST_DIFFERENCES])


def _repeat_once(host: Host, item: Item, circumstances: str) -> Difference | None:
    try:
        trace = host.replay(item.history, item.episode)
    except Exception as error:
        trace = Trace((Action("error", 0, f"{type(error).__name__}: {error}"),))
    divergence = compare(item.episode.trace, trace)
    if divergence is None:
        return None
    return Difference(
        divergence.severity,
        item.scenario,
        item.history.instance,
        item.number,
        divergence.before,
        divergence.after,
        circumstances,
    )


def _host_under(here: Circumstances, program: Program) -> Host:
    """Loads the program on another machine, so to speak; with the real settings if it cannot live with others."""
    socket.gethostname = lambda: here.host_name
    platform.node = lambda: here.host_name
    settings, folder = {name: os.environ.get(name) for name in here.environment}, os.getcwd()
    os.environ.update(here.environment)
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


def _sample(scenario: Scenario) -> list[Item]:
    """All executions; of many, the first ones and then evenly."""
    result = scenario.result
    items = [
        Item(scenario.name, number, result.histories[episode.history], episode)
        for number, episode in enumerate(result.episodes, 1)
    ]
    if len(items) <= _MOST_EPISODES:
        return items
    first = _MOST_EPISODES // 3
    rest = _MOST_EPISODES - first
    return items[:first] + [items[first + index * (len(items) - first) // rest] for index in range(rest)]


def _order(count: int, repetition: int) -> list[int]:
    """Forward, backward, then at random, so that what one execution leaves behind meets another one each time."""
    order = list(range(count))
    if repetition == 1:
        order.reverse()
    elif repetition > 1:
        random.Random(repetition).shuffle(order)
    return order
