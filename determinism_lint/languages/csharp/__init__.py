"""C#."""

from __future__ import annotations

from determinism_lint.analysis.language import Language

LANGUAGE = Language(
    id="csharp",
    suffixes=(".cs",),
    fences=("csharp", "cs", "c#"),
    comment="//",
    tokens=(b"DurableTask", b"Dapr.Workflow", b"OrchestrationTrigger", b"ActivityTrigger", b"EntityTrigger"),
    declares=rb"""  # triggers, contexts, what orchestrators, activities and entities extend, and what registers them
          \b(?:Activity|Entity|Orchestration)Trigger
        | (?:Orchestration|Workflow)Context(?:Base)?\b
        | Task(?:Activity|Entity|Orchestration|Orchestrator)\b
        | \[\s*DurableTask\b
        | \bAdd(?:Activit|All|Entit|Orchestrat|Task|Workflow)
        | \bRegister(?:Activity|Workflow)
        | \bWorkflow(?:Activity)?\s*<
        """,
)
