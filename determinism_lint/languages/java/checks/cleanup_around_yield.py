"""Code that runs at each wait: `finally` and `close()` around `await()`."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem, Suspended


def suspended(event: Suspended) -> Iterator[Problem]:
    if event.site.cleanup and event.site.driven:
        yield Problem(event.node, "an `await()` in `finally` is reached at each wait, which leaves by an exception")


def called(event: Called) -> Iterator[Problem]:
    member = event.member
    if member is not None and event.site.cleanup and member.kind.is_durable:
        yield Problem(event.node, f"this {member.kind.value} is scheduled at each wait, which leaves by an exception")
