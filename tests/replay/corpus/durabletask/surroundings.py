"""The environment, the machine, the process, and state that outlives an execution."""

from __future__ import annotations

import functools
import os
import platform
import random
import socket
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path

from durabletask import task
from durabletask.client import TaskHubGrpcClient

REGION = os.environ.get("REGION", "west")
RETRIES = int(os.getenv("RETRIES", "3"))
GREETING = "hello"

runs = 0
cache: dict[str, int] = {}
random.seed(7)


class Settings:
    limit = 1


def work(ctx: task.ActivityContext, value):
    return value


def other(ctx: task.ActivityContext, value):
    return value


@functools.cache
def squares(count: int) -> list[int]:
    return [number * number for number in range(count)]


def follows_a_feature_flag(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    if "NEW_FLOW" in os.environ:
        yield ctx.call_activity(other, input=1)
    yield ctx.call_activity(work, input=1)


def counts_its_runs(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    global runs
    runs += 1
    yield ctx.call_activity(work if runs % 2 else other, input=1)


def caches_in_a_module(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    if "rate" not in cache:
        cache["rate"] = yield ctx.call_activity(work, input=1)
    yield ctx.call_activity(other, input=cache["rate"])


def counts_in_a_class(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    Settings.limit += 1
    for _ in range(Settings.limit):
        yield ctx.call_activity(work, input=1)


def passes_a_constant_read_at_import(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=[REGION, RETRIES])


def passes_the_process_id(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=os.getpid())


def passes_the_host_name(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=[socket.gethostname(), platform.node()])


def passes_the_working_directory(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=str(Path.cwd()))


def continues_the_sequence_of_a_seeded_module(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=random.randint(0, 10**9))


def reads_a_file(ctx: task.OrchestrationContext, _):  # IMPURE
    text = Path(__file__).read_text(encoding="utf-8")
    yield ctx.call_activity(work, input=len(text))


def opens_a_file(ctx: task.OrchestrationContext, _):  # IMPURE
    with open(__file__, encoding="utf-8") as stream:
        line = stream.readline()
    yield ctx.call_activity(work, input=line)


def talks_to_a_server(ctx: task.OrchestrationContext, _):  # IMPURE
    with suppress(OSError):
        urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)
    yield ctx.call_activity(work, input=1)


def talks_to_a_server_and_fails(ctx: task.OrchestrationContext, _):  # IMPURE
    socket.create_connection(("127.0.0.1", 9), timeout=1)
    yield ctx.call_activity(work, input=1)


def starts_an_instance_by_a_client(ctx: task.OrchestrationContext, _):  # IMPURE
    TaskHubGrpcClient().schedule_new_orchestration("reads_constants_and_pure_caches")
    yield ctx.call_activity(work, input=1)


def starts_the_same_instance_by_a_client(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    TaskHubGrpcClient().schedule_new_orchestration("reads_constants_and_pure_caches", instance_id="other")
    yield ctx.call_activity(work, input=1)


def starts_a_thread(ctx: task.OrchestrationContext, _):  # IMPURE
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    yield ctx.call_activity(work, input=1)


def sets_a_variable_of_the_environment(ctx: task.OrchestrationContext, _):  # IMPURE
    os.environ["LAST_RUN"] = "now"
    yield ctx.call_activity(work, input=1)


def reads_constants_and_pure_caches(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    yield ctx.call_activity(work, input=[GREETING, squares(5)])
