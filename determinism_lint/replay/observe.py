"""Watches a program while its orchestrators run: calls with effects, executed lines, environment variables read.

Only the program's own code is judged, see project.py.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from determinism_lint.replay import effects
from determinism_lint.replay.clock import VirtualClock
from determinism_lint.replay.model import Coverage, Effect
from determinism_lint.replay.project import Project

# What these open, they open once or to describe an error: nothing that the orchestrator asks for.
_HOUSEKEEPING = ("importlib._bootstrap", "importlib._bootstrap_external", "linecache", "zoneinfo._common")


class Observer:
    """Use `with observer.watching(is_replaying):` around each execution of an orchestrator."""

    def __init__(self, project: Project, clock: VirtualClock) -> None:
        self.owns = project.owns
        self._owned = _Owned(project)
        self._active = False
        self._replaying: Callable[[], bool] = lambda: False
        self._effects: dict[Effect, None] = {}  # an ordered set
        self._refusals: dict[Effect, None] = {}
        self._path = project.path
        self._lines: set[tuple[str, int]] = set()
        self.environment: dict[str, None] = {}
        clock.on_read = self._on_clock
        sys.addaudithook(self._on_audit)
        _record_environment(self)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was seen, in order of first appearance."""
        return tuple(self._effects)

    @property
    def refusals(self) -> tuple[Effect, ...]:
        """What the program was refused, in order of first appearance."""
        return tuple(self._refusals)

    def note_refusal(self, kind: str, call: str, frame: FrameType) -> None:
        """Records what the program was refused, whether or not an orchestrator runs."""
        caller = self._caller(frame)
        code = caller.f_code if caller is not None else None
        if caller is None or code is None:
            refusal = Effect(kind, call, self._path, 1, "")
        else:
            refusal = Effect(kind, call, code.co_filename, caller.f_lineno, code.co_name)
        self._refusals[refusal] = None

    def coverage(self, code: CodeType) -> Coverage:
        """How much of a function, including the functions inside it, was executed while watching."""
        lines = _lines(code)
        path = code.co_filename
        return Coverage(path, lines, tuple(line for line in lines if (path, line) in self._lines))

    @contextmanager
    def watching(self, is_replaying: Callable[[], bool]) -> Iterator[None]:
        """Records until the block ends. `is_replaying` says whether the execution is repeating old events."""
        before = sys.getprofile(), sys.gettrace()
        self._replaying, self._active = is_replaying, True
        sys.settrace(self._on_trace)
        sys.setprofile(self._on_profile)
        try:
            yield
        finally:
            sys.setprofile(before[0])
            sys.settrace(before[1])
            self._active = False

    def note_survivor(self, code: CodeType | None) -> None:
        """Records that an orchestrator went on after the runtime had dropped it."""
        if code is not None:
            effect = Effect(effects.SURVIVOR, "GeneratorExit", code.co_filename, code.co_firstlineno, code.co_name)
            self._effects[effect] = None

    def _caller(self, frame: FrameType | None) -> FrameType | None:
        """The nearest frame of the program's own code. None where housekeeping stands in between."""
        while frame is not None and not self.owns(frame.f_code.co_filename):
            if frame.f_globals.get("__name__") in _HOUSEKEEPING:
                return None
            frame = frame.f_back
        return frame

    def _note(self, kind: str, call: str, frame: FrameType | None) -> None:
        if frame is None or (kind == effects.OUTPUT and not self._replaying()):
            return
        code = frame.f_code
        self._effects[Effect(kind, call, code.co_filename, frame.f_lineno, code.co_name)] = None

    def _on_clock(self, name: str) -> None:
        if self._active:
            kind = effects.BLOCKING if name == "time.sleep" else effects.CLOCK
            self._note(kind, name, _direct_caller(self, _above_the_clock(sys._getframe(2))))

    def _on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._active and event in effects.AUDIT_EVENTS and not (event == "open" and _is_time_zone(arguments[0])):
            self._note(effects.AUDIT_EVENTS[event], event, self._caller(sys._getframe(1)))

    def _on_profile(self, frame: FrameType, event: str, argument: Any) -> None:
        # Python calls this for whatever the SDK does, too: what is none of the program's is let go at once.
        if event == "c_call":
            if self._owned[frame.f_code.co_filename] and self._active:
                self._note_function(_builtin_name(argument), getattr(argument, "__self__", None), frame)
        elif event == "call":
            caller = frame.f_back
            if caller is None:
                return
            if self._owned[caller.f_code.co_filename]:
                self._on_call(frame, caller)
            elif frame.f_code.co_name == "handle":
                self._on_log(frame)

    def _on_call(self, frame: FrameType, caller: FrameType) -> None:
        """The program has called a function that is written in Python."""
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        if module == "logging":
            self._on_log(frame)
        elif self._active:
            name = getattr(code, "co_qualname", None) or _qualified(code, frame)
            self._note_function(f"{module}.{name}", frame.f_locals.get("self"), caller)

    def _on_log(self, frame: FrameType) -> None:
        if self._active and frame.f_code.co_name == "handle" and frame.f_globals.get("__name__") == "logging":
            self._note_function("logging.Logger.handle", None, self._caller(frame))

    def _note_function(self, name: str, receiver: Any, frame: FrameType | None) -> None:
        if isinstance(receiver, random.Random) and receiver is not _global_random():
            return  # a generator of one's own is as deterministic as its seed, and replay tries that out
        kind = effects.kind_of(name)
        if kind is not None:
            self._note(kind, name, frame)

    def _on_trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        path = frame.f_code.co_filename
        if not self._owned[path]:
            return None
        if event == "line":
            self._lines.add((path, frame.f_lineno))
        return self._on_trace


