from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.once import made_once

PROGRAM = """
import sys, time
from pathlib import Path
from tests.once import made_once

def make(draft):
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    (draft / "first").touch()
    time.sleep(0.2)
    (draft / "second").touch()

print(sorted(path.name for path in made_once(Path(sys.argv[1]), make).iterdir()))
"""


def test_processes_at_once_make_it_once_and_find_it_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "cache" / "it"), str(tmp_path / "log")]
    root = Path(__file__).parent.parent
    running = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0] for process in running] == ["['first', 'second']\n"] * 3
    assert (tmp_path / "log").read_text(encoding="utf-8") == "made\n"


def test_what_fails_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        (draft / "half").touch()
        raise ValueError("no network")

    with pytest.raises(ValueError, match="no network"):
        made_once(tmp_path / "it", fail)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []
    assert list(made_once(tmp_path / "it", lambda draft: None).iterdir()) == []
