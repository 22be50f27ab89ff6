"""Logging and printing, which every replay repeats."""

from __future__ import annotations

import logging

from durabletask import task

logger = logging.getLogger("orders")


def work(ctx: task.ActivityContext, value):
    logger.info("working on %s", value)
    print("activities run once")
    return value


def report(step: str) -> None:
    logger.warning("at %s", step)


def logs(ctx: task.OrchestrationContext, _):  # IMPURE
    logger.info("starting")
    yield ctx.call_activity(work, input=1)


def prints(ctx: task.OrchestrationContext, _):  # IMPURE
    print("starting")
    yield ctx.call_activity(work, input=1)


def logs_in_a_helper(ctx: task.OrchestrationContext, _):  # IMPURE
    report("start")
    yield ctx.call_activity(work, input=1)


def logs_when_it_is_new(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    if not ctx.is_replaying:
        report("start")
        print("starting")
    yield ctx.call_activity(work, input=1)


def logs_replay_safely(ctx: task.OrchestrationContext, _):  # DETERMINISTIC
    log = ctx.create_replay_safe_logger(logger)
    log.info("starting")
    yield ctx.call_activity(work, input=1)
    log.warning("done")
