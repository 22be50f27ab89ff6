from __future__ import annotations

import pytest

from skills_src.markdown import (
    Fence,
    Prose,
    anchor,
    blocks,
    cell,
    fill,
    fill_slots,
    language_of,
    plain_fences,
    tidy,
    with_contents,
)
from skills_src.sources import SourceError


def test_blocks():
    assert list(blocks("a\n```python run\nx\n```\nb\n", "f")) == [
        Prose("a\n"),
        Fence(("python", "run"), "x\n"),
        Prose("b\n"),
    ]


def test_fence_in_a_list_keeps_its_indent():
    text = "- a\n\n  ```json\n  {}\n  ```\n"
    assert [type(block) for block in blocks(text, "f")] == [Prose, Fence]
    assert plain_fences(text, "f") == text


def test_longer_fence_holds_a_shorter_one():
    (fence,) = blocks("````markdown\n```\n```\n````\n", "f")
    assert isinstance(fence, Fence)
    assert fence.text == "```\n```\n"


@pytest.mark.parametrize("text", ["```\n```\n", "````text\n```\n````\n"])
def test_tidy_changes_no_fence(text):
    assert tidy(text) == text


def test_open_fence():
    with pytest.raises(SourceError, match="f: a fence is not closed"):
        list(blocks("```\n", "f"))


def test_fill_leaves_code_alone():
    text = '{{ names.now }}\n```csharp\n$"{{ names.now }}"\n```\n'
    assert fill(text, {"names.now": "now"}, "f") == 'now\n```csharp\n$"{{ names.now }}"\n```\n'


def test_fill_is_strict():
    with pytest.raises(SourceError, match=r"f: placeholder \{\{ names.no \}\} is unknown; known are names.now"):
        fill("{{ names.no }}", {"names.now": "now"}, "f")


def test_slots():
    assert fill_slots("a\n<!-- slot: x -->\nb\n", {"x": "X\n"}, "f") == "a\nX\nb\n"
    with pytest.raises(SourceError, match="f: slot `y` is unknown; known are x"):
        fill_slots("<!-- slot: y -->\n", {"x": ""}, "f")


@pytest.mark.parametrize(
    ("file", "language"), [("src/App.java", "java"), ("a.b.csproj", "xml"), ("Dockerfile", "dockerfile")]
)
def test_language_of_a_file(file, language):
    assert language_of(file) == language


def test_contents_only_where_they_help():
    long = "# T\n\n## `A` b\n\n## C\n\n## D\n" + "x\n" * 100
    assert with_contents(long).startswith("# T\n\nContents: [A b](#a-b) | [C](#c) | [D](#d)\n\n## `A` b\n")
    assert with_contents("# T\n\n## A\n") == "# T\n\n## A\n"
    assert with_contents("# T\n" + "x\n" * 200) == "# T\n" + "x\n" * 200


def test_anchor():
    assert anchor("Call, signal, read") == "call-signal-read"
    assert anchor("`host.json` before") == "hostjson-before"


def test_cell():
    assert cell("a | b\nc") == "a \\| b c"


def test_tidy():
    assert tidy("\na  \n\n\n\nb\n```python\nx\n\n\n\ny  \n```") == "a\n\nb\n```python\nx\n\n\n\ny  \n```\n"
