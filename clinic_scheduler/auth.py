"""Flask-Security over the staff tables: hashing, the signed-in person, roles. The pages are web/sign_in.py's."""

from flask import Flask, Request
from flask_security import Security, SQLAlchemyUserDatastore

from clinic_scheduler.db import db
from clinic_scheduler.models import Role, User

SETTINGS = {
    # Argon2 salts each hash itself, so a second secret for all of them would add nothing but a way to lose them.
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKC",
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_REGISTERABLE": False,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    # Accounts belong to a clinic; Flask-Security's own commands know nothing of clinics.
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
}


# Hashes carry their own cost: in tests, where nobody guesses, a small one. They sign in by the hundred.
QUICK_HASHES = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


def register(app: Flask) -> None:
    """Know the staff. Flask-Security's own pages stay out: fewer doors, and ours are accessible."""
    app.config.from_mapping(SETTINGS)
    if app.testing:
        app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = QUICK_HASHES
    Security(app, SQLAlchemyUserDatastore(db, User, Role), register_blueprint=False)
    # A signed-in browser is the only way in; tokens in headers or addresses are not looked at.
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]


def _nobody(_request: Request) -> None:
    return None
