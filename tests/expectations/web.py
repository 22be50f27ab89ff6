"""An HTTP server on loopback that answers from a script, for activities that ask other services."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def scripted(answers: Mapping[str, list[Any]]) -> Iterator[dict[str, str]]:
    """Serves each script under a URL of its own, and yields the URLs.

    An answer is JSON, or a number: an HTTP status without a body. The last answer of a script is repeated.
    """
    left = {name: list(script) for name, script in answers.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = left[self.path.strip("/").partition("/")[0].partition("?")[0]]
            answer = script.pop(0) if len(script) > 1 else script[0]
            body = b"" if isinstance(answer, int) else json.dumps(answer).encode()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(answer if isinstance(answer, int) else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield {name: f"http://127.0.0.1:{server.server_port}/{name}" for name in answers}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
