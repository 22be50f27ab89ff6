"""Code in Markdown files and notebooks is judged, and findings sit where a person finds them."""

from __future__ import annotations

import json

import pytest

from determinism_lint.catalogue import load_catalogue
from determinism_lint.documents import Documents, lint_documents, snippets_of

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
    text = f"# Title\n\n```python\n{CODE}```\n\ntext\n\n1. in a list\n\n{indented(f'~~~py title=x{chr(10)}{CODE}~~~{chr(10)}', '   ')}"
    result = documents(guide_md=text)
    assert (result.snippets, len(result.orchestrators)) == (2, 2)
    assert [(each.path, each.line) for each in result.orchestrators] == [("guide.md", 8), ("guide.md", 21)]
    places = [(finding.rule, finding.path, finding.span.line, finding.span.column) for finding in result.findings]
    assert places == [("wall-clock", "guide.md", 9, 12), ("wall-clock", "guide.md", 22, 15)]
    for finding in result.findings:
        line = text.splitlines()[finding.span.line - 1]
        assert line[finding.span.column - 1 : finding.span.end_column - 1] == "time.time()"
        assert finding.trace[0].path == "guide.md"


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


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"cells": 1}', b'{"cells": [1, {"cell_type": "code"}]}', b"\xff"]
)
def test_odd_documents_hold_nothing(content: bytes) -> None:
    if content != b'{"cells": 1}':
        assert all(not snippet.text.strip() for snippet in snippets_of("a.ipynb", content))
    assert list(snippets_of("a.md", content)) == []
