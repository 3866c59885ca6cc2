"""flask recompute: whether the kept dates are what the rules say, and setting them right."""

from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import plain_failures, reading, spelled, wiring, writing
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.jobs.adopt import adopt_clinics
from clinic_scheduler.queries.lookups import clinics
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.courses.forecasting import differences, refresh_clinic


@click.command()
@click.option("--write", is_flag=True, help="Set right what differs.")
@with_appcontext
def recompute(write: bool) -> None:
    """Compute every course's dates anew and report any that differ from what is kept; there should be none.

    With --write, dates kept by earlier rules are first brought to the newest, and what changed is in rule-changes.
    """
    now = wiring().clock.now()
    if write:
        with plain_failures():
            adopted = adopt_clinics(unit_of_work, now)
        if adopted:
            click.echo(f"Computed by the new rules. What changed: {spelled('rule-changes')}")
    with reading() as session:
        found = _differences(session, now)
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} difference{'s' if len(found) != 1 else ''}")
    if found and write:
        with writing() as session:
            for clinic in clinics(session):
                refresh_clinic(session, clinic.id, local_date(now, clinic_zone(session, clinic.id)), now)
        click.echo("Set right.")
    elif found:
        raise SystemExit(1)


def _differences(session: Session, now: datetime) -> list[str]:
    places = [(clinic.id, clinic_zone(session, clinic.id)) for clinic in clinics(session)]
    return [
        line for clinic_id, zone in places for line in differences(session, clinic_id, local_date(now, zone))
    ]
