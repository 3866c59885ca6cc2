"""flask demo: an invented clinic to try the service with: tables, people, web and worker in one command."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_security import hash_password
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import plain_failures, wiring
from clinic_scheduler.cli.demo_servers import ChildEnded, Servers, free_port, web_command, worker_command
from clinic_scheduler.cli.staff import setup_link
from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.queries.accounts import any_user, user_by_email
from clinic_scheduler.queries.calendars.links import feed_for_token
from clinic_scheduler.queries.lookups import clinics
from clinic_scheduler.seeding.demo.build import build_demo
from clinic_scheduler.seeding.demo.clinic_setup import REID, STAFF
from clinic_scheduler.seeding.demo.credentials import FILE, DemoKeys, keep, kept, new_passwords
from clinic_scheduler.services.practice.staff import ROLES

LOOPBACK = ("127.0.0.1", "localhost")
DEFAULT_PORT = 5000


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of BASE_URL's port.")
@with_appcontext
def demo(port: int | None) -> None:
    """Load an invented clinic into an empty database, then run web and worker until Ctrl-C."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings = wiring().settings
    wanted = port or urlsplit(settings.base_url).port or DEFAULT_PORT
    with plain_failures():
        migrate_quietly()
        load_if_empty(app, _address(settings.base_url, wanted))
    try:
        chosen = free_port(wanted)
    except OSError as error:
        raise click.ClickException(f"{error}; choose another with --port. The data is kept.") from error
    if chosen != wanted:
        click.echo(f"Port {wanted} is taken; using {chosen}.")
    base_url = _address(settings.base_url, chosen)
    greeting = list(_greeting(settings, base_url))
    for engine in db.engines.values():
        engine.dispose()
    _run(Servers(_environ(app, base_url)), chosen, greeting)


def migrate_quietly() -> None:
    """Bring the tables to the newest revision without Alembic's account of it."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade()


def load_if_empty(app: Flask, base_url: str = "") -> bool:
    """Build the demo where there is no clinic yet: whole or not at all. Returns whether it was built.

    `base_url` is where links in its messages lead, if not to the settings' own.

    The keys are on disk before the rows are committed, so that nobody is left with a demo they cannot enter.
    """
    settings, now = wiring().settings, wiring().clock.now()
    if clinics(db.session()):
        return False
    with _progress() as progress, unit_of_work() as session:
        if clinics(session):
            return False
        passwords = new_passwords()
        hashes = {email: str(hash_password(password)) for email, password in passwords.items()}
        tools = tools_of(app)
        base_url = base_url or tools.links.base_url
        links, place = replace(tools.links, base_url=base_url), replace(tools.place, base_url=base_url)
        tools = replace(tools, links=links, place=place)
        told = build_demo(session, tools, now, hashes, progress)
        keys = DemoKeys(passwords, told.patient_mrn, told.patient_token, told.provider_token)
        keep(keys, settings.data_dir)
    return True


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    bar: Any
    with click.progressbar(length=1, label="Loading the demo clinic", show_eta=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield progress


def _run(servers: Servers, port: int, greeting: list[str]) -> None:
    servers.heed_signals()
    try:
        servers.start("web server", web_command(port))
        servers.start("worker", worker_command())
        servers.wait_until_it_answers(port)
        if not servers.stopping:
            click.echo("\n".join(["", *greeting, ""]))
        servers.watch()
        click.echo("\nStopping ...")
    except ChildEnded as error:
        raise click.ClickException(f"{error} Everything was stopped; the data is kept.") from error
    finally:
        servers.stop()
    click.echo("Stopped; the data is kept.")


def _address(base_url: str, port: int) -> str:
    """BASE_URL with the port that is really used; behind a proxy it stays what browsers use."""
    host = urlsplit(base_url).hostname
    return f"http://{host}:{port}" if host in LOOPBACK else base_url


def _environ(app: Flask, base_url: str) -> dict[str, str]:
    """The children's: what this process was started with, and where it found its data and code."""
    settings = wiring().settings
    code = os.pathsep.join(filter(None, [str(Path(app.root_path).parent), os.environ.get("PYTHONPATH")]))
    # Texts are printed like e-mail, unless a provider is set.
    return (
        {"SMS_PROVIDER": "console"}
        | os.environ
        | {
            "BASE_URL": base_url,
            "DATA_DIR": str(settings.data_dir),
            "EXPORT_DIR": str(settings.export_dir),
            "PYTHONPATH": code,
            "PYTHONUNBUFFERED": "1",
        }
    )


def _greeting(settings: Any, base_url: str) -> Iterator[str]:
    session, keys = db.session(), kept(settings.data_dir)
    yield f"{', '.join(clinic.name for clinic in clinics(session))}: {base_url}"
    if not any_user(session):
        yield f"Nobody can sign in yet. Make the first administrator at {setup_link(session, base_url)}"
    elif keys is None or feed_for_token(session, keys.patient_token, settings.uid_host) is None:
        yield "Sign in as you set it up: this database was not filled by the demo, or its demo.json is gone."
    else:
        yield "Sign in as"
        yield from _sign_ins(session, keys)
        yield from _links(session, keys, base_url)
    yield f"Data: {_where(settings)}"
    yield "Ctrl-C stops both; data stays."


def _sign_ins(session: Session, keys: DemoKeys) -> Iterator[str]:
    for entry in STAFF:
        user = user_by_email(session, entry.email)
        if user is not None and user.active:
            yield f"  {entry.email:<32} {keys.passwords[entry.email]:<19} {ROLES[entry.role]}"


def _links(session: Session, keys: DemoKeys, base_url: str) -> Iterator[str]:
    """The calendar links that still open."""
    for whose, token in (
        (f"Calendar of patient {keys.patient_mrn}", keys.patient_token),
        (f"Calendar of {REID}", keys.provider_token),
    ):
        feed = feed_for_token(session, token, wiring().settings.uid_host)
        if feed is not None and feed.revoked_at is None:
            yield f"{whose}: {base_url}/calendar/{token}.ics"


def _where(settings: Any) -> str:
    """The SQLite file, or the other database's address without its password."""
    url = db.engine.url
    place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    return f"{place}; the demo's passwords and links: {settings.data_dir / FILE}"
