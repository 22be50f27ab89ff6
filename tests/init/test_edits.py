"""Insertions into files of somebody else's: what they add, and that taking it back gives the same file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from determinism_lint.init.edits import (
    NAME,
    EditError,
    Insertion,
    JsonItems,
    YamlEntry,
    YamlItem,
    markdown_block,
    remove,
    remove_items,
)

ITEM = YamlItem("repos", f"- repo: local\n  hooks:\n  - id: {NAME}\n")
ITEM_DATA = {"repo": "local", "hooks": [{"id": NAME}]}
ENTRY = YamlEntry(NAME, f"{NAME}:\n  script:\n  - x\n")
ENTRY_DATA = {NAME: {"script": ["x"]}}
HOOK = {"hooks": [{"command": f"{NAME} hook"}]}
HOOKS = JsonItems(((("hooks", "PostToolUse"), {"matcher": "Write", **HOOK}), (("hooks", "Stop"), HOOK)))


def inserted(insertion: Insertion, text: str) -> str:
    """The text with the insertion, after a look at what holds for all of them."""
    new, pieces = insertion.insert(text)
    assert insertion.is_there(new)
    assert remove(new, pieces) == text
    assert remove(text, pieces) is None
    return new


@given(st.text())
def test_a_block_in_any_text(text: str) -> None:
    block = markdown_block("## Rules\n\n- one\n")
    new = inserted(block, text)
    assert new.startswith(text)
    lines = new[len(text) :].lstrip("\n").split("\n")
    assert lines == [f"<!-- begin {NAME} -->", "## Rules", "", "- one", f"<!-- end {NAME} -->", ""]


_names = st.sampled_from(["hooks", "PostToolUse", "Stop", "model"]) | st.text(max_size=4)
_scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=5)
_json = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3))
_groups = st.lists(st.dictionaries(_names, _scalars, max_size=2), max_size=3)
_settings = st.dictionaries(st.text(max_size=4), _json, max_size=3).flatmap(
    lambda data: (
        st.sampled_from([data, {**data, "hooks": {}}])
        | st.dictionaries(st.sampled_from(["PostToolUse", "Stop", "Notification"]), _groups).map(
            lambda hooks: {**data, "hooks": hooks}
        )
    )
)


@given(_settings, st.sampled_from([None, 0, 1, 2, 4, "\t"]), st.sampled_from(["", "\n", " \n"]), st.booleans())
def test_any_json_settings(data: dict[str, Any], indent: Any, tail: str, ascii_only: bool) -> None:
    assume(NAME not in json.dumps(data))
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only) + tail
    if not isinstance(data.get("hooks", {}), dict):
        with pytest.raises(EditError, match="`hooks` is not an object"):
            HOOKS.insert(text)
        return
    new = inserted(HOOKS, text)
    hooks = dict(data.get("hooks", {}))
    for (_, event), item in HOOKS.items:
        hooks[event] = [*hooks.get(event, []), item]
    assert json.loads(new) == {**data, "hooks": hooks}


def test_json_looks_like_its_surroundings() -> None:
    items = JsonItems(((("a", "b"), {"c": [1]}),))
    assert items.insert('{\n    "x": 1\n}\n')[0] == (
        '{\n    "x": 1,\n    "a": {\n        "b": [\n            {\n                "c": [\n'
        "                    1\n                ]\n            }\n        ]\n    }\n}\n"
    )
    assert items.insert('{"a": {"b": []}}')[0] == '{"a": {"b": [\n  {\n    "c": [\n      1\n    ]\n  }\n]}}'
    assert items.insert("{}\n")[0].startswith('{\n  "a": {\n    "b": [\n      {')


@pytest.mark.parametrize("text", ["", "[]", "null", '{"a": 1,}', '{"hooks": {} // comment\n}', "[" * 100_000])
def test_what_is_no_plain_json(text: str) -> None:
    with pytest.raises(EditError, match=r"is not (plain JSON|a JSON object)"):
        HOOKS.insert(text)


@pytest.mark.parametrize("text", ['{"hooks": []}', '{"hooks": {"PostToolUse": {}}}', '{"hooks": {"Stop": null}}'])
def test_json_of_another_shape(text: str) -> None:
    with pytest.raises(EditError, match=r"is not (an object|a list)"):
        HOOKS.insert(text)


def test_somebody_has_wired_it_in_already() -> None:
    assert HOOKS.is_there('{"hooks": {"Stop": [{"hooks": [{"command": "npx determinism-lint hook"}]}]}}')
    assert not HOOKS.is_there('{"hooks": {"Stop": []}, "note": "determinism-lint"}')
    assert ITEM.is_there("repos:\n- repo: https://example.com/determinism-lint\n")
    assert not ITEM.is_there("repos: # determinism-lint\n")
    assert ENTRY.is_there("determinism-lint:\n  script: x\n")
    assert ENTRY.is_there("'determinism-lint' : {}\n")
    assert not ENTRY.is_there("a:\n  determinism-lint: x\n")


_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | _words | st.just("two\nlines\n"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=6,
)
_repos = st.lists(st.dictionaries(_words, _plain, min_size=1, max_size=3), min_size=1, max_size=3)
_documents = st.dictionaries(_words, _plain, max_size=3)


class _Indented(yaml.SafeDumper):
    """Indents lists below their keys."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


_styles = st.fixed_dictionaries(
    {"Dumper": st.sampled_from([yaml.SafeDumper, _Indented]), "indent": st.sampled_from([2, 4]),
     "width": st.sampled_from([10, 80]), "sort_keys": st.booleans(), "explicit_start": st.booleans(),
     "allow_unicode": st.booleans()}
)  # fmt: skip


