"""Finds code that breaks the replay of durable orchestrators."""

from __future__ import annotations

__version__ = "0.1.0"
