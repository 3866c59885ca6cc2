"""What the package expects of a configuration, and how it becomes Flask's own settings."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from clinic_scheduler.db import engine_options

MEBIBYTE = 1024 * 1024


class Settings(Protocol):
    """The checked configuration create_app is given; read-only."""

    @property
    def database_url(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def secret_key_fallbacks(self) -> tuple[str, ...]: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def export_dir(self) -> Path: ...
    @property
    def base_url(self) -> str: ...
    @property
    def trusted_hosts(self) -> tuple[str, ...]: ...
    @property
    def proxy_hops(self) -> int: ...
    @property
    def clinic_zone(self) -> str: ...
    @property
    def uid_host(self) -> str: ...
    @property
    def smtp_host(self) -> str: ...
    @property
    def smtp_port(self) -> int: ...
    @property
    def smtp_security(self) -> str: ...
    @property
    def smtp_username(self) -> str: ...
    @property
    def smtp_password(self) -> str: ...
    @property
    def mail_from(self) -> str: ...
    @property
    def worker_ping_url(self) -> str: ...
    @property
    def log_level(self) -> str: ...
    @property
    def testing(self) -> bool: ...


def flask_settings(settings: Settings) -> dict[str, Any]:
    """Flask's and its extensions' configuration."""
    secure = settings.base_url.startswith("https://")
    return {
        "TESTING": settings.testing,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "MAX_CONTENT_LENGTH": 20 * MEBIBYTE,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
    }
