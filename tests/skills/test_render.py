from __future__ import annotations

import runpy
from textwrap import dedent

import pytest

from skills_src.command import main
from skills_src.load import load
from skills_src.render import render
from skills_src.sources import SourceError
from tests.skills import sample

SKILL = ".github/skills/durable-task-python"


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


@pytest.fixture
def files(root):
    return render(load(root))


def test_skill_of_an_sdk_that_is_not_described_is_left_out(files):
    assert {path.split("/")[2] for path in files if path.startswith(".github/skills/")} == {
        "durable-task-python",
        "review",
    }


def test_rendering_is_deterministic(root, files):
    assert list(render(load(root)).items()) == list(files.items())


def test_front_matter_is_quoted(files):
    assert 'description: "Python: the sample."\n' in files[f"{SKILL}/SKILL.md"]
    assert 'sdk-versions: "durabletask 1.12.0"\n' in files[f"{SKILL}/SKILL.md"]


def test_placeholders_are_filled_outside_code(files):
    text = files[f"{SKILL}/references/pattern-chaining.md"]
    assert "The clock is `ctx.current_utc_datetime`." in text
    assert '{"a": "{{ names.now }}"}' in text


def test_topic_joins_shared_family_and_own_part(files):
    text = files[f"{SKILL}/references/errors.md"]
    assert text.index("Shared.") < text.index("| Durable Task Data Contributor") < text.index("## In Python")
    assert text.index("## In Python") < text.index("## Of the family")
    assert "| `durabletask` | 1.12.0 | the SDK |" in text
    assert "```python\nx = 1\n```" in text


def test_rule_shows_the_examples_of_its_sdk(files):
    text = files[f"{SKILL}/references/rules.md"]
    assert "- Never: `time.time()`.\n- Instead: `ctx.current_utc_datetime`.\n- Severity: error." in text
    assert "If another activity is called, the instance fails with a non-determinism error. If a call gets" in text
    assert "All of Python." in text
    assert "About durabletask." in text
    assert "About Functions." not in text
    assert "b()" not in text


def functions(**changes: str) -> dict[str, str]:
    name = "durable-functions-python"
    return {
        f"skills_src/sdks/{name}.yaml": dedent(sample.FILES["skills_src/sdks/durable-task-python.yaml"]).replace(
            "id: durable-task-python", f"id: {name}"
        ),
        "skills_src/skills.yaml": dedent(sample.FILES["skills_src/skills.yaml"]).replace(
            "durable-task-js", "durable-functions-python"
        ),
        **changes,
    }


def test_examples_of_another_generation(tmp_path):
    files = render(load(sample.write(tmp_path, **functions())))
    text = files[".github/skills/durable-functions-python/references/rules.md"]
    assert "Wrong (2.x), `b.py`:" in text
    assert "About Functions." in text
    assert "a()" not in text
    assert "a file: use the skill `durable-task-python`." in files[".github/skills/durable-functions-python/SKILL.md"]


def test_examples_of_the_sibling_stay_away(tmp_path):
    rule = dedent(sample.FILES["skills_src/rules/wall-clock.md"]).replace(" sdk=durable-functions-python@2", "")
    files = render(load(sample.write(tmp_path, **functions(**{"skills_src/rules/wall-clock.md": rule}))))
    text = files[".github/skills/durable-functions-python/references/rules.md"]
    assert "a()" not in text
    assert "b()" not in text


def test_prose_below_the_name_of_an_sdk_is_its_own(tmp_path):
    rule = dedent(sample.FILES["skills_src/rules/wall-clock.md"]).replace(
        "All of Python.\n", "All of Python.\n### durable-task-python\nTask.\n### durable-functions-python\nFunctions.\n"
    )
    files = render(load(sample.write(tmp_path, **functions(**{"skills_src/rules/wall-clock.md": rule}))))
    task, of_functions = (
        files[f".github/skills/durable-{it}-python/references/rules.md"] for it in ("task", "functions")
    )
    assert "All of Python." in task and "Task." in task and "Functions." not in task and "###" not in task
    assert "All of Python." in of_functions and "Functions." in of_functions and "Task." not in of_functions


def test_a_pattern_is_printed_whole(files):
    text = files[f"{SKILL}/references/pattern-chaining.md"]
    assert "`app.py`:\n\n```python\ndef f():\n    one()\n    hidden()\n    two()\n```" in text


def test_quick_start_stands_below_the_program(files):
    text = files[f"{SKILL}/SKILL.md"]
    assert text.index("`app.py`:") < text.index('print("minimal")') < text.index("```bash\npip install durabletask")


@pytest.mark.parametrize(
    ("plugin", "shown"),
    [("", "this plugin's `wheel/*.whl`, not the bare name"), ("  repository: https://x/y\n", "git+https://x/y`")],
)
def test_the_linter_is_installed_from_one_place(tmp_path, plugin, shown):
    index = dedent(sample.FILES["skills_src/skills.yaml"]).replace("  license: MIT\n", f"  license: MIT\n{plugin}")
    files = render(load(sample.write(tmp_path, **{"skills_src/skills.yaml": index})))
    assert shown in files[f"{SKILL}/SKILL.md"]


