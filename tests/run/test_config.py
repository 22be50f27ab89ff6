from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from determinism_lint.errors import ConfigError
from determinism_lint.run.config import Config, find_config, load_config, parse_config
from determinism_lint.run.patterns import matcher

RULES = ["wall-clock", "random-id", "network-io"]
FORMATS = ["full", "json"]


def parse(section: object) -> Config:
    return parse_config(section, "/p/determinism-lint.toml", RULES, FORMATS)


def test_all_keys() -> None:
    config = parse(
        {
            "select": ["wall-clock", "random-id"],
            "ignore": ["random-id"],
            "fail-on": "warning",
            "severity": {"wall-clock": "info"},
            "exclude": ["gen/"],
            "per-path-ignores": {"tests/**": ["wall-clock"]},
            "output-format": "json",
            "baseline": "ci/known.json",
        }
    )
    assert config == Config(
        select=frozenset({"wall-clock", "random-id"}),
        ignore=frozenset({"random-id"}),
        fail_on="warning",
        severity={"wall-clock": "info"},
        exclude=("gen/",),
        per_path_ignores={"tests/**": frozenset({"wall-clock"})},
        output_format="json",
        baseline="/p/ci/known.json",
        folder="/p",
    )
    assert [config.reports(rule) for rule in RULES] == [True, False, False]
    assert all(Config().reports(rule) for rule in RULES)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ([], "the settings must be a table"),
        ({"selct": []}, "unknown key `selct`; did you mean `select`?"),
        ({"fail_on": "error"}, "unknown key `fail_on`; did you mean `fail-on`?"),
        ({"zzz": 1}, "unknown key `zzz`; known are select, ignore, fail-on, severity, exclude, per-path-ignores, base"),
        ({"select": "wall-clock"}, "key `select` must be a list of strings, not 'wall-clock'"),
        ({"select": [1]}, "key `select` must be a list of strings, not [1]"),
        ({"select": ["wallclock"]}, "key `select`: no rule is called `wallclock`; did you mean `wall-clock`?"),
        ({"ignore": ["Random_ID"]}, "key `ignore`: no rule is called `Random_ID`; did you mean `random-id`?"),
        ({"fail-on": "eror"}, "key `fail-on`: unknown value 'eror'; did you mean `error`?"),
        ({"fail-on": True}, "key `fail-on`: unknown value True; known are error, warning, info, never"),
        ({"severity": {"wall-clock": "fatal"}}, "key `severity.wall-clock`: unknown value 'fatal'; known are"),
        ({"severity": {"clock": "info"}}, "key `severity`: no rule is called `clock`"),
        ({"severity": "info"}, "key `severity` must be a table"),
        ({"exclude": ["!"]}, "key `exclude`: '!' can match nothing"),
        ({"per-path-ignores": {"a": ["x"]}}, "key `per-path-ignores.a`: no rule is called `x`"),
        ({"baseline": ["a"]}, "key `baseline` must be a string, not ['a']"),
        ({"output-format": "jsn"}, "key `output-format`: unknown value 'jsn'; did you mean `json`?"),
    ],
)
def test_mistakes_name_file_key_and_remedy(section: object, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(section)
    assert str(error.value).startswith("/p/determinism-lint.toml: " + message)


def test_a_wrong_rule_without_a_resemblance_says_where_to_look() -> None:
    with pytest.raises(ConfigError, match="`determinism-lint rules` lists them"):
        parse_config({"select": ["qqq"]}, "x", [f"rule-{letter}" for letter in string.ascii_lowercase], FORMATS)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(RULES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["select", "ignore", "fail-on", "severity", "exclude", "per-path-ignores", "output-format", "baseline"]
) | st.text(max_size=5)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_settings_are_taken_or_refused_politely(section: dict[str, object]) -> None:
    try:
        config = parse(section)
    except ConfigError as error:
        assert str(error).startswith("/p/determinism-lint.toml: ")
    else:
        assert isinstance(config, Config)


def test_finding_and_loading(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    assert find_config(str(inner)) is None
    project = inner / "pyproject.toml"
    project.write_text('[project]\ndescription = "not determinism-lint"\n', encoding="utf-8")
    assert find_config(str(inner)) is None
    outer = tmp_path / "repo" / "determinism-lint.toml"
    outer.write_text("fail-on = 'info'\n", encoding="utf-8")
    assert find_config(str(inner)) == str(outer)
    assert load_config(str(outer), RULES, FORMATS).fail_on == "info"
    project.write_text("[tool.determinism-lint]\nignore = ['random-id']\n", encoding="utf-8")
    assert find_config(str(inner)) == str(project)
    config = load_config(str(project), RULES, FORMATS)
    assert config.ignore == {"random-id"}
    assert config.folder == inner.as_posix()
    project.write_text("tool = 1  # determinism-lint\n", encoding="utf-8")
    assert load_config(str(project), RULES, FORMATS) == Config(folder=inner.as_posix())


@pytest.mark.parametrize("content", [b"a = [\n", b"\xff\xfe"])
def test_what_is_no_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "determinism-lint.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"determinism-lint\.toml: is not valid TOML"):
        load_config(str(path), RULES, FORMATS)
    with pytest.raises(ConfigError, match=r"nowhere: cannot be read: No such file"):
        load_config("nowhere", RULES, FORMATS)


def test_patterns_match_below_their_folder() -> None:
    matches = matcher(["/gen/", "*_test.py"], "/p")
    assert matches("/p/gen/a.py", False)
    assert matches("/p/src/a_test.py", False)
    assert not matches("/p/src/gen/a.py", False)
    assert not matches("/q/a_test.py", False)
    assert matches("/p/gen", True)
