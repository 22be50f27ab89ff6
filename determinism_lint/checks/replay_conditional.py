"""Durable calls that depend on whether the runtime is replaying."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem


def called(event: Called) -> Iterator[Problem]:
    if event.site.on_replay_flag and event.member is not None and event.member.kind.is_durable:
        yield Problem(event.node, f"this {event.member.kind.value} depends on the replay flag")
