from __future__ import annotations

import io
import textwrap
import tokenize

from hypothesis import given
from hypothesis import strategies as st

from determinism_lint.model import Excerpt, Finding, Severity, Span
from determinism_lint.run.ignores import apply_ignores, decode, find_ignores

RULES: dict[str, Severity] = {"wall-clock": "error", "random-id": "error", "syntax-error": "error"}


def finding(line: int, rule: str = "wall-clock", end_line: int | None = None, path: str = "/p/a.py") -> Finding:
    return Finding(rule, "error", "m", path, Span(line, 1, end_line or line, 2), Excerpt(line, ("x",)))


def judged(text: str, *findings: Finding, path: str = "/p/a.py") -> tuple[list[tuple[str, int, str]], int]:
    """What is left, without the findings' own messages, and how many were suppressed."""
    kept, suppressed = apply_ignores(findings, {path: textwrap.dedent(text)}, RULES)
    return [(each.rule, each.span.line, "" if each.message == "m" else each.message) for each in kept], suppressed


def test_on_the_line() -> None:
    text = "now()  # determinism-lint: ignore[wall-clock] a reason\nnow()\n"
    assert judged(text, finding(1), finding(2)) == ([("wall-clock", 2, "")], 1)


def test_on_any_line_of_the_span() -> None:
    text = "f(\n  now,  # determinism-lint: ignore[wall-clock]\n)\n"
    assert judged(text, finding(1, end_line=3)) == ([], 1)


def test_alone_on_the_line_above() -> None:
    text = "# determinism-lint: ignore[wall-clock] a reason\n# that goes on\nnow()\nnow()\n"
    assert judged(text, finding(3), finding(4)) == ([("wall-clock", 4, "")], 1)


def test_a_blank_line_or_code_in_between_separates() -> None:
    for text in (
        "# determinism-lint: ignore[wall-clock]\n\nnow()\n",
        "x  # determinism-lint: ignore[wall-clock]\n\nnow()",
    ):
        kept, suppressed = judged(text, finding(3))
        assert [rule for rule, _, _ in kept] == ["wall-clock", "unused-ignore"]
        assert suppressed == 0


def test_several_rules_and_several_comments() -> None:
    text = (
        "now()  # noqa # determinism-lint: ignore[ wall-clock , random-id ] # determinism-lint: ignore[syntax-error]\n"
    )
    found = (finding(1), finding(1, "random-id"), finding(1, "syntax-error"))
    assert judged(text, *found) == ([], 3)


def test_the_whole_file() -> None:
    text = "x = 1\nnow()\nnow()\n# determinism-lint: ignore-file[wall-clock] generated\n"
    found = (finding(2), finding(3), finding(2, path="/p/b.py"))
    assert judged(text, *found) == ([("wall-clock", 2, "")], 2)


def test_unused() -> None:
    text = "x  # determinism-lint: ignore[wall-clock, random-id]\n# determinism-lint: ignore-file[wall-clock]\n"
    assert judged(text, finding(1, "random-id")) == (
        [
            ("unused-ignore", 1, "`wall-clock` finds nothing to ignore here"),
            ("unused-ignore", 2, "`wall-clock` finds nothing to ignore in this file"),
        ],
        1,
    )


def test_nothing_is_called_unused_in_a_file_that_was_not_understood() -> None:
    text = "x(  # determinism-lint: ignore[wall-clock]\n"
    assert judged(text, finding(1, "syntax-error")) == ([("syntax-error", 1, "")], 0)


def test_unknown() -> None:
    text = """\
        x  # determinism-lint: ignore[wallclock]
        x  # determinism-lint: ignore
        x  # determinism-lint: ignore[]
        x  # determinism-lint: ingore[wall-clock]
        """
    assert judged(text) == (
        [
            ("unknown-ignore", 1, "no rule is called `wallclock`; did you mean `wall-clock`?"),
            ("unknown-ignore", 2, "`ignore` names no rule; write `ignore[rule] reason`"),
            ("unknown-ignore", 3, "`ignore` names no rule; write `ignore[rule] reason`"),
            ("unknown-ignore", 4, "`determinism-lint: ingore` means nothing; did you mean `ignore`?"),
        ],
        0,
    )


