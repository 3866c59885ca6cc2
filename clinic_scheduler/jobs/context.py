"""What every job is given: time, senders, templates and the way to the database; no job reaches elsewhere."""

import random
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import Environment

from clinic_scheduler.clock import Clock
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.messaging.sending_holds import marks_of
from clinic_scheduler.importing.uploads import folder_in
from clinic_scheduler.jobs.own_place import OwnPlace
from clinic_scheduler.jobs.pulse import Pulse
from clinic_scheduler.links import Links
from clinic_scheduler.messages import template_environment
from clinic_scheduler.senders.base import FetchCalendar, Sender, look_up_of

Counts = Mapping[str, int]
"""What a job did, by name; kept in its heartbeat row."""


@dataclass(frozen=True)
class Tools:
    """`stopping` says that the worker is asked to end: a job then stops after the row in hand.

    `mail_from` is the sender of all e-mail, perhaps with a name before its address.
    `place` knows what was sent last, outside the database.
    `console` prints mail to staff where no e-mail goes out; `ping` tells a watcher outside that work goes on.
    `pulse` counts how long this worker has been at work.
    `jitter` gives a number from 0 to 1 and spreads retries.
    """

    clock: Clock
    senders: Mapping[str, Sender]
    templates: Environment
    uid_host: str
    links: Links
    export_dir: Path
    uploads: Path
    import_dir: Path | None
    console: Sender
    ping: Callable[[datetime], None]
    fetch_calendar: FetchCalendar
    mail_from: str
    place: OwnPlace
    stopping: Callable[[], bool] = lambda: False
    jitter: Callable[[], float] = random.random
    work: Callable[[], AbstractContextManager[Any]] = unit_of_work
    pulse: Pulse = field(default_factory=Pulse)

    @property
    def idempotent(self) -> frozenset[str]:
        """Channels whose next try settles a doubt: the receiver knows a message again, or can be asked."""
        return frozenset(
            channel
            for channel, sender in self.senders.items()
            if sender.idempotent or look_up_of(sender) is not None
        )


def tools_of(
    app: Flask, *, clock: Clock | None = None, stopping: Callable[[], bool] = lambda: False
) -> Tools:
    """The tools as this application is wired; `clock` replaces its own."""
    wiring = app.extensions["clinic"]
    return Tools(
        clock=clock or wiring.clock,
        senders=wiring.senders,
        templates=template_environment(Path(app.root_path) / (app.template_folder or "templates")),
        uid_host=wiring.settings.uid_host,
        links=wiring.links,
        export_dir=wiring.settings.export_dir,
        uploads=folder_in(wiring.settings.data_dir),
        import_dir=wiring.settings.import_dir,
        console=wiring.console,
        ping=wiring.ping,
        fetch_calendar=wiring.fetch_calendar,
        mail_from=wiring.settings.mail_from or f"no-reply@{wiring.settings.uid_host}",
        place=OwnPlace(wiring.settings.data_dir, marks_of(wiring.links.keys), wiring.settings.base_url),
        stopping=stopping,
    )


def fault(error: BaseException) -> str:
    """An unexpected error's type and place. Its text is left out, as it may quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
