"""Measures the linter side by side with ruff, flake8 and fixit, and compares the ratios with their budgets.

Absolute times differ from machine to machine; only ratios of one run mean anything. The other linters are installed
into an environment of their own below .cache, the large packages beside them. Then the growth curves are printed.
Exit status: 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from determinism_lint.run.kept import project_folder
from tests.analysis.test_growth import SHAPES, analyzed_shape

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache" / "bench"
OTHERS = ("ruff", "flake8", "fixit")
PACKAGES = ("django", "sqlalchemy", "sympy", "pandas", "scikit-learn", "azure-mgmt-network")
"""Large packages that have nothing to do with orchestrations."""
ORCHESTRATORS = 300

SMALL = """\
import json
import sys


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    print(len(data))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
"""

FLOW = """\
from datetime import datetime, timedelta

from durabletask import task, worker


def remind(ctx: task.OrchestrationContext, customer: str):
    started = datetime.now()
    due = ctx.current_utc_datetime + timedelta(days=3)
    yield ctx.create_timer(due)
    receipt = yield ctx.call_activity(send_reminder, input=customer)
    return {"started": str(started), "receipt": receipt}


def send_reminder(ctx: task.ActivityContext, customer: str) -> str:
    return f"reminded {customer}"


with worker.TaskHubGrpcWorker() as w:
    w.add_orchestrator(remind)
    w.add_activity(send_reminder)
    w.start()
    input()
"""

WORK = """\


def parse_{number}(lines: list[str]) -> dict[str, float]:
    totals: dict[str, float] = {{}}
    for line in lines:
        name, _, amount = line.partition(";")
        if not name or not amount:
            continue
        totals[name.strip().lower()] = totals.get(name.strip().lower(), 0.0) + float(amount.replace(",", "."))
    return {{name: round(total, 2) for name, total in sorted(totals.items()) if total > {number}}}
