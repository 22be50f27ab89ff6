from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from determinism_lint.replay.clock import START, VirtualClock

# Installing the clock changes the process for good, so that happens in others.
INSTALLED = """
import sys; sys.path.insert(0, sys.argv[1])
from determinism_lint.replay.clock import VirtualClock
clock = VirtualClock(tick=0.5)
reads = []
clock.install()
clock.on_read = reads.append
"""


def run(code, tmp_path):
    from tests.replay.labels import CORPUS

    root = str(CORPUS.parent.parent.parent)
    script = tmp_path / "script.py"
    script.write_text(INSTALLED + code, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script), root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def test_clock_stands_still_until_it_is_read():
    clock = VirtualClock(tick=2)
    assert clock.peek() == clock.peek() == START
    assert clock.read("time.time") == int((START + timedelta(seconds=2)).timestamp()) * 10**9
    assert clock.peek() == START + timedelta(seconds=2)


def test_clock_moves_forward_only():
    clock = VirtualClock()
    clock.advance(60)
    clock.move_to(START + timedelta(seconds=30))
    clock.advance(-5)
    assert clock.peek() == START + timedelta(seconds=60)
    clock.restart(START - timedelta(days=1), 1)
    assert clock.peek() == START - timedelta(days=1)


def test_reader_is_told():
    clock = VirtualClock()
    names: list[str] = []
    clock.on_read = names.append
    clock.read("time.time")
    assert names == ["time.time"]


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_no_microsecond_is_lost(microsecond):
    moment = datetime(2031, 5, 6, 7, 8, 9, microsecond, tzinfo=timezone.utc)
    assert VirtualClock(moment).peek() == moment


def test_installed_clock_rules_all_functions(tmp_path):
    lines = run(
        """
import time, datetime as module
from datetime import datetime, date, timezone
from time import time as seconds, sleep
class Mine(datetime): pass
print(seconds(), time.time_ns())
print(datetime.now(timezone.utc), datetime.utcnow(), module.datetime.now(timezone.utc).year)
print(date.today(), type(Mine.now(timezone.utc)).__name__, type(Mine.today()).__name__)
print(time.gmtime().tm_year, time.localtime().tm_year, time.strftime("%Y"), time.ctime()[-4:], time.asctime()[-4:])
before = clock.peek(); sleep(86400); print((clock.peek() - before).days)
print(reads)
""",
        tmp_path,
    )
    assert lines[0] == "1704067200.5 1704067201000000000"
    assert lines[1] == "2024-01-01 00:00:01.500000+00:00 2024-01-01 00:00:02 2024"
    assert lines[2] == "2024-01-01 Mine Mine"
    assert lines[3] == "2024 2024 2024 2024 2024"
    assert lines[4] == "1"
    assert "datetime.now" in lines[5]
    assert "Mine.today" in lines[5]
    assert lines[5].endswith("'time.sleep']")


def test_functions_with_arguments_are_what_they_were(tmp_path):
    lines = run(
        """
import time
parts = (1999,) + (1,) * 8
print(time.gmtime(0).tm_year, time.strftime("%Y", parts), time.ctime(0)[-4:], time.asctime(parts)[-4:])
print(reads)
""",
        tmp_path,
    )
    assert lines == ["1970 1999 1970 1999", "[]"]


def test_busy_loops_and_monotonic_waits_end(tmp_path):
    lines = run(
        """
import asyncio, time
end = time.time() + 1000
while time.time() < end: pass
end = time.monotonic() + 1000
while time.monotonic() < end: pass
asyncio.run(asyncio.sleep(0.01))
print("done")
""",
        tmp_path,
    )
    assert lines == ["done"]
