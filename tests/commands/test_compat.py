"""`compat`: pairs of an orchestrator before and after a change; what it says of each is what a replay shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

import pytest

from determinism_lint.__main__ import main
from determinism_lint.replay.jobs import Job, JobKind
from determinism_lint.replay.perturb import Circumstances, Clock
from determinism_lint.replay.process import execute
from tests.environments import sdk_python
from tests.repositories import git

SAME = Circumstances(0, "UTC", "host", (Clock(0, 0.001),))
ORDER = {"n": 2, "items": [1, 2]}

HEADS = {
    "durable-task-python": (
        "from datetime import timedelta\n\nfrom durabletask import task\n\n\n"
        "def {name}(ctx: task.OrchestrationContext, x):\n",
        "ctx.call_activity('{}', input={})",
    ),
    "durable-functions-python": (
        "from datetime import timedelta\n\nimport azure.durable_functions as df\n\napp = df.DFApp()\n\n\n"
        "@app.orchestration_trigger(context_name='ctx')\n"
        "def {name}(ctx: df.DurableOrchestrationContext):\n    x = ctx.get_input()\n",
        "ctx.call_activity('{}', {})",
    ),
}


class Pair(NamedTuple):
    """Bodies, in which CALL(name, input) is an activity call."""

    before: str
    after: str
    words: tuple[str, ...] = ()
    """What is told of the change, by its first words; none when nothing concerns running instances."""
    breaks: bool = False
    replayed: bool = True
    """Whether a replay of the whole history can show it: one that has ended does not know of a step behind its end."""


A, B, C = "yield CALL(a, 1)\n", "yield CALL(b, 2)\n", "yield CALL(c, 3)\n"
TIMER = "yield ctx.create_timer(ctx.current_utc_datetime + timedelta(seconds=5))\n"
LONGER = TIMER.replace("5", "50")
IF, ELSE = "if x['n'] > 1:\n    ", "else:\n    "
EACH = "for i in x['items']:\n    "
HELPER = "def steps(ctx, x):\n{}\n"

PAIRS = {
    "nothing": Pair(A + B, A + B),
    "a comment": Pair(A + B, "# what it is\n" + A + B),
    "code that is no step": Pair(A + B, A + "y = len(x['items'])\n" + B),
    "another payload": Pair(A + B, A + B.replace("2", "22")),
    "another timer": Pair(A + TIMER + B, A + LONGER + B),
    "a local name": Pair("y = yield CALL(a, 1)\nyield CALL(b, y)\n", "z = yield CALL(a, 1)\nyield CALL(b, z)\n"),
    "a step in parallel form": Pair(A, "t = CALL(a, 1)\nyield t\n"),
    "a step at the end": Pair(A + B, A + B + C, ("activity `c` was added",), False, False),
    "two steps at the end": Pair(A, A + B + C, ("activity `b` was added", "activity `c` was added"), False, False),
    "a step first": Pair(A + B, C + A + B, ("activity `c` was added",), True),
    "a step between": Pair(A + B, A + C + B, ("activity `c` was added",), True),
    "a timer between": Pair(A + B, A + TIMER + B, ("timer",), True),
    "a step gone": Pair(A + B + C, A + C, ("activity `b` was removed",), True),
    "the last step gone": Pair(A + B, A, ("activity `b` was removed",), True),
    "the first step gone": Pair(A + B, B, ("activity `a` was removed",), True),
    "another activity": Pair(A + B, A + C, ("activity `c` stands in `flow` where activity `b` was",), True),
    "a timer for an activity": Pair(A + B, A + TIMER, ("timer",), True),
    "swapped": Pair(A + B, B + A, ("activity `b`",), True),
    "moved to the end": Pair(A + B + C, B + C + A, ("activity",), True),
    "in a branch that is taken": Pair(A + B, A + "if x['n'] > 1:\n    " + C + B, ("activity `c` was added",), True),
    "under a check of the version": Pair(
        A + B, A + "if x.get('version', 1) >= 2:\n    " + C + B, ("activity `c` was added",), False
    ),
    "another activity under a check": Pair(
        A + B, A + "if x.get('version', 1) >= 2:\n    " + C + "else:\n    " + B, ("activity `c` was added",), False
    ),
    "the whole old way under a check": Pair(
        A + B,
        "if x.get('version', 1) < 2:\n    " + A + "    " + B + "    return\n" + C + A,
        ("activity",),
        False,
    ),
    "in a loop": Pair(
        EACH + A, EACH + A + "    " + B, ("activity `b` was added",), True
    ),
    "behind a loop": Pair(
        EACH + A, EACH + A + B, ("activity `b` was added",), False, False
    ),
    "a step became a loop's": Pair(A + B, "for i in x['items']:\n    " + A + B, (), False, False),
    "two of a kind became one": Pair(A + A + B, A + B, ("activity `a` was removed",), True),
    "a helper holds the steps": Pair(A + B, "yield from steps(ctx, x)\n" + "#HELPER " + A + "#HELPER " + B),
    "a helper's step is another": Pair(
        "yield from steps(ctx, x)\n#HELPER " + A, "yield from steps(ctx, x)\n#HELPER " + B, ("activity `b`",), True
    ),
    "a failure is caught": Pair(
        A + B, "try:\n    " + A + "except ValueError:\n    pass\n" + B
    ),
    "a step at the end of a failure's way": Pair(
        "try:\n    " + A + "except Exception:\n    return 'failed'\n" + B,
        "try:\n    " + A + "except Exception:\n    " + C + "    return 'failed'\n" + B,
        ("activity `c` was added",), False, False,
    ),
    "a failure gets a way": Pair(
        A + B, "try:\n    " + A + "except Exception:\n    " + C + "    raise\n" + B,
        ("activity `c` was added",), False, False,
    ),
    "a step at the end of one way": Pair(
        IF + A + ELSE + B, IF + A + "    " + C + ELSE + B, ("activity `c` was added",), False, False
    ),
    "a way beside others": Pair(
        IF + A, IF + A + "elif x['n'] == 1:\n    " + C, ("activity `c` was added",)
    ),
    "the question asked the other way round": Pair(
        IF + A + ELSE + B + C, "if x['n'] <= 1:\n    " + B + ELSE + A + C
    ),
    "what both ways do, once": Pair(
        IF + A + "    " + C + ELSE + B + "    " + C, IF + A + ELSE + B + C
    ),
    "a loop left in another way": Pair(
        "while True:\n    " + A + "    if x['n'] > 1:\n        break\n    " + TIMER + B,
        A + "while x['n'] <= 1:\n    " + TIMER + "    " + A + B, ("activity `a` was added",)
    ),
    "a step under a condition": Pair(
        A + B + C, A + "if x['n'] > 2:\n    " + B + C, ("activity `b` may be skipped",), True
    ),
    "an early end": Pair(
        A + B, A + "if x['n'] > 1:\n    return\n" + B, ("activity `b` may be skipped",), True
    ),
    "what a condition asked before": Pair(
        IF + A, IF + "if x['items']:\n        " + B + "    " + A, ("activity `b` was added",), True
    ),
    "a failure's step gone": Pair(
        "try:\n    " + A + "except Exception:\n    " + C + "try:\n    " + B + "except Exception:\n    " + C,
        "try:\n    " + A + "except Exception:\n    pass\ntry:\n    " + B + "except Exception:\n    " + C,
        ("activity `c` was removed",), True,
    ),
    "an input that is refused": Pair(
        A + B, "if x['n'] < 0:\n    raise ValueError('no such number')\n" + A + B
    ),
    "a loop's step outside of it": Pair(
        EACH + A + B, A + B, ("activity `a` may be skipped",), True
    ),
}  # fmt: skip


def program(sdk: str, body: str) -> str:
    head, call = HEADS[sdk]
    own = "".join(line for line in body.splitlines(keepends=True) if not line.startswith("#HELPER"))
    helper = "".join(line[8:] for line in body.splitlines(keepends=True) if line.startswith("#HELPER"))
    text = (HELPER.format(indent(helper, "    ")) + "\n\n" if helper else "") + indent(own, "    ")
    if helper:
        steps, _, flow = text.partition("\n\n\n")
        imports, _, declaration = head.partition("\n\n\n")
        text = f"{imports}\n\n\n{steps}\n\n\n{declaration.format(name='flow')}{flow}"
    else:
        text = head.format(name="flow") + text
    return re.sub(r"CALL\((\w+), (\w+)\)", lambda found: call.format(found[1], found[2]), text)


Told = Callable[..., tuple[int, list[tuple[str, str]]]]


@pytest.fixture
def told(repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs the command in the repository; returns the exit status, and severity and message of each finding."""
    monkeypatch.chdir(repository)

    def told(*arguments: str) -> tuple[int, list[tuple[str, str]]]:
        status = main(["compat", "--output-format", "json", *arguments])
        found = json.loads(capsys.readouterr().out)["findings"]
        return status, [(each["severity"], each["message"]) for each in found]

    return told


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    return tmp_path


