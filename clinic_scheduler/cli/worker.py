"""flask worker: plans and sends reminders until told to stop, or does all that is due once."""

import signal
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo, pass_script_info

from clinic_scheduler.cli.start_check import Unfit, require_fit
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.job_table import SCHEDULE
from clinic_scheduler.jobs.runner import run_once, run_worker, worker_id

# A database that cannot be reached when the machine starts is waited for.
ASKED_EVERY_SECONDS = 5.0
__all__ = ["run_worker", "stop_on_signals", "worker"]


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant with its offset, such as 2026-11-23T09:00:00-08:00."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant such as 2026-11-23T09:00:00-08:00", param, ctx)
        if instant.tzinfo is None:
            self.fail(
                f"{value!r} does not say in which zone; add an offset, such as {value}-08:00 or {value}Z",
                param,
                ctx,
            )
        return instant.astimezone(UTC)


@dataclass(frozen=True)
class _StandingClock:
    """A clock that shows one instant."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


@click.command()
@click.option("--once", is_flag=True, help="Do everything that is due now, once, and end.")
@click.option("--now", type=Instant(), help="With --once: take this instant for now.")
@pass_script_info
def worker(info: ScriptInfo, once: bool, now: datetime | None) -> None:
    """Plan reminders and send what is due, until stopped by SIGTERM or Ctrl-C."""
    # No app context is held around the jobs: each pushes its own.
    app = info.load_app()
    if once:
        _require_fit(app)
        _once(app, now)
        return
    if now is not None:
        raise click.UsageError("--now goes with --once: a running worker follows the machine's clock.")
    name = worker_id()
    stop = threading.Event()
    stop_on_signals(stop)
    every = ", ".join(f"{job.id} every {job.every.total_seconds():g} s" for job in SCHEDULE)
    while not _require_fit(app) and not stop.wait(ASKED_EVERY_SECONDS):
        pass
    click.echo(f"Worker {name} started: {every}. Stop it with Ctrl-C or SIGTERM.")
    run_worker(app, stop, name)


def _require_fit(app: Flask) -> bool:
    try:
        return require_fit(app)
    except Unfit as error:
        raise click.ClickException(str(error)) from error


def _once(app: Flask, now: datetime | None) -> None:
    tools = tools_of(app, clock=_StandingClock(now) if now else None)
    outcomes = run_once(app, tools, worker_id())
    for outcome in outcomes:
        click.echo(f"{outcome.job}: {outcome}")
    if not all(outcome.ok for outcome in outcomes):
        raise click.ClickException(
            "A job failed; the log says where. What was done is kept, and it is safe to run again."
        )


def stop_on_signals(stop: threading.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        # From a thread of its own: the main thread may be inside the event's lock, which it can't take twice.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
