"""What the pages print is read as a reader reads it, and what they owe each SDK is there."""

from __future__ import annotations

import re

import pytest

from skills_src.notices import CHANGES
from skills_src.render import linted_languages
from tests.pages.printed import LABEL, _of_page, printed, together
from tests.skills.generated import files, pack

PAGE = """# Page

`a.py`:

```python
a
```

`b.py`:

```python
b
```

## rule

Correct (2.x), `c.py`:

```python
c
```

Excerpt of [chaining](pattern-chaining.md#program):

```python
d
```

Prose.

- item:

  ```bash
  e
  ```
"""

every_sdk = pytest.mark.parametrize("sdk", sorted(pack().sdks))


def test_labels_say_what_a_fence_is() -> None:
    a, b, c, d, e = _of_page("skill", "references/page.md", PAGE)
    assert (a.kind, a.file, a.line, a.heading, a.text) == ("program", "a.py", 5, "Page", "a\n")
    assert (c.kind, c.generation, c.file, c.heading) == ("correct", "2", "c.py", "rule")
    assert (d.kind, d.whole) == ("excerpt", "references/pattern-chaining.md")
    assert (e.kind, e.language, e.text) == ("", "bash", "e\n")
    assert list(together([a, b, c, d, e])) == [(a, b), (c,), (d,), (e,)]


def test_lines_are_those_of_the_page() -> None:
    lines = {f"{file.skill}/{file.path}": file.text.splitlines() for file in files()}
    for fence in printed():
        assert lines[f"{fence.skill}/{fence.page}"][fence.line - 1].strip() == f"```{fence.language}", str(fence)


def test_an_excerpt_is_of_a_program_that_is_printed() -> None:
    pages = {(fence.skill, fence.page) for fence in printed() if fence.kind == "program"}
    for fence in printed():
        assert fence.kind != "excerpt" or (fence.skill, fence.whole) in pages, str(fence)
        assert fence.kind != "excerpt" or not fence.page.startswith("references/pattern-"), str(fence)


def test_a_label_stands_above_a_fence_only() -> None:
    labelled = sum(1 for fence in printed() if fence.kind)
    assert labelled == sum(bool(LABEL.fullmatch(line.strip())) for file in files() for line in file.prose.splitlines())


@every_sdk
def test_each_rule_has_wrong_and_correct_code_of_the_sdk(sdk: str) -> None:
    shown = {(fence.heading, fence.kind) for fence in printed() if fence.skill == sdk}
    about_the_linter = {name for group in pack().groups if group.about == "linter" for name in group.rules}
    rules = {rule.name for rule in pack().rules.values() if rule.never_for(pack().sdks[sdk])}
    if pack().sdks[sdk].language not in linted_languages():
        rules -= about_the_linter
    owed = {(name, kind) for name in rules for kind in ("wrong", "correct")}
    assert sorted(owed - shown) == [], f"skills_src/rules: fences `sdk={sdk}` are missing (or drop never/instead)"


@every_sdk
def test_what_the_runtime_notices_is_told(sdk: str) -> None:
    assert set(pack().sdks[sdk].notices) == set(CHANGES), f"skills_src/sdks/{sdk}.yaml: table `notices`"


@every_sdk
def test_quick_start_has_an_emulator(sdk: str) -> None:
    """From a folder with the minimal program to its output: whatever the program connects to is started too."""
    program, commands = [fence for fence in printed() if fence.skill == sdk and fence.heading == "Minimal app"]
    assert program.kind == "program"
    assert commands.language == "bash"
    assert re.search(r"docker run .*dts-emulator|azurite", commands.text)
