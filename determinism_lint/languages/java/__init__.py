"""Java."""

from __future__ import annotations

from determinism_lint.analysis.language import Language

LANGUAGE = Language(
    id="java",
    suffixes=(".java",),
    fences=("java",),
    comment="//",
    tokens=(b"durabletask", b"dapr.workflows"),
    declares=rb"""  # the packages of the SDKs; what is registered is declared with their types
          \bcom\.microsoft\.durabletask\b
        | \bio\.dapr\.(?:workflows|durabletask)\b
        """,
    modifies=("pom.xml", "build.gradle", "build.gradle.kts"),
)
