from __future__ import annotations

import azure.durable_functions as df

from ..shared.names import NAMES


def greet(context):
    greetings = yield context.task_all([context.call_activity("Hello", name) for name in NAMES])
    return greetings


main = df.Orchestrator.create(greet)
