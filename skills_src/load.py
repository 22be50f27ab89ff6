"""From the folder of the project to a `Pack`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from determinism_lint.errors import CatalogueError
from determinism_lint.rules.catalogue import from_compiled
from determinism_lint.rules.compiler import compile_rules
from skills_src.model import (
    LANGUAGES,
    Cross,
    Gotcha,
    Language,
    Pack,
    Package,
    Page,
    Pattern,
    Program,
    Project,
    Role,
    Rule,
    RuleGroup,
    Sdk,
    Skill,
    Topic,
)
from skills_src.notices import CHANGES, OUTCOMES
from skills_src.sources import Record, SourceError, read_page, read_text, read_yaml

SDK_IDS = tuple(
    f"{family}-{platform}"
    for family in ("durable-functions", "durable-task")
    for platform in ("dotnet", "python", "java", "js")
)


def load(root: Path) -> Pack:
    """Read all sources below `root`, the folder that holds `skills_src`.

    Raises:
        SourceError: a file is malformed or missing; the message names the file and the key.
    """
    source = root / "skills_src"
    sdks = _sdks(source)
    forms = {name: sdk.program for name, sdk in sdks.items()}
    index = read_yaml(source / "skills.yaml")
    index.only("plugin", "skills", "rule_groups", "patterns", "topics")
    rules = _rules(source / "rules")
    return Pack(
        project=_project(index, root / "determinism_lint" / "__init__.py"),
        skills=tuple(_skill(record, source / "cross", sdks) for record in index.records("skills")),
        sdks=sdks,
        patterns=tuple(
            _pattern(source / "patterns" / name, forms)
            for name in _ordered(index, "patterns", (path.name for path in _folders(source / "patterns")))
        ),
        topics=tuple(
            _topic(source / "topics" / name)
            for name in _ordered(index, "topics", (path.name for path in _folders(source / "topics")))
        ),
        rules=rules,
        groups=_groups(index, rules),
        roles={key: _role(record) for key, record in _children(read_yaml(source / "roles.yaml"))},
        templates={
            path.relative_to(root / "templates").as_posix(): read_text(path)
            for path in sorted((root / "templates").rglob("*.j2"))
        },
    )


def _folders(parent: Path) -> list[Path]:
    """The folders below `parent` that hold something; editors and interpreters leave empty and hidden ones behind."""
    return sorted(
        path for path in parent.iterdir() if path.is_dir() and path.name[0] not in "._" and any(path.glob("*.*"))
    )


def _ordered(index: Record, key: str, existing: Iterable[str]) -> tuple[str, ...]:
    """The names in the order of skills.yaml, which must be exactly those that exist."""
    names = index.texts(key)
    for name in sorted(set(names) ^ set(existing)):
        index.fail(key, f"lists `{name}`, which does not exist" if name in names else f"lacks `{name}`")
    return names


def _children(record: Record) -> list[tuple[str, Record]]:
    for key, value in record.data.items():
        if not isinstance(value, dict):
            record.fail(key, "must be a mapping")
    return [(key, Record(f"{record.where}: {key}", value)) for key, value in record.data.items()]


def _project(index: Record, package: Path) -> Project:
    version = re.search(r'^__version__ = "([^"]+)"$', read_text(package), re.MULTILINE)
    if version is None:
        raise SourceError(f'{package.as_posix()}: has no line `__version__ = "…"`')
    plugin = index.record("plugin")
    plugin.only("name", "title", "description", "author", "license", "keywords", "repository")
    return Project(
        name=plugin.text("name"),
        version=version[1],
        title=plugin.text("title"),
        description=" ".join(plugin.text("description").split()),
        author=plugin.text("author"),
        license=plugin.text("license"),
        keywords=plugin.texts("keywords"),
        repository=plugin.text("repository", ""),
    )


def _sdks(source: Path) -> dict[str, Sdk]:
    records = {path.stem: read_yaml(path) for path in sorted((source / "sdks").glob("*.yaml"))}
    return {name: _sdk(name, record, source) for name, record in records.items()}


def _sdk(name: str, record: Record, source: Path) -> Sdk:
    record.only(
        *("id", "title", "language", "summary", "packages", "quick_start"),
        *("detect", "minimal", "program", "names", "gotchas", "commands", "notices"),
    )
    if record.text("id") != name or name not in SDK_IDS:
        record.fail("id", f"must equal the file's name and be one of {', '.join(SDK_IDS)}")
    language = record.text("language")
    if language not in LANGUAGES:
        record.fail("language", f"must be one of {', '.join(LANGUAGES)}")
    commands = record.table("commands")
    for key in ("run", "test", "emulator"):
        if key not in commands:
            record.fail("commands", f"lacks `{key}`")
    minimal = source / record.text("minimal")
    text = read_text(minimal)
    return Sdk(
        id=name,
        title=record.text("title"),
        language=cast("Language", language),
        summary=record.text("summary"),
        packages=tuple(_package(item) for item in record.records("packages")),
        quick_start=record.text("quick_start"),
        detect=record.texts("detect"),
        minimal=Program(_program_file(record.text("program"), text), text),
        program=record.text("program"),
        names=record.table("names"),
        gotchas=tuple(_gotcha(item) for item in record.records("gotchas")),
        commands=commands,
        notices=_notices(record),
    )


def _notices(record: Record) -> dict[str, str]:
    notices = record.table("notices", {})
    for change in CHANGES if notices else ():
        if change not in notices:
            record.fail("notices", f"lacks `{change}`")
    for change, outcome in notices.items():
        if change not in CHANGES:
            record.fail("notices", f"names `{change}`, which is none of {', '.join(CHANGES)}")
        if outcome not in OUTCOMES:
            record.fail("notices", f"`{change}`: `{outcome}` is none of {', '.join(OUTCOMES)}")
    return notices


_CLASS = re.compile(r"^(?:public |final )*(?:class|record|enum) (\w+)", re.MULTILINE)


def _program_file(form: str, text: str) -> str:
    """The path of a program of one file in the user's project; `{class}` stands for its first class (Java)."""
    declared = _CLASS.search(text)
    return form.replace("{class}", declared[1] if declared else "Main")


