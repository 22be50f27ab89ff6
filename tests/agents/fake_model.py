"""A language model on loopback that does what a test wants, and keeps what it was asked.

Speaks the two protocols that the agents use: Anthropic's messages (Claude Code, Copilot CLI) and OpenAI's responses
(Codex).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_USAGE = {
    "input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "output_tokens_details": None,
    "total_tokens": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model wants to use; a text stands for input that is not JSON."""

    tool: str
    arguments: dict[str, Any] | str


@dataclass(slots=True)
class FakeModel:
    """Answers the conversation's requests with the planned calls, then with `done`."""

    plan: Sequence[Call]
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Those of the conversation, in order; an agent's side questions, which offer other tools, are left out."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_call(self, request: dict[str, Any]) -> Call | None:
        offered = {tool.get("name") for tool in request.get("tools") or []}
        with self.lock:
            if not all(call.tool in offered for call in self.plan) or not offered:
                return None
            self.requests.append(request)
            number = len(self.requests) - 1
        return self.plan[number] if number < len(self.plan) else None

    def shown(self, number: int) -> list[str]:
        """All texts that the model was shown in a turn."""
        return list(_texts(self.requests[number]))


@contextmanager
def serving(plan: Sequence[Call]) -> Iterator[FakeModel]:
    model = FakeModel(plan)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": model}))
    model.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: FakeModel

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._send(b"", "application/json")

    def do_GET(self) -> None:
        self._send(b'{"models": [], "data": []}', "application/json")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "count_tokens" in self.path:
            return self._send(b'{"input_tokens": 1}', "application/json")
        if not self.path.partition("?")[0].endswith(("/messages", "/responses")):
            return self._send(b"{}", "application/json")
        request = json.loads(body)
        call = self.model.next_call(request)
        if "/responses" in self.path:
            return self._stream(_responses(call))
        message = _message(call, request)
        if not request.get("stream"):
            return self._send(json.dumps(message).encode(), "application/json")
        return self._stream(_messages(message))

    def _stream(self, events: Sequence[dict[str, Any]]) -> None:
        text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        self._send(text.encode(), "text/event-stream")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _message(call: Call | None, request: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"type": "text", "text": "done"}
    if call:
        number = len(request.get("messages", []))
        content = {"type": "tool_use", "id": f"toolu_{number:03}", "name": call.tool, "input": call.arguments}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": request.get("model", ""),
        "content": [content], "stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip


def _messages(message: dict[str, Any]) -> list[dict[str, Any]]:
    (content,) = message["content"]
    if content["type"] == "text":
        start = {**content, "text": ""}
        delta = {"type": "text_delta", "text": content["text"]}
    else:
        start = {**content, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(content["input"])}
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    return [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]


def _responses(call: Call | None) -> list[dict[str, Any]]:
    if call is None:
        text = {"type": "output_text", "text": "done"}
        item: dict[str, Any] = {"type": "message", "role": "assistant", "id": "m1", "content": [text]}
    elif isinstance(call.arguments, str):
        item = {"type": "custom_tool_call", "id": "f1", "call_id": "c1", "name": call.tool, "input": call.arguments}
    else:
        arguments = json.dumps(call.arguments)
        item = {"type": "function_call", "id": "f1", "call_id": "c1", "name": call.tool, "arguments": arguments}
    return [
        {"type": "response.created", "response": {"id": "r1"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"id": "r1", "output": [], "usage": _USAGE}},
    ]
