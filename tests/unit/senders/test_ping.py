"""The dead man's ping: where it may go, how often, and that failing is said once and stops nothing."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from clinic_scheduler.senders.ping import Ping
from config import Config, ConfigError

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


class Watcher(HTTPServer):
    """Answers with `status`, and remembers what it was asked."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/secret-token"


class Answer(BaseHTTPRequestHandler):
    server: Watcher

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Quiet."""


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    server = Watcher()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_asks_at_most_once_a_minute(watcher: Watcher) -> None:
    ping = Ping(watcher.address)
    for seconds in (0, 1, 59, 60, 61):
        ping(NOW + timedelta(seconds=seconds))
    assert watcher.asked == ["/secret-token"] * 2


@pytest.mark.parametrize("status", [302, 500])
def test_failing_is_logged_once_and_never_with_the_address(
    watcher: Watcher, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    ping = Ping(watcher.address)
    watcher.status = status
    ping(NOW)
    ping(NOW + timedelta(minutes=1))
    assert len(caplog.records) == 1
    assert "secret-token" not in caplog.text
    watcher.status = 200
    ping(NOW + timedelta(minutes=2))
    watcher.status = status
    ping(NOW + timedelta(minutes=3))
    assert len(caplog.records) == 2
    assert watcher.asked == ["/secret-token"] * 4  # and nowhere it was sent on to


def test_nobody_there_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    ping = Ping("http://127.0.0.1:1/secret-token", timeout=1)
    ping(NOW)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("address", ["http://watch.example.org/x", "ftp://localhost/x", "nonsense"])
def test_only_https_or_this_machine(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Ping(address)
    with pytest.raises(ConfigError, match="WORKER_PING_URL"):
        Config.from_env({"WORKER_PING_URL": address, "SECRET_KEY": "x"})
