"""Workers as real processes: two at once send each message once; killed ones lose none and double none silently."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.models import Message
from tests.integration.outbox.rig import START
from tests.integration.outbox.world import crowd, open_world
from tests.unit.senders.relay import Relay, running

ROOT = Path(__file__).parents[3]
SECONDS = 120
ROUNDS = 4
MESSAGES, KILLS = 72, 18


def _two_workers(environment: dict[str, str], now: datetime) -> list[tuple[bytes, bytes]]:
    """What each said, on both of its outputs."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--once", "--now", now.isoformat()]
    workers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [worker.communicate(timeout=SECONDS) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    return said


def test_two_workers_at_once_send_each_of_200_messages_once(app: Flask, tmp_path: Path) -> None:
    world = open_world(app)
    crowd(world, 199)
    with running(Relay()) as relay:
        environment = os.environ | {
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "DATA_DIR": str(tmp_path / "worker"),
            "SECRET_KEY": "x" * 64,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(relay.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "clinic@example.org",
        }
        # A machine that gives its processes no time makes a message wait to be tried again; it is, and goes out once.
        said: list[tuple[bytes, bytes]] = []
        for later in range(ROUNDS):
            said += _two_workers(environment, START + later * timedelta(minutes=30))
            if len(relay.received) >= 200:
                break
    recipients = Counter(address for envelope in relay.received for address in envelope.rcpt_tos)
    assert len(recipients) == 200
    assert set(recipients.values()) == {1}
    assert world.read(select(Message.state, func.count()).group_by(Message.state)) == [("sent", 200)]
    assert Counter(state for _, state, _ in world.reminders()) == {"sent": 200}
    shares = [out.decode().count("sent=") for out, _ in said]
    assert sum(shares) >= 1
    assert not any(b"@example.org" in err for _, err in said)


@pytest.fixture
def stormed(database_url: str, tmp_path: Path) -> Callable[..., dict[str, float]]:
    """Has a storm in a process of its own, which has no connection to leave to the workers; gives its tally."""

    def storm(*arguments: str) -> dict[str, float]:
        rig = [sys.executable, "-m", "tests.integration.outbox.rig", database_url, str(tmp_path), *arguments]
        done = subprocess.run(rig, cwd=ROOT, capture_output=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr.decode()
        tally: dict[str, float] = json.loads(done.stdout)
        return tally

    return storm


@pytest.mark.parametrize("provider", ["look-up", "plain", "smtp"])
def test_killed_workers_lose_no_message_and_double_none_silently(
    stormed: Callable[..., dict[str, float]], provider: str
) -> None:
    tally = stormed(provider, str(MESSAGES), str(KILLS))
    assert tally["messages"] == MESSAGES
    assert (tally["lost"], tally["doubled"], tally["stuck"]) == (0, 0, 0)
    # The kills hit tries before and after their hand-over, else nothing has been shown.
    assert tally["kills"] >= KILLS // 2
    assert tally["retries"]
    assert tally["marked"]


def test_a_claim_that_forgets_an_earlier_doubt_is_caught(stormed: Callable[..., dict[str, float]]) -> None:
    assert stormed("look-up", str(MESSAGES), str(KILLS), "forgets-doubt")["doubled"]
