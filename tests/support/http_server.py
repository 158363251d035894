"""A real HTTP server on this machine that answers as a test tells it to, and remembers what it was asked."""

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ikm import wire
from ikm.domain.errors import Refusal


@dataclass(frozen=True)
class Asked:
    """One request: `body` unpacked, `raw` as it travelled."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    raw: bytes


@dataclass(frozen=True)
class Reply:
    """An answer; `declared` is the length it claims to have, where that is not the truth; `cut` closes without one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    declared: int | None = None
    cut: bool = False


@dataclass
class HttpServer:
    url: str
    answer: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def http_server(answer: Callable[[Asked], Reply], certificate: Path | None = None) -> Iterator[HttpServer]:
    """Runs while the block does; with a certificate (key and chain in one file) it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw
            asked = Asked(self.command, self.path, dict(self.headers.items()), body, raw)
            running.asked.append(asked)
            reply = running.answer(asked)
            if reply.cut:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body) if reply.declared is None else reply.declared))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            # a client that has seen enough hangs up
            with suppress(ConnectionError):
                self.wfile.write(reply.body)
            if reply.declared is not None:
                self.close_connection = True

        do_GET = _handle
        do_POST = _handle

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    running = HttpServer(url=f"{scheme}://127.0.0.1:{listening.server_address[1]}", answer=answer)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


PORTAL = Reply(200, b"<html><body>Silakan login</body></html>", media_type="text/html")


def problem_reply(code, headers=None, **facts):
    problem = wire.problem_of(Refusal(code, "", **facts))
    body = wire.canonical(problem)
    return Reply(problem.status, body, headers or {}, "application/problem+json; charset=utf-8")
