"""Builds every C# fence that the skills print, with an installed .NET SDK: `python tests/pages/dotnet.py`.

Needs Python and dotnet alone. The packages come from NuGet, as the project file of each setup page names them; or their
assemblies lie in the folder that DURABLETASK_ASSEMBLIES names. Prints one line for each fence. Exit status: 0 all as
the pages say, 1 not all, 2 nothing could be built.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SKILLS = Path(__file__).resolve().parents[2] / ".github" / "skills"

SDKS = ("durable-task-dotnet", "durable-functions-dotnet")

REFUSED = ("sdk-signature", "syntax-error")
"""Rules whose wrong code a compiler refuses."""

_CONSOLE = (
    *("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http"),
    *("System.Threading", "System.Threading.Tasks"),
)
IMPLICIT = {
    "Microsoft.NET.Sdk": _CONSOLE,
    "Microsoft.NET.Sdk.Web": (
        *(*_CONSOLE, "System.Net.Http.Json", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting"),
        *("Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Configuration"),
        *("Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging"),
    ),
}
"""SDK of a project -> the namespaces that `ImplicitUsings` opens."""

_LABEL = re.compile(r"(?:(?P<kind>Wrong|Correct)(?:, `(?P<file>[^`]+)`)?|`(?P<program>[^`]+)`|Excerpt of .+):")


@dataclass(frozen=True)
class Fence:
    skill: str
    page: str
    line: int
    """Of its opening mark, 1-based."""
    language: str
    text: str
    heading: str
    kind: str
    """`wrong`, `correct`, `program`, `excerpt` or empty."""
    file: str
    """The name that the page gives it."""


def fences() -> list[Fence]:
    """Every fence of the pages of the C# skills, in order."""
    pages = [(sdk, page) for sdk in SDKS for page in sorted((SKILLS / sdk).rglob("*.md"))]
    return [fence for sdk, page in pages for fence in _of_page(sdk, page)]


def _of_page(skill: str, path: Path) -> Iterator[Fence]:
    lines = path.read_text(encoding="utf-8").splitlines()
    heading, above, at = "", "", 0
    while at < len(lines):
        opening = re.fullmatch(r"( *)(`{3,})(\w*)", lines[at])
        if not opening:
            if lines[at].strip():
                above = lines[at].strip()
            heading = lines[at].lstrip("#").strip() if lines[at].startswith("#") else heading
            at += 1
            continue
        end = lines.index(opening[1] + opening[2], at + 1)
        label = _LABEL.fullmatch(above)
        word = (label["kind"] or ("program" if label["program"] else "excerpt")).lower() if label else ""
        yield Fence(
            skill=skill,
            page=path.relative_to(SKILLS / skill).as_posix(),
            line=at + 1,
            language=opening[3],
            text="".join(line.removeprefix(opening[1]) + "\n" for line in lines[at + 1 : end]),
            heading=heading,
            kind=word,
            file=((label["file"] or label["program"]) if label else "") or "",
        )
        above, at = "", end + 1


def units(found: Iterable[Fence]) -> list[list[Fence]]:
    """The C# fences that compile together: the files of one program, named one after another below one heading."""
    groups: list[list[Fence]] = []
    for fence in found:
        if fence.language != "csharp":
            continue
        last = groups[-1] if groups else []
        same = last and (last[0].skill, last[0].page, last[0].heading, last[0].kind) == (
            *(fence.skill, fence.page, fence.heading, fence.kind),
        )
        if same and fence.file and last[0].file and fence.file not in {it.file for it in last}:
            last.append(fence)
        else:
            groups.append([fence])
    return groups


def project_file(found: Iterable[Fence], sdk: str) -> str:
    """The project file of the setup page, with all packages that the pages of the skill name."""
    own = [it for it in found if it.skill == sdk]
    text = next(it.text for it in own if it.page == "references/setup.md" and it.file.endswith(".csproj"))
    table = (SKILLS / sdk / "references" / "setup.md").read_text(encoding="utf-8")
    wanted = dict(re.findall(r"^\| `([\w.]+)` \| ([\w.-]+) \|", table, re.MULTILINE))
    for it in own:
        if it.language == "xml":
            wanted |= dict(re.findall(r'<PackageReference Include="([^"]+)" Version="([^"]+)"', it.text))
    missing = [
        f'    <PackageReference Include="{name}" Version="{version}" />\n'
        for name, version in wanted.items()
        if f'"{name}"' not in text
    ]
    return text.replace("</Project>", f"  <ItemGroup>\n{''.join(missing)}  </ItemGroup>\n</Project>")


