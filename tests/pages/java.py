"""What runs the printed Java: the SDK that can be had here, one compiler, one JVM, and a second one that replays.

The pages are written for SDK 1.9.0. Where Maven serves it, they are compiled against it and run on it. Where it does
not, they are compiled against the recorded API of 1.9.0 (tests/java/durabletask-1.9.0.api), and those that need nothing
newer run on the older release that is served, with a stand-in for the scheduler package (tests/java/older).
DURABLETASK_JAVA_CLASSPATH names the jars of an SDK to use instead of Maven's. Needs a JDK of 17 or more and Maven.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.environments import sdk_python, unavailable
from tests.once import made_once
from tests.pages.printed import Printed, select

JAVA = Path(__file__).resolve().parent.parent / "java"
RECORD = JAVA / "durabletask-1.9.0.api"
PINNED = "1.9.0"
CACHE = JAVA.parent.parent / ".cache" / "java"
"""Class paths that Maven has resolved."""
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of a JVM that does not live long: it optimizes less, and collects garbage in one thread."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """The SDK that the programs run on."""

    version: str
    run_path: str
    compile_path: str
    """What every page is compiled against: the pinned release, itself or as recorded."""

    def has(self, version: str) -> bool:
        """Whether it is at least of that version; empty asks for nothing."""
        return not version or _parts(self.version) >= _parts(version)


def _parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def find_sdk(folder: Path) -> Sdk:
    """The newest SDK that can be had here; skips or fails the calling test where there is none.

    `folder` holds what is compiled for it: the first process that asks makes it, the others use it.
    """
    missing = [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]
    if missing:
        unavailable(f"the Java pages are not tested: no {', '.join(missing)} (JDK 17 and Maven are needed)")
    found = json.loads((made_once(folder, _find) / "sdk.json").read_text(encoding="utf-8"))
    run_path, compile_path = (":".join(str(folder / it) for it in found[key]) for key in ("run_path", "compile_path"))
    return Sdk(found["version"], run_path, compile_path)


def _find(folder: Path) -> None:
    """Writes sdk.json: a version, and two class paths. What has no root in them lies in the folder."""
    base = _maven("", folder)
    if not base:
        unavailable("the Java pages are not tested: Maven cannot resolve tests/java/pom.xml")
    if released := os.environ.get("DURABLETASK_JAVA_CLASSPATH") or _maven("released", folder):
        run_path = compile_path = f"{released}:{base}"
        version = PINNED
    else:
        older = _maven("older", folder)
        if not older:
            unavailable("the Java pages are not tested: Maven serves neither SDK 1.9.0 nor 1.5.0")
        javac(folder / "scheduler", older, sorted((JAVA / "older").glob("*.java")))
        recorded = _maven("recorded", folder)
        _record(folder, recorded)
        version, run_path, compile_path = "1.5.0", f"{older}:{base}:scheduler", f"api-classes:{recorded}"
    found = {"version": version, "run_path": run_path.split(":"), "compile_path": compile_path.split(":")}
    (folder / "sdk.json").write_text(json.dumps(found), encoding="utf-8")


def _maven(profile: str, folder: Path) -> str:
    """The class path of a profile of tests/java/pom.xml; empty when Maven cannot resolve it."""
    pom = (JAVA / "pom.xml").read_bytes()
    known = CACHE / f"{hashlib.sha256(pom).hexdigest()[:16]}-{profile or 'base'}.classpath"
    if known.exists() and all(Path(jar).exists() for jar in known.read_text(encoding="utf-8").split(":")):
        return known.read_text(encoding="utf-8")
    target = folder / known.name
    command = ["mvn", "-B", "-q", "-f", str(JAVA / "pom.xml"), "dependency:build-classpath"]
    command += [f"-Dmdep.outputFile={target}", *([f"-P{profile}"] if profile else [])]
    quick = {**os.environ, "MAVEN_OPTS": " ".join(QUICK)}
    done = subprocess.run(command, env=quick, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode or not target.exists():
        return ""
    found = target.read_text(encoding="utf-8").strip()
    CACHE.mkdir(parents=True, exist_ok=True)
    known.write_text(found, encoding="utf-8")
    return found


def _record(folder: Path, classpath: str) -> None:
    """The recorded API, compiled into `api-classes`."""
    sources = folder / "api"
    for part in RECORD.read_text(encoding="utf-8").split("//// ")[1:]:
        name, _, text = part.partition("\n")
        file = sources / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    javac(folder / "api-classes", classpath, sorted(sources.rglob("*.java")))


def javac(classes: Path, classpath: str, sources: Sequence[Path]) -> None:
    """Compiles our own sources, or fails with the compiler's words."""
    options = [*(f"-J{option}" for option in QUICK), "-nowarn", "-proc:none", "-parameters"]
    command = ["javac", *options, "-d", str(classes), "-cp", classpath, *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def build_runner(sdk: Sdk, folder: Path) -> str:
    """The class path of tests/java/Runner.java, built against an SDK by the first process that asks."""
    bridge = "with_entities" if sdk.has("1.9.0") else "without_entities"
    ours = [JAVA / f"{name}.java" for name in ("Runner", "Sources", "Host", "Http", "Printed")]
    made_once(folder, lambda draft: javac(draft, sdk.run_path, [*ours, JAVA / bridge / "EntityBridge.java"]))
    return f"{folder}:{sdk.run_path}"


REPOSITORY = JAVA.parent.parent / ".cache" / "m2"
"""Where Maven keeps what the printed projects need, apart from the user's own."""


def maven_command(sdk: Sdk, folder: Path) -> Path:
    """A folder with a `mvn` that builds the printed projects, and a `docker` that starts nothing.

    Where Maven does not serve the pinned release, the older one and the scheduler package's stand-in take its place.
    """
    if os.environ.get("DURABLETASK_JAVA_CLASSPATH"):
        pytest.skip("not built: DURABLETASK_JAVA_CLASSPATH names jars, and a project needs artifacts")
    if sdk.version != PINNED:
        moved = f"<relocation><version>{sdk.version}</version></relocation>"
        _artifact("durabletask-client", f"<distributionManagement>{moved}</distributionManagement>")
        client = (
            f"<groupId>com.microsoft</groupId><artifactId>durabletask-client</artifactId><version>{PINNED}</version>"
        )
        needs = f"<dependencies><dependency>{client}</dependency></dependencies>"
        jars = sdk.run_path.split(":")
        scheduler = next(path for path in jars if path.endswith("scheduler"))
        made = shutil.make_archive(str(folder / "scheduler"), "zip", scheduler)
        shutil.copy(made, _artifact("durabletask-azuremanaged", needs))
        functions = next(path for path in jars if "durabletask-azure-functions" in path)
        shutil.copy(functions, _artifact("durabletask-azure-functions", needs))
    commands = folder / "commands"
    commands.mkdir()
    found = shutil.which("mvn")
    quick = " ".join(QUICK)
    mine = f'-Dmaven.repo.local={REPOSITORY} -DargLine="{quick}"'
    script(commands / "mvn", f'MAVEN_OPTS="{quick}" exec {found} -B {mine} "$@"')
    script(commands / "docker", "exit 0")
    return commands


def _artifact(name: str, inside: str) -> Path:
    """Puts the pom of an artifact of the pinned release into the repository, and returns where its jar belongs."""
    target = REPOSITORY / "com" / "microsoft" / name / PINNED
    target.mkdir(parents=True, exist_ok=True)
    head = f"<groupId>com.microsoft</groupId><artifactId>{name}</artifactId><version>{PINNED}</version>"
    pom = f"<project><modelVersion>4.0.0</modelVersion>{head}{inside}</project>"
    (target / f"{name}-{PINNED}.pom").write_text(pom, encoding="utf-8")
    return target / f"{name}-{PINNED}.jar"


def script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


class Sidecar:
    """The process of tests/java/sidecar.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **command: Any) -> Any:
        """Sends one command and returns its answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def sidecar() -> Iterator[Sidecar]:
    """A sidecar for as long as the block runs."""
    command = [str(sdk_python("durable-task-python")), str(JAVA / "sidecar.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Sidecar(process)
        finally:
            assert process.stdin
            process.stdin.close()


@contextmanager
def runner(
    classpath: str, mode: str, plan: Mapping[str, Any], options: Sequence[str] = (), **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """A JVM that works on a plan, its standard output to be read; killed when the block ends."""
    command = ["java", *QUICK, *options, "-cp", classpath, "Runner", mode]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        assert process.stdin
        try:
            process.stdin.write(json.dumps(plan) + "\n")
            process.stdin.flush()
            yield process
        finally:
            process.kill()


def connection(port: int) -> dict[str, str]:
    """An environment in which programs find a backend on a port."""
    value = f"Endpoint=http://localhost:{port};TaskHub=default;Authentication=None"
    return {**os.environ, "DURABLE_TASK_SCHEDULER_CONNECTION_STRING": value}


def programs_of(skill: str) -> dict[str, Printed]:
    """Class -> the file that the minimal app or a pattern's page prints."""
    found = [it for it in select(language="java", skill=skill) if it.page == "SKILL.md" or "pattern-" in it.page]
    return {Path(it.file).stem: it for it in found if it.file}
