"""A shop on durabletask. Each orchestrator's verdict is in the comment beside it."""

# ruff: noqa: B006  (a mutable default is a case)

from __future__ import annotations

import itertools
import logging
import os
import random
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum

from durabletask import task
from durabletask.entities import EntityInstanceId
from shop.pricing import price, price_of_the_day

log = logging.getLogger("orders")
seen: list[str] = []
numbers = itertools.count(1)
REGIONS = {"north", "south", "east", "west", "centre"}
LIMITS = {"small": 10, "large": 1000}


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Parcel:
    sku: str
    packed_at: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat())


@dataclass(frozen=True)
class Line:
    sku: str
    amount: int


class Ticket:
    """Without a `__repr__` of its own."""


def reserve(ctx: task.ActivityContext, sku: str) -> str:
    time.sleep(0)
    return f"{sku}-{random.random()}-{os.getpid()}"


def charge(ctx: task.ActivityContext, amount: int) -> bool:
    return datetime.now().year > 2000 and amount >= 0


def ship(ctx: task.ActivityContext, what: object) -> str:
    return "shipped"


def refund(ctx: task.ActivityContext, amount: int) -> None:
    subprocess.run(["true"], check=True)


def basket(ctx: task.EntityContext, value: int) -> int:
    total = ctx.get_state(int, 0) + (value or 0)
    ctx.set_state(total)
    return total


def pack(ctx: task.OrchestrationContext, sku: str):
    reserved = yield ctx.call_activity(reserve, input=sku)
    return reserved


def both(ctx: task.OrchestrationContext, sku: str):
    """A helper that orchestrators run with `yield from`."""
    first = yield ctx.call_activity(reserve, input=sku)
    second = yield ctx.call_activity(ship, input=first)
    return [first, second]


def rounds_until_the_setting_says(ctx: task.OrchestrationContext):
    for number in range(int(os.environ.get("ORDER_ROUNDS", "2"))):
        yield ctx.call_activity(charge, input=number)


@contextmanager
def labelled(parts: list[str], label: str) -> Iterator[None]:
    parts.append(f"<{label}>")
    yield
    parts.append(f"</{label}>")


# --- What goes wrong


def packs_with_a_time_of_its_own(ctx: task.OrchestrationContext, sku: str):  # NONDET_SOFT input="pen"
    parcel = Parcel(sku)
    yield ctx.call_activity(ship, input=asdict(parcel))


def prices_two_files_away(ctx: task.OrchestrationContext, amount: int):  # NONDET_SOFT input=200
    yield ctx.call_activity(charge, input=price_of_the_day(amount))


def skips_what_it_has_seen(ctx: task.OrchestrationContext, order: str):  # NONDET_HARD input="o-1"
    if order not in seen:
        seen.append(order)
        yield ctx.call_activity(reserve, input=order)
    yield ctx.call_activity(ship, input=order)


def collects_in_a_default(ctx: task.OrchestrationContext, sku: str, done: list[str] = []):  # NONDET_HARD input="pen"
    for _ in range(len(done) + 1):
        yield ctx.call_activity(reserve, input=sku)
    done.append(sku)


def numbers_its_invoices(ctx: task.OrchestrationContext, amount: int):  # NONDET_SOFT input=5
    yield ctx.call_activity(charge, input=amount)
    yield ctx.call_activity(ship, input=f"invoice {next(numbers)}")


def chooses_a_queue_by_hash(ctx: task.OrchestrationContext, customer: str):  # NONDET_HARD input="alice"
    yield ctx.wait_for_external_event(f"free-{hash(customer) % 997}")


def names_parcels_by_identity(ctx: task.OrchestrationContext, sku: str):  # NONDET_SOFT input="pen"
    ticket = Ticket()
    yield ctx.call_activity(ship, input={"sku": sku, "ticket": f"{ticket}"})


