from __future__ import annotations

import requests


def price_of(order: dict) -> float:
    return sum(unit_price(item["sku"]) * item["count"] for item in order["items"])


def unit_price(sku: str) -> float:
    return requests.get(f"https://prices.example/{sku}", timeout=5).json()["price"]
