"""A project that a reader makes from the Java pages by copy and paste builds and runs: quick start, setup, Spring Boot.

Maven builds each with the printed pom. Where it does not serve the pinned SDK, the older one that it serves stands in.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.once import of_this_run
from tests.pages.java import (
    QUICK,
    Sdk,
    build_runner,
    connection,
    find_sdk,
    maven_command,
    programs_of,
    runner,
    script,
    sidecar,
)
from tests.pages.java_scenarios import SCENARIOS
from tests.pages.printed import Printed, printed, select

SPRING = "references/spring-boot.md"


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    return find_sdk(of_this_run(tmp_path_factory) / "java-sdk")


@pytest.fixture(scope="session")
def commands(sdk: Sdk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return maven_command(sdk, tmp_path_factory.mktemp("java-commands"))


def copy(folder: Path, fences: Iterable[Printed]) -> None:
    """Puts printed files where the pages say."""
    for fence in fences:
        file = folder / fence.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fence.text, encoding="utf-8")


def run(command: list[str], folder: Path, commands: Path, environment: Mapping[str, str]) -> str:
    """What a command printed, with our `mvn` and `docker` first on the path."""
    path = f"{commands}:{environment['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**environment, "PATH": path}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def named(skill: str, page: str, file: str) -> Printed:
    """A file that a page prints under its name."""
    return next(it for it in printed() if (it.skill, it.page, it.file) == (skill, page, file))


def printed_test(skill: str, name: str, port: int) -> Printed:
    """The test class that a page prints, for a backend on another port than the page's."""
    [fence] = [it for it in select(language="java", skill=skill) if it.page == "references/testing.md"]
    return replace(fence, file=f"src/test/java/{name}.java", text=fence.text.replace("4001", str(port)))


def test_the_quick_start_leads_from_its_file_to_its_output(sdk: Sdk, commands: Path, tmp_path: Path) -> None:
    skill = "durable-task-java"
    copy(tmp_path, [programs_of(skill)["Hello"]])
    block = next(it for it in select(language="bash", skill=skill) if it.page == "SKILL.md")
    with sidecar() as backends:
        [port] = backends.ask(serve=1)
        found = run(["bash", "-e", "-c", block.text], tmp_path, commands, connection(port))
    assert '"Hello world"' in found


def test_the_quick_start_of_functions_makes_a_project_that_builds(sdk: Sdk, commands: Path, tmp_path: Path) -> None:
    skill = "durable-functions-java"
    copy(tmp_path, [programs_of(skill)["Hello"]])
    block = next(it for it in select(language="bash", skill=skill) if it.page == "SKILL.md")
    nothing = tmp_path / "nothing"  # what starts the host and asks it: no Core Tools here
    nothing.mkdir()
    for name in ("docker", "mvn", "curl"):
        script(nothing / name, "exit 0")
    run(["bash", "-e", "-c", block.text], tmp_path, nothing, os.environ)
    run(["mvn", "-q", "compile"], tmp_path, commands, os.environ)
    assert (tmp_path / "target" / "classes" / "Hello.class").exists()
    assert json.loads((tmp_path / "host.json").read_text())["version"] == "2.0"
    assert "Values" in json.loads((tmp_path / "local.settings.json").read_text())


def test_a_newcomers_project_builds_and_runs(sdk: Sdk, commands: Path, tmp_path: Path) -> None:
    skill, setup = "durable-task-java", "references/setup.md"
    programs = programs_of(skill)
    copy(tmp_path, [named(skill, setup, "pom.xml"), *(programs[name] for name in ("Hello", "Chaining", "Saga"))])
    with sidecar() as backends:
        [port, tested] = backends.ask(serve=2)
        copy(tmp_path, [printed_test(skill, "ApprovalTest", tested)])
        run(["mvn", "-q", "test"], tmp_path, commands, os.environ)
        assert (tmp_path / "target" / "surefire-reports" / "ApprovalTest.txt").exists()
        line = next(it for it in select(language="bash", skill=skill) if it.page == setup and "exec:java" in it.text)
        for name, output in (("Chaining", "confirmed order-1"), ("Saga", '{"status":"booked"')):
            command = ["bash", "-c", line.text.replace("=Hello", f"={name}")]
            assert output in run(command, tmp_path, commands, connection(port))


def test_a_newcomers_function_app_builds_and_runs(
    sdk: Sdk, commands: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    skill = "durable-functions-java"
    files = [named(skill, "references/setup.md", name) for name in ("pom.xml", "host.json", "local.settings.json")]
    programs = programs_of(skill)
    copy(tmp_path, [*files, *(programs[name] for name in ("Hello", "Chaining", "Saga"))])
    scenarios = [one.plan() for one in SCENARIOS if one.page in ("SKILL", "chaining", "saga")]
    app = {
        "id": "app",
        "sources": [],
        "classes": str(tmp_path / "target" / "classes"),
        "package": "",
        "scenarios": scenarios,
    }
    with sidecar() as backends:
        [port, tested] = backends.ask(serve=2)
        copy(tmp_path, [printed_test(skill, "GreetTest", tested)])
        run(["mvn", "-q", "test"], tmp_path, commands, os.environ)  # `package` needs the plugin of Azure Functions
        assert (tmp_path / "target" / "surefire-reports" / "GreetTest.txt").exists()
        plan = {"compile": [], "against": "", "run": [{**app, "port": port}]}
        with runner(build_runner(sdk, of_this_run(tmp_path_factory) / "java-runner"), "run", plan) as process:
            assert process.stdout
            found = [json.loads(line) for line in process.stdout]
    ended = {one["scenario"]: one["status"] for one in found if one["step"] == "run"}
    assert ended == {
        "greets": "COMPLETED",
        "confirmed": "COMPLETED",
        "no stock": "FAILED",
        "booked": "COMPLETED",
        "canceled": "COMPLETED",
    }


def test_the_spring_boot_app_builds_and_answers(sdk: Sdk, commands: Path, tmp_path: Path) -> None:
    page = [it for it in select(language=("java", "xml", "properties")) if it.page == SPRING]
    copy(tmp_path, page)
    run(["mvn", "-q", "package"], tmp_path, commands, os.environ)
    with sidecar() as backends:
        [port] = backends.ask(serve=1)
        command = ["java", *QUICK, "-jar", "target/shop-1.0.0.jar", "--server.port=0"]
        with subprocess.Popen(command, cwd=tmp_path, env=connection(port), stdout=subprocess.PIPE, text=True) as app:
            try:
                assert app.stdout
                started = next(found for line in app.stdout if (found := re.search(r"started on port (\d+)", line)))
                url = f"http://localhost:{started[1]}"
                assert ask(f"{url}/orders", {"orderId": "1", "amount": 30}) == (202, None)
                status, body = ask(f"{url}/orders/1")
                while status == 202:
                    status, body = ask(f"{url}/orders/1")
                assert (status, body) == (200, {"status": "COMPLETED", "payment": "pay-1"})
                assert ask(f"{url}/actuator/health/liveness") == (200, {"status": "UP"})
            finally:
                app.kill()


def ask(url: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return answer.status, json.loads(text) if text else None
