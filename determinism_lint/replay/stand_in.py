"""A value that stands in for one that nobody supplied: an input, the result of an activity that the file does not hold.

It answers to every operation, always in the same way, so that an orchestrator taken out of its application can run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MARKER = "__stand_in__"
_LONGEST = 60


class StandIn:
    """Known by the path that led to it, for example `order.items[0]`.

    Everything iterates over two elements, so that pairs (`for name, value in order.items()`) unpack too.
    """

    def __init__(self, path: str) -> None:
        self.__dict__["_path"] = path[:_LONGEST]

    def _child(self, suffix: str) -> StandIn:
        return StandIn(self._path + suffix)

    _path: str

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._child(f".{name}")

    def __getitem__(self, key: Any) -> Any:
        return list(self) if isinstance(key, slice) else self._child(f"[{key}]")

    def get(self, key: Any, default: Any = None) -> StandIn:
        return self._child(f"[{key}]")

    def keys(self) -> list[str]:
        return ["a", "b"]

    def __iter__(self) -> Iterator[StandIn]:
        return iter([self._child("[0]"), self._child("[1]")])

    def __len__(self) -> int:
        return 2

    def __contains__(self, item: object) -> bool:
        return True

    def __call__(self, *args: Any, **kwargs: Any) -> StandIn:
        return self._child("()")

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def __str__(self) -> str:
        return self._path

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(1, spec) if spec.endswith(("d", "f", "g", "e", "x", "%")) else self._path

    def __eq__(self, other: object) -> bool:
        return str(other) == self._path

    def __hash__(self) -> int:
        return 1

    def __lt__(self, other: object) -> bool:
        return True

    __le__ = __lt__

    def __gt__(self, other: object) -> bool:
        return False

    __ge__ = __gt__

    def _arithmetic(self, other: Any) -> Any:
        if isinstance(other, str):
            return self._path + other
        return [*self, *other] if isinstance(other, list) else 1

    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _arithmetic

    def _reflected(self, other: Any) -> Any:
        if isinstance(other, str):
            return other + self._path
        return [*other, *self] if isinstance(other, list) else other

    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = _reflected

    def to_json(self) -> dict[str, str]:
        """Both SDKs ask an object for its JSON by this name."""
        return {MARKER: self._path}

    @staticmethod
    def from_json(value: dict[str, str]) -> StandIn:
        """The inverse of to_json."""
        return StandIn(value[MARKER])


def revive(value: Any) -> Any:
    """Decoded JSON with every stand-in in it restored, also those in the envelope that azure-functions puts them in."""
    if isinstance(value, dict):
        if set(value) == {MARKER}:
            return StandIn.from_json(value)
        if value.get("__class__") == StandIn.__name__:
            return revive(value["__data__"])
        return {key: revive(item) for key, item in value.items()}
    return [revive(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """The inverse of revive."""
    if isinstance(value, StandIn):
        return value.to_json()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value
