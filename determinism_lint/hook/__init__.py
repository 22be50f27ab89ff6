"""The hook of AI agents: an event as JSON on standard input, an answer for the model on standard output.

It runs after every edit, so it imports next to nothing until it knows that durable code is concerned, and it never
disturbs the agent: whatever goes wrong, the exit status is 0 and standard output stays empty.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from determinism_lint.hook.event import Event
    from determinism_lint.hook.judge import Verdict
    from determinism_lint.hook.session import Session

_MOST = 16 << 20
"""Bytes of an event. Nobody edits such a file; a pipe that never ends must not fill the memory."""


def run() -> int:
    """Answer the event on standard input; always returns 0."""
    try:
        if sys.stdin is None or sys.stdin.isatty():
            _complain("expects the event of an AI agent as JSON on standard input")
            return 0
        text = answer(sys.stdin.buffer.read(_MOST))
        if text and sys.stdout is not None:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        _silence()
    except Exception as error:
        if os.environ.get("DETERMINISM_LINT_DEBUG"):
            import traceback

            traceback.print_exc()
        _complain(" ".join(f"{type(error).__name__}: {error}".split()))
    return 0


def answer(content: bytes) -> str:
    """The JSON that the agent is to get for an event; empty when there is nothing to say.

    Raises:
        ValueError: the event is no JSON object.
    """
    from determinism_lint.hook.event import parse_event

    event = parse_event(content)
    if event.kind == "edit":
        return _after_edit(event) if event.files else ""
    return _at_end(event) if event.kind == "stop" else ""


def _after_edit(event: Event) -> str:
    from determinism_lint.hook.session import Session, changed_since

    session = Session(event.session)
    session.note(event.files)

    def before() -> dict[str, bytes]:
        from determinism_lint.hook.before import contents_before

        return contents_before(event.files, event.data)

    verdict = _judged(event.files, event.folder, session, before)
    if verdict is None or not verdict.findings:
        return ""
    # An agent may run several hooks of ours for one edit: the plugin's, the project's, those of another agent's
    # settings. The first one answers.
    if session.claim(repr(changed_since(event.files))) is False:
        return ""
    from determinism_lint.hook.message import after_edit

    return after_edit(event, verdict)


def _at_end(event: Event) -> str:
    if event.stop_active:
        return ""
    from determinism_lint.hook.session import Session, edited_files

    session = Session(event.session)
    files = edited_files(event, session)

    def before() -> dict[str, bytes]:
        from determinism_lint.hook.before import committed

        return {path: committed(path) for path in files}

    verdict = _judged(files, event.folder, session, before) if files else None
    if verdict is None or not verdict.blocking:
        return ""
    claimed = session.claim(repr(verdict.blocking))
    # An agent that neither tells whether it was stopped already nor which session this is could be stopped for ever.
    if claimed is False or (claimed is None and not event.tells_stop_active):
        return ""
    from determinism_lint.hook.message import at_end

    return at_end(event, verdict)


def _judged(
    files: tuple[str, ...], folder: str, session: Session, before: Callable[[], Mapping[str, bytes]]
) -> Verdict | None:
    """What the linter thinks of files; None when there is nothing durable to judge."""
    from determinism_lint.hook.judge import judge, nothing_durable

    return None if nothing_durable(files) else judge(files, folder, session, before)


def _complain(text: str) -> None:
    try:
        if sys.stderr is not None:
            sys.stderr.write(f"determinism-lint hook: {text}\n".encode("ascii", "backslashreplace").decode())
            sys.stderr.flush()
    except OSError:
        pass


def _silence() -> None:
    """Let the interpreter's last flush go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
