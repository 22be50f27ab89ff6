"""What the linter knows of each SDK for .NET: the members of its orchestration context and how tasks combine."""

from __future__ import annotations

from determinism_lint.analysis.sdk import Kind, Sdk

TASK_ATTRIBUTES: frozenset[str] = frozenset()
"""What may be read of a durable task that has not completed."""


def sdk_owning(name: str) -> Sdk | None:
    """The SDK whose packages define the qualified name, if any."""
    return None


def combinator(name: str) -> tuple[Kind, Sdk] | None:
    """What a function of .NET does with tasks, if it combines them."""
    return None