"""

SEARCH = """\
import sys
from determinism_lint.run.files import find_projects, read
from determinism_lint.run.prescreen import may_matter
print(sum(may_matter(path, read(path)) for project in find_projects(sys.argv[1:]) for path in project.files))
"""


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    arguments: Sequence[str]
    rounds: int
    before: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """`command` takes at most `limit` times what `other` takes, or `limit` milliseconds."""

    command: str
    limit: float
    other: str = ""


@dataclass(slots=True)
class Scenario:
    title: str
    folder: Path
    commands: list[Command]
    budgets: list[Budget] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="runs per command; long ones get fewer")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--folder", type=Path, action="append", default=[], help="measure a project of your own, too")
    options = parser.parse_args()
    tools = _install()
    ours = [str(Path(sys.executable).parent / "determinism-lint")]
    if not Path(ours[0]).exists():
        sys.exit(f"determinism-lint is not installed beside {sys.executable}; run `make bench`")
    scenarios = [
        _start_up(tools, ours, options.rounds),
        _one_file(tools, ours, options.rounds),
        _edit(tools, ours, options.rounds),
        _own_tree(tools, ours, options.rounds, options.quick),
        *(_packages(tools, ours, options.rounds, git) for git in (True, False)),
        *(_other(tools, ours, options.rounds, folder) for folder in options.folder),
    ]
    kept = [_report(scenario, _measure(scenario)) for scenario in scenarios]
    _curves()
    return 0 if all(kept) else 1


def _install() -> dict[str, str]:
    home = CACHE / "env"
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    if not all(shutil.which(tool, path=str(scripts)) for tool in OTHERS):
        print("installing", ", ".join(OTHERS), "…", flush=True)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", *OTHERS], check=True)
    return {tool: shutil.which(tool, path=str(scripts)) or tool for tool in OTHERS}


def _project(name: str, files: dict[str, str]) -> Path:
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in {"pyproject.toml": "", **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)  # Not a part of this project.
    return folder


def _forgetting(folder: Path) -> Callable[[], None]:
    """Makes the next run a cold one."""
    return lambda: shutil.rmtree(project_folder(str(folder)), ignore_errors=True)


def _start_up(tools: dict[str, str], ours: list[str], rounds: int) -> Scenario:
    return Scenario(
        "Start-up: one small file without orchestrators",
        _project("small", {"a.py": SMALL}),
        [
            Command("python -c pass", [sys.executable, "-c", "pass"], rounds),
            Command("determinism-lint", [*ours, "check", "a.py"], rounds),
            Command("ruff", [tools["ruff"], "check", "--no-cache", "a.py"], rounds),
            Command("flake8", [tools["flake8"], "a.py"], rounds),
            Command("fixit", [tools["fixit"], "lint", "a.py"], rounds),
        ],
        [Budget("determinism-lint", 5, "python -c pass"), Budget("determinism-lint", 0.5, "flake8")],
    )


def _one_file(tools: dict[str, str], ours: list[str], rounds: int) -> Scenario:
    folder = _project("one", {"flow.py": FLOW})
    target = "flow.py"
    return Scenario(
        "One file with an orchestrator",
        folder,
        [
            Command("determinism-lint", [*ours, "check", target], rounds, _forgetting(folder)),
            Command("determinism-lint, warm", [*ours, "check", target], rounds),
            Command("ruff", [tools["ruff"], "check", "--no-cache", target], rounds),
            Command("flake8", [tools["flake8"], target], rounds),
            Command("fixit", [tools["fixit"], "lint", target], rounds),
        ],
        [Budget("determinism-lint", 0.5, "fixit")],
    )


def _edit(tools: dict[str, str], ours: list[str], rounds: int) -> Scenario:
    """What an agent's hook and an editor wait for."""
    text = FLOW + "".join(WORK.format(number=number) for number in range(3))
    folder = _project("edit", {f"flow{number}.py": f"# {number}\n{text}" for number in range(ORCHESTRATORS)})
    arguments = [*ours, "check", "--output-format", "concise", "flow0.py"]

    def edit() -> None:
        with open(folder / "flow0.py", "a", encoding="utf-8") as file:
            file.write("# edited\n")

    return Scenario(
        f"One edit among {ORCHESTRATORS} files with orchestrators, {ORCHESTRATORS * text.count(chr(10)):,} lines",
        folder,
        [
            Command("determinism-lint", arguments, min(rounds, 5), _forgetting(folder)),
            Command("determinism-lint, after an edit", arguments, min(rounds, 5), edit),
            Command("ruff", [tools["ruff"], "check", "--no-cache", "--quiet", "."], min(rounds, 5)),
        ],
        [Budget("determinism-lint, after an edit", 1000)],
    )


def _own_tree(tools: dict[str, str], ours: list[str], rounds: int, quick: bool) -> Scenario:
    commands = [
        Command("determinism-lint", [*ours, "check", "."], min(rounds, 5), _forgetting(ROOT)),
        Command("determinism-lint, warm", [*ours, "check", "."], rounds),
        Command("ruff", [tools["ruff"], "check", "--no-cache", "."], rounds),
        Command("flake8", [tools["flake8"], "determinism_lint", "tests", "skills_src"], min(rounds, 3)),
    ]
    if not quick:
        commands.append(Command("fixit", [tools["fixit"], "lint", "determinism_lint", "tests", "skills_src"], 1))
    return Scenario("This project", ROOT, commands, [Budget("determinism-lint", 5, "ruff")])


def _packages(tools: dict[str, str], ours: list[str], rounds: int, git: bool) -> Scenario:
    folder = _package_tree(git)
    check = [*ours, "check", "--output-format", "concise", "."]
    files = list(folder.rglob("*.py"))
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    return Scenario(
        f"{', '.join(PACKAGES)} {'in' if git else 'outside'} a repository: {len(files):,} files, {lines:,} lines",
        folder,
        [
            Command("byte search alone", [sys.executable, "-c", SEARCH, "."], rounds),
            Command("determinism-lint", check, min(rounds, 5), _forgetting(folder)),
            Command("determinism-lint, warm", check, rounds),
            Command("ruff", [tools["ruff"], "check", "--no-cache", "--quiet", "."], min(rounds, 5)),
        ],
        [Budget("determinism-lint", 2, "ruff"), Budget("determinism-lint, warm", 1.5, "byte search alone")],
    )