def test_pattern_that_an_sdk_cannot_do(tmp_path):
    pattern = dedent(sample.FILES["skills_src/patterns/chaining/pattern.md"]).replace(
        "when:", "unsupported: {durable-functions-python: use something else}\nwhen:"
    )
    files = render(load(sample.write(tmp_path, **functions(**{"skills_src/patterns/chaining/pattern.md": pattern}))))
    text = files[".github/skills/durable-functions-python/SKILL.md"]
    assert "Chaining is not available: use something else" in text


def test_rule_of_another_language_is_left_out(tmp_path):
    rule = dedent(sample.FILES["skills_src/rules/wall-clock.md"]).replace('{python: "`time.time()`"}', "{}")
    files = render(load(sample.write(tmp_path, **{"skills_src/rules/wall-clock.md": rule})))
    assert f"{SKILL}/references/rules.md" not in files


def test_rule_without_a_section_has_no_examples(tmp_path):
    rule = dedent(sample.FILES["skills_src/rules/wall-clock.md"]).partition("## Python")[0]
    files = render(load(sample.write(tmp_path, **{"skills_src/rules/wall-clock.md": rule})))
    assert "Because, see [this](rules.md#wall-clock) and that." in files[f"{SKILL}/references/rules.md"]


def test_never_needs_instead(tmp_path):
    rule = dedent(sample.FILES["skills_src/rules/wall-clock.md"]).replace("instead: {python:", "instead: {java:")
    with pytest.raises(SourceError, match=r"wall-clock.md: key `instead` has no entry for durable-task-python"):
        render(load(sample.write(tmp_path, **{"skills_src/rules/wall-clock.md": rule})))


def test_cross_skill(files):
    text = files[".github/skills/review/SKILL.md"]
    assert "Ask for Durable Task Data Contributor." in text
    assert "| wall-clock | warning | reads the wall clock | Python |  | yes | DURABLE0001 |" in text
    assert "| a file | `durable-task-python` |" in text
    assert "[references/more.md](references/more.md): read when it is not enough" in text
    assert "read when the code uses a file" in text
    page = files[".github/skills/review/references/errors-durable-task-python.md"]
    assert "See chaining and [more](more.md)." in page


def test_cross_skill_without_topic(tmp_path):
    text = dedent(sample.FILES["skills_src/cross/review/skill.md"]).replace("topic: errors\n", "")
    files = render(load(sample.write(tmp_path, **{"skills_src/cross/review/skill.md": text})))
    assert [path for path in files if path.startswith(".github/skills/review/references/")] == [
        ".github/skills/review/references/more.md"
    ]


@pytest.mark.parametrize(("length", "shown"), [(10, 3), (3500, 2), (12_000, 0)])
def test_gotchas_that_do_not_fit_move_to_a_page(tmp_path, length, shown):
    why = f"'{'y' * length} [x](references/errors.md)'"
    gotchas = ", ".join(f"{{never: n{number}, instead: i, why: {why}}}" for number in range(3))
    sdk = dedent(sample.FILES["skills_src/sdks/durable-task-python.yaml"])
    sdk = sdk.replace("gotchas: [{never: this, instead: that, why: because}]", f"gotchas: [{gotchas}]")
    files = render(load(sample.write(tmp_path, **{"skills_src/sdks/durable-task-python.yaml": sdk})))
    assert [f"- n{number} → i" in files[f"{SKILL}/SKILL.md"] for number in range(3)] == [
        number < shown for number in range(3)
    ]
    page = files.get(f"{SKILL}/references/gotchas.md", "")
    assert [f"- n{number} → i" in page for number in range(3)] == [number >= shown for number in range(3)]
    assert page.count("[x](errors.md)") == 3 - shown
    assert ("references/gotchas.md" in files[f"{SKILL}/SKILL.md"]) == (shown < 3)


# --- the command --------------------------------------------------------------------------------------------------


def test_write_then_check(root, capsys):
    assert main([], root) == 0
    assert main(["--check"], root) == 0
    assert capsys.readouterr().out == ""


def test_writing_twice_touches_nothing(root):
    main([], root)
    path = root / SKILL / "SKILL.md"
    before = path.stat().st_mtime_ns
    main([], root)
    assert path.stat().st_mtime_ns == before


def test_check_shows_the_drift_and_write_repairs_it(root, capsys):
    main([], root)
    edited, missing, stale = root / SKILL / "SKILL.md", root / "AGENTS.md", root / ".github/skills/old/references/x.md"
    edited.write_text(edited.read_text() + "more\n")
    missing.unlink()
    stale.parent.mkdir(parents=True)
    stale.write_text("x")
    assert main(["--check"], root) == 1
    out = capsys.readouterr().out
    assert "stale: .github/skills/old/references/x.md\n" in out
    assert "missing: AGENTS.md\n" in out
    assert "-more\n" in out
    assert "run `python -m skills_src`" in out
    assert main([], root) == 0
    assert not (root / ".github/skills/old").exists()
    assert main(["--check"], root) == 0


def test_malformed_source(root, capsys):
    (root / "skills_src/skills.yaml").write_text("x: 1\n")
    assert main(["--check"], root) == 2
    assert capsys.readouterr().err.startswith("error: skills_src/skills.yaml: key `x` is unknown")


def test_module_runs(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["skills_src", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_module("skills_src.__main__")
    assert "--check" in capsys.readouterr().out