def committed(repository: Path, sdk: str, pair: Pair) -> Path:
    """The state before is committed, the one after is in the working tree."""
    path = repository / "app.py"
    path.write_text(program(sdk, pair.before), encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "before")
    path.write_text(program(sdk, pair.after), encoding="utf-8")
    return path


@pytest.mark.parametrize("sdk", HEADS)
@pytest.mark.parametrize("name", PAIRS)
def test_what_it_says_is_what_a_replay_shows(sdk: str, name: str, repository: Path, tmp_path: Path, told: Told) -> None:
    pair = PAIRS[name]
    path = committed(repository, sdk, pair)
    status, found = told()
    assert status == (1 if pair.breaks else 0), found
    assert any(severity == "error" for severity, _ in found) == pair.breaks
    for words in pair.words:
        assert any(message.startswith(words) for _, message in found), found
    if not pair.words:
        assert found == []
    if not pair.replayed:
        return
    python = str(sdk_python(sdk))
    old = tmp_path / "old" / "app.py"
    old.parent.mkdir()
    old.write_text(program(sdk, pair.before), encoding="utf-8")
    ran = execute(Job(JobKind.CAPTURE, str(old), "flow", ORDER, True), python)
    assert ran.capture is not None, ran.error
    job = Job(JobKind.REPLAY, str(path), "flow", scenarios=ran.capture.scenarios, circumstances=SAME)
    replayed = execute(job, python)
    assert replayed.error is None, replayed.error
    # Another payload or time is told to nobody, and harms nobody: the history has the one that counts.
    steps = [each for each in replayed.differences if name not in ("another payload", "another timer")]
    assert bool(steps) == pair.breaks


