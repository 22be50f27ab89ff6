"""A small, complete project for the generator: one of each kind of source."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

from tests.skills.generated import ROOT

FILES = {
    "determinism_lint/__init__.py": '__version__ = "1.2.3"\n',
    "skills_src/skills.yaml": """
        plugin:
          name: sample
          title: Sample
          description: A sample.
          author: Nobody
          license: MIT
          keywords: [sample]
        skills:
          - {name: durable-task-python, description: "Python: the sample.", compatibility: any}
          - {name: durable-task-js, description: Not there yet., compatibility: any}
          - {name: review, description: Reviews., compatibility: any}
        patterns: [chaining]
        topics: [errors]
        rule_groups:
          - {file: rules, title: Rules, intro: All of them.}
        """,
    "skills_src/roles.yaml": "contributor: {name: Durable Task Data Contributor, id: some-id, use: everything}\n",
    "skills_src/sdks/durable-task-python.yaml": """
        id: durable-task-python
        title: Durable Task SDK for Python
        language: python
        summary: Workflows.
        packages: [{name: durabletask, version: "1.12.0", why: the SDK}]
        quick_start: pip install durabletask==1.12.0
        detect: [a file]
        minimal: minimal/durable-task-python.py
        program: app.py
        names: {now: "`ctx.current_utc_datetime`"}
        gotchas: [{never: this, instead: that, why: because}]
        commands: {run: python app.py, test: pytest, emulator: docker run}
        notices:
          renamed-activity: fails
          swapped-steps: fails
          added-step: fails
          removed-step: fails
          other-kind: fails
          other-payload: recorded
          other-timer: recorded
          renamed-child: fails
          renamed-event: hangs
          renamed-orchestrator: unregistered
        """,
    "skills_src/minimal/durable-task-python.py": """
        import durabletask
        print("minimal")
        """,
    "skills_src/rules/wall-clock.md": """
        ---
        summary: reads the wall clock
        severity: {default: warning, durable-task-python: error}
        since: 0.1.0
        group: rules
        place: table
        changes: [renamed-activity, other-payload]
        equivalents: [DURABLE0001]
        never: {python: "`time.time()`"}
        instead: {python: "`ctx.current_utc_datetime`"}
        flag:
          python: {datetime.datetime.now: "{ctx}.current_utc_datetime"}
        ---
        # Wall clock
        Because, see [this](wall-clock.md) and [that](other.md).
        ## Python
        All of Python.
        ```python wrong
        a()  # error
        ```
        About durabletask.
        ```python wrong sdk=durable-functions-python@2 file=b.py
        b()  # error
        ```
        About Functions.
        """,
    "skills_src/patterns/chaining/pattern.md": """
        ---
        title: Chaining
        summary: One after another.
        when: steps follow each other
        ---
        - The clock is {{ names.now }}.
        ```json
        {"a": "{{ names.now }}"}
        ```
        """,
    "skills_src/patterns/chaining/durable-task-python.py": """
        def f():
            one()
            hidden()
            two()
        """,
    "skills_src/topics/errors/topic.md": """
        ---
        title: Errors
        when: something fails
        ---
        Shared.
        <!-- slot: packages -->
        <!-- slot: roles -->
        """,
    "skills_src/topics/errors/durable-task-python.md": """
        ## In Python
        See [chaining](pattern-chaining.md#program) and [more](more.md).
        ```python run
        x = 1
        ```
        """,
    "skills_src/topics/errors/durable-task.md": "## Of the family\n",
    "skills_src/cross/review/skill.md": """
        ---
        title: Review
        topic: errors
        ---
        Ask for {{ roles.contributor }}.
        <!-- slot: rules -->
        <!-- slot: skills -->
        <!-- slot: topic-errors -->
        <!-- slot: references -->
        """,
    "skills_src/cross/review/references/more.md": """
        ---
        title: More
        when: it is not enough
        ---
        More.
        """,
}


def write(root: Path, **changes: str | None) -> Path:
    """Write the sample below `root`; a change replaces a file, named by its path, or leaves it out."""
    shutil.copytree(ROOT / "templates", root / "templates")
    for name, text in {**FILES, **changes}.items():
        if text is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return root
