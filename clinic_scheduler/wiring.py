"""Which sender carries which channel, by the settings; the only module beside create_app that knows senders."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Literal, cast

from clinic_scheduler.senders import ConsoleSender, Sender, SmtpSender
from clinic_scheduler.senders.ping import Ping, no_ping
from clinic_scheduler.settings import Settings


def console_mail() -> Sender:
    """Where mail to staff goes while no e-mail is set up."""
    return ConsoleSender("email", sys.stdout)


def choose_ping(settings: Settings) -> Callable[[datetime], None]:
    """The word to a watcher outside that the worker lives; none where no address is set."""
    return Ping(settings.worker_ping_url) if settings.worker_ping_url else no_ping


def choose_senders(settings: Settings) -> dict[str, Sender]:
    """E-mail goes to the mail server where one is set, else to the console; texts have no way out yet."""
    if not settings.smtp_host:
        return {"email": ConsoleSender("email", sys.stdout)}
    smtp = SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        from_address=settings.mail_from,
        security=cast(Literal["starttls", "tls", "none"], settings.smtp_security),
        username=settings.smtp_username or None,
        password=settings.smtp_password or None,
    )
    return {"email": smtp}
