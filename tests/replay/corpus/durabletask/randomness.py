"""Random values, random identifiers, unordered collections, identities of objects."""

from __future__ import annotations

import os
import random
import secrets
import uuid

from durabletask import task

TENANTS = {"alpha", "beta", "gamma", "delta", "epsilon"}


class Order:
    pass


def work(ctx: task.ActivityContext, value):
    return value


def other(ctx: task.ActivityContext, value):
    return value


def child(ctx: task.OrchestrationContext, value):
    yield ctx.call_activity(work, input=value)


def flips_a_coin(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    if random.random() < 0.5:
        yield ctx.call_activity(work, input=1)
    else:
        yield ctx.wait_for_external_event("go")


def chooses_an_activity(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    yield ctx.call_activity(secrets.choice([work, other]), input=1)


def waits_for_a_random_event(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    yield ctx.wait_for_external_event(f"approved-{uuid.uuid4()}")


def does_as_many_steps_as_a_set_says(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    for name in TENANTS:
        yield ctx.call_activity(name, input=1)


def passes_a_uuid4(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=str(uuid.uuid4()))


def passes_a_uuid1(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=uuid.uuid1().hex)


def passes_bytes_of_the_system(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=os.urandom(4).hex())


def names_a_child_at_random(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_sub_orchestrator(child, input=1, instance_id=f"child-{secrets.token_hex(4)}")


def shuffles_by_the_module(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    numbers = list(range(20))
    random.shuffle(numbers)
    yield ctx.call_activity(work, input=numbers)


def fans_out_over_a_set(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield task.when_all([ctx.call_activity(work, input=tenant) for tenant in TENANTS])


def joins_a_set(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=",".join(TENANTS))


def shards_by_hash(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=hash("tenant-17") % 1000)


def passes_the_default_text_of_an_object(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    orders = [Order() for _ in range(3)]
    yield ctx.call_activity(work, input=str(orders))


def draws_and_throws_away(ctx: task.OrchestrationContext, _):  # IMPURE
    random.random()
    yield ctx.call_activity(work, input=1)


def uses_a_seeded_generator(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    generator = random.Random(ctx.new_uuid())
    yield ctx.call_activity(work, input=[generator.random(), generator.choice("abc"), generator.sample(range(9), 3)])


def uses_durable_and_derived_ids(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    key = ctx.new_uuid()
    yield ctx.call_activity(work, input=[key, str(uuid.uuid5(uuid.NAMESPACE_URL, key))])
    return ctx.new_uuid()


def sorts_and_asks_a_set(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    yield ctx.call_activity(work, input=[sorted(TENANTS), "beta" in TENANTS, len(TENANTS), max(TENANTS)])


def iterates_over_a_dict(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    for name, amount in {"b": 1, "a": 2}.items():
        yield ctx.call_activity(work, input=[name, amount, hash(amount)])
