"""The list of settings, and how one is looked up in the environment. What they are checked for is in config.py.

SETTINGS is the whole list; the README's table is tested against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigError(Exception):
    """A setting is missing or cannot be right; the message names it and what it takes."""


@dataclass(frozen=True)
class Setting:
    """One environment variable. A secret may also come from the file named by NAME_FILE."""

    name: str
    default: str
    meaning: str
    secret: bool = False


SETTINGS = (
    Setting(
        "DATABASE_URL", "sqlite:///<DATA_DIR>/clinic.db", "the rows; `postgresql://…` in production", True
    ),
    Setting("DATABASE_CONNECTIONS", "15", "PostgreSQL connections a process may have open at once"),
    Setting("DATABASE_CONNECT_TIMEOUT", "3", "seconds each of its addresses is given to answer, from 2"),
    Setting("DATABASE_PAGE_TIMEOUT", "5", "longest a page waits for PostgreSQL’s answer, in seconds"),
    Setting("DATABASE_LOCK_TIMEOUT", "4", "longest a page waits there for what another is changing"),
    Setting("DATABASE_STATEMENT_TIMEOUT", "300", "longest the worker or a command waits for an answer"),
    Setting("DATABASE_TCP_TIMEOUT", "10", "seconds after which a silent network counts as broken"),
    Setting("DATA_DIR", "instance", "folder for the SQLite file, calendars and this installation's secret"),
    Setting(
        "SECRET_KEY",
        "made once and kept in DATA_DIR",
        "signs cookies and links; the same on every host",
        True,
    ),
    Setting("SECRET_KEY_FALLBACKS", "", "former keys, comma-separated, still accepted", True),
    Setting("BASE_URL", "http://127.0.0.1:5000", "how browsers reach it; https turns secure cookies on"),
    Setting("TRUSTED_HOSTS", "host of BASE_URL", "host names answered, comma-separated"),
    Setting("PROXY_HOPS", "0", "reverse proxies in front whose X-Forwarded headers are believed"),
    Setting("CLINIC_ZONE", "America/Los_Angeles", "zone given to a clinic that an import opens"),
    Setting("UID_HOST", "host of BASE_URL", "host part of calendar UIDs; never change it later"),
    Setting("SMTP_HOST", "", "mail server; without one, messages go to the console"),
    Setting("SMTP_PORT", "587", "mail server's port"),
    Setting("SMTP_SECURITY", "starttls", "`starttls`, `tls` or `none`; certificates are verified"),
    Setting("SMTP_USERNAME", "", "mail account, if the server wants one"),
    Setting("SMTP_PASSWORD", "", "its password", True),
    Setting("SMTP_FALLBACK_HOST", "", "second mail server, for what the first cannot take just now"),
    Setting("SMTP_FALLBACK_PORT", "587", "its port"),
    Setting("SMTP_FALLBACK_SECURITY", "starttls", "its `starttls`, `tls` or `none`"),
    Setting("SMTP_FALLBACK_USERNAME", "", "the account there"),
    Setting("SMTP_FALLBACK_PASSWORD", "", "its password", True),
    Setting("MAIL_FROM", "no-reply at UID_HOST", "address mail comes from; replies go to the clinic's own"),
    Setting("SMS_PROVIDER", "none", "who carries texts: `none`, `console` (prints), `twilio` or `webhook`"),
    Setting("SMS_FALLBACK_PROVIDER", "none", "the other of `twilio` and `webhook`, as above"),
    Setting("TWILIO_ACCOUNT_SID", "", "Twilio account, `AC…`"),
    Setting("TWILIO_AUTH_TOKEN", "", "its auth token, which also proves that callbacks are Twilio's", True),
    Setting("TWILIO_AUTH_TOKEN_PREVIOUS", "", "former token, still accepted in callbacks", True),
    Setting("TWILIO_MESSAGING_SERVICE_SID", "", "messaging service texts come from, `MG…`"),
    Setting("TWILIO_FROM", "", "or the number they come from, such as +14155550100"),
    Setting("SMS_WEBHOOK_URL", "", "https address of an SMS gateway of your own"),
    Setting("SMS_WEBHOOK_SECRET", "", "secret that signs both ways", True),
    Setting("EXPORT_DIR", "<DATA_DIR>/calendars", "folder the worker writes calendars to"),
    Setting(
        "IMPORT_DIR", "", "folder the worker imports from: logs, visits and contacts of a nightly export"
    ),
    Setting("WORKER_PING_URL", "", "https address told each minute that the worker sends", True),
    Setting("BACKUP_KEY", "", "opens and closes backups; 32 random characters or more, kept elsewhere", True),
    Setting("LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`"),
)


class Reader:
    """Looks settings up by name; a name outside SETTINGS is a programming error."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known = {setting.name: setting for setting in SETTINGS}

    def __call__(self, name: str) -> str:
        return self._environ.get(self._known[name].name, "").strip()

    def secret(self, name: str) -> str:
        path = self._environ.get(f"{name}_FILE", "")
        if not path:
            return self(name)
        if self(name):
            raise ConfigError(f"{name} and {name}_FILE are both set; keep one")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{name}_FILE: {path} cannot be read ({error.strerror})") from error

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
        return int(text)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        text = self(name) or default
        if text not in choices:
            raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
        return text
