"""One virtual clock for the whole process.

The functions of `time` and the class methods of `datetime` are replaced in place, before the program under test is
imported, so that names bound by `from time import time` or held by the SDK follow it too. `datetime.datetime` and
`datetime.date` are static types: their methods can only be replaced in the type's own dictionary, which CPython hands
out to the garbage collector.
"""

from __future__ import annotations

import ctypes
import datetime
import gc
import time
from collections.abc import Callable
from typing import Any

UTC = datetime.timezone.utc
START = datetime.datetime(2024, 1, 1, tzinfo=UTC)


class UnsupportedInterpreterError(RuntimeError):
    """This Python does not let its clock be replaced."""


class VirtualClock:
    """Stands still between readings. Each reading moves it by `tick` seconds, so that no busy loop lasts for ever.

    `on_read` is told the name of each function of the standard library that reads the clock or sleeps.
    """

    def __init__(self, start: datetime.datetime = START, tick: float = 0.001) -> None:
        self._real_monotonic = time.monotonic_ns
        self.restart(start, tick)
        self.on_read: Callable[[str], None] = lambda name: None

    def restart(self, start: datetime.datetime, tick: float) -> None:
        """Starts over, at another time; the only way backward."""
        self._nanoseconds = int(start.timestamp() * 1_000_000) * 1000
        self._tick = int(tick * 1_000_000_000)

    def peek(self) -> datetime.datetime:
        """The time, without moving it."""
        return datetime.datetime.fromtimestamp(self._nanoseconds / 1e9, UTC)

    def move_to(self, moment: datetime.datetime) -> None:
        """Moves forward to `moment`; never backward."""
        self._nanoseconds = max(self._nanoseconds, int(moment.timestamp() * 1_000_000) * 1000)

    def advance(self, seconds: float) -> None:
        """Moves forward by `seconds`."""
        self._nanoseconds += max(0, int(seconds * 1e9))

    def read(self, name: str) -> int:
        """Nanoseconds since the epoch, for a caller of the function `name`."""
        self.on_read(name)
        self._nanoseconds += self._tick
        return self._nanoseconds

    def read_monotonic(self, name: str) -> int:
        """Nanoseconds that also grow with real time: waiting loops of the standard library rely on that."""
        return self.read(name) + self._real_monotonic()

    def install(self) -> None:
        """Replaces the process's clocks for good. Raises UnsupportedInterpreterError where that has no effect."""
        for name, function in _time_functions(self).items():
            setattr(time, name, function)
        for cls, methods in _class_methods(self).items():
            for name, function in methods.items():
                _replace_in_static_type(cls, name, classmethod(function))
        before = self._nanoseconds
        works = abs(datetime.datetime.now(UTC) - self.peek()) < datetime.timedelta(minutes=1)
        self._nanoseconds = before
        if not works:
            raise UnsupportedInterpreterError("the methods of datetime.datetime cannot be replaced in this Python")


def _time_functions(clock: VirtualClock) -> dict[str, Callable[..., Any]]:
    real = {name: getattr(time, name) for name in ("localtime", "gmtime", "strftime", "ctime", "asctime")}

    def seconds(name: str) -> float:
        return clock.read(name) / 1e9

    def sleep(secs: float, /) -> None:
        clock.on_read("time.sleep")
        clock.advance(secs)

    def localtime(secs: float | None = None, /) -> time.struct_time:
        result: time.struct_time = real["localtime"](seconds("time.localtime") if secs is None else secs)
        return result

    def gmtime(secs: float | None = None, /) -> time.struct_time:
        result: time.struct_time = real["gmtime"](seconds("time.gmtime") if secs is None else secs)
        return result

    def ctime(secs: float | None = None, /) -> str:
        result: str = real["ctime"](seconds("time.ctime") if secs is None else secs)
        return result

    def strftime(fmt: str, when: Any = None, /) -> str:
        result: str = real["strftime"](fmt, real["localtime"](seconds("time.strftime")) if when is None else when)
        return result

    def asctime(when: Any = None, /) -> str:
        result: str = real["asctime"](real["localtime"](seconds("time.asctime")) if when is None else when)
        return result

    functions: dict[str, Callable[..., Any]] = {
        "time": lambda: clock.read("time.time") / 1e9,
        "time_ns": lambda: clock.read("time.time_ns"),
        "sleep": sleep,
        "localtime": localtime,
        "gmtime": gmtime,
        "ctime": ctime,
        "strftime": strftime,
        "asctime": asctime,
    }
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        functions[name] = _monotonic(clock, f"time.{name}", 1e-9)
        functions[f"{name}_ns"] = _monotonic(clock, f"time.{name}_ns", 1)
    return functions


def _monotonic(clock: VirtualClock, name: str, scale: float) -> Callable[[], float]:
    return lambda: clock.read_monotonic(name) * scale


def _class_methods(clock: VirtualClock) -> dict[type, dict[str, Callable[..., Any]]]:
    def now(cls: Any, tz: datetime.tzinfo | None = None) -> Any:
        return _moment(cls, clock.read("datetime.now"), tz)

    def utcnow(cls: Any) -> Any:
        return _moment(cls, clock.read("datetime.utcnow"), UTC).replace(tzinfo=None)

    def today(cls: Any) -> Any:
        nanoseconds = clock.read(f"{cls.__name__}.today")
        if issubclass(cls, datetime.datetime):
            return _moment(cls, nanoseconds, None)
        return cls.fromtimestamp(nanoseconds / 1e9)

    return {datetime.datetime: {"now": now, "utcnow": utcnow}, datetime.date: {"today": today}}


def _moment(cls: Any, nanoseconds: int, tz: datetime.tzinfo | None) -> Any:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return cls.fromtimestamp(seconds, tz).replace(microsecond=rest // 1000)


def _replace_in_static_type(cls: type, name: str, value: object) -> None:
    gc.get_referents(cls.__dict__)[0][name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
