"""flask calendar-link: a new subscription link for a patient, a provider or the clinic itself."""

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import CLINIC_OPTION, terminal, wiring, writing
from clinic_scheduler.domain.calendars.links import CLINIC_DAY, DUE_WINDOWS, PATIENT, PROVIDER, Whose
from clinic_scheduler.queries.lookups import only_clinic, patient_by_mrn, provider_by_name
from clinic_scheduler.services.calendars.feeds import issue
from clinic_scheduler.services.change import Change


@click.command("calendar-link")
@click.option("--patient", "mrn", help="A patient's MRN.")
@click.option("--provider", help="A provider's name.")
@click.option("--day", "kind", flag_value=CLINIC_DAY, help="Every visit of the clinic.")
@click.option("--due-windows", "kind", flag_value=DUE_WINDOWS, help="Courses that are due and not booked.")
@click.option("--name", default="Issued at the terminal", show_default=True, help="What the link is for.")
@CLINIC_OPTION
@with_appcontext
def calendar_link(
    mrn: str | None, provider: str | None, kind: str | None, name: str, clinic: str | None
) -> None:
    """Issue a calendar link and print its address."""
    if [mrn, provider, kind].count(None) != 2:
        raise click.UsageError("Say whose calendar: --patient MRN, --provider NAME, --day or --due-windows.")
    now, links = wiring().clock.now(), wiring().links
    with writing() as session:
        clinic_id = only_clinic(session, clinic).id
        whose = _whose(session, clinic_id, mrn, provider, kind)
        issued = issue(Change(session, terminal(clinic_id), now), whose, links.calendar_token, name=name)
    click.echo(links.calendar(issued.token))


def _whose(
    session: Session, clinic_id: int, mrn: str | None, provider: str | None, kind: str | None
) -> Whose:
    if mrn:
        return Whose(PATIENT, patient_id=patient_by_mrn(session, clinic_id, mrn).id)
    if provider:
        return Whose(PROVIDER, provider_id=provider_by_name(session, clinic_id, provider).id)
    return Whose(kind or "")
