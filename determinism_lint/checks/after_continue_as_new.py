"""Durable calls after continue_as_new has ended this generation of the orchestration."""

from __future__ import annotations

from collections.abc import Iterator

from determinism_lint.analysis.events import Called, Problem


def called(event: Called) -> Iterator[Problem]:
    if event.site.continued and event.member is not None and event.member.kind.is_durable:
        yield Problem(event.node, f"this {event.member.kind.value} comes after `continue_as_new` on the same path")
