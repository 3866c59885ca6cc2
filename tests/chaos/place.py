"""Where a scenario happens: a database, a folder, a mail server and a clock; and the workers it starts there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from clinic_scheduler.clock import SystemClock
from tests import databases
from tests.chaos.figures import Figures, counted, told
from tests.integration.outbox.providers import MailProvider, mail_server
from tests.integration.outbox.rig import START
from tests.integration.outbox.world import crowd, open_world

ROOT = Path(__file__).parents[2]
ENDS_WITHIN = 15  # seconds, of a process asked to end
SECRET = "chaos" * 16


@dataclass
class Place:
    """`server` is the address of a database to make others in, for PostgreSQL; `options` what the runner was told."""

    kind: str
    address: str
    folder: Path
    fresh: Callable[[], str]
    server: str = ""
    options: dict[str, int] = field(default_factory=dict)
    mail_port: int = 0
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.folder / "mail.log"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    def people(self, number: int) -> None:
        """A clinic with so many patients, each of whom is to be told something at START."""
        with databases.opened(self.address, self.folder / "made") as app:
            world = open_world(app)
            if number > 1:
                crowd(world, number - 1)
        self.set_clock(START)

    def set_clock(self, instant: datetime) -> None:
        """What time it is for workers, from now on; it goes on from there."""
        ahead = (instant - SystemClock().now()).total_seconds()
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(ahead))
        fresh.replace(self.clock_file)

    def clock_steps(self, by: timedelta) -> None:
        ahead = timedelta(seconds=float(self.clock_file.read_text()))
        self.set_clock(SystemClock().now() + ahead + by)

    @contextmanager
    def mail(self, milliseconds: int = 10) -> Iterator[MailProvider]:
        """A mail server that takes so long to say that it has a message."""
        with mail_server(self.log, milliseconds) as server:
            self.mail_port = server.port
            yield server

    def environment(self, **others: str) -> dict[str, str]:
        own = {
            "DATABASE_URL": self.address,
            "DATA_DIR": str(self.data),
            "SECRET_KEY": SECRET,
            "BACKUP_KEY": SECRET,
            "UID_HOST": "clinic.example.org",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.mail_port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "clinic@example.org",
            "LOG_LEVEL": "ERROR",
            "CHAOS_CLOCK": str(self.clock_file),
        }
        return {**os.environ, **own, **others}

    def worker(self, **others: str) -> "subprocess.Popen[bytes]":
        """One more, started; `others` are settings of its own. What it says is in worker.log."""
        return self.process([sys.executable, "-m", "tests.chaos.worker"], **others)

    def process(self, command: Sequence[str], **others: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "worker.log").open("ab") as said:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(**others), stdout=said, stderr=said
            )
        self.running.append(process)
        return process

    def command(self, *arguments: str, **others: str) -> str:
        """The product's own command; its words. Raises where it failed."""
        program = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            program, cwd=ROOT, env=self.environment(**others), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr[-2000:]}")
        return done.stdout

    def taken(self) -> int:
        return told(self.log).total()

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Whether it came true in time."""
        limit = time.monotonic() + seconds
        while not true():
            if time.monotonic() > limit:
                return False
            time.sleep(0.1)
        return True

    def quiet(self, expected: int, seconds: float) -> Figures:
        """Wait until nothing waits any more, stop the workers, and count."""
        self.until(lambda: not counted(self.address, self.log, expected).stuck, seconds)
        self.stop()
        return counted(self.address, self.log, expected)

    def stop(self) -> None:
        """Ask every process to end, and see that it does."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.running.remove(process)
