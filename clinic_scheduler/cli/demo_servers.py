"""Running web and worker beside each other as child processes, until a signal or until one of them ends."""

import http.client
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

HOST = "127.0.0.1"
PORTS_TRIED = 50
POLL_SECONDS = 0.1
START_SECONDS = 120.0
STOP_SECONDS = 8.0
POSIX = os.name == "posix"
_STOPPING_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]


class ChildEnded(Exception):
    """A process that should have gone on has ended; the message says which and how."""


def free_port(wanted: int) -> int:
    """`wanted`, or the next free port on this machine's own address. Raises OSError where there is none."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            if POSIX:
                # Connections of a server that has just stopped must not make its port look taken.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError(f"no port is free from {wanted} on")


def web_command(port: int) -> list[str]:
    """No access log on either server: calendar links carry their secret in the address."""
    if POSIX and importlib.util.find_spec("gunicorn"):
        options = "--worker-class gthread --workers 1 --threads 8 --graceful-timeout 3 --log-level warning"
        options += " --no-control-socket"
        return [sys.executable, "-m", "gunicorn", *options.split(), "--bind", f"{HOST}:{port}", "wsgi:app"]
    return [sys.executable, "-m", "waitress", f"--listen={HOST}:{port}", "--threads=8", "wsgi:app"]


def worker_command() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


@dataclass
class Servers:
    """Child processes by name. Signals that ask to stop only set `stopping`; the rest happens here, in order."""

    environ: Mapping[str, str]
    stopping: bool = False
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def heed_signals(self) -> None:
        """From here on Ctrl-C and SIGTERM end the run instead of interrupting it."""
        for number in _STOPPING_SIGNALS:
            signal.signal(number, self._ask_to_stop)

    def start(self, name: str, command: Sequence[str]) -> None:
        # In a session of its own, so that Ctrl-C reaches this process alone, which then stops the others.
        self._children[name] = subprocess.Popen(
            command, env=dict(self.environ), stdin=subprocess.DEVNULL, start_new_session=POSIX
        )

    def wait_until_it_answers(self, port: int) -> None:
        """Returns once `port` answers a request in any way, or when asked to stop. Raises ChildEnded."""
        deadline = time.monotonic() + START_SECONDS
        while not self.stopping:
            self._require_all()
            if _answers(port):
                return
            if time.monotonic() > deadline:
                raise ChildEnded(f"The web server did not answer within {START_SECONDS:g} seconds.")
            time.sleep(POLL_SECONDS)

    def watch(self) -> None:
        """Returns when asked to stop. Raises ChildEnded when one of them ends by itself."""
        while not self.stopping:
            self._require_all()
            time.sleep(POLL_SECONDS)

    def stop(self) -> dict[str, int]:
        """Ask every child to end, and end those that do not. By name, its exit code, or minus its signal."""
        running = [child for child in self._children.values() if child.poll() is None]
        for child in running:
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in running:
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        return {name: child.wait() for name, child in self._children.items()}

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _require_all(self) -> None:
        for name, child in self._children.items():
            code = child.poll()
            if code is not None:
                how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
                raise ChildEnded(f"The {name} ended unexpectedly ({how}); its own words are above.")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("HEAD", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
