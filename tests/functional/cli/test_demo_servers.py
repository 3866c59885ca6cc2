"""flask demo, its processes: web and worker start beside each other and stop cleanly. Its data: test_demo.py."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_scheduler.cli import demo_servers as demo_servers
from clinic_scheduler.cli.demo_servers import ChildEnded, Servers, free_port
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.seeding.demo.credentials import FILE
from clinic_scheduler.services.practice.clinics import ClinicEntry, open_clinic
from tests import databases

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_taken_port_gives_way_to_the_next():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert free_port(taken) > taken


def test_a_child_that_ends_is_said_and_the_other_is_stopped():
    servers = Servers(os.environ)
    servers.start("worker", SLEEP)
    servers.start("web server", [sys.executable, "-c", "raise SystemExit(3)"])
    try:
        with pytest.raises(ChildEnded, match=r"web server ended unexpectedly \(with exit code 3\)"):
            servers.watch()
    finally:
        ended = servers.stop()
    assert ended == {"worker": -signal.SIGTERM, "web server": 3}


DEAF = """import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)"""


def test_a_child_that_ignores_being_asked_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(demo_servers, "STOP_SECONDS", 0.3)
    servers = Servers(os.environ)
    servers.start("worker", [sys.executable, "-c", DEAF, str(tmp_path / "deaf")])
    deadline = time.monotonic() + 30
    while not (tmp_path / "deaf").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert servers.stop() == {"worker": -signal.SIGKILL}


@pytest.fixture
def started(sqlite_url, tmp_path):
    """`flask demo` as a process of its own, over a database that has a clinic already (so nothing is loaded)."""
    with databases.opened(sqlite_url, tmp_path) as app, app.app_context(), unit_of_work() as session:
        entry = ClinicEntry("Elm Street Clinic", "America/New_York", "(212) 555-0100", "desk@example.org")
        open_clinic(session, "test", entry, NOW)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    while "Ctrl-C stops both" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    yield process, said, tmp_path
    process.stdout.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def asked(address: str) -> int:
    host, port = address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("GET", "/sign-in")
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_demo_serves_until_interrupted_and_adds_nothing_to_a_clinic_of_ones_own(started):
    process, said, tmp_path = started
    address = re.search(r"http://127\.0\.0\.1:\d+", said)[0]
    assert said.count("Elm Street Clinic") == 1
    assert f"{address}/setup/" in said
    assert asked(address) == 200
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=60) == 0
    assert "Stopped; the data is kept." in rest
    assert "Traceback" not in said + rest
    with pytest.raises(ConnectionRefusedError):
        asked(address)
    assert not (tmp_path / "data" / FILE).exists()
