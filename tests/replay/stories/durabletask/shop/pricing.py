"""Prices, by way of rates."""

from __future__ import annotations

from shop.rates import discount, jitter


def price(amount: int) -> int:
    return round(amount * (1 - discount(amount)))


def price_of_the_day(amount: int) -> int:
    return round(amount * (1 + jitter()))
