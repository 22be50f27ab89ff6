"""Generates the skills, plugin manifests and agent instructions from the sources in this folder.

- `skills.yaml`: the skills, and the order of patterns, topics and rules.
- `sdks/<sdk>.yaml`: facts of one SDK; its skill exists as soon as this file does.
- `rules/<rule>.md`: the linter's catalogue. The text above the languages names none; prose after an example belongs to
  the example's SDK, and prose below `### <sdk>` to that SDK.
- `patterns/<pattern>/`: `pattern.md` for all SDKs, one program (or folder of files) per SDK, printed whole.
- `topics/<topic>/`: `topic.md` for all SDKs, `<family>.md` (`durable-task`, `durable-functions`) and `<sdk>.md` for
  some.
- `cross/<skill>/`: `skill.md` and `references/*.md` of a skill that is about no single SDK.

In prose, outside fences, `{{ names.… }}` and `{{ commands.… }}` stand for entries of the SDK's YAML file,
`{{ sdk.id }}` and `{{ sdk.title }}` for the SDK, `{{ roles.… }}` for the Azure roles of `roles.yaml`. A line
`<!-- slot: sdk -->` in a topic is where the SDK's part goes (without it: at the end); `roles` and `packages` are
tables. The cross skills have `roles`, `rules`, `skills`, `references` and `topic-<topic>`. What is unknown is an error.
"""

from __future__ import annotations
