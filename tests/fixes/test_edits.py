"""Fixes: what they write, and that applying them is safe, complete and repeatable."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from textwrap import dedent, indent

import pytest

from determinism_lint.fixes.edits import Fixed, apply_edits, diff, fix_file, write
from determinism_lint.languages import languages, parse
from determinism_lint.model import Edit, Finding, Span
from determinism_lint.rules.catalogue import load_catalogue
from determinism_lint.rules.text import Example, parse_text
from tests.projects import ROOT, analyzed


def in_task(body: str, *lines: str) -> str:
    """A durabletask orchestrator with this body, below some lines."""
    head = "\n".join((*lines, "from durabletask import task", "", "def o(ctx: task.OrchestrationContext, x):"))
    return head + "\n" + indent(body, "    ") + "\n"


def in_functions(body: str, *lines: str) -> str:
    """The same for azure-functions-durable 1.x."""
    head = (*lines, "import azure.durable_functions as df", "app = df.DFApp()")
    trigger = "@app.orchestration_trigger(context_name='context')"
    return "\n".join((*head, trigger, "def o(context):")) + "\n" + indent(body, "    ") + "\n"


def fixed(source: str, *, unsafe: bool = False) -> str:
    """The source after all its fixes, applied once."""
    content = source.encode()
    findings = analyzed({"a.py": content}).findings
    return fix_file(content, findings, unsafe=unsafe).content.decode()


SAFE = {
    "a clock": (
        in_task("return [datetime.datetime.utcnow()]", "import datetime"),
        ("datetime.datetime.utcnow()", "ctx.current_utc_datetime"),
    ),
    "a clock that is told the zone": (
        in_task("return [datetime.now(timezone.utc)]", "from datetime import datetime, timezone"),
        ("datetime.now(timezone.utc)", "ctx.current_utc_datetime.replace(tzinfo=timezone.utc)"),
    ),
    "a clock, where the durable one is aware": (
        in_functions("return str(datetime.utcnow())", "from datetime import datetime"),
        ("datetime.utcnow()", "context.current_utc_datetime.replace(tzinfo=None)"),
    ),
    "a due time": (
        in_functions(
            "yield context.create_timer(datetime.utcnow() + timedelta(1))", "from datetime import datetime, timedelta"
        ),
        ("datetime.utcnow()", "context.current_utc_datetime"),
    ),
    "an id": (in_task("return str(uuid.uuid4())", "import uuid"), ("uuid.uuid4()", "ctx.new_uuid()")),
    "an id whose attribute is read": (
        in_task("return uuid.uuid4().hex", "import uuid"),
        ("uuid.uuid4()", "uuid.UUID(ctx.new_uuid())"),
    ),
    "an id whose attribute is read, 1.x": (
        in_functions("return uuid.uuid4().hex", "import uuid"),
        ("uuid.uuid4()", "uuid.UUID(context.new_uuid())"),
    ),
    "a log line": (
        in_task("if x:\n    logging.info(\n        'x')  # why", "import logging"),
        ("        logging.info(", "        if not ctx.is_replaying:\n            logging.info("),
    ),
    "an id that is only written": (
        in_task("return f'o-{uuid.uuid4()}'", "import uuid"),
        ("uuid.uuid4()", "ctx.new_uuid()"),
    ),
    "an id that is kept": (
        in_task("t = uuid.uuid4()\nreturn t.hex", "import uuid"),
        ("uuid.uuid4()", "uuid.UUID(ctx.new_uuid())"),
    ),
    "an id whose form is shown": (
        in_task("return f'{uuid.uuid4()!r}'", "import uuid"),
        ("uuid.uuid4()", "uuid.UUID(ctx.new_uuid())"),
    ),
    "an id of a class that is imported": (
        in_task("return uuid4().hex", "from uuid import UUID, uuid4"),
        ("uuid4().hex", "UUID(ctx.new_uuid()).hex"),
    ),
    "an id of a class that is not imported yet": (
        in_task("return uuid4().hex", "from uuid import uuid4"),
        (
            "from durabletask import task\n\ndef o(ctx: task.OrchestrationContext, x):\n    return uuid4()",
            "from durabletask import task\nfrom uuid import UUID\n\ndef o(ctx: task.OrchestrationContext, x):\n"
            "    return UUID(ctx.new_uuid())",
        ),
    ),
    "a log line that reads": (
        in_task("print('x', x['a'], x.get('b'), len(x), f'{x}', str(x).upper(), x['n'] + 1)"),
        ("    print(", "    if not ctx.is_replaying:\n        print("),
    ),
    "a log line whose error somebody might catch": (
        in_task("try:\n    print('x', x, x.y, str(x), f'{x}')\nfinally:\n    pass"),
        ("        print(", "        if not ctx.is_replaying:\n            print("),
    ),
}


UNSAFE = {
    "a dropped task": (
        in_task("ctx.call_activity('a')\nyield ctx.call_activity('b')"),
        ("    ctx.call_activity('a')", "    yield ctx.call_activity('a')"),
    ),
    "a dropped generator": (
        in_task("h(ctx)\nyield ctx.call_activity('b')", "def h(ctx):", "    yield ctx.call_activity('a')"),
        ("    h(ctx)", "    yield from h(ctx)"),
    ),
    "a set": (in_task("y = {str(x)}\nreturn [i for i in y]"), ("in y]", "in sorted(y)]")),
    "a set passed on": (in_task("y = {str(x)}\nreturn ','.join(y)"), ("join(y)", "join(sorted(y))")),
    "a set that is unpacked": (
        in_task("a, b = names()\nreturn [a, b]", "def names() -> set[str]:", "    return {'a', 'b'}"),
        ("a, b = names()", "a, b = sorted(names())"),
    ),
    "a set that a list is extended by": (in_task("y = {str(x)}\nz = []\nz += y\nreturn z"), ("+= y", "+= sorted(y)")),
    "lost events": (
        in_task("yield ctx.wait_for_external_event('e')\nctx.continue_as_new(x)"),
        ("continue_as_new(x)", "continue_as_new(x, save_events=True)"),
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_safe_fix(name: str) -> None:
    source, (before, after) = SAFE[name]
    result = fixed(source)
    assert result == source.replace(before, after)
    assert fixed(result) == result
    assert fixed(source, unsafe=True) == result


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_fix(name: str) -> None:
    source, (before, after) = UNSAFE[name]
    assert fixed(source) == source
    result = fixed(source, unsafe=True)
    assert result == source.replace(before, after)
    assert fixed(result, unsafe=True) == result


def test_the_title_says_that_local_time_becomes_utc() -> None:
    for clock, says in (("now()", True), ("today()", True), ("utcnow()", False), ("now(timezone.utc)", False)):
        source = in_task(f"return [datetime.{clock}]", "from datetime import datetime, timezone")
        (finding,) = analyzed({"a.py": source}).findings
        assert finding.fix is not None
        assert finding.fix.title.endswith(", which is UTC, not local time") == says


UNFIXED = {
    "a log line that waits": in_task("print((yield ctx.call_activity('a')))"),
    "a log line that delegates": in_task("print((yield from h(ctx)))", "def h(c):", "    yield c.call_activity('a')"),
    "a log line that takes from a list": in_task("print(x.pop())"),
    "a log line that takes from an iterator": in_task("it = iter(x)\nprint(next(it))"),
    "a log line that empties an iterator": in_task("it = iter(x)\nprint(*it)"),
    "a log line that looks for something in an iterator": in_task("it = iter(x)\nprint(3 in it)"),
    "a log line that goes through an iterator": in_task("it = iter(x)\nprint([i for i in it])"),
    "a log line that joins an iterator": in_task("it = iter(x)\nprint(','.join(it))"),
    "a log line that binds a name": in_task("print(n := len(x))\nreturn n"),
    "a log line that calls a function of the project": in_task("print(h(x))", "def h(x):", "    return x.pop()"),
    "a log line that takes from a queue": in_task("print(x.get())"),
    "a log line that asks a server": in_task("print(x.get('https://example.com'))"),
    "a log line that goes into a file": in_task("print(x, file=x)"),
    "a log line that makes what a dictionary lacks": in_task(
        "d = defaultdict(list)\nprint(d['a'])\nreturn dict(d)", "from collections import defaultdict"
    ),
    "a log line whose error is caught": in_task("try:\n    print(x['a'])\nexcept KeyError:\n    return 1"),
    "a log line of a helper, whose error its caller may catch": in_task(
        "h(ctx, x)", "def h(ctx, x):", "    print(x['a'])"
    ),
    "an id of another library, whose attribute is read": in_task("return uuid7().hex", "from uuid6 import uuid7"),
    "an id that has arguments": in_task("return str(uuid.uuid1(1))", "import uuid"),
    "a set of items that cannot be compared": in_task("y = {None, 'a', 3}\nreturn [i for i in y]"),
    "a set of unknown items": in_task("y = {str(x), x}\nreturn [i for i in y]"),
    "a set that something is added to": in_task("y = {'a', 'b'}\ny.add(x)\nreturn [i for i in y]"),
    "a helper without the context": in_task(
        "return [h()]", "import datetime", "def h():", "    return datetime.datetime.now()"
    ),
    "a local time": in_task(
        "return [datetime.now(ZoneInfo('Europe/Berlin'))]",
        "from datetime import datetime",
        "from zoneinfo import ZoneInfo",
    ),
    "a log call inside an expression": in_task("return x or print(x)"),
    "two statements on a line": in_task("print(x); print(2)"),
    "a set that is passed on by keyword": in_task("y = {str(x)}\nreturn zip(*y)"),
    "a combination of sets": in_task("y = {str(x)}\nreturn [i for i in y - {'a'}]"),
    "an item of a set": in_task("y = {str(x)}\nreturn y.pop()"),
    "sets that are unpacked in a collection, a loop, a comprehension, a context": in_task(
        "y = {str(x), 'a'}\na, (b, c) = 1, y\n(d, e), f = y, 1\n"
        "for g, h in [y, y]:\n    pass\nreturn [a, b, c, d, e, f, [i for i, j in [y]]]",
    ),
    "a log call whose statement goes on": in_task("print(x); y = 1\nreturn y"),
    "a log call in a helper without the context": in_task("h(x)", "def h(x):", "    print(x)"),
    "a sleep whose argument is unpacked": in_task("yield ctx.call_activity('a')\ntime.sleep(*x)", "import time"),
    "a sleep in an orchestrator that is not a generator": in_task("time.sleep(5)", "import time"),
    "a sleep inside an expression": in_task("yield ctx.call_activity('a')\nreturn time.sleep(5)", "import time"),
    "a sleep that is awaited": in_task(
        "yield ctx.call_activity('a')\nh()",
        "import asyncio",
        "async def g():",
        "    await asyncio.sleep(5)",
        "def h():",
        "    return asyncio.run(g())",
    ),
    "a task that is named in a statement of its own": in_task("t = ctx.call_activity('a')\nt\nyield t"),
    "a task that is taken for its result": in_task(
        "yield ctx.call_activity('b')\nif ctx.call_activity('a'):\n    pass"
    ),
    "a clock with too many arguments": in_task(
        "return [str(datetime.now(timezone.utc, 1))]", "from datetime import datetime, timezone"
    ),
    "nothing to continue with": in_task("yield ctx.wait_for_external_event('e')\nctx.continue_as_new()"),
    "a set that a context manager hands out": in_task(
        "with C() as (a, b):\n    return [a, b]",
        "class C:",
        "    def __enter__(self):",
        "        return {'a', 'b'}",
    ),
    "unpacked arguments of continue_as_new": in_task("yield ctx.wait_for_external_event('e')\nctx.continue_as_new(*x)"),
    "an orchestrator that is not a generator": in_task("ctx.call_activity('a')"),
}


@pytest.mark.parametrize("name", UNFIXED)
def test_no_fix_where_it_might_be_wrong(name: str) -> None:
    findings = analyzed({"a.py": UNFIXED[name]}).findings
    assert findings
    assert fixed(UNFIXED[name], unsafe=True) == UNFIXED[name]
    assert [finding for finding in findings if "not fixed: " in (finding.help or "")], "a refusal is told"


def test_unsafe_fix_turns_a_sleep_into_a_timer_and_imports_what_it_needs() -> None:
    source = dedent('''\
        """A module."""
        from __future__ import annotations
        import time
        from durabletask import task


        def o(ctx: task.OrchestrationContext, x):
            yield ctx.call_activity("a")
            time.sleep(x * 2)
            time.sleep(5)
        ''')
    assert fixed(source) == source
    assert fixed(source, unsafe=True) == dedent('''\
        """A module."""
        from __future__ import annotations
        import time
        from durabletask import task
        from datetime import timedelta


        def o(ctx: task.OrchestrationContext, x):
            yield ctx.call_activity("a")
            yield ctx.create_timer(timedelta(seconds=x * 2))
            yield ctx.create_timer(timedelta(seconds=5))
        ''')


def test_unsafe_fix_uses_the_imports_that_are_there() -> None:
    source = in_functions("yield context.call_activity('a')\ntime.sleep(5)", "import time", "import datetime as dt")
    timer = "    yield context.create_timer(context.current_utc_datetime + dt.timedelta(seconds=5))\n"
    assert timer in fixed(source, unsafe=True)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("from datetime import (\n    date,\n    timedelta as td,\n)", "td(seconds=5)"),
        ('"""A module."""', '"""A module."""\nfrom datetime import timedelta\n'),
        ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-", "utf-8 -*-\nfrom datetime import timedelta\n@app"),
        ('import azure.functions\n"""x"""', "import azure.functions\nfrom datetime import timedelta\n"),
    ],
)
def test_where_imports_go(head: str, line: str) -> None:
    source = in_functions("import time\nyield context.call_activity('a')\ntime.sleep(5)", head)
    source = source.replace("import azure.durable_functions as df\napp = df.DFApp()\n", "")
    result = fixed(source, unsafe=True)
    assert line in result
    compile(result, "a.py", "exec")


JUDGED = {language.id for language in languages()}

EXAMPLES = [
    pytest.param(example, id=f"{rule.name}:{example.line}")
    for rule in load_catalogue().values()
    for example in rule.examples
    if example.language in JUDGED and example.kind == "wrong"
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_fixable_example_is_clean_afterwards(example: Example) -> None:
    files = {name: text.encode() for name, text in example.files.items()}
    findings = analyzed(dict(files)).findings
    fixable = [finding for finding in findings if finding.fix is not None and finding.fix.safety == "safe"]
    changed = {
        name: fix_file(content, [f for f in findings if f.path == ROOT + name]).content
        for name, content in files.items()
    }
    after = analyzed(dict(changed)).findings
    assert len(after) == len(findings) - len(fixable)
    assert not [finding for finding in after if finding.fix is not None and finding.fix.safety == "safe"]


CASES = [
    pytest.param(example, id=f"{path.stem}:{example.line}")
    for path in sorted((Path(__file__).parents[1] / "cases").glob("*.md"))
    for example in parse_text(path.read_text(encoding="utf-8"), str(path)).examples
    if example.language in JUDGED and example.kind == "wrong"
]


@pytest.mark.parametrize("example", CASES)
def test_fixes_of_every_case_come_to_an_end_and_compile(example: Example) -> None:
    files = {name: text.encode() for name, text in example.files.items()}
    for _ in range(5):
        findings = analyzed(dict(files)).findings
        fixable = [finding for finding in findings if finding.fix is not None]
        if not fixable:
            break
        for name, content in files.items():
            files[name] = fix_file(content, [f for f in fixable if f.path == ROOT + name], unsafe=True).content
            parse(name, files[name])
            if name.endswith(".py"):
                compile(files[name], name, "exec")
    assert not fixable


# --- applying ---------------------------------------------------------------------------------------------------


def test_encoding_byte_order_mark_and_line_endings_stay() -> None:
    body = "print('\xe9')\nreturn str(uuid.uuid4())"
    source = in_task(body, "# -*- coding: latin-1 -*-", "import uuid").replace("\n", "\r\n")
    content = source.encode("latin-1")
    result = fix_file(content, analyzed({"a.py": content}).findings).content
    expected = source.replace("uuid.uuid4()", "ctx.new_uuid()")
    expected = expected.replace("    print(", "    if not ctx.is_replaying:\r\n        print(")
    assert result == expected.encode("latin-1")
    marked = b"\xef\xbb\xbf" + SAFE["an id"][0].encode()
    assert fix_file(marked, analyzed({"a.py": marked}).findings).content.startswith(b"\xef\xbb\xbfimport")


def test_overlapping_fixes_are_left_for_the_next_run() -> None:
    content = b"abcdef\n"
    first, second = (_finding(Span(1, 1, 1, 4), "X"), _finding(Span(1, 3, 1, 5), "Y"))
    result = fix_file(content, [second, first])
    assert result.content == b"Xdef\n"
    assert result.applied == (first,)


def test_a_fix_whose_result_does_not_parse_is_not_applied() -> None:
    wrong, right = _finding(Span(1, 1, 1, 2), "def ("), _finding(Span(2, 1, 2, 2), "x")
    refused = ((wrong, "with the fix the file could not be parsed"),)
    assert fix_file(b"abc\n", [wrong]) == Fixed(b"abc\n", (), refused)
    assert fix_file(b"abc\nabc\n", [wrong, right]) == Fixed(b"abc\nxbc\n", (right,), refused)


def test_fixes_are_parsed_where_deeply_nested_code_has_room() -> None:
    source = in_task(f"y = {'not ' * 3000}x\nreturn str(uuid.uuid4())", "import uuid")
    assert fixed(source) == source.replace("uuid.uuid4()", "ctx.new_uuid()")


def test_a_fix_that_the_encoding_lacks_a_character_for_is_not_applied() -> None:
    content = b"# coding: ascii\nabc\n"
    wrong, right = _finding(Span(2, 1, 2, 2), "\xe9"), _finding(Span(2, 2, 2, 3), "x")
    refused = ((wrong, "the encoding ascii lacks a character of it"),)
    assert fix_file(content, [wrong, right]) == Fixed(b"# coding: ascii\naxc\n", (right,), refused)


def test_edits_are_applied_from_the_end() -> None:
    edits = (Edit(Span(1, 1, 1, 1), ">> "), Edit(Span(2, 1, 2, 2), "yyyy"), Edit(Span(2, 2, 2, 2), "!"))
    assert apply_edits("x\ny\n", edits) == ">> x\nyyyy!\n"


def test_diff_is_empty_without_a_change_and_marks_a_missing_newline() -> None:
    assert diff("a.py", b"x\n", b"x\n") == ""
    assert diff("a.py", b"x", b"y") == (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
    )


def test_an_insertion_beside_another_fix_is_left_for_the_next_run() -> None:
    first, second = (_finding(Span(1, 1, 1, 4), "X"), _finding(Span(1, 4, 1, 4), "Y"))
    result = fix_file(b"abcdef\n", [first, second])
    assert (result.content, result.applied) == (b"Xdef\n", (first,))
    apart = _finding(Span(1, 5, 1, 5), "Y")
    assert fix_file(b"abcdef\n", [first, apart]).content == b"XdYef\n"


def test_insertions_of_whole_lines_at_one_place_go_together_in_their_order() -> None:
    before, after = Span(1, 1, 1, 1), Span(1, 2, 1, 2)
    for first, second, place, result in (
        ("c\n", "b\n", before, b"b\nc\na\n"),
        ("\nc", "\nb", after, b"a\nb\nc\n"),
        ("\r\nc", "\nb", after, b"a\nb\r\nc\n"),
    ):
        findings = [_finding(place, first), _finding(place, second)]
        for order in (findings, findings[::-1]):
            fixed = fix_file(b"a\n", order)
            assert (fixed.content, len(fixed.applied)) == (result, 2)
    for first, second in (("b\n", "\nc"), ("b\n", "c;"), ("\nb", "c")):
        assert len(fix_file(b"a\n", [_finding(before, first), _finding(before, second)]).applied) == 1


def test_only_a_line_feed_ends_a_line_of_a_diff() -> None:
    before = "a\x0c\nb = 1  # \u2028\r\n"
    assert diff("a.py", before.encode(), before.replace("1", "2").encode()) == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\x0c\n-b = 1  # \u2028\r\n+b = 2  # \u2028\r\n"
    )


def test_write_keeps_mode_and_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.py", tmp_path / "link.py"
    target.write_bytes(b"old")
    target.chmod(0o754)
    link.symlink_to(target)
    write(str(link), b"new")
    assert target.read_bytes() == b"new"
    assert link.is_symlink()
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o754


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.py"
    target.write_bytes(b"old")
    target.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # which root, who may run the tests, never sees
    with pytest.raises(PermissionError):
        write(str(target), b"new")
    assert target.read_bytes() == b"old"


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write(str(tmp_path / "absent" / "a.py"), b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_late_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*paths: str) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "a.py"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write(str(target), b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def _finding(span: Span, text: str) -> Finding:
    from determinism_lint.model import Excerpt, Fix

    fix = Fix("safe", "t", (Edit(span, text),))
    return Finding("r", "error", "m", "a.py", span, Excerpt(1, ()), fix=fix)
