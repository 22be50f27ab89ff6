from __future__ import annotations

import pytest

from determinism_lint.replay.perturb import Clock, change, circumstances


@pytest.mark.parametrize(
    ("value", "changed"),
    [(None, "1"), ("true", "false"), ("NO", "yes"), ("0", "1"), ("42", "43"), ("west", "west-0"), ("", "-0")],
)
def test_changed_value_is_of_the_same_kind(value, changed):
    assert change(value, 0) == changed


def test_only_what_the_program_reads_changes_and_never_what_python_needs():
    places = circumstances(["REGION", "PATH", "HOME", "PYTHONPATH"], {"REGION": "west", "OTHER": "x"})
    assert [dict(place.environment) for place in places] == [{"REGION": f"west-{number}"} for number in range(3)]


def test_processes_differ_from_each_other_and_from_the_first_run():
    places = circumstances([], {})
    for attribute in ("hash_seed", "time_zone", "host_name", "clocks"):
        assert len({getattr(place, attribute) for place in places}) == len(places)
    assert 0 not in {place.hash_seed for place in places}
    assert "UTC" not in {place.time_zone for place in places}


def test_clocks_cover_the_day_and_the_years():
    starts = [clock.start for place in circumstances([], {}) for clock in place.clocks]
    assert {start.hour < 12 for start in starts} == {True, False}
    assert {start.year < 2024 for start in starts} == {start.year > 2024 for start in starts} == {True, False}
    assert {clock.tick for place in circumstances([], {}) for clock in place.clocks} == {0.001, 20.0}


def test_description_says_what_differs():
    place = circumstances(["REGION"], {})[0]
    text = place.describe(place.clocks[1])
    assert "years" in text or "days" in text
    assert "earlier" in text
    assert "Asia/Kolkata" in text
    assert "other values of REGION" in text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(90_000, "1 day and 1 hour later"), (-172_800, "2 days and 0 hours earlier"), (1, "1 second later")],
)
def test_how_far_a_clock_is_off(seconds, told):
    assert told in circumstances([], {})[0].describe(Clock(seconds, 0.001))
