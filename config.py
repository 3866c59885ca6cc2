"""Settings from the environment, read once and loudly: a value that cannot be right stops the start.

Their list is in config_list.py.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config_list import SETTINGS, ConfigError, Reader

__all__ = ["SETTINGS", "Config", "ConfigError"]

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Config:
    """Checked settings; see SETTINGS for their meaning."""

    database_url: str
    secret_key: str
    data_dir: Path
    export_dir: Path
    import_dir: Path | None = None
    database_connections: int = 15
    database_connect_timeout: int = 3
    database_page_timeout: int = 5
    database_lock_timeout: int = 4
    database_statement_timeout: int = 300
    database_tcp_timeout: int = 10
    secret_key_fallbacks: tuple[str, ...] = ()
    base_url: str = "http://127.0.0.1:5000"
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    proxy_hops: int = 0
    clinic_zone: str = "America/Los_Angeles"
    uid_host: str = "127.0.0.1"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_fallback_host: str = ""
    smtp_fallback_port: int = 587
    smtp_fallback_security: str = "starttls"
    smtp_fallback_username: str = ""
    smtp_fallback_password: str = field(default="", repr=False)
    mail_from: str = ""
    worker_ping_url: str = field(default="", repr=False)
    sms_provider: str = "none"
    sms_fallback_provider: str = "none"
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_auth_token_previous: str = field(default="", repr=False)
    twilio_messaging_service_sid: str = ""
    twilio_from: str = ""
    sms_webhook_url: str = ""
    sms_webhook_secret: str = field(default="", repr=False)
    backup_key: str = field(default="", repr=False)
    log_level: str = "INFO"
    testing: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every setting. Raises ConfigError."""
        read = Reader(environ)
        data_dir = Path(read("DATA_DIR") or ROOT / "instance").absolute()
        base_url = read("BASE_URL").rstrip("/") or cls.base_url
        host = _host_of(base_url)
        uid_host = read("UID_HOST") or host
        return cls(
            database_url=read.secret("DATABASE_URL") or f"sqlite:///{data_dir / 'clinic.db'}",
            **_database_limits(read),
            secret_key=read.secret("SECRET_KEY") or _installation_secret(data_dir),
            data_dir=data_dir,
            export_dir=Path(read("EXPORT_DIR") or data_dir / "calendars").absolute(),
            import_dir=Path(read("IMPORT_DIR")).absolute() if read("IMPORT_DIR") else None,
            secret_key_fallbacks=_split(read.secret("SECRET_KEY_FALLBACKS")),
            base_url=base_url,
            trusted_hosts=_split(read("TRUSTED_HOSTS")) or _with_loopback(host),
            proxy_hops=read.number("PROXY_HOPS", cls.proxy_hops, 0, 10),
            clinic_zone=_zone(read("CLINIC_ZONE") or cls.clinic_zone),
            uid_host=uid_host,
            **_mail_server(read, "SMTP"),
            **_mail_server(read, "SMTP_FALLBACK"),
            **_texts(read),
            mail_from=read("MAIL_FROM") or f"no-reply@{uid_host}",
            worker_ping_url=_ping_url(read.secret("WORKER_PING_URL")),
            backup_key=_backup_key(read.secret("BACKUP_KEY")),
            log_level=read.choice("LOG_LEVEL", cls.log_level, ("DEBUG", "INFO", "WARNING", "ERROR")),
        )

    @classmethod
    def for_tests(cls, database_url: str, data_dir: Path, **overrides: Any) -> Self:
        """A throw-away installation."""
        values: dict[str, Any] = {
            "database_url": database_url,
            "secret_key": secrets.token_hex(),
            "data_dir": data_dir,
            "export_dir": data_dir / "calendars",
            "base_url": "http://localhost",
            "uid_host": "clinic.example.org",
            "testing": True,
        }
        return cls(**(values | overrides))


def _database_limits(read: Reader) -> dict[str, Any]:
    """How many connections, and how many seconds are waited for what."""
    limits = {
        "DATABASE_CONNECTIONS": (Config.database_connections, 2, 100),
        "DATABASE_CONNECT_TIMEOUT": (Config.database_connect_timeout, 2, 60),
        "DATABASE_PAGE_TIMEOUT": (Config.database_page_timeout, 1, 60),
        "DATABASE_LOCK_TIMEOUT": (Config.database_lock_timeout, 1, 60),
        "DATABASE_STATEMENT_TIMEOUT": (Config.database_statement_timeout, 10, 86_400),
        "DATABASE_TCP_TIMEOUT": (Config.database_tcp_timeout, 2, 3_600),
    }
    return {name.lower(): read.number(name, *limit) for name, limit in limits.items()}


