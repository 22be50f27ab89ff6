"""Calls the HTTP functions of Functions apps with a client that only knows the signatures of the SDK's own.

Reads `[[path, [{function, method, body, route, found}, …]], …]` from standard input; `found` is what the client finds,
a status or a state. Writes, for each app, `{http: [names], orchestrators: [names], answers: [[status, body, headers,
[[call, arguments], …]], …]}`. Runs in an environment that has the SDK and nothing of this project.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
import warnings
from types import SimpleNamespace
from typing import Any
from unittest import mock

import azure.functions as func

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # 2.x deprecates the names that both generations have
    import azure.durable_functions as df
    from azure.durable_functions import DurableOrchestrationClient

try:
    from azure.durable_functions import DurableOrchestrationStatus
except ImportError:  # 1.x
    from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

URL = "https://app.example.com/api"


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, df.EntityId) else value


def ask(function: Any, question: dict[str, Any]) -> list[Any]:
    found = question.get("found")
    client = mock.create_autospec(DurableOrchestrationClient, instance=True)
    client.start_new.return_value = "instance-1"
    client.get_status.return_value = (
        DurableOrchestrationStatus.from_json(found) if found else DurableOrchestrationStatus()
    )
    client.read_entity_state.return_value = SimpleNamespace(entity_exists=found is not None, entity_state=found)
    client.create_check_status_response.return_value = func.HttpResponse("{}", status_code=202)
    request = func.HttpRequest(
        method=question.get("method", "POST"),
        url=URL,
        body=json.dumps(question.get("body")).encode(),
        route_params=question.get("route", {}),
    )
    response = asyncio.run(function(req=request, client=client))
    calls = [
        [call[0], [plain(v) for v in call[1]], {k: plain(v) for k, v in call[2].items()}] for call in client.mock_calls
    ]
    changes = [call for call in calls if call[0] in ("start_new", "raise_event", "signal_entity")]
    return [response.status_code, response.get_body().decode(), dict(response.headers), changes]


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    results = []
    for path, questions in json.load(sys.stdin):
        functions = runpy.run_path(path)["app"].get_functions()
        kinds = {f.get_function_name(): f.get_trigger().type for f in functions}
        http = {
            f.get_function_name(): f.get_user_function().client_function
            for f in functions
            if kinds[f.get_function_name()] == "httpTrigger"
        }
        results.append(
            {
                "http": list(http),
                "orchestrators": [name for name, kind in kinds.items() if kind == "orchestrationTrigger"],
                "answers": [ask(http[question["function"]], question) for question in questions],
            }
        )
    print(json.dumps(results))


if __name__ == "__main__":
    main()
