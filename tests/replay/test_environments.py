"""The helper that makes the SDKs' environments, without making one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from tests import environments

SOURCES = Path(__file__).parent.parent.parent / "skills_src"


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_missing_fails_in_ci_and_skips_elsewhere(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no compiler"):
        environments.unavailable("no compiler")


def test_environment_is_known_by_what_is_in_it():
    python = Path(sys.executable)
    first, second = (environments.SdkSet((f"durabletask=={version}",)) for version in ("1.12.0", "1.13.0"))
    assert environments._key(first, python) == environments._key(first, python)
    assert environments._key(first, python) != environments._key(second, python)


def test_python_is_new_enough_or_none(monkeypatch):
    monkeypatch.setattr(environments, "_pythons", lambda: iter([Path("/no/such/python"), Path(sys.executable)]))
    environments._find_python.cache_clear()
    assert environments._find_python((3, 10)) == Path(sys.executable)
    assert environments._find_python((9, 0)) is None
    environments._find_python.cache_clear()


def test_missing_python_is_explained_to_every_test(monkeypatch):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(environments, "_RESULTS", {})
    looked: list[tuple[int, int]] = []
    monkeypatch.setattr(environments, "_find_python", looked.append)
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match=r"needs Python 3\.13 or newer"):
            environments.sdk_python("durable-functions-python@2")
    assert looked == [(3, 13)]


@pytest.mark.parametrize("sdk", ["durable-task-python", "durable-functions-python"])
def test_versions_are_those_that_the_skills_pin(sdk):
    facts = yaml.safe_load((SOURCES / "sdks" / f"{sdk}.yaml").read_text(encoding="utf-8"))
    pinned = {f"{package['name']}=={package['version']}" for package in facts["packages"]}
    ours = {each for each in environments.SDK_SETS[sdk].requirements if each.startswith(("durabletask", "azure"))}
    assert ours and ours <= pinned  # Others are of the programs on the pages, which install them.
