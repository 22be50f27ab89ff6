"""Python."""

from __future__ import annotations

from determinism_lint.analysis.language import Language

LANGUAGE = Language(
    id="python",
    suffixes=(".py",),
    fences=("python", "py", "python3"),
    comment="#",
    tokens=(b"rchestrat", b"ctivity", b"orkflow", b".create_timer", b"_external_event", b"_entit", b".entity"),
    declares=rb"""  # every alternative begins with a letter or sign, so that the search skips what begins with none
          rchestration_?[tT]rigger              # every decorator and binding of Azure Functions, misspelled ones too
        | rchestrationContext                   # annotations
        | WorkflowContext
        | O(?<=\bO)rchestrator\s*\.\s*create
        | O(?<=\bO)rchestrator\b[^\n]*\bas\b    # an alias, imported or in a with statement
        | import[^\n]*\bOrchestrator\b
        | =[^\n]*\bOrchestrator\b
        | add_(?:named_|versioned_)?(?:orchestrator|activity|entity)
        | register_(?:versioned_)?(?:orchestrator|activity|workflow|entity)
        | @[^\n]*\.\s*(?:orchestrator|activity|entity|workflow|(?:versioned|alternate)_\w*)\b
        | \.(?<=[\w\s]\.)\s*(?:workflow|versioned_workflow|activity)\s*\(
        | activity_?[tT]rigger
        | entity_?[tT]rigger
        | c(?<=\bc)all_(?:activity|sub_orchestrator|child_workflow|entity)
        | s(?<=\bs)ignal_(?:activity|sub_orchestrator|child_workflow|entity)
        | c(?<=\bc)all(?:Activity|SubOrchestrator|Entity)
        | w(?<=\bw)ait_for_external_event
        | \.\s*create_timer\s*\(
        """,
    script="__init__.py",
    modifies=("pyproject.toml", "requirements.txt", "setup.cfg", "setup.py"),
)
