"""flask calendar-link: a new subscription link for a patient or a provider."""

import click
from flask.cli import with_appcontext

from clinic_scheduler.cli.wiring import CLINIC_OPTION, terminal, wiring, writing
from clinic_scheduler.queries.lookups import only_clinic, patient_by_mrn, provider_by_name
from clinic_scheduler.services.calendar_feeds import issue


@click.command("calendar-link")
@click.option("--patient", "mrn", help="A patient's MRN.")
@click.option("--provider", help="A provider's name.")
@click.option("--name", default="Issued at the terminal", show_default=True, help="What the link is for.")
@CLINIC_OPTION
@with_appcontext
def calendar_link(mrn: str | None, provider: str | None, name: str, clinic: str | None) -> None:
    """Issue a calendar link and print its address, which is shown this once."""
    if (mrn is None) == (provider is None):
        raise click.UsageError("Say whose calendar: --patient MRN or --provider NAME.")
    now, base_url = wiring().clock.now(), wiring().settings.base_url
    with writing() as session:
        clinic_id = only_clinic(session, clinic).id
        patient_id = patient_by_mrn(session, clinic_id, mrn).id if mrn else None
        provider_id = provider_by_name(session, clinic_id, provider).id if provider else None
        token = issue(
            session, terminal(clinic_id), now, name=name, patient_id=patient_id, provider_id=provider_id
        )
    click.echo(f"{base_url}/calendar/{token}.ics")
