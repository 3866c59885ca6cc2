"""flask staff and flask setup-link: accounts from a terminal, the first one included."""

import sys
import unicodedata

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_security import hash_password
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import CLINIC_OPTION, reading, spelled, terminal, wiring, writing
from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.queries.accounts import any_user, staff_of, user_by_email, works_in
from clinic_scheduler.queries.lookups import only_clinic, provider_by_name
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.staff import ROLES, create_user, setup_token
from clinic_scheduler.services.practice.staff import deactivate as deactivate_user

SHORTEST_PASSWORD = 12


@click.group()
def staff() -> None:
    """Staff accounts: add, list, deactivate."""


@staff.command()
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="Shown on their pages and in the audit record.")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--provider", help="The provider they are, by name; for the role provider.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; no prompt.")
@CLINIC_OPTION
@with_appcontext
def add(
    email: str, name: str, role: str, provider: str | None, password_stdin: bool, clinic: str | None
) -> None:
    """Add an account. The password is asked for twice and never shown."""
    if "@" not in email.strip()[1:-1]:
        raise click.BadParameter("an e-mail address is like name@example.org", param_hint="--email")
    now = wiring().clock.now()
    with reading() as session:
        if user_by_email(session, email) is not None:
            raise InvalidInput("there is an account with this e-mail address already")
        _places(session, clinic, provider)
    password = _password(password_stdin)
    with writing() as session:
        clinic_id, provider_id = _places(session, clinic, provider)
        user = create_user(
            Change(session, terminal(clinic_id), now),
            email=email,
            name=name.strip(),
            role=role,
            password_hash=str(hash_password(password)),
            provider_id=provider_id,
        )
        added = user.email
    click.echo(f"Added {added} as {role}.")


@staff.command("list")
@CLINIC_OPTION
@with_appcontext
def list_(clinic: str | None) -> None:
    """List the accounts of a clinic."""
    with reading() as session:
        for user in staff_of(session, only_clinic(session, clinic).id):
            roles = ", ".join(sorted(role.name for role in user.roles))
            closed = "" if user.active else "  (deactivated)"
            click.echo(f"{user.email:<36} {roles:<12} {user.name}{closed}")


@staff.command()
@click.option("--email", required=True, help="Whose account.")
@CLINIC_OPTION
@with_appcontext
def deactivate(email: str, clinic: str | None) -> None:
    """Close an account at once, ending its sign-ins. What the person did stays on record."""
    now = wiring().clock.now()
    with writing() as session:
        clinic_id = only_clinic(session, clinic).id
        user = user_by_email(session, email)
        if user is None or not works_in(user, clinic_id):
            raise NotFound(f"nobody signs in as {email} at this clinic")
        deactivate_user(Change(session, terminal(clinic_id), now), user)
    click.echo(f"Deactivated {email}.")


@click.command("setup-link")
@CLINIC_OPTION
@with_appcontext
def setup_link_command(clinic: str | None) -> None:
    """Print the one-time link that makes the first administrator, while there is no account yet."""
    with reading() as session:
        if any_user(session):
            raise InvalidInput(
                f"there are accounts already, so no link was made; add another with: {spelled('staff add')}"
            )
        click.echo(setup_link(session, wiring().settings.base_url, clinic))
    click.echo("Good for one day and one use.", err=True)


def setup_link(session: Session, base_url: str, clinic: str | None = None) -> str:
    """The first administrator's address. Raises NotFound where the clinic is missing or unclear."""
    clinic_id = only_clinic(session, clinic).id
    token = setup_token(current_app.config["SECRET_KEY"], clinic_id, wiring().clock.now())
    return f"{base_url}/setup/{token}"


def _places(session: Session, clinic: str | None, provider: str | None) -> tuple[int, int | None]:
    clinic_id = only_clinic(session, clinic).id
    return clinic_id, provider_by_name(session, clinic_id, provider).id if provider else None


def _password(from_stdin: bool) -> str:
    """In one spelling whatever keyboard typed it, as the sign-in page compares it."""
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    else:
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(typed) < SHORTEST_PASSWORD:
        raise click.ClickException(
            f"The password needs at least {SHORTEST_PASSWORD} characters. Nobody was added."
        )
    return unicodedata.normalize("NFKC", typed)
