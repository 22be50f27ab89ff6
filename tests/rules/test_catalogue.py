"""Every rule's examples: a wrong one yields exactly the findings that it announces, a correct one yields none."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import iter_modules
from typing import cast

import pytest

from determinism_lint import languages
from determinism_lint.rules import catalogue
from determinism_lint.rules.catalogue import Catalogue, Rule, from_compiled, load_catalogue
from determinism_lint.rules.text import Example
from determinism_lint.run.project import lint

CATALOGUE = load_catalogue()
JUDGED = {module.name for module in iter_modules(languages.__path__) if module.ispkg}
"""The languages that have a frontend; examples in the others are judged as soon as theirs is there."""

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}:{example.line}-{example.sdk}-{example.kind}")
    for rule in CATALOGUE.values()
    for example in rule.examples
    if example.language in JUDGED
]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(rule: Rule, example: Example, tmp_path: Path) -> None:
    for name, text in example.files.items():
        write(tmp_path / name, text)
    report = lint([str(tmp_path)], folder=str(tmp_path), catalogue=CATALOGUE)
    found = {(finding.path, finding.span.line, finding.severity, finding.rule) for finding in report.findings}
    expected = {(name, line, severity, rule.name) for name, line, severity in example.marks}
    assert found == expected, f"{rule.path}:{example.line}"
    assert len(report.findings) == len(expected), "two findings of one rule on one line"


ABOUT_COMMENTS = ("unused-ignore", "unknown-ignore")


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        each
        for each in EXAMPLES
        if cast(Example, each.values[1]).kind == "wrong" and cast(Rule, each.values[0]).name not in ABOUT_COMMENTS
    ],
)
def test_a_comment_in_place_of_the_mark_suppresses_exactly_the_finding(
    rule: Rule, example: Example, tmp_path: Path
) -> None:
    for name, text in example.files.items():
        ignored = re.sub(
            r"(#|//)\s*(?:error|warning|info)\s*$", rf"\1 determinism-lint: ignore[{rule.name}]", text, flags=re.M
        )
        write(tmp_path / name, ignored)
    report = lint([str(tmp_path)], folder=str(tmp_path), catalogue=CATALOGUE)
    assert [(finding.path, finding.span.line, finding.rule) for finding in report.findings] == []
    assert report.ignored == len(example.marks)


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: rule.name)
def test_every_section_shows_both_kinds(rule: Rule) -> None:
    kinds = {(example.language, example.kind) for example in rule.examples}
    assert kinds >= {(language, kind) for language in rule.languages for kind in ("wrong", "correct")}


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: rule.name)
def test_tables_and_advice_have_a_section(rule: Rule) -> None:
    assert set(rule.languages) >= {*rule.flag, *rule.allow, *rule.argless}


def _catalogue(**rules: dict[str, object]) -> Catalogue:
    blank = {
        "title": "T", "summary": "s", "severity": {"default": "error"}, "since": "0.1.0", "ambient": False,
        "equivalents": [],
        "never": {}, "instead": {}, "flag": {}, "allow": {}, "argless": {}, "languages": [],
    }  # fmt: skip
    return from_compiled({"digest": "0", "rules": {name: {**blank, **rule} for name, rule in rules.items()}}, ".")


def test_the_longest_entry_wins() -> None:
    tables = _catalogue(
        net={
            "flag": {"python": {"lib.*": {}, "lib.pure.loud": {"default": "x"}, "lib.pure.noisy.*": {}}},
            "allow": {"python": ["lib.Request", "lib.pure.*"]},
        },
        other={"flag": {"java": {"lib.Request": {}}}},
    )

    def rule_of(name: str, language: str = "python") -> str | None:
        match = tables.match(language, name, True)
        return match.entry if match else None

    assert rule_of("lib") is None
    assert rule_of("lib.get") == "lib.*"
    assert rule_of("lib.a.b.c") == "lib.*"
    assert rule_of("library.get") is None
    assert rule_of("lib.Request") is None
    assert rule_of("lib.Request.send") == "lib.*"
    assert rule_of("lib.pure.thing") is None
    assert rule_of("lib.pure.loud") == "lib.pure.loud"
    assert rule_of("lib.pure.noisy.a") == "lib.pure.noisy.*"
    assert rule_of("lib.Request", "java") == "lib.Request"
    assert rule_of("lib.get", "csharp") is None


def test_argless_names_are_hazards_only_without_arguments() -> None:
    tables = _catalogue(
        clock={
            "argless": {"python": {"t.local": {"default": "r"}, "m.now.*": {}}},
            "allow": {"python": ["m.now.pure"]},
        }
    )
    assert tables.match("python", "t.local", True) is None
    match = tables.match("python", "t.local", False)
    assert match is not None
    assert (match.rule, match.entry, match.replacement_for("any")) == ("clock", "t.local", "r")
    below = tables.match("python", "m.now.x", False)
    assert below is not None
    assert below.entry == "m.now.*"
    assert tables.match("python", "m.now.pure", False) is None


def test_replacements_severities_and_advice_are_refined_by_sdk() -> None:
    sdk = "durable-functions-python"
    tables = _catalogue(
        clock={
            "severity": {"default": "warning", sdk: "info", f"{sdk}@2": "error"},
            "flag": {"python": {"a.b": {sdk: "context", "default": "ctx"}, "a.c": {}}},
            "instead": {"python": "p", sdk: "f", f"{sdk}@2": "g"},
        }
    )
    rule = tables["clock"]
    assert rule.severity == "warning"
    assert [rule.severity_for(each) for each in ("x", sdk, f"{sdk}@1", f"{sdk}@2")] == [
        "warning", "info", "info", "error",
    ]  # fmt: skip
    assert [rule.instead_for("python", each) for each in ("x", f"{sdk}@1", f"{sdk}@2")] == ["p", "f", "g"]
    assert rule.instead_for("java", "x") is None
    match = tables.match("python", "a.b", True)
    assert match is not None
    assert [match.replacement_for(each) for each in ("x", f"{sdk}@1")] == ["ctx", "context"]
    bare = tables.match("python", "a.c", True)
    assert bare is not None
    assert bare.replacement_for("x") is None


def test_it_is_a_mapping() -> None:
    tables = _catalogue(a={}, b={})
    assert list(tables) == ["a", "b"]
    assert len(tables) == 2
    assert "c" not in tables


def test_an_installed_linter_loads_compiled_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = tmp_path / "catalogue.json"
    compiled.write_text('{"digest": "d", "rules": {}}', encoding="utf-8")
    monkeypatch.setattr(catalogue, "_COMPILED", str(compiled))
    loaded = load_catalogue.__wrapped__()
    assert (len(loaded), loaded.digest) == (0, "d")


def test_text_comes_from_the_rule_file() -> None:
    rule = CATALOGUE["wall-clock"]
    assert rule.markdown.startswith(f"# {rule.title}\n")
    assert rule.why
    assert "summary:" not in rule.markdown
    assert set(rule.sections) == set(rule.languages)
