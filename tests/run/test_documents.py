"""Code in Markdown files and notebooks is judged, and findings sit where a person finds them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from determinism_lint.languages import language_named
from determinism_lint.model import Excerpt, Span
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.run.documents import (
    MAX_BYTES,
    Documents,
    Snippet,
    _placed,
    document_of,
    find_documents,
    lint_documents,
    snippets_of,
)
from determinism_lint.run.files import run_git
from tests.reports import DIRECT

CODE = """\
import time
from durabletask import task


def orchestrator(ctx: task.OrchestrationContext, x):
    return time.time()
"""


def documents(**contents: str) -> Documents:
    files = {name.replace("_", "."): text.encode() for name, text in contents.items()}
    return lint_documents(files, files.__getitem__, load_catalogue())


def indented(text: str, indent: str) -> str:
    return "".join(indent + line if line.strip() else line for line in text.splitlines(keepends=True))


def test_fences_are_programs_of_their_own() -> None:
    listed = indented(f"~~~py title=x\n{CODE}~~~\n", "   ")
    text = f"# Title\n\n```python\n{CODE}```\n\ntext\n\n1. in a list\n\n{listed}"
    result = documents(guide_md=text)
    assert (result.snippets, len(result.orchestrators)) == (2, 2)
    assert [(each.path, each.line) for each in result.orchestrators] == [("guide.md", 8), ("guide.md", 21)]
    places = [(finding.rule, finding.path, finding.span.line, finding.span.column) for finding in result.findings]
    assert places == [("wall-clock", "guide.md", 9, 12), ("wall-clock", "guide.md", 22, 15)]
    for finding in result.findings:
        line = text.splitlines()[finding.span.line - 1]
        assert line[finding.span.column - 1 : finding.span.end_column - 1] == "time.time()"
        assert finding.trace[0].path == "guide.md"
        assert finding.excerpt.lines[finding.span.line - finding.excerpt.first_line] == line


def test_fragments_and_other_languages_are_passed_over() -> None:
    text = (
        f"```python\n    x = (\n```\n```text\n{CODE}```\n```\n{CODE}```\n````python\n```\n````\n```python\nunclosed\n"
    )
    result = documents(a_md=text)
    assert (result.orchestrators, result.findings) == ((), ())


def test_ignores_hold_in_fences() -> None:
    ignored = CODE.replace("time.time()", "time.time()  # determinism-lint: ignore[wall-clock] shown on purpose")
    result = documents(a_md=f"```python\n{ignored}```\n")
    assert (result.findings, result.ignored) == ((), 1)


def test_the_cells_of_a_notebook_are_one_program() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# x"]},
        {
            "cell_type": "code",
            "source": ["%pip install durabletask\n", "import time\n", "from durabletask import task"],
        },
        {"cell_type": "code", "source": "%%bash\nls"},
        {"cell_type": "code", "source": ["\n", *CODE.splitlines(keepends=True)[4:]]},
    ]
    result = documents(a_ipynb=json.dumps({"cells": cells}))
    (finding,) = result.findings
    assert (finding.path, finding.span.line, finding.span.column) == ("a.ipynb:cell 3", 3, 12)
    assert (finding.trace[0].path, finding.trace[0].line) == ("a.ipynb:cell 3", 2)
    assert finding.excerpt.lines[finding.span.line - finding.excerpt.first_line] == "    return time.time()"


def test_an_excerpt_stays_in_its_cell() -> None:
    head = CODE.partition("\n\n\n")[0]
    last = "def orchestrator(ctx: task.OrchestrationContext, x): return time.time()"
    cells = [head, "a = 1\nb = 2", last, "d = 1"]
    result = documents(a_ipynb=json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}))
    (finding,) = result.findings
    assert (finding.path, finding.span.line) == ("a.ipynb:cell 3", 1)
    assert finding.excerpt == Excerpt(1, (last,))


def test_an_excerpt_may_be_empty() -> None:
    finding = replace(DIRECT, excerpt=Excerpt(1, ()), span=Span(1, 1, 1, 1))
    assert _placed(finding, "a.md", Snippet(language_named("python"), "x\n")).excerpt == Excerpt(1, ())


def test_programs_are_no_longer_than_the_document() -> None:
    text = f"```python\n{CODE}```\n" * 500
    assert sum(len(snippet.text) for snippet in snippets_of("a.md", text.encode())) < len(text)


def test_what_is_too_large_is_told() -> None:
    (finding,) = documents(a_ipynb=" " * (MAX_BYTES + 1)).findings
    assert (finding.rule, finding.path) == ("syntax-error", "a.ipynb")
    assert finding.message == "is larger than 8 MiB and was not analyzed"


def test_lines_are_those_of_an_editor() -> None:
    text = f"\ufeff```python\n{CODE}```\n\x0c \u2028\n```python\n{CODE}```\n".replace("\n", "\r\n")
    assert [finding.span.line for finding in documents(a_md=text).findings] == [7, 16]


def test_code_in_a_line_opens_no_fence() -> None:
    (finding,) = documents(a_md=f"```python x```\n\n```python\n{CODE}```\n").findings
    assert finding.span.line == 9


def test_unreadable_documents_are_passed_over() -> None:
    def read(path: str) -> bytes:
        raise PermissionError(path)

    assert lint_documents(["a.md"], read, load_catalogue()) == Documents(0, (), (), 0)


def test_helpers_outside_of_a_document_are_unknown() -> None:
    assert documents(a_md=f"```python\nimport helpers\nfrom . import more\n{CODE}```\n").findings


def test_files_beside_a_document_are_not_read() -> None:
    code = (
        "import time\nimport azure.durable_functions as df\napp = df.DFApp()\n"
        "@app.orchestration_trigger(context_name='context')\ndef flow(context):\n    return time.time()\n"
    )
    text = f"```python\n{code}```\n"
    result = documents(a_md=text, requirements_txt="azure-functions-durable==1.7.0\n")
    assert [each.runtime for each in result.orchestrators] == ["durable-functions-python"]
    assert [finding.span.line for finding in result.findings] == [7]


def test_document_of() -> None:
    assert [document_of(name) for name in ("a.md", "b/a.ipynb:cell 12", "a:cell 1")] == [
        "a.md",
        "b/a.ipynb",
        "a:cell 1",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"cells": 1}', b'{"cells": [1, {"cell_type": "code"}]}', b"\xff"],
)
def test_odd_documents_hold_nothing(content: bytes) -> None:
    assert all(not snippet.text.strip() for snippet in snippets_of("a.ipynb", content))
    assert list(snippets_of("a.md", content)) == []


@pytest.fixture(params=["repository", "folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.md", "docs/a.ipynb", "docs/c.markdown", "node_modules/x.md", "a.py", "out/d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    if request.param == "repository":
        assert run_git(str(tmp_path), "init", "-q") is not None
        (tmp_path / ".gitignore").write_text("/out/\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_finding_documents(folder: Path) -> None:
    expected = ["b.md", "docs/a.ipynb", "docs/c.markdown", "out/d.md"]
    if (folder / ".git").exists():
        expected.remove("out/d.md")
    assert find_documents(["."]) == expected
    assert find_documents([str(folder)]) == expected
    assert find_documents([".", "./b.md", "docs", "a.py"]) == expected
    assert find_documents(["docs", "node_modules/x.md"]) == ["docs/a.ipynb", "docs/c.markdown", "node_modules/x.md"]
    assert find_documents(["out"]) == ["out/d.md"]


def test_excluded_documents_are_taken_when_they_are_named(folder: Path) -> None:
    def excluded(path: str, is_folder: bool) -> bool:
        return path.startswith(f"{folder.as_posix()}/docs/")

    assert find_documents(["b.md", "docs"], excluded) == ["b.md"]
    assert find_documents(["docs/a.ipynb"], excluded) == ["docs/a.ipynb"]