def _package(record: Record) -> Package:
    record.only("name", "version", "why")
    return Package(record.text("name"), record.text("version"), record.text("why"))


def _gotcha(record: Record) -> Gotcha:
    record.only("never", "instead", "why")
    return Gotcha(record.text("never"), record.text("instead"), record.text("why"))


def _role(record: Record) -> Role:
    record.only("name", "id", "use")
    return Role(record.text("name"), record.text("id", ""), record.text("use"))


def _pattern(folder: Path, forms: Mapping[str, str]) -> Pattern:
    record, body = read_page(folder / "pattern.md")
    record.only("title", "summary", "when", "unsupported")
    unsupported = record.table("unsupported", {})
    programs: dict[str, tuple[Program, ...]] = {}
    notes: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        sdk = path.name if path.is_dir() else path.stem
        if path.name == "pattern.md" or path.name[0] in "._":
            continue
        if path.suffix == ".md":
            if sdk not in (*SDK_IDS, *LANGUAGES):
                raise SourceError(f"{path.as_posix()}: must be named after an SDK or a language")
            notes[sdk] = read_text(path)
            continue
        if sdk not in SDK_IDS or sdk in programs:
            raise SourceError(f"{path.as_posix()}: must be named after an SDK, one file or folder for each")
        programs[sdk] = tuple(_files(path, forms.get(sdk, path.name)))
    for sdk in unsupported:
        if sdk not in SDK_IDS or sdk in programs:
            record.fail("unsupported", f"names `{sdk}`, which is no SDK or has a program")
    return Pattern(
        name=folder.name,
        title=record.text("title"),
        summary=record.text("summary"),
        when=record.text("when"),
        body=body,
        programs=programs,
        notes=notes,
        unsupported=unsupported,
    )


