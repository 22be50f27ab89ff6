"""The JavaScript and TypeScript that the pages print, as examples with files, and where a test run puts them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.pages.printed import Printed, printed, together
from tests.skills.generated import files

LANGUAGES = ("javascript", "typescript")
SDKS = ("durable-task-js", "durable-functions-js")

_REGISTERS = re.compile(r"\.add(?:Named)?Orchestrator\(|\bapp\.orchestration\(")
_STARTS = re.compile(r"^await worker\.start\(\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A program as a reader copies it: one fence, or the files of one program."""

    fences: tuple[Printed, ...]

    @property
    def name(self) -> str:
        first = self.fences[0]
        return f"{first.skill}/{first.page.removeprefix('references/').removesuffix('.md')}:{first.line}"

    @property
    def skill(self) -> str:
        return self.fences[0].skill

    @property
    def sdk(self) -> str:
        return next((sdk for sdk in SDKS if sdk in f"{self.skill}/{self.fences[0].page}"), SDKS[0])

    @property
    def page(self) -> str:
        return self.fences[0].page

    @property
    def heading(self) -> str:
        return self.fences[0].heading

    @property
    def text(self) -> str:
        return "".join(fence.text for fence in self.fences)

    @property
    def folder(self) -> str:
        """Below the workspace."""
        return f"staged/{self.name.replace(':', '/')}"

    @property
    def files(self) -> Mapping[str, str]:
        """Path inside the folder -> text."""
        return {fence.file or f"main{_suffix(fence)}": fence.text for fence in self.fences}

    @property
    def proof(self) -> str:
        """How it is proven beyond its types.

        `wrong`, `correct`, `run`: its orchestrators run and are replayed. `pattern`: by scenarios, replayed, and
        started as it is. `quick start`, `main`: started as it is. `calls`: its HTTP functions are called. `test`: by
        `node --test`. `project`: built and run as a project. `types`: a file that the others import.
        """
        first = self.fences[0]
        if first.kind in ("wrong", "correct"):
            return first.kind
        if first.page.startswith("references/pattern-"):
            return "pattern"
        if first.page == "SKILL.md":
            return "quick start"
        if first.page == "references/typescript.md":
            return "project"
        if "node:test" in self.text:
            return "test"
        if ".client." in self.text and not _REGISTERS.search(self.text) and self.sdk == "durable-functions-js":
            return "calls"
        if _STARTS.search(self.text):
            return "main"
        return "run" if _REGISTERS.search(self.text) else "types"

    def other(self, kind: str) -> Example | None:
        """The first example of another kind below the same heading."""
        return next(
            (it for it in examples() if (it.page, it.skill, it.heading, it.proof) == (*self._place, kind)), None
        )

    @property
    def verdict(self) -> str:
        """The prose right below the last fence, up to the next one."""
        (text,) = [it.text for it in files() if (it.skill, it.path) == (self.skill, self.page)]
        below = text.splitlines()[self.fences[-1].line + self.fences[-1].text.count("\n") + 1 :]
        return " ".join(itertools.takewhile(lambda line: not line.startswith(("```", "#")), below))

    @property
    def _place(self) -> tuple[str, str, str]:
        return self.page, self.skill, self.heading


def _suffix(fence: Printed) -> str:
    module = any(line.startswith(("import ", "export ")) for line in fence.text.splitlines())
    typed = fence.language == "typescript"
    if typed and "durable-functions" in fence.text:
        return ".cts"  # what `func init --typescript` makes compiles to CommonJS
    return f".{'m' if module else 'c'}{'ts' if typed else 'js'}"


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the pages."""
    return tuple(
        Example(group)
        for group in together(printed())
        if any(fence.language in LANGUAGES for fence in group) and (len(group) > 1 or group[0].language in LANGUAGES)
    )


def by_proof(*proofs: str, sdk: str | None = None) -> list[Example]:
    """Those that are proven in one of these ways."""
    return [it for it in examples() if it.proof in proofs and sdk in (None, it.sdk)]


def page_file(sdk: str, page: str, file: str) -> str:
    """The text of a file that a page prints, for instance the `package.json` of the setup page."""
    return next(it.text for it in printed() if (it.skill, it.page, it.file) == (sdk, page, file))


def stage(folder: Path) -> None:
    """Writes all examples below a folder, each with the files of the setup page that it imports."""
    for example in examples():
        files = dict(example.files)
        if '"./scheduler.mjs"' in example.text and "scheduler.mjs" not in files:
            files["scheduler.mjs"] = page_file("durable-task-js", "references/setup.md", "scheduler.mjs")
        for file, text in files.items():
            path = folder / example.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def counts() -> Iterator[str]:
    """One line for each skill: how many fences it prints, and how they are proven."""
    for skill in dict.fromkeys(it.skill for it in examples()):
        mine = [it for it in examples() if it.skill == skill]
        proofs = Counter(proof for it in mine for proof in [it.proof] * _code(it.fences))
        yield f"{skill}: {sum(proofs.values())} fences: " + ", ".join(f"{n} {proof}" for proof, n in proofs.items())


def _code(fences: Iterable[Printed]) -> int:
    return sum(fence.language in LANGUAGES for fence in fences)


if __name__ == "__main__":
    print(*counts(), sep="\n")
