"""Workers as real processes: two at once send each message once; killed ones lose none and double none silently."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.models import DeliveryAttempt, Message
from tests.integration.outbox.rig import PROVIDER_LOG, START
from tests.integration.outbox.world import World, crowd, open_world
from tests.unit.senders.relay import Relay, running

ROOT = Path(__file__).parents[3]
SECONDS = 120
KILLS = 30


def test_two_workers_at_once_send_each_of_200_messages_once(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    world = open_world(app)
    crowd(world, 199)
    with running(Relay()) as relay:
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "DATA_DIR": str(tmp_path / "worker"),
            "SECRET_KEY": "x" * 64,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(relay.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "clinic@example.org",
        }
        command = [
            sys.executable,
            "-m",
            "flask",
            "--app",
            "wsgi",
            "worker",
            "--once",
            "--now",
            START.isoformat(),
        ]
        workers = [
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(2)
        ]
        said = [worker.communicate(timeout=SECONDS) for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0], said
    recipients = Counter(address for envelope in relay.received for address in envelope.rcpt_tos)
    assert len(recipients) == 200
    assert set(recipients.values()) == {1}
    assert world.read(select(Message.state, func.count()).group_by(Message.state)) == [("sent", 200)]
    assert Counter(state for _, state, _ in world.reminders()) == {"sent": 200}
    shares = [out.decode().count("sent=") for out, _ in said]
    assert sum(shares) >= 1
    assert not any(b"@example.org" in err for _, err in said)


def test_killed_workers_lose_no_message_and_double_none_silently(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    world = open_world(app)
    crowd(world, 119)
    rig = [sys.executable, "-m", "tests.integration.outbox.rig", database_url, str(tmp_path), str(KILLS)]
    done = subprocess.run(rig, cwd=ROOT, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode()
    taken = Counter((tmp_path / PROVIDER_LOG).read_text().split())
    states = dict(world.read(select(Message.message_id, Message.state)))
    doubts = _doubts(world)
    assert len(states) == 120
    assert set(states.values()) <= {"sent", "uncertain"}
    assert [id_ for id_, state in states.items() if state == "sent" and not taken[id_]] == []
    assert [id_ for id_, times in taken.items() if times > 1 and not doubts.get(id_)] == []
    # The kills hit tries before and after their hand-over, else nothing has been shown.
    outcomes = Counter(world.attempts())
    assert outcomes["retry"] >= KILLS // 8
    assert outcomes["ambiguous"] >= KILLS // 8


def _doubts(world: World) -> dict[str, int]:
    """Message-ID -> how many of its tries are on record as unclear."""
    return dict(
        world.read(
            select(Message.message_id, func.count())
            .join(DeliveryAttempt, DeliveryAttempt.message_id == Message.id)
            .where(DeliveryAttempt.outcome == "ambiguous")
            .group_by(Message.message_id)
        )
    )
