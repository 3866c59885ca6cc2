"""A real HTTPS server on this machine, in place of a clinic's SMS gateway."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Gateway:
    answer: Answer
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


def status(code: int, body: bytes = b"{}", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that refuses the certificate or stops waiting is part of the tests."""


@contextmanager
def running(gateway: Gateway, context: ssl.SSLContext) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            # Encrypted here and not on the listening socket, so that a bad handshake can't stall the others.
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            gateway.requests.append((self.path, dict(self.headers), body))
            gateway.answer(self)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
