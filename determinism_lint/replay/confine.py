"""Refuses the world outside to a program: the network, other processes, and files outside a folder of its own.

What is asked of the operating system below Python, by native code, is not seen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from determinism_lint.replay import effects

_REFUSED = frozenset(
    (
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "subprocess.Popen",
    )
)
_WRITES: Mapping[str, tuple[tuple[int, ...], int | None]] = {
    "os.chmod": ((0,), 2),
    "os.link": ((1,), 3),
    "os.mkdir": ((0,), 2),
    "os.remove": ((0,), 1),
    "os.rename": ((0, 1), 2),
    "os.rmdir": ((0,), 1),
    "os.symlink": ((1,), 2),
    "os.truncate": ((0,), None),
    "os.utime": ((0,), 3),
    "shutil.rmtree": ((0,), None),
    "sqlite3.connect": ((0,), None),
}
"""Of each audit event, where its arguments hold the paths, and the folder that they are relative to.

Such a folder had to be opened before: `shutil.rmtree`, which does so, is refused as a whole.
"""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HARMLESS = (os.devnull, ":memory:", "")


_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class RefusedError(PermissionError):
    """Raised in place of an operation. An OSError, so that libraries take it for a machine that cannot do this."""


def confine(folder: str, note: Callable[[str, str, FrameType], None]) -> None:
    """Refuses from now on, for good. `note` is told the kind of effect, the audit event and its frame."""
    folder = os.path.realpath(folder)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not (event in _REFUSED or event in _WRITES or event == "open") or not _leaves(event, arguments, folder):
            return
        frame = sys._getframe(1)
        if _asks_the_machine(frame) or _makes_a_pair(frame):
            return
        note(effects.AUDIT_EVENTS.get(event, effects.FILE), event, frame)
        raise RefusedError(f"replay refuses {event} (--activities real allows it)")

    sys.addaudithook(hook)


def _leaves(event: str, arguments: tuple[Any, ...], folder: str) -> bool:
    if event == "socket.bind":
        return not _asks_for_any_port(arguments[1])
    if event in _REFUSED:
        return True
    if event == "open":
        return bool(arguments[2] & _WRITING) and _is_outside(arguments[0], folder)
    paths, relative_to = _WRITES[event]
    if relative_to is not None and arguments[relative_to] >= 0:
        return False
    return any(_is_outside(arguments[index], folder) for index in paths)


def _asks_for_any_port(address: Any) -> bool:
    """Whether it is a free port of this machine alone: so urllib3 learns, when it is imported, whether IPv6 works."""
    return isinstance(address, tuple) and address[0] in _LOOPBACK and address[1] == 0


def _is_outside(path: Any, folder: str) -> bool:
    if isinstance(path, int):  # a file that is open
        return False
    name = os.fsdecode(path)
    return name not in _HARMLESS and not os.path.join(os.path.realpath(name), "").startswith(os.path.join(folder, ""))


def _asks_the_machine(frame: FrameType | None) -> bool:
    """Libraries ask what they run on when they are imported, and the standard library starts `uname` to find out."""
    while frame is not None and frame.f_globals.get("__name__") == "subprocess":
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in ("ctypes.util", "platform", "uuid")


def _makes_a_pair(frame: FrameType) -> bool:
    """Windows has no other way to make a pair of sockets."""
    return frame.f_globals.get("__name__") == "socket" and "socketpair" in frame.f_code.co_name
