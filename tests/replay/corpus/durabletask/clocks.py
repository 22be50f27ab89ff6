"""Wall clocks and the local time zone. Each orchestrator's verdict is in the comment beside it."""

# ruff: noqa: B008  (a default argument is one of the cases)

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone
from time import time as seconds

from durabletask import task

PAYDAY = datetime(2024, 3, 1, 9, 30, tzinfo=timezone.utc)


def work(ctx: task.ActivityContext, value):
    return value


def morning(ctx: task.ActivityContext, value):
    return value


def branches_on_the_hour(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    yield ctx.call_activity(morning if datetime.now().hour < 12 else work, input=1)


def branches_on_the_year(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    if date.today().year >= 2025:
        yield ctx.call_activity(morning, input=1)
    yield ctx.call_activity(work, input=2)


def loops_until_a_wall_clock_deadline(ctx: task.OrchestrationContext, _):  # NONDET_HARD
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        yield ctx.create_timer(timedelta(seconds=2))


def passes_the_time_to_an_activity(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=time.time_ns())


def passes_the_time_by_an_alias(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=seconds())


def formats_the_time(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=time.strftime("%Y-%m-%d"))


def returns_the_date(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=1)
    return datetime.now(timezone.utc).isoformat()


def reports_the_time_in_its_status(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    ctx.set_custom_status({"since": time.ctime()})
    yield ctx.call_activity(work, input=1)


def has_the_time_of_import_in_a_default(ctx: task.OrchestrationContext, _, at=datetime.now()):  # NONDET_SOFT
    yield ctx.call_activity(work, input=at.isoformat())


def fires_a_timer_at_a_wall_clock_time(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    ctx.create_timer(min(datetime.utcnow(), ctx.current_utc_datetime) + timedelta(minutes=5))
    yield ctx.call_activity(work, input=1)


def formats_a_moment_in_the_local_zone(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=PAYDAY.astimezone().isoformat())


def makes_a_local_time_of_a_number(ctx: task.OrchestrationContext, _):  # NONDET_SOFT
    yield ctx.call_activity(work, input=datetime.fromtimestamp(1_700_000_000).isoformat())


def measures_time_for_nobody(ctx: task.OrchestrationContext, _):  # IMPURE
    started = time.perf_counter()
    yield ctx.call_activity(work, input=1)
    _ = time.perf_counter() - started


def sleeps(ctx: task.OrchestrationContext, _):  # IMPURE
    time.sleep(30)
    yield ctx.call_activity(work, input=1)


def uses_the_durable_clock(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    due = ctx.current_utc_datetime + timedelta(days=30)
    yield ctx.create_timer(due)
    yield ctx.call_activity(morning if ctx.current_utc_datetime.hour < 12 else work, input=due.isoformat())


def converts_times_that_it_is_given(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    parts = time.gmtime(1_700_000_000)
    yield ctx.call_activity(work, input=[time.strftime("%H:%M", parts), PAYDAY.astimezone(timezone.utc).isoformat()])
