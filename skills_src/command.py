"""The command: write the generated files, or print how they differ from what the sources make."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from skills_src.load import load
from skills_src.render import SKILLS, render
from skills_src.sources import SourceError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write or check; returns the exit status: 0 done or equal, 1 drift, 2 malformed sources."""
    parser = argparse.ArgumentParser(prog="python -m skills_src", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; print the drift and exit 1 if there is any"
    )
    check = parser.parse_args(arguments).check
    try:
        files = render(load(root))
    except SourceError as error:
        print(f"error: {str(error).replace(root.as_posix() + '/', '')}", file=sys.stderr)
        return 2
    if not check:
        write(files, root)
        return 0
    drift = "".join(differences(files, root))
    if drift:
        print(drift + "\nThe generated files are out of date: run `python -m skills_src`.")
    return 1 if drift else 0


def stale(files: Mapping[str, str], root: Path) -> list[Path]:
    """Files in the generated folder that no source makes any more."""
    return sorted(
        path for path in (root / SKILLS).rglob("*") if path.is_file() and path.relative_to(root).as_posix() not in files
    )


def write(files: Mapping[str, str], root: Path) -> None:
    """Make the folder agree with `files`; a file that already agrees is not touched."""
    for path in stale(files, root):
        path.unlink()
    for name, text in files.items():
        path = root / name
        if not path.is_file() or path.read_bytes() != text.encode():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
    for folder in sorted((root / SKILLS).rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def differences(files: Mapping[str, str], root: Path) -> Iterator[str]:
    """A unified diff from what is on disk to what the sources make."""
    for path in stale(files, root):
        yield f"stale: {path.relative_to(root).as_posix()}\n"
    for name, text in sorted(files.items()):
        path = root / name
        if not path.is_file():
            yield f"missing: {name}\n"
        elif path.read_bytes() != text.encode():
            old = path.read_bytes().decode(errors="replace")
            yield "".join(
                difflib.unified_diff(
                    old.splitlines(True), text.splitlines(True), name, f"{name} (from the sources)", n=1
                )
            )
