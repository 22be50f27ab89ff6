"""What the observer notices, without any SDK. It changes the process for good, so it works in another one."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from tests.replay.labels import CORPUS

SCRIPT = """
import sys; sys.path.insert(0, sys.argv[1])
from determinism_lint.replay import observe, load
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.project import Project
clock = VirtualClock()
project = Project.of(sys.argv[2], sys.argv[3])
observer = observe.Observer(project, clock)
clock.install()
program = load.load(project)
with observer.watching(lambda: sys.argv[4] == "replaying"):
    program.flow()
program.flow()
for effect in observer.effects:
    print(effect.kind, "|", effect.call, "|", effect.line, "|", effect.function)
print(sorted(observer.environment))
coverage = observer.coverage(program.flow.__code__)
print(coverage.lines, coverage.missed)
"""


def observe(tmp_path, text, replaying="replaying"):
    script, program = tmp_path / "script.py", tmp_path / "program.py"
    script.write_text(SCRIPT, encoding="utf-8")
    program.write_text(textwrap.dedent(text), encoding="utf-8")
    root = str(CORPUS.parent.parent.parent)
    command = [sys.executable, str(script), root, str(program), str(tmp_path), replaying]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *effects, environment, coverage = done.stdout.splitlines()
    return effects, environment, coverage


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("time.time()", "reads the wall clock | time.time | 4 | flow"),
        ("datetime.now()", "reads the wall clock | datetime.now | 4 | flow"),
        ("time.sleep(5)", "blocks the worker | time.sleep | 4 | flow"),
        ("uuid.uuid4()", "asks for randomness | uuid.uuid4 | 4 | flow"),
        ("random.choice([1])", "asks for randomness | random.Random.choice | 4 | flow"),
        ("os.getpid()", "reads the machine or its environment | posix.getpid | 4 | flow"),
        ("os.environ.get('REGION')", "reads the machine or its environment | os.environ['REGION'] | 4 | flow"),
        ("open(__file__).close()", "touches the file system | open | 4 | flow"),
        ("pathlib.Path(__file__).exists()", "touches the file system | pathlib."),
        ("subprocess.run(['true'])", "starts a process | subprocess.Popen | 4 | flow"),
        ("threading.Thread(target=int).start()", "starts work that the runtime does not see"),
        ("socket.socket().close()", "talks over the network"),
        ("asyncio.run(asyncio.sleep(0))", "starts work that the runtime does not see"),
        ("print()", "writes output that every replay repeats | builtins.print | 4 | flow"),
        (
            "logging.getLogger('a').error('b')",
            "writes output that every replay repeats | logging.Logger.handle | 4 | flow",
        ),
    ],
)
def test_effect_is_noticed(tmp_path, statement, expected):
    imports = "asyncio, logging, os, pathlib, random, socket, subprocess, threading, time, uuid"
    text = f"import {imports}\nfrom datetime import datetime\ndef flow():\n    {statement}\n"
    effects, _, _ = observe(tmp_path, text)
    found = [effect.replace("nt.", "posix.") for effect in effects]
    assert any(effect.startswith(expected) for effect in found), effects


@pytest.mark.parametrize(
    "statement",
    [
        "json.dumps({})",
        "random.Random(3).random()",
        "time.gmtime(0)",
        "datetime.fromisoformat('2024-01-01')",
        "uuid.uuid5(uuid.NAMESPACE_URL, 'a')",
        "pathlib.PurePath('a') / 'b'",
        "zoneinfo.ZoneInfo('UTC')",
        "logging.getLogger('a').isEnabledFor(10)",
        "__import__('colorsys')",
    ],
)
def test_pure_call_is_not(tmp_path, statement):
    imports = "json, logging, pathlib, random, time, uuid, zoneinfo"
    effects, _, _ = observe(
        tmp_path, f"import {imports}\nfrom datetime import datetime\ndef flow():\n    {statement}\n"
    )
    assert effects == []


def test_output_counts_only_where_it_is_repeated(tmp_path):
    effects, _, _ = observe(tmp_path, "def flow():\n    print()\n", replaying="new")
    assert [effect for effect in effects if "output" in effect] == []


def test_effect_is_found_in_helpers_and_other_modules(tmp_path):
    (tmp_path / "helper.py").write_text("import time\ndef now():\n    return time.time()\n", encoding="utf-8")
    effects, _, _ = observe(tmp_path, "from helper import now\ndef flow():\n    now()\n")
    assert effects == ["reads the wall clock | time.time | 3 | now"]


def test_nothing_is_noticed_outside(tmp_path):
    text = """
        import os, time
        time.time()
        os.environ.get('AT_IMPORT')
        calls = []
        def flow():
            calls.append(1)
            if len(calls) > 1:
                time.time()
    """
    effects, environment, _ = observe(tmp_path, text)
    assert effects == []
    assert environment == "['AT_IMPORT']"


def test_lines_are_counted(tmp_path):
    text = """
        def flow():
            "A docstring is no line."
            steps = [step for step in (1, 2)]
            if not steps:
                return 1
            return 2
    """
    _, _, coverage = observe(tmp_path, text)
    assert coverage == "(4, 5, 6, 7) (6,)"