def test_orchestrators_of_one_name_are_told_apart(repository: Path, told: Told) -> None:
    """Apps beside each other, and functions in functions of one file; what moves to another file is found there."""
    one, other = (program("durable-task-python", body) for body in (A, B))
    for name, text in (("one.py", one), ("other.py", other)):
        (repository / name).write_text(text, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "before")
    assert told() == (0, [])
    (repository / "other.py").rename(repository / "moved.py")
    assert told() == (0, [])
    (repository / "moved.py").unlink()
    assert told() == (0, [])
    (repository / "one.py").write_text(other, encoding="utf-8")
    assert told()[0] == 1


def test_a_revision_of_which_large_files_are_missing(repository: Path, told: Told) -> None:
    """Partial clones lack them; files that are left out of archives are there."""
    (repository / "video.mp4").write_bytes(b"large")
    (repository / ".gitattributes").write_text("app.py export-ignore\n", encoding="utf-8")
    committed(repository, "durable-task-python", PAIRS["a step first"])
    lacking = git(repository, "rev-parse", "HEAD:video.mp4").strip()
    (repository / ".git" / "objects" / lacking[:2] / lacking[2:]).unlink()
    assert told()[0] == 1


CHOSEN = """\
from durabletask import task

CAREFUL = True


def hasty(ctx, x):
    yield ctx.call_activity("a", input=1)


def careful(ctx, x):
    STEPS


def flow(ctx: task.OrchestrationContext, x):
    chosen = careful if CAREFUL else hasty
    yield from chosen(ctx, x)
"""