def _package_tree(git: bool) -> Path:
    """A copy of the packages' sources, as code of a project, with one call that could register an entity."""
    folder = CACHE / "packages" if git else Path(tempfile.gettempdir()) / "determinism-lint-bench" / "packages"
    if (folder / "pyproject.toml").exists():
        return folder
    home = CACHE / "installed"
    if not home.exists():
        print("installing", ", ".join(PACKAGES), "…", flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", home, *PACKAGES], check=True)
    print("copying the packages …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    for path in home.rglob("*.py"):
        target = folder / path.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    with open(folder / "django" / "shortcuts.py", "a", encoding="utf-8") as file:
        file.write("\n\ndef registered(app, function):\n    return app.entity(function)\n")
    if git:
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
        subprocess.run(["git", "add", "--force", "."], cwd=folder, check=True)
    (folder / "pyproject.toml").touch()
    time.sleep(3)  # The cache trusts no file that changed a moment ago.
    return folder


def _other(tools: dict[str, str], ours: list[str], rounds: int, folder: Path) -> Scenario:
    check = [*ours, "check", "--output-format", "concise", "."]
    return Scenario(
        folder.resolve().name,
        folder.resolve(),
        [
            Command("determinism-lint", check, min(rounds, 3), _forgetting(folder.resolve())),
            Command("determinism-lint, warm", check, min(rounds, 5)),
            Command("ruff", [tools["ruff"], "check", "--no-cache", "--quiet", "."], min(rounds, 5)),
        ],
        [Budget("determinism-lint", 10_000)],
    )


def _curves() -> None:
    """How the work grows with the code, for shapes that were found to be hard."""
    print("\nGrowth: words of code, steps, steps per word, milliseconds; at 1x, 2x, 4x, 8x\n")
    for shape, smallest in SHAPES.items():
        print(f"  {shape.__name__.replace('_', ' '):<28}", end="")
        for factor in (1, 2, 4, 8):
            started = time.perf_counter()
            words, found = analyzed_shape(shape, smallest * factor)
            elapsed = (time.perf_counter() - started) * 1000
            print(f" | {words:>6,} {found.steps:>8,} {found.steps / words:>6.1f} {elapsed:>8,.0f}", end="", flush=True)
        print()


def _measure(scenario: Scenario) -> dict[str, list[float]]:
    """The milliseconds of each command's runs; the commands take turns, so that all see the same machine."""
    times: dict[str, list[float]] = {command.name: [] for command in scenario.commands}
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    for turn in range(max(command.rounds for command in scenario.commands) + 1):
        for command in scenario.commands:
            # The first turn warms the machine's file cache and the tools' own; commands that take minutes have no time.
            if turn > command.rounds or (turn == 0 and command.rounds == 1):
                continue
            if command.before:
                command.before()
            started = time.perf_counter()
            done = subprocess.run(command.arguments, cwd=scenario.folder, env=environment, capture_output=True)
            elapsed = (time.perf_counter() - started) * 1000
            if done.returncode not in (0, 1):
                sys.exit(f"{command.name} failed: {done.stderr.decode(errors='replace')}")
            if turn:
                times[command.name].append(elapsed)
    return times


def _ratio(times: list[float], others: list[float]) -> float:
    """The median of the ratios within each turn, for a machine's speed drifts from turn to turn."""
    return statistics.median(one / other for one, other in zip(times, others, strict=False))


def _report(scenario: Scenario, times: dict[str, list[float]]) -> bool:
    print(f"\n{scenario.title}\n")
    own = times["determinism-lint"]
    width = max(map(len, times))
    for name, values in times.items():
        milliseconds = statistics.median(values)
        print(f"  {name:<{width}}  {milliseconds:>10,.1f} ms  {_ratio(values, own):>8.2f} x determinism-lint")
    kept = True
    for budget in scenario.budgets:
        runs = times[budget.command]
        measured = _ratio(runs, times[budget.other]) if budget.other else statistics.median(runs)
        verdict = "kept" if measured <= budget.limit else "MISSED"
        kept = kept and measured <= budget.limit
        what = f"{budget.command} / {budget.other}" if budget.other else f"{budget.command}, milliseconds"
        print(f"  {verdict}: {what} = {measured:,.3f}, budget {budget.limit:,.10g}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
