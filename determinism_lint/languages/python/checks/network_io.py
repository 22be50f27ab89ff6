"""Reaching the network: making a client or a session does not, what it is used for does."""

from __future__ import annotations

from determinism_lint.analysis.events import Called
from determinism_lint.analysis.values import External, Instance


def harmless(event: Called) -> bool:
    """Whether the call only makes something that will connect when it is used."""
    names = [value.name for value in event.callee if isinstance(value, (External, Instance))]
    return bool(names) and all(map(_only_makes, names))


def _only_makes(name: str) -> bool:
    owner, _, last = name.removesuffix(".__init__").rpartition(".")
    if last in ("__enter__", "__exit__", "__aenter__"):
        return _only_makes(owner)
    if last[:1].isupper():
        return last.endswith(_CLASSES) or owner.startswith("boto3.")
    return (last.startswith("get_") and last.endswith("_client")) or last in _FACTORIES or name in _FUNCTIONS


_CLASSES = (
    "Adapter",
    "Anthropic",
    "Client",
    "Credential",
    "OpenAI",
    "Retry",
    "Session",
    "Timeout",
)
"""How classes are named that connect when they are used; those of smtplib and ftplib connect at once."""
_FACTORIES = frozenset(
    {"from_blob_url", "from_connection_string", "from_container_url", "from_queue_url", "from_table_url"}
)
_FUNCTIONS = frozenset({"boto3.client", "boto3.resource", "requests.session"})
