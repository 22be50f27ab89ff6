"""What is to happen, in virtual time."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from datetime import datetime

from determinism_lint.replay.clock import VirtualClock

Work = Callable[[], None]


class Agenda:
    """Work to do now, in order of arrival, and work to do later, in order of time."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._now: deque[Work] = deque()
        self._later: list[tuple[datetime, int, Work]] = []
        self._numbers = itertools.count()  # keeps the order of what is due at the same time

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do now."""
        return not self._now

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do at all."""
        return not self._now and not self._later

    def soon(self, work: Work) -> None:
        """Does something now, after what is already to be done now."""
        self._now.append(work)

    def at(self, moment: datetime, work: Work) -> None:
        """Does something when the clock reaches a moment."""
        heapq.heappush(self._later, (moment, next(self._numbers), work))

    def step(self, until: datetime | None = None) -> bool:
        """Does the next thing, moving the clock to it but not beyond `until`. False if there is none."""
        if self._now:
            self._now.popleft()()
            return True
        if not self._later or (until is not None and self._later[0][0] > until):
            return False
        moment, _, work = heapq.heappop(self._later)
        self._clock.move_to(moment)
        work()
        return True
