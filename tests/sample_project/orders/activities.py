"""Activities may do all that orchestrators must not: they run once, and their results are recorded."""

from __future__ import annotations

from datetime import datetime

import requests
from durabletask import task


def reserve_stock(ctx: task.ActivityContext, order: dict) -> str:
    response = requests.post("https://stock.example/reservations", json=order, timeout=10)
    return response.json()["id"]


def charge_payment(ctx: task.ActivityContext, payment: dict) -> str:
    return f"{payment['key']} charged at {datetime.now()}"


def send_reminder(ctx: task.ActivityContext, customer: str) -> None:
    print(f"Dear {customer}, …")
