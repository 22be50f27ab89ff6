"""C#."""

from __future__ import annotations

from determinism_lint.analysis.language import Language

LANGUAGE = Language(
    id="csharp",
    suffixes=(".cs",),
    fences=("csharp", "cs", "c#"),
    comment="//",
    tokens=(b"DurableTask", b"Dapr.Workflow", b"OrchestrationTrigger", b"ActivityTrigger", b"EntityTrigger"),
    declares=rb"""  # the namespaces of the SDKs, and the triggers of Azure Functions
          \bDurableTask\b
        | \bDapr\.Workflow\b
        | \b(?:Orchestration|Activity|Entity)Trigger(?:Attribute)?\b
        """,
)