class _Owned(dict[str, bool]):
    """Path -> whether the project owns it. To look it up costs no call, as `Project.owns` does."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def __missing__(self, path: str) -> bool:
        self[path] = self._project.owns(path)
        return self[path]


def _is_time_zone(path: object) -> bool:
    """ZoneInfo reads a file when a zone is named for the first time: data that comes with the system, like code."""
    return isinstance(path, str) and "zoneinfo" in path.split(os.sep)


def _direct_caller(observer: Observer, frame: FrameType | None) -> FrameType | None:
    """Clocks are read all over the standard library (logging, uuid1): only the program's own readings count."""
    return frame if frame is not None and observer.owns(frame.f_code.co_filename) else None


def _above_the_clock(frame: FrameType | None) -> FrameType | None:
    while frame is not None and frame.f_globals.get("__name__") == VirtualClock.__module__:
        frame = frame.f_back
    return frame


def _global_random() -> random.Random:
    return random._inst


def _builtin_name(function: Any) -> str:
    receiver = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None)
    if module is None and receiver is not None:
        module = type(receiver).__module__
    return f"{module}.{getattr(function, '__qualname__', '')}"


def _qualified(code: CodeType, frame: FrameType) -> str:
    """`co_qualname` for Python 3.10: good enough for methods."""
    receiver = frame.f_locals.get("self")
    return code.co_name if receiver is None else f"{type(receiver).__qualname__}.{code.co_name}"


def _lines(code: CodeType) -> tuple[int, ...]:
    """Executable lines of a function and of the functions inside it, without their headers unless that is all."""
    found: set[int] = set()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= set(_lines(constant))
    found |= {line for _, _, line in code.co_lines() if line is not None and line > code.co_firstlineno}
    return tuple(sorted(found)) or (code.co_firstlineno,)


def _record_environment(observer: Observer) -> None:
    base = type(os.environ)

    class Recording(base):  # type: ignore[misc, valid-type]
        def __getitem__(self, key: str) -> str:
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_globals.get("__name__") in ("os", "collections.abc"):
                frame = frame.f_back
            frame = _direct_caller(observer, frame)
            if frame is not None:
                observer.environment[key] = None
                if observer._active:
                    observer._note(effects.ENVIRONMENT, f"os.environ[{key!r}]", frame)
            value: str = super().__getitem__(key)
            return value

    os.environ.__class__ = Recording
