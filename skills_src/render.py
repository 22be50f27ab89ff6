"""From a `Pack` to the generated files: pure, so that what is committed can be compared with what it makes."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pkgutil import iter_modules

from jinja2 import DictLoader, Environment, StrictUndefined

from determinism_lint import languages
from skills_src.manifests import manifests
from skills_src.markdown import (
    Fence,
    blocks,
    cell,
    fill,
    fill_slots,
    language_of,
    plain_fences,
    slots,
    tidy,
    with_contents,
)
from skills_src.model import LANGUAGES, Pack, Package, Page, Pattern, Rule, RuleGroup, Sdk, Skill, Topic
from skills_src.notices import matrix, sentences, table
from skills_src.sources import SourceError


@cache
def linted_languages() -> frozenset[str]:
    """The languages that the linter judges."""
    return frozenset(module.name for module in iter_modules(languages.__path__) if module.ispkg)


SKILLS = ".github/skills"
"""Every file below this folder is generated."""

SKILL_CHARACTERS = 10_000
"""What a SKILL.md may have: 2,500 tokens of about four characters."""

INSTRUCTIONS = ("AGENTS.md", ".github/copilot-instructions.md")
"""What agents read at every start."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A page of a skill, as the skill's index shows it."""

    file: str
    title: str
    when: str
    """Empty for the pages of rules, which share one condition."""
    text: str

    @property
    def label(self) -> str:
        """The file's name, short."""
        return self.file.removeprefix("references/").removeprefix("determinism-").removesuffix(".md")


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as one SDK's page shows it."""

    name: str
    summary: str
    severity: str
    equivalents: tuple[str, ...]
    fixable: bool
    never: str
    instead: str
    why: str
    notices: str
    """What the runtime does about it."""
    examples: str


def render(pack: Pack) -> dict[str, str]:
    """The generated files: path relative to the project's folder, with `/` -> text."""
    renderer = _Renderer(pack)
    files = dict(manifests(pack.project))
    files |= renderer.instructions()
    for skill in pack.skills:
        if skill.cross is not None or skill.name in pack.sdks:
            for path, text in renderer.skill(skill):
                files[f"{SKILLS}/{skill.name}/{path}"] = text
    return files


