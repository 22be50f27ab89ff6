"""Where a rule can be read on the web: known only when the installed package names its repository."""

from __future__ import annotations

from functools import cache


@cache
def repository() -> str:
    """The address that the package's metadata gives under `Repository` or `Homepage`; empty when it gives none."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        entries = metadata("determinism-lint").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    known = {label.strip().lower(): url.strip() for label, _, url in (entry.partition(",") for entry in entries)}
    return (known.get("repository") or known.get("homepage") or "").removesuffix(".git").rstrip("/")


def address_of(rule: str) -> str | None:
    """The page of a rule, of this version."""
    from determinism_lint import __version__

    home = repository()
    return f"{home}/blob/v{__version__}/skills_src/rules/{rule}.md" if home else None
