"""Which senders the settings choose, and settings that cannot be right."""

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from clinic_scheduler.clock import SystemClock
from clinic_scheduler.sender_factory import SenderMissing, choose_callbacks, choose_senders
from clinic_scheduler.senders import ConsoleSender, FailoverSender, SmtpSender, WebhookSender
from clinic_scheduler.senders.sms_twilio import TwilioSender
from config import Config, ConfigError

TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_MESSAGING_SERVICE_SID": "MG1"}
WEBHOOK = {"SMS_WEBHOOK_URL": "https://sms.example.org/send", "SMS_WEBHOOK_SECRET": "s"}
MAIL = {"SMTP_HOST": "mail.example.org"}


def config(tmp_path: Path, **environ: str) -> Config:
    return Config.from_env({"DATA_DIR": str(tmp_path)} | environ)


@pytest.mark.parametrize(
    ("environ", "chosen", "callbacks"),
    [
        ({}, {"email": ConsoleSender}, set()),
        (MAIL, {"email": SmtpSender}, set()),
        (MAIL | {"SMTP_FALLBACK_HOST": "other.example.org"}, {"email": FailoverSender}, set()),
        ({"SMS_PROVIDER": "console"}, {"email": ConsoleSender, "sms": ConsoleSender}, set()),
        (TWILIO | {"SMS_PROVIDER": "twilio"}, {"email": ConsoleSender, "sms": TwilioSender}, {"twilio"}),
        (WEBHOOK | {"SMS_PROVIDER": "webhook"}, {"email": ConsoleSender, "sms": WebhookSender}, {"webhook"}),
        (
            TWILIO | WEBHOOK | {"SMS_PROVIDER": "twilio", "SMS_FALLBACK_PROVIDER": "webhook"},
            {"email": ConsoleSender, "sms": FailoverSender},
            {"twilio", "webhook"},
        ),
        (TWILIO | WEBHOOK, {"email": ConsoleSender}, set()),
    ],
)
def test_the_settings_choose_who_carries_what(
    tmp_path: Path, environ: dict[str, str], chosen: dict[str, type], callbacks: set[str]
) -> None:
    settings = config(tmp_path, **environ)
    senders = choose_senders(settings, SystemClock().now)
    assert {channel: type(sender) for channel, sender in senders.items()} == chosen
    assert set(choose_callbacks(settings)) == callbacks


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SMS_PROVIDER": "carrier pigeon"}, "SMS_PROVIDER"),
        ({"SMS_PROVIDER": "twilio"}, "TWILIO_ACCOUNT_SID"),
        (TWILIO | {"SMS_PROVIDER": "twilio", "TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        (TWILIO | {"SMS_PROVIDER": "twilio", "TWILIO_MESSAGING_SERVICE_SID": ""}, "TWILIO_FROM"),
        ({"SMS_PROVIDER": "webhook"}, "SMS_WEBHOOK_URL"),
        (WEBHOOK | {"SMS_PROVIDER": "webhook", "SMS_WEBHOOK_SECRET": ""}, "SMS_WEBHOOK_SECRET"),
        (WEBHOOK | {"SMS_WEBHOOK_URL": "http://sms.example.org"}, "SMS_WEBHOOK_URL"),
        (WEBHOOK | {"SMS_FALLBACK_PROVIDER": "webhook"}, "SMS_FALLBACK_PROVIDER"),
        (
            TWILIO | {"SMS_PROVIDER": "twilio", "SMS_FALLBACK_PROVIDER": "webhook"},
            "SMS_WEBHOOK_URL",
        ),
        ({"SMTP_FALLBACK_HOST": "other.example.org"}, "SMTP_FALLBACK_HOST"),
        (MAIL | {"SMTP_FALLBACK_SECURITY": "ssl"}, "SMTP_FALLBACK_SECURITY"),
        (MAIL | {"SMTP_USERNAME": "clinic", "SMTP_SECURITY": "none"}, "SMTP_USERNAME"),
    ],
)
def test_a_setting_that_cannot_be_right_stops_the_start_and_is_named(
    tmp_path: Path, environ: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        config(tmp_path, **environ)


def test_secrets_of_providers_stay_out_of_repr(tmp_path: Path) -> None:
    secrets = TWILIO | WEBHOOK | {"TWILIO_AUTH_TOKEN": "hush-1", "SMS_WEBHOOK_SECRET": "hush-2"}
    assert "hush" not in repr(config(tmp_path, **secrets, SMS_PROVIDER="twilio"))


def test_without_the_package_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_twilio(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "twilio":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "clinic_scheduler.senders.sms_twilio")
    monkeypatch.setattr(builtins, "__import__", without_twilio)
    settings = config(tmp_path, **TWILIO, SMS_PROVIDER="twilio")
    for choose in (lambda: choose_senders(settings, SystemClock().now), lambda: choose_callbacks(settings)):
        with pytest.raises(SenderMissing, match=r"requirements-twilio\.txt"):
            choose()
