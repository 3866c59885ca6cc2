"""Which sender carries which channel, and who may report back, by the settings; beside create_app alone in that."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from clinic_scheduler.senders import (
    ConsoleSender,
    FailoverSender,
    Sender,
    SmtpSender,
    TwilioCallbacks,
    WebhookCallbacks,
    WebhookSender,
)
from clinic_scheduler.senders.ping import Ping, no_ping
from clinic_scheduler.settings import Settings

TWILIO_STATUS = "/hooks/twilio/status"
Now = Callable[[], datetime]


def console_mail() -> Sender:
    """Where mail to staff goes while no e-mail is set up."""
    return ConsoleSender("email", sys.stdout)


def choose_ping(settings: Settings) -> Callable[[datetime], None]:
    """The word to a watcher outside that the worker lives; none where no address is set."""
    return Ping(settings.worker_ping_url) if settings.worker_ping_url else no_ping


class SenderMissing(RuntimeError):
    """The settings choose a sender that cannot be had; the message says what to install."""


def choose_senders(settings: Settings, now: Now) -> dict[str, Sender]:
    """By channel. E-mail without a mail server goes to the console; texts without a provider have no way out."""
    senders = {"email": _mail(settings, now)}
    texts = _texts(settings, settings.sms_provider, now)
    second = _texts(settings, settings.sms_fallback_provider, now)
    if texts is not None:
        senders["sms"] = FailoverSender(texts, second, now=now) if second else texts
    return senders


def choose_callbacks(settings: Settings) -> Mapping[str, Any]:
    """Who may report back, by the name of the sender; a provider that is not chosen is unknown."""
    chosen = {settings.sms_provider, settings.sms_fallback_provider}
    callbacks: dict[str, Any] = {}
    if "twilio" in chosen:
        with _Needing("twilio"):
            callbacks["twilio"] = TwilioCallbacks(
                settings.base_url, (settings.twilio_auth_token, settings.twilio_auth_token_previous)
            )
    if "webhook" in chosen:
        callbacks["webhook"] = WebhookCallbacks(settings.sms_webhook_secret)
    return callbacks


def _mail(settings: Settings, now: Now) -> Sender:
    if not settings.smtp_host:
        return ConsoleSender("email", sys.stdout)
    first = _smtp(settings, "smtp")
    return (
        FailoverSender(first, _smtp(settings, "smtp_fallback"), now=now)
        if settings.smtp_fallback_host
        else first
    )


def _smtp(settings: Settings, name: str) -> SmtpSender:
    """The mail server whose settings begin with `name`."""

    def setting(what: str) -> Any:
        return getattr(settings, f"{name}_{what}")

    return SmtpSender(
        setting("host"),
        setting("port"),
        from_address=settings.mail_from,
        security=cast(Literal["starttls", "tls", "none"], setting("security")),
        username=setting("username") or None,
        password=setting("password") or None,
        name=name,
    )


def _texts(settings: Settings, provider: str, now: Now) -> Sender | None:
    match provider:
        case "console":
            return ConsoleSender("sms", sys.stdout)
        case "webhook":
            return WebhookSender(settings.sms_webhook_url, settings.sms_webhook_secret, now=now)
        case "twilio":
            return _twilio(settings)
        case _:
            return None


def _twilio(settings: Settings) -> Sender:
    # Its SDK is large and optional: imported for those who use it.
    with _Needing("twilio"):
        from clinic_scheduler.senders.sms_twilio import TwilioAccount, TwilioSender
    account = TwilioAccount(
        sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        messaging_service=settings.twilio_messaging_service_sid,
        from_=settings.twilio_from,
        status_url=settings.base_url + TWILIO_STATUS,
    )
    return TwilioSender(account)


class _Needing:
    """Says which lock to install where a provider's package is missing."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith(self._package):
            raise SenderMissing(
                f"SMS_PROVIDER or SMS_FALLBACK_PROVIDER is {self._package}, but its package is not installed. Run: "
                f"pip install --require-hashes -r requirements-{self._package}.txt"
            ) from None
