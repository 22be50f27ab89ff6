"""What is known of the standard library agrees with the standard library."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from determinism_lint.analysis.values import Ambient, Container, External, Instance, Literal
from determinism_lint.languages.python.library import DATA, MUTATORS, makes_object, result_of
from determinism_lint.rules.catalogue import load_catalogue


def _stdlib_names() -> set[str]:
    """The names of the standard library that rules flag, without wildcards."""
    names = {
        name
        for rule in load_catalogue().values()
        for table in (rule.flag, rule.argless)
        for name in table.get("python", {})
        if not name.endswith(".*")
    }
    return {name for name in names if name.split(".")[0] in sys.stdlib_module_names}


def _find(name: str) -> object | None:
    """The object of a qualified name; None where this Python or this system does not have it."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found
    return None


def test_names_of_the_rules_that_are_data_are_known_as_data() -> None:
    checked = 0
    for name in sorted(_stdlib_names()):
        found = _find(name)
        if found is not None:
            checked += 1
            assert (name in DATA) == (not callable(found)), name
    assert checked > 300


def test_mutators_are_methods_of_built_in_collections() -> None:
    from collections import deque

    methods = {name for kind in (list, dict, set, deque) for name in dir(kind)}
    assert methods >= MUTATORS


RESULTS = {
    # what is called, with what: what comes back
    ("set", ()): (Container("set", (), True),),
    ("sorted", (Container("set", (Literal(1),)),)): (Container("list", (Literal(1),)),),
    ("max", (Container("list", (Literal(1),)),)): (Literal(1),),
    ("datetime.timedelta", (Ambient("os.environ"),)): (Ambient("os.environ"), Instance("datetime.timedelta")),
    ("int", (Ambient("os.environ"),)): (Ambient("os.environ"),),
    ("pathlib.Path.with_name", ()): (Instance("pathlib.Path"),),
    ("logging.getLogger", ()): (Instance("logging.Logger"),),
    ("staticmethod", (External("time.time"),)): (External("time.time"),),
    ("functools.lru_cache", ()): (External("functools.lru_cache"),),
    ("boto3.client", ()): (Instance("boto3.client"),),
    ("requests.get", ()): (),
}


@pytest.mark.parametrize(("name", "arguments"), RESULTS)
def test_result(name: str, arguments: tuple[Container | Ambient | External, ...]) -> None:
    assert result_of(name, tuple((argument,) for argument in arguments)) == RESULTS[name, arguments]


@pytest.mark.parametrize(
    "name",
    ["a.Client", "a.get_blob_client", "a.get_queue_sender", "a.from_connection_string", "a.connect", "a.cursor"],
)
def test_classes_and_factories_make_objects(name: str) -> None:
    assert makes_object(name)


@pytest.mark.parametrize("name", ["a.get", "a.get_secret", "asyncio.create_task", "a.execute", "a.json"])
def test_other_functions_return_data(name: str) -> None:
    assert not makes_object(name)