def test_their_severity_is_the_catalogues() -> None:
    text = "x  # determinism-lint: ignore[wall-clock]\n"
    for rules, severity in ((RULES, "warning"), ({**RULES, "unused-ignore": "info"}, "info")):
        ((unused,), _) = apply_ignores([], {"/p/a.py": text}, rules)
        assert unused.severity == severity


def test_the_comment_is_marked_exactly() -> None:
    (ignore,) = find_ignores("/p/a.py", "été = 1  # x # determinism-lint: ignore[wall-clock]  reason\n")
    assert ignore.span == Span(1, 14, 1, 52)
    kept, _ = apply_ignores([], {"/p/a.py": "a\nb  # determinism-lint: ignore[random-id]\nc\nd\n"}, RULES)
    assert kept[0].excerpt == Excerpt(1, ("a", "b  # determinism-lint: ignore[random-id]", "c"))
    assert kept[0].help == "remove `random-id` from the comment"


def test_strings_are_no_comments() -> None:
    text = '''\
a = "# determinism-lint: ignore[wall-clock]"
b = """
# determinism-lint: ignore[wall-clock]
"""
c = '\\'# determinism-lint: ignore[wall-clock]'  # determinism-lint: ignore[random-id]
d = f"{a!r:#>10} # determinism-lint: ignore[wall-clock]"
'''
    for broken in ("", "\n  (]\n"):
        found = find_ignores("/p/a.py", text + broken)
        assert [(ignore.span.line, ignore.rules) for ignore in found] == [(5, ("random-id",))]


def test_other_languages() -> None:
    text = '''\
var a = "// determinism-lint: ignore[wall-clock]"; // determinism-lint: ignore[random-id]
var b = @"c:\\"; // determinism-lint: ignore[random-id]
/* one
   // determinism-lint: ignore[wall-clock] */
var c = """
   " // determinism-lint: ignore[syntax-error]
""";
var d = `// determinism-lint: ignore[syntax-error]`; var e = '"'; /* determinism-lint: ignore[random-id] */
'''
    found = find_ignores("/p/a.cs", text)
    assert [(ignore.span.line, ignore.span.column, ignore.rules) for ignore in found] == [
        (1, 52, ("random-id",)),
        (2, 17, ("random-id",)),
        (4, 4, ("wall-clock",)),
        (8, 67, ("random-id",)),
    ]


def test_alone_above_in_other_languages() -> None:
    text = "// determinism-lint: ignore[wall-clock]\n// more words\nnow();\n"
    assert judged(text, finding(3, path="/p/a.js"), path="/p/a.js") == ([], 1)


def test_decoding_never_fails() -> None:
    assert decode(b"\xef\xbb\xbfa\r\nb\rc\n\xff") == "a\nb\nc\n\ufffd"


DIRECTIVES = st.sampled_from(
    ["# determinism-lint: ignore[wall-clock]", "#determinism-lint:ignore-file[a,b] c", "// determinism-lint: x[", "#"]
)
PIECES = st.sampled_from(['"', "'", '"""', "'''", "\\", "\n", "{", "f'", "x = 1", "(", "`", "/*", "*/", "@", "é"])


@given(st.lists(DIRECTIVES | PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_is_survived_and_python_agrees_with_its_tokenizer(text: str) -> None:
    for path in ("/p/a.py", "/p/a.cs", "/p/a"):
        for ignore in find_ignores(path, text):
            line = text.split("\n")[ignore.span.line - 1]
            assert "determinism-lint:" in line[ignore.span.column - 1 : ignore.span.end_column - 1]
        kept, suppressed = apply_ignores([finding(1)], {path: text}, RULES)
        assert len([each for each in kept if each.message == "m"]) + suppressed == 1
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    expected = sum(comment.count("determinism-lint:") for comment in comments)
    assert len(find_ignores("/p/a.py", text)) <= expected
