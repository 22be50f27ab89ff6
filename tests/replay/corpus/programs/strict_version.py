"""A worker that accepts one version only, registered when the module is imported."""

from __future__ import annotations

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker, VersionFailureStrategy, VersioningOptions, VersionMatchStrategy

worker = TaskHubGrpcWorker()


def versioned(ctx: task.OrchestrationContext, _):
    return ctx.version


worker.add_orchestrator(versioned)
worker.use_versioning(
    VersioningOptions(
        version="2.0.0",
        match_strategy=VersionMatchStrategy.STRICT,
        failure_strategy=VersionFailureStrategy.REJECT,
    )
)
worker.start()
raise AssertionError("loading stops where the worker starts")