def _files(path: Path, form: str) -> Iterable[Program]:
    """A program is a file, named by the SDK's form, or a folder as it lies in the user's project."""
    if not path.is_dir():
        text = read_text(path)
        yield Program(_program_file(form, text), text)
        return
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        yield Program(file.relative_to(path).as_posix(), read_text(file))


def _topic(folder: Path) -> Topic:
    record, body = read_page(folder / "topic.md")
    record.only("title", "when")
    parts = {path.stem: read_text(path) for path in sorted(folder.glob("*.md")) if path.name != "topic.md"}
    for name, text in parts.items():
        if name not in SDK_IDS and name not in ("durable-functions", "durable-task"):
            raise SourceError(f"{(folder / name).as_posix()}.md: must be named after an SDK or a family of SDKs")
        if not text.startswith("## "):
            raise SourceError(f"{(folder / name).as_posix()}.md: must begin with a heading of level 2")
    return Topic(folder.name, record.text("title"), record.text("when"), body, parts)


def _rules(folder: Path) -> dict[str, Rule]:
    try:
        catalogue = from_compiled(compile_rules(str(folder)), str(folder))
        records = {name: read_page(folder / f"{name}.md")[0] for name in catalogue}
        return {
            name: Rule(
                name=name,
                summary=rule.summary,
                severities=dict(rule.severities),
                equivalents=rule.equivalents,
                never=dict(rule.never),
                instead=dict(rule.instead),
                why=rule.why,
                sections={str(language): text for language, text in rule.sections.items()},
                fixable=frozenset(
                    language
                    for table in (rule.flag, rule.argless)
                    for language, names in table.items()
                    if any(names.values())
                ),
                group=records[name].text("group"),
                in_table=_place(records[name]) == "table",
                changes=_changes(records[name]),
            )
            for name, rule in catalogue.items()
        }
    except CatalogueError as error:
        raise SourceError(str(error)) from None


def _place(record: Record) -> str:
    place = record.text("place", "page")
    if place not in ("page", "table"):
        record.fail("place", "must be `page` or `table`")
    return place


def _changes(record: Record) -> tuple[str, ...]:
    changes = record.texts("changes") if "changes" in record.data else ()
    for change in changes:
        if change not in CHANGES:
            record.fail("changes", f"names `{change}`, which is none of {', '.join(CHANGES)}")
    return changes


def _groups(index: Record, rules: Mapping[str, Rule]) -> tuple[RuleGroup, ...]:
    groups = []
    for record in index.records("rule_groups"):
        record.only("file", "title", "intro", "about")
        file = record.text("file")
        members = [rule for rule in rules.values() if rule.group == file]
        groups.append(
            RuleGroup(
                file=file,
                title=record.text("title"),
                intro=record.text("intro"),
                rules=tuple(rule.name for rule in sorted(members, key=lambda rule: (not rule.in_table, rule.name))),
                about=record.text("about", ""),
            )
        )
    for rule in rules.values():
        if rule.group not in {group.file for group in groups}:
            raise SourceError(f"rules/{rule.name}.md: key `group`: skills.yaml has no rule group `{rule.group}`")
    return tuple(groups)


def _skill(record: Record, cross: Path, sdks: Mapping[str, Sdk]) -> Skill:
    record.only("name", "description", "compatibility")
    name = record.text("name")
    folder = cross / name
    if (name in SDK_IDS) == folder.is_dir():
        record.fail("name", f"`{name}` must be an SDK or have a folder {folder.as_posix()}, not both")
    return Skill(
        name=name,
        description=" ".join(record.text("description").split()),
        compatibility=" ".join(record.text("compatibility").split()),
        cross=_cross(folder) if folder.is_dir() else None,
    )


def _cross(folder: Path) -> Cross:
    record, body = read_page(folder / "skill.md")
    record.only("title", "topic")
    return Cross(
        title=record.text("title"),
        body=body,
        pages=tuple(_page(path) for path in sorted((folder / "references").glob("*.md"))),
        topic=record.text("topic") if "topic" in record.data else None,
    )


def _page(path: Path) -> Page:
    record, body = read_page(path)
    record.only("title", "when")
    return Page(path.stem, record.text("title"), record.text("when"), body)
