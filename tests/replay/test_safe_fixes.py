"""Safe fixes change nothing that a history holds: what generated orchestrators did, they still do once fixed.

Each is run before it is fixed, and its histories are replayed on the fixed code. Payloads tell types, not times and
ids, so that they must be equal too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import indent

import pytest

from determinism_lint.fixes.edits import fix_file
from determinism_lint.replay.jobs import Job, JobKind
from determinism_lint.replay.model import Difference
from determinism_lint.replay.perturb import Circumstances, Clock
from determinism_lint.replay.process import execute
from tests.environments import sdk_python
from tests.projects import analyzed

STATEMENTS = (
    # What is logged: some of it may be left out on replay, some of it does more than read.
    "print('at', x['n'])",
    "logging.info('%s of %s', x.get('n'), len(x['items']))",
    "logging.warning(f'{x} {str(x).upper()}')",
    "print(x['items'].pop())\nCALL(x['items'])",
    "print((CALL('logged')))",
    "it = iter(x['items'])\nprint(next(it))\nCALL(list(it))",
    "it = iter(x['items'])\nprint(*it)\nCALL(list(it))",
    "it = iter(x['items'])\nprint(2 in it)\nCALL(list(it))",
    "print(left := len(x['items']))\nCALL(left)",
    "print(take(x['items']))\nCALL(x['items'])",
    "from collections import defaultdict\nd = defaultdict(list)\nprint(d['new'])\nCALL(sorted(d))",
    "try:\n    print(x['lacking'])\nexcept KeyError:\n    CALL('caught')",
    "try:\n    print(x)\nexcept KeyError:\n    CALL('caught')",
    # Clocks.
    *(
        f"t = {clock}\nCALL([type(t).__name__, getattr(t, 'tzinfo', None) is None])"
        for clock in (
            "datetime.utcnow()",
            "datetime.now()",
            "datetime.today()",
            "datetime.now(timezone.utc)",
            "datetime.now(tz=timezone.utc)",
            "date.today()",
        )
    ),
    "CALL(datetime.utcnow() > datetime(2000, 1, 1))",
    "CALL(datetime.now(timezone.utc).isoformat()[-6:])",
    # Ids.
    "u = uuid.uuid4()\nCALL([type(u).__name__, len(u.hex)])",
    "u = uuid4()\nCALL(len(u.bytes))",
    "u = str(uuid.uuid4())\nCALL([type(u).__name__, len(u), u.count('-')])",
    "CALL(len(f'{uuid.uuid4()}'))",
    "CALL(len(f'{uuid.uuid4()!r}'))",
    "CALL(len({uuid.uuid1(), uuid.uuid1()}))",
    # What only unsafe fixes change.
    "for item in {'b', 'a', 'c'}:\n    CALL(item)",
    "START('dropped')",
    # Ways to go on.
    "CALL(x['n'])",
    "x['items'].append(CALLED(x['n']))",
)

HEADS = {
    "durable-task-python": (
        "from durabletask import task\n\n\ndef work(ctx: task.ActivityContext, value):\n    return value\n",
        "def {name}(ctx: task.OrchestrationContext, x):\n",
        "ctx.call_activity(work, input=",
    ),
    "durable-functions-python": (
        "import azure.durable_functions as df\n\napp = df.DFApp()\n\n\n"
        "@app.activity_trigger(input_name='value')\ndef work(value):\n    return value\n",
        "@app.orchestration_trigger(context_name='ctx')\n"
        "def {name}(ctx: df.DurableOrchestrationContext):\n    x = ctx.get_input()\n",
        "ctx.call_activity('work', ",
    ),
}
IMPORTS = """\
import logging
import uuid
from datetime import date, datetime, timezone
from uuid import uuid4


def take(items):
    return items.pop()


