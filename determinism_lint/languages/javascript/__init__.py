"""JavaScript and TypeScript."""

from __future__ import annotations

from determinism_lint.analysis.language import Language

LANGUAGE = Language(
    id="javascript",
    suffixes=(".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"),
    fences=("javascript", "js", "mjs", "cjs", "jsx", "typescript", "ts", "mts", "cts", "tsx"),
    comment="//",
    tokens=(b"rchestrat", b"durable-functions", b"durabletask-js", b".df."),
    declares=rb"""  # the first lines: both SDKs, by import or require
          ['"]durable-functions
        | ['"]@microsoft/durabletask-js
        | \.\s*add(?:Named)?(?:Orchestrator|Activity|Entity)\b
        | \.\s*df\s*\.\s*(?:call|create|wait|continue|signal)
        """,
    script="index.js",
    modifies=("tsconfig.json", "package.json"),
)