def sorts_only_by_length(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield task.when_all([ctx.call_activity(ship, input=each) for each in sorted(REGIONS, key=len)])


def takes_any_region(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    open_regions = set(REGIONS)
    while open_regions:
        yield ctx.call_activity(ship, input=open_regions.pop())


def backs_off_at_random(ctx: task.OrchestrationContext, sku: str):  # NONDET_SOFT input="pen"
    for attempt in range(3):
        yield ctx.create_timer(timedelta(seconds=2**attempt + random.random()))
        yield ctx.call_activity(reserve, input=sku)


def asks_a_setting_how_often(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    yield from rounds_until_the_setting_says(ctx)


def reserves_in_threads(ctx: task.OrchestrationContext, skus: list[str]):  # IMPURE input=["pen","ink"]
    with ThreadPoolExecutor(2) as pool:
        names = list(pool.map(str.upper, skus))
    yield task.when_all([ctx.call_activity(reserve, input=name) for name in names])


def asks_another_program(ctx: task.OrchestrationContext, sku: str):  # IMPURE input="pen"
    try:
        said = subprocess.run(["echo", sku], capture_output=True, text=True, check=True).stdout
    except OSError:
        said = "unknown"
    yield ctx.call_activity(reserve, input=said.strip())


def starts_over_with_the_date(ctx: task.OrchestrationContext, since: str):  # NONDET_SOFT input="2024-01-01"
    yield ctx.create_timer(timedelta(days=1))
    if ctx.current_utc_datetime.day < 20:
        ctx.continue_as_new(datetime.now().isoformat())


# --- What is right


def fans_out_over_sorted_regions(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    shipped = yield task.when_all([ctx.call_activity(ship, input=each) for each in sorted(REGIONS)])
    return len(shipped)


def prices_by_a_cached_rule(ctx: task.OrchestrationContext, amounts: list[int]):  # DETERMINISTIC input=[50,200]
    for amount in amounts:
        yield ctx.call_activity(charge, input=price(amount))


def follows_the_order_of_a_dict(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    for size, limit in LIMITS.items():
        yield ctx.call_activity(ship, input=[Size(size).name, limit])


def waits_by_the_durable_clock(ctx: task.OrchestrationContext, minutes: int):  # DETERMINISTIC input=30
    deadline = ctx.current_utc_datetime + timedelta(minutes=minutes)
    while ctx.current_utc_datetime < deadline:
        yield ctx.call_activity(charge, input=1)
        yield ctx.create_timer(timedelta(minutes=10))
    return deadline.isoformat()


def undoes_what_it_did(ctx: task.OrchestrationContext, amount: int):  # DETERMINISTIC input=7
    undo: list[int] = []
    try:
        yield ctx.call_activity(charge, input=amount)
        undo.append(amount)
        yield ctx.call_activity(ship, input=amount)
        raise ValueError("out of stock")
    except (task.TaskFailedError, ValueError) as error:
        for each in reversed(undo):
            yield ctx.call_activity(refund, input=each)
        return f"undone: {type(error).__name__}"


def packs_in_children(ctx: task.OrchestrationContext, skus: list[str]):  # DETERMINISTIC input=["pen","ink","pad"]
    packed = []
    for start in range(0, len(skus), 2):
        batch = [ctx.call_sub_orchestrator(pack, input=sku) for sku in skus[start : start + 2]]
        packed += yield task.when_all(batch)
    return packed


def fills_a_basket_under_a_lock(ctx: task.OrchestrationContext, amount: int):  # DETERMINISTIC input=3
    mine = EntityInstanceId("basket", "alice")
    with (yield ctx.lock_entities([mine])):
        yield ctx.call_entity(mine, "add", input=amount)
        total = yield ctx.call_entity(mine, "add", input=amount)
    ctx.signal_entity(mine, "add", input=0)
    return total


def draws_from_a_durable_seed(ctx: task.OrchestrationContext, skus: list[str]):  # DETERMINISTIC input=["pen","ink"]
    draw = random.Random(ctx.new_uuid())
    yield ctx.create_timer(timedelta(seconds=draw.uniform(1, 9)))
    yield ctx.call_activity(ship, input=draw.choice(skus))


def logs_only_once(ctx: task.OrchestrationContext, sku: str):  # DETERMINISTIC input="pen"
    safe = ctx.create_replay_safe_logger(log)
    safe.info("packing %s", sku)
    parts = yield from both(ctx, sku)
    if not ctx.is_replaying:
        log.info("packed %s", parts)
    ctx.set_custom_status({"packed": len(parts)})
    return parts


def adds_up_a_set(ctx: task.OrchestrationContext, lines: list[list]):  # DETERMINISTIC input=[["pen",3],["ink",4]]
    unique = {Line(*line) for line in lines}
    text: list[str] = []
    with labelled(text, "total"):
        text.append(str(sum(line.amount for line in unique)))
    yield ctx.call_activity(ship, input=["".join(text), max(line.sku for line in unique), len(unique)])
