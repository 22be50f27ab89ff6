"""What is malformed fails, and says where."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from skills_src.load import load
from skills_src.sources import SourceError
from tests.skills import sample

SDK = "skills_src/sdks/durable-task-python.yaml"
INDEX = "skills_src/skills.yaml"
RULE = "skills_src/rules/wall-clock.md"
PATTERN = "skills_src/patterns/chaining/pattern.md"


def replaced(file: str, old: str, new: str) -> dict[str, str]:
    text = dedent(sample.FILES[file])
    assert old in text
    return {file: text.replace(old, new)}


def test_sample_loads(tmp_path):
    pack = load(sample.write(tmp_path))
    assert pack.project.version == "1.2.3"
    assert [program.text for program in pack.patterns[0].programs["durable-task-python"]] == [
        "def f():\n    one()\n    hidden()\n    two()\n"
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(replaced(SDK, "title:", "titel:"), "durable-task-python.yaml: key `titel` is unknown", id="key"),
        pytest.param(replaced(SDK, "summary: Workflows.", ""), "key `summary` is missing", id="missing"),
        pytest.param(
            replaced(SDK, "summary: Workflows.", "summary: 1"), "key `summary` must be text, not 1", id="type"
        ),
        pytest.param(replaced(SDK, "summary: Workflows.", "summary: yes"), "'yes' means a boolean", id="boolean"),
        pytest.param(
            replaced(SDK, "summary: Workflows.", "summary: a\nsummary: b"), "key 'summary' occurs twice", id="twice"
        ),
        pytest.param(replaced(SDK, "id: durable-task-python", "id: other"), "key `id` must equal", id="id"),
        pytest.param(
            replaced(SDK, "language: python", "language: cobol"), "key `language` must be one of", id="language"
        ),
        pytest.param(replaced(SDK, "detect: [a file]", "detect: a file"), "key `detect` must be a list", id="list"),
        pytest.param(replaced(SDK, "detect: [a file]", ""), "key `detect` is missing", id="no-list"),
        pytest.param(
            replaced(SDK, "names: {now:", "names: {1:"), "key `names` must be a mapping from text", id="table"
        ),
        pytest.param(
            replaced(SDK, "commands: {run: python app.py, test: pytest, emulator: docker run}", ""),
            "key `commands` is missing",
            id="no-table",
        ),
        pytest.param(
            replaced(SDK, "gotchas: [", "gotchas: [1, "), "key `gotchas` must be a list of mappings", id="records"
        ),
        pytest.param(
            replaced(SDK, "why: because", "because: why"), r"gotchas\[0\]: key `because` is unknown", id="nested"
        ),
        pytest.param(replaced(SDK, "test: pytest, ", ""), "key `commands` lacks `test`", id="command"),
        pytest.param(
            replaced(SDK, 'packages: [{name: durabletask, version: "1.12.0", why: the SDK}]', ""),
            "key `packages` is missing",
            id="no-records",
        ),
        pytest.param({SDK: "- a\n"}, "must hold a mapping", id="no-mapping"),
        pytest.param({SDK: "a: [\n"}, "durable-task-python.yaml: ", id="yaml"),
        pytest.param({"skills_src/minimal/durable-task-python.py": None}, "cannot be read", id="no-minimal"),
        pytest.param({"determinism_lint/__init__.py": ""}, "has no line `__version__", id="version"),
        pytest.param(replaced(INDEX, "patterns: [chaining]", "patterns: []"), "lacks `chaining`", id="unlisted"),
        pytest.param(
            replaced(INDEX, "topics: [errors]", "topics: [errors, x]"), "lists `x`, which does not exist", id="listed"
        ),
        pytest.param(replaced(RULE, "group: rules", "group: ruled"), "has no rule group `ruled`", id="ungrouped"),
        pytest.param(replaced(RULE, "place: table", "place: here"), "must be `page` or `table`", id="place"),
        pytest.param(replaced(RULE, "changes: [", "changes: [x, "), "names `x`, which is none of", id="changes"),
        pytest.param(replaced(SDK, "  swapped-steps: fails\n", ""), "`notices` lacks `swapped-steps`", id="notice"),
        pytest.param(
            replaced(SDK, "  renamed-event: hangs", "  x: hangs\n  renamed-event: hangs"), "names `x`", id="no-change"
        ),
        pytest.param(replaced(SDK, "event: hangs", "event: x"), "`renamed-event`: `x` is none of", id="outcome"),
        pytest.param(
            replaced(INDEX, "name: review", "name: durable"), "`durable` must be an SDK or have a folder", id="skill"
        ),
        pytest.param({INDEX: "plugin: a\n"}, "key `plugin` must be a mapping", id="no-plugin"),
        pytest.param(
            {**replaced(INDEX, "plugin:\n", "plugin: a\nother:\n")}, "key `other` is unknown", id="unknown-in-index"
        ),
        pytest.param({"skills_src/roles.yaml": "worker: x\n"}, "key `worker` must be a mapping", id="role"),
        pytest.param({PATTERN: "# Chaining\n"}, "must begin with front matter", id="front-matter"),
        pytest.param(
            replaced(PATTERN, "when:", "unsupported: {durable-task-python: no}\nwhen:"), "'no' means a boolean", id="no"
        ),
        pytest.param(
            replaced(PATTERN, "when:", "unsupported: {durable-task-python: never}\nwhen:"),
            "key `unsupported` names `durable-task-python`, which is no SDK or has a program",
            id="unsupported",
        ),
        pytest.param(
            {"skills_src/patterns/chaining/python.py": "x = 1\n"},
            "chaining/python.py: must be named after an SDK",
            id="program-name",
        ),
        pytest.param(
            {"skills_src/topics/errors/python.md": "## X\n"}, "python.md: must be named after an SDK", id="part"
        ),
        pytest.param(
            {"skills_src/topics/errors/durable-task.md": "# X\n"},
            "durable-task.md: must begin with a heading",
            id="heading",
        ),
        pytest.param(
            {"skills_src/rules/wall-clock.md": "x\n"}, "wall-clock.md: must begin with front matter", id="rule"
        ),
    ],
)
def test_malformed(tmp_path, changes, problem):
    with pytest.raises(SourceError, match=problem) as error:
        load(sample.write(tmp_path, **changes))
    assert re.search(r"\.(yaml|md|py)|durable-task-java", str(error.value)), "names the file"


def test_file_that_is_no_text(tmp_path):
    root = sample.write(tmp_path)
    (root / SDK).write_bytes(b"\xff")
    with pytest.raises(SourceError, match="cannot be read"):
        load(root)


def test_program_of_several_files(tmp_path):
    folder = "skills_src/patterns/chaining/durable-task-java"
    pack = load(
        sample.write(
            tmp_path,
            **{
                f"{folder}/A.java": "class A {}\n",
                f"{folder}/src/B.java": "class B {}\n",
            },
        )
    )
    programs = pack.patterns[0].programs["durable-task-java"]
    assert [(program.file, program.text) for program in programs] == [
        ("A.java", "class A {}\n"),
        ("src/B.java", "class B {}\n"),
    ]


def test_program_of_one_file_is_named_as_the_sdk_wants(tmp_path):
    sdk = dedent(sample.FILES[SDK]).replace("program: app.py", 'program: "src/{class}.java"')
    program = "skills_src/patterns/chaining/durable-task-python.py"
    pack = load(sample.write(tmp_path, **{SDK: sdk, program: "import x\n\npublic final class Saga {}\n"}))
    assert [program.file for program in pack.patterns[0].programs["durable-task-python"]] == ["src/Saga.java"]
    assert pack.sdks["durable-task-python"].minimal.file == "src/Main.java"