@example({}, [{"": "\xa1\xa1#"}], {}, {"Dumper": yaml.SafeDumper, "width": 10}, "")
@given(_documents, _repos, _documents, _styles, st.sampled_from(["", "\n", "# end\n", "\n  # end\n"]))
def test_any_yaml_list(before: Any, repos: Any, after: Any, style: dict[str, Any], tail: str) -> None:
    data = {**before, "repos": repos, **after}
    data["repos"] = repos
    text = yaml.dump(data, default_flow_style=False, **style) + tail
    assume(NAME not in text)
    new = inserted(ITEM, text)
    assert yaml.safe_load(new) == {**data, "repos": [*repos, ITEM_DATA]}


def test_yaml_lists_by_hand() -> None:
    """Comments and empty lines stay where they are."""
    commented = (
        "# top\nrepos:\n  - repo: a\n    hooks:\n      - id: b\n\n  # next\n  - repo: c  # why\n\n# bottom\nci: {}\n"
    )
    texts = {
        "repos:\n": 0,
        "repos:": 0,
        "repos:   # ours\n": 0,
        "repos:\n\n# nothing yet\nci: {}\n": 0,
        commented: 2,
        "repos:\n-   repo: a\n    hooks:\n    -   id: b\n        args: [\n            x,\n        ]\ndefault: {}": 1,
        "repos:\n-\n  repo: a\n": 1,
        '"repos":\n- {repo: a, hooks: []}\nx: |\n  text\n': 1,
    }
    for text, count in texts.items():
        data = yaml.safe_load(text)
        new = inserted(ITEM, text)
        assert yaml.safe_load(new) == {**data, "repos": [*(data["repos"] or []), ITEM_DATA]}, text
        assert len(yaml.safe_load(new)["repos"]) == count + 1


@pytest.mark.parametrize("text", ["", "a: b\n", "repos: []\n", "repos: [\n]\n", "repos:\n  a: b\n", "repos:\nrepos:\n"])
def test_yaml_without_such_a_list(text: str) -> None:
    with pytest.raises(EditError, match="has no list `repos:` with an item on each line"):
        ITEM.insert(text)


@given(st.dictionaries(_words, _plain), _styles, st.sampled_from(["", "\n", "# end", "\n# end\n", "# |+\n"]))
def test_any_yaml_mapping(data: Any, style: dict[str, Any], tail: str) -> None:
    text = (yaml.dump(data, default_flow_style=False, **style) if data else "") + tail
    try:
        new = inserted(ENTRY, text)
    except EditError as error:
        first = next(line for line in text.splitlines() if line != "---")
        assert not re.match(r"[\w'\"]", first) or (str(error) == "has no newline at its end" and text[-1] != "\n")
        return
    assert yaml.safe_load(new) == {**(yaml.safe_load(text) or {}), **ENTRY_DATA}  # what PyYAML wrote is not always data


@pytest.mark.parametrize("text", ["a: |+\n  x\n", "a: >2+\n    x\n\n", "---\na: b", "# only a comment"])
def test_yaml_mappings_by_hand(text: str) -> None:
    assert yaml.safe_load(inserted(ENTRY, text)) == {**(yaml.safe_load(text) or {}), **ENTRY_DATA}


@pytest.mark.parametrize("insertion", [ITEM, ENTRY])
def test_a_scalar_that_ends_with_the_file(insertion: Insertion) -> None:
    with pytest.raises(EditError, match="has no newline at its end"):
        insertion.insert("repos:\n- a: |-\n    x")


@pytest.mark.parametrize("text", ["{a: b}\n", "- a\n", "  a: b\n", "a: b\n...\n"])
def test_yaml_that_is_no_plain_mapping(text: str) -> None:
    with pytest.raises(EditError, match="is not a plain mapping"):
        ENTRY.insert(text)


def test_what_was_edited_is_not_taken_back() -> None:
    new, pieces = ENTRY.insert("a: b\n")
    assert remove(new.replace("- x", "- y"), pieces) is None
    assert remove(new + new, pieces) is None
    assert remove(new + "more: 1\n", pieces) == "a: b\nmore: 1\n"


@given(_settings, st.sampled_from([None, 2]), st.randoms())
def test_json_items_are_found_wherever_they_are(data: dict[str, Any], indent: int | None, random: Any) -> None:
    """Somebody sorts, formats and extends the file."""
    assume(isinstance(data.get("hooks", {}), dict) and NAME not in json.dumps(data))
    changed = json.loads(HOOKS.insert(json.dumps(data))[0])
    for groups in changed["hooks"].values():
        random.shuffle(groups)
    keys = [*changed, "added"]
    random.shuffle(keys)
    text = json.dumps({key: changed.get(key) for key in keys}, indent=indent)
    bare = remove_items(text, HOOKS.items)
    assert bare is not None
    found = json.loads(bare)
    assert "added" in found
    hooks = {key: value for key, value in data.get("hooks", {}).items() if value or key not in ("PostToolUse", "Stop")}
    for event in ("PostToolUse", "Stop"):
        assert sorted(map(json.dumps, found.get("hooks", {}).get(event, []))) == sorted(
            map(json.dumps, hooks.get(event, []))
        )
    rest = {key: value for key, value in {**data, "added": data.get("added")}.items() if key != "hooks"}
    assert {key: value for key, value in found.items() if key != "hooks"} == rest
    assert remove_items(bare, HOOKS.items) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"hooks": []}', '{"hooks": {"PostToolUse": {}}}', '{"hooks": 1}'])
def test_json_items_that_are_not_there(text: str) -> None:
    assert remove_items(text, HOOKS.items) is None
