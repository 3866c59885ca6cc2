"""flask clinic: a clinic's name, zone and how patients reach it; opened and changed from a terminal."""

import click
from flask.cli import with_appcontext

from clinic_scheduler.cli.context import CLINIC_OPTION, reading, terminal, wiring, writing
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.typed_text import is_address
from clinic_scheduler.queries.lookups import clinics, only_clinic
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.clinics import ClinicEntry, change_clinic, open_clinic, require_zone

SHOWN = ("name", "zone", "phone", "email", "address", "digest_email")


def _mailbox(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value and not is_address(value):
        raise click.BadParameter("an e-mail address is like name@example.org")
    return value


@click.group()
def clinic() -> None:
    """Show, open or change a clinic."""


@clinic.command()
@CLINIC_OPTION
@with_appcontext
def show(clinic: str | None) -> None:
    """Show what patients are told about the clinic, and where mail to staff goes."""
    with reading() as session:
        chosen = only_clinic(session, clinic)
        for name in SHOWN:
            said = name.replace("_", "-")
            click.echo(f"{said:<12} {getattr(chosen, name) or '(not set)'}")


@clinic.command("open")
@click.option("--name", required=True)
@click.option("--zone", required=True, help="IANA name, such as America/New_York.")
@click.option("--phone", required=True, help="As patients should dial it; every reminder carries it.")
@click.option("--email", required=True, help="Where patients' answers go.")
@click.option("--address")
@with_appcontext
def open_(name: str, zone: str, phone: str, email: str, address: str | None) -> None:
    """Open a clinic with the default protocols."""
    entry = ClinicEntry(name=name, zone=zone, phone=phone, email=email, address=address)
    with writing() as session:
        require_zone(zone)
        if any(known.name == name for known in clinics(session)):
            raise InvalidInput(f"there is a clinic called {name} already. Nothing was changed")
        open_clinic(session, "command line", entry, wiring().clock.now())
    click.echo(f"Opened {name}.")


@clinic.command("set")
@click.option("--name", help="A new name.")
@click.option("--zone", help="IANA name; refused while visits are booked, whose local times it would shift.")
@click.option("--phone")
@click.option("--email")
@click.option("--address")
@click.option(
    "--digest-email",
    callback=_mailbox,
    help='Where mail to staff goes; "" gives it back to the clinic\'s own address.',
)
@CLINIC_OPTION
@with_appcontext
def set_(clinic: str | None, **given: str | None) -> None:
    """Change what is given, and leave the rest."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError(
            "Say what to change: --name, --zone, --phone, --email, --address or --digest-email."
        )
    with writing() as session:
        chosen = only_clinic(session, clinic)
        change_clinic(Change(session, terminal(chosen.id), wiring().clock.now()), changes)
    click.echo(f"Changed: {', '.join(changes).replace('_', '-')}.")
