"""A rule's page, wherever the package's metadata names a home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import Message
from importlib import metadata

import pytest

from determinism_lint import __version__
from determinism_lint.output.sarif import render
from determinism_lint.rules.address import address_of, repository
from determinism_lint.rules.catalogue import load_catalogue
from tests.reports import FULL


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Message]:
    """The metadata of the installed package."""
    message = Message()
    monkeypatch.setattr(metadata, "metadata", lambda name: message)
    repository.cache_clear()
    yield message
    repository.cache_clear()


def test_none_is_known(home: Message) -> None:
    assert address_of("wall-clock") is None
    assert "helpUri" not in render(FULL, load_catalogue(), color=False)


@pytest.mark.parametrize("entry", ["Repository, https://example.org/x.git", "Homepage, https://example.org/x/"])
def test_the_package_names_one(home: Message, entry: str) -> None:
    home["Project-URL"] = entry
    expected = f"https://example.org/x/blob/v{__version__}/skills_src/rules/wall-clock.md"
    assert address_of("wall-clock") == expected
    (run,) = json.loads(render(FULL, load_catalogue(), color=False))["runs"]
    assert expected in [rule.get("helpUri") for rule in run["tool"]["driver"]["rules"]]


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Message:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    repository.cache_clear()
    assert repository() == ""
    repository.cache_clear()