def main(arguments: Sequence[str]) -> int:
    """`arguments`: parts of page names; without any, all pages."""
    dotnet = shutil.which("dotnet")
    if dotnet is None:
        print("There is no dotnet on PATH: nothing was built.", file=sys.stderr)
        return 2
    found = fences()
    failed = count = 0
    with tempfile.TemporaryDirectory() as scratch:
        compilers: dict[str, _Compiler] = {}
        for sdk in SDKS:
            folder = Path(scratch) / sdk
            folder.mkdir()
            try:
                compilers[sdk] = _Compiler(dotnet, folder, project_file(found, sdk))
            except subprocess.CalledProcessError as error:
                print(f"{sdk}: no references: {(error.stdout + error.stderr).strip()[-2000:]}", file=sys.stderr)
                return 2
        for unit in units(found):
            first = unit[0]
            name = f"{first.skill}/{first.page}:{first.line}"
            if first.kind == "excerpt" or (arguments and not any(part in name for part in arguments)):
                continue
            errors = compilers[first.skill].errors({it.file or "Program.cs": it.text for it in unit})
            refused = first.kind == "wrong" and first.heading in REFUSED
            good = bool(errors) if refused else not errors
            print(f"{'ok    ' if good else 'FAILED'} {name}", "(refused, as the page says)" if refused and good else "")
            for line in () if good else errors or ["is to be refused, and compiles"]:
                print(f"       {line}")
            count += 1
            failed += not good
    print(f"{count} built, {failed} failed")
    return 1 if failed else 0


class _Compiler:
    """csc of the newest .NET SDK, with the references of one project."""

    def __init__(self, dotnet: str, folder: Path, project: str) -> None:
        self._dotnet, self._folder = dotnet, folder
        *_, newest = self._run("--list-sdks").splitlines()
        version, _, place = newest.partition(" ")
        self._csc = Path(place.strip("[]")) / version / "Roslyn" / "bincore" / "csc.dll"
        assemblies = os.environ.get("DURABLETASK_ASSEMBLIES")
        self._references = (
            _installed(Path(place.strip("[]")).parent, Path(assemblies)) if assemblies else self._restored(project)
        )
        sdk = re.search(r'<Project Sdk="([^"]+)"', project)
        assert sdk, project
        self._usings = "".join(f"global using global::{name};\n" for name in IMPLICIT[sdk[1]])

    def errors(self, files: Mapping[str, str]) -> list[str]:
        """Of a program; it is a library unless it has top-level statements."""
        errors = self._compile(files, "library")
        return self._compile(files, "exe") if any("CS8805" in line for line in errors) else errors

    def _compile(self, files: Mapping[str, str], target: str) -> list[str]:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        for name, text in {**files, "ImplicitUsings.cs": self._usings}.items():
            (folder / Path(name).name).write_text(text, encoding="utf-8")
        options = ["-noconfig", "-nologo", "-nullable:enable", f"-target:{target}", "-langversion:12", "-out:out.dll"]
        response = folder / "csc.rsp"
        response.write_text("\n".join([*options, *(f'-r:"{it}"' for it in self._references), "*.cs"]), encoding="utf-8")
        done = subprocess.run(
            [self._dotnet, "exec", str(self._csc), "-noconfig", f"@{response}"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        errors = [line for line in done.stdout.splitlines() if ": error " in line or line.startswith("error ")]
        return errors or ([(done.stdout + done.stderr).strip()] if done.returncode else [])

    def _restored(self, project: str) -> list[str]:
        file = self._folder / "app.csproj"
        file.write_text(project, encoding="utf-8")
        self._run("restore", str(file))
        items = "ReferencePathWithRefAssemblies"
        answer = self._run("msbuild", str(file), "-target:FindReferenceAssembliesForReferences", f"-getItem:{items}")
        return [item["FullPath"] for item in json.loads(answer)["Items"][items]]

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([self._dotnet, *arguments], cwd=self._folder, capture_output=True, text=True, check=True)
        return done.stdout


def _installed(root: Path, assemblies: Path) -> list[str]:
    """The reference assemblies of the newest installed framework, and those of a folder."""
    frameworks: list[str] = []
    for name in ("Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref"):
        folders = sorted((root / "packs" / name).glob("*/ref/net*"), key=lambda path: _version(path.parents[1].name))
        frameworks += [str(it) for it in sorted(folders[-1].glob("*.dll"))] if folders else []
    known = {Path(it).name for it in frameworks}
    return frameworks + [str(it) for it in sorted(assemblies.resolve().glob("*.dll")) if it.name not in known]


def _version(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