def _mail_server(read: Reader, prefix: str) -> dict[str, Any]:
    """The five settings of a mail server. Raises ConfigError where a sign-in would go unencrypted."""
    security = read.choice(f"{prefix}_SECURITY", Config.smtp_security, ("starttls", "tls", "none"))
    values = {
        "host": read(f"{prefix}_HOST"),
        "port": read.number(f"{prefix}_PORT", Config.smtp_port, 1, 65535),
        "security": security,
        "username": read(f"{prefix}_USERNAME"),
        "password": read.secret(f"{prefix}_PASSWORD"),
    }
    if values["username"] and security == "none":
        raise ConfigError(f"{prefix}_USERNAME needs {prefix}_SECURITY starttls or tls, not 'none'")
    if values["host"] and prefix != "SMTP" and not read("SMTP_HOST"):
        raise ConfigError(f"{prefix}_HOST is set without SMTP_HOST; a second server needs a first")
    return {f"{prefix.lower()}_{name}": value for name, value in values.items()}


def _texts(read: Reader) -> dict[str, Any]:
    """Who carries texts. Raises ConfigError for a provider whose own settings are missing."""
    provider = read.choice("SMS_PROVIDER", "none", ("none", "console", "twilio", "webhook"))
    fallback = read.choice("SMS_FALLBACK_PROVIDER", "none", ("none", "twilio", "webhook"))
    if fallback != "none" and (provider in ("none", "console") or provider == fallback):
        raise ConfigError("SMS_FALLBACK_PROVIDER must be another than SMS_PROVIDER, twilio or webhook both")
    plain = ("TWILIO_ACCOUNT_SID", "TWILIO_MESSAGING_SERVICE_SID", "TWILIO_FROM", "SMS_WEBHOOK_URL")
    secret = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_PREVIOUS", "SMS_WEBHOOK_SECRET")
    values = {name: read(name) for name in plain} | {name: read.secret(name) for name in secret}
    needed = {
        "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
        "webhook": ("SMS_WEBHOOK_URL", "SMS_WEBHOOK_SECRET"),
    }
    for name in (*needed.get(provider, ()), *needed.get(fallback, ())):
        if not values[name]:
            raise ConfigError(f"{name} must be set for the text provider that is chosen")
    origin = values["TWILIO_MESSAGING_SERVICE_SID"] or values["TWILIO_FROM"]
    if "twilio" in (provider, fallback) and not origin:
        raise ConfigError("TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM must be set: where texts come from")
    if values["SMS_WEBHOOK_URL"] and urlsplit(values["SMS_WEBHOOK_URL"]).scheme != "https":
        raise ConfigError("SMS_WEBHOOK_URL must be like https://sms.example.org/send")
    chosen = {"sms_provider": provider, "sms_fallback_provider": fallback}
    return chosen | {name.lower(): value for name, value in values.items()}


def _host_of(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"BASE_URL must be like https://clinic.example.org, not {base_url!r}")
    return parts.hostname


def _ping_url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if url and not local and (parts.scheme != "https" or not parts.hostname):
        raise ConfigError("WORKER_PING_URL must begin with https://; the address itself is not shown here")
    return url


def _backup_key(key: str) -> str:
    if key and len(key) < 32:
        raise ConfigError("BACKUP_KEY needs 32 characters or more; make one with: openssl rand -hex 32")
    return key


def _with_loopback(host: str) -> tuple[str, ...]:
    """A service on this machine answers to both of its names."""
    return ("127.0.0.1", "localhost") if host in ("127.0.0.1", "localhost") else (host,)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"CLINIC_ZONE must be a zone like America/New_York, not {name!r}") from error
    return name


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _installation_secret(data_dir: Path) -> str:
    """This installation's own key, made at random on the first start and readable by its owner alone."""
    path = data_dir / "secret_key"
    try:
        if path.exists():
            return path.read_text(encoding="ascii").strip()
        # Patients' data lies here: for the account that runs the service, and nobody else.
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"secret_key.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            # A hard link appears whole or not at all, and never over a key another process just made.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        why = f"no key can be kept in {data_dir} ({error.strerror}); set SECRET_KEY"
        raise ConfigError(f"SECRET_KEY is not set and {why}") from error
