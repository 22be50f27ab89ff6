"""Python's search for garbage, among the syntax trees and values of a run."""

from __future__ import annotations


def spare() -> None:
    """Look for garbage seldom, and not at all at the end: a run makes many small objects, and nearly all of them stay.

    The end would take them apart one by one, which can take an eighth of the whole run.
    """
    import atexit
    import gc

    gc.set_threshold(500_000, 20, 20)
    atexit.register(gc.freeze)
