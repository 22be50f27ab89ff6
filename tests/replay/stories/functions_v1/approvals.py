"""Approvals on azure-functions-durable 1.x. Each orchestrator's verdict is in the comment beside it."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import sqlite3
import threading
import time
import uuid
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
STARTED = datetime.now(timezone.utc)
RULES = {"hotel": 200, "train": 80}
latest: dict[str, float] = {}


class Counters:
    """What lives as long as the process."""

    approvals = 0


@app.activity_trigger(input_name="claim")
def validate(claim: dict) -> bool:
    return claim is not None


@app.activity_trigger(input_name="claim")
def notify(claim: str) -> str:
    logging.info("notified %s at %s", claim, time.time())
    return "sent"


@app.activity_trigger(input_name="amount")
def pay(amount: int) -> str:
    return str(uuid.uuid4())


@app.entity_trigger(context_name="context", entity_name="budget")
def budget(context):
    context.set_state(context.get_state(lambda: 0) + (context.get_input() or 0))
    context.set_result(context.get_state())


@app.orchestration_trigger(context_name="context")
def review(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("validate", context.get_input()))


def receipts(context: df.DurableOrchestrationContext, names: list[str]):
    for name in names:
        yield context.call_activity("notify", name)
    return len(names)


# --- What goes wrong


@app.orchestration_trigger(context_name="context")
def pays_only_on_weekdays(context: df.DurableOrchestrationContext):  # NONDET_HARD
    if date.today().weekday() < 5:
        yield context.call_activity("pay", 1)
    yield context.call_activity("notify", "done")


@app.orchestration_trigger(context_name="context")
def stamps_with_the_start_of_the_worker(context: df.DurableOrchestrationContext):  # NONDET_SOFT
    yield context.call_activity("notify", STARTED.isoformat())


@app.orchestration_trigger(context_name="context")
def counts_what_it_approves(context: df.DurableOrchestrationContext):  # NONDET_SOFT
    Counters.approvals += 1
    yield context.call_activity("notify", f"approval {Counters.approvals}")


@app.orchestration_trigger(context_name="context")
def remembers_the_last_amount(context: df.DurableOrchestrationContext):  # NONDET_HARD input={"amount":5}
    amount = context.get_input()["amount"]
    if latest.get("amount") != amount:
        yield context.call_activity("pay", amount)
        latest["amount"] = amount
    yield context.call_activity("notify", str(amount))


@app.orchestration_trigger(context_name="context")
def groups_by_a_set_of_names(context: df.DurableOrchestrationContext):  # NONDET_SOFT input=["ann","bob","cy","dee"]
    groups = defaultdict(list)
    for name in set(context.get_input()):
        groups[len(name)].append(name)
    yield context.call_activity("notify", json.dumps(groups))


@app.orchestration_trigger(context_name="context")
def locks_between_threads(context: df.DurableOrchestrationContext):  # IMPURE
    done = threading.Event()
    threading.Thread(target=done.set).start()
    done.wait(1)
    yield context.call_activity("notify", "locked")


@app.orchestration_trigger(context_name="context")
def looks_into_a_database(context: df.DurableOrchestrationContext):  # IMPURE
    with sqlite3.connect(":memory:") as connection:
        limit = connection.execute("select 200").fetchone()[0]
    yield context.call_activity("pay", limit)


@app.orchestration_trigger(context_name="context")
def lists_a_folder(context: df.DurableOrchestrationContext):  # IMPURE
    names = sorted(path.name for path in Path(__file__).parent.glob("*.py"))
    yield context.call_activity("notify", names[0])


@app.orchestration_trigger(context_name="context")
def reminds_at_a_random_hour(context: df.DurableOrchestrationContext):  # NONDET_SOFT
    due = context.current_utc_datetime.replace(minute=0) + timedelta(hours=random.randint(1, 9_999))
    yield context.create_timer(due)
    yield context.call_activity("notify", "reminder")


# --- What is right


@app.orchestration_trigger(context_name="context")
def approves_or_escalates(context: df.DurableOrchestrationContext):  # DETERMINISTIC input={"amount":500}
    expired = context.create_timer(context.current_utc_datetime + timedelta(hours=72))
    decision = context.wait_for_external_event("decision")
    first = yield context.task_any([decision, expired])
    if first == decision:
        expired.cancel()
        yield context.call_activity("pay", 1)
        return "paid"
    yield context.call_activity("notify", "escalated")
    return "escalated"


@app.orchestration_trigger(context_name="context")
def reviews_in_children(context: df.DurableOrchestrationContext):  # DETERMINISTIC input=[{"id":1},{"id":2}]
    tasks = [context.call_sub_orchestrator("review", claim, f"{context.instance_id}:{claim['id']}")
             for claim in context.get_input()]  # fmt: skip
    results = yield context.task_all(tasks)
    return Counter(map(str, results)).most_common()


@app.orchestration_trigger(context_name="context")
def pays_from_a_budget(context: df.DurableOrchestrationContext):  # DETERMINISTIC input=20
    team = df.EntityId("budget", "team")
    left = yield context.call_entity(team, "add", context.get_input())
    if left >= 20:
        yield context.call_activity_with_retry("pay", df.RetryOptions(5_000, 3), left)
    context.signal_entity(team, "add", 0)
    return left


@app.orchestration_trigger(context_name="context")
def starts_over_three_times(context: df.DurableOrchestrationContext):  # DETERMINISTIC input={"round":0}
    state = context.get_input()
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=5))
    if state["round"] < 3:
        context.continue_as_new({"round": state["round"] + 1})
        return None
    return state


@app.orchestration_trigger(context_name="context")
def survives_a_failure(context: df.DurableOrchestrationContext):  # DETERMINISTIC
    try:
        yield context.call_activity("pay", 1)
    except Exception as error:
        context.set_custom_status(re.sub(r"\d+", "#", type(error).__name__))
        yield context.call_activity("notify", "could not pay")
    finally:
        RULES.get("hotel")
    return RULES["train"]


@app.orchestration_trigger(context_name="context")
def names_things_durably(context: df.DurableOrchestrationContext):  # DETERMINISTIC input=["b","a"]
    key = context.new_uuid()
    sent = yield from receipts(context, sorted(set(context.get_input())))
    if not context.is_replaying:
        logging.info("sent %d receipts for %s", sent, os.path.join("claims", key))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, key))
