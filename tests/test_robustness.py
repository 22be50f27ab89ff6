"""Bad input never crashes the analysis, never hangs it and never hides the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projects import analyzed

GOOD = """\
from durabletask import task
import time


def orch(ctx: task.OrchestrationContext, _):
    return time.time()
"""

EXTREMES: dict[str, tuple[bytes, str | None]] = {
    # name: content, and what the syntax error says of it (None: it is analyzed)
    "nested parentheses": (b"x = " + b"(" * 5000 + b"1" + b")" * 5000, "too many nested parentheses"),
    "nested lists": (b"x = " + b"[" * 5000 + b"]" * 5000, "too many nested parentheses"),
    "a chain of calls": (b"x = a" + b".b()" * 2000, None),
    "a long sum": (b"x = " + b"+".join([b"a"] * 1500), None),
    "a sum of twenty thousand": (b"x = " + b"1+" * 20_000 + b"1", "nested too deeply"),
    "three thousand subscripts": (b"x = a" + b"[0]" * 3_000, None),
    "three thousand calls": (b"x = a" + b"()" * 3_000, None),
    "twenty thousand minus signs": (b"x = " + b"-" * 20_000 + b"1", "nested too deeply"),
    "thirty thousand assignments": (b"".join(b"a%d = 1\n" % i for i in range(30_000)), None),
    "many not": (b"x = " + b"not " * 1500 + b"a", None),
    "many conditionals": (b"x = " + b"a if b else " * 1000 + b"c", None),
    "many elif": (b"if a:\n  pass\n" + b"elif b:\n  pass\n" * 1500, None),
    "ninety nested ifs": (b"".join(b" " * i + b"if x:\n" for i in range(90)) + b" " * 90 + b"pass", None),
    "nested loops": (b"".join(b" " * i + b"for x in y:\n" for i in range(19)) + b" " * 19 + b"a = x", None),
    "a large file": (b"x = [" + b"1, " * 300_000 + b"]", "larger than"),
    "a NUL byte": (b'x = "\0"', "NUL byte"),
    "a syntax error": (b"def f(:\n", "invalid syntax"),
    "an escape that does not exist": (b"x = '\\N{NO SUCH NAME}'", "unicode error"),
    "an escape that is cut short": (b"x = b'\\xz'", "value error"),
    "text next to bytes": (b"x = u'a' b'b'", "mix bytes"),
    "a number of 5000 digits": (b"x = " + b"1" * 5000, "Exceeds the limit"),
    "a backslash that means itself": (b"x = '\\d'", None),
    "a lone starred expression": (b"*x", None),
    "an unknown encoding": (b"# coding: nonsense\n", "cannot be decoded"),
    "not UTF-8": (b'x = "\xe9"\n', "cannot be decoded"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "cannot be decoded"),
    "Latin-1, declared": (b'# coding: latin-1\nx = "\xe9"\n', None),
    "a byte order mark": (b"\xef\xbb\xbfx = 1\n", None),
    "carriage returns": (b"x = 1\r\ny = 2\r\n", None),
    "nothing": (b"", None),
    "recursion": (b"def f(a):\n    return f([a])\n\n\nf(1)\n", None),
    "mutual recursion": (b"def f(a):\n    return g(a)\n\n\ndef g(a):\n    return f(a)\n", None),
    "a class that extends itself": (b"class A(A):\n    pass\n\n\nA().x\n", None),
    "an import of itself": (b"from bad import *\nimport bad\nbad.bad.bad\n", None),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_file(name: str) -> None:
    content, expected = EXTREMES[name]
    result = analyzed({"bad.py": content + b"\n", "good.py": GOOD})
    assert [orchestrator.name for orchestrator in result.orchestrators] == ["orch"]
    by_rule = {finding.rule: finding for finding in result.findings}
    assert "wall-clock" in by_rule, "the other file is still judged"
    if expected is None:
        assert "syntax-error" not in by_rule
    else:
        assert expected in by_rule["syntax-error"].message


def test_deep_recursion_through_orchestrators_ends() -> None:
    functions = "".join(f"def f{i}(ctx):\n    return f{i + 1}(ctx)\n\n\n" for i in range(800))
    last = "def f800(ctx):\n    return time.time()\n\n\n"
    result = analyzed({"a.py": GOOD.replace("time.time()", "f0(ctx)") + functions + last})
    assert [finding.rule for finding in result.findings] == ["wall-clock"]
    assert len(result.findings[0].trace) == 802, "nothing on the way is hidden"


def test_positions_count_characters() -> None:
    lines = (
        "\ufeff# é",
        "from durabletask import task; import time",
        "",
        "",
        "def o(ctx: task.OrchestrationContext, _):",
        '    x = "日本"; return [ time . time() ]',
    )
    result = analyzed({"a.py": "\r\n".join(lines).encode()})
    span = result.findings[0].span
    assert (span.line, span.column, span.end_line, span.end_column) == (6, 24, 6, 37)


def test_positions_survive_what_libcst_normalizes() -> None:
    """LibCST drops the space before this colon; the columns after it must not move."""
    source = "def f():\n    try:\n        pass\n    except (ValueError, TypeError) :\n        pass\n\n\n"
    result = analyzed({"a.py": source + GOOD})
    assert result.findings[0].excerpt.lines[1].strip() == "return time.time()"
    assert result.findings[0].span.column == 12


SAMPLES = [
    path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent / "sample_project").rglob("*.py"))
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real file with lines removed, repeated, exchanged, indented and shuffled."""
    lines = draw(st.sampled_from(SAMPLES)).split("\n")
    for _ in range(draw(st.integers(1, 6))):
        position, other = (draw(st.integers(0, max(0, len(lines) - 1))) for _ in range(2))
        match draw(st.integers(0, 4)):
            case 0 if lines:
                del lines[position]
            case 1 if lines:
                lines.insert(position, lines[other])
            case 2 if lines:
                lines[position], lines[other] = lines[other], lines[position]
            case 3 if lines:
                lines[position] = "    " + lines[position]
            case _ if lines:
                lines[position] = lines[position].replace(
                    draw(st.sampled_from(["yield ", "(", ")", ":", "def "])), "", 1
                )
    return "\n".join(lines)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_mutated_code_never_crashes(source: str) -> None:
    for finding in analyzed({"a.py": source}).findings:
        assert finding.excerpt.lines, finding
        assert finding.span.line <= source.count("\n") + 2


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_crash(content: bytes) -> None:
    analyzed({"a.py": b"from durabletask import task\n" + content, "good.py": GOOD})
