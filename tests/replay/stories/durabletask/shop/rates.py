"""Rates: one that is computed, one that is drawn."""

from __future__ import annotations

import functools
import random


@functools.lru_cache(maxsize=64)
def discount(amount: int) -> float:
    return 0.1 if amount > 100 else 0.0


def jitter() -> float:
    return random.uniform(0.0, 0.5)