def test_each_function_that_a_call_may_lead_to(repository: Path, told: Told) -> None:
    first = 'yield ctx.call_activity("b", input=1)'
    path = repository / "app.py"
    path.write_text(CHOSEN.replace("STEPS", first), encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "before")
    path.write_text(CHOSEN.replace("STEPS", f'yield ctx.call_activity("c")\n    {first}'), encoding="utf-8")
    status, found = told()
    assert (status, [message.split(":")[0] for _, message in found]) == (1, ["activity `c` was added in `flow`"])


def test_an_orchestrator_that_is_gone(repository: Path, told: Told) -> None:
    path = committed(repository, "durable-task-python", PAIRS["nothing"])
    path.write_text(path.read_text(encoding="utf-8").replace("flow", "other"), encoding="utf-8")
    status, found = told()
    assert status == 1
    assert found == [("error", "orchestrator `flow` is gone: running instances find no orchestrator of that name")]


def test_an_event_of_another_name(repository: Path, told: Told) -> None:
    pair = Pair("yield ctx.wait_for_external_event('go')\n" + A, "yield ctx.wait_for_external_event('start')\n" + A)
    committed(repository, "durable-task-python", pair)
    status, found = told()
    assert status == 1
    assert found == [
        (
            "error",
            "external event `start` stands in `flow` where external event `go` was: running instances wait for ever",
        )
    ]


UNAWAITED = {
    # The manifest, a program, and whether a call that nothing waits for is a step of it.
    "package.json": (
        '{"dependencies": {"durable-functions": "3.5.0"}}\n',
        "app.js",
        'const df = require("durable-functions");\n\n'
        'df.app.orchestration("flow", function* (context) {\n  CALL;\n  yield context.df.callActivity("b");\n});\n',
        'context.df.callActivity("a")',
        False,
    ),
    "requirements.txt": (
        "azure-functions-durable==1.7.0\n",
        "app.py",
        HEADS["durable-functions-python"][0].format(name="flow") + "    CALL\n    yield ctx.call_activity('b')\n",
        "ctx.call_activity('a')",
        False,
    ),
    "setup.cfg": (
        "",
        "app.py",
        HEADS["durable-task-python"][0].format(name="flow") + "    CALL\n    yield ctx.call_activity('b')\n",
        "ctx.call_activity('a')",
        True,
    ),
}


@pytest.mark.parametrize("manifest", UNAWAITED)
def test_a_call_is_a_step_from_when_it_is_scheduled(manifest: str, repository: Path, told: Told) -> None:
    """Some SDKs schedule only what is yielded: there a `yield` in front of a call adds a step."""
    required, name, text, call, is_step = UNAWAITED[manifest]
    (repository / manifest).write_text(required, encoding="utf-8")
    (repository / name).write_text(text.replace("CALL", call), encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "before")
    (repository / name).write_text(text.replace("CALL", f"yield {call}"), encoding="utf-8")
    status, found = told()
    assert status == (0 if is_step else 1), found
    assert is_step or found[0][1].startswith("activity `a` was added in `flow`")


def test_options(repository: Path, told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    committed(repository, "durable-task-python", PAIRS["a step first"])
    assert told("--exit-zero")[0] == 0
    git(repository, "commit", "--quiet", "--all", "--message", "after")
    assert told() == (0, [])
    assert told("--base", "HEAD~1")[0] == 1
    assert main(["compat", "--base", "nothing"]) == 2
    assert capsys.readouterr().err == "error: git knows no revision 'nothing'\n"
    assert git(repository, "status", "--porcelain") == ""
