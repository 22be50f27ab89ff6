from __future__ import annotations

from datetime import timedelta

from determinism_lint.replay.clock import START, VirtualClock
from determinism_lint.replay.hosts.agenda import Agenda


def test_now_comes_before_later_and_later_in_order_of_time():
    clock, done = VirtualClock(), []
    agenda = Agenda(clock)
    agenda.at(START + timedelta(hours=2), lambda: done.append("two"))
    agenda.at(START + timedelta(hours=1), lambda: done.append("one"))
    agenda.at(START + timedelta(hours=1), lambda: done.append("one again"))
    agenda.soon(lambda: done.append("now"))
    assert not agenda.idle
    while agenda.step():
        pass
    assert done == ["now", "one", "one again", "two"]
    assert clock.peek() == START + timedelta(hours=2)
    assert agenda.idle and agenda.empty


def test_nothing_happens_beyond_the_limit():
    clock = VirtualClock()
    agenda = Agenda(clock)
    agenda.at(START + timedelta(hours=2), lambda: None)
    assert not agenda.step(until=START + timedelta(hours=1))
    assert clock.peek() == START
    assert not agenda.empty


def test_what_is_overdue_does_not_turn_the_clock_back():
    clock = VirtualClock()
    agenda = Agenda(clock)
    agenda.at(START - timedelta(hours=1), lambda: None)
    assert agenda.step()
    assert clock.peek() == START
