from __future__ import annotations

import random
from datetime import datetime, timedelta

from durabletask import task

from orders.activities import charge_payment, reserve_stock, send_reminder
from orders.pricing import price_of


def process_order(ctx: task.OrchestrationContext, order: dict):
    received = datetime.now()
    reservation = yield ctx.call_activity(reserve_stock, input=order)
    payment = {"key": lottery_key(order), "amount": price_of(order), "reservation": reservation}
    receipt = yield ctx.call_activity(charge_payment, input=payment)
    return {"received": received.isoformat(), "receipt": receipt}


def lottery_key(order: dict) -> str:
    return f"{order['id']}-{random.randint(0, 9999)}"


def remind_customer(ctx: task.OrchestrationContext, customer: str):
    """Nothing is wrong here: the clock and the timer are durable."""
    due = ctx.current_utc_datetime + timedelta(days=3)
    yield ctx.create_timer(due)
    yield ctx.call_activity(send_reminder, input=customer)