"""
NUMBER = 12
"""Orchestrators in a file."""
SAME = Circumstances(0, "UTC", "host", (Clock(0, 0.001),))


def program(sdk: str, seed: int) -> str:
    """A file of orchestrators, each made of some statements in some order."""
    chosen = random.Random(seed)
    head, declaration, call = HEADS[sdk]
    text = IMPORTS + head
    for number in range(NUMBER):
        # Each statement stands in some orchestrator of a few files.
        first = STATEMENTS[(seed * NUMBER + number) % len(STATEMENTS)]
        body = "\n".join(_placed(chosen, each) for each in [first, *chosen.choices(STATEMENTS, k=3)])
        code = re.sub(r"(CALL|CALLED|START)\(", lambda word: f"{'' if word[1] == 'START' else 'yield '}{call}", body)
        code = re.sub(r"append\((yield .*)\)$", r"append((\1))", code, flags=re.M)
        text += "\n\n" + declaration.format(name=f"o{number}") + indent(f"{code}\nyield {call}'end')\n", "    ")
    return text


def _placed(chosen: random.Random, statement: str) -> str:
    """As it is, in a loop, or under a condition."""
    around = chosen.choice(("", "", "for _ in range(2):\n", "if x['n'] > 1:\n"))
    return around + indent(statement, "    ") if around else statement


@cache
def fixed(text: str, *, unsafe: bool = False) -> tuple[str, tuple[str, ...]]:
    """The file after its fixes, and what they are called."""
    titles: list[str] = []
    for _ in range(5):
        result = fix_file(text.encode(), analyzed({"a.py": text}).findings, unsafe=unsafe)
        if not result.applied:
            break
        titles += [finding.fix.title for finding in result.applied if finding.fix is not None]
        text = result.content.decode()
    return text, tuple(titles)


def differences(sdk: str, folder: Path, before: str, after: str) -> Iterator[tuple[str, Difference]]:
    """What each orchestrator of a file decides otherwise, when the other file replays its histories."""
    python = str(sdk_python(sdk))
    (folder / "before").mkdir()
    (folder / "after").mkdir()
    old, new = folder / "before" / "app.py", folder / "after" / "app.py"
    old.write_text(before, encoding="utf-8")
    new.write_text(after, encoding="utf-8")
    for number in range(NUMBER):
        order = {"n": 2, "items": [1, 2, 3, 4, 5, 6, 7, 8, 9]}
        ran = execute(Job(JobKind.CAPTURE, str(old), f"o{number}", order, True), python)
        assert ran.capture is not None, ran.error
        scenarios = ran.capture.scenarios
        assert len(scenarios[0].result.episodes) > 1, scenarios[0].result
        replayed = execute(Job(JobKind.REPLAY, str(new), f"o{number}", scenarios=scenarios, circumstances=SAME), python)
        assert replayed.error is None, replayed.error
        yield from ((f"o{number}", difference) for difference in replayed.differences)


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("sdk", HEADS)
def test_histories_of_the_code_before_replay_on_the_code_after(sdk: str, seed: int, tmp_path: Path) -> None:
    before = program(sdk, seed)
    after, titles = fixed(before)
    assert titles, "it has something to prove"
    assert list(differences(sdk, tmp_path, before, after)) == []


@pytest.mark.parametrize("sdk", HEADS)
def test_every_statement_and_every_safe_fix_is_tried(sdk: str) -> None:
    programs = [program(sdk, seed) for seed in range(9)]
    for statement in STATEMENTS:
        lines = [line for line in statement.splitlines() if not re.search("CALL|START", line)]
        assert all(line in "".join(programs) for line in lines), statement
    titles = [title for text in programs for title in fixed(text)[1]]
    for kind in ("guard it", "replace with `uuid.UUID(", "replace with `ctx.new_uuid()", "replace with `ctx.current_"):
        assert sum(title.startswith(kind) for title in titles) >= 9, kind


@pytest.mark.parametrize("sdk", HEADS)
def test_unsafe_fixes_do_not_pass(sdk: str, tmp_path: Path) -> None:
    """The proof can fail: with a wait more, or another order, replay decides otherwise."""
    before = program(sdk, 2)
    after, titles = fixed(before, unsafe=True)
    assert any(title.startswith(("sort it", "put `yield`")) for title in titles)
    assert list(differences(sdk, tmp_path, before, after)) != []
