"""Code that runs again whenever a suspended generator is dropped: `finally` and the exit of `with` around a yield."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem, Suspended
from determinism_lint.analysis.sdk import Kind


def suspended(event: Suspended) -> Iterator[Problem]:
    if event.site.cleanup and event.site.driven:
        yield Problem(event.node, "a `yield` in cleanup code runs again whenever the suspended generator is dropped")


def called(event: Called) -> Iterator[Problem]:
    member = event.member
    if member is None or not event.site.cleanup:
        return
    if member.kind in (Kind.SIGNAL, Kind.RESTART):
        yield Problem(event.node, f"this {member.kind.value} runs again whenever the suspended generator is dropped")
