"""The generated skills are up to date, within their budgets, well formed, and true to the facts kept in the sources."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import click
import pytest
import yaml

from determinism_lint.commands.cli import main as linter
from skills_src.command import differences
from skills_src.load import SDK_IDS
from skills_src.markdown import Fence, blocks
from skills_src.render import INSTRUCTIONS, SKILL_CHARACTERS, SKILLS, linted_languages
from tests.pages.printed import printed
from tests.skills.generated import ROOT, File, files, pack, rendered, skills, tree
from tests.skills.tools import run

every_file = pytest.mark.parametrize("file", files(), ids=str)
every_skill = pytest.mark.parametrize("skill", skills(), ids=lambda skill: skill.skill)
every_sdk = pytest.mark.parametrize("sdk", sorted(pack().sdks))


# --- up to date ---------------------------------------------------------------------------------------------------


@every_skill
def test_committed_skill_is_what_the_sources_make(skill: File, snapshot: Any) -> None:
    snapshot.snapshot_dir = ROOT / SKILLS
    snapshot.assert_match_dir(tree(skill.skill), skill.skill)


def test_no_generated_file_is_stale_missing_or_edited() -> None:
    drift = "".join(differences(rendered(), ROOT))
    assert not drift, f"run `python -m skills_src`\n{drift}"


def test_claude_code_finds_the_same_skills() -> None:
    link = ROOT / ".claude" / "skills"
    assert link.is_symlink()
    assert link.readlink().as_posix() == "../.github/skills"


def test_each_skill_of_the_index_exists() -> None:
    assert {skill.skill for skill in skills()} == {skill.name for skill in pack().skills}


# --- complete -----------------------------------------------------------------------------------------------------


def test_each_group_of_rules_has_some() -> None:
    assert all(group.rules for group in pack().groups)


def test_each_sdk_of_the_index_is_described() -> None:
    assert set(pack().sdks) == {skill.name for skill in pack().skills if skill.cross is None}


@every_sdk
def test_each_pattern_has_a_program_or_a_reason(sdk: str) -> None:
    lacking = [
        pattern.name for pattern in pack().patterns if sdk not in pattern.programs and sdk not in pattern.unsupported
    ]
    assert not lacking


@every_sdk
def test_each_topic_that_all_share_has_a_part(sdk: str) -> None:
    shared = {"errors", "testing", "versioning", "entities", "operations", "setup"}
    assert shared <= {topic.name for topic in pack().topics if sdk in topic.parts}


@every_sdk
def test_each_rule_of_the_language_is_on_a_page(sdk: str) -> None:
    facts = pack().sdks[sdk]
    expected = {rule.name for rule in pack().rules.values() if rule.never_for(facts)}
    if facts.language not in linted_languages():
        expected -= {name for group in pack().groups if group.about == "linter" for name in group.rules}
    shown = {
        line.removeprefix("## ")
        for file in files()
        if file.skill == sdk and file.path != "SKILL.md"
        for line in file.prose.splitlines()
        if line.startswith("## ")
    }
    assert expected <= shown


@every_file
def test_the_linter_is_recommended_where_it_judges(file: File) -> None:
    sdk = pack().sdks.get(file.skill)
    if sdk is not None and sdk.language not in linted_languages() and file.path != "SKILL.md":
        assert not re.search(r"determinism-lint|--fix|the linter reports", file.text)


@every_sdk
def test_each_gotcha_is_told_once(sdk: str) -> None:
    pages = ("SKILL.md", "references/gotchas.md")
    lines = [line for file in files() if file.skill == sdk and file.path in pages for line in file.prose.splitlines()]
    for gotcha in pack().sdks[sdk].gotchas:
        assert len([line for line in lines if line.startswith(f"- {gotcha.never} → ")]) == 1


# --- budgets ------------------------------------------------------------------------------------------------------


REFERENCE_LINES = 300
PROGRAM_LINES = 600
"""Of pages that print whole programs, or the wrong and correct code of rules."""
WITH_CODE = {(fence.skill, fence.page) for fence in printed() if fence.kind in ("program", "wrong")}


@every_file
def test_length(file: File) -> None:
    if file.path == "SKILL.md":
        assert file.lines <= 250
        assert len(file.text) <= SKILL_CHARACTERS == 2500 * 4, "more tokens than an agent should load at once"
    else:
        limit = PROGRAM_LINES if (file.skill, file.path) in WITH_CODE else REFERENCE_LINES
        assert file.lines <= limit, f"{file}: shorten the story, or move a section to a page that is read on demand"


@pytest.mark.parametrize("path", INSTRUCTIONS)
def test_instructions_are_short(path: str) -> None:
    assert rendered()[path].count("\n") <= 15


# --- the Agent Skills specification -------------------------------------------------------------------------------


@every_skill
def test_front_matter(skill: File) -> None:
    data = skill.front_matter
    assert list(data) == ["name", "description", "license", "compatibility", "metadata"]
    assert data["name"] == skill.skill
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", data["name"])
    assert len(data["name"]) <= 64
    assert 250 <= len(data["description"]) <= 600
    assert len(data["compatibility"]) <= 500
    assert all(isinstance(text, str) for pair in data["metadata"].items() for text in pair)
    assert data["metadata"]["version"] == pack().project.version


@every_skill
def test_description_says_when_and_when_another(skill: File) -> None:
    description = skill.front_matter["description"]
    others = {other.skill for other in skills()} | set(SDK_IDS)
    assert "Use " in description
    assert any(other in description for other in others - {skill.skill}) or "durable-functions skill" in description


def test_descriptions_are_unique() -> None:
    descriptions = [skill.front_matter["description"] for skill in skills()]
    assert len(set(descriptions)) == len(descriptions)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="skills-ref needs Python 3.11 or later")
@every_skill
def test_validator_of_the_specification(skill: File) -> None:
    result = run("agentskills", "validate", f"{SKILLS}/{skill.skill}", cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_agnix() -> None:
    paths = [SKILLS, *INSTRUCTIONS, *(path for path in rendered() if path.endswith(".json"))]
    result = run("agnix", "--strict", *paths, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Found 0 errors, 0 warnings" in result.stdout


# --- links --------------------------------------------------------------------------------------------------------


@every_file
def test_links_resolve_inside_the_skill(file: File) -> None:
    siblings = {other.path: other for other in files() if other.skill == file.skill}
    for link in file.links:
        if link.startswith(("https://", "http://")):
            continue
        path, _, fragment = link.partition("#")
        target = (PurePosixPath(file.path).parent / path).as_posix() if path else file.path
        assert ".." not in target, f"{link} leads out of the skill's folder"
        assert target in siblings, f"{link} leads nowhere"
        assert not fragment or fragment in siblings[target].anchors, f"{link}: no such heading"


@every_skill
def test_each_reference_is_one_link_away(skill: File) -> None:
    linked = {link.partition("#")[0] for link in skill.links}
    own = {file.path for file in files() if file.skill == skill.skill} - {"SKILL.md"}
    assert own == linked
    assert all(re.fullmatch(r"references/[a-z0-9-]+\.md", path) for path in own)


# --- fences and facts ---------------------------------------------------------------------------------------------


def _parse(fence: Fence) -> None:
    match fence.words[0]:
        case "json":
            json.loads(fence.text)
        case "yaml":
            list(yaml.safe_load_all(fence.text))
        case "xml":
            ElementTree.fromstring(fence.text if fence.text.count("\n<") == 0 else f"<all>{fence.text}</all>")
        case "bash":
            result = subprocess.run(["bash", "-n"], input=fence.text, text=True, capture_output=True, check=False)
            assert result.returncode == 0, result.stderr
        case "python" if not re.search(r"# error$", fence.text, re.MULTILINE):  # a wrong example may not parse
            compile(fence.text, "fence", "exec", flags=0x400)  # PyCF_ONLY_AST: a region may end in a `yield`


KNOWN_FENCES = {
    "bash",
    "bicep",
    "csharp",
    "dockerfile",
    "groovy",
    "ini",
    "java",
    "javascript",
    "json",
    "kotlin",
    "kusto",
    "mermaid",
    "powershell",
    "properties",
    "python",
    "text",
    "toml",
    "typescript",
    "xml",
    "yaml",
}


@every_file
def test_fences_are_well_formed(file: File) -> None:
    for fence in file.fences:
        assert fence.words, f"a fence without a language: {fence.text}"
        assert len(fence.words) == 1, f"{fence.words} holds words for tests"
        assert fence.words[0] in KNOWN_FENCES
        _parse(fence)


@every_file
def test_nothing_is_left_to_fill_in(file: File) -> None:
    assert not re.search(r"\{\{|\}\}|<!-- slot|\bTODO\b|\bTBD\b|\bFIXME\b", file.prose)


PROVIDERS = {"AzureStorage", "mssql", "Netherite", "azureManaged"}


@every_file
def test_storage_providers_exist(file: File) -> None:
    for fence in file.fences:
        if fence.words[0] == "json" and "storageProvider" in fence.text:
            provider = json.loads(fence.text)["extensions"]["durableTask"]["storageProvider"]
            assert provider["type"] in PROVIDERS


ROLE = re.compile(r"Durable Task (?:[A-Z]\w+ )*(?:Contributor|Reader|Worker|Owner|Operator|Admin\w*)\b")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)


@every_file
def test_roles_exist(file: File) -> None:
    names = {role.name for role in pack().roles.values()}
    ids = {role.id for role in pack().roles.values()}
    assert set(ROLE.findall(file.text)) <= names
    assert {match for match in UUID.findall(file.text) if "roleDefinition" in file.text} <= ids


def test_every_known_role_matches_the_pattern() -> None:
    assert all(ROLE.fullmatch(role.name) for role in pack().roles.values())


def _mentioned_versions(text: str, package: str) -> Iterator[str]:
    """The versions that a text pins a package to, in the notations of pip, npm, NuGet, Maven and Gradle."""
    name = re.escape(package)
    version = r"[\^~v]?([0-9]+(?:\.[0-9]+)+(?:[-a-z0-9.]*[a-z0-9])?)"
    patterns = [
        rf"(?<![\w./-]){name}(?:==|@){version}",
        rf'"{name}":\s*"{version}"',
        rf'Include="{name}"\s+Version="{version}"',
        rf"package {name} (?:--version|-v) {version}",
    ]
    if ":" in package:
        group, artifact = (re.escape(part) for part in package.split(":"))
        patterns.append(rf"{name}:{version}")
        patterns.append(
            rf"<groupId>{group}</groupId>\s*<artifactId>{artifact}</artifactId>\s*<version>{version}</version>"
        )
    for pattern in patterns:
        yield from re.findall(pattern, text)


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("pip install durabletask==1.2.3", "durabletask"),
        ("npm install @a/b@1.2.3", "@a/b"),
        ('"durable-functions": "^1.2.3"', "durable-functions"),
        ('<PackageReference Include="A.B" Version="1.2.3" />', "A.B"),
        ("dotnet add package A.B --version 1.2.3", "A.B"),
        ("implementation 'a.b:c:1.2.3'", "a.b:c"),
        ("<groupId>a.b</groupId>\n  <artifactId>c</artifactId>\n  <version>1.2.3</version>", "a.b:c"),
    ],
)
def test_pinned_versions_are_seen(text: str, package: str) -> None:
    assert list(_mentioned_versions(text, package)) == ["1.2.3"]


@every_file
def test_package_versions_are_those_of_the_sdk(file: File) -> None:
    known: dict[str, set[str]] = {}
    for sdk in pack().sdks.values():
        for package in sdk.packages:
            known.setdefault(package.name, set()).add(package.version)
    for name, versions in known.items():
        assert set(_mentioned_versions(file.text, name)) <= versions


@every_sdk
def test_shared_packages_have_one_version(sdk: str) -> None:
    facts = pack().sdks[sdk]
    for other in pack().sdks.values():
        if other.language == facts.language:
            versions = {package.name: package.version for package in other.packages}
            assert all(versions.get(package.name, package.version) == package.version for package in facts.packages)


def _commands(text: str) -> Iterator[list[str]]:
    """The command lines of the linter that a text shows."""
    for line in re.findall(r"`(determinism-lint [^`]+)`", text) + re.findall(
        r"^determinism-lint .*", text, re.MULTILINE
    ):
        yield re.split(r"\s+[>|#]", line)[0].split()[1:]


@pytest.mark.parametrize("path", sorted(path for path in rendered() if path.endswith(".md")))
def test_commands_of_the_linter_exist(path: str) -> None:
    for name, *arguments in _commands(rendered()[path]):
        command = linter.get_command(click.Context(linter), name)
        assert command is not None, f"determinism-lint {name}"
        known = {option for parameter in command.params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("-")} <= known, f"determinism-lint {name}"


# --- the templates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(pack().templates))
def test_templates_hold_no_foreign_code(name: str) -> None:
    for block in blocks(pack().templates[name], name):
        if isinstance(block, Fence):
            assert re.fullmatch(r"\s*\{\{[^{}]*\}\}\s*", block.text), (
                "code belongs into the sources, not into templates"
            )


# --- the manifests ------------------------------------------------------------------------------------------------


def _manifest(path: str) -> dict[str, Any]:
    data = json.loads(rendered()[path])
    assert isinstance(data, dict)
    return data


PLUGINS = (".claude-plugin/plugin.json", ".codex-plugin/plugin.json", ".cursor-plugin/plugin.json")
KEYS = {"name", "version", "description", "author", "license", "keywords", "skills", "displayName", "interface"}


@pytest.mark.parametrize("path", PLUGINS)
def test_plugin(path: str) -> None:
    data = _manifest(path)
    assert set(data) <= KEYS
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", data["name"])
    assert data["version"] == pack().project.version
    assert data["author"]["name"]
    assert data["skills"].startswith("./")
    assert (ROOT / data["skills"]).resolve() == ROOT / SKILLS
    assert path != ".codex-plugin/plugin.json" or len(data["interface"]["shortDescription"]) <= 30


def test_marketplaces_offer_the_plugin() -> None:
    names = {_manifest(path)["name"] for path in PLUGINS}
    claude, agents = _manifest(".claude-plugin/marketplace.json"), _manifest(".agents/plugins/marketplace.json")
    assert claude["owner"]["name"]
    assert {plugin["name"] for plugin in claude["plugins"] + agents["plugins"]} == names
    assert [plugin["source"] for plugin in claude["plugins"]] == ["./"]
    assert [plugin["source"] for plugin in agents["plugins"]] == [{"source": "local", "path": "./"}]
    assert all(set(plugin["policy"]) == {"installation", "authentication"} for plugin in agents["plugins"])


def test_no_manifest_at_the_root() -> None:
    """A portable manifest there would make some agents ignore the others."""
    assert not (ROOT / "plugin.json").exists()


def test_license_is_that_of_the_linter() -> None:
    assert f'license = "{pack().project.license}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
