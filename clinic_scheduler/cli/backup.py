"""flask backup, restore and drill: all rows into one sealed file, back into an empty database, and the rehearsal."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import flask_migrate
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from clinic_scheduler.backups.files import BackupRefused, check_backup, load_backup, write_backup
from clinic_scheduler.backups.rows import VERSION_TABLE, About, Sums
from clinic_scheduler.backups.sealed import SealBroken
from clinic_scheduler.backups.snapshot import DatabaseDamaged
from clinic_scheduler.cli.context import plain_failures, spelled, wiring
from clinic_scheduler.cli.losses import LOSE_ALL_THE_SAME
from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.messaging.sending_holds import SendingHoldReason
from clinic_scheduler.services.messaging.sending_hold import hold

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
# Nothing of a rehearsal reaches anybody, or a folder that others read.
_REACHING_OUT = ("SMTP_", "SMS_", "TWILIO_", "WORKER_PING_URL", "IMPORT_DIR", "EXPORT_DIR")


@click.command()
@FILE
@with_appcontext
def backup(file: Path) -> None:
    """Write every row into FILE, while the service runs: encrypted with BACKUP_KEY, checked, for its owner alone."""
    place = wiring()
    place.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _failures():
        sums = write_backup(db.engine, file, _key(), place.clock.now(), place.settings.data_dir)
    click.echo(f"{file}: {_told(sums)}, read back and whole.")


@click.command()
@FILE
@with_appcontext
def restore(file: Path) -> None:
    """Put the rows of FILE into the empty database of DATABASE_URL, of either kind. Sending is held afterwards."""
    key = _key()
    with _failures():
        about, _ = check_backup(file, key)
        _require_room(about)
        flask_migrate.upgrade(revision=about.revision)
        sums = _loaded(file, key, about)
        flask_migrate.upgrade()
        if about.revision != _newest():
            # Before, the tables may have had no place for it.
            with unit_of_work() as session:
                _hold(session, about)
    click.echo(f"{_told(sums)} of {about.made_at:%Y-%m-%d %H:%M} UTC are restored and equal to the backup’s.")
    click.echo(
        f"Sending is held until somebody answers for what may have gone out since: {spelled('sending')}"
    )


@click.command()
@FILE
@click.option("--into", help="Address of an empty database to restore into; else one in a temporary folder.")
@with_appcontext
def drill(file: Path, into: str | None) -> None:
    """Rehearse a restore of FILE somewhere of its own: rows equal, dates right, links and sign-ins live, no mail."""
    _key()
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        environ = _environment(Path(folder), into)
        for command in (["restore", str(file.absolute())], ["drill-check"]):
            _run(command, environ)
    click.echo("The drill went well. The service was not touched.")


def _run(command: list[str], environ: Mapping[str, str]) -> None:
    """In a process with settings of its own. Its words are passed on."""
    root = Path(current_app.root_path).parent
    program = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    done = subprocess.run(program, env=dict(environ), cwd=root, capture_output=True, text=True, check=False)
    click.echo(done.stdout, nl=False)
    if done.returncode:
        click.echo(done.stderr, err=True, nl=False)
        raise click.ClickException("The drill failed; its words are above. The service was not touched.")


def _environment(folder: Path, into: str | None) -> dict[str, str]:
    settings = wiring().settings
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_REACHING_OUT)}
    own = {
        "DATABASE_URL": into or f"sqlite:///{folder / 'drill.sqlite'}",
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": ",".join(settings.secret_key_fallbacks),
        "BACKUP_KEY": settings.backup_key,
        "BASE_URL": settings.base_url,
        "UID_HOST": settings.uid_host,
    }
    for name in own:
        kept.pop(f"{name}_FILE", None)
    return kept | own


def _key() -> str:
    key: str = wiring().settings.backup_key
    if not key:
        raise click.ClickException(
            "BACKUP_KEY is not set. Make one with: openssl rand -hex 32. Keep it where the backups are not: "
            "without it no backup opens. Nothing was changed."
        )
    return key


@contextmanager
def _failures() -> Iterator[None]:
    try:
        with plain_failures():
            yield
    except (BackupRefused, SealBroken, DatabaseDamaged) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or 'The file'}: {error.strerror}. Nothing was kept."
        ) from error


def _require_room(about: About) -> None:
    """Raises BackupRefused where the database has tables, or the backup is of a newer version of the service."""
    with db.engine.connect() as connection:
        if names := inspect(connection).get_table_names():
            raise BackupRefused(
                f"The database of DATABASE_URL is not empty: it has the table {min(names)}. Nothing was changed; "
                "restore into a new one."
            )
    if about.revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise BackupRefused(
            f"The backup is of revision {about.revision}, which this version does not know. Nothing was changed; "
            "restore it with the version that made it, or a newer one."
        )


def _loaded(file: Path, key: str, about: About) -> Sums:
    """All rows and the hold, or the database as empty as it was."""
    try:
        with (
            db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection,
            connection.begin(),
        ):
            sums = load_backup(connection, file, key)
            if about.revision == _newest():
                with Session(connection, join_transaction_mode="rollback_only") as session:
                    _hold(session, about)
                    session.flush()
                    session.expunge_all()
            return sums
    except BaseException:
        flask_migrate.downgrade(revision="base", x_arg=LOSE_ALL_THE_SAME)  # the backup has them all
        with db.engine.begin() as connection:
            _forget_revisions(connection)
        raise


def _forget_revisions(connection: Connection) -> None:
    connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))


def _hold(session: Session, about: About) -> None:
    hold(session, SendingHoldReason.RESTORED, wiring().clock.now(), about.made_at)


def _newest() -> str | None:
    return _scripts().get_current_head()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())


def _told(sums: Sums) -> str:
    return f"{sum(each.rows for each in sums.values())} rows of {len(sums)} tables"