class _Renderer:
    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._environment = Environment(
            loader=DictLoader(dict(pack.templates)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self._environment.filters["cell"] = cell
        self._environment.filters["language"] = language_of
        self._environment.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)

    def instructions(self) -> Iterator[tuple[str, str]]:
        names = [skill.name for skill in self._pack.skills if skill.cross is not None or skill.name in self._pack.sdks]
        judged = self._values(None)["linter.languages"]
        text = self._template("AGENTS.md.j2", skills=names, judged=judged)
        yield from ((path, text) for path in INSTRUCTIONS)

    def skill(self, skill: Skill) -> Iterator[tuple[str, str]]:
        """The files of one skill, by their path inside its folder."""
        if skill.cross is None:
            yield from self._sdk_skill(skill, self._pack.sdks[skill.name])
        else:
            yield from self._cross_skill(skill)

    def _template(self, name: str, **values: object) -> str:
        return tidy(self._environment.get_template(name).render(project=self._pack.project, **values))

    def _values(self, sdk: Sdk | None) -> dict[str, str]:
        """What prose may refer to."""
        values = {f"roles.{key}": role.name for key, role in self._pack.roles.items()}
        values["project.install"] = self._pack.project.install
        values["linter.languages"] = _listed(LANGUAGES[it] for it in LANGUAGES if it in linted_languages())
        if sdk is not None:
            values |= {f"names.{key}": name for key, name in sdk.names.items()}
            values |= {f"commands.{key}": command for key, command in sdk.commands.items()}
            values |= {"sdk.id": sdk.id, "sdk.title": sdk.title}
        return values

    # --- the skill of an SDK --------------------------------------------------------------------------------------

    def _sdk_skill(self, skill: Skill, sdk: Sdk) -> Iterator[tuple[str, str]]:
        patterns = [pattern for pattern in self._pack.patterns if sdk.id in pattern.programs]
        missing = [pattern for pattern in self._pack.patterns if sdk.id in pattern.unsupported]
        linted = sdk.language in linted_languages()
        rule_pages = [
            self._rule_page(group, rules, sdk)
            for group in self._pack.groups
            if (linted or group.about != "linter") and (rules := self._rules(group.rules, sdk))
        ]
        in_table = self._rules(
            [name for group in self._pack.groups for name in group.rules if self._pack.rules[name].in_table], sdk
        )
        topics = [
            self._topic_page(topic, sdk) for topic in self._pack.topics if {sdk.id, sdk.family} & set(topic.parts)
        ]

        def main(shown: int) -> str:
            return self._template(
                "SKILL.md.j2",
                skill=skill,
                sdk=sdk,
                sibling=self._sibling(sdk),
                rules=[rule for rule in in_table if rule.severity != "info"],
                gotchas=sdk.gotchas[:shown],
                patterns=patterns,
                missing=[(pattern, pattern.unsupported[sdk.id]) for pattern in missing],
                rule_pages=rule_pages,
                topics=topics,
                versions=[f"{package.name} {package.version}" for package in _installed(sdk)],
                linted=linted,
                judged=_listed(LANGUAGES[it] for it in LANGUAGES if it in linted_languages()),
            )

        # Gotchas are sorted by weight: SKILL.md has those that fit, their page has the others. Their links are those of
        # SKILL.md.
        shown = next((n for n in range(len(sdk.gotchas), 0, -1) if len(main(n)) <= SKILL_CHARACTERS), 0)
        yield "SKILL.md", main(shown)
        if others := sdk.gotchas[shown:]:
            page = self._template("references/gotchas.md.j2", gotchas=others)
            yield "references/gotchas.md", page.replace("](references/", "](")
        for pattern in patterns:
            yield f"references/pattern-{pattern.name}.md", self._pattern_page(pattern, sdk)
        for reference in rule_pages + topics:
            yield reference.file, reference.text

    def _sibling(self, sdk: Sdk) -> Sdk | None:
        """The SDK of the other family for the same language."""
        return next(
            (other for other in self._pack.sdks.values() if other.language == sdk.language and other.id != sdk.id), None
        )

    def _pattern_page(self, pattern: Pattern, sdk: Sdk) -> str:
        where = f"patterns/{pattern.name}/pattern.md"
        return with_contents(
            self._template(
                "references/pattern.md.j2",
                pattern=pattern,
                body=fill(pattern.body, self._values(sdk), where),
                programs=pattern.programs[sdk.id],
                notes=plain_fences(pattern.notes.get(sdk.id, pattern.notes.get(sdk.language, "")), where),
                language=sdk.language,
            )
        )

    def _topic_page(self, topic: Topic, sdk: Sdk) -> Reference:
        where = f"topics/{topic.name}"
        own = "\n".join(topic.parts[name] for name in (sdk.id, sdk.family) if name in topic.parts)
        body = topic.body if "sdk" in slots(topic.body) else topic.body + "\n<!-- slot: sdk -->\n"
        body = fill(
            fill_slots(body, self._slots(sdk) | {"sdk": own}, where),
            self._values(sdk),
            where,
        )
        text = self._template("references/topic.md.j2", title=topic.title, body=plain_fences(body, where))
        return Reference(f"references/{topic.name}.md", topic.title, topic.when, with_contents(text))

    def _slots(self, sdk: Sdk) -> dict[str, str]:
        return {"roles": self._roles(), "packages": _packages(sdk), "notices": table(sdk.notices)}

    def _rules(self, names: Iterable[str], sdk: Sdk) -> list[RuleView]:
        """Those of the rules that concern an SDK."""
        views = []
        for name in names:
            rule = self._pack.rules[name]
            never = rule.never_for(sdk)
            if never is None:
                continue
            instead = rule.instead_for(sdk)
            if instead is None:
                raise SourceError(f"rules/{name}.md: key `instead` has no entry for {sdk.id} or {sdk.language}")
            views.append(
                RuleView(
                    name=name,
                    summary=rule.summary,
                    severity=rule.severity_for(sdk.id),
                    equivalents=rule.equivalents,
                    fixable=sdk.language in rule.fixable,
                    never=never,
                    instead=instead,
                    why=self._relinked(rule.why, sdk),
                    notices=sentences(rule.changes, sdk.notices),
                    examples=self._relinked(_examples(rule, sdk), sdk),
                )
            )
        return views

    def _relinked(self, text: str, sdk: Sdk) -> str:
        """Links between rule files lead to the place on the page of the other rule, if the SDK has it."""

        def link(match: re.Match[str]) -> str:
            rule = self._pack.rules.get(match[2])
            return f"[{match[1]}]({rule.group}.md#{match[2]})" if rule and rule.never_for(sdk) else match[1]

        return _PAGE_LINK.sub(link, text)

    def _rule_page(self, group: RuleGroup, rules: list[RuleView], sdk: Sdk) -> Reference:
        linted = sdk.language in linted_languages()
        text = self._template("references/determinism.md.j2", group=group, rules=rules, linted=linted)
        return Reference(f"references/{group.file}.md", group.title, "", with_contents(text))

    # --- skills about no single SDK ---------------------------------------------------------------------------------

    def _cross_skill(self, skill: Skill) -> Iterator[tuple[str, str]]:
        cross = skill.cross
        assert cross is not None
        where = f"cross/{skill.name}"
        parts = {
            "roles": self._roles(),
            "rules": self._rule_index(),
            "notices": self._notices(),
            "skills": self._skill_index(),
            **self._shared_topics(),
        }

        def text(markdown: str, file: str) -> str:
            filled = fill_slots(markdown, {**parts, "references": index}, f"{where}/{file}")
            return plain_fences(fill(filled, self._values(None), f"{where}/{file}"), where)

        pages = list(cross.pages) + self._topic_pages(cross.topic)
        index = "\n".join(
            f"- [references/{page.name}.md](references/{page.name}.md): read when {page.when}" for page in pages
        )
        body = text(cross.body, "skill.md")
        yield "SKILL.md", self._template("cross/SKILL.md.j2", skill=skill, title=cross.title, body=body, versions=[])
        names = {page.name for page in pages}
        for page in pages:
            body = _linked(text(page.body, f"references/{page.name}.md"), names)
            page_text = self._template("references/topic.md.j2", title=page.title, body=body)
            yield f"references/{page.name}.md", with_contents(page_text)

    def _topic_pages(self, name: str | None) -> list[Page]:
        """One page for each SDK that has a part in a topic."""
        if name is None:
            return []
        topic = next(topic for topic in self._pack.topics if topic.name == name)
        return [
            Page(
                name=f"{name}-{sdk.id}",
                title=f"{topic.title}: {sdk.title}",
                when=f"the code uses {sdk.detect[0]}",
                body=fill(topic.parts[sdk.id], self._values(sdk), f"topics/{name}/{sdk.id}.md"),
            )
            for sdk in self._pack.sdks.values()
            if sdk.id in topic.parts
        ]

    def _shared_topics(self) -> dict[str, str]:
        """Slot -> what a topic says for all SDKs."""
        roles = self._roles()
        return {
            f"topic-{topic.name}": fill_slots(
                topic.body,
                {"sdk": "", "roles": roles, "packages": "", "notices": self._notices()},
                f"topics/{topic.name}",
            )
            for topic in self._pack.topics
        }

    def _roles(self) -> str:
        rows = [
            f"| {role.name} | {f'`{role.id}`' if role.id else 'look it up by name'} | {cell(role.use)} |"
            for role in self._pack.roles.values()
        ]
        return "\n".join(["| role | id | use |", "|---|---|---|", *rows])

    def _notices(self) -> str:
        return matrix({sdk.id: sdk.notices for sdk in self._pack.sdks.values()})

    def _rule_index(self) -> str:
        """All rules, for whoever reads findings in more than one language."""
        rows = []
        for group in self._pack.groups:
            for rule in (self._pack.rules[name] for name in group.rules):
                known = [language for language in LANGUAGES if language in rule.sections]
                judged, read = (
                    ", ".join(LANGUAGES[language] for language in known if (language in linted_languages()) is linted)
                    for linted in (True, False)
                )
                rows.append(
                    f"| {rule.name} | {rule.severities['default']} | {cell(rule.summary)} | {judged} | {read} "
                    f"| {'yes' if rule.fixable & linted_languages() else ''} | {', '.join(rule.equivalents)} |"
                )
        head = "| rule | severity | finding | the linter judges | read it in | safe fix | other analyzers |"
        return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])

    def _skill_index(self) -> str:
        rows = [f"| {cell(sdk.detect[0])} | `{sdk.id}` |" for sdk in self._pack.sdks.values()]
        return "\n".join(["| the project has | skill |", "|---|---|", *rows])


