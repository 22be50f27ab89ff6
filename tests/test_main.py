"""The program as a process: what it imports, and how it behaves towards its surroundings."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from pkgutil import iter_modules

import pytest

from determinism_lint import __main__, languages, terminal
from determinism_lint.run.kept import project_folder
from tests.commands.test_cli import WRONG

HEAVY = {
    "click", "dataclasses", "determinism_lint.analysis.analyzer", "determinism_lint.rules.catalogue",
    "determinism_lint.model", "inspect", "json", "libcst", "pathlib", "re", "subprocess", "tokenize",
    "tree_sitter", "tree_sitter_c_sharp", "tree_sitter_java", "typing", "yaml",
}  # fmt: skip
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
COMMAND = [sys.executable, "-m", "determinism_lint"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "clean.py").write_text(
        "import requests\n\n\ndef f():\n    return requests.get('x')\n", encoding="utf-8"
    )
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "more.py").write_text("y = 'ß'\n", encoding="utf-8")
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    return {**kept, "PYTHONPATH": str(Path(__file__).parent.parent), **more}


def imported(project: Path, *arguments: str) -> set[str]:
    """The modules that a command line imports, beyond those that the interpreter has anyway."""
    code = (
        "import sys; before = set(sys.modules); from determinism_lint.__main__ import main; "
        "status = main(sys.argv[1:]); sys.stderr.write('\\n'.join(set(sys.modules) - before)); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, *arguments],
        cwd=project, env=environment(), capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert "No orchestrator found" in done.stdout
    return set(done.stderr.split("\n"))


@pytest.mark.parametrize("arguments", [["check"], ["check", "clean.py"], ["check", "lib", "clean.py"]])
@pytest.mark.parametrize("with_git", [False, True])
def test_a_run_with_nothing_to_do_imports_next_to_nothing(project: Path, arguments: list[str], with_git: bool) -> None:
    if with_git:
        subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    modules = imported(project, *arguments)
    assert modules & HEAVY == set()
    assert {name for name in modules if name.startswith("determinism_lint")} == {
        "determinism_lint", "determinism_lint.__main__", "determinism_lint.run", "determinism_lint.run.files",
        "determinism_lint.run.prescreen", "determinism_lint.terminal", "determinism_lint.wording",
        "determinism_lint.analysis", "determinism_lint.analysis.language", "determinism_lint.languages",
        *(f"determinism_lint.languages.{module.name}" for module in iter_modules(languages.__path__) if module.ispkg),
    }  # fmt: skip


def quick_answer(*arguments: str) -> str | None:
    projects = __main__._plain_check([*arguments])
    return __main__._quick_answer(projects) if projects else None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("determinism-lint.toml", ""),
        ("pyproject.toml", "[tool.determinism-lint]\n"),
        ("flow.py", WRONG),
        ("comment.py", "x = 1  # determinism-lint: ignore[wall-clock]\n"),
    ],
)
def test_what_takes_more_to_tell(project: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert quick_answer("check") is not None
    (project / name).write_text(text, encoding="utf-8")
    assert quick_answer("check") is None


@pytest.mark.parametrize(
    "arguments", [[], ["rules"], ["check", "--statistics"], ["check", "nowhere"], ["check", "pyproject.toml"]]
)
def test_other_command_lines_take_more(project: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert quick_answer(*arguments) is None


def test_many_files_and_unreadable_ones_take_more(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    with monkeypatch.context() as patch:
        patch.setattr(__main__, "_FEW", 1)
        assert quick_answer("check") is None
    for error, answer in ((PermissionError(), None), (FileNotFoundError(), "No orchestrator found in 0 files")):

        def failing(path: str, error: OSError = error) -> bytes:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("determinism_lint.run.files.settings_files", lambda folder: iter(()))
            patch.setattr("determinism_lint.run.files.read", failing)
            text = quick_answer("check")
            assert text is None if answer is None else text and text.startswith(answer)


class _Broken(io.StringIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def flush(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"), [(BrokenPipeError(32, "Broken pipe"), 1), (OSError(28, "No space left on device"), 2)]
)
def test_output_that_cannot_be_written(
    error: OSError, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    abandoned: list[int] = []
    monkeypatch.setattr(terminal, "_abandon", abandoned.append)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", _Broken(error))
        assert terminal.write("text", 1) == status
    expected = "" if status == 1 else "error: cannot write the output: No space left on device\n"
    assert capsys.readouterr().err == expected
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", _Broken(error))
        assert terminal.complain("text") == 2
    assert abandoned == [1, 2]


def test_streams_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert terminal.write("text", 1) == 1
    assert terminal.complain("text") == 2


@POSIX
def test_an_abandoned_stream_goes_nowhere(tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as file:
        descriptor = os.dup(file.fileno())
        terminal._abandon(descriptor)
        os.write(descriptor, b"text")
        os.close(descriptor)
    assert (tmp_path / "out").read_bytes() == b""


def start(project: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], cwd=project, env=environment(), timeout=600, **options)  # type: ignore[call-overload,no-any-return]


def test_as_a_process(project: Path) -> None:
    done = start(project, "check", capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    (project / "flow.py").write_text(WRONG, encoding="utf-8")
    done = start(project, "check", capture_output=True)
    assert (done.returncode, done.stderr) == (1, b"")


@POSIX
@pytest.mark.parametrize("arguments", [["rules"], ["check"], ["check", "--output-format", "json"]])
def test_a_reader_that_goes_away(project: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as closed:
        done = start(project, *arguments, stdout=closed, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")


@POSIX
def test_closed_streams(project: Path) -> None:
    (project / "flow.py").write_text(WRONG, encoding="utf-8")
    for redirection, status in ((">&-", 1), ("2>&-", 1), ("<&-", 1), (">&- 2>&- <&-", 1)):
        script = f'"{sys.executable}" -m determinism_lint check {redirection}'
        done = subprocess.run(["sh", "-c", script], cwd=project, env=environment(), capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (status, b""), redirection
    script = f'"{sys.executable}" -m determinism_lint check --nonsense 2>&-'
    done = subprocess.run(["sh", "-c", script], cwd=project, env=environment(), capture_output=True, check=False)
    assert done.returncode == 2


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this platform")
def test_no_room_to_write(project: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = start(project, "rules", stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (2, b"error: cannot write the output: No space left on device\n")
    with open("/dev/full", "wb") as full:
        done = start(project, "nonsense", stdout=subprocess.PIPE, stderr=full)
    assert done.returncode == 2


def test_a_terminal_that_knows_only_ascii(project: Path) -> None:
    (project / "flöw.py").write_text(WRONG.replace("started", "gestärtet"), encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "check"], cwd=project, env=environment(PYTHONIOENCODING="ascii"), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"fl\\xf6w.py" in done.stdout


@POSIX
def test_names_that_are_no_text(project: Path) -> None:
    Path(os.fsdecode(os.fsencode(project) + b"/\xff\n.py")).write_text(WRONG, encoding="utf-8")
    for name in ("full", "concise", "json", "sarif", "github"):
        done = start(project, "check", "--output-format", name, capture_output=True)
        assert (done.returncode, done.stderr) == (1, b""), name
        assert b"wall-clock" in done.stdout


@POSIX
def test_ctrl_c(project: Path) -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as stdin, open(writer, "wb"):
        process = subprocess.Popen(
            [*COMMAND, "check", "--stdin-filename", "flow.py"],
            cwd=project, env=environment(), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.write(writer, b"#")
        while _unread(reader):  # so that it is interrupted at work, not on its way to it
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=6000)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")


def _unread(pipe: int) -> int:
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@POSIX
def test_two_runs_at_once(project: Path) -> None:
    (project / "flow.py").write_text(WRONG, encoding="utf-8")
    runs = [
        subprocess.Popen(
            [*COMMAND, "check", "--output-format", "json"], cwd=project, env=environment(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    results = [(*run.communicate(timeout=600), run.returncode) for run in runs]
    assert len(set(results)) == 1
    assert results[0][1:] == (b"", 1)
    assert sorted(os.listdir(project_folder(str(project)))) == ["cache.json"]
