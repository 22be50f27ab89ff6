"""A part of a program: no worker, an activity that is defined elsewhere, no input at hand."""

from __future__ import annotations

from durabletask import task


def price(ctx: task.ActivityContext, item):
    return f"price of {item}"


def checkout(ctx, order):
    prices = yield task.when_all([ctx.call_activity(price, input=item) for item in order["items"]])
    receipt = yield ctx.call_activity("send_receipt", input={"order": order, "prices": prices})
    return {"first": prices[0], "receipt": receipt["id"], "paid": receipt["total"] > 0}