_PAGE_LINK = re.compile(r"\[([^\]]+)\]\(([a-z-]+)\.md(?:#[a-z-]*)?\)")


def _linked(text: str, names: Collection[str]) -> str:
    """The text with the links to those pages that its skill has; the others, from a shared source, become plain."""
    return _PAGE_LINK.sub(lambda match: match[0] if match[2] in names else match[1], text)


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _packages(sdk: Sdk) -> str:
    rows = [f"| `{package.name}` | {package.version} | {cell(package.why)} |" for package in sdk.packages]
    return "\n".join(["| package | version | why |", "|---|---|---|", *rows])


def _examples(rule: Rule, sdk: Sdk) -> str:
    """What a rule shows for one SDK: its own examples, labeled, and the prose that concerns it.

    Prose before the first example concerns all SDKs of the language, prose after an example that example's SDK, and
    prose below a heading `### <sdk>` that SDK.
    """
    where = f"rules/{rule.name}.md"
    parts = []
    owner = ""
    for block in blocks(rule.sections.get(sdk.language, ""), where):
        if isinstance(block, Fence):
            owner = _sdk_of(block, sdk.language)
            if owner == sdk.id:
                parts.append(f"{_label(block)}:\n\n{block.render(words=1)}")
            continue
        general, *scoped = _SCOPE.split(block.text)
        if owner in ("", sdk.id):
            parts.append(general)
        for name, text in zip(scoped[::2], scoped[1::2], strict=True):
            if name == sdk.id:
                parts.append(text)
    return "".join(parts)


_SCOPE = re.compile(r"^### (durable-[a-z]+-[a-z]+)$", re.MULTILINE)


def _installed(sdk: Sdk) -> Sequence[Package]:
    """The packages that the minimal app consists of: those that its commands install, or all of a build file."""
    return [package for package in sdk.packages if package.name in sdk.quick_start] or sdk.packages


_DEFAULT_SDK: Mapping[str, str] = {
    "python": "durable-task-python",
    "csharp": "durable-task-dotnet",
    "java": "durable-task-java",
    "javascript": "durable-task-js",
}


def _option(fence: Fence, key: str) -> str:
    return next((word.partition("=")[2] for word in fence.words if word.startswith(key + "=")), "")


def _sdk_of(fence: Fence, language: str) -> str:
    return (_option(fence, "sdk") or _DEFAULT_SDK[language]).partition("@")[0]


def _label(fence: Fence) -> str:
    kind = "Correct" if "correct" in fence.words else "Wrong"
    generation = _option(fence, "sdk").partition("@")[2]
    file = _option(fence, "file")
    return kind + (f" ({generation}.x)" if generation else "") + (f", `{file}`" if file else "")
